"""Addresses anybody may open."""

from __future__ import annotations

from django.urls import path

from jiebang.web.views import log, manner
from jiebang.web.views.public import about, board, entry, figures, health, home, pages, patterns, verify

urlpatterns = [
    path("", home.home, name="home"),
    path("b/<slug:mechanism>/", board.board, name="board"),
    path("b/<slug:mechanism>/about", about.about, name="about"),
    path("b/<slug:mechanism>/about/text", about.text, name="about-text"),
    path("b/<slug:mechanism>/figures", figures.figures, name="figures"),
    path("e/<str:number>", entry.entry, name="entry"),
    path("e/<str:number>/receipt/<int:seq>.tlog-proof", entry.receipt, name="receipt"),
    path("e/<str:number>/photo/<int:attachment>", entry.photo, name="photo"),
    path("log/<path:path>", log.log_file, name="log"),
    path("verify", verify.verify, name="verify"),
    path("verify.py", verify.verify_file, name="verify-file"),
    path("accessibility", pages.accessibility, name="accessibility"),
    path("manner", manner.switch, name="manner"),
    path("patterns", patterns.book, name="patterns"),
    path("healthz", health.healthz, name="healthz"),
]

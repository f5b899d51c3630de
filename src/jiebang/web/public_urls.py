"""Addresses anybody may open."""

from __future__ import annotations

from django.urls import path

from jiebang.web import portal
from jiebang.web.views import log, manner
from jiebang.web.views.public import (
    about,
    area,
    board,
    boards,
    data,
    embed,
    entry,
    feeds,
    figures,
    health,
    home,
    maps,
    pages,
    paper,
    patterns,
    schema,
    search,
    verify,
    versions,
)

urlpatterns = [
    path("", home.home, name="home"),
    path("a/", area.areas, name="areas"),
    path("a/mine", area.remember, name="my-area"),
    path("a/<str:code>/", area.area, name="area"),
    path("a/<str:code>/paper", paper.paper, name="area-paper"),
    path("a/<str:code>/feed.atom", feeds.area_feed, name="area-feed"),
    path("b/<slug:mechanism>/feed.atom", feeds.board_feed, name="board-feed"),
    path("search", search.search, name="search"),
    path("search.atom", feeds.search_feed, name="search-feed"),
    path("b/", boards.boards, name="boards"),
    path("b/<slug:mechanism>/", board.board, name="board"),
    path("b/<slug:mechanism>/about", about.about, name="about"),
    path("b/<slug:mechanism>/versions", versions.versions, name="versions"),
    path("b/<slug:mechanism>/about/text", about.text, name="about-text"),
    path("b/<slug:mechanism>/map", maps.board_map, name="board-map"),
    path("b/<slug:mechanism>/figures", figures.figures, name="figures"),
    path("e/<str:number>", entry.entry, name="entry"),
    path("e/<str:number>/receipt/<int:seq>.tlog-proof", entry.receipt, name="receipt"),
    path("e/<str:number>/photo/<int:attachment>", entry.photo, name="photo"),
    path("log/<path:path>", log.log_file, name="log"),
    path("verify", verify.verify, name="verify"),
    path("verify.py", verify.verify_file, name="verify-file"),
    path("prove.py", verify.verify_file, {"name": verify.PROVER}, name="prove-file"),
    path("schema/mechanism.json", schema.mechanism, name="mechanism-schema"),
    path("embed/b/<slug:mechanism>/", embed.board, name="embed-board"),
    path("embed/e/<str:number>", embed.entry, name="embed-entry"),
    path("embed/a/<str:code>/", embed.place, name="embed-area"),
    path("portal/<str:name>", portal.portal_file, name="portal-file"),
    path("data", data.data, name="data"),
    path("privacy", pages.privacy, name="privacy"),
    path("words", pages.words, name="words"),
    path("robots.txt", pages.robots, name="robots"),
    path(".well-known/security.txt", pages.security, name="security"),
    path("accessibility", pages.accessibility, name="accessibility"),
    path("manner", manner.switch, name="manner"),
    path("patterns", patterns.book, name="patterns"),
    path("healthz", health.healthz, name="healthz"),
]

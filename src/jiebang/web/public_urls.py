"""Addresses anybody may open."""

from __future__ import annotations

from django.urls import path

from jiebang.web.views import manner
from jiebang.web.views.public import patterns

urlpatterns = [
    path("manner", manner.switch, name="manner"),
    path("patterns", patterns.book, name="patterns"),
]

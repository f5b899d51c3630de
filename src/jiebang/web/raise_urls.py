"""Addresses of the raiser: raise a matter, see the receipt, follow it by code."""

from __future__ import annotations

from django.urls import URLPattern, path

from jiebang.web.views.follow import follow, mine
from jiebang.web.views.raise_ import answer, chain

urlpatterns: list[URLPattern] = [
    path("raise/", chain.raise_need, name="raise"),
    path("raised/<str:number>", answer.raised, name="raised"),
    path("follow", follow.by_code, name="follow"),
    path("r/<str:code>", mine.mine, name="mine"),
    path("r/<str:code>/photo/<int:attachment>", mine.photo, name="my-photo"),
]

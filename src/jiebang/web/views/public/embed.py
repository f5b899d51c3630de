"""A board, one entry or an area as a frame in a page of somebody else's: no cookie, no script, no way to be tricked
into pressing something, because there is nothing to press but links that open outside the frame.

Which sites may frame them says `JIEBANG_EMBED`; without it only pages of this very site may.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone, translation
from django.views.decorators.http import require_safe

from jiebang.boards import queries as boards
from jiebang.people import queries as people
from jiebang.web.context import city
from jiebang.web.manner import language_wished
from jiebang.web.middleware import POLICY
from jiebang.web.rows import clock, list_row
from jiebang.web.views.public import addresses, area
from jiebang.web.views.public.board import filters_of, version_of
from jiebang.web.views.public.entry import LONGEST_NUMBER, entry_words
from jiebang.web.words import said

LISTED, MOST_LISTED = 10, 50
THEMES = ("light", "dark")


@require_safe
def board(request: HttpRequest, mechanism: str) -> HttpResponse:
    """The newest of a board; the filters are those of the board's address, `n` says how many."""
    version = version_of(mechanism)
    with translation.override(language_wished(request)):
        at = clock(timezone.now())
        shown = addresses.board(version)
        page = boards.board(mechanism, filters_of(request, version.program), size=_size(request), count=False)
        query = request.GET.urlencode()
        return _frame(
            request,
            "embed/board.html",
            {
                "title": shown["title"],
                "href": f"{shown['href']}?{query}" if query else shown["href"],
                "rows": [list_row(row, at) for row in page.rows],
            },
        )


@require_safe
def entry(request: HttpRequest, number: str) -> HttpResponse:
    """One entry as a card: what, where, who has it and until when, or its seal."""
    view = boards.entry(number) if len(number) <= LONGEST_NUMBER else None
    if view is None:
        raise Http404
    with translation.override(language_wished(request)):
        shown = entry_words(view, clock(timezone.now()))
        return _frame(
            request,
            "embed/entry.html",
            {"title": f"{number} {shown['title']}", "entry": shown, "href": addresses.entry_url(number)},
        )


@require_safe
def place(request: HttpRequest, code: str) -> HttpResponse:
    """An area's four numbers."""
    view = people.area(code) if len(code) <= 20 else None
    if view is None:
        raise Http404
    with translation.override(language_wished(request)):
        at = clock(timezone.now())
        found = area.strip(view, at)
        return _frame(request, "embed/area.html", {"title": said(view.names), "href": found["href"], "area": found})


def _size(request: HttpRequest) -> int:
    asked = request.GET.get("n", "")
    return min(MOST_LISTED, max(1, int(asked))) if asked.isascii() and asked.isdecimal() and len(asked) < 5 else LISTED


def _frame(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    theme = request.GET.get("theme", "")
    response = render(
        request, template, context | {"theme": theme if theme in THEMES else "", "city_name": city().name}
    )
    allowed = " ".join(settings.JIEBANG_EMBED) or "'self'"
    response["Content-Security-Policy"] = POLICY.replace("frame-ancestors 'none'", f"frame-ancestors {allowed}")
    # The old header cannot name a list of sites; left out, browsers go by the policy above.
    response.xframe_options_exempt = True
    response["Cache-Control"] = "public, max-age=60"
    return response

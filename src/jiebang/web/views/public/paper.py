"""A community's board as it hangs on a wall: what everybody may read, with a code beside each matter."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from jiebang.boards import queries as boards
from jiebang.boards.queries import Filters
from jiebang.people import queries as people
from jiebang.people.queries import AreaView
from jiebang.rulebook import queries as rulebook
from jiebang.web import home_area, qr
from jiebang.web.context import city
from jiebang.web.rows import Clock, list_row
from jiebang.web.rows import clock as clock_at
from jiebang.web.views.public import addresses
from jiebang.web.words import said

MOST = 60  # entries on paper: five sheets of A4
STRUCK_SINCE = timedelta(days=30)
MOST_STRUCK = 12
PAPERS = ("a4", "a3")


@require_safe
def paper(request: HttpRequest, code: str) -> HttpResponse:
    """The page anybody may print: a neighbour who puts it up in the hallway, a house committee, a shop."""
    view = people.area(code) if len(code) <= home_area.LONGEST_CODE else None
    if view is None or people.children(view.code):
        raise Http404
    context = board_on_paper(request, view, board_asked_for(request), clock_at(timezone.now())) | {
        "place": "area",
        "area": {"name": said(view.names), "href": addresses.area_url(view.code)},
        "papers": [{"name": each.upper(), "href": f"?on={each}"} for each in PAPERS],
    }
    return render(request, "public/paper.html", context)


def board_asked_for(request: HttpRequest) -> str:
    """Return the mechanism a page was asked for if its board may be shown, else the one residents raise on."""
    wanted = request.GET.get("board", "") or request.POST.get("board", "")
    known = {version.mechanism for version in rulebook.mechanisms() if version.program.log != "veiled"}
    return wanted if wanted in known else city().raise_mechanism


def board_on_paper(request: HttpRequest, area: AreaView, mechanism: str, at: Clock) -> dict[str, Any]:
    """Return what the component `paper-board` shows, and whether more stands on the board than fits."""
    program = next(version.program for version in rulebook.mechanisms() if version.mechanism == mechanism)
    page = boards.board(mechanism, Filters(area=area.code, is_open=True, posted=True), size=MOST)
    struck = boards.board(mechanism, Filters(area=area.code, meaning="solved", posted=True), size=MOST_STRUCK)
    on = request.GET.get("on", "")
    return {
        "paper": on if on in PAPERS else PAPERS[0],
        "board": mechanism,
        "title": said(program.title),
        "where": " · ".join(said(one.names) for code in area.path[1:] if (one := people.area(code)) is not None),
        "rows": [
            {"words": list_row(row, at), "qr": qr.svg_of_public(entry_url(request, row.number))} for row in page.rows
        ],
        "more": page.next != "",
        "most": MOST,
        "struck": [
            list_row(row, at)
            for row in struck.rows
            if row.closed_at is not None and row.closed_at >= at.now - STRUCK_SINCE
        ],
        "raise_qr": qr.svg_of_public(request.build_absolute_uri(f"{reverse('raise')}?area={area.code}")),
        "raise_url": request.build_absolute_uri(reverse("raise")),
        "as_of": at.moment(at.now),
    }


def entry_url(request: HttpRequest, number: str) -> str:
    """The address a code leads to, whole: paper has no links."""
    return request.build_absolute_uri(reverse("entry", args=[number]))

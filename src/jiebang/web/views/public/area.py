"""An area's own page: what is open, late and struck off there, how well, who is responsible, and what lies below."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from jiebang.boards import queries as boards
from jiebang.people import queries as people
from jiebang.people.queries import AreaView
from jiebang.rulebook import queries as rulebook
from jiebang.scoring import queries as scoring
from jiebang.web import glance, home_area, progress
from jiebang.web.context import city
from jiebang.web.manner import YEAR_S
from jiebang.web.rows import Clock, clock, list_row
from jiebang.web.views.public import addresses, figures
from jiebang.web.words import count_words, said

LISTED = 6
LONGEST_NAME = 60
MOST_FOUND = 30


def area(request: HttpRequest, code: str) -> HttpResponse:
    view = people.area(code) if len(code) <= home_area.LONGEST_CODE else None
    if view is None:
        raise Http404
    at = clock(timezone.now())
    mine = home_area.of(request)
    below = people.children(code)
    context = _here(view, at) | {
        "place": "area",
        "area": shown(view),
        "trail": [shown(above) for each in view.path[:-1] if (above := people.area(each))],
        "below": [shown(each) for each in below],
        "paper_href": "" if below else reverse("area-paper", args=[code]),
        "is_mine": mine is not None and mine.code == code,
        "feed": reverse("area-feed", args=[code]),
        "progress": progress.demonstration(),
    }
    return render(request, "public/area.html", context)


def shown(view: AreaView) -> dict[str, str]:
    return {"code": view.code, "name": said(view.names), "href": addresses.area_url(view.code)}


def _here(view: AreaView, at: Clock) -> dict[str, Any]:
    mechanism = city().raise_mechanism
    href = addresses.board_url(mechanism)
    query = "" if view.parent is None else urlencode({"area": view.code})
    found = figures_of(mechanism, view, at.now)
    inside = boards.Filters(area=view.code)
    late = boards.board(mechanism, boards.Filters(area=view.code, overdue=True), size=LISTED, count=False)
    # A few more than are shown: what nobody has screened yet and what is late already is left out below.
    open_ = boards.board(mechanism, boards.Filters(area=view.code, is_open=True), size=3 * LISTED, count=False)
    in_hand = [row for row in open_.rows if row.title and not row.overdue][:LISTED]
    struck = boards.board(mechanism, boards.Filters(area=view.code, meaning="solved"), size=3, count=False)
    return {
        "as_of": glance.as_of_words(found.as_of, at),
        "counts": _counts(found, lambda show: f"{href}?{'&'.join(each for each in (query, f'show={show}') if each)}"),
        "shares": figures.shares(found),
        "late": [list_row(row, at) for row in late.rows],
        "open": [list_row(row, at) for row in in_hand],
        "is_quiet": not found.open,
        "struck": [list_row(row, at) for row in struck.rows],
        "board_href": f"{href}?{query}" if query else href,
        "raise_href": addresses.to("/raise/") + (f"?{query}" if query else ""),
        "responsible": _responsible(view),
        "other_boards": _other_boards(inside.area, query),
    }


def figures_of(mechanism: str, view: AreaView, at: datetime) -> scoring.Figures:
    """The figures of an area as the follower keeps them; counted now for as long as it has not come by."""
    return glance.figures_kept(mechanism, view.code) or scoring.figures_now(mechanism, view.code, at=at)


def strip(view: AreaView, at: Clock) -> dict[str, Any]:
    """The reader's own area on the front page: its name, its counts, where to raise."""
    mechanism = city().raise_mechanism
    query = urlencode({"area": view.code})
    counts = _counts(
        figures_of(mechanism, view, at.now), lambda show: f"{addresses.board_url(mechanism)}?{query}&show={show}"
    )
    return shown(view) | {"counts": counts, "raise_href": f"{addresses.to('/raise/')}?{query}"}


def _counts(found: scoring.Figures, href: Any) -> list[dict[str, str]]:
    return [
        {"value": count_words(found.open), "label": _("being worked on"), "href": href("open")},
        {"value": count_words(found.overdue), "label": _("overdue"), "href": href("overdue")},
        {"value": count_words(found.failed), "label": _("failed"), "href": href("failed")},
        {"value": count_words(found.struck_this_month), "label": _("struck off this month"), "href": href("struck")},
    ]


def _responsible(view: AreaView) -> list[dict[str, Any]]:
    """Who answers for this area, from the window at the door up to the city: the names of units, never of people."""
    tasks = {
        "community": _("Screens and posts what is raised here"),
        "unit": _("Claim and do the work"),
        "office": _("Watches over it; assigns what nobody claims"),
    }
    found = []
    for code in reversed(view.path):
        above = people.area(code)
        for kind, task in tasks.items():
            units = [said(unit.names) for unit in people.units_of(code) if unit.kind == kind]
            if units and above is not None:
                found.append({"area": said(above.names), "task": task, "units": units})
    return found


def _other_boards(code: str, query: str) -> list[dict[str, Any]]:
    """The other public boards that something of this area is open on, with how much of it is late."""
    found = []
    kept = scoring.figures_of_boards(code)
    for version in rulebook.mechanisms():
        if version.mechanism == city().raise_mechanism or version.program.log == "veiled":
            continue
        here = kept.get(version.mechanism)
        if here is None or not here.open:
            continue
        board = addresses.board(version)
        found.append(
            {
                "title": board["title"],
                "href": board["href"] + (f"?{query}" if query else ""),
                "open": count_words(here.open),
                "overdue": count_words(here.overdue),
            }
        )
    return found


# ── Finding one's own ───────────────────────────────────────────────────────────────────────────────────────


def areas(request: HttpRequest) -> HttpResponse:
    """Find an area by its name, or step by step from the city down."""
    asked = " ".join(request.GET.get("q", "").replace("\x00", "").split())[:LONGEST_NAME]
    found = people.find_areas(asked, MOST_FOUND + 1) if asked else []
    if len(found) == 1:
        return HttpResponseRedirect(addresses.area_url(found[0].code))
    root = people.root_area()
    mine = home_area.of(request)
    context = {
        "place": "area",
        "q": asked,
        "found": [shown(each) | {"within": _within(each)} for each in found[:MOST_FOUND]],
        "more": len(found) > MOST_FOUND,
        "city_page": shown(root) if root else None,
        "below": [shown(each) for each in people.children(root.code)] if root else [],
        "mine": shown(mine) if mine else None,
    }
    return render(request, "public/areas.html", context)


def _within(view: AreaView) -> str:
    return " › ".join(said(above.names) for each in view.path[1:-1] if (above := people.area(each)))


# No token: the cookie says which page to offer first and nothing else; a token would cost every page a cookie.
@csrf_exempt
@require_POST
def remember(request: HttpRequest) -> HttpResponse:
    """Remember an area in this browser for a year, or forget it; lead to its page, or back to the front page."""
    code = request.POST.get("code", "")[: home_area.LONGEST_CODE]
    path = f"{settings.JIEBANG_BASE}/"
    if code and people.area(code) is not None:
        response = HttpResponseRedirect(addresses.area_url(code))
        response.set_cookie(home_area.COOKIE, code, max_age=YEAR_S, path=path, samesite="Lax")
    else:
        response = HttpResponseRedirect(addresses.to("/a/"))
        response.delete_cookie(home_area.COOKIE, path=path, samesite="Lax")
    response.status_code = 303
    return response

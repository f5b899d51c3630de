"""The print queue: paper boards with QR codes for communities, sheets of single entries, and receipts.

A page to be printed holds only what everybody may read. Nothing is printed here: the browser does that, and whoever
pinned the sheet up says so, which takes the community off the queue until something on its board changes.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from jiebang.boards import queries as boards
from jiebang.engine.model import Actor
from jiebang.engine.parties import HANDLER
from jiebang.people import queries as people
from jiebang.people.queries import AreaView
from jiebang.rulebook import queries as rulebook
from jiebang.web import numbers, qr, saved
from jiebang.web.rows import clock as clock_at
from jiebang.web.views.desk.staff import at_the_desk
from jiebang.web.views.public.entry import entry_words
from jiebang.web.views.public.paper import PAPERS, board_asked_for, board_on_paper, entry_url
from jiebang.web.words import said

MOST_AREAS = 200  # of one queue; a city chooses a county first
MOST_SHEETS = 50
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


@require_safe
@at_the_desk
def queue(request: HttpRequest, actor: Actor) -> HttpResponse:
    now = timezone.now()
    clock = clock_at(now)
    board = board_asked_for(request)
    places = _below(actor, request.GET.get("area", ""))
    ends = [area for area in places if not people.children(area.code)]
    wider = [area for area in places if people.children(area.code)]
    printed = saved.printed_at([area.code for area in ends], board)
    found = boards.papers(board, {area.code: printed.get(area.code, LONG_AGO) for area in ends})
    rows = [
        {
            "name": said(area.names),
            "standing": found[area.code].standing,
            "changed": found[area.code].changed,
            "printed": clock.moment(printed[area.code]) if area.code in printed else "",
            "papers": [
                {"paper": paper.upper(), "href": f"{reverse('print-board', args=[area.code])}?board={board}&on={paper}"}
                for paper in PAPERS
            ],
        }
        for area in ends
        if area.code in found and (found[area.code].standing or found[area.code].changed)
    ]
    context = {
        "here": "print",
        "rows": sorted(rows, key=lambda row: (-int(str(row["changed"])), str(row["name"]))),
        "wider": [{"name": said(area.names), "href": f"?area={area.code}&board={board}"} for area in wider],
        "boards": _boards(board),
        "as_of": clock.moment(now),
    }
    return render(request, "desk/print_queue.html", context)


def _boards(chosen: str) -> list[dict[str, Any]]:
    versions = {v.mechanism: v.program for v in rulebook.mechanisms() if v.program.log != "veiled"}
    return [
        {"title": said(program.title), "name": name, "current": name == chosen}
        for name, program in sorted(versions.items())
    ]


def _below(actor: Actor, wanted: str) -> list[AreaView]:
    """Return the communities of the actor's offices; or the next level to choose from, where they are too many."""
    mine = [area for code in _held(actor) if (area := people.area(code)) is not None]
    if wanted:
        chosen = people.area(wanted)
        mine = [chosen] if chosen is not None and {area.code for area in mine} & set(chosen.path) else []
    last = [end for area in mine for end in _ends(area)]
    if len(last) <= MOST_AREAS:
        return last
    return [child for area in mine for child in people.children(area.code)]


def _held(actor: Actor) -> list[str]:
    posts = tuple(held for held in actor.appointments if held.office != HANDLER)
    return boards.areas_of(Actor(appointments=posts))


def _ends(area: AreaView) -> list[AreaView]:
    below = people.children(area.code)
    return [end for child in below for end in _ends(child)] if below else [area]


@require_http_methods(["GET", "HEAD", "POST"])
@at_the_desk
def board(request: HttpRequest, actor: Actor, area: str) -> HttpResponse:
    """One community's board on paper. POST: it hangs there now."""
    now = timezone.now()
    view = people.area(area)
    if view is None or not set(_held(actor)) & set(view.path):
        raise Http404
    name = board_asked_for(request)
    if request.method == "POST":
        saved.note_printed(area, name, at=now)
        return HttpResponseRedirect(f"{reverse('print-queue')}?board={name}", status=303)
    context = board_on_paper(request, view, name, clock_at(now)) | {"here": "print"}
    return render(request, "desk/print_board.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@at_the_desk
def sheets(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Sheets of entries, one a page, or receipts, several a page. From a list by POST, by number from an address."""
    given = request.POST if request.method == "POST" else request.GET
    clock = clock_at(timezone.now())
    typed = [number for value in given.getlist("n") for number in value.replace(",", " ").split()]
    picked = [value.partition(":")[0] for value in given.getlist("pick")]
    asked = dict.fromkeys([*picked, *typed])
    rows = []
    for written in list(asked)[:MOST_SHEETS]:
        meant = (boards.entry(number) for number in numbers.meant(written, on=clock.today))
        view = next((view for view in meant if view is not None), None)
        if view is not None:
            number = view.row.number
            rows.append({"entry": entry_words(view, clock), "qr": qr.svg_of_public(entry_url(request, number))})
    context = {
        "here": "print",
        "kind": "receipt" if given.get("as") == "receipt" else "sheet",
        "rows": rows,
        "asked": len(asked),
        "follow_url": request.build_absolute_uri(reverse("follow")),
        "as_of": clock.moment(clock.now),
    }
    return render(request, "desk/print_sheets.html", context)

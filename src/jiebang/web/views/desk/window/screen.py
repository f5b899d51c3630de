"""The screen: write a matter down or find one, read it back, send it. One page, worked from the keyboard.

The secret stays with whoever raises it: a PIN typed by them, masked, or a slip whose code is printed and never
shown. The clerk reads back what was written before it is sent, and may not give the verdict later; the engine
keeps that.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from jiebang.boards import queries as boards
from jiebang.boards import services
from jiebang.boards.queries import Row
from jiebang.boards.services import Foreseen
from jiebang.engine.model import Actor, Refused
from jiebang.rulebook import queries as rulebook
from jiebang.web.forms import Option, Problem, Sheet, refuse
from jiebang.web.forms.incoming import form_key, pending_of, status_of, take, uploads
from jiebang.web.forms.pending import new_key
from jiebang.web.rows import clock as clock_at
from jiebang.web.views.desk.staff import at_the_desk
from jiebang.web.views.desk.window import beside, slips
from jiebang.web.views.desk.window.clerk import (
    LISTED_UP_TO,
    may_join,
    opening_for,
    place_meant,
    places_of,
    to_be_opened,
    trouble_with_place,
)
from jiebang.web.views.desk.window.read_back import aloud
from jiebang.web.views.raise_.chain import Opening
from jiebang.web.words import said


@dataclass(frozen=True, slots=True)
class Written:
    """What the clerk has written so far. `place` is a code or "", `place_typed` what they typed for it."""

    opening: Opening
    sheet: Sheet
    key: str
    place: str
    place_typed: str
    places: tuple[Option, ...]
    joins: Row | None = None
    caller: beside.Caller | None = None


@sensitive_post_parameters("pin", "pin-again", "caller-code")
@require_http_methods(["GET", "POST"])
@at_the_desk
def window(request: HttpRequest, actor: Actor) -> HttpResponse:
    at = timezone.now()
    here = places_of(actor)
    if not here:
        return render(request, "desk/no_window.html", {"here": "window"}, status=403)
    opening = opening_for(actor, at)
    if request.method == "GET":
        blank = Written(opening, opening.blank, new_key(), place_meant("", here), "", here)
        return _draw(request, actor, "write", blank, at)
    written = _read(request, opening, here, at)
    match request.POST.get("go", ""):
        case "look" | "write" | "apart":
            return _draw(request, actor, "write", replace(written, sheet=written.sheet.unjudged()), at)
        case "caller":
            found = beside.caller(
                request, request.POST.get("caller-code", ""), request.POST.get("caller-number", ""), clock_at(at)
            )
            return _draw(request, actor, "write", replace(written, sheet=written.sheet.unjudged(), caller=found), at)
        case go:
            return _read_back(request, actor, written, at, sends=go == "send")


def _read(request: HttpRequest, opening: Opening, here: tuple[Option, ...], at: datetime) -> Written:
    key = form_key(request)
    sheet = take(request, opening.blank, key=key, at=at, today=rulebook.calendar().local_day(at))
    typed = request.POST.get("place", "")
    place = place_meant(typed, here)
    into = "" if request.POST.get("go") == "apart" else request.POST.get("join") or request.POST.get("into", "")
    joins = _joinable(into, opening)
    if into and joins is None:
        # Never silently a matter of its own: the person was told that they join.
        sheet = sheet.with_problem(_cannot_join(into))
    if joins is not None:
        # The matter stands somewhere already, and says what it is about: neither is asked again.
        place = next((one.value for one in here if one.value == joins.area), place)
        sheet = _with_words(sheet, joins.title)
    return Written(opening, sheet, key, place, typed, here, joins)


def _joinable(number: str, opening: Opening) -> Row | None:
    view = boards.entry(number) if number else None
    return view.row if view and view.row.is_open and view.row.mechanism == opening.mechanism else None


def _cannot_join(number: str) -> Problem:
    return Problem(
        "",
        gettext("%(number)s cannot be joined: it is closed, or there is none.") % {"number": number[:20]},
        gettext("Choose another one, or read it back once more: then it is a matter of its own."),
    )


def _with_words(sheet: Sheet, title: str) -> Sheet:
    """Return the sheet with the first text filled in, if nobody has written any."""
    first = next((row for row in sheet.rows if row.question.type == "text"), None)
    if first is None or first.value.strip():
        return sheet
    name, anchor = first.question.name, first.question.anchor
    return replace(
        sheet,
        typed={**sheet.typed, name: (title,)},
        answers={**sheet.answers, name: title},
        problems=tuple(problem for problem in sheet.problems if problem.anchor != anchor),
    )


def _read_back(request: HttpRequest, actor: Actor, written: Written, at: datetime, *, sends: bool) -> HttpResponse:
    sheet = written.sheet
    if not written.place:
        sheet = sheet.with_problem(trouble_with_place(written.place_typed))
    if sheet.problems:
        return _draw(request, actor, "write", replace(written, sheet=sheet), at)
    into = written.joins.number if written.joins else ""
    asked = to_be_opened(written.opening, sheet, place=written.place, key=new_key(), clerk=actor)
    foreseen = services.foresee_for_somebody(asked, into=into, at=at)
    if isinstance(foreseen, Refused):
        return _draw(request, actor, "write", replace(written, sheet=refuse(sheet, foreseen)), at)
    if not sends:
        return _draw(request, actor, "read", written, at, foreseen=foreseen)
    way, pin = request.POST.get("secret", ""), request.POST.get("pin", "")
    wrong = slips.trouble(way, pin, request.POST.get("pin-again", ""))
    if wrong:
        return _draw(request, actor, "read", written, at, foreseen=foreseen, wrong=wrong)
    opened = services.open_for_somebody(
        to_be_opened(
            written.opening,
            sheet,
            place=written.place,
            key=written.key,
            clerk=actor,
            pin=pin if way == slips.PIN else None,
            files=uploads(sheet, key=written.key),
        ),
        into=into,
        at=at,
    )
    if isinstance(opened, Refused):
        if opened.field == "pin":
            wrong = Problem("pin", said(opened.what), said(opened.next_step))
            return _draw(request, actor, "read", written, at, foreseen=foreseen, wrong=wrong)
        return _draw(request, actor, "write", replace(written, sheet=refuse(sheet, opened)), at)
    pending_of(written.key).clear()
    return slips.to_the_slip(request, [slips.paper(opened, way)])


def _draw(
    request: HttpRequest,
    actor: Actor,
    page: str,
    written: Written,
    at: datetime,
    *,
    foreseen: Foreseen | None = None,
    wrong: Problem | None = None,
) -> HttpResponse:
    sheet = written.sheet if page == "write" else written.sheet.unjudged()
    errors = [*sheet.problems, *([wrong] if wrong else [])]
    clock = clock_at(at)
    program = written.opening.program
    kinds = beside.kinds(program)
    kind = request.POST.get("kind", "")
    joins = {place.value for place in written.places} if may_join(written.opening, actor) else set()
    typed = " ".join(row.value for row in sheet.rows if row.question.type == "text")
    context = {
        "sheet": sheet,
        "errors": errors,
        "wrong": wrong,
        "carried": written.sheet.carried([] if page == "read" else [q.name for q in sheet.questions]),
        "key": written.key,
        "place": written.place,
        "place_typed": written.place_typed if not written.place else _title(written.places, written.place),
        "places": written.places,
        "is_listed": len(written.places) <= LISTED_UP_TO,
        "place_problem": next((problem for problem in errors if problem.anchor == "place"), None),
        "joins": written.joins,
        "kinds": kinds,
        "kind": kind,
        "q": request.POST.get("q", ""),
        "found": beside.search(program.id, request.POST.get("q", ""), clock, actor=actor, joins=joins),
        "around": beside.around(program, place=written.place, text=typed, kind=kind, at=clock, joins=joins),
        "caller": written.caller,
        "ways": slips.ways(),
        "secret": request.POST.get("secret", "") or slips.SLIP,
        "waiting": slips.waiting(request),
        "aloud": [],
        "here": "window",
    }
    if foreseen is not None:
        context["aloud"] = aloud(sheet, place=written.place, foreseen=foreseen, joins=written.joins, at=at)
    if page == "write" and request.headers.get("HX-Request") == "true":
        return render(request, "desk/window/_beside.html", context | {"is_swap": True})
    status = 400 if wrong else status_of(sheet)
    return render(request, f"desk/window/{page}.html", context, status=status)


def _title(places: tuple[Option, ...], code: str) -> str:
    return next((place.title for place in places if place.value == code), "")

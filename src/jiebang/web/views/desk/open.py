"""Opening an entry at the desk: an instruction, a meeting, a call taken down, whatever the rules let an office begin.

The window is for what residents raise, where it has a screen of its own. Everything else has one plain form, drawn from
the mechanism: its questions, and the place.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from jiebang.boards import queries as boards
from jiebang.boards import services
from jiebang.engine.model import Actor, Move, Refused, Yes
from jiebang.engine.parties import who_may_open
from jiebang.people import queries as people
from jiebang.rulebook import queries as rulebook
from jiebang.rulebook.queries import VersionView
from jiebang.web.forms import Option
from jiebang.web.forms.incoming import form_key, pending_of, status_of, take, uploads
from jiebang.web.forms.pending import new_key
from jiebang.web.forms.questions import Options, questions_of
from jiebang.web.forms.sheet import Sheet, ask, refuse
from jiebang.web.views.desk.staff import at_the_desk
from jiebang.web.views.desk.window.clerk import LISTED_UP_TO, below, place_meant, trouble_with_place
from jiebang.web.words import language, said


@at_the_desk
def choose(request: HttpRequest, actor: Actor) -> HttpResponse:
    """What these offices may open, board by board."""
    ways = [
        {
            "board": said(version.program.title),
            "title": said(move.title),
            "purpose": said(version.program.purpose),
            "href": reverse("desk-open-one", args=[version.mechanism, move.name]),
        }
        for version, move in _ways(actor)
    ]
    return render(request, "desk/open_choose.html", {"here": "open", "ways": ways})


@require_http_methods(["GET", "POST"])
@at_the_desk
def one(request: HttpRequest, actor: Actor, mechanism: str, opening: str) -> HttpResponse:
    found = next(
        ((version, move) for version, move in _ways(actor) if (version.mechanism, move.name) == (mechanism, opening)),
        None,
    )
    if found is None:
        raise Http404
    version, move = found
    at = timezone.now()
    places = _places(actor)
    typed = request.POST.get("place") or request.GET.get("place", "") or _only(places)
    place = place_meant(typed, places)
    if not place and _asks_a_unit(version, move):
        # Which units there are depends on the place, so it is asked for alone.
        asked_alone = Sheet(()) if typed == "" else Sheet(()).with_problem(trouble_with_place(typed))
        return _draw(request, version, move, asked_alone, places, typed=typed, key="")
    sheet = _blank(version, move, place)
    if request.method == "GET":
        return _draw(request, version, move, sheet, places, typed=typed, key=new_key())
    key = form_key(request)
    sheet = take(request, sheet, key=key, at=at, today=rulebook.calendar().local_day(at))
    if not place:
        sheet = sheet.with_problem(trouble_with_place(typed))
    if sheet.problems:
        return _draw(request, version, move, sheet, places, typed=typed, key=key)
    opened = services.open_entry(_opening(version, move, actor, sheet, place, key), at=at)
    if isinstance(opened, Refused):
        return _draw(request, version, move, refuse(sheet, opened), places, typed=typed, key=key)
    pending_of(key).clear()
    return HttpResponseRedirect(_page_of(opened.number, version, actor), status=303)


def _page_of(number: str, version: VersionView, actor: Actor) -> str:
    """Where it goes on: at the opener's own desk if they work on it, else on its public page, if it has one."""
    if boards.entry_for(number, actor) is not None:
        return f"{reverse('workbench', args=[number])}?done=1"
    return reverse("desk") if version.program.log == "veiled" else reverse("entry", args=[number])


def _opening(version: VersionView, move: Move, actor: Actor, sheet: Sheet, place: str, key: str) -> services.Opening:
    answers = dict(sheet.answers)
    answers |= {ask_.field: place for ask_ in move.ask if version.program.fields[ask_.field].type == "area"}
    return services.Opening(
        mechanism=version.mechanism,
        opening=move.name,
        actor=actor,
        area=place,
        answers=answers,
        files=uploads(sheet, key=key),
        key=key,
        lang=language(),
    )


# ── What may be opened, and where ───────────────────────────────────────────────────────────────────────────


def _ways(actor: Actor) -> Iterator[tuple[VersionView, Move]]:
    """The openings these offices are named for. What anybody may raise, they raise like anybody; what the window has
    a screen for is left to it."""
    for version in rulebook.mechanisms():
        if version.mechanism == rulebook.city().raise_mechanism:
            continue
        for move in version.program.openings.values():
            if any(version.program.parties[name].kind == "anyone" for name in move.by):
                continue
            if any(isinstance(who_may_open(version.program, place, actor, move), Yes) for place in _around(actor)):
                yield version, move


def _around(actor: Actor) -> Iterator[dict[str, str]]:
    """The areas of the offices as the engine sees a place: with what is above, and one line of what is below."""
    for code in dict.fromkeys(held.area for held in actor.appointments):
        view = people.area(code)
        if view is None:
            continue
        place = {above.level: above.code for part in view.path if (above := people.area(part)) is not None}
        under = people.children(code)
        while under:
            place[under[0].level] = under[0].code
            under = people.children(under[0].code)
        yield place


def _places(actor: Actor) -> tuple[Option, ...]:
    found: dict[str, str] = {}
    for held in actor.appointments:
        found |= below(held.area)
    return tuple(Option(code, name) for code, name in sorted(found.items()))


def _only(places: Sequence[Option]) -> str:
    return places[0].title if len(places) == 1 else ""


# ── The form ────────────────────────────────────────────────────────────────────────────────────────────────


def _asks_a_unit(version: VersionView, move: Move) -> bool:
    return any(version.program.fields[ask_.field].type == "unit" for ask_ in move.ask)


def _blank(version: VersionView, move: Move, place: str) -> Sheet:
    units = people.handling_units(place) if place else ()
    options = Options(units=[Option(unit.slug, said(unit.names)) for unit in units])
    asked = questions_of(version.program, move, options=options)
    return ask([question for question in asked if question.type not in ("area", "position")])


def _draw(
    request: HttpRequest,
    version: VersionView,
    move: Move,
    sheet: Sheet,
    places: Sequence[Option],
    *,
    typed: str,
    key: str,
) -> HttpResponse:
    context = {
        "here": "open",
        "board": said(version.program.title),
        "purpose": said(version.program.purpose),
        "title": said(move.title),
        "sheet": sheet,
        "places": places,
        "is_listed": len(places) <= LISTED_UP_TO,
        "place_typed": typed,
        "place_code": place_meant(typed, places),
        "place_problem": next((problem for problem in sheet.problems if problem.anchor == "place"), None),
        "key": key,
    }
    return render(request, "desk/open_one.html", context, status=status_of(sheet))

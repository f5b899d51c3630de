"""For whom a clerk may write something down: the opening meant for their office, and the places they look after."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from django.utils.translation import gettext

from jiebang.boards import services as boards
from jiebang.boards.services import Upload
from jiebang.engine.model import ANYONE, Actor
from jiebang.engine.parties import HANDLER
from jiebang.people import queries as people
from jiebang.rulebook import queries as rulebook
from jiebang.web.forms import Option, Problem, Sheet
from jiebang.web.views.raise_.chain import Opening, open_to_anyone, opening_of
from jiebang.web.words import language, said

LISTED_UP_TO = 15  # places; more of them are found by typing, not by scrolling


def opening_for(actor: Actor, at: datetime) -> Opening:
    """Return the opening meant for the clerk's office, if the mechanism has one; else the one anybody may use."""
    here = next((held.area for held in actor.appointments if held.office != HANDLER), "")
    version = rulebook.in_force(rulebook.city().raise_mechanism, on=rulebook.calendar().local_day(at), area=here)
    offices = {(held.office, held.level) for held in actor.appointments}
    for move in version.program.openings.values():
        parties = [version.program.parties[name] for name in move.by]
        if any(party.kind == "post" and (party.office, party.level) in offices for party in parties):
            return _at_the_window(opening_of(version, move))
    return _at_the_window(open_to_anyone(at, area=here))


def may_join(opening: Opening, actor: Actor) -> bool:
    """Whether this clerk may merge what they have just written down into what stands already."""
    program = opening.program
    state = program.states.get(opening.move.to[0].to)
    parties = [
        program.parties[name] for move in (state.moves.values() if state else ()) if move.joins for name in move.by
    ]
    offices = {(held.office, held.level) for held in actor.appointments}
    return any(party.kind == "post" and (party.office, party.level) in offices for party in parties)


def _at_the_window(opening: Opening) -> Opening:
    """Leave out what only whoever stands at the spot can tell: the device of the clerk is somewhere else."""
    questions = tuple(question for question in opening.blank.questions if question.type != "position")
    return replace(opening, blank=replace(opening.blank, questions=questions))


def places_of(actor: Actor) -> tuple[Option, ...]:
    """Return the areas a clerk may write an entry down for: the last level under the areas of their offices, up to
    a county. The city itself has no window, nor has a handling unit. A name begins with the place, not with what
    lies above it: that is what a clerk types."""
    found: dict[str, str] = {}
    for held in actor.appointments:
        area = people.area(held.area)
        if area is not None and area.parent is not None and held.office != HANDLER:
            found |= below(area.code)
    return tuple(Option(code, name) for code, name in sorted(found.items()))


def below(code: str) -> dict[str, str]:
    """Return code → name of the areas of the last level under this one, itself if it is of that level."""
    return {last: _backwards(last) for last in _last_below(code)}


def place_meant(typed: str, places: Sequence[Option]) -> str:
    """Return the code of the place somebody typed: its code, its whole name, or the one place whose name begins so."""
    wanted = typed.strip()
    if not wanted:
        return places[0].value if len(places) == 1 else ""
    exact = [place.value for place in places if wanted in (place.value, place.title)]
    begun = [place.value for place in places if place.title.startswith(wanted)]
    return exact[0] if exact else begun[0] if len(begun) == 1 else ""


def trouble_with_place(typed: str, *, anchor: str = "place") -> Problem:
    if typed.strip():
        return Problem(
            anchor, gettext("No place of yours has this name, or more than one has. Choose one of the list.")
        )
    return Problem(anchor, gettext("The place is not chosen. Choose the community it is about."))


def to_be_opened(
    opening: Opening,
    sheet: Sheet,
    *,
    place: str,
    key: str,
    clerk: Actor,
    pin: str | None = None,
    files: Sequence[Upload] = (),
) -> boards.Opening:
    """Return what the clerk wrote down, as the boards take it: raised by somebody nobody needs to know."""
    answers = dict(sheet.answers)
    if opening.area:
        answers[opening.area] = place
    return boards.Opening(
        mechanism=opening.mechanism,
        opening=opening.move.name,
        actor=ANYONE,
        area=place,
        answers=answers,
        files=files,
        key=key,
        lang=language(),
        written_by=clerk,
        pin=pin,
    )


def _backwards(code: str) -> str:
    view = people.area(code)
    names = [said(each.names) for part in (view.path[1:] if view else ()) if (each := people.area(part))]
    return " · ".join(reversed(names))


def _last_below(code: str) -> list[str]:
    below = people.children(code)
    return [last for child in below for last in _last_below(child.code)] if below else [code]

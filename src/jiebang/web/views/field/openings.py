"""What somebody may raise from the field, and where."""

from __future__ import annotations

from datetime import datetime

from jiebang.engine.model import Actor, Move, Program
from jiebang.people import queries as people
from jiebang.rulebook import queries as rulebook
from jiebang.rulebook.queries import VersionView
from jiebang.web.forms import Option
from jiebang.web.views.raise_ import places
from jiebang.web.views.raise_.chain import Opening, opening_of


def openings(actor: Actor, at: datetime) -> list[Opening]:
    """Return every way this actor may raise a matter as themselves, each with its questions."""
    today = rulebook.calendar().local_day(at)
    here = next((held.area for held in actor.appointments), "")
    found = []
    for newest in rulebook.mechanisms():
        try:
            version = rulebook.in_force(newest.mechanism, on=today, area=here)
        except rulebook.NotPublished:
            continue
        found += [opening_of(version, move) for move in _ways(version, actor)]
    return found


def opening(actor: Actor, mechanism: str, name: str, at: datetime) -> Opening | None:
    """Return one of `openings`, or None when there is none of that name for this actor."""
    return next(
        (one for one in openings(actor, at) if one.mechanism == mechanism and one.move.name == name),
        None,
    )


def _ways(version: VersionView, actor: Actor) -> list[Move]:
    """Openings for anyone; and in a mechanism that has none, those of the actor's office. Beside an opening for
    anyone, an office's own opening is the one for writing down what somebody else says: that needs the window."""
    program = version.program
    open_to_all = [move for move in program.openings.values() if _is_for(program, move, actor, "anyone")]
    return open_to_all or [move for move in program.openings.values() if _is_for(program, move, actor, "post")]


def _is_for(program: Program, move: Move, actor: Actor, kind: str) -> bool:
    offices = {(held.office, held.level) for held in actor.appointments}
    parties = [program.parties[name] for name in move.by if program.parties[name].kind == kind]
    return any(kind == "anyone" or (party.office, party.level) in offices for party in parties)


def places_of(actor: Actor) -> list[Option]:
    """Return the areas a matter can stand at below those of the actor's offices, each with the names above it."""
    found: dict[str, str] = {}
    for held in actor.appointments:
        found |= {code: places.whole_name(code) for code in _last_below(held.area)}
    return [Option(code, name) for code, name in sorted(found.items())]


def _last_below(code: str) -> list[str]:
    below = people.children(code)
    if below:
        return [last for child in below for last in _last_below(child.code)]
    return [code] if people.area(code) is not None else []

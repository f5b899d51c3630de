"""Looking at what only the call needs: a value marked `private`, such as a telephone number.

It is shown to whoever must reach the raiser now, and to nobody else; each look is written down with who and when.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from jiebang import engine
from jiebang.boards import refusals
from jiebang.boards.database import ask, tell
from jiebang.boards.house import exact
from jiebang.boards.ways import is_asking_the_raiser
from jiebang.engine.canonical import facts_from_json
from jiebang.engine.model import Actor, Facts, Field, Program, Refused, Yes
from jiebang.people import queries as people
from jiebang.rulebook import queries as rulebook

PRIVATE = "private"

_READ = """
SELECT e.id, e.program_hash, e.facts,
       (SELECT p.value ->> %(field)s FROM boards_private p
         WHERE p.entry_id = e.id AND p.name = 'kept' AND p.value ? %(field)s ORDER BY p.seq DESC LIMIT 1)
  FROM boards_entry e WHERE e.number = %(number)s
"""
_NOTE = "INSERT INTO boards_look (entry_id, field, person, at) VALUES (%(id)s, %(field)s, %(person)s, %(at)s)"
_LOOKS = """
SELECT l.field, l.person, l.at FROM boards_look l JOIN boards_entry e ON e.id = l.entry_id
 WHERE e.number = %(number)s ORDER BY l.at DESC, l.id DESC LIMIT %(limit)s
"""


@dataclass(frozen=True, slots=True)
class Looked:
    field: Field
    value: str


@dataclass(frozen=True, slots=True)
class Look:
    field: str
    name: str  # of the colleague who looked
    at: datetime


def may_look(program: Program, facts: Facts, actor: Actor) -> bool:
    """Return whether this actor must reach the raiser now: has a question to them, or the call-back to make."""
    state = program.states.get(facts.state)
    if state is None:
        return False
    return any(
        is_asking_the_raiser(program, move) and isinstance(engine.may(program, facts, actor, move.name), Yes)
        for move in state.moves.values()
    )


def look(number: str, field: str, *, actor: Actor, at: datetime) -> Looked | Refused:
    """Return a private value the raiser gave, and write down that it was looked at: both or neither.

    Refused: there is no such entry or value, or the actor has no call to make now.
    """
    with transaction.atomic():
        rows = ask(_READ, {"number": number, "field": field}) if (number + field).isprintable() else []
        if not rows:
            return refusals.no_such_entry(number)
        id_, program_hash, facts, value = rows[0]
        program = rulebook.program(program_hash)
        asked = program.fields.get(field)
        if (
            asked is None
            or asked.visible != PRIVATE
            or not may_look(program, facts_from_json(json.loads(facts)), actor)
        ):
            return refusals.not_to_be_called_by_you()
        if not value:
            return refusals.nothing_to_look_at()
        tell(_NOTE, {"id": id_, "field": field, "person": actor.person, "at": exact(at)})
        return Looked(asked, value)


def looks(number: str, *, limit: int = 20) -> list[Look]:
    """Return who looked at this entry's private values, the last first."""
    rows = ask(_LOOKS, {"number": number, "limit": limit})
    names = {person: people.display_name(person) for person in {row[1] for row in rows}}
    return [Look(field, names[person], at) for field, person, at in rows]

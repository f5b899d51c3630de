"""Facts for whoever counts or follows: events behind leaves, what of an entry is counted, standing entries."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from jiebang.boards.database import ask
from jiebang.engine.canonical import facts_from_json
from jiebang.engine.model import Facts


def facts_of(numbers: Sequence[str]) -> dict[str, Facts]:
    """Return number → facts of these entries, in one statement; numbers nobody has are left out."""
    rows = ask("SELECT number, facts FROM boards_entry WHERE number = ANY(%(numbers)s)", {"numbers": list(numbers)})
    return {number: facts_from_json(json.loads(facts)) for number, facts in rows}


def standing(mechanism: str) -> dict[str, Facts]:
    """Return number → facts of every entry of a board, closed ones too, in the order they were raised."""
    rows = ask(
        "SELECT number, facts FROM boards_entry WHERE mechanism = %(mechanism)s ORDER BY id", {"mechanism": mechanism}
    )
    return {number: facts_from_json(json.loads(facts)) for number, facts in rows}


# What `FROM` of a statement of the room above may name: all of an entry that is ever counted, one row an entry. A
# plain selection, so PostgreSQL plans it away.
COUNTED = """
(SELECT id, mechanism, area_1, area_2, area_3, state, overdue, meaning, raised_at, closed_at, solved, satisfied,
        verified
   FROM boards_entry)
"""


@dataclass(frozen=True, slots=True)
class EventFact:
    """What one event was. `closes`: with it the entry came to its end; that happens once to an entry."""

    leaf_id: int
    entry_id: int
    number: str
    mechanism: str
    areas: Sequence[str]  # below the city, the widest first; empty where the tree is shallower
    kind: str
    move: str
    to_state: str
    at: datetime
    closes: bool


def events(leaf_ids: Sequence[int]) -> list[EventFact]:
    """Return the events behind these leaves, in the order given; leaves that are no event are left out."""
    rows = ask(
        "SELECT v.leaf_id, e.id, e.number, e.mechanism,"
        " ARRAY[e.area_1, e.area_2, e.area_3], v.kind, v.move, v.to_state, v.at,"
        " e.closed_at IS NOT NULL AND v.to_state = e.state AND v.from_state <> v.to_state"
        " FROM unnest(%(ids)s::bigint[]) WITH ORDINALITY AS wanted(id, place)"
        " JOIN boards_event v ON v.leaf_id = wanted.id JOIN boards_entry e ON e.id = v.entry_id ORDER BY wanted.place",
        {"ids": list(leaf_ids)},
    )
    return [EventFact(*row) for row in rows]

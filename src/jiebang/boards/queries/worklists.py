"""What waits for somebody: the work of an office or a unit, what a unit may take up, what a raiser follows."""

from __future__ import annotations

from typing import Any

from jiebang.boards.database import ask
from jiebang.boards.queries.narrowing import work_keys
from jiebang.boards.queries.rows import ROW, Row, area_column, row_from
from jiebang.engine.model import Actor
from jiebang.engine.parties import HANDLER
from jiebang.rulebook import queries as rulebook


def worklist(actor: Actor, *, limit: int = 200) -> list[Row]:
    """Return what the actor's offices and units owe, the next due first."""
    keys = work_keys(actor)
    if not keys:
        return []
    rows = ask(
        f"SELECT {ROW} FROM boards_entry e LEFT JOIN boards_text t ON t.entry_id = e.id"
        " WHERE e.holder_key = ANY(%(keys)s::text[]) AND e.closed_at IS NULL ORDER BY e.due_at, e.id LIMIT %(limit)s",
        {"keys": keys, "limit": limit},
    )
    return [row_from(row) for row in rows]


def open_to_units(actor: Actor, *, limit: int = 100) -> list[Row]:
    """Return the entries any handling unit of the place may take up now, for somebody who acts for one."""
    columns = {
        (column, held.area)
        for held in actor.appointments
        if held.office == HANDLER and (column := area_column(held.area)) is not None
    }
    states = [
        (version.mechanism, state.name)
        for version in rulebook.mechanisms()
        for state in version.program.states.values()
        if any(version.program.parties[party].kind == "unit" for move in state.moves.values() for party in move.by)
    ]
    if not columns or not states:
        return []
    wanted: dict[str, Any] = {"limit": limit, "mechanisms": [m for m, _ in states], "states": [s for _, s in states]}
    places: list[str] = []
    for n, (column, area) in enumerate(sorted(columns)):
        wanted[f"area{n}"] = area
        places.append(f"e.{column} = %(area{n})s" if column else "true")
    rows = ask(
        f"SELECT {ROW} FROM boards_entry e LEFT JOIN boards_text t ON t.entry_id = e.id"
        " WHERE (e.mechanism, e.state) IN (SELECT * FROM unnest(%(mechanisms)s::text[], %(states)s::text[]))"
        f" AND ({' OR '.join(places)}) ORDER BY e.due_at, e.id LIMIT %(limit)s",
        wanted,
    )
    return [row_from(row) for row in rows]


def raised_by(person: str, *, limit: int = 100) -> list[Row]:
    """Return what somebody with an account raised, newest first."""
    rows = ask(
        f"SELECT {ROW} FROM boards_raiser r JOIN boards_entry e ON e.id = r.entry_id"
        " LEFT JOIN boards_text t ON t.entry_id = e.id"
        " WHERE r.person = %(person)s ORDER BY e.raised_at DESC, e.id DESC LIMIT %(limit)s",
        {"person": person, "limit": limit},
    )
    return [row_from(row) for row in rows]

"""Whole boards, step by step, for programs that look for the process in what happened."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from jiebang.boards.database import ask

_ENTRIES = """
SELECT e.id, e.number, e.area_id, e.category, e.state, e.meaning, e.raised_at, e.erased_seq
  FROM boards_entry e WHERE e.mechanism = %(mechanism)s AND e.id > %(after)s ORDER BY e.id LIMIT %(size)s
"""
_STEPS = """
SELECT v.entry_id, v.seq, v.kind, v.move, v.from_state, v.to_state, v.at, v.missed, v.due, v.party, v.unit,
       v.rest->>'named_unit', v.verified
  FROM boards_event v WHERE v.entry_id = ANY(%(ids)s) ORDER BY v.entry_id, v.seq
"""
# What leads to or from an entry whose board nobody may see is not told either.
_LINKS = """
SELECT l.from_entry_id, l.kind, e.number, e.mechanism FROM boards_link l JOIN boards_entry e ON e.id = l.to_entry_id
 WHERE l.from_entry_id = ANY(%(ids)s) AND e.log <> 'veiled' ORDER BY l.id
"""


@dataclass(frozen=True, slots=True)
class Step:
    """One event, in the words of the public log. `day_only`: the moment was erased, the day is what is left."""

    seq: int
    kind: str
    move: str
    from_state: str
    to_state: str
    at: datetime
    day_only: bool
    missed: datetime | None
    due: datetime | None
    party: str
    unit: str
    named_unit: str
    verified: str


@dataclass(frozen=True, slots=True)
class History:
    """One entry with its steps, the first one first; `links` are kind, number and mechanism of what it led to."""

    number: str
    area: str
    category: str
    state: str
    meaning: str
    raised_at: datetime
    erased: bool
    steps: list[Step] = field(default_factory=list)
    links: list[tuple[str, str, str]] = field(default_factory=list)


def histories(mechanism: str, *, size: int = 500) -> Iterator[History]:
    """Yield every entry of a board in the order they were raised, `size` of them to three statements."""
    after = 0
    while rows := ask(_ENTRIES, {"mechanism": mechanism, "after": after, "size": size}):
        found = {
            row[0]: (History(row[1], row[2], row[3], row[4], row[5] or "", row[6], row[7] > 0), row[7]) for row in rows
        }
        for id_, seq, kind, move, from_state, to_state, at, *more in ask(_STEPS, {"ids": list(found)}):
            history, erased_seq = found[id_]
            missed, due, party, unit, named, verified = more
            history.steps.append(
                Step(
                    seq, kind, move, from_state, to_state, at, seq <= erased_seq,
                    missed, due, party, unit, named or "", verified,
                )
            )  # fmt: skip
        for id_, kind, number, on in ask(_LINKS, {"ids": list(found)}):
            found[id_][0].links.append((kind, number, on))
        yield from (history for history, _ in found.values())
        after = rows[-1][0]

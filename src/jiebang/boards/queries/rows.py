"""One entry as every list shows it, ready to show: one row of a statement, with its titles looked up here."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from jiebang.boards.drafts import moment
from jiebang.boards.queries.titles import NOTHING, area_names_of, category_title, state_title, unit_names_of
from jiebang.engine.model import Program, Texts
from jiebang.people import queries as people
from jiebang.rulebook import queries as rulebook


@dataclass(frozen=True, slots=True)
class Row:
    """One entry as a list shows it. `title` is empty until somebody has screened what was raised, or after erasure.

    `late_since` is the first limit the city let pass since somebody last moved the entry on; None unless overdue.
    `is_new`: it stands where it was raised to, and waits to be screened.
    """

    number: str
    mechanism: str
    title: str
    category: str
    category_title: Texts
    area: str
    area_names: tuple[Texts, ...]  # below the city, widest first
    state: str
    state_title: Texts
    meaning: str
    is_open: bool
    overdue: bool
    due_at: datetime | None
    provisional: bool
    holder_title: Texts
    holder_unit: Texts
    raised_at: datetime
    closed_at: datetime | None
    solved: str
    erased: bool
    late_since: datetime | None = None
    is_new: bool = False


# The last column is asked of overdue entries alone: the clock's moves since a person last moved the entry on.
ROW = """
    e.number, e.mechanism, e.program_hash, coalesce(t.title, ''), e.category, e.area_id, e.state, e.meaning, e.overdue,
    e.due_at, e.provisional, e.holder_party, e.holder_unit, e.raised_at, e.closed_at, e.solved, e.erased_seq, e.id,
    CASE WHEN e.overdue THEN (
      SELECT jsonb_agg(jsonb_build_array(v.from_state, (extract(epoch FROM v.missed) * 1000)::bigint) ORDER BY v.seq)
        FROM boards_event v WHERE v.entry_id = e.id AND v.kind = 'clock' AND v.missed IS NOT NULL
         AND v.seq > (SELECT max(m.seq) FROM boards_event m
                       WHERE m.entry_id = e.id AND m.kind <> 'clock' AND m.to_state <> m.from_state)) END
"""


def row_from(row: Sequence[Any]) -> Row:
    (number, mechanism, program_hash, title, category, area, state, meaning, overdue, due_at, provisional, party, unit,
     raised_at, closed_at, solved, erased_seq, _, passed) = row  # fmt: skip
    program = rulebook.program(program_hash)
    return Row(
        number=number,
        mechanism=mechanism,
        title=title,
        category=category,
        category_title=category_title(program, category),
        area=area,
        area_names=area_names_of(area),
        state=state,
        state_title=state_title(program, state),
        meaning=meaning or "",
        is_open=meaning is None,
        overdue=overdue,
        due_at=due_at,
        provisional=provisional,
        holder_title=program.parties[party].title if party else NOTHING,
        holder_unit=unit_names_of(unit),
        raised_at=raised_at,
        closed_at=closed_at,
        solved=solved,
        erased=erased_seq > 0,
        late_since=_late_since(program, json.loads(passed)) if passed else None,
        is_new=any(branch.to == state for opening in program.openings.values() for branch in opening.to),
    )


def _late_since(program: Program, passed: Sequence[tuple[str, int]]) -> datetime | None:
    """Return the first of these missed limits that the city owed: a raiser's own silence makes nobody late."""
    for name, missed in passed:
        state = program.states[name]
        if state.limit.kind == "within" and program.parties[state.holder].is_official:
            return moment(missed)
    return None


def area_column(code: str) -> str | None:
    """Return the column that holds this area in an entry's row; empty for the city itself, None if unknown."""
    view = people.area(code)
    if view is None:
        return None
    depth = len(view.path) - 1
    return "" if depth == 0 else f"area_{depth}" if depth <= 3 else None

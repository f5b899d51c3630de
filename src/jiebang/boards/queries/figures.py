"""Facts for whoever counts or follows: events behind leaves, raw counts of a board, standing entries."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from jiebang.boards.database import ask
from jiebang.boards.queries.rows import area_column
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


@dataclass(frozen=True, slots=True)
class EventFact:
    leaf_id: int
    number: str
    mechanism: str
    area_1: str
    kind: str
    move: str
    to_state: str
    at: datetime


def events(leaf_ids: Sequence[int]) -> list[EventFact]:
    """Return the events behind these leaves, in the order given; leaves that are no event are left out."""
    rows = ask(
        "SELECT v.leaf_id, e.number, e.mechanism, e.area_1, v.kind, v.move, v.to_state, v.at"
        " FROM unnest(%(ids)s::bigint[]) WITH ORDINALITY AS wanted(id, place)"
        " JOIN boards_event v ON v.leaf_id = wanted.id JOIN boards_entry e ON e.id = v.entry_id ORDER BY wanted.place",
        {"ids": list(leaf_ids)},
    )
    return [EventFact(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class Tally:
    """Raw counts of one board in one area; the room `scoring` makes figures of them.

    `closed` counts by meaning since `since`; `solved` and `satisfied` the verdicts of those closed; `days` the
    median from raising to striking, in hundredths of a calendar day.
    """

    open: int
    overdue: int
    failed: int
    struck_this_month: int
    closed: Mapping[str, int] = field(default_factory=dict)
    solved: Mapping[str, int] = field(default_factory=dict)
    satisfied: Mapping[str, int] = field(default_factory=dict)
    verified: Mapping[str, int] = field(default_factory=dict)
    median_days_100: int | None = None


_TALLY = """
WITH here AS (
  SELECT meaning, overdue, closed_at, raised_at, solved, satisfied, verified FROM boards_entry e
   WHERE e.mechanism = %(mechanism)s {area}),
recent AS (SELECT * FROM here WHERE closed_at >= %(since)s AND closed_at < %(at)s),
struck AS (SELECT * FROM recent WHERE meaning = 'solved')
SELECT (SELECT count(*) FROM here WHERE meaning IS NULL),
       (SELECT count(*) FROM here WHERE overdue),
       (SELECT count(*) FROM here WHERE meaning = 'failed'),
       (SELECT count(*) FROM here WHERE meaning = 'solved' AND closed_at >= %(month)s AND closed_at < %(at)s),
       (SELECT jsonb_object_agg(meaning, n) FROM (SELECT meaning, count(*) n FROM recent GROUP BY 1) c),
       (SELECT jsonb_object_agg(solved, n) FROM (SELECT solved, count(*) n FROM struck GROUP BY 1) c),
       (SELECT jsonb_object_agg(satisfied, n) FROM (SELECT satisfied, count(*) n FROM struck GROUP BY 1) c),
       (SELECT jsonb_object_agg(verified, n) FROM (SELECT verified, count(*) n FROM struck GROUP BY 1) c),
       (SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM closed_at - raised_at))
          FROM struck)
"""


def tally(mechanism: str, *, area: str, since: datetime, month: datetime, at: datetime) -> Tally:
    """Count one board in one area: what is open now, and what was closed from `since` until `at`."""
    column = area_column(area)
    wanted: dict[str, Any] = {"mechanism": mechanism, "since": since, "month": month, "at": at}
    if column:
        wanted["area"] = area
    row = ask(_TALLY.format(area=f"AND e.{column} = %(area)s" if column else ""), wanted)[0]
    closed, solved, satisfied, verified = (json.loads(each) if each else {} for each in row[4:8])
    median = None if row[8] is None else round(float(row[8]) / 864)
    open_, overdue, failed, this_month = row[:4]
    return Tally(open_, overdue, failed, this_month, closed, solved, satisfied, verified, median)

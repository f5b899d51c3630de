"""Counting all boards again, and comparing with what the follower has added up."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from jiebang.boards import queries as boards
from jiebang.ledger import queries as ledger
from jiebang.scoring import counting
from jiebang.scoring.counting import Key, days_now
from jiebang.scoring.sums import Days, Sums, from_json

FOLLOWER = "figures"
_MOST = 20  # findings of one kind

STANDING = f"""
SELECT c.id, c.mechanism, ARRAY[c.area_1, c.area_2, c.area_3] AS areas, c.state, c.overdue
  FROM {boards.COUNTED} c WHERE c.closed_at IS NULL
"""

# Entries whose newest events the follower has not come to are left out.
_WRONG = f"""
SELECT coalesce(s.entry, e.id), coalesce(s.state, 'nothing'), coalesce(e.state, 'nothing')
  FROM scoring_standing s FULL JOIN ({STANDING}) e ON e.id = s.entry
 WHERE (s.mechanism, s.areas, s.state, s.overdue) IS DISTINCT FROM (e.mechanism, e.areas, e.state, e.overdue)
   AND coalesce(s.entry, e.id) <> ALL(%(pending)s::bigint[])
 ORDER BY 1 LIMIT {_MOST}
"""


@dataclass(frozen=True, slots=True)
class Stored:
    """What the follower keeps: its sums of each board and area, with the days they were added up for."""

    sums: Mapping[Key, Sums]
    days: Mapping[Key, Days]


def findings(*, at: datetime) -> list[str]:
    """Compare running sums with the entries; return what differs, nothing when nothing was followed yet.

    What the follower has not come to is left out on both sides. To be asked within one snapshot of the database.
    """
    stored = _stored()
    pending, found = _found(stored, at=at)
    return _differences(stored, pending, found)


def again(*, at: datetime) -> list[str]:
    """Write all sums and figures anew, as of `at`; return what the old ones had wrong."""
    stored = _stored()
    pending, found = _found(stored, at=at)
    wrong = _differences(stored, pending, found)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM scoring_standing")
        cursor.execute(f"INSERT INTO scoring_standing (entry, mechanism, areas, state, overdue) {STANDING}")
        cursor.execute("DELETE FROM scoring_figure")
    keep(found.sums(days_now(at)), at=at)
    return wrong


def _found(stored: Stored, *, at: datetime) -> tuple[list[int], counting.Board]:
    """Return the entries with events still to be followed, and every board counted without what those ended."""
    pending, not_yet = counting.not_followed(ledger.cursor(FOLLOWER))
    begin = min(min(days.since, days.month) for days in (days_now(at), *stored.days.values()))
    return pending, counting.all_boards(since=begin, not_yet=not_yet)


def _differences(stored: Stored, pending: list[int], found: counting.Board) -> list[str]:
    return [*_wrong_standings(pending), *_wrong_sums(stored, found)] if stored.sums else []


def keep(sums: Mapping[Key, Sums], *, at: datetime) -> None:
    """Write these sums and the figures made of them."""
    rows = [
        {"mechanism": mechanism, "area": area, "counts": one.counts(), "sums": one.to_json()}
        for (mechanism, area), one in sorted(sums.items())
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO scoring_figure (mechanism, area, as_of, counts, sums)"
            " SELECT mechanism, area, %s, counts, sums"
            " FROM json_to_recordset(%s::json) AS new(mechanism text, area text, counts jsonb, sums jsonb)"
            " ON CONFLICT (mechanism, area) DO UPDATE"
            " SET as_of = excluded.as_of, counts = excluded.counts, sums = excluded.sums",
            [at, json.dumps(rows)],
        )


def _stored() -> Stored:
    with connection.cursor() as cursor:
        cursor.execute("SELECT mechanism, area, as_of, sums FROM scoring_figure")
        rows = cursor.fetchall()
    sums = {(mechanism, area): from_json(json.loads(text)) for mechanism, area, _, text in rows}
    return Stored(sums, {(mechanism, area): days_now(as_of) for mechanism, area, as_of, _ in rows})


def _wrong_standings(pending: list[int]) -> Iterator[str]:
    with connection.cursor() as cursor:
        cursor.execute(_WRONG, {"pending": pending})
        for entry, counted_as, stands in cursor.fetchall():
            yield f"The figures count entry {entry} as {counted_as}, but it stands at {stands}."


def _wrong_sums(stored: Stored, found: counting.Board) -> Iterator[str]:
    made_anew = {days: found.sums(days) for days in set(stored.days.values())}
    known = {key for sums in made_anew.values() for key in sums}
    for mechanism, area in sorted({*stored.sums, *known}):
        # An area nothing is kept of says nothing of any day: whichever was counted last.
        running = stored.sums.get((mechanism, area), Sums())
        days = stored.days.get((mechanism, area), max(stored.days.values(), key=lambda each: each.since))
        fresh = made_anew[days].get((mechanism, area), Sums())
        # What is open may differ by what was not followed yet; that is compared entry by entry.
        ours, theirs = ({**one.to_json(), "states": 0, "overdue": 0} for one in (running, fresh))
        for name in ours:
            if ours[name] != theirs[name]:
                yield f"The figures of {mechanism} in {area} say {name} {ours[name]}, its entries give {theirs[name]}."
    yield from _wrong_totals(stored)


def _wrong_totals(stored: Stored) -> Iterator[str]:
    """The sums of open entries are those of the follower's own list."""
    fresh: dict[Key, Sums] = {}
    with connection.cursor() as cursor:
        cursor.execute("SELECT mechanism, areas, state, overdue, count(*) FROM scoring_standing GROUP BY 1, 2, 3, 4")
        for mechanism, areas, state, overdue, n in cursor.fetchall():
            for key in counting.keys_of(mechanism, areas):
                fresh.setdefault(key, Sums()).stands(state, overdue=overdue, n=n)
    for key in sorted({*stored.sums, *fresh}):
        running, listed = stored.sums.get(key, Sums()), fresh.get(key, Sums())
        if (+running.states, running.overdue) != (+listed.states, listed.overdue):
            yield f"The figures of {key[0]} in {key[1]} count other open entries than their list holds."

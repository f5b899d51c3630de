"""Counting boards from their entries: all of them, when the running sums are to be compared or begun, or one area
of a city the follower has not come to yet."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, TypeAlias

from django.db import connection

from jiebang.boards import queries as boards
from jiebang.ledger import queries as ledger
from jiebang.people import queries as people
from jiebang.rulebook import queries as rulebook
from jiebang.scoring.definitions import board_definition
from jiebang.scoring.sums import Closing, Days, Sums, days_at

Key: TypeAlias = tuple[str, str]  # mechanism, area

_AREAS = "ARRAY[c.area_1, c.area_2, c.area_3]"

_CLOSING = f"""
       c.mechanism, {_AREAS}, (c.closed_at AT TIME ZONE %(zone)s)::date, c.meaning, c.solved, c.satisfied, c.verified,
       ceil(extract(epoch FROM c.closed_at - c.raised_at) / 8640)::int
"""

CLOSED_BY = f"""
SELECT {_CLOSING} FROM {boards.COUNTED} c WHERE c.id = ANY(%(ids)s::bigint[]) AND c.closed_at IS NOT NULL
"""

# What ended by an event the follower has not come to yet is left to it: counted here too, it would count twice.
_CLOSINGS = f"""
SELECT {_CLOSING}, count(*) FROM {boards.COUNTED} c
 WHERE c.closed_at >= %(since)s AND c.id <> ALL(%(except)s::bigint[]) {{narrower}} GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
"""
_EVER = f"""
SELECT c.mechanism, {_AREAS}, c.meaning, count(*) FROM {boards.COUNTED} c
 WHERE c.closed_at IS NOT NULL AND c.id <> ALL(%(except)s::bigint[]) {{narrower}} GROUP BY 1, 2, 3
"""
_OPEN = f"""
SELECT c.mechanism, {_AREAS}, c.state, c.overdue, count(*) FROM {boards.COUNTED} c
 WHERE c.closed_at IS NULL {{narrower}} GROUP BY 1, 2, 3, 4
"""


@dataclass(frozen=True, slots=True)
class Board:
    """All that ended in the widest window asked for, and what else the sums of every area need."""

    closings: tuple[Closing, ...]
    ever: tuple[tuple[str, list[str], str, int], ...]
    open: tuple[tuple[str, list[str], str, bool, int], ...]

    def sums(self, days: Days) -> dict[Key, Sums]:
        """Return (mechanism, area) → sums, for the city and for every area in it that has any."""
        smallest: dict[tuple[str, tuple[str, ...]], Sums] = defaultdict(Sums)
        for one in self.closings:
            smallest[one.mechanism, tuple(one.areas)].within(one, days)
        for mechanism, areas, meaning, n in self.ever:
            smallest[mechanism, tuple(areas)].ever[meaning] += n
        for mechanism, areas, state, overdue, n in self.open:
            smallest[mechanism, tuple(areas)].stands(state, overdue=overdue, n=n)
        found: dict[Key, Sums] = defaultdict(Sums)
        for (mechanism, path), sums in smallest.items():
            for key in keys_of(mechanism, path):
                found[key].add(sums)
        return dict(found)


def keys_of(mechanism: str, areas: Sequence[str]) -> list[Key]:
    """Return the boards an entry counts for: the city's, and that of every area it lies in."""
    root = people.root_area()
    return [(mechanism, area) for area in (root.code if root else "", *areas) if area]


def all_boards(*, since: date, not_yet: list[int]) -> Board:
    """Count every board from its entries; `not_yet` are those that ended after the follower's place."""
    return _board("", {"since": since, "except": not_yet})


def counted(mechanism: str, area: str, *, at: datetime) -> dict[str, Any]:
    """Count one board in one area now: for a city the follower has not come to yet."""
    days = days_now(at)
    view = people.area(area)
    depth = len(view.path) - 1 if view else 0
    narrower = "AND c.mechanism = %(mechanism)s" + (f" AND c.area_{depth} = %(area)s" if depth else "")
    wanted = {"since": min(days.since, days.month), "except": [], "mechanism": mechanism, "area": area}
    sums: dict[Key, Sums] = _board(narrower, wanted).sums(days)
    root = people.root_area()
    return sums.get((mechanism, root.code if root else ""), Sums()).counts()


def days_now(at: datetime) -> Days:
    return days_at(at, zone=rulebook.city().zone, window_days=board_definition().window_days)


def not_followed(came_to: int) -> tuple[list[int], list[int]]:
    """Return the entries with events the follower has not come to, and those of them that ended by one."""
    events = boards.events(ledger.leaves_after(came_to))
    return [event.entry_id for event in events], [event.entry_id for event in events if event.closes]


def _board(narrower: str, wanted: Mapping[str, Any]) -> Board:
    zone = rulebook.city().zone
    # A day early: the condition is for the index, and whatever zone the city has, its day begins within 24 hours.
    values = {**wanted, "zone": zone, "since": wanted["since"] - timedelta(days=1)}
    with connection.cursor() as cursor:
        cursor.execute(_CLOSINGS.format(narrower=narrower), values)
        closings = tuple(Closing(*row) for row in cursor.fetchall())
        cursor.execute(_EVER.format(narrower=narrower), values)
        ever = tuple(cursor.fetchall())
        cursor.execute(_OPEN.format(narrower=narrower), values)
        return Board(closings, ever, tuple(cursor.fetchall()))

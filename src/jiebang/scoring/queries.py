"""What the rooms above may ask about figures."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from jiebang.engine.model import Texts
from jiebang.people import queries as people
from jiebang.scoring import measures, recount
from jiebang.scoring.counting import counted
from jiebang.scoring.definitions import board_definition
from jiebang.scoring.measures import Share


@dataclass(frozen=True, slots=True)
class ShareView:
    """A share ready to show: `text` like "80.80" (per cent) or "n/a", over `n`."""

    name: str
    title: Texts
    note: Texts
    source: str
    text: str
    n: int


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of one board in one area. `as_of` is None until the follower came by once.

    `median_days` is from raising to striking, of those struck in the window; "n/a" when there were none. `states`
    counts the open entries of each state, `ever` all that ended, by meaning.
    """

    mechanism: str
    area: str
    as_of: datetime | None
    window_days: int
    open: int
    overdue: int
    failed: int
    struck_this_month: int
    struck: int
    median_days: str
    shares: Mapping[str, ShareView]
    closed: Mapping[str, int]
    verified: Mapping[str, int]
    states: Mapping[str, int]
    ever: Mapping[str, int]


SHOWN = ("solved-share", "partly-share", "satisfied-share", "coverage")


def figures(mechanism: str, area: str) -> Figures:
    """Return the figures of a board in the city or any area of it, as the follower last made them.

    They are as of the follower's last fact of this board, wherever in the city that was.
    """
    return _figures(mechanism, area, _row(mechanism, area))


def figures_now(mechanism: str, area: str, *, at: datetime) -> Figures:
    """Return the figures of an area counted now from its entries, for as long as the follower has not come by."""
    return _figures(mechanism, area, (at, counted(mechanism, area, at=at)))


def audit(*, at: datetime) -> list[str]:
    """Count everything again and return what the running sums say otherwise. Nothing is changed."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            # One snapshot, as the follower has: what it has not come to must be left out on both sides.
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        return recount.findings(at=at)


def figures_below(mechanism: str) -> list[Figures]:
    """Return the figures of the city, first, and of each area right below it that has any, by code."""
    root = people.root_area()
    if root is None:
        return []
    areas = [root.code, *sorted(each.code for each in people.children(root.code))]
    rows = _rows(mechanism, areas)
    return [_figures(mechanism, area, rows[area]) for area in areas if area in rows]


def figures_of_boards(area: str) -> dict[str, Figures]:
    """Return the figures of every board that has had an entry in an area, by mechanism."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT mechanism, as_of, counts FROM scoring_figure WHERE area = %s", [area])
        rows = cursor.fetchall()
    return {mechanism: _figures(mechanism, area, (as_of, json.loads(counts))) for mechanism, as_of, counts in rows}


def _row(mechanism: str, area: str) -> tuple[datetime | None, dict[str, Any]]:
    root = people.root_area()
    city = root.code if root else ""
    rows = _rows(mechanism, [city, area])
    # Every fact of a board moves the city's row, so that one says how far the follower has come; an area without a
    # row of its own has had nothing yet.
    as_of, _counts = rows.get(city, (None, {}))
    return as_of, rows[area][1] if as_of is not None and area in rows else {}


def _rows(mechanism: str, areas: Sequence[str]) -> dict[str, tuple[datetime, dict[str, Any]]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT area, as_of, counts FROM scoring_figure WHERE mechanism = %s AND area = ANY(%s)",
            [mechanism, list(areas)],
        )
        return {area: (as_of, json.loads(counts)) for area, as_of, counts in cursor.fetchall()}


def _figures(mechanism: str, area: str, row: tuple[datetime | None, dict[str, Any]]) -> Figures:
    as_of, raw = row
    definition = board_definition()
    counts = raw.get("counts", {})
    median = raw.get("median_days_10")
    return Figures(
        mechanism=mechanism,
        area=area,
        as_of=as_of,
        window_days=definition.window_days,
        open=raw.get("open", 0),
        overdue=raw.get("overdue", 0),
        failed=raw.get("failed", 0),
        struck_this_month=raw.get("struck_this_month", 0),
        struck=counts.get("struck", 0),
        median_days=measures.NOT_ANY if median is None else f"{median // 10}.{median % 10}",
        shares={
            name: _share(name, measures.share(definition, name, counts))
            for name in SHOWN
            if name in definition.measures
        },
        closed=raw.get("closed", {}),
        verified=raw.get("verified", {}),
        states=raw.get("states", {}),
        ever=raw.get("ever", {}),
    )


def _share(name: str, found: Share) -> ShareView:
    measure = board_definition().measures[name]
    return ShareView(name, measure.title, measure.note, measure.source, found.text, found.n)

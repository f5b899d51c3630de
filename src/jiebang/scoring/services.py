"""The follower `figures`: it reads what happened in the log's order and counts the boards again that were touched.

Cursor and figures are written in one transaction: if we die before it commits, the same facts come again and the same
figures are made of them; nothing is ever skipped. Figures slide with the days even when nothing happens, so a board
not counted today is counted again.
"""

from __future__ import annotations

import json
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import connection, transaction

from jiebang.boards import queries as boards
from jiebang.ledger import queries as ledger
from jiebang.ledger import services as ledger_services
from jiebang.people import queries as people
from jiebang.rulebook import queries as rulebook
from jiebang.scoring.counting import counted

FOLLOWER = "figures"
BATCH = 2000


@transaction.atomic
def follow_once(*, at: datetime) -> int:
    """Count again what new facts touched, and what was last counted on an earlier day; return how many facts came.

    Returns 0 at once while another process follows.
    """
    if not _is_alone():
        return 0
    came_to = ledger.cursor(FOLLOWER)
    facts = ledger.facts_after(came_to, limit=BATCH)
    boards_touched = _touched([fact.leaf_id for fact in facts if fact.kind == "event"]) | _of_an_earlier_day(at)
    for mechanism, area in sorted(boards_touched):
        _count(mechanism, area, at=at)
    if facts:
        ledger_services.advance(FOLLOWER, facts[-1].leaf_id)
    return len(facts)


def _is_alone() -> bool:
    # The schema is in the lock's name: two cities of one database do not wait for each other.
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_try_advisory_xact_lock(hashtext('jiebang.scoring.figures'), hashtext(current_schema()))"
        )
        return bool(cursor.fetchone()[0])


def _touched(leaf_ids: list[int]) -> set[tuple[str, str]]:
    if not leaf_ids:
        return set()
    root = people.root_area()
    touched: set[tuple[str, str]] = set()
    for event in boards.events(leaf_ids):
        if root is not None:
            touched.add((event.mechanism, root.code))
        if event.area_1:
            touched.add((event.mechanism, event.area_1))
    return touched


def _of_an_earlier_day(at: datetime) -> set[tuple[str, str]]:
    """Return the boards last counted before today: this month's strikes and the window have moved on since."""
    local = at.astimezone(ZoneInfo(rulebook.city().zone))
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    with connection.cursor() as cursor:
        cursor.execute("SELECT mechanism, area FROM scoring_figure WHERE as_of < %s", [midnight])
        return {(mechanism, area) for mechanism, area in cursor.fetchall()}


def _count(mechanism: str, area: str, *, at: datetime) -> None:
    counts = counted(mechanism, area, at=at)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO scoring_figure (mechanism, area, as_of, counts) VALUES (%s, %s, %s, %s::jsonb)"
            " ON CONFLICT (mechanism, area) DO UPDATE SET as_of = excluded.as_of, counts = excluded.counts",
            [mechanism, area, at, json.dumps(counts)],
        )

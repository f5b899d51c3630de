"""The follower `figures`: it reads what happened in the log's order and adds it to the running sums of the boards.

Cursor and sums are written in one transaction: if we die before it commits, the same facts come again and the same
sums are made of them; nothing is skipped or counted twice. A move costs what it changed, however large the board. On
a process's first round and on the first of each day everything is counted again from the entries (the window has
moved on by a day), and compared with the running sums first: what differs is logged as an error and mended.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import connection, transaction

from jiebang.boards import queries as boards
from jiebang.boards.queries import EventFact
from jiebang.ledger import queries as ledger
from jiebang.ledger import services as ledger_services
from jiebang.people import queries as people
from jiebang.rulebook import queries as rulebook
from jiebang.scoring import recount
from jiebang.scoring.counting import CLOSED_BY, Key, days_now, keys_of
from jiebang.scoring.recount import FOLLOWER
from jiebang.scoring.sums import Closing, Sums, from_json

BATCH = 2000

log = logging.getLogger(__name__)


@transaction.atomic
def follow_once(*, at: datetime, afresh: bool = False) -> int:
    """Add up new facts; with `afresh`, or on a new day, count everything again first. Return how many facts came.

    Returns 0 at once while another process follows.
    """
    with connection.cursor() as cursor:
        # One snapshot for entries and log: only so is it known which entries ended by events not followed yet.
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
    if not _is_alone():
        return 0
    came_to = ledger.cursor(FOLLOWER)
    if came_to and (afresh or _is_of_an_earlier_day(at)):
        for wrong in recount.again(at=at):
            log.error("%s It has been counted again.", wrong)
    facts = ledger.facts_after(came_to, limit=BATCH)
    if events := boards.events([fact.leaf_id for fact in facts if fact.kind == "event"]):
        _add_up(events, at=at)
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


def _is_of_an_earlier_day(at: datetime) -> bool:
    """Whether the sums were made before today: this month's strikes and the window have moved on since."""
    local = at.astimezone(ZoneInfo(rulebook.city().zone))
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    root = people.root_area()
    # The city's own rows tell: all are counted again together, and there is one for every board that has any.
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(min(as_of) < %s, true) FROM scoring_figure WHERE area = %s",
            [midnight, root.code if root else ""],
        )
        return bool(cursor.fetchone()[0])


# ── What changed ────────────────────────────────────────────────────────────────────────────────────────────


def _add_up(events: Sequence[EventFact], *, at: datetime) -> None:
    touched = {key for event in events for key in keys_of(event.mechanism, event.areas)}
    sums = _sums_of(touched)
    _move_on(sorted({event.entry_id for event in events}), sums)
    days = days_now(at)
    # By the event, not by the entry's row: the row may have ended already while the fact that says so is to come.
    for closing in _closings([event.entry_id for event in events if event.closes]):
        for key in keys_of(closing.mechanism, closing.areas):
            sums[key].ended(closing, days)
    recount.keep(sums, at=at)


def _sums_of(keys: Iterable[Key]) -> dict[Key, Sums]:
    wanted = sorted(keys)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT mechanism, area, sums FROM scoring_figure"
            " WHERE (mechanism, area) IN (SELECT * FROM unnest(%s::text[], %s::text[]))",
            [[mechanism for mechanism, _ in wanted], [area for _, area in wanted]],
        )
        known = {(mechanism, area): from_json(json.loads(text)) for mechanism, area, text in cursor.fetchall()}
    return {key: known.get(key, Sums()) for key in wanted}


def _move_on(entries: list[int], sums: dict[Key, Sums]) -> None:
    """Take these entries off where they were counted as open, and add them where they stand now."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM scoring_standing WHERE entry = ANY(%s) RETURNING mechanism, areas, state, overdue", [entries]
        )
        gone = cursor.fetchall()
        cursor.execute(
            "INSERT INTO scoring_standing (entry, mechanism, areas, state, overdue)"
            f" {recount.STANDING} AND c.id = ANY(%s) RETURNING mechanism, areas, state, overdue",
            [entries],
        )
        come = cursor.fetchall()
    for rows, n in ((gone, -1), (come, 1)):
        for mechanism, areas, state, overdue in rows:
            for key in keys_of(mechanism, areas):
                sums[key].stands(state, overdue=overdue, n=n)


def _closings(entries: list[int]) -> list[Closing]:
    with connection.cursor() as cursor:
        cursor.execute(CLOSED_BY, {"zone": rulebook.city().zone, "ids": entries})
        return [Closing(*row) for row in cursor.fetchall()]

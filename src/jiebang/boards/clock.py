"""The clock: what is due is moved once, however many tick."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime

from django.db import DatabaseError, OperationalError, transaction

from jiebang import engine
from jiebang.boards import linking, sql
from jiebang.boards.database import ask, tell
from jiebang.boards.drafts import Draft
from jiebang.boards.house import House
from jiebang.engine.model import CLOCK, Refused
from jiebang.engine.worktime import Calendar

log = logging.getLogger("jiebang.boards")

MOST_CLOCK_MOVES = 8  # one limit and the spans that ended while nobody ticked; the checker forbids circles


def make_overdue_moves(draft: Draft, calendar: Calendar, *, at: datetime) -> int:
    """Make the clock's moves that were due before anybody acted. They stand even if the person is then refused."""
    for made in range(MOST_CLOCK_MOVES):
        facts = draft.now
        if facts.due is None or facts.due > at or facts.state in draft.program.finals:
            return made
        answer = engine.decide(draft.program, facts, engine.Command("clock", CLOCK), at=at, calendar=calendar)
        if isinstance(answer, Refused):
            raise StuckClockError(draft, answer)
        children = linking.planned(draft, answer, calendar=calendar)
        if isinstance(children, Refused):
            raise StuckClockError(draft, children)
        draft.take(answer)
        draft.children += children
    return MOST_CLOCK_MOVES


class StuckClockError(Exception):
    """The clock's own move was refused: the calendar has no table for that year, or row or program are damaged."""

    def __init__(self, draft: Draft, refused: Refused) -> None:
        self.refused = refused
        why = f"{refused.what.get('en')} {refused.next_step.get('en')}"
        super().__init__(f"The clock may not move {draft.number} out of {draft.now.state}: {why}")


def tick_batch(take: str, wanted: Mapping[str, object], *, at: datetime) -> int:
    with transaction.atomic():
        house = House.now()
        drafts = house.take(take, wanted)
        for draft in drafts:
            try:
                make_overdue_moves(draft, house.calendar, at=max(at, draft.now.last_at))
            except StuckClockError as stuck:
                log.error("%s", stuck)
                del draft.steps[:], draft.children[:]
                mark_stuck(draft.id, str(stuck))
            except Exception as error:  # a damaged row or program must not stop the others' clocks; it is put aside
                log.exception("the clock cannot move %s", draft.number)
                del draft.steps[:], draft.children[:]
                mark_stuck(draft.id, f"{type(error).__name__}: {error}")
        for entry_id, why in house.damaged:
            mark_stuck(entry_id, why)
        linking.write(house, drafts)
        return len(drafts)


def try_again() -> int:
    """Let the clock try what it could not move before; return how many entries wait for that.

    What stood in its way (a year without a calendar, a row that was damaged) may have been mended meanwhile, and an
    entry that nobody acts on must not wait for ever. What still cannot be moved is put aside again.
    """
    return tell(sql.TRY_AGAIN, {})


def tick_one(entry_id: int, *, at: datetime) -> int:
    try:
        return tick_batch(sql.TAKE_ONE, {"id": entry_id, "at": at}, at=at)
    except OperationalError:
        raise
    except DatabaseError as error:
        log.exception("entry %s cannot be written", entry_id)
        mark_stuck(entry_id, f"{type(error).__name__}: {error}")
        return 0


def due_ids(*, at: datetime, limit: int) -> list[int]:
    return [row[0] for row in ask(sql.DUE_IDS, {"at": at, "limit": limit})]


def mark_stuck(entry_id: int | None, why: str) -> None:
    tell(sql.MARK_STUCK, {"id": entry_id, "why": why[:500]})


def mark_late(*, at: datetime, limit: int) -> int:
    return tell(sql.MARK_LATE, {"at": at, "limit": limit})

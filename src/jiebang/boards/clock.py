"""The clock: what is due is moved once, however many tick."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime

from django.db import DatabaseError, OperationalError, transaction

from jiebang import engine
from jiebang.boards import sql
from jiebang.boards.database import ask, tell
from jiebang.boards.drafts import Draft
from jiebang.boards.house import House, exact
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
        draft.take(answer)
    return MOST_CLOCK_MOVES


class StuckClockError(Exception):
    """The clock's own move was refused: the calendar has no table for that year, or row or program are damaged."""

    def __init__(self, draft: Draft, refused: Refused) -> None:
        self.refused = refused
        why = f"{refused.what.get('en')} {refused.next_step.get('en')}"
        super().__init__(f"The clock may not move {draft.number} out of {draft.now.state}: {why}")


def tick(*, at: datetime, limit: int = 200) -> int:
    """Make the clock's moves that are due, at most `limit`, and mark late duties; return how many were done.

    Any number of ticks may run at once: each row is taken by one of them (SKIP LOCKED), and once it was moved it is
    no longer due. A tick that dies leaves its rows to the next one.
    """
    at = exact(at)
    try:
        moved = _tick_batch(sql.TAKE_DUE, {"at": at, "limit": limit}, at=at)
    except OperationalError:
        raise  # the database is gone: the loop around us waits and comes again
    except DatabaseError:
        log.exception("a batch of the clock failed; each entry is tried alone")
        moved = sum(_tick_one(entry_id, at=at) for entry_id in _due_ids(at=at, limit=limit))
    return moved + _mark_late(at=at, limit=limit)


def _tick_batch(take: str, wanted: Mapping[str, object], *, at: datetime) -> int:
    with transaction.atomic():
        house = House.now()
        drafts = house.take(take, wanted)
        for draft in drafts:
            try:
                make_overdue_moves(draft, house.calendar, at=max(at, draft.now.last_at))
            except StuckClockError as stuck:
                log.error("%s", stuck)
                del draft.steps[:]
                _mark_stuck(draft.id, str(stuck))
            except Exception as error:  # a damaged row or program must not stop the others' clocks; it is put aside
                log.exception("the clock cannot move %s", draft.number)
                del draft.steps[:]
                _mark_stuck(draft.id, f"{type(error).__name__}: {error}")
        for entry_id, why in house.damaged:
            _mark_stuck(entry_id, why)
        house.write(drafts)
        return len(drafts)


def try_again() -> int:
    """Let the clock try what it could not move before; return how many entries wait for that.

    What stood in its way (a year without a calendar, a row that was damaged) may have been mended meanwhile, and an
    entry that nobody acts on must not wait for ever. What still cannot be moved is put aside again.
    """
    return tell(sql.TRY_AGAIN, {})


def _tick_one(entry_id: int, *, at: datetime) -> int:
    try:
        return _tick_batch(sql.TAKE_ONE, {"id": entry_id, "at": at}, at=at)
    except OperationalError:
        raise
    except DatabaseError as error:
        log.exception("entry %s cannot be written", entry_id)
        _mark_stuck(entry_id, f"{type(error).__name__}: {error}")
        return 0


def _due_ids(*, at: datetime, limit: int) -> list[int]:
    return [row[0] for row in ask(sql.DUE_IDS, {"at": at, "limit": limit})]


def _mark_stuck(entry_id: int | None, why: str) -> None:
    tell(sql.MARK_STUCK, {"id": entry_id, "why": why[:500]})


def _mark_late(*, at: datetime, limit: int) -> int:
    return tell(sql.MARK_LATE, {"at": at, "limit": limit})

"""The way back: an entry hears, once, that what it opened or waits for has closed; and the clock goes on with it."""

from __future__ import annotations

import logging
from datetime import datetime

from django.db import transaction

from jiebang import engine
from jiebang.boards import linking, sql
from jiebang.boards.clock import StuckClockError, make_overdue_moves, mark_stuck
from jiebang.boards.database import as_json, ask, tell
from jiebang.boards.drafts import Draft
from jiebang.boards.house import House

log = logging.getLogger("jiebang.boards")


def hear(*, at: datetime, limit: int = 200) -> int:
    """Tell entries what has closed; return how many ends were heard of. Safe to kill and to run twice at once.

    The rows are taken one after the other (SKIP LOCKED) and marked with the event they became, in one transaction.
    """
    with transaction.atomic():
        ended: dict[str, list[tuple[int, str, str]]] = {}
        for id_, number, slot, means in ask(sql.ENDED, {"limit": limit}):
            ended.setdefault(number, []).append((id_, slot, means))
        if not ended:
            return 0
        house = House.now()
        drafts = house.lock((number, "") for number in ended)
        heard: list[dict[str, int]] = []
        for number, draft in drafts.items():
            try:
                heard += _told(draft, ended[number], house, at=max(at, draft.now.last_at))
            except StuckClockError as stuck:
                log.error("%s", stuck)
                del draft.steps[:], draft.children[:]
                mark_stuck(draft.id, str(stuck))
        linking.write(house, drafts.values())
        tell(sql.HEARD, {"heard": as_json(heard)})
        return len(heard)


def _told(draft: Draft, ends: list[tuple[int, str, str]], house: House, *, at: datetime) -> list[dict[str, int]]:
    """Tell one entry each end, the clock's turn before and after; return which event each link became, 0 for none."""
    heard = []
    make_overdue_moves(draft, house.calendar, at=at)
    for id_, slot, means in ends:
        events = engine.heard(draft.program, draft.now, slot, means, at=at)
        draft.take(events)
        heard.append({"id": id_, "seq": events[0].seq if events else 0})
        make_overdue_moves(draft, house.calendar, at=at)
    return heard

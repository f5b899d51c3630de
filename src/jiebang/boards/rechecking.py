"""Looking again: some time after they closed, entries that were drawn get a linked entry of their own."""

from __future__ import annotations

import logging
from datetime import datetime

from django.db import transaction

from jiebang.boards import linking, sql
from jiebang.boards.clock import mark_stuck
from jiebang.boards.database import ask
from jiebang.boards.house import House
from jiebang.engine.model import Refused

log = logging.getLogger("jiebang.boards")


def recheck(*, at: datetime, limit: int = 200) -> int:
    """Open the linked entries of those to be looked at again by now; return how many. Killed anywhere, none is lost.

    The timers' rows are taken away (SKIP LOCKED) in the transaction that opens the entries.
    """
    with transaction.atomic():
        numbers = [row[0] for row in ask(sql.RECHECKS, {"at": at, "limit": limit})]
        if not numbers:
            return 0
        house = House.now()
        drafts = house.lock((number, "") for number in numbers)
        stuck: dict[int | None, str] = {}
        for draft in drafts.values():
            child = linking.recheck_of(draft, at=max(at, draft.now.last_at), calendar=house.calendar)
            if isinstance(child, Refused):
                stuck[draft.id] = f"{child.what['en']} {child.next_step['en']}"
            else:
                draft.children.append(child)
        if not stuck:
            linking.open_planned(house, drafts.values())
            return len(numbers)
        transaction.set_rollback(True)  # the timers of all come back; those that cannot be opened are put aside
    for id_, why in stuck.items():
        log.error("A recheck cannot be opened: %s", why)
        mark_stuck(id_, why)
    return len(stuck)

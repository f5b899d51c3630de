"""One turn of the clock: what is due, what has closed elsewhere, what is late."""

from __future__ import annotations

import logging
from datetime import datetime

from django.db import DatabaseError, OperationalError

from jiebang.boards import sql
from jiebang.boards.clock import due_ids, mark_late, tick_batch, tick_one
from jiebang.boards.hearing import hear
from jiebang.boards.house import exact
from jiebang.boards.rechecking import recheck
from jiebang.boards.transferring import transfer

log = logging.getLogger("jiebang.boards")


def tick(*, at: datetime, limit: int = 200) -> int:
    """Make the clock's moves that are due, at most `limit`, tell entries what they waited for has closed, and mark late
    duties; return how many were done.

    Any number of ticks may run at once: each row is taken by one of them (SKIP LOCKED), and once it was moved it is
    no longer due. A tick that dies leaves its rows to the next one.
    """
    at = exact(at)
    try:
        moved = tick_batch(sql.TAKE_DUE, {"at": at, "limit": limit}, at=at)
    except OperationalError:
        raise  # the database is gone: the loop around us waits and comes again
    except DatabaseError:
        log.exception("a batch of the clock failed; each entry is tried alone")
        moved = sum(tick_one(entry_id, at=at) for entry_id in due_ids(at=at, limit=limit))
    moved += transfer(at=at, limit=limit)
    return moved + hear(at=at, limit=limit) + recheck(at=at, limit=limit) + mark_late(at=at, limit=limit)

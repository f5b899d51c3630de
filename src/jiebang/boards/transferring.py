"""Carrying running entries over to a new version, a batch at a time: each an event with its leaf, all or nothing.

Two people decided which (`rulebook.transfers`). An entry whose limit has passed is left to the clock first, and comes
along with a later batch. Killed anywhere, what is written is written whole: an entry runs under the one version or the
other, and its row, its event and its leaf say which.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from jiebang.boards import sql
from jiebang.boards.database import ask, tell
from jiebang.boards.house import House, exact
from jiebang.engine.transfer import transferred
from jiebang.rulebook import queries as rulebook
from jiebang.rulebook import transfers as maps
from jiebang.rulebook.transfers import Transfer


def transfer(*, at: datetime, limit: int = 200) -> int:
    """Carry over at most `limit` entries; return how many were. Safe to kill, and to run twice at once."""
    at = exact(at)
    for one in maps.open_on(rulebook.calendar().local_day(at)):
        if carried := _batch(one, at=at, limit=limit):
            return carried
        if not ask(sql.STILL_UNDER, _wanted(one))[0][0]:
            maps.note_done(one.id, at=at)
    return 0


def _batch(one: Transfer, *, at: datetime, limit: int) -> int:
    program = rulebook.program(one.after)
    with transaction.atomic():
        house = House.now()
        drafts = house.take(sql.TAKE_TO_TRANSFER, _wanted(one) | {"at": at, "limit": limit})
        for draft in drafts:
            event = transferred(draft.now, one.states, before=one.before, after=one.after, at=at)
            draft.program, draft.program_hash = program, one.after
            draft.take([event])
        house.write(drafts)
        if drafts:
            tell(sql.UNDER_ANOTHER, {"ids": [draft.id for draft in drafts], "after": one.after})
        return len(drafts)


def _wanted(one: Transfer) -> dict[str, object]:
    return {"before": one.before, "areas": list(one.areas)}

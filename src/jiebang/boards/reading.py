"""What the city itself answers: what became of the last one's list, and where the boards of a place stand.

Read inside the move's own transaction, so it is what held when the move was made; nobody can write it otherwise. The
numbers it names lead to pages and to the public log, where a stranger finds the same.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from jiebang.boards.database import ask
from jiebang.boards.drafts import Draft
from jiebang.engine.answers import MOST_READ
from jiebang.engine.model import Field, Json
from jiebang.people import queries as people

NONE = "none"  # there was no earlier one, or nothing stands on any board
FIRST = timedelta(days=30)  # how far a first one looks back

# The last entry of this board in the place that opened others, before this one.
_LAST = """
SELECT e.id, e.number, e.raised_at FROM boards_entry e
 WHERE e.mechanism = %(mechanism)s AND e.id < %(id)s
   AND (%(whole)s OR %(area)s IN (e.area_id, e.area_1, e.area_2, e.area_3))
   AND EXISTS (SELECT 1 FROM boards_link l WHERE l.from_entry_id = e.id AND l.kind = 'opened')
 ORDER BY e.id DESC LIMIT 1
"""
# All that one opened, and what earlier ones opened and is open still.
_OPENED = """
SELECT c.number, c.state, coalesce(c.meaning, 'open')
  FROM boards_link l JOIN boards_entry e ON e.id = l.from_entry_id JOIN boards_entry c ON c.id = l.to_entry_id
 WHERE l.kind = 'opened' AND e.mechanism = %(mechanism)s AND e.id <= %(last)s
   AND (%(whole)s OR %(area)s IN (e.area_id, e.area_1, e.area_2, e.area_3))
   AND (e.id = %(last)s OR c.meaning IS NULL) AND c.log <> 'veiled'
 ORDER BY c.id LIMIT %(most)s
"""
_STANDING = """
SELECT e.mechanism, count(*) FILTER (WHERE e.raised_at >= %(since)s), count(*) FILTER (WHERE e.meaning IS NULL),
       count(*) FILTER (WHERE e.overdue), count(*) FILTER (WHERE e.meaning = 'solved'),
       count(*) FILTER (WHERE e.meaning = 'failed')
  FROM boards_entry e
 WHERE (%(whole)s OR %(area)s IN (e.area_id, e.area_1, e.area_2, e.area_3)) AND e.log <> 'veiled'
   AND (e.meaning IS NULL OR e.closed_at >= %(since)s OR e.raised_at >= %(since)s)
 GROUP BY 1 ORDER BY 1 LIMIT %(most)s
"""


def read(draft: Draft, field: Field, *, at: datetime) -> Json:
    """Return what the boards say for this question, a line each: `NUMBER state means` or `board raised open …`."""
    place = draft.now.place
    views = [view for code in place.values() if (view := people.area(code)) is not None]
    here = place.get(field.level) or max(views, key=lambda view: len(view.path)).code
    wanted = {"mechanism": draft.program.id, "id": draft.id, "area": here, "most": MOST_READ - 1}
    wanted["whole"] = all(view.path[0] == here for view in views)
    last = next(iter(ask(_LAST, wanted)), None)
    if field.type == "account":
        if last is None:
            return [NONE]
        return [str(last[1]), *(" ".join(row) for row in ask(_OPENED, wanted | {"last": last[0]}))]
    since = last[2] if last is not None else at - FIRST
    rows = ask(_STANDING, wanted | {"since": since})
    told = [f"{board} {' '.join(str(n) for n in counted)}" for board, *counted in rows]
    return [since.date().isoformat(), *told] if told else [NONE]

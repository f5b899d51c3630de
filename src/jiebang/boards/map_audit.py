"""Deriving the map again: every place from the raiser's answer or the area, every count from the places."""

from __future__ import annotations

import json
from collections.abc import Iterator

from jiebang.boards.database import ask
from jiebang.boards.mapping import NOWHERE, WIDEST, coarse_place, finest, map_rules, plan_of
from jiebang.rulebook import queries as rulebook

BATCH = 5000

_SPOTS = """
SELECT s.entry_id, e.number, e.program_hash, e.area_id, s.x, s.y, s.is_given,
       (SELECT p.value FROM boards_private p WHERE p.entry_id = e.id AND p.seq = 1 AND p.name = 'kept')
  FROM boards_spot s JOIN boards_entry e ON e.id = s.entry_id
 WHERE s.entry_id > %(after)s AND s.standing <> '' ORDER BY s.entry_id LIMIT %(limit)s
"""

# One statement, so that a follower at work cannot be seen half done.
_DIFFERENT = """
WITH placed AS (
  SELECT s.mechanism, kind.category, coalesce(square.level, %(nowhere)s) AS level,
         coalesce(s.x >> (%(finest)s::int - square.level), 0) AS x,
         coalesce(s.y >> (%(finest)s::int - square.level), 0) AS y,
         s.standing, s.posted, count(*) AS n, count(*) FILTER (WHERE s.is_given) AS given,
         sum(coalesce(s.x, 0)) AS sum_x, sum(coalesce(s.y, 0)) AS sum_y, sum(s.entry_id) AS sum_id
    FROM boards_spot s
    CROSS JOIN LATERAL (SELECT DISTINCT unnest(ARRAY['', s.category]) AS category) kind
    LEFT JOIN generate_series(%(widest)s::int, %(finest)s::int) AS square(level) ON s.x IS NOT NULL
   WHERE s.standing <> ''
   GROUP BY 1, 2, 3, 4, 5, 6, 7)
SELECT coalesce(p.mechanism, c.mechanism), coalesce(p.level, c.level), coalesce(p.x, c.x), coalesce(p.y, c.y),
       coalesce(c.n, 0), coalesce(p.n, 0)
  FROM placed p FULL JOIN boards_cell c
    ON (c.mechanism, c.category, c.level, c.x, c.y, c.standing, c.posted)
     = (p.mechanism, p.category, p.level, p.x, p.y, p.standing, p.posted)
 WHERE (c.n, c.given, c.sum_x, c.sum_y, c.sum_id) IS DISTINCT FROM (p.n, p.given, p.sum_x, p.sum_y, p.sum_id)
 ORDER BY 1, 2, 3, 4 LIMIT 20
"""


def map_findings() -> Iterator[str]:
    """Name every place of the map that does not come out. What its follower has not come to yet is no finding."""
    rules = map_rules()
    if rules is None or ask("SELECT plan FROM boards_mapstate", {}) != [(plan_of(rules),)]:
        return  # the follower is about to fill it anew
    level = finest(rules)
    last = 0
    while rows := ask(_SPOTS, {"after": last, "limit": BATCH}):
        last = rows[-1][0]
        for _, number, program_hash, area, x, y, is_given, kept in rows:
            place, given = coarse_place(
                rulebook.program(program_hash), json.loads(kept) if kept else {}, area=area, level=level
            )
            if (place, given) != (None if x is None else (x, y), is_given):
                yield f"{number}: The map shows it at another place than its answers and its area give."
    for mechanism, at, x, y, found, derived in ask(
        _DIFFERENT, {"widest": min(WIDEST, level), "finest": level, "nowhere": NOWHERE}
    ):
        yield f"The map of {mechanism} counts {found} in square {at}/{x}/{y}; the places give {derived}."

"""What a paper board needs to know: which communities' boards changed since they were last printed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from jiebang.boards.database import ask
from jiebang.boards.queries.rows import area_column


@dataclass(frozen=True, slots=True)
class Paper:
    """One area's board on paper: how many matters stand on it, and how many changed since it was printed."""

    area: str
    standing: int
    changed: int


_CHANGED = """
SELECT asked.code, count(t.entry_id) FILTER (WHERE e.closed_at IS NULL),
       count(t.entry_id) FILTER (WHERE e.entered_at > asked.at)
  FROM unnest(%(codes)s::text[], %(moments)s::timestamptz[]) AS asked(code, at)
  LEFT JOIN boards_entry e ON e.mechanism = %(mechanism)s AND e.{column} = asked.code AND e.log <> 'veiled'
  LEFT JOIN boards_text t ON t.entry_id = e.id AND t.title <> ''
 GROUP BY asked.code
"""


def papers(mechanism: str, since: Mapping[str, datetime]) -> dict[str, Paper]:
    """Return, by area, how many matters with a public text stand there and how many moved since the given moment."""
    by_column: dict[str, list[str]] = {}
    for code in since:
        if column := area_column(code):
            by_column.setdefault(column, []).append(code)
    found: dict[str, Paper] = {}
    for column, codes in by_column.items():
        wanted = {"mechanism": mechanism, "codes": codes, "moments": [since[code] for code in codes]}
        for code, standing, changed in ask(_CHANGED.format(column=column), wanted):
            found[code] = Paper(code, standing, changed)
    return found

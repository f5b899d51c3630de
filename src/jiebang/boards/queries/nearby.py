"""What stands on the board near what somebody is about to raise: public words only."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from jiebang.boards import bigrams
from jiebang.boards.database import ask
from jiebang.boards.queries.rows import ROW, Row, area_column, row_from
from jiebang.rulebook import queries as rulebook

_NEARBY = """
SELECT {row}, (SELECT count(*) FROM unnest(t.bigrams) pair WHERE pair = ANY(%(pairs)s::text[])) AS shared
  FROM boards_entry e JOIN boards_text t ON t.entry_id = e.id
 WHERE e.mechanism = %(mechanism)s AND e.{column} = %(area)s AND e.raised_at >= %(since)s AND t.title <> ''
   AND coalesce(e.meaning, '') NOT IN ('joined', 'withdrawn')
   AND (%(category)s = '' OR e.category = %(category)s)
 ORDER BY shared DESC, e.raised_at DESC, e.id DESC LIMIT 20
"""
_READ = 2000  # characters compared; a text has no more

_WORD = re.compile(r"[a-z]+")


@dataclass(frozen=True, slots=True)
class Near:
    """A matter of the same place. `is_alike`: its title says what was typed, so it may be the same."""

    row: Row
    is_alike: bool


def nearby(
    mechanism: str,
    *,
    area: str,
    since: datetime,
    text: str = "",
    kind: str = "",
    only_kind: bool = False,
    most: int = 6,
) -> list[Near]:
    """Return what was raised at this area since then, most alike first; `kind` is the category it may belong to.

    Only what everybody may read is compared and returned, so looking here tells nobody's secrets.
    """
    column = area_column(area)
    if not column or any(version.program.log == "veiled" for version in rulebook.versions(mechanism)):
        return []
    rows = ask(
        _NEARBY.format(row=ROW, column=column),
        {
            "mechanism": mechanism,
            "area": area,
            "since": since,
            "category": kind if only_kind else "",
            "pairs": bigrams.bigrams(text[:_READ]),
        },
    )
    typed = marks(text)
    found = [_near(row_from(row[:19]), typed, kind) for row in rows]
    # The statement's order, newest of the most alike first, holds within each group.
    found.sort(key=lambda near: (not near.is_alike, bool(kind) and near.row.category != kind))
    return found[:most]


def sounds_like(one: str, other: str) -> bool:
    """Whether two short texts have so much in common that they may be about the same."""
    return len(marks(one) & marks(other)) >= 2


def _near(row: Row, typed: Collection[str], kind: str) -> Near:
    shared = len(marks(row.title) & set(typed))
    return Near(row, shared >= 2 or (shared == 1 and row.category == kind != ""))


def kind_of(mechanism: str, text: str) -> str:
    """Return the category whose name has most in common with the text; "" if none has, or two have as much."""
    typed = marks(text)
    scored: list[tuple[int, str]] = []
    for version in rulebook.mechanisms():
        if version.mechanism == mechanism and "category" in version.program.fields:
            scored = [
                (max(len(typed & marks(name)) for name in choice.title.values()), choice.id)
                for choice in version.program.fields["category"].choices
            ]
    best = sorted(scored, reverse=True)[:2]
    if not best or not best[0][0] or (len(best) > 1 and best[0][0] == best[1][0]):
        return ""
    return best[0][1]


def marks(text: str) -> set[str]:
    """Return what tells two short texts apart: pairs of Chinese characters, the beginnings of longer Latin words.

    Pairs of Latin letters are shared by any two English sentences and would make everything alike.
    """
    folded = text[:_READ].casefold()
    words = {word[:5] for word in _WORD.findall(folded) if len(word) >= 4}
    return words | {pair for pair in bigrams.bigrams(text[:_READ]) if not pair.isascii()}

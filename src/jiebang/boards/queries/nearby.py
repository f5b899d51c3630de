"""What stands on the board near what somebody is about to raise: public words only."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from jiebang.boards import bigrams
from jiebang.boards.database import ask
from jiebang.boards.queries.rows import ROW, Row, area_column, row_from
from jiebang.people import queries as people
from jiebang.rulebook import queries as rulebook

_NEARBY = """
SELECT {row}, (SELECT count(*) FROM unnest(t.bigrams) pair WHERE pair = ANY(%(pairs)s::text[])) AS shared
  FROM boards_entry e JOIN boards_text t ON t.entry_id = e.id
 WHERE e.mechanism = %(mechanism)s AND e.{column} = %(area)s AND e.raised_at >= %(since)s AND t.title <> ''
   AND coalesce(e.meaning, '') NOT IN ('joined', 'withdrawn')
   AND (%(category)s = '' OR e.category = %(category)s)
 ORDER BY shared DESC, e.raised_at DESC, e.id DESC LIMIT 20
"""
# Of the newest of their kind around there, who finished them: enough to know whose work it usually is.
_FINISHED = """
SELECT v.unit, count(DISTINCT v.entry_id)
  FROM (SELECT e.id FROM boards_entry e
         WHERE e.mechanism = %(mechanism)s AND e.category = %(category)s AND {here}
         ORDER BY e.raised_at DESC, e.id DESC LIMIT 300) alike
  JOIN boards_event v ON v.entry_id = alike.id
 WHERE v.kind = 'move' AND v.move = ANY(%(finishing)s::text[]) AND v.unit <> ''
 GROUP BY v.unit
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


def usual_units(mechanism: str, category: str, area: str) -> dict[str, int]:
    """Return which units finished how many matters of this kind around an area, of the last three hundred raised.

    Around is the widest area below the city, such as its county. None without a category.
    """
    view = people.area(area)
    column = area_column(view.path[1]) if view is not None and len(view.path) > 1 else ""
    if not category or column is None or view is None:
        return {}
    programs = [version.program for version in rulebook.versions(mechanism)]
    moves = {
        move.name
        for program in programs
        for state in program.states.values()
        for move in state.moves.values()
        if move.finishes
    }
    wanted = {"mechanism": mechanism, "category": category, "area": view.path[-1], "finishing": sorted(moves)}
    if column:
        wanted["area"] = view.path[1]
    here = f"e.{column} = %(area)s" if column else "true"
    return dict(ask(_FINISHED.format(here=here), wanted))


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

"""The map of a board: its squares with their counts, and one square's entries. Nothing finer leaves here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from jiebang.boards import cells
from jiebang.boards.cells import Cell, Point, View
from jiebang.boards.database import ask
from jiebang.boards.drafts import milliseconds
from jiebang.boards.mapping import FAILED, NOWHERE, OPEN, OVERDUE, STRUCK, WIDEST
from jiebang.boards.queries.lists import Filters, cursor_of
from jiebang.boards.queries.rows import ROW, Row, row_from

TOO_NEAR = 0.55  # of a square's width, in both directions: marks nearer than that would cover each other


@dataclass(frozen=True, slots=True)
class Cluster:
    """The entries of one square, or of a few side by side. `at` is their mean place; `given` how many brought a
    position of their own. `squares` are those it is made of; `row` is the entry itself where there is only one.
    """

    squares: View
    at: Point
    n: int
    given: int
    row: Row | None = None


@dataclass(frozen=True, slots=True)
class MapPage:
    """What a view shows: the most first. `here` is in view, `placed` anywhere on the map, `nowhere` on none.

    `as_of`: when the follower last came by; None while it fills the map.
    """

    view: View
    clusters: tuple[Cluster, ...]
    here: int
    placed: int
    nowhere: int
    as_of: datetime | None


@dataclass(frozen=True, slots=True)
class CellPage:
    rows: tuple[Row, ...]
    next: str


_CLUSTERS = """
SELECT x, y, sum(n)::bigint, sum(given)::bigint, sum(sum_x)::bigint, sum(sum_y)::bigint, sum(sum_id)::bigint
  FROM boards_cell
 WHERE mechanism = %(mechanism)s AND category = %(category)s AND level = %(level)s
   AND x = ANY(%(xs)s::int[]) AND y BETWEEN %(top)s AND %(bottom)s {more}
 GROUP BY x, y ORDER BY 3 DESC, y, x
"""

_TOTALS = """
SELECT coalesce(sum(n) FILTER (WHERE level >= 0), 0)::bigint, coalesce(sum(n) FILTER (WHERE level < 0), 0)::bigint
  FROM boards_cell
 WHERE mechanism = %(mechanism)s AND category = %(category)s AND level = ANY(%(levels)s::int[]) {more}
"""

_SINGLES = f"""
SELECT {ROW} FROM boards_entry e LEFT JOIN boards_text t ON t.entry_id = e.id WHERE e.id = ANY(%(ids)s::bigint[])
"""

_IN_CELL = f"""
SELECT {ROW} FROM (
  SELECT s.entry_id FROM boards_spot s
   WHERE s.mechanism = %(mechanism)s AND s.x = %(x)s AND s.y = %(y)s {{more}}
   ORDER BY s.raised_at DESC, s.entry_id DESC LIMIT %(size)s) found
  JOIN boards_entry e ON e.id = found.entry_id LEFT JOIN boards_text t ON t.entry_id = e.id
 ORDER BY e.raised_at DESC, e.id DESC
"""


def map_page(mechanism: str, filters: Filters, view: View, *, finest_level: int) -> MapPage:
    """Return the clusters of a view. Of the filters, the map knows category and what `standings` makes of the rest.

    The cost is that of the view's squares, however many entries lie in them.
    """
    more, wanted = _narrowed(mechanism, filters)
    widest = min(WIDEST, finest_level)
    if view.level < widest:  # nothing is counted so wide; the city is a few squares there
        view = _finer(view, widest)
    wanted |= {
        "level": view.level, "top": view.top, "bottom": view.bottom,
        "xs": list(range(view.left, view.right + 1)), "levels": [NOWHERE, widest],
    }  # fmt: skip
    found = ask(_CLUSTERS.format(more=more), wanted)
    placed, nowhere = ask(_TOTALS.format(more=more), wanted)[0]
    heaps = _put_together(found, by=finest_level - view.level)
    alone = [heap.sum_id for heap in heaps if heap.n == 1]
    single = {row[17]: row_from(row) for row in ask(_SINGLES, {"ids": alone})} if alone else {}
    clusters = tuple(
        Cluster(
            View(view.level, *heap.squares),
            cells.middle(*heap.mean, finest_level),
            heap.n,
            heap.given,
            single.get(heap.sum_id) if heap.n == 1 else None,
        )
        for heap in sorted(heaps, key=lambda heap: (-heap.n, heap.squares))
    )
    state = ask("SELECT as_of FROM boards_mapstate", {})
    return MapPage(view, clusters, sum(one.n for one in clusters), placed, nowhere, state[0][0] if state else None)


@dataclass(slots=True)
class _Heap:
    squares: tuple[int, int, int, int]  # left, top, right, bottom
    n: int
    given: int
    sum_x: int
    sum_y: int
    sum_id: int

    @property
    def mean(self) -> tuple[float, float]:
        return self.sum_x / self.n, self.sum_y / self.n


def _put_together(found: Sequence[Sequence[int]], *, by: int) -> list[_Heap]:
    """Return the squares as heaps, a small one joined to a larger one beside it that it would cover.

    Entries on both sides of a square's edge are one place to whoever looks. Squares of the finest level stay apart:
    each can be opened by itself.
    """
    heaps: dict[Cell, _Heap] = {}
    near = TOO_NEAR * (1 << by)
    for x, y, *sums in found:  # the most first
        heap = _Heap((x, y, x, y), *sums)
        around = ((x + i, y + j) for i in (-1, 0, 1) for j in (-1, 0, 1)) if by else ()
        host = next((one for cell in around if (one := heaps.get(cell)) and _is_near(one, heap, near)), None)
        if host is None:
            heaps[x, y] = heap
            continue
        left, top, right, bottom = host.squares
        host.squares = min(left, x), min(top, y), max(right, x), max(bottom, y)
        host.n, host.given, host.sum_x, host.sum_y, host.sum_id = (
            a + b for a, b in zip((host.n, host.given, host.sum_x, host.sum_y, host.sum_id), sums, strict=True)
        )
    return list(heaps.values())


def _is_near(one: _Heap, other: _Heap, near: float) -> bool:
    return all(abs(a - b) < near for a, b in zip(one.mean, other.mean, strict=True))


def in_cell(mechanism: str, filters: Filters, cell: Cell, *, after: str = "", size: int = 50) -> CellPage:
    """Return the entries of one finest square, newest first; `after` is the `next` of the page before."""
    more, wanted = _narrowed(mechanism, filters)
    if filters.category:
        more += " AND category = %(category)s"
    if (start := cursor_of(after)) is not None:
        more += " AND (s.raised_at, s.entry_id) < (%(raised_at)s, %(id)s)"
        wanted |= {"raised_at": start[0], "id": start[1]}
    found = ask(_IN_CELL.format(more=more), wanted | {"x": cell[0], "y": cell[1], "size": size + 1})
    shown = found[:size]
    following = f"{milliseconds(shown[-1][13])}-{shown[-1][17]}" if len(found) > size else ""
    return CellPage(tuple(row_from(row) for row in shown), following)


def standings(filters: Filters) -> Sequence[str] | None:
    """Return what these filters count, as the map counts: None for everything."""
    if filters.overdue:
        return (OVERDUE,)
    if filters.failed:
        return (FAILED,)
    if filters.meaning == "solved":
        return (STRUCK,)
    if filters.is_open:
        return (OPEN, OVERDUE)
    return None


def _narrowed(mechanism: str, filters: Filters) -> tuple[str, dict[str, Any]]:
    more = ""
    wanted: dict[str, Any] = {"mechanism": mechanism, "category": filters.category}
    counted = standings(filters)
    if counted is not None:
        more += " AND standing = ANY(%(standings)s::text[])"
        wanted["standings"] = list(counted)
    if filters.posted:
        more += " AND posted"
    return more, wanted


def _finer(view: View, level: int) -> View:
    """Return the cells of a finer level that cover the same ground, as far as a city can be: some dozens of them."""
    by = level - view.level
    return View(level, view.left << by, view.top << by, ((view.right + 1) << by) - 1, ((view.bottom + 1) << by) - 1)

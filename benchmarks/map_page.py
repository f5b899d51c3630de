"""How long does the server work on a map at 100,000 entries, and how much longer than at 1,000?

The town's entries are multiplied by INSERT … SELECT (allowed here only), each with a place of its own drawn over the
city, and counted into the map by the follower's own function. Timed are the question to the room `boards` (clusters,
totals, the single entries' rows) for the whole city and closer, and whole pages, from the request to the last byte.

Baseline of the same run: what a map costs without squares, the entries of the view grouped when they are asked for,
as one statement over the same places.

    python benchmarks/map_page.py [entries]
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

import ground
from board_page import COPY

# A place for every copy: three in four around the seats of eight invented districts, the others anywhere.
PLACES = """
INSERT INTO boards_private (entry_id, seq, name, value)
SELECT e.id, 1, 'kept', jsonb_build_object('position', round((lat + wide * (random() + random() - 1))::numeric, 5)
       || ',' || round((lon + wide * (random() + random() - 1))::numeric, 5))
  FROM boards_entry e
  JOIN LATERAL (SELECT 28.9 + 0.12 * (e.id % 8) AS lat, 102.8 + 0.17 * (e.id % 8) AS lon,
                       CASE WHEN e.id % 4 = 0 THEN 0.35 ELSE 0.03 END AS wide) seat ON true
 WHERE e.number LIKE 'LS-25-%'
ON CONFLICT (entry_id, seq, name) DO UPDATE SET value = excluded.value
"""

UNCOUNTED = "SELECT id FROM boards_entry e WHERE NOT EXISTS (SELECT FROM boards_spot s WHERE s.entry_id = e.id)"

BASELINE = """
SELECT x >> %(by)s::int AS x, y >> %(by)s::int AS y, count(*), sum(x::bigint), sum(y::bigint), sum(entry_id)
  FROM boards_spot
 WHERE mechanism = 'residents' AND x BETWEEN %(left)s AND %(right)s AND y BETWEEN %(top)s AND %(bottom)s
 GROUP BY 1, 2 ORDER BY 3 DESC
"""

VIEWS = {
    "whole city": (102.2, 28.4, 104.3, 30.0),
    "a county": (103.3, 29.0, 103.9, 29.5),
    "a town": (103.3, 29.2, 103.4, 29.3),
}


def main(entries: int) -> None:
    with ground.town() as town:
        from django.db import connection
        from django.test import Client

        from jiebang.boards import cells, mapping, queries
        from jiebang.boards import services as boards
        from jiebang.boards.database import ask
        from jiebang.boards.queries import Filters
        from tests.boards.city import DAY, MONDAY_NINE, PUBLIC, an_opening

        for n in range(100):
            opened = boards.open_entry(an_opening(), at=MONDAY_NINE + n * DAY / 300)
            if n % 3 and isinstance(opened, boards.Opened):
                town.does("community", "post", opened.number, at=MONDAY_NINE + DAY / 3, answers=PUBLIC)
        boards.tick(at=MONDAY_NINE + 2 * DAY)
        boards.follow_map_once(at=MONDAY_NINE)
        rules = mapping.map_rules()
        assert rules is not None
        finest = mapping.finest(rules)

        def seen(name: str) -> cells.View:
            box = cells.Box(*VIEWS[name])
            return cells.view_of(box, level=cells.fitting_level(box, cells=16, finest=finest), most=48)

        def grouped(name: str) -> list[Any]:
            view, by = seen(name), finest - seen(name).level
            return ask(BASELINE, {"by": by, "left": view.left << by, "right": ((view.right + 1) << by) - 1,
                                  "top": view.top << by, "bottom": ((view.bottom + 1) << by) - 1})  # fmt: skip

        visitor = Client(HTTP_HOST="localhost")
        asked: dict[str, Callable[[], Any]] = {
            f"clusters, {name}": lambda name=name: queries.map_page(
                "residents", Filters(posted=True), seen(name), finest_level=finest
            )
            for name in VIEWS
        }
        asked["clusters, overdue"] = lambda: queries.map_page(
            "residents", Filters(overdue=True), seen("whole city"), finest_level=finest
        )
        asked["clusters, category"] = lambda: queries.map_page(
            "residents", Filters(category="street-light"), seen("a county"), finest_level=finest
        )
        pages = {
            "page, whole city": "",
            "page, a town": "?bbox=103.3,29.2,103.4,29.3",
            "moved, a county": "?bbox=103.3,29.0,103.9,29.5&zoom=9.6",
            "moved, all": "?show=all&bbox=102.2,28.4,104.3,30.0&zoom=7.8",
        }

        def page(query: str) -> None:
            answer = visitor.get(f"/b/residents/map{query}")
            assert answer.status_code == 200, answer.status_code

        whole = {name: lambda query=query: page(query) for name, query in pages.items()}
        baseline = {f"grouped, {name}": lambda name=name: grouped(name) for name in VIEWS}

        def grow(first: int, last: int) -> float:
            with connection.cursor() as cursor:
                cursor.execute(COPY, {"from": first * 100, "first": first, "last": last})
                cursor.execute(PLACES)
            start = time.perf_counter()
            for ids in _in_parts([row[0] for row in ask(UNCOUNTED, {})]):
                mapping.place(ids)
            took = time.perf_counter() - start
            with connection.cursor() as cursor:
                cursor.execute("VACUUM ANALYZE")  # as autovacuum does in a city that has run for a while
            return took

        def timed(what: dict[str, Callable[[], Any]]) -> dict[str, list[float]]:
            found = {}
            for name, do in what.items():
                for _ in range(8):
                    do()
                found[name] = [ground.seconds(do) * 1000 for _ in range(40)]
            return found

        grow(1, 9)
        small = timed(asked | whole | baseline)
        took = grow(10, entries // 100 - 1)
        large = timed(asked | whole | baseline)

        def joined(of: dict[str, list[float]], names: Any) -> list[float]:
            return [ms for name in names for ms in of[name]]

        # A town shows next to nothing at 1,000 entries and as much as any view at the larger number: it stands in the
        # lines, but the ratio is that of the views that are full at both.
        full = [name for name in whole if "town" not in name]
        p95_small, p95_large = (ground.percentile(joined(one, full), 95) for one in (small, large))
        ratio = statistics.median(joined(large, full)) / statistics.median(joined(small, full))
        grew = statistics.median(joined(large, baseline)) / statistics.median(joined(small, baseline))
        lines = [
            f"{name:22} p50 {statistics.median(small[name]):6.1f} → {statistics.median(large[name]):6.1f} ms,"
            f" p95 {ground.percentile(small[name], 95):6.1f} → {ground.percentile(large[name], 95):6.1f} ms"
            for name in (*asked, *whole, *baseline)
        ]
        rows = ask("SELECT count(*), (SELECT count(*) FROM boards_spot) FROM boards_cell", {})[0]
        ground.report(
            "map_page",
            [
                *lines,
                f"counting: {(entries - 1000) / took:,.0f} new entries a second;"
                f" {rows[0]:,} squares for {rows[1]:,} places",
                f"map page at {entries:,} entries: p95 {p95_large:.1f} ms (wanted 50);"
                f" median {ratio:.2f} × that at 1,000 (p95 there {p95_small:.1f} ms; wanted 1.5);"
                f" grouping in the statement: {grew:.1f} ×",
            ],
            {
                "entries": entries,
                "p95_ms": round(p95_large, 1),
                "p95_ms_at_1000": round(p95_small, 1),
                "ratio_of_medians": round(ratio, 2),
                "ratio_of_medians_grouped": round(grew, 1),
                "counted_a_second": round((entries - 1000) / took),
                "squares": rows[0],
            },
        )


def _in_parts(ids: list[int], size: int = 2000) -> list[list[int]]:
    return [ids[n : n + size] for n in range(0, len(ids), size)]


if __name__ == "__main__":
    main(*([int(one) for one in sys.argv[1:]] or [100_000]))

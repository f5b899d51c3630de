"""How long does the server work on a board page at 100,000 entries, and how much longer than at 1,000?

The town's entries are multiplied by INSERT … SELECT (allowed here only). Timed are the queries' functions, as the view
calls them: 50 rows ready to show and the count, for no filter and for each kind of filter; and whole pages, from the
request to the last byte, with middleware, view and template.

    python benchmarks/board_page.py [entries]
"""

from __future__ import annotations

import statistics
import sys
import time
from typing import Any

import ground

COPY = f"""
WITH made AS ({ground.copied(raised="raised_at - n * interval '3 minutes'")} RETURNING id, number)
INSERT INTO boards_text (entry_id, title, text, bigrams)
SELECT made.id, t.title, t.text, CASE WHEN made.id %% 997 = 0 THEN t.bigrams || ARRAY['稀有'] ELSE t.bigrams END
  FROM made
  JOIN (SELECT row_number() OVER (ORDER BY entry_id) - 1 AS place, count(*) OVER () AS n, * FROM boards_text) t
    ON t.place = made.id %% t.n
"""


def main(entries: int) -> None:
    with ground.town() as town:
        from django.db import connection
        from django.test import Client

        from jiebang.boards import queries
        from jiebang.boards import services as boards
        from jiebang.boards.queries import Filters
        from tests.boards.city import (
            COMMUNITY,
            COUNTY,
            DAY,
            MONDAY_NINE,
            NEIGHBOUR,
            OTHER_COMMUNITY,
            PUBLIC,
            WHAT,
            an_opening,
        )

        areas = [COMMUNITY, NEIGHBOUR, OTHER_COMMUNITY, COMMUNITY]
        for n in range(100):
            area = areas[n % 4]
            opened = boards.open_entry(
                an_opening(area=area, answers={**WHAT, "where": area}), at=MONDAY_NINE + n * DAY / 300
            )
            if area == COMMUNITY and n % 3 and isinstance(opened, boards.Opened):
                town.does("community", "post", opened.number, at=MONDAY_NINE + DAY / 3, answers=PUBLIC)
        boards.tick(at=MONDAY_NINE + 2 * DAY)

        pages = {
            "all": Filters(),
            "county": Filters(area=COUNTY),
            "community": Filters(area=COMMUNITY),
            "state": Filters(state="posted"),
            "category": Filters(category="street-light"),
            "overdue": Filters(overdue=True),
            "failed": Filters(failed=True),
            "common word": Filters(text="路灯"),
            "rare word": Filters(text="稀有"),
        }

        visitor = Client(HTTP_HOST="localhost")
        whole = {"whole page": "", "… overdue": "?show=overdue", "… two words": "?q=路灯", "… all": "?show=all"}

        def page(query: str) -> None:
            answer = visitor.get(f"/b/residents/{query}")
            assert answer.status_code == 200, answer.status_code

        def grow(first: int, last: int) -> None:
            with connection.cursor() as cursor:
                cursor.execute(COPY, {"from": first * 100, "first": first, "last": last})
                cursor.execute("VACUUM ANALYZE")  # as autovacuum does in a city that has run for a while

        def timed() -> dict[str, list[float]]:
            found: dict[str, list[float]] = {}
            for name, filters in pages.items():
                for _ in range(8):
                    queries.board("residents", filters)
                found[name] = [_ms(lambda f=filters: queries.board("residents", f)) for _ in range(40)]
            for name, query in whole.items():
                for _ in range(8):
                    page(query)
                found[name] = [_ms(lambda q=query: page(q)) for _ in range(40)]
            return found

        grow(1, 9)
        small = timed()
        grow(10, entries // 100 - 1)
        large = timed()
        all_small, all_large = ([ms for name in whole for ms in one[name]] for one in (small, large))
        p95_small, p95_large = ground.percentile(all_small, 95), ground.percentile(all_large, 95)
        lines = [
            f"{name:12} p50 {statistics.median(small[name]):6.1f} → {statistics.median(large[name]):6.1f} ms,"
            f" p95 {ground.percentile(small[name], 95):6.1f} → {ground.percentile(large[name], 95):6.1f} ms"
            for name in (*pages, *whole)
        ]
        ratio = statistics.median(all_large) / statistics.median(all_small)
        ground.report(
            "board_page",
            [
                *lines,
                f"board page at {entries:,} entries: p95 {p95_large:.1f} ms (wanted 25);"
                f" median {ratio:.2f} × that at 1,000 (p95 there {p95_small:.1f} ms; wanted 1.5)",
            ],
            {
                "entries": entries,
                "p95_ms": round(p95_large, 1),
                "p95_ms_at_1000": round(p95_small, 1),
                "ratio_of_medians": round(ratio, 2),
                "slowest_p95_ms": round(max(ground.percentile(each, 95) for each in large.values()), 1),
            },
        )


def _ms(do: Any) -> float:
    start = time.perf_counter()
    do()
    return (time.perf_counter() - start) * 1000


if __name__ == "__main__":
    main(*([int(one) for one in sys.argv[1:]] or [100_000]))

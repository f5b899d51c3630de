"""How many due limits a second does the clock turn into moves, with event and leaf, in one process and in two?

Baseline, in the same run: one UPDATE of as many due rows by psycopg, which is the least any clock would have to write.

    python benchmarks/tick.py [limits]
"""

from __future__ import annotations

import multiprocessing
import sys
import time
from typing import Any

import ground


def main(limits: int) -> None:
    with ground.town():
        from django.db import connection, connections

        from jiebang.boards import services as boards
        from tests.boards.city import DAY, MONDAY_NINE, an_opening

        late = MONDAY_NINE + 2 * DAY

        def raised() -> None:
            for _ in range(limits // 500):
                boards.open_many([an_opening() for _ in range(500)], at=MONDAY_NINE)

        def ticks() -> int:
            return sum(iter(lambda: boards.tick(at=late), 0))

        raised()
        boards.tick(at=late, limit=200)  # plans are made, statements prepared
        start = time.perf_counter()
        moved = ticks()
        one = moved / (time.perf_counter() - start)

        raised()
        connections.close_all()
        with multiprocessing.get_context("fork").Pool(2) as pool:
            start = time.perf_counter()
            moved = sum(pool.map(_ticks, [late, late]))
            two = moved / (time.perf_counter() - start)
            assert moved == limits // 500 * 500, moved

        raised()
        with connection.cursor() as cursor:
            start = time.perf_counter()
            cursor.execute(
                "UPDATE boards_entry SET state = 'unposted', due_at = due_at + interval '5 days' WHERE due_at <= %s",
                [late],
            )
            bare = int(cursor.rowcount) / (time.perf_counter() - start)
        ground.report(
            "tick",
            [
                f"tick: {one:.0f} limits/s in one process (wanted 3,000), {two:.0f}/s in two (wanted 5,000)",
                f"baseline: one bare UPDATE of the same rows, {bare:.0f}/s; ratio {one / bare:.2f}",
            ],
            {
                "one_process_per_s": round(one),
                "two_processes_per_s": round(two),
                "bare_per_s": round(bare),
                "ratio": round(one / bare, 3),
            },
        )


def _ticks(late: Any) -> int:
    from jiebang.boards import services as boards

    return sum(iter(lambda: boards.tick(at=late), 0))


if __name__ == "__main__":
    main(*([int(one) for one in sys.argv[1:]] or [10_000]))

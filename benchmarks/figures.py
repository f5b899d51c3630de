"""How long is a round of the follower after one move, at 100,000 entries and at 1,000, and how long is counting again?

The town's entries, most of them struck off, are multiplied by INSERT … SELECT (allowed here only), their days spread
over a year. Timed are a round of `follow_once` after a single move, and one that counts everything again first.

    python benchmarks/figures.py [entries]
"""

from __future__ import annotations

import itertools
import statistics
import sys
from datetime import datetime, timedelta

import ground

COPY = ground.copied(
    raised="raised_at - n %% 365 * interval '1 day' - n * interval '7 minutes'",
    closed="closed_at - n %% 365 * interval '1 day'",
)
TOWN = 50
SECOND = timedelta(seconds=1)


def main(entries: int) -> None:
    with ground.town() as town:
        from django.db import connection

        from jiebang.scoring import queries, services
        from tests.boards.city import DAY, MONDAY_NINE

        for n in range(TOWN):
            opened = town.finished()
            if n % 5:
                answers = {"solved": "yes" if n % 3 else "partly", "satisfied": "satisfied"}
                raiser = town.comes_back(opened)
                town.does(raiser, "verdict", opened.number, at=MONDAY_NINE + (3 + n / 10) * DAY, answers=answers)
        seconds = itertools.count()

        def now() -> datetime:
            return MONDAY_NINE + 10 * DAY + next(seconds) * SECOND

        def grow(first: int, last: int) -> None:
            with connection.cursor() as cursor:
                cursor.execute(COPY, {"from": first * TOWN, "first": first, "last": last})
                cursor.execute("VACUUM ANALYZE")  # as autovacuum does in a city that has run for a while

        def timed(*, afresh: bool, rounds: int) -> float:
            found = []
            for _ in range(rounds):
                town.raises()
                at = now()
                found.append(ground.seconds(lambda at=at: services.follow_once(at=at, afresh=afresh)) * 1000)
            return statistics.median(found)

        while services.follow_once(at=now()):
            pass
        results = []
        for first, last in ((1, 1_000 // TOWN - 1), (1_000 // TOWN, entries // TOWN - 1)):
            grow(first, last)
            services.follow_once(at=now(), afresh=True)
            results.append((timed(afresh=False, rounds=40), timed(afresh=True, rounds=3)))
        assert queries.audit(at=now()) == []
        (small, small_again), (large, large_again) = results
        ground.report(
            "figures",
            [
                f"a round after one move: {small:.1f} ms at 1,000 entries, {large:.1f} ms at {entries:,}",
                f"counting everything again: {small_again:.0f} ms at 1,000, {large_again:.0f} ms at {entries:,}",
                f"a round is {large_again / large:.0f} times cheaper than counting again",
            ],
            {
                "entries": entries,
                "round_ms": round(large, 1),
                "round_ms_at_1000": round(small, 1),
                "again_ms": round(large_again, 1),
            },
        )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)

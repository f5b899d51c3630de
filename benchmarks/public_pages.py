"""What does each page cost the server at 100,000 entries, and how much more than at 1,000?

The tests' town gets all areas and units of the pack; its entries (four in five struck off, one in twenty failed, the
others open or late) are multiplied by INSERT … SELECT (allowed here only) and laid over the 1,371 communities: every
fourteenth into the town's own township, so that there is one as large as the largest, the others everywhere alike.
The follower then counts them. Timed are whole pages, from the request to the last byte, with middleware and template.

Other work disturbs a clock on the wall, so a page's cost is told in processor time: that of this thread and that of
its database server (Linux counts both by the nanosecond), with the wall's clock beside it. Baseline of the same run:
the list of a board page alone, as one bare statement through psycopg.

    python benchmarks/public_pages.py [entries] [page ...]
"""

from __future__ import annotations

import gc
import logging
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ground

TOWN = 100
ROUNDS = 40

COPY = f"""
WITH place AS (
  SELECT row_number() OVER (ORDER BY md5(code)) - 1 AS place, count(*) OVER () AS n, code, path
    FROM people_area WHERE level = 'community'
), own AS (
  SELECT row_number() OVER (ORDER BY code) - 1 AS place, count(*) OVER () AS n, code, path
    FROM people_area WHERE level = 'community' AND path[3] = %(township)s
), wanted AS (
  SELECT e.*, row_number() OVER (ORDER BY n, e.id) AS nth, n FROM boards_entry e,
         generate_series(%(first)s::int, %(last)s::int) n WHERE e.number LIKE 'LS-26-%%'
), laid AS (
  SELECT w.*, coalesce(own.code, place.code) AS code, coalesce(own.path, place.path) AS path
    FROM wanted w JOIN place ON place.place = w.nth %% place.n
    LEFT JOIN own ON w.nth %% 14 = 0 AND own.place = w.nth / 14 %% own.n
), made AS (
  INSERT INTO boards_entry ({ground.ENTRY})
  SELECT decode(md5(id || '-' || n), 'hex'), 'LS-25-' || lpad((%(from)s::int + nth)::text, 6, '0'),
         mechanism, program_hash, log, key_id, code, path[2], path[3], coalesce(path[4], ''), category, state, meaning,
         seq, holder_party, holder_unit,
         CASE WHEN holder_key LIKE 'post:%%' THEN regexp_replace(holder_key, '[0-9]{{12}}', code)
              WHEN holder_key = 'unit:lighting' AND path[2] <> %(county)s THEN 'unit:of-' || path[2]
              ELSE holder_key END,
         due_at + %(shift)s + nth %% 20 * interval '1 day', due_span, provisional, overdue,
         raised_at + %(shift)s - n %% 365 * interval '1 day' - n * interval '3 minutes', entered_at + %(shift)s,
         closed_at + %(shift)s - n %% 365 * interval '1 day', solved, satisfied, verified, facts, 0, ''
    FROM laid RETURNING id, number)
INSERT INTO boards_text (entry_id, title, text, bigrams)
SELECT made.id, t.title, t.text,
       t.bigrams || ARRAY(SELECT 'w' || floor(3000 * random() ^ 3) FROM generate_series(1, 30 + 0 * made.id))
                 || CASE WHEN made.id %% 997 = 0 THEN ARRAY['稀有'] ELSE '{{}}' END
                 || CASE WHEN made.id %% 97 = 0 THEN ARRAY['少见'] ELSE '{{}}' END
                 || CASE WHEN made.id %% 11 = 0 THEN ARRAY['多见'] ELSE '{{}}' END
  FROM made
  JOIN (SELECT row_number() OVER (ORDER BY entry_id) - 1 AS place, count(*) OVER () AS n, * FROM boards_text) t
    ON t.place = made.id %% t.n
"""

SPOTS = "SELECT id FROM boards_entry e WHERE NOT EXISTS (SELECT FROM boards_spot s WHERE s.entry_id = e.id)"

BARE = """
SELECT e.number, t.title, e.category, e.area_id, e.state, e.due_at, e.raised_at, e.closed_at FROM boards_entry e
  JOIN boards_text t ON t.entry_id = e.id
 WHERE e.mechanism = 'residents' ORDER BY e.raised_at DESC, e.id DESC LIMIT 30
"""


def main(entries: int, only: set[str]) -> None:
    with ground.town() as town:
        from django.db import connection
        from django.test import Client
        from django.utils import timezone

        from jiebang.boards import mapping
        from jiebang.boards import services as boards
        from jiebang.people import queries as people
        from jiebang.people import services as people_services
        from jiebang.people.models import User
        from jiebang.rulebook import packs
        from jiebang.scoring import queries as scoring
        from jiebang.scoring import services as follower
        from tests.boards.city import COMMUNITY, COUNTY, DAY, MONDAY_NINE, TOWNSHIP

        pack = packs.city("leshan")
        people_services.load_areas(packs.areas(pack))
        people.forget_caches()
        number = ""
        for n in range(TOWN):
            at = MONDAY_NINE + n * DAY / 300
            if n < 4:
                town.raises(at=at)  # in time nobody screens it: these fail
            elif n < 84:
                opened = town.finished(at=at)
                answers = {"solved": "yes" if n % 7 else "partly", "satisfied": "satisfied"}
                town.does(town.comes_back(opened), "verdict", opened.number, at=at + DAY, answers=answers)
                number = opened.number
        boards.tick(at=MONDAY_NINE + 5 * DAY)
        boards.tick(at=MONDAY_NINE + 20 * DAY)
        late = MONDAY_NINE + 25 * DAY
        for n in range(84, TOWN):
            at = late + n * DAY / 300
            if n < 90:
                town.claimed(at=at)
            elif n < 97:
                town.posted(at=at)
            else:
                town.raises(at=at)
        boards.tick(at=late + 6 * DAY)
        now = timezone.now()  # as the pages ask; the copies end today
        shift = now - late - 7 * DAY
        while follower.follow_once(at=now):
            pass
        boards.follow_map_once(at=now)

        visitor, handler, office = (Client(HTTP_HOST="localhost") for _ in range(3))
        handler.force_login(User.objects.get(username="lighting"))
        office.force_login(User.objects.get(username="office"))
        ordinary = people.children(people.children(people.areas_at("county")[3].code)[0].code)[0].code
        residents = "/b/residents/"
        pages: dict[str, tuple[Client, str]] = {
            "home": (visitor, "/"),
            "board": (visitor, residents),
            "board, county": (visitor, f"{residents}?area={COUNTY}"),
            "board, township": (visitor, f"{residents}?area={TOWNSHIP}"),
            "board, overdue": (visitor, f"{residents}?show=overdue"),
            "board, all": (visitor, f"{residents}?show=all"),
            "board, category": (visitor, f"{residents}?category=street-light"),
            "search, 1 in 1000": (visitor, "/search?q=稀有"),
            "search, 1 in 100": (visitor, "/search?q=少见"),
            "search, 1 in 10": (visitor, "/search?q=多见"),
            "search, every": (visitor, "/search?q=路灯"),
            "search, county": (visitor, f"/search?q=路灯&area={COUNTY}"),
            "search, overdue": (visitor, "/search?q=路灯&show=overdue"),
            "search, no such": (visitor, "/search?q=鲸鱼"),
            "county": (visitor, f"/a/{COUNTY}/"),
            "township": (visitor, f"/a/{TOWNSHIP}/"),
            "community": (visitor, f"/a/{COMMUNITY}/"),
            "ordinary community": (visitor, f"/a/{ordinary}/"),
            "figures": (visitor, f"{residents}figures"),
            "map": (visitor, f"{residents}map"),
            "entry": (visitor, f"/e/{number}"),
            "my day": (handler, "/desk/"),
            "work list": (handler, "/desk/list"),
            "work list, open": (handler, "/desk/list?scope=open"),
            "work list, area": (office, "/desk/list?scope=area"),
            "board office": (office, "/desk/office"),
        }
        pages = {name: page for name, page in pages.items() if not only or name in only}

        def grow(first: int, last: int) -> float:
            with connection.cursor() as cursor:
                named = {"first": first, "last": last, "from": first * TOWN, "shift": shift}
                cursor.execute(COPY, named | {"township": TOWNSHIP, "county": COUNTY})
                cursor.execute(SPOTS)
                ids = [row[0] for row in cursor.fetchall()]
            for n in range(0, len(ids), 2000):
                mapping.place(ids[n : n + 2000])
            logging.disable(logging.ERROR)  # that its sums lack what came past it is no news here
            took = ground.seconds(lambda: follower.follow_once(at=now, afresh=True))
            logging.disable(logging.NOTSET)
            with connection.cursor() as cursor:
                cursor.execute("VACUUM ANALYZE")  # as autovacuum does in a city that has run for a while
            return took

        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            database = Path(f"/proc/{cursor.fetchone()[0]}/schedstat")

        def bare() -> None:
            with connection.cursor() as cursor:
                cursor.execute(BARE)
                assert len(cursor.fetchall()) == 30

        def timed() -> dict[str, list[tuple[float, float, float]]]:
            """Return name → (this thread's, the database's, the wall's milliseconds) of each round."""

            def one(do: Callable[[], Any]) -> tuple[float, float, float]:
                theirs, ours, wall = _worked(database), time.thread_time(), time.perf_counter()
                do()
                return (
                    (time.thread_time() - ours) * 1000,
                    (_worked(database) - theirs) / 1e6,
                    (time.perf_counter() - wall) * 1000,
                )

            def page(client: Client, address: str) -> None:
                answer = client.get(address)
                assert answer.status_code == 200, (address, answer.status_code)

            found = {}
            doing = {name: lambda page_=page_: page(*page_) for name, page_ in pages.items()} | {"bare list": bare}
            for name, do in doing.items():
                for _ in range(8):
                    do()
                gc.collect()
                found[name] = [one(do) for _ in range(ROUNDS)]
            return found

        grow(1, 1000 // TOWN - 1)
        small = timed()
        counting = grow(1000 // TOWN, entries // TOWN - 1)
        assert scoring.audit(at=now) == []
        large = timed()

        lines = [
            f"{'page':20} {'1,000: p95 CPU':>15} {'min':>6} {'ours':>6} {'db':>6} | {f'{entries:,}: p95 CPU':>17}"
            f" {'min':>6} {'ours':>6} {'db':>6} {'wall':>6} | {'ratio':>6}"
        ]
        figures: dict[str, float | int] = {"entries": entries, "counting_again_s": round(counting, 1)}
        for name in large:
            a, b = (_of(one[name]) for one in (small, large))
            ratio = b["min"] / a["min"]  # other work dirties caches and lengthens all but the shortest rounds
            lines.append(
                f"{name:20} {a['p95']:15.1f} {a['min']:6.1f} {a['ours']:6.1f} {a['db']:6.1f} |"
                f" {b['p95']:17.1f} {b['min']:6.1f} {b['ours']:6.1f} {b['db']:6.1f} {b['wall']:6.1f} | {ratio:6.2f}"
            )
            key = name.replace(",", "").replace(" ", "_")
            figures |= {f"{key}_p95_ms": round(b["p95"], 1), f"{key}_ratio": round(ratio, 2)}
        lines.append(f"counting everything again took {counting:.1f} s")
        if only:
            print(*lines, sep="\n")
        else:
            ground.report("public_pages", lines, figures)


def _worked(process: Path) -> int:
    """Return the nanoseconds a process has had of a processor."""
    return int(process.read_text().split()[0])


def _of(found: list[tuple[float, float, float]]) -> dict[str, float]:
    both = [ours + theirs for ours, theirs, _wall in found]
    return {
        "p95": ground.percentile(both, 95),
        "min": min(both),
        "median": statistics.median(both),
        "ours": statistics.median(each[0] for each in found),
        "db": statistics.median(each[1] for each in found),
        "wall": statistics.median(each[2] for each in found),
    }


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000, set(sys.argv[2:]))

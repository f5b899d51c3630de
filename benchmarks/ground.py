"""The ground the benchmarks of the database stand on: a PostgreSQL of their own with the town of the tests in it.

Durable as in production (fsync on), on a temporary folder. Every benchmark prints its ratio, its baseline of the same
run and the machine, and keeps the last result in `benchmarks/results/<name>.json`.
"""

from __future__ import annotations

import json
import os
import platform
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.boards.city import Town

HERE = Path(__file__).resolve().parent
# A script's folder comes first on Python's path; here it comes last, after the repository and the standard library.
_others = [path for path in sys.path if Path(path or ".").resolve() != HERE]
sys.path[:] = [str(HERE.parent), *_others, str(HERE)]

# The columns of an entry a copy of it has.
ENTRY = (
    "uid, number, mechanism, program_hash, log, key_id, area_id, area_1, area_2, area_3, category, state, meaning, seq,"
    " holder_party, holder_unit, holder_key, due_at, due_span, provisional, overdue, raised_at, entered_at, closed_at,"
    " solved, satisfied, verified, facts, erased_seq, stuck"
)


def copied(*, raised: str, closed: str = "closed_at") -> str:
    """Return the statement that copies each entry of the town once for each number from `first` to `last`.

    `raised` and `closed` are when the copy was, in SQL with that number as `n`; `from` is the number of the last entry
    before the copies.
    """
    return f"""INSERT INTO boards_entry ({ENTRY})
SELECT decode(md5(e.id || '-' || n), 'hex'), 'LS-25-' || lpad((%(from)s::int + row_number() OVER ())::text, 6, '0'),
       mechanism, program_hash, log, key_id, area_id, area_1, area_2, area_3, category, state, meaning, seq,
       holder_party, holder_unit, holder_key, due_at, due_span, provisional, overdue,
       {raised}, entered_at, {closed}, solved, satisfied, verified, facts, 0, ''
  FROM boards_entry e, generate_series(%(first)s::int, %(last)s::int) n WHERE e.number LIKE 'LS-26-%%'"""


@contextmanager
def town() -> Iterator[Town]:
    """Have a database with the tests' town in it for as long as the block lasts."""
    from jiebang.desk import home as homes
    from jiebang.desk import postgres

    folder = Path(tempfile.mkdtemp(prefix="jiebang-bench-"))
    folder.chmod(0o755)  # as root, PostgreSQL's own user must be able to walk in
    home = homes.Home(folder / "home")
    homes.found(home, city="leshan")
    postgres.create(home)
    server = postgres.start(home)
    try:
        postgres.prepare(home, schema="leshan")
        os.environ.update(homes.environment(home, role="owner", given={}))
        import django

        django.setup()
        from django.core.management import call_command
        from django.db import connections

        call_command("migrate", verbosity=0, interactive=False)
        from tests.boards.city import found_town

        yield found_town()
        connections.close_all()
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def seconds(do: Callable[[], Any]) -> float:
    start = time.perf_counter()
    do()
    return time.perf_counter() - start


def percentile(values: Sequence[float], share: int) -> float:
    """Return the value below which `share` per cent of the values lie."""
    return statistics.quantiles(values, n=100)[share - 1] if len(values) > 1 else values[0]


def machine() -> str:
    """Return what a reader needs to compare: processor, cores, system, Python."""
    name = platform.processor() or platform.machine()
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        name = next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        pass  # no Linux, or one that does not name its processor: the platform's own word stays
    return f"{name}, {os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}"


def report(name: str, sentences: Sequence[str], figures: dict[str, float | int]) -> None:
    """Print a result and keep it as the last one."""
    for sentence in sentences:
        print(sentence)
    print(f"on {machine()}, load {os.getloadavg()[0]:.1f}")
    kept = {"benchmark": name, "at": datetime.now(UTC).isoformat(timespec="seconds"), "machine": machine()}
    kept["load"] = f"{os.getloadavg()[0]:.1f}"
    result = HERE / "results" / f"{name}.json"
    result.parent.mkdir(exist_ok=True)
    result.write_text(json.dumps(kept | figures, indent=2) + "\n", encoding="utf-8")

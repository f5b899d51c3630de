"""What the rooms above may ask about published rules.

Each process keeps what it has read. Once a second at most it asks whether something newer was published, so a
version published by another process is seen within a second, and a request costs no extra statement. Programs are
looked up by their hash and never change, so they are kept for good.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import connection

from jiebang.engine import canonical, worktime
from jiebang.engine.bounds import Bounds, Length
from jiebang.engine.checker import Board, opens_of
from jiebang.engine.checker import worst_days_together as worst_of
from jiebang.engine.model import Program
from jiebang.engine.worktime import Calendar
from jiebang.rulebook.policies import Policy, named, read_table

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
    scope: str = ""  # the area that pilots it; empty: the whole city


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
    newest: tuple[int, int]
    asked_at: float
    versions: list[VersionView]
    calendar: Calendar | None
    city: CityView | None
    policies: dict[str, Policy] = field(default_factory=dict)


_known: _Known | None = None
_programs: dict[str, Program] = {}


def forget_caches() -> None:
    """Make this process read what was published again at the next question."""
    global _known
    _known = None


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


def in_force(mechanism: str, *, on: date, scope: str = "") -> VersionView:
    """Return the version of a mechanism that holds on a day: the latest `since` not after it.

    A version piloted in one area (`scope`) does not hold in the rest of the city.

    Of two texts published for the same day the later published holds.

    Raises:
        NotPublished: no version had taken effect by then.
    """
    found = [v for v in _now().versions if v.mechanism == mechanism and v.scope == scope and v.since <= on]
    if not found:
        raise NotPublished(f"No version of “{mechanism}” is in force on {on}. Publish the pack first (jiebang up).")
    return max(found, key=lambda version: (version.since, version.id))


def mechanisms() -> list[VersionView]:
    """Return the newest version of each published mechanism, in the order they were first published."""
    newest: dict[str, VersionView] = {}
    for version in sorted((v for v in _now().versions if not v.scope), key=lambda v: (v.since, v.id)):
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
    return worst_of(version.program, boards)


def versions(mechanism: str) -> list[VersionView]:
    """Return every published version of a mechanism, oldest first."""
    return [version for version in _now().versions if version.mechanism == mechanism]


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

    What was counted before a year's notice came out was counted with the form of then.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT published_at, data::text FROM rulebook_document WHERE kind = 'calendar' AND name = %s ORDER BY id",
            [calendar().id],
        )
        return [(at, worktime.calendar_from_data(json.loads(data))) for at, data in cursor.fetchall()]


def city() -> CityView:
    known = _now().city
    if known is None:
        raise NotPublished("No city is set up in this database. Publish the city's pack first (jiebang up).")
    return known


def policy(key: str) -> Policy | None:
    """Return the newest published row of that key (`board.claim`), or None."""
    return _now().policies.get(key)


def policies_named(source: str) -> tuple[Policy, ...]:
    """Return the published policies a mechanism's `source` names; none when it is a sentence of its own."""
    known = _now().policies
    return tuple(known[key] for key in named(source, known) if key in known)


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


def _newest() -> tuple[int, int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT coalesce(max(id), 0) FROM rulebook_version),"
            " (SELECT coalesce(max(id), 0) FROM rulebook_document)"
        )
        version, document = cursor.fetchone()
    return version, document


def _read(newest: tuple[int, int], moment: float) -> _Known:
    # Only what `newest` counted: a row committed in between is read next time, together with its number.
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, mechanism, since, program_hash, report::text, text, published_by, program::text, scope"
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
    for row in rows:
        if row[3] not in _programs:
            _programs[row[3]] = canonical.program_from_json(json.loads(row[7]))
    return _Known(
        newest=newest,
        asked_at=moment,
        versions=[_version(row) for row in rows],
        calendar=next(
            (worktime.calendar_from_data(d) for (kind, _), d in documents.items() if kind == "calendar"),
            None,
        ),
        city=next(
            (_city(data) for (kind, _), data in documents.items() if kind == "city"),
            None,
        ),
        policies={
            key: row
            for (kind, _), data in documents.items()
            if kind == "policy"
            for key, row in read_table(data).items()
        },
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

"""Publishing: a city's pack becomes rows and leaves, all in one transaction or not at all."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import connection, transaction

from jiebang.engine import checker, places, worktime
from jiebang.engine.model import Program
from jiebang.engine.worktime import Calendar
from jiebang.ledger import leaf
from jiebang.ledger import services as ledger
from jiebang.people import queries as people_queries
from jiebang.people import services as people
from jiebang.rulebook import defining, packs, policies, queries, staffing, versions
from jiebang.rulebook.judging import Judged, Law, PublicationRefused, judge
from jiebang.rulebook.packs import CityPack, MechanismFile

__all__ = ["PublicationRefused", "Published", "check_file", "publish_pack"]


@dataclass(frozen=True, slots=True)
class Published:
    """What a publication changed. All empty: everything was already there.

    `understaffed` names, for each version just published, how many areas have nobody for a step that has to be made
    before a matter can be solved. It stays empty in a city where nobody is appointed yet. `outlawed` names the versions
    in force that a policy just published no longer allows: they need a new version.
    """

    areas: int
    units: int
    documents: tuple[str, ...]
    versions: tuple[str, ...]
    leaves: tuple[int, ...]
    understaffed: Mapping[str, int] = field(default_factory=dict)
    outlawed: tuple[str, ...] = ()


@transaction.atomic
def publish_pack(city_id: str, *, at: datetime, founding: bool = True) -> Published:
    """Publish all a city's pack says: places and units, then calendar, policies and mechanism versions as leaves.

    Doing it again publishes only what changed. `founding` is shown beside each version: no second person existed
    yet who could have checked it.

    Raises:
        PackError, CityDataError: the pack contradicts itself.
        PublicationRefused: a mechanism has an error, or one of its stories ends otherwise than told.
    """
    pack = packs.city(city_id)
    versions.lock()
    areas = people.load_areas(packs.areas(pack))
    units = people.load_units(packs.units(pack))
    leaves: list[tuple[str, bytes]] = []
    calendar = packs.calendar(pack)
    _refuse_beyond_promises(pack, calendar)
    documents = _publish_documents(pack, calendar, leaves, at=at)
    ids = ledger.append(leaves, moments=[at] * len(leaves))
    by = "founding" if founding else "desk"
    published, more = _publish_versions(pack, calendar, at=at, by=by)
    defined, last = defining.publish(pack, at=at, by=by)
    more += last
    queries.forget_caches()
    names = (*(f"{file.mechanism} {file.since}" for file, _ in published), *defined)
    return Published(
        areas, units, tuple(documents), names, (*ids, *more), _understaffed(published), _outlawed(calendar)
    )


def _refuse_beyond_promises(pack: CityPack, calendar: Calendar) -> None:
    """A row above the ceiling of a version in force would break the closing time that is published with it.

    Raises:
        PublicationRefused: with the limits whose promise a row would break, or which lose their row or season.
    """
    known = packs.policies(pack)
    for version in queries.mechanisms():
        name = f"{version.mechanism} {version.since}"
        if broken := policies.beyond_promises(version.program, known, calendar=calendar, filename=name):
            raise PublicationRefused(f"policies ({name})", broken)


def _outlawed(calendar: Calendar) -> tuple[str, ...]:
    """L1 for what is in force already: a law does not wait until a mechanism follows it."""
    return tuple(
        f"{version.mechanism} {version.since}: {finding.sentence('en')}"
        for version in queries.mechanisms()
        for finding in policies.findings(version.program, queries.policies(), calendar=calendar, lines={}, filename="")
        if finding.severity == "error"
    )


def _understaffed(published: Sequence[tuple[MechanismFile, Program]]) -> dict[str, int]:
    """P1 with the people appointed today. It refuses nothing: people are appointed after the rules are there."""
    if not published or not people_queries.appointments():
        return {}
    short = {
        f"{file.mechanism} {file.since}": sum(
            not area.staffing.closes for area in staffing.of_areas(program, staffing.areas_of(file.areas))
        )
        for file, program in published
    }
    return {version: areas for version, areas in short.items() if areas}


def check_file(file: MechanismFile, pack: CityPack, calendar: Calendar) -> Judged:
    """Compile a mechanism file, check it and play its stories.

    Raises:
        PublicationRefused: with every finding of severity error.
    """
    law = Law(packs.categories(pack), packs.policies(pack), calendar)
    stories = file.stories.read_bytes() if file.stories is not None else b""
    teller = packs.told_by(file.path, pack)
    judged = judge(
        file.text,
        law,
        stories=stories,
        filename=str(file.path),
        stories_name=str(file.stories),
        told_by=None if teller.id == pack.id else packs.calendar(teller),
    )
    if not judged.ok:
        raise PublicationRefused(str(file.path), list(judged.errors))
    return judged


# ── Documents ───────────────────────────────────────────────────────────────────────────────────────────────


def _publish_documents(
    pack: CityPack, calendar: Calendar, leaves: list[tuple[str, bytes]], *, at: datetime
) -> list[str]:
    """Calendars and policies stand in the log before the first event that counts with them."""
    published: list[str] = []
    data = worktime.calendar_to_data(calendar)
    if _is_new("calendar", calendar.id, data, at=at):
        leaves.append(("calendar", leaf.calendar_leaf(id=calendar.id, data=data, at=at)))
        published.append(calendar.id)
    for name, table in packs.policy_tables(pack).items():
        if _is_new("policy", name, table, at=at):
            leaves.append(("policy", leaf.policy_leaf(id=name, data=table, at=at)))
            published.append(name)
    # The log's first leaf already says which city this is; this row is for our own use.
    if _is_new("city", pack.id, _city_facts(pack), at=at):
        published.append(pack.id)
    return published


def _city_facts(pack: CityPack) -> dict[str, Any]:
    facts = asdict(pack)
    return {name: list(value) if isinstance(value, tuple) else value for name, value in facts.items()}


def _is_new(kind: str, name: str, data: Mapping[str, Any], *, at: datetime) -> bool:
    """Keep a document unless the newest of its name says the same; answers whether it was kept."""
    body = json.dumps(data, ensure_ascii=False, sort_keys=True)
    sha256 = hashlib.sha256(body.encode()).hexdigest()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT sha256 FROM rulebook_document WHERE kind = %s AND name = %s ORDER BY id DESC LIMIT 1",
            [kind, name],
        )
        row = cursor.fetchone()
        if row is not None and row[0] == sha256:
            return False
        cursor.execute(
            "INSERT INTO rulebook_document (kind, name, data, sha256, published_at) VALUES (%s, %s, %s::jsonb, %s, %s)",
            [kind, name, body, sha256, at],
        )
    return True


# ── Mechanisms ──────────────────────────────────────────────────────────────────────────────────────────────


def _publish_versions(
    pack: CityPack, calendar: Calendar, *, at: datetime, by: str
) -> tuple[list[tuple[MechanismFile, Program]], list[int]]:
    """Publish each file that is new; return them with their programs, and the numbers of their leaves."""
    published: list[tuple[MechanismFile, Program]] = []
    leaves: list[int] = []
    new = [(file, check_file(file, pack, calendar)) for file in packs.mechanism_files(pack) if not _is_published(file)]
    _check_together(new, calendar)
    for file, judged in new:
        assert judged.program is not None
        version = versions.New(
            mechanism=file.mechanism,
            since=date.fromisoformat(file.since),
            text=file.text,
            judged=judged,
            by=leaf.Signed(by),
            scope=file.scope,
            areas=file.areas,
            stories=file.stories.read_text("utf-8") if file.stories is not None else "",
        )
        leaves += versions.write(version, at=at)
        published.append((file, judged.program))
    return published, leaves


def _check_together(new: Sequence[tuple[MechanismFile, Judged]], calendar: Calendar) -> None:
    """Look at all mechanisms as they will stand together: a new one may also close a ring of others, or miss them.

    Raises:
        PublicationRefused: what one opens on another's board cannot be opened, or they open in a ring.
    """
    if not new:
        return
    boards = {v.mechanism: checker.Board(v.program, v.bounds) for v in queries.mechanisms()}
    files: dict[str, MechanismFile] = {}
    for file, judged in new:
        assert judged.program is not None
        held = boards.get(file.mechanism)
        if not file.scope and (held is None or held.program.since <= file.since):
            boards[file.mechanism] = checker.Board(judged.program, judged.bounds)
            files[file.mechanism] = file
    for name, board in boards.items():
        file_ = files.get(name)
        lines = places.lines_of(file_.text, str(file_.path)) if file_ is not None else {}
        found = checker.check_together(
            board.program, boards, calendar=calendar, lines=lines, filename=str(file_.path) if file_ else name
        )
        if errors := [finding for finding in found if finding.severity == "error"]:
            raise PublicationRefused(errors[0].file, errors)


def _is_published(file: MechanismFile) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT text_sha256 FROM rulebook_version WHERE mechanism = %s AND since = %s AND scope = %s"
            " ORDER BY id DESC LIMIT 1",
            [file.mechanism, date.fromisoformat(file.since), file.scope],
        )
        row = cursor.fetchone()
    return row is not None and row[0] == hashlib.sha256(file.text).hexdigest()

"""Registers and rounds as published texts: the pack's files, what they compile to, their rows and leaves.

A folder `registers/<id>` or `rounds/<id>` of a pack holds one file for each version, named by its day. They are checked
beside the city they are for: its levels, its units, and the boards that an abnormal answer opens entries on.
"""

from __future__ import annotations

import hashlib
import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Literal

from django.db import connection

from jiebang.engine import canonical, parser
from jiebang.engine.findings import Finding, MechanismError
from jiebang.engine.model import Program
from jiebang.engine.rounds import checks
from jiebang.engine.rounds.model import Register, Round
from jiebang.engine.rounds.parser import parse_register, parse_round
from jiebang.ledger import round_leaves
from jiebang.ledger import services as ledger
from jiebang.ledger.leaf import Signed
from jiebang.rulebook import packs
from jiebang.rulebook.judging import PublicationRefused
from jiebang.rulebook.packs import CityPack, PackError

What = Literal["register", "round"]
FOLDERS: Mapping[What, str] = {"register": "registers", "round": "rounds"}
_NAMED = re.compile(r"\d{4}-\d{2}-\d{2}\.yaml\Z")


@dataclass(frozen=True, slots=True)
class DefinitionFile:
    what: What
    id: str
    since: str
    path: Path
    text: bytes


@dataclass(slots=True)
class Shelf:
    """Every register and round of a pack, compiled; and what is wrong with the others."""

    registers: dict[str, Register] = field(default_factory=dict)  # the newest text of each
    compiled: list[tuple[DefinitionFile, Register | Round]] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


def files(pack: CityPack) -> list[DefinitionFile]:
    """Return every version of every register and round the city uses, registers first, oldest first.

    Raises:
        PackError: one has no file, or a file is not named by the day it takes effect.
    """
    found: list[DefinitionFile] = []
    listed: tuple[tuple[What, tuple[str, ...]], ...] = (("register", pack.registers), ("round", pack.rounds))
    for what, ids in listed:
        for id in ids:
            folder = packs.find(pack, f"{FOLDERS[what]}/{id}")
            paths = sorted(folder.glob("*.yaml")) if folder else []
            if not paths:
                raise PackError(f"{FOLDERS[what]}/{id}: there is no version. Add a file such as 2026-01-01.yaml.")
            for path in paths:
                if not _NAMED.match(path.name):
                    raise PackError(f"{path}: name the file by the day it takes effect, such as 2026-01-01.yaml.")
                found.append(DefinitionFile(what, id, path.stem, path, path.read_bytes()))
    return found


def shelf(pack: CityPack, boards: Mapping[str, Program]) -> Shelf:
    """Compile and check all of a pack's registers and rounds; `boards` are the mechanisms their answers may open."""
    shelf = Shelf()
    categories = packs.categories(pack)
    units = {
        (level, unit["slug"])
        for level, templates in packs.read_yaml(_units_file(pack)).items()
        for unit in templates or ()
        if unit["kind"] == "unit"
    }
    for file in files(pack):
        name = str(file.path)
        try:
            if file.what == "register":
                made: Register | Round = parse_register(file.text, filename=name, vocabulary=categories)
            else:
                made = parse_round(file.text, registers=shelf.registers, filename=name, vocabulary=categories)
        except MechanismError as wrong:
            shelf.findings += wrong.findings
            continue
        if (made.id, made.since) != (file.id, file.since):
            raise PackError(f"{name}: it says {made.id} since {made.since}. Name folder and file by what it says.")
        if isinstance(made, Register):
            found = checks.check_register(made, levels=pack.levels, units=units, filename=name)
            shelf.registers[made.id] = made
        else:
            about = shelf.registers[made.register]
            found = checks.check_round(made, about, boards, levels=pack.levels, units=units, filename=name)
        shelf.findings += found
        if not found:
            shelf.compiled.append((file, made))
    return shelf


def _units_file(pack: CityPack) -> Path:
    path = packs.find(pack, "units.yaml")
    if path is None:
        raise PackError("units.yaml is missing. Add it to the city's pack.")
    return path


def boards_of(pack: CityPack) -> dict[str, Program]:
    """Return the newest text of each of the pack's mechanisms that compiles."""
    boards: dict[str, Program] = {}
    for file in packs.mechanism_files(pack):
        try:
            boards[file.mechanism] = parser.parse(file.text, vocabulary=packs.categories(pack))
        except MechanismError:
            continue  # its own check says so
    return boards


# ── Publishing ──────────────────────────────────────────────────────────────────────────────────────────────


def publish(pack: CityPack, *, at: datetime, by: str) -> tuple[list[str], list[int]]:
    """Publish each text that is new; return their names and the numbers of their leaves.

    Raises:
        PublicationRefused: one cannot be compiled, or does not fit the city.
        PackError: a file is missing or misnamed.
    """
    new = {(file.what, file.id, file.since) for file in files(pack) if not _is_published(file)}
    if not new:
        return [], []
    made = shelf(pack, boards_of(pack))
    if made.findings:
        raise PublicationRefused(made.findings[0].file, made.findings)
    names: list[str] = []
    leaves: list[int] = []
    for file, definition in made.compiled:
        if (file.what, file.id, file.since) in new:
            leaves += write(file, definition, at=at, by=by)
            names.append(f"{file.id} {file.since}")
    return names, leaves


def write(file: DefinitionFile, made: Register | Round, *, at: datetime, by: str) -> list[int]:
    """Write a text that was checked, and its leaf; return the leaf's number."""
    compiled = canonical.definition_to_json(made)
    seed = secrets.token_bytes(32) if isinstance(made, Round) and made.sample < 100 else None
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO rulebook_definition"
            " (what, ident, since, text, text_sha256, compiled, hash, seed, published_at, published_by)"
            " VALUES (%s, %s, %s, %s, %s, %s::jsonb, %s, %s, %s, %s)",
            [
                file.what,
                file.id,
                date.fromisoformat(file.since),
                file.text.decode("utf-8"),
                hashlib.sha256(file.text).hexdigest(),
                json.dumps(compiled, ensure_ascii=False),
                hashlib.sha256(canonical.canonical_bytes(compiled)).hexdigest(),
                seed,
                at,
                by,
            ],
        )
    body = round_leaves.definition_leaf(
        what=file.what,
        id=file.id,
        since=date.fromisoformat(file.since),
        text=file.text,
        compiled=compiled,
        at=at,
        by=Signed(by),
        next=hashlib.sha256(seed).hexdigest() if seed else "",
    )
    return ledger.append([("definition", body)], moments=[at])


def _is_published(file: DefinitionFile) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT text_sha256 FROM rulebook_definition WHERE what = %s AND ident = %s AND since = %s"
            " ORDER BY id DESC LIMIT 1",
            [file.what, file.id, date.fromisoformat(file.since)],
        )
        row = cursor.fetchone()
    return row is not None and row[0] == hashlib.sha256(file.text).hexdigest()

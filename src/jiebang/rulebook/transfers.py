"""Carrying running entries over to a new version: the maps two people publish with it, and what stands against them.

A map belongs to one older program. It is checked when it is proposed and again when it is published, as the text is.
The entries themselves are carried over by the room `boards`, from the version's first day on.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection

from jiebang.engine import canonical
from jiebang.engine.checker.transferring import stands_against
from jiebang.engine.findings import Finding
from jiebang.engine.model import Program
from jiebang.ledger import leaf
from jiebang.ledger import services as ledger
from jiebang.rulebook import queries
from jiebang.rulebook.queries import VersionView

States = Mapping[str, str]  # old state → new state
Maps = Mapping[str, States]  # program hash → its map


@dataclass(frozen=True, slots=True)
class Transfer:
    """A map that is in force: entries under `before` go on under `after`, in these areas and below (none: all)."""

    id: int
    before: str
    after: str
    states: Mapping[str, str]
    mechanism: str
    scope: str
    areas: tuple[str, ...]
    since: date


def against(before: str, states: States, new: Program) -> list[Finding]:
    """Return what stands against one map; nothing when entries under `before` can be carried over by it."""
    old = queries.version_named(before)
    if old is None or old.program_hash != before or old.mechanism != new.id:
        return [_no_version(before)]
    after = canonical.program_hash(new)
    if after == before:
        return [_same()]
    if queries.transfer_states(before, after) is not None:
        return [_decided()]
    return stands_against(old.program, new, states, calendar=queries.calendar())


def sources(mechanism: str) -> list[VersionView]:
    """Return the versions whose entries could be carried over to a new one: each program once, newest first."""
    found = {version.program_hash: version for version in queries.versions(mechanism)}
    return sorted(found.values(), key=lambda version: (version.since, version.id), reverse=True)


def write(maps: Maps, new: Program, *, by: leaf.Signed, proposed: leaf.Signed, at: datetime) -> None:
    """Write the maps of a version that was just written, each with its leaf, in the same transaction."""
    after = canonical.program_hash(new)
    for before, states in sorted(maps.items()):
        named = {old: to for old, to in sorted(states.items()) if old != to}
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO rulebook_transfer (version_id, before, after, states)"
                " SELECT max(id), %s, %s, %s::jsonb FROM rulebook_version WHERE program_hash = %s",
                [before, after, json.dumps(named), after],
            )
        body = leaf.transfer_leaf(
            mechanism=new.id, before=before, after=after, states=named, at=at, by=by, proposed=proposed
        )
        ledger.append([("transfer", body)], moments=[at])


def open_on(today: date) -> Sequence[Transfer]:
    """Return the maps in force on a day by which entries may still have to be carried over, oldest first.

    One to a pilot that was withdrawn meanwhile carries nobody any more.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT t.id, t.before, t.after, t.states::text, v.mechanism, v.scope, v.areas, v.since"
            " FROM rulebook_transfer t JOIN rulebook_version v ON v.id = t.version_id"
            " WHERE t.done_at IS NULL AND v.since <= %s ORDER BY v.since, t.id",
            [today],
        )
        rows = cursor.fetchall()
    found = [
        Transfer(row[0], row[1], row[2], json.loads(row[3]), row[4], row[5], tuple(row[6]), row[7]) for row in rows
    ]
    return [one for one in found if not one.areas or queries.pilot(one.mechanism, one.scope) is not None]


def note_done(id_: int, *, at: datetime) -> None:
    """Say that nobody is left to be carried over by a map."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE rulebook_transfer SET done_at = %s WHERE id = %s AND done_at IS NULL", [at, id_])


def _no_version(before: str) -> Finding:
    return Finding(
        "", 0, "R1",
        f"没有公布过程序为 {before[:16]} 的同榜版本。",
        f"No version of this board has the program {before[:16]}.",
        "请从列表里选择版本。", "Choose a version from the list.", "error",
    )  # fmt: skip


def _decided() -> Finding:
    return Finding(
        "", 0, "R1",
        "这两版之间怎样转，早已公布过。", "How entries go on between these two versions was published before.",
        "请不要选这一版。", "Do not choose this version.", "error",
    )  # fmt: skip


def _same() -> Finding:
    return Finding(
        "", 0, "R1",
        "两版的规则完全一样，不用转。", "Both versions have the very same rules: nothing is to be carried over.",
        "请不要选这一版。", "Do not choose this version.", "error",
    )  # fmt: skip

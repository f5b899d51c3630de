"""What the rooms above may ask about published registers and rounds. Each process keeps what it has read."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Generic, TypeVar

from django.db import connection

from jiebang.engine import canonical
from jiebang.engine.rounds.model import Register, Round

LOOK_AGAIN_S = 1.0
Kind = TypeVar("Kind", Register, Round)


@dataclass(frozen=True, slots=True)
class Defined(Generic[Kind]):
    """A published text of a register or a round. `hash` is that of its compiled form; `seed` is nobody's to show."""

    id: str
    since: date
    definition: Kind
    hash: str
    text: str
    published_at: datetime
    published_by: str
    seed: bytes | None = field(default=None, repr=False)


@dataclass(slots=True)
class _Known:
    newest: int = 0
    looked_at: float = 0.0
    registers: list[Defined[Register]] = field(default_factory=list)
    rounds: list[Defined[Round]] = field(default_factory=list)


_known = _Known()


def forget_caches() -> None:
    """Make this process read definitions again at the next question."""
    global _known
    _known = _Known()


def registers(*, on: date) -> list[Defined[Register]]:
    """Return the registers that hold on a day, by id."""
    return _holding(_now().registers, on)


def rounds(*, on: date) -> list[Defined[Round]]:
    """Return the rounds that hold on a day, by id."""
    return _holding(_now().rounds, on)


def register(id: str, *, on: date) -> Defined[Register] | None:
    return next((one for one in registers(on=on) if one.id == id), None)


def round_(id: str, *, on: date) -> Defined[Round] | None:
    return next((one for one in rounds(on=on) if one.id == id), None)


def round_named(hash: str) -> Defined[Round] | None:
    """Return the round of that compiled form, whether it still holds or not."""
    return next((one for one in _now().rounds if one.hash == hash), None)


def versions_of_round(id: str) -> list[Defined[Round]]:
    """Return every published text of a round, oldest first."""
    return [one for one in _now().rounds if one.id == id]


def first_seed(id: str) -> bytes | None:
    """Return the seed the log committed to when a drawn round was first published."""
    return next((one.seed for one in _now().rounds if one.id == id and one.seed is not None), None)


def _holding(all_: list[Defined[Kind]], on: date) -> list[Defined[Kind]]:
    held: dict[str, Defined[Kind]] = {}
    for one in all_:  # oldest first, so the last that has begun stays
        before = held.get(one.id)
        if one.since <= on and (before is None or one.since >= before.since):
            held[one.id] = one
    return [held[id] for id in sorted(held)]


def _now() -> _Known:
    moment = time.monotonic()
    known = _known
    if known.looked_at and moment - known.looked_at < LOOK_AGAIN_S:
        return known
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(id), 0) FROM rulebook_definition")
        (newest,) = cursor.fetchone()
        if newest != known.newest:
            cursor.execute(
                "SELECT what, ident, since, compiled, hash, text, published_at, published_by, seed"
                " FROM rulebook_definition ORDER BY id"
            )
            rows = cursor.fetchall()
            known.registers = [_defined(Register, row) for what, *row in rows if what == "register"]
            known.rounds = [_defined(Round, row) for what, *row in rows if what == "round"]
            known.newest = newest
    known.looked_at = moment
    return known


def _defined(kind: type[Kind], row: list[Any]) -> Defined[Kind]:
    id, since, compiled, hash, text, published_at, published_by, seed = row
    data = json.loads(compiled) if isinstance(compiled, str) else compiled
    definition = canonical.definition_from_json(kind, data)
    return Defined(
        id, since, definition, hash, text, published_at, published_by, bytes(seed) if seed is not None else None
    )

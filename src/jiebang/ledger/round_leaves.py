"""Leaves of registers and rounds: what was defined, what was imported, and what came of each subject.

Of an open round a leaf names the subject by its key, with area and exact moment. Of a coarse or veiled one it holds a
pseudonym made with a key of the round alone, and the day; of a veiled one not even whether something was abnormal. Once
that key is destroyed nobody can tell any more whose pseudonym it was, and the counts still verify.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from typing import Any, Literal

from jiebang.ledger.leaf import LogClass, Signed, milliseconds, whole

CLOCK = Signed("clock")


def definition_leaf(
    *,
    what: Literal["register", "round"],
    id: str,
    since: date,
    text: bytes,
    compiled: Mapping[str, Any],
    at: datetime,
    by: Signed,
    next: str = "",
) -> bytes:
    """Return the leaf of a register's or a round's text and what it compiles to.

    `next` is the SHA-256 of the seed that the first sample will be drawn by.

    Raises:
        LeafError: it is too long for a leaf.
    """
    value: dict[str, Any] = {
        "v": 1,
        "kind": "definition",
        "what": what,
        "id": id,
        "since": since.isoformat(),
        "sha256": hashlib.sha256(text).hexdigest(),
        "text": text.decode("utf-8"),
        "compiled": dict(compiled),
        "at": milliseconds(at),
        "by": by.said(),
    }
    return whole(value | ({"next": next} if next else {}))


def register_leaf(
    *, id: str, mech: str, version: int, counts: Mapping[str, int], digest: str, at: datetime, by: Signed
) -> bytes:
    """Return the leaf of an import: `counts` has rows, added, changed and removed; `digest` is that of its public rows,
    empty for a register of people, where even that would say something."""
    value: dict[str, Any] = {
        "v": 1,
        "kind": "register",
        "id": id,
        "mech": mech,
        "version": version,
        **{name: counts[name] for name in ("rows", "added", "changed", "removed")},
        "at": milliseconds(at),
        "by": by.said(),
    }
    return whole(value | ({"digest": digest} if digest else {}))


def pseudonym(key: bytes, subject: str) -> str:
    """Return what a coarse or veiled leaf calls a subject: 16 bytes in hex that only the round's key explains."""
    return hmac.digest(key, b"round-subject/v1|" + subject.encode(), "sha256")[:16].hex()


@dataclass(frozen=True, slots=True)
class RoundManner:
    """How much the leaves of a round may say: its class, the city's zone, and the key of its pseudonyms (`open` needs
    none)."""

    log: LogClass
    zone: tzinfo
    key: bytes = b""

    def moment(self, at: datetime) -> int | str:
        return milliseconds(at) if self.log == "open" else at.astimezone(self.zone).date().isoformat()

    def subject(self, key: str) -> str:
        return key if self.log == "open" else pseudonym(self.key, key)


def opened_leaf(
    manner: RoundManner,
    *,
    round: str,
    id: str,
    mech: str,
    version: int,
    n: int,
    due: datetime,
    cause: str,
    at: datetime,
    by: Signed,
    area: str = "",
    seed: str = "",
    next: str = "",
) -> bytes:
    """Return the leaf that opens a round over `n` subjects of a register's `version`. `area` is the part of the city it
    was opened for; `seed` and `next` are those of a drawn round: the one committed before, and the next's digest."""
    value: dict[str, Any] = {
        **_step("opened", round, manner.moment(at), by),
        "id": id,
        "mech": mech,
        "version": version,
        "n": n,
        "due": manner.moment(due),
        "cause": cause,
    }
    return whole(value | {key: word for key, word in (("area", area), ("seed", seed), ("next", next)) if word})


def step_leaf(
    manner: RoundManner,
    *,
    what: str,
    round: str,
    logged_as: str,
    area: str,
    at: datetime,
    by: Signed,
    abnormal: bool = False,
    opens: str = "",
    due: datetime | None = None,
    missed: datetime | None = None,
) -> bytes:
    """Return the leaf of one thing that happened to a subject; `logged_as` is what `RoundManner.subject` calls it."""
    value = {**_step(what, round, manner.moment(at), by), "subject": logged_as}
    if manner.log == "open":
        value |= {"area": area} if area else {}
        value |= {"opens": opens} if opens else {}
    if manner.log != "veiled" and abnormal:
        value["abnormal"] = True
    for key, moment in (("due", due), ("missed", missed)):
        if moment is not None:
            value[key] = manner.moment(moment)
    return whole(value)


def closed_leaf(manner: RoundManner, *, round: str, n: int, done: int, missed: int, at: datetime) -> bytes:
    """Return the leaf that closes a round: each of its subjects is done, or missed for ever."""
    return whole({**_step("closed", round, manner.moment(at), CLOCK), "n": n, "done": done, "missed": missed})


def round_erased_leaf(manner: RoundManner, *, round: str, n: int, ground: str, at: datetime, by: Signed) -> bytes:
    """Return the leaf that says what a round knew of `n` people is destroyed, on which ground and by whom."""
    return whole({**_step("erased", round, manner.moment(at), by), "n": n, "ground": ground})


def _step(what: str, round: str, at: int | str, by: Signed) -> dict[str, Any]:
    return {"v": 1, "kind": "round", "what": what, "round": round, "at": at, "by": by.said()}

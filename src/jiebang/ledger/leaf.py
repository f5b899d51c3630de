"""Leaf v1: the exact bytes that enter the log.

A leaf is canonical JSON: UTF-8, keys sorted, no spaces, whole numbers only, and absent rather than empty. The
bytes are what is hashed, stored and served; nothing re-encodes them later. `parse` accepts exactly what the
builders here make and nothing else, so that a log has one meaning.

Three classes (`docs/reference/log-format.md`): `open` leaves hold exact moments, `coarse` ones the day in the
city's zone, `veiled` ones only a commitment to the open form.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo
from itertools import pairwise
from typing import Any, Literal, TypeAlias

from jiebang.ledger import disclosure
from jiebang.ledger.disclosure import DIGESTS, Json
from jiebang.ledger.tiles import MOST_ENTRY_BYTES

LogClass: TypeAlias = Literal["open", "coarse", "veiled"]
KINDS = (
    "event", "publish", "transfer", "withdraw", "calendar", "policy", "city", "erased", "outage", "definition",
    "register", "round",
)  # fmt: skip
CHUNK_BYTES = 48_000
MOST_WORD = 120
MOST_AREAS = 400  # of one pilot
MOST_ANSWER = 2_000
VEIL = "event"  # the name of a veiled leaf's one disclosure

_EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_HEX32 = re.compile(r"[0-9a-f]{32}")
_HEX16 = re.compile(r"[0-9a-f]{16}")
_HEX64 = re.compile(r"[0-9a-f]{64}")
_NUMBER = re.compile(r"[A-Z0-9]{1,12}-\d{2}-\d{6,9}", re.ASCII)
_DIGEST = re.compile(r"[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]")  # 32 bytes as base64url in their one spelling
_CODE = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]{0,39}")


class LeafError(ValueError):
    """Bytes that are no leaf v1, or values that cannot become one. The text says which key and why."""


# ── Canonical JSON ──────────────────────────────────────────────────────────────────────────────────────────

_encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":")).encode


def canonical(value: Mapping[str, Any]) -> bytes:
    """Return the one spelling of a value: sorted keys, no spaces, UTF-8.

    Raises:
        LeafError: it is too long for a leaf, or has a text that is not Unicode (a lone surrogate).
    """
    try:
        data = _encode(value).encode("utf-8")
    except (UnicodeEncodeError, ValueError, RecursionError) as error:
        raise LeafError(f"A value cannot be written as a leaf: {error}") from error
    if len(data) > MOST_ENTRY_BYTES:
        raise LeafError(f"The leaf has {len(data)} bytes, a leaf takes at most {MOST_ENTRY_BYTES}. Split its content.")
    return data


def milliseconds(moment: datetime) -> int:
    """Return whole milliseconds since 1970 UTC; the moment must know its zone."""
    if moment.tzinfo is None:
        raise LeafError("A moment without a zone cannot be logged. Pass an aware one.")
    return (moment - _EPOCH) // timedelta(milliseconds=1)


# ── Events ──────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Fact:
    """One event as the log may know it. Empty values stay out of the leaf.

    `entry` is the uid in hex; `mech` the first 16 digits of the program's hash; `p` the doer's pseudonym within
    the entry; `number` and `area` only stand on an opening. `answers` are those conditions and limits read.
    """

    entry: str
    seq: int
    mech: str
    move: str
    to: str
    party: str
    at: datetime
    from_: str = ""
    via: str = ""
    unit: str = ""
    p: str = ""
    number: str = ""
    area: str = ""
    missed: datetime | None = None
    due: datetime | None = None
    owed: datetime | None = None  # when the answer to an objection is due
    prov: bool = False
    answers: Mapping[str, Json] = field(default_factory=dict)
    verified: str = ""
    lap: Sequence[str] = ()
    taken: Mapping[str, str] = field(default_factory=dict)  # how, party, unit, p of who took a raiser's word down
    opens: Sequence[str] = ()  # the mechanisms on whose boards it opens entries, one word an entry
    awaits: str = ""  # number of an entry whose end will be waited for
    heard: Mapping[str, str] = field(default_factory=dict)  # slot and means of an entry that has closed
    again: str = ""  # number of the closed entry that is raised again
    origin: Mapping[str, Json] = field(default_factory=dict)  # entry, seq and n of what opened this one
    rows: Sequence[str] = ()  # policy rows and seasons that the due was counted with


def event_value(fact: Fact, *, log: LogClass, zone: tzinfo, sd: Sequence[str] = ()) -> dict[str, Json]:
    """Return an event's leaf as a value, in the open or coarse form. Without `sd` it is what a veil hides."""

    def moment(m: datetime) -> Json:
        return m.astimezone(zone).date().isoformat() if log == "coarse" else milliseconds(m)

    by: dict[str, Json] = {"party": fact.party}
    if fact.unit:
        by["unit"] = fact.unit
    if fact.p:
        by["p"] = fact.p
    value: dict[str, Json] = {
        "v": 1,
        "kind": "event",
        "entry": fact.entry,
        "seq": fact.seq,
        "mech": fact.mech,
        "move": fact.move,
        "to": fact.to,
        "by": by,
        "at": moment(fact.at),
    }
    for key, text in (
        ("from", fact.from_),
        ("via", fact.via),
        ("number", fact.number),
        ("area", fact.area),
        ("verified", fact.verified),
    ):
        if text:
            value[key] = text
    if fact.missed is not None:
        value["missed"] = moment(fact.missed)
    if fact.due is not None:
        value["due"] = moment(fact.due)
    if fact.owed is not None:
        value["owed"] = moment(fact.owed)
    if fact.prov:
        value["prov"] = True
    if fact.answers:
        value["answers"] = dict(fact.answers)
    if fact.lap:
        value["lap"] = list(fact.lap)
    if fact.taken:
        value["taken"] = {name: text for name, text in fact.taken.items() if text}
    if fact.opens:
        value["opens"] = list(fact.opens)
    if fact.awaits:
        value["awaits"] = fact.awaits
    if fact.heard:
        value["heard"] = dict(fact.heard)
    if fact.again:
        value["again"] = fact.again
    if fact.origin:
        value["origin"] = dict(fact.origin)
    if fact.rows:
        value["rows"] = list(fact.rows)
    if sd:
        value["sd"] = list(sd)
    return value


def event_leaf(fact: Fact, *, log: LogClass, zone: tzinfo, sd: Sequence[str], veil: str = "") -> bytes:
    """Return the leaf of one event.

    `sd` are its four digests (`disclosure.seal`). For a veiled board `veil` is the disclosure that opens the leaf
    later (`veil_of`); only its digest enters the log.

    Raises:
        LeafError: a value does not fit the form.
    """
    if log != "veiled":
        value = event_value(fact, log=log, zone=zone, sd=sd)
    elif veil:
        value = {
            "v": 1,
            "kind": "event",
            "commit": disclosure.digest(veil),
            "sd": list(sd),
        }
    else:
        raise LeafError("A veiled leaf needs its veil: make one with leaf.veil_of.")
    _check(value)
    return canonical(value)


def veil_of(fact: Fact, *, zone: tzinfo, key: bytes) -> str:
    """Return the disclosure that opens a veiled leaf: the event's open form under a salt of the raiser's key."""
    value = event_value(fact, log="open", zone=zone)
    return disclosure.disclosure(disclosure.salt(key, entry=fact.entry, seq=fact.seq, name=VEIL), VEIL, value)


# ── What is published ───────────────────────────────────────────────────────────────────────────────────────


def _chunks(text: str) -> list[str]:
    """Return a text in pieces of at most 48 kB each, as written inside a leaf."""
    pieces: list[str] = []
    start = size = 0
    for position, character in enumerate(text):
        # Counted as JSON spells it: a quote takes two bytes there, a control character six.
        cost = len(_encode(character).encode()) - 2
        if size + cost > CHUNK_BYTES:
            pieces.append(text[start:position])
            start, size = position, 0
        size += cost
    pieces.append(text[start:])
    return pieces


@dataclass(frozen=True, slots=True)
class Signed:
    """One of the two persons behind a publication: the office, its unit, and a pseudonym that holds for this text."""

    party: str
    unit: str = ""
    p: str = ""

    def said(self) -> dict[str, Json]:
        return {key: value for key, value in (("party", self.party), ("unit", self.unit), ("p", self.p)) if value}


def publish_leaves(
    *,
    mechanism: str,
    since: date,
    text: bytes | str,
    program: bytes,
    at: datetime,
    by: str | Signed = "founding",
    proposed: Signed | None = None,
    scope: str = "",
    areas: Sequence[str] = (),
    adopts: str = "",
    certificate: bytes = b"",
) -> list[bytes]:
    """Return the leaves (kind "publish") of a mechanism's text, the program compiled from it, and its certificate.

    `program` is its canonical JSON; its SHA-256 is the program's hash, whose first 16 digits events name as
    `mech`. Verifiers replay the program; whoever has a YAML parser checks that the text compiles to it. The
    certificate, canonical JSON as well, shows that the program's matters close; programs of before have none.

    `proposed` and `by` are the two persons of a publication; `areas` are those of a pilot (with what is below them),
    `scope` its name; `adopts` is the hash of the program this one was made from.
    """
    raw = text.encode() if isinstance(text, str) else text
    text_hash, program_hash = (
        hashlib.sha256(raw).hexdigest(),
        hashlib.sha256(program).hexdigest(),
    )
    common: dict[str, Json] = {
        "v": 1,
        "kind": "publish",
        "mechanism": mechanism,
        "since": since.isoformat(),
        "at": milliseconds(at),
        "by": {"party": by} if isinstance(by, str) else by.said(),
    }
    common |= _of_a_scope(scope, areas)
    if proposed is not None:
        common["proposed"] = proposed.said()
    if adopts:
        common["adopts"] = adopts
    leaves: list[bytes] = []
    forms: tuple[tuple[str, bytes, dict[str, Json]], ...] = (
        ("text", raw, {"sha256": text_hash}),
        ("program", program, {"sha256": program_hash, "text": text_hash}),
        ("certificate", certificate, {"sha256": hashlib.sha256(certificate).hexdigest(), "program": program_hash}),
    )
    for form, content, hashes in forms if certificate else forms[:2]:
        pieces = _chunks(content.decode("utf-8"))
        for part, chunk in enumerate(pieces, start=1):
            value = {
                **common,
                **hashes,
                "form": form,
                "part": part,
                "of": len(pieces),
                "chunk": chunk,
            }
            _check(value)
            leaves.append(canonical(value))
    return leaves


def withdraw_leaf(
    *, mechanism: str, scope: str, areas: Sequence[str], until: date, at: datetime, by: Signed, proposed: Signed
) -> bytes:
    """Return the leaf that ends a pilot: from the day `until` on new entries no longer run under its versions."""
    return whole(
        {
            "v": 1,
            "kind": "withdraw",
            "mechanism": mechanism,
            **_of_a_scope(scope, areas),
            "until": until.isoformat(),
            "at": milliseconds(at),
            "by": by.said(),
            "proposed": proposed.said(),
        }
    )


def transfer_leaf(
    *,
    mechanism: str,
    before: str,
    after: str,
    states: Mapping[str, str],
    at: datetime,
    by: Signed,
    proposed: Signed,
) -> bytes:
    """Return the leaf that lets entries running under the program with hash `before` go on under the one with `after`.

    `states` maps old states to new ones; a state that it does not name keeps its name.
    """
    value = {
        "v": 1,
        "kind": "transfer",
        "mechanism": mechanism,
        "before": before,
        "after": after,
        "at": milliseconds(at),
        "by": by.said(),
        "proposed": proposed.said(),
    }
    return whole(value | ({"states": dict(states)} if states else {}))


def _of_a_scope(scope: str, areas: Sequence[str]) -> dict[str, Json]:
    said: dict[str, Json] = {"scope": scope} if scope else {}
    if areas:
        said["areas"] = [*sorted(areas)]
    return said


def calendar_leaf(*, id: str, data: Mapping[str, Any], at: datetime) -> bytes:
    """Return the leaf of one calendar year or of office hours, as plain data."""
    return whole(
        {
            "v": 1,
            "kind": "calendar",
            "id": id,
            "data": dict(data),
            "at": milliseconds(at),
        }
    )


def policy_leaf(*, id: str, data: Mapping[str, Any], at: datetime) -> bytes:
    """Return the leaf of a dated policy table."""
    return whole({"v": 1, "kind": "policy", "id": id, "data": dict(data), "at": milliseconds(at)})


def city_leaf(
    *,
    city: str,
    name: Mapping[str, str],
    zone: str,
    demonstration: bool,
    origin: str,
    at: datetime,
    previous: Mapping[str, str] | None = None,
    next: Mapping[str, str] | None = None,
) -> bytes:
    """Return the leaf a shard begins with, or (with `next`) the one that closes it.

    `previous` = {"name", "checkpoint"} quotes the final signed checkpoint of the year before; `next` = {"name",
    "origin", "vkey"} names the year to come, so that the old key vouches for the new one.
    """
    value: dict[str, Any] = {
        "v": 1,
        "kind": "city",
        "city": city,
        "name": dict(name),
        "zone": zone,
        "demonstration": demonstration,
        "origin": origin,
        "at": milliseconds(at),
    }
    if previous is not None:
        value["previous"] = dict(previous)
    if next is not None:
        value["next"] = dict(next)
    return whole(value)


def erased_leaf(*, entry: str, digests: int, ground: str, party: str, day: date) -> bytes:
    """Return the leaf that says how many digests of an entry can no longer be opened, on which ground, by whom."""
    return whole(
        {
            "v": 1,
            "kind": "erased",
            "entry": entry,
            "digests": digests,
            "ground": ground,
            "by": {"party": party},
            "at": day.isoformat(),
        }
    )


def outage_leaf(*, since: datetime, until: datetime, what: str) -> bytes:
    """Return the leaf of a time in which the city's clock did not run; late clock moves are excused by it."""
    return whole(
        {
            "v": 1,
            "kind": "outage",
            "since": milliseconds(since),
            "until": milliseconds(until),
            "what": what,
        }
    )


def whole(value: Mapping[str, Any]) -> bytes:
    """Return the bytes of a leaf.

    Raises:
        LeafError: the value is no leaf v1.
    """
    _check(value)
    return canonical(value)


# ── Parsing ─────────────────────────────────────────────────────────────────────────────────────────────────


def parse(data: bytes) -> dict[str, Any]:
    """Return a leaf's value; exactly what the builders make is accepted.

    Raises:
        LeafError: not canonical JSON, an unknown key or kind, a missing key, a value of another form.
    """
    try:
        value = json.loads(data.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise LeafError("The leaf is not JSON in UTF-8.") from error
    if not isinstance(value, dict):
        raise LeafError("The leaf is not an object.")
    _check(value)
    if canonical(value) != data:
        raise LeafError("The leaf is not in its one spelling: keys sorted and once each, no spaces, whole numbers.")
    return value


def _is_whole(value: object, *, least: int = 0) -> bool:
    return type(value) is int and least <= value < 1 << 53


def _is_word(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= MOST_WORD and value.isprintable()


def _is_text(value: object) -> bool:
    return isinstance(value, str) and len(value) <= MOST_ENTRY_BYTES


def _is_day(value: object) -> bool:
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        return False
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


def _is_moment(value: object) -> bool:
    return _is_whole(value) or _is_day(value)


def _matches(pattern: re.Pattern[str]) -> Callable[[object], bool]:
    return lambda value: isinstance(value, str) and pattern.fullmatch(value) is not None


def _is_digest(value: object) -> bool:
    return isinstance(value, str) and _DIGEST.fullmatch(value) is not None


def _are_digests(value: object) -> bool:
    return (
        isinstance(value, list)
        and len(value) == DIGESTS
        and all(map(_is_digest, value))
        and all(a < b for a, b in pairwise(value))
    )


def _is_plain(value: object, *, depth: int = 0) -> bool:
    """Whether a value holds only texts, whole numbers, yes/no, nothing, lists and objects, not too deep."""
    if depth > 12:
        return False
    if isinstance(value, list):
        return all(_is_plain(item, depth=depth + 1) for item in value)
    if isinstance(value, dict):
        return all(isinstance(key, str) and _is_plain(item, depth=depth + 1) for key, item in value.items())
    return value is None or isinstance(value, str | bool) or (type(value) is int and abs(value) < 1 << 53)


def _is_answer(value: object) -> bool:
    if isinstance(value, list):
        return 0 < len(value) <= 100 and all(isinstance(item, str) and len(item) <= MOST_ANSWER for item in value)
    if isinstance(value, str):
        return len(value) <= MOST_ANSWER
    return isinstance(value, bool) or (type(value) is int and abs(value) < 1 << 53)


def _are_answers(value: object) -> bool:
    return (
        isinstance(value, dict)
        and 0 < len(value) <= 100
        and all(_is_word(name) and _is_answer(answer) for name, answer in value.items())
    )


def _are_words(value: object) -> bool:
    return isinstance(value, list) and 0 < len(value) <= 100 and all(map(_is_word, value))


def _are_codes(value: object) -> bool:
    return isinstance(value, list) and 0 < len(value) <= MOST_AREAS and all(map(_matches(_CODE), value))


def _object(
    required: Mapping[str, Callable[[object], bool]],
    **optional: Callable[[object], bool],
) -> Any:
    def check(value: object) -> bool:
        return (
            isinstance(value, dict)
            and required.keys() <= value.keys() <= required.keys() | optional.keys()
            and all((required.get(key) or optional[key])(item) for key, item in value.items())
        )

    return check


def _are_names(value: object) -> bool:
    return isinstance(value, dict) and bool(value) and all(_is_word(k) and _is_word(v) for k, v in value.items())


def _is_true(value: object) -> bool:
    return value is True


def _is_flag(value: object) -> bool:
    return isinstance(value, bool)


_Keys: TypeAlias = Mapping[str, Callable[[object], bool]]
_PARTY = _object({"party": _is_word})
_SIGNED = _object({"party": _is_word}, unit=_is_word, p=_matches(_HEX32))
_FORMS: dict[str, tuple[_Keys, _Keys]] = {
    "event": (
        {
            "entry": _matches(_HEX32),
            "seq": lambda value: _is_whole(value, least=1),
            "mech": _matches(_HEX16),
            "move": _is_word,
            "to": _is_word,
            "by": _object({"party": _is_word}, unit=_is_word, p=_matches(_HEX32)),
            "at": _is_moment,
            "sd": _are_digests,
        },
        {
            "from": _is_word,
            "via": _is_word,
            "number": _matches(_NUMBER),
            "area": _matches(_CODE),
            "missed": _is_moment,
            "due": _is_moment,
            "owed": _is_moment,
            "prov": _is_true,
            "answers": _are_answers,
            "verified": _is_word,
            "lap": _are_words,
            "taken": _object({"how": _is_word, "party": _is_word}, unit=_is_word, p=_matches(_HEX32)),
            "opens": _are_words,
            "awaits": _matches(_NUMBER),
            "again": _matches(_NUMBER),
            "heard": _object({"slot": _is_word, "means": _is_word}),
            "origin": _object({"entry": _matches(_HEX32), "seq": _is_whole, "n": _is_whole}),
            "rows": _are_words,
        },
    ),
    "veiled": ({"commit": _is_digest, "sd": _are_digests}, {}),
    "publish": (
        {
            "mechanism": _is_word,
            "since": _is_day,
            "at": _is_whole,
            "by": _SIGNED,
            "form": lambda value: value in ("text", "program", "certificate"),
            "sha256": _matches(_HEX64),
            "part": lambda value: _is_whole(value, least=1),
            "of": lambda value: _is_whole(value, least=1),
            "chunk": _is_text,
        },
        {
            "scope": _matches(_CODE),
            "areas": _are_codes,
            "text": _matches(_HEX64),
            "program": _matches(_HEX64),
            "proposed": _SIGNED,
            "adopts": _matches(_HEX64),
        },
    ),
    "withdraw": (
        {
            "mechanism": _is_word,
            "scope": _matches(_CODE),
            "areas": _are_codes,
            "until": _is_day,
            "at": _is_whole,
            "by": _SIGNED,
            "proposed": _SIGNED,
        },
        {},
    ),
    "transfer": (
        {
            "mechanism": _is_word,
            "before": _matches(_HEX64),
            "after": _matches(_HEX64),
            "at": _is_whole,
            "by": _SIGNED,
            "proposed": _SIGNED,
        },
        {"states": _are_names},
    ),
    "calendar": (
        {
            "id": _is_word,
            "data": lambda v: isinstance(v, dict) and _is_plain(v),
            "at": _is_whole,
        },
        {},
    ),
    "policy": (
        {
            "id": _is_word,
            "data": lambda v: isinstance(v, dict) and _is_plain(v),
            "at": _is_whole,
        },
        {},
    ),
    "city": (
        {
            "city": _is_word,
            "name": _are_names,
            "zone": _is_word,
            "demonstration": _is_flag,
            "origin": _is_word,
            "at": _is_whole,
        },
        {
            "previous": _object({"name": _is_word, "checkpoint": _is_text}),
            "next": _object({"name": _is_word, "origin": _is_word, "vkey": _is_text}),
        },
    ),
    "erased": (
        {
            "entry": _matches(_HEX32),
            "digests": _is_whole,
            "ground": _is_word,
            "by": _PARTY,
            "at": _is_day,
        },
        {},
    ),
    "outage": ({"since": _is_whole, "until": _is_whole, "what": _is_word}, {}),
    "definition": (
        {
            "what": lambda value: value in ("register", "round"),
            "id": _is_word,
            "since": _is_day,
            "sha256": _matches(_HEX64),
            "text": _is_text,
            "compiled": lambda v: isinstance(v, dict) and _is_plain(v),
            "at": _is_whole,
            "by": _SIGNED,
        },
        {"next": _matches(_HEX64)},
    ),
    "register": (
        {
            "id": _is_word,
            "mech": _matches(_HEX16),
            "version": lambda value: _is_whole(value, least=1),
            "rows": _is_whole,
            "added": _is_whole,
            "changed": _is_whole,
            "removed": _is_whole,
            "at": _is_whole,
            "by": _SIGNED,
        },
        {"digest": _matches(_HEX64)},
    ),
    "round": (
        {"what": lambda value: value in STEPS, "round": _matches(_HEX32), "at": _is_moment, "by": _SIGNED},
        {
            "id": _is_word,
            "mech": _matches(_HEX16),
            "version": lambda value: _is_whole(value, least=1),
            "n": _is_whole,
            "due": _is_moment,
            "cause": _is_word,
            "area": _matches(_CODE),
            "seed": _matches(_HEX64),
            "next": _matches(_HEX64),
            "subject": _is_word,
            "abnormal": _is_true,
            "opens": _matches(_NUMBER),
            "missed": _is_moment,
            "done": _is_whole,
            "ground": _is_word,
        },
    ),
}
# What a leaf of a round says besides what, round, at and by: the keys that must be there, and those that may.
STEPS: Mapping[str, tuple[frozenset[str], frozenset[str]]] = {
    "opened": (frozenset({"id", "mech", "version", "n", "due", "cause"}), frozenset({"area", "seed", "next"})),
    "done": (frozenset({"subject"}), frozenset({"area", "abnormal", "opens"})),
    "found": (frozenset({"subject"}), frozenset({"area", "abnormal", "opens"})),
    "tried": (frozenset({"subject"}), frozenset({"area"})),
    "escalated": (frozenset({"subject", "missed", "due"}), frozenset({"area"})),
    "missed": (frozenset({"subject", "missed"}), frozenset({"area"})),
    "closed": (frozenset({"n", "done", "missed"}), frozenset()),
    "erased": (frozenset({"n", "ground"}), frozenset()),
}


def _check(value: Mapping[str, Any]) -> None:
    """Return quietly when a value is a leaf v1.

    Raises:
        LeafError: it is not, with the key and what is wrong.
    """
    kind = value.get("kind")
    if type(value.get("v")) is not int or value["v"] != 1:
        raise LeafError("The leaf is not of version 1.")
    if not isinstance(kind, str) or kind not in KINDS:
        raise LeafError(f"The leaf's kind is unknown. Known are {', '.join(KINDS)}.")
    form = "veiled" if kind == "event" and "commit" in value else kind
    required, optional = _FORMS[form]
    for key, item in value.items():
        if key in ("v", "kind"):
            continue
        check = required.get(key) or optional.get(key)
        if check is None:
            raise LeafError(f"A leaf “{kind}” has no key “{str(key)[:40]}”.")
        if not check(item):
            raise LeafError(f"“{key}” of a leaf “{kind}” does not have its form: {str(item)[:80]!r}.")
    if missing := [key for key in required if key not in value]:
        raise LeafError(f"A leaf “{kind}” must have {', '.join(missing)}.")
    if form == "event":
        _check_event(value)
    if kind == "publish":
        names = {"text": "program", "program": "certificate"}  # the program names its text, the certificate its program
        if value["part"] > value["of"] or any((key in value) != (value["form"] == form) for key, form in names.items()):
            raise LeafError(
                "A published part is numbered within its whole; only a program names its text, and a certificate its"
                " program."
            )
    if kind == "round":
        _check_step(value)
    if kind == "outage" and value["since"] > value["until"]:
        raise LeafError("An outage ends after it begins.")


def _check_step(value: Mapping[str, Any]) -> None:
    """Return quietly when a round's leaf says what its step says, and nothing else. Of `closed`, missed is a number."""
    must, may = STEPS[value["what"]]
    said = value.keys() - {"v", "kind", "what", "round", "at", "by"}
    if not must <= said <= must | may:
        raise LeafError(f"A leaf of a round that says “{value['what']}” has other keys.")
    if (value["what"] == "closed") and not (
        _is_whole(value["missed"]) and value["done"] + value["missed"] == value["n"]
    ):
        raise LeafError("A round closes when each of its subjects is done or missed.")
    moments = [value["at"], *(value[key] for key in ("due", "missed") if key in said and value["what"] != "closed")]
    if len({isinstance(moment, int) for moment in moments}) > 1:
        raise LeafError("A step's moments are all exact or all days.")


def _check_event(value: Mapping[str, Any]) -> None:
    is_opening = value["seq"] == 1
    if is_opening == ("from" in value):
        raise LeafError("Only the first event of an entry comes from nowhere.")
    if not is_opening and ("number" in value or "area" in value):
        raise LeafError("Only the first event of an entry carries its number and area.")
    if is_opening and "number" not in value:
        raise LeafError("The first event of an entry carries its number.")
    moments = [value[key] for key in ("at", "missed", "due") if key in value]
    if len({isinstance(moment, int) for moment in moments}) > 1:
        raise LeafError("An event's moments are all exact or all days.")

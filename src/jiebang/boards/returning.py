"""Coming back with a code or a PIN."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings

from jiebang.boards import codes, sql
from jiebang.boards.database import ask, tell
from jiebang.boards.house import exact
from jiebang.engine.model import Actor

TRIES_PER_ENTRY = 10
TRIES_PER_ADDRESS = 30


@dataclass(frozen=True, slots=True)
class ComeBack:
    """Whoever gave a right code: who they are, and the entry to look at. `own` is theirs if it was merged."""

    actor: Actor
    number: str
    own: str


@dataclass(frozen=True, slots=True)
class TooManyTries:
    """Too many wrong codes; the next try is possible at `again_at`."""

    again_at: datetime


def raiser_by_code(
    code: str, *, address: str, at: datetime, beside: str = "", number: str = "", known: Collection[str] = ()
) -> ComeBack | TooManyTries | None:
    """Return who comes back with this code (or, with `number`, this PIN or code), or None if it is wrong.

    Wrong tries are counted by address, and by entry where its number was given; the eleventh an hour on an entry and
    the thirty-first from an address must wait. A right code for an entry in `known` (numbers this session opened
    before) still works, so nobody can lock a raiser out of their own entry. Nor can others' tries on the entry's
    number: they stop whoever guesses a PIN, but a right code of 50 bits was not guessed. `beside` is the account
    signed in on the device.
    """
    key = settings.JIEBANG_CODE_KEY
    hour = exact(at).replace(minute=0, second=0, microsecond=0)
    subjects = [f"address {codes.address_mark(address, code_key=key)}"]
    uid = _uid_of(number) if number else None
    if uid is not None:
        subjects.append(f"entry {number}")
    # Counted before it is looked up, in a transaction of its own: a thousand tries at once are a thousand tries.
    counts = {row[0]: row[1] for row in ask(sql.COUNT_TRY, {"subjects": subjects, "hour": hour})}
    found = _found(code, uid=uid, number=number)
    must_wait = counts[subjects[0]] > TRIES_PER_ADDRESS or (
        any(counts[one] > TRIES_PER_ENTRY for one in subjects[1:]) and not (found is not None and found.by_code)
    )
    if must_wait and (found is None or not {found.shown, found.own} & set(known)):
        return TooManyTries(hour + timedelta(hours=1))
    if found is None:
        return None
    tell(sql.FORGIVE_TRY, {"subjects": subjects, "hour": hour})
    return ComeBack(Actor(person=found.person, beside=beside, via="code"), found.shown, found.own)


def raiser_by_account(number: str, *, person: str) -> ComeBack | None:
    """Return the raiser of this number who raised it signed in, as `person`: they need no code."""
    if not person or not number.isascii() or not number.isprintable():
        return None
    for shown, raiser in ask(sql.WHO_RAISED_IT, {"number": number}):
        if raiser == person:
            return ComeBack(Actor(person=person, via="account"), shown, number)
    return None


@dataclass(frozen=True, slots=True)
class _Found:
    """Whose secret it is. `by_code` is False for a PIN, which a person chose and another may guess."""

    shown: str
    own: str
    person: str
    by_code: bool


def _found(code: str, *, uid: bytes | None, number: str) -> _Found | None:
    key = settings.JIEBANG_CODE_KEY
    read = codes.read(code)
    hashes = [(codes.code_hash(read, code_key=key), True)] if read else []
    if uid is not None and len(code.strip()) in codes.PIN_LENGTHS:
        hashes.append((codes.pin_hash(code, uid=uid, code_key=key), False))
    for secret, by_code in hashes:
        for shown, own, person in ask(sql.WHO_HAS_IT, {"secret": secret}):
            if not number or number in (shown, own):
                return _Found(shown, own, person, by_code)
    return None


def _uid_of(number: str) -> bytes | None:
    if not number.isascii() or not number.isprintable():
        return None
    rows = ask(sql.UID_OF, {"number": number})
    return bytes(rows[0][0]) if rows else None

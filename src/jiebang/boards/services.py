"""The doors to change an entry: raise, act, tick, erase, release a photo, come back with a code.

One door, `act_many`, serves people, sensors, meetings and the clock alike; `act` is that door for one. A shell
here locks, asks the engine, and writes in one transaction: the entry's row, its event, its private values and its
leaf in the public log stand together or not at all.
"""

from __future__ import annotations

import dataclasses
import json
import logging
import secrets
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import DatabaseError, OperationalError, connection, transaction

from jiebang import engine
from jiebang.boards import codes, photos, refusals, sql
from jiebang.boards.drafts import (
    Draft,
    KeptFile,
    LogManner,
    Row,
    attachment_rows,
    deepest,
    entry_row,
    event_row,
    has_timers,
    leaf_of,
    limit_rows,
    log_class,
    new_entry_row,
    private_values,
    text_row,
)
from jiebang.boards.photos import CleanPhoto
from jiebang.engine.answers import FILE_TYPES
from jiebang.engine.canonical import facts_from_json, facts_to_json
from jiebang.engine.model import ANYONE, CLOCK, Actor, Event, Facts, Json, Program, Refused
from jiebang.engine.parties import appointments_fitting
from jiebang.engine.worktime import Calendar
from jiebang.ledger import disclosure
from jiebang.ledger import leaf as leaves
from jiebang.ledger import services as ledger
from jiebang.people import queries as people
from jiebang.people import services as people_services
from jiebang.rulebook import queries as rulebook

log = logging.getLogger("jiebang.boards")

T = TypeVar("T")
R = TypeVar("R")

KEY_LENGTHS = range(16, 129)
REQUESTS_KEPT = timedelta(days=7)
TRIES_PER_ENTRY = 10
TRIES_PER_ADDRESS = 30
MOST_CLOCK_MOVES = 8  # one limit and the spans that ended while nobody ticked; the checker forbids circles


# ── What is asked of this room, and what it answers ─────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Upload:
    """A file somebody sent. `field` is a question's name or a kind of proof ("photo"), `label` "before" or "after"."""

    field: str
    label: str
    name: str
    content: bytes = dataclasses.field(repr=False)


@dataclass(frozen=True, slots=True)
class Command:
    """A move somebody asks for, on the entry of that number."""

    entry: str
    move: str
    actor: Actor
    answers: Mapping[str, Json] = field(default_factory=dict)
    files: Sequence[Upload] = ()
    unit: str = ""
    expects_seq: int | None = None
    key: str = ""


@dataclass(frozen=True, slots=True)
class Done:
    number: str
    seq: int
    state: str
    events: tuple[Event, ...]


@dataclass(frozen=True, slots=True)
class Opening:
    """A matter somebody raises. `key` is the form's own random key: sent again, it gets the same receipt.

    At the window `written_by` is the clerk and `actor` the raiser (usually nobody we know); `pin` is the secret the
    raiser chose unseen, instead of a code that the clerk's screen would show.
    """

    mechanism: str
    opening: str
    actor: Actor
    area: str
    answers: Mapping[str, Json]
    key: str
    files: Sequence[Upload] = ()
    lang: str = "zh-hans"
    written_by: Actor | None = None
    pin: str | None = None


@dataclass(frozen=True, slots=True)
class Opened:
    """The receipt: `code` is empty where a PIN was chosen. `look_again_at` is when the first answer is owed."""

    number: str
    code: str
    uid: bytes
    look_again_at: datetime
    repeated: bool = False


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


@dataclass(frozen=True, slots=True)
class Erased:
    number: str
    values: int
    leaf_id: int


# ── Acting ──────────────────────────────────────────────────────────────────────────────────────────────────


def act(command: Command, *, at: datetime) -> Done | Refused:
    """Make one move, or say why not. A refused move changes nothing but the clock moves that were due anyway."""
    return act_many([command], at=at)[0]


def act_many(commands: Sequence[Command], *, at: datetime) -> list[Done | Refused]:
    """Make the moves in order, in one transaction; each answer stands where its command stood.

    A command that is refused does not disturb the others. If the database refuses the batch as a whole, every
    command is tried alone, so that one bad row costs only itself.
    """
    return _together_or_alone(commands, lambda some: _act_batch(some, at=_exact(at)))


def _act_batch(commands: Sequence[Command], *, at: datetime) -> list[Done | Refused]:
    answers: list[Done | Refused | None] = [None] * len(commands)
    cleaned: dict[int, list[tuple[Upload, CleanPhoto]]] = {}
    for place, command in enumerate(commands):
        checked = _checked_files(command.files) if _is_writable(command) else refusals.unreadable("")
        if isinstance(checked, Refused):
            answers[place] = checked
        else:
            cleaned[place] = checked
    with transaction.atomic():
        house = _House.now()
        drafts = house.lock(_numbers_wanted(commands[place] for place in cleaned))
        for place, photos_sent in cleaned.items():
            answers[place] = _answer(commands[place], photos_sent, drafts, house=house, at=at)
        house.write(drafts.values())
    return [answer for answer in answers if answer is not None]


def _numbers_wanted(commands: Iterable[Command]) -> list[str]:
    """Return the numbers to lock: the entries themselves, and those that a duplicate may be merged into."""
    numbers: set[str] = set()
    for command in commands:
        numbers.add(command.entry)
        # Which question names the other entry is known only with the program, thus after the lock. An answer that
        # looks like a number is locked too: one row more, in the same order by id.
        numbers.update(
            value
            for value in command.answers.values()
            if isinstance(value, str) and 8 < len(value) < 32 and value.count("-") == 2 and value[0].isalpha()
        )
    return sorted(numbers)


def _answer(
    command: Command,
    sent: Sequence[tuple[Upload, CleanPhoto]],
    drafts: Mapping[str, Draft],
    *,
    house: _House,
    at: datetime,
) -> Done | Refused:
    draft = drafts.get(command.entry)
    if draft is None:
        return house.broken(command.entry) or refusals.no_such_entry(command.entry)
    before = draft.copied()
    try:
        return _move(draft, command, sent, drafts, house=house, at=at)
    except DatabaseError:
        raise
    except Exception:
        # `decide` is total: an error here means a damaged row or a program we cannot read. The other commands of
        # the batch must not pay for it, and nothing of this one has been written.
        log.exception("%s could not be decided", command.entry)
        draft.go_back_to(before)
        return refusals.broken_entry(command.entry)


def _move(
    draft: Draft,
    command: Command,
    sent: Sequence[tuple[Upload, CleanPhoto]],
    drafts: Mapping[str, Draft],
    *,
    house: _House,
    at: datetime,
) -> Done | Refused:
    at = max(at, draft.now.last_at)  # on one entry time never runs backwards
    _make_overdue_moves(draft, house.calendar, at=at)
    shown = _shown(draft.program, sent)
    if isinstance(shown, Refused):
        return shown
    asked = engine.Command(
        move=command.move,
        actor=command.actor,
        answers=command.answers,
        shown=shown,
        unit=command.unit,
        expects_seq=command.expects_seq,
    )
    events = engine.decide(draft.program, draft.now, asked, at=at, calendar=house.calendar)
    if isinstance(events, Refused):
        return events
    parent = _parent_of(draft, events, drafts, house.calendar, at=at)
    if isinstance(parent, Refused):
        return parent
    draft.take(events, files=_keep(sent))
    if parent is not None:
        _give_raisers(draft, parent, at=at)
    return Done(draft.number, draft.now.seq, draft.now.state, tuple(events))


def _make_overdue_moves(draft: Draft, calendar: Calendar, *, at: datetime) -> int:
    """Make the clock's moves that were due before anybody acted. They stand even if the person is then refused."""
    for made in range(MOST_CLOCK_MOVES):
        facts = draft.now
        if facts.due is None or facts.due > at or facts.state in draft.program.finals:
            return made
        answer = engine.decide(draft.program, facts, engine.Command("clock", CLOCK), at=at, calendar=calendar)
        if isinstance(answer, Refused):
            raise StuckClockError(
                f"The clock may not move {draft.number} out of {facts.state}: {answer.what.get('en')}"
            )
        draft.take(answer)
    return MOST_CLOCK_MOVES


class StuckClockError(Exception):
    """The clock's own move was refused, which the checker promises never happens: the row or its program is damaged."""


# ── Duplicates ──────────────────────────────────────────────────────────────────────────────────────────────


def _parent_of(
    draft: Draft, events: Sequence[Event], drafts: Mapping[str, Draft], calendar: Calendar, *, at: datetime
) -> Draft | None | Refused:
    """Return the entry this one is to be merged into, if that is what the events say and it may be."""
    number = next((event.joins for event in events if event.joins), "")
    if not number:
        return None
    about = next((name for name, one in draft.program.fields.items() if one.type == "entry"), "")
    parent = drafts.get(number)
    if number == draft.number:
        return refusals.cannot_join("self", about)
    if parent is None:
        return refusals.cannot_join("missing", about)
    if parent.mechanism != draft.mechanism:
        return refusals.cannot_join("board", about)
    _make_overdue_moves(parent, calendar, at=max(at, parent.now.last_at))
    if parent.meaning is not None:
        return refusals.cannot_join("closed", about)
    return parent


def _give_raisers(child: Draft, parent: Draft, *, at: datetime) -> None:
    """Give the parent the child's raisers. Both rows are locked: ids give the order, so no two merges deadlock."""
    facts = child.now
    parent.take(engine.join(parent.program, parent.now, raisers=facts.raisers, clerks=facts.clerks, at=at))
    child.joined_into = parent.id


# ── The clock ───────────────────────────────────────────────────────────────────────────────────────────────


def tick(*, at: datetime, limit: int = 200) -> int:
    """Make the clock's moves that are due, at most `limit`, and mark late duties; return how many were done.

    Any number of ticks may run at once: each row is taken by one of them (SKIP LOCKED), and once it was moved it is
    no longer due. A tick that dies leaves its rows to the next one.
    """
    at = _exact(at)
    try:
        moved = _tick_batch(sql.TAKE_DUE, {"at": at, "limit": limit}, at=at)
    except OperationalError:
        raise  # the database is gone: the loop around us waits and comes again
    except DatabaseError:
        log.exception("a batch of the clock failed; each entry is tried alone")
        moved = sum(_tick_one(entry_id, at=at) for entry_id in _due_ids(at=at, limit=limit))
    return moved + _mark_late(at=at, limit=limit)


def _tick_batch(take: str, wanted: Mapping[str, object], *, at: datetime) -> int:
    with transaction.atomic():
        house = _House.now()
        drafts = house.take(take, wanted)
        for draft in drafts:
            try:
                _make_overdue_moves(draft, house.calendar, at=max(at, draft.now.last_at))
            except Exception as error:
                log.exception("the clock cannot move %s", draft.number)
                del draft.steps[:]
                _mark_stuck(draft.id, f"{type(error).__name__}: {error}")
        for entry_id, why in house.damaged:
            _mark_stuck(entry_id, why)
        house.write(drafts)
        return len(drafts)


def _tick_one(entry_id: int, *, at: datetime) -> int:
    try:
        return _tick_batch(sql.TAKE_ONE, {"id": entry_id, "at": at}, at=at)
    except OperationalError:
        raise
    except DatabaseError as error:
        log.exception("entry %s cannot be written", entry_id)
        _mark_stuck(entry_id, f"{type(error).__name__}: {error}")
        return 0


def _due_ids(*, at: datetime, limit: int) -> list[int]:
    return [row[0] for row in _rows(sql.DUE_IDS, {"at": at, "limit": limit})]


def _mark_stuck(entry_id: int | None, why: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql.MARK_STUCK, {"id": entry_id, "why": why[:500]})


def _mark_late(*, at: datetime, limit: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql.MARK_LATE, {"at": at, "limit": limit})
        return int(cursor.rowcount)


# ── Raising ─────────────────────────────────────────────────────────────────────────────────────────────────


def open_entry(opening: Opening, *, at: datetime) -> Opened | Refused:
    """Raise a matter and return its receipt. The same key again returns the same receipt, the code included."""
    return open_many([opening], at=at)[0]


def open_many(openings: Sequence[Opening], *, at: datetime) -> list[Opened | Refused]:
    """Raise several matters in one transaction; each answer stands where its opening stood."""
    return _together_or_alone(openings, lambda some: _open_batch(some, at=_exact(at)))


@dataclass(slots=True)
class _Raise:
    """One opening on its way: checked, decided on trial, then made with the raiser's real key."""

    opening: Opening
    version: rulebook.VersionView
    place: Mapping[str, str]
    sent: Sequence[tuple[Upload, CleanPhoto]]
    uid: bytes
    draft: Draft | None = None


def _open_batch(openings: Sequence[Opening], *, at: datetime) -> list[Opened | Refused]:
    answers: dict[int, Opened | Refused] = {}
    raises: dict[int, _Raise] = {}
    house = _House.now()
    for place, opening in enumerate(openings):
        checked = _checked_opening(opening, house=house, at=at)
        if isinstance(checked, Refused):
            answers[place] = checked
        else:
            raises[place] = checked
    if raises:
        with transaction.atomic():
            new = _claim({place: one.opening.key for place, one in raises.items()}, raises, at=at)
            _make([raises[place] for place in new], house=house, at=at)
            answers |= {place: _receipt(raises[place]) for place in new}
            answers |= _receipts_of_repeats({p: one.opening for p, one in raises.items() if p not in new})
    return [answers[place] for place in range(len(openings))]


def _checked_opening(opening: Opening, *, house: _House, at: datetime) -> _Raise | Refused:
    """Return the opening ready to be made, or why it cannot be. Nothing is read or written but caches."""
    if len(opening.key) not in KEY_LENGTHS or not opening.key.isascii() or not opening.key.isprintable():
        return refusals.bad_key()
    if opening.pin is not None and (len(opening.pin.strip()) not in codes.PIN_LENGTHS or not opening.pin.isprintable()):
        return refusals.bad_pin()
    if not _is_writable(opening):
        return refusals.unreadable("")
    try:
        version = rulebook.in_force(opening.mechanism, on=at.astimezone(house.manner.zone).date())
    except rulebook.NotPublished:
        return refusals.no_such_mechanism(opening.mechanism)
    sent = _checked_files(opening.files)
    if isinstance(sent, Refused):
        return sent
    ready = _Raise(opening, version, people.place(opening.area), sent, secrets.token_bytes(16))
    # On trial, with a stand-in for the raiser: whatever would be refused is refused before anything is written.
    trial = _decide_opening(ready, raiser="k0", calendar=house.calendar, at=at)
    return trial if isinstance(trial, Refused) else ready


def _decide_opening(one: _Raise, *, raiser: str, calendar: Calendar, at: datetime) -> list[Event] | Refused:
    opening = one.opening
    shown = _shown(one.version.program, one.sent)
    if isinstance(shown, Refused):
        return shown
    clerk = opening.written_by
    asked = engine.Command(
        move=opening.opening, actor=clerk if clerk is not None else opening.actor, answers=opening.answers, shown=shown
    )
    return engine.open_entry(
        one.version.program,
        opening.opening,
        asked,
        at=at,
        calendar=calendar,
        place=one.place,
        raiser=opening.actor.person or raiser,
        clerk=clerk.person if clerk is not None else "",
    )


def _claim(keys: Mapping[int, str], raises: Mapping[int, _Raise], *, at: datetime) -> list[int]:
    """Return the places whose form was never sent before. A form that is just being sent makes this wait for it."""
    first: dict[str, int] = {}
    for place, key in keys.items():
        first.setdefault(key, place)
    requests = [{"key": key, "uid": _hex(raises[place].uid)} for key, place in sorted(first.items())]
    claimed = {row[0] for row in _rows(sql.CLAIM_REQUESTS, {"requests": json.dumps(requests), "at": at})}
    return sorted(first[key] for key in claimed)


def _make(raises: Sequence[_Raise], *, house: _House, at: datetime) -> None:
    """Write the new entries: person keys, numbers, leaves, rows."""
    if not raises:
        return
    own_keys = people_services.new_keys(len(raises))
    prefix = f"{house.city.prefix}-{at.astimezone(house.manner.zone):%y}"
    last = _rows(sql.TAKE_NUMBERS, {"name": prefix, "n": len(raises)})[0][0]
    drafts: list[Draft] = []
    for one, own_key, value in zip(raises, own_keys, range(last - len(raises) + 1, last + 1), strict=True):
        events = _decide_opening(one, raiser=own_key, calendar=house.calendar, at=at)
        if isinstance(events, Refused):  # the trial said yes with the same inputs
            raise AssertionError(f"An opening was accepted on trial and then refused: {events.code}")
        one.draft = Draft(
            uid=one.uid,
            number=f"{prefix}-{value:06d}",
            mechanism=one.version.mechanism,
            program=one.version.program,
            program_hash=one.version.program_hash,
            log=log_class(one.version.program),
            key=own_key,
        )
        one.draft.take(events, files=_keep(one.sent))
        drafts.append(one.draft)
    house.write(drafts, raisers=[_raiser_row(one) for one in raises])


def _raiser_row(one: _Raise) -> Row:
    assert one.draft is not None
    code_key = settings.JIEBANG_CODE_KEY
    pin = one.opening.pin
    secret = (
        codes.code_hash(codes.code_for(one.opening.key, code_key=code_key), code_key=code_key)
        if pin is None
        else codes.pin_hash(pin, uid=one.uid, code_key=code_key)
    )
    return {
        "entry_uid": _hex(one.uid),
        "person": one.draft.now.raisers[0],
        "secret": _hex(secret),
        "is_pin": pin is not None,
        "lang": one.opening.lang,
    }


def _receipt(one: _Raise) -> Opened:
    assert one.draft is not None
    due = one.draft.now.due
    return Opened(one.draft.number, _code_of(one.opening), one.uid, due or one.draft.now.last_at)


def _receipts_of_repeats(openings: Mapping[int, Opening]) -> dict[int, Opened | Refused]:
    """Return the first sending's receipts, whatever the form says now. The code is made again from the key."""
    if not openings:
        return {}
    keys = sorted({opening.key for opening in openings.values()})
    found = {row[0]: row for row in _rows(sql.RECEIPTS, {"keys": keys})}
    answers: dict[int, Opened | Refused] = {}
    for place, opening in openings.items():
        _, number, uid, due, at, is_pin = found[opening.key]
        answers[place] = Opened(
            number, "" if is_pin else _code_of(replace(opening, pin=None)), bytes(uid), due or at, True
        )
    return answers


def _code_of(opening: Opening) -> str:
    return "" if opening.pin is not None else codes.code_for(opening.key, code_key=settings.JIEBANG_CODE_KEY)


# ── Coming back with a code ─────────────────────────────────────────────────────────────────────────────────


def raiser_by_code(
    code: str, *, address: str, at: datetime, beside: str = "", number: str = "", known: Collection[str] = ()
) -> ComeBack | TooManyTries | None:
    """Return who comes back with this code (or, with `number`, this PIN or code), or None if it is wrong.

    Wrong tries are counted by address, and by entry where its number was given; the eleventh an hour on an entry and
    the thirty-first from an address must wait. A right code for an entry in `known` (numbers this session opened
    before) still works, so nobody can lock a raiser out of their own entry. `beside` is the account signed in on
    the device.
    """
    key = settings.JIEBANG_CODE_KEY
    hour = _exact(at).replace(minute=0, second=0, microsecond=0)
    subjects = [f"address {codes.address_mark(address, code_key=key)}"]
    uid = _uid_of(number) if number else None
    if uid is not None:
        subjects.append(f"entry {number}")
    # Counted before it is looked up, in a transaction of its own: a thousand tries at once are a thousand tries.
    counts = {row[0]: row[1] for row in _rows(sql.COUNT_TRY, {"subjects": subjects, "hour": hour})}
    found = _found(code, uid=uid, number=number)
    is_over = counts[subjects[0]] > TRIES_PER_ADDRESS or any(counts[one] > TRIES_PER_ENTRY for one in subjects[1:])
    if is_over and (found is None or not {found[0], found[1]} & set(known)):
        return TooManyTries(hour + timedelta(hours=1))
    if found is None:
        return None
    with connection.cursor() as cursor:
        cursor.execute(sql.FORGIVE_TRY, {"subjects": subjects, "hour": hour})
    shown, own, person = found
    return ComeBack(Actor(person=person, beside=beside, via="code"), shown, own)


def _found(code: str, *, uid: bytes | None, number: str) -> tuple[str, str, str] | None:
    key = settings.JIEBANG_CODE_KEY
    read = codes.read(code)
    hashes = [codes.code_hash(read, code_key=key)] if read else []
    if uid is not None and len(code.strip()) in codes.PIN_LENGTHS:
        hashes.append(codes.pin_hash(code, uid=uid, code_key=key))
    for secret in hashes:
        for row in _rows(sql.BY_SECRET, {"secret": secret}):
            if not number or number in (row[0], row[1]):
                return row[0], row[1], row[2]
    return None


def _uid_of(number: str) -> bytes | None:
    if not number.isascii() or not number.isprintable():
        return None
    rows = _rows(sql.UID_OF, {"number": number})
    return bytes(rows[0][0]) if rows else None


# ── Erasing ─────────────────────────────────────────────────────────────────────────────────────────────────


def erase(number: str, *, ground: str, by: str, at: datetime) -> Erased | Refused:
    """Forget whoever raised this entry: the key, what was told and kept, the photos, the code, the account's name.

    The log keeps its leaves and still verifies; its digests can never be opened again. How many, on which ground
    and by which party is a leaf of its own. The matter itself goes on: its later events get a new key.
    """
    at = _exact(at)
    with transaction.atomic():
        house = _House.now()
        draft = house.lock([number]).get(number)
        if draft is None or draft.id is None:
            return refusals.no_such_entry(number)
        rows = _rows(sql.RAISER_OF, {"id": draft.id})
        if not rows:
            return refusals.erased_already()
        person = rows[0][0]
        new_key = people_services.new_key()
        values, files = _erase_values(draft, new_key=new_key, person=person)
        people_services.forget_key(draft.key, at)
        erased = leaves.erased_leaf(
            entry=draft.uid.hex(),
            digests=disclosure.DIGESTS * draft.now.seq,
            ground=ground,
            party=by,
            day=at.astimezone(house.manner.zone).date(),
        )
        leaf_id = ledger.append([("erased", erased)], moments=[at])[0]
        # After the commit: a crash in between leaves photos no row names, and `sweep` takes them.
        transaction.on_commit(lambda: photos.remove(files, folder=settings.JIEBANG_FILES))
    return Erased(number, values, leaf_id)


def _erase_values(draft: Draft, *, new_key: str, person: str) -> tuple[int, list[str]]:
    values, files = _rows(sql.ERASE_VALUES, {"id": draft.id, "subject": f"entry {draft.number}"})[0]
    ids = [draft.id, *([draft.joined_into] if draft.joined_into else [])]
    facts = draft.now
    if person != draft.key:
        # An account raised this. Its key closes all its owner's doings and stays; the entry forgets the account.
        facts = forgetting(facts, person, instead=draft.key)
        with connection.cursor() as cursor:
            cursor.execute(sql.REPLACE_PERSON_IN_EVENTS, {"ids": ids, "person": person, "instead": draft.key})
        if draft.joined_into:
            for parent_id, parent_facts in _rows(sql.FACTS_OF, {"ids": [draft.joined_into]}):
                changed = forgetting(facts_from_json(json.loads(parent_facts)), person, instead=draft.key)
                _execute(sql.REPLACE_FACTS, {"id": parent_id, "facts": json.dumps(facts_to_json(changed))})
    _execute(
        sql.CLOSE_ERASED,
        {
            "id": draft.id,
            "facts": json.dumps(facts_to_json(facts)),
            "key_id": int(new_key[1:]),
            "erased_seq": facts.seq,
        },
    )
    return int(values), json.loads(files) if isinstance(files, str) else list(files)


def forgetting(facts: Facts, person: str, *, instead: str) -> Facts:
    """Return the facts with one person called by another id everywhere."""

    def other(who: str) -> str:
        return instead if who == person else who

    return replace(
        facts,
        raisers=tuple(other(who) for who in facts.raisers),
        clerks=tuple(other(who) for who in facts.clerks),
        deeds=tuple(replace(deed, person=other(deed.person)) for deed in facts.deeds),
        votes={other(who): vote for who, vote in facts.votes.items()},
    )


# ── Photos ──────────────────────────────────────────────────────────────────────────────────────────────────


def release_attachment(
    number: str, attachment: int, *, actor: Actor, at: datetime, released: bool = True
) -> Refused | None:
    """Show a photo to the public, or hide it again; None when it is done. Only officials of this entry may."""
    with transaction.atomic():
        draft = _House.now().lock([number]).get(number)
        if draft is None:
            return refusals.no_such_entry(number)
        if not is_official_of(draft.program, draft.now, actor):
            return refusals.not_released_by_you()
        wanted = {"id": attachment, "entry_id": draft.id, "at": _exact(at), "by": actor.person}
        with connection.cursor() as cursor:
            cursor.execute(sql.RELEASE if released else sql.WITHDRAW_RELEASE, wanted)
            return None if cursor.rowcount else refusals.no_such_photo()


def is_official_of(program: Program, facts: Facts, actor: Actor) -> bool:
    """Return whether the actor holds any of the posts that look after this entry."""
    return any(
        party.is_official and party.kind != "unit" and appointments_fitting(party, actor, facts.place, facts)
        for party in program.parties.values()
    )


def sweep(*, at: datetime) -> int:
    """Delete photos that no row names after a day, old form keys and old tries; return how many photos went."""
    at = _exact(at)
    folder = settings.JIEBANG_FILES
    old = photos.older_than_a_day(folder, at=at)
    kept = {row[0] for row in _rows(sql.FILES_KEPT, {"files": old})} if old else set()
    orphans = [name for name in old if name not in kept]
    photos.remove(orphans, folder=folder)
    _execute(sql.FORGET_REQUESTS, {"before": at - REQUESTS_KEPT})
    _execute(sql.FORGET_TRIES, {"before": at - timedelta(days=1)})
    return len(orphans)


def _checked_files(files: Sequence[Upload]) -> list[tuple[Upload, CleanPhoto]] | Refused:
    """Return each file with its clean photo, or the first refusal. Outside the transaction: decoding takes time."""
    if len(files) > photos.MOST_PER_STEP:
        return photos.too_many(files[0].field)
    cleaned: list[tuple[Upload, CleanPhoto]] = []
    for file in files:
        photo = photos.clean(file.content, field=file.field)
        if isinstance(photo, Refused):
            return photo
        cleaned.append((file, photo))
    return cleaned


def _shown(program: Program, sent: Sequence[tuple[Upload, CleanPhoto]]) -> tuple[str, ...] | Refused:
    """Return what is handed in, as the engine counts proof: "photo", "photo before"."""
    shown: list[str] = []
    for file, _ in sent:
        asked = program.fields.get(file.field)
        kind = asked.type if asked is not None else file.field
        if kind not in FILE_TYPES or not file.label.isprintable() or len(file.label) > 40:
            return refusals.unexpected_file(file.field)
        shown.append(f"{kind} {file.label}".rstrip())
    return tuple(shown)


def _keep(sent: Sequence[tuple[Upload, CleanPhoto]]) -> list[KeptFile]:
    """Write the photos before the transaction commits: a committed row never names a photo that is not there."""
    folder = settings.JIEBANG_FILES
    return [
        KeptFile(file.field, file.label, photos.keep(photo, folder=folder), photo, secrets.token_bytes(32))
        for file, photo in sent
    ]


# ── The house: what every command of one transaction shares ─────────────────────────────────────────────────


@dataclass(slots=True)
class _House:
    """Calendar, city and manner of logging, read once; and the statements that lock and write."""

    calendar: Calendar
    city: rulebook.CityView
    manner: LogManner
    damaged: list[tuple[int, str]] = field(default_factory=list)
    damaged_numbers: set[str] = field(default_factory=set)

    @classmethod
    def now(cls) -> _House:
        city = rulebook.city()
        return cls(rulebook.calendar(), city, LogManner(zone_of(city.zone), city.levels))

    def lock(self, numbers: Sequence[str]) -> dict[str, Draft]:
        """Lock the entries of these numbers, by id, and return them by number."""
        return {draft.number: draft for draft in self.take(sql.LOCK, {"numbers": list(numbers)})} if numbers else {}

    def take(self, statement: str, wanted: Mapping[str, object]) -> list[Draft]:
        drafts: list[Draft] = []
        for row in _rows(statement, wanted):
            try:
                drafts.append(_draft_from(row))
            except Exception as error:  # a damaged row must not stop the others; it is named and left alone
                log.exception("entry %s cannot be read", row[2])
                self.damaged.append((row[0], f"{type(error).__name__}: {error}"))
                self.damaged_numbers.add(row[2])
        return drafts

    def broken(self, number: str) -> Refused | None:
        return refusals.broken_entry(number) if number in self.damaged_numbers else None

    def write(self, drafts: Iterable[Draft], *, raisers: Sequence[Row] = ()) -> None:
        """Write what the drafts gathered: one statement for the leaves, one for this room's rows."""
        changed = [draft for draft in drafts if draft.steps]
        if not changed:
            return
        keys = people.keys({draft.key for draft in changed} | {s.event.person for d in changed for s in d.steps})
        leaf_bytes: list[tuple[str, bytes]] = []
        moments = [step.event.at for draft in changed for step in draft.steps]
        values: list[dict[str, Json]] = []
        for draft in changed:
            for step in draft.steps:
                values.append(private_values(step.event, step.files))
                leaf_bytes.append(("event", leaf_of(draft, step.event, values[-1], keys=keys, manner=self.manner)))
        leaf_ids = ledger.append(leaf_bytes, moments=moments)
        tables = self._tables(changed, leaf_ids, values)
        if raisers:
            tables["raisers"] = list(raisers)
        opens = changed[0].id is None
        timers_may_end = any(has_timers(draft.program) for draft in changed)
        parts = tuple(
            name
            for name, rows in tables.items()
            if name != "entries" and (rows or (name == "limits" and timers_may_end))
        )
        written = _rows(
            sql.write(*parts, opens=opens),
            {name: json.dumps(tables[name], ensure_ascii=False) for name in ("entries", *parts)},
        )[0][0]
        if written != len(changed):
            raise LostLockError(f"{len(changed)} entries were to be written and {written} were.")

    def _tables(
        self, changed: Sequence[Draft], leaf_ids: Sequence[int], values: Sequence[Mapping[str, Json]]
    ) -> dict[str, list[Row]]:
        tables: dict[str, list[Row]] = {
            name: [] for name in ("entries", "events", "private", "attachments", "texts", "limits")
        }
        place = 0
        for draft in changed:
            if draft.id is None:
                area = deepest(draft.now.place, self.city.levels)
                tables["entries"].append(new_entry_row(draft, levels=self.city.levels, area=area))
            else:
                tables["entries"].append(entry_row(draft))
            for step in draft.steps:
                tables["events"].append(event_row(draft, step.event, leaf_ids[place]))
                tables["private"] += [
                    {"entry_uid": _hex(draft.uid), "seq": step.event.seq, "name": name, "value": value}
                    for name, value in values[place].items()
                ]
                tables["attachments"] += attachment_rows(draft, step)
                place += 1
            if (text := text_row(draft)) is not None:
                tables["texts"].append(text)
            tables["limits"] += limit_rows(draft, self.calendar)
        return tables


class LostLockError(DatabaseError):
    """An entry changed although we held its lock. Nothing of the transaction may stand."""


def _draft_from(row: Sequence[Any]) -> Draft:
    (id_, uid, number, mechanism, program_hash, log_, key_id, category, overdue, solved, satisfied, verified, facts,
     joined_into, _stuck) = row  # fmt: skip
    read = facts_from_json(json.loads(facts))
    return Draft(
        uid=bytes(uid),
        number=number,
        mechanism=mechanism,
        program=rulebook.program(program_hash),
        program_hash=program_hash,
        log=log_,
        key=f"k{key_id}",
        facts=read,
        id=id_,
        seq_before=read.seq,
        category=category,
        overdue=overdue,
        solved=solved,
        satisfied=satisfied,
        verified=verified,
        joined_into=joined_into,
    )


def _together_or_alone(items: Sequence[T], together: Callable[[Sequence[T]], list[R | Refused]]) -> list[R | Refused]:
    if not items:
        return []
    try:
        return together(items)
    except OperationalError:
        raise  # the database is gone or asks us to try again: trying each alone would only ask it more often
    except DatabaseError:
        if len(items) == 1:
            raise
        log.exception("a batch of %d failed; each is tried alone", len(items))
    return [_alone(item, together) for item in items]


def _alone(item: T, together: Callable[[Sequence[T]], list[R | Refused]]) -> R | Refused:
    try:
        return together([item])[0]
    except OperationalError:
        raise
    except DatabaseError:
        log.exception("one of a batch cannot be written: %r", item)
        return refusals.not_written()


def _is_writable(asked: Command | Opening) -> bool:
    """Return whether every text can be written as UTF-8 without NUL. What a question allows is the engine's business."""
    try:
        written = json.dumps([dict(asked.answers), [file.name for file in asked.files]], ensure_ascii=False).encode()
    except (UnicodeEncodeError, TypeError, ValueError, RecursionError):
        return False
    number = asked.entry if isinstance(asked, Command) else asked.area
    return b"\\u0000" not in written and "\x00" not in number and number.isprintable()


def _exact(at: datetime) -> datetime:
    """Return the moment in UTC with whole milliseconds, as the log and the database keep it."""
    if at.tzinfo is None:
        raise ValueError("A moment without a zone was passed. Pass an aware one, such as datetime.now(UTC).")
    utc = at.astimezone(UTC)
    return utc.replace(microsecond=utc.microsecond // 1000 * 1000)


@lru_cache(maxsize=8)
def zone_of(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def _hex(value: bytes) -> str:
    """Return bytes as PostgreSQL reads them out of JSON."""
    return "\\x" + value.hex()


def _rows(statement: str, wanted: Mapping[str, object]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, wanted)
        return cursor.fetchall()


def _execute(statement: str, wanted: Mapping[str, object]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, wanted)


__all__ = [
    "ANYONE",
    "CLOCK",
    "Actor",
    "ComeBack",
    "Command",
    "Done",
    "Erased",
    "Opened",
    "Opening",
    "Refused",
    "TooManyTries",
    "Upload",
    "act",
    "act_many",
    "erase",
    "open_entry",
    "open_many",
    "raiser_by_code",
    "release_attachment",
    "sweep",
    "tick",
]

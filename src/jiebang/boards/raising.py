"""Raising a matter: a receipt, a number without gaps, a secret code; the same form twice is one matter."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.conf import settings
from django.db import transaction

from jiebang import engine
from jiebang.boards import codes, files, linking, mapping, personal, recurring, refusals, sql
from jiebang.boards.batches import together_or_alone
from jiebang.boards.database import as_json, ask
from jiebang.boards.drafts import Draft, Row, bytes_as_text
from jiebang.boards.files import Upload
from jiebang.boards.gathering import Gathering
from jiebang.boards.house import House, exact
from jiebang.boards.photos import CleanPhoto
from jiebang.engine.model import ANYONE, Actor, Event, Json, Refused
from jiebang.engine.worktime import Calendar
from jiebang.people import queries as people
from jiebang.people import services as people_services
from jiebang.rulebook import queries as rulebook

KEY_LENGTHS = range(16, 129)


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
    again: str = ""  # the closed entry that is raised again, and who has shown that they may
    again_by: Actor = ANYONE


@dataclass(frozen=True, slots=True)
class Opened:
    """The receipt: `code` is empty where a PIN was chosen. `look_again_at` is when the first answer is owed."""

    number: str
    code: str
    uid: bytes
    look_again_at: datetime
    repeated: bool = False


def open_entry(opening: Opening, *, at: datetime) -> Opened | Refused:
    """Raise a matter and return its receipt. The same key again returns the same receipt, the code included."""
    if opening.files:  # reading a photo takes its time; nobody else shall wait for it
        return open_many([opening], at=at)[0]
    return _GATHERED.one(opening, at=at)


def open_many(openings: Sequence[Opening], *, at: datetime) -> list[Opened | Refused]:
    """Raise several matters in one transaction; each answer stands where its opening stood."""
    return together_or_alone(openings, lambda some: _open_batch(some, at=exact(at)))


_GATHERED: Gathering[Opening, Opened | Refused] = Gathering(lambda openings, at: open_many(openings, at=at), lanes=1)


@dataclass(slots=True)
class _Raise:
    """One opening on its way: checked, decided on trial, then made with the raiser's real key."""

    opening: Opening
    version: rulebook.VersionView
    place: Mapping[str, str]
    sent: Sequence[tuple[Upload, CleanPhoto]]
    uid: bytes
    code: str  # empty where a PIN was chosen
    draft: Draft | None = None


def _open_batch(openings: Sequence[Opening], *, at: datetime) -> list[Opened | Refused]:
    answers: dict[int, Opened | Refused] = {}
    raises: dict[int, _Raise] = {}
    house = House.now()
    for place, opening in enumerate(openings):
        checked = _checked_opening(opening, house=house, at=at)
        if isinstance(checked, Refused):
            answers[place] = checked
        else:
            raises[place] = checked
    if raises:
        # Read before the transaction that makes others wait.
        house.meet({}, _acting(raises.values()))
        with transaction.atomic():
            begun = _begin(raises, house=house, at=at)
            _make(begun, house=house, at=at)
            answers |= {place: _receipt(one.ready) for place, one in begun.items()}
            answers |= _receipts_of_repeats({p: one.opening for p, one in raises.items() if p not in begun})
    return [answers[place] for place in range(len(openings))]


def _acting(raises: Iterable[_Raise]) -> set[str]:
    """Return the persons with an account who raise, or write down for somebody: their keys are needed for the leaf."""
    actors = (who for one in raises for who in (one.opening.actor, one.opening.written_by) if who is not None)
    return {who.person for who in actors}


def _checked_opening(opening: Opening, *, house: House, at: datetime) -> _Raise | Refused:
    """Return the opening ready to be made, or why it cannot be. Nothing is read or written but caches."""
    if len(opening.key) not in KEY_LENGTHS or not opening.key.isascii() or not opening.key.isprintable():
        return refusals.bad_key()
    if opening.pin is not None and (len(opening.pin.strip()) not in codes.PIN_LENGTHS or not opening.pin.isprintable()):
        return refusals.bad_pin()
    try:
        day = at.astimezone(house.manner.zone).date()
        version = rulebook.in_force(opening.mechanism, on=day, area=opening.area)
    except rulebook.NotPublished:
        return refusals.no_such_mechanism(opening.mechanism)
    if stray := mapping.stray_position(version.program, opening.answers):
        return refusals.position_elsewhere(stray)
    if opening.again and (refused := recurring.refused(opening, calendar=house.calendar, at=at)):
        return refused
    sent = files.checked(opening.files)
    if isinstance(sent, Refused):
        return sent
    ready = _Raise(opening, version, people.place(opening.area), sent, secrets.token_bytes(16), _code_of(opening))
    # On trial, with a stand-in for the raiser: whatever would be refused is refused before anything is written.
    trial = _decide_opening(ready, raiser="k0", calendar=house.calendar, at=at)
    if isinstance(trial, Refused):
        return trial
    if shown_to_all := personal.shown_to_all(version.program, opening.answers):
        return refusals.personal_number(*shown_to_all)
    return ready


def _decide_opening(one: _Raise, *, raiser: str, calendar: Calendar, at: datetime) -> list[Event] | Refused:
    opening = one.opening
    shown = files.shown(one.version.program, one.sent)
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
        again=opening.again,
    )


@dataclass(frozen=True, slots=True)
class _Begun:
    """A raise whose form was never sent before: it has its number and its raiser a key."""

    ready: _Raise
    number: str
    person: str
    key: bytes


def _begin(raises: Mapping[int, _Raise], *, house: House, at: datetime) -> dict[int, _Begun]:
    """Return the raises whose form was never sent before, by place. A form that is just being sent is waited for.

    From here on every other raise of the city waits for us, so whatever can be done before has been done.
    """
    first: dict[str, int] = {}
    for place, one in raises.items():
        first.setdefault(one.opening.key, place)
    secret = {place: people_services.new_secret() for place in first.values()}
    requests = [
        {"key": key, "uid": bytes_as_text(raises[place].uid), "place": place, "secret": bytes_as_text(secret[place])}
        for key, place in sorted(first.items())
    ]
    prefix = f"{house.city.prefix}-{at.astimezone(house.manner.zone):%y}"
    rows = ask(sql.BEGIN_ENTRIES, {"requests": as_json(requests), "at": at, "name": prefix})
    return {
        place: _Begun(raises[place], f"{prefix}-{value:06d}", f"k{person}", secret[place])
        for key, person, value in rows
        for place in (first[key],)
    }


def _make(begun: Mapping[int, _Begun], *, house: House, at: datetime) -> None:
    """Write the new entries: leaves and rows."""
    if not begun:
        return
    house.meet({one.person: one.key for one in begun.values()})
    drafts: list[Draft] = []
    for one in begun.values():
        ready = one.ready
        events = _decide_opening(ready, raiser=one.person, calendar=house.calendar, at=at)
        if isinstance(events, Refused):  # the trial said yes with the same inputs
            raise AssertionError(f"An opening was accepted on trial and then refused: {events.code}")
        ready.draft = Draft(
            uid=ready.uid,
            number=one.number,
            mechanism=ready.version.mechanism,
            program=ready.version.program,
            program_hash=ready.version.program_hash,
            log=ready.version.program.log,
            key=one.person,
        )
        ready.draft.take(events, files=files.kept(ready.sent))
        children = linking.planned(ready.draft, events, calendar=house.calendar)
        if isinstance(children, Refused):
            raise AssertionError(f"What a new entry opens was refused: {children.code}")
        ready.draft.children += children
        drafts.append(ready.draft)
    linking.write(house, drafts, raisers=[_raiser_row(one.ready) for one in begun.values()])
    recurring.link(drafts)


def _raiser_row(one: _Raise) -> Row:
    assert one.draft is not None
    code_key = settings.JIEBANG_CODE_KEY
    pin = one.opening.pin
    secret = (
        codes.code_hash(one.code, code_key=code_key)
        if pin is None
        else codes.pin_hash(pin, uid=one.uid, code_key=code_key)
    )
    return {
        "entry_uid": bytes_as_text(one.uid),
        "person": one.draft.now.raisers[0],
        "secret": bytes_as_text(secret),
        "is_pin": pin is not None,
        "lang": one.opening.lang,
    }


def _receipt(one: _Raise) -> Opened:
    assert one.draft is not None
    due = one.draft.now.due
    return Opened(one.draft.number, one.code, one.uid, due or one.draft.now.last_at)


def _receipts_of_repeats(openings: Mapping[int, Opening]) -> dict[int, Opened | Refused]:
    """Return the first sending's receipts, whatever the form says now. The code is made again from the key."""
    if not openings:
        return {}
    keys = sorted({opening.key for opening in openings.values()})
    found = {row[0]: row for row in ask(sql.RECEIPTS, {"keys": keys})}
    answers: dict[int, Opened | Refused] = {}
    for place, opening in openings.items():
        _, number, uid, due, at, is_pin = found[opening.key]
        answers[place] = Opened(
            number, "" if is_pin else _code_of(replace(opening, pin=None)), bytes(uid), due or at, True
        )
    return answers


def _code_of(opening: Opening) -> str:
    return "" if opening.pin is not None else codes.code_for(opening.key, code_key=settings.JIEBANG_CODE_KEY)

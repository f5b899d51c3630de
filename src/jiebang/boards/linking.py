"""Entries that belong together: opening what an event opens, in its transaction, and telling it when that has closed.

An opened entry is written with the event that opens it, or neither is. Its end is told to the opener by a follower that
walks the links whose end has closed and was not heard of: the link is marked in the transaction that writes the event,
so whoever is killed in between tells it later, and nothing is told twice. Locks are always the opener's first: the
opened entry is new then, and when it has closed it is only read.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from jiebang import engine
from jiebang.boards import refusals, sql
from jiebang.boards.database import as_json, ask, tell
from jiebang.boards.drafts import RECHECK, Draft, Row, bytes_as_text, deepest
from jiebang.boards.house import House, LostLockError
from jiebang.engine.linked import ITEM, NUMBER
from jiebang.engine.model import BOARDS, Event, Field, Json, Move, Opened, Origin, Refused
from jiebang.engine.worktime import Calendar
from jiebang.people import services as people_services
from jiebang.rulebook import queries as rulebook

MOST_DEEP = 8  # boards open no ring, so a chain ends; a damaged rulebook must not go on for ever


@dataclass(frozen=True, slots=True)
class Child:
    """An entry about to be opened: it was decided on trial, and nothing stands in its way."""

    version: rulebook.VersionView
    opening: str
    answers: Mapping[str, Json]
    origin: Origin
    at: datetime
    kind: str = "opened"

    @property
    def key(self) -> str:
        return f"{self.origin.entry}.{self.origin.seq}.{self.origin.n}"


def planned(draft: Draft, events: Sequence[Event], *, calendar: Calendar) -> list[Child] | Refused:
    """Return what the events open, or why one of it cannot be opened. Costs nothing where nothing is linked."""
    children: list[Child] = []
    for event in events:
        if event.awaits and (event.awaits == draft.number or not ask(sql.UID_OF, {"number": event.awaits})):
            about = next((name for name, answer in event.answers.items() if answer == event.awaits), "")
            return refusals.cannot_wait("self" if event.awaits == draft.number else "missing", about)
        for n, one in enumerate(event.opens):
            child = _child(draft, events, event, one, Origin(draft.uid.hex(), event.seq, n), calendar)
            if isinstance(child, Refused):
                return child
            children.append(child)
    return children


def _child(
    draft: Draft, events: Sequence[Event], event: Event, one: Opened, origin: Origin, calendar: Calendar
) -> Child | Refused:
    try:
        version = rulebook.in_force(one.mechanism, on=calendar.local_day(event.at))
    except rulebook.NotPublished:
        return refusals.cannot_open(one.mechanism)
    move = version.program.openings.get(one.opening)
    if move is None:
        return refusals.cannot_open(one.mechanism)
    answers = _carried(draft, events, one, version.program.fields, move)
    child = Child(version, one.opening, answers, origin, event.at)
    # On trial, with a stand-in for the raiser: whatever would be refused is refused before anything is written.
    trial = _opened(child, draft.now.place or event.place, calendar, raiser="k0")
    return refusals.cannot_open(one.mechanism, trial) if isinstance(trial, Refused) else child


def recheck_of(draft: Draft, *, at: datetime, calendar: Calendar) -> Child | Refused:
    """Return the entry by which a closed one is looked at again: opened by the event that closed it."""
    again = draft.program.finals[draft.now.state].recheck
    assert again is not None, "only what is to be looked at again has such a timer"
    event = replace(closing_event(draft), at=at)
    opened = Opened(again.opens.mechanism, again.opens.opening, -1, again.opens.carry)
    child = _child(draft, (), event, opened, Origin(draft.uid.hex(), event.seq, 0), calendar)
    return child if isinstance(child, Refused) else replace(child, kind=RECHECK)


def closing_event(draft: Draft) -> Event:
    """Return what the event that closed an entry says that matters here: its number."""
    facts = draft.now
    return Event("move", facts.seq, "", "", facts.state, facts.last_at, "", "", place=facts.place)


def open_planned(house: House, drafts: Iterable[Draft]) -> None:
    """Open what is planned of entries that have no event now."""
    if children := [(draft, child) for draft in drafts for child in draft.children]:
        _add_links(_open(house, children, depth=0))


def _opened(child: Child, place: Mapping[str, str], calendar: Calendar, *, raiser: str) -> list[Event] | Refused:
    command = engine.Command(child.opening, BOARDS, child.answers)
    return engine.open_entry(
        child.version.program,
        child.opening,
        command,
        at=child.at,
        calendar=calendar,
        place=place,
        raiser=raiser,
        origin=child.origin,
    )


def _carried(
    draft: Draft, events: Sequence[Event], one: Opened, asked: Mapping[str, Field], move: Move
) -> dict[str, Json]:
    """Return the answers with which the other entry is opened: ours, the line it is for, our number, our area."""
    answers: dict[str, Json] = {}
    for theirs, ours in one.carry.items():
        if ours == NUMBER:
            answers[theirs] = draft.number
            continue
        told = _told(draft, events, _each_of(draft, one) if ours == ITEM else ours)
        if ours == ITEM and isinstance(told, list):
            told = told[one.item] if one.item < len(told) else None
        if told is None and asked[theirs].type == "text":
            told = draft.number  # it was erased; whoever reads the new entry finds the old one
        if told is not None:
            answers[theirs] = told
    for ask_ in move.ask:
        if asked[ask_.field].type == "area" and ask_.field not in answers:
            answers[ask_.field] = deepest(draft.now.place, rulebook.city().levels)
    return answers


def _each_of(draft: Draft, one: Opened) -> str:
    """Return the question an entry is opened for each line of."""
    states = draft.program.states.values()
    opens = [part for state in states for part in (state.opens, *(move.opens for move in state.moves.values())) if part]
    return next(
        part.each for part in opens if part.each and (part.mechanism, part.opening) == (one.mechanism, one.opening)
    )


def _told(draft: Draft, events: Sequence[Event], name: str) -> Json:
    """Return the latest public answer to a question: of these events, of this transaction, or of before."""
    earlier = [step.event for step in draft.steps]
    for event in reversed([*earlier, *events]):
        if name in event.told:
            return event.told[name]
        if name in event.answers:
            return event.answers[name]
    if draft.id is not None and (rows := ask(sql.TOLD, {"id": draft.id, "name": name})):
        return json.loads(rows[0][0])  # type: ignore[no-any-return]  # JSON as it was written
    return draft.now.answers.get(name)


# ── Writing ─────────────────────────────────────────────────────────────────────────────────────────────────


def write(house: House, drafts: Iterable[Draft], *, raisers: Sequence[Row] = (), depth: int = 0) -> None:
    """Write the drafts, and then what they open and wait for; one transaction is around it."""
    written = list(drafts)
    house.write(written, raisers=raisers)
    children = [(draft, child) for draft in written for child in draft.children]
    links = [
        _link(draft, event.awaits, event.awaits, "named")
        for draft in written
        for event in (step.event for step in draft.steps)
        if event.awaits
    ]
    if children:
        links += _open(house, children, depth=depth)
    _add_links(links)


def _add_links(links: Sequence[Row]) -> None:
    if links and tell(sql.LINK, {"links": as_json(links)}) != len(links):
        raise LostLockError(f"{len(links)} entries were to be linked and fewer were.")


def _open(house: House, children: Sequence[tuple[Draft, Child]], *, depth: int) -> list[Row]:
    if depth >= MOST_DEEP:
        raise LostLockError("Boards open entries on one another without an end.")
    uids = [secrets.token_bytes(16) for _ in children]
    keys = [people_services.new_secret() for _ in children]
    requests = [
        {"key": child.key, "uid": bytes_as_text(uid), "place": place, "secret": bytes_as_text(key)}
        for place, ((_, child), uid, key) in enumerate(zip(children, uids, keys, strict=True))
    ]
    at = children[0][1].at
    prefix = f"{house.city.prefix}-{at.astimezone(house.manner.zone):%y}"
    rows = ask(sql.BEGIN_ENTRIES, {"requests": as_json(requests), "at": at, "name": prefix})
    begun = {key: (f"k{person}", f"{prefix}-{value:06d}") for key, person, value in rows}
    if len(begun) != len(children):
        raise LostLockError("An entry was opened twice by the same event.")
    drafts: list[Draft] = []
    links: list[Row] = []
    for (parent, child), uid, key in zip(children, uids, keys, strict=True):
        person, number = begun[child.key]
        house.meet({person: key})
        events = _opened(child, parent.now.place, house.calendar, raiser=person)
        if isinstance(events, Refused):  # the trial said yes with the same inputs
            raise AssertionError(f"An opening was accepted on trial and then refused: {events.code}")
        program = child.version.program
        draft = Draft(
            uid=uid,
            number=number,
            mechanism=child.version.mechanism,
            program=program,
            program_hash=child.version.program_hash,
            log=program.log,
            key=person,
        )
        draft.take(events)
        further = planned(draft, events, calendar=house.calendar)
        if isinstance(further, Refused):
            raise AssertionError(f"What an opened entry opens was refused: {further.code}")
        draft.children += further
        drafts.append(draft)
        links.append(_link(parent, f"{child.origin.seq}.{child.origin.n}", number, child.kind))
    write(house, drafts, raisers=[_raiser_row(draft) for draft in drafts], depth=depth + 1)
    return links


def _link(draft: Draft, slot: str, number: str, kind: str) -> Row:
    return {"from_uid": bytes_as_text(draft.uid), "slot": slot, "number": number, "kind": kind}


def _raiser_row(draft: Draft) -> Row:
    """Nobody raised it, so nobody has its code: the secret is thrown away."""
    return {
        "entry_uid": bytes_as_text(draft.uid),
        "person": draft.now.raisers[0],
        "secret": bytes_as_text(secrets.token_bytes(32)),
        "is_pin": False,
        "lang": "",
    }

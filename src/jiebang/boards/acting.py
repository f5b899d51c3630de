"""Moves: one door for people, sensors and meetings, and the clock's own turn."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import DatabaseError, transaction

from jiebang import engine
from jiebang.boards import files, linking, personal, reading, refusals
from jiebang.boards.batches import together_or_alone
from jiebang.boards.clock import StuckClockError, make_overdue_moves
from jiebang.boards.drafts import Draft
from jiebang.boards.files import Upload
from jiebang.boards.gathering import Gathering
from jiebang.boards.house import House, exact
from jiebang.boards.photos import CleanPhoto
from jiebang.engine.model import Actor, Event, Json, Refused
from jiebang.engine.worktime import Calendar

log = logging.getLogger("jiebang.boards")

_NUMBER = re.compile(r"[A-Z0-9]{1,12}-\d{2}-\d{6,9}", re.ASCII)  # as in a leaf


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


def act(command: Command, *, at: datetime) -> Done | Refused:
    """Make one move, or say why not. A refused move changes nothing but the clock moves that were due anyway."""
    if command.files:  # reading a photo takes its time; nobody else shall wait for it
        return act_many([command], at=at)[0]
    return _GATHERED.one(command, at=at)


def act_many(commands: Sequence[Command], *, at: datetime) -> list[Done | Refused]:
    """Make the moves in order, in one transaction; each answer stands where its command stood.

    A command that is refused does not disturb the others. If the database refuses the batch as a whole, every
    command is tried alone, so that one bad row costs only itself.
    """
    return together_or_alone(commands, lambda some: _act_batch(some, at=exact(at)))


_GATHERED: Gathering[Command, Done | Refused] = Gathering(lambda commands, at: act_many(commands, at=at), lanes=2)


def foresee(commands: Sequence[Command], *, at: datetime) -> list[Done | Refused]:
    """Return what `act_many` would answer now. Nothing is written, not even the clock's moves; files are not asked for.

    It asks the same way as a move does, locks included, and lets go without writing.
    """
    at = exact(at)
    with transaction.atomic():
        house = House.now()
        drafts = house.lock(_wanted(command for command in commands if command.entry.isprintable()))
        return [_answer(command, [], drafts, house=house, at=at) for command in commands]


def _act_batch(commands: Sequence[Command], *, at: datetime) -> list[Done | Refused]:
    answers: list[Done | Refused | None] = [None] * len(commands)
    cleaned: dict[int, list[tuple[Upload, CleanPhoto]]] = {}
    for place, command in enumerate(commands):
        # Answers are the engine's to read; the number goes to the database before it, which takes no NUL.
        checked = files.checked(command.files) if command.entry.isprintable() else refusals.no_such_entry("")
        if isinstance(checked, Refused):
            answers[place] = checked
        else:
            cleaned[place] = checked
    with transaction.atomic():
        house = House.now()
        drafts = house.lock(_wanted(commands[place] for place in cleaned))
        for place, photos_sent in cleaned.items():
            answers[place] = _answer(commands[place], photos_sent, drafts, house=house, at=at)
        linking.write(house, drafts.values())
    return [answer for answer in answers if answer is not None]


def _wanted(commands: Iterable[Command]) -> Iterator[tuple[str, str]]:
    """Give what to lock: each entry with who acts on it, and the entries that a duplicate may be merged into."""
    for command in commands:
        yield command.entry, command.actor.person
        # Which question names the other entry is known only with the program, thus after the lock. An answer that
        # looks like a number is locked too: one row more, in the same order by id.
        for value in command.answers.values():
            if isinstance(value, str) and _NUMBER.fullmatch(value):
                yield value, ""


def _answer(
    command: Command,
    sent: Sequence[tuple[Upload, CleanPhoto]],
    drafts: Mapping[str, Draft],
    *,
    house: House,
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
    except StuckClockError as stuck:
        draft.go_back_to(before)
        return stuck.refused
    except Exception:  # it costs this command alone
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
    house: House,
    at: datetime,
) -> Done | Refused:
    at = max(at, draft.now.last_at)  # on one entry time never runs backwards
    make_overdue_moves(draft, house.calendar, at=at)
    shown = files.shown(draft.program, sent)
    if isinstance(shown, Refused):
        return shown
    asked = engine.Command(
        move=command.move,
        actor=command.actor,
        answers={**command.answers, **_read(draft, command, at=at)},
        shown=shown,
        unit=command.unit,
        expects_seq=command.expects_seq,
    )
    events = engine.decide(draft.program, draft.now, asked, at=at, calendar=house.calendar)
    if isinstance(events, Refused):
        return events
    if shown_to_all := personal.shown_to_all(draft.program, command.answers):
        return refusals.personal_number(*shown_to_all)
    children = linking.planned(draft, events, calendar=house.calendar)
    if isinstance(children, Refused):
        return children
    parent = _parent_of(draft, events, drafts, house.calendar, at=at)
    if isinstance(parent, Refused):
        return parent
    draft.take(events, files=files.kept(sent))
    draft.children += children
    if parent is not None:
        _give_raisers(draft, parent, at=at)
    return Done(draft.number, draft.now.seq, draft.now.state, tuple(events))


def _read(draft: Draft, command: Command, *, at: datetime) -> Mapping[str, Json]:
    """The city's own answers to what the move asks of it: they stand in place of whatever was sent."""
    asked = engine.read_by(draft.program, draft.now, command.move)
    return {field.name: reading.read(draft, field, at=at) for field in asked} if asked else {}


# ── Duplicates ─────────────────────────────────────────────────────────────────────────────────────────────────


def _parent_of(
    draft: Draft, events: Sequence[Event], drafts: Mapping[str, Draft], calendar: Calendar, *, at: datetime
) -> Draft | Refused | None:
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
    make_overdue_moves(parent, calendar, at=max(at, parent.now.last_at))
    if parent.meaning is not None:
        return refusals.cannot_join("closed", about)
    return parent


def _give_raisers(child: Draft, parent: Draft, *, at: datetime) -> None:
    """Give the parent the child's raisers. Both rows are locked: ids give the order, so no two merges deadlock."""
    facts = child.now
    parent.take(engine.join(parent.program, parent.now, raisers=facts.raisers, clerks=facts.clerks, at=at))
    child.joined_into = parent.id

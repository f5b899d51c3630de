"""What an entry's page may show, in the words of whoever asks: everybody, staff, its raisers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from jiebang.boards.queries.coming import Blocked, MoreTime
from jiebang.boards.queries.objecting import ObjectionsView
from jiebang.boards.queries.rows import Row
from jiebang.engine.model import Facts, Field, Json, Move, Program, Refused, Texts


@dataclass(frozen=True, slots=True)
class Answer:
    """A question and what was answered; a choice comes with its title."""

    field: Field
    value: Json
    title: Texts


@dataclass(frozen=True, slots=True)
class AttachmentView:
    id: int
    seq: int
    field: str
    label: str
    width: int
    height: int
    released_at: datetime | None


@dataclass(frozen=True, slots=True)
class EventView:
    """One event of the timeline. `place` is (shard, index) in the public log, None while the leaf waits."""

    seq: int
    kind: str
    move: str
    move_title: Texts
    from_state: str
    to_state: str
    to_title: Texts
    at: datetime
    is_day_only: bool
    missed: datetime | None
    due: datetime | None
    provisional: bool
    party: str
    party_title: Texts
    unit: Texts
    named_unit: Texts
    verified: str
    answers: tuple[Answer, ...]
    leaf_id: int
    place: tuple[str, int] | None
    attachments: tuple[AttachmentView, ...]
    joined_number: str
    taken_by: Texts  # the unit, or else the party, of whoever took the raiser's word down; nothing if nobody did
    taken_how: str  # "window" or "proxy"
    heard: str = ""  # which of the entry's links has closed, by its slot
    rules: str = ""  # of a transfer: hash of the program it runs under from now on


@dataclass(frozen=True, slots=True)
class LinkView:
    """An entry that belongs to this one. `is_up`: that one opened this, or waits for it; else this one that.

    `kind` is "opened" or "named". A veiled board's entries are in no list.
    """

    kind: str
    is_up: bool
    slot: str
    number: str
    mechanism: str
    board: Texts
    title: str
    state: Texts
    meaning: str  # "" while it is open


@dataclass(frozen=True, slots=True)
class AgainView:
    """`begins` has, by question of the new form, what the closed entry says in public."""

    until: datetime
    opening: str
    by_anyone: bool
    by_raiser: bool
    who: tuple[Texts, ...]
    begins: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class EntryView:
    """One entry as everybody may see it. `seal` is "" or how it was struck off: "yes" or "partly"."""

    row: Row
    uid: str
    text: str
    program: Program
    seq: int
    entered_at: datetime
    due_span: str
    holder_party: str
    raisers: int
    satisfied: str
    verified: str
    seal: str
    next_if_late: Texts  # where the clock leads if nobody acts
    next_moves: tuple[Texts, ...]  # what the holder may do now
    blocked_moves: tuple[Blocked, ...]  # what the holder may do once something else is done
    more_time: MoreTime | None
    others_moves: tuple[tuple[Texts, tuple[Texts, ...]], ...]  # officials other than the holder, and what they may do
    joined_into: str
    joined: tuple[str, ...]  # entries merged into this one
    events: tuple[EventView, ...]
    links: tuple[LinkView, ...] = ()
    logged: Mapping[str, Json] = field(default_factory=dict)  # the latest answers that stand in the log in clear
    objections: ObjectionsView | None = None  # to the present notice
    rows: tuple[str, ...] = ()  # policy rows and seasons that the present limit was counted with
    again: AgainView | None = None  # how it may be raised again, once it has closed


@dataclass(frozen=True, slots=True)
class MoveView:
    """A move of the present state: whether this person may make it now, and if not, why."""

    move: Move
    may: bool
    party: str
    refused: Refused | None


@dataclass(frozen=True, slots=True)
class LateDuty:
    name: str
    title: Texts
    due_at: datetime
    late_at: datetime | None


@dataclass(frozen=True, slots=True)
class StaffEntryView:
    """An entry as those who look after it see it. `kept` holds what only the parties may read, by event.

    `withheld` are private fields the raiser answered, such as a telephone number: their values come one by one, through
    `services.look`, to whom `may_look` allows it.
    """

    entry: EntryView
    sees_kept: bool
    kept: Mapping[int, tuple[Answer, ...]]
    moves: tuple[MoveView, ...]
    attachments: tuple[AttachmentView, ...]
    duties: tuple[LateDuty, ...]
    wrong_tries: int
    facts: Facts
    withheld: tuple[Field, ...] = ()
    may_look: bool = False


@dataclass(frozen=True, slots=True)
class RaiserEntryView:
    """An entry as its raiser sees it after giving the code."""

    entry: EntryView
    kept: Mapping[int, tuple[Answer, ...]]
    moves: tuple[MoveView, ...]
    attachments: tuple[AttachmentView, ...]


@dataclass(frozen=True, slots=True)
class FormView:
    """What a move's form needs to be read: the rules, the facts, the place."""

    program: Program
    facts: Facts
    area: str

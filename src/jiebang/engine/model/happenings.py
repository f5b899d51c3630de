"""What happens to an entry: who gives a command, the facts it meets, the events it makes, or why it is refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from jiebang.engine.model.clauses import How
from jiebang.engine.model.questions import Json, Texts


@dataclass(frozen=True, slots=True)
class Appointment:
    office: str  # "staff", "board-office", "government-duty", "handler", …
    unit: str  # slug
    area: str  # code
    level: str  # of the area: "community", "county", "city"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who gives a command. `person` is the id of a person key ("k17"): the same for an account and for what its
    owner raised while signed in. `beside` is the account signed in on the device where a raiser's code is used,
    so that nobody verifies their own work through someone's slip. `via` is recorded with a verdict. `others` are
    offices the same person holds besides the one acted from: they entitle to nothing and exclude as ever. `taker` is
    the official who writes down what a raiser says in person ("window") or through a relative ("proxy")."""

    person: str = ""
    appointments: tuple[Appointment, ...] = ()
    beside: str = ""
    via: Literal["", "code", "account", "window", "proxy", "call", "clock", "boards"] = ""
    taker: Actor | None = None
    others: tuple[Appointment, ...] = ()


ANYONE = Actor()
CLOCK = Actor(person="clock", via="clock")
BOARDS = Actor(via="boards")  # another entry opens one: nobody did


@dataclass(frozen=True, slots=True)
class Command:
    """`move` is a move of the present state, an opening, `duty:<name>`, `extend:ask|grant|refuse`, or "clock". `unit`
    is the slug the actor, or the taker of his word, acts for, when he has several. `shown` lists kinds of proof
    handed in, one item a file, as "photo" or "photo before"; a question of type photo, document or signature is
    answered there too.
    """

    move: str
    actor: Actor
    answers: Mapping[str, Json] = field(default_factory=dict)
    shown: tuple[str, ...] = ()
    unit: str = ""
    expects_seq: int | None = None


@dataclass(frozen=True, slots=True)
class Deed:
    """Who made a move last, and which unit it was done by or named (`assign` names a unit)."""

    move: str
    person: str
    unit: str
    named_unit: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Objection:
    """An objection to the present notice: by the event that raised it, who raised it, which level owes the answer
    (from 0) and until when; None: it was answered."""

    seq: int
    person: str
    level: int
    due: datetime | None


@dataclass(frozen=True, slots=True)
class Facts:
    """All the engine knows about one entry. A fold of its events; kept as JSON in the entry's row.

    `state_since` is when the present state was entered (a vote or a duty does not change it). `deeds` has every
    deed in order. `answers` holds the latest answers conditions and limits may read. `laps` counts uses of moves
    with `at_most` ("state.move") and of routes (their name). `running` has the duties that live on after their
    state and since when; `extension_asked` the moment of an extension asked for and not decided. `due` is the
    earliest of the state's limit and running spans. `opened` has how each entry ended that this one opened or waits
    for, "" while it is open: by its number, or as "<seq>.<n>", the n-th opened by event seq.
    """

    state: str
    seq: int
    place: Mapping[str, str]  # level → area code, of the entry's area and those above it
    raised_at: datetime
    state_since: datetime
    last_at: datetime
    due: datetime | None
    due_span: str  # the span that is due first, or ""
    provisional: bool  # the due falls in a year whose calendar is estimated
    raisers: tuple[str, ...]  # person ids
    clerks: tuple[str, ...]  # who wrote it down for someone: may not give the verdict
    deeds: tuple[Deed, ...]
    answers: Mapping[str, Json]
    laps: Mapping[str, int]
    votes: Mapping[str, str]  # person → answer, in this state
    duties_done: tuple[str, ...]
    spans: Mapping[str, datetime]  # running spans → due
    extended: int = 0  # times the present state's limit was extended
    extension_asked: datetime | None = None
    running: Mapping[str, datetime] = field(default_factory=dict)
    opened: Mapping[str, str] = field(default_factory=dict)
    objections: tuple[Objection, ...] = ()  # to the present notice
    rows: tuple[str, ...] = ()  # policy rows and seasons that the present state's limit was counted with


@dataclass(frozen=True, slots=True)
class Opened:
    """An entry an event opens elsewhere: for the line of that number, or -1."""

    mechanism: str
    opening: str = ""
    item: int = -1
    carry: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Origin:
    """Which event of which entry (uid in hex) opened this one, and as which of several, from 0."""

    entry: str
    seq: int
    n: int


@dataclass(frozen=True, slots=True)
class Taken:
    """Who took the word of a raiser down: as which party, for which unit, and how it came."""

    how: How
    party: str
    person: str
    unit: str = ""


EventKind = Literal[
    "open", "move", "clock", "duty", "vote", "join", "leave", "extension", "heard", "objection", "transfer"
]


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened. `via` is the route taken or ""; `missed` the due a clock event acts on.

    `answers` is logged in clear (conditions and limits read it); `told` is public beside the entry, as a
    disclosure; `kept` is for parties only. `lap` names the counters this event uses up.

    Only `open`, `move` and `clock` enter a state; a `transfer` says what the state is called in another version. A
    `vote` is one raiser's verdict while others are still asked; the deciding vote is followed by a `move` with the
    result. A `clock` event is named "clock", except when the limit closes a count: then it bears the counted move's
    name. `leave`: one of several raisers withdrew. A `duty` or `extension` bears the command's name ("duty:filing",
    "extend:ask"). An `objection` is raised ("object"), answered ("answer:7", by the number of the event that raised
    it) or handed up by the clock ("pass:7"); `owed` is when its answer is due then.
    """

    kind: EventKind
    seq: int
    move: str
    from_state: str  # "" for the opening
    to_state: str
    at: datetime
    party: str
    person: str
    unit: str = ""
    named_unit: str = ""
    via: str = ""
    missed: datetime | None = None
    due: datetime | None = None  # of the state after this event, spans included
    due_span: str = ""
    provisional: bool = False
    answers: Mapping[str, Json] = field(default_factory=dict)
    told: Mapping[str, Json] = field(default_factory=dict)
    kept: Mapping[str, Json] = field(default_factory=dict)
    lap: tuple[str, ...] = ()
    spans: Mapping[str, datetime | None] = field(default_factory=dict)  # started → due, ended → None
    place: Mapping[str, str] = field(default_factory=dict)  # opening only
    raisers: tuple[str, ...] = ()  # opening and join: raisers added; leave: the raiser gone
    clerk: str = ""  # opening at the window: who wrote it down
    verified: str = ""  # raiser-code, raiser-account, window, proxy, call-back, officer, raisers (a count at its limit)
    joins: str = ""  # number of the entry this one was merged into
    taken: Taken | None = None  # an official wrote down what the raiser said
    opens: tuple[Opened, ...] = ()
    awaits: str = ""  # number of the entry named here that a state will wait for
    heard: str = ""  # which entry opened or awaited has closed ("<seq>.<n>" or its number)
    means: str = ""  # … and how it ended
    origin: Origin | None = None  # opening only: what opened it
    again: str = ""  # opening only: number of the closed entry that is raised again
    owed: datetime | None = None  # of an objection raised or handed up: when its answer is due
    rows: tuple[str, ...] = ()  # policy rows and seasons that the due was counted with
    rules_before: str = ""  # transfer only: hash of the program it ran under
    rules: str = ""  # … and of the one it runs under from now on


@dataclass(frozen=True, slots=True)
class Refused:
    """A command that changes nothing: a stable code, the rule, what is wrong and what to do next, per language."""

    code: str
    rule: str
    what: Texts
    next_step: Texts
    field: str = ""  # the question it is about, if one


@dataclass(frozen=True, slots=True)
class Yes:
    party: str


@dataclass(frozen=True, slots=True)
class No:
    refused: Refused

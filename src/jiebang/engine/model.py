"""The words of a mechanism, as frozen values.

A mechanism file is parsed and compiled into a `Program`. `decide` asks a program what a command does to an
entry's `Facts` and answers with `Event`s or a `Refused`; `evolve` applies one event to the facts. Everything
here is a value: no clock, no database, no file. Moments are aware, in UTC, with milliseconds.

The program's canonical JSON form (`jiebang.engine.canonical`) is what the public log carries and what the
stranger's verifier reads, so a field here is a field there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, TypeAlias

Json: TypeAlias = "bool | int | str | list[Json] | dict[str, Json] | None"
Texts: TypeAlias = Mapping[str, str]  # language code ("zh", "en") → sentence

Unit = Literal["wd", "d", "h", "wh", "min"]
FieldType = Literal[
    "text", "choice", "yes-no", "date", "area", "unit", "entry", "number", "phone", "position",
    "photo", "document", "signature",
]  # fmt: skip
Visibility = Literal["public", "masked", "parties", "private"]
Meaning = Literal["solved", "explained", "withdrawn", "joined", "lapsed", "failed"]
LogClass = Literal["open", "coarse", "veiled"]
How = Literal["window", "proxy"]  # a raiser who says it in person, or through a relative


# ── What a file says ────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Amount:
    """A length of time: 3 working days, 5 calendar days, 2 hours, 8 working hours, 20 minutes."""

    n: int
    unit: Unit


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer of a choice field. `marks` are facts about it a condition may read (`visible-work`)."""

    id: str
    title: Texts
    marks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Field:
    """A typed question. `visible` says who may ever read the answer; `logged` that a condition or limit reads it."""

    name: str
    type: FieldType
    title: Texts
    hint: Texts = field(default_factory=dict)
    choices: tuple[Choice, ...] = ()
    visible: Visibility = "public"
    logged: bool = False
    most: int = 2000  # characters of a text, or photos of a photo field, or the largest number
    many: int = 0  # so many texts at most, a line each; 0: one answer


@dataclass(frozen=True, slots=True)
class Test:
    """One comparison: the answer to `field` is (or, negated, is not) among `values`.

    `mark` instead of values: the choice answered carries that mark (`if: visible-work` reads the category).
    `at_least` or `below` instead: the number answered lies on that side of a constant, which is 1 or more.
    """

    field: str
    values: tuple[str, ...] = ()
    negated: bool = False
    mark: str | None = None
    at_least: int | None = None
    below: int | None = None

    @property
    def constants(self) -> tuple[int, ...]:
        return tuple(c for c in (self.at_least, self.below) if c is not None)


@dataclass(frozen=True, slots=True)
class Condition:
    """All tests hold; and, if `duties_done`, all duties of the state but `but` are done. Empty: always."""

    tests: tuple[Test, ...] = ()
    duties_done: bool = False
    but: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Branch:
    when: Condition
    to: str  # a state, final or route


@dataclass(frozen=True, slots=True)
class Ask:
    """A question of a move. With `when` it is asked only if the answers before it say so (`solved: if reached`)."""

    field: str
    optional: bool = False
    when: Condition = Condition()


ProofKind = Literal["photo", "document", "signature"]


@dataclass(frozen=True, slots=True)
class Proof:
    """Something a move must show: `photo`, `document` or `signature`, with a label such as `before`.

    `title` is what people read ("self-acceptance report"); empty, it is made of kind and label.
    """

    kind: ProofKind
    label: str = ""
    when: Condition = Condition()
    title: Texts = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Exclusion:
    """`never: [whoever did finish, unit of finish, member of committee]`: by person, by unit, or whoever is `party`."""

    by: Literal["person", "unit", "member"]
    moves: tuple[str, ...]
    party: str = ""


@dataclass(frozen=True, slots=True)
class Separation:
    """`separate: [[decide, propose]]`: no one person, or no one unit, makes two of these moves on one entry."""

    moves: tuple[str, ...]
    by: Literal["person", "unit"]


@dataclass(frozen=True, slots=True)
class Party:
    """Who, relative to the entry.

    kind `anyone`      everybody, without an account
         `boards`      another entry, which opens this one
         `raiser`      whoever raised or joined the entry
         `post`        appointed to `office` at the entry's area at `level` (`staff of: area` is office "staff")
         `unit`        any handling unit
         `did`         the unit of the last of `moves`: the one the move named if it named one, else the doer's;
                       `role` "named" or "doer" insists on one of them
         `instrument`  facts from elsewhere
         `clock`       time itself
    A `collective` post is a body: whoever holds its office, or a duty in it (office `committee.chair`), is a member.
    `never` lists who is excluded although he would fit.
    """

    name: str
    kind: Literal["anyone", "raiser", "post", "unit", "did", "instrument", "boards", "clock"]
    title: Texts
    office: str = ""
    level: str = ""
    moves: tuple[str, ...] = ()
    role: Literal["", "named", "doer"] = ""
    never: tuple[Exclusion, ...] = ()
    collective: bool = False

    @property
    def is_official(self) -> bool:
        return self.kind in ("post", "unit", "did")


@dataclass(frozen=True, slots=True)
class Limit:
    """How long a state may last.

    `within` is owed and can be overdue; `lasts` is a notice whose end is the good path; `waits` is for something that
    happens elsewhere. Exactly one of `amount` and `until` (a date field already answered; the day's last closing) is
    set; `ceiling` caps an `until`.
    `since` is None (from entering the state), "raised", or a move's name (from the last time it was made).
    """

    kind: Literal["within", "lasts", "waits"]
    amount: Amount | None = None
    until: str | None = None
    ceiling: Amount | None = None
    since: str | None = None
    policy: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Opens:
    """An entry on another board, opened by a move or on entering a state: one, or one for each line of `each`.

    `carry` says what is told there: its question → ours; or `item`, the line it is opened for; or `number`, ours.
    """

    mechanism: str
    opening: str
    each: str = ""
    carry: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How what was waited for has ended: all, or any, of it as one of `means`; without means: in whatever way."""

    to: str
    how: Literal["", "all", "any"] = ""
    means: tuple[Meaning, ...] = ()


@dataclass(frozen=True, slots=True)
class Waits:
    """What a state waits for: all entries this one opened last, or the one named in answer to `field`.

    When that has closed, the clock takes the first way that fits; the last fits always. The state's limit caps it.
    """

    kind: Literal["opened", "entry"]
    ways: tuple[Outcome, ...]
    field: str = ""


@dataclass(frozen=True, slots=True)
class Extension:
    """`extend`: one asks, another decides, the limit grows by at most `most`; no answer is a refusal."""

    asked_by: str
    decided_by: str
    before_due: Amount
    decide_within: Amount
    most: Amount
    times: int
    source: str = ""


@dataclass(frozen=True, slots=True)
class Collect:
    """Several people give this verdict. More than half of those who answered by the limit decide; a tie is
    `no`; nobody is silence, and the state's clock move follows.

    With `enough`, whoever the move is by may answer, once each, and so many like answers decide: a body's vote, or
    supporters. As long as there are fewer, nothing is decided; at the limit the clock's move follows.
    """

    field: str  # the question counted ("solved")
    yes: tuple[str, ...] = ("yes",)  # best first: "partly" is the result when only with it there is a majority
    no: str = "no"
    enough: int = 0


@dataclass(frozen=True, slots=True)
class Move:
    name: str
    title: Texts
    by: tuple[str, ...]  # parties
    to: tuple[Branch, ...]  # the first branch whose condition holds
    ask: tuple[Ask, ...] = ()
    show: tuple[Proof, ...] = ()
    when: Condition = Condition()
    at_most: int | None = None  # laps over the entry's life, counted as "state.move"
    then: str | None = None  # where the move leads once used up; None: it is no longer offered
    verifies: bool = False
    verified_as: str = ""  # how an official verified: "call-back" or "officer"; a raiser's way is the actor's `via`
    finishes: bool = False  # claims the work is done: rule V2 wants proof
    joins: bool = False  # merges this entry into the one answered by its `entry` field
    opens: Opens | None = None
    collect: Collect | None = None


@dataclass(frozen=True, slots=True)
class Duty:
    """A parallel obligation inside a state, with its own holder and limit. Being late only marks it late."""

    name: str
    title: Texts
    of: str
    ask: tuple[Ask, ...] = ()
    show: tuple[Proof, ...] = ()
    limit: Amount | None = None
    every: str = ""  # "quarter", with `by_day` of the month after
    by_day: int = 0
    runs_on: bool = False  # lives on after the state is left
    opens: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class State:
    """A working state: `holder` owes the next move by `limit`; at its end the clock moves the entry to `clock_to`."""

    name: str
    title: Texts
    holder: str
    limit: Limit
    clock_to: str  # a state, final or route
    moves: Mapping[str, Move]
    duties: Mapping[str, Duty] = field(default_factory=dict)
    extend: Extension | None = None
    opens: Opens | None = None
    waits: Waits | None = None


@dataclass(frozen=True, slots=True)
class Recheck:
    """Of the entries that end so, `share` in a hundred are looked at again `after` so long, by an entry elsewhere.

    Which ones, the closing event's leaf decides (`linked.is_drawn`): nobody knows before, everybody can check after.
    """

    share: int
    after: Amount
    opens: Opens
    source: str = ""


@dataclass(frozen=True, slots=True)
class Final:
    name: str
    title: Texts
    means: Meaning
    recheck: Recheck | None = None


@dataclass(frozen=True, slots=True)
class Route:
    """A fork with a lap limit that several moves share: `to` the first `at_most` times, `then` afterwards."""

    name: str
    title: Texts
    at_most: int
    to: str
    then: str


@dataclass(frozen=True, slots=True)
class Span:
    """A limit across states and returns: from a move until a state is entered. It only ever shortens a due."""

    name: str
    from_move: str  # "raised" or a move's name
    to_state: str
    amount: Amount
    clock_to: str
    source: str = ""


@dataclass(frozen=True, slots=True)
class Taking:
    """How the word of a raiser without telephone or code is taken: in person ("window"), or through a relative.

    `by` are the officials who may write it down, `of` the raiser's moves that can be made so. `ask` comes before the
    move's own questions: which document was seen; which relative, and how the raiser's consent is known.
    """

    by: tuple[str, ...]
    of: tuple[str, ...]
    ask: tuple[Ask, ...] = ()


@dataclass(frozen=True, slots=True)
class Program:
    """A compiled mechanism: normal form, no defaults left to guess, no templates."""

    id: str
    since: str
    title: Texts
    purpose: Texts
    log: LogClass
    parties: Mapping[str, Party]
    fields: Mapping[str, Field]
    openings: Mapping[str, Move]  # ways to raise; `to` has one unconditional branch
    states: Mapping[str, State]
    routes: Mapping[str, Route]
    finals: Mapping[str, Final]
    spans: Mapping[str, Span]
    source: str = ""
    takings: Mapping[str, Taking] = field(default_factory=dict)  # by how: "window", "proxy"
    separations: tuple[Separation, ...] = ()


# ── What happens to an entry ────────────────────────────────────────────────────────────────────────────────


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


EventKind = Literal["open", "move", "clock", "duty", "vote", "join", "leave", "extension", "heard"]


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened. `via` is the route taken or ""; `missed` the due a clock event acts on.

    `answers` is logged in clear (conditions and limits read it); `told` is public beside the entry, as a
    disclosure; `kept` is for parties only. `lap` names the counters this event uses up.

    Only `open`, `move` and `clock` change the state. A `vote` is one raiser's verdict while others are still
    asked; the deciding vote is followed by a `move` with the result. A `clock` event is named "clock", except
    when the limit closes a count: then it bears the counted move's name. `leave`: one of several raisers withdrew.
    A `duty` or `extension` bears the command's name ("duty:filing", "extend:ask").
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

"""What a mechanism file says, in normal form: parties, limits, moves, states and the `Program` that holds them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from jiebang.engine.model.limits import Limit
from jiebang.engine.model.questions import ALWAYS, Amount, Ask, Branch, Condition, Field, Json, Proof, Texts
from jiebang.engine.model.requirements import Requirement

Meaning = Literal["solved", "explained", "withdrawn", "joined", "lapsed", "failed"]
LogClass = Literal["open", "coarse", "veiled"]
How = Literal["window", "proxy"]  # a raiser who says it in person, or through a relative


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
class Share:
    """A part of an electorate whose number was told in answer to `question`: n/of of it, or with `over` more than that.

    Counted in whole voices, without rounding anything: 1/10 of 41 are 5, more than 1/2 of 40 are 21.
    """

    n: int
    of: int
    question: str
    over: bool = False

    def voices(self, electorate: int) -> int:
        """How many like voices are enough; one at least."""
        part = self.n * electorate
        return max(part // self.of + 1 if self.over else -(-part // self.of), 1)


@dataclass(frozen=True, slots=True)
class Collect:
    """Several people give this verdict. More than half of those who answered by the limit decide; a tie is
    `no`; nobody is silence, and the state's clock move follows.

    With `enough`, whoever the move is by may answer, once each, and so many like answers decide: a body's vote, or
    supporters. As long as there are fewer, nothing is decided; at the limit the clock's move follows. With `share`
    so many are a part of a number that was told before the vote.
    """

    field: str  # the question counted ("solved")
    yes: tuple[str, ...] = ("yes",)  # best first: "partly" is the result when only with it there is a majority
    no: str = "no"
    enough: int = 0
    share: Share | None = None

    @property
    def is_vote(self) -> bool:
        """Whether voices are counted one by one, of whoever the move is by."""
        return bool(self.enough) or self.share is not None

    def needed(self, answers: Mapping[str, Json]) -> int | None:
        """How many like voices decide; None: the electorate was never told, so none do."""
        if self.share is None:
            return self.enough
        electorate = answers.get(self.share.question)
        return self.share.voices(electorate) if isinstance(electorate, int) else None


@dataclass(frozen=True, slots=True)
class Move:
    name: str
    title: Texts
    by: tuple[str, ...]  # parties
    to: tuple[Branch, ...]  # the first branch whose condition holds
    ask: tuple[Ask, ...] = ()
    show: tuple[Proof, ...] = ()
    when: Condition = ALWAYS
    at_most: int | None = None  # laps over the entry's life, counted as "state.move"
    then: str | None = None  # where the move leads once used up; None: it is no longer offered
    verifies: bool = False
    verified_as: str = ""  # how an official verified: "call-back" or "officer"; a raiser's way is the actor's `via`
    finishes: bool = False  # claims the work is done: rule V2 wants proof
    joins: bool = False  # merges this entry into the one answered by its `entry` field
    opens: Opens | None = None
    collect: Collect | None = None
    require: tuple[Requirement, ...] = ()


@dataclass(frozen=True, slots=True)
class Duty:
    """A parallel obligation inside a state, with its own holder and limit. Being late only marks it late."""

    name: str
    title: Texts
    of: str
    ask: tuple[Ask, ...] = ()
    show: tuple[Proof, ...] = ()
    limit: Amount | None = None
    every: str = ""  # "quarter" or "month", with `by_day` of the month after; "again": `limit` after it was done last
    by_day: int = 0
    runs_on: bool = False  # lives on after the state is left
    opens: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Answerer:
    """Who answers an objection, and how long they have."""

    by: str
    within: Amount


@dataclass(frozen=True, slots=True)
class Objections:
    """What may be said against a notice while it runs: beside each other, each answered in time, or handed up.

    An objection is raised by `by` in the first `window` of the notice (None: all of it), at most `each` times a
    person. The first of `levels` answers; past its limit the next one does; is the last one silent, the clock leads
    to `to`. With `hold_up` the notice does not end while one is open; none is taken any more once its time is over,
    so it lasts longer by one answer of each level at most.
    """

    by: tuple[str, ...]
    levels: tuple[Answerer, ...]
    to: str
    title: Texts
    window: Amount | None = None
    ask: tuple[Ask, ...] = ()
    answer: tuple[Ask, ...] = ()
    hold_up: bool = False
    each: int = 1
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
    objections: Objections | None = None


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
class RaisedAgain:
    """A final stays final; but `by` may raise the matter again within so long, as a new entry linked to this one.

    `opening` is the way it is raised then; `carry` says what stands in its form already: its question → ours.
    """

    by: tuple[str, ...]
    within: Amount
    opening: str
    carry: Mapping[str, str] = field(default_factory=dict)
    source: str = ""


@dataclass(frozen=True, slots=True)
class Final:
    name: str
    title: Texts
    means: Meaning
    recheck: Recheck | None = None
    again: RaisedAgain | None = None


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

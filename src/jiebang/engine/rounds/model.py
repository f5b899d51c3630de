"""The words of a register and of a round, as frozen values.

A register is a list of subjects: things (street lamps, danger points) or people (households, who must answer a call). A
round asks about each of its subjects once; a roster is a round over people. What a round says of one subject is its
`Standing`; what happens to it are `Step`s. No clock, no database, no file; moments are aware, in UTC.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from jiebang.engine.model import Amount, Condition, Field, LogClass, Move, Opens, Texts

About = Literal["things", "people"]
PostKind = Literal["office", "unit"]
State = Literal["due", "escalated", "done", "missed"]
What = Literal["done", "tried", "escalated", "missed", "found"]
Answer = Literal["normal", "abnormal", "tried"]

ALWAYS = Condition()
NORMAL, ABNORMAL, TRIED = "normal", "abnormal", "tried"
SUBJECT, KEY = "subject", "key"  # what `with` may carry besides questions: the subject's name, and its key


# ── What a file says ────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Post:
    """Who owes something about a subject: whoever holds an office, or acts for a unit, at the subject's area.

    kind `office`  holds the office `name` ("staff", "board-office") at the subject's area at `level`
         `unit`    acts for the handling unit whose name in `units.yaml` is `name`, of that area
    """

    kind: PostKind
    name: str
    level: str
    title: Texts


@dataclass(frozen=True, slots=True)
class Register:
    """A typed list of subjects. `key`, `name` and `area` are fields of it; `keys` may stand once each."""

    id: str
    since: str
    title: Texts
    about: About
    key: str
    name: str
    area: str
    owner: Post
    fields: Mapping[str, Field]
    purpose: Texts = field(default_factory=dict)
    source: str = ""
    wanted: tuple[str, ...] = ()  # fields no row may leave empty, the three above among them

    @property
    def position(self) -> str:
        """The field that holds where a subject is, or an empty text."""
        return next((one.name for one in self.fields.values() if one.type == "position"), "")

    @property
    def public(self) -> tuple[str, ...]:
        return tuple(name for name, one in self.fields.items() if one.visible == "public")


@dataclass(frozen=True, slots=True)
class Season:
    """A part of every year, both days included, as `05-01` and `09-30`; it may go over the new year."""

    first: str
    last: str


@dataclass(frozen=True, slots=True)
class Escalation:
    """Who owes a subject next when it was not answered in time, and how long."""

    to: Post
    within: Amount


@dataclass(frozen=True, slots=True)
class Round:
    """Who is asked about which subjects of a register, when, by when, and what an answer does.

    `sample` is a share in a hundred, 100 for all. `every` opens it by the clock, `on` names the triggers that do;
    whoever is `opened_by` may always open it by hand. `during` bounds both. So long after its closing as `erase_after`
    says, what people answered and who they were is destroyed.
    """

    id: str
    since: str
    title: Texts
    register: str
    log: LogClass
    opened_by: Post
    done_by: Post
    within: Amount
    answers: Mapping[str, Move]  # normal, abnormal, tried
    fields: Mapping[str, Field]
    purpose: Texts = field(default_factory=dict)
    source: str = ""
    where: Condition = ALWAYS
    sample: int = 100
    every: Amount | None = None
    on: Mapping[str, Texts] = field(default_factory=dict)
    during: Season | None = None
    otherwise: Escalation | None = None
    by_link: bool = False
    erase_after: Amount | None = None

    @property
    def opens(self) -> Opens | None:
        """What an abnormal answer opens elsewhere."""
        abnormal = self.answers.get(ABNORMAL)
        return abnormal.opens if abnormal else None


# ── What happens to a subject ───────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Standing:
    """How a subject stands in a round. `found`: answered only after it had been missed, which it remains."""

    state: State
    due: datetime | None
    abnormal: bool = False
    tries: int = 0
    found: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened to a subject. `due` is the new limit of an escalation, `missed` the one that passed."""

    what: What
    at: datetime
    abnormal: bool = False
    due: datetime | None = None
    missed: datetime | None = None


@dataclass(frozen=True, slots=True)
class Coverage:
    """A round in numbers. Only `done` counts as checked; whatever was missed stays so, also when found later."""

    n: int
    done: int
    abnormal: int
    missed: int
    found: int
    escalated: int

    @property
    def waiting(self) -> int:
        return self.n - self.done - self.missed

    @property
    def percent(self) -> int:
        """Whole percent, rounded down: 40 of 41 is not all."""
        return 100 * self.done // self.n if self.n else 0

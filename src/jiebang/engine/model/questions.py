"""What is asked: lengths of time, questions with their answers, conditions over them, and what must be shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

Json: TypeAlias = "bool | int | str | list[Json] | dict[str, Json] | None"
Texts: TypeAlias = Mapping[str, str]  # language code ("zh", "en") → sentence

Unit = Literal["wd", "d", "h", "wh", "min"]
FieldType = Literal[
    "text", "choice", "yes-no", "date", "area", "unit", "entry", "number", "phone", "position",
    "photo", "document", "signature", "account", "standing",
]  # fmt: skip
# Answered by the city itself from what its boards say at that moment, never by whoever makes the move: what became of
# what the last entry of this kind opened, and where the boards of the place stand.
READ_TYPES: frozenset[FieldType] = frozenset({"account", "standing"})
Visibility = Literal["public", "masked", "parties", "private"]


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
    level: str = ""  # of what is read: the place is the entry's area at this level; empty: its very area


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


ALWAYS = Condition()


@dataclass(frozen=True, slots=True)
class Branch:
    when: Condition
    to: str  # a state, final or route


@dataclass(frozen=True, slots=True)
class Ask:
    """A question of a move. With `when` it is asked only if the answers before it say so (`solved: if reached`)."""

    field: str
    optional: bool = False
    when: Condition = ALWAYS


ProofKind = Literal["photo", "document", "signature"]


@dataclass(frozen=True, slots=True)
class Proof:
    """Something a move must show: `photo`, `document` or `signature`, with a label such as `before`.

    `title` is what people read ("self-acceptance report"); empty, it is made of kind and label.
    """

    kind: ProofKind
    label: str = ""
    when: Condition = ALWAYS
    title: Texts = field(default_factory=dict)

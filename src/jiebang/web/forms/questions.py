"""What a move asks, as questions a page can draw."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from django.utils.translation import gettext

from jiebang.engine.model import Field, Move, Program, Proof
from jiebang.web.words import said

Widget = Literal["line", "lines", "radios", "select", "levels", "day", "days", "number", "phone", "entry", "files"]

RADIOS_UP_TO = 7  # more choices than a thumb can scan become a list to open
LINE_UP_TO = 120  # characters that still fit one line


@dataclass(frozen=True, slots=True)
class Option:
    value: str
    title: str


@dataclass(frozen=True, slots=True)
class Day:
    """A working day that may be promised, and how it is named on the page."""

    day: date
    title: str


@dataclass(frozen=True, slots=True)
class Options:
    """What the shell knows and a question needs: units to choose from, areas, and days that may be promised."""

    units: Sequence[Option] = ()
    areas: Sequence[Option] = ()
    days: Mapping[str, Sequence[Day]] = field(default_factory=dict)  # by the name of the date field


@dataclass(frozen=True, slots=True)
class Question:
    """One question: how it is named in the form, what is said beside it, how it is drawn."""

    name: str
    type: str
    widget: Widget
    title: str
    hint: str = ""
    optional: bool = False
    options: tuple[Option, ...] = ()
    most: int = 2000
    label: str = ""  # of a proof: "before"
    private: bool = False

    @property
    def id(self) -> str:
        return f"q-{self.name}"

    @property
    def anchor(self) -> str:
        """The element an error message leads to."""
        return f"{self.id}-0" if self.widget in ("radios", "levels") else self.id

    @property
    def takes_files(self) -> bool:
        return self.widget == "files"


def questions_of(
    program: Program,
    move: Move,
    *,
    options: Options = Options(),
    owed: Sequence[Proof] | None = None,
) -> tuple[Question, ...]:
    """Return the questions of `move` in the order its file asks them, then the proofs it wants.

    `owed` lists the proofs known to be owed already; other proofs of the move are offered as optional, because
    their condition may come true with the answers given. None: all of them may be left out.
    """
    asked = [_of_field(program.fields[ask.field], ask.optional, options) for ask in move.ask]
    owed = owed or ()
    shown = [_of_proof(proof, optional=proof not in owed) for proof in move.show]
    return (*asked, *shown)


def _of_field(one: Field, optional: bool, options: Options) -> Question:
    choices = _choices(one, options)
    return Question(
        name=one.name,
        type=one.type,
        widget=_widget(one, choices, options),
        title=said(one.title) or one.name,
        hint=said(one.hint),
        optional=optional,
        options=choices,
        most=one.most if one.type != "photo" else min(one.most, 3),
        private=one.visible in ("parties", "private"),
    )


def _of_proof(proof: Proof, *, optional: bool) -> Question:
    titles = {"photo": gettext("Photo"), "document": gettext("Document"), "signature": gettext("Signature")}
    labels = {"before": gettext("before"), "after": gettext("after")}
    title = titles[proof.kind]
    if proof.label:
        title = gettext("%(proof)s (%(label)s)") % {"proof": title, "label": labels.get(proof.label, proof.label)}
    return Question(
        name=f"{proof.kind}-{proof.label}" if proof.label else proof.kind,
        type=proof.kind,
        widget="files",
        title=title,
        optional=optional,
        most=3,
        label=proof.label,
    )


def _choices(one: Field, options: Options) -> tuple[Option, ...]:
    if one.type == "choice":
        return tuple(Option(choice.id, said(choice.title) or choice.id) for choice in one.choices)
    if one.type == "yes-no":
        return (Option("yes", gettext("Yes")), Option("no", gettext("No")))
    if one.type == "unit":
        return tuple(options.units)
    if one.type == "area":
        return tuple(options.areas)
    if one.type == "date":
        return tuple(Option(day.day.isoformat(), day.title) for day in options.days.get(one.name, ()))
    return ()


def _widget(one: Field, choices: tuple[Option, ...], options: Options) -> Widget:
    match one.type:
        case "choice":
            if len(choices) == 5 and one.name.startswith("satisf"):
                return "levels"
            return "radios" if len(choices) <= RADIOS_UP_TO else "select"
        case "yes-no":
            return "radios"
        case "unit" | "area":
            return "select" if choices else "line"
        case "date":
            return "days" if one.name in options.days else "day"
        case "photo" | "document" | "signature":
            return "files"
        case "number":
            return "number"
        case "phone":
            return "phone"
        case "entry":
            return "entry"
        case _:
            return "line" if one.most <= LINE_UP_TO else "lines"

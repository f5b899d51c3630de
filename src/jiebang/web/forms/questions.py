"""What a move asks, as questions a page can draw."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Literal

from django.conf import settings
from django.utils.translation import get_language, gettext

from jiebang.engine.lookups import once_a_program
from jiebang.engine.model import READ_TYPES, Ask, Condition, Field, Json, Move, Program, Proof, Test
from jiebang.rulebook import maps
from jiebang.web.words import language, said, said_in

Widget = Literal[
    "line", "lines", "radios", "select", "levels", "day", "days", "number", "phone", "entry", "position", "files"
]  # fmt: skip

RADIOS_UP_TO = 7  # more choices than a thumb can scan become a list to open
FILES_A_STEP = 3  # photos one step takes, however many questions ask for them
LINE_UP_TO = 120  # characters that still fit one line


@dataclass(frozen=True, slots=True)
class Option:
    value: str
    title: str
    note: str = ""  # beside the title, smaller


@dataclass(frozen=True, slots=True)
class Day:
    """A working day that may be promised, and how it is named on the page."""

    day: date
    title: str


@dataclass(frozen=True, slots=True)
class Options:
    """What the shell knows and a question needs: units, areas and entries to choose from, days that may be promised."""

    units: Sequence[Option] = ()
    areas: Sequence[Option] = ()
    entries: Sequence[Option] = ()  # likely ones; any other may be named by its number
    days: Mapping[str, Sequence[Day]] = field(default_factory=dict)  # by the name of the date field


@dataclass(frozen=True, slots=True)
class OnlyIf:
    """The question is asked only if another was answered with one of `values` (negated: with none of them)."""

    field: str
    values: frozenset[str]
    negated: bool
    sentence: str

    def holds(self, answers: Mapping[str, Json]) -> bool:
        return (answers.get(self.field) in self.values) != self.negated

    @property
    def listed(self) -> str:
        return " ".join(sorted(self.values))


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
    public: bool = False  # everybody reads the answer as it was typed
    only_if: tuple[OnlyIf, ...] = ()
    is_proof: bool = False
    scope: str = ""  # keeps ids apart when one page shows the forms of several moves

    def is_asked(self, answers: Mapping[str, Json]) -> bool:
        return all(condition.holds(answers) for condition in self.only_if)

    @property
    def id(self) -> str:
        return f"q-{self.scope}-{self.name}" if self.scope else f"q-{self.name}"

    @property
    def anchor(self) -> str:
        """The element an error message leads to."""
        return f"{self.id}-0" if self.widget in ("radios", "levels") else self.id

    @property
    def file_field(self) -> str:
        """The name under which the boards take its files: the question's, or the kind of proof."""
        return self.type if self.is_proof else self.name

    @property
    def takes_files(self) -> bool:
        return self.widget == "files"


def questions_of(
    program: Program,
    move: Move,
    *,
    options: Options = Options(),
    owed: Sequence[Proof] | None = None,
    scope: str = "",
) -> tuple[Question, ...]:
    """Return the questions of `move` in the order its file asks them, then the proofs it wants.

    `owed` lists the proofs known to be owed already; other proofs of the move are offered as optional, because
    their condition may come true with the answers given. None: all of them may be left out. `scope` keeps ids apart.
    """
    asked = [
        _asked(program, ask, options, scope) for ask in move.ask if program.fields[ask.field].type not in READ_TYPES
    ]
    owed = owed or ()
    shown = [replace(_of_proof(proof, optional=proof not in owed), scope=scope) for proof in move.show]
    files = sum(question.takes_files for question in (*asked, *shown))
    return tuple(
        replace(question, most=max(1, min(question.most, FILES_A_STEP // files))) if question.takes_files else question
        for question in (*asked, *shown)
    )


# What the shell brings anew each time: units and areas may change, days pass, and which entries somebody may choose
# from depends on who they are and where the matter is.
_BROUGHT = ("unit", "area", "date", "entry")


@once_a_program
def _drawn(_program: Program) -> dict[tuple[str, str, str, Ask], Question]:
    """The questions of a program that are the same each time, by city, language, scope and what is asked.

    Fifty categories in the reader's language cost more than reading what was typed.
    """
    return {}


def _asked(program: Program, ask: Ask, options: Options, scope: str) -> Question:
    one = program.fields[ask.field]
    if one.type in _BROUGHT:
        return _of_field(one, ask.optional, options, _only_if(program, ask.when), scope)
    drawn, key = _drawn(program), (settings.JIEBANG_CITY, get_language() or "", scope, ask)
    question = drawn.get(key)
    if question is None:
        question = drawn[key] = _of_field(one, ask.optional, options, _only_if(program, ask.when), scope)
    return question


def _of_field(one: Field, optional: bool, options: Options, only_if: tuple[OnlyIf, ...], scope: str) -> Question:
    choices = _choices(one, options)
    return Question(
        name=one.name,
        type=one.type,
        widget=_widget(one, choices, options),
        title=said(one.title) or one.name,
        hint=said(one.hint) or _who_reads(one),
        optional=optional,
        options=choices,
        most=min(one.most, 3) if one.type == "photo" else one.most * max(one.many, 1) + one.many,  # a line each
        private=one.visible in ("parties", "private"),
        public=one.visible == "public",
        only_if=only_if,
        scope=scope,
    )


def _who_reads(one: Field) -> str:
    """Say of an answer that is not public who reads it, where the rules have no words of their own about it."""
    if one.type not in ("text", "photo", "document"):
        return ""
    if one.visible == "parties":
        return gettext("Not public: read by whoever raised it and by those who work on it.")
    return gettext("Not public; shown only on being asked for.") if one.visible == "private" else ""


def _only_if(program: Program, when: Condition) -> tuple[OnlyIf, ...]:
    return tuple(_test_in_words(program, test) for test in when.tests)


def _test_in_words(program: Program, test: Test) -> OnlyIf:
    read = program.fields[test.field]
    choices = _choices(read, Options())
    if test.mark is None:
        values = frozenset(test.values)
    else:
        values = frozenset(choice.id for choice in read.choices if test.mark in choice.marks)
    answers = gettext(" or ").join(option.title for option in choices if option.value in values)
    words = {"title": said(read.title), "answers": answers}
    # The reader has just seen the other question, so its own words are the shortest way to say when.
    sentence = (
        gettext("Only if the answer to “%(title)s” is not: %(answers)s")
        if test.negated
        else gettext("Only if the answer to “%(title)s” is: %(answers)s")
    )
    return OnlyIf(test.field, values, test.negated, sentence % words)


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
        is_proof=True,
    )


def _choices(one: Field, options: Options) -> tuple[Option, ...]:
    if one.type == "choice":
        reads = language()  # once, not for each of fifty categories
        return tuple(Option(choice.id, said_in(reads, choice.title) or choice.id) for choice in one.choices)
    if one.type == "yes-no":
        return (Option("yes", gettext("Yes")), Option("no", gettext("No")))
    if one.type == "unit":
        return tuple(options.units)
    if one.type == "area":
        return tuple(options.areas)
    if one.type == "entry":
        return tuple(options.entries)
    if one.type == "date":
        return tuple(Option(day.day.isoformat(), day.title) for day in options.days.get(one.name, ()))
    if one.type == "position":
        return _datums()
    return ()


def _datums() -> tuple[Option, ...]:
    """Return in which coordinates a position copied from another map may come; none to choose where there is one."""
    rules = maps.rules_of(settings.JIEBANG_CITY)
    known = rules.datums if rules is not None else ()
    titles = {
        "wgs84": gettext("of this device or a satellite receiver (WGS84)"),
        "gcj02": gettext("from AMap or Tencent Maps (GCJ-02)"),
        "bd09": gettext("from Baidu Maps (BD-09)"),
    }
    return tuple(Option(datum, titles[datum]) for datum in known) if len(known) > 1 else ()


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
        case "position":
            return "position"
        case _:
            return "line" if one.most <= LINE_UP_TO else "lines"

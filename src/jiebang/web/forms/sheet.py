"""A sheet of questions with what was typed on it and what was wrong with it. Sheets are values: each step
returns a new one, so that what was typed can only be kept, never lost on the way."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import cast

from django.utils.translation import gettext, ngettext

from jiebang.boards import personal
from jiebang.boards.datums import Datum, to_wgs84
from jiebang.engine import positions
from jiebang.engine.model import Json, Refused
from jiebang.web import numbers
from jiebang.web.forms.questions import Option, Question
from jiebang.web.words import said

PREFIX = "a."  # of the names of answers in a posted form


@dataclass(frozen=True, slots=True)
class Held:
    """A photo already handed in and kept until the form is sent."""

    id: str
    kilobytes: int = 0


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong, what to do next, and where on the page it is ("" for the whole form)."""

    anchor: str
    what: str
    next_step: str = ""
    code: str = ""
    rule: str = ""

    @property
    def field(self) -> str:
        """As the component `error-summary` calls it."""
        return self.anchor

    @property
    def text(self) -> str:
        return self.what


@dataclass(frozen=True, slots=True)
class Row:
    """A question with its answer and its problem, ready to be drawn."""

    question: Question
    typed: tuple[str, ...]
    held: tuple[Held, ...]
    problem: Problem | None

    @property
    def value(self) -> str:
        return self.typed[0] if self.typed else ""

    @property
    def name(self) -> str:
        return PREFIX + self.question.name

    @property
    def written(self) -> str:
        """The number written, where an entry may be chosen or written."""
        return next((value for value in self.typed if value not in {one.value for one in self.question.options}), "")

    @property
    def datums(self) -> list[tuple[Option, bool]]:
        """In which coordinates a position may come, and which was chosen: the second value typed."""
        return [(option, option.value in self.typed[1:]) for option in self.question.options]

    @property
    def told(self) -> str:
        """The answer in words, for reading back."""
        titles = {option.value: option.title for option in self.question.options}
        return titles.get(self.value, self.value)

    @property
    def described_by(self) -> str:
        parts = [f"{self.question.id}-hint"] if self.question.hint or self.question.only_if else []
        if self.question.type == "phone":
            parts.append(f"{self.question.id}-privacy")
        if self.problem:
            parts.append(f"{self.question.id}-problem")
        return " ".join(parts)

    @property
    def choices(self) -> list[tuple[str, Option, bool]]:
        """(element id, option, chosen) of each choice."""
        return [
            (f"{self.question.id}-{i}", option, option.value in self.typed)
            for i, option in enumerate(self.question.options)
        ]


@dataclass(frozen=True, slots=True)
class Sheet:
    questions: tuple[Question, ...]
    typed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    held: Mapping[str, tuple[Held, ...]] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    answers: Mapping[str, Json] = field(default_factory=dict)

    @property
    def is_good(self) -> bool:
        return not self.problems

    @property
    def rows(self) -> list[Row]:
        at = {problem.anchor: problem for problem in reversed(self.problems)}
        return [
            Row(
                question=question,
                typed=self.typed.get(question.name, ()),
                held=self.held.get(question.name, ()),
                problem=at.get(question.anchor),
            )
            for question in self.questions
        ]

    @property
    def takes_files(self) -> bool:
        return any(question.takes_files for question in self.questions)

    def row(self, name: str) -> Row:
        return next(row for row in self.rows if row.question.name == name)

    def only(self, names: Collection[str]) -> Sheet:
        """The same sheet with some of its questions and their problems: a form told in several pages."""
        questions = tuple(q for q in self.questions if q.name in names)
        anchors = {"", *(q.anchor for q in questions)}
        return replace(self, questions=questions, problems=tuple(p for p in self.problems if p.anchor in anchors))

    def unjudged(self) -> Sheet:
        """The same sheet before anybody looked for problems: to go on typing."""
        return replace(self, problems=())

    def carried(self, names: Collection[str]) -> list[tuple[str, str]]:
        """What hidden fields must carry while a page with `names` is shown: (form name, value)."""
        return [
            (PREFIX + q.name, value)
            for q in self.questions
            if q.name not in names and not q.takes_files
            for value in self.typed.get(q.name, ())
        ]

    def with_problem(self, problem: Problem) -> Sheet:
        return replace(self, problems=(*self.problems, problem))


def ask(questions: Sequence[Question], *, typed: Mapping[str, str] | None = None) -> Sheet:
    """Return the blank sheet of `questions`, or one filled with `typed`."""
    return Sheet(tuple(questions), typed={name: (value,) for name, value in (typed or {}).items()})


def read(
    sheet: Sheet,
    posted: Mapping[str, Sequence[str]],
    *,
    held: Mapping[str, Sequence[Held]] | None = None,
    known: Mapping[str, Json] | None = None,
    today: date | None = None,
) -> Sheet:
    """Return `sheet` with what was typed, the answers that can be understood, and the problems.

    `posted` maps a form name to all its values. `held` are the photos kept for each question, those just sent
    included. `known` are earlier answers that decide what is asked. `today` bounds dates: a promise lies ahead.
    """
    held = held or {}
    typed: dict[str, tuple[str, ...]] = {}
    answers: dict[str, Json] = {}
    problems: list[Problem] = []
    for question in sheet.questions:
        raw = tuple(_clean(value) for value in posted.get(PREFIX + question.name, ()))
        typed[question.name] = raw
        if not question.is_asked({**(known or {}), **answers}):
            continue
        if question.takes_files:
            problem = _files_problem(question, held.get(question.name, ()))
            if problem:
                problems.append(Problem(question.anchor, problem))
            continue
        value = raw[0].strip() if raw else ""
        if question.type == "entry":
            named = list(dict.fromkeys(each.strip() for each in raw if each.strip()))
            if len(named) > 1:
                problems.append(Problem(question.anchor, _named_twice(question)))
                continue
            value = named[0] if named else ""
        if not value:
            if not question.optional:
                problems.append(Problem(question.anchor, _missing(question)))
            continue
        answer, wrong = _understand(question, value, today, datum=raw[1].strip() if len(raw) > 1 else "")
        if wrong:
            problems.append(Problem(question.anchor, wrong))
        else:
            answers[question.name] = answer
    return Sheet(
        questions=sheet.questions,
        typed=typed,
        held={name: tuple(photos) for name, photos in held.items()},
        problems=tuple(problems),
        answers=answers,
    )


def refuse(sheet: Sheet, refused: Refused) -> Sheet:
    """Return `sheet` with the engine's refusal beside the question it is about, or above the form."""
    at = next((q.anchor for q in sheet.questions if refused.field in (q.name, q.takes_files and q.type)), "")
    return sheet.with_problem(
        Problem(
            anchor=at,
            what=said(refused.what),
            next_step=said(refused.next_step),
            code=refused.code,
            rule=refused.rule,
        )
    )


def _clean(value: str) -> str:
    return value.replace("\r\n", "\n").replace("\r", "\n")


def _narrow(value: str) -> str:
    """Full-width digits and signs, as Chinese keyboards write them, in their plain form."""
    return unicodedata.normalize("NFKC", value)


def _missing(question: Question) -> str:
    """Return the sentence for a question left empty, naming it."""
    named = {"title": question.title}
    if question.widget in ("radios", "levels", "select", "days"):
        return gettext("“%(title)s” is not chosen. Choose one answer.") % named
    return gettext("“%(title)s” is empty. Fill it in.") % named


def _named_twice(question: Question) -> str:
    return gettext(
        "“%(title)s” names two: one is chosen and another one is written. Choose “another one”, or clear the number."
    ) % {"title": question.title}


def _files_problem(question: Question, held: Sequence[Held]) -> str:
    named = {"title": question.title, "most": question.most, "sent": len(held)}
    if len(held) > question.most:
        return (
            ngettext(
                "“%(title)s” takes %(most)d file and %(sent)d were sent. Remove some.",
                "“%(title)s” takes %(most)d files and %(sent)d were sent. Remove some.",
                question.most,
            )
            % named
        )
    if not held and not question.optional:
        return gettext("“%(title)s” is missing. Add at least one.") % named
    return ""


def _understand(question: Question, value: str, today: date | None, *, datum: str = "") -> tuple[Json, str]:
    """Return the answer and "", or None and what is wrong with it. `datum` is in which coordinates a position comes."""
    unreadable = _unreadable(value)
    if unreadable:
        return None, unreadable
    match question.type:
        case "text":
            return _text(question, value)
        case "choice" | "yes-no":
            return _choice(question, value)
        case "unit" | "area":
            return _choice(question, value) if question.options else (value, "")
        case "date":
            return _date(question, value, today)
        case "number":
            return _number(question, value)
        case "phone":
            return _phone(value)
        case "entry":
            return _entry(value, today)
        case "position":
            return _position(value, datum)
        case _:
            return value, ""


_NOT_STORED = re.compile("[\0\ud800-\udfff]")


def _unreadable(value: str) -> str:
    # PostgreSQL takes neither, and no keyboard writes them: they come from pasted files.
    if _NOT_STORED.search(value):
        return gettext("The text has characters that cannot be stored. Type it again instead of pasting it.")
    return ""


def _text(question: Question, value: str) -> tuple[Json, str]:
    if len(value) > question.most:
        return None, gettext(
            "“%(title)s” has %(length)d characters; the most is %(most)d. Shorten it; the details can be told later."
        ) % {"title": question.title, "length": len(value), "most": question.most}
    if question.public and (number := personal.number_in(value)):
        return None, gettext(
            "“%(title)s” is read by everybody and has a personal number in it (%(number)s). Take the number out."
        ) % {"title": question.title, "number": number}
    return value, ""


def _choice(question: Question, value: str) -> tuple[Json, str]:
    if value in (option.value for option in question.options):
        return value, ""
    return None, gettext("“%(title)s” has no such answer. Choose one from the list.") % {"title": question.title}


def _date(question: Question, value: str, today: date | None) -> tuple[Json, str]:
    parts = [int(part) for part in re.findall(r"\d{1,4}", value)]
    try:
        day = date(*parts)
    except (TypeError, ValueError):
        return None, gettext("“%(title)s” is not a date. Write it like 2026-12-01.") % {"title": question.title}
    if question.widget == "days" and day.isoformat() not in (option.value for option in question.options):
        return None, gettext("“%(title)s” can only be one of the days listed. Choose one of them.") % {
            "title": question.title
        }
    if today and day < today:
        return None, gettext("“%(title)s” lies in the past. Choose a day ahead.") % {"title": question.title}
    return day.isoformat(), ""


def _number(question: Question, value: str) -> tuple[Json, str]:
    plain = re.sub(r"[,\s]", "", _narrow(value))
    if not re.fullmatch(r"\d{1,12}", plain):
        return None, gettext("“%(title)s” is not a whole number. Write digits only.") % {"title": question.title}
    return int(plain), ""


def _phone(value: str) -> tuple[Json, str]:
    plain = re.sub(r"[\s\-().]", "", _narrow(value))
    if not re.fullmatch(r"\+?[0-9]{5,15}", plain):
        return None, gettext("That is not a telephone number. Write 5 to 15 digits, or leave it empty.")
    return plain, ""


def _position(value: str, datum: str) -> tuple[Json, str]:
    """Here, at the edge, a position copied from a Chinese map becomes one of WGS84."""
    kept = positions.read(_narrow(value))
    if kept is None:
        return None, gettext(
            "That is no position. Write the latitude, a comma and the longitude, such as 29.55210, 103.76570; or leave"
            " it empty."
        )
    if datum in ("gcj02", "bd09"):
        lon, lat = to_wgs84(positions.degrees(kept), cast(Datum, datum))
        kept = positions.read(f"{lat:.6f},{lon:.6f}") or kept
    return kept, ""


def _entry(value: str, today: date | None) -> tuple[Json, str]:
    plain = _narrow(value).upper().replace(" ", "")
    if not re.fullmatch(r"[A-Z]{1,6}-\d{2}-\d{3,9}", plain):
        short = numbers.meant(plain, on=today) if today else ()
        if not short:
            return None, gettext("That is not an entry's number. It looks like AB-26-000123.")
        plain = short[0]
    return plain, ""

"""A move sent from a page: its form read, the move made, or what came back shown where it was sent."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest

from jiebang.boards import queries as boards
from jiebang.boards import services
from jiebang.boards.services import Command, Done
from jiebang.engine.model import Actor, Json, Refused
from jiebang.rulebook import queries as rulebook
from jiebang.web.forms.drawing import form_of, known_beside
from jiebang.web.forms.incoming import form_key, pending_of, status_of, take, uploads
from jiebang.web.forms.moves import MoveForm, refused_sheet, with_answer
from jiebang.web.forms.sheet import Problem, Sheet

# Refusals that mean: the entry is not what it was when the form was drawn.
OVERTAKEN = ("overtaken", "closed", "no-such-move")

LONGEST_SEQ = 9  # digits; no entry lives to see more

Read = Callable[[Sheet, Mapping[str, Json]], Sheet]


@dataclass(frozen=True, slots=True)
class Asked:
    """A move somebody asks for, before its form is read. Without `seq` it is made on whatever the entry is now."""

    number: str
    move: str
    seq: int | None
    key: str
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Sent:
    """A form that was sent and came back: with problems of its own on the sheet, or refused."""

    move: str
    sheet: Sheet
    refused: Refused | None
    key: str
    unit: str

    @property
    def is_overtaken(self) -> bool:
        return self.refused is not None and self.refused.code in OVERTAKEN


@dataclass(frozen=True, slots=True)
class Back:
    """What a page draws of the forms: one of them as it was sent if one came back, its problems, and the status."""

    forms: list[MoveForm]
    problems: Sequence[Problem] = ()
    status: int = 200


def make(request: HttpRequest, actor: Actor, number: str, at: datetime) -> Done | Sent:
    """Make the move a page's form asks for; photos that waited for it are kept until it is made."""
    key, seq = form_key(request), request.POST.get("seq", "")
    today = rulebook.calendar().local_day(at)
    asked = Asked(
        number=number,
        move=request.POST.get("move", ""),
        seq=int(seq) if seq.isdecimal() and len(seq) <= LONGEST_SEQ else None,
        key=key,
        unit=request.POST.get("unit", ""),
    )
    made = attempt(
        asked, actor, lambda sheet, known: take(request, sheet, key=key, at=at, known=known, today=today), at=at
    )
    if isinstance(made, Done):
        pending_of(key).clear()
    return made


def attempt(asked: Asked, actor: Actor, read: Read, *, at: datetime) -> Done | Sent:
    """Read the form, if there still is one, and make the move; `read` fills a sheet, given the earlier answers.

    What a page would show is not read before something goes wrong. A form with problems goes back unasked only
    where nobody was quicker: otherwise the engine says first what happened meanwhile. There being no such entry is
    a refusal like any other.
    """
    view = boards.form_of(asked.number)
    form = form_of(view, actor, asked.move, at=at) if view is not None else None
    sheet = Sheet(())
    if view is not None and form is not None:
        sheet = read(form.sheet, known_beside(view, form))
        if sheet.problems and asked.seq == view.facts.seq:
            return Sent(asked.move, sheet, None, asked.key, asked.unit)
    done = services.act(
        Command(
            entry=asked.number,
            move=asked.move,
            actor=actor,
            answers=sheet.answers,
            files=uploads(sheet, key=asked.key),
            unit=asked.unit,
            expects_seq=asked.seq,
            key=asked.key,
        ),
        at=at,
    )
    return Sent(asked.move, sheet, done, asked.key, asked.unit) if isinstance(done, Refused) else done


def came_back(forms: Sequence[MoveForm], sent: Sent | None) -> Back:
    """Return the forms as they stand now with the one that was sent and its problems; a refusal of a form that is no
    longer there stands above them all."""
    if sent is None:
        return Back(list(forms))
    shown = with_answer(forms, sent.sheet, move=sent.move, trouble=sent.refused)
    sheet = next((form.sheet for form in shown if form.name == sent.move), None)
    if sheet is None and sent.refused is not None:
        sheet = refused_sheet(sent.refused)
    status = 409 if sent.is_overtaken else status_of(sheet) if sheet else 400
    return Back(shown, sheet.problems if sheet else (), status)

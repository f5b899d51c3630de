"""A move sent from a page of the desk: its form read, the move made, or what came back shown where it was sent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.http import Http404, HttpRequest

from jiebang.boards import queries as boards
from jiebang.boards import services
from jiebang.boards.services import Command, Done
from jiebang.engine.model import Actor, Refused
from jiebang.rulebook import queries as rulebook
from jiebang.web.forms import Sheet
from jiebang.web.forms.drawing import form_of, known_beside
from jiebang.web.forms.incoming import form_key, pending_of, take, uploads


@dataclass(frozen=True, slots=True)
class Sent:
    """A form that was sent and came back."""

    move: str
    sheet: Sheet
    refused: Refused | None
    key: str
    unit: str


def make(request: HttpRequest, actor: Actor, number: str, at: datetime) -> Done | Sent:
    """Read the form and make the move. What a page would show is not read before something goes wrong.

    Raises:
        Http404: there is no such entry.
    """
    name, key = request.POST.get("move", ""), form_key(request)
    unit, seq = request.POST.get("unit", ""), request.POST.get("seq", "")
    read = boards.form_of(number)
    if read is None:
        raise Http404
    form = form_of(read, actor, name, at=at)
    sheet = Sheet(())
    if form is not None:
        today = rulebook.calendar().local_day(at)
        sheet = take(request, form.sheet, key=key, at=at, known=known_beside(read, form), today=today)
        if sheet.problems and seq == str(read.facts.seq):
            return Sent(name, sheet, None, key, unit)
    done = services.act(
        Command(
            entry=number,
            move=name,
            actor=actor,
            answers=sheet.answers,
            files=uploads(sheet, key=key),
            unit=unit,
            expects_seq=int(seq) if seq.isdecimal() else None,
            key=key,
        ),
        at=at,
    )
    if isinstance(done, Refused):
        return Sent(name, sheet, done, key, unit)
    pending_of(key).clear()
    return done

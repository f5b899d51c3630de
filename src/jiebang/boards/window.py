"""What an official does for somebody who stands at the window or is on the telephone: write a matter down, join one
that stands, and know for which raiser a word is taken down."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from jiebang.boards import refusals, sql
from jiebang.boards.acting import Command, act_many
from jiebang.boards.database import ask
from jiebang.boards.house import House, exact
from jiebang.boards.queries.readers import form_of
from jiebang.boards.queries.views import FormView
from jiebang.boards.raising import Opened, Opening, open_many
from jiebang.boards.returning import ComeBack
from jiebang.engine.model import Actor, How, Move, Refused, Texts


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What raising it would bring: who owes the first answer, and until when."""

    look_again_at: datetime
    holder: Texts


class _Undone(Exception):
    """The matter could be raised but not merged: nothing of it may stand."""

    def __init__(self, refused: Refused) -> None:
        super().__init__(refused.code)
        self.refused = refused


def open_for_somebody(opening: Opening, *, into: str = "", at: datetime) -> Opened | Refused:
    """Raise what an official wrote down; with `into`, merge it at once into the matter of that number.

    Whoever joins so has a number, a code and a voice of their own. Both steps stand or neither.
    """
    at = exact(at)
    try:
        with transaction.atomic():
            return _opened(opening, into, at=at)
    except _Undone as undone:
        return undone.refused


def foresee_for_somebody(opening: Opening, *, into: str = "", at: datetime) -> Foreseen | Refused:
    """Return what `open_for_somebody` would bring, for reading back before it is sent. Nothing is written."""
    at = exact(at)
    try:
        with transaction.atomic():
            opened = _opened(opening, into, at=at)
            found = opened if isinstance(opened, Refused) else _foreseen(opened, into)
            transaction.set_rollback(True)
    except _Undone as undone:
        return undone.refused
    return found


def spoken_for(number: str, *, how: How, taker: Actor) -> ComeBack | None:
    """Return the raiser behind this number, as somebody whose word `taker` takes down; None for no such raiser.

    `own` is the number given. A matter merged into another has a raiser of its own, who speaks for it there.
    """
    if not number.isascii() or not number.isprintable():
        return None
    rows = ask(sql.WHO_RAISED_IT, {"number": number})
    if not rows:
        return None
    return ComeBack(Actor(person=rows[0][1], via=how, taker=taker), rows[0][0], number)


def _opened(opening: Opening, into: str, *, at: datetime) -> Opened | Refused:
    if into:  # entries are locked before the counter, here as in every move that opens another entry
        House.now().lock([(into, "")])
    opened = open_many([opening], at=at)[0]
    if isinstance(opened, Refused) or opened.repeated or not into:
        return opened
    form = form_of(opened.number)
    move = _joining(form) if form is not None else None
    if form is None or move is None or opening.written_by is None:
        raise _Undone(refusals.cannot_join("board", ""))
    about = next(ask.field for ask in move.ask if form.program.fields[ask.field].type == "entry")
    command = Command(opened.number, move.name, opening.written_by, {about: into})
    done = act_many([command], at=at)[0]
    if isinstance(done, Refused):
        raise _Undone(done)
    return opened


def _joining(form: FormView) -> Move | None:
    state = form.program.states.get(form.facts.state)
    return next((move for move in state.moves.values() if move.joins), None) if state else None


def _foreseen(opened: Opened, into: str) -> Foreseen:
    form = form_of(into or opened.number)
    assert form is not None, "it was raised in this transaction, or merged into it"
    state = form.program.states.get(form.facts.state)
    holder = form.program.parties[state.holder].title if state else {}
    due = form.facts.due if into else opened.look_again_at
    return Foreseen(due or opened.look_again_at, holder)

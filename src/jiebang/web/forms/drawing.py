"""The forms of an entry's open moves: what the city knows (units, days) brought to the questions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import ngettext

from jiebang import engine
from jiebang.boards import queries as boards
from jiebang.boards.queries import FormView
from jiebang.engine.model import Actor, Json, Move, Yes
from jiebang.people import queries as people
from jiebang.rulebook import queries as rulebook
from jiebang.web.forms.moves import MoveForm, allowed
from jiebang.web.forms.questions import Option
from jiebang.web.words import said


def forms_of(
    read: FormView, moves: Sequence[Move], *, at: datetime, entries: Sequence[Option] = (), category: str = ""
) -> list[MoveForm]:
    """Return the forms of these moves of an entry, the one its holder owes first unfolded. `entries` are those it may
    be the same as; with its `category` the units that usually do such work come first."""
    state = read.program.states.get(read.facts.state)
    return allowed(
        read.program,
        moves,
        known=read.facts.answers,
        entries=entries,
        units=_units(read, category) if _ask_for_a_unit(read, moves) else (),
        calendar=rulebook.calendar(),
        at=at,
        holder=state.holder if state else "",
    )


def _units(read: FormView, category: str) -> list[Option]:
    usual = boards.usual_units(read.program.id, category, read.area)
    units = sorted(people.handling_units(read.area), key=lambda unit: -usual.get(unit.slug, 0))
    return [Option(unit.slug, _unit_words(said(unit.names), usual.get(unit.slug, 0))) for unit in units]


def _unit_words(name: str, n: int) -> str:
    words = {"name": name, "n": n}
    return ngettext("%(name)s (finished %(n)s like it)", "%(name)s (finished %(n)s like it)", n) % words if n else name


def _ask_for_a_unit(read: FormView, moves: Sequence[Move]) -> bool:
    return any(read.program.fields[asked.field].type == "unit" for move in moves for asked in move.ask)


def form_of(read: FormView, actor: Actor, name: str, *, at: datetime) -> MoveForm | None:
    """Return the form of one move, if it is open to this actor now; if not, the engine says why when asked."""
    moves = [move for move, may in engine.moves_open_to(read.program, read.facts, actor) if isinstance(may, Yes)]
    return next(iter(forms_of(read, [move for move in moves if move.name == name], at=at)), None)


def known_beside(read: FormView, form: MoveForm) -> dict[str, Json]:
    """Return the earlier answers a form's conditions may read: not those it asks anew."""
    asked = {ask.field for ask in form.move.ask}
    return {name: value for name, value in read.facts.answers.items() if name not in asked}

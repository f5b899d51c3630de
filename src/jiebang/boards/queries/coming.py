"""What comes next on an entry: what its holder may do now, what has to be done before, and a wish for more time."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from jiebang.engine.lookups import DUTY
from jiebang.engine.model import Duty, Facts, Move, Program, State, Texts
from jiebang.engine.worktime import due
from jiebang.rulebook import queries as rulebook


@dataclass(frozen=True, slots=True)
class Blocked:
    """A move of the holder that waits for duties, and those still open."""

    move: Texts
    duties: tuple[Texts, ...]


@dataclass(frozen=True, slots=True)
class MoreTime:
    """More time was asked for and nobody has answered. After `decides_by` the silence has been a no."""

    asked_at: datetime
    decides_by: datetime
    decider: Texts


def open_moves(state: State, done: Collection[str]) -> tuple[Texts, ...]:
    """Return the holder's moves that nothing has to be done before; `done` are the duties done in this state."""
    return tuple(move.title for move in _of_holder(state) if not _owed_before(move, state, done))


def blocked_moves(state: State, done: Collection[str]) -> tuple[Blocked, ...]:
    """Return the holder's moves that duties stand before."""
    waiting = ((move, _owed_before(move, state, done)) for move in _of_holder(state))
    return tuple(Blocked(move.title, tuple(duty.title for duty in duties)) for move, duties in waiting if duties)


def first_step(state: State, done: Collection[str]) -> tuple[str, Texts] | None:
    """Return the holder's next step, by the name a form has: a move, or the first duty of theirs that stands before."""
    for move in _of_holder(state):
        duties = _owed_before(move, state, done)
        if not duties:
            return move.name, move.title
        mine = next((duty for duty in duties if duty.of == state.holder), None)
        if mine is not None:
            return DUTY + mine.name, mine.title
    return None


def more_time(program: Program, facts: Facts) -> MoreTime | None:
    """Return the wish for more time that is not answered yet, if there is one."""
    state = program.states.get(facts.state)
    extend = state.extend if state else None
    if extend is None or facts.extension_asked is None:
        return None
    decides_by = due(facts.extension_asked, extend.decide_within, rulebook.calendar()).moment
    return MoreTime(facts.extension_asked, decides_by, program.parties[extend.decided_by].title)


def _of_holder(state: State) -> Iterator[Move]:
    return (move for move in state.moves.values() if state.holder in move.by)


def waits_for_duties(state: State) -> bool:
    """Whether any of its holder's moves has to wait for duties."""
    return any(move.when.duties_done for move in _of_holder(state))


def _owed_before(move: Move, state: State, done: Collection[str]) -> list[Duty]:
    if not move.when.duties_done:
        return []
    return [duty for duty in state.duties.values() if duty.name not in (*done, *move.when.but)]

"""What can be worked out of a program once: kept beside it, because thousands of decisions share one program."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import TypeVar

from jiebang.engine.model import (
    Ask,
    Branch,
    Condition,
    Duty,
    Exclusion,
    Extension,
    Limit,
    Move,
    Program,
    State,
)

T = TypeVar("T")

NEW_DATE = "new-date"  # the date an extension is granted until; the parser declares the field where it is needed
DUTY = "duty:"
ASK, GRANT, REFUSE = "extend:ask", "extend:grant", "extend:refuse"
OBJECT, UNANSWERED = "object", "unanswered"  # raising an objection to a notice; nobody answered it in time
ANSWER, PASS = "answer:", "pass:"  # with the number of the event that raised it: answered; handed up by the clock
EXTENSION_TITLES: Mapping[str, Mapping[str, str]] = {
    ASK: {"zh": "申请延期", "en": "Ask for more time"},
    GRANT: {"zh": "同意延期", "en": "Grant more time"},
    REFUSE: {"zh": "不同意延期", "en": "Refuse more time"},
}


@dataclass(frozen=True, slots=True)
class Lookups:
    """`moves` has, per state, what may be asked for there by name: its moves, its duties as `duty:<name>`, the three
    steps of an extension, and `object` where there may be objections. `running` are the duties that live on after
    their state, by name."""

    moves: Mapping[str, Mapping[str, Move]]
    finishing: frozenset[str]
    promised: Mapping[str, tuple[Limit, ...]]  # promised-date fields → limits of the states that wait for them
    running: Mapping[str, Duty]
    running_moves: Mapping[str, Move]
    apart: Mapping[str, tuple[Exclusion, ...]]  # move → whose makers it is separated from
    links: bool  # whether anything is opened elsewhere, or waited for
    awaited: frozenset[str]  # questions that name an entry some state waits for
    counted: frozenset[str]  # questions of several lines, an entry opened for each: the log knows their number


def once_a_program(work_out: Callable[[Program], T]) -> Callable[[Program], T]:
    """Keep what a function gives for each program object: programs are values, but too large to be hashed each time."""
    kept: dict[int, tuple[Program, T]] = {}

    @wraps(work_out)
    def known(program: Program) -> T:
        found = kept.get(id(program))
        if found is not None and found[0] is program:
            return found[1]
        if len(kept) >= 64:  # generated programs of a test run; a city has a handful
            kept.clear()
        made = work_out(program)
        kept[id(program)] = (program, made)
        return made

    return known


@once_a_program
def lookups(program: Program) -> Lookups:
    """Return the program's lookups."""
    running = {duty.name: duty for state in program.states.values() for duty in state.duties.values() if duty.runs_on}
    promised: dict[str, list[Limit]] = {}
    for state in program.states.values():
        if state.limit.until and state.limit.ceiling:
            promised.setdefault(state.limit.until, []).append(state.limit)
    return Lookups(
        moves={state.name: _moves_in(state) for state in program.states.values()},
        finishing=frozenset(
            move.name for state in program.states.values() for move in state.moves.values() if move.finishes
        ),
        promised={field: tuple(limits) for field, limits in promised.items()},
        running=running,
        running_moves={DUTY + duty.name: _duty_as_move(duty) for duty in running.values()},
        apart=_apart(program),
        links=any(
            state.opens or state.waits or any(move.opens for move in state.moves.values())
            for state in program.states.values()
        ),
        awaited=frozenset(
            state.waits.field for state in program.states.values() if state.waits and state.waits.kind == "entry"
        ),
        counted=frozenset(
            opens.each
            for state in program.states.values()
            for opens in (state.opens, *(move.opens for move in state.moves.values()))
            if opens is not None and opens.each
        ),
    )


def _moves_in(state: State) -> Mapping[str, Move]:
    moves = dict(state.moves)
    for duty in state.duties.values():
        moves[DUTY + duty.name] = _duty_as_move(duty)
    if state.extend:
        moves.update(_extension_as_moves(state.name, state.extend))
    if state.objections:
        clause = state.objections
        moves[OBJECT] = Move(OBJECT, clause.title, clause.by, (), clause.ask)
    return moves


def _apart(program: Program) -> Mapping[str, tuple[Exclusion, ...]]:
    apart: dict[str, tuple[Exclusion, ...]] = {}
    for one in program.separations:
        for move in one.moves:
            others = tuple(other for other in one.moves if other != move)
            apart[move] = (*apart.get(move, ()), Exclusion(one.by, others))
    return apart


def _duty_as_move(duty: Duty) -> Move:
    return Move(DUTY + duty.name, duty.title, (duty.of,), (), duty.ask, duty.show)


def _extension_as_moves(state: str, extend: Extension) -> Mapping[str, Move]:
    stay = (Branch(Condition(), state),)
    return {
        ASK: Move(ASK, EXTENSION_TITLES[ASK], (extend.asked_by,), stay),
        GRANT: Move(GRANT, EXTENSION_TITLES[GRANT], (extend.decided_by,), stay, (Ask(NEW_DATE),)),
        REFUSE: Move(REFUSE, EXTENSION_TITLES[REFUSE], (extend.decided_by,), stay),
    }

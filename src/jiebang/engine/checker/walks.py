"""The ways an entry can go, as steps somebody must make: what separations of duties are tried on.

A walk is a path without a circle, or with one circle once (one lap). Two walks that differ only in steps no separation
and no deed speaks of are one walk for this purpose, so even a large mechanism has few.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from jiebang.engine.graph import START, Edge, Graph
from jiebang.engine.lookups import DUTY, once_a_program
from jiebang.engine.model import Move, Program

MOST_WALKS = 3_000
MOST_TRIED = 40_000


@dataclass(frozen=True, slots=True)
class Step:
    """A move, an opening or a duty somebody makes in a state (an opening: "")."""

    state: str
    name: str
    by: tuple[str, ...]
    verifies: bool = False
    names_unit: bool = False


@dataclass(frozen=True, slots=True)
class Walk:
    """The steps of a walk that are told apart, in order, and the final it reaches."""

    end: str
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Walks:
    """`complete` is false where a mechanism has more ways than are looked at; the shortest are."""

    walks: tuple[Walk, ...]
    complete: bool


@dataclass(frozen=True, slots=True)
class _Way:
    node: str
    steps: tuple[Step, ...]
    passed: frozenset[str]
    lap: bool


def plain_steps(program: Program, graph: Graph) -> tuple[Step, ...]:
    """The steps no separation speaks of: somebody must hold the office, whoever it is."""
    telling = told_apart(program)
    reached = graph.reachable()
    steps = (step for edge in graph.edges if edge.source in reached for step in _steps(program, edge))
    return tuple(dict.fromkeys(step for step in steps if step.name not in telling))


def walks_of(program: Program, graph: Graph, without: Collection[Step] = ()) -> Walks:
    """Every walk from an opening to a final, shortest first; `without` the steps nobody can make."""
    telling = told_apart(program)
    found: dict[Walk, None] = {}
    seen: set[tuple[str, tuple[Step, ...], bool]] = set()
    waiting = deque([_Way(START, (), frozenset(), False)])
    while waiting and len(found) < MOST_WALKS and len(seen) < MOST_TRIED:
        here = waiting.popleft()
        passed = here.passed | {here.node}
        for edge in graph.out.get(here.node, ()):
            again = edge.target in passed
            if again and here.lap:
                continue
            steps = _steps(program, edge)
            if without and not without_any(steps, without):
                continue
            told = (*here.steps, *(step for step in steps if step.name in telling))
            key = (edge.target, told, here.lap or again)
            if key in seen:
                continue
            seen.add(key)
            if edge.target in program.finals:
                found[Walk(edge.target, told)] = None
            else:  # when the lap begins, what was passed before may be passed once more
                waiting.append(_Way(edge.target, told, frozenset() if again else passed, here.lap or again))
    return Walks(tuple(found), not waiting)


def without_any(steps: Iterable[Step], shut: Collection[Step]) -> bool:
    return not any(step in shut for step in steps)


def _steps(program: Program, edge: Edge) -> tuple[Step, ...]:
    move = edge.move
    if move is None:
        return ()
    step = Step(edge.source, move.name, move.by, move.verifies, _names_unit(program, move))
    if not move.when.duties_done:
        return (step,)
    owed = program.states[edge.source].duties.values()
    return (*(Step(edge.source, DUTY + d.name, (d.of,)) for d in owed if d.name not in move.when.but), step)


def _names_unit(program: Program, move: Move) -> bool:
    return any(program.fields[ask.field].type == "unit" for ask in move.ask)


@once_a_program
def told_apart(program: Program) -> frozenset[str]:
    """The names of moves that somebody is shut out by or from, or whose unit acts later."""
    parties = program.parties
    bound = {
        name for name, party in parties.items() if party.kind == "did" or any(never.moves for never in party.never)
    }
    names = {name for one in program.separations for name in one.moves}
    for party in parties.values():
        names.update(party.moves, *(never.moves for never in party.never))
    for state in program.states.values():
        for name, move in state.moves.items():
            if move.finishes or move.verifies or bound & set(move.by):
                names.add(name)
        names.update(DUTY + name for name, duty in state.duties.items() if duty.of in bound)
    if any(move.verifies for state in program.states.values() for move in state.moves.values()):
        # Whoever writes a matter down for somebody does not verify it.
        names.update(o for o, move in program.openings.items() if any(parties[by].is_official for by in move.by))
    return frozenset(names)

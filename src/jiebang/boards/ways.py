"""What the rules of a mechanism make of a matter on its way through units: offered, given back, taken, handed on.

Nothing here names a mechanism. Each list of a board office is read off the program: who holds a state, and which
moves give a matter to a unit.
"""

from __future__ import annotations

from dataclasses import dataclass

from jiebang.engine.lookups import once_a_program
from jiebang.engine.model import Facts, Move, Program, State


@dataclass(frozen=True, slots=True)
class Ways:
    """States and moves of one program, by what they mean for whoever hands matters out.

    `taking` are the moves by which a unit gets a matter, whether it takes it or is named. An `offered` state is held
    by a unit that may still take it; `giving_back` are its other ways out. In `open_to_units` any unit may come.
    `called_back` are the states in which an official asks the raiser whether it is solved. `levels` has, by state,
    the level of the office that holds it.
    """

    taking: frozenset[str]
    giving_back: frozenset[str]
    offered: frozenset[str]
    open_to_units: frozenset[str]
    called_back: frozenset[str]
    levels: dict[str, str]


@once_a_program
def ways(program: Program) -> Ways:
    """Return the program's ways."""
    parties = program.parties
    taking = frozenset(name for party in parties.values() if party.kind == "did" for name in party.moves)
    offered = {
        state.name: state
        for state in program.states.values()
        if parties[state.holder].kind == "did" and any(name in taking for name in _of_the_holder(state))
    }
    return Ways(
        taking=taking,
        giving_back=frozenset(
            name
            for state in offered.values()
            for name, move in _of_the_holder(state).items()
            if name not in taking and _stays_open(program, move)
        ),
        offered=frozenset(offered),
        open_to_units=frozenset(
            state.name
            for state in program.states.values()
            if any(parties[party].kind == "unit" for move in state.moves.values() for party in move.by)
        ),
        called_back=frozenset(
            state.name
            for state in program.states.values()
            if any(move.verified_as == "call-back" for move in state.moves.values())
        ),
        levels={
            state.name: parties[state.holder].level
            for state in program.states.values()
            if parties[state.holder].kind == "post"
        },
    )


def _of_the_holder(state: State) -> dict[str, Move]:
    return {name: move for name, move in state.moves.items() if state.holder in move.by}


def _stays_open(program: Program, move: Move) -> bool:
    return all(branch.to in program.states for branch in move.to)


def handed_on(program: Program, facts: Facts) -> int:
    """Return how often the matter went from one unit to another: 0 while a first one has it, or none."""
    turns: list[str] = []
    for deed in facts.deeds:
        unit = (deed.named_unit or deed.unit) if deed.move in ways(program).taking else ""
        if unit and turns[-1:] != [unit]:
            turns.append(unit)
    return max(len(turns) - 1, 0)


def is_asking_the_raiser(program: Program, move: Move) -> bool:
    """Return whether the move is a question to whoever raised it, or the call that asks how it went.

    Only who may make such a move needs to know how the raiser is reached.
    """
    if move.verified_as == "call-back":
        return True
    asked = [program.states[branch.to] for branch in move.to if branch.to in program.states]
    return (
        not move.finishes
        and bool(asked)
        and all(program.parties[state.holder].kind == "raiser" for state in asked)
        and all(program.parties[party].is_official for party in move.by)
    )

"""Which answers an entry can have in each state, and every case a condition can meet.

Two answers that no condition of the mechanism tells apart are one: of a number c-1, c and c+1 of each constant are
enough, of 300 categories one with the mark and one without. What is left is small, so the answers are followed from
state to state exactly, all questions together: where `grade is general` led in, no condition ever meets `major`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import product

from jiebang.engine.checker.case import Case
from jiebang.engine.conditions import holds, passes
from jiebang.engine.graph import START, Edge
from jiebang.engine.model import Ask, Condition, Field, Json, Move, Test
from jiebang.engine.wording import cells

MOST_FOLLOWED = 20_000  # states with their answers; a mechanism beyond is looked at question by question
OTHER = "\x00other"  # an answer no condition names, where the answers cannot be listed

Given = Mapping[str, Json]


class Answers:
    """Which answers an entry has before a move in each state, and every case a condition can then meet.

    `exact` says whether the answers were followed together. Otherwise each question is followed by itself: nothing
    that can happen is left out, but something may be tried that cannot.
    """

    def __init__(self, case: Case) -> None:
        self._case = case
        self._program = case.program
        self._tests: dict[str, list[Test]] = {}
        for test in _tests_of(case):
            self._tests.setdefault(test.field, []).append(test)
        self._kinds = {name: _kinds(self._program.fields[name], tests) for name, tests in self._tests.items()}
        # What an official asks besides who takes a raiser's word down: told sometimes.
        self._taken = {
            name: tuple(replace(ask, optional=True) for ask in taking.ask)
            for taking in self._program.takings.values()
            for name in taking.of
        }
        self._followed = self._follow()
        self.exact = self._followed is not None
        if self._followed is not None:
            self.met = frozenset(self._followed)
        else:
            self._possible = self._gathered(every_way=False)
            self._sure = self._gathered(every_way=True)
            self.met = frozenset(self._sure)

    def cases(self, state: str, move: Move) -> Iterator[dict[str, Json]]:
        """Every combination of answers the move's conditions can meet when it is made in `state`.

        Answers the move asks for itself replace older ones; one it does not get is missing, not the old one.
        """
        read = {test.field for test in _tests_of_move(move)}
        for older in self.older(state, read - {ask.field for ask in move.ask}):
            yield from self._told(older, [ask for ask in move.ask if ask.field in read])

    def older(self, state: str, names: Iterable[str]) -> Iterator[dict[str, Json]]:
        """Every combination of answers to these questions that an entry can have in `state`."""
        wanted = sorted(set(names) & set(self._tests))
        if self._followed is not None:
            seen = set()
            for held in self._followed.get(state, ()):
                known = dict(held)
                shown = tuple((name, known[name]) for name in wanted if name in known)
                if shown not in seen:
                    seen.add(shown)
                    yield dict(shown)
            return
        ways = [self._alone(name, state) for name in wanted]
        for values in product(*ways):
            yield {name: value for name, value in zip(wanted, values, strict=True) if value is not None}

    def making(self, older: Given, move: Move) -> Iterator[dict[str, Json]]:
        """Every way to answer the move's questions, as far as its conditions can tell, with these older answers."""
        read = {test.field for test in _tests_of_move(move)}
        own = {ask.field for ask in move.ask}
        kept = {name: value for name, value in older.items() if name not in own}
        yield from self._told(kept, [ask for ask in move.ask if ask.field in read])

    def _told(self, given: dict[str, Json], asks: Sequence[Ask]) -> Iterator[dict[str, Json]]:
        if not asks:
            yield given
            return
        ask, rest = asks[0], asks[1:]
        if not holds(ask.when, given, self._program):
            yield from self._told(given, rest)
            return
        for value in self._kinds[ask.field]:
            yield from self._told({**given, ask.field: value}, rest)
        if ask.optional:
            yield from self._told(given, rest)

    # ── All questions together ──

    def _follow(self) -> dict[str, set[tuple[tuple[str, Json], ...]]] | None:
        """Node → every combination of answers an entry can have there; None when there are too many."""
        graph = self._case.graph
        found: dict[str, set[tuple[tuple[str, Json], ...]]] = {START: {()}}
        waiting: list[tuple[str, tuple[tuple[str, Json], ...]]] = [(START, ())]
        while waiting:
            node, held = waiting.pop()
            known = dict(held)
            made: dict[int, list[dict[str, Json]]] = {}
            for edge in graph.out.get(node, ()):
                for after in self._after(edge, known, made):
                    kept = tuple(sorted(after.items()))
                    there = found.setdefault(edge.target, set())
                    if kept not in there:
                        there.add(kept)
                        waiting.append((edge.target, kept))
            if len(waiting) > MOST_FOLLOWED or sum(map(len, found.values())) > MOST_FOLLOWED:
                return None
        return found

    def _after(
        self, edge: Edge, known: dict[str, Json], made: dict[int, list[dict[str, Json]]]
    ) -> Iterable[dict[str, Json]]:
        """The answers after going this way; nothing when these answers do not lead it."""
        move = edge.move
        if move is None:
            return (known,)
        if id(move) not in made:  # its ways share the answers it can be given
            kept = {name: value for name, value in known.items() if name not in {ask.field for ask in move.ask}}
            asks = [*self._taken.get(move.name, ()), *move.ask]
            told = self._told(kept, [ask for ask in asks if ask.field in self._tests])
            made[id(move)] = [given for given in told if holds(move.when, given, self._program)]
        if edge.branch is None:
            return made[id(move)]
        return [
            given
            for given in made[id(move)]
            if next((b for b in move.to if holds(b.when, given, self._program)), None) is edge.branch
        ]

    # ── Each question by itself ──

    def _gathered(self, *, every_way: bool) -> dict[str, frozenset[str]]:
        """Questions answered on every way to a node (or on some way): a fixpoint over the edges."""
        graph = self._case.graph
        everything = frozenset(self._program.fields)
        reached = graph.reachable()
        known = {node: everything if every_way else frozenset[str]() for node in reached}
        known[START] = frozenset()
        changed = True
        while changed:
            changed = False
            for node in reached - {START}:
                ways = [
                    _kept(known[edge.source], edge, every_way=every_way)
                    for edge in graph.into.get(node, ())
                    if edge.source in known
                ]
                now = (frozenset.intersection if every_way else frozenset.union)(*ways)
                if now != known[node]:
                    known[node] = now
                    changed = True
        return known

    def _alone(self, name: str, state: str) -> list[Json]:
        values: list[Json] = [*self._kinds[name]] if name in self._possible[state] else []
        return [*values, None] if name not in self._sure[state] else values


def _kept(known: frozenset[str], edge: Edge, *, every_way: bool) -> frozenset[str]:
    """Questions answered after going this way. One that is asked again and left empty is answered no more."""
    if edge.move is None:
        return known
    asked = frozenset(ask.field for ask in edge.move.ask)
    if not every_way:
        return known | asked
    surely = frozenset(ask.field for ask in edge.move.ask if not (ask.optional or ask.when.tests))
    return (known - asked) | surely


def _tests_of(case: Case) -> Iterator[Test]:
    for opening in case.program.openings.values():
        yield from _tests_of_move(opening)
    for state in case.program.states.values():
        for move in state.moves.values():
            yield from _tests_of_move(move)


def _tests_of_move(move: Move) -> Iterator[Test]:
    """What decides whether a move can be made, what it asks and where it leads. What it must show decides nothing."""
    conditions: list[Condition] = [move.when, *(branch.when for branch in move.to), *(ask.when for ask in move.ask)]
    for condition in conditions:
        yield from condition.tests


def _kinds(asked: Field, tests: Sequence[Test]) -> list[Json]:
    """One answer of each kind these tests can tell apart."""
    every: list[Json] = [*(choice.id for choice in asked.choices)]
    if asked.type == "number":
        every = [*cells(asked.most, (c for test in tests for c in test.constants))]
    elif asked.type == "yes-no":
        every = ["yes", "no"]
    elif not every:  # an open question or a list not loaded: what is named, and something else
        every = [*sorted({value for test in tests for value in test.values}), OTHER]
    kinds: dict[tuple[bool, ...], Json] = {}
    for value in every:
        said = tuple(passes(test, {asked.name: value}, {asked.name: asked}) for test in tests)
        kinds.setdefault(said, value)
    return list(kinds.values())

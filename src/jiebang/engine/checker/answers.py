"""Which answers an entry has in each state, and every case a condition can meet."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product

from jiebang.engine.checker.case import Case
from jiebang.engine.conditions import holds
from jiebang.engine.graph import START, Edge
from jiebang.engine.model import Ask, Condition, Json, Move, Test


class Answers:
    """Which answers an entry surely has, or may have, in each state; and every case a condition can meet."""

    def __init__(self, case: Case) -> None:
        self._case = case
        self._program = case.program
        self.possible = self._gathered(every_way=False)
        self.sure = self._gathered(every_way=True)

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
                    known[edge.source] | self._given(edge, only_required=every_way)
                    for edge in graph.into.get(node, ())
                    if edge.source in known
                ]
                now = (frozenset.intersection if every_way else frozenset.union)(*ways)
                if now != known[node]:
                    known[node] = now
                    changed = True
        return known

    def _given(self, edge: Edge, *, only_required: bool) -> frozenset[str]:
        if edge.move is None:
            return frozenset()
        return frozenset(
            ask.field for ask in edge.move.ask if not only_required or not (ask.optional or ask.when.tests)
        )

    def cases(self, state: str, move: Move, conditions: Sequence[Condition]) -> Iterator[dict[str, Json]]:
        """Every combination of answers these conditions can tell apart when `move` is made in `state`.

        Answers the move asks for itself replace older ones; one it does not get is missing, not the old one.
        """
        tests = [test for condition in conditions for test in condition.tests]
        tests += [test for ask in move.ask for test in ask.when.tests]
        read = {test.field for test in tests}
        asks = [ask for ask in move.ask if ask.field in read]
        own = {ask.field for ask in asks}
        older = sorted(read - own)
        for values in product(*(self._older(name, state, tests) for name in older)):
            given: dict[str, Json] = {n: value for n, value in zip(older, values, strict=True) if value is not None}
            yield from self._asked(given, asks, tests)

    def _asked(self, given: dict[str, Json], asks: Sequence[Ask], tests: Sequence[Test]) -> Iterator[dict[str, Json]]:
        if not asks:
            yield given
            return
        ask, rest = asks[0], asks[1:]
        if not holds(ask.when, given, self._program):
            yield from self._asked(given, rest, tests)
            return
        for value in self._values(ask.field, tests):
            yield from self._asked({**given, ask.field: value}, rest, tests)
        if ask.optional:
            yield from self._asked(given, rest, tests)

    def _older(self, name: str, state: str, tests: Sequence[Test]) -> list[Json]:
        values: list[Json] = []
        if name in self.possible[state]:
            values += self._values(name, tests)
        if name not in self.sure[state]:
            values.append(None)
        return values

    def _values(self, name: str, tests: Sequence[Test]) -> list[Json]:
        """One answer of each kind these tests can tell apart: a list of 300 categories needs two cases, not 300."""
        asked = self._program.fields[name]
        every: list[Json] = [*(choice.id for choice in asked.choices)]
        if asked.type == "yes-no":
            every = ["yes", "no"]
        elif not every:  # an open question or a list not loaded: what is named, and something else
            every = [*sorted({value for test in tests if test.field == name for value in test.values}), "\x00other"]
        kinds: dict[tuple[bool, ...], Json] = {}
        mine = [Condition((test,)) for test in tests if test.field == name]
        for value in every:
            kinds.setdefault(tuple(holds(one, {name: value}, self._program) for one in mine), value)
        return list(kinds.values())

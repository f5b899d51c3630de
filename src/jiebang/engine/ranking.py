"""How long an entry can still take from each node on, so that every way leads to where it is less by the stay.

It is the worst case that is published (`jiebang.engine.bounds`) and what a certificate shows to a stranger
(`jiebang.engine.checker.certificate`): one number, found once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import prod
from typing import NamedTuple, cast

from jiebang.engine.graph import START, Edge, Graph, avoidable, is_made, starts, states_under
from jiebang.engine.lengths import Length, Path, Unbounded, Weights
from jiebang.engine.model import Amount, Json, Program, Span
from jiebang.engine.unrolling import MOST_UNROLLED


class _Step(NamedTuple):
    """Going one way: how long it can take from then on, where that is counted from, and what was paid for."""

    length: int
    to: str
    setting: int
    paid: tuple[str, ...]  # states whose time this way pays for
    span: Amount | None = None  # the span whose length caps what comes before `to`


@dataclass(slots=True)
class _Part:
    """A strongly connected part with the laps of its circles: a number for each setting of the counters."""

    laps: Mapping[str, int]  # counter → most uses
    rank: dict[str, list[int]] = field(default_factory=dict)
    later: dict[str, list[int]] = field(default_factory=dict)  # the largest rank with no fewer laps used
    strides: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        stride = 1
        for lap, most in self.laps.items():
            self.strides[lap] = stride
            stride *= most + 1

    @property
    def settings(self) -> int:
        return prod(most + 1 for most in self.laps.values())

    def used(self, lap: str, setting: int) -> int:
        return setting // self.strides[lap] % (self.laps[lap] + 1)

    def after(self, edge: Edge, setting: int) -> int | None:
        """The setting after going this way; None when the way is shut."""
        if edge.after in self.laps and self.used(edge.after, setting) < self.laps[edge.after]:
            return None
        if edge.lap not in self.laps:
            return setting
        return setting + self.strides[edge.lap] if self.used(edge.lap, setting) < self.laps[edge.lap] else None

    def settle(self, node: str, setting: int, rank: int) -> None:
        self.rank[node][setting] = rank
        more = (setting + step for lap, step in self.strides.items() if self.used(lap, setting) < self.laps[lap])
        self.later[node][setting] = max([rank, *(self.later[node][one] for one in more)])

    def latest(self, node: str, setting: int) -> int:
        """The setting with no fewer laps used where the rank is largest: where `later` is found."""
        used = {lap: self.used(lap, setting) for lap in self.laps}
        more = (one for one in range(self.settings) if all(self.used(lap, one) >= n for lap, n in used.items()))
        return max(more, key=lambda one: self.rank[node][one])

    def to_json(self) -> Json:
        rank: dict[str, Json] = {node: cast("list[Json]", row) for node, row in self.rank.items()}
        return {"laps": [[lap, most] for lap, most in self.laps.items()], "rank": rank}


class Ranking:
    """How long an entry can still take, from each node on.

    A limit that counts from a move is paid when the move is made: all stays since then lie within it. A span that
    starts with a move caps what comes after it, until wherever the span may end.
    """

    def __init__(self, program: Program, graph: Graph, weights: Weights) -> None:
        self.weights = weights
        self._program, self._graph = program, graph
        self._paid = {
            name: state.limit.since
            for name, state in program.states.items()
            if state.limit.since and name not in avoidable(graph, state.limit.since)
        }
        self._under = {name: states_under(graph, program, span) for name, span in program.spans.items()}
        self._part_of: dict[str, _Part] = {}
        self.parts: list[_Part] = []
        reached = graph.reachable()
        for nodes in graph.components():
            here = [node for node in nodes if node in reached and node not in program.finals]
            if here:
                self._rank(here)
        self.bound = self._part_of[START].rank[START][0]
        self.days = weights.days(self.bound)

    def _rank(self, nodes: Sequence[str]) -> None:
        inside = set(nodes)
        circular = (e for node in nodes for e in self._graph.out.get(node, ()) if e.target in inside and e.lap)
        part = _Part({edge.lap: edge.at_most for edge in circular})
        if part.settings > MOST_UNROLLED:
            raise Unbounded("D4", nodes)

        def free(edge: Edge) -> bool:
            return edge.target in inside and edge.lap not in part.laps

        circle = self._graph.circle(along=free, nodes=inside)
        if circle is not None:
            raise Unbounded("D3", circle)
        order = self._graph.settled_first(nodes, along=free)
        for node in nodes:
            self._part_of[node] = part
            part.rank[node] = [-1] * part.settings
            part.later[node] = [-1] * part.settings
        for setting in reversed(range(part.settings)):
            for node in order:
                ways = (self._way(part, edge, setting) for edge in self._graph.out.get(node, ()))
                part.settle(node, setting, self._stay(node) + max((way for way in ways if way is not None), default=0))
        self.parts.append(part)

    def _stay(self, node: str) -> int:
        return 0 if node in self._paid else self.weights.of.get(node, 0)

    def _way(self, part: _Part, edge: Edge, setting: int) -> int | None:
        """How long it can take from going this way on; None when the way is shut."""
        step = self._step(part, edge, setting)
        return None if step is None else step.length

    def _step(self, part: _Part, edge: Edge, setting: int) -> _Step | None:
        after = part.after(edge, setting)
        if after is None:
            return None
        paid = [name for name, since in self._paid.items() if is_made(edge, since)]
        straight = _Step(self._left(part, edge.target, after, later=False), edge.target, after, tuple(paid))
        capped = (self._capped(part, edge, span, after) for span in self._started(edge))
        step = min([straight, *(one for one in capped if one is not None)], key=lambda one: one.length)
        return step._replace(length=step.length + self._cost(paid))

    def _started(self, edge: Edge) -> Iterator[Span]:
        if edge.kind != "span":
            for name, span in self._program.spans.items():
                if starts(edge, span) and edge.target in self._under[name]:
                    yield span

    def _capped(self, part: _Part, edge: Edge, span: Span, setting: int) -> _Step | None:
        """The span's length, and then the most that can be left wherever it ends. None: not known yet."""
        under = self._under[span.name]
        left = {edge.target for node in under for edge in self._graph.out.get(node, ())} - under
        ends = {span.to_state, span.clock_to} | left
        ends |= {e.target for node in ends & set(self._program.routes) for e in self._graph.out.get(node, ())} - under
        known = {node: self._left(part, node, setting, later=True) for node in ends}
        if -1 in known.values():
            return None
        last = max(sorted(known), key=lambda node: known[node])
        also = self._paid_under(edge, under)
        length = self.weights.weigh(span.amount) + self._cost(also) + known[last]
        there = self._part_of.get(last)
        at = part.latest(last, setting) if there is part and last in part.rank else 0
        paid = [name for name, since in self._paid.items() if is_made(edge, since)]
        return _Step(length, last, at, (*paid, *also), span.amount)

    def _paid_under(self, edge: Edge, under: set[str]) -> list[str]:
        """The states that moves made while the span runs pay for: they may be stayed in after the span."""
        made = {
            since
            for since in self._paid.values()
            if not is_made(edge, since) and any(is_made(e, since) for node in under for e in self._graph.out[node])
        }
        return [name for name, since in self._paid.items() if since in made]

    def _cost(self, states: Sequence[str]) -> int:
        return sum(self.weights.of[name] for name in states)

    def _left(self, part: _Part, node: str, setting: int, *, later: bool) -> int:
        """The rank of a node here; in a part not entered yet no laps are used."""
        there = self._part_of.get(node)
        if there is None:
            return 0  # a final, or nothing leads there
        if there is not part:
            return there.rank[node][0]
        return (part.later if later else part.rank)[node][setting]

    def length(self) -> Length:
        """The longest way as the ranking counts it: its sums, its calendar days, the states passed.

        What a move pays for stands with that move, not with the states that use it up.
        """
        nodes: list[str] = []
        stays: list[tuple[Amount, ...]] = []
        node, setting = START, 0
        while node in self._part_of:
            part = self._part_of[node]
            if node in self._program.states:
                nodes.append(node)
                stays.append(() if node in self._paid else self.weights.amounts(node))
            ways = (self._step(part, edge, setting) for edge in self._graph.out.get(node, ()))
            step = max((way for way in ways if way is not None), key=lambda way: way.length, default=None)
            if step is None:
                break
            stays += [self.weights.amounts(name) for name in step.paid]
            stays += [(step.span,)] if step.span is not None else []
            node, setting = step.to, step.setting if self._part_of.get(step.to) is part else 0
        return self.weights.length(Path(tuple(nodes), tuple(stays), self.bound))

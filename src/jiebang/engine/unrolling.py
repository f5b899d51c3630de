"""The longest way through a mechanism, with the laps of its circles unrolled."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import prod

from jiebang.engine.graph import (
    START,
    Edge,
    Graph,
    avoidable,
    is_made,
    made_at_most,
    starts,
    states_under,
)
from jiebang.engine.lengths import Length, Path, Unbounded, Weights
from jiebang.engine.model import Amount, Program, Span

MOST_UNROLLED = 5_000


@dataclass(frozen=True, slots=True)
class _Way:
    """One way out of a node inside its part of the graph, ready for the loop over laps."""

    target: str
    inside: bool
    is_free: bool  # neither needs nor uses a counter: most ways
    lap: int = -1  # index of the counter it uses up
    after: int = -1  # index of the counter that must be used up before
    cap: tuple[Span, tuple[str, ...]] | None = None  # a span starts here: it ends at one of these nodes

    def after_lap(self, setting: int, used: Sequence[int], part: _Part) -> int | None:
        """The counters after going this way, or None when it is shut: used up, or not yet used up."""
        if self.after >= 0 and used[self.after] < part.counters[self.after]:
            return None
        if self.lap < 0:
            return setting
        return setting + part.strides[self.lap] if used[self.lap] < part.counters[self.lap] else None


@dataclass(frozen=True, slots=True)
class _Budget:
    """The stays of a state whose limit counts from a move: one full time for each time that move was made.

    `before` were made before the part was entered, at most; the others are laps of the part.
    """

    counter: int
    before: int
    laps: tuple[int, ...]

    def left(self, used: Sequence[int]) -> bool:
        return used[self.counter] < self.before + sum(used[lap] for lap in self.laps)


@dataclass(frozen=True, slots=True)
class _Choice:
    """How the longest way goes on: to `node` with that setting of its counters; `span`: after that span's length.
    No node: nothing follows the span."""

    node: str | None
    setting: int
    span: Span | None = None


@dataclass(slots=True)
class _Part:
    """A strongly connected part, unrolled: one row for each setting of its lap counters."""

    counters: list[int] = field(default_factory=list)  # most uses of each
    strides: list[int] = field(default_factory=list)
    weight: dict[str, list[int]] = field(default_factory=dict)  # node → per setting
    choice: dict[str, list[_Choice | None]] = field(default_factory=dict)  # node → per setting

    def used(self, setting: int) -> list[int]:
        """How often each counter is used up in this setting: a number in mixed radix."""
        return [setting // stride % (most + 1) for stride, most in zip(self.strides, self.counters, strict=True)]


def _budgets(program: Program, graph: Graph) -> dict[str, int]:
    """States whose limit counts from a move that was surely made: how often that time can be given anew.

    All stays since that move lie within one such time (and its extensions): the first may last that long, the others
    no time at all.
    """
    found: dict[str, int] = {}
    for state in program.states.values():
        since = state.limit.since
        if since is None or state.name in avoidable(graph, since):
            continue
        times = made_at_most(graph, since)
        if times:
            found[state.name] = times
    return found


class Worst:
    """The longest way from every node, over the graph with each part's laps unrolled.

    Inside a part, circles without a lap are excluded (D3), so for one setting of the counters the nodes have an
    order; a lap leads to a higher setting. Two loops, no recursion, then suffice.
    """

    def __init__(self, program: Program, graph: Graph, weights: Weights) -> None:
        self._program = program
        self._graph = graph
        self._weights = weights
        self._part_of: dict[str, _Part] = {}
        self._ways: dict[str, list[_Way]] = {}
        self._most: dict[str, int] = {}  # the longest way from a node, whatever laps are used
        self._most_at: dict[str, int] = {}  # the setting where that is
        self._budgets = _budgets(program, graph)
        self._budget_of: dict[str, _Budget] = {}
        reachable = graph.reachable()
        under = {name: states_under(graph, program, span) for name, span in program.spans.items()}
        self._exits = {
            name: tuple(self._ends_of(span, under[name]) & reachable) for name, span in program.spans.items()
        }
        for part in graph.components():
            nodes = [node for node in part if node in reachable]
            if nodes:
                self._unroll(nodes)
        self._met_at_all = self._walked() if any(edge.after for edge in graph.edges) else set(self._most)

    def __contains__(self, node: str) -> bool:
        """Whether an entry can come there: a `then` may wait for laps that cannot all be used up."""
        return node in self._met_at_all

    def _walked(self) -> set[str]:
        """The nodes an entry can come to, walked from the start: a part was unrolled before those that lead into it,
        so whether they ever do was not known then."""
        seen = {(START, 0)}
        waiting = [(START, 0)]
        while waiting:
            node, setting = waiting.pop()
            part = self._part_of[node]
            used = part.used(setting)
            stay = self._stay(node, used, part)
            for way in self._ways[node]:
                then = setting if way.is_free else way.after_lap(setting, used, part)
                if then is None:
                    continue
                there = (way.target, then + stay if way.inside else 0)
                if there not in seen and way.target in self._part_of:
                    seen.add(there)
                    waiting.append(there)
        return {node for node, _ in seen}

    def _ends_of(self, span: Span, under: set[str]) -> set[str]:
        """The nodes a span's time ends at: its end, a final, and where it leads when it has passed."""
        left = {edge.target for node in under for edge in self._graph.out.get(node, ())} - under
        return ({span.to_state, span.clock_to} | left) - set(self._program.routes)

    def _unroll(self, nodes: list[str]) -> None:
        inside = set(nodes)
        edges = [edge for node in nodes for edge in self._graph.out.get(node, ())]
        circular = len(nodes) > 1 or any(edge.target == edge.source for edge in edges)
        laps = {e.lap: e.at_most for e in edges if e.lap and e.target in inside} if circular else {}
        if circular:
            laps |= {f"stay {node}": self._budgets[node] for node in nodes if node in self._budgets}
        part = _Part(list(laps.values()))
        settings = prod(most + 1 for most in part.counters)
        if settings > MOST_UNROLLED:
            raise Unbounded("D4", nodes)
        stride = 1
        for most in part.counters:
            part.strides.append(stride)
            stride *= most + 1
        index = {lap: i for i, lap in enumerate(laps)}
        for node in nodes:
            self._part_of[node] = part
            if f"stay {node}" in index:
                self._budget_of[node] = self._budget(node, index)
            self._ways[node] = list(dict.fromkeys(self._ways_from(node, inside, index)))
            part.weight[node] = [0] * settings
            part.choice[node] = [None] * settings
        order = self._order(nodes, inside, index)
        met = self._met(order, inside, part, settings)
        for setting in range(settings - 1, -1, -1):
            if not met[setting]:
                continue
            used = part.used(setting)
            for node in order:
                if node in met[setting]:
                    self._settle(node, setting, used, part)

    def _budget(self, node: str, index: Mapping[str, int]) -> _Budget:
        since = self._program.states[node].limit.since or ""
        laps = {edge.lap for edge in self._graph.edges if is_made(edge, since) and edge.lap in index}
        inside = sum(edge_most for lap, edge_most in self._laps_of(since).items() if lap in laps)
        return _Budget(index[f"stay {node}"], self._budgets[node] - inside, tuple(index[lap] for lap in sorted(laps)))

    def _laps_of(self, move: str) -> dict[str, int]:
        return {edge.lap: edge.at_most for edge in self._graph.edges if is_made(edge, move) and edge.lap}

    def _met(self, order: Sequence[str], inside: set[str], part: _Part, settings: int) -> list[set[str]]:
        """For each setting of the counters the nodes an entry can be at then. A part is entered with none used."""
        met: list[set[str]] = [set() for _ in range(settings)]
        met[0] = {
            node
            for node in order
            if node == START or any(edge.source not in inside for edge in self._graph.into.get(node, ()))
        }
        for setting in range(settings):
            if not met[setting]:
                continue
            used = part.used(setting)
            for node in reversed(order):
                if node in met[setting]:
                    stay = self._stay(node, used, part)
                    for way in self._ways[node]:
                        if not way.inside:
                            continue
                        then = setting if way.is_free else way.after_lap(setting, used, part)
                        if then is not None:
                            met[then + stay].add(way.target)
        return met

    def _ways_from(self, node: str, inside: set[str], index: Mapping[str, int]) -> Iterator[_Way]:
        for edge in self._graph.out.get(node, ()):
            if edge.after and edge.after not in index:
                continue  # its counter cannot be used up before the part is left for good
            cap = None
            if edge.kind != "span":
                for name, span in self._program.spans.items():
                    if starts(edge, span):
                        cap = (span, self._exits[name])
            lap = index.get(edge.lap, -1) if edge.lap else -1
            after = index.get(edge.after, -1) if edge.after else -1
            yield _Way(edge.target, edge.target in inside, lap < 0 and after < 0, lap, after, cap)

    def _order(self, nodes: list[str], inside: set[str], index: Mapping[str, int]) -> list[str]:
        """Nodes after all that can be reached from them without a lap."""

        def free(edge: Edge) -> bool:
            return edge.target in inside and edge.lap not in index

        circle = self._graph.circle(along=free, nodes=inside)
        if circle is not None:
            raise Unbounded("D3", circle)
        return self._graph.settled_first(nodes, along=free)

    def _stay(self, node: str, used: Sequence[int], part: _Part) -> int:
        """What a stay adds to the setting: one use of the time given, while some is left."""
        budget = self._budget_of.get(node)
        return part.strides[budget.counter] if budget is not None and budget.left(used) else 0

    def _weight(self, node: str, used: Sequence[int], part: _Part) -> int:
        """No further time passes where a limit counts from a move and its time has been used up."""
        budget = self._budget_of.get(node)
        return 0 if budget is not None and not budget.left(used) else self._weights.of.get(node, 0)

    def _settle(self, node: str, setting: int, used: Sequence[int], part: _Part) -> None:
        best = -1
        choice: _Choice | None = None
        stay = self._stay(node, used, part)
        for way in self._ways[node]:
            then = setting if way.is_free else way.after_lap(setting, used, part)
            if then is None:
                continue
            length = part.weight[way.target][then + stay] if way.inside else self._most[way.target]
            if way.cap is not None:
                capped, ends = self._capped(way.cap)
                if capped < length:
                    if capped > best:
                        best, choice = capped, ends
                    continue
            if length > best:
                best = length
                choice = _Choice(way.target, then + stay if way.inside else self._most_at[way.target])
        best = max(best, 0)
        part.weight[node][setting] = best = best + self._weight(node, used, part)
        part.choice[node][setting] = choice
        if best > self._most.get(node, -1):
            self._most[node], self._most_at[node] = best, setting

    def _capped(self, cap: tuple[Span, tuple[str, ...]]) -> tuple[int, _Choice]:
        """The span's own length, then the longest way from wherever it may end.

        Wherever it ends, that was settled before: it lies behind, with no fewer laps used. What is not settled yet
        cannot be reached from here.
        """
        span, exits = cap
        rest, last = max(((self._most[node], node) for node in exits if node in self._most), default=(0, None))
        return self._weights.weigh(span.amount) + rest, _Choice(last, self._most_at[last] if last else 0, span)

    def length_from(self, node: str) -> Length:
        return self._weights.length(self.path_from(node))

    def path_from(self, node: str) -> Path:
        """The longest way from `node`; from a state, whatever laps are left there.

        Each step leads to what was settled before, so it ends.
        """
        nodes: list[str] = []
        stays: list[tuple[Amount, ...]] = []
        weight = self._most[node]
        here: _Choice | None = _Choice(node, self._most_at[node])
        while here is not None:
            if here.span is not None:
                stays.append((here.span.amount,))
            if here.node is None:
                break
            part = self._part_of[here.node]
            if here.node in self._program.states:
                nodes.append(here.node)
                lasts = self._weight(here.node, part.used(here.setting), part) > 0
                stays.append(self._weights.amounts(here.node) if lasts else ())
            here = part.choice[here.node][here.setting]
        return Path(tuple(nodes), tuple(stays), weight)

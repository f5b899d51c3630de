"""A program as a graph: which way an entry can go from where.

The checker proves things about these edges and `bounds` measures their longest paths. Nodes are the names of states,
routes and finals; an opening leaves from `START`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from jiebang.engine.model import Branch, Move, Program, Span

START = ""
EdgeKind = Literal["open", "move", "clock", "heard", "unanswered", "route", "then", "span"]


@dataclass(frozen=True, slots=True)
class Edge:
    """One way from `source` to `target`.

    `lap` names the counter the edge uses up, `at_most` how often; a `then` edge opens when `after` is used up. A
    `span` edge is the clock move of a span that runs across states: it fires once for each time the span was started.
    A `heard` edge is the clock's as well: what the state waited for has closed; and an `unanswered` one: nobody
    answered an objection to the notice.
    """

    kind: EdgeKind
    source: str
    target: str
    name: str  # of the opening, move, route or span; "clock"
    lap: str = ""
    at_most: int = 0
    after: str = ""
    move: Move | None = field(default=None, compare=False)
    branch: Branch | None = field(default=None, compare=False)

    @property
    def limited(self) -> bool:
        return bool(self.lap)

    @property
    def by_clock(self) -> bool:
        return self.kind in ("clock", "heard", "unanswered", "span")


@dataclass(frozen=True, slots=True)
class Graph:
    edges: tuple[Edge, ...]
    out: Mapping[str, tuple[Edge, ...]]
    into: Mapping[str, tuple[Edge, ...]]

    def reachable(self, starts: Iterable[str] = (START,), *, along: Callable[[Edge], bool] | None = None) -> set[str]:
        """Every node some path from `starts` comes to, the starts included."""
        seen = set(starts)
        waiting = list(seen)
        while waiting:
            for edge in self.out.get(waiting.pop(), ()):
                if edge.target not in seen and (along is None or along(edge)):
                    seen.add(edge.target)
                    waiting.append(edge.target)
        return seen

    def leading_to(self, ends: Iterable[str]) -> set[str]:
        """Every node from which one of `ends` can be reached, the ends included."""
        seen = set(ends)
        waiting = list(seen)
        while waiting:
            for edge in self.into.get(waiting.pop(), ()):
                if edge.source not in seen:
                    seen.add(edge.source)
                    waiting.append(edge.source)
        return seen

    def path(self, start: str, ends: Collection[str], *, along: Callable[[Edge], bool]) -> list[Edge] | None:
        """A shortest path from `start` to one of `ends`, or None."""
        came: dict[str, Edge | None] = {start: None}
        waiting = [start]
        for node in waiting:
            if node in ends:
                return self._walked(came, node)
            for edge in self.out.get(node, ()):
                if edge.target not in came and along(edge):
                    came[edge.target] = edge
                    waiting.append(edge.target)
        return None

    @staticmethod
    def _walked(came: Mapping[str, Edge | None], node: str) -> list[Edge]:
        walked: list[Edge] = []
        while (edge := came[node]) is not None:
            walked.append(edge)
            node = edge.source
        return walked[::-1]

    def circle(self, *, along: Callable[[Edge], bool], nodes: Collection[str] | None = None) -> list[str] | None:
        """The nodes of one circle, or None. Iterative: a file of a thousand states must not exhaust the stack."""
        colour: dict[str, int] = {}
        for start in self.out if nodes is None else nodes:
            if colour.get(start):
                continue
            trail: list[str] = [start]
            ways = [iter(self.out.get(start, ()))]
            colour[start] = 1
            while trail:
                edge = next(ways[-1], None)
                if edge is None:
                    colour[trail.pop()] = 2
                    ways.pop()
                elif along(edge) and (nodes is None or edge.target in nodes):
                    if colour.get(edge.target) == 1:
                        return trail[trail.index(edge.target) :]
                    if not colour.get(edge.target):
                        colour[edge.target] = 1
                        trail.append(edge.target)
                        ways.append(iter(self.out.get(edge.target, ())))
        return None

    def settled_first(self, nodes: Sequence[str], *, along: Callable[[Edge], bool]) -> list[str]:
        """These nodes, each after all that can be reached from it along such edges; there is no circle of them."""
        order: list[str] = []
        done: set[str] = set()
        for root in nodes:
            if root in done:
                continue
            done.add(root)
            work = [(root, iter(self.out.get(root, ())))]
            while work:
                edge = next(work[-1][1], None)
                if edge is None:
                    order.append(work.pop()[0])
                elif along(edge) and edge.target not in done:
                    done.add(edge.target)
                    work.append((edge.target, iter(self.out.get(edge.target, ()))))
        return order

    def components(self) -> list[list[str]]:
        """Strongly connected parts, a part before the parts that lead to it (Tarjan)."""
        order: dict[str, int] = {}
        low: dict[str, int] = {}
        stack: list[str] = []
        on_stack: set[str] = set()
        parts: list[list[str]] = []
        for root in dict.fromkeys([START, *self.out, *self.into]):
            if root in order:
                continue
            order[root] = low[root] = len(order)
            stack.append(root)
            on_stack.add(root)
            work = [(root, iter(self.out.get(root, ())))]
            while work:
                node, ways = work[-1]
                edge = next(ways, None)
                if edge is not None:
                    target = edge.target
                    if target not in order:
                        order[target] = low[target] = len(order)
                        stack.append(target)
                        on_stack.add(target)
                        work.append((target, iter(self.out.get(target, ()))))
                    elif target in on_stack:
                        low[node] = min(low[node], order[target])
                    continue
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == order[node]:
                    part: list[str] = []
                    while not part or part[-1] != node:
                        part.append(stack.pop())
                        on_stack.discard(part[-1])
                    parts.append(part)
        return parts


def graph_of(program: Program) -> Graph:
    """Edges whose target does not exist are left out: the checker names them by themselves (P0)."""
    known = {*program.states, *program.routes, *program.finals}
    plain = [edge for edge in _plain_edges(program) if edge.target in known]
    graph = _graph(plain)
    spans = [
        Edge("span", state, span.clock_to, name)
        for name, span in program.spans.items()
        if span.clock_to in known
        for state in sorted(states_under(graph, program, span))
    ]
    whole = _graph([*plain, *spans])
    fires = _fires(whole, program)
    spans = [replace(e, lap=f"span {e.name}", at_most=fires[e.name]) if fires[e.name] else e for e in spans]
    return _graph([*_alive(plain, whole), *spans])


def _alive(edges: Sequence[Edge], graph: Graph) -> Iterable[Edge]:
    """Without the ways that open when a lap is used up which can only ever be used once: it leads out of its circle."""
    part_of = {node: i for i, part in enumerate(graph.components()) for node in part}
    repeated = {edge.lap for edge in edges if edge.lap and part_of[edge.source] == part_of[edge.target]}
    return [edge for edge in edges if not edge.after or edge.after in repeated]


def states_under(graph: Graph, program: Program, span: Span) -> set[str]:
    """The states in which the span may be running: it ends at its goal, at a final, and where it leads itself."""
    ends = {span.to_state, *program.finals} | ({span.clock_to} & set(program.states))
    begins = {edge.target for edge in graph.edges if starts(edge, span)} - ends
    return graph.reachable(begins, along=lambda edge: edge.target not in ends) & set(program.states)


def _fires(graph: Graph, program: Program) -> dict[str, int]:
    """How often each span can fire: as often as the moves that start it can be made. 0: without end."""
    return {name: made_at_most(graph, span.from_move) for name, span in program.spans.items()}


def made_at_most(graph: Graph, move: str) -> int:
    """How often the moves of that name ("raised": the openings) can be made in one entry's life. 0: without end."""
    part_of = {node: i for i, part in enumerate(graph.components()) for node in part}
    made: dict[tuple[str, str], int] = {}
    for edge in graph.edges:
        if is_made(edge, move):
            again = part_of[edge.source] == part_of[edge.target]
            if again and not edge.lap:
                return 0
            made[edge.source, edge.name] = max(made.get((edge.source, edge.name), 1), edge.at_most if again else 1)
    return sum(made.values())


def avoidable(graph: Graph, move: str) -> set[str]:
    """The nodes an entry can come to without that move ever being made."""
    return graph.reachable(along=lambda edge: not is_made(edge, move))


def starts(edge: Edge, span: Span) -> bool:
    return is_made(edge, span.from_move)


def is_made(edge: Edge, move: str) -> bool:
    if move == "raised":
        return edge.kind == "open"
    return edge.kind in ("move", "open", "then") and edge.name == move


def _graph(edges: Sequence[Edge]) -> Graph:
    out: dict[str, list[Edge]] = {}
    into: dict[str, list[Edge]] = {}
    for edge in edges:
        out.setdefault(edge.source, []).append(edge)
        into.setdefault(edge.target, []).append(edge)
    return Graph(
        tuple(edges),
        {node: tuple(ways) for node, ways in out.items()},
        {node: tuple(ways) for node, ways in into.items()},
    )


def _plain_edges(program: Program) -> Iterable[Edge]:
    for name, opening in program.openings.items():
        for branch in opening.to:
            yield Edge("open", START, branch.to, name, move=opening, branch=branch)
    for state in program.states.values():
        for name, move in state.moves.items():
            lap = f"{state.name}.{name}" if move.at_most is not None else ""
            for branch in move.to:
                yield Edge(
                    "move", state.name, branch.to, name, lap=lap, at_most=move.at_most or 0, move=move, branch=branch
                )
            if move.then is not None and lap:
                yield Edge("then", state.name, move.then, name, after=lap, move=move)
        if state.clock_to:
            yield Edge("clock", state.name, state.clock_to, "clock")
        for way in state.waits.ways if state.waits else ():
            yield Edge("heard", state.name, way.to, "heard")
        if state.objections:
            yield Edge("unanswered", state.name, state.objections.to, "unanswered")
    for route in program.routes.values():
        yield Edge("route", route.name, route.to, route.name, lap=route.name, at_most=route.at_most)
        yield Edge("then", route.name, route.then, route.name, after=route.name)


def reached_unasked(graph: Graph, question: str) -> set[str]:
    """The nodes an entry can come to without the question ever being put to somebody who had to answer it."""

    def passes_it_by(edge: Edge) -> bool:
        asked = edge.move.ask if edge.move is not None else ()
        return not any(ask.field == question and not ask.optional and not ask.when.tests for ask in asked)

    return graph.reachable(along=passes_it_by)

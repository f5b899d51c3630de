"""The certificate of a mechanism: what another program needs to see, without ours, that a matter closes in time.

A ranking gives each node, for each setting of its lap counters, how long an entry can still take from there; every way
on must lead to where it is less by at least the stay. `unverified` are the nodes an entry can be in although nobody but
who did the work has said that it is done; no `solved` final may be among them, and no way may lead out of them but by
such a word. Both are found here with effort and checked elsewhere with none: `jiebang.verifier.prove` shares no code
with us. The form is described in docs/reference/log-format.md.

Lengths are counted as `measure` says: working days (`count`), minutes, or closings of the office that a limit can span
(see `jiebang.engine.bounds`); the longest each limit can be by the city's calendar stands in `lengths`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import prod
from typing import Any, cast

from jiebang.engine import canonical
from jiebang.engine.bounds import measures_of
from jiebang.engine.checker.case import Case
from jiebang.engine.checker.verification import trusted_moves
from jiebang.engine.graph import START, Edge, Graph, avoidable, graph_of, is_made, starts, states_under
from jiebang.engine.lengths import Measure, Unbounded, Weights, amounts_of, days_of, weighed
from jiebang.engine.model import Amount, Json, Program, Span
from jiebang.engine.unrolling import MOST_UNROLLED
from jiebang.engine.worktime import Calendar


def certificate_of(program: Program, calendar: Calendar | None = None) -> dict[str, Json]:
    """Return the certificate of a mechanism that passed the checker.

    Raises:
        Unbounded: it did not pass: a rule of D does not hold.
    """
    graph = graph_of(program)
    ranked = [
        _Ranking(program, graph, Weights(program, calendar, measure))
        for measure in measures_of(program, calendar, graph)
    ]
    best = min(ranked, key=lambda one: one.days or one.bound)
    lengths = {
        words(amount, rolls=rolls): best.weights.weigh(amount, rolls) for amount, rolls in _amounts(program, graph)
    }
    certificate: dict[str, Json] = {
        "v": 1,
        "program": canonical.program_hash(program),
        "measure": best.weights.measure,
        "lengths": cast("dict[str, Json]", lengths),
        "bound": best.bound,
        "parts": [part.to_json() for part in best.parts],
        "unverified": cast("list[Json]", sorted(unverified_nodes(program, graph))),
    }
    if best.days is not None:
        certificate["days"] = best.days
    return certificate


def doubts(certificate: Mapping[str, Any], calendar: Calendar) -> list[str]:
    """Return what of a certificate the calendar contradicts: a limit that can last longer than it says, or its days.

    Who has no calendar believes these lengths; `jiebang.verifier.prove` checks everything else.
    """
    measure: Measure = certificate["measure"]
    found = []
    for said, length in certificate["lengths"].items():
        n, unit, *notice = said.split()
        most = weighed(Amount(int(n), unit), calendar, measure, roll=not notice)
        if most > length:
            found.append(f"{said} can come to {most}, not {length}")
    days = days_of(certificate["bound"], calendar, measure)
    if days > certificate.get("days", days):
        found.append(f"{certificate['bound']} can come to {days} calendar days, not {certificate['days']}")
    return found


def words(amount: Amount, *, rolls: bool) -> str:
    """Return a length as the certificate names it: a notice ends on its day, even one without office hours."""
    return f"{amount.n} {amount.unit}" + ("" if rolls else " notice")


def _amounts(program: Program, graph: Graph) -> Iterator[tuple[Amount, bool]]:
    for name in graph.reachable() & set(program.states):
        state = program.states[name]
        for amount in amounts_of(state):
            yield amount, state.limit.kind == "within"
    for span in program.spans.values():
        yield span.amount, True


# ── Verification ────────────────────────────────────────────────────────────────────────────────────────────


def unverified_nodes(program: Program, graph: Graph) -> set[str]:
    """The nodes an entry can be in before anybody else's word, or again after work was finished anew."""
    trusted = trusted_moves(Case(program, graph, None, {}, ""))
    reached = graph.reachable()
    finished = (e for e in graph.edges if e.move is not None and e.move.finishes and e.source in reached)
    begins = {START, *(edge.target for edge in finished if edge.kind in ("move", "then"))}
    return graph.reachable(begins, along=lambda edge: (edge.source, edge.name) not in trusted)


# ── The ranking ─────────────────────────────────────────────────────────────────────────────────────────────


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

    def to_json(self) -> Json:
        rank: dict[str, Json] = {node: cast("list[Json]", row) for node, row in self.rank.items()}
        return {"laps": [[lap, most] for lap, most in self.laps.items()], "rank": rank}


class _Ranking:
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
        after = part.after(edge, setting)
        if after is None:
            return None
        cost = sum(self.weights.of[name] for name, since in self._paid.items() if is_made(edge, since))
        straight = self._left(part, edge.target, after, later=False)
        capped = (self._capped(part, edge, span, after) for span in self._started(edge))
        return cost + min([straight, *(length for length in capped if length is not None)])

    def _started(self, edge: Edge) -> Iterator[Span]:
        if edge.kind != "span":
            for name, span in self._program.spans.items():
                if starts(edge, span) and edge.target in self._under[name]:
                    yield span

    def _capped(self, part: _Part, edge: Edge, span: Span, setting: int) -> int | None:
        """The span's length, and then the most that can be left wherever it ends. None: not known yet."""
        under = self._under[span.name]
        left = {edge.target for node in under for edge in self._graph.out.get(node, ())} - under
        ends = {span.to_state, span.clock_to} | left
        ends |= {e.target for node in ends & set(self._program.routes) for e in self._graph.out.get(node, ())} - under
        known = [self._left(part, node, setting, later=True) for node in ends]
        return None if -1 in known else self.weights.weigh(span.amount) + self._paid_under(edge, under) + max(known)

    def _paid_under(self, edge: Edge, under: set[str]) -> int:
        """What moves made while the span runs pay for: it may be stayed in after the span."""
        made = {
            since
            for since in self._paid.values()
            if not is_made(edge, since) and any(is_made(e, since) for node in under for e in self._graph.out[node])
        }
        return sum(self.weights.of[name] for name, since in self._paid.items() if since in made)

    def _left(self, part: _Part, node: str, setting: int, *, later: bool) -> int:
        """The rank of a node here; in a part not entered yet no laps are used."""
        there = self._part_of.get(node)
        if there is None:
            return 0  # a final, or nothing leads there
        if there is not part:
            return there.rank[node][0]
        return (part.later if later else part.rank)[node][setting]

"""How long a matter can take: three closing times, computed and published with the mechanism.

    silent   nobody ever does anything: the clock's moves alone
    main     the ordinary way to `solved`, every limit used up, nothing sent back
    worst    the longest way with every lap used up: nobody, however slow or hostile, can keep it open longer

Sums are by unit ("41 working days + 20 days"), because a sum is what people can check by hand. The figure in calendar
days is the worst start over the published years. It rests on one fact: along a path a later start is never due
earlier, so a chain of limits used up is the longest way along it. Three measures follow, each never too short:

    count     all limits are working days: n and then m of them are one count of n + m, measured exactly
    minutes   each limit's largest calendar length over all starts, added up: right for hours and minutes, but it puts
              every limit into its own Spring Festival
    closings  how many closings of the office a limit can span; then the longest time that many closings can take

Mechanisms that mix units take the shorter of the last two. The worst case is that of the ranking which the certificate
shows (`jiebang.engine.ranking`), so the published number is the proven one; what is left from each state on is found
along the unrolled graph (`jiebang.engine.unrolling`). All hold while the clock runs; an outage of the server comes on
top.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from jiebang.engine.graph import (
    START,
    Edge,
    Graph,
    graph_of,
)
from jiebang.engine.lengths import Length, Measure, Unbounded, Weights, amounts_of, longest, most_closings
from jiebang.engine.model import Program
from jiebang.engine.ranking import Ranking
from jiebang.engine.unrolling import Worst
from jiebang.engine.worktime import Calendar

__all__ = ["Bounds", "Length", "Unbounded", "amounts_of", "bounds_of", "longest", "measures_of", "most_closings"]


@dataclass(frozen=True, slots=True)
class Bounds:
    """`remaining` is the worst case from each state on; `silent_end` and `main_end` are the finals reached."""

    silent: Length
    main: Length
    worst: Length
    silent_end: str = ""
    main_end: str = ""
    remaining: Mapping[str, Length] = field(default_factory=dict)


def bounds_of(program: Program, calendar: Calendar | None = None, graph: Graph | None = None) -> Bounds:
    """Measure the three closing times.

    Raises:
        Unbounded: a rule of D does not hold; the checker reports it as a finding.
    """
    graph = graph or graph_of(program)
    measures = [Weights(program, calendar, measure) for measure in measures_of(program, calendar, graph)]
    weights = measures[0]
    silent = _silent_path(program, graph, weights)
    main = _main_path(program, graph, weights)
    worst = [Worst(program, graph, each) for each in measures]
    longest_way = _shortest(Ranking(program, graph, each).length() for each in measures)
    return Bounds(
        silent=weights.chain(silent),
        main=weights.chain(main),
        worst=longest_way,
        silent_end=silent[-1] if silent else "",
        main_end=main[-1] if main else "",
        remaining={
            # Whatever is left in a state is part of the whole: it is never longer.
            state: replace(_shortest([*(each.length_from(state) for each in worst), longest_way]), path=())
            for state in program.states
            if state in worst[0]
        },
    )


def measures_of(program: Program, calendar: Calendar | None, graph: Graph) -> tuple[Measure, ...]:
    """The measures that hold for a mechanism: each is never too short."""
    amounts = [
        amount for name in graph.reachable() & set(program.states) for amount in amounts_of(program.states[name])
    ]
    units = {amount.unit for amount in [*amounts, *(span.amount for span in program.spans.values())]}
    if units == {"wd"}:
        return ("count",)
    return ("minutes", "closings") if calendar is not None and units & {"wd", "d"} else ("minutes",)


def _shortest(lengths: Iterable[Length]) -> Length:
    """Each measure is never too short, so the shortest of them holds."""
    return min(lengths, key=lambda length: length.calendar_days or 0)


def _silent_path(program: Program, graph: Graph, weights: Weights) -> list[str]:
    """The clock's moves alone, from the opening where that takes longest. A route is taken its first way."""
    ways = [_silence(program, graph, edge.target) for edge in graph.out.get(START, ())]
    return max(ways, key=lambda way: sum(weights.of.get(node, 0) for node in way), default=[])


def _silence(program: Program, graph: Graph, node: str) -> list[str]:
    way = [node]
    while node not in program.finals:
        node = program.routes[node].to if node in program.routes else program.states[node].clock_to
        if node in way or (node not in graph.into):
            raise Unbounded("D2", [*way, node])
        way.append(node)
    return way


def _main_path(program: Program, graph: Graph, weights: Weights) -> list[str]:
    """The way from an opening to a solved final in the fewest steps by people, the longest of those.

    A notice (`lasts`) ends by itself, and that is its good end; no other clock move is on the main path.
    """
    solved = {name for name, final in program.finals.items() if final.means == "solved"} or set(program.finals)
    best: dict[str, tuple[int, int]] = {START: (0, 0)}
    came: dict[str, Edge] = {}
    waiting = {START}
    while waiting:  # fewest steps first, then longest time
        node = min(waiting, key=lambda name: best[name])
        waiting.discard(node)
        steps, spent = best[node]
        for edge in graph.out.get(node, ()):
            if not _ordinary(program, edge):
                continue
            reached = (steps + 1, spent - weights.of.get(edge.target, 0))
            if edge.target not in best or reached < best[edge.target]:
                best[edge.target], came[edge.target] = reached, edge
                waiting.add(edge.target)
    ends = [name for name in solved if name in came]
    if not ends:
        return []
    walked = [min(ends, key=lambda name: best[name])]
    while came[walked[-1]].source != START:
        walked.append(came[walked[-1]].source)
    return walked[::-1]


def _ordinary(program: Program, edge: Edge) -> bool:
    if edge.kind == "clock":
        return program.states[edge.source].limit.kind == "lasts"
    return edge.kind in ("open", "move", "heard", "route")

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

from collections.abc import Iterator, Mapping
from typing import Any, cast

from jiebang.engine import canonical
from jiebang.engine.bounds import measures_of
from jiebang.engine.checker.case import Case
from jiebang.engine.checker.verification import trusted_moves
from jiebang.engine.graph import START, Graph, graph_of
from jiebang.engine.lengths import Measure, Weights, days_of, held_up, stays_of, weighed
from jiebang.engine.model import Amount, Json, Program
from jiebang.engine.ranking import Ranking
from jiebang.engine.worktime import Calendar


def certificate_of(program: Program, calendar: Calendar | None = None) -> dict[str, Json]:
    """Return the certificate of a mechanism that passed the checker.

    Raises:
        Unbounded: it did not pass: a rule of D does not hold.
    """
    graph = graph_of(program)
    ranked = [
        Ranking(program, graph, Weights(program, calendar, measure))
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
        yield from ((amount, state.limit.kind == "within") for stay in stays_of(state) for amount in stay)
        yield from ((amount, True) for amount in held_up(state))
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

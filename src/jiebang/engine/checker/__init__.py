"""What must hold before a mechanism may be published.

Rules (the letters stand in the findings and on the published page):

    P0      everything that is named exists
    S1–S4   every state can be reached; from each a final can be reached; finals have no way out; nothing can never be
    D1–D4   every state has a holder and one bounded limit; silence ends; every circle has laps; laps stay countable
    G1–G3   whatever the answers, the holder has a move and each move leads somewhere, to one place; conditions read
            public, logged answers only, so that outsiders can replay them
    V1–V4   nobody is counted as solved without another party's word; work claimed is work shown; the city's silence
            ends in `failed`; a raiser's word taken down by an official says how they were known, and the unit that
            did the work does not take it
    P1      nobody is kept from a move that only they could make
    O1      what is opened on another board can be, and boards open no ring (`together`, with all boards in force)
    O2, O3  a duty fits into its state, objections and their answers into the notice if they do not hold it up; duties
            are never the only way out
    L1      numbers have a source

D1, D2 and D3 together give the closing times of `jiebang.engine.bounds`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from jiebang.engine.bounds import Bounds, Unbounded, bounds_of
from jiebang.engine.checker.case import Case, amount_en, amount_zh
from jiebang.engine.checker.conditions import check_conditions
from jiebang.engine.checker.duties import check_duties, check_sources
from jiebang.engine.checker.limits import check_limits_by_answer, check_seasons
from jiebang.engine.checker.names import check_names
from jiebang.engine.checker.notices import check_objections
from jiebang.engine.checker.together import Board, check_together, opens_of, worst_days_together
from jiebang.engine.checker.verification import check_separations, check_silence, check_verification
from jiebang.engine.checker.voices import check_shares
from jiebang.engine.checker.ways import check_limits, check_reaching, check_reaching_with_laps, say_too_many_laps
from jiebang.engine.findings import Finding
from jiebang.engine.graph import graph_of
from jiebang.engine.model import Program
from jiebang.engine.worktime import Calendar

__all__ = [
    "Board",
    "Report",
    "amount_en",
    "amount_zh",
    "check",
    "check_together",
    "opens_of",
    "worst_days_together",
]


@dataclass(frozen=True, slots=True)
class Report:
    """What the checker found, and the closing times when they can be computed."""

    findings: tuple[Finding, ...]
    bounds: Bounds | None

    @property
    def errors(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.severity == "error")

    @property
    def ok(self) -> bool:
        return not self.errors


def check(
    program: Program,
    *,
    calendar: Calendar | None = None,
    lines: Mapping[str, int] | None = None,
    filename: str = "",
) -> Report:
    """Check a compiled mechanism. `lines` maps places such as `states.raised.may.post` to lines of the file.

    With a calendar the closing times are also measured in calendar days.
    """
    case = Case(program, graph_of(program), calendar, lines or {}, filename)
    check_names(case)
    if any(finding.severity == "error" for finding in case.found):
        return Report(tuple(case.found), None)  # the graph would lack edges: every other rule would speak nonsense
    check_reaching(case)
    check_limits(case)
    check_limits_by_answer(case)
    check_seasons(case)
    check_conditions(case)
    check_verification(case)
    check_silence(case)
    check_separations(case)
    check_duties(case)
    check_objections(case)
    check_shares(case)
    check_sources(case)
    bounds = None
    try:
        bounds = bounds_of(program, calendar, case.graph)
        check_reaching_with_laps(case, bounds)
    except Unbounded as unbounded:
        if unbounded.rule == "D4":
            say_too_many_laps(case, unbounded.nodes)
    return Report(tuple(case.found), bounds)

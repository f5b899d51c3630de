"""One check under way, and the words its findings share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from jiebang.engine.findings import Finding, Severity
from jiebang.engine.graph import Graph
from jiebang.engine.model import Amount, Program
from jiebang.engine.worktime import Calendar


@dataclass(slots=True)
class Case:
    """One check under way: what is looked at and what was found."""

    program: Program
    graph: Graph
    calendar: Calendar | None
    lines: Mapping[str, int]
    filename: str
    found: list[Finding] = field(default_factory=list)

    def say(
        self,
        rule: str,
        at: str,
        zh: str,
        en: str,
        mend_zh: str,
        mend_en: str,
        severity: Severity = "error",
    ) -> None:
        self.found.append(Finding(self.filename, self.line(at), rule, zh, en, mend_zh, mend_en, severity))

    def line(self, at: str) -> int:
        """The line of a place, or of the nearest one around it."""
        parts = at.split(".")
        while parts:
            if line := self.lines.get(".".join(parts)):
                return line
            parts.pop()
        return 0


def amount_zh(amount: Amount) -> str:
    units = {"wd": "个工作日", "d": "天", "h": "小时", "wh": "个办公小时", "min": "分钟"}
    return f"{amount.n} {units[amount.unit]}"


def amount_en(amount: Amount) -> str:
    units = {"wd": "working day", "d": "day", "h": "hour", "wh": "office hour", "min": "minute"}
    return f"{amount.n} {units[amount.unit]}{'s' if amount.n != 1 else ''}"


def arrows(nodes: Sequence[str], *, round_again: bool = False) -> str:
    return " → ".join([*nodes, nodes[0]] if round_again else nodes)

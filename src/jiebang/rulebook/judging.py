"""Judging a text: compile it, check it, hold it against the law-bound numbers, play its stories. Never raises.

The same judgement stands beside the lines of the author's desk, before a publication, and behind `jiebang publish`.
It reads and writes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from jiebang.engine import cases, checker, parser, places
from jiebang.engine.bounds import Bounds
from jiebang.engine.cases import CaseResult
from jiebang.engine.findings import Finding, MechanismError
from jiebang.engine.model import Program
from jiebang.engine.worktime import Calendar
from jiebang.rulebook import policies, proving
from jiebang.rulebook.policies import Policy

MOST_STATES, MOST_MOVES = 200, 1000
_SKELETON = str.maketrans({"0": "o", "1": "l", "i": "l", "5": "s", "_": "-"})


class PublicationRefused(Exception):
    """A mechanism that must not be published. `findings` says why, line by line, in both languages."""

    def __init__(self, file: str, findings: list[Finding]) -> None:
        self.file = file
        self.findings = findings
        sentences = "\n".join(finding.sentence("en") for finding in findings)
        super().__init__(f"{file} was not published. Mend what stands below, then try again.\n{sentences}")


@dataclass(frozen=True, slots=True)
class Law:
    """What a text is held against: the city's category lists, its policies, its calendar, the names already taken."""

    vocabulary: Mapping[str, Any]
    policies: Mapping[str, Policy]
    calendar: Calendar | None
    boards: Mapping[str, checker.Board] = field(default_factory=dict)  # the mechanisms it will stand beside, by name


@dataclass(frozen=True, slots=True)
class Judged:
    """What came of a text. Without a program it does not even compile; `findings` say why, by line."""

    program: Program | None
    bounds: Bounds | None
    findings: tuple[Finding, ...]
    stories: tuple[CaseResult, ...] = ()
    calendar: Calendar | None = None  # what it was measured with

    @property
    def errors(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.severity == "error")

    @property
    def ok(self) -> bool:
        return self.program is not None and self.bounds is not None and not self.errors


def judge(
    text: str | bytes,
    law: Law,
    *,
    stories: str | bytes = b"",
    filename: str = "",
    stories_name: str = "",
    told_by: Calendar | None = None,
) -> Judged:
    """Judge a mechanism's text with its stories (none: an empty text). Stories are played when nothing else is wrong.

    Findings of the stories name `stories_name`. `told_by` is the calendar their days are true by; the law's if none.
    """
    try:
        program = parser.parse(text, filename=filename, vocabulary=law.vocabulary)
    except MechanismError as error:
        return Judged(None, None, tuple(error.findings))
    if too_many := _too_many(program, filename):
        return Judged(program, None, (too_many,))
    lines = places.lines_of(text, filename)
    report = checker.check(program, calendar=law.calendar, lines=lines, filename=filename)
    found = [*report.findings]
    found += policies.findings(program, law.policies, calendar=law.calendar, lines=lines, filename=filename)
    found += _look_alikes(program, law.boards, line=lines.get("mechanism", 0), filename=filename)
    found += _together(program, report.bounds, law, lines=lines, filename=filename)
    if not any(finding.severity == "error" for finding in found):
        found += proving.findings(program, law.calendar, filename=filename)
    found = places.tongue_of(text).told(found)
    played: list[CaseResult] = []
    if stories and law.calendar is not None and not any(finding.severity == "error" for finding in found):
        played = cases.run(stories, program, told_by or law.calendar)
        found += [story.as_finding(stories_name) for story in cases.failures(played)]
    return Judged(program, report.bounds, tuple(found), tuple(played), law.calendar)


def _too_many(program: Program, filename: str) -> Finding | None:
    """Hundreds of states are refused before they are checked: nobody could read them, and it takes minutes."""
    states, moves = len(program.states), sum(len(state.moves) for state in program.states.values())
    if states <= MOST_STATES and moves <= MOST_MOVES:
        return None
    return Finding(
        filename,
        0,
        "F1",
        f"有 {states} 个状态、{moves} 个动作；最多 {MOST_STATES} 个状态、{MOST_MOVES} 个动作。",
        f"There are {states} states and {moves} moves; {MOST_STATES} and {MOST_MOVES} are the most that is checked.",
        "请拆成几个机制，用 opens 连起来。",
        "Split it into several mechanisms that open one another's entries.",
    )


def _together(
    program: Program, bounds: Bounds | None, law: Law, *, lines: Mapping[str, int], filename: str
) -> Iterable[Finding]:
    """What it opens on other boards, and what others open on it: nothing may be missing or run in a ring."""
    if not law.boards:
        return
    boards = {**law.boards, program.id: checker.Board(program, bounds)}
    yield from checker.check_together(program, boards, calendar=law.calendar, lines=lines, filename=filename)
    for name, board in boards.items():
        if name != program.id:
            found = checker.check_together(board.program, boards, calendar=law.calendar, lines={}, filename=name)
            yield from (finding for finding in found if finding.severity == "error")


def _look_alikes(program: Program, known: Iterable[str], *, line: int, filename: str) -> Iterable[Finding]:
    """A new board must not be taken for another one that is there: `resident5` beside `residents`."""
    mine = _seen_as(program.id)
    for name in known:
        if name != program.id and _seen_as(name) == mine:
            yield Finding(
                filename,
                line,
                "P0",
                f"“{program.id}”看上去和已有的“{name}”一样。",
                f"“{program.id}” looks like “{name}”, which is there already.",
                "请换一个不会认错的名字。",
                "Choose a name nobody takes for the other.",
            )


def _seen_as(name: str) -> str:
    """The name as a hurried eye sees it."""
    return name.casefold().translate(_SKELETON).replace("rn", "m").replace("vv", "w").replace("-", "")

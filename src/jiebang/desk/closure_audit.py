"""The closure audit: public procedures of several countries as they stand, and what the checker finds in them.

Each folder of `docs/explanation/audit` is one procedure: `as-it-stands.yaml` is the mechanism, holes included;
`clauses.yaml` lists the clauses of the published text; `mend.yaml` is the least change that closes it, laid over the
mechanism as a merge patch (RFC 7396). A comment `# c4` in the mechanism says that clause c4 stands on that line.

A text with holes has no worst day, and the parser stops at them. So it is checked twice: as it stands, for the holes;
then with every hole stopped (silence ends in a final of its own) for what is left: who closes his own work, what goes
round for ever, whose silence counts against whom.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

import jiebang
from jiebang.desk.home import DeskError
from jiebang.engine import checker, parser, places
from jiebang.engine.findings import Finding, MechanismError
from jiebang.engine.model import Program
from jiebang.engine.worktime import Calendar
from jiebang.rulebook import packs

FOLDER = Path(jiebang.__file__).resolve().parents[2] / "docs" / "explanation" / "audit"
Kind = Literal["no-limit", "no-ceiling", "no-end"]
_TIMELESS: frozenset[Kind] = frozenset(["no-limit"])  # then nothing can follow either, and that is one hole
_MARK = re.compile(r"\bc\d+\b")
_CALENDARS = {"China": "leshan"}  # every other country: England's, the only other calendar that is held here
_STOPPED = "silence-of-nobody"
_MISSING = re.compile(r"“(else|then|at most)” is missing")

PATTERNS: Mapping[str, tuple[str, str]] = {
    "no-limit": ("No time is set", "D1"),
    "no-ceiling": ("The time is whatever somebody names", "D1"),
    "no-end": ("The time passes and nothing follows", "F2"),
    "D3": ("It can go round without end", "D3"),
    "V1": ("Who does the work says that it is done", "V1"),
    "V3": ("The office's silence counts as an ordinary end", "V3"),
}


@dataclass(frozen=True, slots=True)
class Clause:
    """One clause of a published text: where it stands, what it says, and why the language cannot say it, if so."""

    id: str
    at: str
    says: str
    grade: str
    cannot: str
    needs: str
    lines: tuple[int, ...]  # of the mechanism; none where it cannot be said

    @property
    def is_said(self) -> bool:
        return not self.cannot


@dataclass(frozen=True, slots=True)
class Hole:
    """A step without a limit, or a limit after which nothing follows."""

    kind: Kind
    state: str
    title: str
    holder: str
    line: int
    is_the_askers: bool  # whoever raised it owes the next move


@dataclass(frozen=True, slots=True)
class Procedure:
    """One procedure: its clauses, what was found in it as it stands, and the mended version."""

    id: str
    title: str
    country: str
    text: str
    read: str
    steps: int
    titles: Mapping[str, str]  # of its states, finals and parties
    clauses: tuple[Clause, ...]
    holes: tuple[Hole, ...]
    findings: tuple[Finding, ...]  # errors with the holes stopped
    patch: Mapping[str, Any]
    mended: Program
    report: checker.Report

    @property
    def patterns(self) -> frozenset[str]:
        return frozenset([*(hole.kind for hole in self.holes), *(finding.rule for finding in self.findings)])

    @property
    def said(self) -> int:
        return sum(clause.is_said for clause in self.clauses)


def procedures() -> list[Procedure]:
    """Return every procedure of the audit, by id."""
    return [procedure(folder.name) for folder in sorted(FOLDER.iterdir()) if (folder / "clauses.yaml").is_file()]


@cache
def procedure(name: str) -> Procedure:
    """Read one procedure and check it.

    Raises:
        DeskError: a clause stands nowhere, a mark names none, or the file is wrong in a way that is no hole.
    """
    folder = FOLDER / name
    source = (folder / "as-it-stands.yaml").read_bytes()
    about, data = packs.read_yaml(folder / "clauses.yaml"), packs.read_yaml(folder / "as-it-stands.yaml")
    patch = packs.read_yaml(folder / "mend.yaml")
    lines = places.lines_of(source)
    holes = _holes(name, source, data, lines)
    calendar = packs.calendar(packs.city(_CALENDARS.get(about["country"], "millbrook")))
    stopped = _parsed(name, _with_holes_stopped(data, holes))
    mended = _parsed(name, merged(data, patch))
    return Procedure(
        id=name,
        title=about["title"],
        country=about["country"],
        text=about["text"],
        read=about["read"],
        titles=_titles(data),
        steps=sum("route" not in state for state in data["states"].values()),
        clauses=tuple(_clauses(name, about, source)),
        holes=holes,
        findings=checker.check(stopped, lines=lines).errors,
        patch=patch,
        mended=mended,
        report=_closed(name, mended, calendar),
    )


def merged(data: Any, patch: Any) -> Any:
    """Return the data with a merge patch laid over it: maps are joined, null takes away, anything else replaces."""
    if not isinstance(patch, dict):
        return deepcopy(patch)
    joined = dict(data) if isinstance(data, dict) else {}
    for key, value in patch.items():
        if value is None:
            joined.pop(key, None)
        else:
            joined[key] = merged(joined.get(key), value)
    return joined


# ── Reading and checking ────────────────────────────────────────────────────────────────────────────────────


def _clauses(name: str, about: Mapping[str, Any], source: bytes) -> Iterator[Clause]:
    marked: dict[str, list[int]] = {}
    for number, line in enumerate(source.decode().splitlines(), 1):
        body, sharp, comment = line.partition("#")
        for mark in _MARK.findall(comment) if sharp and body.strip() else ():
            marked.setdefault(mark, []).append(number)
    if unknown := sorted(marked.keys() - about["clauses"].keys()):
        raise DeskError(f"{name}: {unknown[0]} is marked but no clause.", next_step="Add it to clauses.yaml.")
    for key, said in about["clauses"].items():
        if (key in marked) == ("cannot" in said):
            raise DeskError(
                f"{name}: {key} stands nowhere, or stands there although it cannot be said.",
                next_step=f"Write `# {key}` behind the line that says it, or `cannot:` and `needs:` in clauses.yaml.",
            )
        yield Clause(
            key,
            str(said["at"]),
            said["says"],
            said.get("grade", about["grade"]),
            said.get("cannot", ""),
            said.get("needs", ""),
            tuple(marked.get(key, ())),
        )


def _holes(name: str, source: bytes, data: Mapping[str, Any], lines: Mapping[str, int]) -> tuple[Hole, ...]:
    """What the parser objects to, each as a hole of a state; anything else it finds is a mistake of the file."""
    try:
        parser.parse(source)
    except MechanismError as wrong:
        found = wrong.findings
    else:
        return ()
    begins = {line: key.removeprefix("states.") for key, line in lines.items() if re.fullmatch(r"states\.[\w-]+", key)}
    kinds: dict[str, set[Kind]] = {}
    for finding in found:
        missing = _MISSING.search(finding.en)
        state = begins.get(max((line for line in begins if line <= finding.line), default=0), "")
        of_state = kinds.setdefault(state, set())
        if finding.rule == "D1":
            of_state.add("no-ceiling" if "ceiling" in finding.en else "no-limit")
        elif missing:
            of_state.add("no-limit" if missing[1] == "at most" else "no-end")
        else:
            raise DeskError(f"{name}: {finding.sentence('en')}", next_step="Mend the file: this is no hole of the law.")
    return tuple(
        Hole(
            kind,
            state,
            _text(data["states"][state]["title"]),
            _holder(data, state),
            lines[f"states.{state}"],
            data["states"][state].get("held by") == "raiser",
        )
        for state in sorted(kinds, key=lambda key: lines[f"states.{key}"])
        for kind in sorted(kinds[state] if "no-limit" not in kinds[state] else _TIMELESS)
    )


def _holder(data: Mapping[str, Any], state: str) -> str:
    key = data["states"][state].get("held by", "")
    built_in = {"raiser": "whoever raised it", "": "nobody"}
    return built_in.get(key) or _text(data["parties"][key]["title"])


def _titles(data: Mapping[str, Any]) -> dict[str, str]:
    named = {**data["parties"], **data["states"], **data["finals"]}
    return {"raiser": "whoever raised it"} | {key: _text(one["title"]) for key, one in named.items()}


def _text(title: object) -> str:
    return str(title["en"] if isinstance(title, dict) else title)


def _with_holes_stopped(data: Mapping[str, Any], holes: Iterable[Hole]) -> Any:
    """Every hole ends in a final of its own that means `failed`, so that the rest can be looked at."""
    stopped = deepcopy(dict(data))
    for hole in holes:
        state = stopped["states"][hole.state]
        if hole.kind == "no-limit" and "waits for" in state:
            state["waits for"]["at most"] = "1 d"
        elif hole.kind == "no-limit":
            state["within"] = {"amount": "1 d", "source": "nobody's"}
        elif hole.kind == "no-ceiling":
            state["within"]["at most"] = "1 d"
        state.setdefault("then" if "lasts" in state else "else", _STOPPED)
        stopped["finals"][_STOPPED] = {"means": "failed", "title": "Nobody did anything"}
    return stopped


def _parsed(name: str, data: object) -> Program:
    """Compile data in the form of a mechanism file: JSON is YAML."""
    try:
        return parser.parse(json.dumps(data, ensure_ascii=False))
    except MechanismError as wrong:
        raise DeskError(f"{name}: {wrong}", next_step="Mend as-it-stands.yaml or mend.yaml.") from wrong


def _closed(name: str, mended: Program, calendar: Calendar) -> checker.Report:
    report = checker.check(mended, calendar=calendar)
    if report.errors or report.bounds is None:
        said = "; ".join(finding.sentence("en") for finding in report.errors)
        raise DeskError(f"{name}: the mended version does not close: {said}", next_step="Mend mend.yaml.")
    return report

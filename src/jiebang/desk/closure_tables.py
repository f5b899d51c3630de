"""The tables of the closure audit's pages, made from the run itself: see `jiebang.desk.closure_audit`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial

from jiebang.desk.closure_audit import FOLDER, PATTERNS, Procedure, procedure, procedures
from jiebang.engine.lengths import Length

Rows = Iterable[Sequence[str]]
Table = Callable[[Sequence[str], Rows], str]


def tables(rows: Table) -> Mapping[str, Callable[[], str]]:
    """Return every table by name; `rows` writes one in Markdown."""
    made: dict[str, Callable[[], str]] = {
        "audit-sum": _sum,
        "audit-overview": lambda: rows(_OVERVIEW, _overview()),
        "audit-patterns": lambda: rows(("how it does not close", "rule", "in", "where"), _patterns()),
        "audit-worst": lambda: rows(_WORST, _worst()),
        "audit-not-said": lambda: rows(("procedure", "clause", "it says", "why not", "needed"), _not_said()),
    }
    for name in names():
        made[f"{name}-text"] = partial(_text, name, rows)
        made[f"{name}-clauses"] = partial(_clauses, name, rows)
        made[f"{name}-findings"] = partial(_findings, name, rows)
        made[f"{name}-mend"] = partial(_mend, name)
        made[f"{name}-mended"] = partial(_mended, name, rows)
    return made


def names() -> tuple[str, ...]:
    """Return the ids of the procedures; none where the documentation is not beside the source."""
    return tuple(sorted(folder.parent.name for folder in FOLDER.glob("*/clauses.yaml")))


def pages() -> tuple[str, ...]:
    """Return the pages the tables stand on."""
    return ("docs/explanation/closure-audit.md", *(f"docs/explanation/audit/{name}.md" for name in names()))


# ── All of them ─────────────────────────────────────────────────────────────────────────────────────────────

_OVERVIEW = (
    "procedure",
    "country",
    "clauses",
    "said",
    "steps",
    "no time, an office's turn",
    "no time, the asker's turn",
    "nothing follows",
    "also found",
)
_WORST = ("procedure", "if nobody does anything", "in the ordinary way", "at the very worst")


def _sum() -> str:
    every = procedures()
    clauses, said, steps, offices, askers, unfollowed = (
        sum(column) for column in zip(*map(_counts, every), strict=True)
    )
    return (
        f"{len(every)} procedures of {len({one.country for one in every})} legal orders, {clauses} clauses,"
        f" {steps} steps. At {offices} steps an office owes the next move and no longest time is set; at {askers} more"
        f" the asker does. After {unfollowed} limits nothing follows. {said} clauses ({100 * said // clauses} %) can be"
        f" said in the language.\n"
    )


def _overview() -> Rows:
    every = procedures()
    for one in every:
        found = ", ".join(sorted({finding.rule for finding in one.findings})) or "–"
        yield (f"[{one.title}](audit/{one.id}.md)", one.country, *map(str, _counts(one)), found)
    clauses, said, *sums = (sum(column) for column in zip(*map(_counts, every), strict=True))
    yield f"all {len(every)}", "", str(clauses), f"{said} ({100 * said // clauses} %)", *map(str, sums), ""


def _counts(one: Procedure) -> tuple[int, ...]:
    """Clauses, those said, steps; steps without a time by whose turn it is; times after which nothing follows."""
    timeless = {hole.state: hole.is_the_askers for hole in one.holes if hole.kind != "no-end"}
    unfollowed = sum(hole.kind == "no-end" for hole in one.holes)
    askers = sum(timeless.values())
    return len(one.clauses), one.said, one.steps, len(timeless) - askers, askers, unfollowed


def _patterns() -> Rows:
    every = procedures()
    for key, (title, rule) in PATTERNS.items():
        found = [one for one in every if key in one.patterns]
        yield (
            title,
            rule,
            f"{len(found)} of {len(every)}",
            ", ".join(f"[{x.id}](audit/{x.id}.md)" for x in found) or "–",
        )


def _worst() -> Rows:
    for one in procedures():
        bounds = one.report.bounds
        if bounds is not None:
            yield (
                f"[{one.title}](audit/{one.id}.md), {one.country}",
                _days(bounds.silent),
                _days(bounds.main),
                _days(bounds.worst),
            )


def _days(length: Length) -> str:
    return f"{length.sums('en')}: {length.calendar_days} calendar days"


def _not_said() -> Rows:
    for one in procedures():
        for clause in one.clauses:
            if not clause.is_said:
                yield (
                    f"[{one.title}](audit/{one.id}.md), {one.country}",
                    f"{clause.id}, {clause.at}",
                    clause.says,
                    clause.cannot,
                    clause.needs,
                )


# ── One of them ─────────────────────────────────────────────────────────────────────────────────────────────


def _text(name: str, rows: Table) -> str:
    one = procedure(name)
    return rows(("", ""), (("Country", one.country), ("Text", one.text), ("Read", one.read)))


def _clauses(name: str, rows: Table) -> str:
    return rows(
        ("clause", "where", "what it says", "grade", "said in line"),
        (
            (
                clause.id,
                clause.at,
                clause.says,
                clause.grade,
                ", ".join(map(str, clause.lines)) if clause.is_said else f"not said: {clause.cannot}",
            )
            for clause in procedure(name).clauses
        ),
    )


_SAID = {
    "no-limit": ("D1", "No time is set"),
    "no-ceiling": ("D1", "As long as somebody names; no longest time is set"),
    "no-end": ("F2", "A time is set, and nothing follows when it has passed"),
}


def _findings(name: str, rows: Table) -> str:
    one = procedure(name)
    holes = (
        (_SAID[hole.kind][0], _SAID[hole.kind][1], f"“{hole.title}”, held by {hole.holder}", str(hole.line))
        for hole in one.holes
    )
    rest = ((finding.rule, _in_titles(finding.en, one.titles), "", str(finding.line)) for finding in one.findings)
    return rows(("rule", "what the checker finds", "step", "line"), [*holes, *rest])


_NAME = re.compile(r"(?P<step>[\w-]+)(?= → )|(?<= → )(?P<last>[\w-]+)|\"(?P<quoted>[\w-]+)\"")


def _in_titles(finding: str, titles: Mapping[str, str]) -> str:
    """The finding with the titles of what it names: readers of this page do not know the file's short names."""

    def title(found: re.Match[str]) -> str:
        name = found["step"] or found["last"] or found["quoted"]
        return f"“{titles[name]}”" if name in titles else found[0]

    return _NAME.sub(title, finding)


def _mend(name: str) -> str:
    return f"```yaml\n{(FOLDER / name / 'mend.yaml').read_text(encoding='utf-8').rstrip()}\n```\n"


def _mended(name: str, rows: Table) -> str:
    one = procedure(name)
    bounds = one.report.bounds
    assert bounds is not None  # a mended version that does not close is refused
    titles = {key: final.title["en"] for key, final in one.mended.finals.items()}
    return rows(
        ("mended", "it takes at most", "and ends as"),
        (
            ("if nobody does anything", _days(bounds.silent), titles[bounds.silent_end]),
            ("in the ordinary way", _days(bounds.main), titles.get(bounds.main_end, "–")),
            ("at the very worst", _days(bounds.worst), "some result"),
        ),
    )

"""What is said about a text: what is wrong and where, how long it takes, step by step, as a picture."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from jiebang.engine.findings import Finding
from jiebang.engine.parser.completing import standing
from jiebang.rulebook import proposals
from jiebang.rulebook.judging import Judged
from jiebang.web.rows import clock
from jiebang.web.ruling import picture, rules_words
from jiebang.web.views.desk.rules import room
from jiebang.web.words import language, said

MOST_FINDINGS = 60  # more are only counted: mend these first
LONGEST_LINE = 160


def told(text: str, stories: str, *, whole: bool) -> dict[str, Any]:
    """Return the findings beside their lines, and what can be said of it; `whole`: with rules and picture."""
    judged = proposals.judged(text, stories)
    rows = {"": text.splitlines(), proposals.STORIES: stories.splitlines()}
    shown = [_finding(finding, rows) for finding in judged.findings[:MOST_FINDINGS]]
    context: dict[str, Any] = {
        "findings": shown,
        "more": max(0, len(judged.findings) - MOST_FINDINGS),
        "errors": len(judged.errors),
        "count": _count(judged),
        "ok": judged.ok,
        "marks": " ".join(str(one["line"]) for one in shown if one["line"] and not one["where"]),
        "stories": [{"title": said(one.title) or one.name, "ok": one.ok} for one in judged.stories],
    }
    if judged.program is not None and judged.bounds is not None:
        today = clock(timezone.now()).today
        words = rules_words(judged.program, judged.bounds, today=today)
        context |= words if whole else {"lengths": words["lengths"]}
        if whole:
            context["diagram"] = picture(judged.program)
    return context


def _finding(finding: Finding, rows: dict[str, list[str]]) -> dict[str, Any]:
    where = finding.file
    lines = rows.get(where, [])
    row = lines[finding.line - 1] if 0 < finding.line <= len(lines) else ""
    return {
        "line": finding.line,
        "where": where,
        "row": row.strip()[:LONGEST_LINE],
        "rule": finding.rule,
        "what": room.in_language(finding.zh, finding.en),
        "mend": room.in_language(finding.mend_zh, finding.mend_en),
        "is_error": finding.severity == "error",
    }


def _count(judged: Judged) -> str:
    errors, warnings = len(judged.errors), len(judged.findings) - len(judged.errors)
    if not judged.findings:
        return _("Nothing is wrong: it may be proposed.")
    parts = []
    if errors:
        parts.append(ngettext("%(n)s thing to mend", "%(n)s things to mend", errors) % {"n": errors})
    if warnings:
        parts.append(ngettext("%(n)s remark", "%(n)s remarks", warnings) % {"n": warnings})
    return " · ".join(parts)


def standing_at(text: str, sent: Mapping[str, str]) -> dict[str, Any]:
    """Return what may stand at the line (and the column, if one is sent) that a form names."""
    line = _number(sent.get("line", ""), 1)
    found = standing(text, line, _number(sent.get("column", ""), -1), reader="zh" if language() == "zh" else "en")
    return {
        "line": line,
        "path": " › ".join(found.path),
        "start": found.start,
        "word": found.word,
        "is_value": found.value,
        "options": found.options,
    }


def _number(given: str, otherwise: int) -> Any:
    number = int(given) if given.isascii() and given.isdecimal() and len(given) < 7 else otherwise
    return None if number < 0 else number


def numbered(text: str, judged: Iterable[Finding] = ()) -> list[dict[str, Any]]:
    """Return a text line by line, for reading."""
    marked = {finding.line for finding in judged}
    return [{"n": n, "text": row, "marked": n in marked} for n, row in enumerate(text.splitlines(), start=1)]

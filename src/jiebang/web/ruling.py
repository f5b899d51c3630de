"""A mechanism in plain words for a page: how long it may take, step by step, as a picture, where its numbers come from.

The public page of a board's rules and the author's desk show the same.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from jiebang.engine.bounds import Bounds, Length
from jiebang.engine.draw import draw
from jiebang.engine.explain import Row, explained
from jiebang.engine.model import Program
from jiebang.rulebook import queries as rulebook
from jiebang.rulebook.policies import sources_of
from jiebang.web import seasons, sources
from jiebang.web.longest import length_words
from jiebang.web.words import language, said


def rules_words(program: Program, bounds: Bounds, *, today: date, together: int | None = None) -> dict[str, Any]:
    """Return what `public/_rules.html` shows, but for the picture.

    `together`: the most calendar days with all that is opened on other boards, if it opens any.
    """
    titles = {other.mechanism: other.program.title for other in rulebook.mechanisms()}
    said_ = explained(program, language(), bounds=bounds, boards=titles)
    cited = sources.lines(sources_of(program))
    return {
        "lengths": _lengths(program, bounds, today, together),
        "longest_way": _longest_way(program, bounds),
        "said": said_,
        "rules": [_rule(row, cited) for row in said_.rows],
        "begins": list({target.name: target for step in said_.openings for target in step.to}.values()),
        "sources": cited,
        "seasons": seasons.of(program, today=today),
    }


def picture(program: Program) -> SafeString:
    """Return the diagram as SVG, with its words as text alternative, in the reader's language."""
    return mark_safe(draw(program, language()).svg)  # escaped by `draw`, from a compiled program


def _rule(row: Row, cited: list[sources.Line]) -> dict[str, Any]:
    """One state with the sources of its limit: their numbers, and beside the limit how good each is."""
    numbers = sources.numbers(row.source, cited)
    return {"row": row, "cited": numbers, "beside": [line for line in cited if line.number in numbers]}


def _lengths(program: Program, bounds: Bounds, today: date, together: int | None) -> list[dict[str, str]]:
    def end(name: str) -> str:
        final = program.finals.get(name)
        return said(final.title) if final else name

    silent = _("It then ends as “%(state)s”.") % {"state": end(bounds.silent_end)} if bounds.silent_end else ""
    most = _("However slow or unwilling anybody is.")
    if together is not None:
        most += " " + _("With all it opens on other boards: at most %(days)s calendar days.") % {"days": together}
    return [
        _length(_("If nobody ever acts"), bounds.silent, silent, today),
        _length(_("In the ordinary way"), bounds.main, _("Every limit used up, nothing sent back."), today),
        _length(_("At the very longest"), bounds.worst, most, today),
    ]


def _longest_way(program: Program, bounds: Bounds) -> str:
    """The steps whose limits make up the third number, each as often as it comes, in their order."""
    states = program.states
    return " → ".join(said(states[name].title) for name in bounds.worst.path if name in states)


def _length(title: str, length: Length, note: str, today: date) -> dict[str, str]:
    words = length_words(length, today=today)
    return {
        "title": title,
        "value": words.value,
        "unit": words.unit,
        "until": words.until,
        "note": " · ".join(each for each in (words.sums, note) if each),
    }

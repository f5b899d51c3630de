"""About a board: its rules in plain words, how long it may take at most, where the numbers come from, its text."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from jiebang.engine.bounds import Length
from jiebang.engine.draw import draw
from jiebang.engine.explain import Row, explained
from jiebang.rulebook import queries as rulebook
from jiebang.rulebook.policies import sources_of
from jiebang.web import sources
from jiebang.web.context import city
from jiebang.web.longest import length_words
from jiebang.web.rows import clock
from jiebang.web.views.public import addresses
from jiebang.web.views.public.board import version_of
from jiebang.web.words import language, said


def about(request: HttpRequest, mechanism: str) -> HttpResponse:
    version = version_of(mechanism)
    program = version.program
    titles = {other.mechanism: other.program.title for other in rulebook.mechanisms()}
    said_ = explained(program, language(), bounds=version.bounds, boards=titles)
    cited = sources.lines(sources_of(program))
    context = {
        "place": "about" if mechanism == city().raise_mechanism else "",
        "board": addresses.board(version),
        "lengths": _lengths(version, clock(timezone.now()).today),
        "longest_way": _longest_way(version),
        "said": said_,
        "rules": [_rule(row, cited) for row in said_.rows],
        "begins": list({target.name: target for step in said_.openings for target in step.to}.values()),
        "all_open": "all" in request.GET,
        "diagram": _diagram(version.program_hash, language()),
        "sources": cited,
        "version": _facts(version),
    }
    return render(request, "public/about.html", context)


def _rule(row: Row, cited: list[sources.Line]) -> dict[str, Any]:
    """One state with the sources of its limit: their numbers, and beside the limit how good each is."""
    numbers = sources.numbers(row.source, cited)
    return {"row": row, "cited": numbers, "beside": [line for line in cited if line.number in numbers]}


@lru_cache(maxsize=64)
def _diagram(program_hash: str, lang: str) -> SafeString:
    """The picture of a program; it never changes, so each is drawn once a process."""
    return mark_safe(draw(rulebook.program(program_hash), lang).svg)  # escaped by `draw`, from a checked program


def _lengths(version: rulebook.VersionView, today: date) -> list[dict[str, str]]:
    bounds, program = version.bounds, version.program

    def end(name: str) -> str:
        final = program.finals.get(name)
        return said(final.title) if final else name

    silent = _("It then ends as “%(state)s”.") % {"state": end(bounds.silent_end)} if bounds.silent_end else ""
    together = rulebook.worst_days_together(version)
    most = _("However slow or unwilling anybody is.")
    if together is not None:
        most += " " + _("With all it opens on other boards: at most %(days)s calendar days.") % {"days": together}
    return [
        _length(_("If nobody ever acts"), bounds.silent, silent, today),
        _length(_("In the ordinary way"), bounds.main, _("Every limit used up, nothing sent back."), today),
        _length(_("At the very longest"), bounds.worst, most, today),
    ]


def _longest_way(version: rulebook.VersionView) -> str:
    """The steps whose limits make up the third number, each as often as it comes, in their order."""
    states = version.program.states
    return " → ".join(said(states[name].title) for name in version.bounds.worst.path if name in states)


def _length(title: str, length: Length, note: str, today: date) -> dict[str, str]:
    words = length_words(length, today=today)
    return {
        "title": title,
        "value": words.value,
        "unit": words.unit,
        "until": words.until,
        "note": " · ".join(each for each in (words.sums, note) if each),
    }


def _facts(version: rulebook.VersionView) -> list[dict[str, str]]:
    return [
        {"title": _("In force since"), "text": version.since.isoformat()},
        {"title": _("Published by"), "text": _publisher(version.published_by)},
        {
            "title": _("Program"),
            "text": version.program_hash[:16],
            "note": _("Every step in the public log names it; its text and its compiled form are in the log too."),
        },
    ]


def _publisher(party: str) -> str:
    if party == "founding":
        return _("the founding of this site: no second person could check it yet")
    return _("the command line, by whoever runs this server") if party == "desk" else party


def text(request: HttpRequest, mechanism: str) -> HttpResponse:
    """The mechanism's text as published, byte for byte."""
    return HttpResponse(version_of(mechanism).text, content_type="text/plain; charset=utf-8")

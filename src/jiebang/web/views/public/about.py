"""About a board: its rules in plain words, how long it may take at most, where the numbers come from, its text."""

from __future__ import annotations

from functools import lru_cache

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from jiebang.rulebook import queries as rulebook
from jiebang.web import rulepaper
from jiebang.web.context import city
from jiebang.web.rows import clock
from jiebang.web.ruling import picture, rules_words
from jiebang.web.versions import party_words, scope_words
from jiebang.web.views.public import addresses
from jiebang.web.views.public.board import version_of
from jiebang.web.words import language


def about(request: HttpRequest, mechanism: str) -> HttpResponse:
    version = asked_for(request, mechanism)
    today = clock(timezone.now()).today
    together = rulebook.worst_days_together(version)
    context = {
        "place": "about" if mechanism == city().raise_mechanism else "",
        "board": addresses.board(version),
        **rules_words(version.program, version.bounds, today=today, together=together),
        "all_open": "all" in request.GET,
        "diagram": _diagram(version.program_hash, language()),
        "version": _facts(version),
        "named": version.program_hash[:16] if "version" in request.GET else "",
    }
    return render(request, "public/about.html", context)


@lru_cache(maxsize=64)
def _diagram(program_hash: str, _lang: str) -> SafeString:
    """The picture of a program; it never changes, so each is drawn once a process."""
    return picture(rulebook.program(program_hash))


def _facts(version: rulebook.VersionView) -> list[dict[str, str]]:
    facts = [{"title": _("In force since"), "text": version.since.isoformat()}]
    if version.areas:
        facts.append({"title": _("Holds in"), "text": scope_words(version.scope, version.areas)})
    if version.proposed_by:
        facts.append({"title": _("Proposed by"), "text": party_words(version.proposed_by, version.proposed_unit)})
    return [
        *facts,
        {"title": _("Published by"), "text": party_words(version.published_by, version.published_unit)},
        {
            "title": _("Program"),
            "text": version.program_hash[:16],
            "note": _("Every step in the public log names it; its text and its compiled form are in the log too."),
        },
    ]


def asked_for(request: HttpRequest, mechanism: str) -> rulebook.VersionView:
    """Return the version an address names by its program's hash (`?version=…`), else the one that holds now."""
    named = request.GET.get("version", "")[:64]
    if not named:
        return version_of(mechanism)
    version = rulebook.version_named(named)
    if version is None or version.mechanism != mechanism or version.program.log == "veiled":
        raise Http404
    return version


def paper(request: HttpRequest, mechanism: str) -> HttpResponse:
    """The rules as a Word file, to be put on file or read out in a meeting."""
    return rulepaper.published(request, asked_for(request, mechanism))


def text(request: HttpRequest, mechanism: str) -> HttpResponse:
    """The mechanism's text as published, byte for byte."""
    return HttpResponse(asked_for(request, mechanism).text, content_type="text/plain; charset=utf-8")

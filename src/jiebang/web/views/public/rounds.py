"""Rounds for everybody: which there are, how each stood, and what nobody looked at, by name."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from jiebang.engine.rounds.model import Round as Asked
from jiebang.rounds import queries as rounds
from jiebang.rulebook import defined
from jiebang.rulebook import queries as rulebook
from jiebang.web import round_words
from jiebang.web.rows import Clock
from jiebang.web.rows import clock as clock_at
from jiebang.web.views.public import addresses
from jiebang.web.words import said


@require_safe
def all_rounds(request: HttpRequest) -> HttpResponse:
    clock = clock_at(timezone.now())
    latest: dict[str, rounds.RoundView] = {}
    for view in rounds.rounds():
        latest.setdefault(view.ident, view)
    listed = [_definition(one.definition, latest.get(one.id), clock) for one in defined.rounds(on=clock.today)]
    registers = [
        {
            "title": said(one.definition.title),
            "purpose": said(one.definition.purpose),
            "href": addresses.to(f"/registers/{one.id}/"),
            "n": rounds.how_many(one.id),
        }
        for one in defined.registers(on=clock.today)
    ]
    context = {"rounds": listed, "registers": registers, "as_of": clock.moment(clock.now)}
    return render(request, "public/rounds.html", context)


def _definition(asked: Asked, last: rounds.RoundView | None, clock: Clock) -> dict[str, Any]:
    return {
        "title": said(asked.title),
        "purpose": said(asked.purpose),
        "href": addresses.to(f"/rounds/{asked.id}/"),
        "last": round_words.round_words(last, clock) if last else None,
    }


@require_safe
def definition(request: HttpRequest, ident: str) -> HttpResponse:
    """One round's rules, and every time it was made."""
    clock = clock_at(timezone.now())
    held = defined.round_(ident, on=clock.today)
    if held is None:
        raise Http404
    about = defined.register(held.definition.register, on=clock.today)
    made = [round_words.round_words(view, clock) for view in rounds.rounds(ident)]
    context = {
        "title": said(held.definition.title),
        "purpose": said(held.definition.purpose),
        "lines": round_words.rule_lines(held.definition, about.definition if about else None),
        "made": made,
        "since": held.since.isoformat(),
        "hash": held.hash[:16],
        "text_href": addresses.to(f"/rounds/{ident}/text"),
        "register": {"title": said(about.definition.title), "href": addresses.to(f"/registers/{about.id}/")}
        if about
        else None,
    }
    return render(request, "public/round_rules.html", context)


@require_safe
def text(request: HttpRequest, ident: str) -> HttpResponse:
    """The text as it was published and logged, byte for byte."""
    held = defined.round_(ident, on=clock_at(timezone.now()).today)
    if held is None:
        raise Http404
    return HttpResponse(held.text, content_type="text/plain; charset=utf-8")


@require_safe
def coverage(request: HttpRequest, ident: str, ordinal: int) -> HttpResponse:
    """One round: done of due, and each that is missing."""
    clock = clock_at(timezone.now())
    view = rounds.round_(ident, ordinal)
    if view is None:
        raise Http404
    levels = rulebook.city().levels
    level = levels[min(2, len(levels) - 1)] if len(levels) > 2 else levels[-1]
    missed = rounds.named(view, "missed")
    waiting = rounds.named(view, "due", "escalated")
    abnormal = [one for one in rounds.named(view, "done", "missed") if one.abnormal]
    context = {
        "round": round_words.round_words(view, clock),
        "people": rounds.is_about_people(view),
        "missed": [round_words.subject_words(one, view.asked, clock) for one in missed],
        "waiting": [round_words.subject_words(one, view.asked, clock) for one in waiting],
        "abnormal": [round_words.subject_words(one, view.asked, clock) for one in abnormal],
        "areas": [
            {"name": round_words.area_words(code), "counts": counts} for code, counts in rounds.by_area(view, level)
        ],
        "uid": view.uid,
        "version": view.version,
        "register_href": addresses.to(f"/registers/{view.register}/"),
        "as_of": clock.moment(clock.now),
    }
    return render(request, "public/round.html", context)

"""All boards of the city: what each is for, how much is on it, how long a matter may take."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from jiebang.rulebook import queries as rulebook
from jiebang.rulebook.queries import VersionView
from jiebang.scoring.queries import Figures
from jiebang.web import glance
from jiebang.web.context import city
from jiebang.web.longest import length_words
from jiebang.web.rows import clock
from jiebang.web.versions import anyones_move
from jiebang.web.views.public import addresses
from jiebang.web.words import count_words, said


def boards(request: HttpRequest) -> HttpResponse:
    at = clock(timezone.now())
    counts = glance.of_boards()
    anyones = [each for each in shown() if anyones_move(each.program) is not None]
    offices = [each for each in shown() if anyones_move(each.program) is None]
    groups = [
        ("anyone", _("Anybody may raise here"), anyones),
        ("offices", _("Opened by offices, meetings and other boards"), offices),
    ]
    return render(
        request,
        "public/boards.html",
        {
            "groups": [
                {
                    "id": name,
                    "title": title,
                    "boards": [_whole(each, counts.get(each.mechanism), at.today) for each in found],
                }
                for name, title, found in groups
                if found
            ],
            "as_of": glance.as_of_words(max((each.as_of for each in counts.values() if each.as_of), default=None), at),
        },
    )


def shown() -> list[VersionView]:
    """Return the boards that may be shown, in the order they were first published."""
    return [each for each in rulebook.mechanisms() if each.program.log != "veiled"]


def liveliest(most: int, *, today: date) -> list[dict[str, Any]]:
    """Return the boards with the most in hand in few words: the one everybody may raise on first."""
    counts = glance.of_boards()

    def rank(each: VersionView) -> tuple[bool, int]:
        figures = counts.get(each.mechanism)
        return each.mechanism != city().raise_mechanism, -(figures.open if figures else 0)

    return [_short(each, counts.get(each.mechanism), today) for each in sorted(shown(), key=rank)[:most]]


def _short(version: VersionView, figures: Figures | None, today: date) -> dict[str, Any]:
    overdue = figures.overdue if figures else 0
    return {
        **addresses.board(version),
        "open": count_words(figures.open if figures else 0),
        "overdue": count_words(overdue) if overdue else "",
        "longest": length_words(version.bounds.worst, today=today).days,
    }


def _whole(version: VersionView, figures: Figures | None, today: date) -> dict[str, Any]:
    bounds = version.bounds
    silent, main, worst = (length_words(length, today=today) for length in (bounds.silent, bounds.main, bounds.worst))
    return _short(version, figures, today) | {
        "purpose": said(version.program.purpose),
        "solved": count_words(figures.ever.get("solved", 0) if figures else 0),
        "lengths": [
            {"title": _("If nobody acts"), "words": silent.days},
            {"title": _("In the ordinary way"), "words": main.days},
            {"title": _("At the very longest"), "words": worst.days},
        ],
    }

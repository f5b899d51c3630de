"""The front page: the city's promises at a glance, and the three things one may want to do."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from jiebang.boards import queries as boards
from jiebang.rulebook import queries as rulebook
from jiebang.web import glance, home_area, progress
from jiebang.web.context import city
from jiebang.web.longest import length_words
from jiebang.web.rows import clock, list_row
from jiebang.web.views.public import addresses, area
from jiebang.web.views.public import boards as every_board

LATELY = 4
BOARDS = 6


def home(request: HttpRequest) -> HttpResponse:
    return render(request, "public/home.html", _context(request, at=timezone.now()))


def _context(request: HttpRequest, *, at: datetime) -> dict[str, Any]:
    now = clock(at)
    mechanism = city().raise_mechanism
    version = rulebook.in_force(mechanism, on=now.today)
    mine = home_area.of(request)
    here = glance.counts(mechanism)
    numbers, as_of = glance.of_the_city(mechanism, href=addresses.board_url(mechanism), at=now)
    struck = boards.board(mechanism, boards.Filters(meaning="solved"), size=LATELY, count=False)
    late = boards.board(mechanism, boards.Filters(overdue=True), size=LATELY, count=False)
    # What can be read comes first. The rest follows as it stands: a count beside fewer rows would look like a mistake.
    told = boards.board(mechanism, boards.Filters(overdue=True, posted=True), size=LATELY, count=False)
    untold = [row for row in late.rows if not row.title]
    return {
        "board": addresses.board(version),
        "raise_href": addresses.to("/raise/"),
        "glance": [*numbers, _longest(version, now.today)],
        "as_of": as_of,
        "mine": area.strip(mine, now) if mine else None,
        "struck": [list_row(row, now) for row in struck.rows],
        "late": [list_row(row, now) for row in (*told.rows, *untold)[:LATELY]],
        "late_count": here.words(here.overdue),
        "boards": every_board.liveliest(BOARDS, today=now.today),
        "board_count": len(every_board.shown()),
        "progress": progress.demonstration(),
        "verify_command": addresses.verify_command(request),
    }


def _longest(version: rulebook.VersionView, today: date) -> dict[str, str]:
    """The longest any matter may take, leading to its proof."""
    words = length_words(version.bounds.worst, today=today)
    return {
        "value": words.value,
        "unit": words.unit,
        "label": _("at the very longest"),
        "note": " · ".join(each for each in (words.until, _("whoever is slow; proven from the rules")) if each),
        "href": f"{addresses.board_url(version.mechanism)}about#long",
    }

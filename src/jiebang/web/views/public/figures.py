"""The figures of a board: how much, how well, area by area, each with what it was counted from."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from jiebang.boards import queries as boards
from jiebang.people import queries as people
from jiebang.web import progress
from jiebang.web.context import city
from jiebang.web.rows import Clock, clock
from jiebang.web.views.public import addresses
from jiebang.web.views.public.board import version_of
from jiebang.web.words import said

WINDOW_DAYS = 90
SATISFIED = ("very-satisfied", "satisfied")


def figures(request: HttpRequest, mechanism: str) -> HttpResponse:
    at = clock(timezone.now())
    version = version_of(mechanism)
    root = people.root_area()
    whole = tally(mechanism, root.code, at) if root else None
    context: dict[str, Any] = {
        "place": "figures" if mechanism == city().raise_mechanism else "",
        "board": addresses.board(version),
        "as_of": _("As of %(moment)s") % {"moment": at.moment(at.now)},
        "whole": whole is not None and (whole.open or whole.closed),
        "empty": {
            "title": _("Nothing to count yet"),
            "text": _("Figures appear when the first matter has been raised."),
        },
        "progress": progress.demonstration(),
    }
    return render(request, "public/figures.html", context)


def tally(mechanism: str, area: str, at: Clock) -> boards.Tally:
    local = at.now.astimezone(at.zone)
    month = datetime(local.year, local.month, 1, tzinfo=at.zone)
    since = at.now - timedelta(days=WINDOW_DAYS)
    return boards.tally(mechanism, area=area, since=since, month=month, at=at.now)


_unused = ngettext, said

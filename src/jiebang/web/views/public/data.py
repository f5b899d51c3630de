"""Feeds and open data: what can be taken along, and what each field means."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from jiebang.rulebook import packs
from jiebang.web.views.public import addresses
from jiebang.web.views.public.search import open_boards
from jiebang.web.words import said


def data(request: HttpRequest) -> HttpResponse:
    boards = [
        addresses.board(version)
        | {
            "csv": reverse("data-csv", args=[version.mechanism]),
            "json": reverse("data-json", args=[version.mechanism]),
            "ocel": reverse("data-ocel", args=[version.mechanism]),
            "xes": reverse("data-xes", args=[version.mechanism]),
            "feed": reverse("board-feed", args=[version.mechanism]),
            "embed": reverse("embed-board", args=[version.mechanism]),
        }
        for version in open_boards()
    ]
    first = open_boards()[0].mechanism if boards else ""
    feed = request.build_absolute_uri(reverse("board-feed", args=[first])) + "?show=overdue" if first else ""
    frame = request.build_absolute_uri(reverse("embed-board", args=[first])) if first else ""
    title = boards[0]["title"] if boards else ""
    terms = packs.licence(settings.JIEBANG_CITY)
    context = {
        "boards": boards,
        "licence": {"name": said(terms.names), "href": terms.url} if terms else None,
        "fields": [{"name": name, "meaning": meaning} for name, meaning in fields().items()],
        "sample_feed": feed,
        "sample_frame": f'<iframe src="{frame}" title="{title}" width="100%" height="600" loading="lazy"></iframe>',
    }
    return render(request, "public/data.html", context)


def fields() -> dict[str, str]:
    """Every field of the open data with its meaning; the room `api` writes them, a test holds the two together."""
    return {
        "number": _("The entry's public number; its page is /e/<number>."),
        "board": _("The board's id."),
        "area": _("Code of the area; of an erased matter its township."),
        "category": _("The category's id, as staff gave it."),
        "state": _("Where it stands: the state's id in the rules of the board."),
        "open": _("Whether somebody still owes a step."),
        "overdue": _("Whether a limit the city owed has passed and nobody has moved it on since."),
        "ended": _("How it ended: solved, explained, withdrawn, joined, lapsed or failed; empty while open."),
        "solved": _("The verdict, if there was one: yes, partly or no."),
        "raised": _("When it was raised, on the city's clock; of an erased matter the day."),
        "due": _("Until when somebody owes the next step."),
        "closed": _("When it ended."),
    }

"""The board office: what nobody claimed, what was offered or refused, what is late, and who passes it on."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from jiebang.boards import queries as boards
from jiebang.boards.queries import Kind, Wanted
from jiebang.engine.model import Actor
from jiebang.web.rows import clock as clock_at
from jiebang.web.views.desk import lists, shown
from jiebang.web.views.desk.day import ends_at
from jiebang.web.views.desk.staff import at_the_desk

A_FEW = 6


@require_safe
@at_the_desk
def office(request: HttpRequest, actor: Actor) -> HttpResponse:
    now = timezone.now()
    clock, ends = clock_at(now), ends_at(now)
    counts = boards.office_counts(actor, ends)
    titles = dict(lists.kinds())
    parts = []
    for kind in boards.OFFICE_LISTS:
        wanted = Wanted(scope="area", kind=kind)
        page = boards.desk_list(actor, wanted, ends, size=A_FEW, count=False) if counts[kind] else None
        parts.append(
            {
                "id": kind,
                "title": titles[kind],
                "n": counts[kind],
                "shown": shown.count(counts[kind]),
                "hint": _hint(kind),
                "rows": [shown.desk_row(row, clock) for row in page.rows] if page else [],
                "more": _more(counts[kind]),
                "href": lists.address(scope="area", kind=kind),
            }
        )
    return render(request, "desk/office.html", {"here": "office", "parts": parts, "as_of": clock.moment(now)})


def _more(n: int) -> str:
    if n <= A_FEW:
        return ""
    words = {"few": A_FEW, "n": shown.count(n)}
    return gettext("The %(few)s that are due first are shown, of %(n)s.") % words


def _hint(kind: Kind) -> str:
    return {
        "unclaimed": gettext("Any unit may take these up; the office assigns what nobody takes."),
        "offered": gettext("A unit was asked and has to claim or refuse within its limit."),
        "given-back": gettext("A unit refused what it was offered. Its reasons are public."),
        "overdue": gettext("The city let a limit pass, or is letting it pass now."),
        "escalated": gettext("The limits below were used up: these lie with the city's own office."),
        "handed-on": gettext("Three times or more it went from one unit to another."),
    }[kind]

"""My day: what waits for me, parted by when it is due, each with the next move to make."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from jiebang.boards import queries as boards
from jiebang.boards.queries import Ends, Wanted
from jiebang.engine.lookups import GRANT
from jiebang.engine.model import Actor
from jiebang.web.context import city
from jiebang.web.rows import Clock
from jiebang.web.rows import clock as clock_at
from jiebang.web.views.desk import lists, shown
from jiebang.web.views.desk.staff import at_the_desk
from jiebang.web.words import said

A_PART = 25  # rows of each part; the rest is one press away


def ends_at(now: datetime) -> Ends:
    """Return the moments at which today and this week end on the city's clock."""
    local = now.astimezone(city().zone)
    midnight = datetime.combine(local.date() + timedelta(days=1), time(), tzinfo=city().zone)
    return Ends(now, midnight, midnight + timedelta(days=6 - local.weekday()))


@require_safe
@at_the_desk
def day(request: HttpRequest, actor: Actor) -> HttpResponse:
    now = timezone.now()
    clock, ends = clock_at(now), ends_at(now)
    found = boards.day(actor, ends, most=A_PART)
    to_claim = boards.desk_list(actor, Wanted(scope="open"), ends, size=1)
    context = {
        "here": "desk",
        "parts": [_part(part, found, clock) for part in boards.GROUPS if found.counts[part]],
        "counts": [{"title": _title(part), "n": found.counts[part], "id": part} for part in boards.GROUPS],
        "total": sum(found.counts.values()),
        "duties": [_duty(duty, clock) for duty in found.duties],
        "as_of": clock.moment(now),
        "to_claim": {"n": to_claim.count, "shown": shown.count(to_claim.count), "href": lists.address(scope="open")},
    }
    return render(request, "desk/day.html", context)


def _part(part: boards.Due, found: boards.Day, clock: Clock) -> dict[str, Any]:
    rows = found.rows[part]
    return {
        "id": part,
        "title": _title(part),
        "n": found.counts[part],
        "rows": [shown.desk_row(row, clock) for row in rows],
        "more": lists.address(due=part) if found.counts[part] > len(rows) else "",
    }


def _title(part: boards.Due) -> str:
    return {
        "overdue": gettext("Overdue"),
        "today": gettext("Today"),
        "week": gettext("This week"),
        "later": gettext("Later"),
    }[part]


def _duty(duty: boards.Duty, clock: Clock) -> dict[str, Any]:
    return {
        "title": gettext("More time is asked for: decide") if duty.move == GRANT else said(duty.title),
        "entry": duty.entry,
        "number": duty.number,
        "limit": clock.limit(duty.due_at),
        "href": f"{reverse('workbench', args=[duty.number])}#move-{duty.move}",
    }

"""Registers for everybody: the public columns of the rows, as they stand or as they stood on a day."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime, time, timedelta

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from jiebang.engine.rounds.model import Register
from jiebang.engine.rounds.rows import safe_cells
from jiebang.rounds import queries as rounds
from jiebang.rulebook import defined
from jiebang.web import round_words
from jiebang.web.rows import Clock
from jiebang.web.rows import clock as clock_at
from jiebang.web.views.public import addresses
from jiebang.web.words import said

A_PAGE = 100
LONGEST = 40


@require_safe
def register(request: HttpRequest, ident: str) -> HttpResponse:
    clock = clock_at(timezone.now())
    about = _about(ident, clock)
    on = request.GET.get("on", "")[:LONGEST].strip()
    day = _day(on)
    version = _version(ident, day, clock)
    rows = [] if about.about == "people" or version is None else rounds.rows(ident, version=version)
    page = max(int(request.GET.get("page", "1")), 1) if request.GET.get("page", "1").isdecimal() else 1
    shown = rows[(page - 1) * A_PAGE : page * A_PAGE]
    names = list(about.public)
    context = {
        "register": {"title": said(about.title), "purpose": said(about.purpose), "source": about.source},
        "people": about.about == "people",
        "n": rounds.how_many(ident) if day is None else len(rows),
        "head": [{"text": said(about.fields[name].title)} for name in names],
        "rows": [
            [{"text": round_words.cell(about.fields[name], row.public.get(name))} for name in names] for row in shown
        ],
        "versions": [
            {
                "n": one.version,
                "when": clock.moment(one.at),
                "rows": one.rows,
                "added": one.added,
                "changed": one.changed,
                "removed": one.removed,
            }
            for one in rounds.versions(ident)
        ],
        "version": version,
        "on": on,
        "bad_day": bool(on) and day is None,
        "page": page,
        "before": page - 1,
        "after": page + 1 if len(rows) > page * A_PAGE else 0,
        "csv": addresses.to(f"/registers/{ident}.csv"),
        "here": addresses.to(f"/registers/{ident}/"),
    }
    return render(request, "public/register.html", context)


@require_safe
def download(request: HttpRequest, ident: str) -> HttpResponse:
    """The public columns as CSV; a cell that a spreadsheet would run as a formula is marked as text."""
    clock = clock_at(timezone.now())
    about = _about(ident, clock)
    if about.about == "people":
        raise Http404
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(about.public)
    for row in rounds.rows(ident, version=_version(ident, None, clock)):
        writer.writerow(safe_cells([str(row.public.get(name, "")) for name in about.public]))
    response = HttpResponse("\ufeff" + out.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{ident}.csv"'
    return response


def _about(ident: str, clock: Clock) -> Register:
    about = defined.register(ident, on=clock.today)
    if about is None:
        raise Http404
    return about.definition


def _day(words: str) -> date | None:
    try:
        return date.fromisoformat(words) if words else None
    except ValueError:
        return None


def _version(ident: str, day: date | None, clock: Clock) -> int | None:
    if day is None:
        return rounds.version_on(ident, clock.now)
    ends = datetime.combine(day + timedelta(days=1), time(), clock.zone).astimezone(UTC)
    return rounds.version_on(ident, ends)

"""The open data of a public board: every entry with its dates and its state, as CSV or JSON.

No text and no photo: what somebody has had erased should not live on in copies. The number leads to the page, which
always says what may be said today. Which field is what stands in docs/reference/open-data.md, a test holds the two
together. Filters: `area` (any area's code), `state`, `category`.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import datetime
from io import StringIO
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponseBase, JsonResponse, StreamingHttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from jiebang.boards import queries as boards
from jiebang.people import queries as people
from jiebang.rulebook import packs
from jiebang.rulebook import queries as rulebook

FIELDS = (
    "number",
    "board",
    "area",
    "category",
    "state",
    "open",
    "overdue",
    "ended",
    "solved",
    "raised",
    "due",
    "closed",
)
PAGE = 500
FIVE_MINUTES = "public, max-age=300"


@require_safe
def as_csv(request: HttpRequest, mechanism: str) -> HttpResponseBase:
    """The whole board, newest first, sent while it is read, so its length costs no memory."""
    must_be_visible(mechanism)
    answer = StreamingHttpResponse(_csv(mechanism, _filters(request)), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{mechanism}.csv"'
    return open_to_all(answer)


@require_safe
def as_json(request: HttpRequest, mechanism: str) -> HttpResponseBase:
    """500 entries, newest first; `next` is the address of the following ones, or null."""
    must_be_visible(mechanism)
    filters = _filters(request)
    page = boards.board(mechanism, filters, after=request.GET.get("after", "")[:40], size=PAGE, count=False)
    given = {"area": filters.area, "category": filters.category, "state": filters.state, "after": page.next}
    query = urlencode({name: value for name, value in given.items() if value})
    following = request.build_absolute_uri(f"{reverse('data-json', args=[mechanism])}?{query}") if page.next else None
    zone = ZoneInfo(rulebook.city().zone)
    return open_to_all(
        JsonResponse(
            {
                "board": mechanism,
                "as_of": _moment(timezone.now(), zone),
                "licence": {"name": dict(terms.names), "url": terms.url} if (terms := _licence()) else None,
                "entries": [_values(row, zone) for row in page.rows],
                "next": following,
            },
            json_dumps_params={"ensure_ascii": False},
        )
    )


def must_be_visible(mechanism: str) -> None:
    """Raise Http404 unless there is such a board and its log may be read."""
    versions = rulebook.versions(mechanism)
    if not versions or any(version.program.log == "veiled" for version in versions):
        raise Http404


def _filters(request: HttpRequest) -> boards.Filters:
    given = request.GET
    return boards.Filters(
        area=given.get("area", "")[:20], category=given.get("category", "")[:60], state=given.get("state", "")[:60]
    )


def _csv(mechanism: str, filters: boards.Filters) -> Iterator[str]:
    zone = ZoneInfo(rulebook.city().zone)
    yield ",".join(FIELDS) + "\r\n"
    after = ""
    while True:
        page = boards.board(mechanism, filters, after=after, size=PAGE, count=False)
        lines = StringIO()
        csv.writer(lines).writerows(_cells(row, zone) for row in page.rows)
        yield lines.getvalue()
        after = page.next
        if not after:
            return


def _cells(row: boards.Row, zone: ZoneInfo) -> list[str]:
    return [
        "" if value is None else ("yes" if value else "no") if isinstance(value, bool) else str(value)
        for value in _values(row, zone).values()
    ]


def _values(row: boards.Row, zone: ZoneInfo) -> dict[str, Any]:
    """One entry by field, in the order of `FIELDS`."""
    values = (
        row.number,
        row.mechanism,
        area_told(row.area, erased=row.erased),
        row.category or None,
        row.state,
        row.is_open,
        row.overdue,
        row.meaning or None,
        row.solved or None,
        *(_moment(moment, zone, day_only=row.erased) for moment in (row.raised_at, row.due_at, row.closed_at)),
    )
    return dict(zip(FIELDS, values, strict=True))


def area_told(code: str, *, erased: bool) -> str:
    """Return an area's code; of an erased matter its township's alone."""
    view = people.area(code)
    return view.path[:3][-1] if erased and view is not None else code


def _moment(moment: datetime | None, zone: ZoneInfo, *, day_only: bool = False) -> str | None:
    if moment is None:
        return None
    local = moment.astimezone(zone)
    return local.date().isoformat() if day_only else local.isoformat(timespec="minutes")


def _licence() -> packs.Licence | None:
    return packs.licence(settings.JIEBANG_CITY)


def open_to_all(answer: HttpResponseBase) -> HttpResponseBase:
    """Return an answer any site may read, with the terms the city states."""
    if terms := _licence():
        # A file of rows has no room for it; whoever fetches it by program reads it here (RFC 8288).
        answer["Link"] = f'<{terms.url}>; rel="license"'
    answer["Cache-Control"] = FIVE_MINUTES
    answer["Access-Control-Allow-Origin"] = "*"
    return answer

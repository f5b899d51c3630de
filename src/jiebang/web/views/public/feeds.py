"""Atom feeds of a board, an area and a search: the public lists again, for readers that come back by themselves.

A feed says what the list says and nothing more: number, public title, place, category, state. No raiser, no text that
is not public, no photo. `updated` is when a matter was raised or, once closed, when it was closed.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone, translation
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import gettext as _

from jiebang.boards import queries as boards
from jiebang.people import queries as people
from jiebang.rulebook import packs
from jiebang.web.context import city
from jiebang.web.manner import language_wished
from jiebang.web.rows import Clock, clock, list_row
from jiebang.web.views.public import addresses
from jiebang.web.views.public.board import filters_of, version_of
from jiebang.web.views.public.search import asked, open_boards
from jiebang.web.words import said

ENTRIES = 50
FIVE_MINUTES = "public, max-age=300"


def board_feed(request: HttpRequest, mechanism: str) -> HttpResponse:
    version = version_of(mechanism)
    with translation.override(language_wished(request)):
        page = boards.board(mechanism, filters_of(request, version.program), size=ENTRIES, count=False)
        return _feed(request, addresses.board(version)["title"], addresses.board_url(mechanism), page.rows)


def area_feed(request: HttpRequest, code: str) -> HttpResponse:
    view = people.area(code)
    if view is None:
        raise Http404
    with translation.override(language_wished(request)):
        inside = boards.Filters(area=code, posted=True)
        rows = _newest(
            boards.board(version.mechanism, inside, size=ENTRIES, count=False).rows for version in open_boards()
        )
        return _feed(request, said(view.names), addresses.area_url(code), rows)


def search_feed(request: HttpRequest) -> HttpResponse:
    wish = asked(request)
    if not wish.q:
        raise Http404
    with translation.override(language_wished(request)):
        rows = _newest(
            boards.board(each.mechanism, wish.filters, size=ENTRIES, count=False).rows for each in open_boards()
        )
        title = _("Search: %(q)s") % {"q": wish.q}
        return _feed(request, title, f"{addresses.to('/search')}?{wish.query}", rows)


def _newest(lists: Iterable[tuple[boards.Row, ...]]) -> list[boards.Row]:
    rows = [row for each in lists for row in each]
    return sorted(rows, key=lambda row: row.raised_at, reverse=True)[:ENTRIES]


def _feed(request: HttpRequest, title: str, path: str, rows: Iterable[boards.Row]) -> HttpResponse:
    at = clock(timezone.now())
    feed = Atom1Feed(
        title=f"{title} · {city().name}",
        link=request.build_absolute_uri(path),
        description=_("It comes off only when it has been verified. What is late or was not done stays in sight."),
        language=translation.get_language(),
        feed_url=request.build_absolute_uri(),
        author_name=city().name,
        feed_copyright=f"{said(terms.names)} <{terms.url}>"
        if (terms := packs.licence(settings.JIEBANG_CITY))
        else None,
    )
    for row in rows:
        _add(feed, request, row, at)
    response = HttpResponse(feed.writeString("utf-8"), content_type=Atom1Feed.content_type)
    response["Cache-Control"] = FIVE_MINUTES
    response["Access-Control-Allow-Origin"] = "*"
    return response


def _add(feed: Atom1Feed, request: HttpRequest, row: boards.Row, at: Clock) -> None:
    shown = list_row(row, at)
    link = request.build_absolute_uri(addresses.entry_url(row.number))
    state = f"{shown.state} · {_('Overdue')}" if row.overdue else shown.state
    # An erased or unscreened entry has no text of its own; the row says so in its place.
    feed.add_item(
        title=f"{row.number} {shown.text}",
        link=link,
        description=" · ".join(each for each in (state, shown.meta, shown.due) if each),
        unique_id=link,
        pubdate=_moment(row, row.raised_at),
        updateddate=_moment(row, row.closed_at or row.raised_at),
        categories=[said(row.category_title)] if row.category else [],
    )


def _moment(row: boards.Row, moment: datetime) -> datetime:
    """The moment; of an erased matter its day alone."""
    return moment.replace(hour=0, minute=0, second=0, microsecond=0) if row.erased else moment

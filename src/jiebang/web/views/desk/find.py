"""The desk's one search: a number leads to its matter; words find what waits to be posted, and what is public."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from jiebang.boards import queries as boards
from jiebang.boards.bigrams import wanted
from jiebang.boards.queries import Filters, Row, Unposted
from jiebang.engine.model import Actor
from jiebang.rulebook import queries as rulebook
from jiebang.web import numbers
from jiebang.web.rows import Clock
from jiebang.web.rows import clock as clock_at
from jiebang.web.views.desk import shown
from jiebang.web.views.desk.staff import at_the_desk
from jiebang.web.views.desk.window.beside import words_and_place
from jiebang.web.views.public import addresses
from jiebang.web.views.public.search import LONGEST, open_boards

MOST = 8  # of each board; the rest is one press away


@require_safe
@at_the_desk
def find(request: HttpRequest, actor: Actor) -> HttpResponse:
    at = clock_at(timezone.now())
    q = " ".join(request.GET.get("q", "").replace("\x00", "").split())[:LONGEST]
    if where := _by_number(q, actor, at):
        return redirect(where)
    words, area = words_and_place(q)
    hits = boards.hits(words) if words else None  # once for all boards
    groups = [_group(version, words, area, at, hits) for version in open_boards()] if q else []
    context = {
        "here": "",
        "q": q,
        "is_number": bool(numbers.meant(q, on=at.today)),
        "too_short": bool(q) and not wanted(words) and not area,
        "unposted": [_unposted(one, at) for one in boards.unposted(actor, words, area=area, limit=MOST)] if q else [],
        "groups": [group for group in groups if group["rows"]],
        "as_of": at.moment(at.now),
    }
    return render(request, "desk/find.html", context)


def _by_number(q: str, actor: Actor, at: Clock) -> str:
    """Return where a number leads: to the workbench, or for what is not theirs to the page everybody sees."""
    for number in numbers.meant(q, on=at.today):
        if boards.entry_for(number, actor) is not None:
            return reverse("workbench", args=[number])
        if boards.entry(number) is not None:
            return reverse("entry", args=[number])
    return ""


def _unposted(one: Unposted, at: Clock) -> dict[str, Any]:
    return shown.row(one.row, at) | {"text": one.own_words, "is_own_words": True}


def _group(version: rulebook.VersionView, words: str, area: str, at: Clock, hits: boards.Hits | None) -> dict[str, Any]:
    filters = Filters(text=words, area=area, posted=True)
    page = boards.board(version.mechanism, filters, size=MOST, hits=hits)
    board = addresses.board(version)
    more = urlencode({name: value for name, value in (("q", words), ("area", area)) if value})
    return {
        "title": board["title"],
        "n": shown.count(page.count),
        "href": f"{board['href']}?{more}" if page.next else "",
        "rows": [_public(row, at) for row in page.rows],
    }


def _public(row: Row, at: Clock) -> dict[str, Any]:
    """Return a line that leads by its number: whether it is the reader's to work on is asked when it is opened."""
    return shown.row(row, at) | {"href": f"{reverse('desk-find')}?{urlencode({'q': row.number})}"}

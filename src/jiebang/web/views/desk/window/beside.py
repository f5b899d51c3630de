"""What stands beside the form while a clerk writes: the same nearby, what a search finds, a caller's own matters."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext, ngettext

from jiebang.boards import queries as boards
from jiebang.boards.queries import Filters, Near, Row, Unposted
from jiebang.boards.services import TooManyTries
from jiebang.engine.model import Actor, Program
from jiebang.people import queries as people
from jiebang.web import numbers
from jiebang.web.forms import Option
from jiebang.web.rows import Clock, list_row
from jiebang.web.views.follow import coming_back
from jiebang.web.words import said

LOOKS_BACK = timedelta(days=30)
MOST_FOUND = 8


@dataclass(frozen=True, slots=True)
class Beside:
    """What the column shows. `alike` may be the same matter; `near` is what else was raised in that place."""

    alike: Sequence[dict[str, Any]]
    near: Sequence[dict[str, Any]]
    kind: str  # its title
    is_guessed: bool
    days: int
    place: str  # its name, when nothing was found in the place itself and one looked around it
    has_place: bool


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found. `more`: too many to list."""

    q: str
    rows: Sequence[dict[str, Any]]
    more: bool


@dataclass(frozen=True, slots=True)
class Caller:
    """What somebody's code leads to, or why it leads nowhere."""

    rows: Sequence[dict[str, Any]] = ()
    wrong: str = ""


def kinds(program: Program) -> list[Option]:
    """Return the categories a clerk may look by."""
    asked = program.fields.get("category")
    return [Option(choice.id, said(choice.title)) for choice in asked.choices] if asked else []


def around(program: Program, *, place: str, text: str, kind: str, at: Clock, joins: Collection[str] = ()) -> Beside:
    """Return what was raised at the place in the last thirty days, most alike first."""
    guessed = "" if kind else boards.kind_of(program.id, text)

    def near(area: str) -> list[Near]:
        since = at.now - LOOKS_BACK
        return boards.nearby(program.id, area=area, since=since, text=text, kind=kind or guessed, only_kind=bool(kind))

    found = near(place)
    above = people.area(view.parent) if not found and (view := people.area(place)) and view.parent else None
    if above is not None:
        found = near(above.code)
    return Beside(
        alike=[line(one.row, at, joins) for one in found if one.is_alike],
        near=[line(one.row, at, joins) for one in found if not one.is_alike],
        kind=next((one.title for one in kinds(program) if one.value == (kind or guessed)), ""),
        is_guessed=bool(guessed),
        days=LOOKS_BACK.days,
        place=said(above.names) if above and found else "",
        has_place=bool(place),
    )


def search(mechanism: str, q: str, at: Clock, *, actor: Actor, joins: Collection[str] = ()) -> Found | None:
    """Return what the number, place or words in `q` find; None when nothing is asked for.

    The clerk's own matters that nobody has posted yet come first, found by their raiser's words.
    """
    wanted = q.strip()[:60]
    if not wanted:
        return None
    numbered = [view.row for number in numbers.meant(wanted, on=at.today) if (view := boards.entry(number))][:1]
    words, area = words_and_place(wanted)
    own = boards.unposted(actor, words, area=area, limit=MOST_FOUND)
    page = boards.board(mechanism, Filters(text=words, area=area, posted=True), size=MOST_FOUND)
    first = [line(row, at, joins) for row in numbered]
    found = [line(row, at, joins) for row in page.rows if row.number not in {each.number for each in numbered}]
    return Found(wanted, [*first, *(_own(one, at) for one in own), *found], bool(page.next))


def _own(one: Unposted, at: Clock) -> dict[str, Any]:
    """Return the line of a matter that is not posted: its raiser's words, and the workbench, where it is read."""
    href = reverse("workbench", args=[one.row.number])
    return line(one.row, at) | {"title": one.own_words, "is_own_words": True, "href": href}


def caller(request: HttpRequest, secret: str, number: str, at: Clock) -> Caller:
    """Return the matters of whoever typed this code, or this number with its PIN. Wrong tries are counted."""
    if not secret.strip():
        return Caller(wrong=gettext("The code is empty. Let the caller type it."))
    back = coming_back.by_secret(request, secret.strip(), at=at.now, number=number.strip().upper())
    if isinstance(back, TooManyTries):
        return Caller(
            wrong=gettext("Too many wrong codes were tried. Wait until %(when)s.") % {"when": at.moment(back.again_at)}
        )
    if back is None:
        return Caller(wrong=gettext("No matter has this code. A PIN needs the number too."))
    rows = {row.number: row for row in boards.raised_by(back.actor.person, limit=MOST_FOUND)}
    for each in (back.own, back.number):
        view = boards.entry(each)
        if view is not None:
            rows.setdefault(each, view.row)
    return Caller([line(row, at) for row in rows.values()])


def line(row: Row, at: Clock, joins: Collection[str] = ()) -> dict[str, Any]:
    """Return a matter as a line of the column: public words only. At the areas in `joins` it can be joined."""
    words = list_row(row, at)
    days = (at.today - row.raised_at.astimezone(at.zone).date()).days
    return {
        "number": row.number,
        "title": row.title or gettext("Being screened; its text is not public yet"),
        "tag": words.tag,
        "state": words.state,
        "place": words.place,
        "limit": words.limit,
        "ago": _ago(days),
        "can_join": row.is_open and row.area in joins,
        "href": reverse("entry", args=[row.number]),
        "word": reverse("word", args=[row.number]) if row.is_open or row.meaning == "joined" else "",
        "category": said(row.category_title),
    }


def _ago(days: int) -> str:
    if days <= 0:
        return gettext("raised today")
    return ngettext("raised %(n)s day ago", "raised %(n)s days ago", days) % {"n": days}


def words_and_place(q: str) -> tuple[str, str]:
    """Take a place's whole name out of what was typed: “白塔社区 路灯” looks for lamps in that community."""
    words = q.split()
    for place, word in enumerate(words):
        found = [view for view in people.find_areas(word) if word in view.names.values()]
        if len(found) == 1 and found[0].parent:
            return " ".join([*words[:place], *words[place + 1 :]]), found[0].code
    return q, ""

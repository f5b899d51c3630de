"""One board: its list with filters, tabs and search. With htmx the same list is swapped in place."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _

from jiebang.boards import queries as boards
from jiebang.engine.model import Program
from jiebang.rulebook import queries as rulebook
from jiebang.web import glance, progress, screening, seasons
from jiebang.web.context import city
from jiebang.web.rows import Clock, area_options, clock, list_row
from jiebang.web.views.public import addresses
from jiebang.web.words import said

SIZE = 30
LONGEST_SEARCH = 100


@dataclass(frozen=True, slots=True)
class Wish:
    """What the reader asked to see, as it stands in the address."""

    show: str = "posted"
    q: str = ""
    area: str = ""
    category: str = ""
    state: str = ""

    @property
    def narrowed(self) -> bool:
        return bool(self.q or self.filtered or self.show != "posted")

    @property
    def filtered(self) -> bool:
        return bool(self.area or self.category or self.state)

    def filters(self, program: Program) -> boards.Filters:
        return replace(
            listed(self.show),
            area=self.area,
            category=self.category,
            state=self.state,
            text=self.q,
            states=screening.states(program) if self.show == "screening" else (),
        )

    def href(self, **changed: str) -> str:
        wish = {"show": self.show, "q": self.q, "area": self.area, "category": self.category, "state": self.state}
        wish |= changed
        if wish["show"] == "posted":
            wish["show"] = ""
        return "?" + urlencode({name: value for name, value in wish.items() if value})


SHOWN = ("posted", "open", "overdue", "struck", "failed", "screening", "all")


def listed(show: str) -> boards.Filters:
    """Return what stands in one of the lists a reader chooses from; a name that is none of them leaves nothing out."""
    return boards.Filters(
        is_open=True if show == "open" else None,
        overdue=show == "overdue",
        failed=show == "failed",
        meaning="solved" if show == "struck" else "",
        posted=show == "posted",
    )


def board(request: HttpRequest, mechanism: str) -> HttpResponse:
    version = version_of(mechanism)
    wish = _wish(request)
    if number := entry_number(wish.q):
        return HttpResponseRedirect(addresses.entry_url(number))
    at = clock(timezone.now())
    context = _list(version, wish, request.GET.get("after", ""), at)
    context["seasons"] = [one.now for one in seasons.of(version.program, today=at.today) if one.holds]
    if request.headers.get("HX-Request") and request.headers.get("HX-Target") == "list":
        response = render(request, "public/_list.html", context | {"swap_area": _area_list(wish)})
    else:
        response = render(request, "public/board.html", context | _around(version, wish))
    patch_vary_headers(response, ("HX-Request",))
    return response


def version_of(mechanism: str, *, at: datetime | None = None) -> rulebook.VersionView:
    """The version in force of a board that may be shown."""
    day = (at or timezone.now()).astimezone(city().zone).date()
    try:
        version = rulebook.in_force(mechanism, on=day)
    except rulebook.NotPublished:
        raise Http404 from None
    if version.program.log == "veiled":
        raise Http404
    return version


def filters_of(request: HttpRequest, program: Program) -> boards.Filters:
    """What a board's address asks for, for another form of the same list."""
    return _wish(request).filters(program)


def _wish(request: HttpRequest) -> Wish:
    given = request.GET
    # Whoever asks for a state means all that are in it, posted or not.
    show = given.get("show", "all" if given.get("state") else "posted")
    return Wish(
        show=show if show in SHOWN else "posted",
        q=given.get("q", "").strip()[:LONGEST_SEARCH],
        area=given.get("area", "")[:20],
        category=given.get("category", "")[:60],
        state=given.get("state", "")[:60],
    )


def entry_number(text: str) -> str:
    """A whole number of an entry, typed into the search, leads straight to it."""
    prefix, _dash, rest = text.upper().partition("-")
    year, _dash, count = rest.partition("-")
    is_number = prefix == rulebook.city().prefix and year.isascii() and year.isdecimal() and len(count) >= 6
    if is_number and count.isascii() and count.isdecimal() and boards.entry(text.upper()) is not None:
        return text.upper()
    return ""


def _list(version: rulebook.VersionView, wish: Wish, after: str, at: Clock) -> dict[str, Any]:
    program = version.program
    page = boards.board(version.mechanism, wish.filters(program), after=after, size=SIZE)
    here = glance.counts(version.mechanism, area=wish.area, states=screening.states(program))
    return {
        "tabs": _tabs(here, wish),
        "screening": _screened(program, here, wish),
        "rows": [list_row(row, at) for row in page.rows],
        "found": _found(page, here, wish),
        "as_of": glance.as_of_words(here.as_of, at),
        "explain": _explained(wish),
        "next": wish.href(after=page.next) if page.next else "",
        "first": wish.href() if after else "",
        "empty": _empty(version, wish),
    }


def _tabs(here: glance.Counts, wish: Wish) -> list[dict[str, Any]]:
    titles = {
        "posted": (_("Posted"), ""),
        "open": (_("In hand"), here.words(here.open)),
        "overdue": (_("Overdue"), here.words(here.overdue)),
        "struck": (_("Struck off"), here.words(here.solved)),
        "failed": (_("Failed"), here.words(here.failed)),
        "screening": (_("Being screened"), here.words(here.in_states)),
        "all": (_("All"), ""),
    }
    if wish.show != "screening":
        del titles["screening"]  # the line above the list leads there
    return [
        {"title": title, "n": n, "href": wish.href(show=show), "current": show == wish.show}
        for show, (title, n) in titles.items()
    ]


def _screened(program: Program, here: glance.Counts, wish: Wish) -> dict[str, str] | None:
    """The one line about what was raised and has no public text yet, so that no number is hidden."""
    if wish.show != "posted" or wish.q or not here.in_states:
        return None
    words = screening.words(program, here.in_states, here.words(here.in_states))
    return {"words": words, "href": wish.href(show="screening")}


def _found(page: boards.BoardPage, here: glance.Counts, wish: Wish) -> str:
    n = f"{page.count:,}{'+' if page.is_capped else ''}"
    whole = {"open": here.open, "overdue": here.overdue, "struck": here.solved, "failed": here.failed}
    if wish.show in whole and not (wish.q or wish.category or wish.state):
        n = here.words(whole[wish.show])  # the tab's own number: the same list must not have two
    if wish.q:
        return _("%(n)s entries with “%(q)s”, newest first") % {"n": n, "q": wish.q}
    return _("%(n)s entries, newest first") % {"n": n}


def _explained(wish: Wish) -> str:
    if wish.show == "failed":
        return _("Here the city let its last limit pass without an answer. These entries stay in this list for ever.")
    if wish.show == "overdue":
        return _("Here a limit the city owed has passed and nobody has moved the matter on since.")
    if wish.show == "screening":
        return _("Raised, and not yet on the board: its public text is written first, without names and numbers.")
    return ""


def _empty(version: rulebook.VersionView, wish: Wish) -> dict[str, str]:
    if wish.narrowed:
        return {
            "title": _("Nothing fits"),
            "text": _("Try two other words, or take away a filter."),
            "href": addresses.board_url(version.mechanism),
            "action": _("Show the whole board"),
        }
    screened = version.mechanism == city().raise_mechanism
    raise_href = addresses.raise_url(version)
    return {
        "title": _("Nothing is on this board yet"),
        "text": _("What is raised appears here as soon as it has been screened.")
        if screened
        else screening.beginning(version.program),
        "href": raise_href or addresses.board_url(version.mechanism) + "about",
        "action": _("Raise a matter") if raise_href else _("Rules of this board"),
    }


def _around(version: rulebook.VersionView, wish: Wish) -> dict[str, Any]:
    program = version.program
    category = program.fields.get("category")
    is_raised_here = version.mechanism == city().raise_mechanism
    return {
        "place": "board" if is_raised_here else "",
        "board": addresses.board(version),
        "raise_href": addresses.raise_url(version),
        "show": wish.show,
        "q": wish.q,
        "narrowed": wish.narrowed,
        "filtered": wish.filtered,
        "lists": [
            _area_list(wish),
            *(
                [
                    {
                        "name": "category",
                        "label": _("Category"),
                        "any": _("All categories"),
                        "value": wish.category,
                        "choices": [{"value": one.id, "title": said(one.title)} for one in category.choices],
                    }
                ]
                if category and category.choices
                else []
            ),
            {
                "name": "state",
                "label": _("State"),
                "any": _("All states"),
                "value": wish.state,
                "choices": [
                    {"value": name, "title": said(title)}
                    for name, title in (
                        *((name, state.title) for name, state in program.states.items()),
                        *((name, final.title) for name, final in program.finals.items()),
                    )
                ],
            },
        ],
        "progress": progress.demonstration(),
    }


def _area_list(wish: Wish) -> dict[str, Any]:
    return {
        "name": "area",
        "label": _("Area"),
        "any": _("The whole city"),
        "value": wish.area,
        "choices": area_options(wish.area),
    }

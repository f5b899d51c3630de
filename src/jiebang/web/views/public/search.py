"""Search over all boards: words of two characters or more, a number, a place; narrowed by where and how it stands."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from jiebang.boards import codes
from jiebang.boards import queries as boards
from jiebang.boards.bigrams import wanted
from jiebang.people import queries as people
from jiebang.rulebook import queries as rulebook
from jiebang.web import glance
from jiebang.web.context import city
from jiebang.web.rows import area_options, clock, list_row
from jiebang.web.views.public import addresses
from jiebang.web.views.public.area import shown
from jiebang.web.views.public.board import entry_number, listed

SHOWN = ("all", "open", "overdue", "struck", "failed")
LONGEST = 100
OF_A_BOARD = 8
PLACES = 6


@dataclass(frozen=True, slots=True)
class Asked:
    q: str
    show: str
    area: str

    @property
    def filters(self) -> boards.Filters:
        return replace(listed(self.show), text=self.q, area=self.area)

    @property
    def query(self) -> str:
        """The same wish as the query of an address; `show` is always said, as a board shows less by itself."""
        given = {"q": self.q, "show": self.show, "area": self.area}
        return urlencode({name: value for name, value in given.items() if value})


def asked(request: HttpRequest) -> Asked:
    given = request.GET
    show = given.get("show", "all")
    return Asked(
        q=" ".join(given.get("q", "").replace("\x00", "").split())[:LONGEST],
        show=show if show in SHOWN else "all",
        area=given.get("area", "")[:20],
    )


def open_boards() -> list[rulebook.VersionView]:
    """Every board that may be shown, the one residents raise on first."""
    found = [version for version in rulebook.mechanisms() if version.program.log != "veiled"]
    return sorted(found, key=lambda version: version.mechanism != city().raise_mechanism)


def search(request: HttpRequest) -> HttpResponse:
    wish = asked(request)
    if number := entry_number(wish.q):
        return HttpResponseRedirect(addresses.entry_url(number))
    at = clock(timezone.now())
    hits = boards.hits(wish.q) if wish.q else None  # once for all boards
    groups = [_group(version, wish, at, hits) for version in open_boards()] if wish.q else []
    found = [group for group in groups if group["rows"]]
    context: dict[str, Any] = {
        "asked": wish,
        "titles": _titles(wish),
        "areas": area_options(wish.area),
        "groups": found,
        "is_code": not found and codes.read(wish.q) is not None,
        "places": [shown(each) for each in people.find_areas(wish.q, PLACES)] if wish.q else [],
        "as_of": glance.as_of_words(None, at),
        "feed": f"{reverse('search-feed')}?{wish.query}" if found else "",
        "too_short": bool(wish.q) and not wanted(wish.q) and len(wish.q) > 1,
        "tries": _tries(),
        "board_href": addresses.board_url(city().raise_mechanism),
    }
    return render(request, "public/search.html", context)


def _group(version: rulebook.VersionView, wish: Asked, at: Any, hits: boards.Hits | None) -> dict[str, Any]:
    page = boards.board(version.mechanism, wish.filters, size=OF_A_BOARD, hits=hits)
    board = addresses.board(version)
    return {
        "title": board["title"],
        "href": f"{board['href']}?{wish.query}",
        "n": f"{page.count:,}{'+' if page.is_capped else ''}",
        "more": bool(page.next),
        "rows": [list_row(row, at) for row in page.rows],
    }


def _titles(wish: Asked) -> list[dict[str, Any]]:
    titles = {
        "all": _("All"),
        "open": _("In hand"),
        "overdue": _("Overdue"),
        "struck": _("Struck off"),
        "failed": _("Failed"),
    }
    return [{"value": show, "title": titles[show], "chosen": show == wish.show} for show in SHOWN]


def _tries() -> list[dict[str, str]]:
    """What to try: the first categories of the board residents raise on, as words to press."""
    version = next((each for each in open_boards()), None)
    category = version.program.fields.get("category") if version else None
    choices = category.choices if category else ()
    # In the language people write in, which is not always the reader's.
    written = "zh" if any("zh" in one.title for one in choices) else "en"
    words = [one.title.get(written, "") for one in choices]
    # A category's title may join two things; its first word is what somebody would type.
    first = [word.replace("与", "、").replace(" and ", "、").split("、")[0] for word in words]
    return [
        {"word": word, "language": written, "href": f"?{urlencode({'q': word})}"} for word in first[:8] if len(word) > 1
    ]

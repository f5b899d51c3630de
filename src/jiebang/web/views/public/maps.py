"""The map of a board with its list: the same clusters, drawn and written. Without script every cluster is a link."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from jiebang.boards import queries as boards
from jiebang.boards.cells import width_m
from jiebang.boards.datums import Datum
from jiebang.boards.mapping import finest, map_rules
from jiebang.people import queries as people
from jiebang.rulebook import queries as rulebook
from jiebang.rulebook.maps import MapRules
from jiebang.web import glance, mapview, tiles
from jiebang.web.mapview import Asked, BadView
from jiebang.web.middleware import POLICY
from jiebang.web.rows import Clock, clock, list_row, title_of
from jiebang.web.tiles import Tiles
from jiebang.web.views import errors
from jiebang.web.views.public import addresses
from jiebang.web.views.public.board import listed, version_of
from jiebang.web.words import said

SIZE = 30
SHOWN = ("posted", "open", "overdue", "struck", "failed", "all")


def board_map(request: HttpRequest, mechanism: str) -> HttpResponse:
    version = version_of(mechanism)
    rules = map_rules()
    if rules is None:
        raise Http404
    source = tiles.tiles()
    datum: Datum = source.datum if source else "wgs84"
    given = {name: request.GET.get(name, "")[:120] for name in ("show", "category", "area", "bbox", "zoom", "cell")}
    try:
        asked = mapview.asked(given, rules, datum=datum)
    except BadView:
        return errors.bad_request(request)
    wish = _wish(given)
    at = clock(timezone.now())
    page = boards.map_page(version.mechanism, _filters(wish), asked.view, finest_level=finest(rules))
    context = _list(version, page, asked, rules, wish, datum, at, after=request.GET.get("after", ""))
    if request.headers.get("HX-Request"):
        response = render(request, "public/_map_list.html", context)
    else:
        response = render(
            request, "public/map.html", context | _around(version, asked, rules, source, wish, datum, given)
        )
    patch_vary_headers(response, ("HX-Request",))
    response.headers["Content-Security-Policy"] = policy(source)
    return response


def policy(source: Tiles | None) -> str:
    """The site's policy, opened for the map alone: a worker of our own, pictures from the configured source."""
    more = f" {source.origin}" if source and source.origin else ""
    opened = POLICY.replace("connect-src 'self'", f"connect-src 'self'{more}")
    opened = opened.replace("img-src 'self'", f"img-src 'self'{more}")
    return f"{opened}; worker-src 'self'"


def _wish(given: dict[str, str]) -> dict[str, str]:
    """The filters an address asks for, without those that say nothing."""
    show = given["show"] if given["show"] in SHOWN[1:] else ""
    category = given["category"] if given["category"].isprintable() else ""
    return {name: value for name, value in (("show", show), ("category", category)) if value}


def _filters(wish: dict[str, str]) -> boards.Filters:
    return replace(listed(wish.get("show", "posted")), category=wish.get("category", ""))


def _list(
    version: rulebook.VersionView,
    page: boards.MapPage,
    asked: Asked,
    rules: MapRules,
    wish: dict[str, str],
    datum: Datum,
    at: Clock,
    *,
    after: str,
) -> dict[str, Any]:
    path = addresses.board_url(version.mechanism) + "map"
    marks = mapview.marks(
        page.clusters, asked.box, rules, query=wish, path=path, entries=addresses.entry_url(""), datum=datum
    )
    context: dict[str, Any] = {
        "marks": marks,
        "items": [
            {
                "mark": one,
                "title": title_of(one.cluster.row) if one.cluster.row else "",
                "meta": said(one.cluster.row.category_title) if one.cluster.row else "",
            }
            for one in marks
        ],
        "found": _("%(here)s in view, of %(placed)s on the map")
        % {"here": f"{page.here:,}", "placed": f"{page.placed:,}"},
        "as_of": glance.as_of_words(page.as_of, at)
        if page.as_of
        else _("The map is just being filled; look again soon."),
        "nowhere": f"{page.nowhere:,}" if page.nowhere else "",
        "board_href": addresses.board_url(version.mechanism) + _query(wish),
        "map_href": path + _query(wish),
    }
    if asked.cell is not None:
        listed = boards.in_cell(version.mechanism, _filters(wish), asked.cell, after=after, size=SIZE)
        here = {**wish, "cell": f"{asked.cell[0]}.{asked.cell[1]}"}
        n = next((one.n for one in page.clusters if one.squares.holds(asked.cell, finest(rules))), 0)
        context |= {
            "found": ngettext(
                "%(n)s matter in this square, newest first", "%(n)s matters in this square, newest first", n
            )
            % {"n": f"{n:,}"},
            "rows": [list_row(row, at) for row in listed.rows],
            "next": path + _query({**here, "after": listed.next}) + "#entries" if listed.next else "",
            "first": path + _query(here) + "#entries" if after else "",
        }
    return context


def _query(wish: dict[str, str]) -> str:
    return f"?{urlencode(wish)}" if wish else ""


def _around(
    version: rulebook.VersionView,
    asked: Asked,
    rules: MapRules,
    source: Tiles | None,
    wish: dict[str, str],
    datum: Datum,
    given: dict[str, str],
) -> dict[str, Any]:
    path = addresses.board_url(version.mechanism) + "map"
    category = version.program.fields.get("category")
    titles = {
        "posted": _("Posted"),
        "open": _("In hand"),
        "overdue": _("Overdue"),
        "struck": _("Struck off"),
        "failed": _("Failed"),
        "all": _("All"),
    }
    seen = {name: given[name] for name in ("bbox", "cell") if given[name] and not given["zoom"]}
    root = people.root_area()
    return {
        "board": addresses.board(version),
        "tabs": [
            {
                "title": titles[show],
                "href": path + _query({**wish, "show": show, **seen} if show != "posted" else _but_show(wish) | seen),
                "current": show == wish.get("show", "posted"),
            }
            for show in SHOWN
        ],
        "show": wish.get("show", ""),
        "category": wish.get("category", ""),
        "categories": [{"value": one.id, "title": said(one.title)} for one in (category.choices if category else ())],
        "areas": [
            {"value": view.code, "title": said(view.names), "current": view.code == given["area"]}
            for view in (people.children(root.code) if root else ())
            if view.centre is not None
        ],
        "names": mapview.names_on(asked.box),
        "lines": mapview.graticule(asked.box),
        "outlines": mapview.outlines(asked.box, rules),
        "approval": _approval(rules, source),
        "square_m": f"{width_m(finest(rules), latitude=(rules.bounds[1] + rules.bounds[3]) / 2):.0f}",
        "is_narrowed": bool(given["bbox"] or given["cell"] or given["area"]),
        "tiles": source,
        "map_data": mapview.for_script(asked.box, rules, datum),
    }


def _but_show(wish: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in wish.items() if name != "show"}


def _approval(rules: MapRules, source: Tiles | None) -> list[str]:
    """What the law or the source wants to be written on the map."""
    said_ = [source.credit] if source else []
    if source and source.review_number:
        said_.append(_("Map review number: %(number)s") % {"number": source.review_number})
    if rules.boundaries is not None:
        words = said(rules.boundaries.approval)
        said_.append(_("Map review number: %(number)s") % {"number": words} if rules.boundaries.is_number else words)
    return said_

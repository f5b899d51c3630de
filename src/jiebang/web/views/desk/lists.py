"""Work lists: every open matter of my offices or areas, narrowed, sorted, page by page, and kept under a name.

The address says it all, so a list can be bookmarked, sent to a colleague and saved; what an address says that the
city does not have is left out and told.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from jiebang.boards import queries as boards
from jiebang.boards.queries import Wanted
from jiebang.engine.model import Actor
from jiebang.people import queries as people
from jiebang.rulebook import queries as rulebook
from jiebang.web import saved
from jiebang.web.rows import clock as clock_at
from jiebang.web.views.desk import shown
from jiebang.web.views.desk.staff import account_of, at_the_desk, units_of
from jiebang.web.words import said

NAMES = ("scope", "kind", "mechanism", "state", "area", "category", "unit", "due", "sort")
SIZE = 50


@dataclass(frozen=True, slots=True)
class Choice:
    value: str
    title: str


def address(**wanted: str) -> str:
    """Return the address of a list."""
    query = urlencode({name: wanted[name] for name in NAMES if wanted.get(name)})
    return reverse("desk-list") + (f"?{query}" if query else "")


@require_safe
@at_the_desk
def work_list(request: HttpRequest, actor: Actor) -> HttpResponse:
    from jiebang.web.views.desk.day import ends_at

    now = timezone.now()
    clock = clock_at(now)
    wanted, unknown = read(request.GET, actor)
    page = boards.desk_list(actor, wanted, ends_at(now), after=request.GET.get("after", ""), size=SIZE)
    here = _as_query(wanted)
    context = {
        "here": "list",
        "rows": [shown.desk_row(row, clock) for row in page.rows],
        "count": f"{boards.COUNT_CAP:,}+" if page.is_capped else f"{page.count:,}",
        "n": page.count,
        "as_of": clock.moment(now),
        "sorted": dict(sorts())[wanted.sort],
        "unknown": unknown,
        "wanted": wanted,
        "filters": filters(wanted, actor),
        "scopes": [
            {"title": title, "href": "?" + _as_query(wanted, scope=value), "current": wanted.scope == value}
            for value, title in scopes(actor)
        ],
        "query": here,
        "is_narrowed": any(getattr(wanted, name) for name in NAMES if name not in ("scope", "sort")),
        "clear": "?" + urlencode({"scope": wanted.scope}),
        "next": f"?{here}&after={page.next}" if page.next else "",
        "first": f"?{here}" if request.GET.get("after") else "",
        "saved": [
            {"name": one.name, "href": f"?{one.query}", "current": one.query == here}
            for one in saved.lists_of(account_of(request))
        ],
        "longest_name": saved.LONGEST_NAME,
    }
    return render(request, "desk/list.html", context)


# ── Reading an address ──────────────────────────────────────────────────────────────────────────────────────


def read(given: QueryDict, actor: Actor) -> tuple[Wanted, list[str]]:
    """Return what a list is narrowed to, and what was asked for that there is not (it is left out)."""
    allowed = {name: {choice.value for choice in choices} for name, choices in _choices(actor).items()}
    allowed |= {
        "scope": {value for value, _ in scopes(actor)},
        "sort": set(boards.SORTS),
    }
    taken: dict[str, Any] = {}
    unknown: list[str] = []
    for name in NAMES:
        value = given.get(name, "")
        if not value:
            continue
        if name == "area":
            if people.area(value) is not None:
                taken[name] = value
                continue
        elif value in allowed[name]:
            taken[name] = value
            continue
        unknown.append(value[:40])
    return Wanted(**taken), unknown


def _as_query(wanted: Wanted, **changed: str) -> str:
    return urlencode(
        {name: value for name in NAMES if (value := changed.get(name, getattr(wanted, name))) and value != _PLAIN[name]}
    )


_PLAIN = {name: getattr(Wanted(), name) for name in NAMES}


def scopes(actor: Actor) -> list[tuple[str, str]]:
    found = [("ours", gettext("Ours to do")), ("area", gettext("All of our area"))]
    if any(held.office == "handler" for held in actor.appointments):
        found.insert(1, ("open", gettext("Open to claim")))
    return found


def sorts() -> list[tuple[str, str]]:
    return [
        ("due", gettext("next due first")),
        ("waiting", gettext("longest in its state first")),
        ("raised", gettext("newest first")),
    ]


def kinds() -> list[tuple[str, str]]:
    """The board office's own lists, in its words."""
    return [
        ("unclaimed", gettext("Unclaimed")),
        ("offered", gettext("Offered to a unit")),
        ("given-back", gettext("Offer refused")),
        ("overdue", gettext("Overdue")),
        ("escalated", gettext("Escalated")),
        ("handed-on", gettext("Handed on more than twice")),
        ("call-back", gettext("To be called back")),
    ]


# ── What can be chosen ──────────────────────────────────────────────────────────────────────────────────────


def filters(wanted: Wanted, actor: Actor) -> list[dict[str, Any]]:
    """Return the selects of the list's form. An area is narrowed one level at a time."""
    choices = _choices(actor)
    labels = {
        "mechanism": gettext("Board"),
        "kind": gettext("List"),
        "state": gettext("State"),
        "area": gettext("Area"),
        "category": gettext("Category"),
        "unit": gettext("Held by the unit"),
        "due": gettext("Due"),
    }
    choices["area"] = _areas(wanted, actor)
    found = [
        {
            "name": name,
            "label": label,
            "any": gettext("All"),
            "choices": choices[name],
            "value": getattr(wanted, name),
        }
        for name, label in labels.items()
        if len(choices[name]) > (1 if name == "mechanism" else 0)
    ]
    return [
        *found,
        {
            "name": "sort",
            "label": gettext("Sorted by"),
            "any": "",
            "choices": [Choice(value, title) for value, title in sorts()],
            "value": wanted.sort,
        },
    ]


def _choices(actor: Actor) -> dict[str, list[Choice]]:
    versions = {version.mechanism: version.program for version in rulebook.mechanisms()}
    states = {
        state.name: said(state.title) for program in versions.values() for state in program.states.values()
    }  # one name, one meaning: titles are kept by name
    categories = {
        choice.id: said(choice.title)
        for program in versions.values()
        if (field := program.fields.get("category")) is not None
        for choice in field.choices
    }
    return {
        "mechanism": [Choice(name, said(program.title)) for name, program in sorted(versions.items())],
        "kind": [Choice(*each) for each in kinds()],
        "state": [Choice(*each) for each in states.items()],
        "category": [Choice(*each) for each in categories.items()],
        "unit": [Choice(unit.slug, said(unit.names)) for unit in _units(actor)],
        "due": [
            Choice("overdue", gettext("Overdue")),
            Choice("today", gettext("Today")),
            Choice("week", gettext("This week")),
            Choice("later", gettext("Later")),
        ],
    }


def _units(actor: Actor) -> list[people.UnitView]:
    found: dict[str, people.UnitView] = {unit.slug: unit for unit in units_of(actor) if unit.kind == "unit"}
    for code in boards.areas_of(actor):
        found |= {unit.slug: unit for unit in people.handling_units(code)}
    return list(found.values())


def _areas(wanted: Wanted, actor: Actor) -> list[Choice]:
    """Return the actor's areas with the next level below each, and below the chosen one: one level at a time."""
    chosen = people.area(wanted.area) if wanted.area else None
    path = set(chosen.path) if chosen else set()
    found: list[Choice] = []

    def below(code: str, depth: int) -> None:
        for area in people.children(code):
            found.append(Choice(area.code, "\u2003" * depth + said(area.names)))
            if area.code in path:
                below(area.code, depth + 1)

    mine = boards.areas_of(actor)
    for code in mine:
        area = people.area(code)
        if area is not None and len(mine) > 1:
            found.append(Choice(code, said(area.names)))
        below(code, 1 if len(mine) > 1 else 0)
    return found


# ── Kept under a name ───────────────────────────────────────────────────────────────────────────────────────


@require_POST
@at_the_desk
def save(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Keep the list shown under a name. Only what reads as a list is kept."""
    name = " ".join(request.POST.get("name", "").split())
    query = _as_query(read(QueryDict(request.POST.get("query", "")[:2000]), actor)[0])
    if not name or len(name) > saved.LONGEST_NAME or not name.isprintable():
        return _refused(request, query, gettext("The name is empty or too long. Give it up to 40 characters."))
    if not saved.keep_list(account_of(request), name, query):
        return _refused(request, query, gettext("There are 30 saved lists already. Forget one first."))
    return _back(query)


@require_POST
@at_the_desk
def forget(request: HttpRequest, actor: Actor) -> HttpResponse:
    saved.forget_list(account_of(request), request.POST.get("name", ""))
    return _back(_as_query(read(QueryDict(request.POST.get("query", "")[:2000]), actor)[0]))


def _back(query: str) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("desk-list") + (f"?{query}" if query else ""), status=303)


def _refused(request: HttpRequest, query: str, what: str) -> HttpResponse:
    context = {"here": "list", "what": what, "back": reverse("desk-list") + f"?{query}"}
    return render(request, "desk/not_saved.html", context, status=400)

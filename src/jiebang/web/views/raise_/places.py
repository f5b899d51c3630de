"""Picking an area in steps: from the city down to the last level, or by its name."""

from __future__ import annotations

from dataclasses import dataclass

from jiebang.people import queries as people
from jiebang.people.queries import AreaView
from jiebang.web.words import said

MOST_FOUND = 12


@dataclass(frozen=True, slots=True)
class Place:
    """An area as the page names it. `is_last`: nothing lies below, so it can be chosen."""

    code: str
    name: str
    within: str
    is_last: bool


@dataclass(frozen=True, slots=True)
class Step:
    """Where the reader stands in the tree: the way down, what lies below, what a search found."""

    way: list[Place]
    below: list[Place]
    found: list[Place]
    searched: str = ""

    @property
    def here(self) -> Place | None:
        return self.way[-1] if self.way else None


def is_last(code: str) -> bool:
    """Whether an entry can stand at this area: it exists and nothing lies below it."""
    return bool(code) and people.area(code) is not None and not people.children(code)


def step(code: str, *, search: str = "") -> Step:
    """Return the step at `code`, or at the top when there is no such area."""
    here = people.area(code) or people.root_area()
    if here is None:
        return Step([], [], [], search)
    return Step(
        way=[_place(view) for each in here.path if (view := people.area(each))],
        below=[_place(view) for view in people.children(here.code)],
        found=[_place(view) for view in people.find_areas(search, MOST_FOUND) if view.parent] if search else [],
        searched=search,
    )


def whole_name(code: str) -> str:
    """Return the area's name after the names above it, the city left out."""
    view = people.area(code)
    if view is None:
        return ""
    return " › ".join(said(each.names) for part in view.path[1:] if (each := people.area(part)))


def _place(view: AreaView) -> Place:
    above = [said(each.names) for part in view.path[1:-1] if (each := people.area(part))]
    return Place(view.code, said(view.names), " › ".join(above), not people.children(view.code))

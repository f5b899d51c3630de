"""Who a post is, here: whoever holds its office, or acts for its unit, at the area a subject lies in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from jiebang.engine.model import Actor, Appointment
from jiebang.engine.parties import HANDLER
from jiebang.engine.rounds.model import Post
from jiebang.people import queries as people


@dataclass(frozen=True, slots=True)
class Owner:
    """Who owes an answer: an office, or a unit (then the office is the handler's), at an area."""

    party: str  # done-by, else, opened-by
    office: str
    unit: str
    area: str


def owner_of(area: str, posts: Sequence[tuple[str, Post]]) -> Owner:
    """Return the first of these posts, each with what it is called in the log, that exists where a subject lies."""
    place = people.place(area)
    for party, post in posts:
        code = place.get(post.level, "")
        if not code:
            continue
        if post.kind == "office":
            return Owner(party, post.name, "", code)
        if unit := unit_at(post, code):
            return Owner(party, HANDLER, unit, code)
    return Owner(posts[-1][0], posts[-1][1].name, "", "")


def unit_at(post: Post, code: str) -> str:
    """Return the slug of a post's unit in an area, or an empty text."""
    slugs = [unit.slug for unit in people.units_of(code)]
    return next((slug for slug in slugs if slug == post.name or slug.endswith(f"-{post.name}")), "")


def held(actor: Actor, post: Post) -> Iterator[Appointment]:
    """Return the appointments by which somebody is this post, wherever."""
    for one in actor.appointments:
        if one.level != post.level:
            continue
        if post.kind == "office":
            if one.office == post.name:
                yield one
        elif one.office == HANDLER and one.unit == unit_at(post, one.area):
            yield one


def areas_of(actor: Actor, post: Post) -> list[str]:
    """Return the areas in which somebody is this post, each with all below it theirs."""
    return list(dict.fromkeys(one.area for one in held(actor, post)))


def reaches(areas: Sequence[str], code: str) -> bool:
    """Whether an area lies in, or is, one of `areas`."""
    found = people.area(code)
    return found is not None and any(area in found.path for area in areas)


def is_owner(actor: Actor, owner: Mapping[str, str]) -> Appointment | None:
    """Return the appointment by which somebody owes what `owner` (office, unit, owner_area) owes."""
    for one in actor.appointments:
        is_there = one.office == owner["office"] and one.area == owner["owner_area"]
        if is_there and owner["unit"] in ("", one.unit):
            return one
    return None

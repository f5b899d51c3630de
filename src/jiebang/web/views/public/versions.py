"""The versions of a board: which held where and when, who stood behind each, what each changed; and the answer for a
day and a place."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from jiebang.engine.differences import differences
from jiebang.people import queries as people
from jiebang.rulebook import queries as rulebook
from jiebang.rulebook.queries import VersionView
from jiebang.rulebook.scopes import Period
from jiebang.web.rows import clock
from jiebang.web.versions import area_name, version_words
from jiebang.web.views.public import addresses
from jiebang.web.words import said

LONGEST = 60


def versions(request: HttpRequest, mechanism: str) -> HttpResponse:
    """Every version, newest first; with a day, the one that held then, in an area or in the city."""
    known = {version.id: version for version in rulebook.versions(mechanism)}
    if not known or any(version.program.log == "veiled" for version in known.values()):
        raise Http404
    today = clock(timezone.now()).today
    newest = max(known.values(), key=lambda version: (not version.areas, version.since, version.id))
    context: dict[str, Any] = {
        "board": addresses.board(newest),
        "versions": [_line(period, known, today) for period in rulebook.periods(mechanism)],
        "today": today.isoformat(),
        **_answer(request, mechanism, today),
    }
    return render(request, "public/versions.html", context)


def _line(period: Period, known: dict[int, VersionView], today: date) -> dict[str, Any]:
    version = known[period.version.id]
    return {
        **version_words(version),
        "until": period.ends.isoformat() if period.ends else "",
        "never": period.ends == period.begins,
        "now": period.begins <= today and (period.ends is None or today < period.ends),
        "title": said(version.program.title),
        "changes": _changes(version, known),
    }


def _changes(version: VersionView, known: dict[int, VersionView]) -> list[str]:
    """Return what a version changed against the one it was made from, else against the one of its scope before it."""
    made_from = next((one for one in known.values() if version.adopts and one.program_hash == version.adopts), None)
    before = [
        one
        for one in known.values()
        if one.scope == version.scope and (one.since, one.id) < (version.since, version.id)
    ]
    earlier = made_from or max(before, key=lambda one: (one.since, one.id), default=None)
    if earlier is None:
        return []
    return [said(texts) for texts in differences(earlier.program, version.program, calendar=rulebook.calendar())]


def _answer(request: HttpRequest, mechanism: str, today: date) -> dict[str, Any]:
    """Answer what held on a day in an area; an unknown place or day is said, never guessed."""
    on, place = request.GET.get("on", "")[:LONGEST].strip(), request.GET.get("area", "")[:LONGEST].strip()
    if not on and not place:
        return {}
    try:
        day = date.fromisoformat(on) if on else today
    except ValueError:
        return {"on": on, "area": place, "bad_day": True}
    found = _area(place)
    shown = {"on": day.isoformat(), "area": place}
    if place and not found:
        return shown | {"bad_area": True}
    try:
        version = rulebook.in_force(mechanism, on=day, area=found)
    except rulebook.NotPublished:
        return shown | {"none": True}
    return shown | {"held": version_words(version), "held_in": area_name(found) if found else ""}


def _area(words: str) -> str:
    """Return the code of an area named by code or by its whole name, if only one bears it."""
    if people.area(words) is not None:
        return words
    wanted = words.casefold()
    named = [area for area in people.find_areas(words) if wanted in (name.casefold() for name in area.names.values())]
    return named[0].code if len(named) == 1 else ""

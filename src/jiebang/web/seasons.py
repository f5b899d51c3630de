"""The seasons in which a mechanism's limits are shorter: when they are, and whether one holds now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from jiebang.engine.model import Program, Texts
from jiebang.rulebook import queries as rulebook
from jiebang.web.words import month_day, said


@dataclass(frozen=True, slots=True)
class SeasonWords:
    """One season: its name and its days as a sentence, and the same said of today."""

    text: str
    holds: bool
    now: str


def of(program: Program, *, today: date) -> list[SeasonWords]:
    """Return the seasons a mechanism knows, in the order it names them."""
    titles: dict[str, Texts] = {}
    for state in program.states.values():
        for one in state.limit.during:
            titles.setdefault(one.season, one.title)
    known = rulebook.calendar().almanac.seasons
    return [
        _words(said(title), season.first, season.last, season.holds(today))
        for key, title in titles.items()
        for season in known.get(key, ())
    ]


def _words(name: str, first: str, last: str, holds: bool) -> SeasonWords:
    period = {"season": name, "first": _day(first), "last": _day(last)}
    text = _("Some limits are shorter in %(season)s, %(first)s to %(last)s.") % period
    now = _("It is %(season)s now, until %(last)s: the shorter limits hold for what begins now.") % period
    return SeasonWords(text, holds, now)


def _day(said: str) -> str:
    """A yearly season may end on 29 February, so its days are no dates of this year."""
    *year, month, day = (int(part) for part in said.split("-"))
    return month_day(month, day, *year)

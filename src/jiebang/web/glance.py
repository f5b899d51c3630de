"""A board's counts for the front page and the tabs: open, overdue, failed, struck off."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from jiebang.boards import queries as boards
from jiebang.people import queries as people
from jiebang.scoring import queries as scoring
from jiebang.web.rows import Clock
from jiebang.web.words import count_words


@dataclass(frozen=True, slots=True)
class Counts:
    """A board's counts in an area. `as_of` says when the follower made them; None: counted just now, up to a cap."""

    open: int
    overdue: int
    failed: int
    solved: int
    in_states: int = 0
    as_of: datetime | None = None

    def words(self, n: int) -> str:
        """Return one of these counts as it is said: a count made just now beyond the cap is `1,000+`."""
        return capped(n) if self.as_of is None else count_words(n)


def capped(n: int) -> str:
    """A count made just now as it is said: beyond the cap, `1,000+`."""
    return f"{boards.COUNT_CAP:,}+" if n > boards.COUNT_CAP else count_words(n)


def counts(mechanism: str, *, area: str = "", states: Sequence[str] = ()) -> Counts:
    """Return the counts of a board, of the city or of one area.

    Every area is counted by the follower, once for all pages: two pages never give two numbers for one thing. Only a
    city the follower has not come to yet is counted now.
    """
    kept = figures_kept(mechanism, area)
    if kept is None:
        now = boards.counts(mechanism, area=area, states=states)
        return Counts(now["open"], now["overdue"], now["failed"], now["solved"], now.get("in_states", 0))
    in_states = sum(kept.states.get(state, 0) for state in states)
    return Counts(kept.open, kept.overdue, kept.failed, kept.ever.get("solved", 0), in_states, kept.as_of)


def figures_kept(mechanism: str, area: str = "") -> scoring.Figures | None:
    """Return the figures of the city (`area` empty) or an area as the follower last made them; None if it has not."""
    view = people.area(area) if area else people.root_area()
    if view is None:
        return None
    found = scoring.figures(mechanism, view.code)
    return found if found.as_of else None


def of_boards() -> dict[str, scoring.Figures]:
    """Return the city's figures of every board that has had an entry, by mechanism: one question for all of them."""
    root = people.root_area()
    return scoring.figures_of_boards(root.code) if root else {}


def as_of_words(moment: datetime | None, at: Clock) -> str:
    return _("As of %(moment)s") % {"moment": at.moment(moment or at.now)}


def of_the_city(mechanism: str, *, href: str, at: Clock) -> tuple[list[dict[str, Any]], str]:
    """The four large numbers of the front page, and as of when they are."""
    found = figures_kept(mechanism)
    if found is None:
        now = counts(mechanism)
        shown = [
            _open(now.words(now.open), href),
            _overdue(now.words(now.overdue), href),
            _failed(now.words(now.failed), href),
            _struck(now.words(now.solved), _("struck off"), "", href),
        ]
        return shown, as_of_words(None, at)
    median = found.median_days
    note = (
        ""
        if median == "n/a"
        else _("half of them within %(days)s days (n\u00a0=\u00a0%(n)s)")
        % {"days": median, "n": count_words(found.struck)}
    )
    shown = [
        _open(count_words(found.open), href),
        _overdue(count_words(found.overdue), href),
        _failed(count_words(found.failed), href),
        _struck(count_words(found.struck_this_month), _("struck off this month"), note, href),
    ]
    return shown, as_of_words(found.as_of, at)


def _open(value: str, href: str) -> dict[str, str]:
    return {"value": value, "label": _("being worked on"), "href": f"{href}?show=open"}


def _overdue(value: str, href: str) -> dict[str, str]:
    return {"value": value, "label": _("overdue"), "href": f"{href}?show=overdue"}


def _failed(value: str, href: str) -> dict[str, str]:
    return {"value": value, "label": _("failed"), "note": _("kept for ever"), "href": f"{href}?show=failed"}


def _struck(value: str, label: str, note: str, href: str) -> dict[str, str]:
    return {"value": value, "label": label, "note": note, "href": f"{href}?show=struck"}

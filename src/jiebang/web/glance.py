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
    """Counted just now, each up to a cap: beyond it they are said as `1,000+`."""

    open: int
    overdue: int
    failed: int
    solved: int
    in_states: int = 0


def counts(mechanism: str, *, area: str = "", states: Sequence[str] = ()) -> Counts:
    return Counts(**boards.counts(mechanism, area=area, states=states))


def capped(n: int) -> str:
    return f"{boards.COUNT_CAP:,}+" if n > boards.COUNT_CAP else f"{n:,}"


def as_of_words(moment: datetime | None, at: Clock) -> str:
    return _("As of %(moment)s") % {"moment": at.moment(moment or at.now)}


def city_figures(mechanism: str) -> scoring.Figures | None:
    """The whole city's figures as the follower last made them; None before it came by once."""
    root = people.root_area()
    found = scoring.figures(mechanism, root.code) if root else None
    return found if found and found.as_of else None


def of_the_city(mechanism: str, *, href: str, at: Clock) -> tuple[list[dict[str, Any]], str]:
    """The four large numbers of the front page, and as of when they are."""
    found = city_figures(mechanism)
    if found is None:
        now = counts(mechanism)
        shown = [
            _open(capped(now.open), href),
            _overdue(capped(now.overdue), href),
            _failed(capped(now.failed), href),
            _struck(capped(now.solved), _("struck off"), "", href),
        ]
        return shown, as_of_words(None, at)
    median = found.median_days
    note = (
        ""
        if median == "n/a"
        else _("half of them within %(days)s days (n = %(n)s)") % {"days": median, "n": found.struck}
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

"""A board's counts for the front page and the tabs: open, overdue, failed, struck."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from jiebang.boards import queries as boards
from jiebang.web.rows import Clock
from jiebang.web.words import count_words


@dataclass(frozen=True, slots=True)
class Counts:
    """`as_of` is None when counted just now; counts above the cap are said as `1,000+`."""

    open: int
    overdue: int
    failed: int
    solved: int
    as_of: datetime | None = None
    cap: int | None = boards.COUNT_CAP


def counts(mechanism: str, *, area: str = "") -> Counts:
    return Counts(**boards.counts(mechanism, area=area))


def as_of_words(here: Counts, at: Clock) -> str:
    return _("As of %(moment)s") % {"moment": at.moment(here.as_of or at.now)}


def figures(here: Counts, *, href: str, at: Clock) -> list[dict[str, Any]]:
    """The four large numbers of the front page."""
    return [
        {"value": _n(here.open, here), "label": _("being worked on"), "href": f"{href}?show=open"},
        {"value": _n(here.overdue, here), "label": _("overdue"), "href": f"{href}?show=overdue"},
        {
            "value": _n(here.failed, here),
            "label": _("failed"),
            "note": _("kept for ever"),
            "href": f"{href}?show=failed",
        },
        {"value": _n(here.solved, here), "label": _("struck off"), "href": f"{href}?show=struck"},
    ]


def _n(n: int, here: Counts) -> str:
    return count_words(n, cap=here.cap)

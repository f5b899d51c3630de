"""One board in one area, counted now: what the follower keeps for the city and its counties, and what a page asks of a
township or a community, which are small enough to be counted while the page is made."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from jiebang.boards import queries as boards
from jiebang.rulebook import queries as rulebook
from jiebang.scoring.definitions import board_definition


def counted(mechanism: str, area: str, *, at: datetime) -> dict[str, Any]:
    """Return the counts of which figures are made, as JSON keeps them; months and days are the city's."""
    local = at.astimezone(ZoneInfo(rulebook.city().zone))
    month = local.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    tally = boards.tally(
        mechanism, area=area, since=at - timedelta(days=board_definition().window_days), month=month, at=at
    )
    satisfied = {level: n for level, n in tally.satisfied.items() if level}
    return {
        "open": tally.open,
        "overdue": tally.overdue,
        "failed": tally.failed,
        "struck_this_month": tally.struck_this_month,
        "closed": dict(tally.closed),
        "verified": {how or "none": n for how, n in tally.verified.items()},
        "median_days_100": tally.median_days_100,
        "counts": {
            **satisfied,
            "rated": sum(satisfied.values()),
            "struck": tally.closed.get("solved", 0),
            "failed": tally.closed.get("failed", 0),
            "yes": tally.solved.get("yes", 0),
            "partly": tally.solved.get("partly", 0),
        },
    }

"""Which years' calendars a city will need next: a limit that reaches a year without a table is refused.

A year's holidays are decreed late in the year before, and limits of a year's length reach far beyond. So the table
is missed long before its year begins, and nobody thinks of it in time.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal

from jiebang.engine.model import Amount, Program
from jiebang.engine.worktime import Calendar, CalendarEnds, due

HORIZON = timedelta(days=457)  # fifteen months: time to write a table, and to notice it in the yearly round
# From October on a year's notice may be out; before, nobody can do anything about a year that is estimated. Those of
# 2022 to 2026 came between 25 October and 8 December.
NOTICE = timedelta(days=92)


@dataclass(frozen=True, slots=True)
class Lack:
    """A year that is `missing` or only `estimated`. From `since` on limits reach it; `now`: they do already."""

    year: int
    how: Literal["missing", "estimated"]
    since: date
    now: bool


def lacks(calendar: Calendar, programs: Iterable[Program], *, today: date) -> list[Lack]:
    """Return the years within fifteen months that have no table, any such year that limits reach today, and the years
    that are only estimated although their notice may be out."""
    soon = [year for year in calendar.years if date(year.year, 1, 1) <= today + NOTICE and year.year >= today.year]
    found = [
        Lack(year.year, "estimated", date(year.year, 1, 1), year.year == today.year)
        for year in soon
        if year.status == "estimated"
    ]
    after = calendar.last_day + timedelta(days=1)
    amounts = {amount for program in programs for amount in counted(program)}
    first = _first_refused(calendar, amounts, today=today)
    if first <= today or after <= today + HORIZON:
        found.append(Lack(max(after.year, today.year), "missing", first, first <= today))
    return found


def counted(program: Program) -> set[Amount]:
    """Return every length a program counts by a calendar. Extensions are left out: they come later."""
    amounts = {amount for state in program.states.values() for amount in state.limit.lengths}
    amounts |= {duty.limit for state in program.states.values() for duty in state.duties.values() if duty.limit}
    amounts |= {span.amount for span in program.spans.values()}
    return {amount for amount in amounts if amount.unit in ("wd", "d", "wh")}


def _first_refused(calendar: Calendar, amounts: Iterable[Amount], *, today: date) -> date:
    """Return the first day on which a limit that begins reaches beyond the tables."""
    amounts = list(amounts)
    for ordinal in range(today.toordinal(), calendar.last_day.toordinal() + 1):
        day = date.fromordinal(ordinal)
        if not all(_fits(amount, day, calendar) for amount in amounts):
            return day
    return max(calendar.last_day + timedelta(days=1), today)


def _fits(amount: Amount, day: date, calendar: Calendar) -> bool:
    try:
        due(datetime.combine(day, time(12), calendar.tz).astimezone(UTC), amount, calendar)
    except CalendarEnds:
        return False
    return True

"""The days a promise may be given for: a list to choose from says more than an error afterwards."""

from __future__ import annotations

from datetime import date, datetime

from django.utils.translation import gettext, ngettext

from jiebang.engine.model import Amount, Move, Program
from jiebang.engine.worktime import Calendar, CalendarEnds, due
from jiebang.web.forms.questions import Day
from jiebang.web.words import day_words

LONGEST_LIST = 40  # days; beyond that a date is typed


def promised_days(program: Program, move: Move, calendar: Calendar, *, at: datetime) -> dict[str, list[Day]]:
    """Return, for each date `move` asks that a later limit waits for, the working days that may be promised.

    A date no limit waits for, or one without a ceiling, is left out: it is typed freely.
    """
    asked = {ask.field for ask in move.ask if program.fields[ask.field].type == "date"}
    found: dict[str, list[Day]] = {}
    for state in program.states.values():
        name, ceiling = state.limit.until, state.limit.ceiling
        if name in asked and name is not None and ceiling is not None and name not in found:
            days = _days_until(ceiling, calendar, at=at)
            if days:
                found[name] = days
    return found


def _days_until(ceiling: Amount, calendar: Calendar, *, at: datetime) -> list[Day]:
    today = calendar.local_day(at)
    try:
        last = calendar.due_day(due(at, ceiling, calendar).moment)
        ahead = calendar.working_days_between(today, last)
        if ahead > LONGEST_LIST:
            return []
        return [_named(calendar.add_working_days(today, n), n, today) for n in range(1, ahead + 1)]
    except CalendarEnds:
        # The published years end before the ceiling does; the engine will say so if that day is typed.
        return []


def _named(day: date, n: int, today: date) -> Day:
    away = ngettext("in %(n)s working day", "in %(n)s working days", n) % {"n": n}
    return Day(day, gettext("%(day)s, %(away)s") % {"day": day_words(day, today=today), "away": away})

"""Whether the answers of a move are what it requires: a date far enough off, a choice that follows from another."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from jiebang.engine.dues import amount_title
from jiebang.engine.model import Field, Json, Move, Program, Refused, Requirement, Texts
from jiebang.engine.refusals import refuse
from jiebang.engine.worktime import Calendar, due


def unmet(
    program: Program, move: Move, answers: Mapping[str, Json], *, at: datetime, calendar: Calendar
) -> Refused | None:
    """Return why the answers cannot be taken: the first requirement they do not meet."""
    for one in move.require:
        answer = answers.get(one.field)
        if not isinstance(answer, str):
            continue
        asked = program.fields[one.field]
        if one.side == "match":
            must = required_answer(one, answers)
            if must and answer != must:
                by = program.fields[one.by]
                return refuse(
                    "answer-not-that", about=one.field, field=asked.title, must=_title(asked, must), by=by.title
                )
            continue
        limit = boundary(one, answers, at=at, calendar=calendar)
        if limit is None:
            continue
        assert one.amount is not None
        day = date.fromisoformat(answer)
        since = program.fields[one.since].title if one.since else {"zh": "今天", "en": "today"}
        said: dict[str, Texts | str | int] = {
            "field": asked.title,
            "amount": amount_title(one.amount),
            "since": since,
            "day": limit.isoformat(),
        }
        if one.side == "at-least" and day < limit:
            return refuse("date-too-soon", about=one.field, **said)
        if one.side == "at-most" and day > limit:
            return refuse("date-too-far", about=one.field, **said)
    return None


def boundary(one: Requirement, answers: Mapping[str, Json], *, at: datetime, calendar: Calendar) -> date | None:
    """The first day a date may be ("at-least"), or the last; None when what it is measured from is not answered.

    A length is counted from that day on as a notice is: `10 d` from the 1st is the 11th, `3 wd` the third working day.
    """
    start = at
    if one.since:
        other = answers.get(one.since)
        if not isinstance(other, str):
            return None
        start = calendar.closing_of(date.fromisoformat(other))
    assert one.amount is not None
    return calendar.due_day(due(start, one.amount, calendar, roll=False).moment)


def required_answer(one: Requirement, answers: Mapping[str, Json]) -> str:
    """What the choice must be by the other answer; "" when anything will do."""
    other = answers.get(one.by)
    if other is None:
        return ""
    return next((case.must for case in one.cases if other in case.values), one.other)


def _title(asked: Field, value: str) -> Texts:
    return next((choice.title for choice in asked.choices if choice.id == value), {"en": value})

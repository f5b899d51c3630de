"""When things are due on an entry: its state's limit, spans across states, duties beside it, promised dates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal, NamedTuple

from jiebang.engine.lookups import ANSWER, DUTY, lookups
from jiebang.engine.model import Amount, Deed, Duty, Facts, Field, Json, Limit, Program, Refused, State, Texts
from jiebang.engine.refusals import refuse
from jiebang.engine.worktime import Calendar, Due, due


@dataclass(frozen=True, slots=True)
class RunningLimit:
    """A limit that runs beside the state's own: a duty (late only marks it) or a span."""

    kind: Literal["duty", "span"]
    name: str
    due: datetime
    provisional: bool = False


class StateDue(NamedTuple):
    """When a state is due; `rows` names the policy rows and seasons that had a say."""

    moment: datetime
    provisional: bool
    rows: tuple[str, ...] = ()


def state_due(
    limit: Limit,
    *,
    at: datetime,
    raised_at: datetime,
    deeds: tuple[Deed, ...],
    answers: Mapping[str, Json],
    calendar: Calendar,
    place: Mapping[str, str],
) -> StateDue:
    """When a state entered at `at` is due, at that place (level → area code).

    A promised date counts when it lies ahead and not beyond the ceiling; left empty, or already over, the ceiling
    holds instead. An anchor (`since`) only shortens, and never to before `at`. A policy's row is taken as of the day of
    `at`; a season holds when it holds on that day. Neither ever lengthens what the mechanism itself says.
    """
    anchor = anchor_of(limit.since, at, raised_at, deeds)
    roll = limit.kind == "within"
    if limit.until is None:
        until, rows = max(_by_row(taken, anchor, at, place, calendar, roll=roll) for taken in limit.taken(answers))
        for season in limit.during:
            holding = calendar.almanac.season(season.season, on=calendar.local_day(at), place=place)
            if holding is not None:
                until = min(until, due(anchor, season.amount, calendar, roll=roll))
                rows = (*rows, holding.name)
        return StateDue(*_not_before(at, until), rows)
    assert limit.ceiling is not None
    ceiling = due(anchor, limit.ceiling, calendar, roll=roll)
    promised = answers.get(limit.until)
    if isinstance(promised, str):
        day = date.fromisoformat(promised)
        closing = calendar.closing_of(day)
        if at < closing <= ceiling.moment:
            return StateDue(closing, calendar.is_estimated(day))
    return StateDue(*_not_before(at, ceiling))


def _by_row(
    taken: tuple[Amount, str],
    anchor: datetime,
    at: datetime,
    place: Mapping[str, str],
    calendar: Calendar,
    *,
    roll: bool,
) -> tuple[Due, tuple[str, ...]]:
    """When that length ends: the number of the policy's row that counts, if there is one, never after the cap."""
    amount, policy = taken
    cap = due(anchor, amount, calendar, roll=roll)
    row = calendar.almanac.row(policy, on=calendar.local_day(at), place=place) if policy else None
    if row is None:
        return cap, ()
    return min(cap, due(anchor, row.amount, calendar, roll=roll)), (row.name,)


def anchor_of(since: str | None, at: datetime, raised_at: datetime, deeds: tuple[Deed, ...]) -> datetime:
    if since is None:
        return at
    if since == "raised":
        return raised_at
    return next((deed.at for deed in reversed(deeds) if deed.move == since), at)


def _not_before(at: datetime, found: Due) -> Due:
    return found if found.moment >= at else Due(at, found.provisional)


def promise_refused(
    field: Field, value: Json, *, at: datetime, anchor: datetime, ceiling: Amount, calendar: Calendar
) -> Refused | None:
    """Why a promised date cannot be taken: it must be a working day whose closing is ahead, within the ceiling."""
    latest = calendar.due_day(due(anchor, ceiling, calendar).moment)
    last = latest if calendar.is_working(latest) else calendar.add_working_days(latest, -1)
    day = date.fromisoformat(str(value))
    words: dict[str, Texts | str | int] = {"field": field.title, "latest": last.isoformat()}
    if day > last:
        return refuse("date-too-late", about=field.name, **words)
    if day < calendar.local_day(at) or calendar.closing_of(day) <= at:
        return refuse("date-past", about=field.name, **words)
    if not calendar.is_working(day):
        return refuse("date-not-working", about=field.name, day=day.isoformat(), **words)
    return None


def duty_due(duty: Duty, facts: Facts, *, since: datetime, calendar: Calendar) -> Due | None:
    """When a duty is due next; None when it has no limit of its own."""
    if duty.every:
        last = max((deed.at for deed in facts.deeds if deed.move == DUTY + duty.name), default=since)
        since = max(last, since)
    if duty.every in _MONTHS:
        return _after_months(since, _MONTHS[duty.every], duty.by_day, calendar)
    return due(since, duty.limit, calendar) if duty.limit else None


_MONTHS = {"month": 1, "quarter": 3}


def _after_months(moment: datetime, months: int, by_day: int, calendar: Calendar) -> Due:
    """24:00 of day `by_day` of the month after the month, or quarter, in which `moment` lies."""
    day = calendar.local_day(moment)
    month = (day.month - 1) // months * months + months + 1
    last = date(day.year + (month > 12), (month - 1) % 12 + 1, by_day)
    return Due(datetime.combine(last + timedelta(days=1), time(), calendar.tz).astimezone(UTC), False)


def amount_title(amount: Amount) -> Texts:
    """3 个工作日, 3 working days."""
    zh, en = {
        "wd": ("个工作日", "working day"),
        "d": ("天", "day"),
        "h": ("小时", "hour"),
        "wh": ("个办公小时", "office hour"),
        "min": ("分钟", "minute"),
    }[amount.unit]
    return {"zh": f"{amount.n} {zh}", "en": f"{amount.n} {en}{'' if amount.n == 1 else 's'}"}


def running_limits(program: Program, facts: Facts, calendar: Calendar) -> list[RunningLimit]:
    """Every duty, span and answer to an objection that runs beside the state's limit, earliest first: what a worklist
    shows as well."""
    found = [RunningLimit("span", name, moment) for name, moment in facts.spans.items()]
    state: State | None = program.states.get(facts.state)
    duties = [(duty, facts.state_since) for duty in state.duties.values()] if state else []
    known = lookups(program).running
    duties += [
        (known[name], since)
        for name, since in facts.running.items()
        if name in known and (state is None or name not in state.duties)
    ]
    for duty, since in duties:
        if duty.name in facts.duties_done and not duty.every:
            continue
        moment = duty_due(duty, facts, since=since, calendar=calendar)
        if moment is not None:
            found.append(RunningLimit("duty", duty.name, moment.moment, moment.provisional))
    found += [RunningLimit("duty", f"{ANSWER}{one.seq}", one.due) for one in facts.objections if one.due is not None]
    return sorted(found, key=lambda limit: (limit.due, limit.kind, limit.name))

"""Working time: when a limit ends, by a calendar that says which days work.

A calendar is a value made of published year tables. Nothing here guesses: a year that stands in no table raises
`CalendarEnds`, and a due that depends on a year still estimated says so (`provisional`).

Counting follows 民法典 201–203 (the first day is not counted; a last day off moves to the next working day; the day
ends at 24:00, or at the close of business where there are business hours):

    wd   closing of the n-th working day after the event's local day
    d    24:00 of the n-th calendar day after it; a day off moves to the next working day, unless it is a notice
    h min   that much later, whatever the calendar says
    wh   that many hours of open office
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import accumulate
from typing import Any, Literal, NamedTuple
from zoneinfo import ZoneInfo

from jiebang.engine.almanac import NO_ALMANAC, Almanac
from jiebang.engine.model import Amount, Json

Status = Literal["published", "estimated"]
DAY_MINUTES = 24 * 60


class CalendarError(ValueError):
    """A calendar's data that cannot be used. The message says what is wrong and what to do."""


class CalendarEnds(CalendarError):
    """A day was asked for whose year stands in no table of the calendar."""

    def __init__(self, calendar: str, year: int) -> None:
        self.calendar = calendar
        self.year = year
        self.zh = f"日历“{calendar}”没有 {year} 年的数据；请先加入该年的放假安排（未公布时可先加“estimated”估计表）。"
        self.en = (
            f'The calendar "{calendar}" has no table for {year}. Add that year\'s table first'
            ' (status "estimated" until it is published).'
        )
        super().__init__(self.en)


class Due(NamedTuple):
    """A moment in UTC; `provisional` when it depends on a year whose table is estimated."""

    moment: datetime
    provisional: bool


@dataclass(frozen=True, slots=True)
class Year:
    """One year's standing: who published it, and whether it is published at all."""

    year: int
    status: Status
    source: str = ""


@dataclass(frozen=True, slots=True)
class Calendar:
    """Which days work, from the first to the last year of its tables, and when the office is open.

    `off` and `work` are the exceptions to the weekend (1 Monday … 7 Sunday); `hours` are minutes of the local day.
    What else is dated, the numbers of policies and the seasons, travels with it; two calendars that differ in nothing
    else count alike, so they are equal.
    """

    id: str
    zone: str
    hours: tuple[tuple[int, int], ...]
    years: tuple[Year, ...]
    off: frozenset[date]
    work: frozenset[date]
    weekend: frozenset[int] = frozenset({6, 7})
    almanac: Almanac = field(default=NO_ALMANAC, repr=False, compare=False)  # numbers and seasons of that time
    tz: ZoneInfo = field(init=False, repr=False, compare=False)
    _first: int = field(init=False, repr=False, compare=False)  # ordinal of the first day with a table
    _upto: tuple[int, ...] = field(init=False, repr=False, compare=False)  # working days up to and with each day
    _days: tuple[int, ...] = field(init=False, repr=False, compare=False)  # ordinals of the working days
    _closings: tuple[datetime, ...] = field(init=False, repr=False, compare=False)  # of the working days, UTC
    _estimated: tuple[int, ...] = field(init=False, repr=False, compare=False)  # estimated days up to and with each day

    def __post_init__(self) -> None:
        _refuse_contradictions(self)
        first = date(self.years[0].year, 1, 1).toordinal()
        last = date(self.years[-1].year, 12, 31).toordinal()
        every_day = [date.fromordinal(o) for o in range(first, last + 1)]
        works = [self._works(day) for day in every_day]
        estimated = {y.year for y in self.years if y.status == "estimated"}
        tz = ZoneInfo(self.zone)
        closing = _clock(self.hours[-1][1])
        put = object.__setattr__  # the way a frozen value fills its own derived fields
        put(self, "tz", tz)
        put(self, "_first", first)
        put(self, "_upto", tuple(accumulate(works)))
        put(self, "_days", tuple(day.toordinal() for day, w in zip(every_day, works, strict=True) if w))
        put(
            self,
            "_closings",
            tuple(
                datetime.combine(day, closing, tz).astimezone(UTC) for day, w in zip(every_day, works, strict=True) if w
            ),
        )
        put(self, "_estimated", tuple(accumulate(day.year in estimated for day in every_day)))

    def _works(self, day: date) -> bool:
        return day in self.work or (day.isoweekday() not in self.weekend and day not in self.off)

    @property
    def first_day(self) -> date:
        return date.fromordinal(self._first)

    @property
    def last_day(self) -> date:
        return date.fromordinal(self._first + len(self._upto) - 1)

    @property
    def minutes_a_day(self) -> int:
        return sum(closes - opens for opens, closes in self.hours)

    def is_working(self, day: date) -> bool:
        """Raises CalendarEnds outside the tables: nobody knows yet."""
        self._index(day.toordinal())
        return self._works(day)

    def is_estimated(self, day: date) -> bool:
        at = self._index(day.toordinal())
        return self._estimated[at] > (self._estimated[at - 1] if at else 0)

    def local_day(self, moment: datetime) -> date:
        return moment.astimezone(self.tz).date()

    def due_day(self, moment: datetime) -> date:
        """The day people say a limit ends on: 24:00 belongs to the day it ends, not to the next one."""
        return (moment.astimezone(self.tz) - timedelta(milliseconds=1)).date()

    def closing_of(self, day: date) -> datetime:
        """The last closing of the office on that day, in UTC; on a day off too."""
        return datetime.combine(day, _clock(self.hours[-1][1]), self.tz).astimezone(UTC)

    def midnight_after(self, day: date) -> datetime:
        return datetime.combine(day + timedelta(days=1), time(), self.tz).astimezone(UTC)

    def add_working_days(self, day: date, n: int) -> date:
        """The n-th working day after `day`; before it when n is negative; `day` itself when 0."""
        if n == 0:
            return day
        upto = self._upto[self._index(day.toordinal())]
        at = upto + n - 1 if n > 0 else upto + n - (1 if self._works(day) else 0)
        return date.fromordinal(self._working_day(at))

    def working_days_between(self, start: date, end: date) -> int:
        """Working days after `start`, up to and with `end`; negative when `end` is earlier."""
        return self._upto[self._index(end.toordinal())] - self._upto[self._index(start.toordinal())]

    def next_working(self, day: date) -> date:
        """`day` when it works, else the next day that does."""
        return day if self.is_working(day) else self.add_working_days(day, 1)

    def _index(self, ordinal: int) -> int:
        at = ordinal - self._first
        if 0 <= at < len(self._upto):
            return at
        raise CalendarEnds(self.id, date.fromordinal(ordinal).year)

    def _working_day(self, at: int) -> int:
        if 0 <= at < len(self._days):
            return self._days[at]
        raise CalendarEnds(self.id, self.years[-1].year + 1 if at > 0 else self.years[0].year - 1)

    def _any_estimated(self, first: int, last: int) -> bool:
        """Whether an estimated day lies between two ordinals, both included."""
        low, high = self._index(first), self._index(last)
        return self._estimated[high] > (self._estimated[low - 1] if low else 0)


def due(start: datetime, amount: Amount, calendar: Calendar, *, roll: bool = True) -> Due:
    """When `amount` after `start` has passed. `roll=False` for notices: their last day may be a day off.

    Raises:
        CalendarEnds: the count reaches a year that stands in no table.

    Source: 民法典 201–203; 国务院办公厅's yearly notice on holidays (the calendar's tables).
    """
    if amount.n < 1:
        raise ValueError(f"A limit is at least 1, not {amount.n} {amount.unit}.")
    if amount.unit == "wd":
        return _after_working_days(start, amount.n, calendar)
    if amount.unit == "d":
        return _after_days(start, amount.n, calendar, roll=roll)
    if amount.unit == "h":
        return Due(start.astimezone(UTC) + timedelta(hours=amount.n), False)
    if amount.unit == "min":
        return Due(start.astimezone(UTC) + timedelta(minutes=amount.n), False)
    return _after_open_hours(start, amount.n, calendar)


def closing_of(day: date, calendar: Calendar) -> datetime:
    return calendar.closing_of(day)


def is_working(day: date, calendar: Calendar) -> bool:
    return calendar.is_working(day)


def working_days_between(start: date, end: date, calendar: Calendar) -> int:
    return calendar.working_days_between(start, end)


def add_working_days(day: date, n: int, calendar: Calendar) -> date:
    return calendar.add_working_days(day, n)


def _after_working_days(start: datetime, n: int, calendar: Calendar) -> Due:
    ordinal = start.astimezone(calendar.tz).toordinal()
    at = calendar._upto[calendar._index(ordinal)] + n - 1
    last = calendar._working_day(at)
    return Due(calendar._closings[at], calendar._any_estimated(ordinal + 1, last))


def _after_days(start: datetime, n: int, calendar: Calendar, *, roll: bool) -> Due:
    last = calendar.local_day(start) + timedelta(days=n)
    if not roll:
        return Due(calendar.midnight_after(last), False)
    rolled = calendar.next_working(last)
    return Due(calendar.midnight_after(rolled), calendar._any_estimated(last.toordinal(), rolled.toordinal()))


def _after_open_hours(start: datetime, n: int, calendar: Calendar) -> Due:
    local = start.astimezone(calendar.tz)
    day = calendar.next_working(local.date())
    # Milliseconds of open office; those of the first day that are already gone are added to what must pass.
    gone = _open_before(local, calendar.hours) if day == local.date() else 0
    daily = calendar.minutes_a_day * 60_000
    days, rest = divmod(gone + n * 3_600_000, daily)
    if rest == 0:  # ends at a closing, not at the next opening
        days, rest = days - 1, daily
    last = calendar.add_working_days(day, days)
    for opens, closes in calendar.hours:
        length = (closes - opens) * 60_000
        if rest <= length:
            minutes, left = divmod(rest, 60_000)
            end = datetime.combine(last, _clock(opens + minutes), calendar.tz).astimezone(UTC)
            estimated = calendar._any_estimated(local.toordinal(), last.toordinal())
            return Due(end + timedelta(milliseconds=left), estimated)
        rest -= length
    raise AssertionError("rest is at most one day of open office")


def _open_before(local: datetime, hours: tuple[tuple[int, int], ...]) -> int:
    """Milliseconds the office was open on that local day before that moment."""
    passed = (local.hour * 60 + local.minute) * 60_000 + local.second * 1000 + local.microsecond // 1000
    return sum(min(max(passed - opens * 60_000, 0), (closes - opens) * 60_000) for opens, closes in hours)


# ── Data: what the packs say, what the log carries ──────────────────────────────────────────────────────────


def calendar_from_data(data: Mapping[str, Any]) -> Calendar:
    """Read the canonical form `calendar_to_data` writes (the `calendar` leaf of the log)."""
    try:
        return Calendar(
            id=str(data["id"]),
            zone=str(data["zone"]),
            hours=tuple((_minutes(opens), _minutes(closes)) for opens, closes in data["hours"]),
            years=tuple(
                Year(int(year), said["status"], str(said.get("source", "")))
                for year, said in sorted(data["years"].items())
            ),
            off=frozenset(_day(day) for day in data.get("off", ())),
            work=frozenset(_day(day) for day in data.get("work", ())),
            weekend=frozenset(int(n) for n in data.get("weekend", (6, 7))),
        )
    except KeyError as missing:
        raise CalendarError(f"The calendar's data lacks {missing}. Add it.") from missing


def calendar_to_data(calendar: Calendar) -> dict[str, Json]:
    """Canonical JSON form: strings, integers, sorted lists."""
    return {
        "id": calendar.id,
        "zone": calendar.zone,
        "weekend": list[Json](sorted(calendar.weekend)),
        "hours": [[_hhmm(opens), _hhmm(closes)] for opens, closes in calendar.hours],
        "years": {str(y.year): {"status": y.status, "source": y.source} for y in calendar.years},
        "off": list[Json](sorted(day.isoformat() for day in calendar.off)),
        "work": list[Json](sorted(day.isoformat() for day in calendar.work)),
    }


def calendar_from_files(
    *, id: str, zone: str, hours: Mapping[str, Any], years: Iterable[Mapping[str, Any]]
) -> Calendar:
    """Put a pack's files together: `office-hours.yaml` and one `calendars/<year>.yaml` a year, as read from YAML.

    A year's file may name days of its neighbours: the notice for 2023 gave the last day of 2022 off.
    """
    tables = sorted(years, key=lambda table: int(table["year"]))
    return calendar_from_data(
        {
            "id": id,
            "zone": zone,
            "weekend": hours.get("weekend", [6, 7]),
            "hours": hours["hours"],
            "years": {str(t["year"]): {"status": t["status"], "source": t.get("source", "")} for t in tables},
            "off": [day for table in tables for period in table.get("off", ()) for day in _days_of(period)],
            "work": [str(day) for table in tables for day in table.get("work", ())],
        }
    )


def _days_of(period: Mapping[str, Any]) -> Sequence[str]:
    first = _day(period["from"])
    last = _day(period.get("to", period["from"]))
    if last < first:
        raise CalendarError(f"A period off ends before it begins ({first} to {last}). Swap the two days.")
    return [(first + timedelta(days=i)).isoformat() for i in range((last - first).days + 1)]


def _refuse_contradictions(calendar: Calendar) -> None:
    years = [y.year for y in calendar.years]
    if not years:
        raise CalendarError(f'The calendar "{calendar.id}" has no year. Add one table.')
    for gap in sorted(set(range(years[0], years[-1] + 1)) - set(years)):
        raise CalendarError(f'The calendar "{calendar.id}" lacks {gap} between its years. Add that table.')
    for y in calendar.years:
        if y.status not in ("published", "estimated"):
            raise CalendarError(f'{y.year} is "{y.status}". Say "published" or "estimated".')
        # An empty table read as "no holidays" would be a silent error: holiday-cn keeps such files for coming years.
        if not any(day.year == y.year for day in calendar.off):
            raise CalendarError(f"{y.year} names no day off. Fill the table, or leave the year out.")
    for day in sorted(calendar.off & calendar.work):
        raise CalendarError(f"{day} is both off and working. Keep one.")
    for day in sorted(calendar.work):
        if day.isoweekday() not in calendar.weekend:
            raise CalendarError(f"{day} is no weekend day, so it cannot be a make-up day. Check the notice.")
    if not calendar.hours:
        raise CalendarError("Office hours need at least one span, such as 09:00 to 12:00.")
    flat = [minute for span in calendar.hours for minute in span]
    if flat != sorted(set(flat)) or flat[-1] >= DAY_MINUTES:
        raise CalendarError("Office hours must follow one another within a day, such as 09:00–12:00, 13:30–17:30.")


def _day(text: object) -> date:
    try:
        return date.fromisoformat(str(text))
    except ValueError as wrong:
        raise CalendarError(f'"{text}" is no day. Write it as 2026-10-01.') from wrong


def _minutes(text: object) -> int:
    try:
        at = time.fromisoformat(str(text))
    except ValueError as wrong:
        raise CalendarError(f'"{text}" is no time of day. Write it as 09:00.') from wrong
    return at.hour * 60 + at.minute


def _hhmm(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def _clock(minutes: int) -> time:
    return time(minutes // 60, minutes % 60)

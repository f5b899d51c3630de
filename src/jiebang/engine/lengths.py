"""How long limits can last, over all moments they may begin: what the closing times are made of."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from functools import lru_cache
from typing import Literal, NamedTuple

from jiebang.engine.model import Amount, Program, State, Unit
from jiebang.engine.worktime import Calendar, CalendarEnds, due

DAY = 24 * 60  # minutes
PIECE = 200  # working days or office hours that surely fit into one published year

# Without a calendar lengths are only compared with one another; nothing in calendar days is said.
Measure = Literal["count", "minutes", "closings"]
_ROUGH: Mapping[Unit, int] = {"wd": DAY * 7 // 5, "d": DAY, "h": 60, "wh": 60 * 4, "min": 1}


@dataclass(frozen=True, slots=True)
class Length:
    """A closing time: sums by unit, the calendar days it can come to, and the states passed.

    `calendar_days` is None when it was measured without a calendar.
    """

    wd: int = 0
    d: int = 0
    h: int = 0
    wh: int = 0
    minutes: int = 0
    calendar_days: int | None = None
    path: tuple[str, ...] = ()

    def sums(self, lang: str) -> str:
        """`24 个工作日`, `41 working days + 20 days`."""
        if lang.startswith("zh"):
            words = {"wd": "个工作日", "d": "天", "h": "小时", "wh": "个办公小时", "minutes": "分钟"}
            said = [f"{getattr(self, unit)} {word}" for unit, word in words.items() if getattr(self, unit)]
            return " + ".join(said) or "0 天"
        names = {"wd": "working day", "d": "day", "h": "hour", "wh": "office hour", "minutes": "minute"}
        counted = [(getattr(self, unit), name) for unit, name in names.items() if getattr(self, unit)]
        return " + ".join(f"{n} {name}{'s' if n != 1 else ''}" for n, name in counted) or "0 days"

    def said(self, lang: str) -> str:
        """The sums, with the calendar days they can come to."""
        if self.calendar_days is None:
            return self.sums(lang)
        if lang.startswith("zh"):
            return f"{self.sums(lang)}（最长 {self.calendar_days} 个日历日）"
        return f"{self.sums(lang)} (at most {self.calendar_days} calendar day{'s' if self.calendar_days != 1 else ''})"


class Unbounded(ValueError):
    """The bounds cannot be computed: a circle without a lap limit, a state without a limit, too many laps."""

    def __init__(self, rule: str, nodes: Sequence[str]) -> None:
        self.rule = rule
        self.nodes = tuple(nodes)
        super().__init__(f"{rule}: {' → '.join(nodes)}")


def stays_of(state: State) -> tuple[tuple[Amount, ...], ...]:
    """What a stay in the state can sum up to: each length its limit can have, or its ceiling, with its extensions.

    What holds it up comes on top: `held_up`.
    """
    more = [state.extend.most] * state.extend.times if state.extend else []
    return tuple((base, *more) for base in state.limit.lengths)


def held_up(state: State) -> tuple[Amount, ...]:
    """What objections can add to a notice: one answer of each level. They are owed, so they roll as limits do.

    The last objection comes before the notice is over, and a later start is never due earlier: so none is open longer
    than the levels' times one after the other from the end of the notice.
    """
    clause = state.objections
    return tuple(level.within for level in clause.levels) if clause is not None and clause.hold_up else ()


def amounts_of(state: State) -> tuple[Amount, ...]:
    """Every single length a stay in the state can be made of."""
    return tuple(dict.fromkeys([*(amount for stay in stays_of(state) for amount in stay), *held_up(state)]))


def longest(amount: Amount, calendar: Calendar | None, *, roll: bool = True) -> int:
    """The most minutes the amount can last, over all starts in the published years."""
    if amount.unit in ("h", "min") or calendar is None:
        return amount.n * _ROUGH[amount.unit]
    return _longest(amount, calendar, roll)


@lru_cache(maxsize=512)
def _longest(amount: Amount, calendar: Calendar, roll: bool) -> int:
    found = max(
        (
            length
            for start in starts_of(calendar, amount.unit)
            for length in _length_from(start, amount, calendar, roll)
        ),
        default=None,
    )
    if found is not None:
        return found
    # Longer than all published years together: in pieces, each at its own worst. No row of days off is longer than 12.
    if amount.unit == "d" or amount.n <= PIECE:
        return (amount.n + 12) * DAY * (1 if amount.unit == "d" else 12)
    pieces, rest = divmod(amount.n, PIECE)
    length = pieces * _longest(Amount(PIECE, amount.unit), calendar, roll)
    return length + (_longest(Amount(rest, amount.unit), calendar, roll) if rest else 0)


def _length_from(start: datetime, amount: Amount, calendar: Calendar, roll: bool) -> Iterator[int]:
    try:
        end = due(start, amount, calendar, roll=roll)
    except CalendarEnds:
        return
    if not end.provisional:
        yield -(-(end.moment - start) // timedelta(minutes=1))


def starts_of(calendar: Calendar, unit: str) -> Iterator[datetime]:
    """The moments from which a count is longest: the first of a day, and for open hours every closing."""
    moments = [0] if unit != "wh" else [0, *(closes for _, closes in calendar.hours)]
    day = calendar.first_day
    while day <= calendar.last_day and not calendar.is_estimated(day):
        for minutes in moments:
            yield datetime.combine(day, time(minutes // 60, minutes % 60), calendar.tz)
        day += timedelta(days=1)


class Fit(NamedTuple):
    """Whether one length never ends after another that begins with it; if it may, from which moment."""

    holds: bool
    broken_from: datetime | None = None


def fit(first: Amount, second: Amount, calendar: Calendar | None) -> Fit:
    """Return whether the first length, begun at the same moment as the second, never ends after it.

    Exact over the published years: between two moments when an office opens or closes, or a day ends, nothing changes
    but by the minutes themselves. Without a calendar the two are compared roughly.
    """
    if first.unit == second.unit:
        return Fit(first.n <= second.n)
    if calendar is None:
        return Fit(longest(first, None) <= longest(second, None))
    return _fit(first, second, calendar)


@lru_cache(maxsize=512)
def _fit(first: Amount, second: Amount, calendar: Calendar) -> Fit:
    edges = {0, DAY - 1} | {m for hours in calendar.hours for end in hours for m in (end - 1, end, end + 1)}
    day = calendar.first_day
    while day <= calendar.last_day and not calendar.is_estimated(day):
        for minutes in sorted(edges & set(range(DAY))):
            start = datetime.combine(day, time(minutes // 60, minutes % 60), calendar.tz)
            try:
                ends = [due(start, amount, calendar) for amount in (first, second)]
            except CalendarEnds:
                return Fit(True)  # and so would every later start
            if ends[0].moment > ends[1].moment and not ends[1].provisional:
                return Fit(False, start)
        day += timedelta(days=1)
    return Fit(True)


def most_closings(amount: Amount, calendar: Calendar) -> int:
    """The most closings of the office the amount can span, and one more: a count of working days that begins in the
    middle of a working day lets that day's closing pass uncounted."""
    if amount.unit == "wd":
        return amount.n
    if amount.unit == "d":
        return _most_working(amount.n + 1, calendar) + 2  # the day it rolls to closes as well
    minutes = amount.n * (60 if amount.unit != "min" else 1)
    return -(-minutes // (calendar.minutes_a_day if amount.unit == "wh" else DAY)) + 1


@lru_cache(maxsize=512)
def _most_working(days: int, calendar: Calendar) -> int:
    """The most working days in a row of so many days."""
    first = calendar.first_day
    rows = (calendar.last_day - first).days - days
    return max(
        (
            calendar.working_days_between(first + timedelta(days=i), first + timedelta(days=i + days))
            for i in range(rows)
        ),
        default=days,
    )


def weighed(amount: Amount, calendar: Calendar | None, measure: Measure, *, roll: bool = True) -> int:
    """The most a limit can come to, by one measure."""
    if measure == "count":
        return amount.n
    if measure == "closings" and calendar is not None:
        return most_closings(amount, calendar)
    return longest(amount, calendar, roll=roll)


def days_of(weight: int, calendar: Calendar, measure: Measure) -> int:
    """The calendar days that so much can come to."""
    if measure == "minutes" or not weight:
        return -(-weight // DAY)
    # Closings: it may begin in the middle of a working day, and end before the closing after the last.
    slack = 2 if measure == "closings" else 0
    return -(-longest(Amount(weight + slack, "wd"), calendar) // DAY)


class Weights:
    """How long an entry can stay at each node, by one measure, and what a path of nodes comes to."""

    def __init__(self, program: Program, calendar: Calendar | None, measure: Measure) -> None:
        self.program = program
        self.calendar = calendar
        self.measure = measure
        for name, state in program.states.items():
            if not state.limit.lengths:
                raise Unbounded("D1", [name])
        self._stays = {name: max(stays_of(state), key=self._weight_at(name)) for name, state in program.states.items()}
        self.of: dict[str, int] = {
            name: self._weight_at(name)(stay) + sum(self.weigh(amount) for amount in held_up(program.states[name]))
            for name, stay in self._stays.items()
        }

    def amounts(self, name: str) -> tuple[Amount, ...]:
        """The longest stay by this measure: where a limit depends on an answer, its longest."""
        return (*self._stays[name], *held_up(self.program.states[name]))

    def _weight_at(self, name: str) -> Callable[[tuple[Amount, ...]], int]:
        return lambda stay: sum(self.weigh(amount, self.rolls(name)) for amount in stay)

    def rolls(self, name: str) -> bool:
        return self.program.states[name].limit.kind == "within"

    def weigh(self, amount: Amount, roll: bool = True) -> int:
        return weighed(amount, self.calendar, self.measure, roll=roll)

    def length(self, path: Path) -> Length:
        """Sums by unit, and the calendar days no run along any path of that weight can exceed."""
        sums = sums_of(amount for stay in path.stays for amount in stay)
        return replace(sums, calendar_days=self.days(path.weight), path=path.nodes)

    def days(self, weight: int) -> int | None:
        return None if self.calendar is None else days_of(weight, self.calendar, self.measure)

    def chain(self, nodes: Sequence[str]) -> Length:
        """A single known way, every limit used up: measured by walking it from every published day."""
        states = [name for name in nodes if name in self.program.states]
        sums = sums_of(amount for name in states for amount in self.amounts(name)[:1])
        days = None
        if self.measure == "count" and self.calendar is not None:
            days = -(-longest(Amount(sums.wd, "wd"), self.calendar) // DAY) if sums.wd else 0
        elif self.calendar is not None:
            lengths = [self._walk(start, states) for start in starts_of(self.calendar, "wd")]
            known = [length for length in lengths if length is not None]
            days = max(known) if known else -(-sum(self._longest_stay(name) for name in states) // DAY)
        return replace(sums, calendar_days=days, path=tuple(states))

    def _longest_stay(self, name: str) -> int:
        return longest(self.amounts(name)[0], self.calendar, roll=self.rolls(name))

    def _walk(self, start: datetime, states: Sequence[str]) -> int | None:
        assert self.calendar is not None
        moment = start
        for name in states:
            lengths = self.program.states[name].limit.lengths
            try:
                end = max(due(moment, amount, self.calendar, roll=self.rolls(name)) for amount in lengths)
            except CalendarEnds:
                return None
            if end.provisional:
                return None
            moment = end.moment
        return -(-(moment - start) // timedelta(days=1))


def sums_of(amounts: Iterable[Amount]) -> Length:
    by_unit: dict[str, int] = {"wd": 0, "d": 0, "h": 0, "wh": 0, "min": 0}
    for amount in amounts:
        by_unit[amount.unit] += amount.n
    return Length(by_unit["wd"], by_unit["d"], by_unit["h"], by_unit["wh"], by_unit["min"])


@dataclass(frozen=True, slots=True)
class Path:
    nodes: tuple[str, ...]
    stays: tuple[tuple[Amount, ...], ...]
    weight: int

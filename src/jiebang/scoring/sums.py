"""Running sums of one board in one area, and the counts figures are made of.

A sum changes by what one entry did, so a move costs the same on a board of a million entries as on one of ten. Days
are the city's: a closing counts from the beginning of its day on, and leaves the window with its day, so that whoever
has only the days (after an erasure the log keeps no more) comes to the same figures.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Days:
    """The days that count: from `since` on for the shares, from `month` on for what was struck this month."""

    since: date
    month: date


def days_at(at: datetime, *, zone: str, window_days: int) -> Days:
    """Return what counts on the city's day of this moment: today and the `window_days` before it."""
    today = at.astimezone(ZoneInfo(zone)).date()
    return Days(today - timedelta(days=window_days), today.replace(day=1))


@dataclass(frozen=True, slots=True)
class Closing:
    """Entries that ended alike: on one day, as one meaning, with one verdict. `tenths` of a day from raising to end."""

    mechanism: str
    areas: Sequence[str]  # those it lies in, below the city
    day: date
    meaning: str
    solved: str
    satisfied: str
    verified: str
    tenths: int
    n: int = 1


@dataclass(slots=True)
class Sums:
    """What is added up. `states` counts open entries, `ever` all that ever ended, the others those of the window."""

    states: Counter[str] = field(default_factory=Counter)
    overdue: int = 0
    ever: Counter[str] = field(default_factory=Counter)
    closed: Counter[str] = field(default_factory=Counter)
    solved: Counter[str] = field(default_factory=Counter)
    satisfied: Counter[str] = field(default_factory=Counter)
    verified: Counter[str] = field(default_factory=Counter)
    tenths: Counter[int] = field(default_factory=Counter)
    struck_this_month: int = 0

    def stands(self, state: str, *, overdue: bool, n: int = 1) -> None:
        """Add `n` open entries of a state; below 0 takes them away."""
        self.states[state] += n
        self.overdue += n if overdue else 0

    def ended(self, one: Closing, days: Days) -> None:
        self.ever[one.meaning] += one.n
        self.within(one, days)

    def within(self, one: Closing, days: Days) -> None:
        """Add to the window alone what ended in it."""
        if one.meaning == "solved" and one.day >= days.month:
            self.struck_this_month += one.n
        if one.day < days.since:
            return
        self.closed[one.meaning] += one.n
        if one.meaning == "solved":
            self.solved[one.solved] += one.n
            self.satisfied[one.satisfied] += one.n
            self.verified[one.verified] += one.n
            self.tenths[one.tenths] += one.n

    def add(self, other: Sums) -> None:
        """Add all that the sums of an area within this one hold."""
        for name in self.__slots__:
            mine, theirs = getattr(self, name), getattr(other, name)
            if isinstance(mine, Counter):
                mine.update(theirs)
            else:
                setattr(self, name, mine + theirs)

    def counts(self) -> dict[str, Any]:
        """Return what figures are made of, as JSON keeps it."""
        rated = {level: n for level, n in self.satisfied.items() if level and n}
        return {
            "open": self.states.total(),
            "overdue": self.overdue,
            "failed": self.ever["failed"],
            "struck_this_month": self.struck_this_month,
            "median_days_10": median(self.tenths),
            "states": _some(self.states),
            "ever": _some(self.ever),
            "closed": _some(self.closed),
            "verified": {how or "none": n for how, n in _some(self.verified).items()},
            "counts": {
                **rated,
                "rated": sum(rated.values()),
                "struck": self.closed["solved"],
                "failed": self.closed["failed"],
                "yes": self.solved["yes"],
                "partly": self.solved["partly"],
            },
        }

    def to_json(self) -> dict[str, Any]:
        return {
            name: value if isinstance(value := getattr(self, name), int) else _some(value) for name in self.__slots__
        }


def from_json(data: Mapping[str, Any]) -> Sums:
    """Return sums as `to_json` gave them."""
    sums = Sums()
    for name in sums.__slots__:
        value = data[name]
        if name == "tenths":
            value = Counter({int(tenths): n for tenths, n in value.items()})
        setattr(sums, name, value if isinstance(value, int) else Counter(value))
    return sums


def median(tenths: Mapping[int, int]) -> int | None:
    """Return the shortest time within which at least half came to their end, in tenths of a day; None of none.

    With an even number the lower of the two in the middle, not their mean: then rounding before counting and after it
    give the same, and running sums can be exact.
    """
    half, so_far = (sum(tenths.values()) + 1) // 2, 0
    for value in sorted(tenths):
        so_far += tenths[value]
        if so_far >= half > 0:
            return value
    return None


def _some(counter: Mapping[Any, int]) -> dict[str, int]:
    return {str(key): n for key, n in sorted(counter.items()) if n}

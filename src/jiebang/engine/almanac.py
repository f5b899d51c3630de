"""What holds on a day: dated numbers of policies, and seasons.

A limit may take its number from a policy's row instead of writing it out, and may be shorter in a season. Both are
dated data of the city, published in its log. Rows and seasons are picked here, by day and place and nothing else, so
that everybody who has the published tables picks the same.

A season is a period of every year (`05-01` to `09-30`, or over New Year's) or of one (`2026-05-01`); it ends by
itself. It holds where one of `areas` is the place's own or one above it; without areas, everywhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from jiebang.engine.model import Amount


@dataclass(frozen=True, slots=True)
class Row:
    """A number of the policy `key`, from `since` on; with `areas` only there, with `season` only then."""

    key: str
    since: date
    amount: Amount
    areas: tuple[str, ...] = ()
    season: str = ""

    @property
    def name(self) -> str:
        """How an event names it: the policy, the day it holds from, and what else tells it from its like."""
        return "@".join([self.key, self.since.isoformat(), *self.areas[:1], *([self.season] if self.season else [])])


@dataclass(frozen=True, slots=True)
class Season:
    """A period, from its `first` day to its `last`: `05-01` of every year, or `2026-05-01`."""

    key: str
    since: date
    first: str
    last: str
    areas: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return "@".join([self.key, self.since.isoformat(), *self.areas[:1]])

    def holds(self, day: date) -> bool:
        said = day.isoformat()[-len(self.first) :]
        within = self.first <= said <= self.last if self.first <= self.last else said >= self.first or said <= self.last
        return within and day >= self.since


@dataclass(frozen=True, slots=True)
class Almanac:
    """Rows and seasons by key."""

    rows: Mapping[str, tuple[Row, ...]] = field(default_factory=dict)
    seasons: Mapping[str, tuple[Season, ...]] = field(default_factory=dict)

    def row(self, key: str, *, on: date, place: Mapping[str, str]) -> Row | None:
        """The row that counts: one of a season before one of all seasons, one for some areas before one for all, then
        the newest, then the last in the table."""
        fitting = [
            row
            for row in self.rows.get(key, ())
            if row.since <= on
            and _is_there(row.areas, place)
            and (not row.season or self.season(row.season, on=on, place=place))
        ]
        return max(reversed(fitting), key=lambda row: (bool(row.season), bool(row.areas), row.since), default=None)

    def named(self, name: str) -> Row | None:
        """The row an event names; None when it names a season, or a row this almanac does not have."""
        return next((row for row in self.rows.get(name.split("@")[0], ()) if row.name == name), None)

    def season(self, key: str, *, on: date, place: Mapping[str, str]) -> Season | None:
        """The season of that name if it holds on that day at that place."""
        holding = [one for one in self.seasons.get(key, ()) if one.holds(on) and _is_there(one.areas, place)]
        return max(reversed(holding), key=lambda one: (bool(one.areas), one.since), default=None)


NO_ALMANAC = Almanac()


def _is_there(areas: tuple[str, ...], place: Mapping[str, str]) -> bool:
    return not areas or bool(set(areas) & set(place.values()))

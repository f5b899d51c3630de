"""Which version of a mechanism holds: on a day, in an area. Pure; shared by queries and by whoever looks back.

A version without areas holds in the whole city. One with areas is a pilot: it holds in these and in all below them,
from its first day until the pilot is withdrawn, and there it goes before the city's. Of two pilots that both reach an
area the nearer one holds (a township's before its county's). Of two versions of one scope the later `since` holds, of
two texts of one day the later published.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol, TypeVar


class Scoped(Protocol):
    """What has to be known of a version to say where it holds."""

    @property
    def id(self) -> int: ...
    @property
    def mechanism(self) -> str: ...
    @property
    def since(self) -> date: ...
    @property
    def scope(self) -> str: ...
    @property
    def areas(self) -> tuple[str, ...]: ...


V = TypeVar("V", bound=Scoped)


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """The end of a pilot: from the day `until` on, nothing holds of what began before, or was known by then (`last`).

    A version published after it may begin the pilot again, on that day or later.
    """

    mechanism: str
    scope: str
    until: date
    last: int


@dataclass(frozen=True, slots=True)
class Period:
    """A version with the days it holds in its scope: from `begins` until (not including) `ends`; None: for now."""

    version: Scoped
    begins: date
    ends: date | None


def holding(versions: Iterable[V], withdrawals: Sequence[Withdrawal], *, on: date, path: Sequence[str]) -> V | None:
    """Return the version that holds on a day in the area whose codes from the city down are `path`.

    `versions` are those of one mechanism. An empty path asks for the city's own.
    """
    depth = {code: place for place, code in enumerate(path, start=1)}
    best: V | None = None
    rank: tuple[int, date, int] | None = None
    for version in versions:
        reach = max((depth.get(code, 0) for code in version.areas), default=0)
        if version.since > on or (version.areas and (not reach or _is_over(version, withdrawals, on))):
            continue
        found = (reach, version.since, version.id)
        if rank is None or found > rank:
            best, rank = version, found
    return best


def _is_over(version: Scoped, withdrawals: Sequence[Withdrawal], on: date) -> bool:
    return any(one.until <= on for one in withdrawals if _ends(one, version))


def _ends(withdrawal: Withdrawal, version: Scoped) -> bool:
    of_it = (withdrawal.mechanism, withdrawal.scope) == (version.mechanism, version.scope)
    return of_it and (version.id <= withdrawal.last or version.since < withdrawal.until)


def periods(versions: Iterable[Scoped], withdrawals: Sequence[Withdrawal]) -> list[Period]:
    """Return when each version of one mechanism holds in its own scope, newest first; those that never hold, too.

    A version replaced or withdrawn on its first day, or before it, has `ends` equal to `begins`: it never holds.
    """
    said: list[Period] = []
    known = sorted(versions, key=lambda version: (version.since, version.id), reverse=True)
    for place, version in enumerate(known):
        ends = [one.until for one in withdrawals if _ends(one, version)]
        ends += [
            later.since
            for later in known[:place]
            if later.scope == version.scope and not _is_over(later, withdrawals, later.since)
        ]
        said.append(Period(version, version.since, max(min(ends), version.since) if ends else None))
    return said

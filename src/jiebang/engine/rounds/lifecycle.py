"""What happens to the subjects of a round: answered, tried in vain, handed on, missed. Pure and total.

Only an answer counts as checked. Silence never does: at the last limit a subject is missed, and remains so whatever is
answered later; what is answered later is kept beside it as found.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime

from jiebang.engine.conditions import passes
from jiebang.engine.model import Amount, Json, Refused
from jiebang.engine.rounds import refusals
from jiebang.engine.rounds.model import (
    ABNORMAL,
    TRIED,
    Coverage,
    Register,
    Round,
    Season,
    Standing,
    Step,
)
from jiebang.engine.worktime import Calendar, due

MOST_TRIES = 50


def begun(asked: Round, *, at: datetime, calendar: Calendar) -> Standing:
    """Return how every subject stands when its round opens."""
    return Standing("due", due(at, asked.within, calendar).moment)


def answered(asked: Round, standing: Standing, answer: str, *, at: datetime) -> Step | Refused:
    """Return what an answer does: done, tried, or, of a subject already missed, found."""
    if answer not in asked.answers:
        return refusals.refuse("round-no-answer")
    if standing.state == "done" or standing.found:
        return refusals.refuse("round-answered")
    if answer == TRIED:
        if standing.state == "missed" or standing.tries >= MOST_TRIES:
            return refusals.refuse("round-over")
        return Step("tried", at)
    return Step("found" if standing.state == "missed" else "done", at, answer == ABNORMAL)


def timed(asked: Round, standing: Standing, *, at: datetime, calendar: Calendar) -> Step | None:
    """Return what the clock does to a subject whose limit has passed; None when it has not."""
    if standing.state not in ("due", "escalated") or standing.due is None or standing.due > at:
        return None
    if standing.state == "due" and asked.otherwise is not None:
        return Step("escalated", at, due=due(at, asked.otherwise.within, calendar).moment, missed=standing.due)
    return Step("missed", at, missed=standing.due)


def evolve(standing: Standing, step: Step) -> Standing:
    """Return how a subject stands after a step."""
    if step.what == "tried":
        return replace(standing, tries=standing.tries + 1)
    if step.what == "escalated":
        return replace(standing, state="escalated", due=step.due)
    if step.what == "missed":
        return replace(standing, state="missed", due=None)
    if step.what == "found":
        return replace(standing, found=True, abnormal=step.abnormal)
    return replace(standing, state="done", due=None, abnormal=step.abnormal)


def is_over(standings: Iterable[Standing]) -> bool:
    """Whether nobody owes an answer any more: the round closes."""
    return all(standing.state in ("done", "missed") for standing in standings)


def coverage(standings: Iterable[Standing]) -> Coverage:
    all_ = list(standings)
    return Coverage(
        n=len(all_),
        done=sum(one.state == "done" for one in all_),
        abnormal=sum(one.abnormal for one in all_),
        missed=sum(one.state == "missed" for one in all_),
        found=sum(one.found for one in all_),
        escalated=sum(one.state == "escalated" for one in all_),
    )


# ── Which subjects, and when ────────────────────────────────────────────────────────────────────────────────


def fitting(asked: Round, about: Register, answers: Mapping[str, Json]) -> bool:
    """Whether a row of the register is among the round's subjects, before any drawing."""
    return all(passes(test, answers, about.fields) for test in asked.where.tests)


def drawn(asked: Round, keys: Iterable[str], *, seed: bytes) -> list[str]:
    """Return the keys the round asks about, in the order of the list: all, or a share drawn by the seed.

    The share is rounded up. Whoever knows the seed and the keys draws the same: the lowest SHA-256 of both win.
    """
    listed = list(keys)
    if asked.sample >= 100:
        return listed
    wanted = -(-len(listed) * asked.sample // 100)
    lots = sorted(listed, key=lambda key: hashlib.sha256(seed + b"|" + key.encode()).digest())
    chosen = set(lots[:wanted])
    return [key for key in listed if key in chosen]


def is_in_season(season: Season | None, day: date) -> bool:
    """Whether a day lies in the season; one from 11-01 to 03-15 goes over the new year."""
    if season is None:
        return True
    now = f"{day:%m-%d}"
    if season.first <= season.last:
        return season.first <= now <= season.last
    return now >= season.first or now <= season.last


def is_time(asked: Round, *, last: datetime | None, at: datetime, calendar: Calendar) -> bool:
    """Whether the clock opens a round now, the last one having been opened at `last`.

    Days are counted as local days, so that a round opened in the afternoon does not creep through the week.
    """
    if asked.every is None or not is_in_season(asked.during, calendar.local_day(at)):
        return False
    if calendar.local_day(at) < date.fromisoformat(asked.since):
        return False
    return last is None or _passed(asked.every, last, at, calendar)


def _passed(every: Amount, last: datetime, at: datetime, calendar: Calendar) -> bool:
    if every.unit == "d":
        return (calendar.local_day(at) - calendar.local_day(last)).days >= every.n
    return (at - last).total_seconds() >= every.n * 3600

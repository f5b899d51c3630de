"""What the demonstration will raise: matters, moments, places and words, drawn before the first move.

The same city, seed and last day give the same plan, whoever draws it and whenever: that is how a player that was
killed finds its place again.
"""

from __future__ import annotations

import random
from bisect import bisect
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import accumulate
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from jiebang.engine.model import Program
from jiebang.people import queries as people

K = TypeVar("K")
NUMBERS = {"n": (2, 9), "m": (10, 60), "d": (2, 12), "b": (1, 18), "f": (3, 17)}
ALIKE_WITHIN = timedelta(days=4)


@dataclass(frozen=True, slots=True)
class Matter:
    """One matter of the plan: what is wrong, where, when it is raised, and what its people are like."""

    index: int
    at: datetime
    area: str
    topic: Mapping[str, Any]
    entry: Mapping[str, Any]
    words: Mapping[str, str]
    care: Mapping[str, Any]
    raiser: str
    nature: Mapping[str, Any]
    like: int | None  # the matter this one says again
    at_window: bool
    mechanism: str = ""  # of another board than the first one
    answers: Mapping[str, Any] = field(default_factory=dict)  # what is said there, by question or by move and question

    def said(self, what: str) -> str:
        """Return what the resident says (`say`) or the community posts (`post`), with this matter's words."""
        return str(self.entry.get(what, "")).format_map(self.words)

    @property
    def spot(self) -> str:
        """The first place the text names."""
        named = [name for name in self.words if len(name) > 1 and f"{{{name}}}" in self.entry["say"]]
        return self.words[named[0]] if named else ""


@dataclass(frozen=True, slots=True)
class Manner:
    """What a pack says about its demonstration: `texts.yaml`, `habits.yaml` and, of the other boards, `boards.yaml`."""

    texts: Mapping[str, Any]
    habits: Mapping[str, Any]
    boards: Mapping[str, Any] = field(default_factory=dict)


def seeded(*parts: object) -> random.Random:
    """Return a source of chance that is the same for the same parts."""
    return random.Random("/".join(map(str, parts)))  # noqa: S311 - a story is drawn with it, never a secret


def drawn(rng: random.Random, weights: Mapping[K, float]) -> K:
    """Return one of the keys, by weight."""
    return rng.choices(list(weights), list(weights.values()))[0]


def matters(
    manner: Manner,
    program: Program,
    *,
    level: str,
    begins: date,
    ends: date,
    zone: ZoneInfo,
    entries: int,
    seed: int,
) -> list[Matter]:
    """Return `entries` matters raised from `begins` to before `ends`, in that order, in areas of `level`."""
    rng = seeded(seed, "plan")
    habits = manner.habits
    places = _Places(habits, level, rng, entries=entries)
    topics = [topic for topic in manner.texts["topics"] if category(topic, program)]
    shares = [topic["share"] for topic in topics]
    made: list[Matter] = []
    taken: set[tuple[datetime, str]] = set()
    for index, at in enumerate(sorted(_moments(habits, rng, begins=begins, ends=ends, zone=zone, n=entries))):
        nature = habits["natures"][_by_share(rng, habits["natures"])]
        like = _recent(rng, made, at) if nature.get("alike") else None
        area = made[like].area if like is not None else places.drawn()
        while (at, area) in taken:  # moment and place name a matter, see `demo.catch_up`
            area, like = places.drawn(), None
        taken.add((at, area))
        topic, entry = _fitting(rng, topics, shares, habits, area)
        before = made[like] if like is not None else None
        made.append(
            Matter(
                index=index,
                at=at,
                area=area,
                topic=before.topic if before else topic,
                entry=before.entry if before else entry,
                words=before.words if before else _words(manner.texts, rng),
                care=habits["care"][_by_share(rng, habits["care"])],
                raiser=_by_share(rng, habits["raisers"]),
                nature=nature,
                like=like,
                at_window=rng.random() < habits["window"],
            )
        )
    return made


def category(topic: Mapping[str, Any], program: Program) -> str:
    """Return the first of the topic's categories that the mechanism offers; any, where it offers none."""
    offered = {c.id for name, asked in program.fields.items() if name == "category" for c in asked.choices}
    return next((name for name in topic["category"] if name in offered or not offered), "")


def _by_share(rng: random.Random, said: Mapping[str, Mapping[str, Any]]) -> str:
    return drawn(rng, {name: about["share"] for name, about in said.items()})


def _moments(
    habits: Mapping[str, Any], rng: random.Random, *, begins: date, ends: date, zone: ZoneInfo, n: int
) -> Iterator[datetime]:
    """Yield when matters are raised. Those of two hours share a moment: they go through the door together."""
    days = [begins + timedelta(days=i) for i in range((ends - begins).days)]
    weights = [habits["weekdays"][day.weekday()] for day in days]
    hours = {int(hour): share for hour, share in habits["hours"].items()}
    for day in rng.choices(days, weights, k=n):
        hour = drawn(rng, hours) // 2 * 2
        seconds = seeded(day, hour).randint(120, 7000)
        yield (datetime.combine(day, time(hour), zone) + timedelta(seconds=seconds)).astimezone(UTC)


class _Places:
    """Where matters are raised: counties by their share, communities within one very unevenly, as in life."""

    def __init__(self, habits: Mapping[str, Any], level: str, rng: random.Random, *, entries: int) -> None:
        self.rng = rng
        self.codes: list[str] = []
        kinds = habits["kinds"]
        weights: list[float] = []
        for prefix, share in habits["counties"].items():
            found = [a for a in people.areas_at(level) if a.code.startswith(str(prefix)) and a.kind in kinds]
            rng.shuffle(found)
            uneven = [kinds[area.kind] / (place + 6) for place, area in enumerate(found)]
            self.codes += [area.code for area in found]
            weights += [share * weight / sum(uneven) for weight in uneven]
        whole = sum(weights)
        for code, percent in (habits.get("focus") or {}).items():
            weights[self.codes.index(code)] += whole * percent / 100
        self.cumulative = list(accumulate(weights))

    def drawn(self) -> str:
        return self.codes[bisect(self.cumulative, self.rng.random() * self.cumulative[-1])]


def _recent(rng: random.Random, made: Sequence[Matter], at: datetime) -> int | None:
    """Return a matter of the last days that somebody else might raise again."""
    recent = [m.index for m in made[-80:] if m.like is None and timedelta(hours=2) < at - m.at < ALIKE_WITHIN]
    return rng.choice(recent) if recent else None


def _fitting(
    rng: random.Random,
    topics: Sequence[Mapping[str, Any]],
    shares: Sequence[float],
    habits: Mapping[str, Any],
    area: str,
) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """Return a topic and one of its entries that can be said in such a place: a village has no tower blocks."""
    view = people.area(area)
    odd = (habits.get("odd-words") or {}).get(view.kind if view else "", ())
    for _ in range(40):
        topic = rng.choices(topics, shares)[0]
        entry = rng.choice(topic["entries"])
        if not any(f"{{{word}}}" in entry["say"] for word in odd):
            break
    return topic, entry


def _words(texts: Mapping[str, Any], rng: random.Random) -> dict[str, str]:
    words = {name: str(rng.choice(pool)) for name, pool in texts["words"].items()}
    return words | {name: str(rng.randint(*limits)) for name, limits in NUMBERS.items()}

"""The other boards of the demonstration: a handful of invented matters each, as the pack's `demo/boards.yaml` says.

The first board has half a year of a city's matters (`demo_plan`); the others have enough to show what they do. What
an entry opens elsewhere (the tasks of a meeting) is nobody's plan: the player finds it on that board and plays it on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from jiebang.desk.demo_plan import Manner, Matter, drawn, seeded
from jiebang.engine.model import Facts, Field, Json, Move, Program

FROM = 100  # a shorter play is a trial of the first board alone
OPENED = 10_000_000  # places in the plan of what other entries opened; their own number comes on top
BOARDS = "boards"
EARLIEST, LATEST = 9.0, 15.0  # local hours at which they are raised
SUNDAY = 6


def together(
    first: Sequence[Matter], manner: Manner, *, begins: date, ends: date, zone: ZoneInfo, seed: int
) -> list[Matter]:
    """Return the first board's matters and those of the others in the order they are raised."""
    if len(first) < FROM:
        return list(first)
    said = manner.boards.get("boards", {})
    others = [
        _matter(manner, name, about, entry, at, seed=seed)
        for name, about in said.items()
        for entries in [about.get("entries") or []]  # none: other entries open them
        for entry, at in zip(entries, _moments(name, len(entries), begins, ends, zone, seed=seed), strict=True)
    ]
    ordered = sorted([*first, *others], key=lambda matter: matter.at)
    places = {matter.index: place for place, matter in enumerate(ordered) if not matter.mechanism}
    return [
        replace(matter, index=place, like=None if matter.like is None else places[matter.like])
        for place, matter in enumerate(ordered)
    ]


def of_an_opened(manner: Manner, name: str, number: str, facts: Facts, *, level: str, seed: int) -> Matter:
    """Return what a matter that another entry opened is like; it has no place in the plan."""
    about = manner.boards.get("boards", {}).get(name, {})
    entry = {"say": "", "post": "", "opened": True}
    made = _matter(manner, name, about, entry, facts.raised_at, seed=seed)
    return replace(made, index=OPENED + int(number.rpartition("-")[2]), area=facts.place.get(level, ""))


def opening_of(program: Program, matter: Matter) -> Move:
    """Return the way such a matter is raised: the one its entry names, else one for anybody, else an office's."""
    if named := matter.entry.get("opening"):
        return program.openings[named]
    ranked = ("anyone", "post", "unit")
    ways = [
        (ranked.index(program.parties[party].kind), name)
        for name, move in program.openings.items()
        for party in move.by
        if program.parties[party].kind in ranked
    ]
    return program.openings[min(ways)[1]]


def told(matter: Matter, move: str, asked: Field, *, known: Mapping[str, Json]) -> dict[Json, float]:
    """Return what may be answered there, with weights: what is known already, else what the pack tells; or nothing."""
    if asked.name in known:
        return {known[asked.name]: 1}
    found = matter.answers.get(f"{move}.{asked.name}", matter.answers.get(asked.name))
    if found is None:
        return {}
    among = dict.fromkeys(found, 1) if isinstance(found, list) else found if isinstance(found, dict) else {found: 1}
    offered = {choice.id for choice in asked.choices}
    return {one: share for one, share in among.items() if not offered or one in offered}


def _matter(
    manner: Manner, name: str, about: Mapping[str, Any], entry: Mapping[str, Any], at: datetime, *, seed: int
) -> Matter:
    rng = seeded(seed, BOARDS, name, at)
    habits = manner.habits
    topic = {"unit": entry.get("unit", about.get("unit", "")), "done": about.get("done") or [""], "category": []}
    return Matter(
        index=-1,
        at=at,
        area=entry.get("area") or rng.choice(manner.boards.get("areas") or [""]),
        topic=topic,
        entry=entry,
        words={},
        care=habits["care"][drawn(rng, {one: said["share"] for one, said in habits["care"].items()})],
        raiser=drawn(rng, {one: said["share"] for one, said in habits["raisers"].items()}),
        nature={
            "moves": {**about.get("moves", {}), **entry.get("moves", {})},
            **({"notice-passes": about["notice-passes"]} if "notice-passes" in about else {}),
        },
        like=None,
        at_window=False,
        mechanism=name,
        answers={
            **manner.boards.get("answers", {}),
            **about.get("answers", {}),
            **entry.get("answers", {}),
        },
    )


def _moments(name: str, n: int, begins: date, ends: date, zone: ZoneInfo, *, seed: int) -> list[datetime]:
    """Return `n` moments of weekdays, spread over the whole time, each by itself."""
    rng = seeded(seed, BOARDS, name)
    days = (ends - begins).days
    found = []
    for place in range(n):
        day = begins + timedelta(days=min(days - 2, int((place + rng.uniform(0.1, 0.8)) * days / n)))
        while day.weekday() >= SUNDAY - 1:
            day -= timedelta(days=1)
        hour = rng.uniform(EARLIEST, LATEST)
        moment = datetime.combine(max(day, begins), time(), zone) + timedelta(hours=hour)
        found.append(moment.replace(microsecond=0).astimezone(UTC))
    return found

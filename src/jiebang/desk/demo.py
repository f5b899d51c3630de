"""The demonstration player: half a year of a city's matters, played through the boards' own door.

Nothing is written behind the boards' back: every entry is raised with `open_many`, moved with `act_many` and timed
with `tick`, in the order of an invented half year that ends today. Who acts is drawn from invented people who hold
real posts of the pack; which move they make is drawn from the moves the mechanism offers them at that moment, so
the mechanism file may change without this player. Texts and habits stand in the pack (`demo/texts.yaml`,
`demo/habits.yaml`).

What happens next to an entry depends only on the seed, the entry's place in the plan and its events so far. So a
player that was killed is started again: it reads how far the city has come and goes on from there.
"""

from __future__ import annotations

import heapq
import itertools
import os
import random
import secrets
from bisect import bisect
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from PIL import Image, ImageDraw

from jiebang import engine
from jiebang.boards import queries as board_queries
from jiebang.boards import services as boards
from jiebang.engine.conditions import holds
from jiebang.engine.model import ANYONE, Actor, Appointment, Ask, Facts, Field, Json, Move, Party, Program, Refused, Yes
from jiebang.engine.parties import unit_that_did
from jiebang.engine.worktime import Calendar
from jiebang.people import queries as people
from jiebang.people import services as people_services
from jiebang.rulebook import packs
from jiebang.rulebook import queries as rulebook

SEED = 2_0260_6300
ENTRIES = 2_000
DAYS = 182
SLOT = timedelta(minutes=45)  # what is planned within one slot is given to the door together
TICK_LATENESS_S = (1.0, 20.0)
TRIES = 3  # a planned move that is refused is planned anew this often, then left to the clock

# Chinese mobile numbers begin with 13 to 19. A number that begins with 100 belongs to nobody and cannot be dialled
# as a subscriber, so an invented phone never reaches a person. It is kept private like every phone.
INVENTED_PHONE = "100{:08d}"

Tell = Callable[[int, int], None]
T = TypeVar("T")


class NotADemonstration(Exception):
    """No past is invented for a real city."""


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody to sign in as. The password is random, made for this home, and stands in `run/accounts.txt`."""

    username: str
    password: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Played:
    entries: int
    moves: int
    refused: int
    accounts: tuple[Account, ...]


def play(
    *,
    at: datetime,
    accounts: Path,
    entries: int = ENTRIES,
    days: int = DAYS,
    seed: int = SEED,
    tell: Tell = lambda done, of: None,
) -> Played:
    """Play the half year that ends at the start of `at`'s day; goes on where an earlier player was stopped.

    `tell` is called with how many entries are raised, and of how many.

    Raises:
        NotADemonstration: the city's pack does not say `demonstration: true`.
    """
    city = rulebook.city()
    if not city.demonstration:
        raise NotADemonstration(f"{city.names.get('en', city.id)} is a real city: no past is invented for it.")
    stage = _stage(city, today=at.astimezone(ZoneInfo(city.zone)).date(), entries=entries, days=days, seed=seed)
    known = make_accounts(stage.cast, accounts)
    player = _Player(stage)
    player.catch_up()
    player.run(tell)
    return Played(len(player.matters), player.moves, player.refused, known)


# ── The stage: everything that is known before the first move ───────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Matter:
    """One matter of the plan: what is wrong, where, when it is raised, and what its people are like."""

    index: int
    at: datetime
    area: str
    topic: Mapping[str, Any]
    say: str
    post: str
    spot: str
    words: Mapping[str, str]
    care: Mapping[str, Any]
    raiser: str
    nature: Mapping[str, Any]
    like: int | None  # the matter this one says again
    at_window: bool


@dataclass(slots=True)
class Stage:
    city: rulebook.CityView
    program: Program
    calendar: Calendar
    zone: ZoneInfo
    texts: Mapping[str, Any]
    habits: Mapping[str, Any]
    plan: list[Matter]
    cast: Cast
    ends: datetime
    seed: int


def _stage(city: rulebook.CityView, *, today: date, entries: int, days: int, seed: int) -> Stage:
    pack = packs.city(city.id)
    folder = packs.find(pack, "demo")
    if folder is None:
        raise packs.PackError(f"{pack.id} is a demonstration but has no folder demo/. Add texts.yaml and habits.yaml.")
    texts, habits = packs.read_yaml(folder / "texts.yaml"), packs.read_yaml(folder / "habits.yaml")
    zone = ZoneInfo(city.zone)
    ends = datetime.combine(today, time(), zone).astimezone(UTC)
    begins = today - timedelta(days=days)
    program = rulebook.in_force(city.raise_mechanism, on=begins).program
    plan = _plan(city, texts, habits, program, begins=begins, ends=ends, zone=zone, entries=entries, seed=seed)
    cast = _cast(pack, program, texts, {matter.area for matter in plan}, since=begins, seed=seed)
    return Stage(city, program, rulebook.calendar(), zone, texts, habits, plan, cast, ends, seed)


def _plan(
    city: rulebook.CityView,
    texts: Mapping[str, Any],
    habits: Mapping[str, Any],
    program: Program,
    *,
    begins: date,
    ends: datetime,
    zone: ZoneInfo,
    entries: int,
    seed: int,
) -> list[Matter]:
    """Return the matters in the order they are raised. Same seed and day: the same plan."""
    rng = random.Random(f"{seed}/plan")
    where = _Places(habits, city.levels, rng)
    moments = sorted(_moments(habits, rng, begins=begins, ends=ends, zone=zone, n=entries))
    topics = [topic for topic in texts["topics"] if _category(topic, program)]
    shares = [topic["share"] for topic in topics]
    matters: list[Matter] = []
    taken: set[tuple[datetime, str]] = set()
    for index, at in enumerate(moments):
        nature = habits["natures"][_drawn(rng, {n: said["share"] for n, said in habits["natures"].items()})]
        like = _recent_like(rng, matters, at) if "same" in nature.get("moves", {}) else None
        area = matters[like].area if like is not None else where.drawn()
        while (at, area) in taken:  # hour and place name a matter when a stopped player comes back
            area, like = where.drawn(), None
        taken.add((at, area))
        if like is not None:
            topic, entry, words = matters[like].topic, None, matters[like].words
        else:
            topic = rng.choices(topics, shares)[0]
            entry = rng.choice(topic["entries"])
            words = _words(texts, rng)
        matters.append(
            Matter(
                index=index,
                at=at,
                area=area,
                topic=topic,
                say=entry["say"].format_map(words) if entry else matters[like or 0].say,
                post=entry["post"].format_map(words) if entry else matters[like or 0].post,
                spot=_spot(entry, words) if entry else matters[like or 0].spot,
                words=words,
                care=habits["care"][_drawn(rng, {n: said["share"] for n, said in habits["care"].items()})],
                raiser=_drawn(rng, {n: said["share"] for n, said in habits["raisers"].items()}),
                nature=nature,
                like=like,
                at_window=rng.random() < habits["window"],
            )
        )
    return matters


def _moments(
    habits: Mapping[str, Any], rng: random.Random, *, begins: date, ends: datetime, zone: ZoneInfo, n: int
) -> Iterator[datetime]:
    """Yield when matters are raised. Those of one hour share a moment: they go through the door together."""
    days = [begins + timedelta(days=i) for i in range((ends.astimezone(zone).date() - begins).days)]
    weights = [habits["weekdays"][day.weekday()] for day in days]
    hours = {int(hour): share for hour, share in habits["hours"].items()}
    for _ in range(n):
        day, hour = rng.choices(days, weights)[0], _drawn(rng, hours)
        minute = random.Random(f"{day}/{hour}").uniform(2, 57)
        moment = datetime.combine(day, time(hour), zone) + timedelta(minutes=minute)
        yield _whole_seconds(moment.astimezone(UTC))


class _Places:
    """Where matters are raised: counties by their share, communities within one very unevenly, as in life."""

    def __init__(self, habits: Mapping[str, Any], levels: Sequence[str], rng: random.Random) -> None:
        self.rng = rng
        kinds = habits["kinds"]
        self.codes: list[str] = []
        weights: list[float] = []
        for prefix, share in habits["counties"].items():
            found = [a for a in people.areas_at(levels[-1]) if a.code.startswith(str(prefix)) and a.kind in kinds]
            rng.shuffle(found)
            uneven = [kinds[area.kind] / (place + 2) for place, area in enumerate(found)]
            total = sum(uneven)
            self.codes += [area.code for area in found]
            weights += [share * weight / total for weight in uneven]
        focus = habits.get("focus") or {}
        base = sum(weights)
        for code, extra in focus.items():
            if code in self.codes:
                weights[self.codes.index(code)] += base * extra / ENTRIES
        self.cumulative = list(itertools.accumulate(weights))

    def drawn(self) -> str:
        return self.codes[bisect(self.cumulative, self.rng.random() * self.cumulative[-1])]


def _recent_like(rng: random.Random, matters: Sequence[Matter], at: datetime) -> int | None:
    """Return a matter of the last days that somebody else might raise again."""
    recent = [m.index for m in matters[-80:] if m.like is None and timedelta(hours=3) < at - m.at < timedelta(days=6)]
    return rng.choice(recent) if recent else None


def _words(texts: Mapping[str, Any], rng: random.Random) -> dict[str, str]:
    drawn = {name: rng.choice(pool) for name, pool in texts["words"].items()}
    numbers = {"n": (2, 9), "m": (10, 60), "d": (2, 12), "b": (1, 18), "f": (3, 17)}
    return drawn | {name: str(rng.randint(*limits)) for name, limits in numbers.items()}


def _spot(entry: Mapping[str, str], words: Mapping[str, str]) -> str:
    """Return the first place the text names, for the question where exactly."""
    named = [name for name in words if f"{{{name}}}" in entry["say"] and len(name) > 1]
    return words[named[0]] if named else ""


def _category(topic: Mapping[str, Any], program: Program) -> str:
    offered = {c.id for each in program.fields.values() if each.name == "category" for c in each.choices}
    return next((name for name in topic["category"] if name in offered), "" if offered else topic["id"])


# ── The cast: invented people in the pack's posts ───────────────────────────────────────────────────────────


@dataclass(slots=True)
class Cast:
    """Who can be asked to act: by post and place, and by unit."""

    posts: dict[tuple[str, str], list[Actor]] = field(default_factory=dict)  # office, area
    units: dict[str, list[Actor]] = field(default_factory=dict)
    since: date = date.min
    hosts: list[tuple[str, str, str, str]] = field(default_factory=list)  # account, office, unit, area


# The accounts people try: user name, office, whether it is a handler, and how it is introduced.
_TRY = (
    ("clerk", "staff", "社区工作人员", "community clerk"),
    ("officer", "board-office", "榜单办工作人员", "board office"),
    ("caller", "board-office", "回访员（没有经办过）", "caller (has handled nothing)"),
    ("handler", "handler", "承办单位工作人员", "handling unit"),
    ("duty", "government-duty", "市政府值班室", "government duty office"),
)


def _cast(
    pack: packs.CityPack, program: Program, texts: Mapping[str, Any], areas: Iterable[str], *, since: date, seed: int
) -> Cast:
    """Give the posts the mechanism speaks of to invented people, in the places where something is raised."""
    rng = random.Random(f"{seed}/cast")
    wanted: list[people_services.Post] = []
    places = [people.place(code) for code in sorted(areas)]
    posts = {(party.office, party.level): None for party in program.parties.values() if party.kind == "post"}
    for office, level in posts:
        for area in sorted({place[level] for place in places if level in place}):
            unit = _office_of(area, office)
            if unit:
                several = 1 if level == pack.levels[-1] else 3
                wanted += [
                    people_services.Post(f"{unit}.{n}", _name(texts, rng), office, unit, area) for n in range(several)
                ]
    handling = {topic["unit"] for topic in texts["topics"]}
    within = {code for place in places for code in place.values()}
    for unit_view in people.handling_units():
        if unit_view.area in within and unit_view.slug.rpartition("-")[2] in handling | {unit_view.slug}:
            wanted += [
                people_services.Post(
                    f"{unit_view.slug}.{n}", _name(texts, rng), "handler", unit_view.slug, unit_view.area
                )
                for n in range(2)
            ]
    persons = people_services.enlist(wanted, since=since)
    cast = Cast(since=since)
    for post in wanted:
        level = people.area(post.area)
        held = Appointment(post.office, post.unit, post.area, level.level if level else "")
        actor = Actor(person=persons[post.username], appointments=(held,), via="account")
        cast.posts.setdefault((post.office, post.area), []).append(actor)
        if post.office == "handler":
            cast.units.setdefault(post.unit, []).append(actor)
    cast.hosts = _hosts(wanted)
    return cast

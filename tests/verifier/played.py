"""A small invented city, played move by move through the engine and logged without a database."""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from jiebang import engine
from jiebang.boards.drafts import linked_in_leaf
from jiebang.engine.almanac import Almanac
from jiebang.engine.canonical import canonical_bytes, program_hash, program_to_json
from jiebang.engine.checker.certificate import certificate_of
from jiebang.engine.model import (
    BOARDS,
    CLOCK,
    Actor,
    Appointment,
    Command,
    Event,
    Facts,
    Json,
    Move,
    Origin,
    Program,
    Refused,
)
from jiebang.engine.parser import parse
from jiebang.engine.worktime import Calendar
from jiebang.ledger import checkpoint, disclosure, leaf
from jiebang.ledger.folder import Folder
from jiebang.ledger.shard import Tree, closing_leaf, opening_leaf, origin_of, shards_json
from jiebang.rulebook import packs

ZONE = ZoneInfo("Asia/Shanghai")
SEED = b"s" * 32
BASE = "jiebang.invalid/leshan/0a0b0c0d"
NEW_YEAR = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)
PLACE = {"city": "511100000000", "county": "511102000000", "township": "511102001000", "community": "511102001001"}
CITY = {"city": "leshan", "name": {"zh": "乐山", "en": "Leshan"}, "zone": "Asia/Shanghai", "demonstration": True}


PLACES = {"leshan": PLACE, "millbrook": {"town": "millbrook", "district": "north", "ward": "north-1"}}


@cache
def calendar(city: str = "leshan") -> Calendar:
    return packs.calendar(packs.city(city))


@dataclass(frozen=True)
class Published:
    text: bytes
    program: Program
    city: str = "leshan"
    almanac: Almanac | None = None  # instead of the city's own

    @property
    def calendar(self) -> Calendar:
        own = calendar(self.city)
        return own if self.almanac is None else replace(own, almanac=self.almanac)

    @property
    def place(self) -> dict[str, str]:
        return PLACES[self.city]

    @property
    def hash(self) -> str:
        return program_hash(self.program)


FOLDERS = {"residents": "leshan", "hazard": "leshan", "report": "generic", "council": "leshan"}


@cache
def published(mechanism: str = "residents", log: str = "") -> Published:
    """Return a mechanism of the packs, compiled; `log` gives it another log class than its text says."""
    city = "millbrook" if mechanism == "report" else "leshan"
    path = packs.root() / FOLDERS[mechanism] / "mechanisms" / mechanism / "2026-01-01.yaml"
    text = path.read_bytes()
    if log:
        text = re.sub(rb"\nlog: \w+\n", f"\nlog: {log}\n".encode(), text, count=1)
    program = parse(text, filename=path.name, vocabulary=packs.categories(packs.city(city)))
    return Published(text, program, city)


def people_of(source: Published) -> list[Actor]:
    """Return two persons for every post the mechanism names, two handlers' units, and two raisers."""
    place = source.place
    levels = list(place)
    people = [Actor("k1", via="code"), Actor("k8", via="account")]
    posts = {(p.office, p.level) for p in source.program.parties.values() if p.kind == "post"}
    for office, level in sorted(posts):
        for n in (1, 2):
            held = Appointment(office=office, unit=f"{office}-{level}", area=place[level], level=level)
            via: Literal["call", ""] = "call" if n == 2 else ""
            people.append(Actor(f"{office}-{level}-{n}", (held,), via=via))
    for held in [one for one in people if one.appointments]:
        people.append(Actor("k1", via="window", taker=held))
        people.append(Actor("k1", via="proxy", taker=held))
    for n, unit in enumerate(("water", "roads", "water")):
        people.append(Actor(f"{unit}-{n}", (Appointment("handler", unit, place[levels[1]], levels[1]),)))
    return people


def key_of(person: str) -> bytes:
    return person.encode().ljust(32, b"-")


@dataclass
class Played:
    """One entry's events, with what its leaves are made of."""

    uid: str
    number: str
    source: Published
    events: list[Event] = field(default_factory=list)

    def leaves(self) -> list[tuple[datetime, bytes]]:
        program = self.source.program
        made = []
        for event in self.events:
            first = event.seq == 1
            p, taken = "", {}
            if event.person not in ("", "clock"):
                p = disclosure.pseudonym(key_of(event.person), entry=self.uid)
            if event.taken:
                their_p = disclosure.pseudonym(key_of(event.taken.person), entry=self.uid)
                taken = {**asdict(event.taken), "person": "", "p": their_p}
            fact = leaf.Fact(
                entry=self.uid,
                seq=event.seq,
                mech=self.source.hash[:16],
                move=event.move,
                to=event.to_state,
                party=event.party,
                at=event.at,
                from_=event.from_state,
                via=event.via,
                unit=event.unit,
                p=p,
                number=self.number if first else "",
                area=list(self.source.place.values())[-2] if first else "",
                missed=event.missed,
                due=event.due,
                owed=event.owed,
                prov=event.provisional,
                answers=event.answers,
                verified=event.verified,
                lap=event.lap,
                rows=event.rows,
                taken=taken,
                **linked_in_leaf(event),
            )
            values: dict[str, Json] = {}
            if event.told:
                values["told"] = dict(event.told)
            sd, _ = disclosure.seal(key_of("k1"), entry=self.uid, seq=event.seq, values=values)
            veil = leaf.veil_of(fact, zone=ZONE, key=key_of("k1")) if program.log == "veiled" else ""
            made.append((event.at, leaf.event_leaf(fact, log=program.log, zone=ZONE, sd=sd, veil=veil)))
        return made


def answers_for(move: Move, source: Published, at: datetime, chance: random.Random) -> dict[str, Json]:
    program = source.program
    given: dict[str, Json] = {}
    for ask in move.ask:
        kind = program.fields[ask.field]
        if ask.optional and chance.random() < 0.5:
            continue
        if kind.type == "choice":
            given[kind.name] = chance.choice(kind.choices).id
        elif kind.type == "yes-no":
            given[kind.name] = chance.choice(["yes", "no"])
        elif kind.type == "date":
            day = at.astimezone(ZONE).date() + timedelta(days=chance.randrange(1, 12))
            while not calendar(source.city).is_working(day):
                day += timedelta(days=1)
            given[kind.name] = day.isoformat()
        elif kind.type == "unit":
            given[kind.name] = chance.choice(["water", "roads"])
        elif kind.type == "area":
            given[kind.name] = list(source.place.values())[-1]
        elif kind.type == "number":
            given[kind.name] = chance.randrange(5)
        elif kind.type == "phone":
            given[kind.name] = "13800000000"
        elif kind.type == "entry":
            given[kind.name] = "LS-26-000001"
        elif kind.many:
            given[kind.name] = "\n".join(["路灯坏了"] * chance.randint(1, kind.many))
        elif kind.type == "text":
            given[kind.name] = "路灯坏了"
    return given


SHOWN = ("photo", "photo before", "photo after", "document", "signature")


@dataclass
class Family:
    """Entries that open others on these boards, played together; each has the next number."""

    boards: dict[str, Published]
    members: list[Played] = field(default_factory=list)

    def raised(self, mechanism: str, seed: int, *, start: datetime = NEW_YEAR, origin: Origin | None = None) -> Played:
        return play(seed, source=self.boards[mechanism], start=start, origin=origin, family=self)

    def opened_by(self, entry: Played, event: Event) -> list[tuple[datetime, str, str]]:
        """Play what an event opens, and return when, where and how each of it ended."""
        ended = []
        for n, one in enumerate(event.opens):
            origin = Origin(entry.uid, event.seq, n)
            child = self.raised(
                one.mechanism, int(entry.uid, 16) * 10_000 + event.seq * 100 + n, start=event.at, origin=origin
            )
            final = child.source.program.finals.get(child.events[-1].to_state)
            if final:
                ended.append((child.events[-1].at, f"{event.seq}.{n}", str(final.means)))
        return sorted(ended)


def play(
    number: int,
    *,
    source: Published | None = None,
    start: datetime = NEW_YEAR,
    most: int = 60,
    origin: Origin | None = None,
    family: Family | None = None,
) -> Played:
    """Play one entry at random, until it ends or `most` events were made; the number is also the seed."""
    source = source or published()
    program, chance = source.program, random.Random(number)
    place = number if family is None else len(family.members) + 1
    entry = Played(f"{number:032x}", f"LS-26-{place:06d}", source)
    if family is not None:
        family.members.append(entry)
    opening = next(iter(program.openings)) if origin is None else "opened"
    at = start + timedelta(minutes=chance.randrange(10_000) if origin is None else 0)
    people, working = people_of(source), source.calendar
    raiser = people[0] if origin is None else BOARDS
    command = Command(opening, raiser, answers_for(program.openings[opening], source, at, chance))
    opened = engine.open_entry(
        program, opening, command, at=at, calendar=working, place=source.place, raiser=people[0].person, origin=origin
    )
    assert not isinstance(opened, Refused), opened
    facts = _taken(program, None, opened, entry)
    to_hear = family.opened_by(entry, opened[0]) if family else []
    silent = chance.random() < 0.2
    joined = False
    for _ in range(400):
        if facts.state in program.finals or len(entry.events) >= most:
            break
        assert facts.due is not None
        if to_hear and to_hear[0][0] < facts.due and (facts.due <= at or chance.random() < 0.5):
            when, slot, means = to_hear.pop(0)
            at = max(at, when + timedelta(seconds=1))  # a follower hears of what was committed
            facts = _taken(program, facts, engine.heard(program, facts, slot, means, at=at), entry)
            continue
        if not joined and chance.random() < 0.1:
            joined = True
            facts = _taken(program, facts, engine.join(program, facts, raisers=["k8"], at=at), entry)
            continue
        if silent or chance.random() < 0.15:
            at = max(facts.due, at) + timedelta(minutes=chance.randrange(3))
            done = engine.decide(program, facts, Command("clock", CLOCK), at=at, calendar=working)
        else:
            at = min(
                max(at, facts.last_at) + timedelta(minutes=chance.randrange(600)), facts.due - timedelta(minutes=1)
            )
            at = max(at, facts.last_at)
            actor = chance.choice(people)
            moves = [
                move for move, answer in engine.moves_open_to(program, facts, actor) if isinstance(answer, engine.Yes)
            ]
            if not moves:
                continue
            calmer = [move for move in moves if move.name not in ("withdraw", "same")]
            move = chance.choice(moves if chance.random() < 0.05 or not calmer else calmer)
            unit = actor.appointments[0].unit if actor.appointments else ""
            command = Command(move.name, actor, answers_for(move, source, at, chance), SHOWN, unit=unit)
            done = engine.decide(program, facts, command, at=at, calendar=working)
        if not isinstance(done, Refused):
            facts = _taken(program, facts, done, entry)
            if family is not None:
                to_hear = sorted([*to_hear, *(one for event in done for one in family.opened_by(entry, event))])
    return entry


def _taken(program: Program, facts: Facts | None, events: Sequence[Event], entry: Played) -> Facts:
    for event in events:
        facts = engine.evolve(program, facts, event)
        entry.events.append(event)
    assert facts is not None
    return facts


def publish(source: Published) -> list[bytes]:
    program = canonical_bytes(program_to_json(source.program))
    return leaf.publish_leaves(
        mechanism=source.program.id,
        since=date.fromisoformat(source.program.since),
        text=source.text,
        program=program,
        at=NEW_YEAR,
        certificate=canonical_bytes(certificate_of(source.program, calendar(source.city))),
    )


def first_leaf(**changes: object) -> bytes:
    return leaf.city_leaf(**(CITY | {"origin": origin_of(BASE, "2026"), "at": NEW_YEAR} | changes))  # type: ignore[arg-type]  # a plain mapping of its arguments


def ordered(entries: Iterable[Played]) -> list[bytes]:
    """Return all entries' leaves in the order they happened."""
    timed = [(at, place, seq, data) for place, e in enumerate(entries) for seq, (at, data) in enumerate(e.leaves())]
    return [data for _, _, _, data in sorted(timed, key=lambda one: one[:3])]


def a_city(entries: int = 40) -> list[bytes]:
    """Return the leaves of a city with that many entries, played."""
    return [first_leaf(), *publish(published()), *ordered(play(n) for n in range(1, entries + 1))]


def write(root: Path, leaves: Sequence[bytes], *, seed: bytes = SEED, steps: Sequence[int] = ()) -> str:
    """Write a log folder of one year; return its key. `steps` are sizes at which partial tiles are written too."""
    origin = origin_of(BASE, "2026")
    folder, tree = Folder(root), Tree(0)
    for size in [*steps, len(leaves)]:
        tree, files = tree.grown("2026", leaves[tree.size : size])
        folder.write(files)
    key = checkpoint.key_of(origin, seed)
    point = checkpoint.Checkpoint(origin, tree.size, tree.root)
    folder.write({"2026/checkpoint": checkpoint.sign_checkpoint(point, seed=seed).encode()})
    folder.write({"shards.json": shards_json("leshan", [key])})
    return key.vkey


def write_two_years(root: Path, leaves: Sequence[bytes], later: Sequence[bytes]) -> tuple[str, str]:
    """Write a log folder of two years, the first closed; return both keys."""
    folder = Folder(root)
    keys = [checkpoint.key_of(origin_of(BASE, year), SEED) for year in ("2026", "2027")]
    city = leaf.parse(leaves[0])
    at = datetime(2027, 1, 1, tzinfo=UTC)
    notes = ""
    for key, year, content in (
        (keys[0], "2026", [*leaves, closing_leaf(city, key=keys[1], at=at)]),
        (keys[1], "2027", list(later)),
    ):
        if year == "2027":
            content.insert(0, opening_leaf(city, origin=key.name, previous=notes, at=at))
        tree, files = Tree(0).grown(year, content)
        folder.write(files)
        notes = checkpoint.sign_checkpoint(checkpoint.Checkpoint(key.name, tree.size, tree.root), seed=SEED)
        folder.write({f"{year}/checkpoint": notes.encode()})
    folder.write({"shards.json": shards_json("leshan", keys)})
    return keys[0].vkey, keys[1].vkey

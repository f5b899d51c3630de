"""Who acts in the demonstration: invented people in the posts the mechanism speaks of, and the accounts to try.

Only places where something is raised get people, so the cast is some hundreds, not a whole city's staff. Nobody of
them can sign in; the few accounts for visitors are made beside them and have done nothing yet.
"""

from __future__ import annotations

import os
import random
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from jiebang.desk.demo_plan import Manner, seeded
from jiebang.engine.model import Actor, Appointment, Facts, Party, Program
from jiebang.engine.parties import unit_that_did
from jiebang.people import queries as people
from jiebang.people import services as people_services
from jiebang.people.services import Post

HANDLER = "handler"
IN_A_COMMUNITY, ELSEWHERE, IN_A_UNIT = 1, 3, 2  # people to a post; returned matters need somebody who was not in it


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody to sign in as."""

    username: str
    password: str
    introduced: str


@dataclass(slots=True)
class Cast:
    posts: dict[tuple[str, str], list[Actor]] = field(default_factory=dict)  # by office and area
    units: dict[str, list[Actor]] = field(default_factory=dict)  # handlers by unit

    def who_may_be(self, party: Party, facts: Facts, *, unit: str) -> list[Actor]:
        """Return the people who could act as that party for an entry; `unit` is the one its kind of matter falls to."""
        if party.kind == "raiser":
            return [Actor(person=person, via="code") for person in facts.raisers]
        if party.kind == "post":
            return self.posts.get((party.office, facts.place.get(party.level, "")), [])
        if party.kind == "unit":
            return self.units.get(unit, [])
        if party.kind == "did":
            return self.units.get(unit_that_did(party, facts), [])
        return []


def enlist(
    boards: Iterable[tuple[Program, Iterable[str]]], manner: Manner, *, roles: Iterable[str], since: date, seed: int
) -> Cast:
    """Fill the posts each board speaks of in the places above its areas, and the units with these roles there."""
    rng = seeded(seed, "cast")
    posts: dict[tuple[str, str], list[Post]] = {}
    within: set[str] = set()
    for program, areas in boards:
        places = [people.place(code) for code in sorted(set(areas))]
        within |= {code for place in places for code in place.values()}
        for party in _posts(program):
            for area in sorted({place[party.level] for place in places if party.level in place}):
                if (party.office, area) not in posts:
                    posts[party.office, area] = _filled(party, area, places, manner, rng)
    wanted = [post for filled in posts.values() for post in filled]
    roles = set(roles)
    wanted += [
        Post(f"{view.slug}.{n + 1}", _name(manner.texts, rng), HANDLER, view.slug, view.area)
        for view in people.handling_units()
        if view.area in within and any(view.slug.endswith(f"-{role}") for role in roles)
        for n in range(IN_A_UNIT)
    ]
    persons = people_services.enlist(wanted, since=since)
    cast = Cast()
    for post in wanted:
        actor = _actor(post, persons[post.username])
        cast.posts.setdefault((post.office, post.area), []).append(actor)
        if post.office == HANDLER:
            cast.units.setdefault(post.unit, []).append(actor)
    return cast


def accounts(manner: Manner, file: Path, *, since: date, languages: Iterable[str]) -> list[Account]:
    """Make the accounts people may try, with random passwords, and write them to `file` for its owner alone.

    Passwords that stand in the file are kept, so those already printed still hold when a player is started again.
    """
    said = {host["name"]: host for host in manner.habits["accounts"]}
    lang = "zh" if any(language.startswith("zh") for language in languages) else "en"
    known = _written(file)
    persons = people_services.enlist(
        [
            Post(name, host.get(lang) or host["en"], host["office"], _unit_named(host), host["area"])
            for name, host in said.items()
        ],
        since=since,
    )
    made: list[Account] = []
    for name, host in said.items():
        password = known.get(name) or "-".join(secrets.token_hex(2) for _ in range(3))
        people_services.set_password_of(persons[name], password)
        made.append(Account(name, password, " · ".join(host[code] for code in ("zh", "en") if host.get(code))))
    _write(file, made)
    return made


def _posts(program: Program) -> list[Party]:
    found: dict[tuple[str, str], Party] = {}
    for party in program.parties.values():
        if party.kind == "post":
            found.setdefault((party.office, party.level), party)
    return list(found.values())


def _filled(
    party: Party, area: str, places: Iterable[Mapping[str, str]], manner: Manner, rng: random.Random
) -> list[Post]:
    unit = _unit_of_post(area, party.office)
    duty = party.office.partition(".")[2]
    return [
        Post(f"{unit}.{duty}{n + 1}", _name(manner.texts, rng), party.office, unit, area)
        for n in range(1 if duty else _how_many(party, places))
    ]


def _how_many(party: Party, places: Iterable[Mapping[str, str]]) -> int:
    deepest = {list(place)[-1] for place in places}
    return IN_A_COMMUNITY if party.level in deepest else ELSEWHERE


def _unit_of_post(area: str, office: str) -> str:
    """Return the unit of the area whose people hold that office: the one of its name, else an office, else any."""
    units = people.units_of(area)
    if not units:
        raise people_services.CityDataError(
            f"Area {area} has no unit for the office “{office}”. Add one to units.yaml."
        )
    body = office.partition(".")[0]  # whoever has a duty in a body sits where the body does
    last = {"unit": 1, "desk": 2}  # a desk is for the office of its name alone
    ranked = sorted(units, key=lambda view: (not view.slug.endswith(f"-{body}"), last.get(view.kind, 0), view.slug))
    return ranked[0].slug


def _unit_named(host: Mapping[str, Any]) -> str:
    return host.get("unit") or _unit_of_post(host["area"], host["office"])


def _actor(post: Post, person: str) -> Actor:
    area = people.area(post.area)
    held = Appointment(post.office, post.unit, post.area, area.level if area else "")
    return Actor(person=person, appointments=(held,), via="account")


def _name(texts: Mapping[str, Any], rng: random.Random) -> str:
    surname, given = rng.choice(texts["surnames"]), rng.choice(texts["given"])
    return f"{surname}{given}" if ord(surname[0]) > 0x2E80 else f"{given} {surname}"


def _written(file: Path) -> dict[str, str]:
    if not file.exists():
        return {}
    rows = [line.split() for line in file.read_text(encoding="utf-8").splitlines()]
    return {row[0]: row[1] for row in rows if len(row) >= 2}


def _write(file: Path, made: Iterable[Account]) -> None:
    unfinished = file.with_suffix(".tmp")
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as out:
        out.writelines(f"{one.username:<10}{one.password:<18}{one.introduced}\n" for one in made)
    unfinished.rename(file)

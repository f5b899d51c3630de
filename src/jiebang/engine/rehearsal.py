"""Trying a mechanism out: invented parties, a clock that is wound by hand, nothing kept.

A rehearsal is the list of what was tried; `scene` plays it again from the start each time, so it can be carried in a
page's form. What was refused stays in it, with the reason: that is what an author wants to see.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from jiebang.engine.dues import running_limits
from jiebang.engine.lifecycle import decide, evolve, moves_open_to, open_entry
from jiebang.engine.model import (
    CLOCK,
    Actor,
    Appointment,
    Command,
    Event,
    Facts,
    Json,
    Move,
    Program,
    Refused,
    Texts,
    Yes,
)
from jiebang.engine.parties import HANDLER, who_may_open
from jiebang.engine.worktime import Calendar

MOST_TRIED = 120  # steps of one rehearsal
MOST_OF_THE_CLOCK = 200  # clock moves one winding may bring
RESIDENT = "resident"
_PEOPLE_TO_A_POST = 2  # whoever did one thing may be shut out from another
_UNITS = ("unit-a", "unit-b")


@dataclass(frozen=True, slots=True)
class Player:
    """Somebody invented: who they are to the mechanism, and what the page calls them."""

    name: str
    title: Texts
    actor: Actor


@dataclass(frozen=True, slots=True)
class Tried:
    """One thing that was tried. `who` is a player's name; the clock only winds to `at`."""

    at: datetime
    who: str
    does: str = ""
    answers: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Told:
    """What came of one thing tried, or of the clock: the event and the state after it, or why nothing happened."""

    at: datetime
    who: str
    move: str
    before: str
    state: str
    due: datetime | None
    refused: Refused | None = None


@dataclass(frozen=True, slots=True)
class Open:
    """A move somebody may make now, and who."""

    move: Move
    players: tuple[Player, ...]


@dataclass(frozen=True, slots=True)
class Scene:
    """Where a rehearsal stands: what happened, the entry's facts (none yet: nothing was raised), what may be done."""

    facts: Facts | None
    told: tuple[Told, ...]
    now: datetime
    open: tuple[Open, ...]
    players: tuple[Player, ...]
    late: tuple[str, ...] = ()  # duties whose time is over


def place_of(levels: Sequence[str]) -> dict[str, str]:
    """Return an invented place: one area at each level."""
    return {level: f"invented-{level}" for level in levels}


def cast(program: Program, levels: Sequence[str]) -> tuple[Player, ...]:
    """Return everybody the mechanism speaks of: a resident, two people to each post, two units of two."""
    place = place_of(levels)
    players = [Player(RESIDENT, {"zh": "提出人", "en": "the reporter"}, Actor("k-resident", via="code"))]
    posts: dict[tuple[str, str], Texts] = {}
    for party in program.parties.values():
        if party.kind == "post":
            posts.setdefault((party.office, party.level), party.title)
    for (office, level), title in posts.items():
        area = place.get(level, f"invented-{level}")
        held = Appointment(office, f"unit-of-{office}-{level}", area, level)
        for n in range(1, _PEOPLE_TO_A_POST + 1):
            key = f"{office}@{level}:{n}"
            named = {lang: f"{words} {n}" for lang, words in title.items()}
            players.append(Player(key, named, Actor(f"k-{key}", (held,), via="account")))
    if any(party.kind in ("unit", "did") for party in program.parties.values()):
        deepest = levels[-1] if levels else ""
        for unit in _UNITS:
            for n in range(1, _PEOPLE_TO_A_POST + 1):
                letter = unit[-1].upper()
                titles = {"zh": f"单位{letter}的 {n} 号", "en": f"unit {letter}, person {n}"}
                held = Appointment(HANDLER, unit, place.get(deepest, ""), deepest)
                players.append(Player(f"{unit}:{n}", titles, Actor(f"k-{unit}-{n}", (held,), via="account")))
    return tuple(players)


def scene(
    program: Program, calendar: Calendar, tried: Sequence[Tried], *, begins: datetime, levels: Sequence[str]
) -> Scene:
    """Play what was tried, from the start. The clock's moves come by themselves when their time is over.

    Only the first `MOST_TRIED` are played. The same list always gives the same scene.
    """
    players = cast(program, levels)
    known = {player.name: player.actor for player in players}
    facts: Facts | None = None
    told: list[Told] = []
    now = begins
    for one in tried[:MOST_TRIED]:
        now = max(now, one.at)
        facts = _wound(program, calendar, facts, told, now)
        if one.does:
            actor = known.get(one.who)
            if actor is not None:
                facts = _played(program, calendar, facts, told, one, actor, now, levels)
    late = _late(program, facts, calendar, now) if facts is not None else ()
    return Scene(facts, tuple(told), now, _open(program, facts, players, levels), players, late)


def _wound(program: Program, calendar: Calendar, facts: Facts | None, told: list[Told], now: datetime) -> Facts | None:
    """Let the clock act as often as something was due by now."""
    for _ in range(MOST_OF_THE_CLOCK):
        if facts is None or facts.due is None or facts.due > now or facts.state not in program.states:
            break
        moment = facts.due
        answer = decide(program, facts, Command("clock", CLOCK), at=moment, calendar=calendar)
        if isinstance(answer, Refused):
            told.append(Told(moment, CLOCK.person, "clock", facts.state, facts.state, facts.due, answer))
            break
        facts = _evolved(program, facts, told, answer, CLOCK.person)
    return facts


def _played(
    program: Program,
    calendar: Calendar,
    facts: Facts | None,
    told: list[Told],
    one: Tried,
    actor: Actor,
    now: datetime,
    levels: Sequence[str],
) -> Facts | None:
    shown = _everything_shown(program, facts, one.does)
    command = Command(one.does, actor, answers=dict(one.answers), shown=shown)
    if facts is None:
        answer = open_entry(
            program, one.does, command, at=now, calendar=calendar, place=place_of(levels), raiser="k-resident"
        )
    else:
        answer = decide(program, facts, command, at=now, calendar=calendar)
    if isinstance(answer, Refused):
        state = facts.state if facts is not None else ""
        told.append(Told(now, one.who, one.does, state, state, facts.due if facts else None, answer))
        return facts
    return _evolved(program, facts, told, answer, one.who)


def _evolved(
    program: Program, facts: Facts | None, told: list[Told], events: Sequence[Event], who: str
) -> Facts | None:
    for event in events:
        before = facts.state if facts is not None else ""
        facts = evolve(program, facts, event)
        told.append(Told(event.at, who, event.move, before, facts.state, facts.due))
    return facts


def _everything_shown(program: Program, facts: Facts | None, name: str) -> tuple[str, ...]:
    """Every photo and document a move could want: a rehearsal is about the rules, not about files."""
    state = program.states.get(facts.state) if facts is not None else None
    moves: Mapping[str, Move] = state.moves if state is not None else program.openings
    move = moves.get(name)
    if move is None:
        duty = state.duties.get(name.removeprefix("duty:")) if state is not None else None
        show = duty.show if duty is not None else ()
    else:
        show = move.show
    return tuple(dict.fromkeys(f"{proof.kind} {proof.label}".strip() for proof in show))


def _open(program: Program, facts: Facts | None, players: Sequence[Player], levels: Sequence[str]) -> tuple[Open, ...]:
    found: dict[str, tuple[Move, list[Player]]] = {}
    for player in players:
        if facts is None:
            place = place_of(levels)
            offered = [(move, who_may_open(program, place, player.actor, move)) for move in program.openings.values()]
        else:
            offered = moves_open_to(program, facts, player.actor)
        for move, answer in offered:
            if isinstance(answer, Yes):
                found.setdefault(move.name, (move, []))[1].append(player)
    return tuple(Open(move, tuple(who)) for move, who in found.values())


def _late(program: Program, facts: Facts, calendar: Calendar, now: datetime) -> tuple[str, ...]:
    return tuple(
        limit.name for limit in running_limits(program, facts, calendar) if limit.kind == "duty" and limit.due <= now
    )

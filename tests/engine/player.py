"""Playing a program: actors who fit its parties, answers to its questions, and steps at chosen moments."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from itertools import product

from jiebang.engine import (
    CLOCK,
    Actor,
    Appointment,
    Command,
    Event,
    Facts,
    Program,
    Refused,
    decide,
    evolve,
    open_entry,
)
from jiebang.engine.model import Amount, Json, Move
from jiebang.engine.parties import unit_that_did
from jiebang.engine.worktime import Calendar, due

PLACE = {
    "city": "a1", "county": "a2", "township": "a3", "community": "a4", "town": "a1", "district": "a2", "ward": "a4",
}  # fmt: skip
RAISER = "k1"
WORKING_UNIT = "u-work"
MS = timedelta(milliseconds=1)


def opened(program: Program, *, at: datetime, calendar: Calendar, answers: Mapping[str, Json] | None = None) -> Facts:
    name, opening = next(iter(program.openings.items()))
    actor = Actor(person=RAISER, via="code")
    for given in answers_to(program, opening, at=at, calendar=calendar):
        command = Command(name, actor, {**given, **(answers or {})}, shown=shown_by(program, opening))
        events = open_entry(program, name, command, at=at, calendar=calendar, place=PLACE, raiser=RAISER)
        if not isinstance(events, Refused):
            return folded(program, None, events)
    raise AssertionError(f"{name} was refused")


def folded(program: Program, facts: Facts | None, events: list[Event]) -> Facts:
    for event in events:
        facts = evolve(program, facts, event)
    assert facts is not None
    return facts


def clock(program: Program, facts: Facts, *, calendar: Calendar) -> Facts:
    """The clock's move, the moment it is due."""
    assert facts.due is not None
    events = decide(program, facts, Command("clock", CLOCK), at=facts.due, calendar=calendar)
    assert not isinstance(events, Refused), events
    return folded(program, facts, events)


def moved(program: Program, facts: Facts, move: Move, given: Mapping[str, Json], *, at: datetime, calendar: Calendar
          ) -> Facts | Refused:  # fmt: skip
    """The move, by whoever may make it."""
    answer: Facts | Refused | None = None
    for party in move.by:
        actor = actor_for(program, facts, party)
        command = Command(move.name, actor, given, shown=shown_by(program, move))
        events = decide(program, facts, command, at=at, calendar=calendar)
        if not isinstance(events, Refused):
            return folded(program, facts, events)
        answer = events
    assert answer is not None
    return answer


def ways_on(program: Program, facts: Facts, *, at: datetime, calendar: Calendar) -> Iterator[Facts]:
    """Every entry this one can become by one move of a person at that moment."""
    for move in program.states[facts.state].moves.values():
        for given in answers_to(program, move, at=at, calendar=calendar):
            after = moved(program, facts, move, given, at=at, calendar=calendar)
            if not isinstance(after, Refused):
                yield after


def actor_for(program: Program, facts: Facts, party_name: str) -> Actor:
    party = program.parties[party_name]
    if party.kind in ("raiser", "anyone"):
        return Actor(person=RAISER, via="code")
    if party.kind == "unit":
        held = Appointment("handler", WORKING_UNIT, PLACE["county"], "county")
    elif party.kind == "did":
        held = Appointment(party.office or "handler", unit_that_did(party, facts), PLACE["county"], "county")
    elif party.kind == "instrument":
        held = Appointment("instrument", "u-instrument", PLACE["city"], "city")
    else:
        held = Appointment(party.office, f"u-{party_name}", PLACE[party.level], party.level)
    return Actor(person=f"k-{party_name}", appointments=(held,), via="call")


def answers_to(program: Program, move: Move, *, at: datetime, calendar: Calendar) -> Iterator[dict[str, Json]]:
    """Answers of every kind: each choice of each choice question, the optional left open, dates as late as can be."""
    decided = {test.field for branch in move.to for test in branch.when.tests}
    decided |= {test.field for test in move.when.tests} | {test.field for ask in move.ask for test in ask.when.tests}
    asks = [ask for ask in move.ask if program.fields[ask.field].type not in ("photo", "document", "signature")]
    offers = [_answers(program, ask.field, ask.optional, ask.field in decided, at, calendar) for ask in asks]
    for values in product(*offers):
        given: dict[str, Json] = {}
        for ask, value in zip(asks, values, strict=True):
            asked = all((given.get(test.field) in test.values) != test.negated for test in ask.when.tests)
            if asked and value is not None:
                given[ask.field] = value
        yield given


def _answers(
    program: Program, name: str, optional: bool, decides: bool, at: datetime, calendar: Calendar
) -> list[Json]:
    field = program.fields[name]
    if field.type == "choice":
        every: list[Json] = [choice.id for choice in field.choices]
        some = every if decides else every[:1]
        return [None, *some] if optional else some
    if optional and field.type != "date":
        return [None]
    if field.type == "yes-no":
        return ["yes", "no"]
    if field.type == "date":
        return [latest_promise(program, name, at, calendar)]
    known = {"unit": WORKING_UNIT, "number": 1, "phone": "13800000000", "entry": "XX-26-1", "position": "29.5,103.7"}
    return [known.get(field.type, "a4")]


def latest_promise(program: Program, name: str, at: datetime, calendar: Calendar) -> str:
    """The last working day every state that waits for this date would still take."""
    ceilings = [s.limit.ceiling for s in program.states.values() if s.limit.until == name and s.limit.ceiling]
    last = min(calendar.due_day(due(at, ceiling, calendar).moment) for ceiling in ceilings or [Amount(15, "wd")])
    return (last if calendar.is_working(last) else calendar.add_working_days(last, -1)).isoformat()


def shown_by(program: Program, move: Move) -> tuple[str, ...]:
    asked = [program.fields[ask.field].type for ask in move.ask if not ask.optional]
    files = [kind for kind in asked if kind in ("photo", "document", "signature")]
    return tuple(dict.fromkeys([*files, *(f"{proof.kind} {proof.label}".strip() for proof in move.show)]))

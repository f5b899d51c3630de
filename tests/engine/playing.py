"""A cast and a stage for the shipped mechanisms: who is who, and steps anybody might try."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from jiebang.engine import decide, evolve, open_entry
from jiebang.engine.model import CLOCK, Actor, Appointment, Command, Event, Facts, Json, Program, Refused
from jiebang.engine.worktime import Calendar
from tests.engine.calendars import china
from tests.engine.shipped import compiled, file_of, residents

MONDAY_NINE = datetime(2026, 3, 2, 1, tzinfo=UTC)  # 09:00 in Leshan
PLACE = {"city": "5111", "county": "511112", "township": "511112100", "community": "511112100005"}


def post(person: str, office: str, level: str, unit: str) -> Actor:
    return Actor(person, (Appointment(office, unit, PLACE[level], level),))


LI = Actor("k1", via="code")
MEI = Actor("k2", via="code")
WANG = post("k10", "staff", "community", "window")
ZHOU = post("k11", "board-office", "county", "board-office")
TANG = post("k12", "board-office", "county", "board-office")
CHEN = post("k13", "handler", "county", "lighting")
LUO = post("k14", "handler", "county", "works")
GAO = post("k15", "government-duty", "city", "duty")
QIN = post("k16", "safety-committee", "county", "safety")
DU = post("k17", "expert", "county", "institute")
CAST = (LI, MEI, WANG, ZHOU, TANG, CHEN, LUO, GAO, QIN, DU, CLOCK)

FITTING: Mapping[str, Sequence[Json]] = {
    "text": ("换了灯泡", "x"),
    "yes-no": ("yes", "no"),
    "date": ("2026-03-10", "2026-03-20", "2026-04-10", "2026-06-30"),
    "area": ("511112100005",),
    "unit": ("lighting", "works"),
    "entry": ("LS-26-000001",),
    "number": (7, "8"),
    "phone": ("138 0000 0000",),
    "position": ("29.5521, 103.7657",),
}


def hazard() -> Program:
    return compiled(file_of("leshan", "hazard").read_text("utf-8"))


def raised(
    program: Program | None = None, *, at: datetime = MONDAY_NINE, raiser: str = "k1", calendar: Calendar | None = None
) -> Facts:
    """An entry just raised by Li."""
    program = program or residents()
    name = next(iter(program.openings))
    answers: dict[str, Json] = {"what": "路灯不亮", "where": "511112100005"}
    events = open_entry(
        program,
        name,
        Command(name, replace(LI, person=raiser), answers),
        at=at,
        calendar=calendar or china(),
        place=PLACE,
        raiser=raiser,
    )
    assert not isinstance(events, Refused)
    return evolve(program, None, events[0])


def step(facts: Facts, command: Command, *, at: datetime, program: Program | None = None) -> Facts:
    """The facts after a command that must not be refused."""
    answer = tried(facts, command, at=at, program=program)
    assert not isinstance(answer, Refused), answer
    for event in answer:
        facts = evolve(program or residents(), facts, event)
    return facts


def tried(facts: Facts, command: Command, *, at: datetime, program: Program | None = None) -> list[Event] | Refused:
    return decide(program or residents(), facts, command, at=at, calendar=china())


def refusal(facts: Facts, command: Command, *, at: datetime, program: Program | None = None) -> str:
    """The code by which a command is refused."""
    answer = tried(facts, command, at=at, program=program)
    assert isinstance(answer, Refused), answer
    return answer.code


# The thread of residents as commands, to come to any of its states.
POST = Command("post", WANG, {"public-title": "路灯", "public-text": "东门路灯不亮", "category": "street-light"})
CLAIM = Command("claim", CHEN, {"promised-date": "2026-03-10", "contact": "陈"})
FINISH = Command("finish", CHEN, {"what-was-done": "换了灯泡"}, ("photo",))
VERDICT = Command("verdict", LI, {"solved": "yes"})
CLOCKS = Command("clock", CLOCK)


def later(days: int = 0, hours: int = 0) -> datetime:
    return MONDAY_NINE + timedelta(days=days, hours=hours)


def finished() -> Facts:
    """An entry whose work is reported done on the third day."""
    facts = raised()
    for command, at in ((POST, later(hours=1)), (CLAIM, later(hours=2)), (FINISH, later(days=2))):
        facts = step(facts, command, at=at)
    return facts

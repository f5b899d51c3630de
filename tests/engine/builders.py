"""Small programs for the tests, written the way an official reads them: a paragraph a state."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from jiebang.engine.model import (
    Amount,
    Ask,
    Branch,
    Choice,
    Condition,
    Exclusion,
    Field,
    Final,
    Limit,
    Meaning,
    Move,
    Party,
    Program,
    Proof,
    Route,
    Span,
    State,
    Test,
)

RAISER = Party("raiser", "raiser", {"zh": "提出人", "en": "raiser"})
OFFICE = Party("office", "post", {"zh": "榜办", "en": "board office"}, office="board-office", level="county")
UPPER = Party("upper", "post", {"zh": "督查室", "en": "supervisor"}, office="government-duty", level="city")
UNIT = Party("unit", "unit", {"zh": "单位", "en": "unit"})
SOLVER = Party("solver", "did", {"zh": "承办单位", "en": "solver"}, moves=("claim", "assign"))
ANYONE = Party("anyone", "anyone", {"zh": "任何人", "en": "anyone"})
CLOCK = Party("clock", "clock", {"zh": "时钟", "en": "clock"})

SOLVED = Field("solved", "yes-no", {"zh": "解决了吗", "en": "Solved?"}, logged=True)
GRADE = Field(
    "grade",
    "choice",
    {"zh": "等级", "en": "Grade"},
    choices=(Choice("general", {"en": "general"}), Choice("major", {"en": "major"}, marks=("hung",))),
    logged=True,
)
PROMISED = Field("promised-date", "date", {"zh": "承诺日期", "en": "Promised date"}, logged=True)
WHAT = Field("what", "text", {"zh": "什么事", "en": "What"})
DONE = Field("what-was-done", "text", {"zh": "怎么办的", "en": "What was done"})
NAMED_UNIT = Field("unit", "unit", {"zh": "单位", "en": "Unit"}, logged=True)
FIELDS = {field.name: field for field in (SOLVED, GRADE, PROMISED, WHAT, DONE, NAMED_UNIT)}


def amount(text: str) -> Amount:
    n, unit = text.split()
    assert unit in ("wd", "d", "h", "wh", "min")
    return Amount(int(n), unit)  # type: ignore[arg-type]  # asserted above


def condition(text: str) -> Condition:
    """`grade is general`, `grade is not major`, `solved is yes or no`, `grade marked hung`, with `and` between."""
    tests = []
    for part in filter(None, re.split(r" and ", text)):
        if " marked " in part:
            name, mark = part.split(" marked ")
            tests.append(Test(name, mark=mark))
        else:
            name, _, said = part.partition(" is ")
            negated = said.startswith("not ")
            tests.append(Test(name, tuple(said.removeprefix("not ").split(" or ")), negated))
    return Condition(tuple(tests))


def move(
    name: str,
    to: str | Mapping[str, str],
    by: str = "office",
    *,
    ask: Sequence[str] = (),
    when: str = "",
    at_most: int | None = None,
    then: str | None = None,
    verifies: bool = False,
    finishes: bool = False,
    show: Sequence[str] = (),
) -> Move:
    ways = {"": to} if isinstance(to, str) else to
    return Move(
        name,
        {"zh": name, "en": name},
        tuple(by.split(" or ")),
        tuple(Branch(condition(said), target) for said, target in ways.items()),
        tuple(Ask(question.rstrip("?"), optional=question.endswith("?")) for question in ask),
        tuple(Proof("photo", label) for label in show),
        condition(when),
        at_most,
        then,
        verifies,
        finishes=finishes,
    )


def state(
    name: str, holder: str, within: str, clock_to: str, *moves: Move, until: str | None = None, lasts: bool = False
) -> State:
    limit = Limit(
        "lasts" if lasts else "within",
        amount=None if until else amount(within),
        until=until,
        ceiling=amount(within) if until else None,
        source="test",
    )
    return State(name, {"zh": name, "en": name}, holder, limit, clock_to, {one.name: one for one in moves})


def route(name: str, at_most: int, to: str, then: str) -> Route:
    return Route(name, {"zh": name, "en": name}, at_most, to, then)


def final(name: str, means: Meaning) -> Final:
    return Final(name, {"zh": name, "en": name}, means)


FINALS = (
    final("struck", "solved"),
    final("explained", "explained"),
    final("lapsed", "lapsed"),
    final("failed", "failed"),
)


def program(
    *states: State,
    routes: Sequence[Route] = (),
    finals: Sequence[Final] = FINALS,
    spans: Sequence[Span] = (),
    parties: Sequence[Party] = (),
    fields: Mapping[str, Field] = FIELDS,
    first: str = "",
) -> Program:
    """A program whose only opening leads to the first state."""
    made = {name for one in states for name in one.moves}
    solver = [SOLVER] if made >= set(SOLVER.moves) else []
    known = (RAISER, OFFICE, UPPER, UNIT, *solver, ANYONE, CLOCK, *parties)
    opening = move("raise", first or states[0].name, "anyone", ask=("what",))
    return Program(
        "test",
        "2026-01-01",
        {"zh": "试", "en": "Test"},
        {},
        "open",
        {party.name: party for party in known},
        fields,
        {"raise": opening},
        {one.name: one for one in states},
        {one.name: one for one in routes},
        {one.name: one for one in finals},
        {one.name: one for one in spans},
    )


def never(party: Party, *moves: str) -> Party:
    return Party(
        f"{party.name}-apart",
        party.kind,
        party.title,
        party.office,
        party.level,
        party.moves,
        never=(Exclusion("person", moves), Exclusion("unit", moves)),
    )


def loop() -> Program:
    """The closed loop in small: raised, claimed, finished, sent back twice, then upstairs."""
    return program(
        state("raised", "office", "1 wd", "upstairs", move("post", "posted")),
        state(
            "posted",
            "office",
            "3 wd",
            "upstairs",
            move("claim", "claimed", "unit", ask=("promised-date",)),
            move("assign", "claimed", ask=("unit",)),
        ),
        state(
            "claimed",
            "solver",
            "15 wd",
            "upstairs",
            move("finish", "finished", "solver", ask=("what-was-done",), finishes=True),
            until="promised-date",
        ),
        state(
            "finished",
            "raiser",
            "5 wd",
            "lapsed",
            move(
                "verdict",
                {"solved is yes": "struck", "solved is no": "again"},
                "raiser",
                ask=("solved",),
                verifies=True,
            ),
        ),
        state(
            "upstairs",
            "upper",
            "5 wd",
            "failed",
            move("order", "claimed", "upper", ask=("unit",), at_most=1, then="failed"),
            move("explain", "notice", "upper"),
        ),
        state(
            "notice",
            "",
            "5 d",
            "explained",
            move("contest", "upstairs", "raiser", at_most=1, then="explained"),
            lasts=True,
        ),
        routes=(route("again", 2, "claimed", "upstairs"),),
    )

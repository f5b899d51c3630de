"""`agreed by` and `second`: a move that needs another person's word waits for it in a state of its own."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiebang.engine.checker import check
from jiebang.engine.findings import MechanismError
from jiebang.engine.model import Actor, Amount, Appointment, Command, Facts, Refused
from jiebang.engine.parser import parse
from tests.engine import written
from tests.engine.calendars import china
from tests.engine.player import PLACE, clock, folded, opened
from tests.engine.test_properties import FIRST, played, within

MONDAY = datetime(2026, 3, 2, 1, tzinfo=UTC)


def office(person: str) -> Actor:
    return Actor(person, (Appointment("board-office", "board-office", PLACE["county"], "county"),))


def two_stage(**order: Any) -> str:
    return written.text(
        {
            "found": {
                "held by": "office",
                "within": "5 wd",
                "else": "failed",
                "may": {"order": {"to": "fixing", **order}, "explain": {"to": "explained"}},
            },
            "fixing": {"held by": "upper", "within": "5 wd", "else": "failed", "may": {"done": {"to": "explained"}}},
        }
    )


def made(program: Any, facts: Facts, move: str, actor: Actor, *, at: datetime, **answers: str) -> Facts | str:
    from jiebang.engine import decide

    events = decide(program, facts, Command(move, actor, answers), at=at, calendar=china())
    return events.code if isinstance(events, Refused) else folded(program, facts, events)


def test_a_second_person_of_the_same_party_must_agree() -> None:
    program = parse(two_stage(second="1 wd"))
    facts = opened(program, at=MONDAY, calendar=china())

    asked = made(program, facts, "order", office("k1"), at=MONDAY + timedelta(hours=1))
    assert isinstance(asked, Facts)
    assert asked.state == "order-agreement"
    assert program.states["order-agreement"].limit.amount == Amount(1, "wd")
    assert made(program, asked, "agree", office("k1"), at=MONDAY + timedelta(hours=2)) == "handled-it"

    agreed = made(program, asked, "agree", office("k2"), at=MONDAY + timedelta(hours=2))

    assert isinstance(agreed, Facts) and agreed.state == "fixing"


def test_nobody_agrees_to_their_own_request_from_another_chair() -> None:
    program = parse(two_stage(**{"agreed by": "office", "agreed within": "1 wd"}))
    facts = opened(program, at=MONDAY, calendar=china())
    asked = made(program, facts, "order", office("k1"), at=MONDAY + timedelta(hours=1))
    assert isinstance(asked, Facts)

    assert made(program, asked, "agree", office("k1"), at=MONDAY + timedelta(hours=2)) == "handled-it"


@pytest.mark.parametrize("silent", [True, False])
def test_silence_and_refusal_lead_back_and_the_request_is_used_up(silent: bool) -> None:
    program = parse(two_stage(second="1 wd"))
    facts = opened(program, at=MONDAY, calendar=china())
    asked = made(program, facts, "order", office("k1"), at=MONDAY + timedelta(hours=1))
    assert isinstance(asked, Facts)

    back = (
        clock(program, asked, calendar=china())
        if silent
        else made(program, asked, "disagree", office("k2"), at=MONDAY + timedelta(hours=2))
    )

    assert isinstance(back, Facts) and back.state == "found"
    assert made(program, back, "order", office("k1"), at=back.last_at) == "used-up"


def test_what_was_answered_when_asking_decides_where_agreement_leads() -> None:
    program = parse(
        two_stage(second="1 wd", ask=["solved"], to={"solved is yes": "explained", "solved is no": "fixing"})
    )
    facts = opened(program, at=MONDAY, calendar=china())

    for answer, led_to in (("yes", "explained"), ("no", "fixing")):
        asked = made(program, facts, "order", office("k1"), at=MONDAY + timedelta(hours=1), solved=answer)
        assert isinstance(asked, Facts) and asked.state == "order-agreement"
        agreed = made(program, asked, "agree", office("k2"), at=MONDAY + timedelta(hours=2))
        assert isinstance(agreed, Facts) and agreed.state == led_to


def test_the_same_request_can_stand_in_two_states() -> None:
    states = {
        name: {"held by": "office", "within": "5 wd", "else": "failed",
               "may": {"order": {"to": to, "second": "1 wd"}}}
        for name, to in (("first", "last"), ("last", "explained"))
    }  # fmt: skip

    program = written.program(states)

    assert set(program.states) == {"first", "order-agreement", "last", "last-order-agreement"}
    assert check(program, calendar=china()).ok


@pytest.mark.parametrize(
    ("order", "said"),
    [
        ({"second": "1 wd", "agreed by": "upper"}, "exclude one another"),
        ({"agreed by": "upper"}, "within what time"),
        ({"second": "1 wd", "ask": ["solved"], "verifies": True}, "does not work on an opening, a verdict or a merge"),
        ({"second": "1 wd", "by": "raiser"}, "is no official"),
        ({"second": "soon"}, "is no length of time"),
    ],
)
def test_slips_are_named(order: dict[str, Any], said: str) -> None:
    with pytest.raises(MechanismError) as caught:
        parse(two_stage(**order))

    assert any(said in finding.en for finding in caught.value.findings)


def with_agreement(draw: st.DrawFn, names: list[str], onward: list[str]) -> dict[str, Any]:
    how = draw(st.sampled_from([{}, {"second": "1 wd"}, {"agreed by": "upper", "agreed within": "3 d"}]))
    if not how:
        return {}
    ways: list[Any] = [draw(st.sampled_from([*names, "explained"]))]
    ways.append({"solved is yes": ways[0], "solved is no": draw(st.sampled_from(onward))})
    to = draw(st.sampled_from(ways))
    laps = {"at most": draw(st.integers(1, 2)), "then": draw(st.sampled_from(onward))} if draw(st.booleans()) else {}
    return {"order": {"to": to, **({"ask": ["solved"]} if isinstance(to, dict) else {}), **how, **laps}}


@given(written.texts(moves=with_agreement), st.integers(0, 3 * 365 * 24 * 60), st.integers(0, 2**32))
def test_no_run_with_agreements_lasts_longer_than_the_worst_case(text: str, minutes: int, seed: int) -> None:
    program = parse(text)
    report = check(program, calendar=china())
    if report.bounds is None:
        assert {finding.rule for finding in report.errors} & {"D3", "D4"}
        return

    facts = played(program, FIRST + timedelta(minutes=minutes), random.Random(seed))

    assert within(facts, report.bounds)

"""Bodies, members, and moves that no one person or unit may both make."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiebang.engine import decide
from jiebang.engine.checker import check
from jiebang.engine.findings import MechanismError
from jiebang.engine.model import Actor, Appointment, Command, Facts, Program, Refused
from jiebang.engine.parser import parse
from jiebang.engine.plain import explain
from tests.engine import written
from tests.engine.calendars import china
from tests.engine.player import PLACE, folded, opened
from tests.engine.test_properties import FIRST, played, within

MONDAY = datetime(2026, 3, 2, 1, tzinfo=UTC)
BODIES = {
    "committee": {"body": "village-committee", "of": "area", "level": "community"},
    "chair": {"member of": "committee", "duty": "chair"},
    "overseers": {"body": "supervisors", "of": "area", "level": "community", "never": ["member of committee"]},
}


def member(person: str, office: str, *, unit: str = "village") -> Actor:
    return Actor(person, (Appointment(office, unit, PLACE["community"], "community"),))


CHAIR = member("k1", "village-committee.chair")
PLAIN = member("k2", "village-committee")
OVERSEER = member("k3", "supervisors", unit="overseers")


def council(**top: Any) -> Program:
    states = {
        "proposed": {
            "held by": "committee",
            "within": "5 d",
            "else": "failed",
            "may": {"call": {"to": "called", "by": "chair"}, "note": {"to": "explained", "ask": ["reason"]}},
        },
        "called": {
            "held by": "committee",
            "within": "5 d",
            "else": "failed",
            "may": {"decide": {"to": "done"}},
        },
        "done": {
            "held by": "overseers",
            "within": "5 d",
            "else": "failed",
            "may": {"accept": {"to": "explained"}},
        },
    }
    return written.program(states, parties=BODIES, **top)


def after(program: Program, facts: Facts, move: str, actor: Actor) -> Facts | str:
    events = decide(program, facts, Command(move, actor), at=facts.last_at + timedelta(hours=1), calendar=china())
    return events.code if isinstance(events, Refused) else folded(program, facts, events)


def called(program: Program, by: Actor = CHAIR) -> Facts:
    facts = after(program, opened(program, at=MONDAY, calendar=china()), "call", by)
    assert isinstance(facts, Facts)
    return facts


def test_a_member_acts_for_the_body_and_only_its_chair_for_the_chair() -> None:
    program = council()
    facts = opened(program, at=MONDAY, calendar=china())

    assert after(program, facts, "call", PLAIN) == "not-yours"
    for one in (PLAIN, CHAIR):  # who has a duty in a body is a member of it
        answer = after(program, called(program), "decide", one)
        assert isinstance(answer, Facts) and answer.state == "done"


def test_a_member_of_the_body_is_shut_out_from_any_chair() -> None:
    program = council()
    facts = after(program, called(program), "decide", PLAIN)
    assert isinstance(facts, Facts)
    on_two_chairs = replace(OVERSEER, others=CHAIR.appointments)

    assert after(program, facts, "accept", on_two_chairs) == "member-excluded"
    assert isinstance(after(program, facts, "accept", OVERSEER), Facts)


def test_one_person_does_not_make_both_moves() -> None:
    program = council(separate=[["call", "decide"]])

    assert after(program, called(program), "decide", CHAIR) == "handled-it"
    assert isinstance(after(program, called(program), "decide", PLAIN), Facts)


def test_one_unit_does_not_make_both_moves() -> None:
    program = council(separate=[{"by unit": ["call", "decide"]}])

    assert after(program, called(program), "decide", PLAIN) == "unit-handled-it"
    elsewhere = member("k4", "village-committee", unit="township")
    assert isinstance(after(program, called(program), "decide", elsewhere), Facts)
    on_two_chairs = replace(elsewhere, others=PLAIN.appointments)
    assert after(program, called(program), "decide", on_two_chairs) == "unit-handled-it"


def test_the_separations_are_said_in_both_languages() -> None:
    program = council(separate=[["call", "decide"], {"by unit": ["call", "accept"]}])

    assert "“call” and “decide” are never made by the same person." in explain(program, "en")
    assert "“call”和“accept”不能由同一单位来做。" in explain(program, "zh")


def test_a_separated_verdict_is_another_partys_word() -> None:
    """V1: whoever finished may not verify; keeping the two moves apart says the same as `never`."""
    states = {
        "open": {"held by": "office", "within": "1 wd", "else": "failed",
                 "may": {"finish": {"to": "done", "ask": ["what"], "finishes": True}}},
        "done": {"held by": "office", "within": "1 wd", "else": "failed",
                 "may": {"accept": {"to": "struck", "verifies": "officer"}}},
    }  # fmt: skip

    alone = check(written.program(states))
    apart = check(written.program(states, separate=[["finish", "accept"]]))

    assert {finding.rule for finding in alone.errors} == {"V1"}
    assert apart.ok


def test_separating_what_only_the_raiser_does_is_a_trap() -> None:
    states = {
        "open": {"held by": "raiser", "within": "1 wd", "else": "failed", "may": {"judge": {"to": "explained"}}},
    }  # fmt: skip

    found = check(written.program(states, opening={"raise": {"by": "anyone", "ask": ["what"], "to": "open"}},
                                  separate=[["raise", "judge"]])).findings  # fmt: skip

    assert "P1" in {finding.rule for finding in found}


@pytest.mark.parametrize(
    ("top", "said"),
    [
        ({"separate": [["call"]]}, "two or more different moves"),
        ({"separate": [["call", "call"]]}, "two or more different moves"),
        ({"separate": [["call", "dance"]]}, "There is no move “dance”"),
        ({"separate": [{"by moon": ["call", "decide"]}]}, "no key “by moon”"),
        ({"separate": ["call"]}, "two or more different moves"),
    ],
)
def test_slips_are_named(top: dict[str, Any], said: str) -> None:
    with pytest.raises(MechanismError) as caught:
        council(**top)

    assert any(said in finding.en for finding in caught.value.findings), caught.value


@pytest.mark.parametrize(
    ("party", "said"),
    [
        ({"member of": "office"}, "There is no body “office”"),
        ({"member of": "committee", "level": "community"}, "“level” has no meaning here"),
        ({"body": "village-committee", "of": "area"}, "“level” is missing"),
        ({"body": "b", "level": "community", "never": ["member of office"]}, "There is no body “office”"),
        ({"body": "b", "level": "community", "never": ["relatives of committee"]}, "is not understood"),
    ],
)
def test_slips_in_parties_are_named(party: dict[str, Any], said: str) -> None:
    states = {"open": {"held by": "who", "within": "1 wd", "else": "failed", "may": {"on": {"to": "explained"}}}}
    with pytest.raises(MechanismError) as caught:
        written.program(states, parties={**BODIES, "who": party})

    assert any(said in finding.en for finding in caught.value.findings), caught.value


@st.composite
def separated(draw: st.DrawFn) -> str:
    pairs = [["raise", "on"], ["on", "back"], {"by unit": ["on", "explain"]}]
    some = draw(st.lists(st.sampled_from(pairs), max_size=2))
    text = draw(written.texts(holders=("office", "committee", "chair", "overseers"), parties=BODIES))
    used = [
        pair
        for pair in some
        if all(f'"{move}"' in text for move in (pair["by unit"] if isinstance(pair, dict) else pair))
    ]
    return text.removesuffix("\n}") + f', "separate": {used!r}\n}}'.replace("'", '"')


@given(separated(), st.integers(0, 3 * 365 * 24 * 60), st.integers(0, 2**32))
def test_no_run_with_separations_lasts_longer_than_the_worst_case(text: str, minutes: int, seed: int) -> None:
    program = parse(text)
    report = check(program, calendar=china())
    if report.bounds is None:
        assert {finding.rule for finding in report.errors} & {"D3", "D4"}
        return

    facts = played(program, FIRST + timedelta(minutes=minutes), random.Random(seed))

    assert within(facts, report.bounds)
    for one in program.separations:
        makers = [
            {d.person if one.by == "person" else d.unit for d in facts.deeds if d.move == name} for name in one.moves
        ]
        assert not set.intersection(*makers) - {""}

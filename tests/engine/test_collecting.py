"""Voices counted until so many agree: a body's vote, and support for a proposal."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiebang.engine import Command, Facts, Program, Refused, decide
from jiebang.engine.checker import check
from jiebang.engine.findings import MechanismError
from jiebang.engine.model import ANYONE, Actor, Appointment
from jiebang.engine.parser import parse
from jiebang.engine.plain import explain
from tests.engine import written
from tests.engine.calendars import china
from tests.engine.player import MS, PLACE, clock, folded, opened
from tests.engine.test_properties import FIRST, within

MONDAY = datetime(2026, 3, 2, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
BODY = {"committee": {"body": "village-committee", "of": "area", "level": "community"}}
MEMBERS = [Actor(f"k{n}", (Appointment("village-committee", "village", PLACE["community"], "community"),))
           for n in range(6)]  # fmt: skip


def voting(*, by: str = "committee", enough: int = 2, **more: Any) -> str:
    vote = {"by": by, "ask": ["solved", "reason?"], "collect": {"count": "solved", "enough": enough, **more},
            "to": {"solved is yes": "decided", "solved is no": "explained"}}  # fmt: skip
    states = {
        "open": {"held by": "committee", "within": "5 d", "else": "failed", "may": {"vote": vote}},
        "decided": {"held by": "office", "within": "5 d", "else": "failed", "may": {"end": {"to": "explained"}}},
    }
    return written.text(states, parties=BODY)


def said(program: Program, facts: Facts, actor: Actor, answer: str) -> Facts | str:
    events = decide(
        program, facts, Command("vote", actor, {"solved": answer}), at=facts.last_at + HOUR, calendar=china()
    )
    return events.code if isinstance(events, Refused) else folded(program, facts, events)


def votes(program: Program, *answers: str) -> Facts:
    facts = opened(program, at=MONDAY, calendar=china())
    for member, answer in zip(MEMBERS, answers, strict=False):
        after = said(program, facts, member, answer)
        assert isinstance(after, Facts), after
        facts = after
    return facts


@pytest.mark.parametrize(
    ("answers", "state"),
    [
        (("yes",), "open"),
        (("yes", "no"), "open"),
        (("yes", "no", "yes"), "decided"),
        (("no", "yes", "no"), "explained"),
    ],
)
def test_so_many_like_answers_decide_either_way(answers: tuple[str, ...], state: str) -> None:
    assert votes(parse(voting()), *answers).state == state


def test_everybody_has_one_voice_and_strangers_none() -> None:
    program = parse(voting())
    facts = votes(program, "yes")

    assert said(program, facts, MEMBERS[0], "yes") == "already-voted"
    assert said(program, facts, Actor("k77"), "yes") == "not-yours"


def test_supporters_must_be_known_apart() -> None:
    program = parse(voting(by="anyone"))
    facts = opened(program, at=MONDAY, calendar=china())

    assert said(program, facts, ANYONE, "yes") == "voter-unknown"
    assert isinstance(said(program, facts, Actor("k5", via="account"), "yes"), Facts)


def test_too_few_voices_decide_nothing_at_the_limit() -> None:
    program = parse(voting(enough=3))

    assert clock(program, votes(program, "yes", "yes"), calendar=china()).state == "failed"


def test_the_voices_do_not_move_the_limit() -> None:
    program = parse(voting(enough=3))
    facts = opened(program, at=MONDAY, calendar=china())

    assert votes(program, "yes", "no").due == facts.due


def test_it_is_said_in_words() -> None:
    assert "one voice each: 2 alike decide" in explain(parse(voting()), "en")
    assert "每人一票，2 票相同即定" in explain(parse(voting()), "zh")


def test_one_state_counts_one_thing() -> None:
    other = {"title": "other", "by": "committee", "ask": ["solved"], "collect": "solved", "to": "decided"}
    text = voting().replace('"may": {', f'"may": {{"other": {json.dumps(other)},', 1)

    with pytest.raises(MechanismError) as caught:
        parse(text)

    assert any("count voices" in finding.en for finding in caught.value.findings)


@pytest.mark.parametrize("enough", [0, "half", 20_000])
def test_a_number_is_wanted(enough: Any) -> None:
    with pytest.raises(MechanismError) as caught:
        parse(voting(enough=enough))

    assert any("whole number" in finding.en for finding in caught.value.findings)


@given(st.integers(1, 4), st.integers(0, 3 * 365 * 24 * 60), st.integers(0, 2**32))
def test_no_vote_lasts_longer_than_the_worst_case(enough: int, minutes: int, seed: int) -> None:
    program = parse(voting(enough=enough))
    bounds = check(program, calendar=china()).bounds
    assert bounds is not None
    dice = random.Random(seed)
    facts = opened(program, at=FIRST + timedelta(minutes=minutes), calendar=china())
    while facts.due is not None:
        before = facts
        after: Facts | str = ""
        if facts.state == "open" and dice.random() < 0.8:
            vote = Command("vote", dice.choice(MEMBERS), {"solved": dice.choice(["yes", "no"])})
            events = decide(program, facts, vote, at=max(facts.due - MS, facts.last_at), calendar=china())
            after = folded(program, facts, events) if not isinstance(events, Refused) else ""
        facts = after if isinstance(after, Facts) else clock(program, facts, calendar=china())
        assert facts.seq > before.seq

    assert within(facts, bounds)

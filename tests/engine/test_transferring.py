"""R1, whole: nobody loses by another version, and an entry carried over goes on to its end with the limit it had."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiebang.engine.checker.transferring import stands_against
from jiebang.engine.fold import evolve
from jiebang.engine.model import Amount, Collect, Duty, Extension, Program, Separation, Span, State
from jiebang.engine.transfer import transferred
from tests.engine.builders import loop
from tests.engine.calendars import china
from tests.engine.player import MS, clock, opened, ways_on
from tests.engine.playing import hazard
from tests.engine.shipped import residents
from tests.engine.test_moving import renamed
from tests.engine.test_properties import FIRST, mechanisms

EXTENSION = Extension("office", "upper", Amount(1, "wd"), Amount(1, "wd"), Amount(3, "wd"), 1)
DUTY = Duty("filing", {"en": "file it"}, "office", limit=Amount(1, "wd"))


@pytest.mark.parametrize("program", [loop(), residents(), hazard()], ids=["loop", "residents", "hazard"])
def test_nothing_stands_against_the_same_rules_or_a_state_under_another_name(program: Program) -> None:
    assert stands_against(program, program, calendar=china()) == []


def test_a_state_under_another_name_is_mapped() -> None:
    new = renamed(loop(), "posted", "on-the-board")

    assert stands_against(loop(), new)
    assert stands_against(loop(), new, {"posted": "on-the-board"}, calendar=china()) == []


def with_posted(**changes: object) -> Program:
    base = loop()
    posted: State = replace(base.states["posted"], **changes)  # type: ignore[arg-type]  # fields of a state
    return replace(base, states={**base.states, "posted": posted})


def limit(base: Program, name: str, amount: Amount) -> Program:
    state = replace(base.states[name], limit=replace(base.states[name].limit, amount=amount))
    return replace(base, states={**base.states, name: state})


def counting(base: Program) -> Program:
    finished = base.states["finished"]
    verdict = replace(finished.moves["verdict"], collect=Collect("solved"))
    return replace(base, states={**base.states, "finished": replace(finished, moves={"verdict": verdict})})


def not_finishing(base: Program) -> Program:
    claimed = base.states["claimed"]
    finish = replace(claimed.moves["finish"], finishes=False)
    return replace(base, states={**base.states, "claimed": replace(claimed, moves={"finish": finish})})


SPAN = Span("term", "raised", "finished", Amount(60, "d"), "upstairs")

LOSSES = {
    "a promise that becomes longer": (loop(), limit(loop(), "posted", Amount(30, "wd")), "promised"),
    "less time for the raiser": (loop(), limit(loop(), "finished", Amount(1, "wd")), "longer to answer"),
    "a duty whose time began before it was there": (loop(), with_posted(duties={"filing": DUTY}), "late at once"),
    "an extension under way": (with_posted(extend=EXTENSION), loop(), "an extension under way"),
    "a span nobody watches": (replace(loop(), spans={"term": SPAN}), loop(), 'span "term"'),
    "a count under way": (counting(loop()), loop(), "a count of verdicts"),
    "a doer who might judge": (loop(), not_finishing(loop()), "shut out later"),
    "a separation that is gone": (
        replace(loop(), separations=(Separation(("claim", "order"), "person"),)), loop(), "shut out later"
    ),
}  # fmt: skip


@pytest.mark.parametrize("loss", LOSSES)
def test_whoever_would_lose_by_it_stops_it(loss: str) -> None:
    old, new, said = LOSSES[loss]

    found = stands_against(old, new, calendar=china())

    assert any(said in finding.en for finding in found), [finding.en for finding in found]
    assert all(finding.severity == "error" and finding.zh and finding.rule == "R1" for finding in found)


@given(mechanisms(), mechanisms(), st.integers(0, 2**32))
def test_an_entry_carried_over_keeps_its_limit_and_goes_on_to_its_end(old: Program, new: Program, seed: int) -> None:
    new = replace(new, id=old.id)
    if stands_against(old, new):
        new = old
    dice, calendar = random.Random(seed), china()
    facts = opened(old, at=FIRST, calendar=calendar)
    for _ in range(dice.randrange(4)):
        if facts.due is not None:
            ways = list(ways_on(old, facts, at=max(facts.due - MS, facts.last_at), calendar=calendar))
            facts = dice.choice(ways) if ways else clock(old, facts, calendar=calendar)
    if facts.state not in old.states:
        return

    event = transferred(facts, {}, before="a" * 64, after="b" * 64, at=facts.last_at + timedelta(seconds=1))
    after = evolve(new, facts, event)

    kept = ("state", "due", "due_span", "spans", "laps", "deeds", "answers", "raisers", "state_since", "votes")
    assert all(getattr(after, name) == getattr(facts, name) for name in kept)
    facts = after
    for _ in range(2_000):
        if facts.due is None:
            break
        ways = list(ways_on(new, facts, at=max(facts.due - MS, facts.last_at), calendar=calendar))
        facts = dice.choice(ways) if ways and dice.random() < 0.5 else clock(new, facts, calendar=calendar)
    assert facts.state in new.finals

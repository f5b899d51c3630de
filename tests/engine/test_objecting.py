"""Objections to a notice: beside each other, answered in time or handed up, and never without an end."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jiebang.engine import Actor, Command, Facts, Program, Refused, decide
from jiebang.engine.canonical import facts_from_json, facts_to_json, program_from_json, program_hash, program_to_json
from jiebang.engine.checker import check
from jiebang.engine.checker.certificate import certificate_of
from jiebang.engine.differences import differences
from jiebang.engine.explain import explained
from jiebang.engine.findings import MechanismError
from jiebang.engine.model import CLOCK
from jiebang.engine.objecting import MOST, open_now
from jiebang.engine.parser import parse
from jiebang.verifier.prove import NotProvedError, prove
from tests.engine import written
from tests.engine.calendars import china
from tests.engine.player import MS, actor_for, clock, folded, opened, ways_on
from tests.engine.test_properties import within

MONDAY_NINE = datetime(2026, 3, 2, 1, tzinfo=UTC)
FIRST = datetime(2022, 1, 1, tzinfo=UTC)
CLAUSE: dict[str, Any] = {
    "by": "anyone",
    "within": "5 d",
    "answered by": ["office 3 d", "upper 10 d"],
    "hold up": True,
    "else": "failed",
}


def a_notice(**more: Any) -> str:
    return written.text({"shown": {"lasts": "10 d", "then": "explained", "objections": {**CLAUSE, **more}}})


def shown(text: str = "") -> tuple[Program, Facts]:
    program = parse(text or a_notice())
    return program, opened(program, at=MONDAY_NINE, calendar=china())


def somebody(n: int = 1) -> Actor:
    return Actor(person=f"k-stranger-{n}")


def does(program: Program, facts: Facts, move: str, who: Actor, *, days: float) -> Facts | str:
    answer = decide(program, facts, Command(move, who), at=MONDAY_NINE + timedelta(days=days), calendar=china())
    return answer.code if isinstance(answer, Refused) else folded(program, facts, answer)


def local(moment: datetime | None) -> str:
    assert moment is not None
    return f"{moment.astimezone(china().tz):%m-%d %H:%M}"


# ── Raised and answered ─────────────────────────────────────────────────────────────────────────────────────


def test_two_objections_run_beside_each_other_each_in_its_own_time() -> None:
    program, facts = shown()

    first = does(program, facts, "object", somebody(1), days=1)
    assert isinstance(first, Facts)
    both = does(program, first, "object", somebody(2), days=3)

    assert isinstance(both, Facts)
    assert (facts.state, first.state, both.state) == ("shown",) * 3
    assert [local(one.due) for one in open_now(both)] == ["03-07 00:00", "03-10 00:00"]
    assert local(both.due) == "03-07 00:00"


def test_the_notice_ends_in_its_time_when_all_is_answered() -> None:
    program, facts = shown()
    office = actor_for(program, facts, "office")

    objected = does(program, facts, "object", somebody(), days=1)
    assert isinstance(objected, Facts)
    answered = does(program, objected, "answer:2", office, days=2)

    assert isinstance(answered, Facts)
    assert answered.due == facts.due
    assert clock(program, answered, calendar=china()).state == "explained"


def test_an_objection_that_is_answered_after_the_notice_ends_it_at_once() -> None:
    program, facts = shown()
    objected = does(program, facts, "object", somebody(), days=4)
    assert isinstance(objected, Facts)
    passed = clock(program, objected, calendar=china())

    answered = does(program, passed, "answer:2", actor_for(program, passed, "upper"), days=13)

    assert isinstance(answered, Facts)
    assert answered.due == answered.last_at
    assert clock(program, answered, calendar=china()).state == "explained"


def test_past_its_limit_an_answer_is_owed_by_the_next_one_alone() -> None:
    program, facts = shown()
    objected = does(program, facts, "object", somebody(), days=1)
    assert isinstance(objected, Facts)
    passed = clock(program, objected, calendar=china())

    office = does(program, passed, "answer:2", actor_for(program, passed, "office"), days=6)

    assert passed.state == "shown"
    assert office == "not-yours"


def test_the_silence_of_the_last_leads_where_the_file_says() -> None:
    program, facts = shown()
    objected = does(program, facts, "object", somebody(), days=1)
    assert isinstance(objected, Facts)

    passed = clock(program, objected, calendar=china())
    unanswered = clock(program, passed, calendar=china())

    assert (unanswered.state, unanswered.due) == ("failed", None)


def test_without_holding_up_the_notice_ends_in_its_time_and_what_is_open_failed() -> None:
    program, facts = shown(a_notice(**{"hold up": False}))
    objected = does(program, facts, "object", somebody(), days=4.5)
    assert isinstance(objected, Facts)
    answered = does(program, objected, "answer:2", actor_for(program, objected, "office"), days=5)
    assert isinstance(answered, Facts)

    left = clock(program, clock(program, objected, calendar=china()), calendar=china())

    assert answered.due == facts.due
    assert left.state == "failed" and left.last_at == facts.due


def test_nobody_objects_more_often_than_each_may_nor_unknown_nor_too_late() -> None:
    program, facts = shown()
    objected = does(program, facts, "object", somebody(), days=1)
    assert isinstance(objected, Facts)

    assert does(program, objected, "object", somebody(), days=2) == "objected-already"
    assert does(program, objected, "object", Actor(), days=2) == "objector-unknown"
    assert does(program, objected, "object", somebody(2), days=5.7) == "objections-over"
    assert does(program, objected, "answer:3", actor_for(program, objected, "office"), days=2) == "no-such-move"
    assert does(program, objected, "answer:nothing", somebody(), days=2) == "no-such-move"


def test_there_is_an_end_to_how_many_objections_a_notice_takes() -> None:
    program, facts = shown()
    for n in range(MOST):
        after = does(program, facts, "object", somebody(n), days=1)
        assert isinstance(after, Facts)
        facts = after

    assert does(program, facts, "object", somebody(MOST), days=1) == "objections-full"


def test_whoever_objected_can_be_kept_from_answering() -> None:
    text = written.text(
        {"shown": {"lasts": "10 d", "then": "explained", "objections": CLAUSE}},
        parties={"office": {"office": "board-office", "of": "area", "level": "county",
                            "never": ["whoever did object"]}},
    )  # fmt: skip
    program, facts = shown(text)
    office = actor_for(program, facts, "office")
    objected = does(program, facts, "object", office, days=1)
    assert isinstance(objected, Facts)

    assert does(program, objected, "answer:2", office, days=2) == "handled-it"


def test_facts_and_program_survive_their_json() -> None:
    program, facts = shown()
    objected = does(program, facts, "object", somebody(), days=1)
    assert isinstance(objected, Facts)

    assert facts_from_json(json.loads(json.dumps(facts_to_json(objected)))) == objected
    assert program_from_json(json.loads(json.dumps(program_to_json(program)))) == program


# ── What is said of it ──────────────────────────────────────────────────────────────────────────────────────


def test_the_plain_table_says_who_may_object_until_when_and_who_answers() -> None:
    step = explained(parse(a_notice()), "en").rows[0].steps[0]

    assert (step.title, step.who, [target.name for target in step.to]) == ("Object", "anyone", ["failed"])
    assert step.notes == (
        "at most 1 a person",
        "in the first 5 days of the notice",
        "answered by office (3 days), upper (10 days)",
        "past a limit by the next one",
        "the notice does not end before the answer",
    )


def test_a_changed_clause_is_named_between_versions() -> None:
    changed = differences(parse(a_notice()), parse(a_notice(within="3 d")))

    assert any("objections" in said["en"] and "3 days" in said["en"] for said in changed)


# ── What the checker and the parser say ─────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"answered by": ["office"]}, "does not say who answers"),
        ({"answered by": ["nobody 3 d"]}, "no party “nobody”"),
        ({"answered by": ["raiser 3 d"]}, "no official"),
        ({"answered by": []}, "does not say who answers"),
        ({"answered by": ["office 1 d"] * 6}, "At most 5"),
        ({"by": "clock"}, "cannot object"),
        ({"each person": 0}, "whole number"),
        ({"until": "5 d"}, "no key “until”"),
        ({"else": "nowhere"}, "no state “nowhere”"),
        ({"ask": ["nothing"]}, "no question “nothing”"),
    ],
)
def test_slips_are_named_where_they_stand(more: dict[str, Any], said: str) -> None:
    with pytest.raises(MechanismError) as caught:
        parse(a_notice(**more))

    assert any(said in finding.en for finding in caught.value.findings), caught.value
    assert all(finding.line > 1 and finding.zh and finding.mend_zh for finding in caught.value.findings)


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ({"held by": "office", "within": "10 d", "else": "failed"}, "this state is none"),
        ({"lasts": "10 d", "then": "explained", "may": {"object": {"by": "anyone", "to": "failed"}}}, "object"),
    ],
)
def test_it_stands_with_a_notice_and_no_other_move_is_called_so(state: dict[str, Any], said: str) -> None:
    with pytest.raises(MechanismError) as caught:
        parse(written.text({"shown": {**state, "objections": CLAUSE}}))

    assert any(said in finding.en for finding in caught.value.findings), caught.value


@pytest.mark.parametrize(
    ("more", "rules"),
    [
        ({}, set()),
        ({"within": "11 d"}, {"O2"}),
        ({"hold up": False}, {"O2"}),
        ({"hold up": False, "answered by": ["office 30 h"]}, set()),
        ({"hold up": False, "within": "6 d", "answered by": ["office 5 d"]}, {"O2"}),
        ({"else": "explained"}, {"V3"}),
        ({"else": "shown"}, {"D3", "V3"}),
    ],
)
def test_the_checker_holds_answers_to_the_notice_and_silence_to_failed(more: dict[str, Any], rules: set[str]) -> None:
    found = check(parse(a_notice(**more)), calendar=china()).errors

    assert {finding.rule for finding in found} == rules


def test_the_worst_case_counts_each_level_once() -> None:
    held = check(parse(a_notice()), calendar=china()).bounds
    free = check(parse(a_notice(**{"hold up": False, "answered by": ["office 3 d"]})), calendar=china()).bounds

    assert held is not None and free is not None
    assert (held.worst.d, free.worst.d) == (23, 10)
    assert held.silent.d == 10


# ── The bound and its proof ─────────────────────────────────────────────────────────────────────────────────


@st.composite
def noticed(draw: st.DrawFn) -> str:
    """States in a row, each behind a notice to which anybody may object."""
    n = draw(st.integers(1, 3))
    states: dict[str, Any] = {}
    for i in range(n):
        after = f"s{i + 1}" if i + 1 < n else "explained"
        onward = [*(f"s{k}" for k in range(i + 1, n)), "failed"]
        back = {"back": {"to": f"s{draw(st.integers(0, i))}", "at most": 1}} if draw(st.booleans()) else {}
        levels = [f"{draw(st.sampled_from(['office', 'upper']))} {draw(st.sampled_from(written.LIMITS))}"
                  for _ in range(draw(st.integers(1, 3)))]  # fmt: skip
        window = {"within": draw(st.sampled_from(written.LIMITS))} if draw(st.booleans()) else {}
        states[f"s{i}"] = {
            "held by": "office",
            "within": draw(st.sampled_from(written.LIMITS)),
            "else": draw(st.sampled_from(onward)),
            "may": {"show": {"to": f"n{i}"}, **back},
        }
        states[f"n{i}"] = {
            "lasts": draw(st.sampled_from(written.LIMITS)),
            "then": after,
            "objections": {"by": "anyone", **window, "answered by": levels, "hold up": draw(st.booleans()),
                           "each person": draw(st.integers(1, 2)), "else": draw(st.sampled_from(onward))},
            "may": {"correct": {"by": "office", "to": f"s{i}", "at most": 1}},
        }  # fmt: skip
    spans = {"term": {"from": "raised", "to": "explained", "within": "30 d", "else": "failed"}}
    return written.text(states, **({"spans": spans} if draw(st.integers(0, 3)) == 0 else {}))


def adversary(program: Program, facts: Facts, dice: random.Random, n: int) -> Facts:
    """At the last moment: object, answer, go back, or leave it to the clock."""
    assert facts.due is not None
    at = max(facts.due - MS, facts.last_at)
    chance = dice.random()
    if chance < 0.5:
        command = Command("object", Actor(person=f"k-{dice.randrange(3)}"))
    elif chance < 0.7 and (waiting := open_now(facts)):
        one = dice.choice(waiting)
        clause = program.states[facts.state].objections
        assert clause is not None
        command = Command(f"answer:{one.seq}", actor_for(program, facts, clause.levels[one.level].by))
    else:
        ways = list(ways_on(program, facts, at=at, calendar=china())) if dice.random() < 0.7 else []
        return dice.choice(ways) if ways else clock(program, facts, calendar=china())
    events = decide(program, facts, command, at=at, calendar=china())
    return clock(program, facts, calendar=china()) if isinstance(events, Refused) else folded(program, facts, events)


@given(noticed(), st.integers(0, 3 * 365 * 24 * 60), st.integers(0, 2**32))
def test_no_run_with_objections_lasts_longer_than_the_worst_case(text: str, minutes: int, seed: int) -> None:
    program = parse(text)
    bounds = check(program, calendar=china()).bounds
    if bounds is None:
        return
    dice = random.Random(seed)
    facts = opened(program, at=FIRST + timedelta(minutes=minutes), calendar=china())
    for n in range(500):
        if facts.due is None:
            break
        facts = adversary(program, facts, dice, n)

    assert facts.due is None
    assert within(facts, bounds)


@settings(max_examples=40)
@given(noticed())
def test_what_passes_is_proved_by_the_strangers_file(text: str) -> None:
    program = parse(text)
    if check(program, calendar=china()).bounds is None:
        return
    certificate = json.loads(json.dumps(certificate_of(program, china())))
    data = json.loads(json.dumps(program_to_json(program)))

    assert prove(data, certificate)["bound"] == certificate["bound"]


def test_a_certificate_that_forgets_the_answers_is_refused() -> None:
    program, short = parse(a_notice()), parse(a_notice(**{"hold up": False}))
    certificate = json.loads(json.dumps(certificate_of(short, china())))
    certificate["program"] = program_hash(program)
    certificate["lengths"] |= {"3 d": 10_000, "10 d": 20_000}

    with pytest.raises(NotProvedError, match="longer"):
        prove(json.loads(json.dumps(program_to_json(program))), certificate)


def test_only_the_clock_hands_up() -> None:
    program, facts = shown()
    objected = does(program, facts, "object", somebody(), days=1)
    assert isinstance(objected, Facts)

    assert does(program, objected, "pass:2", CLOCK, days=2) == "no-such-move"
    assert does(program, objected, "unanswered", CLOCK, days=2) == "no-such-move"

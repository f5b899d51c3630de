"""What a move's answers must be: dates so far off, choices that follow from another answer."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiebang.engine import Command, Facts, Refused, decide
from jiebang.engine.canonical import program_from_json, program_to_json
from jiebang.engine.checker import check
from jiebang.engine.checker.certificate import certificate_of
from jiebang.engine.findings import MechanismError
from jiebang.engine.model import Actor, Appointment
from jiebang.engine.parser import parse
from jiebang.engine.plain import explain
from jiebang.verifier import prove
from tests.engine import written
from tests.engine.calendars import china
from tests.engine.player import PLACE, opened

MONDAY = datetime(2026, 3, 2, 1, tzinfo=UTC)  # 09:00 in Leshan
OFFICE = Actor("k1", (Appointment("board-office", "office", PLACE["county"], "county"),))
FIELDS: dict[str, Any] = {
    "matter": {"type": "choice", "choices": {"land": "Land", "funds": "Funds", "other": "Other"}},
    "body": {"type": "choice", "choices": {"assembly": "Assembly", "reps": "Representatives"}},
    "meeting-date": "date",
    "found-on": "date",
}
BODY = {"by": "matter", "land or funds": "assembly", "else": "reps"}


def calling(require: Any, *, ask: Any = ("matter", "body?", "found-on?", "meeting-date?"), fields: Any = None) -> str:
    call = {"ask": list(ask), "to": "explained", "require": require}
    states = {"open": {"held by": "office", "within": "5 d", "else": "failed", "may": {"call": call}}}
    return written.text(states, fields=fields or FIELDS)


def called(require: Any, at: datetime = MONDAY, **answers: str) -> str:
    """The code it is refused with, or the state it leads to."""
    program = parse(calling(require))
    facts: Facts = opened(program, at=at, calendar=china())
    named = {name.replace("_", "-"): value for name, value in answers.items()}
    done = decide(program, facts, Command("call", OFFICE, {"matter": "other"} | named), at=at, calendar=china())
    return done.code if isinstance(done, Refused) else done[0].to_state


@pytest.mark.parametrize(
    ("words", "day", "what"),
    [
        ("at least 10 d from now", "2026-03-11", "date-too-soon"),
        ("at least 10 d from now", "2026-03-12", "explained"),
        ("at most 10 d from now", "2026-03-12", "explained"),
        ("at most 10 d from now", "2026-03-13", "date-too-far"),
        ("at least 5 wd from now", "2026-03-08", "date-too-soon"),
        ("at least 5 wd from now", "2026-03-09", "explained"),
        ("at least 48 h from now", "2026-03-03", "date-too-soon"),
        ("at least 48 h from now", "2026-03-04", "explained"),
    ],
)
def test_a_date_lies_so_far_from_the_day_of_the_move(words: str, day: str, what: str) -> None:
    assert called({"meeting-date": words}, meeting_date=day) == what


def test_a_date_is_measured_from_another_and_from_nothing_when_that_is_not_answered() -> None:
    require = {"meeting-date": "at most 3 d from found-on"}

    assert called(require, found_on="2026-03-20", meeting_date="2026-03-23") == "explained"
    assert called(require, found_on="2026-03-20", meeting_date="2026-03-24") == "date-too-far"
    assert called(require, meeting_date="2027-03-24") == "explained"
    assert called(require, found_on="2026-03-20") == "explained"


@pytest.mark.parametrize(
    ("matter", "body", "what"),
    [("land", "assembly", "explained"), ("funds", "reps", "answer-not-that"), ("other", "reps", "explained"),
     ("other", "assembly", "answer-not-that")],
)  # fmt: skip
def test_a_choice_follows_from_another_answer(matter: str, body: str, what: str) -> None:
    assert called({"body": BODY}, matter=matter, body=body) == what


def test_the_refusal_names_the_first_day_that_is_taken_and_the_question() -> None:
    program = parse(calling({"meeting-date": "at least 10 d from now"}))
    facts = opened(program, at=MONDAY, calendar=china())

    done = decide(
        program,
        facts,
        Command("call", OFFICE, {"matter": "land", "meeting-date": "2026-03-05"}),
        at=MONDAY,
        calendar=china(),
    )

    assert isinstance(done, Refused)
    assert done.field == "meeting-date" and "2026-03-12" in done.next_step["en"] and "10 天" in done.what["zh"]


@given(st.integers(1, 40), st.sampled_from(["d", "wd"]), st.integers(0, 3 * 365), st.integers(-60, 120))
def test_what_is_taken_is_at_least_so_far_off_and_one_day_less_is_not(n: int, unit: str, start: int, off: int) -> None:
    at = datetime(2022, 6, 1, 4, tzinfo=UTC) + timedelta(days=start)
    day = date(2022, 6, 1) + timedelta(days=start + off)

    said = called({"meeting-date": f"at least {n} {unit} from now"}, at=at, meeting_date=day.isoformat())

    calendar = china()
    today = calendar.local_day(at)
    first = today + timedelta(days=n) if unit == "d" else calendar.add_working_days(today, n)
    assert said == ("explained" if day >= first else "date-too-soon")


@pytest.mark.parametrize(
    ("require", "said"),
    [
        ({"meeting-date": "soon"}, "is not understood"),
        ({"meeting-date": "at least soon from now"}, "is no length of time"),
        ({"meeting-date": "at least 3 d from body"}, "is no date question"),
        ({"body": "at least 3 d from now"}, "is not understood"),
        ({"reason": "at least 3 d from now"}, "question of this move"),
        ({"body": {"by": "reason", "else": "reps"}}, "the answers of one of them cannot be listed"),
        ({"body": {"by": "matter", "land": "assembly"}}, "What"),
        ({"body": {**BODY, "land": "reps"}}, "stands there twice"),
        ({"body": {"by": "matter", "land": "king", "else": "reps"}}, "“king”"),
        ({"body": {"by": "matter", "lnd": "assembly", "else": "reps"}}, "“lnd”"),
    ],
)
def test_what_cannot_be_required_is_a_finding_with_its_line(require: Any, said: str) -> None:
    with pytest.raises(MechanismError) as caught:
        parse(calling(require))

    wanted = "It is not said what is wanted" if said == "What" else said
    assert any(wanted in one.en and one.line > 1 for one in caught.value.findings), caught.value.findings


def test_what_is_required_is_public() -> None:
    hidden = {**FIELDS, "body": {**FIELDS["body"], "visible": "parties"}}

    with pytest.raises(MechanismError) as caught:
        parse(calling({"body": BODY}, fields=hidden))

    assert any("not public" in one.en for one in caught.value.findings)


def test_it_is_said_in_words_and_survives_the_log_and_the_proof() -> None:
    program = parse(calling({"body": BODY, "meeting-date": "at least 10 d from now"}))
    data = json.loads(json.dumps(program_to_json(program)))

    assert program_from_json(data) == program
    assert check(program, calendar=china()).ok
    assert prove.prove(data, json.loads(json.dumps(certificate_of(program, china()))))
    text = explain(program, "en")
    assert "body by “matter”: Land or Funds → Assembly; otherwise → Representatives" in text
    assert "meeting-date: at least 10 days after that day" in text

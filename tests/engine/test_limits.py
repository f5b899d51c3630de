"""Limits that are not one plain length: by answer."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from jiebang.engine import Command, Facts, Program, decide
from jiebang.engine.canonical import program_from_json, program_to_json
from jiebang.engine.checker import check
from jiebang.engine.checker.certificate import certificate_of
from jiebang.engine.findings import MechanismError
from jiebang.engine.model import Actor, Amount, Appointment, LimitCase
from jiebang.engine.parser import parse
from jiebang.engine.plain import explain
from jiebang.engine.words import Words
from jiebang.verifier import prove
from tests.engine import written
from tests.engine.calendars import china
from tests.engine.player import PLACE, folded, opened

MONDAY = datetime(2026, 3, 2, 1, tzinfo=UTC)  # 09:00 in Leshan
OFFICE = Actor("k1", (Appointment("board-office", "office", PLACE["county"], "county"),))
KIND: dict[str, Any] = {
    "kind": {"type": "choice", "choices": {"urgent": "Urgent", "complaint": "Complaint", "other": "Other"}},
    "note": "text",
}


def sorting(within: Any, *, fields: Any = None, duties: Any = None) -> str:
    sort = {"ask": ["kind"], "to": "working"}
    working = {"held by": "office", "within": within, "else": "failed", "may": {"end": {"to": "explained"}}}
    states = {
        "new": {"held by": "office", "within": "1 wd", "else": "working", "may": {"sort": sort}},
        "working": working | ({"duties": duties} if duties else {}),
    }
    return written.text(states, fields=fields or KIND)


BY_KIND = {"by": "kind", "urgent": "4 h", "complaint": {"amount": "5 wd", "source": "rule"}, "else": "10 wd"}


def sorted_as(program: Program, answer: str) -> Facts:
    facts = opened(program, at=MONDAY, calendar=china())
    events = decide(program, facts, Command("sort", OFFICE, {"kind": answer}), at=MONDAY, calendar=china())
    assert isinstance(events, list), events
    return folded(program, facts, events)


def plain(value: Any) -> Any:
    """As it comes out of a file."""
    return json.loads(json.dumps(value))


def said_of(text: str) -> list[str]:
    with pytest.raises(MechanismError) as caught:
        parse(text)
    return [finding.en for finding in caught.value.findings]


@pytest.mark.parametrize(
    ("answer", "due"),
    [
        ("urgent", datetime(2026, 3, 2, 5, tzinfo=UTC)),
        ("complaint", datetime(2026, 3, 9, 9, 30, tzinfo=UTC)),
        ("other", datetime(2026, 3, 16, 9, 30, tzinfo=UTC)),
    ],
)
def test_the_answer_decides_how_long_there_is(answer: str, due: datetime) -> None:
    program = parse(sorting(BY_KIND))

    assert sorted_as(program, answer).due == due
    assert "kind" in program.fields and program.fields["kind"].logged


def test_where_nothing_was_answered_else_counts_and_without_it_the_longest() -> None:
    for within in (BY_KIND, {"by": "kind", "urgent": "4 h", "complaint or other": "10 wd"}):
        program = parse(sorting(within))
        facts = opened(program, at=MONDAY, calendar=china())
        assert facts.due is not None
        at = facts.due
        events = decide(program, facts, Command("clock", Actor("clock", via="clock")), at=at, calendar=china())
        assert isinstance(events, list)

        assert events[0].due == datetime(2026, 3, 17, 9, 30, tzinfo=UTC)  # ten working days after the third


def test_the_longest_is_what_the_closing_times_and_the_certificate_take() -> None:
    program = parse(sorting(BY_KIND))
    report = check(program, calendar=china())

    assert report.ok and report.bounds is not None
    assert (report.bounds.worst.wd, report.bounds.worst.h) == (11, 0)
    certificate = plain(certificate_of(program, china()))
    assert {"4 h", "5 wd", "10 wd"} <= set(certificate["lengths"])
    assert prove.prove(plain(program_to_json(program)), certificate)["days"] is not None


def test_a_certificate_that_forgets_the_longest_proves_nothing() -> None:
    program = parse(sorting(BY_KIND))
    short = parse(sorting({"by": "kind", "urgent": "4 h", "else": "5 wd"}))
    certificate = certificate_of(short, china()) | {"program": certificate_of(program, china())["program"]}

    with pytest.raises(prove.NotProvedError):
        prove.prove(program_to_json(program), plain(certificate))


@pytest.mark.parametrize(
    ("within", "said"),
    [
        ({"by": "kind", "urgent": "4 h"}, "Some answers to “kind” have no length: complaint, other."),
        ({**BY_KIND, "complaint or urgent": "2 wd"}, "there are two lengths"),
        ({**BY_KIND, "other": "2 wd"}, "so `else` has no meaning"),
        ({**BY_KIND, "urgnt": "2 wd"}, "There is no answer “urgnt”."),
        ({"by": "note", "else": "2 wd"}, "is no choice or yes-or-no question"),
        ({"by": "kinds", "else": "2 wd"}, "There is no question “kinds”."),
        ({**BY_KIND, "urgent": "soon"}, "is no length of time"),
        ({**BY_KIND, "urgent": {"source": "x"}}, "“amount” is missing."),
    ],
)
def test_every_answer_has_one_length(within: Any, said: str) -> None:
    assert any(said in one for one in said_of(sorting(within)))


def test_the_question_is_public() -> None:
    hidden = {**KIND, "kind": {**KIND["kind"], "visible": "parties"}}

    assert any("not public" in one for one in said_of(sorting(BY_KIND, fields=hidden)))


def test_a_choice_named_like_a_key_is_refused() -> None:
    fields = {"kind": {"type": "choice", "choices": {"since": "Since", "other": "Other"}}}

    assert any("is a key of the limit" in one for one in said_of(sorting({"by": "kind", "else": "1 d"}, fields=fields)))


def test_a_way_in_without_the_answer_is_warned_of() -> None:
    report = check(parse(sorting({"by": "kind", "urgent": "4 h", "complaint or other": "10 wd"})), calendar=china())

    assert any(one.rule == "D1" and "the longest" in one.en for one in report.findings)
    assert report.ok


def test_a_program_with_holes_is_found_by_the_checker_too() -> None:
    data = plain(program_to_json(parse(sorting(BY_KIND))))
    limit = data["states"]["working"]["limit"]
    del limit["amount"]
    limit["cases"][0]["values"] = ["complaint", "strange"]

    report = check(program_from_json(data))

    faults = [one.en for one in report.errors if one.rule == "D1"]
    assert len(faults) == 3, faults


def test_a_duty_fits_into_the_shortest() -> None:
    duties = {"file": {"title": "file", "of": "office", "ask": ["note"], "within": "2 wd"}}
    text = sorting(BY_KIND, duties=duties)

    assert any(one.rule == "O2" for one in check(parse(text), calendar=china()).errors)


def test_words_say_every_length_and_which_one_applies() -> None:
    program = parse(sorting(BY_KIND))
    limit = program.states["working"].limit
    words = Words(program, "en")

    assert limit.cases[1] == LimitCase(("complaint",), Amount(5, "wd"), "rule")
    assert "by “kind”: Urgent 4 hours; Complaint 5 working days; otherwise 10 working days" in explain(program, "en")
    assert words.applied(limit, {"kind": "urgent"}) == "kind: Urgent, 4 hours"
    assert words.applied(limit, {"kind": "other"}) == "kind: Other, 10 working days"
    assert words.applied(program.states["new"].limit, {"kind": "other"}) == ""

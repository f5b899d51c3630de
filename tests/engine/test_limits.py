"""Limits that are not one plain length: by answer, by policy, in a season."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiebang.engine import Command, Facts, Program, decide
from jiebang.engine.almanac import NO_ALMANAC, Almanac, Row, Season
from jiebang.engine.canonical import program_from_json, program_to_json
from jiebang.engine.checker import check
from jiebang.engine.checker.certificate import certificate_of
from jiebang.engine.findings import MechanismError
from jiebang.engine.model import Actor, Amount, Appointment, LimitCase
from jiebang.engine.parser import parse
from jiebang.engine.plain import explain
from jiebang.engine.words import Words
from jiebang.engine.worktime import Calendar, due
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
    assert words.applied(limit, {"kind": "urgent"}, (), NO_ALMANAC) == "kind: Urgent, 4 hours"
    assert words.applied(limit, {"kind": "other"}, (), NO_ALMANAC) == "kind: Other, 10 working days"
    assert words.applied(program.states["new"].limit, {"kind": "other"}, (), NO_ALMANAC) == ""


# ── Policies and seasons ────────────────────────────────────────────────────────────────────────────────────


def almanac(*rows: Row, seasons: tuple[Season, ...] = ()) -> Calendar:
    by_key: dict[str, list[Row]] = {}
    for row in rows:
        by_key.setdefault(row.key, []).append(row)
    return replace(
        china(),
        almanac=Almanac({key: tuple(found) for key, found in by_key.items()}, {one.key: (one,) for one in seasons}),
    )


def row(n: int, since: str = "2026-01-01", *areas: str, season: str = "", unit: Any = "wd") -> Row:
    return Row("rule.a", date.fromisoformat(since), Amount(n, unit), areas, season)


FLOOD = Season("flood", date(2026, 1, 1), "03-02", "09-30")
BY_RULE = {"policy": "rule.a", "at most": "5 wd"}


def due_by(within: Any, calendar: Calendar) -> tuple[str, tuple[str, ...]]:
    program = parse(written.text({"only": state_of(within)}))
    facts = opened(program, at=MONDAY, calendar=calendar)
    assert facts.due is not None
    return facts.due.astimezone(calendar.tz).strftime("%m-%d %H:%M"), facts.rows


def state_of(within: Any) -> dict[str, Any]:
    return {"held by": "office", "within": within, "else": "failed", "may": {"end": {"to": "explained"}}}


def test_a_policys_number_counts_as_of_the_day_and_the_event_says_which() -> None:
    known = almanac(row(2), row(1, "2026-03-03"))

    assert due_by(BY_RULE, known) == ("03-04 17:30", ("rule.a@2026-01-01",))


def test_a_row_for_the_place_comes_before_one_for_all_then_the_newest_then_the_last() -> None:
    county, city = row(2, "2026-02-01", PLACE["county"]), row(3, "2026-02-01", PLACE["city"])
    elsewhere = row(1, "2026-02-01", "519999")

    assert due_by(BY_RULE, almanac(county, elsewhere, row(4, "2026-02-02")))[0] == "03-04 17:30"
    assert due_by(BY_RULE, almanac(county, city))[0] == "03-05 17:30"
    assert due_by(BY_RULE, almanac(city, county))[0] == "03-04 17:30"


def test_a_row_of_a_season_counts_in_it_alone() -> None:
    winter = Season("winter", date(2026, 1, 1), "12-01", "02-28")

    assert due_by(BY_RULE, almanac(row(4), row(1, season="flood"), seasons=(FLOOD,)))[0] == "03-03 17:30"
    assert due_by(BY_RULE, almanac(row(4), row(1, season="winter"), seasons=(winter,)))[0] == "03-06 17:30"


def test_where_no_row_holds_or_one_is_longer_the_ceiling_counts() -> None:
    assert due_by(BY_RULE, almanac()) == ("03-09 17:30", ())
    assert due_by(BY_RULE, almanac(row(9)))[0] == "03-09 17:30"
    assert due_by(BY_RULE, almanac(row(1, "2026-03-03"))) == ("03-09 17:30", ())


@pytest.mark.parametrize(
    ("first", "last", "holds"),
    [
        ("03-02", "03-02", True),
        ("03-03", "09-30", False),
        ("11-01", "03-02", True),
        ("11-01", "03-01", False),
        ("2026-03-01", "2026-03-10", True),
        ("2025-03-01", "2025-03-10", False),
    ],
)
def test_a_season_shortens_on_its_days_and_ends_by_itself(first: str, last: str, holds: bool) -> None:
    within = {"amount": "3 wd", "during": {"flood": {"amount": "1 wd", "title": "the flood season"}}}
    known = almanac(seasons=(replace(FLOOD, first=first, last=last),))

    assert due_by(within, known) == (("03-03 17:30", ("flood@2026-01-01",)) if holds else ("03-05 17:30", ()))


def test_a_season_never_lengthens() -> None:
    within = {"policy": "rule.a", "at most": "5 wd", "during": {"flood": {"amount": "3 wd", "title": "flood"}}}

    assert due_by(within, almanac(row(2), seasons=(FLOOD,)))[0] == "03-04 17:30"


@given(st.integers(1, 12), st.integers(1, 9), st.integers(0, 3 * 365 * 24 * 60), st.booleans())
def test_neither_a_row_nor_a_season_is_ever_due_after_the_promise(n: int, m: int, minutes: int, seasonal: bool) -> None:
    during = {"during": {"flood": {"amount": f"{min(m, 5)} wd", "title": "flood"}}} if seasonal else {}
    program = parse(written.text({"only": state_of({**BY_RULE, **during})}))
    at = datetime(2022, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    known = almanac(row(n, "2022-01-01"), row(m, "2023-06-01", season="flood", unit="d"),
                    seasons=(replace(FLOOD, since=date(2022, 1, 1)),))  # fmt: skip

    facts = opened(program, at=at, calendar=known)

    assert facts.due is not None and facts.due <= due(at, Amount(5, "wd"), china()).moment


@pytest.mark.parametrize(
    ("within", "said"),
    [
        ({"policy": "rule.a"}, "has no ceiling"),
        ({"policy": "rule.a", "at most": "3 wd", "amount": "1 wd"}, "“amount” has no meaning here"),
        ({"amount": "3 wd", "during": {"flood": {"amount": "4 wd", "title": "f"}}}, "longer than outside it"),
        ({"amount": "3 wd", "during": {"flood": "1 wd"}}, "“flood” has no title"),
        ({"by": "solved", "yes": {"policy": "rule.a"}, "else": "1 wd"}, "has no ceiling"),
    ],
)
def test_a_dated_limit_says_its_ceiling_and_never_loosens(within: Any, said: str) -> None:
    assert any(said in one for one in said_of(written.text({"only": state_of(within)})))


def test_a_season_that_may_end_later_in_another_unit_is_found() -> None:
    within = {"amount": "1 wd", "during": {"flood": {"amount": "24 h", "title": "f"}}}

    report = check(parse(written.text({"only": state_of(within)})), calendar=china())

    assert any(one.rule == "L1" and "may end later" in one.en for one in report.errors)


def test_bounds_and_certificate_rest_on_the_ceiling() -> None:
    within = {"by": "solved", "yes": {"policy": "rule.a", "at most": "7 wd"}, "else": BY_RULE,
              "during": {"flood": {"amount": "1 wd", "title": "f"}}}  # fmt: skip
    program = parse(written.text({"only": state_of(within)}))
    report = check(program, calendar=china())

    assert report.ok and report.bounds is not None and report.bounds.worst.wd == 7
    certificate = plain(certificate_of(program, china()))
    assert prove.prove(plain(program_to_json(program)), certificate)["bound"] == 7


def test_words_say_policy_and_season_and_what_applied() -> None:
    within = {**BY_RULE, "during": {"flood": {"amount": "1 wd", "title": "the flood season"}}}
    program = parse(written.text({"only": state_of(within)}))
    known = almanac(row(2), seasons=(FLOOD,)).almanac
    limit = program.states["only"].limit

    assert "by policy, at most 5 working days; during the flood season 1 working day" in explain(program, "en")
    said = Words(program, "en").applied(limit, {}, ("rule.a@2026-01-01", "flood@2026-01-01"), known)
    assert said == "2 working days, during the flood season at most 1 working day"

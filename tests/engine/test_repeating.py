"""Duties that come again: so long after they were done last, each month, each quarter."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from jiebang.engine import Command, Facts, Program, decide
from jiebang.engine.checker import check
from jiebang.engine.dues import running_limits
from jiebang.engine.findings import MechanismError
from jiebang.engine.model import Actor, Appointment
from jiebang.engine.parser import parse
from jiebang.engine.plain import explain
from tests.engine import written
from tests.engine.calendars import china
from tests.engine.player import PLACE, folded, opened

MONDAY = datetime(2026, 3, 2, 1, tzinfo=UTC)  # 09:00 in Leshan
OFFICE = Actor("k1", (Appointment("board-office", "office", PLACE["county"], "county"),))


def reporting(**duty: Any) -> str:
    duties = {"report": {"of": "office", "title": "report", "ask": ["reason"], **duty}}
    held = {"held by": "office", "within": "90 d", "else": "failed", "may": {"end": {"to": "explained"}}}
    states = {"open": {**held, "duties": duties}}
    return written.text(states)


def due_of(program: Program, facts: Facts) -> str:
    (one,) = [limit for limit in running_limits(program, facts, china()) if limit.kind == "duty"]
    return one.due.astimezone(china().tz).strftime("%m-%d %H:%M")


def reported(program: Program, facts: Facts, at: datetime) -> Facts:
    done = decide(program, facts, Command("duty:report", OFFICE, {"reason": "all quiet"}), at=at, calendar=china())
    assert isinstance(done, list), done
    return folded(program, facts, done)


@pytest.mark.parametrize(
    ("duty", "first", "second"),
    [
        ({"every": "24 h"}, "03-03 09:00", "03-04 08:00"),
        ({"every": "7 d"}, "03-10 00:00", "03-11 00:00"),
        ({"every": "month", "by": "day 5 of next month"}, "04-06 00:00", "04-06 00:00"),
        ({"every": "quarter", "by": "day 15 of next month"}, "04-16 00:00", "04-16 00:00"),
    ],
)
def test_a_duty_comes_again_after_it_was_done(duty: dict[str, str], first: str, second: str) -> None:
    program = parse(reporting(**duty))
    facts = opened(program, at=MONDAY, calendar=china())

    assert due_of(program, facts) == first
    facts = reported(program, facts, datetime(2026, 3, 3, 0, tzinfo=UTC))
    assert due_of(program, facts) == second
    assert reported(program, facts, datetime(2026, 3, 3, 1, tzinfo=UTC)).duties_done == ("report",)


def test_a_month_ends_with_its_last_day() -> None:
    program = parse(reporting(every="month", by="day 5 of next month"))
    facts = opened(program, at=datetime(2026, 12, 31, 15, tzinfo=UTC), calendar=china())

    assert due_of(program, facts) == "01-06 00:00"


def test_one_that_cannot_come_again_in_its_state_is_found() -> None:
    report = check(parse(reporting(every="200 d")), calendar=china())

    assert any(one.rule == "O2" for one in report.errors)


@pytest.mark.parametrize(
    ("duty", "said"),
    [
        ({"every": "7 d", "by": "day 5 of next month"}, "“by” has no meaning here"),
        ({"every": "7 d", "within": "3 d"}, "“within” has no meaning here"),
        ({"every": "month"}, "A repeated duty needs its day"),
        ({"every": "week"}, "“week”"),
        ({"by": "day 5 of next month"}, "`by` belongs to repeated duties"),
    ],
)
def test_what_does_not_belong_together_is_found(duty: dict[str, str], said: str) -> None:
    with pytest.raises(MechanismError) as caught:
        parse(reporting(**duty))

    assert any(said in one.en for one in caught.value.findings), caught.value.findings


def test_it_is_said_in_words() -> None:
    assert "report (every 7 days)" in explain(parse(reporting(every="7 d")), "en")
    assert "report (every month)" in explain(parse(reporting(every="month", by="day 5 of next month")), "en")

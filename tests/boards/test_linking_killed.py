"""Opening and hearing, killed at any statement and done by several at once: never half, never twice."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection

from jiebang.boards.audit import audit
from jiebang.boards.hearing import hear
from jiebang.boards.services import Done
from tests.boards.city import DAY, HOUR, MONDAY_NINE, Town, fingerprint, publish_text
from tests.boards.test_at_once import at_once
from tests.boards.test_killed import MOST_STATEMENTS, KilledHere, killed_at
from tests.boards.test_linking import ends, links, matter, raised, resolved, state_of, task

pytestmark = pytest.mark.fault


@pytest.fixture
def both(committed_town: Town) -> Town:
    publish_text(task())
    publish_text(matter())
    return committed_town


@pytest.mark.parametrize("what", ["open", "hear"])
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_opening_and_hearing_killed_at_any_statement_are_not_half_done(both: Town, what: str, after: bool) -> None:
    waiting, tasks = resolved(both)
    for one in tasks:
        ends(both, one, at=MONDAY_NINE + DAY)
    fresh = raised(MONDAY_NINE + DAY)
    later = MONDAY_NINE + DAY + HOUR
    answers = {"public-text": "一件", "items": "甲\n乙\n丙"}

    def do() -> Any:
        return hear(at=later) if what == "hear" else both.tries("office", "resolve", fresh, at=later, answers=answers)

    before, places = fingerprint(), 0
    answer: Any = None
    for n in range(1, MOST_STATEMENTS):
        try:
            with killed_at(n, after=after) as count:
                answer = do()
        except KilledHere:
            connection.close()
            places += 1
            assert fingerprint() == before, f"{what} left something when killed at statement {n}"
            assert audit().findings == ()
            continue
        assert count[0] < n
        break

    assert places >= 3
    assert answer == 2 if what == "hear" else isinstance(answer, Done)
    assert state_of(waiting if what == "hear" else fresh) == ("explained" if what == "hear" else "executing")
    assert len(links(fresh)) == (0 if what == "hear" else 3)


def test_many_followers_at_once_tell_each_end_once(both: Town) -> None:
    matters = [resolved(both) for _ in range(4)]
    for _, tasks in matters:
        for one in tasks:
            ends(both, one, at=MONDAY_NINE + DAY)

    told = at_once(*[lambda: sum(hear(at=MONDAY_NINE + DAY + HOUR, limit=3) for _ in range(4))] * 4)

    assert sum(told) + hear(at=MONDAY_NINE + DAY + HOUR) == 8
    assert {state_of(number) for number, _ in matters} == {"explained"}
    assert audit().findings == ()

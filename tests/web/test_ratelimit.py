"""How often a client may do a thing: the first few tries cost no statement, and the limit is exact in one process."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext

from jiebang.web import ratelimit

NOON = datetime(2026, 3, 2, 12, 10, tzinfo=UTC)


def tries(n: int, *, what: str, at: datetime = NOON, most: int = 60) -> list[bool]:
    request = RequestFactory().post("/", REMOTE_ADDR="198.51.100.7")
    return [ratelimit.count(request, what, most=most, at=at) is None for _ in range(n)]


@pytest.mark.django_db
def test_the_first_few_tries_cost_no_statement_and_are_counted_all_the_same() -> None:
    with CaptureQueriesContext(connection) as asked:
        assert all(tries(6, what="few"))
    assert len(asked.captured_queries) == 0

    assert tries(56, what="few") == [True] * 54 + [False] * 2


@pytest.mark.django_db
@pytest.mark.parametrize("most", [1, 9, 10, 60])
def test_exactly_as_many_as_allowed_pass_and_the_next_hour_begins_anew(most: int) -> None:
    what = f"exact-{most}"

    assert tries(most + 3, what=what, most=most) == [True] * most + [False] * 3
    assert tries(1, what=what, most=most, at=NOON + timedelta(hours=1)) == [True]


@pytest.mark.django_db
def test_whoever_comes_when_too_many_are_counted_here_goes_to_the_table(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ratelimit, "_first_few", ratelimit.FirstFew())
    monkeypatch.setattr(ratelimit, "MOST_CLIENTS", 0)

    with CaptureQueriesContext(connection) as asked:
        assert tries(61, what="crowd") == [True] * 60 + [False]
    assert sum("web_try" in each["sql"] for each in asked.captured_queries) >= 61


def test_two_processes_let_pass_no_more_than_a_few_beyond_the_limit() -> None:
    one, other = ratelimit.FirstFew(), ratelimit.FirstFew()
    told = 0
    passed = 0
    for turn in range(200):
        now = (one, other)[turn % 2].count("raise", "somebody", hour=NOON, few=6)
        told += now
        passed += now == 0 or told <= 60

    assert 60 <= passed <= 60 + 2 * 6

"""Running sums: adding up one by one is counting at once, and a median of tenths."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiebang.scoring.sums import Closing, Sums, days_at, from_json, median

TODAY = date(2026, 3, 9)
DAYS = days_at(datetime(2026, 3, 9, 4, tzinfo=UTC), zone="Asia/Shanghai", window_days=90)

closings = st.builds(
    Closing,
    st.just("residents"),
    st.just("511102"),
    st.integers(0, 200).map(lambda ago: TODAY - timedelta(days=ago)),
    st.sampled_from(["solved", "failed", "explained"]),
    st.sampled_from(["yes", "partly"]),
    st.sampled_from(["", "satisfied"]),
    st.sampled_from(["code", "window"]),
    st.integers(0, 400),
    st.integers(1, 5),
)


@given(st.lists(closings, max_size=30))
def test_a_sum_does_not_depend_on_the_order_or_on_being_written_down_between(found: list[Closing]) -> None:
    once, stepwise = Sums(), Sums()
    for one in found:
        once.ended(one, DAYS)

    for one in reversed(found):
        stepwise = from_json(json.loads(json.dumps(stepwise.to_json())))
        stepwise.ended(one, DAYS)

    assert stepwise.counts() == once.counts()
    assert stepwise.to_json() == once.to_json()


@pytest.mark.parametrize(
    ("tenths", "expected"),
    [({}, None), ({30: 1}, 30), ({10: 1, 30: 1}, 10), ({10: 1, 20: 1, 90: 1}, 20), ({10: 1, 20: 3}, 20)],
)
def test_the_median_is_the_time_within_which_half_came_to_an_end(tenths: dict[int, int], expected: int | None) -> None:
    assert median(tenths) == expected


def test_the_window_begins_with_the_citys_day_and_the_month_with_its_first() -> None:
    late_in_the_evening = datetime(2026, 3, 31, 17, tzinfo=UTC)  # 1 April in the city

    days = days_at(late_in_the_evening, zone="Asia/Shanghai", window_days=90)

    assert (days.since, days.month) == (date(2026, 1, 1), date(2026, 4, 1))


def test_states_that_are_left_are_not_shown_any_more() -> None:
    sums = Sums()
    sums.stands("raised", overdue=True)
    sums.stands("raised", overdue=True, n=-1)
    sums.stands("posted", overdue=False)

    assert (sums.counts()["states"], sums.counts()["open"], sums.overdue) == ({"posted": 1}, 1, 0)

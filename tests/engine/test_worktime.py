import json
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiebang.engine.model import Amount
from jiebang.engine.worktime import (
    CalendarEnds,
    CalendarError,
    Due,
    calendar_from_data,
    calendar_to_data,
    due,
)
from tests.engine.calendars import china, england

SHANGHAI = ZoneInfo("Asia/Shanghai")
LONDON = ZoneInfo("Europe/London")


def at(text: str, zone: ZoneInfo = SHANGHAI) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


def due_day(start: str, n: int, unit: str) -> str:
    end = due(at(start + "T10:00"), Amount(n, unit), china())  # type: ignore[arg-type]  # the unit comes from a table
    return china().due_day(end.moment).isoformat()


@pytest.mark.parametrize(
    ("start", "n", "end"),
    [
        ("2022-06-29", 3, "2022-07-04"),
        ("2022-09-29", 5, "2022-10-11"),  # 8 and 9 October work
        ("2025-09-26", 5, "2025-10-10"),  # Sunday 28 September works
        ("2026-02-13", 3, "2026-02-25"),
        ("2026-02-14", 15, "2026-03-13"),
        ("2026-04-03", 1, "2026-04-07"),
        ("2026-05-08", 1, "2026-05-09"),  # a Saturday
        ("2026-09-18", 1, "2026-09-20"),  # a Sunday
        ("2026-09-30", 7, "2026-10-15"),
        ("2026-02-12", 2, "2026-02-14"),
        ("2026-09-30", 5, "2026-10-13"),
        ("2026-02-13", 1, "2026-02-14"),
    ],
)
def test_working_days_are_counted_after_the_days_of_the_notice(start: str, n: int, end: str) -> None:
    assert due_day(start, n, "wd") == end


@pytest.mark.parametrize(
    ("start", "n", "end"),
    [("2026-02-01", 15, "2026-02-24"), ("2026-08-02", 60, "2026-10-08"), ("2026-09-19", 15, "2026-10-08")],
)
def test_calendar_days_that_end_on_a_holiday_roll_to_the_next_working_day(start: str, n: int, end: str) -> None:
    assert due_day(start, n, "d") == end


def test_working_days_end_at_closing_and_calendar_days_at_midnight() -> None:
    start = at("2026-11-16T23:59")  # a Monday

    assert due(start, Amount(1, "wd"), china()).moment == at("2026-11-17T17:30")
    assert due(start, Amount(1, "d"), china()).moment == at("2026-11-18T00:00")


def test_a_notice_ends_on_its_last_day_even_when_that_day_is_off() -> None:
    start = at("2026-02-01T10:00")

    assert due(start, Amount(15, "d"), china(), roll=False) == Due(at("2026-02-17T00:00").astimezone(UTC), False)


def test_hours_and_minutes_ignore_the_calendar() -> None:
    start = at("2026-10-01T08:15")

    assert due(start, Amount(24, "h"), china()).moment == at("2026-10-02T08:15")
    assert due(start, Amount(20, "min"), china()).moment == at("2026-10-01T08:35")


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        ("2026-11-16T09:00", 3, "2026-11-16T12:00"),  # ends at the closing, not at the next opening
        ("2026-11-16T11:00", 2, "2026-11-16T14:30"),  # over lunch
        ("2026-11-16T12:30", 4, "2026-11-16T17:30"),
        ("2026-11-16T16:30", 2, "2026-11-17T10:00"),
        ("2026-11-20T17:00", 8, "2026-11-24T09:30"),  # over a weekend
        ("2026-09-30T17:00", 1, "2026-10-08T09:30"),  # over National Day
        ("2026-10-03T03:00", 7, "2026-10-08T17:30"),
        ("2026-11-16T06:00", 14, "2026-11-17T17:30"),
    ],
)
def test_working_hours_run_only_while_the_office_is_open(start: str, hours: int, end: str) -> None:
    assert due(at(start), Amount(hours, "wh"), china()).moment == at(end)


def test_the_local_day_counts_not_the_day_in_utc() -> None:
    just_after_midnight = datetime(2026, 11, 16, 16, 30, tzinfo=UTC)  # 17 November, 00:30 in Shanghai

    assert china().due_day(due(just_after_midnight, Amount(1, "wd"), china()).moment) == date(2026, 11, 18)


def test_english_summer_time_moves_the_closing_in_utc() -> None:
    winter = due(at("2026-03-26T12:00", LONDON), Amount(1, "wd"), england())
    summer = due(at("2026-03-27T12:00", LONDON), Amount(1, "wd"), england())

    assert winter.moment == datetime(2026, 3, 27, 17, 0, tzinfo=UTC)
    assert summer.moment == datetime(2026, 3, 30, 16, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2026-04-02", "2026-04-07"),
        ("2026-12-24", "2026-12-29"),
        ("2027-12-24", "2027-12-29"),
        ("2027-12-31", "2028-01-04"),
    ],
)
def test_english_bank_holidays_are_off(start: str, end: str) -> None:
    moment = due(at(start + "T12:00", LONDON), Amount(1, "wd"), england()).moment

    assert england().due_day(moment).isoformat() == end


def test_a_due_in_an_estimated_year_is_provisional() -> None:
    before = due(at("2026-12-30T10:00"), Amount(1, "wd"), china())
    across = due(at("2026-12-30T10:00"), Amount(2, "wd"), china())
    hours = due(at("2026-12-31T10:00"), Amount(48, "h"), china())

    assert not before.provisional
    assert across.provisional
    assert not hours.provisional


def test_a_count_that_crosses_an_estimated_year_is_provisional() -> None:
    data = calendar_to_data(china(2024, 2025, 2026))
    data["years"]["2025"]["status"] = "estimated"  # type: ignore[index, call-overload]  # a test of plain JSON
    calendar = calendar_from_data(data)

    assert due(at("2024-12-30T10:00"), Amount(300, "wd"), calendar).provisional
    assert not due(at("2026-01-05T10:00"), Amount(3, "wd"), calendar).provisional


@pytest.mark.parametrize("unit", ["wd", "d", "wh"])
def test_a_year_without_a_table_is_refused_and_says_what_to_do(unit: str) -> None:
    with pytest.raises(CalendarEnds) as caught:
        due(at("2028-12-29T10:00"), Amount(20, unit), china())  # type: ignore[arg-type]  # the unit comes from a table

    assert caught.value.year == 2029
    assert "2029" in caught.value.zh and "2029" in caught.value.en and "Add" in caught.value.en


def test_hours_need_no_table() -> None:
    assert due(at("2031-01-01T10:00"), Amount(2, "h"), china()).moment == at("2031-01-01T12:00")


def test_2026_has_248_working_days() -> None:
    assert china().working_days_between(date(2025, 12, 31), date(2026, 12, 31)) == 248


def test_the_canonical_data_comes_back_as_the_same_calendar() -> None:
    data = json.loads(json.dumps(calendar_to_data(china())))

    assert calendar_from_data(data) == china()


def test_an_empty_table_is_refused_as_no_table() -> None:
    data = calendar_to_data(china())
    data["years"]["2029"] = {"status": "published", "source": ""}  # type: ignore[index, call-overload]  # plain JSON

    with pytest.raises(CalendarError, match="2029 names no day off"):
        calendar_from_data(data)


def test_a_gap_between_years_is_refused() -> None:
    with pytest.raises(CalendarError, match="lacks 2023"):
        china(2022, 2024)


def test_a_make_up_day_must_be_a_weekend() -> None:
    data = calendar_to_data(china())
    data["work"] = [*data["work"], "2026-11-18"]  # type: ignore[misc]  # plain JSON

    with pytest.raises(CalendarError, match="2026-11-18"):
        calendar_from_data(data)


FIRST = datetime(2022, 1, 1, tzinfo=UTC)
MOMENTS = st.integers(0, 5 * 365 * 86_400).map(lambda seconds: FIRST + timedelta(seconds=seconds))
DAYS = st.dates(date(2022, 1, 10), date(2027, 6, 1))
UNITS = st.sampled_from(["wd", "d", "h", "wh", "min"])


@given(MOMENTS, st.integers(1, 60), UNITS)
def test_a_due_is_always_later_than_its_start(start: datetime, n: int, unit: str) -> None:
    assert due(start, Amount(n, unit), china()).moment > start  # type: ignore[arg-type]  # drawn from the units


@given(MOMENTS, st.integers(1, 60), st.integers(0, 20), UNITS)
def test_a_longer_limit_is_never_due_earlier(start: datetime, n: int, more: int, unit: str) -> None:
    short, long = (due(start, Amount(k, unit), china()).moment for k in (n, n + more))  # type: ignore[arg-type]

    assert short <= long


@given(MOMENTS, st.integers(0, 100_000), st.integers(1, 40), UNITS)
def test_a_later_start_is_never_due_earlier(start: datetime, minutes: int, n: int, unit: str) -> None:
    later = start + timedelta(minutes=minutes)
    first, second = (due(moment, Amount(n, unit), china()).moment for moment in (start, later))  # type: ignore[arg-type]

    assert first <= second


@given(DAYS, st.integers(1, 60))
def test_counting_forth_and_back_meets(day: date, n: int) -> None:
    end = china().add_working_days(day, n)

    assert china().is_working(end)
    assert china().working_days_between(day, end) == n
    assert china().add_working_days(end, -n) <= day


@given(MOMENTS, st.integers(1, 40))
def test_working_days_equal_a_plain_walk_over_the_days(start: datetime, n: int) -> None:
    day, left = china().local_day(start), n
    while left:
        day += timedelta(days=1)
        left -= china().is_working(day)

    assert china().due_day(due(start, Amount(n, "wd"), china()).moment) == day

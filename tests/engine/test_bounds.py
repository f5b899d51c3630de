from dataclasses import replace

import pytest

from jiebang.engine.bounds import Unbounded, bounds_of, longest, most_closings
from jiebang.engine.model import Amount, Extension, Program, Span
from tests.engine.builders import final, loop, move, program, state
from tests.engine.calendars import china, england

TWO = (final("explained", "explained"), final("failed", "failed"), final("struck", "solved"))


def test_the_silent_path_is_the_clocks_alone() -> None:
    silent = bounds_of(loop(), china()).silent

    assert (silent.wd, silent.path) == (6, ("raised", "upstairs"))
    assert bounds_of(loop(), china()).silent_end == "failed"


def test_the_main_path_uses_every_limit_up_and_sends_nothing_back() -> None:
    bounds = bounds_of(loop(), china())

    assert (bounds.main.wd, bounds.main.path) == (24, ("raised", "posted", "claimed", "finished"))
    assert bounds.main_end == "struck"


def test_the_worst_case_unrolls_laps() -> None:
    worst = bounds_of(loop(), china()).worst

    # raised 1, posted 3, three times claimed 15 and finished 5, upstairs 5, ordered once more 20, upstairs 5,
    # notice 5 d, contested once: upstairs 5, notice 5 d
    assert (worst.wd, worst.d) == (99, 10)
    assert worst.path.count("claimed") == 4


def test_working_days_alone_are_measured_exactly() -> None:
    two = program(
        state("a", "office", "1 wd", "b", move("go", "b")),
        state("b", "office", "5 wd", "failed", move("go", "struck", verifies=True)),
        finals=TWO,
    )

    worst = bounds_of(two, china()).worst

    # One Spring Festival, not two: 1 wd is at most 10 days and 5 wd at most 15, but 6 wd are at most 16 or 17.
    assert worst.calendar_days == -(-longest(Amount(6, "wd"), china()) // 1440)
    assert worst.calendar_days is not None and worst.calendar_days < 10 + 15


@pytest.mark.parametrize(("n", "days"), [(1, 10), (5, 15)])
def test_a_working_day_can_be_ten_days_away_around_spring_festival(n: int, days: int) -> None:
    assert longest(Amount(n, "wd"), china()) <= days * 1440 + 24 * 60
    assert longest(Amount(n, "wd"), china()) > (days - 1) * 1440


def test_minutes_stay_minutes() -> None:
    calls = program(
        state("first", "office", "20 min", "second", move("answer", "explained")),
        state("second", "office", "2 h", "failed", move("answer", "explained")),
        finals=TWO[:2],
    )

    worst = bounds_of(calls, china()).worst

    assert (worst.minutes, worst.h, worst.calendar_days) == (20, 2, 1)
    assert worst.said("en") == "2 hours + 20 minutes (at most 1 calendar day)"
    assert worst.said("zh") == "2 小时 + 20 分钟（最长 1 个日历日）"


def test_without_a_calendar_only_the_sums_are_said() -> None:
    worst = bounds_of(loop()).worst

    assert worst.calendar_days is None
    assert worst.said("en") == "99 working days + 10 days"


def test_an_extension_counts_each_time_it_can_be_given() -> None:
    base = loop()
    extend = Extension("solver", "office", Amount(2, "wd"), Amount(2, "wd"), Amount(10, "wd"), 2)
    longer = replace(base, states={**base.states, "claimed": replace(base.states["claimed"], extend=extend)})

    assert bounds_of(longer, china()).worst.wd == 99 + 4 * 20


def test_a_span_caps_what_happens_under_it() -> None:
    base = loop()
    term = Span("term", "raised", "struck", Amount(10, "wd"), "upstairs")

    capped = bounds_of(replace(base, spans={"term": term}), china()).worst

    # Ten working days, then the longest way from `upstairs` on.
    assert capped.wd == 10 + bounds_of(base, china()).remaining["upstairs"].wd
    assert capped.wd < bounds_of(base, china()).worst.wd


def test_a_span_never_lengthens_a_way_that_is_shorter() -> None:
    base = program(
        state("a", "office", "1 wd", "b", move("go", "b")),
        state("b", "office", "1 wd", "failed", move("go", "explained")),
        finals=TWO[:2],
        spans=(Span("term", "raised", "explained", Amount(90, "wd"), "failed"),),
    )

    assert bounds_of(base, china()).worst.wd == 2


def test_a_limit_that_counts_from_a_move_gives_its_time_once() -> None:
    def returning(since: str | None) -> Program:
        work = state("work", "office", "30 d", "failed", move("apply", "look"))
        return program(
            state("found", "office", "1 wd", "failed", move("hang", "work")),
            replace(work, limit=replace(work.limit, since=since)),
            state("look", "office", "2 d", "failed", move("reject", "work", at_most=2), move("accept", "explained")),
            finals=TWO[:2],
        )

    assert bounds_of(returning(None), china()).worst.d == 3 * 30 + 3 * 2
    assert bounds_of(returning("hang"), china()).worst.d == 30 + 3 * 2
    assert bounds_of(returning("reject"), china()).worst.d == 3 * 30 + 3 * 2  # the first time it was not made yet


def test_a_limit_whose_move_is_made_again_gives_its_time_again() -> None:
    work = state("work", "office", "30 d", "upper", move("apply", "upper"))
    again = program(
        state("found", "office", "1 wd", "failed", move("hang", "work")),
        replace(work, limit=replace(work.limit, since="hang")),
        state("upper", "upper", "2 d", "failed", move("hang", "work", at_most=1), move("back", "work", at_most=1),
              move("accept", "explained")),
        finals=TWO[:2],
    )  # fmt: skip

    assert bounds_of(again, china()).worst.d == 2 * 30 + 3 * 2


def test_what_is_left_shrinks_from_state_to_state() -> None:
    bounds = bounds_of(loop(), china())

    assert bounds.remaining["raised"].wd == bounds.worst.wd
    assert bounds.remaining["notice"].wd < bounds.remaining["upstairs"].wd < bounds.remaining["posted"].wd


def test_bounds_refuse_what_has_no_end() -> None:
    endless = program(
        state("a", "office", "1 wd", "failed", move("go", "b")),
        state("b", "office", "1 wd", "failed", move("back", "a")),
        finals=TWO[1:2],
    )

    with pytest.raises(Unbounded, match="D3"):
        bounds_of(endless)


def test_a_count_longer_than_all_tables_is_still_measured() -> None:
    assert longest(Amount(5000, "wd"), china()) > longest(Amount(1000, "wd"), china()) * 4
    assert longest(Amount(1000, "d"), england()) >= 1000 * 1440


@pytest.mark.parametrize(
    ("text", "closings"), [(Amount(3, "wd"), 3), (Amount(24, "h"), 2), (Amount(20, "min"), 2), (Amount(8, "wh"), 3)]
)
def test_how_many_closings_a_limit_can_span(text: Amount, closings: int) -> None:
    assert most_closings(text, china()) == closings

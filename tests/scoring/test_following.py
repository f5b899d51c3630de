from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.db import connection
from pytest_django.plugin import DjangoDbBlocker

from jiebang.boards import services as boards
from jiebang.scoring import queries, services
from tests.boards.city import (
    CITY,
    COMMUNITY,
    COUNTY,
    DAY,
    MONDAY_NINE,
    NEIGHBOUR,
    OTHER_COMMUNITY,
    OTHER_COUNTY,
    TOWNSHIP,
    WHAT,
    Town,
    a_town,
)


# Facts are followed below the horizon of running transactions, so these tests need real commits.
@pytest.fixture
def town(
    committed: str, django_db_blocker: DjangoDbBlocker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Town]:
    monkeypatch.setattr(settings, "JIEBANG_FILES", tmp_path)
    with django_db_blocker.unblock(), a_town() as town:
        yield town


def follow(*, at: datetime = MONDAY_NINE, afresh: bool = False) -> int:
    return services.follow_once(at=at, afresh=afresh)


def audit() -> list[str]:
    return queries.audit(at=MONDAY_NINE + 60 * DAY)


def struck(town: Town, *, solved: str = "yes", satisfied: str | None = "satisfied") -> None:
    opened = town.finished()
    answers = {"solved": solved} | ({"satisfied": satisfied} if satisfied else {})
    town.does(town.comes_back(opened), "verdict", opened.number, at=MONDAY_NINE + 3 * DAY, answers=answers)


def test_figures_of_nothing_are_not_available(town: Town) -> None:
    shown = queries.figures("residents", CITY)

    assert (shown.as_of, shown.open, shown.median_days) == (None, 0, "n/a")
    assert {share.text for share in shown.shares.values()} == {"n/a"}


def test_the_follower_counts_every_area_an_entry_lies_in(town: Town) -> None:
    struck(town)
    struck(town, solved="partly", satisfied="dissatisfied")
    struck(town, satisfied=None)
    town.raises()

    follow(at=MONDAY_NINE + 4 * DAY)

    for area in (CITY, COUNTY, TOWNSHIP, COMMUNITY):
        shown = queries.figures("residents", area)
        assert (shown.open, shown.struck, shown.struck_this_month, shown.median_days) == (1, 3, 3, "3.0")
        texts = {name: (share.text, share.n) for name, share in shown.shares.items()}
        assert texts == {
            "solved-share": ("66.67", 3),
            "partly-share": ("33.33", 3),
            "satisfied-share": ("50.00", 2),
            "coverage": ("66.67", 3),
        }
    for area in (OTHER_COUNTY, NEIGHBOUR):  # nothing is there, and that is known as of the city's own figures
        shown = queries.figures("residents", area)
        assert (shown.open, shown.ever, shown.as_of) == (0, {}, queries.figures("residents", CITY).as_of)
    assert [one.area for one in queries.figures_below("residents")] == [CITY, COUNTY]


def test_an_area_is_as_of_the_last_fact_of_the_whole_board(town: Town) -> None:
    town.raises()
    follow(at=MONDAY_NINE)
    town.raises(area=OTHER_COMMUNITY, answers={**WHAT, "where": OTHER_COMMUNITY})

    follow(at=MONDAY_NINE + DAY / 4)

    here, there = (queries.figures("residents", area) for area in (COMMUNITY, OTHER_COMMUNITY))
    assert (here.open, there.open, here.as_of) == (1, 1, MONDAY_NINE + DAY / 4)
    assert audit() == []


def test_what_the_city_let_fail_counts_as_not_solved(town: Town) -> None:
    struck(town)
    town.raises()
    for days in (5, 20):
        boards.tick(at=MONDAY_NINE + days * DAY)

    follow(at=MONDAY_NINE + 21 * DAY)

    shown = queries.figures("residents", CITY)
    assert shown.failed == 1
    assert shown.shares["solved-share"].text == "50.00"


def test_what_was_followed_is_not_followed_again(town: Town) -> None:
    town.raises()

    first, second = follow(), follow()

    assert (first > 0, second) == (True, 0)


def test_a_follower_that_dies_before_its_commit_repeats_and_never_skips(town: Town) -> None:
    town.raises()

    def dies(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if "INTO ledger_cursor" in sql:
            raise KeyboardInterrupt
        return execute(sql, params, many, context)

    with connection.execute_wrapper(dies), pytest.raises(KeyboardInterrupt):
        follow()
    before = queries.figures("residents", CITY).as_of

    follow()

    assert before is None
    assert queries.figures("residents", CITY).open == 1


def test_figures_slide_with_the_days_though_nothing_happens(town: Town) -> None:
    struck(town)
    follow(at=MONDAY_NINE + 4 * DAY)
    this_month = queries.figures("residents", CITY).struck_this_month

    follow(at=MONDAY_NINE + 40 * DAY)
    next_month = queries.figures("residents", CITY)
    follow(at=MONDAY_NINE + 100 * DAY)

    assert (this_month, next_month.struck_this_month, next_month.struck) == (1, 0, 1)
    assert queries.figures("residents", CITY).struck == 0


def test_running_sums_are_what_counting_again_gives_after_every_step(town: Town) -> None:
    opened = town.finished()
    follow(at=MONDAY_NINE + 2 * DAY)
    assert (queries.figures("residents", CITY).states, audit()) == ({"finished": 1}, [])

    town.does(town.comes_back(opened), "verdict", opened.number, at=MONDAY_NINE + 3 * DAY, answers={"solved": "yes"})
    town.raises()
    assert audit() == []  # what was not followed yet is no difference

    follow(at=MONDAY_NINE + 3 * DAY)
    shown = queries.figures("residents", CITY)
    assert (shown.states, shown.ever, shown.median_days, audit()) == ({"raised": 1}, {"solved": 1}, "3.0", [])

    boards.tick(at=MONDAY_NINE + 6 * DAY)
    follow(at=MONDAY_NINE + 6 * DAY)
    assert (queries.figures("residents", CITY).overdue, audit()) == (1, [])

    follow(at=MONDAY_NINE + 60 * DAY, afresh=True)
    shown = queries.figures("residents", COUNTY)
    assert (shown.open, shown.overdue, shown.struck, shown.ever, audit()) == (1, 1, 1, {"solved": 1}, [])


def test_what_ends_while_everything_is_counted_again_is_counted_once(town: Town) -> None:
    town.raises()
    follow(at=MONDAY_NINE + DAY)
    struck(town)

    follow(at=MONDAY_NINE + 4 * DAY, afresh=True)

    assert (queries.figures("residents", CITY).struck, audit()) == (1, [])


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        ("UPDATE scoring_standing SET state = 'posted'", "as posted, but it stands at raised"),
        ("DELETE FROM scoring_standing", "as nothing, but it stands at raised"),
        ("UPDATE scoring_figure SET sums = jsonb_set(sums, '{ever,solved}', '7')", "say ever {'solved': 7}, its"),
        ("UPDATE scoring_figure SET sums = jsonb_set(sums, '{tenths}', '{}')", "say tenths {}, its"),
        ("UPDATE scoring_figure SET sums = jsonb_set(sums, '{overdue}', '3')", "count other open entries"),
        (
            f"UPDATE scoring_figure SET sums = jsonb_set(sums, '{{ever,solved}}', '7') WHERE area = '{TOWNSHIP}'",
            f"in {TOWNSHIP} say ever {{'solved': 7}}",
        ),
        (f"DELETE FROM scoring_figure WHERE area = '{COMMUNITY}'", f"in {COMMUNITY} say ever {{}}, its"),
        (f"DELETE FROM scoring_figure WHERE area = '{COMMUNITY}'", f"in {COMMUNITY} count other open entries"),
        ("UPDATE scoring_standing SET areas[3] = ''", "but it stands at raised"),
    ],
)
def test_a_wrong_sum_is_named_and_mended_in_the_first_round(
    town: Town, damage: str, said: str, caplog: pytest.LogCaptureFixture
) -> None:
    struck(town)
    town.raises()
    follow(at=MONDAY_NINE + 4 * DAY)
    with connection.cursor() as cursor:
        cursor.execute(damage)

    named = audit()
    follow(at=MONDAY_NINE + 4 * DAY, afresh=True)

    assert any(said in finding for finding in named)
    assert said in caplog.text
    assert audit() == []
    assert (queries.figures("residents", CITY).open, queries.figures("residents", CITY).ever) == (1, {"solved": 1})


@pytest.mark.parametrize("area", [CITY, COUNTY, COMMUNITY])
def test_an_area_counted_now_is_counted_as_the_follower_does(town: Town, area: str) -> None:
    struck(town)
    struck(town, solved="partly", satisfied=None)
    town.raises()
    at = MONDAY_NINE + 4 * DAY
    follow(at=at)

    now = queries.figures_now("residents", area, at=at)

    kept = queries.figures("residents", area)
    assert replace(now, as_of=kept.as_of) == kept


def test_two_followers_do_not_work_at_once(town: Town) -> None:
    town.raises()
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_schema()")
        schema = cursor.fetchone()[0]
    parameters = connection.get_connection_params()
    wanted = {name: parameters[name] for name in ("dbname", "user", "password", "host", "port") if parameters.get(name)}
    with psycopg.connect(**wanted) as other:
        other.execute("SELECT pg_advisory_xact_lock(hashtext('jiebang.scoring.figures'), hashtext(%s))", [schema])

        assert follow() == 0

    assert follow() > 0

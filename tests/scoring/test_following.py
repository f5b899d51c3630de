from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.db import connection
from pytest_django.plugin import DjangoDbBlocker

from jiebang.boards import services as boards
from jiebang.people import queries as people
from jiebang.rulebook import queries as rulebook
from jiebang.scoring import queries, services
from tests.boards.city import CITY, COUNTY, DAY, MONDAY_NINE, OTHER_COUNTY, Town, found_town


# Facts are followed below the horizon of running transactions, so these tests need real commits.
@pytest.fixture
def town(
    committed: str, django_db_blocker: DjangoDbBlocker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Town]:
    monkeypatch.setattr(settings, "JIEBANG_FILES", tmp_path)
    with django_db_blocker.unblock():
        people.forget_caches()
        rulebook.forget_caches()
        yield found_town()
        people.forget_caches()
        rulebook.forget_caches()


def follow(*, at: datetime = MONDAY_NINE) -> int:
    return services.follow_once(at=at)


def struck(town: Town, *, solved: str = "yes", satisfied: str | None = "satisfied") -> None:
    opened = town.finished()
    answers = {"solved": solved} | ({"satisfied": satisfied} if satisfied else {})
    town.does(town.comes_back(opened), "verdict", opened.number, at=MONDAY_NINE + 3 * DAY, answers=answers)


def test_figures_of_nothing_are_not_available(town: Town) -> None:
    shown = queries.figures("residents", CITY)

    assert (shown.as_of, shown.open, shown.median_days) == (None, 0, "n/a")
    assert {share.text for share in shown.shares.values()} == {"n/a"}


def test_the_follower_counts_the_county_and_the_city(town: Town) -> None:
    struck(town)
    struck(town, solved="partly", satisfied="dissatisfied")
    struck(town, satisfied=None)
    town.raises()

    follow(at=MONDAY_NINE + 4 * DAY)

    for area in (CITY, COUNTY):
        shown = queries.figures("residents", area)
        assert (shown.open, shown.struck, shown.struck_this_month, shown.median_days) == (1, 3, 3, "3.0")
        texts = {name: (share.text, share.n) for name, share in shown.shares.items()}
        assert texts == {
            "solved-share": ("66.67", 3),
            "partly-share": ("33.33", 3),
            "satisfied-share": ("50.00", 2),
            "coverage": ("66.67", 3),
        }
    assert queries.figures("residents", OTHER_COUNTY).as_of is None


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

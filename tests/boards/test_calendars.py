"""What a year's calendar that comes late, or is changed, does to entries that run already."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection

from jiebang.boards import services as boards
from jiebang.boards.audit import audit
from jiebang.desk import doctor
from jiebang.engine import worktime
from jiebang.engine.model import Refused
from jiebang.rulebook import queries as rulebook
from tests.boards.city import HOUR, MONDAY_NINE, PUBLIC, Town

pytestmark = pytest.mark.django_db

NEW_YEARS_EVE = datetime(2026, 12, 31, 1, 0, tzinfo=UTC)


def publish(data: Mapping[str, Any], *, at: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO rulebook_document (kind, name, data, sha256, published_at)"
            " VALUES ('calendar', %s, %s::jsonb, '', %s)",
            [data["id"], json.dumps(data), at],
        )
    rulebook.forget_caches()


def as_it_is() -> dict[str, Any]:
    return worktime.calendar_to_data(rulebook.calendar())


def with_a_day_off(day: str) -> dict[str, Any]:
    known = as_it_is()
    return known | {"off": sorted([*known["off"], day])}


def without(year: str) -> dict[str, Any]:
    known = as_it_is()
    years = {name: said for name, said in known["years"].items() if name < year}
    return known | {
        "years": years,
        "off": [day for day in known["off"] if day < year],
        "work": [day for day in known["work"] if day < year],
    }


def test_what_was_counted_before_a_calendar_changed_stays_right(town: Town) -> None:
    town.claimed()
    before = town.raises()

    publish(with_a_day_off("2026-03-03"), at=MONDAY_NINE + HOUR)

    later = town.raises(at=MONDAY_NINE + 2 * HOUR)
    assert audit().findings == ()
    assert due(later.number) > due(before.number)


def test_what_is_counted_by_an_outdated_calendar_is_found(town: Town) -> None:
    town.is_damaged = True
    opened = town.raises(at=MONDAY_NINE + 2 * HOUR)

    publish(with_a_day_off("2026-03-03"), at=MONDAY_NINE + HOUR)

    assert [finding.partition(":")[0] for finding in audit().findings] == [opened.number]


def test_a_clock_without_a_calendar_waits_and_goes_on_when_the_year_is_there(town: Town) -> None:
    whole = as_it_is()
    publish(without("2027"), at=MONDAY_NINE)
    opened = town.raises(at=NEW_YEARS_EVE - 24 * HOUR)

    boards.tick(at=NEW_YEARS_EVE + 12 * HOUR)
    asked = town.tries("community", "post", opened.number, at=NEW_YEARS_EVE + 12 * HOUR, answers=PUBLIC)
    put_aside = audit().findings
    (examined,) = doctor._stuck(connection.connection)
    publish(whole, at=NEW_YEARS_EVE + 13 * HOUR)
    again = boards.try_again()
    boards.tick(at=NEW_YEARS_EVE + 14 * HOUR)

    assert isinstance(asked, Refused)
    assert asked.code == "no-calendar"
    assert len(put_aside) == 1
    assert "2027" in put_aside[0]
    assert examined.how == "bad"
    assert opened.number in examined.what
    assert "no table for 2027" in examined.what
    assert again == 1
    assert list(doctor._stuck(connection.connection)) == []
    assert audit().findings == ()
    assert due(opened.number) > NEW_YEARS_EVE + 24 * HOUR


def due(number: str) -> datetime:
    with connection.cursor() as cursor:
        cursor.execute("SELECT due_at FROM boards_entry WHERE number = %s", [number])
        moment: datetime = cursor.fetchone()[0]
        return moment

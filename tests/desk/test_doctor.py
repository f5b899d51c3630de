"""The doctor and the coming years: what it says before a limit reaches a year that nobody has written down."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import connection

from jiebang.desk import doctor, outlook
from jiebang.engine import parser, worktime
from jiebang.engine.model import Program
from jiebang.engine.worktime import Calendar
from jiebang.rulebook import packs, services

TODAY = date(2026, 11, 22)
HAZARD = packs.root() / "leshan" / "mechanisms" / "hazard" / "2026-01-01.yaml"


def calendar(*, last: int, estimated: tuple[int, ...] = ()) -> Calendar:
    """The years 2026 to `last`, each with one day off."""
    years = [
        {
            "year": year,
            "status": "estimated" if year in estimated else "published",
            "off": [{"from": f"{year}-01-01"}],
        }
        for year in range(2026, last + 1)
    ]
    return worktime.calendar_from_files(
        id="plain", zone="Asia/Shanghai", hours={"hours": [["09:00", "17:00"]]}, years=years
    )


def hazard() -> Program:
    """A program whose longest limit is 365 days."""
    vocabulary = packs.categories(packs.city("leshan"))
    return parser.parse(HAZARD.read_bytes(), filename=HAZARD.name, vocabulary=vocabulary)


def test_published_years_that_reach_fifteen_months_are_enough() -> None:
    assert outlook.lacks(calendar(last=2028), [hazard()], today=TODAY) == []


def test_a_missing_year_is_named_with_the_first_day_on_which_a_limit_reaches_it() -> None:
    found = outlook.lacks(calendar(last=2027), [hazard()], today=TODAY)

    assert found == [outlook.Lack(2028, "missing", date(2027, 1, 1), now=False)]


def test_a_limit_that_reaches_a_missing_year_today_stands_in_the_way() -> None:
    found = outlook.lacks(calendar(last=2026), [hazard()], today=TODAY)

    assert found == [outlook.Lack(2027, "missing", TODAY, now=True)]


def test_short_limits_alone_leave_time_until_the_year_is_nearly_there() -> None:
    found = outlook.lacks(calendar(last=2027), [], today=TODAY)

    assert found == [outlook.Lack(2028, "missing", date(2028, 1, 1), now=False)]
    assert outlook.lacks(calendar(last=2027), [], today=date(2026, 9, 1)) == []


def test_an_estimated_year_is_named_from_the_october_before_until_it_is_over() -> None:
    known = calendar(last=2031, estimated=(2027, 2029))

    assert outlook.lacks(known, [], today=date(2026, 9, 30)) == []
    assert outlook.lacks(known, [], today=date(2028, 9, 30)) == []
    assert outlook.lacks(known, [], today=TODAY) == [outlook.Lack(2027, "estimated", date(2027, 1, 1), now=False)]
    assert outlook.lacks(known, [], today=date(2028, 10, 1)) == [
        outlook.Lack(2029, "estimated", date(2029, 1, 1), now=False)
    ]
    assert outlook.lacks(known, [], today=date(2029, 12, 31)) == [
        outlook.Lack(2029, "estimated", date(2029, 1, 1), now=True)
    ]


# ── In a city ───────────────────────────────────────────────────────────────────────────────────────────────


def publish(data: Mapping[str, Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO rulebook_document (kind, name, data, sha256, published_at)"
            " VALUES ('calendar', %s, %s::jsonb, '', now())",
            [data["id"], json.dumps(data)],
        )


@pytest.mark.django_db
def test_the_doctor_names_the_file_to_add(monkeypatch: pytest.MonkeyPatch) -> None:
    services.publish_pack("millbrook", at=datetime.now(UTC))
    publish(worktime.calendar_to_data(calendar(last=datetime.now(UTC).year)) | {"id": "england-and-wales"})
    connection.ensure_connection()

    # What psycopg itself gives back: the doctor works without Django.
    (found,) = doctor._calendar(connection.connection, "millbrook")

    missing = str(datetime.now(UTC).year + 1)
    assert found.how == "bad"  # the town's resolutions have a term of a year: whenever it begins, it reaches the next
    assert f"no table for {missing}" in found.what
    assert f"{missing}.yaml is there, but not published." in found.mend
    assert found.mend.endswith("Then: jiebang publish. See docs/howto/calendars.md")

from __future__ import annotations

from pathlib import Path

import pytest
from django.db import connection

from jiebang.boards import queries
from jiebang.boards import services as boards
from jiebang.boards.audit import audit
from jiebang.boards.services import Erased
from jiebang.engine.model import Refused
from jiebang.people import queries as people
from tests.boards.city import DAY, MONDAY_NINE, Town, a_photo

pytestmark = pytest.mark.django_db


def erase(number: str) -> Erased:
    erased = boards.erase(number, ground="PIPL 47", by="desk", at=MONDAY_NINE + DAY)
    assert isinstance(erased, Erased)
    return erased


def whole_database() -> str:
    """Everything any table of the schema holds, as one text."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()")
        parts = []
        for (table,) in cursor.fetchall():
            cursor.execute(f"SELECT coalesce(string_agg(t::text, chr(10)), '') FROM \"{table}\" t")
            parts.append(f"{table}: {cursor.fetchone()[0]}")
    return "\n".join(parts)


def test_nothing_the_raiser_said_is_left_anywhere(town: Town, files: Path) -> None:
    opened = town.raises(
        files=[a_photo()], answers={"what": "我叫张三丰,住12栋", "where": "511102001001", "phone": "13812345678"}
    )

    erase(opened.number)
    connection.on_commit(lambda: None)

    left = whole_database()
    assert "张三丰" not in left
    assert "13812345678" not in left


def test_the_raisers_key_and_code_are_gone(town: Town) -> None:
    opened = town.raises()
    person = town.comes_back(opened).person

    erase(opened.number)

    assert people.key(person) is None
    assert boards.raiser_by_code(opened.code, address="a", at=MONDAY_NINE) is None


def test_the_matter_goes_on_and_its_later_events_open_again(town: Town) -> None:
    opened = town.claimed()
    erase(opened.number)

    town.does(
        "lighting",
        "finish",
        opened.number,
        at=MONDAY_NINE + DAY,
        answers={"what-was-done": "换好了"},
        files=[a_photo()],
    )

    shown = queries.entry(opened.number)
    assert shown is not None
    assert shown.row.erased
    assert [event.is_day_only for event in shown.events] == [True, True, True, False]
    assert [answer.value for answer in shown.events[3].answers] == ["换好了"]
    assert audit().erased_digests == 12


def test_an_erased_entry_has_no_text_and_is_not_found(town: Town) -> None:
    opened = town.posted()
    found = queries.board("residents", queries.Filters(text="路灯")).count

    erase(opened.number)

    shown = queries.entry(opened.number)
    assert found == 1
    assert queries.board("residents", queries.Filters(text="路灯")).count == 0
    assert shown is not None
    assert (shown.text, shown.row.title) == ("", "")


def test_an_account_is_forgotten_on_the_entry_and_keeps_its_own_key(town: Town) -> None:
    opened = town.raises(actor=town.resident)
    other = town.raises(actor=town.resident)

    erase(opened.number)

    assert queries.entry_for_raiser(opened.number, town.resident.person) is None
    assert queries.entry_for_raiser(other.number, town.resident.person) is not None
    assert people.key(town.resident.person) is not None
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM boards_event v JOIN boards_entry e ON e.id = v.entry_id"
            " WHERE e.number = %s AND v.person = %s",
            [opened.number, town.resident.person],
        )
        assert cursor.fetchone()[0] == 0


def test_a_merged_raiser_with_an_account_is_forgotten_on_both_entries(town: Town) -> None:
    parent, child = town.raises(), town.raises(actor=town.resident)
    town.does("community", "same", child.number, answers={"same-entry": parent.number})

    erase(child.number)

    assert queries.entry_for_raiser(parent.number, town.resident.person) is None
    assert audit().findings == ()


def test_the_log_says_how_many_digests_were_closed_and_why(town: Town) -> None:
    opened = town.posted()

    erased = erase(opened.number)

    with connection.cursor() as cursor:
        cursor.execute("SELECT kind, convert_from(body, 'UTF8') FROM ledger_leaf WHERE id = %s", [erased.leaf_id])
        kind, body = cursor.fetchone()
    assert kind == "erased"
    assert '"digests":8' in body
    assert '"ground":"PIPL 47"' in body


def test_erasing_twice_is_refused(town: Town) -> None:
    opened = town.raises()
    erase(opened.number)

    again = boards.erase(opened.number, ground="PIPL 47", by="desk", at=MONDAY_NINE)

    assert isinstance(again, Refused)
    assert again.code == "erased-already"


def test_photos_are_deleted_once_the_erasure_is_committed(
    town: Town, files: Path, django_capture_on_commit_callbacks: object
) -> None:
    opened = town.raises(files=[a_photo()])
    assert len(list(files.glob("*/*.jpg"))) == 1

    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]  # pytest-django's fixture
        erase(opened.number)

    assert list(files.glob("*/*.jpg")) == []

"""People: keys that can be forgotten, a tree of places, offices that begin and end."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
from django.contrib.auth import authenticate
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from jiebang.engine.model import ANYONE, Appointment
from jiebang.people import queries, services

pytestmark = pytest.mark.django_db

MONDAY_NINE = datetime(2026, 6, 1, 1, 0, tzinfo=UTC)
AREAS = [
    {"code": "51", "parent": "", "level": "city", "kind": "city", "zh": "乐山市", "en": "Leshan"},
    {"code": "5112", "parent": "51", "level": "county", "kind": "district", "zh": "五通桥区", "en": "Wutongqiao"},
    {"code": "511205", "parent": "5112", "level": "community", "kind": "community", "zh": "茶花社区", "en": "Chahua"},
    {
        "code": "511206",
        "parent": "5112",
        "level": "community",
        "kind": "village",
        "zh": "茶花村",
        "en": "Chahua Village",
    },
]
UNITS = [
    {"slug": "51-duty", "kind": "office", "area": "51", "zh": "政府值班室", "en": "Duty office"},
    {"slug": "5112-works", "kind": "unit", "area": "5112", "zh": "城建管理单位", "en": "Works"},
]


@pytest.fixture(autouse=True)
def _own_caches() -> Iterator[None]:
    queries.forget_caches()
    yield
    queries.forget_caches()


def a_city() -> None:
    services.load_areas(AREAS)
    services.load_units(UNITS)


def a_handler() -> int:
    user = services.create_user("handler-1", display_name="王某", password="a-long-password")
    services.appoint(user, office="handler", unit="5112-works", area="5112", since=date(2026, 1, 1))
    return user


# ── Keys ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_forgotten_key_is_gone_but_its_row_stays_and_says_when():
    person = services.new_key()

    assert services.forget_key(person, MONDAY_NINE)

    assert queries.key(person) is None
    with connection.cursor() as cursor:
        cursor.execute("SELECT key, erased_at FROM people_personkey WHERE id = %s", [int(person[1:])])
        assert cursor.fetchone() == (None, MONDAY_NINE)


def test_forgetting_twice_or_forgetting_nobody_changes_nothing():
    person = services.new_key()
    services.forget_key(person, MONDAY_NINE)

    assert not services.forget_key(person, MONDAY_NINE)
    assert not services.forget_key("clock", MONDAY_NINE)
    assert not services.forget_key("k٣", MONDAY_NINE)


def test_keys_of_many_come_in_one_statement_and_leave_out_the_forgotten():
    first, second, third = services.new_keys(3)
    services.forget_key(second, MONDAY_NINE)

    with CaptureQueriesContext(connection) as captured:
        found = queries.keys([first, second, third, "clock", ""])

    assert set(found) == {first, third}
    assert {len(key) for key in found.values()} == {32}
    assert len(captured) == 1


def test_a_key_row_without_bytes_and_without_a_date_is_refused_by_the_database():
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("INSERT INTO people_personkey (key) VALUES (NULL)")


# ── Places ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_place_names_every_level_above_it():
    a_city()

    assert queries.place("511205") == {"city": "51", "county": "5112", "community": "511205"}
    assert queries.place("nowhere") == {}
    assert queries.place("no\x00where") == {}


def test_areas_loaded_later_by_somebody_else_are_seen():
    a_city()
    queries.area("51")
    with connection.cursor() as cursor:  # as another process would
        cursor.execute(
            "INSERT INTO people_area (code, parent_id, level, kind, name_zh, name_en, path)"
            " VALUES ('5113', '51', 'county', 'district', '金口河区', 'Jinkouhe', '{51,5113}')"
        )

    view = queries.area("5113")

    assert view is not None
    assert [child.code for child in queries.children("51")] == ["5112", "5113"]


def test_places_are_answered_without_asking_the_database_again():
    a_city()
    queries.place("511205")

    with CaptureQueriesContext(connection) as captured:
        queries.place("511206")
        queries.children("5112")
        queries.find_areas("茶花")

    assert len(captured) == 0


def test_finding_areas_puts_whole_names_first_in_either_language():
    a_city()

    assert [view.code for view in queries.find_areas("茶花")] == ["511205", "511206"]
    assert [view.code for view in queries.find_areas("chahua village")] == ["511206"]
    assert [view.code for view in queries.find_areas("5112")] == ["5112", "511205", "511206"]
    assert queries.find_areas("  ") == []


def test_loading_the_same_areas_again_changes_nothing():
    services.load_areas(AREAS)

    assert services.load_areas(reversed(AREAS)) == 0


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ([*AREAS, AREAS[1]], "stands twice"),
        ([AREAS[1]], "not in the list"),
        ([*AREAS, {**AREAS[0], "code": "52"}], "one area without a parent"),
        ([AREAS[0], {**AREAS[1], "parent": "511205"}, AREAS[2]], "its own ancestor"),
    ],
)
def test_a_list_of_areas_that_is_no_tree_is_refused_and_says_which_row(rows, says):
    with pytest.raises(services.CityDataError, match=says):
        services.load_areas(rows)


def test_an_area_may_say_where_it_is():
    placed = {**AREAS[1], "lon": "103.81833", "lat": "29.40667"}

    services.load_areas([AREAS[0], placed, *AREAS[2:]])

    assert queries.area("5112").centre == (103.81833, 29.40667)
    assert queries.area("511205").centre is None
    assert services.load_areas([AREAS[0], {**placed, "lon": "", "lat": ""}, *AREAS[2:]]) == 1
    assert queries.area("5112").centre is None


@pytest.mark.parametrize(
    ("lon", "lat"),
    [("103.8", ""), ("", "29.4"), ("29.4", "103.8"), ("nan", "nan"), ("1e400", "1"), ("181", "0"), ("east", "north")],
)
def test_an_area_that_is_nowhere_on_earth_is_refused_and_says_which(lon, lat):
    with pytest.raises(services.CityDataError, match=r"Area 51 is at .* no place on earth"):
        services.load_areas([{**AREAS[0], "lon": lon, "lat": lat}])


def test_handling_units_of_a_place_are_those_of_it_and_above():
    a_city()

    assert [view.slug for view in queries.handling_units("511205")] == ["5112-works"]
    assert queries.handling_units("51") == []
    assert [view.slug for view in queries.units_of("51")] == ["51-duty"]


# ── Accounts and offices ────────────────────────────────────────────────────────────────────────────────────


def test_an_actor_is_known_by_key_and_offices_in_one_statement():
    a_city()
    user = a_handler()

    with CaptureQueriesContext(connection) as captured:
        actor = queries.actor(user)

    assert len(captured) == 1
    assert queries.key(actor.person) is not None
    assert actor.appointments == (Appointment("handler", "5112-works", "5112", "county"),)
    assert actor.via == "account"


def test_a_closed_account_acts_as_nobody():
    a_city()
    user = a_handler()
    services.close_account(user)

    assert queries.actor(user) == ANYONE
    assert queries.actor(10**9) == ANYONE


def test_an_office_that_ended_or_has_not_begun_gives_no_powers():
    a_city()
    user = a_handler()
    services.appoint(user, office="government-duty", unit="51-duty", area="51", since=date(2999, 1, 1))
    services.end_appointments(user, until=date(2026, 2, 1))

    assert queries.actor(user).appointments == ()
    assert queries.appointments("5112") == []


def test_appointing_twice_is_appointing_once():
    a_city()
    user = a_handler()

    services.appoint(user, office="handler", unit="5112-works", area="5112", since=date(2026, 3, 1))

    assert [held.user_id for held in queries.appointments("5112")] == [user]


def test_appointing_to_a_unit_that_does_not_exist_says_what_to_do():
    a_city()
    user = a_handler()

    with pytest.raises(services.CityDataError, match="no unit 5112-nothing"):
        services.appoint(user, office="handler", unit="5112-nothing", area="5112", since=date(2026, 1, 1))


def test_one_signs_in_with_name_and_password():
    user = services.create_user("clerk-1", display_name="李某", password="a-long-password")

    found = authenticate(None, username="clerk-1", password="a-long-password")

    assert found is not None
    assert found.pk == user
    assert authenticate(None, username="clerk-1", password="wrong") is None


@pytest.mark.parametrize("name", ["", "Ann", "two words", "a" * 65, "-x", "王"])
def test_a_user_name_of_another_form_is_refused(name):
    with pytest.raises(ValidationError):
        services.create_user(name, display_name="某", password=None)


def test_a_user_name_is_given_once():
    services.create_user("clerk-1", display_name="李某", password=None)

    with pytest.raises(ValidationError):
        services.create_user("clerk-1", display_name="王某", password=None)

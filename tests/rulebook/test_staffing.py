"""P1 with people in the database: which area can close a matter, and which words say what is missing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest

from jiebang.people import queries as people
from jiebang.people import services as people_services
from jiebang.rulebook import packs, queries, services, staffing

pytestmark = pytest.mark.django_db

MONDAY_NINE = datetime(2026, 6, 1, 1, 0, tzinfo=UTC)
NEW_YEAR = date(2026, 1, 1)


@pytest.fixture(autouse=True)
def _own_caches() -> Iterator[None]:
    for room in (people, queries):
        room.forget_caches()
    yield
    for room in (people, queries):
        room.forget_caches()


@pytest.fixture
def millbrook() -> None:
    services.publish_pack("millbrook", at=MONDAY_NINE)


def appoint(name: str, office: str, unit: str, area: str) -> None:
    user = people_services.create_user(name, display_name=name.title(), password=None)
    people_services.appoint(user, office=office, unit=unit, area=area, since=NEW_YEAR)


def staff_a_ward(ward: str, *, officers: int) -> None:
    """Everybody a report needs in one ward, with so many officers at the board office."""
    view = people.area(ward)
    assert view is not None and view.parent is not None
    parties = queries.mechanisms()[0].program.parties.values()
    posts = {(party.office, party.level) for party in parties if party.kind == "post"}
    place = people.place(ward)
    for office, level in sorted(posts):
        code = place[level]
        unit = people.units_of(code)[0].slug
        for n in range(officers):
            appoint(f"{office}-{level}-{n}", office, unit, code)
    taken = {people.units_of(place[level])[0].slug for _, level in posts}
    works = [unit for unit in people.handling_units(ward) if unit.slug not in taken]
    for n in range(officers):
        appoint(f"handler-{n}", "handler", works[0].slug, works[0].area)


def wards() -> list[str]:
    return [view.code for view in people.areas() if not people.children(view.code)]


def test_where_nobody_is_appointed_every_area_is_named_once_and_in_both_languages(millbrook: None) -> None:
    program = queries.mechanisms()[0].program

    found = staffing.of_areas(program)

    assert [one.area for one in found] == wards() and not any(one.staffing.closes for one in found)
    assert len({id(one.staffing.gaps[0]) for one in found}) == 1, "areas staffed alike are tried once"
    said = staffing.said_of_gaps(program, staffing.together(found[0].staffing.gaps)[0])
    assert "Appoint one more" in said["en"] and "任命一名" in said["zh"]


def test_a_ward_with_enough_people_closes_and_its_neighbour_in_another_district_does_not(millbrook: None) -> None:
    ward = wards()[0]
    staff_a_ward(ward, officers=3)
    program = queries.mechanisms()[0].program

    here = staffing.of_areas(program, [ward])[0].staffing
    far = next(code for code in wards() if people.place(code)["district"] != people.place(ward)["district"])
    there = staffing.of_areas(program, [far])[0].staffing

    assert here.closes and not here.gaps and not here.absences
    assert there.gaps


def test_a_ward_with_one_person_for_each_office_says_who_cannot_be_spared(millbrook: None) -> None:
    ward = wards()[0]
    staff_a_ward(ward, officers=1)
    program = queries.mechanisms()[0].program

    found = staffing.of_areas(program, [ward])[0].staffing

    assert found.absences
    names = {people.display_name(absence.person) for absence in found.absences}
    assert "Handler-0" in names
    said = staffing.said_of_absence(program, found.absences[0], "Ann", closed=found.closes)
    assert said["en"].startswith("While Ann is away") and said["zh"].startswith("Ann不在时")


def test_publishing_counts_the_areas_nobody_can_close_a_matter_in(millbrook: None) -> None:
    ward = wards()[0]
    staff_a_ward(ward, officers=3)
    program = queries.mechanisms()[0].program
    file = next(file for file in packs.mechanism_files(packs.city("millbrook")) if file.mechanism == "report")

    short = services._understaffed([(file, program)])

    unable = sum(not one.staffing.closes for one in staffing.of_areas(program))
    assert short == ({f"report {file.since}": unable} if unable else {})

"""Which version holds where and when: the city's, a pilot's, a withdrawn one's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from jiebang.rulebook.scopes import Withdrawal, holding, periods

CITY, COUNTY, TOWN = "city", "county", "town"
JUNE = date(2026, 6, 1)


@dataclass(frozen=True)
class Version:
    id: int
    since: date = JUNE
    scope: str = ""
    areas: tuple[str, ...] = ()
    mechanism: str = "lamps"


def held(
    versions: list[Version], *, path: tuple[str, ...] = (), on: date = JUNE, ended: list[Withdrawal] | None = None
) -> int:
    found = holding(versions, ended or [], on=on, path=path)
    return found.id if found else 0


def test_a_pilot_holds_in_its_area_and_below_before_the_citys_newer_version():
    versions = [Version(1), Version(2, scope="pilot", areas=(COUNTY,)), Version(3, since=JUNE + timedelta(9))]
    late = JUNE + timedelta(10)

    assert held(versions, path=(CITY, COUNTY, TOWN), on=late) == 2
    assert held(versions, path=(CITY, "elsewhere"), on=late) == 3
    assert held(versions, on=late) == 3


def test_the_nearer_of_two_pilots_holds():
    versions = [Version(1), Version(2, scope="a", areas=(TOWN,)), Version(3, scope="b", areas=(COUNTY,))]

    assert held(versions, path=(CITY, COUNTY, TOWN)) == 2
    assert held(versions, path=(CITY, COUNTY)) == 3


def test_a_withdrawn_pilot_gives_way_to_the_citys_version_from_that_day_on():
    versions = [Version(1), Version(2, scope="pilot", areas=(COUNTY,))]
    ended = [Withdrawal("lamps", "pilot", JUNE + timedelta(5), last=2)]

    assert held(versions, path=(CITY, COUNTY), on=JUNE + timedelta(4), ended=ended) == 2
    assert held(versions, path=(CITY, COUNTY), on=JUNE + timedelta(5), ended=ended) == 1


def test_a_pilot_may_begin_again_after_its_end():
    versions = [Version(1), Version(2, scope="p", areas=(COUNTY,)), Version(3, JUNE + timedelta(9), "p", (COUNTY,))]
    ended = [Withdrawal("lamps", "p", JUNE + timedelta(5), last=2)]

    assert held(versions, path=(CITY, COUNTY), on=JUNE + timedelta(9), ended=ended) == 3


def test_periods_say_when_each_version_held():
    versions = [Version(1), Version(2, JUNE + timedelta(9)), Version(3, scope="p", areas=(COUNTY,))]
    ended = [Withdrawal("lamps", "p", JUNE + timedelta(5), last=3)]

    said = {each.version.id: (each.begins, each.ends) for each in periods(versions, ended)}

    assert said == {
        1: (JUNE, JUNE + timedelta(9)),
        2: (JUNE + timedelta(9), None),
        3: (JUNE, JUNE + timedelta(5)),
    }


_DAYS = st.integers(0, 30).map(lambda n: JUNE + timedelta(n))
_SCOPES = st.sampled_from([("", ()), ("p", (COUNTY,)), ("q", (TOWN,)), ("r", (COUNTY, "elsewhere"))])


@settings(max_examples=500)
@given(
    st.lists(st.tuples(_DAYS, _SCOPES), min_size=1, max_size=8),
    st.lists(st.tuples(_DAYS, st.sampled_from("pqr"), st.integers(1, 8)), max_size=3),
    _DAYS,
)
def test_what_holds_is_what_the_list_of_periods_says(written, endings, day):
    """Two ways to ask one question: the day's answer, and the table of days."""
    versions = [Version(n, since, scope, areas) for n, (since, (scope, areas)) in enumerate(written, start=1)]
    ended = [Withdrawal("lamps", scope, until, last) for until, scope, last in endings]
    path = (CITY, COUNTY, TOWN)

    found = holding(versions, ended, on=day, path=path)

    running = [
        each.version for each in periods(versions, ended) if each.begins <= day and (not each.ends or day < each.ends)
    ]
    reach = {
        version.id: max((path.index(code) + 1 for code in version.areas if code in path), default=0)
        for version in running
    }
    running = [version for version in running if not version.areas or reach[version.id]]
    deepest = max(running, key=lambda version: reach[version.id], default=None)
    assert (found.id if found else 0) == (deepest.id if deepest else 0)

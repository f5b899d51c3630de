"""The map of a board: what is counted where, what the public may see of a position, and what is forgotten."""

from __future__ import annotations

import pytest
from django.db import connection
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pytest_django.plugin import DjangoDbBlocker

from jiebang.boards import cells, mapping, queries
from jiebang.boards import services as boards
from jiebang.boards.audit import audit
from jiebang.boards.queries import Filters, MapPage
from jiebang.engine.model import Refused
from jiebang.people import queries as people
from jiebang.rulebook import queries as rulebook
from tests.boards.city import (
    COMMUNITY,
    COUNTY,
    DAY,
    MONDAY_NINE,
    OTHER_COMMUNITY,
    OTHER_COUNTY,
    PUBLIC,
    WHAT,
    Town,
    an_opening,
    found_town,
)
from tests.boards.test_erasing import whole_database

SEAT, EXACT = (103.76386, 29.56227), "29.56789,103.75432"
EVERYTHING = Filters()
WORLD = cells.View(6, 0, 0, 63, 63)
SHOWN = {
    "all": Filters(),
    "posted": Filters(posted=True),
    "open": Filters(is_open=True),
    "overdue": Filters(overdue=True),
    "struck": Filters(meaning="solved"),
    "failed": Filters(failed=True),
    "a category": Filters(category="street-light"),
    "posted in a category": Filters(category="street-light", posted=True),
}


def place_counties() -> None:
    """The seat of one county is known; the other's is not."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE people_area SET lon = %s, lat = %s WHERE code = %s", [*SEAT, COUNTY])
    people.forget_caches()


# Facts are followed below the horizon of running transactions, so these tests need real commits.
@pytest.fixture
def town(committed_town: Town) -> Town:
    place_counties()
    return committed_town


def the_map(filters: Filters = EVERYTHING, view: cells.View = WORLD) -> MapPage:
    while boards.follow_map_once(at=MONDAY_NINE):
        pass
    return queries.map_page("residents", filters, view, finest_level=finest())


def finest() -> int:
    rules = mapping.map_rules()
    assert rules is not None
    return mapping.finest(rules)


def raised_at(town: Town, position: str = "", *, area: str = COMMUNITY) -> str:
    answers = {**WHAT, "where": area} | ({"position": position} if position else {})
    return town.raises(area=area, answers=answers).number


# ── Where an entry is shown ─────────────────────────────────────────────────────────────────────────────────


def test_an_entry_with_a_position_is_shown_in_its_square_and_no_finer(town: Town) -> None:
    number = raised_at(town, EXACT)

    (only,) = the_map(view=cells.view_of(cells.Box(103.7, 29.5, 103.8, 29.6), level=finest(), most=10_000)).clusters

    assert only.row is not None and only.row.number == number
    assert (only.n, only.given) == (1, 1)
    assert only.at == cells.middle(*cells.cell_at((103.75432, 29.56789), 17), 17)
    assert abs(only.at[0] - 103.75432) > 1e-5 or abs(only.at[1] - 29.56789) > 1e-5


def test_an_entry_without_a_position_is_shown_at_its_county_s_seat(town: Town) -> None:
    raised_at(town)

    (only,) = the_map().clusters

    assert (only.n, only.given) == (1, 0)
    assert only.at == pytest.approx(SEAT, abs=0.003)


def test_an_entry_whose_area_is_nowhere_is_counted_beside_the_map(town: Town) -> None:
    raised_at(town, area=OTHER_COMMUNITY)

    page = the_map()

    assert (page.clusters, page.placed, page.nowhere) == ((), 0, 1)


def test_many_entries_are_one_number_until_one_looks_closer(town: Town) -> None:
    near, far = raised_at(town, "29.56000,103.76000"), raised_at(town, "29.30000,103.90000")

    (together,) = the_map().clusters
    apart = the_map(view=cells.view_of(cells.Box(103.5, 29.0, 104.0, 29.8), level=12, most=100)).clusters

    assert (together.n, together.row) == (2, None)
    assert {one.row.number for one in apart if one.row} == {near, far}


def test_a_place_cut_by_the_edge_of_a_square_is_one_number(town: Town) -> None:
    view = cells.view_of(cells.Box(103.5, 29.3, 104.0, 29.8), level=11, most=100)
    _, north = cells.corner((cells.cell_at(SEAT, 11)[0], cells.cell_at(SEAT, 11)[1]), 11)
    for lat in (north - 0.004, north - 0.005, north + 0.004):
        raised_at(town, f"{lat:.5f},{SEAT[0]}")

    (together,) = the_map(view=view).clusters

    assert (together.n, together.squares.down) == (3, 2)
    assert together.squares.box.holds(together.at)


def test_a_square_lists_its_entries_newest_first_page_by_page(town: Town) -> None:
    numbers = [raised_at(town) for _ in range(5)]
    raised_at(town, EXACT)
    cell = cells.cell_at(SEAT, finest())
    the_map()

    first = queries.in_cell("residents", Filters(), cell, size=3)
    second = queries.in_cell("residents", Filters(), cell, size=3, after=first.next)

    assert [row.number for row in (*first.rows, *second.rows)] == numbers[::-1]
    assert second.next == ""


def test_what_happens_to_an_entry_moves_it_to_another_count(town: Town) -> None:
    number = raised_at(town, EXACT)
    assert the_map(SHOWN["posted"]).placed == 0

    town.does("community", "post", number, answers=PUBLIC)

    assert [the_map(SHOWN[name]).placed for name in ("all", "posted", "open", "struck", "a category")] == [
        1,
        1,
        1,
        0,
        1,
    ]


def test_the_map_says_as_of_when_it_is(town: Town) -> None:
    assert queries.map_page("residents", Filters(), WORLD, finest_level=17).as_of is None

    assert the_map().as_of == MONDAY_NINE


# ── Counts agree ────────────────────────────────────────────────────────────────────────────────────────────

MOVES = st.lists(
    st.tuples(
        st.sampled_from(["raise", "raise", "post", "claim", "tick", "erase", "withdraw", "follow"]),
        st.integers(0, 30),
        st.floats(102.25, 104.25),
        st.floats(28.45, 29.95),
        st.booleans(),
    ),
    max_size=25,
)


@hypothesis_settings(
    max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None
)
@given(moves=MOVES, box=st.tuples(st.floats(102.3, 104.0), st.floats(28.5, 29.8), st.floats(0.01, 1)))
def test_clusters_and_those_nowhere_add_up_to_the_list(
    committed: str,
    django_db_blocker: DjangoDbBlocker,
    moves: list[tuple[str, int, float, float, bool]],
    box: tuple[float, float, float],
) -> None:
    """Whatever happens, whatever the filter and the zoom: nothing is counted twice and nothing is left out."""
    with django_db_blocker.unblock():
        town = _town_again()
        at = MONDAY_NINE
        numbers: list[str] = []
        for what, which, lon, lat, here in moves:
            at += DAY / 7
            number = numbers[which % len(numbers)] if numbers else ""
            if what == "raise":
                area = COMMUNITY if here else OTHER_COMMUNITY
                position = {"position": f"{lat:.6f},{lon:.6f}"} if which % 3 else {}
                numbers.append(town.raises(at=at, area=area, answers={**WHAT, "where": area, **position}).number)
            elif what == "follow":
                boards.follow_map_once(at=at)
            elif what == "tick":
                boards.tick(at=at + 9 * DAY)
                at += 9 * DAY
            elif number and what == "erase":
                boards.erase(number, ground="PIPL 47", by="desk", at=at)
            elif number and what in ("post", "claim"):
                promise = {"promised-date": (at + 3 * DAY).date().isoformat(), "contact": "王师傅"}
                who, answers = ("community", PUBLIC) if what == "post" else ("lighting", promise)
                town.tries(who, what, number, at=at, answers=answers)
        whole = {name: the_map(filters) for name, filters in SHOWN.items()}
        for name, filters in SHOWN.items():
            listed = queries.board("residents", filters).count
            assert whole[name].placed + whole[name].nowhere == listed, name
            for level in (6, 9, 13, 17):
                view = cells.view_of(cells.Box(102.2, 28.4, 104.3, 30.0), level=level, most=10_000)
                page = the_map(filters, view)
                assert sum(one.n for one in page.clusters) == page.here == whole[name].placed, (name, level)
            part = cells.view_of(
                cells.Box(box[0], box[1], box[0] + box[2], box[1] + box[2]), level=finest(), most=10_000
            )
            inside = sum(
                len(queries.in_cell("residents", filters, (one.squares.left, one.squares.top), size=100).rows)
                for one in the_map(filters, part).clusters
            )
            assert inside == the_map(filters, part).here
        assert audit().findings == ()


def _town_again() -> Town:
    """The same database serves every example: emptied, and founded anew."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT string_agg(format('%I', tablename), ', ') FROM pg_tables WHERE schemaname = current_schema()"
            " AND tablename ~ '^(boards|ledger|people|rulebook|scoring)_'"
        )
        cursor.execute(f"TRUNCATE {cursor.fetchone()[0]} RESTART IDENTITY CASCADE")
    people.forget_caches()
    rulebook.forget_caches()
    town = found_town()
    place_counties()
    return town


# ── What nobody may see ─────────────────────────────────────────────────────────────────────────────────────


def test_the_exact_position_is_for_those_who_work_on_it(town: Town) -> None:
    opened = town.raises(answers={**WHAT, "position": EXACT})

    staff = queries.entry_for(opened.number, town.community)
    mine = queries.entry_for_raiser(opened.number, town.comes_back(opened).person)

    assert staff is not None and mine is not None
    for seen in (staff, mine):
        assert EXACT in [answer.value for answer in seen.kept[1]]
    assert EXACT not in repr(queries.entry(opened.number))
    assert EXACT not in repr(the_map())


def test_no_table_but_the_private_one_has_the_exact_position(town: Town) -> None:
    raised_at(town, EXACT)
    the_map()

    holding = [line.split(":")[0] for line in whole_database().splitlines() if "29.5678" in line or "103.7543" in line]

    assert holding == ["boards_private"]


def test_erasing_takes_the_position_from_the_map_at_once(town: Town) -> None:
    number = raised_at(town, EXACT)
    the_map()

    boards.erase(number, ground="PIPL 47", by="desk", at=MONDAY_NINE + DAY)

    page = queries.map_page("residents", Filters(), WORLD, finest_level=17)
    assert [(one.given, one.at) for one in page.clusters] == [(0, pytest.approx(SEAT, abs=0.003))]
    assert "29.5678" not in whole_database()
    assert the_map().placed == 1


def test_erasing_before_the_map_was_filled_leaves_nothing_to_fill_it_with(town: Town) -> None:
    number = raised_at(town, EXACT)

    boards.erase(number, ground="PIPL 47", by="desk", at=MONDAY_NINE + DAY)

    assert [one.given for one in the_map().clusters] == [0]


# ── Hostile positions ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("position", ["nan,nan", "1e400,103", "103.76,29.56", "91,0", "29.5", "29.5,103.7,1", "\x00"])
def test_what_is_no_position_is_refused(town: Town, position: str) -> None:
    answer = boards.open_entry(an_opening(answers={**WHAT, "position": position}), at=MONDAY_NINE)

    assert isinstance(answer, Refused)
    assert answer.code in ("answer-type", "answer-characters")
    assert answer.field == "position"


@pytest.mark.parametrize("position", ["0,0", "29.56,-103.76", "39.9,116.4", "-29.5,103.7"])
def test_a_position_outside_the_city_is_refused_and_says_what_to_do(town: Town, position: str) -> None:
    answer = boards.open_entry(an_opening(answers={**WHAT, "position": position}), at=MONDAY_NINE)

    assert isinstance(answer, Refused)
    assert (answer.code, answer.field) == ("position-elsewhere", "position")
    assert "latitude" in answer.next_step["en"]


# ── The follower ────────────────────────────────────────────────────────────────────────────────────────────


def test_a_fact_that_comes_twice_is_counted_once(town: Town) -> None:
    raised_at(town, EXACT)
    the_map()

    with connection.cursor() as cursor:
        cursor.execute("UPDATE ledger_cursor SET leaf_id = 0 WHERE follower = 'map'")

    assert the_map().placed == 1


def test_when_a_seat_moves_the_map_is_filled_anew(town: Town) -> None:
    raised_at(town)
    assert the_map().clusters[0].at == pytest.approx(SEAT, abs=0.003)

    with connection.cursor() as cursor:
        cursor.execute("UPDATE people_area SET lon = 103.9, lat = 29.2 WHERE code = %s", [COUNTY])
        cursor.execute("UPDATE people_area SET lon = 103.8, lat = 29.4 WHERE code = %s", [OTHER_COUNTY])
    people.forget_caches()

    assert the_map().clusters[0].at == pytest.approx((103.9, 29.2), abs=0.003)


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        ("UPDATE boards_spot SET x = x + 1", "at another place"),
        ("UPDATE boards_cell SET n = n + 1 WHERE level = 9", "counts 2 in square 9/"),
        ("DELETE FROM boards_cell WHERE category <> '' AND level = 17", "counts 0 in square 17/"),
        ("UPDATE boards_cell SET sum_x = sum_x + 7 WHERE level = 6 AND category = ''", "counts 1 in square 6/"),
    ],
)
def test_the_audit_names_what_does_not_come_out(town: Town, damage: str, says: str) -> None:
    town.is_damaged = True
    number = raised_at(town, EXACT)
    town.does("community", "post", number, answers=PUBLIC)
    the_map()
    with connection.cursor() as cursor:
        cursor.execute(damage)

    assert any(says in finding for finding in audit().findings)

"""The squares of the map: where a point falls, how wide a square is, what fits a view."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from jiebang.boards import cells
from jiebang.boards.cells import Box

LESHAN = (103.76386, 29.56227)
points = st.tuples(st.floats(-180, 180), st.floats(-85, 85))
levels = st.integers(0, cells.MOST_LEVEL)


def test_cells_are_numbered_as_map_tiles_are() -> None:
    # As mercantile 1.2.1 numbers them.
    assert cells.cell_at((0.1, 0.1), 1) == (1, 0)
    assert cells.cell_at((13.37771496361961, 52.51628011262304), 17) == (70406, 42987)
    assert cells.cell_at(LESHAN, 17) == (103315, 54260)


def test_the_finest_cells_are_no_narrower_than_said() -> None:
    level = cells.finest_level(200, latitude=30.0)

    assert level == 17
    assert cells.width_m(level, latitude=30.0) >= 200 > cells.width_m(level + 1, latitude=30.0)
    assert cells.finest_level(200, latitude=53.0) == 16


@given(points, levels)
def test_a_cell_holds_the_points_that_fall_into_it(point: tuple[float, float], level: int) -> None:
    cell = cells.cell_at(point, level)
    box = cells.box_of(cell, level)

    assert box.west - 1e-9 <= point[0] <= box.east + 1e-9
    assert box.south - 1e-9 <= point[1] <= box.north + 1e-9
    assert cells.cell_at(cells.middle(*cell, level), level) == cell


@given(points, levels, levels)
def test_a_wider_cell_is_the_one_a_point_would_fall_into_there(
    point: tuple[float, float], level: int, above: int
) -> None:
    assume(above <= level)

    assert cells.wider(cells.cell_at(point, level), above) == cells.cell_at(point, level - above)


@given(points, st.floats(1e-6, 1), st.floats(1e-6, 1), levels, st.integers(1, 40))
def test_a_view_has_no_more_cells_than_wanted_and_covers_its_box(
    corner: tuple[float, float], wide: float, high: float, level: int, most: int
) -> None:
    box = Box(corner[0], corner[1], min(corner[0] + wide, 180), min(corner[1] + high, 85.05))

    view = cells.view_of(box, level=level, most=most)

    assert view.level <= level
    assert view.level == 0 or max(view.across, view.down) <= most
    around = view.box
    assert around.west <= box.west + 1e-9 and around.east >= box.east - 1e-9
    assert around.south <= box.south + 1e-9 and around.north >= box.north - 1e-9


@given(points, st.floats(0, 2), st.floats(0, 2))
def test_a_square_around_a_box_is_as_high_as_wide_on_the_map(
    corner: tuple[float, float], wide: float, high: float
) -> None:
    box = Box(corner[0] / 2, corner[1] / 2, corner[0] / 2 + wide, corner[1] / 2 + high)

    square = cells.square_around(box, at_least=1e-5)

    left, top = cells.share_of((box.west, box.north), square)
    right, bottom = cells.share_of((box.east, box.south), square)
    assert -1e-6 <= left <= right <= 1 + 1e-6
    assert -1e-6 <= top <= bottom <= 1 + 1e-6
    assert max(right - left, bottom - top) == pytest.approx(1, abs=1e-6) or max(wide, high) < 0.004


def test_a_view_holds_the_cells_below_its_own() -> None:
    view = cells.View(9, *cells.cell_at(LESHAN, 9), *cells.cell_at(LESHAN, 9))

    assert view.holds(cells.cell_at(LESHAN, 17), 17)
    assert not view.holds(cells.cell_at((0.0, 0.0), 17), 17)


def test_a_view_of_a_county_is_about_as_many_cells_wide_as_wanted() -> None:
    county = Box(103.6, 29.4, 103.9, 29.7)

    level = cells.fitting_level(county, cells=9, finest=17)

    assert 6 <= cells.view_of(county, level=level, most=100).down <= 14
    assert cells.fitting_level(Box(*LESHAN, *LESHAN), cells=9, finest=17) == 17

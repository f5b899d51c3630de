"""GCJ-02 and BD-09 against published points, there and back again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiebang.boards.datums import Datum, from_wgs84, to_wgs84

# Longitude and latitude in WGS84, then in GCJ-02. From the tests of googollee/eviltransform (MIT), read 2026-11-22.
PUBLISHED = [
    ((121.5272106, 31.1774276), (121.531541859215, 31.17530398364597)),  # Shanghai
    ((113.912316, 22.543847), (113.9171764808363, 22.540796131694766)),  # Shenzhen
    ((116.377817, 39.911954), (116.38404722455657, 39.91334545536069)),  # Beijing
]
# GCJ-02, then BD-09: the points of the same tests and of PyPI's coordTransform 0.2.1 (MIT), which agree.
BAIDU = [((116.404, 39.915), (116.41036949371029, 39.92133699351021))]
A_METRE = 1e-5  # in degrees
inside = st.tuples(st.floats(73.5, 135), st.floats(4, 53.5))
anywhere = st.tuples(st.floats(-180, 180), st.floats(-90, 90))
datums = st.sampled_from(["gcj02", "bd09"])


@pytest.mark.parametrize(("earth", "mars"), PUBLISHED)
def test_published_points_come_out_to_the_last_digit(earth: tuple[float, float], mars: tuple[float, float]) -> None:
    assert from_wgs84(earth, "gcj02") == pytest.approx(mars, abs=1e-12)
    assert to_wgs84(mars, "gcj02") == pytest.approx(earth, abs=1e-8)


@pytest.mark.parametrize(("mars", "baidu"), BAIDU)
def test_published_points_of_baidu_come_out(mars: tuple[float, float], baidu: tuple[float, float]) -> None:
    assert from_wgs84(to_wgs84(mars, "gcj02"), "bd09") == pytest.approx(baidu, abs=1e-8)
    assert to_wgs84(baidu, "bd09") == pytest.approx(to_wgs84(mars, "gcj02"), abs=1e-8)


@given(inside, datums)
def test_there_and_back_is_the_same_point(point: tuple[float, float], datum: Datum) -> None:
    assert to_wgs84(from_wgs84(point, datum), datum) == pytest.approx(point, abs=1e-8)


@given(inside)
def test_a_shift_in_china_is_some_hundred_metres(point: tuple[float, float]) -> None:
    shifted = from_wgs84(point, "gcj02")

    assert 20 * A_METRE < abs(shifted[0] - point[0]) + abs(shifted[1] - point[1]) < 2_000 * A_METRE


@given(anywhere, datums)
def test_no_point_on_earth_breaks_it(point: tuple[float, float], datum: Datum) -> None:
    for answer in (from_wgs84(point, datum), to_wgs84(point, datum)):
        assert answer == pytest.approx(point, abs=0.03)


def test_elsewhere_nothing_is_shifted() -> None:
    greenwich = (-0.0014, 51.4778)

    assert from_wgs84(greenwich, "gcj02") == from_wgs84(greenwich, "bd09") == greenwich
    assert to_wgs84(greenwich, "bd09") == greenwich


def test_wgs84_stays_as_it_is() -> None:
    assert from_wgs84((103.76, 29.55), "wgs84") == to_wgs84((103.76, 29.55), "wgs84") == (103.76, 29.55)

"""Between the coordinates Chinese maps use and WGS84, in which everything here is kept.

GCJ-02 (AMap, Tencent) shifts every point in China by some hundred metres; BD-09 (Baidu) shifts that again. Neither
shift is published; both are known from implementations that agree to the last digit. The way in is a formula; the
way out has none and is found by going in again and again, to less than a millimetre.

CGCS2000, China's own datum, differs from WGS84 by less than a decimetre and is taken for the same.

Source: the formula as in googollee/eviltransform (MIT) and Artoria2e5/PRCoords (CC0), read 2026-11-22; why it stands
here and not in a library: docs/decisions.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Literal, TypeAlias

Datum: TypeAlias = Literal["wgs84", "gcj02", "bd09"]
Point: TypeAlias = tuple[float, float]  # longitude, latitude, in degrees

# The ellipsoid of Krasovsky 1940: half axis in metres, square of the eccentricity.
_AXIS_M, _ECCENTRICITY_2 = 6378245.0, 0.00669342162296594323
# Outside this box nothing is shifted. It holds more than China; the services shift by it all the same.
_WEST, _EAST, _SOUTH, _NORTH = 72.004, 137.8347, 0.8293, 55.8271
_BAIDU_PI = math.pi * 3000 / 180
_NEAR_ENOUGH = 1e-9  # degrees: a tenth of a millimetre
_MOST_STEPS = 30


def to_wgs84(point: Point, datum: Datum) -> Point:
    """Return a point of `datum` in WGS84."""
    if datum == "gcj02":
        return _undone(_to_gcj02, point)
    if datum == "bd09":
        return _undone(_to_gcj02, _undone(_to_bd09, point))
    return point


def from_wgs84(point: Point, datum: Datum) -> Point:
    """Return a point of WGS84 in `datum`."""
    if datum == "gcj02":
        return _to_gcj02(point)
    if datum == "bd09":
        return _to_bd09(_to_gcj02(point))
    return point


def _to_gcj02(point: Point) -> Point:
    lon, lat = point
    if not (_WEST <= lon <= _EAST and _SOUTH <= lat <= _NORTH):
        return point
    east_m, north_m = _shift_m(lon - 105, lat - 35)
    radians = math.radians(lat)
    bulge = 1 - _ECCENTRICITY_2 * math.sin(radians) ** 2
    east = math.degrees(east_m / (_AXIS_M / math.sqrt(bulge) * math.cos(radians)))
    north = math.degrees(north_m / (_AXIS_M * (1 - _ECCENTRICITY_2) / bulge**1.5))
    return lon + east, lat + north


def _shift_m(x: float, y: float) -> Point:
    """Return how far a point is shifted east and north, in metres."""

    def waves(of: float, *terms: tuple[float, float]) -> float:
        return sum(height * math.sin(of * turns * math.pi) for height, turns in terms) * 2 / 3

    both = waves(x, (20, 6), (20, 2))
    root = math.sqrt(abs(x))
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root
    east += both + waves(x, (20, 1), (40, 1 / 3), (150, 1 / 12), (300, 1 / 30))
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root
    north += both + waves(y, (20, 1), (40, 1 / 3), (160, 1 / 12), (320, 1 / 30))
    return east, north


def _to_bd09(point: Point) -> Point:
    x, y = point
    if not (_WEST <= x <= _EAST and _SOUTH <= y <= _NORTH):
        return point
    length = math.hypot(x, y) + 0.00002 * math.sin(y * _BAIDU_PI)
    angle = math.atan2(y, x) + 0.000003 * math.cos(x * _BAIDU_PI)
    return length * math.cos(angle) + 0.0065, length * math.sin(angle) + 0.006


def _undone(shift: Callable[[Point], Point], shifted: Point) -> Point:
    """Return the point that `shift` brings to `shifted`.

    Shifts change slowly from place to place, so each step takes away all but a small part of what is still wrong.
    At the very edge of the box no point may lead there; then it is the nearest found.
    """
    guess = shifted
    for _ in range(_MOST_STEPS):
        reached = shift(guess)
        wrong = shifted[0] - reached[0], shifted[1] - reached[1]
        guess = guess[0] + wrong[0], guess[1] + wrong[1]
        if max(map(abs, wrong)) < _NEAR_ENOUGH:
            break
    return guess

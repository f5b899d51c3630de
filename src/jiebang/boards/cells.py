"""The squares of the map: a tree of cells, each cut into four, on the projection that web maps share (Mercator).

At level 0 one cell is the world; at level `n` there are 2ⁿ by 2ⁿ, x counted eastward, y southward, as map tiles are.
A place is kept as its cell at one finest level and nothing finer; a wider cell is that one's numbers halved. So every
count at every zoom is made of the same coarse places, and looking closer never tells more than the finest cell.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TypeAlias

Cell: TypeAlias = tuple[int, int]
Point: TypeAlias = tuple[float, float]  # longitude, latitude, in degrees, WGS84

EQUATOR_M = 40_075_016.686
# Where Mercator's square world ends, in degrees of latitude.
POLE = 85.05112877980659
# One point a building is fine enough for any city; beyond it numbers would only grow.
MOST_LEVEL = 22


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle of the earth, in degrees."""

    west: float
    south: float
    east: float
    north: float

    def holds(self, point: Point) -> bool:
        return self.west <= point[0] <= self.east and self.south <= point[1] <= self.north


@dataclass(frozen=True, slots=True)
class View:
    """The cells of one level somebody looks at: columns `left` to `right` and rows `top` to `bottom`, all included."""

    level: int
    left: int
    top: int
    right: int
    bottom: int

    @property
    def across(self) -> int:
        return self.right - self.left + 1

    @property
    def down(self) -> int:
        return self.bottom - self.top + 1

    def holds(self, cell: Cell, level: int) -> bool:
        """Return whether a cell of a level at least as fine lies in the view."""
        x, y = wider(cell, level - self.level)
        return self.left <= x <= self.right and self.top <= y <= self.bottom

    @property
    def box(self) -> Box:
        west, north = corner((self.left, self.top), self.level)
        east, south = corner((self.right + 1, self.bottom + 1), self.level)
        return Box(west, south, east, north)


def finest_level(coarse_m: int, *, latitude: float) -> int:
    """Return the finest level whose cells are still at least `coarse_m` metres wide at that latitude.

    Cells grow narrower towards the poles, so the latitude to ask for is a city's edge nearest to its pole.
    """
    around = EQUATOR_M * math.cos(math.radians(latitude))
    return max(0, min(MOST_LEVEL, int(math.log2(around / coarse_m))))


def width_m(level: int, *, latitude: float) -> float:
    """Return how many metres a cell of the level is wide (and, near enough, high) at that latitude."""
    return EQUATOR_M * math.cos(math.radians(latitude)) / (1 << level)


def cell_at(point: Point, level: int) -> Cell:
    """Return the cell that holds the point. What lies beyond the map's ends is in the outermost cell."""
    x, y = _on_map(point)
    last = (1 << level) - 1
    return (
        min(max(math.floor(x * (last + 1)), 0), last),
        min(max(math.floor(y * (last + 1)), 0), last),
    )


def wider(cell: Cell, levels: int) -> Cell:
    """Return the cell `levels` above that holds this one."""
    return cell[0] >> levels, cell[1] >> levels


def middle(x: float, y: float, level: int) -> Point:
    """Return the middle of a cell; with fractions, of the mean of several cells."""
    return _on_earth((x + 0.5) / (1 << level), (y + 0.5) / (1 << level))


def corner(cell: Cell, level: int) -> Point:
    """Return the north-western corner of a cell."""
    return _on_earth(cell[0] / (1 << level), cell[1] / (1 << level))


def box_of(cell: Cell, level: int) -> Box:
    return View(level, *cell, *cell).box


def view_of(box: Box, *, level: int, most: int) -> View:
    """Return the cells of the box at `level`, or at the finest wider level at which they are `most` across or fewer."""
    while True:
        left, top = cell_at((box.west, box.north), level)
        right, bottom = cell_at((box.east, box.south), level)
        if level == 0 or max(right - left, bottom - top) < most:
            return View(level, left, top, right, bottom)
        level -= 1


def fitting_level(box: Box, *, cells: int, finest: int) -> int:
    """Return the level at which the box is about `cells` cells wide or high, whichever is more; `finest` at most."""
    west, north = _on_map((box.west, box.north))
    east, south = _on_map((box.east, box.south))
    widest = max(east - west, south - north, 1 / (1 << MOST_LEVEL))
    return max(0, min(finest, round(math.log2(cells / widest))))


def square_around(box: Box, *, at_least: float = 0.0) -> Box:
    """Return the smallest box around this one that is a square on the map, `at_least` (of the world's width) wide."""
    west, north = _on_map((box.west, box.north))
    east, south = _on_map((box.east, box.south))
    half = max(east - west, south - north, at_least) / 2
    x, y = (west + east) / 2, (north + south) / 2
    first, last = _on_earth(x - half, y - half), _on_earth(x + half, y + half)
    return Box(first[0], last[1], last[0], first[1])


def share_of(point: Point, box: Box) -> Point:
    """Return where a point lies in a box, from its left and from its top, as shares of its width and height."""
    west, north = _on_map((box.west, box.north))
    east, south = _on_map((box.east, box.south))
    x, y = _on_map(point)
    return (x - west) / (east - west), (y - north) / (south - north)


def _on_map(point: Point) -> Point:
    """Return a point on Mercator's square, 0 to 1 from the left and from the top."""
    lon, lat = point
    sine = math.sin(math.radians(min(max(lat, -POLE), POLE)))
    return (lon + 180) / 360, 0.5 - math.log((1 + sine) / (1 - sine)) / (4 * math.pi)


def _on_earth(x: float, y: float) -> Point:
    lat = math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * min(max(y, 0.0), 1.0)))))
    return min(max(x, 0.0), 1.0) * 360 - 180, lat

"""A map made ready for a page: what is asked for, and clusters, names and lines with their places on the sheet.

The sheet is a square drawn by the server, so a map needs no script and no tiles; a script may put its own map there,
with the same clusters. Everything here is already coarse: exact positions never leave the room `boards`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from jiebang.boards import cells
from jiebang.boards.cells import Box, Cell, Point, View
from jiebang.boards.datums import Datum, from_wgs84, to_wgs84
from jiebang.boards.mapping import WIDEST, finest, middle_near
from jiebang.boards.queries import Cluster
from jiebang.people import queries as people
from jiebang.rulebook.maps import MapRules
from jiebang.web.words import said

ACROSS = 10  # cells of a sheet's width: each wide enough for a finger
FINER_BY = 3  # on a map one can move, cells are this many levels below its zoom: 64 pixels wide
MOST_ACROSS = 48  # of a view; more would be no map to read, and no request to answer
AROUND_M = 9_000  # how much is shown around one area
LINES = 6  # of the graticule, at most
STEPS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
_NUMBER = re.compile(r"-?\d{1,3}(?:\.\d{1,15})?", re.ASCII)
_CELL = re.compile(r"(\d{1,8})\.(\d{1,8})", re.ASCII)


class BadView(ValueError):
    """The address asks for a view that is none."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What part of the map is asked for. `cell` is one finest square whose entries are listed."""

    box: Box
    view: View
    cell: Cell | None


def asked(given: Mapping[str, str], rules: MapRules, *, datum: Datum = "wgs84") -> Asked:
    """Return the view an address asks for; the whole city if it asks for none.

    `bbox` is west, south, east, north; with `zoom` it is what a map that can be moved shows, in the coordinates of
    its tiles (`datum`).

    Raises:
        BadView: a number is none, lies off the earth, or the corners are the wrong way round.
    """
    level = finest(rules)
    if text := given.get("cell"):
        cell = _cell_of(text, level)
        box = cells.square_around(cells.box_of(cell, level), at_least=ACROSS / (1 << level))
        return Asked(box, cells.view_of(box, level=level, most=MOST_ACROSS), cell)
    if text := given.get("bbox"):
        box = _box_of(text)
        if zoom := given.get("zoom"):
            if not _NUMBER.fullmatch(zoom) or not 0 <= float(zoom) <= 30:
                raise BadView(zoom)
            box = _in_wgs84(box, datum)
            wanted = min(max(round(float(zoom)) + FINER_BY, WIDEST), level)
            return Asked(box, cells.view_of(box, level=wanted, most=MOST_ACROSS), None)
    else:
        box = _around(given.get("area", ""), rules)
    box = cells.square_around(box, at_least=ACROSS / (1 << level) / 2)
    fitting = cells.fitting_level(box, cells=ACROSS, finest=level)
    return Asked(box, cells.view_of(box, level=fitting, most=MOST_ACROSS), None)


def _cell_of(text: str, level: int) -> Cell:
    found = _CELL.fullmatch(text)
    if found is None or max(map(int, found.groups())) >= 1 << level:
        raise BadView(text)
    return int(found[1]), int(found[2])


def _box_of(text: str) -> Box:
    parts = text.split(",")
    if len(parts) != 4 or not all(_NUMBER.fullmatch(part) for part in parts):
        raise BadView(text)
    west, south, east, north = map(float, parts)
    # A map that can be moved may look a little over the earth's edge.
    if not (-540 <= west < east <= 540 and -90 <= south < north <= 90):
        raise BadView(text)
    return Box(max(west, -180.0), max(south, -cells.POLE), min(east, 180.0), min(north, cells.POLE))


def _in_wgs84(box: Box, datum: Datum) -> Box:
    west, south = to_wgs84((box.west, box.south), datum)
    east, north = to_wgs84((box.east, box.north), datum)
    return Box(west, south, east, north)


def _around(area: str, rules: MapRules) -> Box:
    """The surroundings of an area's middle, or the whole city."""
    middle = middle_near(area) if area.isprintable() else None
    if middle is None:
        return Box(*rules.bounds)
    north = AROUND_M / 111_320
    east = north / math.cos(math.radians(middle[1]))
    return Box(middle[0] - east, middle[1] - north, middle[0] + east, middle[1] + north)


# ── Clusters ────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Mark:
    """One cluster on the sheet and in the list. `x`, `y` are per cent; `size` 1 to 5; `at` and `box` where a script
    puts it and where it leads to, in the coordinates of the tiles."""

    x: str
    y: str
    n: int
    short: str
    size: int
    hollow: bool
    href: str
    words: str
    place: str
    at: str
    box: str
    cluster: Cluster


def marks(found: tuple[Cluster, ...], box: Box, rules: MapRules, *, query: Mapping[str, str], path: str, entries: str,
          datum: Datum) -> list[Mark]:  # fmt: skip
    """Return the clusters as they stand on the sheet `box`. `entries` is the address of entries, `path` of this map."""
    level = finest(rules)
    seats = _seats()
    made: list[Mark] = []
    for one in found:
        x, y = cells.share_of(one.at, box)
        leads_to = _next_box(one, level)
        href = _href(one, leads_to, level, query=query, path=path, entries=entries)
        place = _place_words(one.at, seats)
        n = ngettext("%(n)s matter", "%(n)s matters", one.n) % {"n": f"{one.n:,}"}
        made.append(
            Mark(
                x=f"{100 * x:.2f}",
                y=f"{100 * y:.2f}",
                n=one.n,
                short=f"{one.n}" if one.n < 1000 else f"{one.n / 1000:.1f}k" if one.n < 10_000 else f"{one.n // 1000}k",
                size=min(5, len(str(one.n)) + (one.n > 1)),
                hollow=one.given == 0,
                href=href,
                words=n,
                place=place,
                at=_text(*from_wgs84(one.at, datum)),
                box="" if leads_to is None else _box_text(leads_to, datum),
                cluster=one,
            )
        )
    return made


def _next_box(one: Cluster, finest_level: int) -> Box | None:
    """What a cluster shows when it is opened: its own square; None when it cannot be opened further."""
    return None if one.row is not None or one.squares.level >= finest_level else one.squares.box


def _href(one: Cluster, leads_to: Box | None, level: int, *, query: Mapping[str, str], path: str, entries: str) -> str:
    if one.row is not None:
        return f"{entries}{one.row.number}"
    if leads_to is None:
        return f"{path}?{urlencode({**query, 'cell': f'{one.squares.left}.{one.squares.top}'})}#entries"
    return f"{path}?{urlencode({**query, 'bbox': _box_text(leads_to, 'wgs84')})}"


def _text(*numbers: float) -> str:
    return ",".join(f"{number:.6f}" for number in numbers)


def _box_text(box: Box, datum: Datum) -> str:
    return _text(*from_wgs84((box.west, box.south), datum), *from_wgs84((box.east, box.north), datum))


# ── Where it is, in words ───────────────────────────────────────────────────────────────────────────────────


def _seats() -> list[tuple[Point, str]]:
    """Return the middles the pack knows, with their names: the deepest level that has any."""
    known = [view for view in people.areas() if view.centre is not None and view.parent is not None]
    return [(view.centre, said(view.names)) for view in known if view.centre is not None]


def _place_words(at: Point, seats: list[tuple[Point, str]]) -> str:
    """Return where a point lies from the nearest middle the pack knows: "Qianwei County, 3 km south-west"."""
    if not seats:
        return f"{at[1]:.3f}°, {at[0]:.3f}°"
    shrunk = math.cos(math.radians(at[1]))

    def away(seat: tuple[Point, str]) -> tuple[float, float]:
        return (at[0] - seat[0][0]) * shrunk * 111.32, (at[1] - seat[0][1]) * 111.32

    nearest = min(seats, key=lambda seat: math.hypot(*away(seat)))
    east, north = away(nearest)
    far = math.hypot(east, north)
    if far < 0.5:
        return nearest[1]
    winds = (_("north"), _("north-east"), _("east"), _("south-east"), _("south"), _("south-west"), _("west"),
             _("north-west"))  # fmt: skip
    wind = winds[round(math.degrees(math.atan2(east, north)) / 45) % 8]
    return _("%(place)s, %(km)s km %(wind)s") % {
        "place": nearest[1],
        "km": f"{far:.1f}" if far < 3 else f"{far:.0f}",
        "wind": wind,
    }


# ── The sheet ───────────────────────────────────────────────────────────────────────────────────────────────


def names_on(box: Box) -> list[dict[str, str]]:
    """The middles that lie on the sheet, with their names: none where they would cover each other."""
    shown: list[dict[str, str]] = []
    taken: list[Point] = []
    for middle, name in sorted(_seats(), key=lambda seat: len(seat[1])):
        x, y = cells.share_of(middle, box)
        if not (0.02 < x < 0.98 and 0.02 < y < 0.95) or any(abs(x - u) < 0.11 and abs(y - v) < 0.05 for u, v in taken):
            continue
        taken.append((x, y))
        shown.append({"x": f"{100 * x:.2f}", "y": f"{100 * y:.2f}", "name": name})
    return shown


def graticule(box: Box) -> dict[str, list[dict[str, str]]]:
    """Meridians and parallels on the sheet, each with its name: what a plain sheet has instead of streets."""
    step = next((step for step in STEPS if (box.east - box.west) / step <= LINES), STEPS[-1])
    return {
        "meridians": [
            {"at": f"{100 * cells.share_of((lon, box.south), box)[0]:.2f}", "name": _degrees(lon, "E", "W", step)}
            for lon in _steps(box.west, box.east, step)
        ],
        "parallels": [
            {"at": f"{100 * cells.share_of((box.west, lat), box)[1]:.2f}", "name": _degrees(lat, "N", "S", step)}
            for lat in _steps(box.south, box.north, step)
        ],
    }


def _steps(first: float, last: float, step: float) -> Iterator[float]:
    n = math.ceil(first / step)
    while n * step <= last:
        yield n * step
        n += 1


def _degrees(value: float, plus: str, minus: str, step: float) -> str:
    digits = max(0, -math.floor(math.log10(step)))
    return f"{abs(value):.{digits}f}° {plus if value >= 0 else minus}"


def outlines(box: Box, rules: MapRules) -> list[str]:
    """The approved boundaries as lines on a sheet of 1,000 by 1,000; none where the pack has no approval."""
    if rules.boundaries is None:
        return []
    return [
        " ".join(f"{1000 * x:.1f},{1000 * y:.1f}" for x, y in (cells.share_of(point, box) for point in ring))
        for ring in rules.boundaries.rings
    ]


def for_script(box: Box, rules: MapRules, datum: Datum) -> dict[str, Any]:
    """What a map that can be moved begins with, in the coordinates of its tiles."""
    west, south, east, north = rules.bounds
    city = Box(west - 0.5, south - 0.5, east + 0.5, north + 0.5)
    return {
        "box": _box_text(box, datum),
        "city": _box_text(city, datum),
        "rings": [[from_wgs84(point, datum) for point in ring] for ring in rules.boundaries.rings]
        if rules.boundaries
        else [],
        "names": [{"at": from_wgs84(middle, datum), "name": name} for middle, name in _seats()],
    }

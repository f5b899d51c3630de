"""What a city's maps may show, and how exactly: `map.yaml` of its packs.

The file says how coarse a place is shown, where the city lies, in which coordinates people may come with a position,
whether map tiles need a review number, and whether boundaries may be drawn. A boundary is read only together with its
approval, or with the sentence why none is needed: without either there is nothing a page could draw.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, get_args

from jiebang.engine.model import Texts
from jiebang.rulebook import packs
from jiebang.rulebook.packs import PackError
from jiebang.rulebook.policies import Grade

FILE = "map.yaml"
DATUMS = ("wgs84", "gcj02", "bd09")
_KEYS = frozenset({"coarse", "bounds", "datums", "tiles", "boundaries"})
NONE = "none"
COARSEST_M = 20_000

Ring = tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Boundaries:
    """Lines that may be drawn. `approval` is what stands beside them: a review number, or why none is needed."""

    rings: tuple[Ring, ...]
    approval: Texts
    is_number: bool


@dataclass(frozen=True, slots=True)
class MapRules:
    """`coarse_m`: the public sees a place no finer than this. `bounds`: west, south, east, north, in degrees, WGS84."""

    coarse_m: int
    coarse_since: str
    coarse_source: Texts
    coarse_reason: Texts
    bounds: tuple[float, float, float, float]
    datums: tuple[str, ...]
    tiles_need_review: bool
    boundaries: Boundaries | None


def rules_of(city_id: str) -> MapRules | None:
    """Return what the maps of a city may show; None when none of its packs has a `map.yaml`: then it has no map.

    Raises:
        PackError: a row cannot be used, or boundaries come without approval.
    """
    return _rules(city_id, packs.roots())


@cache
def _rules(city_id: str, _roots: tuple[Path, ...]) -> MapRules | None:
    # A process keeps what it read at its start, as with the other files of a pack that are no rules of a mechanism.
    pack = packs.city(city_id)
    rows: dict[str, tuple[Any, Path]] = {}
    for name in reversed(pack.packs):
        path = packs.place(f"{name}/{FILE}")
        if path.exists():
            table = packs.read_yaml(path)
            if unknown := sorted(set(table) - _KEYS):
                raise PackError(f"{path}: “{unknown[0]}” means nothing here. Use {', '.join(sorted(_KEYS))}.")
            rows |= {key: (row, path) for key, row in table.items()}
    bounds_refused = rows.get("bounds", ("",))[0] == NONE
    # A town says `none` where what the pack below has is another place's: its bounds, its boundaries.
    rows = {key: row for key, row in rows.items() if row[0] != NONE}
    if not rows or ("bounds" not in rows and bounds_refused):
        return None
    for key in ("coarse", "bounds"):
        if key not in rows:
            raise PackError(f"The packs {', '.join(pack.packs)} have a {FILE} without “{key}:”. Add it to {pack.id}'s.")
    coarse, coarse_path = rows["coarse"]
    return MapRules(
        coarse_m=_metres(coarse, coarse_path),
        coarse_since=str(coarse["since"]),
        coarse_source=coarse["source"],
        coarse_reason=coarse["reason"],
        bounds=_bounds(*rows["bounds"]),
        datums=_datums(*rows["datums"]) if "datums" in rows else ("wgs84",),
        tiles_need_review=_tiles(*rows["tiles"]) if "tiles" in rows else False,
        boundaries=_boundaries(*rows["boundaries"]) if "boundaries" in rows else None,
    )


def _columns(row: object, path: Path, key: str, wanted: Sequence[str]) -> Mapping[str, Any]:
    if not isinstance(row, dict) or set(row) != set(wanted):
        raise PackError(f"{path}: “{key}” should hold exactly {', '.join(wanted)}.")
    for name in wanted:
        if name in ("source", "reason") and not (isinstance(row[name], dict) and all(row[name].values())):
            raise PackError(f"{path}: “{name}” of “{key}” should hold a sentence for each language.")
    if "grade" in row and row["grade"] not in get_args(Grade):
        raise PackError(f"{path}: “grade” of “{key}” should be one of {', '.join(get_args(Grade))}.")
    return row


def _metres(row: object, path: Path) -> int:
    said = _columns(row, path, "coarse", ("value", "unit", "since", "source", "reason", "grade"))
    value = said["value"]
    if type(value) is not int or not 1 <= value <= COARSEST_M or said["unit"] != "m":
        raise PackError(f"{path}: “coarse” should be 1 to {COARSEST_M} and its unit m.")
    return value


def _bounds(row: object, path: Path) -> tuple[float, float, float, float]:
    said = _columns(row, path, "bounds", ("west", "south", "east", "north", "source", "grade"))
    west, south, east, north = (_degrees(said[side], path) for side in ("west", "south", "east", "north"))
    if not (-180 <= west < east <= 180 and -85 <= south < north <= 85):
        raise PackError(f"{path}: “bounds” should go from west to east and from south to north.")
    return west, south, east, north


def _degrees(value: object, path: Path) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise PackError(f"{path}: “{value}” is no number of degrees.")
    return float(value)


def _datums(row: object, path: Path) -> tuple[str, ...]:
    if not isinstance(row, list) or "wgs84" not in row or not set(row) <= set(DATUMS):
        raise PackError(f"{path}: “datums” should list wgs84 and, where people use them, gcj02 and bd09.")
    return tuple(row)


def _tiles(row: object, path: Path) -> bool:
    said = _columns(row, path, "tiles", ("review-number", "source", "grade"))
    if said["review-number"] not in ("required", "not-needed"):
        raise PackError(f"{path}: “review-number” should be required or not-needed.")
    return bool(said["review-number"] == "required")


# ── Boundaries ──────────────────────────────────────────────────────────────────────────────────────────────


def _boundaries(row: object, path: Path) -> Boundaries:
    if not isinstance(row, dict) or "file" not in row:
        raise PackError(f"{path}: “boundaries” should name a file, and its approval or why none is needed.")
    number, reason = row.get("review-number"), row.get("none-needed")
    if bool(number) == bool(reason) or set(row) - {"file", "review-number", "none-needed"}:
        raise PackError(
            f"{path}: {row['file']} has no approval. Add “review-number:” (in China the 审图号 of this very map), or"
            " “none-needed:” with the reason in each language; or take the boundaries away."
        )
    approval = {"zh": str(number), "en": str(number)} if number else reason
    if not isinstance(approval, dict):
        raise PackError(f"{path}: “none-needed” should hold a sentence for each language.")
    return Boundaries(_rings(path.parent / str(row["file"])), approval, bool(number))


def _rings(path: Path) -> tuple[Ring, ...]:
    """Return every outline of a GeoJSON file (WGS84, as its standard RFC 7946 demands)."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        shapes = [feature["geometry"] for feature in data["features"]]
        polygons = [
            polygon
            for shape in shapes
            for polygon in ([shape["coordinates"]] if shape["type"] == "Polygon" else shape["coordinates"])
            if shape["type"] in ("Polygon", "MultiPolygon")
        ]
        return tuple(
            tuple((_degrees(point[0], path), _degrees(point[1], path)) for point in ring)
            for polygon in polygons
            for ring in polygon
        )
    except (OSError, ValueError, KeyError, TypeError, IndexError) as wrong:
        raise PackError(f"{path}: no boundaries can be read here ({wrong}). It should be GeoJSON.") from wrong

"""Map tiles: only from the source the operator named, with its credit and, where asked for, its review number.

Without a source, or with one that is not whole, maps are drawn on plain paper. `problems` says what is missing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import cast

from django.conf import settings

from jiebang.boards.datums import Datum
from jiebang.rulebook import maps

# Nothing that could end a directive of the content security policy, or be another host than it seems.
_ORIGIN = re.compile(r"https://[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::\d{1,5})?", re.ASCII)
_ADDRESS = re.compile(r"[A-Za-z0-9/._~!$&()*+=:@?%{}-]+", re.ASCII)
_ASKED = ("{z}", "{x}", "{y}")


@dataclass(frozen=True, slots=True)
class Tiles:
    """Where tiles come from. `origin` is empty for this site's own; `review_number` where there is one."""

    url: str
    origin: str
    credit: str
    datum: Datum
    review_number: str


@dataclass(frozen=True, slots=True)
class Problem:
    what: str
    mend: str


def tiles() -> Tiles | None:
    """Return the configured source of tiles, if there is one and nothing is wrong with it."""
    if not settings.JIEBANG_TILES or problems():
        return None
    origin = _ORIGIN.match(settings.JIEBANG_TILES)
    return Tiles(
        settings.JIEBANG_TILES,
        origin[0] if origin else "",
        settings.JIEBANG_TILES_CREDIT,
        cast(Datum, settings.JIEBANG_TILES_DATUM),
        settings.JIEBANG_TILES_REVIEW,
    )


def problems() -> list[Problem]:
    """Return what keeps the configured source from being used, each with its mend; none when none is configured."""
    rules = maps.rules_of(settings.JIEBANG_CITY)
    return problems_of(
        settings.JIEBANG_TILES,
        credit=settings.JIEBANG_TILES_CREDIT,
        datum=settings.JIEBANG_TILES_DATUM,
        review_number=settings.JIEBANG_TILES_REVIEW,
        needs_review=rules is not None and rules.tiles_need_review,
    )


def problems_of(url: str, *, credit: str, datum: str, review_number: str, needs_review: bool) -> list[Problem]:
    if not url:
        return []
    found: list[Problem] = []
    path = url[len(origin[0]) :] if (origin := _ORIGIN.match(url)) else url
    if not path.startswith("/") or path.startswith("//") or not _ADDRESS.fullmatch(path):
        found.append(
            Problem(
                f"JIEBANG_TILES is {url!r}, which is no address of map tiles.",
                "Set it to an https address, such as https://tiles.example/{z}/{x}/{y}.png, or to a path of this site.",
            )
        )
    elif missing := [part for part in _ASKED if part not in path]:
        found.append(
            Problem(f"JIEBANG_TILES lacks {', '.join(missing)}.", "Put {z}, {x} and {y} where its tiles have them.")
        )
    if not credit.strip():
        found.append(
            Problem("JIEBANG_TILES_CREDIT is empty.", "Set it to what the source wants to be written on its maps.")
        )
    if datum not in ("wgs84", "gcj02"):
        found.append(
            Problem(
                f"JIEBANG_TILES_DATUM is {datum!r}.",
                "Set it to wgs84 (also for CGCS2000) or gcj02. Baidu's tiles are cut otherwise and cannot be used.",
            )
        )
    if needs_review and not review_number.strip():
        found.append(
            Problem(
                "JIEBANG_TILES_REVIEW is empty, and this city's maps must bear a review number (审图号).",
                "Set it to the number the source of the tiles has been given.",
            )
        )
    return found

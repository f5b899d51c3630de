"""A town's areas from a table somebody made in a spreadsheet: read, questioned, and put into the pack's form.

Pure: bytes in, rows out. Sentences name the line and say what to do.
"""

from __future__ import annotations

import csv
import math
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import StringIO

from django.utils.text import slugify

MOST_BYTES = 5_000_000
MOST_ROWS = 20_000
MOST_LETTERS = 80
COLUMNS = ("name", "parent", "code", "lon", "lat")
FORM = """\
name,parent,lon,lat
North,,,
Old Mill,North,-1.215,52.918
Station,North,-1.192,52.917"""


class AreasError(Exception):
    """A table that cannot be used. The sentence names the line and says what to do."""


@dataclass(frozen=True)
class Area:
    """One area; `parent` is a code. `at` is longitude and latitude in degrees, WGS84, if the table has them."""

    code: str
    parent: str
    level: str
    name: str
    at: tuple[float, float] | None = None


def read(data: bytes, *, town: str, name: str, levels: Sequence[str]) -> list[Area]:
    """Return the town (`town` is its code) and its areas, the widest first.

    `levels` are those of the pack, the town's own first. Areas without a parent are of the second level and those
    with one of the third; a table without any parent is of the third alone, and one area of the second holds it.

    Raises:
        AreasError: the table cannot be read, or a row contradicts another.
    """
    rows = _rows(data)
    top, middle, lowest = levels
    whole = Area(town, "", top, name)
    named = _by_name(rows)
    codes = _codes(rows, town)
    if not any(row["parent"] for _, row in rows):
        over = f"{town}-all"
        return [whole, Area(over, town, middle, name)] + [
            Area(codes[line], over, lowest, row["name"], _at(line, row)) for line, row in rows
        ]
    areas: list[Area] = []
    for line, row in rows:
        if not row["parent"]:
            areas.append(Area(codes[line], town, middle, row["name"], _at(line, row)))
            continue
        above = _parent(line, row, named)
        areas.append(Area(codes[line], codes[above], lowest, row["name"], _at(line, row)))
    areas.sort(key=lambda area: levels.index(area.level))
    if empty := sorted({a.code for a in areas if a.level == middle} - {a.parent for a in areas}):
        names = ", ".join(area.name for area in areas if area.code in empty)
        raise AreasError(
            f"No {lowest} is inside {names}. Whoever raises a matter chooses a {lowest}: add one, or take it away."
        )
    return [whole, *areas]


def _rows(data: bytes) -> list[tuple[int, dict[str, str]]]:
    """Every row with the line it begins on; the header is line 1."""
    if len(data) > MOST_BYTES:
        raise AreasError(f"The table has {len(data):,} bytes; {MOST_BYTES:,} are the most. Is it a list of areas?")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as wrong:
        line = data.count(b"\n", 0, wrong.start) + 1
        raise AreasError(
            f"Line {line} is not UTF-8. Save the table as “CSV UTF-8” in your spreadsheet, then try again."
        ) from None
    if "\0" in text:
        raise AreasError("This is no CSV table. Save it as “CSV UTF-8” in your spreadsheet, then try again.")
    reader = csv.reader(StringIO(text, newline=""), delimiter=_delimiter(text))
    try:
        header = [cell.strip().lower() for cell in next(reader, [])]
        rows = list(_told(reader, header))
    except csv.Error as wrong:
        raise AreasError(f"Line {reader.line_num} can't be read as CSV: {wrong}.") from None
    if not rows:
        raise AreasError(f"The table names no area. It should look like this:\n\n{FORM}")
    return rows


def _delimiter(text: str) -> str:
    """Spreadsheets of half of Europe put semicolons, where a comma is the decimal point."""
    first = text.partition("\n")[0]
    return max(",;\t", key=first.count)


def _told(reader: Iterator[list[str]], header: Sequence[str]) -> Iterator[tuple[int, dict[str, str]]]:
    if "name" not in header or set(header) - set(COLUMNS):
        raise AreasError(f"Line 1 should name the columns: name, and if you like {', '.join(COLUMNS[1:])}.\n\n{FORM}")
    if len(set(header)) != len(header):
        raise AreasError("Line 1 names a column twice.")
    for place, cells in enumerate(reader):
        line = getattr(reader, "line_num", place + 2)
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) > len(header):
            raise AreasError(f"Line {line} has {len(cells)} cells, line 1 has {len(header)}. Put quotes round commas.")
        if place >= MOST_ROWS:
            raise AreasError(f"The table has more than {MOST_ROWS:,} rows. Is it a list of areas?")
        row = dict.fromkeys(COLUMNS, "") | dict(zip(header, (cell.strip() for cell in cells), strict=False))
        if not row["name"]:
            raise AreasError(f"Line {line} has no name.")
        if len(row["name"]) > MOST_LETTERS:
            raise AreasError(f"The name in line {line} is longer than {MOST_LETTERS} letters.")
        if any(unicodedata.category(letter).startswith("C") for cell in row.values() for letter in cell):
            raise AreasError(f"Line {line} has a letter nobody can see. Type it again.")
        yield line, row


def _by_name(rows: Sequence[tuple[int, Mapping[str, str]]]) -> dict[str, list[int]]:
    named: dict[str, list[int]] = {}
    for line, row in rows:
        for word in {row["name"].casefold(), row["code"].casefold()} - {""}:
            named.setdefault(word, []).append(line)
    return named


def _parent(line: int, row: Mapping[str, str], named: Mapping[str, Sequence[int]]) -> int:
    """Return the line of a row's parent, which has none itself."""
    lines = [one for one in named.get(row["parent"].casefold(), ()) if one != line]
    if not lines:
        raise AreasError(f"Line {line}: no row is called “{row['parent']}”. Add it, or correct the parent.")
    if len(lines) > 1:
        where = ", ".join(str(one) for one in lines)
        raise AreasError(f"Line {line}: “{row['parent']}” stands in lines {where}. Give them codes, and name the code.")
    return lines[0]


def _codes(rows: Sequence[tuple[int, Mapping[str, str]]], town: str) -> dict[int, str]:
    """Return line → code: the one given, or one made of the name; each once."""
    codes: dict[int, str] = {}
    taken = {town, f"{town}-all"}
    for line, row in rows:
        if not (given := row["code"]):
            continue
        if given != slugify(given) or len(given) > 20:
            raise AreasError(
                f"Line {line}: the code “{given}” should be small letters, digits and hyphens, 20 at most."
            )
        if given in taken:
            raise AreasError(f"Line {line}: the code “{given}” stands there already. Each is there once.")
        taken.add(given)
        codes[line] = given
    parents = {row["parent"].casefold() for _, row in rows if row["parent"]}
    for line, row in rows:
        if line in codes:
            continue
        if row["parent"] and row["name"].casefold() in parents:
            raise AreasError(
                f"Line {line}: “{row['name']}” has a parent and is one. Three levels are the most: the town, what has"
                " no parent, and what has one."
            )
        stem = slugify(row["name"])[:14].strip("-") or "area"
        code, number = stem, 1
        while code in taken:
            number += 1
            code = f"{stem}-{number}"
        taken.add(code)
        codes[line] = code
    return codes


def _at(line: int, row: Mapping[str, str]) -> tuple[float, float] | None:
    if not row["lon"] and not row["lat"]:
        return None
    try:
        lon, lat = (float(row[side].replace(",", ".")) for side in ("lon", "lat"))
    except ValueError:
        lon = lat = math.nan
    if not (-180 <= lon <= 180 and -85 <= lat <= 85):
        raise AreasError(f"Line {line}: lon and lat should be degrees, such as -1.215 and 52.918. Or leave both out.")
    return lon, lat

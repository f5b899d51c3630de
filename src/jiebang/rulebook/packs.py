"""Packs: the folders that hold a city's rules, calendars, areas and units, readable without Python.

A city names the packs it builds on, its own first (`packs: [leshan, china]`). A file is looked for in that order,
so a city may replace what its country says. Nothing here touches the database.
"""

from __future__ import annotations

import csv
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from io import StringIO
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from jiebang.engine import worktime
from jiebang.engine.worktime import Calendar
from jiebang.rulebook.policies import Policy, PolicyError, almanac_of, loosens, read_table

_VERSION_FILE = re.compile(r"(?P<since>\d{4}-\d{2}-\d{2})(~(?P<scope>[a-z0-9-]+))?\.yaml\Z")
_TEMPLATE_TITLE = re.compile(r"(zh|en): ([^/]+?)(?= /|$)")
SHARED_STORIES = "cases.yaml"
OWN_STORIES = ".cases.yaml"
_AREA_COLUMNS = ("code", "parent", "level", "kind", "zh", "en")


class PackError(Exception):
    """A pack that cannot be used. The sentence names the file and says what to do."""


@dataclass(frozen=True, slots=True)
class Licence:
    """Under what terms a city lets others use its data: its name in each language, and where its text stands."""

    names: Mapping[str, str]
    url: str


@dataclass(frozen=True, slots=True)
class CityPack:
    id: str
    prefix: str
    names: Mapping[str, str]
    zone: str
    languages: tuple[str, ...]
    levels: tuple[str, ...]
    packs: tuple[str, ...]
    calendar: str
    office_hours: str
    mechanisms: tuple[str, ...]
    raise_mechanism: str
    demonstration: bool
    slug_digits: Mapping[str, int]
    elsewhere: Mapping[str, str]  # where else a raiser may turn after the city's last word; may be empty
    origin: str = ""  # the public log's name, where the pack says it
    licence: Licence | None = None  # of the open data; None: the city states none
    scopes: Mapping[str, tuple[str, ...]] = field(
        default_factory=dict
    )  # pilots by name: the areas of `<day>~<name>.yaml`
    registers: tuple[str, ...] = ()
    rounds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MechanismFile:
    mechanism: str
    since: str
    scope: str
    path: Path
    text: bytes
    stories: Path | None  # the file of its stories, if there is one
    areas: tuple[str, ...] = ()  # of a pilot; none: the whole city


def roots() -> tuple[Path, ...]:
    """Return the folders of packs, the first one winning.

    `JIEBANG_PACKS` names them, with a colon between; without it they are `packs` of the home, where `jiebang init`
    writes, and the folder beside the source or inside the wheel.
    """
    if named := os.environ.get("JIEBANG_PACKS"):
        return tuple(Path(one) for one in named.split(os.pathsep) if one)
    home = os.environ.get("JIEBANG_HOME")
    own = (Path(home) / "packs",) if home and (Path(home) / "packs").is_dir() else ()
    return (*own, _beside_the_source())


def root() -> Path:
    """Return the last folder of packs: the one that came along, unless `JIEBANG_PACKS` says otherwise."""
    return roots()[-1]


def place(relative: str) -> Path:
    """Return where a file or folder of some pack stands, such as `china/calendars`: in the first root that has it."""
    paths = [root / relative for root in roots()]
    return next((path for path in paths if path.exists()), paths[-1])


def cities() -> list[CityPack]:
    """Return every city that some pack describes."""
    return [_city_from(read_yaml(path), path) for path in _city_files()]


def _city_files() -> list[Path]:
    return [path for root in roots() for path in sorted(root.glob("*/city.yaml"))]


@cache
def _beside_the_source() -> Path:
    here = Path(__file__).resolve()
    for folder in (here.parents[3] / "packs", here.parents[1] / "packs"):
        if folder.is_dir():
            return folder
    raise PackError("No folder of packs was found. Set JIEBANG_PACKS to the folder that holds them.")


def city(city_id: str) -> CityPack:
    """Read the city whose `city.yaml` says `id: city_id`; its folder may have another name (`generic`).

    Raises:
        PackError: no pack has this city, or its file lacks something.
    """
    for path in _city_files():
        data = read_yaml(path)
        if data.get("id") == city_id:
            return _city_from(data, path)
    known = ", ".join(sorted(str(read_yaml(path).get("id")) for path in _city_files()))
    raise PackError(f"No pack describes the city “{city_id}”. Set JIEBANG_CITY to one of: {known}.")


def _city_from(data: Mapping[str, Any], path: Path) -> CityPack:
    try:
        return CityPack(
            id=data["id"],
            prefix=data["prefix"],
            names=data["name"],
            zone=data["zone"],
            languages=tuple(data["languages"]),
            levels=tuple(data["levels"]),
            packs=tuple(data["packs"]),
            calendar=data["calendar"],
            office_hours=data["office-hours"],
            mechanisms=tuple(data["mechanisms"]),
            raise_mechanism=data["raise"],
            demonstration=data.get("demonstration") is True,
            slug_digits=data.get("slug-digits") or {},
            elsewhere=data.get("elsewhere") or {},
            origin=str(data.get("origin") or ""),
            licence=_licence(data.get("licence"), path),
            scopes={name: tuple(codes) for name, codes in (data.get("scopes") or {}).items()},
            registers=tuple(data.get("registers") or ()),
            rounds=tuple(data.get("rounds") or ()),
        )
    except KeyError as missing:
        raise PackError(f"{path}: the line “{missing.args[0]}:” is missing. Add it.") from missing


def _licence(data: object, path: Path) -> Licence | None:
    if data is None:
        return None
    names, url = (data.get("name"), data.get("url")) if isinstance(data, dict) else (None, None)
    if not isinstance(names, dict) or not isinstance(url, str) or not url.startswith(("https://", "http://")):
        raise PackError(
            f"{path}: “licence:” needs a “name:” in each language and a “url:” that begins with https://."
            " Write both, or take the line away if the city states none."
        )
    return Licence(names, url)


@cache
def licence(city_id: str) -> Licence | None:
    """Return the licence of a city's open data, read once a process; None if it states none."""
    return city(city_id).licence


def find(pack: CityPack, relative: str) -> Path | None:
    """Return the first file or folder of that name in the city's packs, its own pack first."""
    for name in pack.packs:
        path = place(f"{name}/{relative}")
        if path.exists():
            return path
    return None


# ── Places and units ────────────────────────────────────────────────────────────────────────────────────────


def areas(pack: CityPack) -> list[dict[str, str]]:
    """Return the rows of `areas.csv`. Lines that begin with # say where the list comes from."""
    path = _must_find(pack, "areas.csv")
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    rows = list(csv.DictReader(StringIO("\n".join(lines))))
    for row in rows:
        if missing := [column for column in _AREA_COLUMNS if row.get(column) is None]:
            raise PackError(f"{path}: the row of {row.get('code')} lacks {', '.join(missing)}. Add the column.")
        if row["level"] not in pack.levels:
            raise PackError(f"{path}: {row['code']} has the level “{row['level']}”, which city.yaml does not list.")
    return rows


def units(pack: CityPack) -> list[dict[str, str]]:
    """Return one row (`slug kind area zh en`) for each unit of `units.yaml` in each area of its level."""
    path = _must_find(pack, "units.yaml")
    templates = read_yaml(path)
    if unknown := sorted(set(templates) - set(pack.levels)):
        raise PackError(f"{path}: “{unknown[0]}” is no level of the city. Use one of: {', '.join(pack.levels)}.")
    return [
        {
            "slug": f"{short_code(pack, area['code'], area['level'])}-{unit['slug']}",
            "kind": unit["kind"],
            "area": area["code"],
            "zh": f"{area['zh']}{unit['zh']}" if unit.get("zh") else "",
            "en": f"{unit['en']}, {area['en']}",
        }
        for area in areas(pack)
        for unit in templates.get(area["level"]) or ()
    ]


def short_code(pack: CityPack, code: str, level: str) -> str:
    """Return the part of an area's code that carries meaning at its level (`511112` of `511112000000`)."""
    digits = pack.slug_digits.get(level)
    return code[:digits] if digits and code.isdecimal() else code


# ── Rules ───────────────────────────────────────────────────────────────────────────────────────────────────


def mechanism_files(pack: CityPack) -> list[MechanismFile]:
    """Return every version of every mechanism the city uses, oldest first, in the order of `city.yaml`.

    Raises:
        PackError: a mechanism has no file, a file is not named by the day it takes effect, or stories have no version.
    """
    found: list[MechanismFile] = []
    for mechanism in pack.mechanisms:
        folder = _must_find(pack, f"mechanisms/{mechanism}")
        names = {path.name for path in folder.glob("*.yaml")}
        stories = {name for name in names if name == SHARED_STORIES or name.endswith(OWN_STORIES)}
        versions = [_version_file(pack, mechanism, folder / name) for name in sorted(names - stories)]
        if not versions:
            raise PackError(f"{folder}: there is no version. Add a file named by its day, such as 2026-01-01.yaml.")
        for name in sorted(stories - {SHARED_STORIES}):
            version = name.removesuffix(OWN_STORIES) + ".yaml"
            if version not in names:
                raise PackError(
                    f"{folder / name}: these are the stories of {version}, which is not there. Rename them."
                )
        found += versions
    return found


def stories_of(version: Path) -> Path | None:
    """Return the stories played with a version: its own `<day>.cases.yaml`, else the folder's `cases.yaml`."""
    for path in (version.with_suffix(OWN_STORIES), version.with_name(SHARED_STORIES)):
        if path.is_file():
            return path
    return None


def told_by(file: Path, pack: CityPack) -> CityPack:
    """Return the city whose pack a file stands in, `pack` if that pack describes none.

    Stories name days and hours: they are true by the calendar of whoever wrote them, in whatever town they are used.
    """
    for path in _city_files():
        if file.resolve().is_relative_to(path.parent.resolve()):
            return _city_from(read_yaml(path), path)
    return pack


def _version_file(pack: CityPack, mechanism: str, path: Path) -> MechanismFile:
    named = _VERSION_FILE.match(path.name)
    if named is None:
        raise PackError(f"{path}: name the file by the day it takes effect, such as 2026-01-01.yaml.")
    scope = named["scope"] or ""
    if scope and not pack.scopes.get(scope):
        raise PackError(f"{path}: city.yaml does not say where “{scope}” is. Add its areas there, under scopes:.")
    areas = pack.scopes[scope] if scope else ()
    return MechanismFile(mechanism, named["since"], scope, path, path.read_bytes(), stories_of(path), areas)


def calendar(pack: CityPack) -> Calendar:
    """Return the city's working calendar: every year of its calendar folder, with its office hours, zone and almanac.

    Raises:
        PackError: there is no year, one is missing between two, or a file does not say what a year has to say.
    """
    folder = place(pack.calendar)
    paths = sorted(folder.glob("[0-9][0-9][0-9][0-9].yaml"))
    if not paths:
        raise PackError(f"{folder}: there is no year. Add a file such as 2026.yaml.")
    tables = [_year(path) for path in paths]
    try:
        counted = worktime.calendar_from_files(
            id=str(tables[0]["calendar"]),
            zone=pack.zone,
            hours=read_yaml(place(pack.office_hours)),
            years=tables,
        )
    except worktime.CalendarError as wrong:
        raise PackError(f"{folder}: {wrong}") from wrong
    try:
        return replace(counted, almanac=almanac_of(policies(pack)))
    except PolicyError as wrong:
        raise PackError(f"policies: {wrong}") from wrong


def _year(path: Path) -> dict[str, Any]:
    table = read_yaml(path)
    for name in ("calendar", "year", "status"):
        if name not in table:
            raise PackError(f"{path}: the line “{name}:” is missing. Add it.")
    if str(table["year"]) != path.stem:
        raise PackError(f"{path}: it says year: {table['year']}. Name the file by its year, or correct the line.")
    for period in table.get("off") or ():
        if not isinstance(period, dict) or "from" not in period:
            raise PackError(f"{path}: “{period}” is no period. Write it as {{from: '2026-10-01', to: '2026-10-07'}}.")
    return table | {"off": table.get("off") or (), "work": table.get("work") or ()}


def policies(pack: CityPack) -> dict[str, Policy]:
    """Return key → policy of every table; a row of the city's own replaces its country's of the same key.

    Raises:
        PackError: a row cannot be used.
    """
    return {key: policy for table in policy_tables(pack).values() for key, policy in read_table(table).items()}


def policy_tables(pack: CityPack) -> dict[str, dict[str, Any]]:
    """Return name → table as it is published (`policies/board.yaml` is `board`), the packs' rows put together.

    Raises:
        PackError: a row cannot be used.
    """
    tables: dict[str, dict[str, Any]] = {}
    for name in reversed(pack.packs):
        for path in sorted(place(f"{name}/policies").glob("*.yaml")):
            table = read_yaml(path)
            below = tables.get(path.stem, {"rows": {}})
            try:
                rows = read_table(table)
                above = read_table(below)
            except PolicyError as wrong:
                raise PackError(f"{path}: {wrong}") from wrong
            _refuse_looser(path, rows, above)
            tables[path.stem] = {**below, **table, "rows": {**below["rows"], **table["rows"]}}
    return dict(sorted(tables.items()))


def _refuse_looser(path: Path, rows: Mapping[str, Policy], above: Mapping[str, Policy]) -> None:
    for key in sorted(set(rows) & set(above)):
        if loosens(rows[key], above[key]):
            raise PackError(
                f"{path}: “{key}” asks for less than the law it takes the place of (grade A). A city may tighten a"
                " law's number, never loosen it."
            )


def categories(pack: CityPack) -> dict[str, Any]:
    """Return name → content of each category list (`categories/residents.yaml` is `residents`)."""
    return _tables(pack, "categories")


def _tables(pack: CityPack, folder: str) -> dict[str, Any]:
    paths: dict[str, Path] = {}
    for name in reversed(pack.packs):
        for path in sorted(place(f"{name}/{folder}").glob("*.yaml")):
            paths[path.stem] = path
    return {stem: read_yaml(path) for stem, path in sorted(paths.items())}


@dataclass(frozen=True, slots=True)
class Template:
    """A text to begin from, with blanks that the findings ask to be filled."""

    name: str
    title: Mapping[str, str]
    text: str
    stories: str


def templates(pack: CityPack) -> list[Template]:
    """Return the texts to begin from (`templates/<name>.yaml`), those of the city's own pack first.

    Its title stands in the first line, as a comment: `# zh: 报修 / en: Report a problem`.
    """
    found: dict[str, Template] = {}
    for name in pack.packs:
        for path in sorted(place(f"{name}/templates").glob("*.yaml")):
            if path.stem in found or path.name.endswith(OWN_STORIES):
                continue
            text = path.read_text(encoding="utf-8")
            stories = path.with_suffix(OWN_STORIES)
            found[path.stem] = Template(
                path.stem,
                dict(_TEMPLATE_TITLE.findall(text.partition("\n")[0])),
                text,
                stories.read_text(encoding="utf-8") if stories.is_file() else "",
            )
    return list(found.values())


# ── Reading ─────────────────────────────────────────────────────────────────────────────────────────────────


def read_yaml(path: Path) -> dict[str, Any]:
    """Read a pack's own YAML 1.2 file. Mechanism files go through the engine's parser instead.

    Raises:
        PackError: the file is missing or is no YAML mapping.
    """
    if not path.is_file():
        raise PackError(f"{path} is missing. Add the file, or correct the name that leads to it.")
    return _parsed(path, path.stat().st_mtime_ns)


@cache
def _parsed(path: Path, _changed_ns: int) -> dict[str, Any]:
    try:
        data = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
    except YAMLError as error:
        raise PackError(f"{path} is not valid YAML: {error}") from error
    if not isinstance(data, dict):
        raise PackError(f"{path} should hold “name: value” lines.")
    return data


def _must_find(pack: CityPack, relative: str) -> Path:
    path = find(pack, relative)
    if path is None:
        raise PackError(f"None of the packs {', '.join(pack.packs)} has {relative}. Add it to {pack.packs[0]}.")
    return path

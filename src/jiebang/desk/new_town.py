"""`jiebang init`: a pack of a town's own, on top of one that came along. Needs no database, changes none.

What is written is plain text for the town to correct: who it is, its areas, its units, its working days, its hours,
what its map shows. The mechanisms stay where they are and are used from there, until the town writes its own.
"""

from __future__ import annotations

import csv
import json
import re
import secrets
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from importlib.metadata import version
from io import StringIO
from pathlib import Path
from zoneinfo import ZoneInfo

from babel.core import Locale, UnknownLocaleError, get_global
from django.utils.text import slugify

from jiebang.desk import areas_csv
from jiebang.desk.areas_csv import Area, AreasError
from jiebang.desk.home import DeskError, Home, is_fresh
from jiebang.engine.worktime import CalendarError
from jiebang.rulebook import packs
from jiebang.rulebook.packs import PackError

YEARS_AHEAD = 2  # a limit can last a year, and `doctor` asks for the next table fifteen months ahead
MARGIN = 0.02  # degrees around the areas' places: some two kilometres
_ID = re.compile(r"[a-z][a-z0-9-]{1,19}\Z")
_PREFIX = re.compile(r"[A-Z]{2,4}\Z")


@dataclass(frozen=True)
class Wanted:
    """A town as it was asked for on the command line; what is empty is found out."""

    name: str
    country: str
    areas: Path
    pack: str = "generic"
    subdivision: str = ""
    id: str = ""
    prefix: str = ""
    zone: str = ""
    origin: str = ""


def init(wanted: Wanted, home: Home, *, today: date) -> int:
    """Write the pack into the home's `packs` folder, whole or not at all, and say what to do next.

    Raises:
        DeskError: a word is wrong, the table of areas is, or the home has a city already.
    """
    town_id = wanted.id or slugify(wanted.name)[:20].strip("-")
    if not _ID.match(town_id):
        raise DeskError(
            f"“{town_id or wanted.name}” can't be the town's id: two to twenty small letters, digits and hyphens.",
            next_step="Name one: --id ashford",
        )
    if not is_fresh(home):
        raise DeskError(
            f"There is a city in {home.root} already.",
            next_step="Choose an empty place for the new one: JIEBANG_HOME=…",
        )
    target = home.packs / town_id
    if target.exists():
        raise DeskError(
            f"{target} is there already.", next_step="Correct the files in it, or move it away and try again."
        )
    files = _files(wanted, town_id, today)
    whole = home.packs / f".{town_id}-{secrets.token_hex(4)}"
    try:
        _write(whole, files)
        _refuse_unusable(whole, town_id, target)
    except OSError as wrong:
        raise DeskError(
            f"{whole.parent} can't be written: {wrong.strerror}.", next_step="Choose another place: JIEBANG_HOME=…"
        ) from None
    finally:
        shutil.rmtree(whole, ignore_errors=True)
    _tell(wanted, town_id, target, files)
    return 0


def _write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def _refuse_unusable(whole: Path, town_id: str, target: Path) -> None:
    """Put the folder into its place, and take it away again if the town it describes can't begin."""
    whole.rename(target)
    try:
        pack = packs.city(town_id)
        for read in (packs.areas, packs.units, packs.calendar, packs.mechanism_files):
            read(pack)
    except (PackError, CalendarError) as wrong:
        shutil.rmtree(target)
        raise DeskError(str(wrong), next_step="Nothing was written. Correct it and try again.") from None


# ── The files ───────────────────────────────────────────────────────────────────────────────────────────────


def _files(wanted: Wanted, town_id: str, today: date) -> dict[str, str]:
    below = _pack_below(wanted.pack)
    country = _country(wanted.country)
    areas = _areas(wanted, town_id, below.levels)
    found = _calendar_of(country, wanted.subdivision)
    files = {} if found else _calendar_files(country, wanted.subdivision, today)
    files["city.yaml"] = _city_yaml(wanted, town_id, below, _zone(wanted, country), found or f"{town_id}/calendars")
    files["areas.csv"] = _areas_csv(areas)
    files["office-hours.yaml"] = _hours_yaml(country)
    files["map.yaml"] = _map_yaml([area.at for area in areas if area.at])
    files["units.yaml"] = _must_have(below, "units.yaml").read_text(encoding="utf-8")
    return files


def _pack_below(name: str) -> packs.CityPack:
    path = packs.place(f"{name}/city.yaml")
    if not path.is_file():
        known = ", ".join(sorted({one.parent.name for root in packs.roots() for one in root.glob("*/city.yaml")}))
        raise DeskError(f"No pack is called “{name}”.", next_step=f"Name one of: {known}")
    below = packs.city(str(packs.read_yaml(path)["id"]))
    if len(below.levels) != 3:
        raise DeskError(
            f"“{name}” has {len(below.levels)} levels of areas; a table has three.", next_step="Use --pack generic"
        )
    return below


def _must_have(pack: packs.CityPack, name: str) -> Path:
    path = packs.find(pack, name)
    if path is None:
        raise DeskError(f"The pack of {pack.id} has no {name}.", next_step="Use --pack generic")
    return path


def _areas(wanted: Wanted, town_id: str, levels: Sequence[str]) -> list[Area]:
    try:
        data = wanted.areas.read_bytes()
    except OSError as wrong:
        raise DeskError(
            f"{wanted.areas} can't be read: {wrong.strerror}.",
            next_step=f"Make a table like this in a spreadsheet and save it as CSV UTF-8:\n\n{areas_csv.FORM}\n",
        ) from None
    try:
        return areas_csv.read(data, town=town_id, name=wanted.name, levels=levels)
    except AreasError as wrong:
        raise DeskError(f"{wanted.areas}: {wrong}", next_step="Nothing was written.") from None


def _country(code: str) -> str:
    if code.upper() not in Locale("en").territories or len(code) != 2:
        raise DeskError(
            f"“{code}” is no country's code.", next_step="Use the two letters of ISO 3166: GB, DE, KE, BR, JP …"
        )
    return code.upper()


def _zone(wanted: Wanted, country: str) -> str:
    zones = sorted(zone for zone, territory in get_global("zone_territories").items() if territory == country)
    if wanted.zone:
        if wanted.zone not in zones:
            raise DeskError(f"“{wanted.zone}” is no time zone of {country}.", next_step=f"One of: {', '.join(zones)}")
        return wanted.zone
    if len({_offsets(zone) for zone in zones}) != 1:
        named = ", ".join(zones) or "none that is known here"
        raise DeskError(f"{country} has several time zones: {named}.", next_step="Name the town's: --zone …")
    return zones[0]


def _offsets(zone: str) -> tuple[object, ...]:
    """How far a zone is from UTC in each month of a year: zones that agree in all of them may stand for each other."""
    return tuple(datetime(2026, month, 15, tzinfo=ZoneInfo(zone)).utcoffset() for month in range(1, 13))


def _city_yaml(wanted: Wanted, town_id: str, below: packs.CityPack, zone: str, calendar: str) -> str:
    prefix = wanted.prefix or slugify(wanted.name).replace("-", "")[:2].upper()
    if not _PREFIX.match(prefix):
        raise DeskError(
            f"“{prefix}” can't begin the entries' numbers: two to four capital letters.", next_step="--prefix AS"
        )
    return f"""\
# {wanted.name}. Once the city has begun, id, prefix and zone stay as they are.
id: {town_id}
prefix: {prefix}
name: {{en: {json.dumps(wanted.name, ensure_ascii=False)}}}
zone: {zone}
languages: [en]
levels: [{", ".join(below.levels)}]
slug-digits: {{}}
# What this folder does not have is looked for in the others. A file of the same name here takes its place.
packs: [{town_id}, {", ".join(below.packs)}]
calendar: {calendar}
office-hours: {town_id}/office-hours.yaml
mechanisms: [{", ".join(below.mechanisms)}]
raise: {below.raise_mechanism}
demonstration: false
# The public log's name, for good: an address the town will always own, without https://.
origin: {wanted.origin or "''"}
"""


def _areas_csv(areas: Sequence[Area]) -> str:
    out = StringIO()
    out.write(
        "# The town's areas. A code stands in addresses and in the public log, so it stays. lon, lat may be empty.\n"
    )
    rows = csv.writer(out, lineterminator="\n")
    rows.writerow(("code", "parent", "level", "kind", "zh", "en", "lon", "lat"))
    for area in areas:
        rows.writerow((area.code, area.parent, area.level, area.level, "", area.name, *(area.at or ("", ""))))
    return out.getvalue()


def _map_yaml(places: Sequence[tuple[float, float]]) -> str:
    if not places:
        return """\
# No map: no area has a place. Give them lon and lat, then write the bounds here (docs/howto/maps-and-tiles.md).
bounds: none
boundaries: none
"""
    lons, lats = [lon for lon, _ in places], [lat for _, lat in places]
    return f"""\
# What the town's map shows. Correct the bounds; no boundary is drawn until you add one with its permission.
bounds:
  west: {min(lons) - MARGIN:.4f}
  south: {min(lats) - MARGIN:.4f}
  east: {max(lons) + MARGIN:.4f}
  north: {max(lats) + MARGIN:.4f}
  source: {{en: "Around the places of the areas in areas.csv."}}
  grade: I
boundaries: none
"""


# ── Working days ────────────────────────────────────────────────────────────────────────────────────────────


def _calendar_of(country: str, subdivision: str) -> str:
    """Return the folder of a calendar that came along for this country or part of it; empty if there is none."""
    for root in packs.roots():
        for path in sorted(root.glob("*/country.yaml")):
            about = packs.read_yaml(path)
            parts = about.get("subdivisions") or ()
            if about.get("country") == country and (not subdivision or subdivision in parts):
                return str(about["calendar"])
    return ""


def _calendar_files(country: str, subdivision: str, today: date) -> dict[str, str]:
    """Return name → text of the years to come, from the library `holidays`, as estimates for the town to correct."""
    files = {}
    where = f"{country}-{subdivision}" if subdivision else country
    for year in range(today.year, today.year + YEARS_AHEAD + 1):
        days = _holidays(country, subdivision, year)
        lines = [f"  - {{from: '{day}', en: {json.dumps(name, ensure_ascii=False)}}}" for day, name in days]
        files[f"calendars/{year}.yaml"] = f"""\
# Public holidays of {where}, {year}, as a library has them: nobody of the town has looked at them yet, so every limit
# counted with them says that it is provisional. Compare them with the official list, correct them, name that list as
# the source, and write status: published.
calendar: {where.lower()}
year: {year}
status: estimated
source: python-holidays {version("holidays")}, taken over {today.isoformat()}
off:
{chr(10).join(lines)}
work: []
"""
    return files


def _holidays(country: str, subdivision: str, year: int) -> list[tuple[date, str]]:
    import holidays

    part = subdivision or None
    try:
        known = holidays.country_holidays(country, subdiv=part, years=year)
        if "en_US" in known.supported_languages:
            known = holidays.country_holidays(country, subdiv=part, years=year, language="en_US")
    except NotImplementedError as wrong:
        raise DeskError(
            f"The holidays of {country}{' ' + subdivision if subdivision else ''} are not known here ({wrong}).",
            next_step="Leave --subdivision out, or begin with a neighbour's calendar and correct it.",
        ) from None
    found = sorted((day, name) for day, name in known.items() if day.year == year)
    if not found:
        raise DeskError(
            f"No holiday of {country} in {year} is known here.",
            next_step="Begin with a neighbour's calendar and correct it.",
        )
    return found


def _hours_yaml(country: str) -> str:
    try:
        locale = Locale.parse(f"und_{country}")
        first, last = locale.weekend_start, locale.weekend_end
    except (UnknownLocaleError, ValueError):
        first, last = 5, 6
    weekend = [first + 1] if first == last else [first + 1, last + 1]
    return f"""\
# When the office is open. A limit in working days ends at the last closing; `8 wh` counts only these hours.
hours:
  - ['09:00', '17:00']
weekend: {weekend}      # 1 is Monday, 7 is Sunday
source: assumed (grade I), no law sets opening hours; write the town's own here
"""


# ── Afterwards ──────────────────────────────────────────────────────────────────────────────────────────────


def _tell(wanted: Wanted, town_id: str, target: Path, files: dict[str, str]) -> None:
    pack = packs.city(town_id)
    areas = packs.areas(pack)
    front = next(area["code"] for area in areas if area["level"] == pack.levels[-1])
    desk = next((unit["slug"] for unit in packs.units(pack) if unit["area"] == front), "…")
    print(f"{wanted.name} is written: {target}")
    counted = {level: sum(area["level"] == level for area in areas) for level in pack.levels[1:]}
    print(f"  areas     {', '.join(f'{count} {level}s' for level, count in counted.items())}")
    print(f"  calendar  {pack.calendar}{', estimated: compare it with the official list' if _is_own(files) else ''}")
    print(f"  boards    {', '.join(pack.mechanisms)}")
    steps = [f"Read {target / 'units.yaml'} and put your own units there: each is made in every area of its level."]
    if not pack.origin:
        steps.append(
            f"Name the public log in {target / 'city.yaml'} (origin:), or for a try:"
            f" export JIEBANG_ORIGIN=try.invalid/{town_id}"
        )
    steps.append("Start it: jiebang up")
    account = f"jiebang account add ann --display Ann --office staff --unit {desk} --area {front}"
    steps.append(f"Let somebody in, while it runs:\n     {account}")
    print("\nNext:\n" + "\n".join(f"  {place}. {step}" for place, step in enumerate(steps, start=1)))


def _is_own(files: dict[str, str]) -> bool:
    return any(name.startswith("calendars/") for name in files)

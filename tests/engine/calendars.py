"""The packs' calendars, read as the tests need them."""

from functools import cache
from pathlib import Path

from ruamel.yaml import YAML

from jiebang.engine.worktime import Calendar, calendar_from_files

PACKS = Path(__file__).parents[2] / "packs"


@cache
def china(*years: int) -> Calendar:
    return _read("china", "Asia/Shanghai", years)


@cache
def england(*years: int) -> Calendar:
    return _read("generic", "Europe/London", years)


def _read(pack: str, zone: str, years: tuple[int, ...]) -> Calendar:
    yaml = YAML(typ="safe", pure=True)
    files = sorted((PACKS / pack / "calendars").glob("[0-9]*.yaml"))
    tables = [yaml.load(file.read_text("utf-8")) for file in files if not years or int(file.stem) in years]
    hours = yaml.load((PACKS / pack / "office-hours.yaml").read_text("utf-8"))
    return calendar_from_files(id=tables[0]["calendar"], zone=zone, hours=hours, years=tables)

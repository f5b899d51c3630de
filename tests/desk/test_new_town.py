"""`jiebang init`: a town of one's own from a table of areas, refused with a sentence when the table is wrong."""

from __future__ import annotations

import re
import string
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiebang.desk import areas_csv, new_town
from jiebang.desk.areas_csv import AreasError
from jiebang.desk.home import DeskError, Home
from jiebang.rulebook import packs
from tests.desk.city import City

LEVELS = ("town", "district", "ward")
TODAY = date(2026, 11, 22)
TABLE = "name;parent;lon;lat\nNorth;;;\nOld Mill;North;-1,215;52,918\nStation;north;;\n\nSouth;;;\nOld Mill;South;;\n"
HAN = re.compile("[\u4e00-\u9fff]")


def read(table: str | bytes) -> list[areas_csv.Area]:
    data = table.encode() if isinstance(table, str) else table
    return areas_csv.read(data, town="ashford", name="Ashford", levels=LEVELS)


# ── The table ───────────────────────────────────────────────────────────────────────────────────────────────


def test_a_table_of_a_spreadsheet_becomes_three_levels_with_codes_of_their_own() -> None:
    found = [(area.code, area.parent, area.level, area.at) for area in read("\ufeff" + TABLE)]

    assert found == [
        ("ashford", "", "town", None),
        ("north", "ashford", "district", None),
        ("south", "ashford", "district", None),
        ("old-mill", "north", "ward", (-1.215, 52.918)),
        ("station", "north", "ward", None),
        ("old-mill-2", "south", "ward", None),
    ]


def test_a_list_of_names_becomes_wards_of_one_district() -> None:
    assert [(area.code, area.level, area.parent) for area in read("name\nHafen\nGrünau\n")] == [
        ("ashford", "town", ""),
        ("ashford-all", "district", "ashford"),
        ("hafen", "ward", "ashford-all"),
        ("grunau", "ward", "ashford-all"),
    ]


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("", "Line 1 should name the columns"),
        ("name\n", "names no area"),
        ("title\nNorth\n", "Line 1 should name the columns"),
        ("name,name\nNorth,x\n", "names a column twice"),
        ("name,parent\nNorth,,x,y\n", "Line 2 has 4 cells"),
        ("name,parent\n,North\n", "Line 2 has no name"),
        ("name,parent\nMill,Nowhere\n", "no row is called “Nowhere”"),
        ("name,parent\nA,\nA,\nB,A\n", "stands in lines 2, 3"),
        ("name,parent\nA,\nB,A\nC,B\n", "Three levels are the most"),
        ("name,parent\nA,\nB,A\nEmpty,\n", "No ward is inside Empty"),
        ("name,code\nA,a\nB,a\n", "stands there already"),
        ("name,code\nA,A b\n", "small letters, digits and hyphens"),
        ("name,lon,lat\nA,1,200\n", "lon and lat should be degrees"),
        ("name,lon,lat\nA,nan,nan\n", "lon and lat should be degrees"),
        ("name\n" + "x" * 81, "longer than 80"),
        ("name\nNo\u202eth\n", "a letter nobody can see"),
        ("name\nNorth\n".encode("utf-16"), "not UTF-8"),
        ("name\nGrünau\n".encode("cp1252"), "Line 2 is not UTF-8"),
        (b"PK\x03\x04\0\0", "no CSV table"),
        (b"name\n" + b"a\n" * 2_500_001, "is the most|are the most"),
        ("name\n" + "a\n" * 20_001, "more than 20,000"),
        ('name\n"' + "x" * 200_000 + '"\n', "can't be read as CSV"),
    ],
)
def test_a_table_that_cannot_be_used_is_refused_with_its_line(table: str | bytes, said: str) -> None:
    with pytest.raises(AreasError, match=said):
        read(table)


@given(st.lists(st.text(string.ascii_letters + " ü", min_size=1, max_size=20), min_size=1, max_size=30))
def test_whatever_the_names_every_area_has_a_code_of_its_own_inside_the_town(names: list[str]) -> None:
    names = [name.strip() for name in names if name.strip()]
    if not names:
        return
    areas = read("name\n" + "\n".join(names))

    codes = [area.code for area in areas]
    assert len(set(codes)) == len(codes) == len(names) + 2
    assert all(area.parent in codes for area in areas[1:])


# ── The pack ────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    monkeypatch.setenv("JIEBANG_HOME", str(tmp_path / "home"))
    (tmp_path / "areas.csv").write_text(TABLE, encoding="utf-8")
    return Home(tmp_path / "home")


def wanted(home: Home, **more: str) -> new_town.Wanted:
    words = {"name": "Ashford", "country": "GB", **more}
    return new_town.Wanted(areas=home.root.parent / "areas.csv", **words)


def test_a_british_town_gets_the_calendar_that_came_along(home: Home) -> None:
    new_town.init(wanted(home), home, today=TODAY)

    pack = packs.city("ashford")
    assert packs.calendar(pack).id == "england-and-wales"
    assert (pack.zone, pack.prefix, pack.packs) == ("Europe/London", "AS", ("ashford", "generic"))
    assert {file.mechanism for file in packs.mechanism_files(pack)} >= {"report", "complaint"}


def test_elsewhere_the_years_are_estimates_until_somebody_has_looked(home: Home) -> None:
    new_town.init(wanted(home, country="de", subdivision="BY"), home, today=TODAY)

    calendar = packs.calendar(packs.city("ashford"))
    assert [(year.year, year.status) for year in calendar.years] == [(y, "estimated") for y in (2026, 2027, 2028)]
    assert not calendar.is_working(date(2026, 1, 6))  # Epiphany, a holiday in Bavaria and not in Berlin


def test_no_file_has_a_chinese_character(home: Home) -> None:
    new_town.init(wanted(home, country="JP"), home, today=TODAY)

    for path in (home.root / "packs").rglob("*"):
        assert not path.is_file() or not HAN.search(path.read_text("utf-8")), path


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"country": "Britain"}, "no country's code"),
        ({"country": "US"}, "several time zones"),
        ({"zone": "Mars/Olympus"}, "no time zone of GB"),
        ({"country": "DE", "subdivision": "XX"}, "not known here"),
        ({"pack": "nothing"}, "No pack is called"),
        ({"pack": "leshan"}, "levels of areas"),
        ({"name": "乐"}, "can't be the town's id"),
        ({"id": "../../etc"}, "can't be the town's id"),
        ({"prefix": "a1"}, "can't begin the entries' numbers"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_written(home: Home, more: dict[str, str], said: str) -> None:
    with pytest.raises(DeskError, match=said):
        new_town.init(wanted(home, **more), home, today=TODAY)

    assert list(home.root.rglob("*.yaml")) == []


def test_what_is_there_is_not_written_over(home: Home) -> None:
    new_town.init(wanted(home), home, today=TODAY)
    with pytest.raises(DeskError, match="is there already"):
        new_town.init(wanted(home), home, today=TODAY)
    home.log.mkdir()
    with pytest.raises(DeskError, match="There is a city"):
        new_town.init(wanted(home, id="other"), home, today=TODAY)


@pytest.mark.fault
def test_the_town_opens_its_boards_without_a_word_of_chinese(tmp_path: Path) -> None:
    (tmp_path / "areas.csv").write_text(TABLE.replace("-1,215;52,918", ";"), encoding="utf-8")
    town = City()
    try:
        words = ["--name", "Ashford", "--country", "KE", "--areas", str(tmp_path / "areas.csv")]
        made = town.run("init", *words, "--origin", "log.ashford.example/board")
        assert made.returncode == 0, made.stderr
        town.start()

        for page in ("", "b/report/", "b/report/about", "raise/", "desk/", "verify"):
            status, text = town.get(page)
            assert status == 200, page
            assert not HAN.search(text), page
        assert town.get("b/report/map")[0] == 404
        assert "report/map" not in town.get("b/report/")[1]
        assert town.run("audit").returncode == 0
    finally:
        town.clear()

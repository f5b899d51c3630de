"""What a city's maps may show: read from its packs, and refused with the line to mend."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from jiebang.rulebook import maps, packs
from jiebang.rulebook.packs import PackError

SQUARE = {"type": "Polygon", "coordinates": [[[103.0, 29.0], [104.0, 29.0], [104.0, 30.0], [103.0, 29.0]]]}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    copy = tmp_path / "packs"
    shutil.copytree(packs.root(), copy)
    monkeypatch.setenv("JIEBANG_PACKS", str(copy))
    return copy


def add(path: Path, lines: str) -> None:
    path.write_text(path.read_text("utf-8") + lines, "utf-8")


def with_boundaries(folder: Path, lines: str, geometry: object = SQUARE) -> None:
    shapes = {"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {}, "geometry": geometry}]}
    (folder / "leshan" / "boundaries.geojson").write_text(json.dumps(shapes), "utf-8")
    add(folder / "leshan" / "map.yaml", "boundaries:\n  file: boundaries.geojson\n" + lines)


def test_a_city_joins_its_country_s_rows_with_its_own(folder: Path) -> None:
    rules = maps.rules_of("leshan")

    assert rules is not None
    assert (rules.coarse_m, rules.tiles_need_review) == (200, True)
    assert rules.datums == ("wgs84", "gcj02", "bd09")
    assert rules.bounds[0] < 103.76 < rules.bounds[2]
    assert rules.boundaries is None


def test_every_area_with_a_coordinate_lies_in_its_city_s_bounds() -> None:
    for city in ("leshan", "millbrook"):
        rules = maps.rules_of(city)
        assert rules is not None
        west, south, east, north = rules.bounds
        placed = [row for row in packs.areas(packs.city(city)) if row["lon"]]
        assert placed
        for row in placed:
            assert west <= float(row["lon"]) <= east and south <= float(row["lat"]) <= north, row


def test_a_city_without_the_file_has_no_map(folder: Path) -> None:
    (folder / "generic" / "map.yaml").unlink()

    assert maps.rules_of("millbrook") is None


def test_an_invented_town_draws_its_boundaries_and_says_why_it_may() -> None:
    rules = maps.rules_of("millbrook")

    assert rules is not None and rules.boundaries is not None
    assert len(rules.boundaries.rings) == 3
    assert not rules.boundaries.is_number
    assert "invented" in rules.boundaries.approval["en"]


def test_boundaries_without_approval_are_refused(folder: Path) -> None:
    with_boundaries(folder, "")

    with pytest.raises(PackError, match=r"no approval.*审图号"):
        maps.rules_of("leshan")


def test_boundaries_with_a_review_number_are_read_with_it(folder: Path) -> None:
    with_boundaries(folder, "  review-number: 川S【2026】00000号\n")

    rules = maps.rules_of("leshan")

    assert rules is not None and rules.boundaries is not None
    assert rules.boundaries.is_number
    assert rules.boundaries.approval["zh"] == "川S【2026】00000号"
    assert rules.boundaries.rings == (((103.0, 29.0), (104.0, 29.0), (104.0, 30.0), (103.0, 29.0)),)


@pytest.mark.parametrize(
    "geometry",
    [
        None,
        {"type": "Polygon"},
        {"type": "Polygon", "coordinates": [[[float("nan"), 29.0]]]},
        {"type": "Polygon", "coordinates": [[["103", "29"]]]},
        {"type": "Polygon", "coordinates": 7},
    ],
)
def test_boundaries_nobody_can_read_are_refused(folder: Path, geometry: object) -> None:
    with_boundaries(folder, "  review-number: X\n", geometry)

    with pytest.raises(PackError, match=r"boundaries\.geojson"):
        maps.rules_of("leshan")


@pytest.mark.parametrize(
    ("file", "old", "new", "says"),
    [
        ("china", "value: 200", "value: 0", "1 to 20000"),
        ("china", "value: 200", "value: fine", "1 to 20000"),
        ("china", "unit: m\n", "unit: km\n", "its unit m"),
        ("china", "  since: '2026-01-01'\n", "", "exactly value"),
        ("china", "[wgs84, gcj02, bd09]", "[gcj02]", "should list wgs84"),
        ("china", "required", "perhaps", "required or not-needed"),
        ("china", "grade: I", "grade: Z", "one of A, B, C, I"),
        ("leshan", "west: 102.2", "west: .nan", "no number of degrees"),
        ("leshan", "west: 102.2", "west: 109", "from west to east"),
        ("leshan", "bounds:", "bound:", "means nothing here"),
    ],
)
def test_a_slip_is_named_with_its_file(folder: Path, file: str, old: str, new: str, says: str) -> None:
    path = folder / file / "map.yaml"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")

    with pytest.raises(PackError, match=says) as refused:
        maps.rules_of("leshan")

    assert "map.yaml" in str(refused.value)

"""The closure audit says what the checker says: of each procedure as it stands, and of its mended version."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from jiebang.desk import closure_audit, closure_tables
from jiebang.desk.closure_audit import FOLDER, merged, procedure, procedures
from jiebang.desk.home import DeskError
from jiebang.engine import checker, parser
from jiebang.engine.canonical import canonical_bytes, program_to_json
from jiebang.engine.checker.certificate import certificate_of
from jiebang.engine.findings import MechanismError
from jiebang.rulebook import packs
from jiebang.verifier import prove

NAMES = closure_tables.names()


def stands(name: str) -> dict[str, Any]:
    return packs.read_yaml(FOLDER / name / "as-it-stands.yaml")


def test_nine_clauses_of_ten_can_be_said() -> None:
    every = procedures()

    assert sum(one.said for one in every) >= 0.9 * sum(len(one.clauses) for one in every)
    assert len(every) >= 12
    assert len({one.country for one in every}) >= 3


@pytest.mark.parametrize("name", NAMES)
def test_every_step_without_a_time_is_found_and_nothing_else(name: str) -> None:
    states = {key: state for key, state in stands(name)["states"].items() if "route" not in state}
    endless = {key for key, state in states.items() if not state.keys() & {"within", "lasts", "waits for"}}
    unfollowed = {key for key, state in states.items() if not state.keys() & {"else", "then"}} - endless

    found = {
        kind: {hole.state for hole in procedure(name).holes if hole.kind == kind} for kind in ("no-limit", "no-end")
    }

    assert found["no-limit"] >= endless
    assert found["no-end"] == unfollowed


@pytest.mark.parametrize("name", NAMES)
def test_as_it_stands_it_would_never_be_published(name: str) -> None:
    one = procedure(name)

    assert one.holes or one.findings


@pytest.mark.parametrize("name", NAMES)
def test_every_part_of_a_mend_is_needed(name: str) -> None:
    patch = packs.read_yaml(FOLDER / name / "mend.yaml")

    idle = [".".join(path) for path in _parts(patch) if _is_fine(merged(stands(name), _without(patch, path)))]

    assert idle == []


def _parts(patch: dict[str, Any], above: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The paths of what a patch changes; a limit, and whatever it adds whole, is one part."""
    for key, value in patch.items():
        whole = not isinstance(value, dict) or value.keys() & {"amount", "title", "route"} or above[:1] == ("fields",)
        if whole:
            yield (*above, key)
        else:
            yield from _parts(value, (*above, key))


def _without(patch: dict[str, Any], path: tuple[str, ...]) -> dict[str, Any]:
    key, *rest = path
    if not rest:
        return {name: value for name, value in patch.items() if name != key}
    return {**patch, key: _without(patch[key], tuple(rest))}


def _is_fine(data: dict[str, Any]) -> bool:
    try:
        report = checker.check(parser.parse(json.dumps(data)))
    except MechanismError:
        return False
    return not report.findings and report.bounds is not None


@pytest.mark.parametrize("name", NAMES)
def test_no_mend_adds_an_institution(name: str) -> None:
    patch = packs.read_yaml(FOLDER / name / "mend.yaml")

    assert set(patch.get("parties", {})) <= set(stands(name)["parties"])


@pytest.mark.parametrize("name", NAMES)
def test_every_number_of_a_text_names_where_it_stands(name: str) -> None:
    limits = [state.get("within") or state.get("lasts") for state in stands(name)["states"].values()]
    lengths = [length for limit in limits if limit for length in _lengths(limit)]

    assert [length for length in lengths if not (isinstance(length, dict) and length.get("source"))] == []


@pytest.mark.parametrize("name", NAMES)
def test_the_mended_version_is_proved_closed_by_the_program_that_shares_no_code_with_the_checker(name: str) -> None:
    one = procedure(name)
    calendar = packs.calendar(packs.city("leshan"))

    shown = prove.prove(*(json.loads(canonical_bytes(form)) for form in _forms(one.mended, calendar)))

    bounds = checker.check(one.mended, calendar=calendar).bounds
    assert bounds is not None and bounds.worst.calendar_days is not None
    assert shown["days"] <= bounds.worst.calendar_days


def _lengths(limit: Any) -> list[Any]:
    """The limit itself, or what stands behind each answer it depends on."""
    if isinstance(limit, dict) and "by" in limit:
        return [length for key, length in limit.items() if key != "by"]
    return [limit]


def _forms(program: Any, calendar: Any) -> tuple[Any, Any]:
    return program_to_json(program), certificate_of(program, calendar)


def test_a_clause_that_stands_nowhere_stops_the_audit(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for source in (FOLDER / NAMES[0]).iterdir():
        text = source.read_text(encoding="utf-8")
        (tmp_path / "lost").mkdir(exist_ok=True)
        (tmp_path / "lost" / source.name).write_text(text.replace("# c1", "#"), encoding="utf-8")
    monkeypatch.setattr(closure_audit, "FOLDER", tmp_path)

    with pytest.raises(DeskError, match="c1 stands nowhere"):
        procedure("lost")


@pytest.mark.parametrize(
    ("data", "patch", "result"),
    [
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
        ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
        ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
        ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
    ],
)
def test_a_patch_is_laid_over_as_rfc_7396_says(data: Any, patch: Any, result: Any) -> None:
    assert merged(data, patch) == result

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiebang.rulebook import packs
from jiebang.scoring.measures import CaseResult, DefinitionError, read, run_cases, share

FILES = sorted(packs.root().glob("*/scores/*.yaml"))
DEFINITIONS = [path for path in FILES if not path.name.endswith(".cases.yaml")]
A_RATE = {"title": {"en": "Solved"}, "of": {"yes": 100}, "over": ["struck"], "source": "a test"}


def results() -> list[CaseResult]:
    found = []
    for path in DEFINITIONS:
        cases = packs.read_yaml(path.with_suffix("").with_suffix(".cases.yaml"))["cases"]
        found += run_cases(read(packs.read_yaml(path)), cases)
    return found


@pytest.mark.parametrize("result", results(), ids=lambda one: f"{one.name['en']}: {one.figure}")
def test_every_case_of_the_packs_comes_out(result: CaseResult) -> None:
    assert result.found == result.expected


@pytest.mark.parametrize("path", DEFINITIONS, ids=lambda path: path.parent.parent.name)
def test_every_figure_stands_in_some_case(path: Path) -> None:
    cases = packs.read_yaml(path.with_suffix("").with_suffix(".cases.yaml"))["cases"]

    shown = {figure for case in cases for figure in case["give"]}

    assert shown == set(read(packs.read_yaml(path)).measures)


@given(st.integers(0, 10_000), st.integers(0, 10_000))
def test_a_rate_of_parts_lies_between_0_and_100(yes: int, more: int) -> None:
    definition = read({"scores": "x", "since": "2026-01-01", "window": "90 d", "figures": {"solved": A_RATE}})

    found = share(definition, "solved", {"yes": yes, "struck": yes + more})

    assert (found.value is None) == (yes + more == 0)
    assert found.value is None or 0 <= found.value <= 100


@pytest.mark.parametrize(
    "figures",
    [
        {"x": {"title": {"en": "X"}, "source": "a test"}},
        {"x": {**A_RATE, "mix": {"y": 100}}},
        {"x": {**A_RATE, "source": ""}},
        {"x": A_RATE, "m": {"title": {"en": "M"}, "mix": {"x": 99}, "source": "a test"}},
        {"m": {"title": {"en": "M"}, "mix": {"nothing": 100}, "source": "a test"}},
    ],
    ids=["neither", "both", "no source", "99 per cent", "unknown part"],
)
def test_a_definition_that_contradicts_itself_is_refused(figures: dict[str, object]) -> None:
    with pytest.raises(DefinitionError):
        read({"scores": "x", "since": "2026-01-01", "window": "90 d", "figures": figures})

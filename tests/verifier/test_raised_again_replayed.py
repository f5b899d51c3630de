"""Entries that raise a closed one again: accepted when that one had ended so, found when it had not."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from jiebang.engine.canonical import canonical_bytes
from jiebang.engine.findings import MechanismError
from jiebang.engine.parser import parse
from tests.engine import written
from tests.verifier import played
from tests.verifier.test_language import judged, source_of

STATES = {"open": {"held by": "office", "within": "5 wd", "else": "failed", "may": {"close": {"to": "explained"}}}}
CLAUSE = {"by": "anyone", "within": "30 d", "as": "raise", "with": {"what": "what"}}


def source(**more: object) -> played.Published:
    finals = {"explained": {"means": "explained", "raised again": {**CLAUSE, **more}}, "failed": "failed"}
    return source_of(written.text(STATES, finals=finals))


def two(board: played.Published, end: str) -> tuple[played.Played, played.Played]:
    """Return an entry that ended so, and one that raises it again."""
    first = next(one for n in range(1, 200) if (one := played.play(n, source=board)).events[-1].to_state == end)
    first.number = "LS-26-000001"
    second = played.play(900, source=board, start=first.events[-1].at)
    second.number = "LS-26-000002"
    second.events[0] = replace(second.events[0], again=first.number)
    return first, second


def told(board: played.Published, end: str, root: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    first, second = two(board, end)
    return judged(board, [data for entry in (first, second) for _, data in entry.leaves()], root, capsys)


def test_a_matter_raised_again_is_accepted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, text = told(source(), "explained", tmp_path, capsys)

    assert code == 0, text


def test_raising_again_what_ended_otherwise_is_found(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, text = told(source(), "failed", tmp_path, capsys)

    assert code == 1 and "✗ O1 " in text and "LS-26-000001" in text


def test_only_an_opening_raises_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    board = source()
    first, second = two(board, "explained")
    leaves = [json.loads(data) for entry in (first, second) for _, data in entry.leaves()]
    leaves[-1]["again"] = leaves[len(first.events)].pop("again")

    code, text = judged(board, [canonical_bytes(leaf) for leaf in leaves], tmp_path, capsys)

    assert code == 1 and "✗ O1 " in text


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"as": "nothing"}, "no opening “nothing”"),
        ({"by": "clock"}, "cannot raise it again"),
        ({"by": "nobody"}, "no party “nobody”"),
        ({"within": "soon"}, "no length of time"),
        ({"with": {"nothing": "what"}}, "no question “nothing”"),
        ({"with": {"what": "nothing"}}, "no question “nothing”"),
        ({"share": 10}, "no key “share”"),
    ],
)
def test_slips_are_named(more: dict[str, object], said: str) -> None:
    finals = {"explained": {"means": "explained", "raised again": {**CLAUSE, **more}}, "failed": "failed"}
    with pytest.raises(MechanismError) as caught:
        parse(written.text(STATES, finals=finals))

    assert any(said in finding.en for finding in caught.value.findings), caught.value

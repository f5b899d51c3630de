"""What no shipped board uses yet of the language: played, it is accepted, and a signed lie about it is found."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from jiebang.engine.canonical import canonical_bytes
from jiebang.engine.parser import parse
from jiebang.verifier import verify
from tests.engine import written
from tests.verifier import played

Leaf = dict[str, Any]


def source_of(text: str) -> played.Published:
    return played.Published(text.encode(), parse(text))


def judged(
    source: played.Published, leaves: Sequence[bytes], root: Path, capsys: pytest.CaptureFixture[str]
) -> tuple[int, str]:
    key = played.write(root, [played.first_leaf(), *played.publish(source), *leaves])
    return verify.main([str(root), "--key", key]), capsys.readouterr().out


def accepted(source: played.Published, root: Path, capsys: pytest.CaptureFixture[str], entries: int = 40) -> list[Leaf]:
    """Play entries, let the stranger's file replay them, and return their leaves."""
    leaves = played.ordered(played.play(n, source=source) for n in range(1, entries + 1))

    code, text = judged(source, leaves, root, capsys)

    assert code == 0, text
    return [json.loads(data) for data in leaves]


def found(
    source: played.Published, lie: Callable[[list[Leaf]], bool], root: Path, capsys: pytest.CaptureFixture[str]
) -> str:
    """Sign the first entry that `lie` can be told about, and return what the stranger's file says."""
    for number in range(1, 400):
        leaves = [json.loads(data) for _, data in played.play(number, source=source).leaves()]
        if lie(leaves):
            leaves[0]["number"] = "LS-26-000001"
            code, text = judged(source, [canonical_bytes(leaf) for leaf in leaves], root, capsys)
            assert code == 1, text
            return text
    raise AssertionError("Nothing to lie about was played.")


def of(leaves: Sequence[Leaf], move: str) -> Leaf | None:
    return next((leaf for leaf in leaves if leaf["move"] == move), None)


# ── Agreement, separations ──────────────────────────────────────────────────────────────────────────────────


def agreeing() -> played.Published:
    states = {
        "open": {
            "held by": "office",
            "within": "5 wd",
            "else": "failed",
            "may": {"order": {"to": {"solved is yes": "explained", "solved is no": "done"}, "ask": ["solved"],
                              "second": "1 wd", "at most": 2}},
        },
        "done": {"held by": "office", "within": "5 wd", "else": "failed", "may": {"accept": {"to": "explained"}}},
    }  # fmt: skip
    return source_of(written.text(states, separate=[["agree", "accept"], {"by unit": ["raise", "accept"]}]))


def test_agreements_and_separations_are_accepted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    moves = {leaf["move"] for leaf in accepted(agreeing(), tmp_path, capsys)}

    assert {"order", "agree", "disagree", "accept"} <= moves


@pytest.mark.parametrize(("first", "second"), [("order", "agree"), ("agree", "accept")])
def test_one_person_on_both_sides_is_found(
    first: str, second: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def lie(leaves: list[Leaf]) -> bool:
        one, other = of(leaves, first), of(leaves, second)
        if one is None or other is None:
            return False
        other["by"]["p"] = one["by"]["p"]
        return True

    assert "may not make this move as well" in found(agreeing(), lie, tmp_path, capsys)


# ── Numbers ─────────────────────────────────────────────────────────────────────────────────────────────────


def deciding_by_a_sum() -> played.Published:
    states = {
        "asked": {
            "held by": "office",
            "within": "5 wd",
            "else": "failed",
            "may": {"decide": {"ask": ["amount"], "to": {"amount is below 4": "explained",
                                                        "amount is at least 4": "checked"}}},
        },
        "checked": {"held by": "upper", "within": "5 wd", "else": "failed", "may": {"stop": {"to": "explained"}}},
    }  # fmt: skip
    return source_of(written.text(states, fields={"amount": {"type": "number", "most": 9}}))


def test_a_sum_that_went_past_whoever_should_have_looked_at_it_is_found(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ways = {leaf["to"] for leaf in accepted(deciding_by_a_sum(), tmp_path, capsys) if leaf["move"] == "decide"}

    def lie(leaves: list[Leaf]) -> bool:
        decided = of(leaves, "decide")
        if decided is None or decided["to"] != "checked":
            return False
        decided["to"] = "explained"
        decided.pop("due", None)
        del leaves[leaves.index(decided) + 1 :]
        return True

    assert ways == {"explained", "checked"}
    assert "E4" in found(deciding_by_a_sum(), lie, tmp_path, capsys)

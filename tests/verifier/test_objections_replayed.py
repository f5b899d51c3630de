"""Objections to a notice, played: the stranger's file accepts what the engine made of them, and finds lies."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.engine import written
from tests.verifier import played
from tests.verifier.test_language import Leaf, accepted, found, source_of

STATES = {
    "draft": {"held by": "office", "within": "5 wd", "else": "failed", "may": {"show": {"to": "shown"}}},
    "shown": {
        "lasts": "10 d",
        "then": "explained",
        "objections": {"by": "anyone", "ask": ["reason"], "answered by": ["office 3 d", "upper 5 d"],
                       "answer": ["reason"], "hold up": True, "else": "failed"},
        "may": {"correct": {"by": "office", "to": "draft", "at most": 1}},
    },
}  # fmt: skip


def noticing(log: str = "open") -> played.Published:
    return source_of(written.text(STATES, log=log))


@pytest.mark.parametrize("log", ["open", "coarse"])
def test_objections_are_accepted(log: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    leaves = accepted(noticing(log), tmp_path, capsys, entries=60)

    moves = {leaf["move"].partition(":")[0] for leaf in leaves}
    assert {"object", "answer", "pass", "unanswered", "clock"} <= moves
    assert all(("owed" in leaf) == (leaf["move"].partition(":")[0] in ("object", "pass")) for leaf in leaves)


def test_the_board_that_ships_with_them_is_accepted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    accepted(played.published("council"), tmp_path, capsys, entries=30)


def first(leaves: list[Leaf], verb: str) -> Leaf | None:
    return next((leaf for leaf in leaves if leaf["move"].partition(":")[0] == verb), None)


def changed(verb: str, **more: object) -> Callable[[list[Leaf]], bool]:
    def lie(leaves: list[Leaf]) -> bool:
        leaf = first(leaves, verb)
        if leaf is None:
            return False
        leaf.update({name: value(leaf[name]) if callable(value) else value for name, value in more.items()})
        for name in [name for name, value in leaf.items() if value is None]:
            del leaf[name]
        return True

    return lie


def twice_by_one(leaves: list[Leaf]) -> bool:
    objects = [leaf for leaf in leaves if leaf["move"] == "object"]
    between = {leaf["move"] for leaf in leaves if leaf["from" if "from" in leaf else "to"] == "shown"}
    if len(objects) < 2 or "correct" in between:
        return False
    objects[1]["by"] = objects[0]["by"]
    return True


def ended_although_open(leaves: list[Leaf]) -> bool:
    leaf = first(leaves, "unanswered")
    if leaf is None:
        return False
    leaf.update(move="clock", to="explained")
    return True


def said_unanswered(leaves: list[Leaf]) -> bool:
    leaf = leaves[-1]
    if leaf["move"] != "clock" or leaf.get("from") != "shown":
        return False
    leaf.update(move="unanswered", to="failed")
    return True


def by_the_other(leaves: list[Leaf]) -> bool:
    leaf = first(leaves, "answer")
    if leaf is None or leaf["by"]["party"] != "office":
        return False
    leaf["by"] = {**leaf["by"], "party": "upper"}
    return True


@pytest.mark.parametrize(
    ("lie", "rule"),
    [
        (changed("object", owed=None), "E6"),
        (changed("object", due=lambda due: due + 86_400_000), "E6"),
        (changed("answer", due=lambda due: due - 1), "E6"),
        (changed("answer", move="answer:99"), "E3"),
        (changed("pass", missed=None), "E4"),
        (changed("pass", owed=None), "E6"),
        (twice_by_one, "E5"),
        (ended_although_open, "E4"),
        (said_unanswered, "E4"),
        (by_the_other, "E5"),
    ],
)
def test_a_lie_about_objections_is_found(
    lie: Callable[[list[Leaf]], bool], rule: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert f"✗ {rule} " in found(noticing(), lie, tmp_path, capsys)

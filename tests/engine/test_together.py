"""O1: mechanisms that open entries on one another's boards."""

from __future__ import annotations

from typing import Any

import pytest

from jiebang.engine.bounds import bounds_of
from jiebang.engine.checker import Board, check_together, worst_days_together
from jiebang.engine.findings import Finding
from jiebang.engine.model import Program
from tests.engine import written
from tests.engine.calendars import china

FIELDS = {
    "items": {"type": "text", "many": 3, "most": 100},
    "grade": {"type": "choice", "choices": {"a": "A", "b": "B"}},
}


def task(*, opens: Any = None, opening: Any = None, within: str = "5 d", **fields: Any) -> Program:
    done = {"to": "explained", **({"opens": opens} if opens else {})}
    return written.program(
        {"given": {"held by": "office", "within": within, "else": "failed", "may": {"done": done}}},
        opening=opening or {"opened": {"by": "boards", "ask": ["what"], "to": "given"}},
        fields={**FIELDS, **fields},
        id="task",
    )


def matter(*, opens: Any, most: str = "30 d", id: str = "matter") -> Program:
    states = {
        "open": {"held by": "office", "within": "5 d", "else": "failed",
                 "may": {"order": {"to": "waiting", "ask": ["items", "grade"], "opens": opens}}},
        "waiting": {"waits for": {"all opened": None, "at most": most}, "then": "explained", "else": "failed"},
    }  # fmt: skip
    return written.program(states, fields=FIELDS, id=id, opening={
        "raise": {"by": "anyone", "ask": ["what"], "to": "open"},
        "opened": {"by": "boards", "ask": ["what?"], "to": "open"},
    })  # fmt: skip


def boards(*programs: Program) -> dict[str, Board]:
    return {one.id: Board(one, bounds_of(one, china())) for one in programs}


def found(program: Program, *others: Program) -> list[Finding]:
    return check_together(program, boards(program, *others), calendar=china())


GOOD = {"on": "task", "one for each": "items", "with": {"what": "item"}}


def test_what_fits_is_fine() -> None:
    assert found(matter(opens=GOOD), task()) == []


@pytest.mark.parametrize(
    ("opens", "other", "said"),
    [
        ("repair", {}, 'no mechanism "repair"'),
        ({**GOOD, "as": "begun"}, {}, 'no opening "begun" by another entry'),
        (GOOD, {"opening": {"opened": {"by": "anyone", "ask": ["what"], "to": "given"}}}, "by another entry"),
        ({"on": "task"}, {}, 'must answer "what"'),
        ({**GOOD, "with": {"what": "item", "title": "item"}}, {}, 'is not asked "title"'),
        ({**GOOD, "with": {"what": "number"}}, {}, "another kind of question"),
        (GOOD, {"what": {"type": "text", "most": 50}}, "another kind of question"),
        ({**GOOD, "with": {"what": "grade"}}, {}, "another kind of question"),
    ],
)
def test_what_cannot_be_opened_is_named(opens: Any, other: dict[str, Any], said: str) -> None:
    sentences = [finding.en for finding in found(matter(opens=opens), task(**other)) if finding.severity == "error"]

    assert any(said in sentence for sentence in sentences), sentences


def test_a_ring_of_boards_is_named_from_each_of_them() -> None:
    there = matter(opens=GOOD)
    back = task(opens={"on": "matter", "with": {}})

    for one, other in ((there, back), (back, there)):
        said = [finding.en for finding in found(one, other) if "ring" in finding.en]
        assert len(said) == 1
    assert any("matter → task → matter" in finding.en for finding in found(there, back))
    itself = task(opens={"on": "task", "with": {"what": "what"}})
    assert any("task → task" in finding.en for finding in found(itself))


def test_a_ring_of_others_is_not_ours() -> None:
    ring = [task(opens={"on": "matter"}), matter(opens=GOOD)]
    outside = matter(opens=GOOD, id="outside")

    assert not [finding for finding in found(outside, *ring) if "ring" in finding.en]


def test_waiting_shorter_than_what_is_waited_for_is_a_warning() -> None:
    short = found(matter(opens=GOOD, most="3 d"), task())

    assert [(finding.rule, finding.severity) for finding in short] == [("O1", "warning")]


def test_the_worst_cases_of_a_chain_of_boards_are_added() -> None:
    first, second = matter(opens=GOOD), task(within="9 d")
    known = boards(first, second)
    alone = [known[one].bounds.worst.calendar_days for one in ("matter", "task")]  # type: ignore[union-attr]  # both have

    together = worst_days_together(first, known)

    assert None not in alone
    assert together == sum(day for day in alone if day)
    assert worst_days_together(second, known) == alone[1]
    assert worst_days_together(first, boards(first)) is None

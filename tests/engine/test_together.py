"""O1: mechanisms that open entries on one another's boards."""

from __future__ import annotations

from typing import Any

import pytest

from jiebang.engine.bounds import bounds_of
from jiebang.engine.checker import Board, check_together, worst_days_together
from jiebang.engine.findings import Finding, MechanismError
from jiebang.engine.linked import is_drawn
from jiebang.engine.model import Program
from jiebang.engine.plain import explain
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


# ── Rechecks ────────────────────────────────────────────────────────────────────────────────────────────────


def rechecked(**said: Any) -> Program:
    """A matter of which some are looked at again."""
    states = {"open": {"held by": "office", "within": "5 d", "else": "failed", "may": {"end": {"to": "explained"}}}}
    again = {"share": 10, "after": "30 d", "opens": {"on": "task", "with": {"what": "what"}}, **said}
    finals = {"explained": {"means": "explained", "recheck": again}, "failed": "failed"}
    return written.program(states, finals=finals, id="matter")


def test_a_recheck_opens_what_can_be_opened_and_lengthens_the_whole() -> None:
    known = boards(rechecked(), task())
    alone = [known[one].bounds.worst.calendar_days for one in ("matter", "task")]  # type: ignore[union-attr]  # both have

    assert check_together(rechecked(), known, calendar=china()) == []
    together = worst_days_together(rechecked(), known, china())
    assert together is not None and together >= sum(day for day in alone if day) + 30
    missing = check_together(rechecked(opens="task"), known, calendar=china())
    assert any('must answer "what"' in finding.en for finding in missing)


def test_a_recheck_is_said_and_drawn_by_the_leaf() -> None:
    said = explain(rechecked(), "en", boards={"task": {"en": "Tasks"}})

    assert "10 % are looked at again after 30 days, as entries on “Tasks”" in said
    drawn = [is_drawn(10, n.to_bytes(4, "big")) for n in range(5000)]
    assert 400 < sum(drawn) < 600
    assert all(is_drawn(100, n.to_bytes(4, "big")) for n in range(100))


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"share": 0}, "from 1 to 100"),
        ({"after": "soon"}, "no length of time"),
        ({"opens": {"on": "task", "one for each": "items"}}, "A recheck opens one entry"),
        ({"when": "always"}, "no key “when”"),
    ],
)
def test_slips_in_a_recheck_are_named(said: dict[str, Any], sentence: str) -> None:
    with pytest.raises(MechanismError) as caught:
        rechecked(**said)

    assert any(sentence in finding.en for finding in caught.value.findings), caught.value

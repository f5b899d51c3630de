"""Whether a condition holds, given answers. Conditions read public, logged answers only, so anyone can replay them."""

from __future__ import annotations

from collections.abc import Mapping

from jiebang.engine.model import Condition, Field, Json, Program, Test


def holds(condition: Condition, answers: Mapping[str, Json], program: Program) -> bool:
    """Whether all tests of `condition` hold. Duties are the lifecycle's business: they are not answers."""
    return all(passes(test, answers, program.fields) for test in condition.tests)


def passes(test: Test, answers: Mapping[str, Json], fields: Mapping[str, Field]) -> bool:
    """One comparison. An answer that was never given is among no values, carries no mark and is no number."""
    answer = answers.get(test.field)
    if test.constants:
        found = type(answer) is int and _lies(answer, test)
    elif test.mark is None:
        found = isinstance(answer, str) and answer in test.values
    else:
        found = _has_mark(answer, test.mark, fields.get(test.field))
    return found != test.negated


def _lies(answer: int, test: Test) -> bool:
    return (test.at_least is None or answer >= test.at_least) and (test.below is None or answer < test.below)


def _has_mark(answer: Json, mark: str, asked: Field | None) -> bool:
    return asked is not None and any(choice.id == answer and mark in choice.marks for choice in asked.choices)

"""Whether a condition holds, given answers. Conditions read public, logged answers only, so anyone can replay them."""

from __future__ import annotations

from collections.abc import Mapping

from jiebang.engine.model import Condition, Json, Program, Test


def holds(condition: Condition, answers: Mapping[str, Json], program: Program) -> bool:
    """Whether all tests of `condition` hold. Duties are the lifecycle's business: they are not answers."""
    return all(passes(test, answers, program) for test in condition.tests)


def passes(test: Test, answers: Mapping[str, Json], program: Program) -> bool:
    """One comparison. An answer that was never given is among no values and carries no mark."""
    answer = answers.get(test.field)
    if test.mark is None:
        found = isinstance(answer, str) and answer in test.values
    else:
        found = _has_mark(answer, test.mark, test.field, program)
    return found != test.negated


def _has_mark(answer: Json, mark: str, field: str, program: Program) -> bool:
    asked = program.fields.get(field)
    return asked is not None and any(choice.id == answer and mark in choice.marks for choice in asked.choices)

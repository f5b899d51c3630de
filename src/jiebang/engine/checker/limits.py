"""D1 for limits that depend on an answer: one length for every answer, and the answer is there."""

from __future__ import annotations

from collections.abc import Iterator

from jiebang.engine.checker.case import Case
from jiebang.engine.graph import reached_unasked
from jiebang.engine.model import Field, Limit, State
from jiebang.engine.wording import answers_of


def check_limits_by_answer(case: Case) -> None:
    for state in case.program.states.values():
        limit = state.limit
        asked = case.program.fields.get(limit.by)
        if limit.by and asked is not None:
            _one_length_each(case, state, limit, asked)
            if limit.amount is None and state.name in reached_unasked(case.graph, limit.by):
                _not_always_answered(case, state, limit, asked)


def _one_length_each(case: Case, state: State, limit: Limit, asked: Field) -> None:
    known = answers_of(asked) or ()
    for zh, en in _faults(limit, known):
        case.say(
            "D1",
            f"states.{state.name}.{limit.kind}",
            f"“{state.name}”的时限要看“{asked.name}”，{zh}。",
            f'The limit of "{state.name}" depends on "{asked.name}": {en}.',
            "请让每个答案都有且只有一个时限，其余的写 else。",
            "Give each answer one length; the others stand behind `else`.",
        )


def _faults(limit: Limit, known: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    given = [value for one in limit.cases for value in one.values]
    for value in dict.fromkeys(given):
        if value not in known:
            yield f"而“{value}”不是它的答案", f'"{value}" is none of its answers'
        elif given.count(value) > 1:
            yield f"而“{value}”有两个时限", f'"{value}" has two lengths'
    missing = [value for value in known if value not in given]
    if limit.amount is None and (missing or not known):
        zh, en = "、".join(missing) or "…", ", ".join(missing) or "…"
        yield f"而“{zh}”没有时限", f'"{en}" has none'


def _not_always_answered(case: Case, state: State, limit: Limit, asked: Field) -> None:
    case.say(
        "D1",
        f"states.{state.name}.{limit.kind}",
        f"“{state.name}”的时限要看“{asked.name}”，但有的来路没有问过；那时按最长的算。",
        f'The limit of "{state.name}" depends on "{asked.name}", but some ways in come without it; there the longest '
        "counts.",
        "请在每条来路上都问它，或写 else。",
        "Ask it on every way in, or write `else`.",
        "warning",
    )

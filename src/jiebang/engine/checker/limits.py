"""D1 for limits that depend on an answer: one length for every answer, and the answer is there. L1 for seasons."""

from __future__ import annotations

from collections.abc import Iterator

from jiebang.engine.checker.case import Case, amount_en, amount_zh
from jiebang.engine.graph import reached_unasked
from jiebang.engine.lengths import fit
from jiebang.engine.model import Field, Limit, State
from jiebang.engine.wording import answers_of


def check_limits_by_answer(case: Case) -> None:
    for state in case.program.states.values():
        limit = state.limit
        asked = case.program.fields.get(limit.by)
        if limit.by and asked is not None:
            _one_length_each(case, state, limit, asked)
            if limit.plain is None and state.name in reached_unasked(case.graph, limit.by):
                _not_always_answered(case, state, limit, asked)


def check_seasons(case: Case) -> None:
    """L1: a season shortens, from whatever moment both begin."""
    for state in case.program.states.values():
        for season in state.limit.during:
            for length in state.limit.lengths:
                if not fit(season.amount, length, case.calendar).holds:
                    case.say(
                        "L1",
                        f"states.{state.name}.{state.limit.kind}",
                        f"“{state.name}”在“{season.season}”期间的时限（{amount_zh(season.amount)}）可能比平时"
                        f"（{amount_zh(length)}）晚。",
                        f'In "{season.season}" the limit of "{state.name}" ({amount_en(season.amount)}) may end later '
                        f"than outside it ({amount_en(length)}).",
                        "季节只能缩短时限，请改短。",
                        "A season only shortens: make it shorter.",
                    )


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
    if limit.plain is None and (missing or not known):
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

"""Judging hostile texts: refused with a sentence, in bounded time and memory, whatever they say."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import pytest

from jiebang.rulebook import packs, proving
from jiebang.rulebook.judging import Law, judge

PATIENCE_S = 20.0  # on a machine that does other things as well; each takes less than a second on a quiet one


@pytest.fixture(scope="module")
def law() -> Law:
    pack = packs.city("millbrook")
    return Law(packs.categories(pack), packs.policies(pack), packs.calendar(pack))


@pytest.fixture(scope="module")
def report() -> str:
    return Path(packs.root() / "generic/mechanisms/report/2026-01-01.yaml").read_text("utf-8")


def state(n: int, to: str) -> str:
    may = f"m{n}: {{to: {to}, title: M}}"
    limit = "within: {amount: 1 wd, source: x}"
    return f"  s{n}: {{title: S{n}, held by: front-desk, {limit}, else: {to}, may: {{{may}}}}}\n"


def test_a_thousand_states_are_refused_before_they_are_checked(law: Law, report: str) -> None:
    many = "".join(state(n, f"s{n + 1}") for n in range(1000)) + state(1000, "raised")
    began = time.monotonic()

    judged = judge(report.replace("states:\n", f"states:\n{many}", 1), law)

    assert [finding.rule for finding in judged.errors] == ["F1"]
    assert not judged.ok
    assert time.monotonic() - began < PATIENCE_S


def test_a_guard_over_forty_questions_is_answered(law: Law, report: str) -> None:
    questions = "".join(f"  q{n}: {{type: yes-no, title: Q}}\n" for n in range(40))
    guard = " and ".join(f"q{n}" for n in range(40))
    text = report.replace("fields:\n", f"fields:\n{questions}", 1).replace(
        "      post: ", f"      odd: {{to: posted, title: Odd, if: {guard}}}\n      post: ", 1
    )
    began = time.monotonic()

    judged = judge(text, law)

    assert judged.errors
    assert time.monotonic() - began < PATIENCE_S


STEP = "{at: 2026-03-02 09:00, who: ann, does: nothing, refused: no-such-opening}"


@pytest.mark.parametrize(
    ("stories", "said"),
    [
        ("".join(f"  a{n}: {{continues: a{n - 1}, steps: [{STEP}]}}\n" for n in range(1, 1500)), "continue one"),
        (f"  a: {{steps: [{', '.join([STEP] * 700)}]}}\n"
         + "".join(f"  b{n}: {{continues: a, steps: [{STEP}]}}\n" for n in range(300)), "more than 10000 steps"),
        (f"  a: {{continues: a, steps: [{STEP}]}}\n", "There is no story"),
    ],
    ids=["a long chain", "one long story continued by many", "a ring"],
)  # fmt: skip
def test_stories_without_end_are_cut_short(law: Law, report: str, stories: str, said: str) -> None:
    head = "place: {ward: a, district: b, town: c}\npeople: {ann: {}}\nstories:\n"
    began = time.monotonic()

    judged = judge(report, law, stories=head + stories)

    assert any(said in finding.en for finding in judged.errors), [finding.en[:200] for finding in judged.errors][:3]
    assert time.monotonic() - began < PATIENCE_S


def test_a_version_that_the_independent_program_does_not_believe_is_refused(report: str, law: Law) -> None:
    program = judge(report, law).program
    assert program is not None
    unverified = {
        name: replace(state, moves={move: replace(one, verifies=False) for move, one in state.moves.items()})
        for name, state in program.states.items()
    }

    fine = [*proving.findings(program, law.calendar, filename="")]
    found = [*proving.findings(replace(program, states=unverified), law.calendar, filename="")]

    assert not fine
    assert [finding.rule for finding in found] == ["C1"]
    assert found[0].severity == "error"

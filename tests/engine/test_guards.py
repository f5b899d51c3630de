"""G and S4 against brute force: every number is tried, every choice, and every entry such answers lead to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiebang.engine.checker import check
from jiebang.engine.checker.case import Case
from jiebang.engine.checker.conditions import check_conditions
from jiebang.engine.findings import MechanismError
from jiebang.engine.graph import graph_of
from jiebang.engine.lengths import fit, starts_of
from jiebang.engine.model import Ask, Branch, Choice, Condition, Duty, Field, Json, Move, Program
from jiebang.engine.model import Test as Comparison
from jiebang.engine.parser import parse
from jiebang.engine.wording import cells
from jiebang.engine.worktime import CalendarEnds, due
from tests.engine import written
from tests.engine.builders import amount, loop, move, program, state
from tests.engine.calendars import china

MOST = 6
FIELDS = {
    "urgent": Field("urgent", "yes-no", {"en": "urgent"}, logged=True),
    "grade": Field(
        "grade",
        "choice",
        {"en": "grade"},
        choices=(Choice("low", {}), Choice("mid", {}, ("hung",)), Choice("high", {}, ("hung",))),
        logged=True,
    ),
    "amount": Field("amount", "number", {"en": "amount"}, logged=True, most=MOST),
}
EVERY: Mapping[str, tuple[Json, ...]] = {
    "urgent": ("yes", "no"),
    "grade": ("low", "mid", "high"),
    "amount": tuple(range(MOST + 1)),
}

# ── An oracle that knows nothing of kinds or cells ──────────────────────────────────────────────────────────


def passes(test: Comparison, answers: Mapping[str, Json]) -> bool:
    value = answers.get(test.field)
    if test.at_least is not None:
        return isinstance(value, int) and value >= test.at_least
    if test.below is not None:
        return isinstance(value, int) and value < test.below
    if test.mark is not None:
        return (value in ("mid", "high")) != test.negated
    return (value in test.values) != test.negated


def true(condition: Condition, answers: Mapping[str, Json]) -> bool:
    return all(passes(test, answers) for test in condition.tests)


def told(asks: tuple[Ask, ...], known: dict[str, Json]) -> Iterator[dict[str, Json]]:
    if not asks:
        yield known
        return
    ask, rest = asks[0], asks[1:]
    if not true(ask.when, known):
        yield from told(rest, known)
        return
    for value in EVERY[ask.field]:
        yield from told(rest, {**known, ask.field: value})
    if ask.optional:
        yield from told(rest, known)


def makings(one: Move, held: Mapping[str, Json]) -> list[dict[str, Json]]:
    own = {ask.field for ask in one.ask}
    return [
        answers
        for answers in told(one.ask, {name: value for name, value in held.items() if name not in own})
        if true(one.when, answers)
    ]


def entries(tried: Program) -> dict[str, list[dict[str, Json]]]:
    """State → every combination of answers an entry can have there."""
    found: dict[str, list[dict[str, Json]]] = {}
    waiting: list[tuple[str, dict[str, Json]]] = []

    def arrive(to: str, answers: dict[str, Json]) -> None:
        if to in tried.states and answers not in found.setdefault(to, []):
            found[to].append(answers)
            waiting.append((to, answers))

    for opening in tried.openings.values():
        for answers in makings(opening, {}):
            arrive(opening.to[0].to, answers)
    while waiting:
        name, held = waiting.pop()
        arrive(tried.states[name].clock_to, held)
        for one in tried.states[name].moves.values():
            for answers in makings(one, held):
                to = next((branch.to for branch in one.to if true(branch.when, answers)), None)
                if to is not None:
                    arrive(to, answers)
    return found


def led_to(tried: Program) -> set[str]:
    """The states that ways lead to, whatever the answers."""
    found = {opening.to[0].to for opening in tried.openings.values()}
    for name, here in tried.states.items():  # every way leads onward here
        if name in found:
            found |= {here.clock_to, *(branch.to for one in here.moves.values() for branch in one.to)}
    return found


def wrongs(tried: Program) -> set[tuple[str, str]]:
    """Rule and place of each thing that is wrong, by trying everything."""
    found: set[tuple[str, str]] = set()
    met = entries(tried)
    for name, here in tried.states.items():
        if name not in met:
            if name in led_to(tried):
                found.add(("S4", f"states.{name}"))
            continue
        for one in here.moves.values():
            at = f"states.{name}.may.{one.name}"
            ways = [
                [b.to for b in one.to if true(b.when, answers)] for held in met[name] for answers in makings(one, held)
            ]
            if not ways:
                found.add(("S4", at))
            else:
                found |= {("S4", at) for b in one.to if not any(way and way[0] == b.to for way in ways)}
                found |= {("G1", at) for way in ways if not way}
                found |= {("G2", at) for way in ways if len(set(way)) > 1}
        if any(all(not makings(one, held) for one in here.moves.values()) for held in met[name]):
            found.add(("G1", f"states.{name}"))
    return found


def findings(tried: Program) -> set[tuple[str, str]]:
    places = [f"states.{name}" for name in tried.states]
    places += [f"states.{name}.may.{one}" for name, here in tried.states.items() for one in here.moves]
    case = Case(tried, graph_of(tried), None, {place: n for n, place in enumerate(places, 1)}, "")
    check_conditions(case)
    return {(finding.rule, places[finding.line - 1]) for finding in case.found if finding.line}


# ── Random mechanisms ───────────────────────────────────────────────────────────────────────────────────────


@st.composite
def comparisons(draw: st.DrawFn) -> Comparison:
    field = draw(st.sampled_from([*FIELDS]))
    if field == "amount":
        constant = draw(st.integers(1, MOST))
        return Comparison(field, at_least=constant) if draw(st.booleans()) else Comparison(field, below=constant)
    if field == "grade" and draw(st.booleans()):
        return Comparison(field, mark="hung", negated=draw(st.booleans()))
    values = draw(st.sets(st.sampled_from(EVERY[field]), min_size=1, max_size=2))
    return Comparison(field, tuple(sorted(map(str, values))), draw(st.booleans()))


@st.composite
def conditions(draw: st.DrawFn, *, most: int = 2) -> Condition:
    return Condition(tuple(draw(st.lists(comparisons(), max_size=most))))


@st.composite
def asks(draw: st.DrawFn) -> tuple[Ask, ...]:
    names = draw(st.lists(st.sampled_from([*FIELDS]), unique=True, max_size=2))
    return tuple(Ask(name, draw(st.booleans()), draw(conditions(most=1)) if i else Condition())
                 for i, name in enumerate(names))  # fmt: skip


@st.composite
def mechanisms(draw: st.DrawFn) -> Program:
    """States whose clocks and moves lead onward, so that nothing but conditions can be wrong."""
    n = draw(st.integers(1, 3))
    names = [*(f"s{i}" for i in range(n)), "failed"]
    states = []
    for i in range(n):
        onward = names[i + 1 :]
        moves = []
        for k in range(draw(st.integers(1, 3))):
            ways = draw(st.lists(conditions(), min_size=1, max_size=2))
            ends = st.sampled_from([*onward, "explained", "struck"])
            targets = draw(st.lists(ends, min_size=2, max_size=2, unique=True))
            branches = tuple(Branch(when, to) for when, to in zip(ways, targets, strict=False))
            if len(branches) == 2 and not branches[0].when.tests:
                branches = branches[:1]
            if len(branches) == 2 and not branches[1].when.tests:
                branches = (branches[0], Branch(draw(conditions(most=1)), branches[1].to))
            moves.append(replace(move(f"m{k}", "failed"), to=branches, ask=draw(asks()), when=draw(conditions())))
        states.append(state(f"s{i}", "office", "1 wd", draw(st.sampled_from(onward)), *moves))
    made = program(*states, fields=FIELDS)
    return replace(made, openings={"raise": replace(made.openings["raise"], ask=draw(asks()))})


def else_aside(tried: Program, found: set[tuple[str, str]]) -> set[tuple[str, str]]:
    """A last way without a condition is `else`: it overlaps nothing."""
    other = {
        f"states.{name}.may.{one.name}"
        for name, here in tried.states.items()
        for one in here.moves.values()
        if len(one.to) > 1 and not one.to[-1].when.tests
    }
    return {(rule, at) for rule, at in found if rule != "G2" or at not in other}


@given(mechanisms())
def test_conditions_are_judged_as_trying_everything_judges_them(tried: Program) -> None:
    warned = {("S4", at) for rule, at in findings(tried) if rule == "S4"}  # a question never asked is only a remark

    found = {finding for finding in findings(tried) if finding[0] in ("G1", "G2")}
    expected = else_aside(tried, wrongs(tried))

    assert found == {wrong for wrong in expected if wrong[0] != "S4"}
    assert {wrong for wrong in expected if wrong[0] == "S4"} <= warned


@given(st.integers(1, 40), st.lists(st.integers(0, 40), max_size=4), st.data())
def test_cells_tell_apart_whatever_a_comparison_tells_apart(
    most: int, constants: list[int], data: st.DataObject
) -> None:
    number = data.draw(st.integers(0, most))

    same = [
        cell for cell in cells(most, constants)
        if all((cell >= c) == (number >= c) and (cell < c) == (number < c) for c in constants)
    ]  # fmt: skip

    assert same


# ── Numbers in conditions ───────────────────────────────────────────────────────────────────────────────────

AMOUNT = {"amount": {"type": "number", "most": 100_000}}


def deciding(ways: Mapping[str, str]) -> str:
    return written.text(
        {
            "asked": {
                "held by": "office", "within": "3 wd", "else": "failed",
                "may": {"decide": {"ask": ["amount"], "to": dict(ways)}},
            },
            "checked": {
                "held by": "upper", "within": "3 wd", "else": "failed",
                "may": {"pass": {"to": "struck", "verifies": "officer"}, "stop": {"to": "explained"}},
            },
        },
        fields=AMOUNT,
    )  # fmt: skip


def test_a_sum_decides_who_has_to_look_at_it() -> None:
    tried = parse(deciding({"amount is below 50000": "explained", "amount is at least 50000": "checked"}))

    assert check(tried).errors == ()


@pytest.mark.parametrize(
    ("ways", "rule", "shown"),
    [
        ({"amount is below 50000": "explained", "amount is above 50000": "checked"}, "G4", "50000"),
        ({"amount is at most 50000": "explained", "amount is at least 50000": "checked"}, "G2", "50000"),
        ({"amount is below 50000": "explained", "amount is at least 200000": "checked"}, "F5", "200000"),
        ({"amount is below 0": "explained", "amount is at least 1": "checked"}, "F5", "0"),
        ({"what is below 5": "explained", "amount is at least 1": "checked"}, "F5", "what"),
    ],
)
def test_a_gap_or_an_overlap_of_one_is_found(ways: Mapping[str, str], rule: str, shown: str) -> None:
    with pytest.raises(MechanismError) as refused:
        parse(deciding(ways))

    found = next(finding for finding in refused.value.findings if finding.rule == rule)
    assert shown in found.en and shown in found.zh


# ── Duties ──────────────────────────────────────────────────────────────────────────────────────────────────


def with_duty(limit: str, duty: str, *, of: str = "unit", gated: bool = False, more: bool = True) -> Program:
    base = loop()
    done = move("post", "posted", when="")
    if gated:
        done = replace(done, when=Condition(duties_done=True))
    first = state("raised", "office", limit, "upstairs", done, *([move("drop", "explained")] if more else []))
    owed = Duty("opinion", {"en": "opinion"}, of, limit=amount(duty), source="test")
    return replace(base, states={**base.states, "raised": replace(first, duties={"opinion": owed})})


@pytest.mark.parametrize(("limit", "duty", "fits"), [
    ("5 wd", "5 wd", True), ("5 wd", "6 wd", False), ("5 wd", "5 d", False), ("15 wd", "5 d", True),
    ("10 d", "5 wd", False), ("20 d", "5 wd", True), ("1 wd", "20 h", False), ("2 wd", "20 h", True),
])  # fmt: skip
def test_a_duty_ends_before_its_state_from_whatever_day(limit: str, duty: str, fits: bool) -> None:
    report = check(with_duty(limit, duty), calendar=china())

    assert ("O2" in {finding.rule for finding in report.errors}) != fits


@given(st.sampled_from(["1 wd", "3 wd", "2 d", "6 d", "20 h", "50 h", "4 wh", "10 wh", "90 min"]),
       st.sampled_from(["1 wd", "3 wd", "2 d", "6 d", "20 h", "50 h", "4 wh", "10 wh", "90 min"]),
       st.integers(0, 1700 * 24 * 60))  # fmt: skip
def test_no_moment_breaks_a_fit(first: str, second: str, minutes: int) -> None:
    calendar = china()
    begun = next(starts_of(calendar, "wd")) + timedelta(minutes=minutes)
    if not fit(amount(first), amount(second), calendar).holds:
        return
    try:
        ends = [due(begun, amount(words), calendar).moment for words in (first, second)]
    except CalendarEnds:
        return

    assert ends[0] <= ends[1]


def test_waiting_for_the_duties_of_others_is_no_way_out() -> None:
    stuck = check(with_duty("5 wd", "1 wd", gated=True, more=False))
    fine = check(with_duty("5 wd", "1 wd", gated=True, more=True))
    own = check(with_duty("5 wd", "1 wd", of="office", gated=True, more=False))

    assert [finding.rule for finding in stuck.errors] == ["O3"]
    assert not fine.errors and not own.errors

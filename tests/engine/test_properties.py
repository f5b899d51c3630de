"""Nobody can keep an entry open longer than the published worst case, and no broken mechanism passes.

Random mechanisms that pass the checker are played by random adversaries: they wait until the last millisecond, send
back whatever can be sent back, stay silent, or act at once. `make test-long` does it 20,000 times.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from jiebang.engine import Facts, Program
from jiebang.engine.bounds import Bounds, bounds_of
from jiebang.engine.checker import check
from jiebang.engine.findings import MechanismError
from jiebang.engine.model import Amount, Extension, Limit, LimitCase, Move, Route, Span, State
from jiebang.engine.places import lines_of
from tests.engine.builders import FINALS, loop, move, program, route, state
from tests.engine.calendars import china
from tests.engine.player import MS, clock, opened, ways_on
from tests.engine.shipped import compiled, residents, residents_text

FIRST = datetime(2022, 1, 1, tzinfo=UTC)
LIMITS = ("1 wd", "2 wd", "5 wd", "15 wd", "1 d", "10 d", "30 d", "2 h", "30 h", "20 min", "4 wh", "20 wh")


# ── Random mechanisms ───────────────────────────────────────────────────────────────────────────────────────


@st.composite
def mechanisms(draw: st.DrawFn) -> Program:
    """States in a row: clocks lead on, moves lead anywhere, those that lead back have laps."""
    n = draw(st.integers(1, 6))
    names = [f"s{i}" for i in range(n)]
    routes: list[Route] = []
    states: list[State] = []
    for i, name in enumerate(names):
        onward = [*names[i + 1 :], "failed"]
        moves: list[Move] = [move("on", draw(st.sampled_from(onward)))]
        for k in range(draw(st.integers(0, 2))):
            moves.append(_extra_move(draw, f"m{k}", names, onward, routes))
        lasts = draw(st.booleans()) and draw(st.booleans())
        made = state(
            name,
            "" if lasts else draw(st.sampled_from(["office", "upper"])),
            draw(st.sampled_from(LIMITS)),
            draw(st.sampled_from(onward)),
            *moves,
            until="promised-date" if not lasts and draw(st.integers(0, 4)) == 0 else None,
            lasts=lasts,
        )
        made = made if lasts else _with_holder(made)
        since = draw(st.sampled_from([None, None, None, "raised", "on", "m0"]))
        if since == "raised" or (since is not None and any(since in one.moves for one in states)):
            made = replace(made, limit=replace(made.limit, since=since))
        if made.limit.until is None and draw(st.integers(0, 3)) == 0:
            made = replace(made, limit=_by_answer(draw, made.limit))
        states.append(made)
    spans = ()
    if draw(st.booleans()):
        begins = draw(st.sampled_from(["raised", "on", "m0"]))
        if begins == "raised" or any(begins in one.moves for one in states):
            length = draw(st.sampled_from(["3 wd", "9 d", "40 h"]))
            goal, then = draw(st.sampled_from([*names, "explained"])), draw(st.sampled_from([*names, "failed"]))
            spans = (Span("term", begins, goal, _amount(length), then),)
    return program(*states, routes=routes, spans=spans)


def _extra_move(draw: st.DrawFn, name: str, names: list[str], onward: list[str], routes: list[Route]) -> Move:
    target = draw(st.sampled_from([*names, "explained"]))
    how = draw(st.sampled_from(["laps", "laps then", "route", "answers"]))
    laps = draw(st.integers(1, 3))
    if target in onward or target == "explained":
        return move(name, target)
    if how == "laps":
        return move(name, target, at_most=laps)
    if how == "laps then":
        return move(name, target, at_most=laps, then=draw(st.sampled_from(onward)))
    if how == "answers":
        other = draw(st.sampled_from(onward))
        return move(name, {"solved is yes": target, "solved is no": other}, ask=("solved",), at_most=laps)
    routes.append(route(f"r{len(routes)}", laps, target, draw(st.sampled_from(onward))))
    return move(name, routes[-1].name)


def _by_answer(draw: st.DrawFn, limit: Limit) -> Limit:
    cases = tuple(LimitCase((value,), _amount(draw(st.sampled_from(LIMITS)))) for value in ("yes", "no"))
    return replace(limit, by="solved", cases=cases[: draw(st.integers(1, 2))])


def _with_holder(made: State) -> State:
    """The holder can move, and what a state waits for is asked on the way in: the opening asks it."""
    on = made.moves["on"]
    return replace(made, moves={**made.moves, "on": Move(on.name, on.title, (made.holder, "office"), on.to)})


def _amount(text: str) -> Amount:
    n, unit = text.split()
    return Amount(int(n), unit)  # type: ignore[arg-type]  # one of LIMITS


# ── The bound ───────────────────────────────────────────────────────────────────────────────────────────────


def played(program: Program, start: datetime, dice: random.Random) -> Facts:
    """One entry from its opening to a final, against us."""
    calendar = china()
    facts = opened(program, at=start, calendar=calendar)
    patience = dice.choice([0.1, 0.5, 0.9])
    for _ in range(2_000):
        if facts.due is None:
            return facts
        at = facts.due - MS
        if dice.random() < 0.2:
            at = facts.last_at + (facts.due - facts.last_at) * dice.random()
        if at > facts.last_at and dice.random() > patience:
            ways = list(ways_on(program, facts, at=at, calendar=calendar))
            if ways:
                facts = dice.choice(ways)
                continue
        facts = clock(program, facts, calendar=calendar)
    raise AssertionError("The entry never ends.")


def within(facts: Facts, bounds: Bounds) -> bool:
    assert bounds.worst.calendar_days is not None
    return facts.last_at - facts.raised_at <= timedelta(days=bounds.worst.calendar_days)


@given(mechanisms(), st.integers(0, 3 * 365 * 24 * 60), st.integers(0, 2**32))
def test_no_run_lasts_longer_than_the_worst_case(mechanism: Program, minutes: int, seed: int) -> None:
    report = check(mechanism, calendar=china())
    if report.bounds is None:
        # Only what the generator cannot rule out: a span that each lap starts anew, or too many laps.
        assert {finding.rule for finding in report.errors} & {"D3", "D4"}
        return
    dice = random.Random(seed)

    for _ in range(3):
        facts = played(mechanism, FIRST + timedelta(minutes=minutes), dice)

        assert within(facts, report.bounds), (report.bounds.worst, [deed.move for deed in facts.deeds])


@given(st.integers(0, 3 * 365 * 24 * 60), st.integers(0, 2**32))
def test_no_run_of_the_residents_board_lasts_longer_than_is_published(minutes: int, seed: int) -> None:
    bounds = bounds_of(residents(), china())

    facts = played(residents(), FIRST + timedelta(minutes=minutes), random.Random(seed))

    assert within(facts, bounds)


@given(mechanisms(), st.integers(0, 3 * 365 * 24 * 60), st.integers(0, 2**32))
def test_what_is_left_is_kept_from_every_state_on(mechanism: Program, minutes: int, seed: int) -> None:
    bounds = check(mechanism, calendar=china()).bounds
    if bounds is None:
        return
    calendar, dice = china(), random.Random(seed)
    facts = opened(mechanism, at=FIRST + timedelta(minutes=minutes), calendar=calendar)
    entered: list[tuple[str, datetime]] = []
    while facts.due is not None:
        entered.append((facts.state, facts.state_since))
        ways = list(ways_on(mechanism, facts, at=max(facts.due - MS, facts.last_at), calendar=calendar))
        facts = dice.choice(ways) if ways and dice.random() < 0.7 else clock(mechanism, facts, calendar=calendar)

    for name, since in entered:
        left = bounds.remaining[name].calendar_days
        assert left is not None
        assert facts.last_at - since <= timedelta(days=left)


def the_longest_way(program: Program, start: datetime) -> Facts:
    """The published worst path, walked: each limit used up to its last millisecond."""
    calendar = china()
    facts = opened(program, at=start, calendar=calendar)
    path = bounds_of(program, calendar).worst.path
    assert facts.state == path[0]
    for wanted in path[1:]:
        assert facts.due is not None
        waited = clock(program, facts, calendar=calendar)
        if waited.state == wanted:
            facts = waited
            continue
        ways = ways_on(program, facts, at=facts.due - MS, calendar=calendar)
        facts = next(after for after in ways if after.state == wanted)
    assert facts.due is not None
    return clock(program, facts, calendar=calendar)


@pytest.mark.parametrize("start", ["2023-03-01", "2024-09-30", "2025-12-20"])
def test_the_worst_case_of_the_residents_board_can_really_happen(start: str) -> None:
    begun = datetime.fromisoformat(start).replace(hour=2, tzinfo=UTC)
    bounds = bounds_of(residents(), china())

    closed = the_longest_way(residents(), begun)

    raised, ended = china().local_day(begun), china().local_day(closed.last_at)
    assert china().working_days_between(raised, ended) == bounds.worst.wd
    assert within(closed, bounds)


def test_the_silent_path_is_what_happens_when_nobody_acts() -> None:
    calendar = china()
    bounds = bounds_of(residents(), calendar)
    facts = opened(residents(), at=FIRST, calendar=calendar)
    passed = []
    while facts.due is not None:
        passed.append(facts.state)
        facts = clock(residents(), facts, calendar=calendar)

    assert tuple(passed) == bounds.silent.path
    assert facts.state == bounds.silent_end


# ── Broken mechanisms: the parser (F, G4) or the checker finds each ─────────────────────────────────────────


def rules_against(text: str) -> set[str]:
    """The rules of all findings, the parser's and the checker's."""
    try:
        program = compiled(text)
    except MechanismError as wrong:
        return {finding.rule for finding in wrong.findings}
    return {finding.rule for finding in check(program, calendar=china(), lines=lines_of(text)).errors}


def mutant(change: Callable[[Any], object]) -> str:
    """The residents' file with one thing changed, written out again."""
    yaml = YAML(typ="rt")
    yaml.preserve_quotes = True
    yaml.width = 10_000
    data = yaml.load(residents_text())
    change(data)
    written = StringIO()
    yaml.dump(data, written)
    return written.getvalue()


def timer_removed(file: Any) -> None:
    del file["states"]["declining"]["within"]
    del file["states"]["declining"]["else"]


def timer_loop(file: Any) -> None:
    file["states"]["unposted"]["else"] = "raised"


def guarded_timer(file: Any) -> None:
    file["states"]["declining"]["else"] = {"solved is no": "unposted"}


def timer_to_nowhere(file: Any) -> None:
    file["states"]["claimed"]["else"] = "nowhere"


def dead_end(file: Any) -> None:
    file["states"]["explained-notice"]["then"] = "explained-notice"


def orphan(file: Any) -> None:
    file["states"]["orphan"] = {
        "held by": "supervisor", "within": "1 wd", "else": "failed", "title": {"zh": "孤", "en": "orphan"},
        "may": {"explain": {"to": "explained-notice", "ask": ["reason"]}},
    }  # fmt: skip


def exit_from_final(file: Any) -> None:
    file["finals"]["struck"]["may"] = {"order": {"to": "claimed", "ask": ["unit"]}}


def verdict_by_the_solver(file: Any) -> None:
    finished = file["states"]["finished"]
    finished["held by"] = "solver"
    finished["may"]["verdict"]["by"] = "solver"


def official_silence_ends_in_lapsed(file: Any) -> None:
    file["states"]["call-back-late"]["else"] = "lapsed"


def endless_return(file: Any) -> None:
    file["states"]["reinstating"]["route"]["then"] = "reinstated"


def lap_limit_gone(file: Any) -> None:
    del file["states"]["escalated"]["may"]["order"]["at most"]


def answer_without_a_way(file: Any) -> None:
    ways = file["states"]["finished"]["may"]["verdict"]["to"]
    del ways["solved is no"]


def work_without_proof(file: Any) -> None:
    finish = file["states"]["claimed"]["may"]["finish"]
    del finish["ask"]
    del finish["show"]


def promise_without_a_ceiling(file: Any) -> None:
    del file["states"]["claimed"]["within"]["at most"]


def holder_without_a_move(file: Any) -> None:
    for step in file["states"]["escalated"]["may"].values():
        step["by"] = "raiser"


def test_the_shipped_mechanism_has_no_errors() -> None:
    assert rules_against(residents_text()) == set()
    assert rules_against(mutant(lambda file: None)) == set()


@pytest.mark.parametrize(
    ("change", "rules"),
    [
        (timer_removed, {"D1"}),
        (timer_loop, {"D2"}),
        (guarded_timer, {"F3"}),
        (timer_to_nowhere, {"F5"}),
        (dead_end, {"D2"}),
        (orphan, {"S1"}),
        (exit_from_final, {"F1"}),
        (verdict_by_the_solver, {"V1"}),
        (official_silence_ends_in_lapsed, {"V3"}),
        (endless_return, {"D3"}),
        (lap_limit_gone, {"D3"}),
        (answer_without_a_way, {"G4"}),
        (work_without_proof, {"V2"}),
        (promise_without_a_ceiling, {"D1"}),
        (holder_without_a_move, {"G1"}),
    ],
)
def test_mutants_of_the_residents_board_are_found(change: Callable[[Any], object], rules: set[str]) -> None:
    assert rules_against(mutant(change)) & rules


def test_a_finding_points_at_its_line() -> None:
    text = mutant(dead_end)

    report = check(compiled(text), lines=lines_of(text))
    found = next(finding for finding in report.errors if finding.rule == "D2")

    assert text.splitlines()[found.line - 1].strip() == "explained-notice:"


@given(st.integers(0, 2**32))
def test_random_damage_never_upsets_the_checker(seed: int) -> None:
    """Whatever is wrong with a program, the checker answers with findings."""
    dice = random.Random(seed)
    base = dice.choice([loop(), residents()])
    states = dict(base.states)
    for _ in range(dice.randint(1, 4)):
        name = dice.choice(sorted(states))
        one = states[name]
        how = dice.randrange(5)
        if how == 0:
            del states[name]
        elif how == 1:
            target = dice.choice([*base.states, *base.finals])
            states[name] = State(one.name, one.title, one.holder, one.limit, target, one.moves, one.duties, one.extend)
        elif how == 2:
            states[name] = State(one.name, one.title, one.holder, one.limit, one.clock_to, {})
        elif how == 3:
            holder = dice.choice([*base.parties, "", "nobody"])
            states[name] = State(one.name, one.title, holder, one.limit, one.clock_to, one.moves)
        else:
            extend = Extension("raiser", "raiser", Amount(1, "wd"), Amount(1, "wd"), Amount(9, "d"), 2)
            states[name] = State(one.name, one.title, one.holder, one.limit, one.clock_to, one.moves, extend=extend)
        if not states:
            return
    damaged = Program(
        base.id, base.since, base.title, base.purpose, base.log, base.parties, base.fields, base.openings, states,
        base.routes, base.finals, base.spans,
    )  # fmt: skip

    report = check(damaged, calendar=china())

    assert report.bounds is not None or report.errors
    assert all(finding.zh and finding.en and finding.mend_zh and finding.mend_en for finding in report.findings)


def test_the_finals_of_the_builders_mean_what_they_say() -> None:
    assert {final.means for final in FINALS} == {"solved", "explained", "lapsed", "failed"}

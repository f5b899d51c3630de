"""S and D against an oracle of its own: every setting of every lap counter is walked, and nothing else is known.

And every shipped mechanism is broken in each place, in ways that are always wrong: none passes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiebang.engine.checker import check
from jiebang.engine.model import Limit, Program, State
from jiebang.engine.parser import parse
from jiebang.rulebook import packs
from tests.engine.builders import move, program, route, state

Setting = tuple[str, tuple[tuple[str, int], ...]]  # where, and how often each counter was used


# ── An oracle that walks settings ───────────────────────────────────────────────────────────────────────────


def steps(net: Program, here: Setting) -> Iterator[Setting]:
    node, counted = here
    used = dict(counted)

    def gone(to: str, counter: str = "") -> Setting:
        more = {**used, counter: used.get(counter, 0) + 1} if counter else used
        return to, tuple(sorted(more.items()))

    if node in net.routes:
        fork = net.routes[node]
        yield gone(fork.to, node) if used.get(node, 0) < fork.at_most else gone(fork.then)
    elif node in net.states:
        yield gone(net.states[node].clock_to)
        for one in net.states[node].moves.values():
            counter = f"{node}.{one.name}" if one.at_most is not None else ""
            if one.at_most is None or used.get(counter, 0) < one.at_most:
                yield from (gone(branch.to, counter) for branch in one.to)
            elif one.then is not None:
                yield gone(one.then)


def walked(net: Program) -> dict[Setting, list[Setting]]:
    first = [(opening.to[0].to, ()) for opening in net.openings.values()]
    found: dict[Setting, list[Setting]] = {}
    waiting: list[Setting] = list(first)
    while waiting:
        here = waiting.pop()
        if here not in found:
            found[here] = list(steps(net, here))
            waiting += found[here]
    return found


def endless(found: dict[Setting, list[Setting]]) -> bool:
    """Whether some run never ends: what is left after taking away, again and again, whatever leads nowhere."""
    came: dict[Setting, list[Setting]] = {}
    open_ways = {here: len(ways) for here, ways in found.items()}
    for here, ways in found.items():
        for way in ways:
            came.setdefault(way, []).append(here)
    over = [here for here, ways in open_ways.items() if not ways]
    for here in over:
        for before in came.get(here, ()):
            open_ways[before] -= 1
            if not open_ways[before]:
                over.append(before)
    return len(over) < len(found)


@st.composite
def nets(draw: st.DrawFn) -> Program:
    """Anything may lead anywhere."""
    names = [f"s{i}" for i in range(draw(st.integers(1, 4)))]
    forks = [f"r{i}" for i in range(draw(st.integers(0, 2)))]
    targets = st.sampled_from([*names, *forks, "failed", "explained"])
    plain = st.sampled_from([*names, "failed", "explained"])
    states: list[State] = []
    for name in names:
        moves = []
        for k in range(draw(st.integers(0, 2))):
            laps = draw(st.sampled_from([None, None, 1, 2]))
            then = draw(targets) if laps and draw(st.booleans()) else None
            moves.append(move(f"m{k}", draw(targets), at_most=laps, then=then))
        states.append(state(name, "office", "1 wd", draw(targets), *moves))
    routes = [route(name, draw(st.integers(1, 2)), draw(plain), draw(plain)) for name in forks]
    return program(*states, routes=routes)


@given(nets())
def test_what_the_checker_lets_pass_ends_and_can_be_reached(net: Program) -> None:
    """D2 and D3 forbid more than what never ends: a circle of clocks is refused even if a route's laps would end it."""
    found = walked(net)
    met = {node for node, _ in found}
    errors = check(net).errors
    rules = {finding.rule for finding in errors}

    if rules & {"D2", "D3", "D4"}:
        return  # the graph is not unrolled then, and nothing is published
    assert not endless(found)
    unmet = {*net.states} - met
    assert "S1" not in rules or {*net.states, *net.routes} - met
    assert all(any(f'"{name}"' in finding.en for finding in errors if finding.rule == "S1") for name in unmet)
    leads = {(here, to) for (here, _), ways in found.items() for to, _ in ways}
    ending, more = {"failed", "explained"}, True
    while more:
        ending, more = ending | (new := {here for here, to in leads if to in ending} - ending), bool(new)
    assert ("S2" in rules) == bool(met - ending)


@given(nets())
def test_a_circle_that_uses_up_no_lap_is_always_found(net: Program) -> None:
    if endless(walked(net)):
        assert {finding.rule for finding in check(net).errors} & {"D2", "D3"}


# ── Every shipped mechanism, broken in each place ───────────────────────────────────────────────────────────


def shipped() -> list[Program]:
    return [
        parse(file.text, vocabulary=packs.categories(packs.city(city)))
        for city in ("leshan", "millbrook")
        for file in packs.mechanism_files(packs.city(city))
    ]


def broken_states(good: Program) -> Iterator[tuple[str, Program, set[str]]]:
    for name, one in good.states.items():
        for what, bad, rules in (
            ("no limit", replace(one, limit=Limit(one.limit.kind)), {"D1"}),
            ("no clock", replace(one, clock_to="", waits=None), {"D1"}),
            ("a clock that stays", replace(one, clock_to=name), {"D2"}),
            ("a clock to nowhere", replace(one, clock_to="limbo"), {"P0"}),
            ("two limits", replace(one, limit=replace(one.limit, amount=one.limit.amount or one.limit.ceiling,
                                                      until=next(iter(good.fields)))), {"D1"}),
        ):  # fmt: skip
            yield f"{name}: {what}", replace(good, states={**good.states, name: bad}), rules
        if one.limit.kind == "within":
            for what, holder in (("nobody", ""), ("anyone", "anyone"), ("a stranger", "stranger")):
                bad = replace(one, holder=holder)
                yield f"{name}: held by {what}", replace(good, states={**good.states, name: bad}), {"D1", "P0"}
        for step in one.moves.values():
            if step.finishes:
                bare = replace(one, moves={**one.moves, step.name: replace(step, show=(), ask=())})
                yield (
                    f"{name}.{step.name}: no proof",
                    replace(good, states={**good.states, name: bare}),
                    {"V2", "G1", "S4"},
                )
    orphan = state("orphan", "", "1 wd", next(iter(good.finals)), lasts=True)
    yield "an orphan", replace(good, states={**good.states, "orphan": orphan}), {"S1"}


def without_verdicts(good: Program) -> Program:
    states = {
        name: replace(one, moves={key: replace(step, verifies=False) for key, step in one.moves.items()})
        for name, one in good.states.items()
    }
    return replace(good, states=states)


@pytest.mark.parametrize("good", shipped(), ids=lambda one: one.id)
def test_no_shipped_mechanism_passes_once_it_is_broken(good: Program) -> None:
    assert check(good).ok

    passed = [what for what, bad, rules in broken_states(good) if not {f.rule for f in check(bad).errors} & rules]

    assert passed == []
    if any(final.means == "solved" for final in good.finals.values()):
        assert "V1" in {finding.rule for finding in check(without_verdicts(good)).errors}

"""R1: a map that covers every state, and brings along what the new version counts on; and differences in words."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiebang.engine.checker.moving import moved
from jiebang.engine.differences import differences
from jiebang.engine.findings import Finding
from jiebang.engine.model import Amount, Choice, Duty, Extension, Program, Separation, Span
from tests.engine.builders import FIELDS, GRADE, final, loop, move, never, route, state
from tests.engine.calendars import china
from tests.engine.player import MS, clock, opened, ways_on
from tests.engine.playing import hazard
from tests.engine.shipped import residents
from tests.engine.test_properties import FIRST, mechanisms


def against(old: Program, new: Program, **states: str) -> list[Finding]:
    return [finding for finding in moved(old, new, states) if finding.severity == "error"]


def one_way() -> Program:
    """Work begins with a claim and a promised date, and in no other way."""
    base = loop()
    posted, upstairs = base.states["posted"], base.states["upstairs"]
    only = replace(posted, moves={"claim": posted.moves["claim"]})
    states = {
        **base.states,
        "posted": only,
        "upstairs": replace(upstairs, moves={"explain": upstairs.moves["explain"]}),
    }
    solver = replace(base.parties["solver"], moves=("claim",))
    return replace(base, states=states, parties={**base.parties, "solver": solver})


def renamed(program: Program, old: str, new: str) -> Program:
    """The program with a state under another name, wherever it is named."""
    text = {name: replace(one, name=new) if name == old else one for name, one in program.states.items()}
    states = {}
    for one in text.values():
        moves = {}
        for name, step in one.moves.items():
            to = tuple(replace(branch, to=new if branch.to == old else branch.to) for branch in step.to)
            moves[name] = replace(step, to=to, then=new if step.then == old else step.then)
        states[one.name] = replace(one, moves=moves, clock_to=new if one.clock_to == old else one.clock_to)
    routes = {
        name: replace(one, to=new if one.to == old else one.to, then=new if one.then == old else one.then)
        for name, one in program.routes.items()
    }
    return replace(program, states=states, routes=routes)


@pytest.mark.parametrize("program", [loop(), residents(), hazard()], ids=["loop", "residents", "hazard"])
def test_a_version_can_be_moved_to_itself_and_differs_in_nothing(program: Program) -> None:
    assert moved(program, program, calendar=china()) == []
    assert differences(program, program) == []


def test_a_state_that_is_gone_wants_a_line_in_the_map() -> None:
    new = renamed(loop(), "posted", "on-the-board")

    [finding] = against(loop(), new)

    assert finding.rule == "R1" and '"posted"' in finding.en and "“posted”" in finding.zh
    assert against(loop(), new, posted="on-the-board") == []


def test_a_line_for_a_state_there_never_was_is_found() -> None:
    assert [finding.en for finding in against(loop(), loop(), limbo="posted")] == [
        'The old version has no state "limbo".'
    ]


def test_nobody_is_moved_into_a_final_or_a_state_nothing_leads_to() -> None:
    assert against(loop(), loop(), posted="struck")
    orphan = replace(loop(), states={**loop().states, "attic": state("attic", "office", "1 wd", "failed")})
    assert against(loop(), orphan, posted="attic")


def test_an_answer_the_new_version_counts_on_must_have_been_given() -> None:
    assert any("promised-date" in finding.en for finding in against(one_way(), one_way(), raised="claimed"))


def test_a_deed_somebody_is_known_by_must_have_been_done() -> None:
    assert any('"claim"' in finding.en for finding in against(one_way(), one_way(), raised="claimed"))


def test_what_nobody_verified_is_not_moved_behind_the_verdict() -> None:
    base = loop()
    verdict = replace(
        base.states["finished"].moves["verdict"],
        to=(replace(base.states["finished"].moves["verdict"].to[0], to="shown"),
            base.states["finished"].moves["verdict"].to[1]),
    )  # fmt: skip
    shown = state("shown", "", "5 d", "struck", lasts=True)
    finished = replace(base.states["finished"], moves={"verdict": verdict})
    both = replace(base, states={**base.states, "finished": finished, "shown": shown})

    assert against(both, both) == []
    assert any("verified" in finding.en for finding in against(both, both, finished="shown"))


def test_what_was_told_in_confidence_stays_so() -> None:
    private = replace(loop(), fields={**FIELDS, "what": replace(FIELDS["what"], visible="private")})

    assert any('"what"' in finding.en for finding in against(private, loop()))
    assert against(loop(), private) == []


def test_an_old_answer_keeps_its_meaning() -> None:
    fewer = replace(loop(), fields={**FIELDS, "grade": replace(GRADE, choices=(Choice("general", {}),))})

    [finding] = moved(loop(), fewer)

    assert "major" in finding.en and finding.severity == "warning"


def test_a_promise_that_becomes_longer_is_pointed_out() -> None:
    base = loop()
    slower = replace(base.states["posted"], limit=replace(base.states["posted"].limit, amount=Amount(30, "wd")))

    found = moved(base, replace(base, states={**base.states, "posted": slower}), calendar=china())

    assert found and all(finding.severity == "warning" and "promised" in finding.en for finding in found)


@given(mechanisms(), mechanisms(), st.integers(0, 2**32))
def test_an_entry_that_may_be_moved_goes_on_to_its_end(old: Program, new: Program, seed: int) -> None:
    if against(old, new):
        return
    dice, calendar = random.Random(seed), china()
    facts = opened(old, at=FIRST, calendar=calendar)
    for _ in range(dice.randrange(4)):
        if facts.due is not None:
            ways = list(ways_on(old, facts, at=max(facts.due - MS, facts.last_at), calendar=calendar))
            facts = dice.choice(ways) if ways else clock(old, facts, calendar=calendar)
    if facts.state not in new.states:
        return
    facts = replace(facts, due=facts.last_at + timedelta(days=1), due_span="", spans={}, laps={})

    for _ in range(2_000):
        if facts.due is None:
            break
        ways = list(ways_on(new, facts, at=max(facts.due - MS, facts.last_at), calendar=calendar))
        facts = dice.choice(ways) if ways and dice.random() < 0.5 else clock(new, facts, calendar=calendar)

    assert facts.state in new.finals


# ── Differences ─────────────────────────────────────────────────────────────────────────────────────────────


def in_posted(change: Callable[[Program], dict[str, object]]) -> Program:
    base = loop()
    posted = replace(base.states["posted"], **change(base))  # type: ignore[arg-type]  # fields of a state
    return replace(base, states={**base.states, "posted": posted})


def in_claim(**change: object) -> Program:
    return in_posted(
        lambda base: {
            "moves": {**base.states["posted"].moves, "claim": replace(base.states["posted"].moves["claim"], **change)}
        }
    )  # type: ignore[arg-type]  # fields of a move


CHANGES: dict[str, tuple[Program, str]] = {
    "limit": (in_posted(lambda b: {"limit": replace(b.states["posted"].limit, amount=Amount(4, "wd"))}),
              "limit: within 3 working days → within 4 working days"),
    "holder": (in_posted(lambda b: {"holder": "upper"}), "held by: board office → supervisor"),
    "clock": (in_posted(lambda b: {"clock_to": "failed"}), "then: upstairs → failed"),
    "duty": (in_posted(lambda b: {"duties": {"filing": Duty("filing", {"en": "file it"}, "office")}}),
             "duty “file it”: nothing → board office"),
    "extension": (in_posted(lambda b: {"extend": Extension("office", "upper", Amount(1, "wd"), Amount(1, "wd"),
                                                           Amount(3, "wd"), 1)}), "extension: nothing → supervisor"),
    "who": (in_claim(by=("office",)), "made by: unit → board office"),
    "where": (in_claim(to=loop().states["posted"].moves["assign"].to, then="failed", at_most=1), "(once used up)"),
    "asked": (in_claim(ask=()), "asks: “Promised date” → nothing"),
    "verdict": (in_claim(verifies=True), "counts as: nothing → a verdict"),
    "condition": (in_claim(when=move("x", "y", when="grade is major").when), "only if"),
    "laps": (replace(loop(), routes={"again": route("again", 3, "claimed", "upstairs")}), "Route “again”"),
    "final": (replace(loop(), finals={**loop().finals, "lapsed": final("lapsed", "failed")}), "lapsed → failed"),
    "new final": (replace(loop(), finals={**loop().finals, "over": final("over", "explained")}), "Final added"),
    "party": (replace(loop(), parties={**loop().parties, "office": replace(never(loop().parties["office"], "finish"),
                                                                           name="office")}), "Party changed"),
    "span": (replace(loop(), spans={"term": Span("term", "raised", "finished", Amount(60, "d"), "upstairs")}), "Span"),
    "log": (replace(loop(), log="coarse"), "Log class: open → coarse"),
    "visible": (replace(loop(), fields={**FIELDS, "what": replace(FIELDS["what"], visible="parties")}), "may be seen"),
    "apart": (replace(loop(), separations=(Separation(("claim", "finish"), "unit"),)), "no one person or unit"),
    "state": (renamed(loop(), "notice", "shown"), "State removed"),
}  # fmt: skip


@pytest.mark.parametrize("what", CHANGES)
def test_a_change_is_said_in_both_languages(what: str) -> None:
    new, wanted = CHANGES[what]

    said = differences(loop(), new)

    assert any(wanted in texts["en"] for texts in said), [texts["en"] for texts in said]
    assert all(texts["zh"] and texts["en"] for texts in said)

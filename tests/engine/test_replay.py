"""Properties: whatever anybody tries, a refusal changes nothing, and events alone give the facts back."""

from __future__ import annotations

import copy
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from jiebang.engine import decide, evolve, join, moves_open_to
from jiebang.engine.canonical import (
    canonical_bytes,
    facts_from_json,
    facts_to_json,
)
from jiebang.engine.model import CLOCK, Actor, Command, Event, Facts, Move, Program, Refused
from tests.engine.calendars import china
from tests.engine.playing import CAST, FITTING, MONDAY_NINE, hazard, raised
from tests.engine.shipped import residents

PROGRAMS = (residents(), hazard())

garbage = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)


@st.composite
def fitting_commands(draw: st.DrawFn, program: Program, facts: Facts) -> tuple[Command, timedelta]:
    """A command somebody might really give: a move of the state, mostly with answers of the right kind."""
    wait = timedelta(minutes=draw(st.sampled_from((0, 1, 60, 24 * 60, 4 * 24 * 60, 30 * 24 * 60))))
    moves = moves_open_to(program, facts, CLOCK)
    actor = draw(st.sampled_from(CAST))
    if not moves or draw(st.integers(0, 4)) == 0:
        return Command("clock", CLOCK), wait
    move: Move = draw(st.sampled_from(moves))[0]
    answers = {}
    for ask in move.ask:
        field = program.fields[ask.field]
        choices = tuple(choice.id for choice in field.choices) or FITTING.get(field.type, ())
        if choices and (not ask.optional or draw(st.booleans())):
            answers[field.name] = draw(st.sampled_from(choices))
    shown = tuple(f"{proof.kind} {proof.label}".strip() for proof in move.show)
    return Command(move.name, actor, answers, shown, expects_seq=draw(st.sampled_from((None, facts.seq)))), wait


@st.composite
def any_command(draw: st.DrawFn) -> Command:
    """A command with the right outside and anything inside."""
    return Command(
        draw(st.sampled_from(("post", "claim", "verdict", "clock", "duty:filing", "extend:grant", "")) | garbage),  # type: ignore[arg-type]
        draw(st.sampled_from(CAST) | st.builds(Actor, garbage, garbage, garbage, garbage)),  # type: ignore[arg-type]
        draw(st.dictionaries(st.sampled_from(("solved", "category", "promised-date", "x")), garbage) | garbage),  # type: ignore[arg-type]
        draw(st.just(("photo",)) | garbage),  # type: ignore[arg-type]
        draw(st.just("") | garbage),  # type: ignore[arg-type]
        draw(st.none() | garbage),  # type: ignore[arg-type]
    )


@given(data=st.data())
def test_replaying_the_events_gives_the_facts_and_refusals_change_nothing(data: st.DataObject) -> None:
    program = data.draw(st.sampled_from(PROGRAMS))
    facts = raised(program)
    story: list[Event] = []
    at = MONDAY_NINE
    for _ in range(data.draw(st.integers(1, 12))):
        if data.draw(st.integers(0, 9)) == 0:
            answer: list[Event] | Refused = join(program, facts, raisers=["k2", "k3"], at=at)
        else:
            command, wait = data.draw(fitting_commands(program, facts))
            at = at + wait
            before = copy.deepcopy(facts)
            answer = decide(program, facts, command, at=at, calendar=china())
            assert facts == before
        if isinstance(answer, Refused):
            assert answer.what["en"] and answer.next_step["zh"]
            continue
        for event in answer:
            assert event.seq == facts.seq + 1
            assert event.at >= facts.last_at
            assert event.from_state == facts.state
            assert event.due is None or event.due >= event.at or event.kind not in ("move", "clock")
            facts = evolve(program, facts, event)
            story.append(event)
        assert (facts.due is None) == (facts.state in program.finals)

    replayed = raised(program)
    for event in story:
        replayed = evolve(program, replayed, event)

    assert replayed == facts
    assert facts_from_json(facts_to_json(facts)) == facts
    canonical_bytes(facts_to_json(facts))


@given(command=any_command() | garbage, program=st.sampled_from(PROGRAMS))
def test_anything_at_all_is_answered(command: Command, program: Program) -> None:
    answer = decide(program, raised(program), command, at=MONDAY_NINE, calendar=china())

    assert isinstance(answer, Refused | list)


@given(data=st.data())
def test_when_everybody_is_silent_the_clock_alone_ends_every_entry_and_never_as_solved(data: st.DataObject) -> None:
    program = data.draw(st.sampled_from(PROGRAMS))
    facts = raised(program)
    for _ in range(data.draw(st.integers(0, 6))):
        command, wait = data.draw(fitting_commands(program, facts))
        answer = decide(program, facts, command, at=facts.last_at + wait, calendar=china())
        for event in answer if isinstance(answer, list) else ():
            facts = evolve(program, facts, event)
    solved_by_notice = facts.state == "notice"  # of the hazard: it was accepted, the notice only waits

    steps = 0
    while facts.due is not None:
        answer = decide(program, facts, Command("clock", CLOCK), at=facts.due, calendar=china())
        assert isinstance(answer, list), answer
        for event in answer:
            facts = evolve(program, facts, event)
        steps += 1
        assert steps <= len(program.states)

    solved = program.finals[facts.state].means == "solved"
    assert not solved or solved_by_notice or (facts.state == "struck" and steps == 0)

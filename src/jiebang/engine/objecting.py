"""Objections to a notice: raised beside each other while it runs, each answered in its own time or handed up.

Whatever is open, the entry's one due moment is the next thing the clock does: hand an objection up, find that nobody
answered it, or end the notice. What a moment was given when it was raised or handed up stands in that event, so a
replay needs no calendar.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from jiebang.engine.dues import StateDue, state_due
from jiebang.engine.lookups import ANSWER, OBJECT, PASS, UNANSWERED
from jiebang.engine.making import staying
from jiebang.engine.model import (
    CLOCK,
    Actor,
    Event,
    Facts,
    Move,
    Objection,
    Objections,
    Program,
    Refused,
    State,
    Texts,
)
from jiebang.engine.refusals import refuse
from jiebang.engine.ways import Until, Way, led, through_routes
from jiebang.engine.worktime import Calendar, due

MOST = 200  # objections to one notice: a leaf and a row for each, so there is an end to them


def open_now(facts: Facts) -> list[Objection]:
    """Return the objections that wait for an answer, the next due first."""
    waiting = [(one.due, one.seq, one) for one in facts.objections if one.due is not None]
    return [one for _, _, one in sorted(waiting, key=lambda each: each[:2])]


def may_be_raised_until(program: Program, facts: Facts, calendar: Calendar) -> datetime | None:
    """Return until when somebody may object to the present notice; None where nobody can."""
    state = program.states.get(facts.state)
    if state is None or state.objections is None:
        return None
    end = _end(state, facts, calendar).moment
    if state.objections.window is None:
        return end
    return min(end, due(facts.state_since, state.objections.window, calendar, roll=False).moment)


def notice_ends(program: Program, facts: Facts, calendar: Calendar) -> datetime | None:
    """Return when the present notice ends by itself, whatever holds it up; None where nobody could object."""
    state = program.states.get(facts.state)
    return _end(state, facts, calendar).moment if state is not None and state.objections is not None else None


def answers_in(state: State, facts: Facts) -> Mapping[str, Move]:
    """The answers that are owed now, as moves by name: each by whoever it was handed to."""
    clause = state.objections
    if clause is None:
        return {}
    ordinal = {one.seq: n for n, one in enumerate(facts.objections, start=1)}
    several = len(facts.objections) > 1
    found = {}
    for one in open_now(facts):
        name = f"{ANSWER}{one.seq}"
        title = _answer_title(ordinal[one.seq] if several else 0)
        found[name] = Move(name, title, (clause.levels[one.level].by,), (), clause.answer)
    return found


def answers_owed(program: Program, facts: Facts) -> Mapping[str, Move]:
    """The answers owed on an entry wherever it stands."""
    state = program.states.get(facts.state)
    return answers_in(state, facts) if state is not None else {}


def _answer_title(ordinal: int) -> Texts:
    return {
        "zh": f"答复第 {ordinal} 件异议" if ordinal else "答复异议",
        "en": f"Answer objection {ordinal}" if ordinal else "Answer the objection",
    }


def against(clause: Objections, facts: Facts, move: Move, actor: Actor) -> Refused | None:
    """What stands against objecting, whoever does it: who they are must be known, and each has so many."""
    if not actor.person:
        return refuse("objector-unknown", move=move.title)
    raised = sum(one.person == actor.person for one in facts.objections)
    if raised >= clause.each:
        return refuse("objected-already", move=move.title, n=clause.each)
    if len(facts.objections) >= MOST:
        return refuse("objections-full", n=MOST)
    return None


def objected(program: Program, facts: Facts, state: State, event: Event, calendar: Calendar) -> list[Event] | Refused:
    """One more objection: whoever answers first has their time from now."""
    clause = state.objections
    assert clause is not None
    until = may_be_raised_until(program, facts, calendar)
    if until is None or event.at >= until:
        return refuse("objections-over")
    owed = due(event.at, clause.levels[0].within, calendar).moment
    return [_with_due(program, facts, state, replace(event, kind="objection", owed=owed), calendar)]


def answered(program: Program, facts: Facts, state: State, event: Event, calendar: Calendar) -> list[Event]:
    """An objection answered. Was it the last that held up the notice, the clock's turn may be at once."""
    return [_with_due(program, facts, state, replace(event, kind="objection"), calendar)]


def clock_made(program: Program, facts: Facts, state: State, at: datetime, calendar: Calendar) -> list[Event] | None:
    """The clock's turn, if an objection is due: handed up, or nobody is left to answer it. None: it is not about one.

    Without `hold_up` the notice ends in its time; what is open then was not answered.
    """
    clause, waiting = state.objections, open_now(facts)
    if clause is None or not waiting or facts.due_span:
        return None
    first = waiting[0]
    assert first.due is not None and facts.due is not None
    is_due = first.due <= facts.due
    event = replace(staying(facts, "objection", "", at=at, party="clock", person=CLOCK.person), missed=facts.due)
    if is_due and first.level + 1 < len(clause.levels):
        owed = due(at, clause.levels[first.level + 1].within, calendar).moment
        event = replace(event, move=f"{PASS}{first.seq}", missed=first.due, owed=owed)
        return [_with_due(program, facts, state, event, calendar)]
    to, via, laps = through_routes(program, facts.laps, clause.to)
    event = replace(event, kind="clock", move=UNANSWERED)
    return [led(program, facts, event, Way(to, via, laps), facts.answers, calendar)]


def objections_after(facts: Facts, event: Event) -> tuple[Objection, ...]:
    """Return the objections to the present notice after an event that leaves the state."""
    if event.kind != "objection":
        return facts.objections
    if event.move == OBJECT:
        return (*facts.objections, Objection(event.seq, event.person, 0, event.owed))
    verb, _, number = event.move.partition(":")
    about = int(number)
    if f"{verb}:" == PASS:
        return tuple(
            replace(one, level=one.level + 1, due=event.owed) if one.seq == about else one for one in facts.objections
        )
    return tuple(replace(one, due=None) if one.seq == about else one for one in facts.objections)


def deed_of(event: Event) -> str:
    """The name an event's deed is known by: an answer is one whatever it answers, the clock's turn is none."""
    if event.kind != "objection":
        return event.move
    return "" if event.party == "clock" else event.move.partition(":")[0]


def due_during(program: Program, facts: Facts, state: State, calendar: Calendar, *, at: datetime) -> Until:
    """Return the next moment of the clock in a notice with these objections, seen from `at`."""
    clause, waiting = state.objections, open_now(facts)
    own = _end(state, facts, calendar)
    moments = [] if waiting and clause is not None and clause.hold_up else [(own.moment, own.provisional)]
    if waiting and waiting[0].due is not None:
        moments.append((waiting[0].due, calendar.is_estimated(calendar.due_day(waiting[0].due))))
    moment, provisional = min(moments)
    span = min(facts.spans.items(), key=lambda each: (each[1], each[0]), default=None)
    if span is not None and span[1] < moment:
        return Until(max(span[1], at), span[0], calendar.is_estimated(calendar.due_day(span[1])))
    return Until(max(moment, at), "", provisional)


def _with_due(program: Program, facts: Facts, state: State, event: Event, calendar: Calendar) -> Event:
    after = replace(facts, objections=objections_after(facts, event))
    until = due_during(program, after, state, calendar, at=event.at)
    return replace(event, due=until.moment, due_span=until.span, provisional=until.provisional)


def _end(state: State, facts: Facts, calendar: Calendar) -> StateDue:
    """When the notice itself ends, whatever holds it up."""
    return state_due(
        state.limit,
        at=facts.state_since,
        raised_at=facts.raised_at,
        deeds=facts.deeds,
        answers=facts.answers,
        calendar=calendar,
        place=facts.place,
    )

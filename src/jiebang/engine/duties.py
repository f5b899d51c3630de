"""What goes on beside the moves of a state: duties, extensions, and what stands against a move."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from jiebang.engine.dues import amount_title, duty_due, promise_refused
from jiebang.engine.lookups import ANSWER, ASK, DUTY, GRANT, NEW_DATE, OBJECT, REFUSE, lookups
from jiebang.engine.model import (
    Actor,
    Event,
    Facts,
    Json,
    Move,
    Program,
    Refused,
    State,
)
from jiebang.engine.objecting import against, answers_in
from jiebang.engine.refusals import listed, refuse
from jiebang.engine.worktime import Calendar, due


def duty_done(program: Program, facts: Facts, state: State, event: Event, calendar: Calendar) -> Event:
    """A duty done: the state stays. Done late, it bears the due it missed."""
    name = event.move.removeprefix(DUTY)
    duty = state.duties.get(name) or lookups(program).running[name]
    since = facts.state_since if name in state.duties else facts.running[name]
    owed = duty_due(duty, facts, since=since, calendar=calendar)
    missed = owed.moment if owed and owed.moment < event.at else None
    return replace(event, kind="duty", missed=missed)


def extension_made(
    program: Program,
    facts: Facts,
    state: State,
    event: Event,
    given: Mapping[str, Json],
    calendar: Calendar,
) -> list[Event] | Refused:
    """More time asked for, granted until a day, or refused."""
    event = replace(event, kind="extension")
    extend = state.extend
    assert extend is not None and facts.due is not None
    if event.move == ASK:
        if due(event.at, extend.before_due, calendar).moment > facts.due:
            return refuse("extension-too-late", n=amount_title(extend.before_due))
        return [event]
    if event.move == REFUSE:
        return [event]
    assert facts.extension_asked is not None
    if due(facts.extension_asked, extend.decide_within, calendar).moment < event.at:
        return refuse("extension-lapsed", n=amount_title(extend.decide_within))
    if facts.due_span:
        return refuse("extension-span")
    field = program.fields[NEW_DATE]
    late = promise_refused(
        field, given[NEW_DATE], at=facts.due, anchor=facts.due, ceiling=extend.most, calendar=calendar
    )
    if late:
        return late
    moment = calendar.closing_of(datetime.fromisoformat(str(given[NEW_DATE])).date())
    first = min(facts.spans.items(), key=lambda span: (span[1], span[0]), default=None)
    if first is not None and first[1] < moment:
        return [replace(event, due=first[1], due_span=first[0])]
    return [replace(event, due=moment, provisional=calendar.is_estimated(calendar.local_day(moment)))]


def move_named(program: Program, facts: Facts, state: State, name: str) -> Move | None:
    known = lookups(program)
    found = known.moves[state.name].get(name)
    if found is None and name.startswith(ANSWER):
        return answers_in(state, facts).get(name)
    if found is not None or not name.startswith(DUTY):
        return found
    if name.removeprefix(DUTY) in running_on(program, facts, state):
        return known.running_moves.get(name)
    return None


def running_on(program: Program, facts: Facts, state: State) -> list[str]:
    """Duties of states already left that live on and are not done."""
    known = lookups(program).running
    return [
        name for name in facts.running if name in known and name not in state.duties and name not in facts.duties_done
    ]


def hindrance(program: Program, facts: Facts, state: State, move: Move, actor: Actor) -> Refused | None:
    """What stands against a move whoever makes it: laps used up, duties open, a verdict given, an extension."""
    if state.objections and move.name == OBJECT:
        return against(state.objections, facts, move, actor)
    used = facts.laps.get(f"{state.name}.{move.name}", 0)
    if move.at_most is not None and move.then is None and used >= move.at_most:
        return refuse("used-up", move=move.title, n=move.at_most)
    if move.when.duties_done:
        wanted = [d for d in state.duties.values() if d.name not in facts.duties_done and d.name not in move.when.but]
        if wanted:
            return refuse("duties-open", move=move.title, duties=listed([duty.title for duty in wanted]))
    if move.collect and move.collect.is_vote and (not actor.person or actor.person in facts.votes):
        return refuse("already-voted" if actor.person else "voter-unknown", move=move.title)
    if move.collect and actor.person in facts.votes:
        return refuse("already-judged")
    if move.name.startswith(DUTY):
        duty = state.duties.get(move.name.removeprefix(DUTY))
        if duty is not None and duty.name in facts.duties_done and not duty.every:
            return refuse("used-up", move=move.title, n=1)
    if state.extend and move.name in (ASK, GRANT, REFUSE):
        if move.name != ASK:
            return None if facts.extension_asked else refuse("extension-not-asked")
        if facts.extension_asked:
            return refuse("extension-asked")
        if facts.extended >= state.extend.times:
            return refuse("extension-used", n=state.extend.times)
    return None

"""What an event makes of an entry's facts. Everything needed stands in the event, so a replay needs no calendar."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from jiebang.engine.linked import opened_after
from jiebang.engine.lookups import ASK, DUTY, GRANT, lookups
from jiebang.engine.model import Deed, Event, Facts, Json, Move, Program
from jiebang.engine.objecting import deed_of, objections_after


def evolve(program: Program, facts: Facts | None, event: Event) -> Facts:
    """Fold one event into the facts. Everything it needs stands in the event, so a replay needs no calendar."""
    if facts is None:
        facts = _blank(event)
    entered = event.kind in ("open", "move", "clock")
    deeds = facts.deeds
    if event.kind in ("open", "move", "duty", "extension", "objection") and (deed := deed_of(event)):
        deeds = (*deeds, Deed(deed, event.person, event.unit, event.named_unit, event.at))
    laps = facts.laps
    if event.lap:
        laps = dict(laps)
        for counter in event.lap:
            laps[counter] = laps.get(counter, 0) + 1
    spans = facts.spans
    if event.spans:
        spans = {name: moment for name, moment in spans.items() if name not in event.spans}
        spans.update({name: moment for name, moment in event.spans.items() if moment is not None})
    votes = {} if entered else facts.votes
    raisers = facts.raisers
    if event.kind == "vote":
        counted = next((m.collect for m in _moves(program, event) if m.name == event.move and m.collect), None)
        votes = {**votes, event.person: str(event.answers.get(counted.field, "")) if counted else ""}
    elif event.kind == "leave":
        raisers = tuple(person for person in raisers if person not in event.raisers)
        votes = {person: answer for person, answer in votes.items() if person not in event.raisers}
    elif event.raisers:
        raisers = (*raisers, *(person for person in event.raisers if person not in raisers))
    duties_done, running = _duties_after(program, facts, event, entered=entered)
    asked_for, extended = facts.extension_asked, facts.extended
    if entered:
        asked_for, extended = None, 0
    elif event.kind == "extension":
        asked_for = event.at if event.move == ASK else None
        extended += event.move == GRANT
    return Facts(
        state=event.to_state,
        seq=event.seq,
        place=facts.place,
        raised_at=facts.raised_at,
        state_since=event.at if entered else facts.state_since,
        last_at=event.at,
        due=event.due,
        due_span=event.due_span,
        provisional=event.provisional,
        raisers=raisers,
        clerks=(*facts.clerks, event.clerk) if event.clerk and event.clerk not in facts.clerks else facts.clerks,
        deeds=deeds,
        answers=_answers_after(program, facts, event),
        laps=laps,
        votes=votes,
        duties_done=duties_done,
        spans=spans,
        extended=extended,
        extension_asked=asked_for,
        running=running,
        opened=opened_after(facts.opened, event),
        objections=() if entered else objections_after(facts, event),
        rows=event.rows if entered else facts.rows,
    )


def _blank(event: Event) -> Facts:
    return Facts(
        state="",
        seq=0,
        place=event.place,
        raised_at=event.at,
        state_since=event.at,
        last_at=event.at,
        due=None,
        due_span="",
        provisional=False,
        raisers=(),
        clerks=(),
        deeds=(),
        answers={},
        laps={},
        votes={},
        duties_done=(),
        spans={},
    )


def _moves(program: Program, event: Event) -> Sequence[Move]:
    state = program.states.get(event.from_state)
    return tuple(state.moves.values()) if state else ()


def _answers_after(program: Program, facts: Facts, event: Event) -> Mapping[str, Json]:
    """The latest answers: a question asked again and left empty is empty again. One voice of several is no answer."""
    if event.kind in ("vote", "join", "leave", "heard", "objection", "transfer"):
        return facts.answers
    state = program.states.get(event.from_state)
    move = lookups(program).moves[state.name].get(event.move) if state else None
    emptied = {ask.field for ask in move.ask if ask.field not in event.answers} if move else set()
    if not event.answers and emptied.isdisjoint(facts.answers):
        return facts.answers
    return {name: value for name, value in facts.answers.items() if name not in emptied} | dict(event.answers)


def _duties_after(
    program: Program, facts: Facts, event: Event, *, entered: bool
) -> tuple[tuple[str, ...], Mapping[str, datetime]]:
    """Duties begin anew in each state entered; those that run on go on from where they began."""
    if event.kind == "duty":
        name = event.move.removeprefix(DUTY)
        done = facts.duties_done if name in facts.duties_done else (*facts.duties_done, name)
        return done, {running: since for running, since in facts.running.items() if running != name}
    if not entered:
        return facts.duties_done, facts.running
    state = program.states.get(event.to_state)
    if state is None:
        return (), {}
    if not state.duties and not facts.running:
        return (), facts.running
    running = dict(facts.running)
    for duty in state.duties.values():
        if duty.runs_on:
            running[duty.name] = event.at
    return (), running

"""Where a move leads and what is due there: branches, laps, routes, spans, the limit of the state entered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from jiebang.engine.conditions import holds
from jiebang.engine.dues import state_due
from jiebang.engine.linked import opened_after, settled_way, with_links
from jiebang.engine.lookups import lookups
from jiebang.engine.model import Deed, Event, Facts, Json, Move, Program, Refused
from jiebang.engine.refusals import refuse
from jiebang.engine.worktime import Calendar, due

CLOCK_MOVE = "clock"


class Way(NamedTuple):
    to: str
    via: str
    laps: tuple[str, ...]


def way_of(
    program: Program, laps: Mapping[str, int], move: Move, state: str, answers: Mapping[str, Json]
) -> Way | Refused:
    """Where the move leads: the first branch that holds, `then` once its laps are used up, and through routes."""
    target = next((branch.to for branch in move.to if holds(branch.when, answers, program)), None)
    if target is None:
        return refuse("no-way", move=move.title)
    counters: tuple[str, ...] = ()
    if move.at_most is not None:
        counter = f"{state}.{move.name}"
        if laps.get(counter, 0) < move.at_most:
            counters = (counter,)
        elif move.then is not None:
            target = move.then
        else:
            return refuse("used-up", move=move.title, n=move.at_most)
    to, via, passed = through_routes(program, laps, target)
    return Way(to, via, counters + passed)


def through_routes(program: Program, laps: Mapping[str, int], target: str) -> tuple[str, str, tuple[str, ...]]:
    """Follow routes to a state or final; each route is passed once at most, as the parser sees to."""
    via = ""
    passed: tuple[str, ...] = ()
    for _ in range(len(program.routes) + 1):
        route = program.routes.get(target)
        if route is None:
            break
        via = via or route.name
        if laps.get(route.name, 0) < route.at_most:
            passed += (route.name,)
            target = route.to
        else:
            target = route.then
    return target, via, passed


def led(
    program: Program, facts: Facts, event: Event, way: Way, answers: Mapping[str, Json], calendar: Calendar
) -> Event:
    """The event that enters where the way leads, with what is due there."""
    spans: dict[str, datetime | None] = {}
    for span in program.spans.values():
        if span.from_move == event.move and span.name not in facts.spans:
            spans[span.name] = due(event.at, span.amount, calendar).moment
    ended = spans_ended(program, way.to)
    if facts.due_span and event.kind == "clock" and event.move == CLOCK_MOVE:
        ended = ended | {facts.due_span}
    running = {name: moment for name, moment in {**facts.spans, **spans}.items() if name not in ended and moment}
    changes = {name: moment for name, moment in spans.items() if name not in ended}
    changes.update({name: None for name in facts.spans if name in ended})
    known = lookups(program)
    if known.links:
        move = known.moves[facts.state].get(event.move)
        event = with_links(program, move, replace(event, to_state=way.to), answers)
    until = due_in(
        program,
        way.to,
        opened=opened_after(facts.opened, event),
        at=event.at,
        raised_at=facts.raised_at,
        deeds=(*facts.deeds, Deed(event.move, event.person, event.unit, event.named_unit, event.at)),
        answers=answers,
        spans=running,
        calendar=calendar,
        place=facts.place,
    )
    return replace(
        event,
        rows=until.rows,
        to_state=way.to,
        via=way.via,
        lap=way.laps,
        spans=changes,
        due=until.moment,
        due_span=until.span,
        provisional=until.provisional,
    )


def spans_ended(program: Program, entered: str) -> frozenset[str]:
    """A span ends at its goal, at a final state, and where it would lead itself: there it has nothing to add."""
    if entered not in program.states:
        return frozenset(program.spans)
    return frozenset(span.name for span in program.spans.values() if entered in (span.to_state, span.clock_to))


class Until(NamedTuple):
    moment: datetime | None
    span: str
    provisional: bool
    rows: tuple[str, ...] = ()


def due_in(
    program: Program,
    entered: str,
    *,
    opened: Mapping[str, str],
    at: datetime,
    raised_at: datetime,
    deeds: tuple[Deed, ...],
    answers: Mapping[str, Json],
    spans: Mapping[str, datetime],
    calendar: Calendar,
    place: Mapping[str, str],
) -> Until:
    """The earliest of the entered state's limit and the running spans; nothing in a final state.

    Where nothing is left to wait for, the clock's turn is at once.
    """
    state = program.states.get(entered)
    if state is None:
        return Until(None, "", False)
    if state.waits is not None and settled_way(state, opened, answers) is not None:
        return Until(at, "", False)
    own = state_due(
        state.limit, at=at, raised_at=raised_at, deeds=deeds, answers=answers, calendar=calendar, place=place
    )
    first = min(spans.items(), key=lambda span: (span[1], span[0]), default=None)
    if first is not None and first[1] < own.moment:
        return Until(max(first[1], at), first[0], calendar.is_estimated(calendar.due_day(first[1])))
    return Until(own.moment, "", own.provisional, own.rows)

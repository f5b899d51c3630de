"""What a command does to an entry, and what an event makes of its facts.

`decide` and `open_entry` answer with events or a refusal, `evolve` folds an event into the facts. All are pure and
total: whatever the command holds, they answer. The web form, the clock, the demonstration, the audit and the
property tests use these same functions.

The order in which a command is judged is part of the contract, because the first thing wrong is what people are
told: overtaken, closed, move known here, may, condition, answers, proof, branch, laps and routes, due.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from jiebang.engine import answers as questions
from jiebang.engine.collecting import resolved, result_of, voted
from jiebang.engine.commands import is_actor, malformed
from jiebang.engine.conditions import holds
from jiebang.engine.dues import anchor_of, promise_refused
from jiebang.engine.duties import duty_done, extension_made, hindrance, move_named, running_on
from jiebang.engine.fold import evolve
from jiebang.engine.linked import HEARD, is_heard_of, opened_after, settled_way, with_links
from jiebang.engine.lookups import ANSWER, ASK, DUTY, GRANT, OBJECT, REFUSE, lookups
from jiebang.engine.making import (
    entry_named,
    sorted_by_visibility,
    staying,
    taking_of,
    unit_for,
    unit_named,
    verified_as,
)
from jiebang.engine.model import (
    CLOCK,
    READ_TYPES,
    Actor,
    Command,
    Deed,
    Event,
    Facts,
    Field,
    Json,
    Move,
    No,
    Origin,
    Program,
    Refused,
    State,
    Texts,
    Yes,
)
from jiebang.engine.objecting import answered, answers_in, clock_made, objected
from jiebang.engine.parties import as_taken, who_may, who_may_open
from jiebang.engine.refusals import refuse
from jiebang.engine.requiring import unmet
from jiebang.engine.ways import CLOCK_MOVE, Way, due_in, led, spans_ended, through_routes, way_of
from jiebang.engine.worktime import Calendar, CalendarEnds, due

__all__ = ["decide", "evolve", "heard", "join", "may", "moves_open_to", "open_entry"]

# ── Doors ───────────────────────────────────────────────────────────────────────────────────────────────────


def open_entry(
    program: Program,
    opening: str,
    command: Command,
    *,
    at: datetime,
    calendar: Calendar,
    place: Mapping[str, str],
    raiser: str,
    clerk: str = "",
    origin: Origin | None = None,
    again: str = "",
) -> list[Event] | Refused:
    """Raise a matter: the first event of a new entry, or why not.

    `again` is the number of the closed entry that is raised again; whether it may be, `may_raise_again` says.
    `origin` is the event of another entry that opens this one, with the actor `BOARDS`.
    `raiser` is the person key of whoever raises; `clerk` that of the official who writes it down for them. An
    official who raises for another person is a clerk even when nobody says so.
    """
    wrong = malformed(command)
    if wrong:
        return wrong
    move = program.openings.get(opening) if isinstance(opening, str) else None
    if move is None:
        return refuse("no-such-opening")
    if not place:
        return refuse("no-place")
    if not raiser:
        return refuse("no-raiser")
    if command.actor.taker is not None:  # a matter written down for somebody has its own opening, and a clerk
        return refuse("bad-command", part="actor")
    answer = who_may_open(program, place, command.actor, move)
    if isinstance(answer, No):
        return answer.refused
    try:
        events = _opened(program, move, command, answer.party, _moment(at), calendar, place, raiser, clerk, origin)
    except CalendarEnds as ends:
        return refuse("no-calendar", year=ends.year)
    return events if isinstance(events, Refused) or not again else [replace(events[0], again=again)]


def decide(
    program: Program, facts: Facts, command: Command, *, at: datetime, calendar: Calendar
) -> list[Event] | Refused:
    """Return what the command does to the entry, or why it does nothing.

    On one entry time never goes back: a command given earlier than the last event counts as given with it. An
    overdue clock move is not made here by itself; the shell gives the clock's command first.
    """
    wrong = malformed(command)
    if wrong:
        return wrong
    if command.expects_seq is not None and command.expects_seq != facts.seq:
        return refuse("overtaken")
    state = program.states.get(facts.state)
    if state is None:
        return refuse("closed", state=_state_title(program, facts.state))
    at = max(_moment(at), facts.last_at)
    try:
        if command.move == CLOCK_MOVE:
            return _clock(program, facts, state, command, at, calendar)
        move = move_named(program, facts, state, command.move)
        if move is None:
            return refuse("no-such-move", state=state.title)
        answer = may(program, facts, command.actor, command.move)
        if isinstance(answer, No):
            return answer.refused
        move = as_taken(program, command.actor, move)
        return _made(program, facts, state, move, command, answer.party, at, calendar)
    except CalendarEnds as ends:
        return refuse("no-calendar", year=ends.year)


def read_by(program: Program, facts: Facts, move: str) -> tuple[Field, ...]:
    """Return the questions of a move that the city itself answers, from what its boards say at that moment."""
    state = program.states.get(facts.state)
    known = move_named(program, facts, state, move) if state is not None else None
    asked = known.ask if known is not None else ()
    return tuple(field for ask in asked if (field := program.fields[ask.field]).type in READ_TYPES)


def may(program: Program, facts: Facts, actor: Actor, move: str) -> Yes | No:
    """Whether the actor may make that move now, answers apart; a No says why not and what to do."""
    state = program.states.get(facts.state)
    if state is None:
        return No(refuse("closed", state=_state_title(program, facts.state)))
    if not is_actor(actor):
        return No(refuse("bad-command", part="actor"))
    known = move_named(program, facts, state, move)
    if known is None:
        return No(refuse("no-such-move", state=state.title))
    answer = who_may(program, facts, actor, known)
    if isinstance(answer, No):
        return answer
    against = hindrance(program, facts, state, known, actor)
    return No(against) if against else answer


def moves_open_to(program: Program, facts: Facts, actor: Actor) -> list[tuple[Move, Yes | No]]:
    """Every move of the present state, duties and extensions included, with whether the actor may make it.

    For a raiser whose word is taken down, each move comes with what is asked besides.
    """
    state = program.states.get(facts.state)
    if state is None:
        return []
    running = (DUTY + name for name in running_on(program, facts, state))
    names = [*lookups(program).moves[state.name], *running, *answers_in(state, facts)]
    found = []
    for name in names:
        move = move_named(program, facts, state, name)
        assert move is not None
        found.append((as_taken(program, actor, move), may(program, facts, actor, name)))
    return found


def join(
    program: Program, facts: Facts, *, raisers: Sequence[str], at: datetime, clerks: Sequence[str] = ()
) -> list[Event]:
    """Add the raisers of an entry merged into this one, and who wrote theirs down: one event for each clerk.

    Nothing is added twice, and nothing to an entry that is closed: its raisers had their verdict.
    """
    if facts.state not in program.states:
        return []
    at = max(_moment(at), facts.last_at)
    new = tuple(dict.fromkeys(person for person in raisers if person and person not in facts.raisers))
    scribes = tuple(dict.fromkeys(clerk for clerk in clerks if clerk and clerk not in facts.clerks))
    if not new and not scribes:
        return []
    events = []
    for step, clerk in enumerate(scribes or ("",)):
        event = staying(facts, "join", "join", at=at, party="raiser", person="", raisers=() if step else new)
        events.append(replace(event, seq=event.seq + step, clerk=clerk))
    return events


def heard(program: Program, facts: Facts, slot: str, means: str, *, at: datetime) -> list[Event]:
    """An entry this one opened, or waits for, has closed: one event, once. Was it the last, the clock's turn is now.

    Nothing for an entry that is closed itself, or did not open that one, or has heard of it.
    """
    state = program.states.get(facts.state)
    if state is None or not is_heard_of(facts, slot):
        return []
    event = staying(facts, "heard", HEARD, at=max(_moment(at), facts.last_at), party="clock", person=CLOCK.person)
    event = replace(event, heard=slot, means=means)
    if settled_way(state, opened_after(facts.opened, event), facts.answers) is not None:
        event = replace(event, due=event.at, due_span="", provisional=False)
    return [event]


# ── One move ────────────────────────────────────────────────────────────────────────────────────────────────


def _opened(
    program: Program,
    move: Move,
    command: Command,
    party: str,
    at: datetime,
    calendar: Calendar,
    place: Mapping[str, str],
    raiser: str,
    clerk: str,
    origin: Origin | None,
) -> list[Event] | Refused:
    given = questions.read(move, command.answers, command.shown, {}, program)
    if isinstance(given, Refused):
        return given
    hidden = questions.unshown(move, command.shown, given, program)
    if hidden:
        return hidden
    way = way_of(program, {}, move, "", given)
    if isinstance(way, Refused):
        return way
    late = unmet(program, move, given, at=at, calendar=calendar)
    late = late or _promise_refused(program, None, move, way.to, given, at, calendar)
    if late:
        return late
    official = program.parties[party].is_official
    unit = ""
    if official:
        chosen = unit_for(program, None, place, command, party, move)
        if isinstance(chosen, Refused):
            return chosen
        unit = chosen
        if not clerk and command.actor.person != raiser:
            clerk = command.actor.person
    logged, told, kept = sorted_by_visibility(program, given)
    spans = {
        span.name: due(at, span.amount, calendar).moment
        for span in program.spans.values()
        if span.from_move in ("raised", move.name)
    }
    ended = spans_ended(program, way.to)
    spans = {name: moment for name, moment in spans.items() if name not in ended}
    deed = Deed(move.name, command.actor.person, unit, unit_named(program, move, given), at)
    event = Event(
        kind="open",
        seq=1,
        move=move.name,
        from_state="",
        to_state=way.to,
        at=at,
        party=party,
        person=command.actor.person or raiser,
        unit=unit,
        named_unit=deed.named_unit,
        via=way.via,
        answers=logged,
        told=told,
        kept=kept,
        lap=way.laps,
        spans=spans,
        place=dict(place),
        raisers=(raiser,),
        clerk=clerk,
        origin=origin,
    )
    if lookups(program).links:
        event = with_links(program, move, event, given)
    until = due_in(
        program,
        way.to,
        opened=opened_after({}, event),
        at=at,
        raised_at=at,
        deeds=(deed,),
        answers=logged,
        spans=spans,
        calendar=calendar,
        place=place,
    )
    return [replace(event, due=until.moment, due_span=until.span, provisional=until.provisional, rows=until.rows)]


def _made(
    program: Program,
    facts: Facts,
    state: State,
    move: Move,
    command: Command,
    party: str,
    at: datetime,
    calendar: Calendar,
) -> list[Event] | Refused:
    """A move whose maker may make it: condition, answers, proof, then where it leads."""
    if not holds(move.when, facts.answers, program) and not _reads_own_answers(move):
        return refuse("condition", move=move.title)
    unit = unit_for(program, facts, facts.place, command, party, move)
    if isinstance(unit, Refused):
        return unit
    taken = taking_of(program, facts, command, move)
    if isinstance(taken, Refused):
        return taken
    asked = {ask.field for ask in move.ask}
    earlier = {name: value for name, value in facts.answers.items() if name not in asked}
    given = questions.read(move, command.answers, command.shown, earlier, program)
    if isinstance(given, Refused):
        return given
    known = {**earlier, **given}
    if not holds(move.when, known, program):
        return refuse("condition", move=move.title)
    way = way_of(program, facts.laps, move, state.name, known) if move.to else None
    late = unmet(program, move, known, at=at, calendar=calendar)
    late = late or _promise_refused(program, facts, move, way.to if isinstance(way, Way) else "", given, at, calendar)
    if late:
        return late
    hidden = questions.unshown(move, command.shown, known, program)
    if hidden:
        return hidden
    logged, told, kept = sorted_by_visibility(program, given)
    event = staying(
        facts,
        "move",
        move.name,
        at=at,
        party=party,
        person=command.actor.person,
        unit=unit,
        named_unit=unit_named(program, move, given),
        answers=logged,
        told=told,
        kept=kept,
        verified=verified_as(program, move, party, command.actor),
        taken=taken,
    )
    if move.name.startswith(DUTY):
        return [duty_done(program, facts, state, event, calendar)]
    if move.name in (ASK, GRANT, REFUSE):
        return extension_made(program, facts, state, event, given, calendar)
    if move.name == OBJECT and state.objections:
        return objected(program, facts, state, event, calendar)
    if move.name.startswith(ANSWER):
        return answered(program, facts, state, event, calendar)
    of_raisers = command.actor.person in facts.raisers and len(facts.raisers) > 1
    if move.collect and (move.collect.is_vote or of_raisers):
        return voted(program, facts, state, move, event, move.collect, calendar)
    assert way is not None  # only duties lead nowhere
    if isinstance(way, Refused):
        return way
    final = program.finals.get(way.to)
    if final and final.means == "withdrawn" and len(facts.raisers) > 1 and command.actor.person in facts.raisers:
        # The matter belongs to the other raisers too: one who withdraws leaves, the entry stays.
        return [replace(event, kind="leave", raisers=(command.actor.person,))]
    if move.joins:
        event = replace(event, joins=entry_named(program, move, given))
    return [led(program, facts, event, way, known, calendar)]


def _clock(
    program: Program, facts: Facts, state: State, command: Command, at: datetime, calendar: Calendar
) -> list[Event] | Refused:
    """The limit has passed: a running count is closed, else the span's or the state's own way is taken."""
    if command.actor.person != CLOCK.person:
        return refuse("clock-only")
    if facts.due is None or at < facts.due:
        return refuse("not-due")
    about_objections = clock_made(program, facts, state, at, calendar)
    if about_objections is not None:
        return about_objections
    event = staying(facts, "clock", CLOCK_MOVE, at=at, party="clock", person=CLOCK.person)
    event = replace(event, missed=facts.due)
    if facts.due_span:
        span = program.spans[facts.due_span]
        to, via, laps = through_routes(program, facts.laps, span.clock_to)
        return [led(program, facts, event, Way(to, via, laps), facts.answers, calendar)]
    if facts.votes:
        counted = next((m for m in state.moves.values() if m.collect and not m.collect.is_vote), None)
        if counted is not None and counted.collect is not None:
            result = result_of(counted.collect, list(facts.votes.values()))
            return resolved(
                program, facts, state, counted, counted.collect, result, replace(event, verified="raisers"), calendar
            )
    target = settled_way(state, facts.opened, facts.answers) if state.waits else None
    to, via, laps = through_routes(program, facts.laps, target or state.clock_to)
    return [led(program, facts, event, Way(to, via, laps), facts.answers, calendar)]


# ── Smaller questions ───────────────────────────────────────────────────────────────────────────────────────


def _reads_own_answers(move: Move) -> bool:
    asked = {ask.field for ask in move.ask}
    return any(test.field in asked for test in move.when.tests)


def _promise_refused(
    program: Program,
    facts: Facts | None,
    move: Move,
    entered: str,
    given: Mapping[str, Json],
    at: datetime,
    calendar: Calendar,
) -> Refused | None:
    """Check each promised date among the answers against the state it is for: the one entered, else any."""
    promised = lookups(program).promised
    state = program.states.get(entered)
    for name, value in given.items():
        limits = promised.get(name, ())
        if state is not None and state.limit.until == name:
            limits = (state.limit,)
        for limit in limits:
            anchor = at
            if facts is not None and limit.since != move.name:
                anchor = anchor_of(limit.since, at, facts.raised_at, facts.deeds)
            assert limit.ceiling is not None
            refused = promise_refused(
                program.fields[name], value, at=at, anchor=anchor, ceiling=limit.ceiling, calendar=calendar
            )
            if refused:
                return refused
    return None


def _state_title(program: Program, name: str) -> Texts:
    final = program.finals.get(name)
    return final.title if final else {"en": name}


def _moment(at: datetime) -> datetime:
    """Moments have milliseconds, in UTC."""
    at = at.astimezone(UTC)
    return at.replace(microsecond=at.microsecond // 1000 * 1000)

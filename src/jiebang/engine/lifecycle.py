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
from jiebang.engine.conditions import holds
from jiebang.engine.dues import amount_title, anchor_of, duty_due, promise_refused
from jiebang.engine.fold import evolve
from jiebang.engine.lookups import ASK, DUTY, GRANT, NEW_DATE, REFUSE, lookups
from jiebang.engine.model import (
    CLOCK,
    Actor,
    Appointment,
    Collect,
    Command,
    Deed,
    Event,
    Facts,
    Json,
    Move,
    No,
    Program,
    Refused,
    State,
    Taken,
    Texts,
    Yes,
)
from jiebang.engine.parties import appointments_fitting, as_taken, may_take, who_may, who_may_open
from jiebang.engine.refusals import listed, refuse
from jiebang.engine.ways import CLOCK_MOVE, Way, due_in, led, spans_ended, through_routes, way_of
from jiebang.engine.worktime import Calendar, CalendarEnds, due

__all__ = ["decide", "evolve", "join", "may", "moves_open_to", "open_entry"]

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
) -> list[Event] | Refused:
    """Raise a matter: the first event of a new entry, or why not.

    `raiser` is the person key of whoever raises; `clerk` that of the official who writes it down for them. An
    official who raises for another person is a clerk even when nobody says so.
    """
    malformed = _malformed(command)
    if malformed:
        return malformed
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
        return _opened(program, move, command, answer.party, _moment(at), calendar, place, raiser, clerk)
    except CalendarEnds as ends:
        return refuse("no-calendar", year=ends.year)


def decide(
    program: Program, facts: Facts, command: Command, *, at: datetime, calendar: Calendar
) -> list[Event] | Refused:
    """Return what the command does to the entry, or why it does nothing.

    On one entry time never goes back: a command given earlier than the last event counts as given with it. An
    overdue clock move is not made here by itself; the shell gives the clock's command first.
    """
    malformed = _malformed(command)
    if malformed:
        return malformed
    if command.expects_seq is not None and command.expects_seq != facts.seq:
        return refuse("overtaken")
    state = program.states.get(facts.state)
    if state is None:
        return refuse("closed", state=_state_title(program, facts.state))
    at = max(_moment(at), facts.last_at)
    try:
        if command.move == CLOCK_MOVE:
            return _clock(program, facts, state, command, at, calendar)
        move = _move_named(program, facts, state, command.move)
        if move is None:
            return refuse("no-such-move", state=state.title)
        answer = may(program, facts, command.actor, command.move)
        if isinstance(answer, No):
            return answer.refused
        move = as_taken(program, command.actor, move)
        return _made(program, facts, state, move, command, answer.party, at, calendar)
    except CalendarEnds as ends:
        return refuse("no-calendar", year=ends.year)


def may(program: Program, facts: Facts, actor: Actor, move: str) -> Yes | No:
    """Whether the actor may make that move now, answers apart; a No says why not and what to do."""
    state = program.states.get(facts.state)
    if state is None:
        return No(refuse("closed", state=_state_title(program, facts.state)))
    if not _is_actor(actor):
        return No(refuse("bad-command", part="actor"))
    known = _move_named(program, facts, state, move)
    if known is None:
        return No(refuse("no-such-move", state=state.title))
    answer = who_may(program, facts, actor, known)
    if isinstance(answer, No):
        return answer
    hindrance = _hindrance(program, facts, state, known, actor)
    return No(hindrance) if hindrance else answer


def moves_open_to(program: Program, facts: Facts, actor: Actor) -> list[tuple[Move, Yes | No]]:
    """Every move of the present state, duties and extensions included, with whether the actor may make it.

    For a raiser whose word is taken down, each move comes with what is asked besides.
    """
    state = program.states.get(facts.state)
    if state is None:
        return []
    names = [*lookups(program).moves[state.name], *(DUTY + name for name in _running_on(program, facts, state))]
    found = []
    for name in names:
        move = _move_named(program, facts, state, name)
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
        event = _staying(facts, "join", "join", at=at, party="raiser", person="", raisers=() if step else new)
        events.append(replace(event, seq=event.seq + step, clerk=clerk))
    return events


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
    late = _promise_refused(program, None, move, way.to, given, at, calendar)
    if late:
        return late
    official = program.parties[party].is_official
    unit = ""
    if official:
        chosen = _unit_for(program, None, place, command, party, move)
        if isinstance(chosen, Refused):
            return chosen
        unit = chosen
        if not clerk and command.actor.person != raiser:
            clerk = command.actor.person
    logged, told, kept = _sorted_by_visibility(program, given)
    spans = {
        span.name: due(at, span.amount, calendar).moment
        for span in program.spans.values()
        if span.from_move in ("raised", move.name)
    }
    ended = spans_ended(program, way.to)
    spans = {name: moment for name, moment in spans.items() if name not in ended}
    deed = Deed(move.name, command.actor.person, unit, _named_unit(program, move, given), at)
    until = due_in(program, way.to, at=at, raised_at=at, deeds=(deed,), answers=logged, spans=spans, calendar=calendar)
    return [
        Event(
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
            due=until.moment,
            due_span=until.span,
            provisional=until.provisional,
            answers=logged,
            told=told,
            kept=kept,
            lap=way.laps,
            spans=spans,
            place=dict(place),
            raisers=(raiser,),
            clerk=clerk,
        )
    ]


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
    unit = _unit_for(program, facts, facts.place, command, party, move)
    if isinstance(unit, Refused):
        return unit
    taken = _taken(program, facts, command, move)
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
    late = _promise_refused(program, facts, move, way.to if isinstance(way, Way) else "", given, at, calendar)
    if late:
        return late
    hidden = questions.unshown(move, command.shown, known, program)
    if hidden:
        return hidden
    logged, told, kept = _sorted_by_visibility(program, given)
    event = _staying(
        facts,
        "move",
        move.name,
        at=at,
        party=party,
        person=command.actor.person,
        unit=unit,
        named_unit=_named_unit(program, move, given),
        answers=logged,
        told=told,
        kept=kept,
        verified=_verified(program, move, party, command.actor),
        taken=taken,
    )
    if move.name.startswith(DUTY):
        return [_duty_done(program, facts, state, event, calendar)]
    if move.name in (ASK, GRANT, REFUSE):
        return _extended(program, facts, state, event, given, calendar)
    if move.collect and command.actor.person in facts.raisers and len(facts.raisers) > 1:
        return _voted(program, facts, state, move, event, move.collect, calendar)
    assert way is not None  # only duties lead nowhere
    if isinstance(way, Refused):
        return way
    final = program.finals.get(way.to)
    if final and final.means == "withdrawn" and len(facts.raisers) > 1 and command.actor.person in facts.raisers:
        # The matter belongs to the other raisers too: one who withdraws leaves, the entry stays.
        return [replace(event, kind="leave", raisers=(command.actor.person,))]
    if move.joins:
        event = replace(event, joins=_joined_entry(program, move, given))
    return [led(program, facts, event, way, known, calendar)]


def _clock(
    program: Program, facts: Facts, state: State, command: Command, at: datetime, calendar: Calendar
) -> list[Event] | Refused:
    """The limit has passed: a running count is closed, else the span's or the state's own way is taken."""
    if command.actor.person != CLOCK.person:
        return refuse("clock-only")
    if facts.due is None or at < facts.due:
        return refuse("not-due")
    event = _staying(facts, "clock", CLOCK_MOVE, at=at, party="clock", person=CLOCK.person)
    event = replace(event, missed=facts.due)
    if facts.due_span:
        span = program.spans[facts.due_span]
        to, via, laps = through_routes(program, facts.laps, span.clock_to)
        return [led(program, facts, event, Way(to, via, laps), facts.answers, calendar)]
    if facts.votes:
        counted = next((move for move in state.moves.values() if move.collect), None)
        if counted is not None and counted.collect is not None:
            result = _result(counted.collect, list(facts.votes.values()))
            return _resolved(
                program, facts, state, counted, counted.collect, result, replace(event, verified="raisers"), calendar
            )
    to, via, laps = through_routes(program, facts.laps, state.clock_to)
    return [led(program, facts, event, Way(to, via, laps), facts.answers, calendar)]


# ── Several raisers, duties, extensions ─────────────────────────────────────────────────────────────────────


def _voted(
    program: Program,
    facts: Facts,
    state: State,
    move: Move,
    event: Event,
    collect: Collect,
    calendar: Calendar,
) -> list[Event] | Refused:
    """One raiser's verdict while others are asked; the one that settles it is followed by the move itself."""
    vote = replace(event, kind="vote")
    answer = event.answers.get(collect.field)
    votes = {**facts.votes, event.person: str(answer)}
    result = _settled(collect, list(votes.values()), len(facts.raisers))
    if result is None:
        return [vote]
    after = evolve(program, facts, vote)
    deciding = _staying(after, "move", move.name, at=event.at, party=event.party, person=event.person)
    deciding = replace(deciding, verified=event.verified, taken=event.taken)
    resolved = _resolved(program, after, state, move, collect, result, deciding, calendar)
    return resolved if isinstance(resolved, Refused) else [vote, *resolved]


def _resolved(
    program: Program,
    facts: Facts,
    state: State,
    move: Move,
    collect: Collect,
    result: str,
    event: Event,
    calendar: Calendar,
) -> list[Event] | Refused:
    """The counted move, made with the result of the count."""
    known = {**facts.answers, collect.field: result}
    way = way_of(program, facts.laps, move, state.name, known)
    if isinstance(way, Refused):
        return way
    event = replace(event, move=move.name, answers={collect.field: result})
    return [led(program, facts, event, way, known, calendar)]


def _result(collect: Collect, said: Sequence[str]) -> str:
    """More than half of those who answered decide; a tie is `no`.

    The yes-like answers are taken best first and together: 1 yes, 1 partly, 1 no is "partly".
    """
    count = 0
    for answer in collect.yes:
        count += said.count(answer)
        if 2 * count > len(said):
            return answer
    return collect.no


def _settled(collect: Collect, said: Sequence[str], raisers: int) -> str | None:
    """The result, once no answer still to come can change it: the best and the worst end agree."""
    silent = max(raisers - len(said), 0)
    best = _result(collect, [*said, *[collect.yes[0]] * silent])
    worst = _result(collect, [*said, *[collect.no] * silent])
    return best if best == worst else None


def _duty_done(program: Program, facts: Facts, state: State, event: Event, calendar: Calendar) -> Event:
    """A duty done: the state stays. Done late, it bears the due it missed."""
    name = event.move.removeprefix(DUTY)
    duty = state.duties.get(name) or lookups(program).running[name]
    since = facts.state_since if name in state.duties else facts.running[name]
    owed = duty_due(duty, facts, since=since, calendar=calendar)
    missed = owed.moment if owed and owed.moment < event.at else None
    return replace(event, kind="duty", missed=missed)


def _extended(
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


# ── Smaller questions ───────────────────────────────────────────────────────────────────────────────────────


def _move_named(program: Program, facts: Facts, state: State, name: str) -> Move | None:
    known = lookups(program)
    found = known.moves[state.name].get(name)
    if found is not None or not name.startswith(DUTY):
        return found
    if name.removeprefix(DUTY) in _running_on(program, facts, state):
        return known.running_moves.get(name)
    return None


def _running_on(program: Program, facts: Facts, state: State) -> list[str]:
    """Duties of states already left that live on and are not done."""
    known = lookups(program).running
    return [
        name for name in facts.running if name in known and name not in state.duties and name not in facts.duties_done
    ]


def _hindrance(program: Program, facts: Facts, state: State, move: Move, actor: Actor) -> Refused | None:
    """What stands against a move whoever makes it: laps used up, duties open, a verdict given, an extension."""
    used = facts.laps.get(f"{state.name}.{move.name}", 0)
    if move.at_most is not None and move.then is None and used >= move.at_most:
        return refuse("used-up", move=move.title, n=move.at_most)
    if move.when.duties_done:
        wanted = [d for d in state.duties.values() if d.name not in facts.duties_done and d.name not in move.when.but]
        if wanted:
            return refuse("duties-open", move=move.title, duties=listed([duty.title for duty in wanted]))
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


def _unit_for(
    program: Program,
    facts: Facts | None,
    place: Mapping[str, str],
    command: Command,
    party: str,
    move: Move,
) -> str | Refused:
    """The unit an official acts for: the one named in the command, else the only one it can be."""
    if not program.parties[party].is_official:
        return ""
    fitting = appointments_fitting(program.parties[party], command.actor, place, facts)
    units = list(dict.fromkeys(held.unit for held in fitting))
    if command.unit:
        return command.unit if command.unit in units else refuse("not-your-unit", move=move.title)
    return units[0] if len(units) == 1 else refuse("which-unit")


def _taken(program: Program, facts: Facts, command: Command, move: Move) -> Taken | Refused | None:
    """Who takes the raiser's word down, if somebody does."""
    actor = command.actor
    if actor.taker is None or actor.via not in ("window", "proxy"):
        return None
    answer = may_take(program, facts, actor, move)
    if isinstance(answer, No):
        return answer.refused
    unit = _unit_for(program, facts, facts.place, replace(command, actor=actor.taker), answer.party, move)
    return unit if isinstance(unit, Refused) else Taken(actor.via, answer.party, actor.taker.person, unit)


def _named_unit(program: Program, move: Move, given: Mapping[str, Json]) -> str:
    """The unit a move names in an answer, as `assign` and `offer` do."""
    for ask in move.ask:
        if program.fields[ask.field].type == "unit":
            return str(given.get(ask.field, ""))
    return ""


def _joined_entry(program: Program, move: Move, given: Mapping[str, Json]) -> str:
    for ask in move.ask:
        if program.fields[ask.field].type == "entry":
            return str(given.get(ask.field, ""))
    return ""


def _verified(program: Program, move: Move, party: str, actor: Actor) -> str:
    """How a verifying move verified: each way is its own kind in every statistic."""
    if not move.verifies:
        return ""
    if program.parties[party].kind in ("raiser", "anyone"):
        ways = {"code": "raiser-code", "window": "window", "proxy": "proxy"}
        return ways.get(actor.via, "raiser-account")
    return move.verified_as or ("call-back" if actor.via == "call" else "officer")


def _sorted_by_visibility(
    program: Program, given: Mapping[str, Json]
) -> tuple[dict[str, Json], dict[str, Json], dict[str, Json]]:
    """Answers in clear in the log, told beside it, kept for the parties."""
    logged: dict[str, Json] = {}
    told: dict[str, Json] = {}
    kept: dict[str, Json] = {}
    for name, value in given.items():
        field = program.fields[name]
        shelf = logged if field.logged else told if field.visible == "public" else kept
        shelf[name] = value
    return logged, told, kept


def _staying(
    facts: Facts,
    kind: str,
    move: str,
    *,
    at: datetime,
    party: str,
    person: str,
    unit: str = "",
    named_unit: str = "",
    answers: Mapping[str, Json] | None = None,
    told: Mapping[str, Json] | None = None,
    kept: Mapping[str, Json] | None = None,
    raisers: tuple[str, ...] = (),
    verified: str = "",
    taken: Taken | None = None,
) -> Event:
    """An event that leaves the state and its due as they are."""
    return Event(
        kind=kind,  # type: ignore[arg-type]  # each caller names one of the kinds
        seq=facts.seq + 1,
        move=move,
        from_state=facts.state,
        to_state=facts.state,
        at=at,
        party=party,
        person=person,
        unit=unit,
        named_unit=named_unit,
        due=facts.due,
        due_span=facts.due_span,
        provisional=facts.provisional,
        answers=answers or {},
        told=told or {},
        kept=kept or {},
        raisers=raisers,
        verified=verified,
        taken=taken,
    )


def _state_title(program: Program, name: str) -> Texts:
    final = program.finals.get(name)
    return final.title if final else {"en": name}


def _moment(at: datetime) -> datetime:
    """Moments have milliseconds, in UTC."""
    at = at.astimezone(UTC)
    return at.replace(microsecond=at.microsecond // 1000 * 1000)


def _malformed(command: Command) -> Refused | None:
    """Commands come from outside: their shape is checked before anything is asked of them."""
    if not isinstance(command, Command):
        return refuse("bad-command", part="command")
    if not isinstance(command.move, str):
        return refuse("bad-command", part="move")
    if not _is_actor(command.actor):
        return refuse("bad-command", part="actor")
    if not isinstance(command.answers, Mapping) or not all(isinstance(name, str) for name in command.answers):
        return refuse("bad-command", part="answers")
    if not isinstance(command.shown, list | tuple) or not all(isinstance(item, str) for item in command.shown):
        return refuse("bad-command", part="shown")
    if len(command.shown) > questions.MOST_FILES:
        return refuse("too-many-files", n=len(command.shown), most=questions.MOST_FILES)
    if not isinstance(command.unit, str):
        return refuse("bad-command", part="unit")
    if command.expects_seq is not None and type(command.expects_seq) is not int:
        return refuse("bad-command", part="expects_seq")
    return None


def _is_actor(actor: Actor) -> bool:
    return (
        isinstance(actor, Actor)
        and isinstance(actor.person, str)
        and isinstance(actor.beside, str)
        and isinstance(actor.via, str)
        and (actor.taker is None or (_is_actor(actor.taker) and actor.taker.taker is None))
        and isinstance(actor.appointments, list | tuple)
        and isinstance(actor.others, list | tuple)
        and all(
            isinstance(held, Appointment)
            and isinstance(held.office, str)
            and isinstance(held.unit, str)
            and isinstance(held.area, str)
            and isinstance(held.level, str)
            for held in (*actor.appointments, *actor.others)
        )
    )

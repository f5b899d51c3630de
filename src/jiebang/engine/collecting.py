"""Several people give one verdict: votes, and what they come to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from jiebang.engine.fold import evolve
from jiebang.engine.making import staying
from jiebang.engine.model import (
    Collect,
    Event,
    Facts,
    Json,
    Move,
    Program,
    Refused,
    State,
)
from jiebang.engine.ways import led, way_of
from jiebang.engine.worktime import Calendar


def voted(
    program: Program,
    facts: Facts,
    state: State,
    move: Move,
    event: Event,
    collect: Collect,
    calendar: Calendar,
) -> list[Event] | Refused:
    """One person's verdict while others are asked; the one that settles it is followed by the move itself."""
    vote = replace(event, kind="vote")
    answer = event.answers.get(collect.field)
    votes = {**facts.votes, event.person: str(answer)}
    said = list(votes.values())
    result = enough_of(collect, said, facts.answers) if collect.is_vote else settled(collect, said, len(facts.raisers))
    if result is None:
        return [vote]
    after = evolve(program, facts, vote)
    deciding = staying(after, "move", move.name, at=event.at, party=event.party, person=event.person)
    deciding = replace(deciding, verified=event.verified, taken=event.taken)
    settling = resolved(program, after, state, move, collect, result, deciding, calendar)
    return settling if isinstance(settling, Refused) else [vote, *settling]


def resolved(
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


def result_of(collect: Collect, said: Sequence[str]) -> str:
    """More than half of those who answered decide; a tie is `no`.

    The yes-like answers are taken best first and together: 1 yes, 1 partly, 1 no is "partly".
    """
    count = 0
    for answer in collect.yes:
        count += said.count(answer)
        if 2 * count > len(said):
            return answer
    return collect.no


def enough_of(collect: Collect, said: Sequence[str], answers: Mapping[str, Json]) -> str | None:
    """The result, once so many agree as are enough; the yes-like answers best first and together."""
    needed = collect.needed(answers)
    if needed is None:
        return None
    count = 0
    for answer in collect.yes:
        count += said.count(answer)
        if count >= needed:
            return answer
    return collect.no if said.count(collect.no) >= needed else None


def settled(collect: Collect, said: Sequence[str], raisers: int) -> str | None:
    """The result, once no answer still to come can change it: the best and the worst end agree."""
    silent = max(raisers - len(said), 0)
    best = result_of(collect, [*said, *[collect.yes[0]] * silent])
    worst = result_of(collect, [*said, *[collect.no] * silent])
    return best if best == worst else None

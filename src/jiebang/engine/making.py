"""What an event says of whoever makes a move: for which unit, how verified, which answers are public."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from jiebang.engine.linked import how_many
from jiebang.engine.lookups import lookups
from jiebang.engine.model import (
    Actor,
    Command,
    Event,
    EventKind,
    Facts,
    Json,
    Move,
    No,
    Program,
    Refused,
    Taken,
)
from jiebang.engine.parties import appointments_fitting, may_take
from jiebang.engine.refusals import refuse


def unit_for(
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


def taking_of(program: Program, facts: Facts, command: Command, move: Move) -> Taken | Refused | None:
    """Who takes the raiser's word down, if somebody does."""
    actor = command.actor
    if actor.taker is None or actor.via not in ("window", "proxy"):
        return None
    answer = may_take(program, facts, actor, move)
    if isinstance(answer, No):
        return answer.refused
    unit = unit_for(program, facts, facts.place, replace(command, actor=actor.taker), answer.party, move)
    return unit if isinstance(unit, Refused) else Taken(actor.via, answer.party, actor.taker.person, unit)


def unit_named(program: Program, move: Move, given: Mapping[str, Json]) -> str:
    """The unit a move names in an answer, as `assign` and `offer` do."""
    for ask in move.ask:
        if program.fields[ask.field].type == "unit":
            return str(given.get(ask.field, ""))
    return ""


def entry_named(program: Program, move: Move, given: Mapping[str, Json]) -> str:
    for ask in move.ask:
        if program.fields[ask.field].type == "entry":
            return str(given.get(ask.field, ""))
    return ""


def verified_as(program: Program, move: Move, party: str, actor: Actor) -> str:
    """How a verifying move verified: each way is its own kind in every statistic."""
    if not move.verifies:
        return ""
    if program.parties[party].kind in ("raiser", "anyone"):
        ways = {"code": "raiser-code", "window": "window", "proxy": "proxy"}
        return ways.get(actor.via, "raiser-account")
    return move.verified_as or ("call-back" if actor.via == "call" else "officer")


def sorted_by_visibility(
    program: Program, given: Mapping[str, Json]
) -> tuple[dict[str, Json], dict[str, Json], dict[str, Json]]:
    """Answers in clear in the log, told beside it, kept for the parties."""
    logged: dict[str, Json] = {}
    told: dict[str, Json] = {}
    kept: dict[str, Json] = {}
    counted = lookups(program).counted
    for name, value in given.items():
        field = program.fields[name]
        if name in counted:
            logged[name] = how_many(value)
            told[name] = value
            continue
        shelf = logged if field.logged else told if field.visible == "public" else kept
        shelf[name] = value
    return logged, told, kept


def staying(
    facts: Facts,
    kind: EventKind,
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
        kind=kind,
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

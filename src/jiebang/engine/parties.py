"""Who may do what on an entry: parties fitted to an actor, exclusions, and nobody verifying their own work."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from jiebang.engine.lookups import lookups
from jiebang.engine.model import Actor, Appointment, Exclusion, Facts, How, Move, No, Party, Program, Texts, Yes
from jiebang.engine.refusals import listed, refuse

HANDLER = "handler"  # the office of whoever acts for a handling unit
TAKEN: tuple[How, ...] = ("window", "proxy")


def who_may(program: Program, facts: Facts, actor: Actor, move: Move) -> Yes | No:
    """Whether the actor may make this move on this entry now, as far as persons go."""
    excluded: No | None = None
    for name in move.by:
        party = program.parties[name]
        if not fits(party, actor, facts.place, facts):
            continue
        if actor.taker is not None or actor.via in TAKEN:
            taken = may_take(program, facts, actor, move) if party.kind == "raiser" else _not_taken(move)
            if isinstance(taken, No):
                return taken
        excluded = _own_work(program, facts, actor, move) or _excluded(program, facts, actor, move, party)
        if excluded is None:
            return Yes(name)
    return excluded or No(refuse("not-yours", move=move.title, parties=_titles(program, move.by)))


def may_take(program: Program, facts: Facts, actor: Actor, move: Move) -> Yes | No:
    """Whether the official beside the raiser may take down this word of theirs; a Yes names the official's party.

    Nobody takes the verdict on their own work, on what they wrote down, or on their own matter.
    """
    taking = program.takings.get(actor.via)
    taker = actor.taker
    if taking is None or taker is None or move.name not in taking.of:
        return _not_taken(move)
    if taker.person in facts.raisers:
        return No(refuse("own-work"))
    excluded: No | None = None
    for name in taking.by:
        party = program.parties[name]
        if not fits(party, taker, facts.place, facts):
            continue
        excluded = _own_work(program, facts, taker, move) or _excluded(program, facts, taker, move, party)
        if excluded is None:
            return Yes(name)
    return excluded or No(refuse("not-a-taker", move=move.title, parties=_titles(program, taking.by)))


def as_taken(program: Program, actor: Actor, move: Move) -> Move:
    """Return the move with what is asked besides when an official takes the raiser's word down."""
    taking = program.takings.get(actor.via) if actor.taker is not None else None
    if taking is None or move.name not in taking.of:
        return move
    return replace(move, ask=(*taking.ask, *move.ask))


def _not_taken(move: Move) -> No:
    return No(refuse("not-taken", move=move.title))


def who_may_open(program: Program, place: Mapping[str, str], actor: Actor, opening: Move) -> Yes | No:
    """Whether the actor may raise a matter this way at this place. No deed excludes yet, but membership does."""
    excluded: No | None = None
    for name in opening.by:
        party = program.parties[name]
        if not fits(party, actor, place, None):
            continue
        excluded = _member_of_excluded(program, party.never, actor, place, None, opening)
        if excluded is None:
            return Yes(name)
    return excluded or No(refuse("not-yours", move=opening.title, parties=_titles(program, opening.by)))


def fits(party: Party, actor: Actor, place: Mapping[str, str], facts: Facts | None) -> bool:
    if party.kind == "anyone":
        return True
    if party.kind == "raiser":
        return facts is not None and actor.person != "" and actor.person in facts.raisers
    if party.kind == "clock":
        return False  # the clock has its own command
    if party.kind == "boards":
        return actor.via == "boards" and facts is None
    if party.kind == "instrument":
        return any(held.office == "instrument" for held in actor.appointments)
    return bool(appointments_fitting(party, actor, place, facts))


def appointments_fitting(
    party: Party, actor: Actor, place: Mapping[str, str], facts: Facts | None
) -> Sequence[Appointment]:
    """The appointments by which an official is that party for an entry at `place`."""
    if not actor.appointments or not actor.person:
        return ()
    if party.kind == "post":
        code = place.get(party.level)
        return [
            held
            for held in actor.appointments
            if held.level == party.level and held.area == code and code is not None and _holds(held, party)
        ]
    if party.kind == "unit":
        codes = place.values()
        return [held for held in actor.appointments if held.office == HANDLER and held.area in codes]
    if party.kind == "did" and facts is not None:
        unit = unit_that_did(party, facts)
        return [
            held
            for held in actor.appointments
            if unit and held.unit == unit and (not party.office or held.office == party.office)
        ]
    return ()


def _holds(held: Appointment, party: Party) -> bool:
    """Whether it is the party's office; whoever has a duty in a body (`committee.chair`) is a member of it."""
    return held.office == party.office or (party.collective and held.office.startswith(party.office + "."))


def unit_that_did(party: Party, facts: Facts) -> str:
    """The unit of the last of the party's moves, or "" when none was made yet."""
    for deed in reversed(facts.deeds):
        if deed.move in party.moves:
            if party.role == "named":
                return deed.named_unit
            if party.role == "doer":
                return deed.unit
            return deed.named_unit or deed.unit
    return ""


def _own_work(program: Program, facts: Facts, actor: Actor, move: Move) -> No | None:
    """Always on: whoever finished the work or wrote the entry down does not verify it, nor through the slip of
    a raiser used on a device where he is signed in (`beside`)."""
    if not move.verifies:
        return None
    persons = {actor.person, actor.beside} - {""}
    finishing = lookups(program).finishing
    if not persons.isdisjoint(facts.clerks) or any(
        deed.person in persons and deed.move in finishing for deed in facts.deeds
    ):
        return No(refuse("own-work"))
    return None


def _excluded(program: Program, facts: Facts, actor: Actor, move: Move, party: Party) -> No | None:
    for exclusion in (*party.never, *lookups(program).apart.get(move.name, ())):
        if exclusion.by == "member":
            member = _member_of_excluded(program, (exclusion,), actor, facts.place, facts, move)
            if member is not None:
                return member
        elif exclusion.by == "person":
            persons = {actor.person, actor.beside} - {""}
            done = next((d.move for d in facts.deeds if d.move in exclusion.moves and d.person in persons), None)
            if done is not None:
                return No(refuse("handled-it", move=move.title, deed=move_title(program, done)))
        else:
            done = _done_by_own_unit(exclusion, facts, actor)
            if done is not None:
                return No(refuse("unit-handled-it", move=move.title, deed=move_title(program, done)))
    return None


def _member_of_excluded(
    program: Program,
    never: Sequence[Exclusion],
    actor: Actor,
    place: Mapping[str, str],
    facts: Facts | None,
    move: Move,
) -> No | None:
    # Whoever sits on two chairs is a member from the other one as well.
    whole = replace(actor, appointments=(*actor.appointments, *actor.others))
    for exclusion in never:
        if exclusion.by == "member" and fits(program.parties[exclusion.party], whole, place, facts):
            return No(refuse("member-excluded", move=move.title, party=program.parties[exclusion.party].title))
    return None


def _done_by_own_unit(exclusion: Exclusion, facts: Facts, actor: Actor) -> str | None:
    # Whoever sits on two chairs stays one person: the chair not sat on excludes as well.
    units = {held.unit for held in (*actor.appointments, *actor.others)} - {""}
    return next((d.move for d in facts.deeds if d.move in exclusion.moves and d.unit in units), None)


def move_title(program: Program, name: str) -> Texts:
    """The title of a move by name, wherever it stands."""
    for state in program.states.values():
        if name in state.moves:
            return state.moves[name].title
    return program.openings[name].title if name in program.openings else {"en": name}


def _titles(program: Program, parties: Sequence[str]) -> Texts:
    return listed([program.parties[name].title for name in parties], zh="或", en=" or ")

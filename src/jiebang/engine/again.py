"""A matter raised again: the final stays final, a new entry is linked to it, by whom and as long as the file says."""

from __future__ import annotations

from datetime import datetime

from jiebang.engine.dues import amount_title
from jiebang.engine.model import Actor, Facts, No, Program, RaisedAgain, Yes
from jiebang.engine.parties import fits
from jiebang.engine.refusals import listed, refuse
from jiebang.engine.worktime import Calendar, due


def again_of(program: Program, facts: Facts) -> RaisedAgain | None:
    """Return how the entry may be raised again, if it has ended so."""
    final = program.finals.get(facts.state)
    return final.again if final is not None else None


def until(program: Program, facts: Facts, calendar: Calendar) -> datetime | None:
    """Return until when it may be raised again; None where it never may."""
    clause = again_of(program, facts)
    return due(facts.state_since, clause.within, calendar).moment if clause is not None else None


def may_raise_again(program: Program, facts: Facts, actor: Actor, *, at: datetime, calendar: Calendar) -> Yes | No:
    """Whether the actor may raise the closed entry again now; a No says why not and what to do."""
    clause, end = again_of(program, facts), until(program, facts, calendar)
    if clause is None or end is None:
        open_still = facts.state in program.states
        return No(refuse("again-not-closed" if open_still else "again-never"))
    if at >= end:
        return No(refuse("again-over", within=amount_title(clause.within)))
    fitting = next((name for name in clause.by if fits(program.parties[name], actor, facts.place, facts)), None)
    if fitting is None:
        return No(refuse("again-not-yours", parties=listed([program.parties[name].title for name in clause.by])))
    return Yes(fitting)

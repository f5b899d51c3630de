"""What everybody may know of the objections to a notice: until when, how many, and who owes which answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from jiebang.engine.model import Facts, Program, Texts
from jiebang.engine.objecting import may_be_raised_until, notice_ends, open_now
from jiebang.rulebook import queries as rulebook


@dataclass(frozen=True, slots=True)
class OwedAnswer:
    """An objection that waits for its answer: by the event that raised it, who owes it and until when."""

    seq: int
    who: Texts
    due_at: datetime
    handed_up: bool  # somebody else stayed silent before


@dataclass(frozen=True, slots=True)
class ObjectionsView:
    """Nobody's name and no word of an objection: only that there is one."""

    until: datetime  # objections may be raised so long
    ends: datetime  # the notice, if nothing holds it up
    raised: int
    owed: tuple[OwedAnswer, ...]
    holds_up: bool  # the notice does not end while one is open
    by_anyone: bool
    title: Texts


def objections_of(program: Program, facts: Facts) -> ObjectionsView | None:
    """Return how the objections to the present notice stand; None where there can be none."""
    state = program.states.get(facts.state)
    clause = state.objections if state else None
    until = may_be_raised_until(program, facts, rulebook.calendar())
    ends = notice_ends(program, facts, rulebook.calendar())
    if clause is None or until is None or ends is None:
        return None
    owed = tuple(
        OwedAnswer(one.seq, program.parties[clause.levels[one.level].by].title, one.due, one.level > 0)
        for one in open_now(facts)
        if one.due is not None
    )
    return ObjectionsView(
        until=until,
        ends=ends,
        raised=len(facts.objections),
        owed=owed,
        holds_up=clause.hold_up,
        by_anyone=any(program.parties[name].kind == "anyone" for name in clause.by),
        title=clause.title,
    )

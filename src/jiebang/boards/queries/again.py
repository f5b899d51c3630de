"""Whether a closed entry may be raised again, by whom, until when, and what its new form begins with."""

from __future__ import annotations

from collections.abc import Sequence

from jiebang.boards.queries.views import AgainView, EventView
from jiebang.engine.again import again_of, until
from jiebang.engine.model import Facts, Program
from jiebang.rulebook import queries as rulebook


def again_view(program: Program, facts: Facts, events: Sequence[EventView]) -> AgainView | None:
    clause, end = again_of(program, facts), until(program, facts, rulebook.calendar())
    if clause is None or end is None:
        return None
    told = {answer.field.name: answer.value for event in events for answer in event.answers}
    kinds = [program.parties[name].kind for name in clause.by]
    return AgainView(
        until=end,
        opening=clause.opening,
        by_anyone="anyone" in kinds,
        by_raiser="raiser" in kinds,
        who=tuple(program.parties[name].title for name in clause.by),
        begins={theirs: told[ours] for theirs, ours in clause.carry.items() if ours in told},
    )

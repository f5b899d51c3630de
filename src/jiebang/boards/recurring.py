"""Raised again: a new entry linked to a closed one, by whom and as long as the rules it closed under say."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from jiebang import engine
from jiebang.boards import refusals, sql
from jiebang.boards.database import as_json, ask, tell
from jiebang.boards.drafts import Draft
from jiebang.boards.house import LostLockError
from jiebang.engine.again import again_of
from jiebang.engine.canonical import facts_from_json
from jiebang.engine.model import No, Refused
from jiebang.engine.worktime import Calendar
from jiebang.rulebook import queries as rulebook

if TYPE_CHECKING:
    from jiebang.boards.raising import Opening

KIND = "again"


def refused(opening: Opening, *, calendar: Calendar, at: datetime) -> Refused | None:
    """Return why the closed entry cannot be raised again this way. It is only read: what has closed stays closed."""
    found = ask(sql.CLOSED, {"number": opening.again}) if opening.again.isprintable() else []
    if not found or found[0][0] != opening.mechanism:
        return refusals.no_such_entry(opening.again)
    program, facts = rulebook.program(found[0][1]), facts_from_json(json.loads(found[0][2]))
    answer = engine.may_raise_again(program, facts, opening.again_by, at=at, calendar=calendar)
    if isinstance(answer, No):
        return answer.refused
    clause = again_of(program, facts)
    return None if clause is not None and clause.opening == opening.opening else refusals.no_such_entry(opening.again)


def link(drafts: Sequence[Draft]) -> None:
    """Tie new entries to the closed ones they raise again; in the transaction that writes them."""
    links = [
        {"number": step.event.again, "to": draft.number} for draft in drafts for step in draft.steps if step.event.again
    ]
    if links and tell(sql.LINK_AGAIN, {"links": as_json(links)}) != len(links):
        raise LostLockError(f"{len(links)} entries were to be linked to closed ones and fewer were.")

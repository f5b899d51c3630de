"""What happens before a matter is on the board: which states those are, and how they are said in a line."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from jiebang.engine.dues import amount_title
from jiebang.engine.model import Program, State
from jiebang.web.words import said

PUBLIC_TEXT = "public-text"


def states(program: Program) -> tuple[str, ...]:
    """Return the states a matter can be in before anybody has written its public text, in the program's order.

    Empty for a board that shows what was raised as it was raised.
    """
    if PUBLIC_TEXT not in program.fields:
        return ()
    waiting = [branch.to for opening in program.openings.values() for branch in opening.to]
    seen: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        waiting += _onward(program, name)
    return tuple(name for name in program.states if name in seen)


def _onward(program: Program, name: str) -> list[str]:
    if route := program.routes.get(name):
        return [route.to, route.then]
    state = program.states.get(name)
    if state is None:
        return []
    untold = [move for move in state.moves.values() if all(ask.field != PUBLIC_TEXT for ask in move.ask)]
    led = [branch.to for move in untold for branch in move.to] + [move.then for move in untold if move.then]
    return [state.clock_to, *led]


def words(program: Program, n: int, shown: str) -> str:
    """How many are being screened, and by when they get an answer. `shown` is the number as written (`1,000+`)."""
    first = _first(program)
    return ngettext(
        "%(shown)s matter was raised and is being screened; %(holder)s answers within %(limit)s.",
        "%(shown)s matters were raised and are being screened; %(holder)s answers within %(limit)s.",
        n,
    ) % {"shown": shown, "holder": _holder(program, first), "limit": _limit(first)}


def beginning(program: Program) -> str:
    """How a board on which nothing stands begins: what is entered, who then owes what, and what will be seen."""
    first = _first(program)
    opening = next(iter(program.openings.values()))
    return _(
        "It begins with “%(opening)s”; %(holder)s then has %(limit)s. From then on everybody sees here who owes the"
        " next step, by when, and what was done, until it comes off the board."
    ) % {"opening": said(opening.title), "holder": _holder(program, first), "limit": _limit(first)}


def _first(program: Program) -> State:
    opening = next(iter(program.openings.values()))
    return program.states[opening.to[0].to]


def _holder(program: Program, state: State) -> str:
    return said(program.parties[state.holder].title) if state.holder else ""


def _limit(state: State) -> str:
    return " / ".join(said(amount_title(amount)) for amount in state.limit.lengths)

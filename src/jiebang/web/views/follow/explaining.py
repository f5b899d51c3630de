"""What a raiser needs beside their forms: what was said to them last, why a step is closed, where else to go."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings

from jiebang.boards.queries import EntryView, RaiserEntryView
from jiebang.engine.model import Move
from jiebang.rulebook import packs
from jiebang.web.forms import moves as move_forms
from jiebang.web.words import said

MOST_SAID = 2  # steps repeated above the form; the whole story stands below
# Refusals that are about this raiser. The others say that the step is not a raiser's at all, which helps nobody here.
ABOUT_THE_RAISER = frozenset({"used-up", "already-judged", "own-work"})


def said_to_the_raiser(view: EntryView, drawn: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return what officials said or showed since the raiser last spoke: nobody judges what they have not seen.

    `drawn` are the words of the view's events, one for each.
    """
    raising = {name for name, party in view.program.parties.items() if party.kind in ("raiser", "anyone")}
    found: list[Mapping[str, Any]] = []
    for event, words in zip(reversed(view.events), reversed(drawn), strict=True):
        if event.seq == 1 or (event.kind == "move" and event.party in raising):
            break
        if event.kind == "move" and (words["told"] or words["photos"]):
            found.append({**words, "log": ""})
    return found[:MOST_SAID][::-1]


def reasons_for_the_raiser(view: RaiserEntryView) -> list[move_forms.Closed]:
    """Return the raiser's own steps that are closed to them now, each with the reason."""
    program = view.entry.program
    about = [
        (one.move, one.refused)
        for one in view.moves
        if one.refused is not None
        and one.refused.code in ABOUT_THE_RAISER
        and any(program.parties[party].kind == "raiser" for party in one.move.by)
    ]
    return move_forms.refused(about)


def is_notice(view: EntryView) -> bool:
    """Whether the entry waits for a notice or a pause to end: then nobody owes a step."""
    state = view.program.states.get(view.row.state)
    return state is not None and state.limit.kind == "lasts"


def is_last_word(view: EntryView) -> bool:
    """Whether the city has said, or is giving notice, that it will not be done: explained or failed."""
    state = view.program.states.get(view.row.state)
    final = view.program.finals.get(state.clock_to if state is not None and is_notice(view) else view.row.state)
    return final is not None and final.means in ("explained", "failed")


def leaves(view: EntryView, move: Move) -> bool:
    """Whether the move withdraws the matter, which by one of several raisers means that only that one leaves."""
    finals = view.program.finals
    return any(branch.to in finals and finals[branch.to].means == "withdrawn" for branch in move.to)


def elsewhere() -> str:
    """Return where else a raiser may turn in this city; empty if its pack says nothing."""
    return said(packs.city(settings.JIEBANG_CITY).elsewhere)

"""Objections to a notice in words: until when, how many, who owes which answer, and the door for everybody."""

from __future__ import annotations

from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from jiebang.boards import queries as boards
from jiebang.engine.lookups import ANSWER, OBJECT, PASS, UNANSWERED
from jiebang.engine.model import Move, Program
from jiebang.web.rows import Clock
from jiebang.web.views.public import addresses
from jiebang.web.words import listed, said


def objections_words(view: boards.EntryView, at: Clock) -> dict[str, Any] | None:
    """Return what the public page says of the objections to the notice that runs; None where there can be none."""
    found = view.objections
    if found is None:
        return None
    is_open = at.now < found.until
    until = {"moment": at.moment(found.until)}
    answered = found.raised - len(found.owed)
    lines = [_("Objections may be raised until %(moment)s.") % until if is_open else
             _("The time to object ended on %(moment)s.") % until]  # fmt: skip
    lines.append(
        ngettext("%(n)s objection so far, %(answered)s answered.", "%(n)s objections so far, %(answered)s answered.",
                 found.raised) % {"n": found.raised, "answered": answered}
        if found.raised
        else _("No objection so far.")
    )  # fmt: skip
    for one in found.owed:
        words = {"who": capfirst(said(one.who)), "moment": at.moment(one.due_at)}
        lines.append(
            _("Nobody answered one in time; now %(who)s owes the answer until %(moment)s.") % words
            if one.handed_up
            else _("%(who)s owes an answer until %(moment)s.") % words
        )
    if found.owed and found.holds_up:
        lines.append(_("The notice does not end before that."))
    return {
        "lines": lines,
        "title": said(found.title),
        "href": f"{addresses.entry_url(view.row.number)}/object" if is_open and found.by_anyone else "",
    }


def anyones_moves(program: Program, state: str) -> list[Move]:
    """Return the moves of a state that its rules open to everybody, verdicts and merges apart; objecting is another."""
    known = program.states.get(state)
    return [
        move
        for move in (known.moves.values() if known else ())
        if not (move.verifies or move.joins) and any(program.parties[name].kind == "anyone" for name in move.by)
    ]


def is_for_anyone(program: Program, state: str) -> bool:
    """Whether everybody may object to this notice."""
    known = program.states.get(state)
    clause = known.objections if known else None
    return clause is not None and any(program.parties[name].kind == "anyone" for name in clause.by)


def said_by_anyone(view: boards.EntryView) -> dict[str, str] | None:
    """Return the door for what everybody may do here besides objecting; None where there is nothing."""
    moves = anyones_moves(view.program, view.row.state)
    titles = listed(said(move.title) for move in moves)
    return {"title": titles, "href": f"{addresses.entry_url(view.row.number)}/object"} if moves else None


def objection_note(event: boards.EventView, view: boards.EntryView, at: Clock) -> str:
    """Say which objection an event is about, and until when its answer is due."""
    about = _about(event, view)
    if event.move == OBJECT:
        return ""
    if about is None:
        return _("Nobody answered by %(moment)s.") % {"moment": at.moment(event.missed)} if event.missed else ""
    raised = {"moment": at.moment(about.at)}
    if event.move.startswith(PASS) and event.missed:
        words = raised | {"missed": at.moment(event.missed)}
        return _("Raised on %(moment)s and not answered by %(missed)s.") % words
    return _("The objection of %(moment)s.") % raised if event.move != UNANSWERED else ""


def _about(event: boards.EventView, view: boards.EntryView) -> boards.EventView | None:
    for verb in (ANSWER, PASS):
        number = event.move.removeprefix(verb)
        if number != event.move and number.isdecimal():
            return next((one for one in view.events if one.seq == int(number)), None)
    return None

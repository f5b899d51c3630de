"""Which entries an entry may be the same as: what is open nearby, the most alike first, to be chosen from a list."""

from __future__ import annotations

from datetime import timedelta

from jiebang.boards import queries as boards
from jiebang.boards.queries import Row, StaffEntryView
from jiebang.engine.model import Actor, Move, Program
from jiebang.people import queries as people
from jiebang.web.forms import Option
from jiebang.web.rows import Clock, list_row
from jiebang.web.views.desk import shown
from jiebang.web.words import said

LOOKS_BACK = timedelta(days=90)  # as while raising: what is older is seldom the same lamp
MOST = 6


def asks_for_one(program: Program, move: Move) -> bool:
    """Whether the move names another entry."""
    return any(program.fields[asked.field].type == "entry" for asked in move.ask)


def choices(view: StaffEntryView, actor: Actor, at: Clock) -> list[Option]:
    """Return the open entries of the same community, or else of the place above it: what waits to be posted there by
    its raiser's words, if the reader's office may search those, and what is on the board."""
    entry = view.entry
    text = " ".join((entry.row.title, entry.text, shown.own_words(entry, view.kept)))
    found = _in(entry.row.area, entry.row, text, actor, at)
    above = people.area(entry.row.area)
    if not found and above is not None and above.parent:
        found = _in(above.parent, entry.row, text, actor, at)
    return found[:MOST]


def _in(area: str, row: Row, text: str, actor: Actor, at: Clock) -> list[Option]:
    waiting = [
        (_option(one.row, at, f"“{one.own_words}”"), boards.sounds_like(text, one.own_words))
        for one in boards.unposted(actor, "", area=area, limit=2 * MOST)
        if one.row.number != row.number and one.row.mechanism == row.mechanism
    ]
    near = boards.nearby(
        row.mechanism, area=area, since=at.now - LOOKS_BACK, text=text, kind=row.category, most=2 * MOST
    )
    posted = [
        (_option(one.row, at, one.row.title), one.is_alike)
        for one in near
        if one.row.is_open and one.row.number != row.number
    ]
    both = [*waiting, *posted]
    return [option for option, is_alike in both if is_alike] + [option for option, is_alike in both if not is_alike]


def _option(row: Row, at: Clock, title: str) -> Option:
    words = list_row(row, at)
    return Option(row.number, title, note=" · ".join((row.number, words.raised, said(row.area_names[-1]), words.state)))

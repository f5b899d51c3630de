"""What the rooms above may ask about entries: boards, entries, work lists, receipts, facts for followers.

Rows come ready to show: names and titles are looked up here, from what this process already knows, so a board page
is one statement and a flat template.
"""

from __future__ import annotations

from jiebang.boards.queries.figures import EventFact, Tally, events, facts_of, standing, tally
from jiebang.boards.queries.lists import COUNT_CAP, PAGE, BoardPage, Filters, board, counts
from jiebang.boards.queries.proofs import PhotoFile, photo, receipt
from jiebang.boards.queries.readers import entry, entry_for, entry_for_raiser, form_of, wrong_tries
from jiebang.boards.queries.rows import Row
from jiebang.boards.queries.views import (
    Answer,
    AttachmentView,
    EntryView,
    EventView,
    FormView,
    LateDuty,
    MoveView,
    RaiserEntryView,
    StaffEntryView,
)
from jiebang.boards.queries.worklists import open_to_units, raised_by, worklist

__all__ = [
    "COUNT_CAP",
    "PAGE",
    "Answer",
    "AttachmentView",
    "BoardPage",
    "EntryView",
    "EventFact",
    "EventView",
    "Filters",
    "FormView",
    "LateDuty",
    "MoveView",
    "PhotoFile",
    "RaiserEntryView",
    "Row",
    "StaffEntryView",
    "Tally",
    "board",
    "counts",
    "entry",
    "entry_for",
    "entry_for_raiser",
    "events",
    "facts_of",
    "form_of",
    "open_to_units",
    "photo",
    "raised_by",
    "receipt",
    "standing",
    "tally",
    "worklist",
    "wrong_tries",
]

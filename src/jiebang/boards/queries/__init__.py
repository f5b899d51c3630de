"""What the rooms above may ask about entries: boards, entries, work lists, receipts, facts for followers.

Rows come ready to show: names and titles are looked up here, from what this process already knows, so a board page
is one statement and a flat template.
"""

from __future__ import annotations

from jiebang.boards.looking import Look, looks, may_look
from jiebang.boards.queries.bulks import Outcome, Progress, bulks, outcomes
from jiebang.boards.queries.coming import Blocked, MoreTime
from jiebang.boards.queries.desks import (
    Day,
    DeskPage,
    DeskRow,
    Duty,
    Refusal,
    calls,
    day,
    desk_list,
    desk_rows,
    office_counts,
)
from jiebang.boards.queries.figures import COUNTED, EventFact, events, facts_of, standing
from jiebang.boards.queries.health import RUNNING_PROGRAMS, STUCK
from jiebang.boards.queries.histories import History, Step, histories
from jiebang.boards.queries.lists import PAGE, BoardPage, Filters, board, counts
from jiebang.boards.queries.maps import CellPage, Cluster, MapPage, in_cell, map_page
from jiebang.boards.queries.narrowing import GROUPS, OFFICE_LISTS, SORTS, Due, Ends, Kind, Sort, Wanted, areas_of
from jiebang.boards.queries.nearby import Near, kind_of, nearby, sounds_like, usual_units
from jiebang.boards.queries.papers import Paper, papers
from jiebang.boards.queries.proofs import PhotoFile, photo, receipt
from jiebang.boards.queries.readers import (
    entry,
    entry_for,
    entry_for_raiser,
    form_of,
    forms_of_many,
    programs_of,
    wrong_tries,
)
from jiebang.boards.queries.rows import Row
from jiebang.boards.queries.running import running_under
from jiebang.boards.queries.searching import COUNT_CAP, Hits, hits
from jiebang.boards.queries.unposted import Unposted, unposted
from jiebang.boards.queries.views import (
    Answer,
    AttachmentView,
    EntryView,
    EventView,
    FormView,
    LateDuty,
    LinkView,
    MoveView,
    RaiserEntryView,
    StaffEntryView,
)
from jiebang.boards.queries.worklists import open_to_units, raised_by, worklist

__all__ = [
    "COUNTED",
    "COUNT_CAP",
    "GROUPS",
    "OFFICE_LISTS",
    "PAGE",
    "RUNNING_PROGRAMS",
    "SORTS",
    "STUCK",
    "Answer",
    "AttachmentView",
    "Blocked",
    "BoardPage",
    "CellPage",
    "Cluster",
    "Day",
    "DeskPage",
    "DeskRow",
    "Due",
    "Duty",
    "Ends",
    "EntryView",
    "EventFact",
    "EventView",
    "Filters",
    "FormView",
    "History",
    "Hits",
    "Kind",
    "LateDuty",
    "LinkView",
    "Look",
    "MapPage",
    "MoreTime",
    "MoveView",
    "Near",
    "Outcome",
    "Paper",
    "PhotoFile",
    "Progress",
    "RaiserEntryView",
    "Refusal",
    "Row",
    "Sort",
    "StaffEntryView",
    "Step",
    "Unposted",
    "Wanted",
    "areas_of",
    "board",
    "bulks",
    "calls",
    "counts",
    "day",
    "desk_list",
    "desk_rows",
    "entry",
    "entry_for",
    "entry_for_raiser",
    "events",
    "facts_of",
    "form_of",
    "forms_of_many",
    "histories",
    "hits",
    "in_cell",
    "kind_of",
    "looks",
    "map_page",
    "may_look",
    "nearby",
    "office_counts",
    "open_to_units",
    "outcomes",
    "papers",
    "photo",
    "programs_of",
    "raised_by",
    "receipt",
    "running_under",
    "sounds_like",
    "standing",
    "unposted",
    "usual_units",
    "worklist",
    "wrong_tries",
]

"""The doors to change an entry: raise, act, tick, erase, release a photo, come back with a code.

One door, `act_many`, serves people, sensors and meetings; `act` is that door for one, and `tick` is the clock's. Each
locks, asks the engine, and writes in one transaction: the entry's row, its event, its private values and its leaf in
the public log stand together or not at all.
"""

from __future__ import annotations

from jiebang.boards.acting import Command, Done, act, act_many, foresee
from jiebang.boards.bulk import MOST_AT_ONCE, Order, ask_bulk, foresee_bulk, stop_bulk, too_many_at_once, work_off
from jiebang.boards.clock import try_again
from jiebang.boards.erasing import Erased, erase
from jiebang.boards.files import Upload, is_official_of, release_attachment, sweep
from jiebang.boards.looking import Looked, look
from jiebang.boards.mapping import follow_map_once
from jiebang.boards.raising import Opened, Opening, open_entry, open_many
from jiebang.boards.returning import ComeBack, TooManyTries, raiser_by_account, raiser_by_code
from jiebang.boards.ticking import tick
from jiebang.boards.window import Foreseen, foresee_for_somebody, open_for_somebody, spoken_for

__all__ = [
    "MOST_AT_ONCE",
    "ComeBack",
    "Command",
    "Done",
    "Erased",
    "Foreseen",
    "Looked",
    "Opened",
    "Opening",
    "Order",
    "TooManyTries",
    "Upload",
    "act",
    "act_many",
    "ask_bulk",
    "erase",
    "follow_map_once",
    "foresee",
    "foresee_bulk",
    "foresee_for_somebody",
    "is_official_of",
    "look",
    "open_entry",
    "open_for_somebody",
    "open_many",
    "raiser_by_account",
    "raiser_by_code",
    "release_attachment",
    "spoken_for",
    "stop_bulk",
    "sweep",
    "tick",
    "too_many_at_once",
    "try_again",
    "work_off",
]

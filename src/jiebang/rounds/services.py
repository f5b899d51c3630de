"""The doors to change registers and rounds: import, open, answer, let time pass, erase."""

from __future__ import annotations

from jiebang.engine.model import Refused
from jiebang.engine.rounds.refusals import REFUSALS, refuse
from jiebang.rounds.answering import Answered, Given, answer, answer_by_link, as_program
from jiebang.rounds.erasing import erase
from jiebang.rounds.importing import Imported, Looked, look, look_again, look_for_the_city, write, write_for_the_city
from jiebang.rounds.opening import EVERY, HAND, OpenedRound, open_by_hand, open_round, root_code
from jiebang.rounds.sheets import SheetError, read
from jiebang.rounds.ticking import tick

__all__ = [
    "EVERY",
    "HAND",
    "Answered",
    "Given",
    "Imported",
    "Looked",
    "OpenedRound",
    "SheetError",
    "answer",
    "answer_by_link",
    "as_program",
    "erase",
    "look",
    "look_again",
    "look_for_the_city",
    "open_by_hand",
    "open_round",
    "read",
    "refusal_named",
    "root_code",
    "tick",
    "write",
    "write_for_the_city",
]


def refusal_named(code: str) -> Refused:
    """Return a refusal by its code, as an address carries it; an unknown one says that there is no such thing."""
    needs_words = "{" in REFUSALS[code].zh if code in REFUSALS else True
    return refuse("round-unknown" if needs_words else code)

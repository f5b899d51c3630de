"""`jiebang erase`: forgetting a raiser, as the law gives them the right to ask."""

from __future__ import annotations

import re
from datetime import datetime

from jiebang.desk.home import DeskError

# "MB-26-000123": a city's prefix, a year, a number. A secret code has no hyphens at these places.
_NUMBER = re.compile(r"[A-Z]{1,6}-\d{2}-\d{3,}")


def erase(code: str, *, ground: str, at: datetime) -> int:
    """Forget the raiser of an entry, named by its number or by the raiser's own code."""
    from jiebang.boards import services as boards
    from jiebang.engine.model import Refused
    from jiebang.rulebook import queries as rulebook

    number = code.strip().upper()
    if not _NUMBER.fullmatch(number):
        found = boards.raiser_by_code(code, address="desk", at=at)
        if not isinstance(found, boards.ComeBack):
            example = f"{rulebook.city().prefix}-26-000123"
            raise DeskError("This code opens nothing.", next_step=f"Check it, or give the entry's number: {example}.")
        number = found.own
    erased = boards.erase(number, ground=ground, by="desk", at=at)
    if isinstance(erased, Refused):
        raise DeskError(erased.what["en"], next_step=erased.next_step["en"])
    print(f"{erased.number}: {erased.values} values forgotten. A leaf of the log says so, and the log still verifies.")
    return 0

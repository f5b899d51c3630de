"""What raisers wrote first, for the lists of whoever has to read it: until the public text is written, every row of a
list would read alike."""

from __future__ import annotations

from collections.abc import Mapping

from jiebang.boards.database import ask
from jiebang.engine.model import Program

LENGTH = 60  # characters a line of a list has room for

_FIRST = """
SELECT p.entry_id, left(regexp_replace(p.value->>w.field, '\\s+', ' ', 'g'), %(most)s)
  FROM unnest(%(ids)s::bigint[], %(fields)s::text[]) AS w(id, field)
  JOIN boards_private p ON p.entry_id = w.id AND p.seq = 1 AND p.name = 'kept'
 WHERE p.value ? w.field
"""


def beginnings(entries: Mapping[int, Program]) -> dict[int, str]:
    """Return how the raiser's own words begin, at most LENGTH characters and "…", by entry id.

    Only what all parties of an entry may read, never a value that is shown on being asked for. Whether the reader is
    such a party is for the caller to know. An erased entry has none.
    """
    wanted = {id_: field for id_, program in entries.items() if (field := first_asked(program))}
    if not wanted:
        return {}
    values = {"ids": list(wanted), "fields": list(wanted.values()), "most": LENGTH + 1}
    return {id_: beginning(text) for id_, text in ask(_FIRST, values)}


def beginning(text: str) -> str:
    """Return how a text begins on one line: at most LENGTH characters and "…"."""
    line = " ".join(text[: 4 * LENGTH].split())
    return line if len(line) <= LENGTH else line[:LENGTH].rstrip() + "…"


def first_asked(program: Program) -> str:
    """Return the first text an opening asks for that only parties read, "" if there is none."""
    asked = (program.fields[one.field] for opening in program.openings.values() for one in opening.ask)
    return next((field.name for field in asked if field.type == "text" and field.visible == "parties"), "")

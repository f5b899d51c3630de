"""Which entries' texts hold all pairs of a search, found at a price that does not grow with the city.

A rare word is found by the index of pairs, a common one by walking from the newest entries. PostgreSQL can't always
tell them apart: of pairs outside its statistics it assumes that half a per cent of all texts hold them, and then
walks the whole city for a word nobody ever wrote. So it is tried first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from jiebang.boards import bigrams
from jiebang.boards.database import ask, ask_the_index

COUNT_CAP = 1000

# Of the newest hundred texts; from here on walking is cheaper than reading the index of pairs.
_SAMPLE = 100
_COMMON = 30

_NEWEST = f"""
SELECT count(*) FILTER (WHERE bigrams @> %(pairs)s::text[])
  FROM (SELECT bigrams FROM boards_text ORDER BY entry_id DESC LIMIT {_SAMPLE}) newest
"""
_HITS = "SELECT entry_id FROM boards_text WHERE bigrams @> %(pairs)s::text[] LIMIT %(most)s"


@dataclass(frozen=True, slots=True)
class Hits:
    """Entries whose text holds what was searched for: all of them, or, of something common, just some or none."""

    ids: Sequence[int]
    are_all: bool


def hits(text: str) -> Hits | None:
    """Return the entries whose text holds these words; None when they have no pair of characters to look for."""
    pairs = bigrams.wanted(text)
    return hits_of(pairs) if pairs else None


def hits_of(pairs: Sequence[str]) -> Hits:
    """Return the entries whose text holds all these pairs: all of them unless there are more than a thousand."""
    wanted = {"pairs": list(pairs), "most": COUNT_CAP + 1}
    if ask(_NEWEST, wanted)[0][0] >= _COMMON:
        return Hits((), are_all=False)
    ids = [row[0] for row in ask_the_index(_HITS, wanted)]
    return Hits(ids, are_all=len(ids) <= COUNT_CAP)

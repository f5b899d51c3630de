"""How far somebody's bulk moves are, and what became of each entry."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from jiebang.boards import refusals
from jiebang.boards.database import ask
from jiebang.engine.model import Refused

_SEEN = """
SELECT b.id, b.mechanism, b.move, b.asked_at, b.ended_at, b.stopped_at,
       (SELECT count(*) FROM boards_bulkitem i WHERE i.bulk_id = b.id),
       (SELECT count(*) FROM boards_bulkitem i WHERE i.bulk_id = b.id AND i.seq IS NOT NULL),
       (SELECT count(*) FROM boards_bulkitem i WHERE i.bulk_id = b.id AND i.refused IS NOT NULL)
  FROM boards_bulk b WHERE b.account_id = %(account)s AND (%(id)s::bigint IS NULL OR b.id = %(id)s)
 ORDER BY b.id DESC LIMIT %(limit)s
"""
_SEEN_ITEMS = """
SELECT i.number, i.seq, i.refused FROM boards_bulkitem i WHERE i.bulk_id = %(id)s ORDER BY i.place
"""


@dataclass(frozen=True, slots=True)
class Progress:
    id: int
    mechanism: str
    move: str
    asked_at: datetime
    ended_at: datetime | None
    stopped_at: datetime | None
    total: int
    moved: int
    refused: int

    @property
    def left(self) -> int:
        return self.total - self.moved - self.refused


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one entry: moved, refused with a reason, or not come to yet."""

    number: str
    is_moved: bool
    refused: Refused | None


def bulks(account: int, *, id_: int | None = None, limit: int = 20) -> list[Progress]:
    """Return how far the orders of this account are, the newest first; with `id_` that one alone."""
    return [Progress(*row) for row in ask(_SEEN, {"account": account, "id": id_, "limit": limit})]


def outcomes(id_: int) -> list[Outcome]:
    """Return what became of each entry of an order."""
    return [
        Outcome(number, seq is not None, _refused(json.loads(refused)) if refused else None)
        for number, seq, refused in ask(_SEEN_ITEMS, {"id": id_})
    ]


def _refused(words: Mapping[str, Any]) -> Refused:
    return replace(refusals.not_written(), **words)  # kept as it was said then

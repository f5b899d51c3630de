"""Many at once, and one by one when the database refuses the many."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import TypeVar

from django.db import DatabaseError, OperationalError

from jiebang.boards import refusals
from jiebang.engine.model import Refused

T = TypeVar("T")
R = TypeVar("R")

log = logging.getLogger("jiebang.boards")


def together_or_alone(items: Sequence[T], together: Callable[[Sequence[T]], list[R | Refused]]) -> list[R | Refused]:
    if not items:
        return []
    try:
        return together(items)
    except OperationalError:
        raise  # the database is gone or asks us to try again: trying each alone would only ask it more often
    except DatabaseError:
        if len(items) == 1:
            raise
        log.exception("a batch of %d failed; each is tried alone", len(items))
    return [_alone(item, together) for item in items]


def _alone(item: T, together: Callable[[Sequence[T]], list[R | Refused]]) -> R | Refused:
    try:
        return together([item])[0]
    except OperationalError:
        raise
    except DatabaseError:
        log.exception("one of a batch cannot be written: %r", item)
        return refusals.not_written()

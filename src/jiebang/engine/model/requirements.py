"""What a move's answers must be beyond their type, read against the day, another date or another answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from jiebang.engine.model.questions import Amount


@dataclass(frozen=True, slots=True)
class Match:
    """With one of `values` in answer to the other question, the answer must be `must`."""

    values: tuple[str, ...]
    must: str


@dataclass(frozen=True, slots=True)
class Requirement:
    """A date lies `amount` or more ("at-least"), or no more ("at-most"), after `since`: "" for the day of the move, or
    another date. Or ("match") a choice is what `cases` say for the answer to `by`, else `other`; "" asks for nothing.

    What is compared with an answer that was not given holds.
    """

    field: str
    side: Literal["at-least", "at-most", "match"]
    amount: Amount | None = None
    since: str = ""
    by: str = ""
    cases: tuple[Match, ...] = ()
    other: str = ""

    @property
    def reads(self) -> tuple[str, ...]:
        """The questions it compares."""
        return tuple(name for name in (self.field, self.since, self.by) if name)

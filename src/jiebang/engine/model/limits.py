"""How long a state may last."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from jiebang.engine.model.questions import Amount, Json


@dataclass(frozen=True, slots=True)
class LimitCase:
    """How long it may last when one of `values` was answered."""

    values: tuple[str, ...]
    amount: Amount
    source: str = ""


@dataclass(frozen=True, slots=True)
class Limit:
    """How long a state may last.

    `within` is owed and can be overdue; `lasts` is a notice whose end is the good path; `waits` is for something that
    happens elsewhere. `amount` is the length, or `until` (a date field already answered; the day's last closing) with
    `ceiling` to cap it, or the length depends on the answer to `by`: that of the case which has it, else `amount`; if
    there is none, the longest.
    `since` is None (from entering the state), "raised", or a move's name (from the last time it was made).
    """

    kind: Literal["within", "lasts", "waits"]
    amount: Amount | None = None
    until: str | None = None
    ceiling: Amount | None = None
    since: str | None = None
    policy: str = ""
    source: str = ""
    by: str = ""
    cases: tuple[LimitCase, ...] = ()

    @property
    def lengths(self) -> tuple[Amount, ...]:
        """Every length it can come to, or is capped by; none only when nobody wrote one."""
        plain = self.amount or self.ceiling
        found = [case.amount for case in self.cases] + ([plain] if plain else [])
        return tuple(dict.fromkeys(found))

    def case_of(self, answers: Mapping[str, Json]) -> LimitCase | None:
        """The case an entry falls under by what was answered; None: under none of them."""
        answer = answers.get(self.by) if self.by else None
        return next((case for case in self.cases if answer in case.values), None)

    def lengths_after(self, answers: Mapping[str, Json]) -> tuple[Amount, ...]:
        """The length these answers give it; several, of which the longest counts, when what decides is not known."""
        case = self.case_of(answers)
        if case is not None:
            return (case.amount,)
        return (self.amount,) if self.cases and self.amount else self.lengths

    @property
    def sources(self) -> tuple[str, ...]:
        """The sources of its numbers, each once."""
        named = [self.source or self.policy, *(case.source for case in self.cases)]
        return tuple(dict.fromkeys(source for source in named if source))

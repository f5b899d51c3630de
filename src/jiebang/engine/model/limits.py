"""How long a state may last."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from jiebang.engine.model.questions import Amount, Json, Texts


@dataclass(frozen=True, slots=True)
class LimitCase:
    """How long it may last when one of `values` was answered. With `policy`, the row's number; `amount` caps it."""

    values: tuple[str, ...]
    amount: Amount
    source: str = ""
    policy: str = ""


@dataclass(frozen=True, slots=True)
class SeasonLength:
    """How long at most it may last when it is entered while that season holds."""

    season: str
    amount: Amount
    title: Texts
    source: str = ""


@dataclass(frozen=True, slots=True)
class Limit:
    """How long a state may last.

    `within` is owed and can be overdue; `lasts` is a notice whose end is the good path; `waits` is for something that
    happens elsewhere. `amount` is the length; or `until` is a date field already answered (the day's last closing),
    or `policy` a row whose number counts, either capped by `ceiling`; or the length depends on the answer to `by`: that
    of the case which has it, else `amount` or `policy`; if there is neither, the longest. In a season named in `during`
    it is shorter.
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
    during: tuple[SeasonLength, ...] = ()

    @property
    def plain(self) -> Amount | None:
        """The length, or its cap, where no case says otherwise."""
        return self.amount or self.ceiling

    @property
    def lengths(self) -> tuple[Amount, ...]:
        """Every length it can come to, or is capped by; none only when nobody wrote one."""
        found = [case.amount for case in self.cases] + ([self.plain] if self.plain else [])
        return tuple(dict.fromkeys(found))

    def case_of(self, answers: Mapping[str, Json]) -> LimitCase | None:
        """The case an entry falls under by what was answered; None: under none of them."""
        answer = answers.get(self.by) if self.by else None
        return next((case for case in self.cases if answer in case.values), None)

    def taken(self, answers: Mapping[str, Json]) -> tuple[tuple[Amount, str], ...]:
        """The length these answers give it, or its cap, and the policy its number comes from or ""; several, of which
        the longest counts, when what decides is not known."""
        case = self.case_of(answers)
        if case is not None:
            return ((case.amount, case.policy),)
        if self.plain is not None:
            return ((self.plain, self.policy),)
        return tuple((case.amount, case.policy) for case in self.cases)

    @property
    def policies(self) -> tuple[tuple[str, Amount], ...]:
        """Every policy whose number it takes, with the cap."""
        named = [(case.policy, case.amount) for case in self.cases if case.policy]
        return (*named, *([(self.policy, self.ceiling)] if self.policy and self.ceiling else []))

    @property
    def sources(self) -> tuple[str, ...]:
        """The sources of its numbers, each once."""
        cases = [case.source or case.policy for case in self.cases]
        named = [
            *cases,
            self.source or self.policy,
            *(named for one in self.during for named in (one.season, one.source)),
        ]
        return tuple(dict.fromkeys(source for source in named if source))

"""How counts become figures: rates and mixes of rates, as a definition file says them.

Everything is counted in whole numbers and divided once, so no figure depends on the order of additions. Nothing over
nothing is no figure (`None`, shown as "n/a"): not 0, not 100.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from jiebang.engine.model import Texts

NOT_ANY = "n/a"


class DefinitionError(Exception):
    """A definition of figures that cannot be used. The sentence names the figure and says what to do."""


@dataclass(frozen=True, slots=True)
class Rate:
    """`of` over `over`: weights in per cent of the counts on top, and the counts that make the whole."""

    of: Mapping[str, int]
    over: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure of a definition file: a rate, or a mix of rates with weights that add up to 100."""

    name: str
    title: Texts
    note: Texts
    source: str
    rate: Rate | None
    mix: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Definition:
    id: str
    since: str
    window_days: int
    measures: Mapping[str, Measure]


@dataclass(frozen=True, slots=True)
class Share:
    """A figure: exact, in per cent; None of nothing. `n` is how many it was counted over."""

    value: Fraction | None
    n: int

    @property
    def text(self) -> str:
        """The figure with two digits, halves to the even digit as is usual in statistics; or "n/a"."""
        if self.value is None:
            return NOT_ANY
        hundredths = round(self.value * 100)
        return f"{hundredths // 100}.{hundredths % 100:02d}"


def read(data: Mapping[str, Any]) -> Definition:
    """Return the definition a file says.

    Raises:
        DefinitionError: a figure is neither a rate nor a mix, or a mix names no rate or does not add up to 100.
    """
    amount, _, unit = str(data.get("window", "")).partition(" ")
    if unit != "d" or not amount.isdecimal():
        raise DefinitionError("`window` must be a number of days, such as 90 d.")
    measures = {name: _measure(name, one) for name, one in data["figures"].items()}
    for one in measures.values():
        if one.rate is None and sum(one.mix.values()) != 100:
            raise DefinitionError(f"The weights of {one.name} add up to {sum(one.mix.values())}; they must make 100.")
        if unknown := [part for part in one.mix if part not in measures or measures[part].rate is None]:
            raise DefinitionError(f"{one.name} mixes {unknown[0]}, which is no rate of this file. Define it first.")
    return Definition(data["scores"], data["since"], int(amount), measures)


def _measure(name: str, data: Mapping[str, Any]) -> Measure:
    if ("of" in data) == ("mix" in data):
        raise DefinitionError(f"{name} must say either `of` and `over`, or `mix`.")
    if not data.get("source"):
        raise DefinitionError(f"{name} has no `source`. Say where its formula comes from.")
    rate = Rate(dict(data["of"]), tuple(data["over"])) if "of" in data else None
    return Measure(name, data["title"], data.get("note", {}), data["source"], rate, dict(data.get("mix", {})))


def share(definition: Definition, name: str, counts: Mapping[str, int]) -> Share:
    """Return one figure of these counts. A count that is not there is none."""
    measure = definition.measures[name]
    if measure.rate is not None:
        return _rate(measure.rate, counts)
    parts = [(share(definition, part, counts), weight) for part, weight in measure.mix.items()]
    least = min(part.n for part, _ in parts)
    if any(part.value is None for part, _ in parts):
        return Share(None, least)
    return Share(
        sum((part.value * weight / 100 for part, weight in parts if part.value is not None), Fraction()), least
    )


def _rate(rate: Rate, counts: Mapping[str, int]) -> Share:
    whole = sum(counts.get(name, 0) for name in rate.over)
    if whole == 0:
        return Share(None, 0)
    return Share(Fraction(sum(counts.get(name, 0) * weight for name, weight in rate.of.items()), whole), whole)


@dataclass(frozen=True, slots=True)
class CaseResult:
    name: Texts
    figure: str
    expected: str
    found: str

    @property
    def ok(self) -> bool:
        return self.expected == self.found


def run_cases(definition: Definition, cases: Sequence[Mapping[str, Any]]) -> list[CaseResult]:
    """Return, for every figure a case promises, what it promises and what the definition gives."""
    return [
        CaseResult(case["name"], figure, str(expected), share(definition, figure, case["counts"]).text)
        for case in cases
        for figure, expected in case["give"].items()
    ]

"""Where a number comes from, said as a sentence with how good that source is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from jiebang.engine.dues import amount_title
from jiebang.rulebook import queries as rulebook
from jiebang.web.words import said


@dataclass(frozen=True, slots=True)
class Line:
    """One source. `number` is its place in the list of a page; `grade` a letter and `good` the same in words."""

    number: int
    text: str
    says: str
    grade: str = ""
    good: str = ""


def lines(cited: Iterable[str]) -> list[Line]:
    """Return each source once, in the order cited: the policies it names, or the sentence it is."""
    found: dict[str, Line] = {}
    for source in cited:
        named = rulebook.policies_named(source)
        for policy in named:
            if policy.key not in found:
                amount = said(amount_title(policy.amount)) if policy.amount else ""
                word = _("at most") if policy.kind == "at-most" else _("at least")
                says = f"{word} {amount}" if amount and policy.grade == "I" else ""  # other sources say it themselves
                found[policy.key] = Line(len(found) + 1, said(policy.source), says, policy.grade, good(policy.grade))
        if source and not named and source not in found:
            found[source] = Line(len(found) + 1, source, "")
    return list(found.values())


def numbers(source: str, known: list[Line]) -> list[int]:
    """Return the places, in a list of `lines`, of what this source names."""
    named = {said(policy.source) for policy in rulebook.policies_named(source)} or {source}
    return [line.number for line in known if line.text in named]


def good(grade: str) -> str:
    return {
        "A": _("law, or an official original"),
        "B": _("an official text printed elsewhere, or press"),
        "C": _("a weak source"),
        "I": _("set here, without an outside source"),
    }.get(grade, "")

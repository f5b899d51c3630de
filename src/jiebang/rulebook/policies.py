"""Policies: the numbers a mechanism leans on, each with where it comes from and how good that source is.

A mechanism writes its limits out and names the row they come from as `source`. So the text stays readable by itself,
and this heart says when the two do not agree.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias, get_args

from jiebang.engine.checker import amount_en, amount_zh
from jiebang.engine.findings import Finding
from jiebang.engine.lengths import fit
from jiebang.engine.model import Amount, Extension, Objections, Program, State, Texts, Unit
from jiebang.engine.worktime import Calendar

Kind: TypeAlias = Literal["at-most", "at-least"]
Grade: TypeAlias = Literal["A", "B", "C", "I"]
_ALWAYS = frozenset({"since", "place", "source", "grade"})
_NUMBER = frozenset({"value", "unit", "kind"})
_LOOKS_LIKE_KEY = re.compile(r"[a-z][a-z0-9]*(\.[a-z0-9_-]+)+")


class PolicyError(ValueError):
    """A row that cannot be used. The sentence names it and says what to do."""


@dataclass(frozen=True, slots=True)
class Policy:
    """One row. Without `amount` and `kind` it only says where something comes from.

    `grade`: A law or an official original, B an official text printed elsewhere or press, C a weak source, I set
    here without a source.
    """

    key: str
    amount: Amount | None
    kind: Kind | None
    since: str
    place: Texts
    source: Texts
    grade: Grade


Policies: TypeAlias = Mapping[str, Policy]


def read(key: str, row: object) -> Policy:
    """Return the row as a policy.

    Raises:
        PolicyError: a column is missing, unknown or out of its range.
    """
    if not isinstance(row, dict):
        raise PolicyError(f"“{key}” should hold “column: value” lines.")
    if unknown := sorted(set(row) - _ALWAYS - _NUMBER):
        raise PolicyError(f"“{key}” has the unknown column “{unknown[0]}”. Take it away.")
    wanted = _ALWAYS | (_NUMBER if _NUMBER & set(row) else frozenset())
    if missing := sorted(wanted - set(row)):
        raise PolicyError(f"“{key}” lacks “{missing[0]}”. Add it.")
    for name in ("place", "source"):
        texts = row[name]
        if (
            not isinstance(texts, dict)
            or not texts
            or not all(isinstance(text, str) and text for text in texts.values())
        ):
            raise PolicyError(f"“{name}” of “{key}” should hold a sentence for each language.")
    if not isinstance(row["since"], str) or not re.fullmatch(r"\d{4}-\d{2}-\d{2}", row["since"]):
        raise PolicyError(f"“since” of “{key}” should be a day in quotes, such as '2026-01-01'.")
    _one_of(key, "grade", row["grade"], get_args(Grade))
    amount: Amount | None = None
    if "value" in row:
        _one_of(key, "unit", row["unit"], get_args(Unit))
        _one_of(key, "kind", row["kind"], get_args(Kind))
        if type(row["value"]) is not int or row["value"] < 1:
            raise PolicyError(f"“value” of “{key}” should be a whole number from 1 on.")
        amount = Amount(row["value"], row["unit"])
    return Policy(key, amount, row.get("kind"), row["since"], row["place"], row["source"], row["grade"])


def _one_of(key: str, column: str, value: object, known: tuple[str, ...]) -> None:
    if value not in known:
        raise PolicyError(f"“{column}” of “{key}” should be one of {', '.join(known)}.")


def read_table(table: Mapping[str, Any]) -> dict[str, Policy]:
    """Return key → policy of one table (`title`, `rows`).

    Raises:
        PolicyError: as `read`.
    """
    rows = table.get("rows")
    if not isinstance(rows, dict) or set(table) - {"title", "rows"}:
        raise PolicyError("A table of policies has “title:” and “rows:”. Put the rows there.")
    return {str(key): read(str(key), row) for key, row in rows.items()}


def named(source: str, known: Policies) -> tuple[str, ...]:
    """Return the keys a `source` names (`a.b`, or several as `a.b / a.c`); none when it is a sentence of its own."""
    parts = (source,) if source in known else tuple(part.strip() for part in source.split(" / "))
    return parts if all(part in known or _LOOKS_LIKE_KEY.fullmatch(part) for part in parts) else ()


def sources_of(program: Program) -> list[str]:
    """Return each source a mechanism cites, once, in the order of its text: its own, then those of its numbers."""
    return list(dict.fromkeys(cited.source for cited in _cited(program) if cited.source))


# ── Findings ────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class _Cited:
    """One number of a mechanism with the source it names. Without `amount` only the name is looked at."""

    at: str
    source: str
    amount: Amount | None = None


def findings(
    program: Program, known: Policies, *, calendar: Calendar | None, lines: Mapping[str, int], filename: str
) -> list[Finding]:
    """Return where a mechanism names a policy nobody knows, or says a number its policy does not allow.

    Both are L1. Breaking a policy of grade A is an error, of B or C a warning; grade I binds nobody. A policy that
    holds only after the version takes effect warns.
    """
    found: list[Finding] = []
    for cited in _cited(program):
        line = _line(lines, cited.at)
        for key in named(cited.source, known):
            policy = known.get(key)
            if policy is None:
                found.append(_unknown(key, known, filename, line))
            elif cited.amount is not None and (
                broken := _broken(cited.amount, policy, program.since, calendar, filename, line)
            ):
                found.append(broken)
    return found


def _cited(program: Program) -> Iterator[_Cited]:
    yield _Cited("source", program.source)
    for state in program.states.values():
        yield from _of_state(state)
    for span in program.spans.values():
        yield _Cited(f"spans.{span.name}", span.source, span.amount)


def _of_state(state: State) -> Iterator[_Cited]:
    limit = state.limit
    at = f"states.{state.name}"
    yield _Cited(f"{at}.{limit.kind}", limit.source or limit.policy, limit.amount or limit.ceiling)
    for case in limit.cases:
        yield _Cited(f"{at}.{limit.kind}", case.source or limit.source, case.amount)
    if state.extend:
        yield from _of_extension(f"{at}.extend", state.extend)
    for duty in state.duties.values():
        yield _Cited(f"{at}.duties.{duty.name}", duty.source, duty.limit)
    if state.objections:
        yield from _of_objections(f"{at}.objections", state.objections)


def _of_extension(at: str, extend: Extension) -> Iterator[_Cited]:
    """An extension has three numbers: its sources are named in the same order."""
    for source, amount in zip(
        extend.source.split(" / "), (extend.before_due, extend.decide_within, extend.most), strict=False
    ):
        yield _Cited(at, source.strip(), amount)


def _of_objections(at: str, clause: Objections) -> Iterator[_Cited]:
    """The time to object, then each who answers: their sources are named in the same order, or one for all."""
    amounts = [*([clause.window] if clause.window else []), *(level.within for level in clause.levels)]
    sources = clause.source.split(" / ")
    if len(sources) != len(amounts):
        yield _Cited(at, clause.source)
        return
    for source, amount in zip(sources, amounts, strict=True):
        yield _Cited(at, source.strip(), amount)


def _line(lines: Mapping[str, int], at: str) -> int:
    while at and at not in lines:
        at = at.rpartition(".")[0]
    return lines.get(at, 0)


def _unknown(key: str, known: Policies, filename: str, line: int) -> Finding:
    listed = "、".join(known) or "—"
    return Finding(
        filename,
        line,
        "L1",
        f"没有叫“{key}”的政策数据。",
        f'No policy is called "{key}".',
        f"请在 policies/ 里加上这一行和出处，或改用已有的：{listed}。",
        f"Add the row with its source under policies/, or name one of: {', '.join(known) or '(none)'}.",
    )


def allows(policy: Policy, amount: Amount, calendar: Calendar | None) -> bool:
    """Return whether the row allows this number: from whatever moment both begin, the one never ends after the other.

    A row without a number allows every one.
    """
    if policy.amount is None:
        return True
    first, second = (amount, policy.amount) if policy.kind == "at-most" else (policy.amount, amount)
    return fit(first, second, calendar).holds


def loosens(mine: Policy, above: Policy) -> bool:
    """Return whether a city's own row takes the place of a law and asks for less."""
    if above.grade != "A" or above.amount is None:
        return False
    return mine.amount is None or mine.kind != above.kind or not allows(above, mine.amount, None)


def _broken(
    amount: Amount, policy: Policy, since: str, calendar: Calendar | None, filename: str, line: int
) -> Finding | None:
    if policy.amount is None or policy.grade == "I" or allows(policy, amount, calendar):
        return None
    most = policy.kind == "at-most"
    word = "at most" if most else "at least"
    later = policy.since > since  # ISO days sort as they follow each other
    return Finding(
        filename,
        line,
        "L1",
        f"{amount_zh(amount)}，而“{policy.key}”{f'自 {policy.since} 起' if later else ''}"
        f"规定{'最多' if most else '至少'} {amount_zh(policy.amount)}。",
        f'{amount_en(amount)}, but "{policy.key}" allows {word} {amount_en(policy.amount)}'
        + (f" from {policy.since} on." if later else "."),
        f"请{'缩短' if most else '延长'}时限，或写明另一个出处。",
        f"Make the limit {'shorter' if most else 'longer'}, or name another source.",
        "error" if policy.grade == "A" and not later else "warning",
    )

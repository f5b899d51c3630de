"""Policies: the numbers a mechanism leans on, each with where it comes from and how good that source is.

A mechanism writes its limits out and names the row they come from as `source`. So the text stays readable by itself,
and this heart says when the two do not agree.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Literal, TypeAlias, get_args

from jiebang.engine.almanac import Almanac, Row, Season
from jiebang.engine.checker import amount_en, amount_zh
from jiebang.engine.findings import Finding
from jiebang.engine.lengths import fit
from jiebang.engine.model import Amount, Extension, Objections, Program, State, Texts, Unit
from jiebang.engine.worktime import Calendar

Kind: TypeAlias = Literal["at-most", "at-least"]
Grade: TypeAlias = Literal["A", "B", "C", "I"]
_ALWAYS = frozenset({"since", "place", "source", "grade"})
_NUMBER = frozenset({"value", "unit", "kind"})
_PERIOD = frozenset({"from", "to", "title"})
_ONLY = frozenset({"areas", "season"})  # where and when alone a row holds
_DAY = re.compile(r"(\d{4}-)?(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])")
_LOOKS_LIKE_KEY = re.compile(r"[a-z][a-z0-9]*(\.[a-z0-9_-]+)+")


class PolicyError(ValueError):
    """A row that cannot be used. The sentence names it and says what to do."""


@dataclass(frozen=True, slots=True)
class Policy:
    """One row. Without `amount` and `kind` it only says where something comes from, or, with `first` and `last`, when a
    season is. `others` are rows of the same key that hold elsewhere, at other times or from another day on.

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
    first: str = ""  # of a season: `05-01`, or `2026-05-01` for one year only
    last: str = ""
    title: Texts = field(default_factory=dict)
    areas: tuple[str, ...] = ()
    season: str = ""
    others: tuple[Policy, ...] = ()

    @property
    def rows(self) -> tuple[Policy, ...]:
        return (self, *self.others)


Policies: TypeAlias = Mapping[str, Policy]


def read(key: str, row: object) -> Policy:
    """Return the row as a policy; of a list of rows the first that holds everywhere and always, with the others in it.

    Raises:
        PolicyError: a column is missing, unknown or out of its range.
    """
    if isinstance(row, list):
        rows = [_row(key, one) for one in row]
        whole = [one for one in rows if not one.areas and not one.season]
        if not whole:
            raise PolicyError(f"No row of “{key}” holds everywhere and always. Add one without areas and season.")
        newest = max(whole, key=lambda one: one.since)
        return replace(newest, others=tuple(one for one in rows if one is not newest))
    return _row(key, row)


def _row(key: str, row: object) -> Policy:
    if not isinstance(row, dict):
        raise PolicyError(f"“{key}” should hold “column: value” lines.")
    if unknown := sorted(set(row) - _ALWAYS - _NUMBER - _PERIOD - _ONLY):
        raise PolicyError(f"“{key}” has the unknown column “{unknown[0]}”. Take it away.")
    wanted = _ALWAYS.union(*(columns for columns in (_NUMBER, _PERIOD) if columns & set(row)))
    if missing := sorted(wanted - set(row)):
        raise PolicyError(f"“{key}” lacks “{missing[0]}”. Add it.")
    if "value" in row and "from" in row:
        raise PolicyError(f"“{key}” is a number and a period. Make two rows of it.")
    for name in ("place", "source", *(("title",) if "title" in row else ())):
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
    for name in ("from", "to"):
        if name in row and not (isinstance(row[name], str) and _DAY.fullmatch(row[name])):
            raise PolicyError(f"“{name}” of “{key}” should be a day in quotes, such as '05-01' or '2026-05-01'.")
    if "from" in row and len(row["from"]) != len(row["to"]):
        raise PolicyError(f"“{key}” begins and ends in two ways. Give both days a year, or none.")
    areas = row.get("areas", [])
    if not isinstance(areas, list) or not all(isinstance(code, str) and code for code in areas):
        raise PolicyError(f"“areas” of “{key}” should be a list of area codes in quotes.")
    if not isinstance(row.get("season", ""), str):
        raise PolicyError(f"“season” of “{key}” should name a season's row.")
    return Policy(
        key,
        amount,
        row.get("kind"),
        row["since"],
        row["place"],
        row["source"],
        row["grade"],
        row.get("from", ""),
        row.get("to", ""),
        row.get("title", {}),
        tuple(areas),
        row.get("season", ""),
    )


def almanac_of(known: Policies) -> Almanac:
    """Return the numbers and seasons of these policies, as limits take them.

    Raises:
        PolicyError: a row holds in a season that is none.
    """
    rows: dict[str, tuple[Row, ...]] = {}
    seasons: dict[str, tuple[Season, ...]] = {}
    for policy in known.values():
        for one in policy.rows:
            if one.season and not (one.season in known and known[one.season].first):
                raise PolicyError(f"“{one.key}” holds in the season “{one.season}”, which no row describes. Add it.")
        if policy.first:
            seasons[policy.key] = tuple(
                Season(one.key, date.fromisoformat(one.since), one.first, one.last, one.areas) for one in policy.rows
            )
        elif policy.amount is not None:
            rows[policy.key] = tuple(
                Row(one.key, date.fromisoformat(one.since), one.amount, one.areas, one.season)
                for one in policy.rows
                if one.amount is not None
            )
    return Almanac(rows, seasons)


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
    return found + beyond_promises(program, known, calendar=calendar, lines=lines, filename=filename)


def beyond_promises(
    program: Program,
    known: Policies,
    *,
    calendar: Calendar | None,
    lines: Mapping[str, int] | None = None,
    filename: str = "",
) -> list[Finding]:
    """Return where a limit takes a number or a season that is not there, or a number goes beyond the ceiling that the
    mechanism promises. Always an error: the closing times rest on the ceiling."""
    found: list[Finding] = []
    for state in program.states.values():
        line = _line(lines or {}, f"states.{state.name}.{state.limit.kind}")
        found += _taken(state, known, calendar, filename, line)
    return found


def _taken(state: State, known: Policies, calendar: Calendar | None, filename: str, line: int) -> Iterator[Finding]:
    """What a limit takes from the tables is there, and no number goes beyond the ceiling the citizen was promised."""
    for key, ceiling in state.limit.policies:
        policy = known.get(key)
        if policy is None or policy.amount is None:
            yield _unknown(key, {name: one for name, one in known.items() if one.amount}, filename, line)
            continue
        for row in policy.rows:
            if row.amount is not None and not fit(row.amount, ceiling, calendar).holds:
                yield Finding(
                    filename,
                    line,
                    "L1",
                    f"“{state.name}”承诺最多 {amount_zh(ceiling)}，而政策数据“{key}”（自 {row.since} 起）为"
                    f" {amount_zh(row.amount)}。",
                    f'"{state.name}" promises {amount_en(ceiling)} at most, but the policy "{key}" of {row.since} says'
                    f" {amount_en(row.amount)}.",
                    "请先公布上限更高的新版本，或缩短政策数据。",
                    "Publish a version with a higher ceiling first, or make the row shorter.",
                )
    for season in state.limit.during:
        if season.season not in known or not known[season.season].first:
            yield _unknown(season.season, {name: one for name, one in known.items() if one.first}, filename, line)


def _cited(program: Program) -> Iterator[_Cited]:
    yield _Cited("source", program.source)
    for state in program.states.values():
        yield from _of_state(state)
    for final in program.finals.values():
        if final.again:
            yield _Cited(f"finals.{final.name}.raised again", final.again.source, final.again.within)
    for span in program.spans.values():
        yield _Cited(f"spans.{span.name}", span.source, span.amount)


def _of_state(state: State) -> Iterator[_Cited]:
    limit = state.limit
    at = f"states.{state.name}"
    # A number a policy gives is not held against it: its ceiling is.
    yield _Cited(f"{at}.{limit.kind}", limit.source or limit.policy, None if limit.policy else limit.plain)
    for case in limit.cases:
        source = case.source or case.policy or limit.source
        yield _Cited(f"{at}.{limit.kind}", source, None if case.policy else case.amount)
    for season in limit.during:
        yield _Cited(f"{at}.{limit.kind}", season.season)
        yield _Cited(f"{at}.{limit.kind}", season.source, season.amount)
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

"""How long a state may last: a length, a promised date with its ceiling, or a length for each answer."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, cast

from jiebang.engine import nodes, wording
from jiebang.engine.model import Amount, Limit, LimitCase, SeasonLength
from jiebang.engine.nodes import Node
from jiebang.engine.objections import joined
from jiebang.engine.parser import keys
from jiebang.engine.parser.moves import MoveReader


@dataclass(slots=True)
class LimitReader(MoveReader):
    """Reads `within` and `lasts`."""

    season_names: set[str] = field(default_factory=set)

    def limit(self, said: nodes.Mapping, key: str) -> Limit:
        node = said.items.get(key)
        kind = cast(Any, key)
        source = self.text(said.items.get("source"))
        if isinstance(node, nodes.Mapping):
            if "by" in node.items:
                return self.limit_by_answer(node, kind, source)
            parts = self.map(node, keys.LIMIT, (key, key))
            assert parts is not None
            source = self.text(parts.items.get("source")) or source
            since = self.since(parts.items.get("since"))
            if "until" in parts.items:
                self.only(parts, keys.LIMIT_OF_DATE)
                until = self.text(parts.items["until"])
                self.is_date(until, parts.lines["until"])
                if "at most" not in parts.items:
                    self.say(node.line, "until-without-ceiling")
                return Limit(kind, None, until, self.amount(parts.items.get("at most")), since, "", source)
            amount, policy = self.amount_or_row(parts, keys.LIMIT_OF_AMOUNT, keys.LIMIT_OF_POLICY)
            during = self.during(parts.items.get("during"), [amount])
            if policy:
                return Limit(kind, None, None, amount, since, policy, source, during=during)
            return Limit(kind, amount, None, None, since, "", source, during=during)
        if node is None:
            return Limit(kind, Amount(1, "wd"))
        words, anchor = wording.amount_since(self.text(node))
        if anchor is not None:
            self.anchor_exists(anchor, node.line)
        return Limit(kind, self.amount_of(words, node.line), None, None, anchor, "", source)

    def limit_by_answer(self, node: nodes.Mapping, kind: Any, source: str) -> Limit:
        """`{by: kind, urgent: 4 h, complaint or report: 5 wd, else: 10 wd}`: a length for every answer."""
        by = self.text(node.items["by"])
        self.read_fields[by] = node.lines["by"]
        known = self.answers_of(by, node.lines["by"])
        source = self.text(node.items.get("source")) or source
        cases: list[LimitCase] = []
        given: set[str] = set()
        for key, entry in node.items.items():
            if key in keys.LIMIT_BY:
                continue
            line = node.lines.get(key, node.line)
            values = wording.names_joined(key)
            for value in values:
                if known and value not in known:
                    self.unknown(line, value, ("答案", "answer"), known)
                elif value in given:
                    self.say(line, "length-twice", name=by, value=value)
                given.add(value)
            cases.append(self.case(values, entry))
        other = self.case((), node.items["else"]) if "else" in node.items else None
        missing = [value for value in known if value not in given]
        if known and missing and other is None:
            self.say(node.line, "length-missing", name=by, known=joined(missing))
        if known and not missing and other is not None:
            self.say(node.lines["else"], "length-idle", name=by)
        lengths = [case.amount for case in (*cases, *([other] if other else []))]
        limit = Limit(
            kind,
            since=self.since(node.items.get("since")),
            source=(other.source if other else "") or source,
            by=by,
            cases=tuple(cases),
            during=self.during(node.items.get("during"), lengths),
        )
        if other is None:
            return limit
        if other.policy:
            return replace(limit, ceiling=other.amount, policy=other.policy)
        return replace(limit, amount=other.amount)

    def answers_of(self, name: str, line: int) -> tuple[str, ...]:
        """The answers a limit can depend on: those of a choice, or yes and no."""
        asked = self.fields.get(name)
        if asked is None:
            self.unknown(line, name, ("问题", "question"), self.fields)
        elif asked.type not in ("choice", "yes-no"):
            self.say(line, "length-by-no-choice", name=name)
        else:
            known = wording.answers_of(asked) or ()
            taken = sorted(set(known) & set(keys.LIMIT_BY))
            if taken:
                self.say(line, "length-by-key", name=name, value=taken[0])
            return tuple(known)
        return ()

    def case(self, values: tuple[str, ...], node: Node) -> LimitCase:
        """`4 h`, or `{amount: 4 h, source: …}`, or `{policy: a.b, at most: 4 h}`."""
        if not isinstance(node, nodes.Mapping):
            return LimitCase(values, self.amount(node))
        parts = self.map(node, keys.LENGTH, ("时限", "a length"))
        assert parts is not None
        amount, policy = self.amount_or_row(parts, ("amount", "source"), ("policy", "at most", "source"))
        return LimitCase(values, amount, self.text(parts.items.get("source")), policy)

    def amount_or_row(
        self, parts: nodes.Mapping, of_amount: tuple[str, ...], of_policy: tuple[str, ...]
    ) -> tuple[Amount, str]:
        """A length, or a policy's row with what caps its number."""
        if "policy" not in parts.items:
            self.only(parts, of_amount)
            return self.amount(self.wanted(parts, "amount")), ""
        self.only(parts, of_policy)
        if "at most" not in parts.items:
            self.say(parts.lines["policy"], "policy-without-ceiling")
        return self.amount(parts.items.get("at most")), self.text(parts.items["policy"])

    def during(self, node: Node | None, lengths: list[Amount]) -> tuple[SeasonLength, ...]:
        """`{flood-season: 1 d}`: shorter in a season, never longer."""
        found = []
        for season, entry in self.each(node, "during"):
            said = entry if isinstance(entry, nodes.Mapping) else nodes.Mapping({"amount": entry}, entry.line)
            parts = self.map(said, keys.SEASON, (f"季节“{season}”", f"season “{season}”"))
            assert parts is not None
            amount = self.amount(self.wanted(parts, "amount"))
            loose = next((one for one in lengths if one.unit == amount.unit and one.n < amount.n), None)
            if loose is not None:
                self.say(entry.line, "season-loosens", season=season)
            self.season_names.add(season)
            title = self.title("seasons", season, said)
            found.append(SeasonLength(season, amount, title, self.text(parts.items.get("source"))))
        return tuple(found)

"""How long a state may last: a length, a promised date with its ceiling, or a length for each answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

from jiebang.engine import nodes, wording
from jiebang.engine.model import Amount, Limit, LimitCase
from jiebang.engine.nodes import Node
from jiebang.engine.objections import joined
from jiebang.engine.parser import keys
from jiebang.engine.parser.moves import MoveReader


@dataclass(slots=True)
class LimitReader(MoveReader):
    """Reads `within` and `lasts`."""

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
            self.only(
                parts, ("until", "at most", "since", "source") if "until" in parts.items else keys.LIMIT_OF_AMOUNT
            )
            if "until" in parts.items:
                until = self.text(parts.items["until"])
                self.is_date(until, parts.lines["until"])
                if "at most" not in parts.items:
                    self.say(node.line, "until-without-ceiling")
                return Limit(kind, None, until, self.amount(parts.items.get("at most")), since, "", source)
            return Limit(kind, self.amount(self.wanted(parts, "amount")), None, None, since, "", source)
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
            amount, own = self.length(entry)
            cases.append(LimitCase(values, amount, own))
        other, own = self.length(node.items["else"]) if "else" in node.items else (None, "")
        missing = [value for value in known if value not in given]
        if known and missing and other is None:
            self.say(node.line, "length-missing", name=by, known=joined(missing))
        if known and not missing and other is not None:
            self.say(node.lines["else"], "length-idle", name=by)
        since = self.since(node.items.get("since"))
        return Limit(kind, other, None, None, since, "", own or source, by, tuple(cases))

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

    def length(self, node: Node) -> tuple[Amount, str]:
        """`4 h`, or `{amount: 4 h, source: …}`."""
        if not isinstance(node, nodes.Mapping):
            return self.amount(node), ""
        parts = self.map(node, keys.LENGTH, ("时限", "a length"))
        assert parts is not None
        return self.amount(self.wanted(parts, "amount")), self.text(parts.items.get("source"))

"""`require`: what the answers of a move must be beyond their type."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from jiebang.engine import nodes, wording
from jiebang.engine.model import Ask, Match, Requirement
from jiebang.engine.nodes import Node
from jiebang.engine.objections import joined
from jiebang.engine.parser import keys
from jiebang.engine.parser.linking import LinkReader

_DATE = re.compile(r"at (?P<side>least|most) (?P<amount>.+?) from (?P<since>\S+)")


@dataclass(slots=True)
class RequirementReader(LinkReader):
    """Reads the requirements of a move."""

    def requirements(self, node: Node | None, asks: tuple[Ask, ...]) -> tuple[Requirement, ...]:
        found = []
        for field, entry in self.each(node, "require"):
            line = node.lines.get(field, entry.line) if isinstance(node, nodes.Mapping) else entry.line
            if field not in self.fields or field not in {ask.field for ask in asks}:
                self.unknown(line, field, ("这个动作的问题", "question of this move"), {ask.field for ask in asks})
                continue
            self.read_fields.setdefault(field, line)
            one = (
                self.match(field, entry, line)
                if isinstance(entry, nodes.Mapping)
                else self.distance(field, self.text(entry), line)
            )
            if one is not None:
                found.append(one)
        return tuple(found)

    def distance(self, field: str, words: str, line: int) -> Requirement | None:
        """`at least 10 d from now`, `at most 365 d from found-on`."""
        said = _DATE.fullmatch(words)
        if said is None or self.fields[field].type != "date":
            self.say(line, "requirement-unreadable", name=field, words=words)
            return None
        since = "" if said["since"] == "now" else said["since"]
        if since:
            self.is_date(since, line)
        side: Literal["at-least", "at-most"] = "at-least" if said["side"] == "least" else "at-most"
        return Requirement(field, side, self.amount_of(said["amount"], line), since)

    def match(self, field: str, said: nodes.Mapping, line: int) -> Requirement | None:
        """`{by: matter, land or funds: assembly, else: reps}`: every answer of the other question has one here."""
        by = self.text(self.wanted(said, "by"))
        asked = self.fields.get(by)
        if asked is None or wording.answers_of(asked) is None or self.fields[field].type != "choice":
            self.say(line, "requirement-no-choice", name=field, other=by)
            return None
        self.read_fields.setdefault(by, said.lines.get("by", line))
        known, mine = wording.answers_of(asked) or (), wording.answers_of(self.fields[field]) or ()
        cases, given = [], []
        for key, entry in said.items.items():
            at = said.lines.get(key, entry.line)
            values = wording.names_joined(key) if key not in keys.MATCH else ()
            for value in values:
                if value not in known:
                    self.unknown(at, value, ("答案", "answer"), known)
                elif value in given:
                    self.say(at, "match-twice", name=by, value=value)
                given.append(value)
            if key == "by":
                continue
            must = self.text(entry)
            if must not in mine:
                self.unknown(at, must, ("答案", "answer"), mine)
            cases.append(Match(values, must))
        missing = [value for value in known if value not in given]
        if missing and "else" not in said.items:
            self.say(said.line, "match-missing", name=by, known=joined(missing))
        other = self.text(said.items.get("else"))
        return Requirement(field, "match", by=by, cases=tuple(case for case in cases if case.values), other=other)

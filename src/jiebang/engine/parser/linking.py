"""What a mechanism file opens on other boards, and what it waits for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import cast, get_args

from jiebang.engine import nodes
from jiebang.engine.linked import ITEM, NUMBER
from jiebang.engine.model import Ask, Branch, Limit, Meaning, Move, Opens, Outcome, Recheck, Waits
from jiebang.engine.nodes import Node, Scalar
from jiebang.engine.objections import joined
from jiebang.engine.parser import keys
from jiebang.engine.parser.conditions import ConditionReader

OPENING = "opened"  # the opening of the other mechanism, if none is named
REPORT = "report"
_WAY = re.compile(r"(?:(?P<how>all|any) )?(?P<means>[a-z]+(?: or [a-z]+)*)")


@dataclass(slots=True)
class LinkReader(ConditionReader):
    """Reads `opens` and `waits for`."""

    def opens(self, node: Node | None) -> Opens | None:
        """`opens: task`, or `{on: task, as: opened, one for each: items, with: {what: item}}`."""
        if node is None:
            return None
        if isinstance(node, Scalar):
            return Opens(self.name(node), OPENING)
        said = self.map(node, keys.OPENS, ("opens", "opens"))
        if said is None:
            return None
        each = self.text(said.items.get("one for each"))
        if each:
            asked = self.fields.get(each)
            if asked is None or not asked.many:
                self.say(said.lines["one for each"], "each-of-one", name=each)
            else:
                self.read_fields[each] = said.lines["one for each"]
        carry = {}
        for theirs, value in self.each(said.items.get("with"), "with"):
            carry[theirs] = ours = self.text(value)
            if ours == ITEM and not each:
                self.say(value.line, "item-without-each")
            elif ours not in (ITEM, NUMBER) and ours not in self.fields:
                self.unknown(value.line, ours, ("问题", "question"), {ITEM, NUMBER, *self.fields})
            elif ours in self.fields and self.fields[ours].visible != "public":
                self.say(value.line, "carried-but-hidden", name=ours)
        opening = self.name(said.items.get("as")) or OPENING
        return Opens(self.name(self.wanted(said, "on")), opening, each, carry)

    def recheck(self, node: Node | None) -> Recheck | None:
        """`recheck: {share: 10, after: 30 d, opens: recheck}`: so many in a hundred are looked at again."""
        if node is None:
            return None
        said = self.map(node, keys.RECHECK, ("recheck", "recheck"))
        if said is None:
            return None
        opens = self.opens(self.wanted(said, "opens"))
        if opens is not None and opens.each:
            self.say(said.lines["opens"], "recheck-of-each")
        return Recheck(
            self.number(self.wanted(said, "share"), 1, 100),
            self.amount(self.wanted(said, "after")),
            opens or Opens("", OPENING),
            self.text(said.items.get("source")),
        )

    def waiting(self, said: nodes.Mapping) -> tuple[Limit, Waits | None, Move | None]:
        """`waits for`: its limit; what it waits for; or, for facts somebody tells, the move that tells them."""
        parts = self.map(said.items["waits for"], keys.WAITS, ("waits for", "waits for"))
        if parts is None:
            return Limit("waits"), None, None
        limit = self.wait_limit(parts, self.text(said.items.get("source")))
        wanted = [key for key in ("all opened", "entry", "facts") if key in parts.items]
        if len(wanted) != 1:
            self.say(parts.line, "waits-for-one")
            return limit, None, None
        used = {"all opened": (), "entry": (), "facts": ("from",)}[wanted[0]]
        self.only(parts, (*wanted, *used, "until", "at most", "source"))
        if wanted == ["facts"]:
            return limit, None, self.report(said, parts)
        field = ""
        if wanted == ["entry"]:
            field = self.text(parts.items["entry"])
            if field not in self.fields or self.fields[field].type != "entry":
                self.say(parts.lines["entry"], "wait-no-entry", name=field)
        kind = "entry" if field else "opened"
        return limit, Waits(kind, self.ways(said, kind), field), None  # type: ignore[arg-type]  # one of the two

    def wait_limit(self, parts: nodes.Mapping, source: str) -> Limit:
        """The longest it waits, and until when if a date was given: nothing is waited for without an end."""
        source = self.text(parts.items.get("source")) or source
        most = self.wanted(parts, "at most")
        if "until" not in parts.items:
            return Limit("waits", self.amount(most), source=source)
        until = self.text(parts.items["until"])
        self.is_date(until, parts.lines["until"])
        return Limit("waits", None, until, self.amount(most), None, "", source)

    def is_date(self, name: str, line: int) -> None:
        """Whether a limit can end with the answer to that question, which is logged then."""
        asked = self.fields.get(name)
        if asked is None or asked.type != "date":
            self.say(line, "until-no-date", until=name)
        self.read_fields[name] = line

    def ways(self, said: nodes.Mapping, kind: str) -> tuple[Outcome, ...]:
        """`then`: one state, or by how it ended: `{all solved: a, any failed: b, else: c}`."""
        node = said.items.get("then")
        if not isinstance(node, nodes.Mapping):
            return (Outcome(self.target(node)),) if node is not None else ()
        found = []
        for words, value in node.items.items():
            to = self.target(value)
            if words == "else":
                found.append(Outcome(to))
                continue
            read = _WAY.fullmatch(words)
            means = tuple(read["means"].split(" or ")) if read else ()
            if read is None or not set(means) <= set(get_args(Meaning)) or (kind == "opened") != bool(read["how"]):
                self.say(node.lines[words], "outcome-unreadable", words=words, known=joined(get_args(Meaning)))
                continue
            how = read["how"] or "all"
            found.append(Outcome(to, "all" if how == "all" else "any", cast("tuple[Meaning, ...]", means)))
        if list(node.items)[-1:] != ["else"]:
            self.say(node.line, "outcome-without-else")
        else:
            self.look_at_else(node)
        return tuple(found)

    def report(self, said: nodes.Mapping, parts: nodes.Mapping) -> Move:
        """Facts that somebody tells: a move of theirs, whose answers decide where it leads."""
        by = self.by(self.wanted(parts, "from"), "instrument")
        asks = []
        for item in self.items(parts.items["facts"]):
            name = self.text(item)
            if name not in self.fields:
                self.unknown(item.line, name, ("问题", "question"), self.fields)
            else:
                asks.append(Ask(name))
        words = {"zh": "报告结果", "en": "Report the result"}
        title = self.titles.get("moves", {}).get(REPORT) or {lang: words[lang] for lang in self.languages}
        to: tuple[Branch, ...] = ()
        if "then" in said.items:
            told = nodes.Mapping({"to": said.items["then"]}, said.line, {"to": said.lines["then"]})
            to = self.branches(REPORT, told, tuple(asks), ())
        return Move(REPORT, title, by, to, tuple(asks))

"""What may be said against a notice, who answers in which time; and what may be raised again once it has ended."""

from __future__ import annotations

import re
from dataclasses import dataclass

from jiebang.engine import nodes, wording
from jiebang.engine.lookups import OBJECT
from jiebang.engine.model import Amount, Answerer, Limit, Objections, RaisedAgain, Texts
from jiebang.engine.nodes import Node
from jiebang.engine.parser import keys
from jiebang.engine.parser.limits import LimitReader

ANSWERED = "answer"  # the name by which an answer is a deed: `never: [whoever did answer]`
MOST_LEVELS = 5
_LEVEL = re.compile(r"(?P<by>[^\W\d_][\w-]*) (?P<amount>\d.*)")


@dataclass(slots=True)
class NoticeReader(LimitReader):
    """Reads the objections to a notice, and how a closed matter is raised again."""

    def objections(self, said: nodes.Mapping, limit: Limit) -> Objections | None:
        """`objections: {by: anyone, within: 5 d, answered by: [committee 3 d, township 10 d], else: failed}`."""
        node = said.items.get("objections")
        if node is None:
            return None
        if limit.kind != "lasts":
            self.say(said.lines["objections"], "objections-without-notice")
        if "extend" in said.items:
            self.say(said.lines["extend"], "objections-and-extend")
        parts = self.map(node, keys.OBJECTIONS, ("objections", "objections"))
        if parts is None:
            return None
        may = said.items.get("may")
        if isinstance(may, nodes.Mapping) and OBJECT in may.items:
            self.say(may.lines[OBJECT], "name-taken", name=OBJECT)
        by = self.by(self.wanted(parts, "by"), "anyone")
        for name in by:
            if name in self.parties and self.parties[name].kind in ("clock", "boards", "instrument"):
                self.say(parts.lines["by"], "objections-by-nobody", name=name)
        return Objections(
            by,
            self.levels(parts),
            self.target(self.wanted(parts, "else")),
            self.objecting_title(parts),
            self.amount(parts.items["within"]) if "within" in parts.items else None,
            self.asks(parts.items.get("ask")),
            self.asks(parts.items.get("answer")),
            self.flag(parts.items.get("hold up")),
            self.number(parts.items["each person"], 1, 10) if "each person" in parts.items else 1,
            self.text(parts.items.get("source")),
        )

    def raised_again(self, node: Node | None) -> RaisedAgain | None:
        """`raised again: {by: anyone, within: 90 d, as: raise, with: {what: public-text}}`, of a final."""
        if node is None:
            return None
        said = self.map(node, keys.AGAIN, ("raised again", "raised again"))
        if said is None:
            return None
        by = self.by(self.wanted(said, "by"), "anyone")
        for name in by:
            if name in self.parties and self.parties[name].kind in ("clock", "boards", "instrument", "did"):
                self.say(said.lines["by"], "again-by-nobody", name=name)
        opening = self.name(self.wanted(said, "as"))
        move = self.openings.get(opening)
        if "as" in said.items and move is None:
            self.unknown(said.lines["as"], opening, ("提出方式", "opening"), self.openings)
        carry = {}
        for theirs, value in self.each(said.items.get("with"), "with"):
            carry[theirs] = ours = self.text(value)
            if move is not None and theirs not in {ask.field for ask in move.ask}:
                self.unknown(value.line, theirs, ("问题", "question"), {ask.field for ask in move.ask})
            if ours not in self.fields:
                self.unknown(value.line, ours, ("问题", "question"), self.fields)
            elif self.fields[ours].visible != "public":
                self.say(value.line, "carried-but-hidden", name=ours)
        within = self.amount(self.wanted(said, "within"))
        return RaisedAgain(by, within, opening, carry, self.text(said.items.get("source")))

    def objecting_title(self, parts: nodes.Mapping) -> Texts:
        if "title" in parts.items:
            return self.texts(parts.items["title"])
        words = {"zh": "提出异议", "en": "Object"}
        return self.titles.get("moves", {}).get(OBJECT) or {lang: words[lang] for lang in self.languages}

    def levels(self, parts: nodes.Mapping) -> tuple[Answerer, ...]:
        """`[committee 3 d, township 10 d]`: who answers, each in their time; the next one when it is over."""
        found = []
        listed = self.items(self.wanted(parts, "answered by"))
        if len(listed) > MOST_LEVELS:
            self.say(parts.lines["answered by"], "levels-many", most=MOST_LEVELS)
        for item in listed:
            read = _LEVEL.fullmatch(self.text(item))
            within = wording.amount(read["amount"]) if read else None
            if read is None or within is None:
                self.say(item.line, "level-unreadable", words=self.text(item)[:60])
                continue
            name = read["by"]
            if name not in self.parties:
                self.unknown(item.line, name, ("参与方", "party"), self.parties)
            elif not self.parties[name].is_official:
                self.say(item.line, "answered-by-nobody", name=name)
            self.used_parties.add(name)
            found.append(Answerer(name, within))
        if not found and "answered by" in parts.items and not listed:
            self.say(parts.lines["answered by"], "level-unreadable", words="")
        return tuple(found) or (Answerer("unit", Amount(1, "wd")),)

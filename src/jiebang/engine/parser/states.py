"""The states of a mechanism file with their limits, duties, extensions and routes; finals, spans and takings."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import cast, get_args

from jiebang.engine import nodes, wording
from jiebang.engine.lookups import NEW_DATE
from jiebang.engine.model import Duty, Extension, Field, Final, Meaning, Move, Route, Span, State, Taking
from jiebang.engine.nodes import Node
from jiebang.engine.objections import joined
from jiebang.engine.parser import keys
from jiebang.engine.parser.notices import NoticeReader


@dataclass(slots=True)
class StateReader(NoticeReader):
    """Reads states and what stands beside them."""

    def read_state(self, key: str, node: Node) -> None:
        said = self.map(node, keys.STATE, (f"状态“{key}”", f"state “{key}”"))
        if said is None:
            return
        kinds = [kind for kind in ("within", "lasts", "waits for") if kind in said.items]
        if len(kinds) != 1:
            self.say(said.line, "one-limit", key=key)
        kind = kinds[0] if kinds else "within"
        end, other = ("then", "else") if kind == "lasts" else ("else", "then")
        if other in said.items and kind != "waits for":
            self.say(said.lines[other], "wrong-end", end=end, other=other)
        waits, report = None, None
        if kind == "waits for":
            limit, waits, report = self.waiting(said)
            self.wanted(said, "then")
        else:
            limit = self.limit(said, kind)
        holder = self.holder(said, kind, report)
        duties = {
            name: duty
            for name, entry in self.each(said.items.get("duties"), "duties")
            if (duty := self.duty(name, entry)) is not None
        }
        moves: dict[str, Move] = {}
        for name, entry in self.each(said.items.get("may"), "may"):
            move = self.move(name, entry, "" if holder in ("clock", "boards") else holder, tuple(duties), state=key)
            if move is not None:
                moves[name] = move
        counting = [move for move in moves.values() if move.collect]
        if len(counting) > 1 and any(move.collect and move.collect.is_vote for move in counting):
            self.say(said.lines["may"], "collect-twice", key=key)
        if report is not None:
            if report.name in moves:
                self.say(said.line, "name-taken", name=report.name)
            moves[report.name] = report
        if waits is not None and "extend" in said.items:
            self.say(said.lines["extend"], "key-idle", key="extend", keys=joined(keys.STATE))
        self.states[key] = State(
            key,
            self.title("states", key, said),
            holder,
            limit,
            self.target(self.wanted(said, end)) if end in said.items else self.missing(said, end),
            moves,
            duties,
            self.extension(said.items.get("extend")),
            self.opens(said.items.get("opens")),
            waits,
            self.objections(said, limit),
        )

    def holder(self, said: nodes.Mapping, kind: str, report: Move | None) -> str:
        """Who owes the next move; of a notice the clock, of what is waited for whoever it comes from."""
        if "held by" not in said.items and kind != "within":
            holder = "clock" if kind == "lasts" else report.by[0] if report is not None and report.by else "boards"
        else:
            holder = self.text(self.wanted(said, "held by"))
            if holder and holder not in self.parties:
                self.unknown(said.lines["held by"], holder, ("参与方", "party"), self.parties)
        self.used_parties.update((holder, "clock"))
        return holder

    def duty(self, key: str, node: Node) -> Duty | None:
        said = self.map(node, keys.DUTY, (f"任务“{key}”", f"duty “{key}”"))
        if said is None:
            return None
        every, by_day = "", 0
        again = wording.amount(self.text(said.items.get("every"))) if "every" in said.items else None
        if again is not None:
            self.only(said, tuple(key for key in keys.DUTY if key not in ("within", "by")))
            every = "again"
        elif "every" in said.items:
            self.only(said, tuple(key for key in keys.DUTY if key != "within"))
            every = self.one_of(said.items["every"], ("quarter", "month"), "quarter")
            found = re.fullmatch(r"day (\d{1,2}) of next month", self.text(said.items.get("by")))
            by_day = int(found[1]) if found else 0
            if not 1 <= by_day <= 28:
                self.say(said.line, "every-without-day")
        elif "by" in said.items:
            self.say(said.lines["by"], "by-of-duty")
        return Duty(
            key,
            self.title("duties", key, said),
            self.by(self.wanted(said, "of"), "unit")[0],
            self.asks(said.items.get("ask")),
            self.shows(said.items.get("show")),
            self.amount(said.items["within"]) if "within" in said.items else again,
            every,
            by_day,
            self.flag(said.items.get("runs on")),
            "",
            self.text(said.items.get("source")),
        )

    def extension(self, node: Node | None) -> Extension | None:
        if node is None:
            return None
        said = self.map(node, keys.EXTEND, ("extend", "extend"))
        if said is None:
            return None
        self.one_of(self.wanted(said, "no answer"), ("refused",), "refused")
        if NEW_DATE not in self.fields:
            spoken = {"zh": "延期到", "en": "Extended until"}
            self.fields[NEW_DATE] = Field(NEW_DATE, "date", {lang: spoken[lang] for lang in self.languages})
        self.read_fields[NEW_DATE] = node.line
        return Extension(
            self.by(self.wanted(said, "ask by"), "unit")[0],
            self.by(self.wanted(said, "decided by"), "unit")[0],
            self.amount(self.wanted(said, "ask before due")),
            self.amount(self.wanted(said, "decide within")),
            self.amount(self.wanted(said, "by at most")),
            self.number(self.wanted(said, "times"), 1, 10),
            self.text(said.items.get("source")),
        )

    def read_final(self, key: str, node: Node) -> None:
        said = self.map(node, keys.FINAL, (f"终态“{key}”", f"final “{key}”"))
        if said is not None:
            means = cast(Meaning, self.one_of(self.wanted(said, "means"), get_args(Meaning), "failed"))
            recheck = self.recheck(said.items.get("recheck"))
            again = self.raised_again(said.items.get("raised again"))
            self.finals[key] = Final(key, self.title("finals", key, said), means, recheck, again)

    def read_span(self, key: str, node: Node) -> None:
        said = self.map(node, keys.SPAN, (f"总时限“{key}”", f"span “{key}”"))
        if said is None:
            return
        from_move = self.text(self.wanted(said, "from"))
        self.anchor_exists(from_move, node.line)
        self.spans[key] = Span(
            key,
            from_move,
            self.target(self.wanted(said, "to")),
            self.amount(self.wanted(said, "within")),
            self.target(self.wanted(said, "else")),
            self.text(said.items.get("source")),
        )

    def read_taking(self, key: str, node: Node) -> None:
        """How the word of a raiser is taken down by an official: in person, or through a relative."""
        said = self.map(node, keys.TAKING, (f"taken“{key}”", f"taken “{key}”"))
        if said is None:
            return
        by = self.by(self.wanted(said, "by"), "unit")
        for name in by:
            if name in self.parties and not self.parties[name].is_official:
                self.say(said.lines["by"], "taken-by-nobody", name=name)
        listed = self.wanted(said, "of")
        of = self.words(listed) if listed is not None else ()
        moves = [move for state in self.states.values() for move in state.moves.values() if move.name in of]
        for name in of:
            if name not in self.move_names:
                self.unknown(said.lines["of"], name, ("动作", "move"), self.move_names)
            elif not any(move.name == name and "raiser" in move.by for move in moves):
                self.say(said.lines["of"], "taken-of-another", name=name)
        asks = self.asks(said.items.get("ask"))
        again = {ask.field for move in moves for ask in move.ask} & {ask.field for ask in asks}
        for name in sorted(again):
            self.say(said.lines["ask"], "asked-twice", name=name)
        self.takings[key] = Taking(by, of, asks)

    def read_route(self, key: str, node: nodes.Mapping) -> None:
        self.known_keys(node, ("route", "title"), (f"“{key}”", f"“{key}”"))
        route = self.map(node.items["route"], keys.ROUTE, ("route", "route"))
        if route is None:
            return
        self.routes[key] = Route(
            key,
            self.title("states", key, node),
            self.number(self.wanted(route, "at most"), 1, 100),
            self.target(self.wanted(route, "to")),
            self.target(self.wanted(route, "then")),
        )

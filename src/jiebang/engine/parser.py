"""A mechanism file, read and compiled into a `Program`.

The file says things the way an official would; the program is its normal form: titles in place, parties resolved,
`agreed by` drawn as a state of its own, the questions that conditions and limits read marked as logged. Whatever the
language does not have yet is refused with a sentence, never passed over. Every finding names its line.
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, cast, get_args

from jiebang.engine import nodes, wording
from jiebang.engine.findings import MechanismError
from jiebang.engine.lookups import NEW_DATE
from jiebang.engine.model import (
    Amount,
    Ask,
    Branch,
    Choice,
    Collect,
    Condition,
    Duty,
    Exclusion,
    Extension,
    Field,
    FieldType,
    Final,
    Limit,
    LogClass,
    Meaning,
    Move,
    Party,
    Program,
    Proof,
    Route,
    Span,
    State,
    Taking,
    Test,
    Texts,
    Visibility,
)
from jiebang.engine.nodes import Node, Scalar
from jiebang.engine.objections import joined
from jiebang.engine.reading import LANGUAGES, NO_TEXTS, Reading
from jiebang.engine.wording import Unreadable

ALWAYS = Condition()

BUILT_IN: Mapping[str, tuple[str, str, str]] = {
    "anyone": ("anyone", "任何人", "anyone"),
    "raiser": ("raiser", "提出人", "the person who raised it"),
    "unit": ("unit", "承办单位", "a unit"),
    "instrument": ("instrument", "监测设备", "an instrument"),
    "clock": ("clock", "时限", "the clock"),
}

_TOP = ("mechanism", "since", "title", "purpose", "source", "log", "titles", "parties", "fields", "opening",
        "states", "finals", "spans", "taken")  # fmt: skip
_TITLES = ("parties", "moves", "states", "duties", "finals", "proofs")
_FIELD = ("type", "title", "hint", "choices", "choices from", "visible", "logged", "most")
_PARTY = ("staff of", "office", "of", "level", "unit that did", "role", "never", "title")
_MOVE = ("by", "to", "ask", "show", "if", "at most", "then", "verifies", "finishes", "joins", "collect", "agreed by",
         "agreed within", "title", "source")  # fmt: skip
_STATE = ("title", "held by", "within", "lasts", "else", "then", "may", "duties", "extend", "route", "source")
_ROUTE = ("at most", "to", "then")
_LIMIT = ("amount", "until", "at most", "since", "source")
_RESERVED = ("clock", "join", "raised")  # what events call the clock's move and a merge; the anchor of `since`
_LIMIT_OF_AMOUNT = ("amount", "since", "source")
_DUTY = ("title", "of", "ask", "show", "within", "every", "by", "runs on", "source")
_SPAN = ("from", "to", "within", "else", "source")
_EXTEND = ("ask by", "decided by", "ask before due", "decide within", "no answer", "by at most", "times", "source")
_COLLECT = ("count", "yes", "no")
_TAKEN = ("window", "proxy")
_TAKING = ("by", "of", "ask")
_MOST_CELLS = 5000  # combinations of answers looked at for one move
_MOST: Mapping[str, int] = {"photo": 3, "document": 3, "signature": 1, "number": 1_000_000_000}


def parse(text: str | bytes, *, filename: str = "", vocabulary: Mapping[str, Any] | None = None) -> Program:
    """Compile a mechanism file.

    `vocabulary` has the pack's category lists by name, as read from `categories/<name>.yaml`: `choices from:
    categories/residents` takes the choices of `vocabulary["residents"]`.

    Raises:
        MechanismError: with every finding, in the order of the file.
    """
    root = nodes.read(text, filename)
    reader = _Reader(filename, vocabulary=vocabulary or {})
    program = reader.program(root)
    if reader.findings or program is None:
        raise MechanismError(sorted(reader.findings, key=lambda finding: finding.line))
    return program


@dataclass(slots=True)
class _Reader(Reading):
    """Reads one file, gathering findings instead of stopping at the first.

    Values that cannot be read are replaced by harmless ones, so that later parts are still looked at; a file with
    any finding compiles to nothing.
    """

    vocabulary: Mapping[str, Any] = field(default_factory=dict)
    fields: dict[str, Field] = field(default_factory=dict)
    parties: dict[str, Party] = field(default_factory=dict)
    openings: dict[str, Move] = field(default_factory=dict)
    states: dict[str, State] = field(default_factory=dict)
    routes: dict[str, Route] = field(default_factory=dict)
    finals: dict[str, Final] = field(default_factory=dict)
    spans: dict[str, Span] = field(default_factory=dict)
    takings: dict[str, Taking] = field(default_factory=dict)
    targets: set[str] = field(default_factory=set)
    used_parties: set[str] = field(default_factory=set)
    read_fields: dict[str, int] = field(default_factory=dict)  # read by conditions and limits → line
    move_names: set[str] = field(default_factory=set)
    proofs: set[str] = field(default_factory=set)
    later: list[Callable[[], None]] = field(default_factory=list)  # looked at when every name is known

    # ── The file ──

    def program(self, root: Node) -> Program | None:
        top = self.map(root, _TOP, ("文件", "the file"))
        if top is None:
            return None
        title = top.items.get("title")
        if isinstance(title, nodes.Mapping):
            self.languages = tuple(lang for lang in LANGUAGES if lang in title.items) or LANGUAGES
        name = self.name(self.wanted(top, "mechanism"))
        since = self.text(self.wanted(top, "since"))
        if since and not re.fullmatch(r"\d{4}-\d{2}-\d{2}", since):
            self.say(top.lines["since"], "not-a-day", since=since)
        own_title = self.texts(self.wanted(top, "title"))
        purpose = self.texts(top.items.get("purpose"))
        source = self.text(top.items.get("source"))
        log = cast(LogClass, self.one_of(self.wanted(top, "log"), get_args(LogClass), "open"))
        self.read_titles(top.items.get("titles"))
        self.read_fields_of(top.items.get("fields"))
        states = self.each(top.items.get("states"), "states")
        self.routes_and_names(states, top)
        self.read_parties(top.items.get("parties"))
        for key, node in self.each(self.wanted(top, "opening"), "opening"):
            move = self.move(key, node, "", ())
            if move is not None:
                self.openings[key] = move
        for key, node in states:
            if key not in self.routes:
                self.read_state(key, node)
        for key, node in self.each(self.wanted(top, "finals"), "finals"):
            self.read_final(key, node)
        for key, node in self.each(top.items.get("spans"), "spans"):
            self.read_span(key, node)
        for key, node in self.map_items(top.items.get("taken"), _TAKEN, ("taken", "taken")):
            self.read_taking(key, node)
        for check in self.later:
            check()
        self.refuse_route_rings(top)
        self.refuse_idle_titles(top.items.get("titles"))
        self.mark_logged()
        if self.findings:
            return None
        needed = {party for party in self.parties if party not in BUILT_IN or party in self.used_parties}
        return Program(
            id=name,
            since=since,
            title=own_title,
            purpose=purpose,
            log=log,
            parties={key: party for key, party in self.parties.items() if key in needed},
            fields=self.fields,
            openings=self.openings,
            states=self.states,
            routes=self.routes,
            finals=self.finals,
            spans=self.spans,
            source=source,
            takings=self.takings,
        )

    def read_titles(self, node: Node | None) -> None:
        for kind, entries in self.map_items(node, _TITLES, ("titles", "titles")):
            self.titles[kind] = {key: self.texts(value) for key, value in self.each(entries, kind)}

    def routes_and_names(self, states: list[tuple[str, Node]], top: nodes.Mapping) -> None:
        """Know every name first: moves lead to states that stand further down."""
        finals = top.items.get("finals")
        if isinstance(finals, nodes.Mapping):
            self.targets.update(finals.items)
        for key, node in states:
            if key in self.targets:
                self.say(node.line, "state-and-final", key=key)
            self.targets.add(key)
            if isinstance(node, nodes.Mapping):
                may = node.items.get("may")
                if isinstance(may, nodes.Mapping):
                    self.move_names.update(may.items)
                if "route" in node.items:
                    self.read_route(key, node)
        opening = top.items.get("opening")
        if isinstance(opening, nodes.Mapping):
            self.move_names.update(opening.items)

    def read_route(self, key: str, node: nodes.Mapping) -> None:
        self.known_keys(node, ("route", "title"), (f"“{key}”", f"“{key}”"))
        route = self.map(node.items["route"], _ROUTE, ("route", "route"))
        if route is None:
            return
        self.routes[key] = Route(
            key,
            self.title("states", key, node),
            self.number(self.wanted(route, "at most"), 1, 100),
            self.target(self.wanted(route, "to")),
            self.target(self.wanted(route, "then")),
        )

    def refuse_route_rings(self, top: nodes.Mapping) -> None:
        for route in self.routes.values():
            for start in (route.to, route.then):
                seen = [route.name]
                at = start
                while at in self.routes and at not in seen:
                    seen.append(at)
                    at = self.routes[at].then
                if at in seen:
                    self.say(top.lines["states"], "route-ring", ring=" → ".join([*seen, at]))
                    return

    def refuse_idle_titles(self, node: Node | None) -> None:
        """A title nobody bears is a slip of the pen: the one it was meant for has none, or an old one."""
        known = {
            "parties": set(self.parties),
            "moves": self.move_names,
            "states": {*self.states, *self.routes},
            "duties": {name for state in self.states.values() for name in state.duties},
            "finals": set(self.finals),
            "proofs": self.proofs,
        }
        for kind, entries in self.map_items(node, _TITLES, ("titles", "titles")):
            for name, entry in self.each(entries, kind):
                if name not in known[kind]:
                    self.unknown(entry.line, name, ("名字", f"name in `{kind}`"), known[kind])

    def mark_logged(self) -> None:
        for name, asked in self.fields.items():
            line = self.read_fields.get(name)
            if line is None and asked.type not in ("unit", "entry") and not asked.logged:
                continue
            if asked.visible != "public":
                self.say(line or 0, "logged-but-hidden", name=name)
            self.fields[name] = replace(asked, logged=True)

    # ── Fields ──

    def read_fields_of(self, node: Node | None) -> None:
        for key, entry in self.each(node, "fields"):
            said = self.map(entry, _FIELD, (f"问题“{key}”", f"question “{key}”"))
            if said is None:
                continue
            kind = cast(FieldType, self.one_of(self.wanted(said, "type"), get_args(FieldType), "text"))
            visible = cast(Visibility, self.one_of(said.items.get("visible"), get_args(Visibility), "public"))
            if kind == "position" and visible == "public":
                self.say(said.line, "position-for-all", key=key)
            choices = self.choices(key, said, kind)
            most = self.number(said.items["most"], 1, 2_000_000_000) if "most" in said.items else _MOST.get(kind, 2000)
            if kind == "text" and most > 2000:
                self.say(said.lines["most"], "text-too-long")
            self.fields[key] = Field(
                key,
                kind,
                self.texts(self.wanted(said, "title")),
                self.texts(said.items["hint"]) if "hint" in said.items else NO_TEXTS,
                choices,
                visible,
                self.flag(said.items.get("logged")),
                most,
            )

    def choices(self, key: str, said: nodes.Mapping, kind: str) -> tuple[Choice, ...]:
        own, source = said.items.get("choices"), said.items.get("choices from")
        if kind != "choice":
            if own or source:
                self.say(said.line, "choices-of-no-choice", key=key)
            return ()
        if source is not None:
            return self.category(self.text(source), source.line)
        found = []
        for name, entry in self.each(own, "choices"):
            marks: tuple[str, ...] = ()
            if isinstance(entry, nodes.Mapping) and "marks" in entry.items:
                marks = self.words(entry.items["marks"])
                entry = nodes.Mapping({k: v for k, v in entry.items.items() if k != "marks"}, entry.line, entry.lines)
            found.append(Choice(name, self.texts(entry), marks))
        if len(found) < 2:
            self.say(said.line, "too-few-choices", key=key)
        return tuple(found)

    def category(self, words: str, line: int) -> tuple[Choice, ...]:
        """The choices of a pack's category list; titles in the mechanism's languages only."""
        name = words.removeprefix("categories/")
        entry = self.vocabulary.get(name) or self.vocabulary.get(words)
        listed = entry.get("choices") if isinstance(entry, Mapping) else None
        if not isinstance(listed, Mapping) or not listed:
            known = "、".join(sorted(self.vocabulary)) or "—"
            self.say(line, "no-such-category", words=words, known=known)
            return ()
        found = []
        for key, said in listed.items():
            title = {lang: str(said[lang]) for lang in self.languages if lang in said}
            if len(title) < len(self.languages):
                self.say(line, "category-title", key=key, words=words)
            found.append(Choice(str(key), title, tuple(str(mark) for mark in said.get("marks", ()))))
        return tuple(found)

    # ── Parties ──

    def read_parties(self, node: Node | None) -> None:
        for key, (kind, zh, en) in BUILT_IN.items():
            spoken = {"zh": zh, "en": en}
            title = self.titles.get("parties", {}).get(key) or {lang: spoken[lang] for lang in self.languages}
            self.parties[key] = Party(key, cast(Any, kind), title)
        for key, entry in self.each(node, "parties"):
            if key in BUILT_IN:
                self.say(entry.line, "built-in-party", key=key)
                continue
            said = self.map(entry, _PARTY, (f"参与方“{key}”", f"party “{key}”"))
            if said is not None:
                self.parties[key] = self.party(key, said)

    def party(self, key: str, said: nodes.Mapping) -> Party:
        title = self.title("parties", key, said)
        never = self.exclusions(said.items.get("never"))
        role = self.one_of(said.items.get("role"), ("named", "doer"), "")
        if "unit that did" in said.items:
            self.only(said, ("unit that did", "role", "never", "title"))
            moves = wording.names_joined(self.text(said.items["unit that did"]))
            self.moves_exist(moves, said.items["unit that did"].line)
            return Party(key, "did", title, "", "", moves, cast(Any, role), never)
        if "staff of" in said.items:
            return self.staff(key, said, title, never)
        if "office" in said.items:
            self.only(said, ("office", "of", "level", "never", "title"))
            if "of" in said.items and self.text(said.items["of"]) != "area":
                self.say(said.lines["of"], "of-area-only")
            office, level = self.name(said.items["office"]), self.name(self.wanted(said, "level"))
            return Party(key, "post", title, office, level, (), "", never)
        self.say(said.line, "party-unsaid", key=key)
        return self.parties["unit"]

    def staff(self, key: str, said: nodes.Mapping, title: Texts, never: tuple[Exclusion, ...]) -> Party:
        """`staff of: area` at a level, of another party, or of the unit that did a move."""
        words = self.text(said.items["staff of"])
        self.only(said, ("staff of", "never", "title", *(("level",) if words == "area" else ())))
        if words == "area":
            return Party(key, "post", title, "staff", self.name(self.wanted(said, "level")), (), "", never)
        moves = wording.unit_that_did(words)
        if moves is not None:
            self.moves_exist(moves, said.items["staff of"].line)
            return Party(key, "did", title, "", "", moves, "doer", never)
        other = self.parties.get(words)
        if other is None or not other.is_official:
            self.unknown(said.items["staff of"].line, words, ("参与方", "party"), self.parties)
            return self.parties["unit"]
        return replace(other, name=key, title=title, never=other.never + never)

    def exclusions(self, node: Node | None) -> tuple[Exclusion, ...]:
        found = []
        for item in self.items(node):
            excluded = wording.exclusion(self.text(item))
            if excluded is None:
                self.say(item.line, "exclusion-unreadable", words=self.text(item))
                continue
            self.moves_exist(excluded.moves, item.line)
            found.append(excluded)
        return tuple(found)

    def moves_exist(self, moves: Iterable[str], line: int) -> None:
        for move in moves:
            if move not in self.move_names:
                self.unknown(line, move, ("动作", "move"), self.move_names)

    def by(self, node: Node | None, holder: str) -> tuple[str, ...]:
        names = self.words(node) if node is not None else (holder,)
        for name in names:
            if name not in self.parties:
                self.unknown(node.line if node else 0, name, ("参与方", "party"), self.parties)
        self.used_parties.update(names)
        return names

    # ── States ──

    def read_state(self, key: str, node: Node) -> None:
        said = self.map(node, _STATE, (f"状态“{key}”", f"state “{key}”"))
        if said is None:
            return
        notice = "lasts" in said.items
        if notice == ("within" in said.items):
            self.say(said.line, "one-limit", key=key)
        end, other = ("then", "else") if notice else ("else", "then")
        if other in said.items:
            self.say(said.lines[other], "wrong-end", end=end, other=other)
        if notice and "held by" not in said.items:
            holder = "clock"
        else:
            holder = self.text(self.wanted(said, "held by"))
            if holder and holder not in self.parties:
                self.unknown(said.lines["held by"], holder, ("参与方", "party"), self.parties)
        self.used_parties.update((holder, "clock"))
        limit = self.limit(said, "lasts" if notice else "within")
        duties = {
            name: duty
            for name, entry in self.each(said.items.get("duties"), "duties")
            if (duty := self.duty(name, entry)) is not None
        }
        moves: dict[str, Move] = {}
        for name, entry in self.each(said.items.get("may"), "may"):
            move = self.move(name, entry, "" if holder == "clock" else holder, tuple(duties), state=key)
            if move is not None:
                moves[name] = move
        self.states[key] = State(
            key,
            self.title("states", key, said),
            holder,
            limit,
            self.target(self.wanted(said, end)) if end in said.items else self.missing(said, end),
            moves,
            duties,
            self.extension(said.items.get("extend")),
        )

    def limit(self, said: nodes.Mapping, key: str) -> Limit:
        node = said.items.get(key)
        kind = cast(Any, key)
        source = self.text(said.items.get("source"))
        if isinstance(node, nodes.Mapping):
            parts = self.map(node, _LIMIT, (key, key))
            assert parts is not None
            source = self.text(parts.items.get("source")) or source
            since = self.since(parts.items.get("since"))
            self.only(parts, ("until", "at most", "since", "source") if "until" in parts.items else _LIMIT_OF_AMOUNT)
            if "until" in parts.items:
                until = self.text(parts.items["until"])
                asked = self.fields.get(until)
                if asked is None or asked.type != "date":
                    self.say(parts.lines["until"], "until-no-date", until=until)
                self.read_fields[until] = parts.lines["until"]
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

    def since(self, node: Node | None) -> str | None:
        if node is None:
            return None
        self.anchor_exists(self.text(node), node.line)
        return self.text(node)

    def anchor_exists(self, anchor: str, line: int) -> None:
        if anchor != "raised" and anchor not in self.move_names:
            self.unknown(line, anchor, ("动作", "move"), {"raised", *self.move_names})

    def duty(self, key: str, node: Node) -> Duty | None:
        said = self.map(node, _DUTY, (f"任务“{key}”", f"duty “{key}”"))
        if said is None:
            return None
        every, by_day = "", 0
        if "every" in said.items:
            self.only(said, tuple(key for key in _DUTY if key != "within"))
            every = self.one_of(said.items["every"], ("quarter",), "quarter")
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
            self.amount(said.items["within"]) if "within" in said.items else None,
            every,
            by_day,
            self.flag(said.items.get("runs on")),
            "",
            self.text(said.items.get("source")),
        )

    def extension(self, node: Node | None) -> Extension | None:
        if node is None:
            return None
        said = self.map(node, _EXTEND, ("extend", "extend"))
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
        said = self.map(node, ("means", "title"), (f"终态“{key}”", f"final “{key}”"))
        if said is not None:
            means = cast(Meaning, self.one_of(self.wanted(said, "means"), get_args(Meaning), "failed"))
            self.finals[key] = Final(key, self.title("finals", key, said), means)

    def read_span(self, key: str, node: Node) -> None:
        said = self.map(node, _SPAN, (f"总时限“{key}”", f"span “{key}”"))
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
        said = self.map(node, _TAKING, (f"taken“{key}”", f"taken “{key}”"))
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

    # ── Moves ──

    def move(self, key: str, node: Node, holder: str, duties: tuple[str, ...], *, state: str = "") -> Move | None:
        self.name_of(key, node.line)
        if key in _RESERVED:
            self.say(node.line, "reserved-name", words=key)
        said = self.map(node, _MOVE, (f"动作“{key}”", f"move “{key}”"))
        if said is None:
            return None
        if "by" not in said.items and not holder:
            self.say(said.line, "nobody-named", key=key)
        asks = self.asks(said.items.get("ask"))
        when = self.condition(said.items["if"], duties) if "if" in said.items else ALWAYS
        to = self.branches(key, said, asks, duties)
        title = self.title("moves", key, said)
        move = Move(
            key,
            title,
            self.by(said.items.get("by"), holder or "anyone"),
            to,
            asks,
            self.shows(said.items.get("show")),
            when,
            self.number(said.items["at most"], 1, 100) if "at most" in said.items else None,
            self.target(said.items["then"]) if "then" in said.items else None,
            *self.verifies(said.items.get("verifies")),
            self.flag(said.items.get("finishes")),
            self.flag(said.items.get("joins")),
            "",
            self.collect(said.items.get("collect"), asks),
        )
        self.look_at(move, said, state)
        return self.agreed(move, said, state) if "agreed by" in said.items else move

    def look_at(self, move: Move, said: nodes.Mapping, state: str) -> None:
        """What belongs together inside a move."""
        if "agreed by" not in said.items:
            self.only(said, tuple(key for key in _MOVE if key not in ("agreed within", "source")))
        if move.then is not None and move.at_most is None:
            self.say(said.lines["then"], "then-without-at-most")
        if not state and (
            move.at_most or move.collect or move.verifies or move.finishes or move.joins or move.when.tests
        ):
            self.say(said.line, "plain-opening")
        types = [self.fields[ask.field].type for ask in move.ask if ask.field in self.fields]
        if move.joins and "entry" not in types:
            self.say(said.line, "merge-without-entry")
        if types.count("unit") > 1:
            self.say(said.line, "two-units")

    def agreed(self, move: Move, said: nodes.Mapping, state: str) -> Move:
        """Draw `agreed by` as what it is: a state held by whoever must agree; silence and refusal lead back."""
        party = self.text(said.items["agreed by"])
        if party not in self.parties:
            self.unknown(said.lines["agreed by"], party, ("参与方", "party"), self.parties)
        if "agreed within" not in said.items:
            self.say(said.line, "agreed-without-limit")
        if not state or move.at_most is not None or len(move.to) != 1:
            self.say(said.line, "agreed-not-here")
            return move
        self.used_parties.add(party)
        name = f"{move.name}-agreement"
        if name in self.targets:
            self.say(said.line, "name-taken", name=name)
        self.targets.add(name)
        words = {
            "waiting": {"zh": "待同意：{}", "en": "Waiting for agreement: {}"},
            "agree": {"zh": "同意：{}", "en": "Agree: {}"},
            "disagree": {"zh": "不同意：{}", "en": "Disagree: {}"},
        }
        titles = {
            key: {lang: pattern[lang].format(move.title.get(lang, "")) for lang in self.languages}
            for key, pattern in words.items()
        }
        self.states[name] = State(
            name,
            titles["waiting"],
            party,
            Limit("within", self.amount(said.items.get("agreed within")), source=self.text(said.items.get("source"))),
            state,
            {
                "agree": Move("agree", titles["agree"], (party,), move.to),
                "disagree": Move("disagree", titles["disagree"], (party,), (Branch(ALWAYS, state),)),
            },
        )
        # Asked once: what was not agreed to cannot be asked for again and again to win time.
        return replace(move, to=(Branch(ALWAYS, name),), at_most=1)

    def verifies(self, node: Node | None) -> tuple[bool, str]:
        if isinstance(node, Scalar) and node.boolean is None and node.text in ("call-back", "officer"):
            return True, node.text
        return self.flag(node), ""

    def collect(self, node: Node | None, asks: tuple[Ask, ...]) -> Collect | None:
        if node is None:
            return None
        if isinstance(node, Scalar):
            name, yes, no = self.text(node), ("yes",), "no"  # type: str, tuple[str, ...], str
        else:
            said = self.map(node, _COLLECT, ("collect", "collect"))
            if said is None:
                return None
            name = self.text(self.wanted(said, "count"))
            yes = self.words(said.items["yes"]) if "yes" in said.items else ("yes",)
            no = self.text(said.items["no"]) if "no" in said.items else "no"
        known = wording.answers_of(self.fields[name]) if name in self.fields else None
        if known is None or name not in {ask.field for ask in asks if not ask.optional and not ask.when.tests}:
            self.say(node.line, "collect-not-required", name=name)
        elif {*yes, no} != set(known):
            self.say(node.line, "collect-incomplete", name=name, known=joined(known))
        self.read_fields[name] = node.line
        return Collect(name, yes, no)

    def asks(self, node: Node | None) -> tuple[Ask, ...]:
        found: list[Ask] = []
        for item in self.items(node):
            when = ALWAYS
            if isinstance(item, nodes.Mapping) and len(item.items) == 1:
                words, value = next(iter(item.items.items()))
                when = self.condition_of(self.text(value).removeprefix("if "), item.line, ())
            else:
                words = self.text(item)
            name = words.removesuffix("?")
            if name not in self.fields:
                self.unknown(item.line, name, ("问题", "question"), self.fields)
                continue
            if any(ask.field == name for ask in found):
                self.say(item.line, "asked-twice", name=name)
            found.append(Ask(name, words.endswith("?"), when))
        return tuple(found)

    def shows(self, node: Node | None) -> tuple[Proof, ...]:
        found = []
        for item in self.items(node):
            if isinstance(item, nodes.Mapping):
                for words, value in item.items.items():
                    when = self.condition_of(self.text(value).removeprefix("if "), value.line, ())
                    found += [replace(proof, when=when) for proof in self.proof(words, item.line)]
            else:
                found += self.proof(self.text(item), item.line)
        return tuple(found)

    def proof(self, words: str, line: int) -> list[Proof]:
        proof = wording.proof(words)
        if proof is None:
            self.say(line, "proof-unknown", words=words)
            return []
        words = f"{proof.kind} {proof.label}".strip()
        self.proofs.add(words)
        return [replace(proof, title=self.titles.get("proofs", {}).get(words, NO_TEXTS))]

    # ── Where moves lead ──

    def branches(
        self, key: str, said: nodes.Mapping, asks: tuple[Ask, ...], duties: tuple[str, ...]
    ) -> tuple[Branch, ...]:
        node = self.wanted(said, "to")
        if isinstance(node, nodes.Mapping):
            found = tuple(
                Branch(self.condition_of(words, node.lines[words], duties), self.target(value))
                for words, value in node.items.items()
            )
            if not any(branch.when.duties_done for branch in found):
                self.look_at_cover(key, node, found, asks)
            else:
                self.say(node.line, "way-on-duties")
            return found
        return (Branch(ALWAYS, self.target(node)),) if node is not None else ()

    def look_at_cover(self, key: str, node: nodes.Mapping, branches: tuple[Branch, ...], asks: tuple[Ask, ...]) -> None:
        """Every combination of answers must lead one way, and only one."""
        tested = list(dict.fromkeys(test.field for branch in branches for test in branch.when.tests))
        asked = {ask.field: ask for ask in asks}
        tested += [
            test.field
            for name in tested
            if name in asked
            for test in asked[name].when.tests
            if test.field not in tested
        ]
        tested.sort(key=lambda name: [*asked, name].index(name))
        domains: list[list[str | None]] = []
        for name in tested:
            known = wording.answers_of(self.fields[name]) if name in self.fields else None
            ask = asked.get(name)
            certain = ask is not None and not ask.optional and not ask.when.tests
            domains.append([*(known or ()), *([] if certain else [None])])
        if math.prod(len(domain) for domain in domains) > _MOST_CELLS:
            self.say(node.line, "too-many-answers", key=key, most=_MOST_CELLS)
            return
        for cell in itertools.product(*domains):
            answers = dict(zip(tested, cell, strict=True))
            if not self.can_be(answers, asked):
                continue
            fitting = [branch.to for branch in branches if self.all_pass(branch.when.tests, answers)]
            if len(fitting) == 1:
                continue
            shown = ", ".join(f"{name}: {value or '—'}" for name, value in answers.items())
            if fitting:
                self.say(node.line, "two-ways", key=key, shown=shown, ways=joined(fitting))
            else:
                self.say(node.line, "no-way", key=key, shown=shown)
            return

    def can_be(self, answers: Mapping[str, str | None], asked: Mapping[str, Ask]) -> bool:
        """Whether these answers can be given together: a question that is not asked is not answered, and back."""
        for name, value in answers.items():
            ask = asked.get(name)
            if ask is not None and ask.when.tests:
                open_now = self.all_pass(ask.when.tests, answers)
                if (value is not None and not open_now) or (value is None and open_now and not ask.optional):
                    return False
        return True

    def all_pass(self, tests: Iterable[Test], answers: Mapping[str, str | None]) -> bool:
        def passes(test: Test) -> bool:
            value = answers.get(test.field)
            if test.mark is None:
                return (value in test.values) != test.negated
            marked = any(c.id == value and test.mark in c.marks for c in self.fields[test.field].choices)
            return marked != test.negated

        return all(passes(test) for test in tests)

    def target(self, node: Node | None) -> str:
        words = self.text(node)
        if words and node is not None:
            line = node.line

            def exists() -> None:
                if words not in self.targets:
                    self.unknown(line, words, ("状态", "state"), self.targets)

            self.later.append(exists)
        return words

    def condition(self, node: Node, duties: tuple[str, ...]) -> Condition:
        return self.condition_of(self.text(node), node.line, duties)

    def condition_of(self, words: str, line: int, duties: tuple[str, ...]) -> Condition:
        found = wording.condition(words, self.fields, duties)
        if isinstance(found, Unreadable):
            self.say(line, "condition-unreadable", words=words, part=found.part, why=(found.zh, found.en))
            return ALWAYS
        for test in found.tests:
            self.read_fields.setdefault(test.field, line)
        return found

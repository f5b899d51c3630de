"""A mechanism file, read and compiled into a `Program`.

The file says things the way an official would; the program is its normal form: titles in place, parties resolved,
`agreed by` drawn as a state of its own, the questions that conditions and limits read marked as logged. Whatever the
language does not have yet is refused with a sentence, never passed over. Every finding names its line.
"""

from __future__ import annotations

import difflib
import itertools
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar, cast, get_args

from jiebang.engine import nodes, wording
from jiebang.engine.findings import Finding, MechanismError
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
    Test,
    Texts,
    Visibility,
)
from jiebang.engine.nodes import Node, Scalar
from jiebang.engine.wording import Unreadable

T = TypeVar("T")
NO_TEXTS: Texts = {}
ALWAYS = Condition()
LANGUAGES = ("zh", "en")

BUILT_IN: Mapping[str, tuple[str, str, str]] = {
    "anyone": ("anyone", "任何人", "anyone"),
    "raiser": ("raiser", "提出人", "the person who raised it"),
    "unit": ("unit", "承办单位", "a unit"),
    "instrument": ("instrument", "监测设备", "an instrument"),
    "clock": ("clock", "时限", "the clock"),
}

# What stands in the drafts of the language but is not built yet: key → what to do instead.
NOT_YET: Mapping[str, tuple[str, str]] = {
    "waits for": ("请先画成一个由人负责的状态", "for now, draw a state that somebody holds"),
    "facts from hall": ("请先把结果作为问题来问", "for now, ask for the result as a question"),
    "body": ("请先用 office（职务）", "for now, use an office"),
    "opens": ("请先用一项任务代替", "for now, use a duty"),
    "objections": ("请先用公示状态里的动作", "for now, use a move inside the notice"),
    "recheck": ("请先去掉，回头看时另提新事项", "leave it out for now; a recheck is a new entry"),
    "policy": ("请直接写时限，并写上 source", "write the amount itself, with its source"),
    "same medium as": ("请先把媒介作为问题来问", "for now, ask for the medium as a question"),
    "require": ("请先去掉", "leave it out for now"),
    "second": ("请用 agreed by", "use `agreed by`"),
    "seasons": ("请先去掉", "leave it out for now"),
    "separate": ("请用 never", "use `never` on a party"),
}

_TOP = ("mechanism", "since", "title", "purpose", "source", "log", "titles", "parties", "fields", "opening",
        "states", "finals", "spans")  # fmt: skip
_TITLES = ("parties", "moves", "states", "duties", "finals")
_FIELD = ("type", "title", "hint", "choices", "choices from", "visible", "logged", "most")
_PARTY = ("staff of", "office", "of", "level", "unit that did", "role", "never", "title")
_MOVE = ("by", "to", "ask", "show", "if", "at most", "then", "verifies", "finishes", "joins", "collect", "agreed by",
         "agreed within", "title", "source")  # fmt: skip
_STATE = ("title", "held by", "within", "lasts", "else", "then", "may", "duties", "extend", "route", "source")
_ROUTE = ("at most", "to", "then")
_LIMIT = ("amount", "until", "at most", "since", "source")
_DUTY = ("title", "of", "ask", "show", "within", "every", "by", "runs on", "source")
_SPAN = ("from", "to", "within", "else", "source")
_EXTEND = ("ask by", "decided by", "ask before due", "decide within", "no answer", "by at most", "times", "source")
_COLLECT = ("count", "yes", "no")
_MOST: Mapping[str, int] = {"photo": 3, "document": 3, "signature": 1, "number": 1_000_000_000}


def parse(text: str | bytes, *, filename: str = "", vocabulary: Mapping[str, Any] | None = None) -> Program:
    """Compile a mechanism file.

    `vocabulary` has the pack's category lists by name, as read from `categories/<name>.yaml`: `choices from:
    categories/residents` takes the choices of `vocabulary["residents"]`.

    Raises:
        MechanismError: with every finding, in the order of the file.
    """
    root = nodes.read(text, filename)
    reader = _Reader(filename, vocabulary or {})
    program = reader.program(root)
    if reader.findings or program is None:
        raise MechanismError(sorted(reader.findings, key=lambda finding: finding.line))
    return program


@dataclass(slots=True)
class _Reader:
    """Reads one file, gathering findings instead of stopping at the first.

    Values that cannot be read are replaced by harmless ones, so that later parts are still looked at; a file with
    any finding compiles to nothing.
    """

    file: str
    vocabulary: Mapping[str, Any]
    findings: list[Finding] = field(default_factory=list)
    languages: tuple[str, ...] = LANGUAGES
    titles: dict[str, dict[str, Texts]] = field(default_factory=dict)
    fields: dict[str, Field] = field(default_factory=dict)
    parties: dict[str, Party] = field(default_factory=dict)
    openings: dict[str, Move] = field(default_factory=dict)
    states: dict[str, State] = field(default_factory=dict)
    routes: dict[str, Route] = field(default_factory=dict)
    finals: dict[str, Final] = field(default_factory=dict)
    spans: dict[str, Span] = field(default_factory=dict)
    targets: set[str] = field(default_factory=set)
    used_parties: set[str] = field(default_factory=set)
    read_fields: dict[str, int] = field(default_factory=dict)  # read by conditions and limits → line
    move_names: set[str] = field(default_factory=set)
    later: list[Callable[[], None]] = field(default_factory=list)  # looked at when every name is known

    # ── The file ──

    def program(self, root: Node) -> Program | None:
        top = self.map(root, _TOP, "文件", "the file")
        if top is None:
            return None
        title = top.items.get("title")
        if isinstance(title, nodes.Mapping):
            self.languages = tuple(lang for lang in LANGUAGES if lang in title.items) or LANGUAGES
        name = self.name(self.wanted(top, "mechanism"))
        since = self.text(self.wanted(top, "since"))
        if since and not re.fullmatch(r"\d{4}-\d{2}-\d{2}", since):
            self.say(top.lines["since"], "F3", f"“{since}”不是日期。", f"“{since}” is not a day.",
                     "请写成 '2026-01-01'。", "Write it as '2026-01-01'.")  # fmt: skip
        own_title = self.texts(self.wanted(top, "title"))
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
            purpose=self.texts(top.items.get("purpose")) if "purpose" in top.items else NO_TEXTS,
            log=cast(LogClass, self.one_of(self.wanted(top, "log"), get_args(LogClass), "open")),
            parties={key: party for key, party in self.parties.items() if key in needed},
            fields=self.fields,
            openings=self.openings,
            states=self.states,
            routes=self.routes,
            finals=self.finals,
            spans=self.spans,
            source=self.text(top.items.get("source")),
        )

    def read_titles(self, node: Node | None) -> None:
        for kind, entries in self.map_items(node, _TITLES, "titles", "titles"):
            self.titles[kind] = {key: self.texts(value) for key, value in self.each(entries, kind)}

    def routes_and_names(self, states: list[tuple[str, Node]], top: nodes.Mapping) -> None:
        """Know every name first: moves lead to states that stand further down."""
        finals = top.items.get("finals")
        if isinstance(finals, nodes.Mapping):
            self.targets.update(finals.items)
        for key, node in states:
            if key in self.targets:
                self.say(node.line, "Y4", f"“{key}”既是状态又是终态。", f"“{key}” is both a state and a final.",
                         "请给其中一个改名。", "Rename one of them.")  # fmt: skip
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
        self.known_keys(node, ("route", "title"), f"“{key}”", f"“{key}”")
        route = self.map(node.items["route"], _ROUTE, "route", "route")
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
                    self.say(top.lines["states"], "F5", f"岔路在绕圈：{' → '.join([*seen, at])}。",
                             f"The routes run in a ring: {' → '.join([*seen, at])}.",
                             "请让其中一条通向一个状态。", "Let one of them lead to a state.")  # fmt: skip
                    return

    def refuse_idle_titles(self, node: Node | None) -> None:
        """A title nobody bears is a slip of the pen: the one it was meant for has none, or an old one."""
        known = {
            "parties": set(self.parties),
            "moves": self.move_names,
            "states": {*self.states, *self.routes},
            "duties": {name for state in self.states.values() for name in state.duties},
            "finals": set(self.finals),
        }
        for kind, entries in self.map_items(node, _TITLES, "titles", "titles"):
            for name, entry in self.each(entries, kind):
                if name not in known[kind]:
                    self.unknown(entry.line, name, "名字", f"name in `{kind}`", known[kind])

    def mark_logged(self) -> None:
        for name, asked in self.fields.items():
            line = self.read_fields.get(name)
            if line is None and asked.type not in ("unit", "entry") and not asked.logged:
                continue
            if asked.visible != "public":
                self.say(line or 0, "G3",
                         f"“{name}”要写进公开日志（条件或时限要读它），却不是公开的。",
                         f"“{name}” is logged in clear, because a condition or limit reads it, but it is not public.",
                         "请把它设为 visible: public，或不要用它作条件。",
                         "Say `visible: public`, or do not let a condition read it.")  # fmt: skip
            self.fields[name] = replace(asked, logged=True)

    # ── Fields ──

    def read_fields_of(self, node: Node | None) -> None:
        for key, entry in self.each(node, "fields"):
            said = self.map(entry, _FIELD, f"问题“{key}”", f"question “{key}”")
            if said is None:
                continue
            kind = cast(FieldType, self.one_of(self.wanted(said, "type"), get_args(FieldType), "text"))
            visible = cast(Visibility, self.one_of(said.items.get("visible"), get_args(Visibility), "public"))
            choices = self.choices(key, said, kind)
            most = self.number(said.items["most"], 1, 2_000_000_000) if "most" in said.items else _MOST.get(kind, 2000)
            if kind == "text" and most > 2000:
                self.say(said.lines["most"], "F3", "文字最多 2000 个字。", "A text has 2,000 characters at most.",
                         "请写 2000 或更少。", "Write 2000 or less.")  # fmt: skip
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
                self.say(said.line, "F3", f"“{key}”不是选择题，却有选项。", f"“{key}” is no choice but has choices.",
                         "请写 type: choice，或去掉选项。", "Say `type: choice`, or remove the choices.")  # fmt: skip
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
            self.say(said.line, "F2", f"“{key}”的选项不足两个。", f"“{key}” has fewer than two choices.",
                     "请写 choices，或 choices from。", "Write `choices`, or `choices from`.")  # fmt: skip
        return tuple(found)

    def category(self, words: str, line: int) -> tuple[Choice, ...]:
        """The choices of a pack's category list; titles in the mechanism's languages only."""
        name = words.removeprefix("categories/")
        entry = self.vocabulary.get(name) or self.vocabulary.get(words)
        listed = entry.get("choices") if isinstance(entry, Mapping) else None
        if not isinstance(listed, Mapping) or not listed:
            known = "、".join(sorted(self.vocabulary)) or "—"
            self.say(line, "F5", f"没有类别表“{words}”。", f"There is no category list “{words}”.",
                     f"请用已有的：{known}；或在 categories 里加一个。",
                     f"Use one of: {known}; or add one to `categories`.")  # fmt: skip
            return ()
        found = []
        for key, said in listed.items():
            title = {lang: str(said[lang]) for lang in self.languages if lang in said}
            if len(title) < len(self.languages):
                self.say(line, "F6", f"类别“{key}”缺少一种语言的名称。",
                         f"The category “{key}” lacks its name in one of the languages.",
                         f"请在“{words}”里补上。", f"Add it in “{words}”.")  # fmt: skip
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
                self.say(entry.line, "F5", f"“{key}”是固定的，不用另写。", f"“{key}” is built in.",
                         "请删掉，或换个名字；名称写在 titles 里。",
                         "Remove it, or choose another name; its title goes into `titles`.")  # fmt: skip
                continue
            said = self.map(entry, _PARTY, f"参与方“{key}”", f"party “{key}”")
            if said is not None:
                self.parties[key] = self.party(key, said)

    def party(self, key: str, said: nodes.Mapping) -> Party:
        title = self.title("parties", key, said)
        never = self.exclusions(said.items.get("never"))
        role = self.one_of(said.items.get("role"), ("named", "doer"), "")
        if "unit that did" in said.items:
            moves = wording.names_joined(self.text(said.items["unit that did"]))
            self.moves_exist(moves, said.items["unit that did"].line)
            return Party(key, "did", title, "", "", moves, cast(Any, role), never)
        if "staff of" in said.items:
            return self.staff(key, said, title, never)
        if "office" in said.items:
            if "of" in said.items and self.text(said.items["of"]) != "area":
                self.say(said.lines["of"], "F4", "“of”现在只能是 area。", "`of` can only be `area` for now.",
                         "请写 of: area。", "Write `of: area`.")  # fmt: skip
            office, level = self.name(said.items["office"]), self.name(self.wanted(said, "level"))
            return Party(key, "post", title, office, level, (), "", never)
        self.say(said.line, "F2", f"看不出“{key}”是谁。", f"It is not said who “{key}” is.",
                 "请写 staff of、office 或 unit that did。", "Write `staff of`, `office` or `unit that did`.")  # fmt: skip
        return self.parties["unit"]

    def staff(self, key: str, said: nodes.Mapping, title: Texts, never: tuple[Exclusion, ...]) -> Party:
        """`staff of: area` at a level, of another party, or of the unit that did a move."""
        words = self.text(said.items["staff of"])
        if words == "area":
            return Party(key, "post", title, "staff", self.name(self.wanted(said, "level")), (), "", never)
        moves = wording.unit_that_did(words)
        if moves is not None:
            self.moves_exist(moves, said.items["staff of"].line)
            return Party(key, "did", title, "", "", moves, "doer", never)
        other = self.parties.get(words)
        if other is None or not other.is_official:
            self.unknown(said.items["staff of"].line, words, "参与方", "party", self.parties)
            return self.parties["unit"]
        return replace(other, name=key, title=title, never=other.never + never)

    def exclusions(self, node: Node | None) -> tuple[Exclusion, ...]:
        found = []
        for item in self.items(node):
            excluded = wording.exclusion(self.text(item))
            if excluded is None:
                self.say(item.line, "F3", f"看不懂“{self.text(item)}”。", f"“{self.text(item)}” is not understood.",
                         "请写“whoever did 动作”或“unit of 动作”。",
                         "Write “whoever did <move>” or “unit of <move>”.")  # fmt: skip
                continue
            self.moves_exist(excluded.moves, item.line)
            found.append(excluded)
        return tuple(found)

    def moves_exist(self, moves: Iterable[str], line: int) -> None:
        for move in moves:
            if move not in self.move_names:
                self.unknown(line, move, "动作", "move", self.move_names)

    def by(self, node: Node | None, holder: str) -> tuple[str, ...]:
        names = self.words(node) if node is not None else (holder,)
        for name in names:
            if name not in self.parties:
                self.unknown(node.line if node else 0, name, "参与方", "party", self.parties)
        self.used_parties.update(names)
        return names

    # ── States ──

    def read_state(self, key: str, node: Node) -> None:
        said = self.map(node, _STATE, f"状态“{key}”", f"state “{key}”")
        if said is None:
            return
        notice = "lasts" in said.items
        if notice == ("within" in said.items):
            self.say(said.line, "D1", f"状态“{key}”要有且只有一个时限：within 或 lasts。",
                     f"The state “{key}” needs exactly one limit: `within` or `lasts`.",
                     "请写 within（由人负责）或 lasts（公示）。",
                     "Write `within` (somebody owes it) or `lasts` (a notice).")  # fmt: skip
        end, other = ("then", "else") if notice else ("else", "then")
        if other in said.items:
            self.say(said.lines[other], "F1", f"这里用 {end}，不用 {other}。", f"`{end}` belongs here, not `{other}`.",
                     f"请改成 {end}。", f"Write `{end}`.")  # fmt: skip
        if notice and "held by" not in said.items:
            holder = "clock"
        else:
            holder = self.text(self.wanted(said, "held by"))
            if holder and holder not in self.parties:
                self.unknown(said.lines["held by"], holder, "参与方", "party", self.parties)
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
            parts = self.map(node, _LIMIT, key, key)
            assert parts is not None
            source = self.text(parts.items.get("source")) or source
            since = self.since(parts.items.get("since"))
            if "until" in parts.items:
                until = self.text(parts.items["until"])
                asked = self.fields.get(until)
                if asked is None or asked.type != "date":
                    self.say(parts.lines["until"], "F5", f"“{until}”不是日期问题。", f"“{until}” is no date question.",
                             "请在 fields 里加一个 type: date 的问题。",
                             "Add a question of `type: date` to `fields`.")  # fmt: skip
                self.read_fields[until] = parts.lines["until"]
                if "at most" not in parts.items:
                    self.say(node.line, "D1", "承诺日期没有上限。", "The promised date has no ceiling.",
                             "请写 at most，例如 at most: 15 wd。", "Write `at most`, such as `at most: 15 wd`.")  # fmt: skip
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
            self.unknown(line, anchor, "动作", "move", {"raised", *self.move_names})

    def duty(self, key: str, node: Node) -> Duty | None:
        said = self.map(node, _DUTY, f"任务“{key}”", f"duty “{key}”")
        if said is None:
            return None
        every, by_day = "", 0
        if "every" in said.items:
            every = self.one_of(said.items["every"], ("quarter",), "quarter")
            found = re.fullmatch(r"day (\d{1,2}) of next month", self.text(said.items.get("by")))
            by_day = int(found[1]) if found else 0
            if not 1 <= by_day <= 28:
                self.say(said.line, "F3", "定期任务要写到哪天。", "A repeated duty needs its day.",
                         "请写 by: day 15 of next month（1 到 28 日）。",
                         "Write `by: day 15 of next month` (day 1 to 28).")  # fmt: skip
        elif "by" in said.items:
            self.say(said.lines["by"], "F1", "by 只用于定期任务；由谁做写 of。",
                     "`by` belongs to repeated duties; who does it is `of`.",
                     "请改成 of，或加 every: quarter。", "Write `of`, or add `every: quarter`.")  # fmt: skip
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
        said = self.map(node, _EXTEND, "extend", "extend")
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
        said = self.map(node, ("means", "title"), f"终态“{key}”", f"final “{key}”")
        if said is not None:
            means = cast(Meaning, self.one_of(self.wanted(said, "means"), get_args(Meaning), "failed"))
            self.finals[key] = Final(key, self.title("finals", key, said), means)

    def read_span(self, key: str, node: Node) -> None:
        said = self.map(node, _SPAN, f"总时限“{key}”", f"span “{key}”")
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

    # ── Moves ──

    def move(self, key: str, node: Node, holder: str, duties: tuple[str, ...], *, state: str = "") -> Move | None:
        self.name_of(key, node.line)
        said = self.map(node, _MOVE, f"动作“{key}”", f"move “{key}”")
        if said is None:
            return None
        if "by" not in said.items and not holder:
            self.say(said.line, "F2", f"“{key}”没有说由谁来做。", f"It is not said who may do “{key}”.",
                     "请写 by。", "Write `by`.")  # fmt: skip
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
        if move.then is not None and move.at_most is None:
            self.say(said.lines["then"], "F2", "写了 then，却没有 at most。", "`then` needs `at most`.",
                     "请写 at most，或去掉 then。", "Write `at most`, or remove `then`.")  # fmt: skip
        if not state and (move.at_most or move.collect or move.verifies or move.finishes or move.joins or move.when.tests):
            self.say(said.line, "F1", "提出时不能有次数、评判、办结、并单或条件。",
                     "An opening has no laps, verdict, finish, merge or condition.",
                     "请把它们写到后面的状态里。", "Move these into a state.")  # fmt: skip
        types = [self.fields[ask.field].type for ask in move.ask if ask.field in self.fields]
        if move.joins and "entry" not in types:
            self.say(said.line, "F2", "并单没有问并到哪一件。", "A merge does not ask into which entry.",
                     "请在 ask 里加一个 type: entry 的问题。", "Add a question of `type: entry` to `ask`.")  # fmt: skip
        if types.count("unit") > 1:
            self.say(said.line, "F3", "一个动作只能指明一个单位。", "A move can name one unit only.",
                     "请只留一个 type: unit 的问题。", "Keep one question of `type: unit`.")  # fmt: skip

    def agreed(self, move: Move, said: nodes.Mapping, state: str) -> Move:
        """Draw `agreed by` as what it is: a state held by whoever must agree; silence and refusal lead back."""
        party = self.text(said.items["agreed by"])
        if party not in self.parties:
            self.unknown(said.lines["agreed by"], party, "参与方", "party", self.parties)
        if "agreed within" not in said.items:
            self.say(said.line, "D1", "没有说几天内同意。", "It is not said within what time they must agree.",
                     "请写 agreed within，例如 agreed within: 3 wd。",
                     "Write `agreed within`, such as `agreed within: 3 wd`.")  # fmt: skip
        if not state or move.at_most is not None or len(move.to) != 1:
            self.say(said.line, "F4", "agreed by 只能用在一个去向、没有次数的动作上。",
                     "`agreed by` works only on a move with one way and without `at most`.",
                     "请自己画出等待同意的状态。", "Draw the waiting state yourself.")  # fmt: skip
            return move
        self.used_parties.add(party)
        name = f"{move.name}-agreement"
        if name in self.targets:
            self.say(said.line, "Y4", f"名字“{name}”已被使用。", f"The name “{name}” is taken.",
                     "请给状态改名。", "Rename that state.")  # fmt: skip
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
            said = self.map(node, _COLLECT, "collect", "collect")
            if said is None:
                return None
            name = self.text(self.wanted(said, "count"))
            yes = self.words(said.items["yes"]) if "yes" in said.items else ("yes",)
            no = self.text(said.items["no"]) if "no" in said.items else "no"
        known = wording.answers_of(self.fields[name]) if name in self.fields else None
        if known is None or name not in {ask.field for ask in asks if not ask.optional and not ask.when.tests}:
            self.say(node.line, "F5", f"“{name}”不是这个动作必答的选择题。",
                     f"“{name}” is no required choice question of this move.",
                     "请数一个必答的选择题。", "Count a required choice question.")  # fmt: skip
        elif {*yes, no} != set(known):
            self.say(node.line, "G4", f"“{name}”的每个答案都要归到 yes 或 no。",
                     f"Each answer of “{name}” must count as yes or as no.",
                     f"答案有：{'、'.join(known)}。", f"The answers are: {', '.join(known)}.")  # fmt: skip
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
                self.unknown(item.line, name, "问题", "question", self.fields)
                continue
            if any(ask.field == name for ask in found):
                self.say(item.line, "Y4", f"“{name}”问了两次。", f"“{name}” is asked twice.",
                         "请删掉一个。", "Remove one.")  # fmt: skip
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
            self.say(line, "F3", f"“{words}”不是一种凭证。", f"“{words}” is no kind of proof.",
                     "请写 photo、document 或 signature，后面可加标签，如 photo before。",
                     "Write photo, document or signature, with a label if need be, such as photo before.")  # fmt: skip
            return []
        return [proof]

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
                self.say(node.line, "F4", "去向不能看任务是否做完。", "A way cannot depend on duties.",
                         "请用 if。", "Use `if`.")  # fmt: skip
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
        for cell in itertools.islice(itertools.product(*domains), 5000):
            answers = dict(zip(tested, cell, strict=True))
            if not self.can_be(answers, asked):
                continue
            fitting = [branch.to for branch in branches if self.all_pass(branch.when.tests, answers)]
            if len(fitting) == 1:
                continue
            shown = ", ".join(f"{name}: {value or '—'}" for name, value in answers.items())
            if fitting:
                self.say(node.line, "G2", f"“{key}”：答 {shown} 时有两个去向（{'、'.join(fitting)}）。",
                         f"“{key}”: with {shown} there are two ways ({', '.join(fitting)}).",
                         "请让各条件互不重叠。", "Make the conditions exclude each other.")  # fmt: skip
            else:
                self.say(node.line, "G4", f"“{key}”：答 {shown} 时没有去向。",
                         f"“{key}”: with {shown} there is no way.",
                         "请补一个去向，或把问题设为必答。",
                         "Add a way for it, or make the question required.")  # fmt: skip
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
                    self.unknown(line, words, "状态", "state", self.targets)

            self.later.append(exists)
        return words

    def condition(self, node: Node, duties: tuple[str, ...]) -> Condition:
        return self.condition_of(self.text(node), node.line, duties)

    def condition_of(self, words: str, line: int, duties: tuple[str, ...]) -> Condition:
        found = wording.condition(words, self.fields, duties)
        if isinstance(found, Unreadable):
            self.say(line, "F5", f"条件“{words}”里的“{found.part}”：{found.zh}。",
                     f"In the condition “{words}”, “{found.part}”: {found.en}.",
                     "请写成“问题 is 答案”“not 问题”或“all duties done”，用 and 连接。",
                     "Write “question is answer”, “not question” or “all duties done”, joined by `and`.")  # fmt: skip
            return ALWAYS
        for test in found.tests:
            self.read_fields.setdefault(test.field, line)
        return found

    # ── Plain parts ──

    def title(self, kind: str, key: str, said: nodes.Mapping) -> Texts:
        self.name_of(key, said.line)
        if "title" in said.items:
            return self.texts(said.items["title"])
        found = self.titles.get(kind, {}).get(key)
        if found is None:
            self.say(said.line, "F6", f"“{key}”没有名称。", f"“{key}” has no title.",
                     f"请在 titles 的 {kind} 里加上“{key}”。",
                     f"Add “{key}” to `{kind}` in `titles`, or a `title` here.")  # fmt: skip
            return NO_TEXTS
        return found

    def texts(self, node: Node | None) -> Texts:
        """A text in each of the mechanism's languages, those of its own title."""
        if node is None:
            return NO_TEXTS
        if not isinstance(node, nodes.Mapping):
            if len(self.languages) == 1:
                return {self.languages[0]: self.text(node)}
            self.say(node.line, "F6", "这里要写每种语言的文字。", "A text in each language is wanted here.",
                     "请写 {zh: …, en: …}。", "Write {zh: …, en: …}.")  # fmt: skip
            return NO_TEXTS
        said = self.map(node, LANGUAGES, "名称", "a title")
        assert said is not None
        found = {lang: self.text(value) for lang, value in said.items.items()}
        for lang in self.languages:
            if not found.get(lang):
                self.say(node.line, "F6", f"缺少语言“{lang}”的文字。", f"The text in “{lang}” is missing.",
                         f"请加上 {lang}: …。", f"Add {lang}: ….")  # fmt: skip
        return {lang: found[lang] for lang in self.languages if lang in found}

    def map(self, node: Node | None, keys: tuple[str, ...], zh: str, en: str) -> nodes.Mapping | None:
        """The node as a map with only known keys."""
        if node is None:
            return None
        if not isinstance(node, nodes.Mapping):
            self.say(node.line, "F3", f"{zh}应是“键: 值”。", f"For {en}, “key: value” lines are wanted.",
                     f"可用的键：{'、'.join(keys)}。", f"Its keys are: {', '.join(keys)}.")  # fmt: skip
            return None
        self.known_keys(node, keys, zh, en)
        return node

    def known_keys(self, node: nodes.Mapping, keys: tuple[str, ...], zh: str, en: str) -> None:
        for key in node.items:
            if key in keys:
                continue
            line = node.lines.get(key, node.line)
            if key in NOT_YET:
                instead_zh, instead_en = NOT_YET[key]
                self.say(line, "F4", f"语言里还没有“{key}”。", f"The language has no “{key}” yet.",
                         f"{instead_zh}。", f"{instead_en[0].upper()}{instead_en[1:]}.")  # fmt: skip
                continue
            near = difflib.get_close_matches(key, keys, 1)
            hint_zh = f"是不是“{near[0]}”？" if near else ""
            hint_en = f"Did you mean “{near[0]}”? " if near else ""
            self.say(line, "F1", f"{zh}没有“{key}”这个键。", f"There is no key “{key}” in {en}.",
                     f"{hint_zh}可用的键：{'、'.join(keys)}。", f"{hint_en}Its keys are: {', '.join(keys)}.")  # fmt: skip

    def map_items(self, node: Node | None, keys: tuple[str, ...], zh: str, en: str) -> list[tuple[str, Node]]:
        found = self.map(node, keys, zh, en)
        return [(key, value) for key, value in found.items.items() if key in keys] if found else []

    def each(self, node: Node | None, what: str) -> list[tuple[str, Node]]:
        """The named parts of a map."""
        if node is None or (isinstance(node, Scalar) and node.is_empty):
            return []
        if not isinstance(node, nodes.Mapping):
            self.say(node.line, "F3", f"{what} 应是“名字: 内容”。", f"`{what}` wants “name: content” lines.",
                     "请给每一项起个名字。", "Give each part a name.")  # fmt: skip
            return []
        return list(node.items.items())

    def items(self, node: Node | None) -> list[Node]:
        """A list, or one thing alone."""
        if node is None or (isinstance(node, Scalar) and node.is_empty):
            return []
        return node.items if isinstance(node, nodes.Sequence) else [node]

    def words(self, node: Node) -> tuple[str, ...]:
        return tuple(self.text(item) for item in self.items(node))

    def text(self, node: Node | None) -> str:
        if node is None:
            return ""
        if not isinstance(node, Scalar):
            self.say(node.line, "F3", "这里要一个词或一句话。", "A word or a sentence is wanted here.",
                     "请不要用列表或映射。", "Use no list or map.")  # fmt: skip
            return ""
        return node.text.strip()

    def name(self, node: Node | None) -> str:
        words = self.text(node)
        if words and node is not None:
            self.name_of(words, node.line)
        return words

    def name_of(self, words: str, line: int) -> None:
        if len(words) > 60 or not wording.NAME.fullmatch(words):
            self.say(line, "F3", f"“{words[:60]}”不能作名字。", f"“{words[:60]}” cannot be a name.",
                     "请用字母开头，只含字母、数字和 -，最多 60 个字。",
                     "Begin with a letter; use letters, digits and -, 60 at most.")  # fmt: skip

    def amount(self, node: Node | None) -> Amount:
        return self.amount_of(self.text(node), node.line) if node is not None else Amount(1, "wd")

    def amount_of(self, words: str, line: int) -> Amount:
        found = wording.amount(words)
        if found is None:
            self.say(line, "F3", f"“{words}”不是时限。", f"“{words}” is no length of time.",
                     "请写成 3 wd（工作日）、5 d（天）、2 h（小时）、8 wh（办公小时）或 20 min（分钟）。",
                     "Write 3 wd (working days), 5 d (days), 2 h (hours), 8 wh (office hours) or 20 min.")  # fmt: skip
            return Amount(1, "wd")
        return found

    def number(self, node: Node | None, least: int, most: int) -> int:
        value = node.integer if isinstance(node, Scalar) else None
        if value is None or not least <= value <= most:
            if node is not None:
                self.say(node.line, "F3", f"这里要 {least} 到 {most} 的整数。",
                         f"A whole number from {least} to {most} is wanted here.",
                         "请改正这个数。", "Correct the number.")  # fmt: skip
            return least
        return value

    def flag(self, node: Node | None) -> bool:
        if node is None:
            return False
        value = node.boolean if isinstance(node, Scalar) else None
        if value is None:
            self.say(node.line, "F3", "这里要 true 或 false。", "true or false is wanted here.",
                     "请写 true，或删掉这一行。", "Write true, or remove the line.")  # fmt: skip
        return bool(value)

    def one_of(self, node: Node | None, known: tuple[str, ...], otherwise: str) -> str:
        if node is None:
            return otherwise
        words = self.text(node)
        if words not in known:
            self.unknown(node.line, words, "值", "value", known)
            return otherwise or known[0]
        return words

    def wanted(self, said: nodes.Mapping, key: str) -> Node | None:
        node = said.items.get(key)
        if node is None:
            self.missing(said, key)
        return node

    def missing(self, said: nodes.Mapping, key: str) -> str:
        self.say(said.line, "F2", f"缺少“{key}”。", f"“{key}” is missing.",
                 f"请写上 {key}: …。", f"Add {key}: ….")  # fmt: skip
        return ""

    def unknown(self, line: int, words: str, zh: str, en: str, known: Iterable[str]) -> None:
        near = difflib.get_close_matches(words, list(known), 1)
        shown = sorted(known)[:20]
        hint_zh = f"是不是“{near[0]}”？" if near else f"已有的：{'、'.join(shown)}。"
        hint_en = f"Did you mean “{near[0]}”?" if near else f"Known: {', '.join(shown)}."
        self.say(line, "F5", f"没有这个{zh}：“{words}”。", f"There is no {en} “{words}”.", hint_zh, hint_en)

    def say(self, line: int, rule: str, zh: str, en: str, mend_zh: str, mend_en: str) -> None:
        self.findings.append(Finding(self.file, line, rule, zh, en, mend_zh, mend_en))


"""A register's and a round's file, read and compiled. Every finding names its line; nothing is passed over."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar, cast, get_args

from jiebang.engine import canonical, nodes, wording
from jiebang.engine.findings import MechanismError
from jiebang.engine.model import Amount, Condition, Field, LogClass, Move, Opens, Texts
from jiebang.engine.nodes import Node, Scalar
from jiebang.engine.objections import filled
from jiebang.engine.parser.conditions import ALWAYS, ConditionReader
from jiebang.engine.reading import LANGUAGES, NO_TEXTS, Words
from jiebang.engine.rounds import keys
from jiebang.engine.rounds.model import (
    ABNORMAL,
    KEY,
    SUBJECT,
    TRIED,
    About,
    Escalation,
    Post,
    Register,
    Round,
    Season,
)
from jiebang.engine.rounds.objections import OBJECTIONS
from jiebang.engine.wording import Unreadable

CELL_TYPES = ("text", "choice", "yes-no", "date", "area", "number", "phone", "position")
MOST_TEXT = 20_000  # bytes of a definition: text and compiled form share one leaf
MOST_COMPILED = 40_000
_DAY_OF_YEAR = re.compile(r"(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])", re.ASCII)
_LEAP = 2024
Defined = TypeVar("Defined", Register, Round)


def parse_register(text: str | bytes, *, filename: str = "", vocabulary: Mapping[str, Any] | None = None) -> Register:
    """Compile a register's file.

    Raises:
        MechanismError: with every finding, in the order of the file.
    """
    reader = _Reader(filename, vocabulary=vocabulary or {})
    return _done(reader, reader.register(nodes.read(text, filename)), text)


def parse_round(
    text: str | bytes,
    *,
    registers: Mapping[str, Register],
    filename: str = "",
    vocabulary: Mapping[str, Any] | None = None,
) -> Round:
    """Compile a round's file; `registers` are those it may be about, by id.

    Raises:
        MechanismError: with every finding, in the order of the file.
    """
    reader = _Reader(filename, vocabulary=vocabulary or {})
    return _done(reader, reader.round(nodes.read(text, filename), registers), text)


def _done(reader: _Reader, found: Defined | None, text: str | bytes) -> Defined:
    if not reader.findings and found is not None:
        size = len(text if isinstance(text, bytes) else text.encode())
        compiled = len(canonical.canonical_bytes(canonical.definition_to_json(found)))
        if size > MOST_TEXT or compiled > MOST_COMPILED:
            reader.say(1, "round-large", size=max(size, compiled), most=MOST_TEXT)
    if reader.findings or found is None:
        raise MechanismError(sorted(reader.findings, key=lambda finding: finding.line))
    return found


@dataclass(slots=True)
class _Reader(ConditionReader):
    """Reads one file, gathering findings instead of stopping at the first."""

    def say(self, line: int, code: str, *, table: str = "", **words: str | int | Words) -> None:
        if code in OBJECTIONS:
            self.findings.append(filled(OBJECTIONS[code], self.file, line, words))
        else:
            ConditionReader.say(self, line, code, table=table, **words)

    # ── A register ──

    def register(self, root: Node) -> Register | None:
        top = self.map(root, keys.REGISTER, ("文件", "the file"))
        if top is None:
            return None
        name, since, title = self.head(top, "register")
        about = cast(About, self.one_of(self.wanted(top, "about"), keys.ABOUT, "things"))
        self.read_fields_of(self.wanted(top, "fields"))
        for field in self.fields.values():
            if field.type not in CELL_TYPES:
                self.say(top.lines["fields"], "round-field-type", name=field.name, kind=field.type)
        key = self.column(top, "key", ("text", "number"), ("编号", "key"), about)
        called = self.column(top, "name", ("text", "number"), ("名称", "name"), about)
        area = self.column(top, "area", ("area",), ("地区", "area"), about)
        if about == "people":
            for field in self.fields.values():
                if field.visible == "public" and field.name != area:
                    self.say(top.lines["about"], "round-people-public", name=field.name)
        wanted = self.words(top.items["wanted"]) if "wanted" in top.items else ()
        for one in wanted:
            if one not in self.fields:
                self.unknown(top.lines["wanted"], one, ("栏目", "field"), self.fields)
        return Register(
            id=name,
            since=since,
            title=title,
            about=about,
            key=key,
            name=called,
            area=area,
            owner=self.post(self.wanted(top, "owner")),
            fields=self.fields,
            purpose=self.texts(top.items.get("purpose")),
            source=self.text(top.items.get("source")),
            wanted=tuple(dict.fromkeys((key, called, area, *wanted))),
        )

    def column(self, top: nodes.Mapping, part: str, types: tuple[str, ...], what: Words, about: str) -> str:
        """One of the fields that every register has; of things it is public."""
        name = self.text(self.wanted(top, part))
        if part not in top.items:
            return ""
        field = self.fields.get(name)
        if field is None or field.type not in types:
            self.say(top.lines[part], "round-no-field", name=name, wanted=("、".join(types), ", ".join(types)))
        elif about == "things" and field.visible != "public":
            self.say(top.lines[part], "round-things-hidden", name=name, what=what)
        return name

    def head(self, top: nodes.Mapping, kind: str) -> tuple[str, str, Texts]:
        title = top.items.get("title")
        if isinstance(title, nodes.Mapping):
            self.languages = tuple(lang for lang in LANGUAGES if lang in title.items) or LANGUAGES
        name = self.name(self.wanted(top, kind))
        since = self.text(self.wanted(top, "since"))
        if "since" in top.items and not _is_day(since):
            self.say(top.lines["since"], "not-a-day", since=since)
        return name, since, self.texts(self.wanted(top, "title"))

    def post(self, node: Node | None) -> Post:
        nobody = Post("office", "", "", NO_TEXTS)
        said = self.map(node, keys.POST, ("谁", "who"))
        if said is None:
            return nobody
        kinds = [key for key in ("staff of", "office", "unit") if key in said.items]
        level, title = self.text(self.wanted(said, "level")), self.texts(self.wanted(said, "title"))
        if len(kinds) != 1 or (kinds == ["staff of"] and self.text(said.items["staff of"]) != "area"):
            self.say(said.line, "round-post")
            return nobody
        name = "staff" if kinds == ["staff of"] else self.text(said.items[kinds[0]])
        return Post("unit" if kinds == ["unit"] else "office", name, level, title)

    # ── A round ──

    def round(self, root: Node, registers: Mapping[str, Register]) -> Round | None:
        top = self.map(root, keys.ROUND, ("文件", "the file"))
        if top is None:
            return None
        name, since, title = self.head(top, "round")
        about = registers.get(self.text(self.wanted(top, "register")))
        if about is None and "register" in top.items:
            words = self.text(top.items["register"])
            self.say(top.lines["register"], "round-no-register", name=words)
        log = cast(LogClass, self.one_of(self.wanted(top, "log"), get_args(LogClass), "open"))
        self.read_fields_of(top.items.get("fields"))
        where, sample = self.subjects(self.wanted(top, "subjects"), about)
        every, on, during = self.when(top.items.get("when"))
        within = self.amount(self.wanted(top, "within"))
        otherwise = self.otherwise(top.items.get("else"))
        erase = self.amount(top.items["erase after"]) if "erase after" in top.items else None
        by_link = self.flag(top.items.get("by link"))
        if about is not None and about.about == "people" and (log != "veiled" or erase is None):
            self.say(top.line, "round-people-open")
        if by_link and about is not None and about.about != "people":
            self.say(top.lines["by link"], "round-link-things")
        if every is not None and _overlaps(every, within, otherwise):
            self.say(top.lines["when"], "round-overlaps")
        answers = dict(self.answers(self.wanted(top, "answers"), about))
        return Round(
            id=name,
            since=since,
            title=title,
            register=about.id if about else "",
            log=log,
            opened_by=self.post(self.wanted(top, "opened by")),
            done_by=self.post(self.wanted(top, "done by")),
            within=within,
            answers=answers,
            fields=self.fields,
            purpose=self.texts(top.items.get("purpose")),
            source=self.text(top.items.get("source")),
            where=where,
            sample=sample,
            every=every,
            on=on,
            during=during,
            otherwise=otherwise,
            by_link=by_link,
            erase_after=erase,
        )

    def subjects(self, node: Node | None, about: Register | None) -> tuple[Condition, int]:
        if node is None or (isinstance(node, Scalar) and node.text == "all"):
            return ALWAYS, 100
        said = self.map(node, keys.SUBJECTS, ("subjects", "subjects"))
        if said is None or about is None:
            return ALWAYS, 100
        where = ALWAYS
        if "where" in said.items:
            public = {name: one for name, one in about.fields.items() if one.visible == "public"}
            words = self.text(said.items["where"])
            found = wording.condition(words, public, ())
            if isinstance(found, Unreadable):
                why = (found.zh, found.en)
                self.say(said.lines["where"], "condition-unreadable", words=words, part=found.part, why=why)
            else:
                where = found
        return where, self.number(said.items["sample"], 1, 100) if "sample" in said.items else 100

    def when(self, node: Node | None) -> tuple[Amount | None, dict[str, Texts], Season | None]:
        said = self.map(node, keys.WHEN, ("when", "when"))
        if said is None:
            return None, {}, None
        every = self.amount(said.items["every"]) if "every" in said.items else None
        if every is not None and every.unit not in ("d", "h"):
            self.say(said.lines["every"], "round-every")
        on = {name: self.texts(title) for name, title in self.each(said.items.get("on"), "on")}
        for name in on:
            self.name_of(name, said.lines["on"])
        season = self.map(said.items.get("during"), keys.SEASON, ("during", "during"))
        if season is None:
            return every, on, None
        return every, on, Season(self.day(season, "from"), self.day(season, "to"))

    def day(self, season: nodes.Mapping, key: str) -> str:
        words = self.text(self.wanted(season, key))
        if key in season.items and not _is_day_of_year(words):
            self.say(season.lines[key], "round-day", words=words)
        return words

    def otherwise(self, node: Node | None) -> Escalation | None:
        said = self.map(node, keys.ELSE, ("else", "else"))
        if said is None:
            return None
        return Escalation(self.post(self.wanted(said, "to")), self.amount(self.wanted(said, "within")))

    def answers(self, node: Node | None, about: Register | None) -> Iterator[tuple[str, Move]]:
        found = self.map(node, keys.ANSWERS, ("answers", "answers"))
        if found is None:
            return
        self.wanted(found, "normal")
        for key, value in found.items.items():
            said = self.map(value, keys.ANSWER, (f"回答“{key}”", f"answer “{key}”"))
            if said is None or key not in keys.ANSWERS:
                continue
            asks = self.asks(said.items.get("ask"))
            for ask in asks:
                if self.fields[ask.field].type in ("area", "unit", "entry"):
                    self.say(said.line, "round-area-asked", name=ask.field)
            if "opens" in said.items and key != ABNORMAL:
                self.say(said.lines["opens"], "round-answer", name=key, key="opens")
            if key == TRIED and about is not None and about.about != "people":
                self.say(found.lines[key], "round-answer", name=key, key=TRIED)
            title = self.texts(self.wanted(said, "title"))
            opens = self.opened(said.items.get("opens"), about) if key == ABNORMAL else None
            yield key, Move(key, title, (), (), asks, self.shows(said.items.get("show")), opens=opens)

    def opened(self, node: Node | None, about: Register | None) -> Opens | None:
        said = self.map(node, keys.OPENS, ("opens", "opens"))
        if said is None:
            return None
        known = {SUBJECT, KEY, *self.fields, *(about.public if about is not None else ())}
        carry = {}
        for theirs, value in self.each(said.items.get("with"), "with"):
            carry[theirs] = ours = self.text(value)
            if ours not in known:
                self.unknown(value.line, ours, ("问题", "question"), known)
        return Opens(self.name(self.wanted(said, "on")), self.name(self.wanted(said, "as")), "", carry)


def carried_field(name: str, asked: Round, about: Register) -> Field | None:
    """Return the question or column `with` names; None for `subject` and `key`, which are texts."""
    return asked.fields.get(name) or (about.fields.get(name) if name in about.public else None)


def _overlaps(every: Amount, within: Amount, otherwise: Escalation | None) -> bool:
    """Whether limits of the same unit are longer than the time between two rounds; other units cannot be compared."""
    limits = [within, *([otherwise.within] if otherwise else [])]
    hours = {"d": 24, "h": 1}
    if any(limit.unit not in hours for limit in (*limits, every)):
        return False
    return sum(limit.n * hours[limit.unit] for limit in limits) > every.n * hours[every.unit]


def _is_day(words: str) -> bool:
    try:
        return bool(re.fullmatch(r"\d{4}-\d{2}-\d{2}", words, re.ASCII)) and bool(date.fromisoformat(words))
    except ValueError:
        return False


def _is_day_of_year(words: str) -> bool:
    return bool(_DAY_OF_YEAR.fullmatch(words)) and _is_day(f"{_LEAP}-{words}")

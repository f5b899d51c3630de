"""The questions of a mechanism file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast, get_args

from jiebang.engine import nodes
from jiebang.engine.model import READ_TYPES, Choice, Field, FieldType, Visibility
from jiebang.engine.nodes import Node
from jiebang.engine.parser import keys
from jiebang.engine.parser.names import Names
from jiebang.engine.reading import NO_TEXTS


@dataclass(slots=True)
class FieldReader(Names):
    """Reads questions, their choices, and the pack's category lists."""

    def read_fields_of(self, node: Node | None) -> None:
        for key, entry in self.each(node, "fields"):
            said = self.map(entry, keys.FIELD, (f"问题“{key}”", f"question “{key}”"))
            if said is None:
                continue
            kind = cast(FieldType, self.one_of(self.wanted(said, "type"), get_args(FieldType), "text"))
            visible = cast(Visibility, self.one_of(said.items.get("visible"), get_args(Visibility), "public"))
            if kind == "position" and visible == "public":
                self.say(said.line, "position-for-all", key=key)
            if kind in READ_TYPES and visible != "public":
                self.say(said.line, "read-but-hidden", key=key)
            if "level" in said.items and kind not in READ_TYPES:
                self.say(said.lines["level"], "level-of-no-reading", key=key)
            choices = self.choices(key, said, kind)
            most = (
                self.number(said.items["most"], 1, 2_000_000_000) if "most" in said.items else keys.MOST.get(kind, 2000)
            )
            if kind == "text" and most > 2000:
                self.say(said.lines["most"], "text-too-long")
            many = self.number(said.items["many"], 1, keys.MOST_LINES) if "many" in said.items else 0
            if many and kind != "text":
                self.say(said.lines["many"], "many-of-no-text", key=key)
            self.fields[key] = Field(
                key,
                kind,
                self.texts(self.wanted(said, "title")),
                self.texts(said.items["hint"]) if "hint" in said.items else NO_TEXTS,
                choices,
                visible,
                self.flag(said.items.get("logged")),
                most,
                many,
                self.name(said.items["level"]) if "level" in said.items else "",
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

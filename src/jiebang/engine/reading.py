"""The plain parts of a mechanism file: words, texts, numbers, amounts, maps with known keys.

Each reader answers with a value; what cannot be read becomes a finding and a harmless value in its place, so that
later parts are still looked at. Whoever reads a file refuses it when there is any finding.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from jiebang.engine import nodes, wording
from jiebang.engine.findings import Finding
from jiebang.engine.model import Amount, Texts
from jiebang.engine.nodes import Node, Scalar
from jiebang.engine.objections import joined
from jiebang.engine.tongues.tongue import Tongue
from jiebang.engine.tongues.words import table_of

Words: TypeAlias = tuple[str, str]  # in Chinese and in English
LANGUAGES = ("zh", "en")
NO_TEXTS: Texts = {}

# What stands in the drafts of the language but is not built yet: key → what to do instead.
NOT_YET: Mapping[str, tuple[str, str]] = {
    "facts from hall": ("请用 waits for: {facts: …}", "Use `waits for: {facts: …}`"),
    "same medium as": ("请先把媒介作为问题来问", "For now, ask for the medium as a question"),
    "seasons": ("请在时限里写 during", "Say `during` in the limit"),
}


@dataclass(slots=True)
class Reading:
    """One file being read. `languages` are those of the mechanism's own title; every title speaks them."""

    file: str
    findings: list[Finding] = field(default_factory=list)
    languages: tuple[str, ...] = LANGUAGES
    titles: dict[str, dict[str, Texts]] = field(default_factory=dict)
    tongue: Tongue = field(default_factory=Tongue)  # the file's own keys, for whoever has to mend it

    def title(self, kind: str, key: str, said: nodes.Mapping) -> Texts:
        self.name_of(key, said.line)
        if "title" in said.items:
            return self.texts(said.items["title"])
        found = self.titles.get(kind, {}).get(key)
        if found is None:
            self.say(said.line, "no-title", key=key, kind=kind)
            return NO_TEXTS
        return found

    def texts(self, node: Node | None) -> Texts:
        """A text in each of the mechanism's languages, those of its own title."""
        if node is None:
            return NO_TEXTS
        if not isinstance(node, nodes.Mapping):
            if len(self.languages) == 1:
                words = self.text(node)
                if not words:
                    self.say(node.line, "text-empty")
                return {self.languages[0]: words}
            self.say(node.line, "languages-wanted")
            return NO_TEXTS
        said = self.map(node, LANGUAGES, ("名称", "a title"))
        assert said is not None
        found = {lang: self.text(value) for lang, value in said.items.items()}
        for lang in self.languages:
            if not found.get(lang):
                self.say(node.line, "language-missing", lang=lang)
        return {lang: found[lang] for lang in self.languages if lang in found}

    def map(self, node: Node | None, keys: tuple[str, ...], what: Words) -> nodes.Mapping | None:
        """The node as a map with only known keys."""
        if node is None:
            return None
        if not isinstance(node, nodes.Mapping):
            self.say(node.line, "map-wanted", what=what, keys=joined(keys), table=table_of(keys))
            return None
        self.known_keys(node, keys, what)
        return node

    def known_keys(self, node: nodes.Mapping, keys: tuple[str, ...], what: Words) -> None:
        for key in node.items:
            if key in keys:
                continue
            line = node.lines.get(key, node.line)
            if key in NOT_YET:
                self.say(line, "not-yet", key=key, instead=NOT_YET[key])
                continue
            near = difflib.get_close_matches(key, [self.tongue.key(one, node.table) for one in keys], 1)
            hint = (f"是不是“{near[0]}”？", f"Did you mean “{near[0]}”? ") if near else ("", "")
            self.say(line, "unknown-key", what=what, key=key, hint=hint, keys=joined(keys), table=node.table)

    def only(self, said: nodes.Mapping, keys: tuple[str, ...]) -> None:
        """Object to keys that mean nothing beside the others, instead of passing over them."""
        for key in said.items:
            if key not in keys and key not in NOT_YET:
                self.say(said.lines.get(key, said.line), "key-idle", key=key, keys=joined(keys), table=said.table)

    def map_items(self, node: Node | None, keys: tuple[str, ...], what: Words) -> list[tuple[str, Node]]:
        found = self.map(node, keys, what)
        return [(key, value) for key, value in found.items.items() if key in keys] if found else []

    def each(self, node: Node | None, what: str) -> list[tuple[str, Node]]:
        """The named parts of a map."""
        if node is None or (isinstance(node, Scalar) and node.is_empty):
            return []
        if not isinstance(node, nodes.Mapping):
            self.say(node.line, "names-wanted", what=what)
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
            self.say(node.line, "word-wanted")
            return ""
        return node.text.strip()

    def name(self, node: Node | None) -> str:
        words = self.text(node)
        if node is not None:
            self.name_of(words, node.line)
        return words

    def name_of(self, words: str, line: int) -> None:
        if len(words) > 60 or not wording.NAME.fullmatch(words):
            self.say(line, "bad-name", words=words[:60])

    def amount(self, node: Node | None) -> Amount:
        return self.amount_of(self.text(node), node.line) if node is not None else Amount(1, "wd")

    def amount_of(self, words: str, line: int) -> Amount:
        found = wording.amount(words)
        if found is None:
            self.say(line, "bad-amount", words=words)
            return Amount(1, "wd")
        return found

    def number(self, node: Node | None, least: int, most: int) -> int:
        value = node.integer if isinstance(node, Scalar) else None
        if value is None or not least <= value <= most:
            if node is not None:
                self.say(node.line, "whole-number", least=least, most=most)
            return least
        return value

    def flag(self, node: Node | None) -> bool:
        if node is None:
            return False
        value = node.boolean if isinstance(node, Scalar) else None
        if value is None:
            self.say(node.line, "true-or-false")
        return bool(value)

    def one_of(self, node: Node | None, known: tuple[str, ...], otherwise: str) -> str:
        if node is None:
            return otherwise
        words = self.text(node)
        if words not in known:
            self.unknown(node.line, words, ("值", "value"), known)
            return otherwise or known[0]
        return words

    def wanted(self, said: nodes.Mapping, key: str) -> Node | None:
        node = said.items.get(key)
        if node is None:
            self.missing(said, key)
        return node

    def missing(self, said: nodes.Mapping, key: str) -> str:
        self.say(said.line, "missing-key", key=key, table=said.table)
        return ""

    def unknown(self, line: int, words: str, what: Words, known: Iterable[str]) -> None:
        listed = self.tongue.known(known)
        near = difflib.get_close_matches(words, listed, 1)
        shown = sorted(listed)[:20]
        if near:
            hint = (f"是不是“{near[0]}”？", f"Did you mean “{near[0]}”?")
        else:
            zh, en = joined(shown)
            hint = (f"已有的：{zh or '无'}。", f"Known: {en or 'none'}.")
        self.say(line, "unknown-name", what=what, words=words, hint=hint)

    def say(self, line: int, code: str, *, table: str = "", **words: str | int | Words) -> None:
        self.findings.append(self.tongue.objection(code, self.file, line, table, words))

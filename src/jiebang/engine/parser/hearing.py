"""A mechanism file in either tongue, heard as one: every key and fixed word found by the schema, and its English form.

Whoever reads a file reads English keys; a file with Chinese ones is turned into the same tree first, each part on its
own line. What a word means depends on where it stands (`由` is `held by` in a state and `by` in a move), so the schema
is followed from the top. A word of the other tongue is understood and objected to: a file is in one of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any, Literal, TypeAlias

from jiebang.engine import nodes
from jiebang.engine.findings import Finding, MechanismError
from jiebang.engine.nodes import Node, Scalar
from jiebang.engine.objections import objection
from jiebang.engine.parser import schema
from jiebang.engine.tongues.phrases import PHRASES, Asked, Phrase
from jiebang.engine.tongues.tongue import Tongue
from jiebang.engine.tongues.words import TABLES, chinese_words, english_keys

Lang: TypeAlias = Literal["zh", "en"]
_ELSE = {"zh": "其余", "en": "else"}


@dataclass(frozen=True, slots=True)
class Word:
    """A key or value that has a form in each tongue."""

    written: Scalar
    en: str
    zh: str


@dataclass(slots=True)
class Heard:
    """A file with English keys, whichever it was written in."""

    root: Node
    tongue: Tongue
    words: list[Word] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


def read(text: str | bytes, filename: str = "") -> Heard:
    """Read a file and return it with English keys.

    Raises:
        MechanismError: the file cannot be read at all.
    """
    return hear(nodes.read(text, filename), filename)


def hear(root: Node, filename: str = "") -> Heard:
    walk = _Walk(language_of(root), filename, Asked(_yes_no(root)))
    heard = walk.node(root, _language()["whole"], "file")
    return Heard(heard, walk.tongue, walk.words, walk.findings)


def language_of(root: Node) -> Lang:
    """Return the tongue of most of the file's own keys."""
    if not isinstance(root, nodes.Mapping):
        return "en"
    chinese = english_keys("file")
    count = sum((key in chinese) - (key in TABLES["file"]) for key in root.items)
    return "zh" if count > 0 else "en"


def turned(text: str, to: Lang, filename: str = "") -> str:
    """Return the same file in the other tongue: only keys and fixed words change, comments and spaces stay.

    Raises:
        MechanismError: it cannot be read, or a name in it is a fixed word of the other tongue.
    """
    bare = text.removeprefix("\ufeff")
    heard = read(bare, filename)
    said, end = [text[: len(text) - len(bare)]], 0
    for word in sorted(heard.words, key=lambda word: word.written.at):
        new = word.zh if to == "zh" else word.en
        start, stop = word.written.at
        if new == word.written.text or bare[start : start + 1] in ("|", ">"):
            continue
        quote = bare[start] if word.written.quoted else ""
        said += [bare[end:start], f"{quote}{new}{quote}"]
        end = stop
    written = "".join([*said, bare[end:]])
    again = read(written, filename)
    clash = _differs(heard.root, again.root)
    if again.findings or clash or (heard.words and again.tongue.lang != to):
        raise MechanismError(
            again.findings or [objection("words-clash", filename, clash.line, words=clash.text[:60])] if clash else []
        )
    return written


def _differs(one: Node, other: Node) -> Scalar | None:
    """The first part that does not read the same."""
    if isinstance(one, nodes.Mapping) and isinstance(other, nodes.Mapping):
        for key, mine in one.items.items():
            if key not in other.items:
                return one.keys.get(key) or Scalar(key, one.line, False)
            if (found := _differs(mine, other.items[key])) is not None:
                return found
        return None if len(one.items) == len(other.items) else Scalar("", one.line, False)
    if isinstance(one, nodes.Sequence) and isinstance(other, nodes.Sequence):
        pairs = zip(one.items, other.items, strict=False)
        found = next((found for mine, theirs in pairs if (found := _differs(mine, theirs)) is not None), None)
        return found or (None if len(one.items) == len(other.items) else Scalar("", one.line, False))
    if isinstance(one, Scalar) and isinstance(other, Scalar) and (one.text, one.quoted) == (other.text, other.quoted):
        return None
    return one if isinstance(one, Scalar) else Scalar("", one.line, False)


@cache
def _language() -> Mapping[str, Any]:
    said = schema.schema()
    return {"whole": {key: part for key, part in said.items() if key != "definitions"}, **said["definitions"]}


def _yes_no(root: Node) -> frozenset[str]:
    """The questions answered by yes or no: beside them `yes` is a word of the language, not a name."""
    found = set()
    for key in ("fields", TABLES["file"]["fields"][0]):
        questions = root.items.get(key) if isinstance(root, nodes.Mapping) else None
        for name, asked in questions.items.items() if isinstance(questions, nodes.Mapping) else ():
            kind = _among(asked, "type", "field")
            if isinstance(kind, Scalar) and kind.text in ("yes-no", "是否"):
                found.add(name)
    return frozenset(found)


def _among(node: Node | None, key: str, table: str) -> Node | None:
    """What stands behind a key, in whichever tongue it is written."""
    if not isinstance(node, nodes.Mapping):
        return None
    return node.items.get(key) or node.items.get(TABLES[table][key][0])


def alternatives(kind: Mapping[str, Any], table: str = "") -> Iterator[tuple[Mapping[str, Any], str]]:
    """What may stand somewhere, one by one, each with the name of its table of keys."""
    if "$ref" in kind:
        name = kind["$ref"].rpartition("/")[2]
        yield from alternatives(_language()[name], name)
    elif "anyOf" in kind:
        for each in kind["anyOf"]:
            yield from alternatives(each, table)
    elif "allOf" in kind:
        yield from alternatives(kind["allOf"][0], table)
    else:
        yield kind, table


def phrase_of(kind: Mapping[str, Any]) -> Phrase | None:
    """How the other tongue says what may stand here; nothing where it is a name or a text."""
    if kind.get("type") == "boolean":
        return PHRASES["flag"]
    if "enum" in kind:
        words = chinese_words(kind["enum"])
        back = {zh: en for en, zh in words.items()}
        return Phrase(lambda said, _: words.get(said), lambda said, _: back.get(said))
    return PHRASES.get(kind.get("$comment", ""))


@dataclass(slots=True)
class _Walk:
    lang: Lang
    filename: str
    asked: Asked
    tongue: Tongue = field(init=False)
    words: list[Word] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    facts: bool = False  # whether the state waits for facts: then what follows `then` are conditions

    def __post_init__(self) -> None:
        self.tongue = Tongue(self.lang)

    def node(self, node: Node, kind: Mapping[str, Any], table: str = "") -> Node:
        ways = list(alternatives(kind, table))
        if isinstance(node, Scalar):
            return self.scalar(node, [way for way, _ in ways])
        if isinstance(node, nodes.Sequence):
            items: Mapping[str, Any] = next((way["items"] for way, _ in ways if way.get("type") == "array"), {})
            return nodes.Sequence([self.node(item, items) for item in node.items], node.line)
        maps = [(way, name) for way, name in ways if "properties" in way or "additionalProperties" in way]
        if not maps:
            return node
        way, name = max(maps, key=lambda one: self._known(node, one[1]))
        return self.table(node, way, name) if "properties" in way else self.named(node, way)

    def _known(self, node: nodes.Mapping, table: str) -> int:
        words = english_keys(table)
        return sum(key in words or key in TABLES.get(table, {}) for key in node.items)

    def table(self, node: nodes.Mapping, way: Mapping[str, Any], name: str) -> nodes.Mapping:
        """A map whose keys are words of the language."""
        facts, asked = self.facts, self.asked
        if name == "state":
            self.facts = _among(_among(node, "waits for", "state"), "facts", "waits") is not None
        if name == "collect" and isinstance(counted := _among(node, "count", "collect"), Scalar):
            self.asked = replace(asked, counted=counted.text.strip())
        if name == "limit by" and isinstance(by := _among(node, "by", name), Scalar):
            self.asked = replace(asked, counted=by.text.strip())
        keys, words = TABLES.get(name, {}), english_keys(name)
        names = PHRASES.get(way.get("propertyNames", {}).get("$comment", ""))
        others = way.get("additionalProperties") or {}
        made = nodes.Mapping({}, node.line, {}, {}, name)
        for key, value in node.items.items():
            written = node.keys.get(key) or Scalar(key, node.lines.get(key, node.line), False)
            english = words.get(key, key)
            if english not in keys and names is not None:
                english = self.said(written, [names])
            elif english in keys:
                chinese = keys[english][0]
                self.heard(written, english, chinese, key in (words if self.lang == "zh" else keys))
            if english in made.items:  # the same in both tongues
                self.findings.append(
                    objection("duplicate-key", self.filename, written.line, words=key, first=made.lines[english])
                )
                continue
            self._put(made, english, written, self.node(value, way["properties"].get(english, others)))
        self.facts, self.asked = facts, asked
        return made

    def named(self, node: nodes.Mapping, way: Mapping[str, Any]) -> nodes.Mapping:
        """A map whose keys are names of the author's, or small sentences."""
        sort = way.get("propertyNames", {}).get("$comment", "")
        phrase = PHRASES.get("way" if sort == "outcome" and self.facts else sort)
        made = nodes.Mapping({}, node.line)
        for key, value in node.items.items():
            written = node.keys.get(key) or Scalar(key, node.lines.get(key, node.line), False)
            english = self.said(written, [phrase] if phrase else [])
            if english not in made.items:
                self._put(made, english, written, self.node(value, way["additionalProperties"]))
        return made

    def _put(self, made: nodes.Mapping, key: str, written: Scalar, value: Node) -> None:
        made.items[key], made.keys[key], made.lines[key] = value, written, written.line

    def scalar(self, node: Scalar, ways: list[Mapping[str, Any]]) -> Scalar:
        english = self.said(node, [phrase for way in ways if (phrase := phrase_of(way)) is not None])
        return node if english == node.text else Scalar(english, node.line, node.quoted, node.at)

    def said(self, node: Scalar, phrases: list[Phrase]) -> str:
        """The English form of what is written; itself where nothing of the language is in it."""
        if node.is_empty:
            return node.text
        for mine in (self.lang, "en" if self.lang == "zh" else "zh"):
            for phrase in phrases:
                other = phrase.turned(node.text, "en" if mine == "zh" else "zh", self.asked)
                if other is None:
                    continue
                back = phrase.turned(other, mine, self.asked) or node.text
                english, chinese = (other, back) if mine == "zh" else (back, other)
                self.heard(node, english, chinese, mine == self.lang)
                return other if mine == "zh" else node.text
        return node.text

    def heard(self, written: Scalar, english: str, chinese: str, own: bool) -> None:
        """Note a word; object if it is the other tongue's."""
        if english == chinese == written.text:
            return
        self.words.append(Word(written, english, chinese))
        if self.lang == "zh":
            self.tongue.written[written.line, english] = written.text
        if not own:
            code, right = ("english-word", chinese) if self.lang == "zh" else ("chinese-word", english)
            self.findings.append(objection(code, self.filename, written.line, words=written.text, right=right))

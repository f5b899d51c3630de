"""What may stand at a place of a mechanism file: keys with their meaning, fixed words, names the file gives itself.

Made from the published schema, in the tongue of the file, for the author's desk: a list for whoever reads it, a
completion for whoever types.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Any

from jiebang.engine import nodes
from jiebang.engine.findings import MechanismError
from jiebang.engine.parser import hearing
from jiebang.engine.parser.caret import Caret, caret, keys_of
from jiebang.engine.parser.hearing import Lang, alternatives
from jiebang.engine.parser.schema import schema
from jiebang.engine.tongues.phrases import PHRASES, Asked
from jiebang.engine.tongues.words import FLAGS, PARTIES, TABLES, chinese_key, chinese_words, english_keys

_MOST_NAMES = 60  # of one kind: more is no help to anybody


@dataclass(frozen=True, slots=True)
class Option:
    """Something that may be written: `word` as it is read, `insert` as it is put in."""

    word: str
    insert: str
    meaning: str = ""
    wanted: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """What may stand at a caret. `path` are the keys above it; `start` is the column its word begins at."""

    path: tuple[str, ...]
    value: bool
    word: str
    start: int
    options: tuple[Option, ...]


@dataclass(slots=True)
class Names:
    """What a file calls its own: name → title in the reader's language, where it has one."""

    party: dict[str, str] = field(default_factory=dict)
    question: dict[str, str] = field(default_factory=dict)
    move: dict[str, str] = field(default_factory=dict)
    state: dict[str, str] = field(default_factory=dict)
    answers: dict[str, tuple[str, ...]] = field(default_factory=dict)
    yes_no: set[str] = field(default_factory=set)


def standing(text: str, line: int, column: int | None = None, *, reader: Lang = "en") -> Standing:
    """Say what may stand at a column (from 0; the line's end if not said) of a line (from 1). Meanings are in the
    reader's language, words in the file's."""
    here = caret(text, line, column)
    lang = _language(text, reader)
    ways = _reached(here.path)
    options = _values(ways, text, line, lang, reader) if here.value else _keys(ways, here, text, line, lang, reader)
    return Standing(here.path, here.value, here.word, here.start, tuple(options))


def _language(text: str, reader: Lang) -> Lang:
    top = [key for path, key in keys_of(text) if not path]
    chinese = sum(key in english_keys("file") for key in top)
    english = sum(key in TABLES["file"] for key in top)
    return reader if chinese == english else "zh" if chinese > english else "en"


@cache
def _whole() -> Mapping[str, Any]:
    return {key: part for key, part in schema().items() if key != "definitions"}


def _reached(path: Iterable[str]) -> list[tuple[Mapping[str, Any], str]]:
    """Follow the keys through the schema. Where several things may stand, all are followed that know the key."""
    ways: list[tuple[Mapping[str, Any], str]] = [(_whole(), "file")]
    for key in path:
        ways = [found for way, table in _maps(ways) for found in _behind(way, table, key)]
    return ways


def _maps(ways: Iterable[tuple[Mapping[str, Any], str]]) -> Iterator[tuple[Mapping[str, Any], str]]:
    """Those that are maps, those in lists among them."""
    for way, table in ways:
        if way.get("type") == "array":
            yield from _maps(alternatives(way["items"], table))
        elif "properties" in way or "additionalProperties" in way:
            yield way, table


def _behind(way: Mapping[str, Any], table: str, key: str) -> Iterator[tuple[Mapping[str, Any], str]]:
    known = way.get("properties", {})
    english = key if key in known else english_keys(table).get(key, key)
    if english in known:
        yield from alternatives(known[english])
    elif isinstance(other := way.get("additionalProperties"), Mapping):
        yield from alternatives(other)


# ── Keys ────────────────────────────────────────────────────────────────────────────────────────────────────


def _keys(
    ways: list[tuple[Mapping[str, Any], str]], here: Caret, text: str, line: int, lang: Lang, reader: Lang
) -> Iterator[Option]:
    given: set[str] = set()
    for way, table in _maps(ways):
        wanted = way.get("required", ())
        for key, kind in way.get("properties", {}).items():
            word = chinese_key(table, key) if lang == "zh" else key
            if word in given or word in here.beside:
                continue
            given.add(word)
            yield Option(word, f"{word}: ", _meaning(table, key, kind, reader), key in wanted)
        sort = way.get("propertyNames", {}).get("$comment", "")
        for option in _said(sort, _names(text, line, reader), lang) if sort else ():
            yield Option(option.word, f"{option.word}: ", option.meaning)


def _meaning(table: str, key: str, kind: Mapping[str, Any], reader: Lang) -> str:
    if reader == "zh":
        return TABLES.get(table, {}).get(key, ("", ""))[1]
    return str(kind.get("description", "")).replace("`", "")


# ── Values ──────────────────────────────────────────────────────────────────────────────────────────────────


def _values(
    ways: list[tuple[Mapping[str, Any], str]], text: str, line: int, lang: Lang, reader: Lang
) -> Iterator[Option]:
    names = _names(text, line, reader)
    given: set[str] = set()
    for way, table in _flat(ways):
        for option in _of_kind(way, table, names, lang):
            if option.word not in given:
                given.add(option.word)
                yield option


def _flat(ways: Iterable[tuple[Mapping[str, Any], str]]) -> Iterator[tuple[Mapping[str, Any], str]]:
    for way, table in ways:
        if way.get("type") == "array":
            yield from _flat(alternatives(way["items"], table))
        else:
            yield way, table


def _of_kind(way: Mapping[str, Any], table: str, names: Names, lang: Lang) -> Iterator[Option]:
    if "properties" in way:
        keys = [chinese_key(table, key) if lang == "zh" else key for key in way["properties"]]
        first = keys[: 2 if table == "texts" else 1]
        yield Option("{" + ", ".join(f"{key}: …" for key in keys[:4]) + "}", "{" + ": , ".join(first) + ": }")
    elif "enum" in way or way.get("type") == "boolean":
        english = way.get("enum", list(FLAGS))
        chinese = chinese_words(english) or FLAGS
        for word in english:
            yield Option(chinese[word] if lang == "zh" else word, chinese[word] if lang == "zh" else word)
    elif "$comment" in way:
        yield from _said(way["$comment"], names, lang)


def _said(sort: str, names: Names, lang: Lang) -> Iterator[Option]:
    """Sentences of one sort, with the names of this file put in."""
    found = {
        "party": [*PARTIES, *names.party],
        "state": names.state,
        "move": names.move,
        "question": names.question,
        "asked": [*names.question, *(f"{name}?" for name in names.question)],
        "anchor": ["raised", *names.move],
        "told": ["item", "number", *names.question],
        "deed": [
            *(f"whoever did {move}" for move in names.move),
            *(f"unit of {move}" for move in names.move),
            *(f"member of {party}" for party in names.party),
        ],
        "deeds": names.move,
        "staff": ["area", *names.party, *(f"unit that did {move}" for move in names.move)],
        "condition": [*_conditions(names), "all duties done"],
        "way": [*_conditions(names), "else"],
        "outcome": ["all solved", "any failed", "solved", "else"],
        "proof": ["photo", "document", "signature"],
        "amount": ["3 wd", "5 d", "2 h", "8 wh", "20 min"],
        "limit": ["3 wd", "5 d", "2 h", "8 wh", "20 min", "15 wd since raised"],
        "month-day": ["day 15 of next month"],
        "counted": ["yes", "no", *sorted({one for each in names.answers.values() for one in each} - {"yes", "no"})],
        "answers": sorted({one for each in names.answers.values() for one in each}),
    }.get(sort, ())
    asked = Asked(frozenset(names.yes_no))
    for words in list(found)[:_MOST_NAMES]:
        said = words if lang == "en" or sort not in PHRASES else PHRASES[sort].turned(words, "zh", asked) or words
        yield Option(said, said, _title(words, sort, names))


def _conditions(names: Names) -> Iterator[str]:
    for question, answers in names.answers.items():
        yield from (f"{question} is {answer}" for answer in answers)


def _title(words: str, sort: str, names: Names) -> str:
    titles: Mapping[str, Mapping[str, str]] = {
        "party": names.party,
        "staff": names.party,
        "state": names.state,
        "move": names.move,
        "anchor": names.move,
        "deeds": names.move,
    }
    return titles.get(sort, names.question).get(words.rstrip("?"), "")


# ── The file's own names ────────────────────────────────────────────────────────────────────────────────────


def _names(text: str, line: int, reader: Lang) -> Names:
    """What the file names, read as YAML; without the line that is being typed if it is that which cannot be read."""
    without = "\n".join("" if n == line else row for n, row in enumerate(text.splitlines(), 1))
    return _read(text, reader) or _read(without, reader) or _of_lines(text)


@lru_cache(maxsize=8)  # a list is asked for again and again while one text is read
def _read(text: str, reader: Lang) -> Names | None:
    try:
        return _of_tree(hearing.read(text).root, reader)
    except MechanismError:
        return None


def _of_tree(root: nodes.Node, reader: Lang) -> Names:
    names = Names()
    names.party = {key: _text(_at(each, "title"), reader) for key, each in _items(_at(root, "parties"))}
    for key, each in _items(_at(root, "fields")):
        names.question[key] = _text(_at(each, "title"), reader)
        answered = _at(each, "type")
        if isinstance(answered, nodes.Scalar) and answered.text == "yes-no":
            names.answers[key] = ("yes", "no")
            names.yes_no.add(key)
        elif choices := [name for name, _ in _items(_at(each, "choices"))]:
            names.answers[key] = tuple(choices)
    titles = _at(root, "titles")
    for kind in ("states", "finals"):
        for key, each in _items(_at(root, kind)):
            names.state[key] = _text(_at(each, "title") or _at(_at(titles, kind), key), reader)
    maps = [_at(root, "opening"), *(_at(state, "may") for _, state in _items(_at(root, "states")))]
    for moves in maps:
        for key, each in _items(moves):
            names.move.setdefault(key, _text(_at(each, "title") or _at(_at(titles, "moves"), key), reader))
    return names


def _of_lines(text: str) -> Names:
    """The names alone, where the text is no YAML: what begins a line under a key that lists them."""
    names = Names()
    english = english_keys("file")
    for path, key in keys_of(text):
        above = tuple(english.get(each, each) for each in path[:1])
        if above == ("parties",) and len(path) == 1:
            names.party[key] = ""
        elif above == ("fields",) and len(path) == 1:
            names.question[key] = ""
        elif above in (("states",), ("finals",)) and len(path) == 1:
            names.state[key] = ""
        elif (above == ("opening",) and len(path) == 1) or path[2:] in (("may",), (chinese_key("state", "may"),)):
            names.move[key] = ""
    return names


def _at(node: nodes.Node | None, key: str) -> nodes.Node | None:
    return node.items.get(key) if isinstance(node, nodes.Mapping) else None


def _items(node: nodes.Node | None) -> list[tuple[str, nodes.Node]]:
    return list(node.items.items()) if isinstance(node, nodes.Mapping) else []


def _text(node: nodes.Node | None, reader: Lang) -> str:
    if isinstance(node, nodes.Mapping):
        return _text(node.items.get(reader) or next(iter(node.items.values()), None), reader)
    return node.text.strip() if isinstance(node, nodes.Scalar) else ""

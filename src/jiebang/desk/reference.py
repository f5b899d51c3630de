"""`jiebang reference`: the tables of the documentation that are read out of the program itself, or out of its run.

A page holds marks, `<!-- table: state -->` … `<!-- end -->`; what stands between them is made here and never written by
hand. `--check` compares and changes nothing. What a key means is said in the parser's `KEYS`; which keys there are, in
its `keys`: a key without a meaning, or a meaning without a key, stops the command.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from ruamel.yaml import YAML

import jiebang
from jiebang.desk import closure_tables
from jiebang.desk.home import DeskError
from jiebang.engine import model, objections, reading, refusals
from jiebang.engine.objections.pattern import Objection
from jiebang.engine.parser import keys
from jiebang.engine.parser.meanings import KEYS
from jiebang.engine.rounds import keys as round_keys
from jiebang.engine.rounds import objections as round_objections
from jiebang.engine.rounds import refusals as round_refusals
from jiebang.engine.tongues.keys_zh import KEYS_ZH
from jiebang.engine.tongues.phrases import PHRASES
from jiebang.engine.tongues.words import FLAGS, NAMES, WORDS

PAGES = (
    "docs/reference/mechanism-language.md",
    "docs/reference/registers-and-rounds.md",
    "docs/reference/patterns.md",
    "docs/reference/refusals.md",
    *closure_tables.pages(),
)
_BLOCK = re.compile(r"(?P<open><!-- table: (?P<name>[\w -]+?) -->\n)(?P<table>.*?)(?P<close><!-- end -->)", re.DOTALL)

FIELD_TYPES: Mapping[str, str] = {
    "text": "A text; `most: 60` for one line. A public one takes no mobile and no identity card number.",
    "choice": "One of the choices.",
    "yes-no": "Yes or no; a condition names it bare: `reached`, `not reached`.",
    "date": "A day. Behind `until` it must be a working day, not past, within the ceiling.",
    "area": "An area of the city's tree; an opening asks one.",
    "unit": "A unit; at most one in a move.",
    "entry": "Another entry's number.",
    "number": "A whole number from 0.",
    "phone": "A telephone number.",
    "position": "A latitude and a longitude (WGS84), never `public`; the board's map shows it coarse.",
    "photo": "Photos, three at most.",
    "document": "Documents, handed in as photos of their pages.",
    "signature": "A signed paper, handed in as a photo.",
    "account": "Read by the city: what the last entry of this board there opened has come to, and what is open still.",
    "standing": "Read by the city: how many entries each board there has raised, open, overdue, solved, failed.",
}
VISIBILITIES: Mapping[str, str] = {
    "public": "Everybody.",
    "masked": "As `private`. A form that shows a part of the answer does not exist yet.",
    "parties": "Whoever raised it, and the staff who look after it.",
    "private": "Whoever told it, and the staff who look after it.",
}
LOG_CLASSES: Mapping[str, str] = {
    "open": "To the millisecond, with the area.",
    "coarse": "The day, and the area's parent (township, district); moment and area are disclosures.",
    "veiled": "A commitment only.",
}
MEANINGS: Mapping[str, str] = {
    "solved": "Verified; the seal.",
    "explained": "It could not be done, and the reason was given.",
    "withdrawn": "Taken back by whoever raised it.",
    "joined": "Merged into another entry.",
    "lapsed": "The raiser stayed silent; never counted as satisfied.",
    "failed": "The city stayed silent; stays on the board for ever.",
}
UNITS: Mapping[str, str] = {
    "wd": "working days; ends with the last closing of the n-th working day after today",
    "d": "calendar days",
    "h": "hours",
    "wh": "office hours, counted while the office is open",
    "min": "minutes",
}


def write(*, check: bool) -> int:
    """Write the tables into their pages; or, to check, name the pages that differ and return 1."""
    root = Path(jiebang.__file__).resolve().parents[2]
    differing = []
    for name in PAGES:
        page = root / name
        if not page.is_file():
            raise DeskError(f"{page} is missing.", next_step="Run this in a clone of the repository, not in a wheel.")
        before = page.read_text(encoding="utf-8")
        after = filled(before, name)
        if after != before:
            differing.append(name)
            if not check:
                page.write_text(after, encoding="utf-8")
    for name in differing:
        print(f"{name} differs from the program. Run: jiebang reference" if check else f"{name} is written")
    if not differing:
        print("The reference says what the program says.")
    return 1 if check and differing else 0


def filled(page: str, name: str) -> str:
    """Return the page with every table made anew."""

    def table(found: re.Match[str]) -> str:
        make = TABLES.get(found["name"])
        if make is None:
            raise DeskError(
                f"{name}: there is no table “{found['name']}”.", next_step=f"Use one of: {', '.join(TABLES)}."
            )
        return f"{found['open']}\n{make()}\n{found['close']}"

    return _BLOCK.sub(table, page)


# ── The language ────────────────────────────────────────────────────────────────────────────────────────────


def _keys(name: str, among: Mapping[str, tuple[Sequence[str], Mapping[str, str]]] = KEYS) -> Callable[[], str]:
    def table() -> str:
        known, said = among[name]
        meanings = {key.removesuffix("*"): (key.endswith("*"), text) for key, text in said.items()}
        _agree(f"keys of “{name}”", known, meanings)
        return rows(("key", "meaning"), ((f"`{key}`{' *' * meanings[key][0]}", meanings[key][1]) for key in known))

    return table


def _values(literal: object, said: Mapping[str, str]) -> Callable[[], str]:
    def table() -> str:
        known = get_args(literal)
        _agree("values", known, said)
        return rows(("word", "meaning"), ((f"`{word}`", said[word]) for word in known))

    return table


def _agree(what: str, known: Sequence[str], said: Iterable[str]) -> None:
    if apart := sorted(set(known) ^ set(said)):
        raise DeskError(
            f"The {what} differ: {', '.join(apart)}.", next_step="Correct parser/meanings.py or desk/reference.py."
        )


def _built_in() -> str:
    return rows(("party", "中文", "meaning"), ((f"`{k}`", zh, en) for k, (_, zh, en) in keys.BUILT_IN.items()))


def _not_yet() -> str:
    return rows(("key", "instead"), ((f"`{key}`", f"{en}.") for key, (_, en) in reading.NOT_YET.items()))


def _chinese_keys() -> str:
    said = {name: [(key, word) for key, (word, _) in known.items()] for name, known in KEYS_ZH.items()}
    return rows(("where", "key 中文"), ((name, _pairs(pairs)) for name, pairs in said.items()))


def _chinese_words() -> str:
    said = {**WORDS, "flags": FLAGS, "names": NAMES}
    return rows(("where", "word 中文"), ((name, _pairs(words.items())) for name, words in said.items()))


def _chinese_sentences() -> str:
    return rows(("sentence", "中文"), ((f"`{one.example[0]}`", f"`{one.example[1]}`") for one in PHRASES.values()))


def _pairs(pairs: Iterable[tuple[str, str]]) -> str:
    return ", ".join(f"`{english}` {chinese}" for english, chinese in pairs)


def _objections(among: Mapping[str, Objection]) -> Callable[[], str]:
    def table() -> str:
        found = sorted(among.values(), key=lambda one: one.rule)
        return rows(("rule", "what it says", "what to do"), ((one.rule, one.en, one.mend_en) for one in found))

    return table


# ── Refusals ────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Shown:
    """One refusal as the page shows it; words put in later stand in braces."""

    code: str
    rule: str
    zh: str
    en: str
    next_zh: str
    next_en: str


def _shown(among: Mapping[str, refusals.Refusal]) -> list[Shown]:
    return [Shown(code, one.rule, one.zh, one.en, one.next_zh, one.next_en) for code, one in among.items()]


def _room_refusals(room: str) -> list[Shown]:
    """Every refusal written out in a room's source, in the order of its files."""
    folder = Path(jiebang.__file__).parent / room
    return [
        shown
        for path in sorted(folder.rglob("*.py"))
        for function in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(function, ast.FunctionDef)
        for shown in _refused_in(function)
    ]


def _refused_in(function: ast.FunctionDef) -> Iterator[Shown]:
    calls = [
        node
        for node in ast.walk(function)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Refused"
    ]
    for call in calls:
        given = dict(zip(("code", "rule", "what", "next_step"), call.args, strict=False))
        given |= {word.arg: word.value for word in call.keywords if word.arg}
        for words in _cases(function):
            yield Shown(
                _spoken(given["code"], words),
                _spoken(given["rule"], words),
                *(_spoken(text, words) for text in (_of(given["what"], "zh"), _of(given["what"], "en"))),
                *(_spoken(text, words) for text in (_of(given["next_step"], "zh"), _of(given["next_step"], "en"))),
            )


def _cases(function: ast.FunctionDef) -> list[dict[str, str]]:
    """The cases of a refusal that chooses its sentence from a table `{case: (zh, en)}`; else one without words."""
    for node in ast.walk(function):
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Dict) and function.args.args:
            table = ast.literal_eval(node.value)
            chosen = function.args.args[0].arg
            return [{chosen: case, "zh": zh, "en": en} for case, (zh, en) in table.items()]
    return [{}]


def _of(node: ast.expr, language: str) -> ast.expr:
    if not isinstance(node, ast.Dict):
        raise DeskError(
            f"A refusal's texts in line {node.lineno} are not written out.", next_step='Write {"zh": …, "en": …}.'
        )
    return next(
        value
        for key, value in zip(node.keys, node.values, strict=True)
        if isinstance(key, ast.Constant) and key.value == language
    )


def _spoken(node: ast.expr, words: Mapping[str, str]) -> str:
    """The text, with the name of what is put in later: `{number}`."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(_spoken(part, words) for part in node.values)
    named = next((part.id for part in ast.walk(node) if isinstance(part, ast.Name)), "…")
    return words.get(named, f"{{{named}}}")


def _refusal_rows(found: Callable[[], list[Shown]]) -> Callable[[], str]:
    def table() -> str:
        return rows(
            ("code", "rule", "what is wrong", "next step"),
            (
                (f"`{one.code}`", one.rule, f"{one.en}<br>{one.zh}", f"{one.next_en}<br>{one.next_zh}")
                for one in found()
            ),
        )

    return table


# ── The pattern book ────────────────────────────────────────────────────────────────────────────────────────


def _components() -> str:
    folder = Path(jiebang.__file__).resolve().parent / "web" / "components"
    reader = YAML(typ="safe", pure=True)
    found = {page.parent.name: reader.load(page.read_text("utf-8")) for page in sorted(folder.glob("*/examples.yaml"))}
    body = ((f"`{name}`", book["title"]["en"], book["what"]["en"]) for name, book in found.items())
    return rows(("folder", "component", "what it is for"), body)


# ── Markdown ────────────────────────────────────────────────────────────────────────────────────────────────


def rows(head: Sequence[str], body: Iterable[Sequence[str]]) -> str:
    """Return a table; a `|` inside a cell is escaped."""
    lines = [head, ["---"] * len(head), *body]
    return "".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |\n" for line in lines)


TABLES: Mapping[str, Callable[[], str]] = {
    **{name: _keys(name) for name in KEYS},
    "types": _values(model.FieldType, FIELD_TYPES),
    "visible": _values(model.Visibility, VISIBILITIES),
    "log": _values(model.LogClass, LOG_CLASSES),
    "means": _values(model.Meaning, MEANINGS),
    "units": _values(model.Unit, UNITS),
    "built-in": _built_in,
    "chinese-keys": _chinese_keys,
    "chinese-words": _chinese_words,
    "chinese-sentences": _chinese_sentences,
    "not-yet": _not_yet,
    "objections": _objections(objections.OBJECTIONS),
    **{f"round {name}": _keys(name, round_keys.KEYS) for name in round_keys.KEYS},
    "round-objections": _objections(round_objections.OBJECTIONS),
    "round-refusals": _refusal_rows(lambda: _shown(round_refusals.REFUSALS)),
    "engine-refusals": _refusal_rows(lambda: _shown(refusals.REFUSALS)),
    "components": _components,
    "boards-refusals": _refusal_rows(lambda: _room_refusals("boards")),
    "rulebook-refusals": _refusal_rows(lambda: _room_refusals("rulebook")),
    **closure_tables.tables(rows),
}

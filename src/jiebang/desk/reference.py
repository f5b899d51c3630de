"""`jiebang reference`: the tables of the documentation that are read out of the program itself.

A page holds marks, `<!-- table: state -->` … `<!-- end -->`; what stands between them is made here and never written by
hand. `--check` compares and changes nothing. What a key means is said in `KEYS`; which keys there are, the parser says:
a key without a meaning, or a meaning without a key, stops the command.
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
from jiebang.desk.home import DeskError
from jiebang.engine import model, objections, reading, refusals
from jiebang.engine.parser import keys

PAGES = ("docs/reference/mechanism-language.md", "docs/reference/patterns.md", "docs/reference/refusals.md")
_BLOCK = re.compile(r"(?P<open><!-- table: (?P<name>[\w-]+) -->\n)(?P<table>.*?)(?P<close><!-- end -->)", re.DOTALL)

# What each key of a mechanism file is for. `*` after a key: it must be there.
KEYS: Mapping[str, tuple[tuple[str, ...], Mapping[str, str]]] = {
    "file": (
        keys.TOP,
        {
            "mechanism*": "Its id: the folder's name and a part of the board's address.",
            "since*": "The day it takes effect, in quotes: `'2026-01-01'`. The file is named by the same day.",
            "title*": "The board's name, per language. Every other title speaks the same languages.",
            "purpose": "One sentence, per language.",
            "source": "Where the numbers come from that name no source of their own.",
            "log*": "How much the public log says: see below.",
            "titles": "Names of parties, moves, states, duties, finals and proofs, kept apart from the rules.",
            "parties": "Who may act, relative to the entry.",
            "fields": "The questions, by name.",
            "opening*": "The ways to raise an entry, each a move.",
            "states": "What an entry passes, and the routes.",
            "finals*": "How it ends.",
            "spans": "Limits across states and returns.",
            "separate": "Moves that no one person may both make, whoever may make either: see below.",
            "taken": "How the word of a raiser without telephone or code is taken down: `window`, `proxy`.",
        },
    ),
    "taking": (
        keys.TAKING,
        {
            "by*": "Who may take it down; officials only.",
            "of*": "Which moves of the raiser: `[verdict, reply]`.",
            "ask": "What is asked before the move's own questions: which document was seen; which relative.",
        },
    ),
    "field": (
        keys.FIELD,
        {
            "type*": "What kind of answer: see below.",
            "title*": "The question, per language.",
            "hint": "A line below it.",
            "choices": "Of a `choice`: id → title, two or more. A choice may carry `marks: [visible-work]`.",
            "choices from": "Instead: the pack's list, `categories/residents`.",
            "visible": "Who may ever read the answer; `public` if not said.",
            "logged": "`true`: the answer stands in the log in clear. What conditions or limits read always does.",
            "many": "Of a `text`: so many answers at most, one a line.",
            "most": "Characters of a text (2000 at most), files of a `photo`, or the largest `number`.",
        },
    ),
    "party": (
        keys.PARTY,
        {
            "staff of": "`area` (the staff at the entry's area, at `level`), another party, or `unit that did claim`.",
            "office": "Whoever holds that office; with `of: area` and `level`.",
            "of": "`area`, the only one there is.",
            "level": "Of the area: one of the city's `levels`.",
            "body": "The members of a body that decides together; with `of: area` and `level`.",
            "member of": "A body, as another party names it; with `duty` only who holds that duty in it.",
            "duty": "Of a member: `chair`. Who is appointed to it holds the office `village-committee.chair`.",
            "unit that did": "The unit of a move, the last of several: `claim or assign`.",
            "role": "`named`: the unit the move named; `doer`: the one that did it. Not said: the named one, if any.",
            "never": "Who is shut out: `whoever did finish` (a person), `unit of finish`, `member of committee`.",
            "title": "Its name, here or under `titles`.",
        },
    ),
    "state": (
        keys.STATE,
        {
            "title": "Its name, here or under `titles`.",
            "held by": "The party that owes the next move. Only a notice (`lasts`) can do without.",
            "within": "A limit that is owed; past it the entry is overdue.",
            "lasts": "A notice or a pause; its end is the good way.",
            "waits for": "Something elsewhere: see below. One of the three, never two.",
            "else": "With `within` and `waits for`: the state the clock moves it to when the time is over.",
            "then": "With `lasts`: likewise. With `waits for`: where it leads when that has come.",
            "may": "The moves, by name.",
            "duties": "Obligations beside the limit.",
            "extend": "How the limit may grow.",
            "opens": "An entry on another board, opened on entering the state: see below.",
            "route": "Instead of all this: a fork.",
            "source": "Where the number comes from.",
        },
    ),
    "limit": (
        keys.LIMIT,
        {
            "amount": "`3 wd`, `5 d`, `2 h`, `8 wh`, `20 min`. Alone, it may stand behind `within:` itself.",
            "until": "Instead: a question of type `date`; it ends with that day's last closing.",
            "at most": "The ceiling of `until`: without it nothing could be promised.",
            "since": "Counted from a move, or from `raised`, not from entering the state.",
            "source": "Law, document and clause, or “the town's own”.",
        },
    ),
    "move": (
        keys.MOVE,
        {
            "by": "Who may make it; the state's holder if not said.",
            "to*": "A state, final or route; or `{solved is yes: struck, solved is no: reinstating}`. No answer leads "
            "nowhere, and none leads two ways.",
            "ask": "Questions in order. `remark?` may stay empty; `solved: if reached` is asked only then.",
            "show": "Proof: `photo`, `document`, `signature`; `photo before`; `{photo: if visible-work}`.",
            "if": "The condition under which it is offered.",
            "at most": "How many times in the entry's life.",
            "then": "Where it leads once that is used up; not said: it is offered no more.",
            "verifies": "`true`: a verdict of the raiser. `call-back` or `officer`: an official's word, shown as such.",
            "finishes": "`true`: it claims that the work is done, so it needs proof.",
            "joins": "`true`: it merges the entry into the one that was named.",
            "collect": "Several raisers: the question that is counted. See below.",
            "agreed by": "A party that must agree first, in a state of its own; asked once, or `at most` so often.",
            "agreed within": "Its limit; silence is a no.",
            "second": "Instead, `1 wd`: another person of the same party must agree, within so long.",
            "title": "Its name, here or under `titles`.",
            "opens": "An entry on another board: see below. With `agreed by`, once it was agreed to.",
            "source": "Where the number of `agreed within` or `second` comes from.",
        },
    ),
    "opens": (
        keys.OPENS,
        {
            "on*": "The mechanism. Alone, it may stand behind `opens:` itself.",
            "as": "Its opening; `opened` if not said.",
            "one for each": "A question of `many` answers: an entry for each line, else a single one.",
            "with": "What is told there: its question → ours; or `item`, the line; or `number`, our public number.",
        },
    ),
    "final": (
        keys.FINAL,
        {
            "means*": "What it counts as: see below.",
            "title": "Its name, here or under `titles`.",
            "recheck": "A share of those that end so is looked at again: see below.",
        },
    ),
    "recheck": (
        keys.RECHECK,
        {
            "share*": "How many in a hundred: `10`.",
            "after*": "How long after the end.",
            "opens*": "The entry that is opened then, as in a move, but one alone.",
            "source": "Where the numbers come from.",
        },
    ),
    "waits": (
        keys.WAITS,
        {
            "all opened": "Nothing behind it: all entries this one opened last have closed.",
            "entry": "Instead: the entry named in answer to this question has.",
            "facts": "Instead: somebody answers these questions, in a move `report`.",
            "from": "With `facts`: who tells them.",
            "until": "A question of type `date`: no longer than to the end of that day.",
            "at most*": "The longest it waits.",
            "source": "Where the number comes from.",
        },
    ),
    "collect": (
        keys.COLLECT,
        {
            "count*": "The question. More than half of those who answered decide; a tie is `no`.",
            "yes": "The answers that mean yes, best first (`[yes]`).",
            "no": "The answer that means no (`no`).",
            "enough": "Instead of the majority of raisers: so many like answers, of whoever the move is `by`.",
        },
    ),
    "route": (
        keys.ROUTE,
        {
            "at most*": "So many times …",
            "to*": "… it leads here,",
            "then*": "afterwards there.",
        },
    ),
    "duty": (
        keys.DUTY,
        {
            "title": "Its name, here or under `titles`.",
            "of*": "The party that owes it.",
            "ask": "As in a move.",
            "show": "As in a move.",
            "within": "Its limit; late is marked late, and nothing else happens.",
            "every": "Instead: `quarter`, with `by`.",
            "by": "`day 15 of next month`.",
            "runs on": "`true`: it lives on when the state is left.",
            "source": "Where the number comes from.",
        },
    ),
    "extend": (
        keys.EXTEND,
        {
            "ask by*": "Who asks.",
            "decided by*": "Who decides.",
            "ask before due*": "How long before the end it must be asked.",
            "decide within*": "How long the answer may take.",
            "no answer*": "`refused`, the only one there is.",
            "by at most*": "How much the limit may grow.",
            "times*": "How often.",
            "source": "Where the numbers come from.",
        },
    ),
    "span": (
        keys.SPAN,
        {
            "from*": "A move, or `raised`.",
            "to*": "The state that ends it.",
            "within*": "Its length.",
            "else*": "Where the clock leads.",
            "source": "Where the number comes from.",
        },
    ),
}

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


def _keys(name: str) -> Callable[[], str]:
    def table() -> str:
        known, said = KEYS[name]
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
        raise DeskError(f"The {what} differ: {', '.join(apart)}.", next_step="Correct src/jiebang/desk/reference.py.")


def _built_in() -> str:
    return rows(("party", "中文", "meaning"), ((f"`{k}`", zh, en) for k, (_, zh, en) in keys.BUILT_IN.items()))


def _not_yet() -> str:
    return rows(("key", "instead"), ((f"`{key}`", f"{en}.") for key, (_, en) in reading.NOT_YET.items()))


def _objections() -> str:
    found = sorted(objections.OBJECTIONS.values(), key=lambda one: one.rule)
    return rows(("rule", "what it says", "what to do"), ((one.rule, one.en, one.mend_en) for one in found))


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


def _engine_refusals() -> list[Shown]:
    return [Shown(code, one.rule, one.zh, one.en, one.next_zh, one.next_en) for code, one in refusals.REFUSALS.items()]


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
    "not-yet": _not_yet,
    "objections": _objections,
    "engine-refusals": _refusal_rows(_engine_refusals),
    "components": _components,
    "boards-refusals": _refusal_rows(lambda: _room_refusals("boards")),
    "rulebook-refusals": _refusal_rows(lambda: _room_refusals("rulebook")),
}

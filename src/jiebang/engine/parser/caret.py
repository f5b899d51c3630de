"""Where a caret stands in a mechanism file that is being written: under which keys, and behind which word.

A text that is being typed is wrong most of the time, so this reads lines and brackets, not YAML. It follows block
lines by their indentation and whatever is open in braces on the caret's own line. Maps in braces over several lines it
does not follow: there it says where the line begins.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_KEY = re.compile(r"""(?P<indent>[ ]*)(?:-[ ]+)?(?P<key>'[^']*'|"[^"]*"|[^\s#'"\[\]{},][^#'"\[\]{},]*?):(?=\s|$)""")
_OPEN, _CLOSE = "{[", "}]"


@dataclass(frozen=True, slots=True)
class Caret:
    """`path` are the keys above; `value` says that a value stands here, not a key. `start` is the column (from 0) where
    the word that is being typed begins; `beside` are the keys that are there already."""

    path: tuple[str, ...]
    value: bool
    word: str
    start: int
    beside: frozenset[str] = frozenset()


def caret(text: str, line: int, column: int | None = None) -> Caret:
    """Find where column `column` (from 0; its end if not said) of a line (from 1) stands."""
    rows = text.splitlines()
    row = rows[line - 1] if 0 < line <= len(rows) else ""
    before = row if column is None else row[:column]
    indent = len(before) - len(before.lstrip(" "))
    if not row.strip() and column is None:
        indent = _expected(rows[: line - 1])
    above = list(_above(rows[: max(line - 1, 0)], indent))
    found = _KEY.match(before)
    if found is None:
        word = before.strip()
        if word.startswith("- "):
            return _inside([*above], before, before.index("- ") + 2, value=True)
        if word.startswith(("{", "[")) and above:
            return _inside(above, before, len(before) - len(before.lstrip()), value=True)
        return Caret(tuple(above), False, word, len(before) - len(word), frozenset(_beside(rows, line, indent)))
    return _inside([*above, _bare(found["key"])], before, found.end(), value=True)


def keys_of(text: str) -> Iterator[tuple[tuple[str, ...], str]]:
    """Every key that begins a line, with the keys above it: what names a text has, even if it is no YAML yet."""
    rows = text.splitlines()
    stack: list[tuple[int, str]] = []
    for row in rows:
        found = _KEY.match(row)
        if found is None:
            continue
        indent = len(found["indent"])
        while stack and stack[-1][0] >= indent:
            stack.pop()
        yield tuple(key for _, key in stack), _bare(found["key"])
        stack.append((indent, _bare(found["key"])))


def _above(rows: Sequence[str], indent: int) -> list[str]:
    found: list[str] = []
    for row in reversed(rows):
        key = _KEY.match(row)
        if key is not None and len(key["indent"]) < indent:
            found.append(_bare(key["key"]))
            indent = len(key["indent"])
    return found[::-1]


def _expected(rows: Sequence[str]) -> int:
    """How far an empty line would be indented: as the line before it, and deeper after an open key."""
    for row in reversed(rows):
        if row.strip() and not row.lstrip().startswith("#"):
            indent = len(row) - len(row.lstrip(" "))
            return indent + 2 * row.rstrip().endswith(":")
    return 0


def _beside(rows: Sequence[str], line: int, indent: int) -> Iterator[str]:
    """The other keys of the same map, above and below."""
    for part in (reversed(rows[: line - 1]), iter(rows[line:])):
        for row in part:
            key = _KEY.match(row)
            if key is None:
                continue
            if len(key["indent"]) < indent:
                break
            if len(key["indent"]) == indent:
                yield _bare(key["key"])


@dataclass(slots=True)
class _Open:
    """A brace or bracket that is open. `key` is what stands before the colon, in a map."""

    is_map: bool
    keys: list[str]
    key: str = ""


def _inside(path: list[str], before: str, at: int, *, value: bool) -> Caret:
    """Follow braces from column `at` to the caret."""
    opened: list[_Open] = []
    start, quote = at, ""
    for i in range(at, len(before)):
        character = before[i]
        if quote:
            quote = "" if character == quote else quote
        elif character in "'\"" and not before[start:i].strip():
            quote = character
        elif character in _OPEN:
            opened.append(_Open(character == "{", []))
            start = i + 1
        elif character in _CLOSE and opened:
            opened.pop()
            start = i + 1
        elif character == "," and opened:
            opened[-1].key = ""
            start = i + 1
        elif character == ":" and before[i + 1 : i + 2] in ("", " ") and _waits(opened):
            opened[-1].key = _bare(before[start:i].strip())
            opened[-1].keys.append(opened[-1].key)
            start = i + 1
    word = before[start:].lstrip().lstrip("'\"")
    keys = [each.key for each in opened if each.key]
    beside = frozenset(opened[-1].keys) if opened else frozenset()
    return Caret((*path, *keys), value and not _waits(opened), word, len(before) - len(word), beside)


def _waits(opened: Sequence[_Open]) -> bool:
    """Whether a key comes next."""
    return bool(opened) and opened[-1].is_map and not opened[-1].key


def _bare(key: str) -> str:
    return key.strip().strip("'\"").strip()

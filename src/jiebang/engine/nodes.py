"""YAML 1.2 read into nodes that know their line, with everything refused that could surprise a reader or a server.

Only what a mechanism needs is let in: maps, lists and plain values. A file is refused before it is parsed when it is
larger than 256 kB or nested deeper than 30 by a scan of its bytes; anchors, aliases, tags, several documents and
duplicate keys are refused where they stand. Nodes are put together from the parser's events without recursion into
its composer, so no file can make the reading long or deep.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from jiebang.engine.findings import MechanismError
from jiebang.engine.objections import objection

MOST_BYTES = 256 * 1024
MOST_DEPTH = 30
_INTEGER = re.compile(r"-?\d{1,9}", re.ASCII)


@dataclass(slots=True)
class Scalar:
    text: str
    line: int
    quoted: bool
    at: tuple[int, int] = (0, 0)  # where it stands in the file, in characters

    @property
    def is_empty(self) -> bool:
        return not self.quoted and self.text in ("", "~", "null")

    @property
    def integer(self) -> int | None:
        return int(self.text) if not self.quoted and _INTEGER.fullmatch(self.text) else None

    @property
    def boolean(self) -> bool | None:
        return {"true": True, "false": False}.get(self.text) if not self.quoted else None


@dataclass(slots=True)
class Sequence:
    items: list[Node]
    line: int


@dataclass(slots=True)
class Mapping:
    items: dict[str, Node]
    line: int
    lines: dict[str, int] = field(default_factory=dict)  # of the keys
    keys: dict[str, Scalar] = field(default_factory=dict)  # as they are written
    table: str = ""  # which table of the schema its keys belong to, once that was found out


Node: TypeAlias = "Scalar | Sequence | Mapping"


def read(text: str | bytes, filename: str = "") -> Node:
    """Return the one document of a file.

    Raises:
        MechanismError: with one finding that names the line, the rule and the mend.
    """
    source = _scanned(text, filename)
    events = _events(source, filename)
    root: Node | None = None
    open_nodes: list[Sequence | Mapping] = []
    keys: list[tuple[str, int] | None] = []  # of each open mapping, the key that waits for its value
    for event in events:
        line = event.start_mark.line + 1
        if isinstance(event, DocumentStartEvent):
            if root is not None:
                raise _error(filename, line, "several-documents")
            continue
        _refuse_specials(event, line, filename)
        node: Node
        if isinstance(event, ScalarEvent):
            at = (event.start_mark.index, event.end_mark.index)
            node = Scalar(event.value, line, event.style in ("'", '"', "|", ">"), at)
        elif isinstance(event, MappingStartEvent):
            node = Mapping({}, line)
        elif isinstance(event, SequenceStartEvent):
            node = Sequence([], line)
        elif isinstance(event, MappingEndEvent | SequenceEndEvent):
            open_nodes.pop()
            keys.pop()
            continue
        else:
            continue
        if not open_nodes:
            root = node
        elif _placed(node, line, open_nodes[-1], keys, filename):
            continue
        if not isinstance(node, Scalar):
            open_nodes.append(node)
            keys.append(None)
            if len(open_nodes) > MOST_DEPTH:
                raise _too_deep(filename, line)
    if root is None:
        raise _error(filename, 1, "empty-file")
    return root


def _placed(
    node: Node, line: int, parent: Sequence | Mapping, keys: list[tuple[str, int] | None], filename: str
) -> bool:
    """Put a node into its parent; True when it was a key and opens nothing."""
    if isinstance(parent, Sequence):
        parent.items.append(node)
        return False
    waiting = keys[-1]
    if waiting is not None:
        if isinstance(node, Scalar) and not node.text and not node.quoted:
            node.line = waiting[1]  # of nothing YAML says where the next thing stands
        parent.items[waiting[0]] = node
        keys[-1] = None
        return False
    if not isinstance(node, Scalar):
        raise _error(filename, line, "odd-key")
    if node.text in parent.items:
        first = parent.lines[node.text]
        raise _error(filename, line, "duplicate-key", words=node.text, first=first)
    parent.lines[node.text] = line
    parent.items[node.text] = node
    parent.keys[node.text] = node
    keys[-1] = (node.text, line)
    return True


def _scanned(text: str | bytes, filename: str) -> str:
    """The file as text, if its size, its characters and its nesting can be answered for."""
    data = text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
    if len(data) > MOST_BYTES:
        raise _error(filename, 1, "too-large", size=len(data), most=MOST_BYTES)
    try:
        source = data.decode()
    except UnicodeDecodeError as wrong:
        line = data.count(b"\n", 0, wrong.start) + 1
        raise _error(filename, line, "not-utf8") from wrong
    depth = 0
    indents = [0]
    for number, row in enumerate(source.splitlines(), 1):
        bare = row.lstrip(" ")
        if not bare or bare.startswith("#"):
            continue
        indent = len(row) - len(bare)
        while indents and indents[-1] >= indent:
            indents.pop()
        indents.append(indent)
        for character in bare.partition(" #")[0]:
            if character in "[{":
                depth += 1
            elif character in "]}":
                depth = max(depth - 1, 0)
            if depth + len(indents) > MOST_DEPTH + 1:
                raise _too_deep(filename, number)
    return source.removeprefix("\ufeff")


def _events(source: str, filename: str) -> Iterator[Any]:
    yaml = YAML(typ="safe", pure=True)
    yaml.version = "1.2"
    try:
        yield from yaml.parse(source)
    except MarkedYAMLError as wrong:
        mark = wrong.problem_mark or wrong.context_mark
        problem = (wrong.problem or "").split("\n")[0]
        raise _error(filename, mark.line + 1 if mark else 1, "bad-yaml", problem=problem) from wrong
    except (YAMLError, RecursionError, ValueError) as wrong:
        raise _error(filename, 1, "bad-yaml-elsewhere", problem=str(wrong).splitlines()[0][:120]) from wrong


def _refuse_specials(event: Any, line: int, filename: str) -> None:
    if isinstance(event, AliasEvent) or getattr(event, "anchor", None):
        raise _error(filename, line, "anchor")
    tag = getattr(event, "tag", None)
    if tag and not (isinstance(event, ScalarEvent) and str(tag) == "!" and event.style):
        raise _error(filename, line, "tag")


def _too_deep(filename: str, line: int) -> MechanismError:
    return _error(filename, line, "too-deep", most=MOST_DEPTH)


def _error(filename: str, line: int, code: str, **words: str | int) -> MechanismError:
    return MechanismError([objection(code, filename, line, **words)])

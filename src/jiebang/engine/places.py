"""Where things stand in a mechanism file: the lines the checker's findings point at."""

from __future__ import annotations

from collections.abc import Iterator

from jiebang.engine import nodes
from jiebang.engine.parser import hearing
from jiebang.engine.tongues.tongue import Tongue


def lines_of(text: str | bytes, filename: str = "") -> dict[str, int]:
    """Return `states.raised.may.post` → line, for every key of the file, with English keys.

    Raises:
        MechanismError: the file cannot be read at all.
    """
    return dict(_lines(hearing.read(text, filename).root, ""))


def tongue_of(text: str | bytes) -> Tongue:
    """Return the tongue a file is written in: whoever has to mend it reads findings in its words.

    Raises:
        MechanismError: the file cannot be read at all.
    """
    return hearing.read(text).tongue


def _lines(node: nodes.Node, above: str) -> Iterator[tuple[str, int]]:
    if not isinstance(node, nodes.Mapping):
        return
    for key, line in node.lines.items():
        place = f"{above}.{key}" if above else key
        yield place, line
        yield from _lines(node.items[key], place)

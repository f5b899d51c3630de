"""Where things stand in a mechanism file: the lines the checker's findings point at."""

from __future__ import annotations

from collections.abc import Iterator

from jiebang.engine import nodes


def lines_of(text: str | bytes, filename: str = "") -> dict[str, int]:
    """Return `states.raised.may.post` → line, for every key of the file.

    Raises:
        MechanismError: the file cannot be read at all.
    """
    return dict(_lines(nodes.read(text, filename), ""))


def _lines(node: nodes.Node, above: str) -> Iterator[tuple[str, int]]:
    if not isinstance(node, nodes.Mapping):
        return
    for key, line in node.lines.items():
        place = f"{above}.{key}" if above else key
        yield place, line
        yield from _lines(node.items[key], place)

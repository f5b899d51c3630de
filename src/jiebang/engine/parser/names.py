"""What a file has said so far, and whether the names it uses are known."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from jiebang.engine.model import Field, Final, Move, Party, Route, Separation, Span, State, Taking
from jiebang.engine.nodes import Node
from jiebang.engine.reading import Reading


@dataclass(slots=True)
class Names(Reading):
    """One file being read: its parts by name, and what can only be looked at when every name is known."""

    vocabulary: Mapping[str, Any] = field(default_factory=dict)
    fields: dict[str, Field] = field(default_factory=dict)
    parties: dict[str, Party] = field(default_factory=dict)
    openings: dict[str, Move] = field(default_factory=dict)
    states: dict[str, State] = field(default_factory=dict)
    routes: dict[str, Route] = field(default_factory=dict)
    finals: dict[str, Final] = field(default_factory=dict)
    spans: dict[str, Span] = field(default_factory=dict)
    takings: dict[str, Taking] = field(default_factory=dict)
    separations: list[Separation] = field(default_factory=list)
    targets: set[str] = field(default_factory=set)
    used_parties: set[str] = field(default_factory=set)
    read_fields: dict[str, int] = field(default_factory=dict)  # read by conditions and limits → line
    move_names: set[str] = field(default_factory=set)
    proofs: set[str] = field(default_factory=set)
    later: list[Callable[[], None]] = field(default_factory=list)  # looked at when every name is known

    def moves_exist(self, moves: Iterable[str], line: int) -> None:
        for move in moves:
            if move not in self.move_names:
                self.unknown(line, move, ("动作", "move"), self.move_names)

    def by(self, node: Node | None, holder: str) -> tuple[str, ...]:
        names = self.words(node) if node is not None else (holder,)
        for name in names:
            if name not in self.parties:
                self.unknown(node.line if node else 0, name, ("参与方", "party"), self.parties)
        self.used_parties.update(names)
        return names

    def since(self, node: Node | None) -> str | None:
        if node is None:
            return None
        self.anchor_exists(self.text(node), node.line)
        return self.text(node)

    def anchor_exists(self, anchor: str, line: int) -> None:
        if anchor != "raised" and anchor not in self.move_names:
            self.unknown(line, anchor, ("动作", "move"), {"raised", *self.move_names})

    def target(self, node: Node | None) -> str:
        words = self.text(node)
        if words and node is not None:
            line = node.line

            def exists() -> None:
                if words not in self.targets:
                    self.unknown(line, words, ("状态", "state"), self.targets)

            self.later.append(exists)
        return words

"""A mechanism file, read and compiled into a `Program`.

The file says things the way an official would; the program is its normal form: titles in place, parties resolved,
`agreed by` drawn as a state of its own, the questions that conditions and limits read marked as logged. Whatever the
language does not have yet is refused with a sentence, never passed over. Every finding names its line.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, cast, get_args

from jiebang.engine import nodes
from jiebang.engine.findings import MechanismError
from jiebang.engine.lookups import OBJECT
from jiebang.engine.model import LogClass, Program
from jiebang.engine.nodes import Node
from jiebang.engine.parser import hearing, keys
from jiebang.engine.parser.linking import REPORT
from jiebang.engine.parser.notices import ANSWERED
from jiebang.engine.parser.states import StateReader
from jiebang.engine.reading import LANGUAGES


def parse(text: str | bytes, *, filename: str = "", vocabulary: Mapping[str, Any] | None = None) -> Program:
    """Compile a mechanism file, written with English keys or with Chinese ones.

    `vocabulary` has the pack's category lists by name, as read from `categories/<name>.yaml`: `choices from:
    categories/residents` takes the choices of `vocabulary["residents"]`.

    Raises:
        MechanismError: with every finding, in the order of the file.
    """
    heard = hearing.read(text, filename)
    reader = _Reader(filename, heard.findings, tongue=heard.tongue, vocabulary=vocabulary or {})
    program = reader.program(heard.root)
    if reader.findings or program is None:
        raise MechanismError(sorted(reader.findings, key=lambda finding: finding.line))
    return program


@dataclass(slots=True)
class _Reader(StateReader):
    """Reads one file, gathering findings instead of stopping at the first.

    Values that cannot be read are replaced by harmless ones, so that later parts are still looked at; a file with
    any finding compiles to nothing.
    """

    def program(self, root: Node) -> Program | None:
        top = self.map(root, keys.TOP, ("文件", "the file"))
        if top is None:
            return None
        title = top.items.get("title")
        if isinstance(title, nodes.Mapping):
            self.languages = tuple(lang for lang in LANGUAGES if lang in title.items) or LANGUAGES
        name = self.name(self.wanted(top, "mechanism"))
        since = self.text(self.wanted(top, "since"))
        if "since" in top.items and not _is_day(since):
            self.say(top.lines["since"], "not-a-day", since=since)
        own_title = self.texts(self.wanted(top, "title"))
        purpose = self.texts(top.items.get("purpose"))
        source = self.text(top.items.get("source"))
        log = cast(LogClass, self.one_of(self.wanted(top, "log"), get_args(LogClass), "open"))
        self.read_titles(top.items.get("titles"))
        self.read_fields_of(top.items.get("fields"))
        states = self.each(top.items.get("states"), "states")
        self.routes_and_names(states, top)
        self.read_parties(top.items.get("parties"))
        for key, node in self.each(self.wanted(top, "opening"), "opening"):
            move = self.move(key, node, "", ())
            if move is not None:
                self.openings[key] = move
        for key, node in states:
            if key not in self.routes:
                self.read_state(key, node)
        for key, node in self.each(self.wanted(top, "finals"), "finals"):
            self.read_final(key, node)
        for key, node in self.each(top.items.get("spans"), "spans"):
            self.read_span(key, node)
        for key, node in self.map_items(top.items.get("taken"), keys.TAKEN, ("taken", "taken")):
            self.read_taking(key, node)
        self.read_separations(top.items.get("separate"))
        for check in self.later:
            check()
        self.refuse_route_rings(top)
        self.refuse_idle_titles(top.items.get("titles"))
        self.mark_logged()
        if self.findings:
            return None
        needed = {party for party in self.parties if party not in keys.BUILT_IN or party in self.used_parties}
        return Program(
            id=name,
            since=since,
            title=own_title,
            purpose=purpose,
            log=log,
            parties={key: party for key, party in self.parties.items() if key in needed},
            fields=self.fields,
            openings=self.openings,
            states=self.states,
            routes=self.routes,
            finals=self.finals,
            spans=self.spans,
            source=source,
            takings=self.takings,
            separations=tuple(self.separations),
        )

    def read_titles(self, node: Node | None) -> None:
        for kind, entries in self.map_items(node, keys.TITLES, ("titles", "titles")):
            self.titles[kind] = {key: self.texts(value) for key, value in self.each(entries, kind)}

    def routes_and_names(self, states: list[tuple[str, Node]], top: nodes.Mapping) -> None:
        """Know every name first: moves lead to states that stand further down."""
        finals = top.items.get("finals")
        if isinstance(finals, nodes.Mapping):
            self.targets.update(finals.items)
        for key, node in states:
            if key in self.targets:
                self.say(node.line, "state-and-final", key=key)
            self.targets.add(key)
            if isinstance(node, nodes.Mapping):
                waits = node.items.get("waits for")
                if isinstance(waits, nodes.Mapping) and "facts" in waits.items:
                    self.move_names.add(REPORT)
                if "objections" in node.items:
                    self.move_names.update((OBJECT, ANSWERED))
                may = node.items.get("may")
                if isinstance(may, nodes.Mapping):
                    self.move_names.update(may.items)
                    if any(_is_agreed(move) for move in may.items.values()):
                        self.move_names.update(("agree", "disagree"))
                if "route" in node.items:
                    self.read_route(key, node)
        opening = top.items.get("opening")
        if isinstance(opening, nodes.Mapping):
            self.move_names.update(opening.items)

    def refuse_route_rings(self, top: nodes.Mapping) -> None:
        for route in self.routes.values():
            for start in (route.to, route.then):
                seen = [route.name]
                at = start
                while at in self.routes and at not in seen:
                    seen.append(at)
                    at = self.routes[at].then
                if at in seen:
                    self.say(top.lines["states"], "route-ring", ring=" → ".join([*seen, at]))
                    return

    def refuse_idle_titles(self, node: Node | None) -> None:
        """A title nobody bears is a slip of the pen: the one it was meant for has none, or an old one."""
        known = {
            "parties": set(self.parties),
            "moves": self.move_names,
            "states": {*self.states, *self.routes},
            "duties": {name for state in self.states.values() for name in state.duties},
            "finals": set(self.finals),
            "proofs": self.proofs,
            "seasons": self.season_names,
        }
        for kind, entries in self.map_items(node, keys.TITLES, ("titles", "titles")):
            for name, entry in self.each(entries, kind):
                if name not in known[kind]:
                    self.unknown(entry.line, name, ("名字", f"name in `{kind}`"), known[kind])

    def mark_logged(self) -> None:
        for name, asked in self.fields.items():
            line = self.read_fields.get(name)
            if line is None and asked.type not in ("unit", "entry") and not asked.logged:
                continue
            if asked.visible != "public":
                self.say(line or 0, "logged-but-hidden", name=name)
            self.fields[name] = replace(asked, logged=True)


def _is_day(words: str) -> bool:
    try:
        return bool(re.fullmatch(r"\d{4}-\d{2}-\d{2}", words, re.ASCII)) and bool(date.fromisoformat(words))
    except ValueError:
        return False


def _is_agreed(move: Node) -> bool:
    """Whether a move waits for somebody's agreement, which brings two moves of its own."""
    return isinstance(move, nodes.Mapping) and bool({"agreed by", "second"} & set(move.items))

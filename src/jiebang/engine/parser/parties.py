"""The parties of a mechanism file: who may act, and who is shut out all the same."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, cast

from jiebang.engine import nodes, wording
from jiebang.engine.model import Exclusion, Party, Separation, Texts
from jiebang.engine.nodes import Node
from jiebang.engine.parser import keys
from jiebang.engine.parser.fields import FieldReader


@dataclass(slots=True)
class PartyReader(FieldReader):
    """Reads parties."""

    def read_parties(self, node: Node | None) -> None:
        for key, (kind, zh, en) in keys.BUILT_IN.items():
            spoken = {"zh": zh, "en": en}
            title = self.titles.get("parties", {}).get(key) or {lang: spoken[lang] for lang in self.languages}
            self.parties[key] = Party(key, cast(Any, kind), title)
        for key, entry in self.each(node, "parties"):
            if key in keys.BUILT_IN:
                self.say(entry.line, "built-in-party", key=key)
                continue
            said = self.map(entry, keys.PARTY, (f"参与方“{key}”", f"party “{key}”"))
            if said is not None:
                self.parties[key] = self.party(key, said)

    def party(self, key: str, said: nodes.Mapping) -> Party:
        title = self.title("parties", key, said)
        never = self.exclusions(said.items.get("never"))
        role = self.one_of(said.items.get("role"), ("named", "doer"), "")
        if "unit that did" in said.items:
            self.only(said, ("unit that did", "role", "never", "title"))
            moves = wording.names_joined(self.text(said.items["unit that did"]))
            self.moves_exist(moves, said.items["unit that did"].line)
            return Party(key, "did", title, "", "", moves, cast(Any, role), never)
        if "staff of" in said.items:
            return self.staff(key, said, title, never)
        if "member of" in said.items:
            return self.member(key, said, title, never)
        for kind in ("office", "body"):
            if kind in said.items:
                self.only(said, (kind, "of", "level", "never", "title"))
                if "of" in said.items and self.text(said.items["of"]) != "area":
                    self.say(said.lines["of"], "of-area-only")
                office, level = self.name(said.items[kind]), self.name(self.wanted(said, "level"))
                return Party(key, "post", title, office, level, (), "", never, collective=kind == "body")
        self.say(said.line, "party-unsaid", key=key)
        return self.parties["unit"]

    def staff(self, key: str, said: nodes.Mapping, title: Texts, never: tuple[Exclusion, ...]) -> Party:
        """`staff of: area` at a level, of another party, or of the unit that did a move."""
        words = self.text(said.items["staff of"])
        self.only(said, ("staff of", "never", "title", *(("level",) if words == "area" else ())))
        if words == "area":
            return Party(key, "post", title, "staff", self.name(self.wanted(said, "level")), (), "", never)
        moves = wording.unit_that_did(words)
        if moves is not None:
            self.moves_exist(moves, said.items["staff of"].line)
            return Party(key, "did", title, "", "", moves, "doer", never)
        other = self.parties.get(words)
        if other is None or not other.is_official:
            self.unknown(said.items["staff of"].line, words, ("参与方", "party"), self.parties)
            return self.parties["unit"]
        return replace(other, name=key, title=title, never=other.never + never)

    def member(self, key: str, said: nodes.Mapping, title: Texts, never: tuple[Exclusion, ...]) -> Party:
        """A member of a body: any, or whoever holds a duty in it."""
        self.only(said, ("member of", "duty", "never", "title"))
        words = self.text(said.items["member of"])
        body = self.parties.get(words)
        if body is None or not body.collective:
            self.no_body(words, said.items["member of"].line)
            return self.parties["unit"]
        if "duty" not in said.items:
            return replace(body, name=key, title=title, never=body.never + never)
        office = f"{body.office}.{self.name(said.items['duty'])}"
        return Party(key, "post", title, office, body.level, (), "", body.never + never)

    def no_body(self, words: str, line: int) -> None:
        bodies = [name for name, party in self.parties.items() if party.collective]
        self.unknown(line, words, ("机构", "body"), bodies)

    def exclusions(self, node: Node | None) -> tuple[Exclusion, ...]:
        found = []
        for item in self.items(node):
            excluded = wording.exclusion(self.text(item))
            if excluded is None:
                self.say(item.line, "exclusion-unreadable", words=self.text(item))
                continue
            self.moves_exist(excluded.moves, item.line)
            if excluded.by == "member" and not self.is_body(excluded.party):
                self.no_body(excluded.party, item.line)
            found.append(excluded)
        return tuple(found)

    def is_body(self, name: str) -> bool:
        return name in self.parties and self.parties[name].collective

    def read_separations(self, node: Node | None) -> None:
        """`separate`: each part a list of moves, or `{by unit: [...]}`."""
        for item in self.items(node):
            by, listed = "person", item
            if isinstance(item, nodes.Mapping):
                said = self.map(item, keys.SEPARATE, ("separate", "separate"))
                if said is None or len(said.items) != 1:
                    self.say(item.line, "separate-two")
                    continue
                key, listed = next(iter(said.items.items()))
                by = key.removeprefix("by ")
            moves = self.words(listed)
            self.moves_exist(moves, item.line)
            if len(set(moves)) < 2 or len(set(moves)) < len(moves):
                self.say(item.line, "separate-two")
            self.separations.append(Separation(moves, cast(Any, by)))

"""What is asked and shown, under which condition, and where a move leads."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from jiebang.engine import nodes, wording
from jiebang.engine.conditions import passes
from jiebang.engine.model import Ask, Branch, Condition, Json, Proof, Test
from jiebang.engine.nodes import Node
from jiebang.engine.objections import joined
from jiebang.engine.parser import keys
from jiebang.engine.parser.parties import PartyReader
from jiebang.engine.reading import NO_TEXTS
from jiebang.engine.wording import Unreadable, cells

ALWAYS = Condition()


@dataclass(slots=True)
class ConditionReader(PartyReader):
    """Reads questions asked, proofs shown, conditions and branches."""

    def asks(self, node: Node | None) -> tuple[Ask, ...]:
        found: list[Ask] = []
        for item in self.items(node):
            when = ALWAYS
            if isinstance(item, nodes.Mapping) and len(item.items) == 1:
                words, value = next(iter(item.items.items()))
                when = self.condition_of(self.text(value).removeprefix("if "), item.line, ())
                if any(test.constants for test in when.tests):
                    self.say(item.line, "ask-on-number", words=words)
            else:
                words = self.text(item)
            name = words.removesuffix("?")
            if name not in self.fields:
                self.unknown(item.line, name, ("问题", "question"), self.fields)
                continue
            if any(ask.field == name for ask in found):
                self.say(item.line, "asked-twice", name=name)
            found.append(Ask(name, words.endswith("?"), when))
        return tuple(found)

    def shows(self, node: Node | None) -> tuple[Proof, ...]:
        found = []
        for item in self.items(node):
            if isinstance(item, nodes.Mapping):
                for words, value in item.items.items():
                    when = self.condition_of(self.text(value).removeprefix("if "), value.line, ())
                    found += [replace(proof, when=when) for proof in self.proof(words, item.line)]
            else:
                found += self.proof(self.text(item), item.line)
        return tuple(found)

    def proof(self, words: str, line: int) -> list[Proof]:
        proof = wording.proof(words)
        if proof is None:
            self.say(line, "proof-unknown", words=words)
            return []
        words = f"{proof.kind} {proof.label}".strip()
        self.proofs.add(words)
        return [replace(proof, title=self.titles.get("proofs", {}).get(words, NO_TEXTS))]

    # ── Where moves lead ──

    def branches(
        self, key: str, said: nodes.Mapping, asks: tuple[Ask, ...], duties: tuple[str, ...]
    ) -> tuple[Branch, ...]:
        node = self.wanted(said, "to")
        if isinstance(node, nodes.Mapping):
            found = tuple(
                Branch(
                    self.condition_of(words, node.lines[words], duties) if words != "else" else ALWAYS,
                    self.target(value),
                )
                for words, value in node.items.items()
            )
            self.look_at_else(node)
            if not any(branch.when.duties_done for branch in found):
                self.look_at_cover(key, node, found, asks)
            else:
                self.say(node.line, "way-on-duties")
            return found
        return (Branch(ALWAYS, self.target(node)),) if node is not None else ()

    def look_at_else(self, node: nodes.Mapping) -> None:
        """`else` takes what the others leave: it stands last, beside others."""
        if "else" in node.items and (len(node.items) == 1 or list(node.items)[-1] != "else"):
            self.say(node.lines["else"], "else-last")

    def look_at_cover(self, key: str, node: nodes.Mapping, branches: tuple[Branch, ...], asks: tuple[Ask, ...]) -> None:
        """Every combination of answers must lead one way, and only one."""
        tested = list(dict.fromkeys(test.field for branch in branches for test in branch.when.tests))
        asked = {ask.field: ask for ask in asks}
        tested += [
            test.field
            for name in tested
            if name in asked
            for test in asked[name].when.tests
            if test.field not in tested
        ]
        tested.sort(key=lambda name: [*asked, name].index(name))
        domains: list[list[Json]] = []
        every = [test for branch in branches for test in branch.when.tests]
        for name in tested:
            known = self.domain(name, every)
            ask = asked.get(name)
            certain = ask is not None and not ask.optional and not ask.when.tests
            domains.append([*known, *([] if certain else [None])])
        if math.prod(len(domain) for domain in domains) > keys.MOST_CELLS:
            self.say(node.line, "too-many-answers", key=key, most=keys.MOST_CELLS)
            return
        for cell in itertools.product(*domains):
            answers = dict(zip(tested, cell, strict=True))
            if not self.can_be(answers, asked):
                continue
            said = [branch for branch in branches if branch.when.tests]
            fitting = [branch.to for branch in said if self.all_pass(branch.when.tests, answers)]
            if len(fitting) == 1 or (not fitting and len(said) < len(branches)):
                continue
            shown = ", ".join(f"{name}: {'—' if value is None else value}" for name, value in answers.items())
            if fitting:
                self.say(node.line, "two-ways", key=key, shown=shown, ways=joined(fitting))
            else:
                self.say(node.line, "no-way", key=key, shown=shown)
            return

    def domain(self, name: str, tests: Iterable[Test]) -> tuple[Json, ...]:
        """Every answer these tests can tell apart."""
        field = self.fields.get(name)
        if field is None:
            return ()
        if field.type == "number":
            return cells(field.most, (c for test in tests if test.field == name for c in test.constants))
        return wording.answers_of(field) or ()

    def can_be(self, answers: Mapping[str, Json], asked: Mapping[str, Ask]) -> bool:
        """Whether these answers can be given together: a question that is not asked is not answered, and back."""
        for name, value in answers.items():
            ask = asked.get(name)
            if ask is not None and ask.when.tests:
                open_now = self.all_pass(ask.when.tests, answers)
                if (value is not None and not open_now) or (value is None and open_now and not ask.optional):
                    return False
        return True

    def all_pass(self, tests: Iterable[Test], answers: Mapping[str, Json]) -> bool:
        return all(passes(test, answers, self.fields) for test in tests)

    def condition(self, node: Node, duties: tuple[str, ...]) -> Condition:
        return self.condition_of(self.text(node), node.line, duties)

    def condition_of(self, words: str, line: int, duties: tuple[str, ...]) -> Condition:
        found = wording.condition(words, self.fields, duties)
        if isinstance(found, Unreadable):
            self.say(line, "condition-unreadable", words=words, part=found.part, why=(found.zh, found.en))
            return ALWAYS
        for test in found.tests:
            self.read_fields.setdefault(test.field, line)
        return found

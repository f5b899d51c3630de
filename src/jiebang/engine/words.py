"""A mechanism's titles and small sentences in one language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from jiebang.engine.dues import amount_title
from jiebang.engine.model import Condition, Limit, Program, Test, Texts
from jiebang.engine.refusals import in_language


@dataclass(frozen=True, slots=True)
class Words:
    """The mechanism's titles in one language, and those of the boards it opens entries on, where they are known."""

    program: Program
    lang: str
    boards: Mapping[str, Texts] = field(default_factory=dict)

    def board(self, mechanism: str) -> str:
        return self.of(self.boards.get(mechanism)) or mechanism

    @property
    def is_chinese(self) -> bool:
        return self.lang.startswith("zh")

    def pick(self, zh: str, en: str) -> str:
        return zh if self.is_chinese else en

    def of(self, texts: object) -> str:
        return in_language(texts, "zh" if self.is_chinese else "en") if isinstance(texts, dict) else ""

    def listed(self, said: Iterable[str], *, zh: str = "、", en: str = ", ") -> str:
        return self.pick(zh, en).join(said)

    def target(self, name: str) -> str:
        program = self.program
        for group in (program.states, program.finals, program.routes):
            if name in group:
                return self.of(group[name].title) or name
        return name

    def party(self, name: str) -> str:
        return self.of(self.program.parties[name].title) or name if name in self.program.parties else name

    def question(self, name: str) -> str:
        asked = self.program.fields.get(name)
        return (self.of(asked.title) if asked else "") or name

    def answer(self, question: str, value: str) -> str:
        asked = self.program.fields.get(question)
        for choice in asked.choices if asked else ():
            if choice.id == value:
                return self.of(choice.title) or value
        if asked and asked.type == "yes-no":
            return self.pick({"yes": "是", "no": "否"}.get(value, value), value)
        return value

    def mark(self, test: Test) -> str:
        asked = self.program.fields.get(test.field)
        carriers = [self.of(c.title) for c in asked.choices if test.mark in c.marks] if asked else []
        return self.listed(carriers[:3]) + ("…" if len(carriers) > 3 else "") if carriers else str(test.mark)

    def condition(self, condition: Condition) -> str:
        said = [self._test(test) for test in condition.tests]
        if condition.duties_done:
            but = self.listed(f"“{self.duty(name)}”" for name in condition.but)
            said.append(
                self.pick(
                    f"除{but}外的义务都已完成" if but else "义务都已完成",
                    f"all duties but {but} are done" if but else "all duties are done",
                )
            )
        return self.listed(said, zh="，且", en=" and ")

    def _test(self, test: Test) -> str:
        question = self.question(test.field).rstrip("?？")
        asked = self.program.fields.get(test.field)
        if asked and asked.type == "yes-no":
            value = "yes" if (test.values == ("yes",)) != test.negated else "no"
            return self.pick(f"{question}：{self.answer(test.field, value)}", f"{question}: {value}")
        if test.constants:
            return self._number(question, test)
        if test.mark:
            values = self.mark(test)
        else:
            said = (self.answer(test.field, value) for value in test.values)
            values = self.listed((f"“{one}”" for one in said), zh="或", en=" or ")
        # What was asked stands beside it already: `Is it solved? is Yes` reads worse than the answer alone.
        if question != self.question(test.field) or question.endswith("吗"):
            return self.pick(
                f"{'没有' if test.negated else ''}答{values}", f"{'not ' if test.negated else ''}answered {values}"
            )
        verb = ("不是", "is not") if test.negated else ("为", "is")
        return self.pick(f"{question}{verb[0]}{values}", f"{question} {verb[1]} {values}")

    def _number(self, question: str, test: Test) -> str:
        sides = (("至少", "at least", test.at_least), ("低于", "below", test.below))
        zh = "且".join(f"{word}{n}" for word, _, n in sides if n is not None)
        en = " and ".join(f"{word} {n}" for _, word, n in sides if n is not None)
        return self.pick(f"{question}{zh}", f"{question} is {en}")

    def limit(self, limit: Limit) -> str:
        amount = self.of(amount_title(limit.amount)) if limit.amount else ""
        if limit.until:
            ceiling = self.of(amount_title(limit.ceiling)) if limit.ceiling else ""
            said = self.pick(f"到“{self.question(limit.until)}”为止", f"until the “{self.question(limit.until)}”")
            said += self.pick(f"，最多 {ceiling}", f", at most {ceiling}") if ceiling else ""
        else:
            said = amount
        if limit.since == "raised":
            said += self.pick("（从提出算起）", " (counted from when it was raised)")
        elif limit.since:
            said += self.pick(f"（从“{self.move(limit.since)}”算起）", f" (counted from “{self.move(limit.since)}”)")
        return said

    def duty(self, name: str) -> str:
        for state in self.program.states.values():
            if name in state.duties:
                return self.of(state.duties[name].title) or name
        return name

    def move(self, name: str) -> str:
        for state in self.program.states.values():
            if name in state.moves:
                return self.of(state.moves[name].title) or name
        opening = self.program.openings.get(name)
        return (self.of(opening.title) if opening else "") or name

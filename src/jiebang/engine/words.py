"""A mechanism's titles and small sentences in one language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from jiebang.engine.almanac import Almanac
from jiebang.engine.dues import amount_title
from jiebang.engine.model import Amount, Condition, Json, Limit, LimitCase, Program, Requirement, Test, Texts
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
        if limit.until:
            ceiling = self.length(limit.ceiling)
            said = self.pick(f"到“{self.question(limit.until)}”为止", f"until the “{self.question(limit.until)}”")
            said += self.pick(f"，最多 {ceiling}", f", at most {ceiling}") if ceiling else ""
        elif limit.by:
            said = self._by_answer(limit)
        else:
            said = self._row_or_length(limit.plain, limit.policy)
        for season in limit.during:
            length = self.length(season.amount)
            said += self.pick(f"；{self.of(season.title)}内 {length}", f"; during {self.of(season.title)} {length}")
        if limit.since == "raised":
            said += self.pick("（从提出算起）", " (counted from when it was raised)")
        elif limit.since:
            said += self.pick(f"（从“{self.move(limit.since)}”算起）", f" (counted from “{self.move(limit.since)}”)")
        return said

    def length(self, amount: Amount | None) -> str:
        return self.of(amount_title(amount)) if amount else ""

    def _row_or_length(self, amount: Amount | None, policy: str) -> str:
        length = self.length(amount)
        return self.pick(f"依政策，最多 {length}", f"by policy, at most {length}") if policy else length

    def _by_answer(self, limit: Limit) -> str:
        said = [f"{self.case(limit, case)} {self._row_or_length(case.amount, case.policy)}" for case in limit.cases]
        if limit.plain:
            length = self._row_or_length(limit.plain, limit.policy)
            said.append(self.pick(f"其余 {length}", f"otherwise {length}"))
        listed = self.listed(said, zh="；", en="; ")
        question = self.question(limit.by).rstrip("?？")
        return self.pick(f"按“{question}”：{listed}", f"by “{question}”: {listed}")

    def applied(self, limit: Limit, answers: Mapping[str, Json], rows: Sequence[str], almanac: Almanac) -> str:
        """Which of several lengths an entry was given: by its answers, by a policy's row, in a season; `rows` are what
        its event names. Nothing where there is one length only."""
        said = []
        if limit.by:
            answer = str(answers.get(limit.by) or "")
            question = self.question(limit.by).rstrip("?？")
            given = self.answer(limit.by, answer) if answer else self.pick("未答", "not answered")
            said.append(self.pick(f"{question}：{given}", f"{question}: {given}"))
        lengths = [almanac.named(name) for name in rows]
        taken = limit.taken(answers)
        said += [self.length(row.amount) for row in lengths if row is not None]
        if limit.by and len(taken) == 1 and not rows:
            said.append(self.length(taken[0][0]))
        seasons = {name.split("@")[0] for name in rows}
        for season in limit.during:
            if season.season in seasons:
                length = self.length(season.amount)
                title = self.of(season.title)
                said.append(self.pick(f"{title}内最多 {length}", f"during {title} at most {length}"))
        return self.listed(said, zh="，", en=", ")

    def case(self, limit: Limit, case: LimitCase) -> str:
        return self.listed((self.answer(limit.by, value) for value in case.values), zh="、", en=" or ")

    def requirement(self, one: Requirement) -> str:
        """What an answer must be: `Day of the meeting: at least 10 days after today`."""
        question = self.question(one.field).rstrip("?？")
        if one.side != "match":
            since = self.question(one.since) if one.since else self.pick("当天", "that day")
            length = self.length(one.amount)
            if one.side == "at-least":
                return self.pick(
                    f"{question}：{since}之后至少 {length}", f"{question}: at least {length} after {since}"
                )
            return self.pick(f"{question}：{since}之后 {length}以内", f"{question}: at most {length} after {since}")
        by = self.question(one.by).rstrip("?？")
        said = []
        for case in one.cases:
            values = self.listed((self.answer(one.by, value) for value in case.values), zh="、", en=" or ")
            said.append(f"{values} → {self.answer(one.field, case.must)}")
        if one.other:
            said.append(f"{self.pick('其余', 'otherwise')} → {self.answer(one.field, one.other)}")
        listed = self.listed(said, zh="；", en="; ")
        return self.pick(f"{question}按“{by}”：{listed}", f"{question} by “{by}”: {listed}")

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

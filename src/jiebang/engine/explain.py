"""A mechanism in plain words: who may do what by when, then what; and how long it can take.

`rows` is the table the web page draws, `explain` the same as text for a terminal, `promises` the sentences published
with the mechanism. All speak the reader's language and the mechanism's own titles.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from jiebang.engine.answers import proof_title
from jiebang.engine.bounds import Bounds, Unbounded, bounds_of
from jiebang.engine.dues import amount_title
from jiebang.engine.model import Ask, Condition, Duty, Limit, Meaning, Move, Program, Route, State, Test
from jiebang.engine.refusals import in_language
from jiebang.engine.worktime import Calendar


@dataclass(frozen=True, slots=True)
class Target:
    """Where a step leads, and when ("" : always)."""

    name: str
    title: str
    when: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing somebody may do in a state."""

    name: str
    title: str
    who: str
    needs: tuple[str, ...]
    to: tuple[Target, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """One state: who owes the next step, by when, what the clock does then, and what may be done.

    `kind` is "owed" (somebody holds it and can be late) or "notice" (its end is the good end). `left` is the longest
    it can still take from here.
    """

    name: str
    title: str
    kind: str
    holder: str
    limit: str
    source: str
    then: tuple[Target, ...]
    steps: tuple[Step, ...]
    duties: tuple[str, ...] = ()
    left: str = ""


@dataclass(frozen=True, slots=True)
class End:
    name: str
    title: str
    means: Meaning
    meaning: str


@dataclass(frozen=True, slots=True)
class Explained:
    """A whole mechanism, ready to be drawn."""

    title: str
    purpose: str
    source: str
    since: str
    openings: tuple[Step, ...]
    rows: tuple[Row, ...]
    ends: tuple[End, ...]
    spans: tuple[str, ...] = ()
    promises: tuple[str, ...] = field(default=())
    takings: tuple[str, ...] = ()
    separations: tuple[str, ...] = ()


_MEANINGS: dict[Meaning, tuple[str, str]] = {
    "solved": ("办成了，并经核实", "solved, and verified by someone else"),
    "explained": ("办不了，已说明理由", "could not be done; the reason was given"),
    "withdrawn": ("提出人撤回", "taken back by whoever raised it"),
    "joined": ("并入另一件事项", "merged into another entry"),
    "lapsed": ("提出人一直没有答复；不算满意", "whoever raised it stayed silent; never counted as satisfied"),
    "failed": ("没有人在时限内答复；一直公开列在榜上", "the city stayed silent; it stays on the board for all to see"),
}


def explain(
    program: Program,
    lang: str,
    *,
    bounds: Bounds | None = None,
    calendar: Calendar | None = None,
    cite: Callable[[str], str] = str,
) -> str:
    """The plain table as text. `cite` says a source as the reader should see it: a file may name only its key."""
    said = explained(program, lang, bounds=bounds, calendar=calendar)
    rows = tuple(replace(row, source=cite(row.source) if row.source else "") for row in said.rows)
    source = cite(said.source) if said.source else ""
    return "\n".join(_text(replace(said, source=source, rows=rows), _Words(program, lang)))


def explained(
    program: Program, lang: str, *, bounds: Bounds | None = None, calendar: Calendar | None = None
) -> Explained:
    """The plain table as structured rows. Closing times are left out where the checker would refuse them."""
    words = _Words(program, lang)
    if bounds is None:
        try:
            bounds = bounds_of(program, calendar)
        except Unbounded:
            bounds = None
    return Explained(
        words.of(program.title),
        words.of(program.purpose),
        program.source,
        program.since,
        tuple(_step(words, move, "") for move in program.openings.values()),
        tuple(_row(words, state, bounds) for state in program.states.values()),
        tuple(
            End(final.name, words.of(final.title), final.means, words.pick(*_MEANINGS[final.means]))
            for final in program.finals.values()
        ),
        tuple(_spans(words)),
        tuple(promises(program, bounds, lang)) if bounds else (),
        tuple(_takings(words)),
        tuple(_separations(words)),
    )


def promises(program: Program, bounds: Bounds, lang: str) -> Iterator[str]:
    """The three closing times as sentences anybody can hold the city to."""
    words = _Words(program, lang)
    silent_end = words.target(bounds.silent_end)
    main_end = words.target(bounds.main_end)
    silent, main, worst = (length.said(lang) for length in (bounds.silent, bounds.main, bounds.worst))
    yield words.pick(
        f"如果谁都不办：最多 {silent}后以“{silent_end}”结束。",
        f"If nobody does anything, it ends as “{silent_end}” after {silent}.",
    )
    if bounds.main_end:
        yield words.pick(
            f"正常办理、每一步都用满时限：最多 {main}后“{main_end}”。",
            f"In the ordinary way, with every limit used up, it is “{main_end}” after {main}.",
        )
    yield words.pick(
        f"最坏的情况：无论怎样拖延、退回、复号，最多 {worst}一定有结果。",
        f"At the very worst, however often it is sent back, there is a result after {worst}.",
    )
    if bounds.worst.calendar_days is not None:
        yield words.pick(
            "日历日按已公布的放假安排中最不利的开始日期计算；系统停机的时间另计。",
            "Calendar days are counted from the worst day to begin in the published calendars; outages come on top.",
        )


# ── Words ───────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class _Words:
    """The mechanism's titles in one language."""

    program: Program
    lang: str

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


def _row(words: _Words, state: State, bounds: Bounds | None) -> Row:
    left = bounds.remaining.get(state.name) if bounds else None
    return Row(
        state.name,
        words.of(state.title) or state.name,
        "owed" if state.limit.kind == "within" else "notice",
        words.party(state.holder) if state.holder else "",
        words.limit(state.limit),
        state.limit.source or state.limit.policy,
        tuple(_targets(words, state.clock_to, "")),
        tuple(_step(words, move, state.holder) for move in state.moves.values()),
        tuple(_duty(words, duty) for duty in state.duties.values()),
        left.said(words.lang) if left else "",
    )


def _step(words: _Words, move: Move, holder: str) -> Step:
    needs = [_asked(words, ask) for ask in move.ask]
    for proof in move.show:
        shown = words.of(dict(proof_title(proof)))
        when = words.condition(proof.when)
        needs.append(words.pick(f"{shown}（{when}时）", f"{shown} (if {when})") if when else shown)
    notes: list[str] = []
    if move.when.tests or move.when.duties_done:
        notes.append(words.pick("条件：", "only if ") + words.condition(move.when))
    if move.at_most is not None:
        times = words.pick(f"最多 {move.at_most} 次", f"at most {move.at_most} time{'s' if move.at_most != 1 else ''}")
        after = words.target(move.then) if move.then else ""
        notes.append(times + (words.pick(f"，之后 → {after}", f", then → {after}") if after else ""))
    if move.verifies:
        notes.append(words.pick("核实", "verifies the result"))
    if move.collect:
        notes.append(words.pick("几位提出人时，按多数", "several raisers: the majority decides"))
    to = tuple(target for branch in move.to for target in _targets(words, branch.to, words.condition(branch.when)))
    return Step(
        move.name,
        words.of(move.title) or move.name,
        words.listed((words.party(name) for name in move.by), zh="或", en=" or "),
        tuple(needs),
        to,
        tuple(notes),
    )


def _asked(words: _Words, ask: Ask) -> str:
    question = words.question(ask.field)
    if ask.when.tests:
        when = words.condition(ask.when)
        return words.pick(f"{question}（{when}时）", f"{question} (if {when})")
    return words.pick(f"{question}（可不填）", f"{question} (optional)") if ask.optional else question


def _targets(words: _Words, name: str, when: str) -> Iterator[Target]:
    """A route is said as the two places it leads to, with how often it goes the first way."""
    route = words.program.routes.get(name)
    if route is None:
        yield Target(name, words.target(name), when)
        return
    yield from _ways(words, route, when, seen=frozenset({name}))


def _ways(words: _Words, route: Route, when: str, *, seen: frozenset[str]) -> Iterator[Target]:
    first = words.pick(f"前 {route.at_most} 次", f"the first {route.at_most} time{'s' if route.at_most != 1 else ''}")
    later = words.pick("之后", "after that")
    for name, how in ((route.to, first), (route.then, later)):
        said = words.listed([part for part in (when, how) if part], zh="，", en=", ")
        inner = words.program.routes.get(name)
        if inner is not None and name not in seen:
            yield from _ways(words, inner, said, seen=seen | {name})
        else:
            yield Target(name, words.target(name), said)


def _duty(words: _Words, duty: Duty) -> str:
    title = words.of(duty.title) or duty.name
    limit = words.of(amount_title(duty.limit)) if duty.limit else ""
    if duty.every:
        limit = words.pick("每季度", "every quarter")
    said = f"{words.party(duty.of)}{words.pick('：', ': ')}{title}"
    said += words.pick(f"（{limit}）", f" ({limit})") if limit else ""
    return said + (words.pick("，离开此步后仍须做", ", also after this step is left") if duty.runs_on else "")


def _spans(words: _Words) -> Iterator[str]:
    for span in words.program.spans.values():
        amount = words.of(amount_title(span.amount))
        begin = words.pick("提出", "being raised") if span.from_move == "raised" else f"“{words.move(span.from_move)}”"
        end, then = words.target(span.to_state), words.target(span.clock_to)
        yield words.pick(
            f"从{begin}到“{end}”总共最多 {amount}，不论退回几次；逾期转到“{then}”。",
            f"From {begin} to “{end}” it takes {amount} at most, however often it is sent back; then “{then}”.",
        )


def _takings(words: _Words) -> Iterator[str]:
    """How a raiser without telephone or code is heard."""
    for how, taking in words.program.takings.items():
        who = words.listed((words.party(name) for name in taking.by), zh="或", en=" or ")
        moves = words.listed(f"“{words.move(name)}”" for name in taking.of)
        asked = words.listed(f"“{_asked(words, ask)}”" for ask in taking.ask)
        if how == "proxy":
            zh, en = "由亲属代办", "Through a relative"
        else:
            zh, en = "本人到窗口", "In person at the window"
        said = words.pick(f"{zh}，由{who}代录{moves}", f"{en}, {who} may take down {moves}")
        yield said + (
            words.pick(f"；须填：{asked}。", f"; asked besides: {asked}.") if asked else words.pick("。", ".")
        )


def _separations(words: _Words) -> Iterator[str]:
    for one in words.program.separations:
        moves = words.listed((f"“{words.move(name)}”" for name in one.moves), zh="和", en=" and ")
        yield words.pick(
            f"{moves}不能由同{'一单位' if one.by == 'unit' else '一人'}来做。",
            f"{moves} are never made by the same {one.by}.",
        )


# ── Text ────────────────────────────────────────────────────────────────────────────────────────────────────


def _text(said: Explained, words: _Words) -> Iterator[str]:
    yield said.title + words.pick(f"（自 {said.since} 起）", f" (since {said.since})")
    if said.purpose:
        yield said.purpose
    if said.source:
        yield words.pick("依据：", "Source: ") + said.source
    yield ""
    for step in said.openings:
        yield _line(step, words)
    for row in said.rows:
        yield ""
        yield f"■ {row.title}"
        yield "  " + _owed(row, words)
        for step in row.steps:
            yield "  " + _line(step, words)
        for duty in row.duties:
            yield words.pick("  同时须做：", "  Also owed: ") + duty
        if row.left:
            yield words.pick(f"  从这里起最多还要 {row.left}", f"  From here at most {row.left}")
    yield ""
    for end in said.ends:
        yield f"□ {end.title}{words.pick('：', ': ')}{end.meaning}"
    if said.spans or said.promises or said.takings or said.separations:
        yield ""
    yield from said.separations
    yield from said.takings
    yield from said.spans
    yield from said.promises


def _owed(row: Row, words: _Words) -> str:
    then = _arrow(row.then, words)
    source = words.pick(f"（依据：{row.source}）", f" ({row.source})") if row.source else ""
    if row.kind == "notice":
        return words.pick(f"为期 {row.limit}{source}；期满 → {then}", f"Lasts {row.limit}{source}; then → {then}")
    return words.pick(
        f"由{row.holder}负责，时限：{row.limit}{source}；逾期 → {then}",
        f"Held by {row.holder}; limit {row.limit}{source}; late → {then}",
    )


def _line(step: Step, words: _Words) -> str:
    line = f"· {step.who}{words.pick('：', ': ')}{step.title} → {_arrow(step.to, words)}"
    extra = [*step.notes]
    if step.needs:
        extra.append(words.pick("须填：", "asks: ") + words.listed(step.needs))
    return line + (
        words.pick("（", " (") + words.listed(extra, zh="；", en="; ") + words.pick("）", ")") if extra else ""
    )


def _arrow(targets: Sequence[Target], words: _Words) -> str:
    return words.listed(
        (f"{t.title}{words.pick(f'（{t.when}）', f' ({t.when})')}" if t.when else t.title for t in targets),
        zh=" / ",
        en=" / ",
    )

"""A mechanism in plain words: who may do what by when, then what; and how long it can take.

`rows` is the table the web page draws (`plain.explain` is the same as text), `promises` the sentences published
with the mechanism. All speak the reader's language and the mechanism's own titles.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from jiebang.engine.answers import proof_title
from jiebang.engine.bounds import Bounds, Unbounded, bounds_of
from jiebang.engine.dues import amount_title
from jiebang.engine.lookups import OBJECT
from jiebang.engine.model import (
    Ask,
    Collect,
    Duty,
    Final,
    Meaning,
    Move,
    Objections,
    Opens,
    Outcome,
    Program,
    Route,
    State,
    Texts,
)
from jiebang.engine.words import Words
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

    `kind` is "owed" (somebody holds it and can be late), "notice" (its end is the good end) or "waiting" (for something
    elsewhere; `ended` says where that leads). `left` is the longest it can still take from here.
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
    ended: tuple[Target, ...] = ()
    opens: str = ""


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


_ENDED: dict[Meaning, tuple[str, str]] = {
    "solved": ("办成", "solved"),
    "explained": ("已说明理由", "explained"),
    "withdrawn": ("撤回", "withdrawn"),
    "joined": ("并入别件", "merged"),
    "lapsed": ("提出人未答复", "lapsed"),
    "failed": ("未兑现", "failed"),
}


def explained(
    program: Program,
    lang: str,
    *,
    bounds: Bounds | None = None,
    calendar: Calendar | None = None,
    boards: Mapping[str, Texts] | None = None,
) -> Explained:
    """The plain table as structured rows. Closing times are left out where the checker would refuse them; `boards` has
    the titles of mechanisms on which entries are opened."""
    words = Words(program, lang, boards or {})
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
            End(final.name, words.of(final.title), final.means, _meaning(words, final))
            for final in program.finals.values()
        ),
        tuple(_spans(words)),
        tuple(promises(program, bounds, lang)) if bounds else (),
        tuple(_takings(words)),
        tuple(_separations(words)),
    )


def _meaning(words: Words, final: Final) -> str:
    """What an end means, and how many of those that end so are looked at again."""
    meaning = words.pick(*_MEANINGS[final.means]) + _raised_again(words, final)
    again = final.recheck
    if again is None:
        return meaning
    after = words.of(amount_title(again.after))
    board = words.board(again.opens.mechanism)
    return words.pick(
        f"{meaning}；抽 {again.share}% 在 {after}后回头看，另在“{board}”开出事项",
        f"{meaning}; {again.share} % are looked at again after {after}, as entries on “{board}”",
    )


def _raised_again(words: Words, final: Final) -> str:
    """Who may raise it again, and how long."""
    clause = final.again
    if clause is None:
        return ""
    who = words.listed((words.party(name) for name in clause.by), zh="或", en=" or ")
    within = words.of(amount_title(clause.within))
    return words.pick(
        f"；{within}内{who}可以再次提出，另立一件相连的新事项",
        f"; {who} may raise it again within {within}, as a new entry linked to it",
    )


def promises(program: Program, bounds: Bounds, lang: str) -> Iterator[str]:
    """The three closing times as sentences anybody can hold the city to."""
    words = Words(program, lang)
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


def _row(words: Words, state: State, bounds: Bounds | None) -> Row:
    left = bounds.remaining.get(state.name) if bounds else None
    return Row(
        state.name,
        words.of(state.title) or state.name,
        {"within": "owed", "lasts": "notice", "waits": "waiting"}[state.limit.kind],
        words.party(state.holder) if state.holder else "",
        words.limit(state.limit),
        " / ".join(state.limit.sources),
        tuple(_targets(words, state.clock_to, "")),
        (
            *(_step(words, move, state.holder) for move in state.moves.values()),
            *([_objecting(words, state.objections)] if state.objections else []),
        ),
        tuple(_duty(words, duty) for duty in state.duties.values()),
        left.said(words.lang) if left else "",
        tuple(target for way in state.waits.ways for target in _targets(words, way.to, _outcome(words, state, way)))
        if state.waits
        else (),
        _opens(words, state.opens) if state.opens else "",
    )


def _outcome(words: Words, state: State, way: Outcome) -> str:
    """How what was waited for has ended: `all of it: solved`."""
    if not way.how:
        return words.pick("其余结果", "otherwise") if len(state.waits.ways if state.waits else ()) > 1 else ""
    means = words.listed((words.pick(*_ENDED[one]) for one in way.means), zh="或", en=" or ")
    if state.waits is not None and state.waits.kind == "entry":
        return means
    return words.pick(f"{'全部' if way.how == 'all' else '有的'}{means}", f"{way.how} {means}")


def _opens(words: Words, opens: Opens) -> str:
    """On which board an entry is opened, and for what each."""
    board = words.board(opens.mechanism)
    if not opens.each:
        return words.pick(f"在“{board}”开出一件事项", f"opens an entry on “{board}”")
    each = words.question(opens.each)
    return words.pick(f"“{each}”的每一项在“{board}”开出一件事项", f"opens an entry on “{board}” for each of “{each}”")


def _step(words: Words, move: Move, holder: str) -> Step:
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
    notes += [words.requirement(one) for one in move.require]
    if move.verifies:
        notes.append(words.pick("核实", "verifies the result"))
    if move.opens:
        notes.append(_opens(words, move.opens))
    if move.collect:
        notes.append(voices(words, move.collect))
    to = tuple(target for branch in move.to for target in _targets(words, branch.to, words.condition(branch.when)))
    return Step(
        move.name,
        words.of(move.title) or move.name,
        words.listed((words.party(name) for name in move.by), zh="或", en=" or "),
        tuple(needs),
        to,
        tuple(notes),
    )


def _objecting(words: Words, clause: Objections) -> Step:
    """What may be said against a notice, who answers it in which time, and what happens if nobody does."""
    levels = words.listed(
        (words.party(level.by) + words.pick("（", " (") + words.of(amount_title(level.within)) + words.pick("）", ")"))
        for level in clause.levels
    )  # fmt: skip
    notes = [words.pick(f"每人最多 {clause.each} 次", f"at most {clause.each} a person")]
    if clause.window:
        window = words.of(amount_title(clause.window))
        notes.append(words.pick(f"公示开始后 {window}内", f"in the first {window} of the notice"))
    notes.append(words.pick(f"由{levels}答复", f"answered by {levels}"))
    if len(clause.levels) > 1:
        notes.append(words.pick("逾期由后一级答复", "past a limit by the next one"))
    if clause.hold_up:
        notes.append(words.pick("答复之前公示不结束", "the notice does not end before the answer"))
    return Step(
        OBJECT,
        words.of(clause.title) or OBJECT,
        words.listed((words.party(name) for name in clause.by), zh="或", en=" or "),
        tuple(_asked(words, ask) for ask in clause.ask),
        tuple(_targets(words, clause.to, words.pick("无人答复", "nobody answers"))),
        tuple(notes),
    )


def voices(words: Words, collect: Collect) -> str:
    """How many voices decide."""
    if collect.share is not None:
        share, asked = collect.share, words.question(collect.share.question).rstrip("?？")
        part = f"{share.n}/{share.of}"
        return words.pick(
            f"每人一票，{'超过' if share.over else '达到'}“{asked}”的 {part} 即定",
            f"one voice each: {'more than ' if share.over else ''}{part} of “{asked}” decide",
        )
    if collect.enough:
        return words.pick(f"每人一票，{collect.enough} 票相同即定", f"one voice each: {collect.enough} alike decide")
    return words.pick("几位提出人时，按多数", "several raisers: the majority decides")


def _asked(words: Words, ask: Ask) -> str:
    question = words.question(ask.field)
    if ask.when.tests:
        when = words.condition(ask.when)
        return words.pick(f"{question}（{when}时）", f"{question} (if {when})")
    return words.pick(f"{question}（可不填）", f"{question} (optional)") if ask.optional else question


def _targets(words: Words, name: str, when: str) -> Iterator[Target]:
    """A route is said as the two places it leads to, with how often it goes the first way."""
    route = words.program.routes.get(name)
    if route is None:
        yield Target(name, words.target(name), when)
        return
    yield from _ways(words, route, when, seen=frozenset({name}))


def _ways(words: Words, route: Route, when: str, *, seen: frozenset[str]) -> Iterator[Target]:
    first = words.pick(f"前 {route.at_most} 次", f"the first {route.at_most} time{'s' if route.at_most != 1 else ''}")
    later = words.pick("之后", "after that")
    for name, how in ((route.to, first), (route.then, later)):
        said = words.listed([part for part in (when, how) if part], zh="，", en=", ")
        inner = words.program.routes.get(name)
        if inner is not None and name not in seen:
            yield from _ways(words, inner, said, seen=seen | {name})
        else:
            yield Target(name, words.target(name), said)


def _duty(words: Words, duty: Duty) -> str:
    title = words.of(duty.title) or duty.name
    limit = words.of(amount_title(duty.limit)) if duty.limit else ""
    if duty.every:
        limit = {
            "quarter": words.pick("每季度", "every quarter"),
            "month": words.pick("每月", "every month"),
        }.get(duty.every) or words.pick(f"每 {limit}", f"every {limit}")
    said = f"{words.party(duty.of)}{words.pick('：', ': ')}{title}"
    said += words.pick(f"（{limit}）", f" ({limit})") if limit else ""
    return said + (words.pick("，离开此步后仍须做", ", also after this step is left") if duty.runs_on else "")


def _spans(words: Words) -> Iterator[str]:
    for span in words.program.spans.values():
        amount = words.of(amount_title(span.amount))
        begin = words.pick("提出", "being raised") if span.from_move == "raised" else f"“{words.move(span.from_move)}”"
        end, then = words.target(span.to_state), words.target(span.clock_to)
        yield words.pick(
            f"从{begin}到“{end}”总共最多 {amount}，不论退回几次；逾期转到“{then}”。",
            f"From {begin} to “{end}” it takes {amount} at most, however often it is sent back; then “{then}”.",
        )


def _takings(words: Words) -> Iterator[str]:
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


def _separations(words: Words) -> Iterator[str]:
    for one in words.program.separations:
        moves = words.listed((f"“{words.move(name)}”" for name in one.moves), zh="和", en=" and ")
        yield words.pick(
            f"{moves}不能由同{'一单位' if one.by == 'unit' else '一人'}来做。",
            f"{moves} are never made by the same {one.by}.",
        )

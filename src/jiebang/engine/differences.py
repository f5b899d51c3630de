"""What changed between two versions of a mechanism, in words and in the order an official reads it.

Each difference is a sentence for each language. Titles and texts are left out: they decide nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeVar

from jiebang.engine.bounds import Unbounded, bounds_of
from jiebang.engine.dues import amount_title
from jiebang.engine.explain import voices
from jiebang.engine.model import Amount, Duty, Move, Program, State, Texts
from jiebang.engine.words import Words
from jiebang.engine.worktime import Calendar

LANGUAGES = ("zh", "en")
T = TypeVar("T")


def differences(old: Program, new: Program, *, calendar: Calendar | None = None) -> list[Texts]:
    """Return the differences that matter, as sentences by language; none when the two decide the same."""
    sides = {lang: (Words(old, lang), Words(new, lang)) for lang in LANGUAGES}
    said = {lang: list(_said(*sides[lang], calendar)) for lang in LANGUAGES}
    return [dict(zip(LANGUAGES, pair, strict=True)) for pair in zip(*said.values(), strict=True)]


def _said(old: Words, new: Words, calendar: Calendar | None) -> Iterator[str]:
    before, after = old.program, new.program
    pick = new.pick
    yield from _bounds(old, new, calendar)
    if before.log != after.log:
        yield pick(f"公开程度：{before.log} → {after.log}", f"Log class: {before.log} → {after.log}")
    for name in _gone(before.states, after.states):
        yield pick(f"去掉了状态“{old.target(name)}”", f"State removed: “{old.target(name)}”")
    for name, state in after.states.items():
        if name not in before.states:
            limit = new.limit(state.limit)
            yield pick(
                f"新增状态“{new.target(name)}”：{new.party(state.holder)}，{limit}",
                f"State added: “{new.target(name)}”: {new.party(state.holder)}, {limit}",
            )
        else:
            yield from _state(old, new, before.states[name], state)
    for name in _gone(before.finals, after.finals):
        yield pick(f"去掉了终态“{old.target(name)}”", f"Final removed: “{old.target(name)}”")
    for name, final in after.finals.items():
        earlier = before.finals.get(name)
        if earlier is None:
            yield pick(
                f"新增终态“{new.target(name)}”（{final.means}）", f"Final added: “{new.target(name)}” ({final.means})"
            )
        elif earlier.means != final.means:
            yield pick(
                f"终态“{new.target(name)}”：{earlier.means} → {final.means}",
                f"Final “{new.target(name)}”: {earlier.means} → {final.means}",
            )
    for name in sorted({*before.finals, *after.finals}):
        yield from _changed(pick(f"“{new.target(name)}”的再次提出", f"“{new.target(name)}”: raised again"),
                            _again(old, name), _again(new, name), new)  # fmt: skip
    yield from _moves(old, new, before.openings, after.openings, pick("提出", "raising"))
    for name in sorted({*before.routes, *after.routes}):
        yield from _changed(pick(f"岔路“{new.target(name)}”", f"Route “{new.target(name)}”"),
                            _route(old, name), _route(new, name), new)  # fmt: skip
    for name in sorted({*before.parties, *after.parties}):
        one, other = before.parties.get(name), after.parties.get(name)
        if (one is None) != (other is None) or (one and other and _deciding(one) != _deciding(other)):
            yield pick(
                f"角色“{(new if other else old).party(name)}”变了",
                f"Party changed: “{(new if other else old).party(name)}”",
            )
    for name, field in after.fields.items():
        asked = before.fields.get(name)
        if asked is not None and asked.visible != field.visible:
            yield pick(
                f"“{new.question(name)}”谁能看：{asked.visible} → {field.visible}",
                f"“{new.question(name)}” may be seen by: {asked.visible} → {field.visible}",
            )
    for name in sorted({*before.spans, *after.spans}):
        yield from _changed(pick(f"期限“{name}”", f"Span “{name}”"), _span(old, name), _span(new, name), new)
    if before.separations != after.separations:
        yield pick("须由不同的人或单位做的动作变了", "What no one person or unit may both do has changed")
    if before.takings != after.takings:
        yield pick("代录提出人的话的方式变了", "How a raiser's word is taken down has changed")


def _bounds(old: Words, new: Words, calendar: Calendar | None) -> Iterator[str]:
    try:
        one, other = bounds_of(old.program, calendar), bounds_of(new.program, calendar)
    except Unbounded:
        return
    for zh, en, before, after in (
        ("最坏的情况", "Worst case", one.worst, other.worst),
        ("正常办理", "Main path", one.main, other.main),
        ("没有人办理", "If nobody acts", one.silent, other.silent),
    ):
        if before.said(new.lang) != after.said(new.lang):
            yield f"{new.pick(zh, en)}{new.pick('：', ': ')}{before.said(new.lang)} → {after.said(new.lang)}"


def _state(old: Words, new: Words, before: State, after: State) -> Iterator[str]:
    at = new.pick(f"“{new.target(after.name)}”", f"“{new.target(after.name)}”")
    yield from _changed(
        at + new.pick("的责任人", " is held by"), old.party(before.holder), new.party(after.holder), new
    )
    yield from _changed(at + new.pick("的时限", ": limit"), _limit(old, before), _limit(new, after), new)
    yield from _changed(
        at + new.pick("时限届满后", ": then"), old.target(before.clock_to), new.target(after.clock_to), new
    )
    yield from _moves(old, new, before.moves, after.moves, at)
    for name in sorted({*before.duties, *after.duties}):
        title = (new if name in after.duties else old).duty(name)
        yield from _changed(
            at + new.pick(f"的义务“{title}”", f": duty “{title}”"),
            _duty(old, before.duties.get(name)),
            _duty(new, after.duties.get(name)),
            new,
        )
    yield from _changed(at + new.pick("的延期", ": extension"), _extend(old, before), _extend(new, after), new)
    yield from _changed(at + new.pick("的异议", ": objections"), _objections(old, before), _objections(new, after), new)
    if before.waits != after.waits or before.opens != after.opens:
        yield at + new.pick("等待或开出的事项变了", ": what it waits for or opens has changed")


def _moves(old: Words, new: Words, before: Mapping[str, Move], after: Mapping[str, Move], at: str) -> Iterator[str]:
    for name in _gone(before, after):
        yield at + new.pick(f"去掉了动作“{old.move(name)}”", f": move removed: “{old.move(name)}”")
    for name, move in after.items():
        title = new.of(move.title) or name
        if name not in before:
            yield at + new.pick(f"新增动作“{title}”：{_who(new, move)} → {_ways(new, move)}",
                                f": move added: “{title}”: {_who(new, move)} → {_ways(new, move)}")  # fmt: skip
            continue
        one = before[name]
        here = at + new.pick(f"中的“{title}”", f", “{title}”")
        for zh, en, was, now in (
            ("由谁做", "made by", _who(old, one), _who(new, move)),
            ("去向", "leads to", _ways(old, one), _ways(new, move)),
            ("条件", "only if", old.condition(one.when), new.condition(move.when)),
            ("要问", "asks", _asks(old, one), _asks(new, move)),
            ("要出示", "shows", _shows(one), _shows(move)),
            ("要求", "requires", _requires(old, one), _requires(new, move)),
            ("最多几次", "at most", str(one.at_most or ""), str(move.at_most or "")),
            (
                "几票定",
                "decided by",
                *(voices(w, m.collect) if m.collect else "" for w, m in ((old, one), (new, move))),
            ),
            ("性质", "counts as", _marks(new, one), _marks(new, move)),
        ):
            yield from _changed(here + new.pick(zh, f" {en}"), was, now, new)


def _changed(what: str, before: str, after: str, words: Words) -> Iterator[str]:
    if before != after:
        nothing = words.pick("无", "nothing")
        yield f"{what}{words.pick('：', ': ')}{before or nothing} → {after or nothing}"


def _gone(before: Mapping[str, T], after: Mapping[str, T]) -> list[str]:
    return [name for name in before if name not in after]


# ── Parts in words ──────────────────────────────────────────────────────────────────────────────────────────


def _requires(words: Words, move: Move) -> str:
    return words.listed(words.requirement(one) for one in move.require)


def _limit(words: Words, state: State) -> str:
    kind = {"within": ("限时", "within"), "lasts": ("公示", "lasts"), "waits": ("等待", "waits")}[state.limit.kind]
    return f"{words.pick(*kind)} {words.limit(state.limit)}"


def _amount(words: Words, amount: Amount | None) -> str:
    return words.of(amount_title(amount)) if amount else ""


def _who(words: Words, move: Move) -> str:
    return words.listed(words.party(name) for name in move.by)


def _ways(words: Words, move: Move) -> str:
    ways = []
    for branch in move.to:
        when = words.condition(branch.when)
        ways.append(words.target(branch.to) + (words.pick(f"（{when}）", f" ({when})") if when else ""))
    if move.then is not None:
        ways.append(words.target(move.then) + words.pick("（次数用完）", " (once used up)"))
    return words.listed(ways, zh=" / ", en=" / ")


def _asks(words: Words, move: Move) -> str:
    return words.listed(f"“{words.question(ask.field)}”{'?' if ask.optional else ''}" for ask in move.ask)


def _shows(move: Move) -> str:
    return ", ".join(f"{proof.kind} {proof.label}".strip() for proof in move.show)


def _marks(words: Words, move: Move) -> str:
    marks = (
        (move.verifies, words.pick("核实", "a verdict")),
        (move.finishes, words.pick("宣称办完", "work finished")),
        (move.joins, words.pick("合并", "a merge")),
        (move.collect is not None, words.pick("多人表决", "counted of several")),
    )
    return words.listed(word for true, word in marks if true)


def _duty(words: Words, duty: Duty | None) -> str:
    if duty is None:
        return ""
    limit = " ".join(part for part in (duty.every, _amount(words, duty.limit)) if part)
    return words.party(duty.of) + (f" ({limit})" if limit else "")


def _extend(words: Words, state: State) -> str:
    extend = state.extend
    if extend is None:
        return ""
    return f"{words.party(extend.decided_by)}: {_amount(words, extend.most)} × {extend.times}"


def _objections(words: Words, state: State) -> str:
    clause = state.objections
    if clause is None:
        return ""
    who = words.listed(words.party(name) for name in clause.by)
    levels = words.listed(
        (f"{words.party(level.by)} {_amount(words, level.within)}" for level in clause.levels), zh="，再", en=", then "
    )
    window = _amount(words, clause.window) or words.pick("公示期内", "while the notice lasts")
    ways = words.pick(f"无人答复转“{words.target(clause.to)}”", f"unanswered: “{words.target(clause.to)}”")
    holds = words.pick("，顺延公示", ", holding up the notice") if clause.hold_up else ""
    return words.pick(
        f"{who}，{window}，每人 {clause.each} 次；{levels}{holds}；{ways}",
        f"{who}, {window}, {clause.each} a person; {levels}{holds}; {ways}",
    )


def _again(words: Words, name: str) -> str:
    final = words.program.finals.get(name)
    clause = final.again if final else None
    return f"{words.listed(map(words.party, clause.by))}, {_amount(words, clause.within)}" if clause else ""


def _route(words: Words, name: str) -> str:
    route = words.program.routes.get(name)
    return f"{words.target(route.to)} × {route.at_most}, {words.target(route.then)}" if route else ""


def _span(words: Words, name: str) -> str:
    span = words.program.spans.get(name)
    if span is None:
        return ""
    begins = words.pick("提出", "raised") if span.from_move == "raised" else words.move(span.from_move)
    return f"{begins} – {words.target(span.to_state)}: {_amount(words, span.amount)}, {words.target(span.clock_to)}"


def _deciding(party: object) -> object:
    return {name: getattr(party, name) for name in ("kind", "office", "level", "moves", "role", "never", "collective")}

"""What must hold before a mechanism may be published.

Rules (the letters stand in the findings and on the published page):

    P0      everything that is named exists
    S1–S4   every state can be reached; from each a final can be reached; finals have no way out; nothing can never be
    D1–D4   every state has a holder and one bounded limit; silence ends; every circle has laps; laps stay countable
    G1–G3   whatever the answers, the holder has a move and each move leads somewhere, to one place; conditions read
            public, logged answers only, so that outsiders can replay them
    V1–V4   nobody is counted as solved without another party's word; work claimed is work shown; the city's silence
            ends in `failed`; a raiser's word taken down by an official says how they were known, and the unit that
            did the work does not take it
    O2, O3  a duty fits into its state; duties are never the only way out
    L1      numbers have a source

D1, D2 and D3 together give the closing times of `jiebang.engine.bounds`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product

from jiebang.engine.bounds import Bounds, Unbounded, bounds_of, longest
from jiebang.engine.conditions import holds
from jiebang.engine.findings import Finding, Severity
from jiebang.engine.graph import START, Edge, Graph, avoidable, graph_of
from jiebang.engine.model import Amount, Ask, Condition, Duty, Json, Move, Party, Program, State, Test
from jiebang.engine.worktime import Calendar

MOST_CASES = 20_000  # combinations of answers tried for one move


@dataclass(frozen=True, slots=True)
class Report:
    """What the checker found, and the closing times when they can be computed."""

    findings: tuple[Finding, ...]
    bounds: Bounds | None

    @property
    def errors(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.severity == "error")

    @property
    def ok(self) -> bool:
        return not self.errors


def check(
    program: Program,
    *,
    calendar: Calendar | None = None,
    lines: Mapping[str, int] | None = None,
    filename: str = "",
) -> Report:
    """Check a compiled mechanism. `lines` maps places such as `states.raised.may.post` to lines of the file.

    With a calendar the closing times are also measured in calendar days.
    """
    case = _Case(program, graph_of(program), calendar, lines or {}, filename)
    _names(case)
    if any(finding.severity == "error" for finding in case.found):
        return Report(tuple(case.found), None)  # the graph would lack edges: every other rule would speak nonsense
    _reaching(case)
    _limits(case)
    _conditions(case)
    _verification(case)
    _silence(case)
    _duties(case)
    _sources(case)
    bounds = None
    try:
        bounds = bounds_of(program, calendar, case.graph)
        _reaching_with_laps(case, bounds)
    except Unbounded as unbounded:
        if unbounded.rule == "D4":
            _too_many_laps(case, unbounded.nodes)
    return Report(tuple(case.found), bounds)


@dataclass(slots=True)
class _Case:
    """One check under way: what is looked at and what was found."""

    program: Program
    graph: Graph
    calendar: Calendar | None
    lines: Mapping[str, int]
    filename: str
    found: list[Finding] = field(default_factory=list)

    def say(
        self,
        rule: str,
        at: str,
        zh: str,
        en: str,
        mend_zh: str,
        mend_en: str,
        severity: Severity = "error",
    ) -> None:
        self.found.append(Finding(self.filename, self.line(at), rule, zh, en, mend_zh, mend_en, severity))

    def line(self, at: str) -> int:
        """The line of a place, or of the nearest one around it."""
        parts = at.split(".")
        while parts:
            if line := self.lines.get(".".join(parts)):
                return line
            parts.pop()
        return 0


# ── P0: everything named exists ─────────────────────────────────────────────────────────────────────────────


def _names(case: _Case) -> None:
    program = case.program
    moves = {name for state in program.states.values() for name in state.moves} | {*program.openings}
    targets = {*program.states, *program.routes, *program.finals}

    def known(kind_zh: str, kind_en: str, name: str, among: Collection[str], at: str) -> None:
        if name not in among:
            case.say(
                "P0",
                at,
                f"没有名为“{name}”的{kind_zh}。",
                f'There is no {kind_en} called "{name}".',
                _nearest_zh(name, among),
                _nearest_en(name, among),
            )

    def target(name: str, at: str) -> None:
        known("状态、岔路或终态", "state, route or final", name, targets, at)

    def condition(condition: Condition, at: str) -> None:
        for test in condition.tests:
            known("问题", "question", test.field, program.fields, at)

    def asked(asks: Iterable[Ask], at: str) -> None:
        for ask in asks:
            known("问题", "question", ask.field, program.fields, at)
            condition(ask.when, at)

    def move_names(move: Move, at: str) -> None:
        for party in move.by:
            known("角色", "party", party, program.parties, at)
        for branch in move.to:
            target(branch.to, at)
            condition(branch.when, at)
        if move.then is not None:
            target(move.then, at)
        condition(move.when, at)
        asked(move.ask, at)
        for proof in move.show:
            condition(proof.when, at)
        if move.collect:
            known("问题", "question", move.collect.field, program.fields, at)

    for party in program.parties.values():
        for name in [*party.moves, *(move for never in party.never for move in never.moves)]:
            known("动作", "move", name, moves, f"parties.{party.name}")
    for name, opening in program.openings.items():
        move_names(opening, f"opening.{name}")
    for state in program.states.values():
        at = f"states.{state.name}"
        if state.holder:
            known("角色", "party", state.holder, program.parties, at)
        if state.clock_to:
            target(state.clock_to, at)
        for name, move in state.moves.items():
            move_names(move, f"{at}.may.{name}")
        for name, duty in state.duties.items():
            known("角色", "party", duty.of, program.parties, f"{at}.duties.{name}")
            asked(duty.ask, f"{at}.duties.{name}")
        if state.extend:
            known("角色", "party", state.extend.asked_by, program.parties, f"{at}.extend")
            known("角色", "party", state.extend.decided_by, program.parties, f"{at}.extend")
        if state.limit.until:
            known("问题", "question", state.limit.until, program.fields, f"{at}.within")
        if state.limit.since and state.limit.since != "raised":
            known("动作", "move", state.limit.since, moves, f"{at}.within")
    for route in program.routes.values():
        target(route.to, f"states.{route.name}")
        target(route.then, f"states.{route.name}")
    for span in program.spans.values():
        at = f"spans.{span.name}"
        if span.from_move != "raised":
            known("动作", "move", span.from_move, moves, at)
        known("状态或终态", "state or final", span.to_state, targets, at)
        target(span.clock_to, at)
    for kind, names in (("openings", program.openings), ("finals", program.finals)):
        if not names:
            word_zh = {"openings": "提出方式（opening）", "finals": "终态（finals）"}[kind]
            case.say(
                "P0",
                kind,
                f"没有任何{word_zh}。",
                f"There are no {kind}.",
                "请至少写一个。",
                "Write at least one.",
            )


def _nearest_zh(name: str, among: Collection[str]) -> str:
    nearest = _nearest(name, among)
    return f"是不是“{nearest}”？改正拼写，或补上它。" if nearest else "请补上它，或改正拼写。"


def _nearest_en(name: str, among: Collection[str]) -> str:
    nearest = _nearest(name, among)
    return f'Did you mean "{nearest}"? Correct the spelling, or add it.' if nearest else "Add it, or correct the name."


def _nearest(name: str, among: Collection[str]) -> str:
    from difflib import get_close_matches  # only when something is wrong already

    return next(iter(get_close_matches(name, sorted(among), n=1)), "")


# ── S: every state has a way in and a way out ───────────────────────────────────────────────────────────────


def _reaching(case: _Case) -> None:
    program, graph = case.program, case.graph
    reached = graph.reachable()
    for name in [*program.states, *program.routes]:
        if name not in reached:
            case.say(
                "S1",
                f"states.{name}",
                f"没有任何动作通向“{name}”。",
                f'Nothing leads to "{name}".',
                "请让某个动作或逾期转通向它，或删掉它。",
                "Let a move or a limit lead there, or delete it.",
            )
    for name in program.finals:
        if name not in reached:
            case.say(
                "S1",
                f"finals.{name}",
                f"没有任何动作通向终态“{name}”。",
                f'Nothing leads to the final "{name}".',
                "请让某个动作通向它，或删掉它。",
                "Let a move lead there, or delete it.",
                "warning",
            )
    ending = graph.leading_to(program.finals)
    for name in [*program.states, *program.routes]:
        if name in reached and name not in ending:
            case.say(
                "S2",
                f"states.{name}",
                f"从“{name}”出发到不了任何终态。",
                f'No final can be reached from "{name}".',
                "请加一个通向终态的动作，或改正“逾期转”（else）。",
                "Add a move that leads towards a final, or correct its `else`.",
            )
    for name in program.finals:
        if name in program.states or name in program.routes or graph.out.get(name):
            case.say(
                "S3",
                f"finals.{name}",
                f"终态“{name}”还有出路。",
                f'The final "{name}" has a way out.',
                "终态不再变动；需要复查时，另立一件相连的新事项。",
                "A final stays final; for a recheck open a linked new entry.",
            )


def _reaching_with_laps(case: _Case, bounds: Bounds) -> None:
    """S1 once more: a way that opens only when laps are used up that never can be is no way."""
    for name in sorted(case.graph.reachable() & set(case.program.states) - set(bounds.remaining)):
        case.say(
            "S1",
            f"states.{name}",
            f"只有某个动作用完次数才通向“{name}”，而它的次数用不完。",
            f'Only a move that is used up leads to "{name}", and it can never be used up.',
            "请改正那个动作的 at most 和 then，或删掉这个状态。",
            "Correct that move's `at most` and `then`, or delete the state.",
        )


# ── D: silence ends, and soon enough to say when ────────────────────────────────────────────────────────────


def _limits(case: _Case) -> None:
    program, graph = case.program, case.graph
    for state in program.states.values():
        at = f"states.{state.name}"
        limit = state.limit
        if limit.amount is None and limit.until is None:
            _d1(
                case,
                at,
                state,
                "没有时限",
                "has no limit",
                "请写 within（办理时限）或 lasts（公示期）。",
                "Give it `within` or `lasts`.",
            )
        elif limit.amount is not None and limit.until is not None:
            _d1(case, at, state, "有两个时限", "has two limits", "只留一个。", "Keep one of them.")
        elif limit.until is not None and limit.ceiling is None:
            _d1(
                case,
                at,
                state,
                f"等到“{limit.until}”，但没有上限",
                f"waits until {limit.until} without a ceiling",
                "请加上限，如 at most: 15 wd。",
                "Add a ceiling, such as `at most: 15 wd`.",
            )
        for amount in (limit.amount, limit.ceiling):
            if amount is not None and amount.n < 1:
                _d1(case, at, state, "的时限不足 1", "has a limit below 1", "请写 1 或更多。", "Write 1 or more.")
        if limit.since and state.name in graph.reachable() & avoidable(graph, limit.since):
            case.say(
                "D1",
                f"{at}.{limit.kind}",
                f"“{state.name}”的时限从“{limit.since}”算起，但有的来路没有做过它，那时只能从进入算起。",
                f'The limit of "{state.name}" counts from "{limit.since}", but some ways in come without it; there it '
                "counts from entering.",
                "请让每条来路都有这个动作（不同状态里的动作可以同名），或去掉 since。",
                "Let every way in pass a move of that name (moves of several states may share one), or drop `since`.",
                "warning",
            )
        if not state.clock_to:
            _d1(
                case,
                at,
                state,
                "没有写时限届满后转到哪里",
                "does not say where the clock leads",
                "请写 else（或公示的 then）。",
                "Write its `else` (a notice's `then`).",
            )
        if limit.kind == "within":
            holder = program.parties.get(state.holder)
            if holder is None:
                _d1(case, at, state, "没有责任人", "has no holder", "请写 held by。", "Write `held by`.")
            elif holder.kind in ("anyone", "clock"):
                _d1(
                    case,
                    at,
                    state,
                    f"的责任人是“{holder.name}”，找不到具体的人负责",
                    f'is held by "{holder.name}", whom nobody can call to account',
                    "请指定提出人、岗位或单位。",
                    "Name the raiser, an office or a unit.",
                )
    silent = graph.circle(along=lambda edge: edge.kind == "clock" or edge.source in program.routes)
    if silent is not None:
        case.say(
            "D2",
            f"states.{silent[0]}",
            f"无人办理时会一直绕圈：{_arrows(silent, round_again=True)}。",
            f"If nobody acts, the clock runs in a circle: {_arrows(silent, round_again=True)}.",
            "请让其中一个 else 通向更高一级或终态。",
            "Let one of these limits lead to someone higher, or to a final.",
        )
        return
    circle = graph.circle(along=lambda edge: not edge.limited)
    if circle is not None:
        case.say(
            "D3",
            f"states.{circle[0]}",
            f"可以无限次绕圈：{_arrows(circle, round_again=True)}。",
            f"An entry can go round for ever: {_arrows(circle, round_again=True)}.",
            "请给圈里的一个动作加 at most（最多几次）和 then（用完后去哪里）。",
            "Give one move of the circle `at most`, and `then` for when it is used up.",
        )


def _d1(case: _Case, at: str, state: State, zh: str, en: str, mend_zh: str, mend_en: str) -> None:
    case.say("D1", at, f"“{state.name}”{zh}。", f'"{state.name}" {en}.', mend_zh, mend_en)


def _too_many_laps(case: _Case, nodes: Sequence[str]) -> None:
    limited = sorted({edge.lap for node in nodes for edge in case.graph.out.get(node, ()) if edge.lap})
    case.say(
        "D4",
        f"states.{nodes[0]}",
        f"同一个圈里限次的动作太多（{'、'.join(limited)}），算不出最长时间。",
        f"One circle holds too many lap limits ({', '.join(limited)}) to compute the worst case.",
        "请让几个动作共用一条岔路（route），或减少次数。",
        "Let several of them share one route, or lower `at most`.",
    )


# ── G: conditions ───────────────────────────────────────────────────────────────────────────────────────────


def _conditions(case: _Case) -> None:
    program = case.program
    answers = _Answers(case)
    for name, opening in program.openings.items():
        _branches(case, answers, START, opening, f"opening.{name}")
    for state in program.states.values():
        if state.name not in answers.sure:
            continue  # S1 has spoken
        for name, move in state.moves.items():
            at = f"states.{state.name}.may.{name}"
            _readable(case, move, at)
            _branches(case, answers, state.name, move, at)
        if state.limit.kind == "within":
            _holder_can_move(case, answers, state)
        if state.limit.until:
            _public(case, state.limit.until, f"states.{state.name}.within")
            if program.fields[state.limit.until].type != "date":
                case.say(
                    "G3",
                    f"states.{state.name}.within",
                    f"“{state.limit.until}”不是日期，不能作时限。",
                    f'"{state.limit.until}" is no date, so it cannot be a limit.',
                    "请改用日期问题。",
                    "Ask for a date.",
                )


def _readable(case: _Case, move: Move, at: str) -> None:
    """G3: what decides must be public and in the log. Questions asked in turn count too: they shape the form."""
    conditions = [move.when, *(branch.when for branch in move.to), *(proof.when for proof in move.show)]
    for name in sorted({test.field for condition in conditions for test in condition.tests}):
        _public(case, name, at)


def _public(case: _Case, name: str, at: str) -> None:
    asked = case.program.fields[name]
    if asked.visible != "public" or not asked.logged:
        case.say(
            "G3",
            at,
            f"条件读取“{name}”，但它不是公开、入日志的答案，外人无法复核。",
            f'A condition reads "{name}", which is not a public, logged answer: outsiders cannot replay it.',
            "请改用公开的选择题，或把它设为 visible: public。",
            "Test a public choice instead, or make the question `visible: public`.",
        )


class _Answers:
    """Which answers an entry surely has, or may have, in each state; and every case a condition can meet."""

    def __init__(self, case: _Case) -> None:
        self._case = case
        self._program = case.program
        self.possible = self._gathered(every_way=False)
        self.sure = self._gathered(every_way=True)

    def _gathered(self, *, every_way: bool) -> dict[str, frozenset[str]]:
        """Questions answered on every way to a node (or on some way): a fixpoint over the edges."""
        graph = self._case.graph
        everything = frozenset(self._program.fields)
        reached = graph.reachable()
        known = {node: everything if every_way else frozenset[str]() for node in reached}
        known[START] = frozenset()
        changed = True
        while changed:
            changed = False
            for node in reached - {START}:
                ways = [
                    known[edge.source] | self._given(edge, only_required=every_way)
                    for edge in graph.into.get(node, ())
                    if edge.source in known
                ]
                now = (frozenset.intersection if every_way else frozenset.union)(*ways)
                if now != known[node]:
                    known[node] = now
                    changed = True
        return known

    def _given(self, edge: Edge, *, only_required: bool) -> frozenset[str]:
        if edge.move is None:
            return frozenset()
        return frozenset(
            ask.field for ask in edge.move.ask if not only_required or not (ask.optional or ask.when.tests)
        )

    def cases(self, state: str, move: Move, conditions: Sequence[Condition]) -> Iterator[dict[str, Json]]:
        """Every combination of answers these conditions can tell apart when `move` is made in `state`.

        Answers the move asks for itself replace older ones; one it does not get is missing, not the old one.
        """
        tests = [test for condition in conditions for test in condition.tests]
        tests += [test for ask in move.ask for test in ask.when.tests]
        read = {test.field for test in tests}
        asks = [ask for ask in move.ask if ask.field in read]
        own = {ask.field for ask in asks}
        older = sorted(read - own)
        for values in product(*(self._older(name, state, tests) for name in older)):
            given: dict[str, Json] = {n: value for n, value in zip(older, values, strict=True) if value is not None}
            yield from self._asked(given, asks, tests)

    def _asked(self, given: dict[str, Json], asks: Sequence[Ask], tests: Sequence[Test]) -> Iterator[dict[str, Json]]:
        if not asks:
            yield given
            return
        ask, rest = asks[0], asks[1:]
        if not holds(ask.when, given, self._program):
            yield from self._asked(given, rest, tests)
            return
        for value in self._values(ask.field, tests):
            yield from self._asked({**given, ask.field: value}, rest, tests)
        if ask.optional:
            yield from self._asked(given, rest, tests)

    def _older(self, name: str, state: str, tests: Sequence[Test]) -> list[Json]:
        values: list[Json] = []
        if name in self.possible[state]:
            values += self._values(name, tests)
        if name not in self.sure[state]:
            values.append(None)
        return values

    def _values(self, name: str, tests: Sequence[Test]) -> list[Json]:
        """One answer of each kind these tests can tell apart: a list of 300 categories needs two cases, not 300."""
        asked = self._program.fields[name]
        every: list[Json] = [*(choice.id for choice in asked.choices)]
        if asked.type == "yes-no":
            every = ["yes", "no"]
        elif not every:  # an open question or a list not loaded: what is named, and something else
            every = [*sorted({value for test in tests if test.field == name for value in test.values}), "\x00other"]
        kinds: dict[tuple[bool, ...], Json] = {}
        mine = [Condition((test,)) for test in tests if test.field == name]
        for value in every:
            kinds.setdefault(tuple(holds(one, {name: value}, self._program) for one in mine), value)
        return list(kinds.values())


def _branches(case: _Case, answers: _Answers, state: str, move: Move, at: str) -> None:
    """S4, G1, G2 of one move: it can be made, and every set of answers leads to exactly one place."""
    if not move.when.tests and len(move.to) == 1 and not move.to[0].when.tests:
        return
    conditions = [move.when, *(branch.when for branch in move.to)]
    made = False
    taken = [False] * len(move.to)
    nowhere: dict[str, Json] | None = None
    twice: tuple[dict[str, Json], list[str]] | None = None
    for count, given in enumerate(answers.cases(state, move, conditions)):
        if count > MOST_CASES:
            case.say(
                "G1",
                at,
                f"“{move.name}”的条件组合太多，无法逐一核对。",
                f'The conditions of "{move.name}" combine too many answers to check each.',
                "请拆成两个动作，或减少条件。",
                "Split it into two moves, or test fewer answers.",
            )
            return
        if not holds(move.when, given, case.program):
            continue
        made = True
        open_ways = [i for i, branch in enumerate(move.to) if holds(branch.when, given, case.program)]
        for i in open_ways[:1]:
            taken[i] = True
        if not open_ways and nowhere is None:
            nowhere = given
        if len({move.to[i].to for i in open_ways}) > 1 and twice is None and _both_said(move, open_ways):
            twice = given, [move.to[i].to for i in open_ways]
    if not made:
        case.say(
            "S4",
            at,
            f"“{move.name}”的条件永远不成立。",
            f'The condition of "{move.name}" can never hold.',
            "请改正条件，或让前面的动作先问这个问题。",
            "Correct the condition, or ask that question in an earlier move.",
        )
        return
    for i, branch in enumerate(move.to):
        if not taken[i]:
            case.say(
                "S4",
                at,
                f"“{move.name}”通向“{branch.to}”的条件永远不成立。",
                f'"{move.name}" can never lead to "{branch.to}".',
                "请改正条件，或删掉这一条。",
                "Correct the condition, or delete that way.",
            )
    if nowhere is not None:
        case.say(
            "G1",
            at,
            f"“{move.name}”没有说明这种回答通向哪里：{_answers_zh(nowhere)}。",
            f'"{move.name}" does not say where these answers lead: {_answers_en(nowhere)}.',
            "请为它写一条去向，或用 else 写其余情况。",
            "Give them a way, or use `else` for the rest.",
        )
    if twice is not None:
        given, targets = twice
        case.say(
            "G2",
            at,
            f"“{move.name}”的同一种回答通向两处（{'、'.join(targets)}）：{_answers_zh(given)}。",
            f'With the same answers "{move.name}" leads to {" and ".join(targets)}: {_answers_en(given)}.',
            "请让各条去向的条件互不重叠。",
            "Make the conditions exclude one another.",
        )


def _both_said(move: Move, ways: Sequence[int]) -> bool:
    """A last way without a condition is `else`: what the others leave, no overlap."""
    named = [i for i in ways if move.to[i].when.tests]
    return len({move.to[i].to for i in named}) > 1


def _holder_can_move(case: _Case, answers: _Answers, state: State) -> None:
    """G1: whatever was answered before, and all laps used up, the holder has some move."""
    at = f"states.{state.name}"
    program = case.program
    own = [move for move in state.moves.values() if state.holder in move.by]
    if not own:
        case.say(
            "G1",
            at,
            f"“{state.name}”的责任人“{state.holder}”没有任何动作可做。",
            f'"{state.holder}" holds "{state.name}" but has no move there.',
            "请在 may 里给他一个动作，或换责任人。",
            "Give them a move under `may`, or name another holder.",
        )
        return
    free = [move for move in own if move.at_most is None or move.then is not None]
    if not free:
        case.say(
            "G1",
            at,
            f"次数用完以后，“{state.name}”的责任人没有动作可做。",
            f'Once its laps are used up, the holder of "{state.name}" has no move.',
            "请给其中一个动作写 then（用完后去哪里）。",
            "Give one of the moves a `then` for when it is used up.",
            "warning",
        )
        return
    if any(not move.when.tests for move in free):
        return
    # A condition on what the move itself asks can be met by answering so; only older answers can shut it.
    everything = Move("", {}, (), (), tuple(ask for move in free for ask in move.ask if not _tested(ask, free)))
    conditions = [Condition(tuple(t for t in move.when.tests if not _asks(move, t.field))) for move in free]
    for count, given in enumerate(answers.cases(state.name, everything, conditions)):
        if count > MOST_CASES:
            return  # said for the moves themselves
        if not any(holds(condition, given, program) for condition in conditions):
            case.say(
                "G1",
                at,
                f"有一种情况下“{state.name}”的责任人没有动作可做：{_answers_zh(given)}。",
                f'With these answers the holder of "{state.name}" has no move: {_answers_en(given)}.',
                "请补一个动作，或放宽条件。",
                "Add a move, or widen a condition.",
            )
            return


def _asks(move: Move, name: str) -> bool:
    return any(ask.field == name for ask in move.ask)


def _tested(ask: Ask, moves: Sequence[Move]) -> bool:
    return any(test.field == ask.field for move in moves for test in move.when.tests)


def _answers_zh(given: Mapping[str, Json]) -> str:
    return "，".join(f"{name} = {_shown(value)}" for name, value in given.items()) or "什么都没有回答"


def _answers_en(given: Mapping[str, Json]) -> str:
    return ", ".join(f"{name} = {_shown(value)}" for name, value in given.items()) or "nothing answered"


def _shown(value: Json) -> str:
    return "…" if value == "\x00other" else str(value)


# ── V: verification, proof, and whose silence it was ────────────────────────────────────────────────────────


def _verification(case: _Case) -> None:
    program, graph = case.program, case.graph
    finishing = {
        (state.name, move.name): move
        for state in program.states.values()
        for move in state.moves.values()
        if move.finishes
    }
    for (state, name), move in finishing.items():
        if not any(not proof.when.tests for proof in move.show) and not any(
            not ask.optional and not ask.when.tests for ask in move.ask
        ):
            case.say(
                "V2",
                f"states.{state}.may.{name}",
                f"“{name}”宣称办完，却不要求任何凭证。",
                f'"{name}" claims the work is done but shows no proof.',
                "请要求 show（照片、文件）或必答的办理说明。",
                "Demand `show` (photo, document), or a required account of what was done.",
            )
    _takings(case, list(finishing.values()))
    trusted = {
        (state.name, move.name)
        for state in program.states.values()
        for move in state.moves.values()
        if move.verifies and _independent(case, state, move, list(finishing.values()))
    }
    solved = {name for name, final in program.finals.items() if final.means == "solved"}

    def unverified(edge: Edge) -> bool:
        return (edge.source, edge.name) not in trusted

    ways = [path for path in [graph.path(START, solved, along=unverified)] if path]
    for edge in graph.edges:  # a verdict given before the work was finished does not count
        if not ways and edge.move is not None and edge.move.finishes and edge.kind in ("move", "then"):
            path = graph.path(edge.target, solved, along=unverified)
            if path is not None:
                ways.append([edge, *path])
    for way in ways[:1]:
        nodes = [edge.target for edge in way]
        case.say(
            "V1",
            f"states.{way[-1].source}",
            f"有一条路不经他人核实就算办成：{_arrows(nodes)}。",
            f"One way is counted as solved without anybody else's word: {_arrows(nodes)}.",
            "请在这条路上加一个由提出人、回访人或下令单位做的核实动作（verifies: true）。",
            "Put a move on it that verifies (`verifies: true`), by the raiser, a caller or whoever ordered the work.",
        )


def _independent(case: _Case, state: State, move: Move, finishing: Sequence[Move]) -> bool:
    """Whether none who may verify here can be the one who finished; says so when the file claims it wrongly."""
    program = case.program
    finished_by = {(name, f.name) for f in finishing for name in f.by}
    clash = next(
        (
            (name, done, deed)
            for name in move.by
            for done, deed in sorted(finished_by)
            if not _apart(program, program.parties[name], program.parties[done], deed)
        ),
        None,
    )
    if clash is None:
        return True
    name, done, deed = clash
    same = name == done
    case.say(
        "V1",
        f"states.{state.name}.may.{move.name}",
        f"“{move.name}”由“{name}”核实，而“{deed}”"
        + ("也由他做：等于自己核实自己。" if same else f"由“{done}”做，两者可能是同一方。"),
        f'"{move.name}" is verified by "{name}", '
        + (f'who also makes "{deed}": their own work.' if same else f'who may be the "{done}" that made "{deed}".'),
        f"请换成提出人，或给该角色加 never: [whoever did {deed}, unit of {deed}]。",
        f"Let the raiser verify, or give that party `never: [whoever did {deed}, unit of {deed}]`.",
    )
    return False


def _takings(case: _Case, finishing: Sequence[Move]) -> None:
    """V4: who takes a raiser's word down had no part in the work, and asks how the raiser is known."""
    program = case.program
    verdicts = {move.name for state in program.states.values() for move in state.moves.values() if move.verifies}
    for how, taking in program.takings.items():
        at = f"taken.{how}"
        for name in taking.by if verdicts & set(taking.of) else ():
            never = program.parties[name].never
            units = {move for exclusion in never if exclusion.by == "unit" for move in exclusion.moves}
            for deed in sorted({move.name for move in finishing} - units):
                case.say(
                    "V4",
                    f"{at}.by",
                    f"“{name}”代录评判，却没有排除做“{deed}”的单位：干活的单位可以替提出人说满意。",
                    f'"{name}" takes the verdict down, but the unit of "{deed}" is not shut out: it could speak for '
                    "the raiser about its own work.",
                    f"请给该角色加 never: [unit of {deed}]。",
                    f"Give that party `never: [unit of {deed}]`.",
                )
        asked = [program.fields[ask.field] for ask in taking.ask if not ask.optional and not ask.when.tests]
        if not any(one.type in ("choice", "yes-no") for one in asked):
            case.say(
                "V4",
                at,
                f"“{how}”没有问怎样核实提出人：看了什么证件、怎样得到同意。",
                f'"{how}" does not ask how the raiser is known: which document was seen, how consent was given.',
                "请在 ask 里加一个必答的选择题。",
                "Put a required choice into its `ask`.",
            )
        if how == "proxy" and not any(one.type == "text" and one.visible == "private" for one in asked):
            case.say(
                "V4",
                at,
                "亲属代办没有问亲属的姓名，或姓名不是 visible: private。",
                "A relative speaks, but their name is not asked, or it is not private.",
                "请加一个必答的文字题，写 visible: private。",
                "Ask it as a required text with `visible: private`.",
            )


def _apart(program: Program, verifier: Party, finisher: Party, deed: str) -> bool:
    """Whether two parties cannot be the same side of one entry, by role. Persons are kept apart when they act."""
    if any(deed in never.moves for never in verifier.never):
        return True
    if verifier.kind in ("anyone", "clock"):
        return False
    return not (_origins(program, verifier) & _origins(program, finisher))


def _origins(program: Program, party: Party, seen: frozenset[str] = frozenset()) -> frozenset[tuple[str, str, str]]:
    """Where a party's people come from: the raisers, an office at a level, or the handling units."""
    if party.kind == "did":
        if party.name in seen:
            return frozenset()
        found: set[tuple[str, str, str]] = set()
        for move in _moves_called(program, party.moves):
            named = any(program.fields[ask.field].type == "unit" for ask in move.ask)
            if named and party.role != "doer":
                found.add(("unit", "", ""))
            elif party.role != "named":
                for name in move.by:
                    found |= _origins(program, program.parties[name], seen | {party.name})
        return frozenset(found)
    if party.kind == "post":
        return frozenset({("post", party.office, party.level)})
    if party.kind == "anyone":
        return frozenset({("raiser", "", ""), ("anyone", "", "")})
    return frozenset({(party.kind, "", "")})


def _moves_called(program: Program, names: Collection[str]) -> Iterator[Move]:
    for state in program.states.values():
        for name, move in state.moves.items():
            if name in names:
                yield move
    for name, opening in program.openings.items():
        if name in names:
            yield opening


def _silence(case: _Case) -> None:
    """V3: the clock's way out of a state that is owed by an official ends in `failed`, nowhere else."""
    program, graph = case.program, case.graph
    reached = graph.reachable()
    for state in program.states.values():
        holder = program.parties.get(state.holder)
        if state.name not in reached or state.limit.kind != "within" or holder is None or not holder.is_official:
            continue
        ends = graph.reachable([state.name], along=lambda edge: edge.by_clock or edge.source in program.routes)
        for name in sorted(ends & set(program.finals)):
            means = program.finals[name].means
            if means != "failed":
                case.say(
                    "V3",
                    f"states.{state.name}",
                    f"“{state.name}”由“{holder.name}”负责，他不办，事项却以“{name}”（{means}）结束，看不出是谁的责任。",
                    f'"{holder.name}" holds "{state.name}"; if they stay silent the entry ends as "{name}" ({means}), '
                    "which hides whose silence it was.",
                    "请让逾期最终通向含义为 failed（未兑现）的终态。",
                    "Let the limit lead, in the end, to a final that means `failed`.",
                )


# ── O: duties ───────────────────────────────────────────────────────────────────────────────────────────────


def _duties(case: _Case) -> None:
    for state in case.program.states.values():
        for duty in state.duties.values():
            _duty_fits(case, state, duty)
        gated = [move for move in state.moves.values() if move.when.duties_done]
        ways = [move for move in state.moves.values() if not move.when.duties_done]
        if gated and not ways and state.limit.kind == "within":
            waits = sorted(
                {
                    duty.name
                    for move in gated
                    for duty in state.duties.values()
                    if duty.name not in move.when.but and duty.of not in move.by
                }
            )
            if waits:
                case.say(
                    "O3",
                    f"states.{state.name}",
                    f"“{state.name}”唯一的出路要等别人的义务做完：{'、'.join(waits)}。",
                    f'The only way out of "{state.name}" waits for duties of others: {", ".join(waits)}.',
                    "请用 but 排除它们，或另给一个动作。",
                    "Leave them out with `but`, or give another move.",
                    "warning",
                )


def _duty_fits(case: _Case, state: State, duty: Duty) -> None:
    limit = state.limit.amount or state.limit.ceiling
    if duty.limit is None or limit is None or duty.runs_on:
        return
    fits = duty.limit.n <= limit.n if duty.limit.unit == limit.unit else _shorter(case, duty.limit, limit)
    if not fits:
        case.say(
            "O2",
            f"states.{state.name}.duties.{duty.name}",
            f"义务“{duty.name}”的时限（{amount_zh(duty.limit)}）长于所在状态（{amount_zh(limit)}）。",
            f'The duty "{duty.name}" ({amount_en(duty.limit)}) may last longer than its state ({amount_en(limit)}).',
            "请缩短它，或写 runs on: true 让它延续到以后。",
            "Shorten it, or write `runs on: true` so that it lives on.",
        )


def _shorter(case: _Case, duty: Amount, limit: Amount) -> bool:
    return longest(duty, case.calendar) <= longest(limit, case.calendar)


# ── L: sources ──────────────────────────────────────────────────────────────────────────────────────────────


def _sources(case: _Case) -> None:
    program = case.program
    numbers: list[tuple[str, str, str]] = []
    for state in program.states.values():
        limit = state.limit
        amount = limit.amount or limit.ceiling
        if amount is not None and not (limit.source or limit.policy):
            numbers.append((f"states.{state.name}.{limit.kind}", state.name, amount_en(amount)))
        if state.extend and not state.extend.source:
            numbers.append((f"states.{state.name}.extend", state.name, amount_en(state.extend.most)))
        for duty in state.duties.values():
            if duty.limit and not duty.source:
                numbers.append((f"states.{state.name}.duties.{duty.name}", duty.name, amount_en(duty.limit)))
    for span in program.spans.values():
        if not span.source:
            numbers.append((f"spans.{span.name}", span.name, amount_en(span.amount)))
    if program.source:
        return  # one source for the whole mechanism covers the numbers that name no other
    for at, name, amount_said in numbers:
        case.say(
            "L1",
            at,
            f"“{name}”的数字（{amount_said}）没有出处。",
            f'The number of "{name}" ({amount_said}) has no source.',
            "请写 source:（法规、文件、条款），没有就写明是自定的。",
            "Write its `source:` (law, document, clause), or say that it is the town's own.",
            "warning",
        )


def amount_zh(amount: Amount) -> str:
    units = {"wd": "个工作日", "d": "天", "h": "小时", "wh": "个办公小时", "min": "分钟"}
    return f"{amount.n} {units[amount.unit]}"


def amount_en(amount: Amount) -> str:
    units = {"wd": "working day", "d": "day", "h": "hour", "wh": "office hour", "min": "minute"}
    return f"{amount.n} {units[amount.unit]}{'s' if amount.n != 1 else ''}"


def _arrows(nodes: Sequence[str], *, round_again: bool = False) -> str:
    return " → ".join([*nodes, nodes[0]] if round_again else nodes)

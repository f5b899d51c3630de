"""G: whatever the answers, somebody can move, each move leads to one place, and outsiders can replay it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from jiebang.engine.checker.answers import OTHER, Answers
from jiebang.engine.checker.case import Case
from jiebang.engine.conditions import holds
from jiebang.engine.graph import START
from jiebang.engine.model import Ask, Duty, Json, Move, State

MOST_CASES = 20_000  # combinations of answers tried for one move


def check_conditions(case: Case) -> None:
    program = case.program
    answers = Answers(case)
    for name, opening in program.openings.items():
        _readable(case, opening, f"opening.{name}")
        _branches(case, answers, START, opening, f"opening.{name}")
    for state in program.states.values():
        if state.name not in answers.met:
            _never_met(case, state)
            continue
        for name, move in state.moves.items():
            at = f"states.{state.name}.may.{name}"
            _readable(case, move, at)
            _branches(case, answers, state.name, move, at)
        for name, duty in state.duties.items():
            for read in sorted(_read_by(duty)):
                _public(case, read, f"states.{state.name}.duties.{name}")
        if state.objections:
            for read in sorted(_asked_when((*state.objections.ask, *state.objections.answer))):
                _public(case, read, f"states.{state.name}.objections")
        if state.limit.kind == "within":
            _holder_can_move(case, answers, state)
        if state.limit.by:
            _public(case, state.limit.by, f"states.{state.name}.{state.limit.kind}")
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


def _readable(case: Case, move: Move, at: str) -> None:
    """G3: what decides must be public and in the log. Questions asked in turn count too: they shape the form."""
    read = {test.field for branch in move.to for test in branch.when.tests} | {test.field for test in move.when.tests}
    if move.collect:
        read.add(move.collect.field)
    if move.collect and move.collect.share:
        read.add(move.collect.share.question)
    for name in sorted(read | _read_by(move)):
        _public(case, name, at)


def _asked_when(asks: Sequence[Ask]) -> set[str]:
    return {test.field for ask in asks for test in ask.when.tests}


def _read_by(asking: Move | Duty) -> set[str]:
    """What decides whether a question is asked, or a proof wanted."""
    conditions = [*(ask.when for ask in asking.ask), *(proof.when for proof in asking.show)]
    return {test.field for condition in conditions for test in condition.tests}


def _public(case: Case, name: str, at: str) -> None:
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


def _branches(case: Case, answers: Answers, state: str, move: Move, at: str) -> None:
    """S4, G1, G2 of one move: it can be made, and every set of answers leads to exactly one place."""
    if not move.when.tests and not any(ask.when.tests for ask in move.ask) and not _forks(move):
        return
    made = False
    asked: set[str] = set()
    taken = [False] * len(move.to)
    nowhere: dict[str, Json] | None = None
    twice: tuple[dict[str, Json], list[str]] | None = None
    for count, given in enumerate(answers.cases(state, move)):
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
        asked |= {ask.field for ask in move.ask if holds(ask.when, given, case.program)}
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
    for ask in move.ask:
        if ask.field not in asked:
            case.say(
                "S4",
                at,
                f"“{move.name}”永远不会问“{ask.field}”：它的条件永远不成立。",
                f'"{move.name}" never asks "{ask.field}": its condition can never hold.',
                "请改正条件，或删掉这个问题。",
                "Correct the condition, or delete the question.",
                "warning",
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


def _forks(move: Move) -> bool:
    return len(move.to) > 1 or any(branch.when.tests for branch in move.to)


def _both_said(move: Move, ways: Sequence[int]) -> bool:
    """A last way without a condition is `else`: what the others leave, no overlap."""
    named = [i for i in ways if move.to[i].when.tests]
    return len({move.to[i].to for i in named}) > 1


def _holder_can_move(case: Case, answers: Answers, state: State) -> None:
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
    parts = {node: i for i, part in enumerate(case.graph.components()) for node in part}
    alone = [move for move in own if not waits_for(state, move)]
    if not alone:
        _waits_only(case, state, own)
        return
    free = [move for move in alone if not _can_be_used_up(case, state, move, parts)]
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
    read = {test.field for move in free for test in move.when.tests}
    read |= {test.field for move in free for ask in move.ask for test in ask.when.tests}
    for count, older in enumerate(answers.older(state.name, read)):
        if count > MOST_CASES:
            return  # said for the moves themselves
        if not any(holds(move.when, given, program) for move in free for given in answers.making(older, move)):
            case.say(
                "G1",
                at,
                f"有一种情况下“{state.name}”的责任人没有动作可做：{_answers_zh(older)}。",
                f'With these answers the holder of "{state.name}" has no move: {_answers_en(older)}.',
                "请补一个动作，或放宽条件。",
                "Add a move, or widen a condition.",
            )
            return


def waits_for(state: State, move: Move) -> list[str]:
    """The duties of others that must be done before this move."""
    if not move.when.duties_done:
        return []
    return [name for name, duty in state.duties.items() if name not in move.when.but and duty.of not in move.by]


def _waits_only(case: Case, state: State, own: Sequence[Move]) -> None:
    duties = list(dict.fromkeys(name for move in own for name in waits_for(state, move)))
    case.say(
        "O3",
        f"states.{state.name}",
        f"“{state.name}”的责任人只能等别人把义务做完：{'、'.join(duties)}；别人不做，他就没有动作可做。",
        f'Whoever holds "{state.name}" can only wait for duties of others: {", ".join(duties)}; if those are not done, '
        "they have no move.",
        "请用 but 排除它们，或另给责任人一个动作。",
        "Leave them out with `but`, or give the holder another move.",
    )


def _can_be_used_up(case: Case, state: State, move: Move, parts: Mapping[str, int]) -> bool:
    """Whether the holder can come here with the move's laps used up: it leads back, and nothing follows its laps."""
    if move.at_most is None or move.then is not None:
        return False
    return any(parts.get(branch.to) == parts.get(state.name) for branch in move.to)


def _never_met(case: Case, state: State) -> None:
    """S4: there are ways to it, but no answers that ever lead there."""
    if state.name not in case.graph.reachable():
        return  # S1 has spoken
    case.say(
        "S4",
        f"states.{state.name}",
        f"有动作通向“{state.name}”，但没有一种回答能走到。",
        f'Moves lead to "{state.name}", but no answers ever do.',
        "请改正通向它的条件，或删掉它。",
        "Correct the conditions of the ways in, or delete it.",
    )


def _answers_zh(given: Mapping[str, Json]) -> str:
    return "，".join(f"{name} = {_shown(value)}" for name, value in given.items()) or "什么都没有回答"


def _answers_en(given: Mapping[str, Json]) -> str:
    return ", ".join(f"{name} = {_shown(value)}" for name, value in given.items()) or "nothing answered"


def _shown(value: Json) -> str:
    return "…" if value == OTHER else str(value)

"""S and D: every state has a way in and a way out; silence ends, and soon enough to say when."""

from __future__ import annotations

from collections.abc import Sequence

from jiebang.engine.bounds import Bounds
from jiebang.engine.checker.case import Case, arrows
from jiebang.engine.graph import avoidable
from jiebang.engine.model import State


def check_reaching(case: Case) -> None:
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


def check_reaching_with_laps(case: Case, bounds: Bounds) -> None:
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


def check_limits(case: Case) -> None:
    program, graph = case.program, case.graph
    for state in program.states.values():
        at = f"states.{state.name}"
        limit = state.limit
        if not limit.lengths and limit.until is None:
            _d1(
                case,
                at,
                state,
                "没有时限",
                "has no limit",
                "请写 within（办理时限）、lasts（公示期）或 waits for（等待）。",
                "Give it `within`, `lasts` or `waits for`.",
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
        for amount in limit.lengths:
            if amount.n < 1:
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
            f"无人办理时会一直绕圈：{arrows(silent, round_again=True)}。",
            f"If nobody acts, the clock runs in a circle: {arrows(silent, round_again=True)}.",
            "请让其中一个 else 通向更高一级或终态。",
            "Let one of these limits lead to someone higher, or to a final.",
        )
        return
    circle = graph.circle(along=lambda edge: not edge.limited)
    if circle is not None:
        case.say(
            "D3",
            f"states.{circle[0]}",
            f"可以无限次绕圈：{arrows(circle, round_again=True)}。",
            f"An entry can go round for ever: {arrows(circle, round_again=True)}.",
            "请给圈里的一个动作加 at most（最多几次）和 then（用完后去哪里）。",
            "Give one move of the circle `at most`, and `then` for when it is used up.",
        )


def _d1(case: Case, at: str, state: State, zh: str, en: str, mend_zh: str, mend_en: str) -> None:
    case.say("D1", at, f"“{state.name}”{zh}。", f'"{state.name}" {en}.', mend_zh, mend_en)


def say_too_many_laps(case: Case, nodes: Sequence[str]) -> None:
    limited = sorted({edge.lap for node in nodes for edge in case.graph.out.get(node, ()) if edge.lap})
    case.say(
        "D4",
        f"states.{nodes[0]}",
        f"同一个圈里限次的动作太多（{'、'.join(limited)}），算不出最长时间。",
        f"One circle holds too many lap limits ({', '.join(limited)}) to compute the worst case.",
        "请让几个动作共用一条岔路（route），或减少次数。",
        "Let several of them share one route, or lower `at most`.",
    )

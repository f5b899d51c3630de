"""O and L: duties fit into their states, numbers have a source."""

from __future__ import annotations

from jiebang.engine.bounds import longest
from jiebang.engine.checker.case import Case, amount_en, amount_zh
from jiebang.engine.model import Amount, Duty, State


def check_duties(case: Case) -> None:
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


def _duty_fits(case: Case, state: State, duty: Duty) -> None:
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


def _shorter(case: Case, duty: Amount, limit: Amount) -> bool:
    return longest(duty, case.calendar) <= longest(limit, case.calendar)


def check_sources(case: Case) -> None:
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

"""O2 and L1: duties fit into their states, numbers have a source."""

from __future__ import annotations

from jiebang.engine.checker.case import Case, amount_en, amount_zh
from jiebang.engine.graph import is_made
from jiebang.engine.lengths import fit
from jiebang.engine.model import Amount, Duty, State


def check_duties(case: Case) -> None:
    for state in case.program.states.values():
        for duty in state.duties.values():
            if duty.limit is not None and not duty.runs_on:
                _duty_fits(case, state, duty, duty.limit)


def _duty_fits(case: Case, state: State, duty: Duty, owed: Amount) -> None:
    """O2: whoever owes the duty has the time it is given, before the state's own limit ends it."""
    at = f"states.{state.name}.duties.{duty.name}"
    tried = ((limit, fit(owed, limit, case.calendar)) for limit in state.limit.lengths)
    limit, fits = next((one for one in tried if not one[1].holds), (None, None))
    if limit is not None and fits is not None:
        start = f"{fits.broken_from:%Y-%m-%d %H:%M}" if fits.broken_from else ""
        zh, en = (f"，如从 {start} 起", f", as from {start}") if start else ("", "")
        case.say(
            "O2",
            at,
            f"义务“{duty.name}”的时限（{amount_zh(owed)}）可能晚于所在状态（{amount_zh(limit)}）{zh}。",
            f'The duty "{duty.name}" ({amount_en(owed)}) may last longer than its state ({amount_en(limit)}){en}.',
            "请缩短它，或写 runs on: true 让它延续到以后。",
            "Shorten it, or write `runs on: true` so that it lives on.",
        )
    elif state.limit.since and not _enters(case, state):
        case.say(
            "O2",
            at,
            f"“{state.name}”的时限从“{state.limit.since}”算起，进入时已经过去一部分，剩下的不一定够“{duty.name}”的 "
            f"{amount_zh(owed)}。",
            f'The limit of "{state.name}" counts from "{state.limit.since}": part of it has passed on entering, and '
            f'what is left may be less than the {amount_en(owed)} of "{duty.name}".',
            "请写 runs on: true 让它延续到以后，或让时限从进入时算起。",
            "Write `runs on: true` so that it lives on, or let the limit count from entering.",
            "warning",
        )


def _enters(case: Case, state: State) -> bool:
    """Whether the move its limit counts from is what leads in, on every way."""
    since = state.limit.since or ""
    return all(is_made(edge, since) for edge in case.graph.into.get(state.name, ()))


def check_sources(case: Case) -> None:
    program = case.program
    numbers: list[tuple[str, str, str]] = []
    for state in program.states.values():
        limit = state.limit
        at = f"states.{state.name}.{limit.kind}"
        unsourced = [limit.plain] if limit.plain is not None else []
        unsourced += [one.amount for one in limit.cases if not (one.source or one.policy)]
        unsourced += [one.amount for one in limit.during if not one.source]
        if not (limit.source or limit.policy):
            numbers += [(at, state.name, amount_en(amount)) for amount in unsourced]
        if state.extend and not state.extend.source:
            numbers.append((f"states.{state.name}.extend", state.name, amount_en(state.extend.most)))
        for duty in state.duties.values():
            if duty.limit and not duty.source:
                numbers.append((f"states.{state.name}.duties.{duty.name}", duty.name, amount_en(duty.limit)))
    for final in program.finals.values():
        if final.again and not final.again.source:
            numbers.append((f"finals.{final.name}.raised again", final.name, amount_en(final.again.within)))
        if final.recheck and not final.recheck.source:
            numbers.append((f"finals.{final.name}.recheck", final.name, amount_en(final.recheck.after)))
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

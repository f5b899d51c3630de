"""O2 and L1 of objections: they fit into the notice unless they hold it up, and their numbers have a source."""

from __future__ import annotations

from datetime import UTC, datetime

from jiebang.engine.checker.case import Case, amount_en, amount_zh
from jiebang.engine.lengths import fit, longest, starts_of
from jiebang.engine.model import Amount, Objections, State
from jiebang.engine.worktime import Calendar, CalendarEnds, due


def check_objections(case: Case) -> None:
    for state in case.program.states.values():
        if state.objections is None:
            continue
        at = f"states.{state.name}.objections"
        clause = state.objections
        for notice in state.limit.lengths:
            _fits(case, state, clause, notice)
        if not (clause.source or state.limit.source or case.program.source):
            case.say(
                "L1",
                at,
                f"“{state.name}”的异议时限没有出处。",
                f'The times for objections in "{state.name}" have no source.',
                "请写 source:（法规、文件、条款），没有就写明是自定的。",
                "Write its `source:` (law, document, clause), or say that it is the town's own.",
                "warning",
            )


def _fits(case: Case, state: State, clause: Objections, notice: Amount) -> None:
    at = f"states.{state.name}.objections"
    window = clause.window
    if window is not None and not fit(window, notice, case.calendar).holds:
        case.say(
            "O2",
            at,
            f"提异议的时间（{amount_zh(window)}）可能比公示（{amount_zh(notice)}）还长。",
            f"Objections may be raised for longer ({amount_en(window)}) than the notice lasts ({amount_en(notice)}).",
            "请缩短它，或延长公示。",
            "Shorten it, or let the notice last longer.",
        )
    if not clause.hold_up:
        _answers_fit(case, state, clause, notice)


def _answers_fit(case: Case, state: State, clause: Objections, notice: Amount) -> None:
    """Without holding up the notice, the last objection must still have all its answers before the notice ends."""
    chain = [*([clause.window] if clause.window else [notice]), *(level.within for level in clause.levels)]
    start = _broken_from(chain, notice, case.calendar)
    if start is None:
        return
    zh, en = (f"（如从 {start:%Y-%m-%d} 起）", f" (as from {start:%Y-%m-%d})") if case.calendar else ("", "")
    case.say(
        "O2",
        f"states.{state.name}.objections",
        f"最后一天提出的异议，逐级答复的时间可能超出公示期{zh}，会来不及答复。",
        f"An objection of the last day may have its answers due after the notice has ended{en}.",
        "请写 hold up: true，或缩短提异议和答复的时间。",
        "Write `hold up: true`, or shorten the time to object and to answer.",
    )


def _broken_from(chain: list[Amount], notice: Amount, calendar: Calendar | None) -> datetime | None:
    """The first moment from which these lengths, one after the other, end later than the notice; None: never."""
    if calendar is None:
        late = sum(longest(amount, None) for amount in chain) > longest(notice, None)
        return datetime(1970, 1, 1, tzinfo=UTC) if late else None
    for start in starts_of(calendar, "wh"):
        try:
            end = due(start, notice, calendar, roll=False)
            at = due(start, chain[0], calendar, roll=False).moment
            for amount in chain[1:]:
                at = due(at, amount, calendar).moment
        except CalendarEnds:
            return None
        if at > end.moment and not end.provisional:
            return start
    return None

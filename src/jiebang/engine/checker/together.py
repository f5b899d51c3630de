"""O1: mechanisms that open entries on one another's boards: what is opened can be, and no ring keeps a matter for ever.

A state that waits has a limit of its own, so each mechanism's closing times hold by themselves. Together they say how
long a matter can take with all it opens: the entry's own worst case, then that of what it opened last; along no path of
boards twice, because a ring of boards is refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from jiebang.engine.bounds import Bounds
from jiebang.engine.checker.case import Case, amount_en, amount_zh, arrows
from jiebang.engine.findings import Finding
from jiebang.engine.graph import graph_of
from jiebang.engine.lengths import DAY, longest
from jiebang.engine.linked import ITEM, NUMBER
from jiebang.engine.model import Field, Move, Opens, Program
from jiebang.engine.worktime import Calendar


@dataclass(frozen=True, slots=True)
class Board:
    """Another mechanism in force, with its closing times where they could be computed."""

    program: Program
    bounds: Bounds | None = None


def check_together(
    program: Program,
    boards: Mapping[str, Board],
    *,
    calendar: Calendar | None = None,
    lines: Mapping[str, int] | None = None,
    filename: str = "",
) -> list[Finding]:
    """Return what is wrong with the entries the mechanism opens elsewhere. `boards` are all in force, by id."""
    case = Case(program, graph_of(program), calendar, lines or {}, filename)
    for at, opens in opens_of(program):
        _opening(case, at, opens, boards)
    ring = _ring(program, boards)
    if ring:
        case.say(
            "O1",
            "states",
            f"几个机制互相开出事项，绕成一圈：{arrows(ring)}。",
            f"Mechanisms open entries on one another in a ring: {arrows(ring)}.",
            "请去掉其中一个 opens。",
            "Remove one of these `opens`.",
        )
    for state in program.states.values():
        if state.waits is not None and state.waits.kind == "opened":
            _given_up(case, state.name, boards)
    return case.found


def opens_of(program: Program) -> Iterator[tuple[str, Opens]]:
    """Every place where the mechanism opens an entry elsewhere, with its place in the file."""
    for state in program.states.values():
        if state.opens is not None:
            yield f"states.{state.name}.opens", state.opens
        for move in state.moves.values():
            if move.opens is not None:
                yield f"states.{state.name}.may.{move.name}.opens", move.opens
    for final in program.finals.values():
        if final.recheck is not None:
            yield f"finals.{final.name}.recheck", final.recheck.opens


def worst_days_together(
    program: Program,
    boards: Mapping[str, Board],
    calendar: Calendar | None = None,
    seen: frozenset[str] = frozenset(),
) -> int | None:
    """The most calendar days until the last entry a matter leads to is closed; None where one cannot be computed.

    What an entry opens, it opens before it is closed; so the sum of the worst cases along a path of boards is enough.
    """
    board = boards.get(program.id)
    worst = board.bounds.worst.calendar_days if board is not None and board.bounds is not None else None
    if worst is None or program.id in seen:
        return None
    longest_after = 0
    rechecks = [final.recheck for final in program.finals.values() if final.recheck]
    for name in {opens.mechanism for _, opens in opens_of(program)}:
        if name not in boards:
            return None
        after = worst_days_together(boards[name].program, boards, calendar, seen | {program.id})
        if after is None:
            return None
        again = [longest(one.after, calendar) for one in rechecks if one.opens.mechanism == name]
        wait = -(-max(again, default=0) // DAY)
        longest_after = max(longest_after, wait + after)
    return worst + longest_after


# ── One opening ─────────────────────────────────────────────────────────────────────────────────────────────


def _opening(case: Case, at: str, opens: Opens, boards: Mapping[str, Board]) -> None:
    board = boards.get(opens.mechanism)
    if board is None:
        known = ", ".join(sorted(boards)) or "–"
        case.say(
            "O1",
            at,
            f"没有机制“{opens.mechanism}”，无处开出事项。",
            f'There is no mechanism "{opens.mechanism}" to open an entry on.',
            f"请写已有的机制：{known}。",
            f"Name one there is: {known}.",
        )
        return
    theirs = board.program
    move = theirs.openings.get(opens.opening)
    if move is None or not any(theirs.parties[name].kind == "boards" for name in move.by):
        case.say(
            "O1",
            at,
            f"“{opens.mechanism}”没有由另一件事项（boards）提出的“{opens.opening}”。",
            f'"{opens.mechanism}" has no opening "{opens.opening}" by another entry.',
            f"请在它的 opening 里加上 {opens.opening}: {{by: boards, …}}，或用 as 写另一个。",
            f"Add `{opens.opening}: {{by: boards, …}}` to its `opening`, or name another with `as`.",
        )
        return
    _carried(case, at, opens, theirs, move)


def _carried(case: Case, at: str, opens: Opens, theirs: Program, move: Move) -> None:
    asked = {ask.field: ask for ask in move.ask}
    for name in [name for name, ask in asked.items() if not ask.optional and not ask.when.tests]:
        if name not in opens.carry and theirs.fields[name].type != "area":
            case.say(
                "O1",
                at,
                f"“{opens.mechanism}”提出时必须回答“{name}”，而这里没有带去。",
                f'An entry of "{opens.mechanism}" must answer "{name}", and nothing is carried there.',
                f"请在 with 里写 {name}: 自己的一个问题，或 item。",
                f"Write `{name}:` and a question of your own, or `item`, into `with`.",
            )
    for name, ours in opens.carry.items():
        if name not in asked:
            case.say(
                "O1",
                at,
                f"“{opens.mechanism}”提出时不问“{name}”。",
                f'An entry of "{opens.mechanism}" is not asked "{name}".',
                "请从 with 里去掉它。",
                "Remove it from `with`.",
            )
        elif not _fits(theirs.fields[name], _carried_field(case.program, opens, ours)):
            case.say(
                "O1",
                at,
                f"“{ours}”和“{opens.mechanism}”的“{name}”不是同一种问题。",
                f'"{ours}" is another kind of question than "{name}" of "{opens.mechanism}".',
                "请带同类型、选项相同、字数不超过它的答案。",
                "Carry an answer of the same type, with the same choices, and no longer than is allowed there.",
            )


def _carried_field(program: Program, opens: Opens, ours: str) -> Field:
    if ours == NUMBER:
        return Field(NUMBER, "entry", {})
    if ours == ITEM:
        return replace(program.fields[opens.each], many=0)
    return program.fields[ours]


def _fits(theirs: Field, ours: Field) -> bool:
    """Whether every answer to ours can be an answer to theirs."""
    if theirs.type != ours.type or theirs.many != ours.many:
        return False
    if theirs.type == "choice":
        return {choice.id for choice in ours.choices} <= {choice.id for choice in theirs.choices}
    return theirs.type not in ("text", "number") or ours.most <= theirs.most


# ── Rings and giving up ─────────────────────────────────────────────────────────────────────────────────────


def _ring(program: Program, boards: Mapping[str, Board]) -> list[str]:
    """The mechanisms of a ring that goes through this one, in order; nothing when there is none."""
    came: dict[str, str] = {}
    waiting = [program.id]
    for name in waiting:
        here = program if name == program.id else boards[name].program
        for _, opens in opens_of(here):
            if opens.mechanism == program.id:
                trail = [name]
                while trail[-1] != program.id:
                    trail.append(came[trail[-1]])
                return [*trail[::-1], program.id]
            if opens.mechanism in boards and opens.mechanism not in came:
                came[opens.mechanism] = name
                waiting.append(opens.mechanism)
    return []


def _given_up(case: Case, state: str, boards: Mapping[str, Board]) -> None:
    """A state that stops waiting before what it waits for must have ended leaves its work behind."""
    limit = case.program.states[state].limit
    most = max(limit.lengths, key=lambda amount: longest(amount, case.calendar, roll=False), default=None)
    waits_days = -(-longest(most, case.calendar, roll=False) // DAY) if most else 0
    waited = {opens.mechanism for at, opens in opens_of(case.program) if not at.startswith("finals.")}
    for name in sorted(waited & set(boards)):
        worst = worst_days_together(boards[name].program, boards, case.calendar)
        if most and worst is not None and waits_days < worst:
            case.say(
                "O1",
                f"states.{state}.waits for",
                f"“{state}”最多等 {amount_zh(most)}，而“{name}”的事项最长要 {worst} 个日历日；等不到时它还没有办结。",
                f'"{state}" waits {amount_en(most)} at most, but an entry of "{name}" can take {worst} calendar days; '
                "it may still be open when the waiting ends.",
                "请延长 at most，或确认 else 之后仍有人管。",
                "Lengthen `at most`, or see to it that somebody still looks after it behind `else`.",
                "warning",
            )

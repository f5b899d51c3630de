"""P0: everything that is named exists."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from jiebang.engine.checker.case import Case
from jiebang.engine.lookups import ANSWER, OBJECT
from jiebang.engine.model import Ask, Condition, Move


def check_names(case: Case) -> None:
    program = case.program
    moves = {name for state in program.states.values() for name in state.moves} | {*program.openings}
    if any(state.objections for state in program.states.values()):
        moves |= {OBJECT, ANSWER.removesuffix(":")}
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

    for separation in program.separations:
        for name in separation.moves:
            known("动作", "move", name, moves, "separate")
    for party in program.parties.values():
        for never in party.never:
            if never.by == "member":
                known("角色", "party", never.party, program.parties, f"parties.{party.name}")
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
        for way in state.waits.ways if state.waits else ():
            target(way.to, f"{at}.then")
        for name, move in state.moves.items():
            move_names(move, f"{at}.may.{name}")
        for name, duty in state.duties.items():
            known("角色", "party", duty.of, program.parties, f"{at}.duties.{name}")
            asked(duty.ask, f"{at}.duties.{name}")
        if state.extend:
            known("角色", "party", state.extend.asked_by, program.parties, f"{at}.extend")
            known("角色", "party", state.extend.decided_by, program.parties, f"{at}.extend")
        for read in (state.limit.until, state.limit.by):
            if read:
                known("问题", "question", read, program.fields, f"{at}.{state.limit.kind}")
        if state.objections:
            clause, here = state.objections, f"{at}.objections"
            for name in (*clause.by, *(level.by for level in clause.levels)):
                known("角色", "party", name, program.parties, here)
            target(clause.to, here)
            asked((*clause.ask, *clause.answer), here)
        if state.limit.since and state.limit.since != "raised":
            known("动作", "move", state.limit.since, moves, f"{at}.within")
    for final in program.finals.values():
        if final.again:
            here = f"finals.{final.name}.raised again"
            known("提出方式", "opening", final.again.opening, program.openings, here)
            for name in final.again.by:
                known("角色", "party", name, program.parties, here)
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

"""R1: whether entries that run under one version can go on under another, and what that would break.

A map says for each state of the old version which state of the new one its entries go on in; states of the same name
need no line. It must cover every state an entry can be in, and what the new version counts on from there must be true
of an entry that came the old way: answers given, deeds done, work verified, nothing told in confidence made public.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from jiebang.engine.bounds import Bounds, Unbounded, bounds_of
from jiebang.engine.checker.certificate import unverified_nodes
from jiebang.engine.findings import Finding, Severity
from jiebang.engine.graph import START, Graph, avoidable, graph_of, is_made, reached_unasked
from jiebang.engine.model import Program
from jiebang.engine.worktime import Calendar

ORDER = {"public": 0, "masked": 1, "parties": 1, "private": 2}


@dataclass(frozen=True, slots=True)
class _Side:
    """A version, with what is known of an entry in each of its states."""

    program: Program
    graph: Graph
    bounds: Bounds | None

    @classmethod
    def of(cls, program: Program, calendar: Calendar | None) -> _Side:
        graph = graph_of(program)
        try:
            return cls(program, graph, bounds_of(program, calendar, graph))
        except Unbounded:
            return cls(program, graph, None)

    def answered(self, state: str) -> frozenset[str]:
        """The questions surely answered in a state, of those that have to be answered somewhere."""
        asked = {
            ask.field
            for edge in self.graph.edges
            if edge.move is not None
            for ask in edge.move.ask
            if not ask.optional and not ask.when.tests
        }
        return frozenset(name for name in asked if state not in reached_unasked(self.graph, name))

    def read_from(self, state: str) -> frozenset[str]:
        """The questions that conditions and limits read in a state or behind it."""
        ahead = self.graph.reachable([state]) & set(self.program.states)
        limits = [self.program.states[name].limit for name in ahead]
        read = {name for limit in limits for name in (limit.until, limit.by) if name}
        for name in ahead:
            for move in self.program.states[name].moves.values():
                conditions = [move.when, *(branch.when for branch in move.to), *(ask.when for ask in move.ask)]
                read |= {test.field for condition in conditions for test in condition.tests}
        return frozenset(name for name in read if name)

    def deeds_needed(self, state: str) -> frozenset[tuple[str, ...]]:
        """The deeds some party in a state or behind it is known by, where every way to the state passes one."""
        ahead = self.graph.reachable([state]) & set(self.program.states)
        acting = {name for one in ahead for move in self.program.states[one].moves.values() for name in move.by}
        acting |= {self.program.states[one].holder for one in ahead}
        wanted = {party.moves for name in acting if (party := self.program.parties.get(name)) and party.kind == "did"}
        return frozenset(moves for moves in wanted if state not in self.reached_without(moves))

    def reached_without(self, moves: tuple[str, ...]) -> set[str]:
        return self.graph.reachable(along=lambda edge: not any(is_made(edge, move) for move in moves))


def moved(
    old: Program, new: Program, states: Mapping[str, str] | None = None, *, calendar: Calendar | None = None
) -> list[Finding]:
    """Return what stands against moving every running entry of `old` to `new`. Without errors they can be moved.

    `states` maps old states to new ones, where the name is not the same.
    """
    before, after = _Side.of(old, calendar), _Side.of(new, calendar)
    found = _Findings([])
    given = states or {}
    reached = before.graph.reachable() & set(old.states)
    for name in sorted(set(given) - set(old.states)):
        found.say(
            f"旧版没有状态“{name}”。", f'The old version has no state "{name}".', "请改正对照表。", "Correct the map."
        )
    for name in sorted(reached):
        to = given.get(name, name)
        if to in new.states and to in after.graph.reachable():
            _state(found, before, after, name, to)
        else:
            found.say(
                f"旧版的“{name}”没有对应的新状态，正在那里的事项无处可去。",
                f'"{name}" of the old version has no state in the new one: entries in it would have nowhere to go.',
                f"请在对照表里写明：{name}=新状态。",
                f"Say where they go: {name}=NEW-STATE.",
            )
    _confidence(found, old, new)
    return found.found


@dataclass(slots=True)
class _Findings:
    found: list[Finding]

    def say(self, zh: str, en: str, mend_zh: str, mend_en: str, severity: Severity = "error") -> None:
        self.found.append(Finding("", 0, "R1", zh, en, mend_zh, mend_en, severity))


def _state(found: _Findings, before: _Side, after: _Side, name: str, to: str) -> None:
    """What the new version counts on in `to`, and whether an entry in `name` brings it along."""
    missing = (after.answered(to) & after.read_from(to)) - before.answered(name)
    for question in sorted(missing):
        found.say(
            f"新版从“{to}”起要读“{question}”的答案，而旧版“{name}”中的事项不一定答过。",
            f'From "{to}" on the new version reads the answer to "{question}", which an entry in "{name}" may lack.',
            "请对应到会问这个问题的状态之前。",
            "Map it to a state before that question is asked.",
        )
    for moves in sorted(after.deeds_needed(to)):
        if name in before.reached_without(moves):
            listed = ", ".join(moves)
            found.say(
                f"新版“{to}”的责任人由“{listed}”而定，而旧版“{name}”中的事项不一定有过这个动作。",
                f'In "{to}" somebody is known by "{listed}", which need not have been done for an entry in "{name}".',
                "请对应到这个动作之前的状态，或让动作同名。",
                "Map it to a state before that move, or keep the move's name.",
            )
    since = after.program.states[to].limit.since
    if since and to not in avoidable(after.graph, since) and name in avoidable(before.graph, since):
        found.say(
            f"“{to}”的时限从“{since}”算起，而从“{name}”来的事项没有做过它，只能从移入时算起。",
            f'The limit of "{to}" counts from "{since}", which entries from "{name}" never made: there it counts anew.',
            "请确认这样可以。",
            "Make sure that this is meant.",
            "warning",
        )
    if name in unverified_nodes(before.program, before.graph) and to not in unverified_nodes(
        after.program, after.graph
    ):
        found.say(
            f"“{name}”中的事项还没有他人核实，到了“{to}”却算已核实。",
            f'Nobody else has verified an entry in "{name}", but in "{to}" it would count as verified.',
            "请对应到核实之前的状态。",
            "Map it to a state before the verdict.",
        )
    _promise(found, before, after, name, to)


def _promise(found: _Findings, before: _Side, after: _Side, name: str, to: str) -> None:
    if before.bounds is None or after.bounds is None:
        return
    promised = before.bounds.remaining[name].calendar_days if name in before.bounds.remaining else None
    now = after.bounds.remaining[to].calendar_days if to in after.bounds.remaining else None
    if promised is not None and now is not None and now > promised:
        found.say(
            f"“{name}”中的事项原来最多还要 {promised} 个日历日，移到“{to}”后可能要 {now} 个。",
            f'An entry in "{name}" was promised to close within {promised} calendar days; in "{to}" it can take {now}.',
            "请缩短时限，或让它们留在旧版。",
            "Shorten the limits, or let them keep the old version.",
            "warning",
        )


def _confidence(found: _Findings, old: Program, new: Program) -> None:
    """What was told on terms stays on them."""
    if old.log != new.log:
        found.say(
            f"公开程度由“{old.log}”变为“{new.log}”，已记的叶不会变。",
            f'The log class changes from "{old.log}" to "{new.log}": what is logged already stays as it is.',
            "请让正在办的事项留在旧版。",
            "Let running entries keep the old version.",
        )
    for name, field in sorted(old.fields.items()):
        other = new.fields.get(name)
        if other is None:
            continue
        if ORDER[other.visible] < ORDER[field.visible]:
            found.say(
                f"“{name}”原来不公开（{field.visible}），新版要公开（{other.visible}）：答的人没有同意过。",
                f'"{name}" was told as {field.visible} and would become {other.visible}: nobody agreed to that.',
                "请换一个问题名，或保持原来的可见范围。",
                "Give the question another name, or keep who may see it.",
            )
        lost = {choice.id for choice in field.choices} - {choice.id for choice in other.choices}
        if field.type != other.type or lost:
            what = ", ".join(sorted(lost)) or other.type
            found.say(
                f"“{name}”的旧答案在新版里没有意义：{what}。",
                f'Old answers to "{name}" mean nothing in the new version: {what}.',
                "请保留这些选项，或换一个问题名。",
                "Keep these choices, or give the question another name.",
                "error" if name in _Side.of(new, None).read_from(START) else "warning",
            )

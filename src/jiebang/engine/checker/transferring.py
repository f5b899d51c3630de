"""R1, whole: what stands against carrying every running entry of one version over to another.

`moving` asks whether the new version can go on from where an entry stands. Here it is asked whether anybody would lose
by it: a promised end that becomes later, time to answer that becomes shorter, an extension or a vote that runs, a duty
that would be late at once, a span that nobody watches any more, a person who may suddenly judge their own work.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from jiebang.engine.checker.moving import moved
from jiebang.engine.findings import Finding
from jiebang.engine.graph import graph_of, is_made
from jiebang.engine.lookups import lookups
from jiebang.engine.model import Duty, Extension, Program, State
from jiebang.engine.worktime import Calendar


def stands_against(
    old: Program, new: Program, states: Mapping[str, str] | None = None, *, calendar: Calendar | None = None
) -> list[Finding]:
    """Return what stands against carrying running entries of `old` over to `new`, all of it errors; [] if nothing.

    What `moving` only points out stops it here as well: an entry keeps its old version rather than lose by the new one.
    """
    given = dict(states or {})
    found = [replace(finding, severity="error") for finding in moved(old, new, given, calendar=calendar)]
    if old.id != new.id:
        found.append(_finding("这是两个不同的榜。", "These are two different boards.", "", ""))
    loss = _Loss(old, new, given)
    found += [*loss.of_the_whole(), *loss.of_states()]
    return found


@dataclass(slots=True)
class _Loss:
    old: Program
    new: Program
    given: Mapping[str, str]
    pairs: list[tuple[State, State]] = field(init=False)

    def __post_init__(self) -> None:
        reached = graph_of(self.old).reachable() & set(self.old.states)
        to = {name: self.given.get(name, name) for name in sorted(reached)}
        self.pairs = [(self.old.states[name], self.new.states[at]) for name, at in to.items() if at in self.new.states]

    def of_the_whole(self) -> Iterator[Finding]:
        for name in sorted(set(self.old.spans) - set(self.new.spans)):
            yield _finding(
                f"正在算的总时限“{name}”在新版里没有了。",
                f'The span "{name}" runs, and the new version has none of that name.',
                "请在新版里保留它，或让正在办的事项留在旧版。",
                "Keep it in the new version, or let running entries keep the old one.",
            )
        running = lookups(self.old).running
        for name in sorted(running):
            if not _same_duty(running[name], lookups(self.new).running.get(name)):
                yield self._duty(name)
        for name in sorted(_shutting(self.old) - _shutting(self.new)):
            if any(is_made(edge, name) for edge in graph_of(self.old).edges):
                yield _finding(
                    f"做过“{name}”的人在旧版里要回避，在新版里不用了。",
                    f'Whoever made "{name}" is shut out later in the old version, and no longer in the new one.',
                    "请在新版里保留这个回避，动作不要改名。",
                    "Keep what shuts them out, and the move's name.",
                )

    def of_states(self) -> Iterator[Finding]:
        for old, new in self.pairs:
            if any(not _same_duty(duty, old.duties.get(name)) for name, duty in new.duties.items()):
                yield self._duty(old.name)
            if old.extend is not None and (
                new.extend is None or replace(new.extend, source=old.extend.source) != old.extend
            ):
                yield self._runs(old, new, "延期", "an extension")
            if old.objections is not None and (old.objections, old.limit) != (new.objections, new.limit):
                yield self._runs(old, new, "异议", "an objection")
            counts = {name: move.collect for name, move in old.moves.items() if move.collect}
            if any(name not in new.moves or new.moves[name].collect != count for name, count in counts.items()):
                yield self._runs(old, new, "计票", "a count of verdicts")
            waits, waits_now = old.waits, new.waits
            if (waits and (waits.kind, waits.field)) != (waits_now and (waits_now.kind, waits_now.field)):
                yield self._runs(old, new, "等待", "a wait for another entry")
            if self._answers_sooner(old, new):
                yield _finding(
                    f"在“{old.name}”里，提出人原有更长的时间作答。",
                    f'In "{old.name}" whoever raised it was given longer to answer than "{new.name}" gives.',
                    "请不要缩短提出人的时限。",
                    "Do not shorten the raiser's time.",
                )

    def _answers_sooner(self, old: State, new: State) -> bool:
        given, now = old.limit.amount, new.limit.amount
        if _is_raisers(self.old, old) and old.limit.cases != new.limit.cases:
            return True
        if given is None or not _is_raisers(self.old, old):
            return False
        return not _is_raisers(self.new, new) or now is None or now.unit != given.unit or now.n < given.n

    def _duty(self, name: str) -> Finding:
        return _finding(
            f"“{name}”里的附带事项变了：时间已经在走，换了期限就会有人一下子逾期。",
            f'A duty of "{name}" changes: its time runs already, and somebody would be late at once.',
            "请保留原来的附带事项和期限。",
            "Keep the duty and its limit as they are.",
        )

    def _runs(self, old: State, new: State, zh: str, en: str) -> Finding:
        return _finding(
            f"在“{old.name}”里可能正有{zh}，而“{new.name}”里没有同样的。",
            f'In "{old.name}" there can be {en} under way, and "{new.name}" has not the same.',
            "请在新版里保留一样的，或对应到别的状态。",
            "Keep it in the new version, or map the state elsewhere.",
        )


def _finding(zh: str, en: str, mend_zh: str, mend_en: str) -> Finding:
    return Finding("", 0, "R1", zh, en, mend_zh, mend_en, "error")


def _unsourced(extend: Extension | None) -> Extension | None:
    return extend and replace(extend, source="")


def _is_raisers(program: Program, state: State) -> bool:
    party = program.parties.get(state.holder)  # a notice has nobody who owes a move
    return party is not None and party.kind == "raiser"


def _same_duty(now: Duty, before: Duty | None) -> bool:
    return before is not None and (now.of, now.limit, now.every, now.by_day, now.runs_on) == (
        before.of, before.limit, before.every, before.by_day, before.runs_on,
    )  # fmt: skip


def _shutting(program: Program) -> set[str]:
    """The moves whose makers, persons or units, are shut out of something later."""
    known = lookups(program)
    exclusions = [one for party in program.parties.values() for one in party.never]
    exclusions += [one for each in known.apart.values() for one in each]
    return set(known.finishing).union(*(one.moves for one in exclusions))

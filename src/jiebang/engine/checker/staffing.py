"""P1: whether the people really appointed can do what a mechanism keeps apart, and what breaks if one is away.

A question of workflow satisfiability (Crampton, Gutin, Yeo): along each walk, is there somebody for every step so
that nobody makes two steps that are kept apart? Which steps one person makes is tried as blocks, pruned by the
separations; whether the blocks can be given to different people is a matching, found by augmenting paths. So eight
steps that seven people cannot make are refused at once, where trying people one by one takes seconds.

Units count too: which unit a step is made for decides who is shut out later, so units are tried in order. Units whose
people hold the same offices and no others are alike: of those not used yet only one is tried.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from jiebang.engine.checker.walks import Step, Walks, plain_steps, walks_of
from jiebang.engine.graph import graph_of
from jiebang.engine.lookups import DUTY, Lookups, lookups, once_a_program
from jiebang.engine.model import Appointment, Exclusion, Party, Program
from jiebang.engine.parties import HANDLER

People = Mapping[str, Sequence[Appointment]]  # person → the offices they hold
NOBODY: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Post:
    """An appointment that would help: at a level; or `acting`, in the unit that acts then; else in any unit.

    `elsewhere`: it only helps in a unit of its own.
    """

    office: str
    level: str = ""
    elsewhere: bool = False
    acting: bool = False


@dataclass(frozen=True, slots=True)
class Gap:
    """A step nobody is left for. `after` are the earlier steps whose makers are shut out; none: nobody is appointed.

    `appoint` holds what fills it, each by itself; empty where no single appointment does.
    """

    state: str
    move: str
    parties: tuple[str, ...]
    after: tuple[str, ...]
    appoint: tuple[Post, ...] = ()


@dataclass(frozen=True, slots=True)
class Absence:
    """What cannot be done while `person` is away; `closes`: whether a matter can still be solved."""

    person: str
    closes: bool
    gaps: tuple[Gap, ...]


@dataclass(frozen=True, slots=True)
class Staffing:
    """`closes`: at least one way to `solved` can be gone. `gaps`: what stops the others. `complete` as in `Walks`."""

    closes: bool
    gaps: tuple[Gap, ...]
    absences: tuple[Absence, ...]
    ways: int
    complete: bool


def staffing(program: Program, people: People, place: Mapping[str, str]) -> Staffing:
    """Try every walk with these people, for an entry at `place` (level → area code)."""
    ways = _ways(program)
    scene = Scene(program, people, place)
    tried = _tried(scene, ways)
    absences = []
    for alike in scene.alike():
        rest = Scene(program, {who: held for who, held in people.items() if who != alike[0]}, place)
        without = _tried(rest, ways)
        lost = tuple(gap for at, (gap, _) in without.gaps.items() if at not in tried.gaps)
        if lost or without.closes != tried.closes:
            absences += [Absence(person, without.closes, lost) for person in alike]
    gaps = tuple(_filled(scene, gap, steps) for gap, steps in tried.gaps.values())
    return Staffing(tried.closes, gaps, tuple(absences), tried.ways, tried.complete)


class _Ways:
    """A program's walks, kept: for each set of plain steps nobody can make, those without them."""

    def __init__(self, program: Program) -> None:
        self._program, self._graph = program, graph_of(program)
        self.plain = plain_steps(program, self._graph)
        self._without: dict[frozenset[Step], Walks] = {}

    def without(self, shut: frozenset[Step]) -> Walks:
        if shut not in self._without:
            self._without[shut] = walks_of(self._program, self._graph, shut)
        return self._without[shut]


_ways = once_a_program(_Ways)


@dataclass(frozen=True, slots=True)
class _Tried:
    """`gaps`: for each place where a walk stops, the gap there and the walk's steps."""

    closes: bool
    gaps: Mapping[tuple[str, str], tuple[Gap, tuple[Step, ...]]]
    ways: int
    complete: bool


def _tried(scene: Scene, ways: _Ways) -> _Tried:
    gaps: dict[tuple[str, str], tuple[Gap, tuple[Step, ...]]] = {}
    shut = frozenset(step for step in ways.plain if not scene.can_make(step))
    for step in shut:
        gaps[step.state, step.name] = (Gap(step.state, step.name, step.by, ()), (step,))
    walks = ways.without(shut)
    closes = False
    reached: dict[tuple[Step, ...], int] = {}
    for walk in walks.walks:
        if walk.steps not in reached:
            reached[walk.steps] = scene.reached(walk.steps)
        if reached[walk.steps] == len(walk.steps):
            closes = closes or scene.program.finals[walk.end].means == "solved"
            continue
        gap = scene.gap(walk.steps, reached[walk.steps])
        if gap.parties:
            gaps.setdefault((gap.state, gap.move), (gap, walk.steps))
    return _Tried(closes, dict(sorted(gaps.items())), len(walks.walks), walks.complete)


# ── What would help ─────────────────────────────────────────────────────────────────────────────────────────


def _filled(scene: Scene, gap: Gap, steps: Sequence[Step]) -> Gap:
    """The gap with every single appointment that lets this walk go on past it."""
    at = next(n for n, step in enumerate(steps) if (step.state, step.name) == (gap.state, gap.move))
    found = [
        post
        for post in _posts(scene.program, gap)
        if Scene(scene.program, _with(scene, post), scene.place).reached(steps[: at + 1]) > at
    ]
    usual = [post for post in found if not post.elsewhere]
    return Gap(gap.state, gap.move, gap.parties, gap.after, tuple(usual or found))


def _posts(program: Program, gap: Gap) -> Iterator[Post]:
    for name in gap.parties:
        party = program.parties[name]
        if party.kind == "did":
            yield Post(party.office or HANDLER, acting=True)
        elif party.kind in ("post", "unit"):
            office, level = (party.office, party.level) if party.kind == "post" else (HANDLER, "")
            yield Post(office, level)
            yield Post(office, level, elsewhere=True)


def _with(scene: Scene, post: Post) -> People:
    """The people with one more: in each unit that has such an office, or in a unit of their own."""
    area = scene.place.get(post.level) or next(reversed(list(scene.place.values())), "")
    level = post.level or next((level for level, code in scene.place.items() if code == area), "")
    held = [one for offices in scene.people.values() for one in offices]
    like = {(one.unit, one.area, one.level) for one in held if one.office == post.office or not post.level}
    if post.elsewhere or not like:
        like = {("\x00new", area, level)}
    # One more person in each unit: they are one appointment each, and any of them would do.
    more = {
        f"\x00{n}": (Appointment(post.office, unit, (post.level and area) or where, post.level or at),)
        for n, (unit, where, at) in enumerate(sorted(like))
    }
    return {**scene.people, **more}


# ── Who can make a walk ─────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class _Done:
    """A step made: by which block of steps that share a person (-1: it does not matter, -2: the raiser)."""

    name: str
    block: int
    unit: str
    named: str


ANYBODY, RAISER = -1, -2
NOWHERE = "\x00"  # a unit without people


@dataclass(frozen=True, slots=True)
class _Choice:
    """A way to fill a step: as which party, for which unit, by whom."""

    party: Party
    unit: str
    people: frozenset[str]


_Filling: TypeAlias = tuple[list[_Done], list[frozenset[str]]]  # the steps made, and whoever could be each block


class Scene:
    """The people who count for an entry at one place, and who of them can go a walk."""

    def __init__(self, program: Program, people: People, place: Mapping[str, str]) -> None:
        self.program, self.people, self.place = program, people, place
        self._known: Lookups = lookups(program)
        codes = set(place.values())
        self._units: dict[str, set[str]] = {}  # unit → who holds any office in it
        self._here: dict[str, list[Appointment]] = {}
        for person, offices in people.items():
            for held in offices:
                self._units.setdefault(held.unit, set()).add(person)
                if held.area in codes:
                    self._here.setdefault(person, []).append(held)
        self._told_by_person = self._names_told_by_person()
        self._fillings_known: dict[tuple[Step, ...], _Filling | None] = {}
        self._apart: dict[tuple[str, bool, str], frozenset[str]] = {}
        self._alike = self._classes()

    def alike(self) -> list[list[str]]:
        """People at this place in groups that hold the same offices: if one can be spared, so can each."""
        groups: dict[tuple[Appointment, ...], list[str]] = {}
        for person in self._here:
            held = tuple(sorted(self.people[person], key=lambda one: (one.office, one.unit, one.area, one.level)))
            groups.setdefault(held, []).append(person)
        return list(groups.values())

    def _classes(self) -> dict[str, tuple[object, ...]]:
        """Unit → what it has in common with the units that could take its place."""
        found: dict[str, tuple[object, ...]] = {}
        for unit, members in self._units.items():
            offices = sorted(
                tuple(sorted((held.office, held.area, held.level) for held in self.people[person]))
                for person in members
            )
            own = all(held.unit == unit for person in members for held in self.people[person])
            found[unit] = tuple(offices) if own else (unit,)
        return found

    def can_make(self, step: Step) -> bool:
        """Whether anybody may make a step no separation speaks of."""
        return next(self._choices(step, []), None) is not None

    def gap(self, steps: Sequence[Step], at: int) -> Gap:
        """The step nobody is left for. One for a unit that never acted before has no `parties`: nobody mends that."""
        step, before = steps[at], steps[:at]
        parties = tuple(name for name in step.by if self._acts(self.program.parties[name], before))
        after = tuple(dict.fromkeys(one.name for one in before if self._is_apart(one, step)))
        return Gap(step.state, step.name, parties, after)

    def _acts(self, party: Party, before: Sequence[Step]) -> bool:
        return party.kind != "did" or any(step.name in party.moves for step in before)

    # ── Trying ──

    def reached(self, steps: Sequence[Step]) -> int:
        """How many of the steps can be filled: all of them, or all before the first nobody is left for."""
        way = tuple(steps)
        return next((n for n in range(len(way)) if self._filling(way[: n + 1]) is None), len(way))

    def _filling(self, steps: tuple[Step, ...]) -> _Filling | None:
        """Somebody for each of these steps. Walks begin alike, so what was found for the steps before is kept."""
        if not steps:
            return [], []
        if steps not in self._fillings_known:
            before = self._filling(steps[:-1])
            self._fillings_known[steps] = before and (
                next(self._fillings(steps[-1], before), None) or self._search(steps)
            )
        return self._fillings_known[steps]

    def _search(self, steps: tuple[Step, ...]) -> _Filling | None:
        """Try everything, a step at a time."""
        tries = [self._fillings(steps[0], ([], []))]
        while tries:
            filled = next(tries[-1], None)
            if filled is None:
                tries.pop()
            elif len(filled[0]) == len(steps):
                return filled
            else:
                tries.append(self._fillings(steps[len(filled[0])], filled))
        return None

    def _fillings(self, step: Step, before: _Filling) -> Iterator[_Filling]:
        """Every way to fill the next step, as far as it makes a difference later."""
        done, blocks = before
        for choice in self._choices(step, done):
            for named in self._named(step, done):
                if not choice.party.is_official:
                    block = RAISER if choice.party.kind == "raiser" else ANYBODY
                    yield [*done, _Done(step.name, block, "", named)], blocks
                elif step.name not in self._told_by_person:
                    yield [*done, _Done(step.name, ANYBODY, choice.unit, named)], blocks
                else:
                    for block, shared in self._as_blocks(step, choice, done, blocks):
                        yield [*done, _Done(step.name, block, choice.unit, named)], shared

    def _as_blocks(
        self, step: Step, choice: _Choice, done: list[_Done], blocks: list[frozenset[str]]
    ) -> Iterator[tuple[int, list[frozenset[str]]]]:
        """By somebody new, or by whoever made one of the blocks of steps already."""
        shut = {d.block for d in done if d.name in self._apart_by_person(step, choice.party)}
        alone = [*blocks, choice.people]
        if can_be_given(alone):
            yield len(blocks), alone
        for i, block in enumerate(blocks):
            both = block & choice.people
            if i not in shut and both:
                shared = [*blocks[:i], both, *blocks[i + 1 :]]
                if can_be_given(shared):
                    yield i, shared

    def _choices(self, step: Step, done: Sequence[_Done]) -> Iterator[_Choice]:
        used = {unit for d in done for unit in (d.unit, d.named)}
        for name in step.by:
            party = self.program.parties[name]
            if party.kind == "raiser" and any(
                d.block == RAISER and d.name in self._apart_by_person(step, party) for d in done
            ):
                continue
            if not party.is_official:
                yield _Choice(party, "", NOBODY)
                continue
            out = self._shut_out(step, party, done)
            fresh: set[tuple[object, ...]] = set()
            for unit, people in sorted(self._fitting(party, done).items()):
                left = people - out
                if not left or (unit not in used and self._alike[unit] in fresh):
                    continue
                if unit not in used:
                    fresh.add(self._alike[unit])
                yield _Choice(party, unit, frozenset(left))

    def _named(self, step: Step, done: Sequence[_Done]) -> Iterator[str]:
        """The units the step may name: one of each kind, and those that count already."""
        if not step.names_unit or not any(step.name in party.moves for party in self.program.parties.values()):
            yield ""
            return
        used = {unit for d in done for unit in (d.unit, d.named)}
        if not self._units:
            yield NOWHERE
        fresh: set[tuple[object, ...]] = set()
        for unit in sorted(self._units):
            if unit in used:
                yield unit
            elif self._alike[unit] not in fresh:
                fresh.add(self._alike[unit])
                yield unit

    # ── Who fits, and who is shut out ──

    def _fitting(self, party: Party, done: Sequence[_Done]) -> dict[str, set[str]]:
        """Unit → who may act for it as that party."""
        found: dict[str, set[str]] = {}
        if party.kind == "did":
            unit = _unit_that_did(party, done)
            for person in self._units.get(unit, ()) if unit else ():
                if any(h.unit == unit and party.office in ("", h.office) for h in self.people[person]):
                    found.setdefault(unit, set()).add(person)
            return found
        for person, offices in self._here.items():
            for held in offices:
                if self._is_of(held, party):
                    found.setdefault(held.unit, set()).add(person)
        return found

    def _is_of(self, held: Appointment, party: Party) -> bool:
        if party.kind == "unit":
            return held.office == HANDLER
        if held.level != party.level or held.area != self.place.get(party.level):
            return False
        return held.office == party.office or (party.collective and held.office.startswith(party.office + "."))

    def _shut_out(self, step: Step, party: Party, done: Sequence[_Done]) -> set[str]:
        """Who may not act as that party: for a unit that acted before, or as a member of a body."""
        out: set[str] = set()
        for exclusion in self._exclusions(step, party):
            if exclusion.by == "member":
                out.update(*self._fitting(self.program.parties[exclusion.party], done).values())
            elif exclusion.by == "unit":
                out.update(*(self._units.get(d.unit, ()) for d in done if d.unit and d.name in exclusion.moves))
        return out

    def _exclusions(self, step: Step, party: Party) -> tuple[Exclusion, ...]:
        return (*party.never, *self._known.apart.get(step.name, ()))

    def _apart_by_person(self, step: Step, party: Party) -> frozenset[str]:
        key = (step.name, step.verifies, party.name)
        if key not in self._apart:
            self._apart[key] = frozenset(self._names_apart(step, party))
        return self._apart[key]

    def _names_apart(self, step: Step, party: Party) -> set[str]:
        names = {n for exclusion in self._exclusions(step, party) if exclusion.by == "person" for n in exclusion.moves}
        if step.verifies:  # nobody verifies what they finished, or wrote down for somebody
            names |= self._known.finishing | set(self.program.openings)
        return names

    def _names_told_by_person(self) -> frozenset[str]:
        """The moves of which it matters which person makes them."""
        names = set(self._known.finishing) | set(self.program.openings)
        for party in self.program.parties.values():
            bound = [never for never in party.never if never.by == "person"]
            names.update(*(never.moves for never in bound))
            names.update(*(self._made_by(party.name) if bound else ()))
        for separation in self.program.separations:
            names.update(separation.moves if separation.by == "person" else ())
        verifying = (m.name for state in self.program.states.values() for m in state.moves.values() if m.verifies)
        return frozenset(names.union(verifying))

    def _made_by(self, party: str) -> Iterator[tuple[str, ...]]:
        for state in self.program.states.values():
            yield tuple(move.name for move in state.moves.values() if party in move.by)
            yield tuple(DUTY + duty.name for duty in state.duties.values() if duty.of == party)

    def _is_apart(self, earlier: Step, later: Step) -> bool:
        """Whether it can matter for the later step who made the earlier, or for which unit."""
        for name in later.by:
            party = self.program.parties[name]
            units = {n for e in self._exclusions(later, party) if e.by == "unit" for n in e.moves}
            if earlier.name in self._apart_by_person(later, party) | units:
                return True
        return False


def _unit_that_did(party: Party, done: Sequence[_Done]) -> str:
    last = next((d for d in reversed(done) if d.name in party.moves), None)
    if last is None:
        return ""
    return {"named": last.named, "doer": last.unit}.get(party.role, last.named or last.unit)


def can_be_given(blocks: Sequence[frozenset[str]]) -> bool:
    """Whether each block can have a person of its own: a matching, by augmenting paths."""
    given: dict[str, int] = {}

    def augment(block: int, tried: set[str]) -> bool:
        for person in blocks[block]:
            if person not in tried:
                tried.add(person)
                if person not in given or augment(given[person], tried):
                    given[person] = block
                    return True
        return False

    return all(augment(block, set()) for block in range(len(blocks)))

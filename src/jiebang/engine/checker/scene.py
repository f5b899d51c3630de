"""Who can make the steps of a walk, with the people really appointed: the search behind P1 (`staffing`).

A question of workflow satisfiability (Crampton, Gutin, Yeo): which steps one person makes is tried as blocks, pruned by
the separations; whether the blocks can be given to different people is a matching, found by augmenting paths. So eight
steps that seven people cannot make are refused at once, where trying people one by one takes seconds.

What a walk has made so far is kept as a *standing*: only what can matter later, so that most ways to fill the same
steps come to the same few standings. Walks begin alike: each beginning keeps its standings and looks for another only
when one of the walks that go on from it is stuck with those found. Units count too, since which unit a step is made for
decides who is shut out later; of units that nothing told apart yet only one is tried.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import TypeAlias

from jiebang.engine.checker.walks import Step
from jiebang.engine.lookups import DUTY, Lookups, lookups, once_a_program
from jiebang.engine.model import Appointment, Exclusion, Party, Program
from jiebang.engine.parties import HANDLER

People = Mapping[str, Sequence[Appointment]]  # person → the offices they hold
Mask: TypeAlias = int  # a set of people: bit n is the n-th
Block: TypeAlias = tuple[Mask, tuple[str, ...]]  # who it can be, and the moves of theirs that shut them out later
NOWHERE = "\x00"  # a unit without people


@dataclass(frozen=True, slots=True)
class Standing:
    """What later steps can ask about the steps made so far.

    `blocks`: for each person who made some, who it can be, and which steps; `raised`: what the raiser made; `acted`:
    which unit made what; `last`: the unit of each party that is known by its deed.
    """

    blocks: tuple[Block, ...] = ()
    raised: frozenset[str] = frozenset()
    acted: frozenset[tuple[str, str]] = frozenset()
    last: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Choice:
    """A way to fill a step: as which party, for which unit, by whom."""

    party: Party
    unit: str
    people: Mask


@dataclass(frozen=True, slots=True)
class _Found:
    """A standing reached, and the people no step on the way to it could do without, its blocks aside."""

    standing: Standing
    alone: Mask = 0


class _Told:
    """What a program's separations and deeds speak of, found once."""

    def __init__(self, program: Program) -> None:
        known: Lookups = lookups(program)
        self.known, self.program = known, program
        exclusions = [one for party in program.parties.values() for one in party.never]
        exclusions += [one for each in known.apart.values() for one in each]
        self.of_units = {name for one in exclusions if one.by == "unit" for name in one.moves}
        self.by_person = _names_told_by_person(program, known)
        self.shutting = {name for one in exclusions if one.by == "person" for name in one.moves}
        if any(move.verifies for state in program.states.values() for move in state.moves.values()):
            self.shutting |= known.finishing | set(program.openings)
        self.deeds = {party.name: n for n, party in enumerate(p for p in program.parties.values() if p.kind == "did")}
        self.deed_moves = {name for party in program.parties.values() for name in party.moves}
        self._apart: dict[tuple[str, bool, str], frozenset[str]] = {}

    def exclusions(self, step: Step, party: Party) -> tuple[Exclusion, ...]:
        return (*party.never, *self.known.apart.get(step.name, ()))

    def apart_by_person(self, step: Step, party: Party) -> frozenset[str]:
        key = (step.name, step.verifies, party.name)
        if key not in self._apart:
            names = {n for one in self.exclusions(step, party) if one.by == "person" for n in one.moves}
            if step.verifies:  # nobody verifies what they finished, or wrote down for somebody
                names |= self.known.finishing | set(self.program.openings)
            self._apart[key] = frozenset(names)
        return self._apart[key]

    def is_apart(self, earlier: Step, later: Step) -> bool:
        """Whether it can matter for the later step who made the earlier, or for which unit."""
        for name in later.by:
            party = self.program.parties[name]
            units = {n for one in self.exclusions(later, party) if one.by == "unit" for n in one.moves}
            if earlier.name in self.apart_by_person(later, party) | units:
                return True
        return False


_told = once_a_program(_Told)


class Scene:
    """The people who count for an entry at one place, and who of them can go a walk."""

    def __init__(self, program: Program, people: People, place: Mapping[str, str]) -> None:
        self.program, self.people, self.place = program, people, place
        self.told = _told(program)
        self.order = list(people)
        self._bit = {person: n for n, person in enumerate(self.order)}
        codes = set(place.values())
        self._units: dict[str, Mask] = {}  # unit → who holds any office in it
        self._for: dict[tuple[str, str], Mask] = {}  # office, unit → who holds it there
        self._here: list[tuple[Mask, Appointment]] = []
        for n, person in enumerate(self.order):
            for held in people[person]:
                self._units[held.unit] = self._units.get(held.unit, 0) | 1 << n
                self._for[held.office, held.unit] = self._for.get((held.office, held.unit), 0) | 1 << n
                if held.area in codes:
                    self._here.append((1 << n, held))
        self._profiles = [
            tuple(sorted((held.office, held.area, held.level) for held in people[person])) for person in self.order
        ]
        self._alike = self._classes()
        self._fitting_known: dict[str, dict[str, Mask]] = {}
        self._kinds_known: dict[Standing, Mapping[str, object]] = {}
        self._next_known: dict[tuple[Standing, Step], _Lazily] = {}
        self._given: dict[tuple[Mask, ...], bool] = {}
        self._needed: dict[tuple[Mask, ...], Mask] = {}
        self._begun = Standing(last=("",) * len(self.told.deeds))
        self._start = _Beginning(_Lazily(iter([_Found(self._begun)])))

    def alike(self) -> list[list[str]]:
        """People at this place in groups that hold the same offices: if one can be spared, so can each."""
        groups: dict[tuple[Appointment, ...], list[str]] = {}
        for person in dict.fromkeys(self.order[bit.bit_length() - 1] for bit, _ in self._here):
            held = tuple(sorted(self.people[person], key=lambda one: (one.office, one.unit, one.area, one.level)))
            groups.setdefault(held, []).append(person)
        return list(groups.values())

    def mask(self, people: Iterable[str]) -> Mask:
        return sum(1 << self._bit[person] for person in people)

    def _classes(self) -> dict[str, tuple[object, ...]]:
        """Unit → what it has in common with the units that could take its place."""
        found: dict[str, tuple[object, ...]] = {}
        for unit, members in self._units.items():
            names = [self.order[n] for n in _bits(members)]
            own = all(held.unit == unit for person in names for held in self.people[person])
            found[unit] = tuple(sorted(self._profiles[n] for n in _bits(members))) if own else (unit,)
        return found

    # ── Questions ──

    @property
    def tries(self) -> int:
        """How often somebody was looked for: a step after one of the standings before it."""
        return len(self._next_known)

    def makers(self, step: Step) -> Mask | None:
        """Who may make a step no separation speaks of; None where it takes no official. Nobody: 0."""
        people = 0
        for choice in self._choices(step, self._begun):
            if not choice.party.is_official:
                return None
            people |= choice.people
        return people

    def reached(self, steps: Sequence[Step]) -> tuple[int, Mask]:
        """How many of the steps can be filled: all of them, or all before the first nobody is left for.

        With it people such that as many can be filled while anybody else is away.
        """
        here = self._start
        found = here.found[0]
        assert found is not None
        n = 0
        for n, step in enumerate(steps, start=1):
            if step not in here.onward:
                here.onward[step] = _Beginning(_Lazily(self._from(here, step)))
            here = here.onward[step]
            first = here.found[0]
            if first is None:
                n -= 1
                break
            found = first
        return n, found.alone | self._needed_for(found.standing)

    def _needed_for(self, standing: Standing) -> Mask:
        masks = tuple(people for people, _ in standing.blocks)
        if masks not in self._needed:
            self._needed[masks] = _needed(masks)
        return self._needed[masks]

    # ── Trying ──

    def _from(self, before: _Beginning, step: Step) -> Iterator[_Found]:
        """Every standing after the next step, each once. More of those before it are found only when asked for."""
        seen: set[Standing] = set()
        for n in count():
            here = before.found[n]
            if here is None:
                return
            key = (here.standing, step)
            if key not in self._next_known:
                self._next_known[key] = _Lazily(self._next(step, here.standing))
            for m in count():
                made = self._next_known[key][m]
                if made is None:
                    break
                if made.standing not in seen:
                    seen.add(made.standing)
                    yield _Found(made.standing, here.alone | made.alone)

    def _next(self, step: Step, before: Standing) -> Iterator[_Found]:
        """Every way to fill the next step, as far as it makes a difference later."""
        for choice in self._choices(step, before):
            for named in self._named(step, before):
                acted, last = self._after(step, choice.unit, named, before)
                if not choice.party.is_official:
                    raised = before.raised
                    if choice.party.kind == "raiser" and step.name in self.told.shutting:
                        raised |= {step.name}
                    yield _Found(Standing(before.blocks, raised, acted, last))
                elif step.name not in self.told.by_person:
                    yield self._by_whoever(choice, 0, Standing(before.blocks, before.raised, acted, last))
                else:
                    apart = self.told.apart_by_person(step, choice.party)
                    shut = [n for n, (_, names) in enumerate(before.blocks) if not apart.isdisjoint(names)]
                    if step.name not in self.told.shutting and choice.people.bit_count() > len(shut):
                        yield self._by_whoever(choice, len(shut), Standing(before.blocks, before.raised, acted, last))
                        continue
                    for blocks in self._as_blocks(step, choice.people, before.blocks, shut):
                        yield _Found(Standing(blocks, before.raised, acted, last))

    @staticmethod
    def _by_whoever(choice: _Choice, shut: int, after: Standing) -> _Found:
        """Nobody is shut out later for having made it, and there are more people than are shut out now."""
        return _Found(after, choice.people if choice.people.bit_count() == shut + 1 else 0)

    def _after(
        self, step: Step, unit: str, named: str, before: Standing
    ) -> tuple[frozenset[tuple[str, str]], tuple[str, ...]]:
        acted = before.acted | {(step.name, unit)} if unit and step.name in self.told.of_units else before.acted
        last = list(before.last)
        for name, n in self.told.deeds.items():
            party = self.program.parties[name]
            if step.name in party.moves:
                last[n] = {"named": named, "doer": unit}.get(party.role, named or unit)
        return acted, tuple(last)

    def _as_blocks(
        self, step: Step, people: Mask, blocks: tuple[Block, ...], shut: Sequence[int]
    ) -> Iterator[tuple[Block, ...]]:
        """By somebody new, or by whoever made one of the blocks of steps already."""
        mine = (step.name,) if step.name in self.told.shutting else ()
        alone = (*blocks, (people, mine))
        if self._can_be_given(alone):
            yield tuple(sorted(alone))
        for n, (others, names) in enumerate(blocks):
            both = others & people
            if both and n not in shut:
                shared = (*blocks[:n], (both, tuple(sorted({*names, *mine}))), *blocks[n + 1 :])
                if self._can_be_given(shared):
                    yield tuple(sorted(shared))

    def _can_be_given(self, blocks: Sequence[Block]) -> bool:
        masks = tuple(sorted(people for people, _ in blocks))
        if masks not in self._given:
            self._given[masks] = can_be_given(masks)
        return self._given[masks]

    def _choices(self, step: Step, before: Standing) -> Iterator[_Choice]:
        for name in step.by:
            party = self.program.parties[name]
            if party.kind == "raiser" and not before.raised.isdisjoint(self.told.apart_by_person(step, party)):
                continue
            if not party.is_official:
                yield _Choice(party, "", 0)
                continue
            out = self._shut_out(step, party, before)
            fresh: set[object] = set()
            kinds = self._kinds(before)
            for unit, people in self._fitting(party, before).items():
                left = people & ~out
                if left and kinds[unit] not in fresh:
                    fresh.add(kinds[unit])
                    yield _Choice(party, unit, left)

    def _named(self, step: Step, before: Standing) -> Iterator[str]:
        """The units the step may name, one of each kind."""
        if not step.names_unit or step.name not in self.told.deed_moves:
            yield ""
        elif not self._units:
            yield NOWHERE
        else:
            kinds = self._kinds(before)
            yield from {kinds[unit]: unit for unit in sorted(self._units, reverse=True)}.values()

    def _kinds(self, before: Standing) -> Mapping[str, object]:
        """Unit → what tells it apart now: its people's offices, what it did, and who of it made which steps."""
        if before not in self._kinds_known:
            known = {unit for _, unit in before.acted}.union(before.last)
            self._kinds_known[before] = {
                unit: unit if unit in known else (self._alike[unit], *self._part(unit, before)) for unit in self._units
            }
        return self._kinds_known[before]

    def _part(self, unit: str, before: Standing) -> Iterator[object]:
        """Which of the unit's people could have made each block: all, none, or which of them."""
        members = self._units[unit]
        split = []
        for people, _ in before.blocks:
            both = people & members
            yield both == members, both == 0
            if both not in (0, members):
                split.append(both)
        if split:
            yield tuple(sorted((self._profiles[n], *(both >> n & 1 for both in split)) for n in _bits(members)))

    # ── Who fits, and who is shut out ──

    def _fitting(self, party: Party, before: Standing) -> dict[str, Mask]:
        """Unit → who may act for it as that party."""
        if party.kind == "did":
            unit = before.last[self.told.deeds[party.name]]
            people = self._for.get((party.office, unit), 0) if party.office else self._units.get(unit, 0)
            return {unit: people} if unit and people else {}
        if party.name not in self._fitting_known:
            found: dict[str, Mask] = {}
            for bit, held in self._here:
                if self._is_of(held, party):
                    found[held.unit] = found.get(held.unit, 0) | bit
            self._fitting_known[party.name] = dict(sorted(found.items()))
        return self._fitting_known[party.name]

    def _is_of(self, held: Appointment, party: Party) -> bool:
        if party.kind == "unit":
            return held.office == HANDLER
        if held.level != party.level or held.area != self.place.get(party.level):
            return False
        return held.office == party.office or (party.collective and held.office.startswith(party.office + "."))

    def _shut_out(self, step: Step, party: Party, before: Standing) -> Mask:
        """Who may not act as that party: for a unit that acted before, or as a member of a body."""
        out = 0
        for exclusion in self.told.exclusions(step, party):
            if exclusion.by == "member":
                for people in self._fitting(self.program.parties[exclusion.party], before).values():
                    out |= people
            elif exclusion.by == "unit":
                for name, unit in before.acted:
                    if name in exclusion.moves:
                        out |= self._units.get(unit, 0)
        return out


class _Lazily:
    """The values of an iterator by their place, taken from it no earlier than asked for; None behind the last."""

    __slots__ = ("_left", "_taken")

    def __init__(self, values: Iterator[_Found]) -> None:
        self._left, self._taken = values, list[_Found]()

    def __getitem__(self, n: int) -> _Found | None:
        while len(self._taken) <= n:
            value = next(self._left, None)
            if value is None:
                return None
            self._taken.append(value)
        return self._taken[n]


class _Beginning:
    """Steps that some walks begin with: the standings they can lead to, and the beginnings one step longer."""

    __slots__ = ("found", "onward")

    def __init__(self, found: _Lazily) -> None:
        self.found, self.onward = found, dict[Step, "_Beginning"]()


def _names_told_by_person(program: Program, known: Lookups) -> frozenset[str]:
    """The moves of which it matters which person makes them."""
    names = set(known.finishing) | set(program.openings)
    for party in program.parties.values():
        bound = [never for never in party.never if never.by == "person"]
        names.update(*(never.moves for never in bound))
        names.update(*(_made_by(program, party.name) if bound else ()))
    for separation in program.separations:
        names.update(separation.moves if separation.by == "person" else ())
    verifying = (m.name for state in program.states.values() for m in state.moves.values() if m.verifies)
    return frozenset(names.union(verifying))


def _made_by(program: Program, party: str) -> Iterator[tuple[str, ...]]:
    for state in program.states.values():
        yield tuple(move.name for move in state.moves.values() if party in move.by)
        yield tuple(DUTY + duty.name for duty in state.duties.values() if duty.of == party)


# ── Matching ────────────────────────────────────────────────────────────────────────────────────────────────


def can_be_given(blocks: Sequence[Mask]) -> bool:
    """Whether each block can have a person of its own: a matching, by augmenting paths."""
    return _matching(blocks) is not None


def _matching(blocks: Sequence[Mask], away: Mask = 0) -> dict[int, int] | None:
    """Person → block, every block once; None where that cannot be."""
    given: dict[int, int] = {}
    tried = 0

    def augment(block: int) -> bool:
        nonlocal tried
        for person in _bits(blocks[block] & ~away):
            if not tried >> person & 1:
                tried |= 1 << person
                if person not in given or augment(given[person]):
                    given[person] = block
                    return True
        return False

    for block in range(len(blocks)):
        tried = 0
        if not augment(block):
            return None
    return given


def _needed(blocks: Sequence[Mask]) -> Mask:
    """The people without whom the blocks could not be given."""
    given = _matching(blocks) or {}
    return sum(1 << person for person in given if _matching(blocks, 1 << person) is None)


def _bits(mask: Mask) -> Iterator[int]:
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low

"""P1: whether the people really appointed can do what a mechanism keeps apart, and what breaks if one is away.

Along each walk of the mechanism: is there somebody for every step, so that nobody makes two that are kept apart? How
that is found stands in `scene`. Whether somebody can be spared is asked only of those without whom a way that was found
would break; a walk they are not needed on is not tried again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from jiebang.engine.checker.scene import Mask, People, Scene
from jiebang.engine.checker.walks import Step, Walks, plain_steps, walks_of
from jiebang.engine.graph import graph_of
from jiebang.engine.lookups import once_a_program
from jiebang.engine.model import Appointment, Party, Program
from jiebang.engine.parties import HANDLER


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
    people = counting(program, people)
    scene = Scene(program, people, place)
    tried = _tried(scene, ways)
    absences = []
    for alike in scene.alike():
        if not tried.breaks_without(scene.mask(alike)):
            continue
        rest = Scene(program, {who: held for who, held in people.items() if who != alike[0]}, place)
        without = _tried(rest, ways, _Before(tried, scene.mask(alike)))
        lost = tuple(gap for at, (gap, _) in without.gaps.items() if at not in tried.gaps)
        if lost or without.closes != tried.closes:
            absences += [Absence(person, without.closes, lost) for person in alike]
    gaps = tuple(_filled(scene, gap, steps) for gap, steps in tried.gaps.values())
    return Staffing(tried.closes, gaps, tuple(absences), tried.ways, tried.complete)


def counting(program: Program, people: People) -> People:
    """Return the appointments the mechanism can ask for. Of others it counts only, if at all, in which unit they are.

    Of people who hold the same offices no more are kept than have steps in a way: more of them change nothing.
    """
    parties = [party for party in program.parties.values() if party.is_official]
    anybody = any(party.kind == "did" and not party.office for party in parties)  # a unit acts by whoever is in it
    offices = {party.office for party in parties} | {HANDLER}
    bodies = tuple(f"{party.office}." for party in parties if party.collective)
    most = _ways(program).longest + 1  # one may be away
    alike: Counter[tuple[Appointment, ...]] = Counter()
    found = {}
    for person, held in people.items():
        kept = [one for one in held if one.office in offices or one.office.startswith(bodies)]
        if anybody:
            kept += dict.fromkeys(Appointment("", one.unit, one.area, one.level) for one in held if one not in kept)
        same = tuple(sorted(kept, key=_in_order))
        alike[same] += 1
        if kept and alike[same] <= most:
            found[person] = kept
    return found


def _in_order(held: Appointment) -> tuple[str, ...]:
    return held.office, held.unit, held.area, held.level


class _Ways:
    """A program's walks, kept: for each set of plain steps nobody can make, those without them."""

    def __init__(self, program: Program) -> None:
        self._program, self._graph = program, graph_of(program)
        self.plain = plain_steps(program, self._graph)
        self._without: dict[frozenset[Step], Walks] = {}
        self.longest = max((len(walk.steps) for walk in self.without(frozenset()).walks), default=0)

    def without(self, shut: frozenset[Step]) -> Walks:
        if shut not in self._without:
            self._without[shut] = walks_of(self._program, self._graph, shut)
        return self._without[shut]


_ways = once_a_program(_Ways)


@dataclass(frozen=True, slots=True)
class _Tried:
    """`gaps`: for each place where a walk stops, the gap there and the walk's steps.

    `reached`: for each way's steps, how many can be filled, and who is needed for as many; `needed`: all who are, and
    `only`: whoever alone can make some step no separation speaks of.
    """

    closes: bool
    gaps: Mapping[tuple[str, str], tuple[Gap, tuple[Step, ...]]]
    ways: int
    complete: bool
    reached: Mapping[tuple[Step, ...], tuple[int, Mask]]
    needed: Mask
    only: Mask

    def breaks_without(self, alike: Mask) -> bool:
        """Whether anything found may not hold while one of those alike is away."""
        return not alike & ~self.needed or not alike & ~self.only


@dataclass(frozen=True, slots=True)
class _Before:
    """What was found with everybody there, and who could be away now: one of `alike`, whichever."""

    tried: _Tried
    alike: Mask

    def reached(self, steps: tuple[Step, ...]) -> tuple[int, Mask] | None:
        """What was found of these steps, if one of those alike was not needed for it; else None."""
        known = self.tried.reached.get(steps)
        return known if known is not None and self.alike & ~known[1] else None


def _tried(scene: Scene, ways: _Ways, before: _Before | None = None) -> _Tried:
    makers = {step: scene.makers(step) for step in ways.plain}
    shut = frozenset(step for step, people in makers.items() if people == 0)
    gaps: dict[tuple[str, str], tuple[Gap, tuple[Step, ...]]] = {
        (step.state, step.name): (Gap(step.state, step.name, step.by, ()), (step,)) for step in shut
    }
    walks = ways.without(shut)
    reached: dict[tuple[Step, ...], tuple[int, Mask]] = {}
    stuck: dict[tuple[Step, ...], Gap] = {}
    closes = False
    for walk in walks.walks:
        if walk.steps not in reached:
            reached[walk.steps] = (before and before.reached(walk.steps)) or scene.reached(walk.steps)
        so_far = reached[walk.steps][0]
        if so_far == len(walk.steps):
            closes = closes or scene.program.finals[walk.end].means == "solved"
            continue
        way = walk.steps[: so_far + 1]
        if way not in stuck:
            stuck[way] = _gap(scene, way)
            if stuck[way].parties:
                gaps.setdefault((stuck[way].state, stuck[way].move), (stuck[way], walk.steps))
    needed = only = 0
    for _, people in reached.values():
        needed |= people
    for each in makers.values():
        only |= each if each is not None and each.bit_count() == 1 else 0
    return _Tried(closes, dict(sorted(gaps.items())), len(walks.walks), walks.complete, reached, needed, only)


def _gap(scene: Scene, way: Sequence[Step]) -> Gap:
    """The last step, nobody is left for. One for a unit that never acted has no `parties`: nobody mends that."""
    step, before = way[-1], way[:-1]
    parties = tuple(name for name in step.by if _acts(scene.program.parties[name], before))
    after = tuple(dict.fromkeys(one.name for one in before if scene.told.is_apart(one, step)))
    return Gap(step.state, step.name, parties, after)


def _acts(party: Party, before: Sequence[Step]) -> bool:
    return party.kind != "did" or any(step.name in party.moves for step in before)


# ── What would help ─────────────────────────────────────────────────────────────────────────────────────────


def _filled(scene: Scene, gap: Gap, steps: Sequence[Step]) -> Gap:
    """The gap with every single appointment that lets this walk go on past it."""
    at = next(n for n, step in enumerate(steps) if (step.state, step.name) == (gap.state, gap.move))
    found = [
        post
        for post in _posts(scene.program, gap)
        if Scene(scene.program, _with(scene, post), scene.place).reached(steps[: at + 1])[0] > at
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

"""P1 against plain backtracking: everybody is tried for every step, and the engine itself says who may."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiebang.engine.checker.scene import Scene, can_be_given
from jiebang.engine.checker.staffing import Gap, Post, counting, staffing
from jiebang.engine.checker.walks import Step, walks_of
from jiebang.engine.graph import START, graph_of
from jiebang.engine.lookups import lookups
from jiebang.engine.model import Actor, Appointment, Deed, Exclusion, Facts, Move, Party, Program, Separation, Yes
from jiebang.engine.parties import appointments_fitting, who_may, who_may_open
from tests.engine.builders import OFFICE, RAISER, SOLVER, UNIT, UPPER, move, program, state
from tests.engine.playing import MONDAY_NINE, hazard
from tests.engine.shipped import residents

PLACE = {"city": "5111", "county": "511112"}
CITIZEN = Actor("citizen", via="code")
STRANGER = Actor("stranger")


def held(office: str, unit: str, level: str = "county") -> Appointment:
    return Appointment(office, unit, PLACE[level], level)


# ── Plain backtracking ──────────────────────────────────────────────────────────────────────────────────────


def begun() -> Facts:
    return Facts(
        "", 0, PLACE, MONDAY_NINE, MONDAY_NINE, MONDAY_NINE, None, "", False, ("citizen",), (), (), {}, {}, {}, (), {}
    )


def backtracked(tried: Program, people: Mapping[str, Sequence[Appointment]], steps: Sequence[Step]) -> int:
    """How many steps somebody can be found for."""
    actors = [CITIZEN, STRANGER, *(Actor(person, tuple(offices)) for person, offices in people.items())]
    units = sorted({one.unit for offices in people.values() for one in offices})
    best = 0

    def go_on(i: int, facts: Facts) -> bool:
        nonlocal best
        best = max(best, i)
        if i == len(steps):
            return True
        step = steps[i]
        named = (units or ["nowhere"]) if step.names_unit else [""]
        for name in step.by:
            made = lookups(tried).moves[step.state].get(step.name) if step.state else tried.openings[step.name]
            assert made is not None
            one = replace(made, by=(name,))
            for actor in actors:
                for unit in units_of(tried, facts, actor, one, name, opening=not step.state):
                    for other in named:
                        deed = Deed(step.name, actor.person, unit, other, MONDAY_NINE)
                        clerks = (actor.person,) if not step.state and unit else facts.clerks
                        if go_on(i + 1, replace(facts, deeds=(*facts.deeds, deed), clerks=clerks)):
                            return True
        return False

    go_on(0, begun())
    return best


def units_of(tried: Program, facts: Facts, actor: Actor, one: Move, name: str, *, opening: bool) -> Sequence[str]:
    answer = who_may_open(tried, PLACE, actor, one) if opening else who_may(tried, facts, actor, one)
    if not isinstance(answer, Yes):
        return ()
    if not tried.parties[name].is_official:
        return ("",)
    fitting = appointments_fitting(tried.parties[name], actor, PLACE, facts)
    return tuple(dict.fromkeys(one.unit for one in fitting))


# ── Random mechanisms and people ────────────────────────────────────────────────────────────────────────────

MOVES = ("m0", "m1", "m2", "m3", "m4")


@st.composite
def exclusions(draw: st.DrawFn) -> tuple[Exclusion, ...]:
    never = []
    for by in draw(st.lists(st.sampled_from(["person", "unit", "member"]), unique=True, max_size=2)):
        if by == "member":
            never.append(Exclusion("member", (), "body"))
        else:
            moves = draw(st.sets(st.sampled_from(MOVES), min_size=1, max_size=2))
            never.append(Exclusion("person" if by == "person" else "unit", tuple(sorted(moves))))
    return tuple(never)


@st.composite
def mechanisms(draw: st.DrawFn) -> Program:
    """One way through five moves, each by somebody else or not."""
    body = Party("body", "post", {}, office="committee", level="county", collective=True)
    parties = [
        body,
        RAISER,
        replace(OFFICE, never=draw(exclusions())),
        replace(UPPER, never=draw(exclusions())),
        replace(UNIT, never=draw(exclusions())),
        replace(
            SOLVER, moves=("m0", "m1"), role=draw(st.sampled_from(["", "named", "doer"])), never=draw(exclusions())
        ),
    ]
    names = [party.name for party in parties]
    count = draw(st.integers(2, len(MOVES)))
    states = []
    for i in range(count):
        by = draw(st.lists(st.sampled_from(names), min_size=1, max_size=2, unique=True))
        one = move(MOVES[i], f"s{i + 1}" if i + 1 < count else "struck", " or ".join(by),
                   ask=("unit",) if draw(st.booleans()) and i < 2 else (),
                   verifies=i > 1 and draw(st.booleans()), finishes=i == 1)  # fmt: skip
        states.append(state(f"s{i}", "office", "1 wd", "failed", one))
    made = program(*states, parties=parties)
    apart = []
    for _ in range(draw(st.integers(0, 2))):
        pair = draw(st.sets(st.sampled_from(MOVES[:count]), min_size=2, max_size=3))
        apart.append(Separation(tuple(sorted(pair)), draw(st.sampled_from(["person", "unit"]))))
    opening = replace(made.openings["raise"], by=(draw(st.sampled_from(["anyone", "office"])),))
    return replace(made, separations=tuple(apart), openings={"raise": opening})


@st.composite
def appointed(draw: st.DrawFn) -> dict[str, tuple[Appointment, ...]]:
    posts = [
        held(office, unit, level)
        for office, level in (("board-office", "county"), ("government-duty", "city"), ("handler", "county"),
                              ("committee", "county"), ("committee.chair", "county"))
        for unit in ("a", "b")
    ]  # fmt: skip
    offices = st.lists(st.sampled_from(posts), min_size=1, max_size=2, unique=True).map(tuple)
    return {f"k{n}": one for n, one in enumerate(draw(st.lists(offices, max_size=4)))}


@given(mechanisms(), appointed())
def test_blocks_and_matching_find_what_trying_everybody_finds(
    tried: Program, people: dict[str, tuple[Appointment, ...]]
) -> None:
    steps = tuple(
        Step(name, one.name, one.by, one.verifies, any(ask.field == "unit" for ask in one.ask))
        for name, here in [(START, tried.openings), *((name, here.moves) for name, here in tried.states.items())]
        for one in here.values()
    )

    assert Scene(tried, people, PLACE).reached(steps)[0] == backtracked(tried, people, steps)


@given(mechanisms(), appointed())
def test_whoever_cannot_be_spared_is_found_without_leaving_each_of_them_out(
    tried: Program, people: dict[str, tuple[Appointment, ...]]
) -> None:
    whole = staffing(tried, people, PLACE)

    for person in people:
        rest = staffing(tried, {who: held for who, held in people.items() if who != person}, PLACE)
        known = {(gap.state, gap.move) for gap in whole.gaps}
        lost = {(gap.state, gap.move) for gap in rest.gaps} - known
        said = {(gap.state, gap.move) for one in whole.absences if one.person == person for gap in one.gaps}
        assert lost == said
        closes = {one.closes for one in whole.absences if one.person == person} or {whole.closes}
        assert closes == {rest.closes}


@given(st.lists(st.frozensets(st.sampled_from("abcd")), max_size=4))
def test_a_matching_gives_each_block_its_own_person(blocks: list[frozenset[str]]) -> None:
    def by_trying(left: list[frozenset[str]], taken: frozenset[str]) -> bool:
        return not left or any(by_trying(left[1:], taken | {one}) for one in left[0] - taken)

    masks = [sum(1 << "abcd".index(one) for one in block) for block in blocks]

    assert can_be_given(masks) == by_trying(blocks, frozenset())


# ── Walks ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_every_path_without_a_circle_is_walked() -> None:
    tried = hazard()
    graph = graph_of(tried)
    walks = {walk.steps for walk in walks_of(tried, graph).walks}

    def told(node: str, passed: tuple[str, ...], names: tuple[str, ...]) -> None:
        if node in tried.finals:
            assert names in walked
            return
        for edge in graph.out[node]:
            if edge.target not in passed:
                made = (edge.name,) if edge.move is not None and edge.name in telling else ()
                told(edge.target, (*passed, edge.target), names + made)

    telling = {step.name for steps in walks for step in steps}
    walked = {tuple(step.name for step in steps if not step.name.startswith("duty:")) for steps in walks}
    told(START, (START,), ())


# ── What a city reads ───────────────────────────────────────────────────────────────────────────────────────


def proposed() -> Program:
    """One proposes, another decides, and both are the office's."""
    made = program(
        state("a", "office", "1 wd", "failed", move("propose", "b", show=("",), finishes=True)),
        state("b", "office", "1 wd", "failed", move("decide", "struck", verifies=True)),
    )
    return replace(made, separations=(Separation(("propose", "decide"), "person"),))


def test_one_officer_cannot_propose_and_decide_and_the_second_one_is_asked_for() -> None:
    alone = staffing(proposed(), {"k1": [held("board-office", "a")]}, PLACE)

    assert not alone.closes
    assert alone.gaps == (Gap("b", "decide", ("office",), ("propose",), (Post("board-office", "county"),)),)


def test_two_officers_can_and_neither_can_be_spared() -> None:
    two = staffing(proposed(), {"k1": [held("board-office", "a")], "k2": [held("board-office", "a")]}, PLACE)
    three = staffing(proposed(), {f"k{n}": [held("board-office", "a")] for n in range(3)}, PLACE)

    assert two.closes and not two.gaps
    assert [(absence.person, absence.closes) for absence in two.absences] == [("k1", False), ("k2", False)]
    assert three.closes and not three.absences


def test_separation_by_unit_asks_for_another_unit() -> None:
    tried = replace(proposed(), separations=(Separation(("propose", "decide"), "unit"),))

    found = staffing(tried, {f"k{n}": [held("board-office", "a")] for n in range(3)}, PLACE)

    assert [gap.appoint for gap in found.gaps] == [(Post("board-office", "county", elsewhere=True),)]


def test_a_post_nobody_holds_is_named() -> None:
    found = staffing(proposed(), {}, PLACE)

    assert found.gaps[0] == Gap("a", "propose", ("office",), (), (Post("board-office", "county"),))


@pytest.mark.parametrize("tried", [residents(), hazard()])
def test_a_shipped_mechanism_closes_with_a_full_staff_and_not_with_none(tried: Program) -> None:
    place = {"city": "5111", "county": "511112", "township": "511112100", "community": "511112100005"}
    posts = {(p.office, p.level) for p in tried.parties.values() if p.kind == "post"}
    people = {
        f"{office}-{level}-{unit}-{n}": [Appointment(office, f"{office}-{unit}", place[level], level)]
        for office, level in [*posts, ("handler", "county")]
        for unit in "ab"
        for n in (1, 2, 3)
    }

    full, none = staffing(tried, people, place), staffing(tried, {}, place)

    assert full.closes and not full.gaps and not full.absences
    assert not none.closes and none.gaps


def test_twelve_steps_that_eleven_people_cannot_share_are_refused_at_once() -> None:
    names = [f"m{i}" for i in range(12)]
    tried = program(*(
        state(f"s{i}", "office", "1 wd", "failed", move(name, f"s{i + 1}" if i < 11 else "explained"))
        for i, name in enumerate(names)
    ))  # fmt: skip
    tried = replace(tried, separations=(Separation(tuple(names), "person"),))
    scene = Scene(tried, {f"k{n}": [held("board-office", f"u{n}")] for n in range(11)}, PLACE)
    steps = tuple(Step(f"s{i}", name, ("office",)) for i, name in enumerate(names))

    reached, _ = scene.reached(steps)

    assert reached == 11
    assert scene.tries == 12


@pytest.mark.parametrize("officers", [1, 2])
def test_a_whole_mechanism_is_tried_in_few_steps_however_many_units_there_are(officers: int) -> None:
    tried = residents()
    place = {"city": "5111", "county": "511112", "township": "511112100", "community": "511112100005"}
    posts = {(p.office, p.level) for p in tried.parties.values() if p.kind == "post"}
    people = {
        f"{office}-{level}-{unit}-{n}": [Appointment(office, unit, place[level], level)]
        for office, level, units in [*((*post, ["office"]) for post in posts), ("handler", "county", "abcdefghij")]
        for unit in units
        for n in range(officers)
    }
    walks = walks_of(tried, graph_of(tried)).walks
    scene = Scene(tried, people, place)

    for walk in walks:
        scene.reached(walk.steps)

    # Plain backtracking over ten units tries some millions here.
    assert scene.tries < 2_000


def test_of_many_members_of_a_body_only_as_many_count_as_a_way_has_steps() -> None:
    tried = proposed()
    body = {f"k{n}": [held("board-office", "a")] for n in range(40)}

    assert len(counting(tried, body)) == 3, "two steps, and one of them away"
    assert staffing(tried, body, PLACE) == staffing(tried, dict(list(body.items())[:3]), PLACE)


def test_people_the_mechanism_never_asks_for_do_not_count() -> None:
    others = {"k1": [held("school-head", "a")], "k2": [held("board-office", "a")]}

    assert counting(proposed(), others) == {"k2": [held("board-office", "a")]}

"""Trying a mechanism out with invented people."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from jiebang.engine import cases
from jiebang.engine.rehearsal import RESIDENT, Tried, cast, scene
from tests.engine.calendars import china
from tests.engine.shipped import residents

LEVELS = ("city", "county", "township", "community")
MONDAY_NINE = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
RAISED = Tried(MONDAY_NINE, RESIDENT, "raise", {"what": "x", "where": "invented-community"})


def play(*tried: Tried):
    return scene(residents(), china(), tried, begins=MONDAY_NINE, levels=LEVELS)


def test_nothing_was_raised_yet_and_anybody_may():
    now = play()

    assert now.facts is None
    assert RESIDENT in {player.name for one in now.open if one.move.name == "raise" for player in one.players}


def test_whoever_the_mechanism_speaks_of_is_invented_twice():
    names = {player.name for player in cast(residents(), LEVELS)}

    assert {"staff@community:1", "staff@community:2", "unit-a:1", "unit-b:2", RESIDENT} <= names


def test_a_matter_is_raised_and_the_clock_is_wound_until_the_city_has_failed_it():
    tried = [RAISED]
    for _ in range(40):
        now = play(*tried)
        if now.facts is None or now.facts.due is None:
            break
        tried.append(Tried(now.facts.due, "clock"))

    assert residents().finals[now.facts.state].means == "failed"
    assert {one.who for one in now.told[1:]} == {"clock"}


def test_what_may_not_be_done_is_written_down_with_its_reason_and_changes_nothing():
    now = play(RAISED, Tried(MONDAY_NINE + timedelta(hours=1), "unit-a:1", "post", {}))

    assert now.told[-1].refused is not None
    assert now.told[-1].refused.code == "not-yours"
    assert now.facts.state == "raised"


def test_the_same_list_always_gives_the_same_scene():
    tried = (RAISED, Tried(MONDAY_NINE + timedelta(days=3), "clock"))

    assert play(*tried) == play(*tried)


def test_a_story_is_told_step_by_step():
    text = b"""
place: {community: a, county: b, city: c, township: d}
people: {ann: {}}
stories:
  one: {steps: [{at: 2026-03-02 09:00, who: ann, does: raise, answers: {what: x, where: a}, state: raised}]}
  two: {continues: one, steps: [{at: 2026-03-02 10:00, who: ann, does: post, refused: not-yours}]}
"""

    told = cases.told(text, "two", residents(), china())

    assert [(one.who, one.does, one.state, one.refused) for one in told] == [
        ("ann", "raise", "raised", ""),
        ("ann", "post", "raised", "not-yours"),
    ]
    assert cases.told(text, "three", residents(), china()) == []

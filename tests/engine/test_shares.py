"""A vote decided by a share of a number that was told: exact, and never by nobody."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiebang.engine.canonical import program_from_json, program_to_json
from jiebang.engine.checker import check
from jiebang.engine.explain import explained
from jiebang.engine.findings import MechanismError
from jiebang.engine.model import Share
from jiebang.engine.parser import parse
from tests.engine import written
from tests.engine.calendars import china
from tests.verifier.test_language import Leaf, accepted, found, source_of

PARTIES = {"committee": {"body": "village-committee", "of": "area", "level": "community"}}


def voting(enough: Any = "more than 1/2 of present", *, told: bool = True, **present: Any) -> str:
    count = {"to": "voted", "ask": ["present"]} if told else {"to": "voted", "ask": ["present?"]}
    vote = {"by": "committee", "ask": ["solved"], "collect": {"count": "solved", "enough": enough},
            "to": {"solved": "explained", "not solved": "failed"}}  # fmt: skip
    states = {
        "called": {"held by": "office", "within": "5 wd", "else": "failed", "may": {"count": count}},
        "voted": {"held by": "office", "within": "5 wd", "else": "failed", "may": {"vote": vote,
                  "give-up": {"to": "failed"}}},
    }  # fmt: skip
    fields = {"present": {"type": "number", "most": 3, **present}}
    return written.text(states, parties=PARTIES, fields=fields)


@given(st.integers(1, 50), st.integers(1, 50), st.integers(0, 10_000), st.booleans())
def test_the_voices_that_are_enough_are_the_fewest_that_make_the_share(n: int, of: int, all_: int, over: bool) -> None:
    n, of = min(n, of), max(n, of)
    share = Fraction(n, of)

    voices = Share(n, of, "present", over).voices(all_)

    def makes(some: int) -> bool:
        return some >= 1 and (some > share * all_ if over else some >= share * all_)

    assert makes(voices) and not makes(voices - 1)


@pytest.mark.parametrize(
    ("enough", "share"),
    [
        ("more than 1/2 of present", Share(1, 2, "present", over=True)),
        ("1/10 of present", Share(1, 10, "present")),
        ("2/3 of present", Share(2, 3, "present")),
        ("1/1 of present", Share(1, 1, "present")),
    ],
)
def test_a_share_is_read_and_survives_its_json(enough: str, share: Share) -> None:
    program = parse(voting(enough))

    collect = program.states["voted"].moves["vote"].collect
    assert collect is not None and collect.share == share and program.fields["present"].logged
    assert program_from_json(json.loads(json.dumps(program_to_json(program)))) == program


@pytest.mark.parametrize(
    ("enough", "said"),
    [
        ("half", "neither a whole number"),
        ("1/2", "neither a whole number"),
        ("3/2 of present", "neither a whole number"),
        ("0/2 of present", "neither a whole number"),
        ("1/0 of present", "neither a whole number"),
        ("more than 2/2 of present", "neither a whole number"),
        ("1/2 of solved", "no number question"),
        ("1/2 of nothing", "no number question"),
    ],
)
def test_slips_are_named(enough: str, said: str) -> None:
    with pytest.raises(MechanismError) as caught:
        parse(voting(enough))

    assert any(said in finding.en for finding in caught.value.findings), caught.value


def test_what_it_is_a_share_of_is_public_and_told_on_every_way_in() -> None:
    told = check(parse(voting()), calendar=china())
    untold = check(parse(voting(told=False)), calendar=china())

    assert told.ok
    assert {finding.rule for finding in untold.errors} == {"G1"}
    with pytest.raises(MechanismError, match="present"):
        parse(voting(visible="parties"))


def test_the_plain_table_says_the_share() -> None:
    step = next(s for s in explained(parse(voting()), "en").rows[1].steps if s.name == "vote")

    assert "one voice each: more than 1/2 of “present” decide" in step.notes


def test_votes_by_share_are_replayed_by_strangers(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    leaves = accepted(source_of(voting()), tmp_path, capsys, entries=80)

    assert any(leaf["move"] == "vote" and leaf["to"] == "explained" for leaf in leaves)


def test_too_few_voices_for_the_share_are_found(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def lie(leaves: list[Leaf]) -> bool:
        decided = next((leaf for leaf in leaves if leaf["move"] == "vote" and leaf["to"] == "explained"), None)
        counted = next((leaf for leaf in leaves if leaf["move"] == "count"), None)
        if decided is None or counted is None:
            return False
        counted["answers"] = {**counted["answers"], "present": 40}
        return True

    assert "too few voices" in found(source_of(voting()), lie, tmp_path, capsys)

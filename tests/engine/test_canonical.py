"""One value, one byte form."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiebang.engine.canonical import (
    canonical_bytes,
    moment_of,
    ms,
    program_from_json,
    program_hash,
    program_to_json,
)
from tests.engine.playing import MONDAY_NINE, hazard
from tests.engine.shipped import residents

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


def test_keys_are_sorted_nothing_is_blank_and_text_is_plain() -> None:
    assert canonical_bytes({"b": [1, True, None], "a": "榜"}) == '{"a":"榜","b":[1,true,null]}'.encode()


@given(value=json_values)
def test_reading_the_bytes_and_writing_them_again_gives_the_same_bytes(value: object) -> None:
    written = canonical_bytes(value)  # type: ignore[arg-type]  # any JSON value

    assert canonical_bytes(json.loads(written)) == written


@pytest.mark.parametrize("value", [1.5, {"a": float("nan")}, [b"x"], {1: 2}, "\ud800", {"\ud800": 1}])
def test_what_has_no_one_form_is_refused(value: object) -> None:
    with pytest.raises((TypeError, ValueError)):
        canonical_bytes(value)  # type: ignore[arg-type]  # that is the point


@pytest.mark.parametrize("program", [residents(), hazard()])
def test_a_program_comes_back_from_its_canonical_form_in_the_order_it_was_written(program) -> None:  # type: ignore[no-untyped-def]
    back = program_from_json(json.loads(canonical_bytes(program_to_json(program))))

    assert back == program
    assert list(back.states) == list(program.states)
    assert [list(state.moves) for state in back.states.values()] == [
        list(state.moves) for state in program.states.values()
    ]
    assert program_hash(back) == program_hash(program)


@pytest.mark.parametrize(
    "damage",
    [
        {"colour": "red"},
        {"states": {}, "log": "secret"},
        {"parties": {"x": {"name": "x", "kind": "king", "title": {"en": "x"}}}},
        {"since": 7},
    ],
)
def test_what_is_no_program_is_refused(damage: dict[str, object]) -> None:
    with pytest.raises(ValueError):
        program_from_json({**program_to_json(residents()), **damage})


def test_moments_are_whole_milliseconds() -> None:
    assert moment_of(ms(MONDAY_NINE)) == MONDAY_NINE
    assert ms(MONDAY_NINE) == 1_772_413_200_000

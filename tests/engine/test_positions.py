"""Positions as people and browsers send them: what is taken, in which form it is kept, what is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiebang.engine import positions


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("29.55210,103.76570", "29.55210,103.76570"),
        ("29.5521, 103.7657", "29.55210,103.76570"),
        (" 29.552104999 ，103.765695001 ", "29.55210,103.76570"),
        ("-33.9,+18.4", "-33.90000,18.40000"),
        ("0,-0.000001", "0.00000,0.00000"),
        ("90,180", "90.00000,180.00000"),
    ],
)
def test_a_position_is_kept_with_five_decimals(typed: str, kept: str) -> None:
    assert positions.read(typed) == kept


@pytest.mark.parametrize(
    "typed",
    [
        *("", ",", "29.5", "29.5;103.7", "29.5 103.7", "29.5,103.7,12", "29,5,103,7", "N29.5,E103.7"),
        *("nan,nan", "NaN,103.7", "inf,0", "1e400,1", "29.5,1e2", "0x1d,0x67", "٢٩.٥,١٠٣.٧", "２９.５,１０３.７"),
        *("103.7657,29.5521", "90.00001,0", "-90.1,0", "0,180.00001", "0,-999", "1000,1000"),
        "29." + "5" * 400 + ",103",
    ],
)
def test_what_is_no_position_on_earth_is_none(typed: str) -> None:
    assert positions.read(typed) is None


@given(st.floats(-90, 90), st.floats(-180, 180))
def test_what_was_kept_is_read_again_as_it_is(lat: float, lon: float) -> None:
    kept = positions.read(f"{lat:.9f},{lon:.9f}")

    assert kept is not None
    assert positions.read(kept) == kept
    assert positions.degrees(kept) == pytest.approx((lon, lat), abs=6e-6)


@given(st.text(max_size=40))
def test_no_text_breaks_the_reading(text: str) -> None:
    kept = positions.read(text)

    assert kept is None or positions.read(kept) == kept

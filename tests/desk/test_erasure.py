"""`jiebang erase`: what it says when there is nothing to forget."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from jiebang.desk import erasure
from jiebang.desk.home import DeskError

pytestmark = pytest.mark.usefixtures("millbrook")

MONDAY_NINE = datetime(2026, 6, 1, 1, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("code", "step"),
    [
        ("not-a-code", "Check it, or give the entry's number: MB-26-000123."),
        ("MB-26-000999", "Check the number; it looks like MB-26-000123."),
    ],
    ids=["a code", "a number"],
)
def test_what_opens_nothing_is_answered_with_a_number_of_this_city(code: str, step: str) -> None:
    with pytest.raises(DeskError) as caught:
        erasure.erase(code, ground="asked", at=MONDAY_NINE)

    assert caught.value.next_step == step

"""`jiebang erase`: what it says when there is nothing to forget."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from jiebang.desk import erasure
from jiebang.desk.home import DeskError
from jiebang.people import queries as people
from jiebang.rulebook import queries as rulebook
from jiebang.rulebook import services as publishing

pytestmark = pytest.mark.django_db

MONDAY_NINE = datetime(2026, 6, 1, 1, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _millbrook() -> Iterator[None]:
    people.forget_caches()
    rulebook.forget_caches()
    publishing.publish_pack("millbrook", at=MONDAY_NINE)
    yield
    people.forget_caches()
    rulebook.forget_caches()


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

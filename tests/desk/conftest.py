"""What the tests of the command line stand on: the small English city in a database, or a city that runs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from jiebang.people import queries as people
from jiebang.rulebook import queries as rulebook
from jiebang.rulebook import services as publishing
from tests.desk.city import City


@pytest.fixture
def millbrook(db: None) -> Iterator[None]:
    """The English city's rules, published; nobody has an account there."""
    people.forget_caches()
    rulebook.forget_caches()
    publishing.publish_pack("millbrook", at=datetime(2026, 6, 1, 1, 0, tzinfo=UTC))
    yield
    people.forget_caches()
    rulebook.forget_caches()


@pytest.fixture(scope="module")
def city() -> Iterator[City]:
    """One city for all tests of a file: each leaves it running and whole."""
    made = City().start()
    yield made
    made.clear()

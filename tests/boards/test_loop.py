from __future__ import annotations

import pytest

from jiebang.boards import queries
from tests.boards.city import Town

pytestmark = pytest.mark.django_db


def test_a_matter_goes_from_raise_to_seal(town: Town) -> None:
    opened = town.finished()
    raiser = town.comes_back(opened)

    town.does(raiser, "verdict", opened.number, answers={"solved": "yes", "satisfied": "very-satisfied"})

    shown = queries.entry(opened.number)
    assert shown is not None
    assert (shown.row.meaning, shown.seal, shown.satisfied, shown.verified) == (
        "solved",
        "yes",
        "very-satisfied",
        "raiser-code",
    )

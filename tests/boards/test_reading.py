"""What the city reads from its own boards for a move: nobody can write it otherwise, and it is what held then."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from jiebang.boards import queries
from jiebang.boards import services as boards
from jiebang.boards.audit import audit
from jiebang.boards.services import Opened
from tests.boards.city import DAY, HOUR, MONDAY_NINE, NEIGHBOUR, OTHER_COMMUNITY, Town, an_opening, publish_text
from tests.boards.test_desks import ELSEWHERE
from tests.boards.test_linking import task
from tests.engine import written

pytestmark = pytest.mark.django_db

SINCE = (MONDAY_NINE - 30 * DAY).date().isoformat()


def meeting() -> str:
    fields = {
        "items": {"type": "text", "many": 3},
        "account": {"type": "account", "level": "county"},
        "boards": {"type": "standing", "level": "county"},
        "here": {"type": "standing"},
    }
    states = {
        "called": {
            "held by": "office",
            "within": "5 wd",
            "else": "failed",
            "duties": {"last-time": {"of": "office", "ask": ["account"], "title": {"en": "Last time"}}},
            "may": {
                "hold": {"to": "doing", "ask": ["items"]},
                "prepare": {"to": "called", "at most": 3, "ask": ["boards", "here"]},
            },
        },
        "doing": {
            "opens": {"on": "task", "one for each": "items", "with": {"what": "item", "from": "number"}},
            "waits for": {"all opened": None, "at most": "30 d"},
            "then": "explained",
            "else": "failed",
        },
    }
    return written.text(states, fields=fields, id="meeting")


@pytest.fixture
def hall(town: Town) -> Town:
    publish_text(task())
    publish_text(meeting())
    return town


def called(at: datetime = MONDAY_NINE, **more: Any) -> str:
    opened = boards.open_entry(an_opening(mechanism="meeting", answers={"what": "防汛"}, **more), at=at)
    assert isinstance(opened, Opened), opened
    return opened.number


def read(number: str, name: str) -> Any:
    view = queries.entry(number)
    assert view is not None
    return [answer.value for event in view.events for answer in event.answers if answer.field.name == name][-1]


def opened_by(number: str) -> list[str]:
    view = queries.entry(number)
    assert view is not None
    return [link.number for link in view.links if link.number != number]


def accounted(hall: Town, number: str, at: datetime = MONDAY_NINE, **more: Any) -> list[str]:
    hall.does("office", "duty:last-time", number, at=at, **more)
    told: list[str] = read(number, "account")
    return told


def test_the_first_one_has_nothing_to_account_for(hall: Town) -> None:
    assert accounted(hall, called()) == ["none"]
    assert audit().findings == ()


def test_the_next_one_begins_with_what_became_of_the_last_ones_list(hall: Town) -> None:
    first = called()
    hall.does("office", "hold", first, answers={"items": ["补沙袋", "查排水口"]})
    done, left = opened_by(first)
    hall.does("office", "done", done)
    second = called(at=MONDAY_NINE + HOUR)

    assert accounted(hall, second, at=MONDAY_NINE + HOUR) == [
        first,
        f"{done} explained explained",
        f"{left} given open",
    ]
    assert audit().findings == ()

    # What has ended meanwhile is not told twice; what is open still is, until it has ended.
    hall.does("office", "hold", second, at=MONDAY_NINE + HOUR, answers={"items": ["再查一遍"]})
    (third_task,) = opened_by(second)
    third = called(at=MONDAY_NINE + 2 * HOUR)
    told = accounted(hall, third, at=MONDAY_NINE + 2 * HOUR)
    assert [told[0], *sorted(told[1:])] == [second, *sorted([f"{left} given open", f"{third_task} given open"])]


def test_what_somebody_sends_in_its_place_counts_for_nothing(hall: Town) -> None:
    number = called()

    assert accounted(hall, number, answers={"account": ["LS-26-000001 struck solved"]}) == ["none"]


def test_a_county_has_one_account_and_another_county_its_own(hall: Town) -> None:
    first = called()
    hall.does("office", "hold", first, answers={"items": ["补沙袋"]})

    assert accounted(hall, called(area=NEIGHBOUR))[0] == first

    elsewhere = called(area=OTHER_COMMUNITY)
    hall.does(ELSEWHERE, "duty:last-time", elsewhere)
    assert read(elsewhere, "account") == ["none"]


def test_where_the_boards_stand_is_counted_around_the_entry(hall: Town) -> None:
    hall.posted()
    hall.raises()
    number = called(at=MONDAY_NINE + HOUR)

    hall.does("office", "prepare", number, at=MONDAY_NINE + HOUR)

    assert read(number, "boards") == [SINCE, "meeting 1 1 0 0 0", "residents 2 2 0 0 0"]
    assert read(number, "here")[0] == SINCE
    assert audit().findings == ()

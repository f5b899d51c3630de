"""The board `hazard`: an open log class, duties beside the state's limit, a term across states."""

from __future__ import annotations

import json
from datetime import datetime

import pytest
from django.db import connection

from jiebang.boards import queries
from jiebang.boards import services as boards
from jiebang.boards.queries import Ends
from jiebang.boards.services import Opened, Upload
from jiebang.ledger import queries as ledger
from tests.boards.city import COMMUNITY, DAY, MONDAY_NINE, Town, a_photo, an_opening

pytestmark = pytest.mark.django_db


def hung(town: Town) -> str:
    opened = boards.open_entry(
        an_opening(mechanism="hazard", opening="report", answers={"what": "电线裸露", "where": COMMUNITY}),
        at=MONDAY_NINE,
    )
    assert isinstance(opened, Opened)
    town.does("safety", "hang", opened.number, answers={"grade": "major", "unit": "lighting"})
    return opened.number


def duties(town: Town, number: str) -> dict[str, bool]:
    view = queries.entry_for(number, town.safety)
    assert view is not None
    return {duty.name: duty.late_at is not None for duty in view.duties}


def test_duties_with_a_limit_are_timed_from_the_state_they_stand_in(town: Town) -> None:
    number = hung(town)

    assert duties(town, number) == {"filing": False, "first-notice": False}


def test_a_late_duty_is_marked_once_and_moves_nothing(town: Town) -> None:
    number = hung(town)
    late = MONDAY_NINE + 3 * DAY + DAY / 2

    first, second = boards.tick(at=late), boards.tick(at=late)

    shown = queries.entry(number)
    assert (first, second) == (1, 0)
    assert duties(town, number) == {"filing": True, "first-notice": False}
    assert shown is not None
    assert (shown.row.state, shown.seq) == ("planning", 2)


def test_a_duty_that_is_done_is_timed_no_longer(town: Town) -> None:
    number = hung(town)
    document = Upload("document", "", "filing.jpg", a_photo().content)

    town.does("safety", "duty:filing", number, files=[document])

    assert duties(town, number) == {"first-notice": False}


def test_a_duty_that_was_late_stays_late_when_something_else_is_done(town: Town) -> None:
    number = hung(town)
    boards.tick(at=MONDAY_NINE + 3 * DAY + DAY / 2)

    town.does("lighting", "duty:measures", number, at=MONDAY_NINE + 4 * DAY, answers={"measures": "换线"})

    assert duties(town, number)["filing"]


def test_an_open_leaf_says_the_exact_moment_and_place(town: Town) -> None:
    number = hung(town)
    shown = queries.entry(number)
    assert shown is not None

    leaf = json.loads(ledger.leaf_bytes(shown.events[0].leaf_id))

    assert leaf["at"] == int(MONDAY_NINE.timestamp()) * 1000
    assert leaf["area"] == COMMUNITY
    assert "电线" not in json.dumps(leaf, ensure_ascii=False)


def test_the_text_is_what_was_raised_where_no_field_is_for_the_public_text(town: Town) -> None:
    number = hung(town)

    shown = queries.entry(number)

    assert shown is not None
    assert (shown.row.title, shown.text) == ("电线裸露", "电线裸露")


def test_a_term_across_states_is_the_due_moment_once_it_is_the_earlier_one(town: Town) -> None:
    number = hung(town)
    with connection.cursor() as cursor:
        cursor.execute("SELECT facts->'spans' FROM boards_entry WHERE number = %s", [number])
        spans = json.loads(cursor.fetchone()[0])

    assert list(spans) == ["term"]


# ── What comes next, and more time ──────────────────────────────────────────────────────────────────────────


def under_repair(town: Town) -> str:
    """A hazard whose five things are settled, being fixed until the end of June."""
    number = hung(town)
    for name, answers in {
        "responsible": {"post": "站长"},
        "measures": {"measures": "换线"},
        "money": {"amount": 20_000, "source-of-money": "维修费"},
        "term": {"plan-ends": "2026-06-30"},
        "emergency": {},
    }.items():
        files = [Upload("document", "", "plan.jpg", a_photo().content)] if name == "emergency" else []
        town.does("lighting", f"duty:{name}", number, answers=answers, files=files)
    town.does("lighting", "start", number)
    return number


def ends(at: datetime) -> Ends:
    return Ends(at, at + DAY, at + 7 * DAY)


def test_the_next_step_is_the_first_duty_that_stands_before_the_move(town: Town) -> None:
    number = hung(town)

    (row,) = queries.day(town.people["lighting"], ends(MONDAY_NINE)).rows["later"]
    shown = queries.entry(number)

    assert row.next is not None and row.next[0] == "duty:responsible"
    assert shown is not None and shown.next_moves == ()
    (blocked,) = shown.blocked_moves
    assert blocked.move["en"] == "Start the work"
    assert [duty["en"] for duty in blocked.duties] == [
        "Somebody in charge",
        "Measures",
        "Money",
        "Term",
        "Emergency plan",
    ]


def test_whoever_decides_on_more_time_finds_the_wish_in_their_day_until_silence_has_said_no(town: Town) -> None:
    number = under_repair(town)
    assert queries.entry(number).more_time is None  # type: ignore[union-attr]  # it is there
    town.does("lighting", "extend:ask", number)

    wish = queries.entry(number).more_time  # type: ignore[union-attr]  # it is there
    beside = queries.day(town.safety, ends(MONDAY_NINE)).duties
    later = queries.day(town.safety, ends(MONDAY_NINE + 30 * DAY)).duties

    assert wish is not None and wish.decider["en"] == "the safety committee"
    assert [(duty.number, duty.due_at) for duty in beside if duty.move == "extend:grant"] == [(number, wish.decides_by)]
    assert not [duty for duty in later if duty.move == "extend:grant"]
    theirs = queries.day(town.people["lighting"], ends(MONDAY_NINE)).duties
    assert [duty.move for duty in theirs] == ["duty:quarterly-report"]

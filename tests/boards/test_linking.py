"""Entries opened on other boards: in one transaction with what opens them, heard of exactly once when they close."""

from __future__ import annotations

from typing import Any

import pytest

from jiebang.boards import queries
from jiebang.boards import services as boards
from jiebang.boards.audit import audit
from jiebang.boards.hearing import hear
from jiebang.boards.services import Opened
from jiebang.engine.model import Refused
from tests.boards.city import DAY, HOUR, MONDAY_NINE, Town, an_opening, fingerprint, publish_text
from tests.engine import written

pytestmark = pytest.mark.django_db

FIELDS = {"items": {"type": "text", "many": 3}, "public-text": "text", "other": "entry"}


def matter(**executing: Any) -> str:
    states = {
        "open": {
            "held by": "office",
            "within": "5 wd",
            "else": "executing",
            "may": {
                "resolve": {"to": "executing", "ask": ["public-text", "items"]},
                "follow": {"to": "following", "ask": ["other"]},
                "single": {"to": "executing-one", "ask": ["public-text"]},
            },
        },
        "executing": {
            "opens": {"on": "task", "one for each": "items", "with": {"what": "item", "from": "number"}},
            "waits for": {"all opened": None, "at most": "30 d"},
            "then": {"all explained": "explained", "else": "accepting"},
            "else": "failed",
            **executing,
        },
        "executing-one": {
            "opens": {"on": "task", "with": {"what": "public-text"}},
            "waits for": {"all opened": None, "at most": "30 d"},
            "then": "accepting",
            "else": "failed",
        },
        "following": {
            "waits for": {"entry": "other", "at most": "30 d"},
            "then": {"explained": "explained", "else": "accepting"},
            "else": "failed",
        },
        "accepting": {"held by": "office", "within": "5 wd", "else": "failed", "may": {"end": {"to": "explained"}}},
    }
    return written.text(states, fields=FIELDS, id="matter")


def task() -> str:
    states = {
        "given": {"held by": "office", "within": "5 wd", "else": "failed", "may": {"done": {"to": "explained"}}},
    }
    return written.text(
        states,
        opening={"opened": {"by": "boards", "ask": ["what", "from?"], "to": "given"}},
        fields={"from": "entry"},
        id="task",
    )


@pytest.fixture
def both(town: Town) -> Town:
    publish_text(task())
    publish_text(matter())
    return town


def raised(at: Any = MONDAY_NINE) -> str:
    opened = boards.open_entry(an_opening(mechanism="matter", answers={"what": "路"}), at=at)
    assert isinstance(opened, Opened), opened
    return opened.number


def resolved(town: Town, *, items: str = "换灯\n修路") -> tuple[str, list[str]]:
    """A matter whose items were opened as tasks, and the numbers of these."""
    number = raised()
    town.does("office", "resolve", number, at=MONDAY_NINE + HOUR, answers={"public-text": "两件事", "items": items})
    return number, [one.number for one in links(number)]


def links(number: str) -> tuple[queries.LinkView, ...]:
    view = queries.entry(number)
    assert view is not None
    return view.links


def state_of(number: str) -> str:
    view = queries.entry(number)
    assert view is not None
    return view.row.state


def ends(town: Town, number: str, *, at: Any) -> None:
    town.does("office", "done", number, at=at)


# ── Opening ──


def test_one_task_is_opened_for_each_line_and_both_pages_show_it(both: Town) -> None:
    number, tasks = resolved(both)

    assert len(tasks) == 2 and state_of(number) == "executing"
    first = queries.entry(tasks[0])
    assert first is not None
    assert [(one.number, one.is_up, one.mechanism) for one in first.links] == [(number, True, "matter")]
    said = {answer.field.name: answer.value for answer in first.events[0].answers}
    assert said == {"what": "换灯", "from": number}
    assert [one.number for one in queries.worklist(both.office)] == [number, *tasks] or set(tasks) <= {
        one.number for one in queries.worklist(both.office)
    }


def test_what_is_told_elsewhere_is_the_latest_public_answer_of_before(both: Town) -> None:
    number = raised()
    both.does("office", "single", number, answers={"public-text": "路灯"})

    view = queries.entry(links(number)[0].number)

    assert view is not None and view.events[0].answers[0].value == "路灯"


def test_nothing_can_be_raised_as_if_an_entry_had_opened_it(both: Town) -> None:
    answer = boards.open_entry(an_opening(mechanism="task", opening="opened", answers={"what": "x"}), at=MONDAY_NINE)

    assert isinstance(answer, Refused) and answer.code == "not-yours"


def test_a_move_whose_entry_cannot_be_opened_changes_nothing(town: Town) -> None:
    publish_text(matter())  # and no board `task`
    number = raised()
    before = fingerprint()

    refused = town.tries("office", "resolve", number, answers={"public-text": "x", "items": "y"})

    assert isinstance(refused, Refused) and refused.code == "cannot-open"
    assert fingerprint() == before


def test_the_clock_stops_at_what_it_cannot_open_and_says_so(town: Town) -> None:
    publish_text(matter(opens="task"))
    number = raised()

    boards.tick(at=MONDAY_NINE + 10 * DAY)

    assert state_of(number) == "open"
    assert any("cannot be opened" in finding for finding in audit().findings)
    town.is_damaged = True


# ── Hearing ──


def test_the_last_end_moves_the_waiting_entry_once(both: Town) -> None:
    number, tasks = resolved(both)
    later = MONDAY_NINE + DAY
    ends(both, tasks[0], at=later)
    assert hear(at=later) == 1
    assert state_of(number) == "executing"
    ends(both, tasks[1], at=later)

    assert [hear(at=later + n * HOUR) for n in range(3)] == [1, 0, 0]

    view = queries.entry(number)
    assert view is not None and view.row.state == "explained"
    assert [event.kind for event in view.events] == ["open", "move", "heard", "heard", "clock"]


def test_the_clock_hears_by_itself(both: Town) -> None:
    number, tasks = resolved(both)
    for one in tasks:
        ends(both, one, at=MONDAY_NINE + DAY)

    boards.tick(at=MONDAY_NINE + DAY)

    assert state_of(number) == "explained"


def test_a_task_that_failed_leads_the_other_way(both: Town) -> None:
    number, tasks = resolved(both)
    ends(both, tasks[0], at=MONDAY_NINE + DAY)

    for hours in range(0, 24 * 12, 12):
        boards.tick(at=MONDAY_NINE + DAY + hours * HOUR)

    assert state_of(number) == "accepting"


def test_an_end_after_the_waiting_is_over_is_noted_and_moves_nothing(both: Town) -> None:
    number, _ = resolved(both)
    boards.tick(at=MONDAY_NINE + 40 * DAY)
    assert state_of(number) == "failed"

    assert hear(at=MONDAY_NINE + 41 * DAY) in (0, 2)
    assert state_of(number) == "failed"
    assert hear(at=MONDAY_NINE + 42 * DAY) == 0


def test_an_entry_named_is_waited_for_also_when_it_has_closed_before(both: Town) -> None:
    _, tasks = resolved(both)
    open_one, closed = tasks
    ends(both, closed, at=MONDAY_NINE + 2 * HOUR)
    first, second = raised(), raised()
    both.does("office", "follow", first, at=MONDAY_NINE + 3 * HOUR, answers={"other": closed})
    both.does("office", "follow", second, at=MONDAY_NINE + 3 * HOUR, answers={"other": open_one})

    boards.tick(at=MONDAY_NINE + 4 * HOUR)

    assert (state_of(first), state_of(second)) == ("explained", "following")
    assert [one.number for one in links(first)] == [closed]


@pytest.mark.parametrize("what", ["itself", "nothing"])
def test_what_cannot_be_waited_for_is_refused(both: Town, what: str) -> None:
    number = raised()
    named = number if what == "itself" else "LS-26-999999"

    refused = both.tries("office", "follow", number, answers={"other": named})

    assert isinstance(refused, Refused) and (refused.code, refused.field) == ("cannot-wait", "other")


def test_what_was_erased_is_not_told_again(both: Town) -> None:
    publish_text(written.text({
        "open": {"held by": "office", "within": "5 wd", "else": "on",
                 "may": {"say": {"to": "on", "ask": ["public-text"]}}},
        "on": {"held by": "office", "within": "5 wd", "else": "failed", "may": {"go": {"to": "explained", "opens": {
            "on": "task", "with": {"what": "public-text"}}}}},
    }, fields=FIELDS, id="late"))  # fmt: skip
    opened = boards.open_entry(an_opening(mechanism="late", answers={"what": "路"}), at=MONDAY_NINE)
    assert isinstance(opened, Opened)
    both.does("office", "say", opened.number, answers={"public-text": "我家"})
    boards.erase(opened.number, ground="PIPL 47", by="desk", at=MONDAY_NINE + HOUR)

    both.does("office", "go", opened.number, at=MONDAY_NINE + HOUR)

    view = queries.entry(links(opened.number)[0].number)
    assert view is not None and view.events[0].answers[0].value == opened.number


# ── Looking again ──


def rechecked(share: int = 100) -> str:
    states = {"open": {"held by": "office", "within": "5 wd", "else": "failed", "may": {"end": {"to": "explained"}}}}
    again = {"share": share, "after": "30 d", "opens": {"on": "task", "with": {"what": "what", "from": "number"}}}
    finals = {"explained": {"means": "explained", "recheck": again}, "failed": "failed"}
    return written.text(states, finals=finals, id="matter")


def test_a_closed_entry_is_looked_at_again_once(town: Town) -> None:
    publish_text(task())
    publish_text(rechecked())
    number = raised()
    town.does("office", "end", number, at=MONDAY_NINE + HOUR)

    boards.tick(at=MONDAY_NINE + 29 * DAY)
    assert links(number) == () and audit().findings == ()
    for days in (32, 33):
        boards.tick(at=MONDAY_NINE + days * DAY)

    assert [(one.kind, one.is_up) for one in links(number)] == [("recheck", False)]
    again = queries.entry(links(number)[0].number)
    assert again is not None and again.row.state == "given"
    assert {answer.value for answer in again.events[0].answers} == {"路", number}
    assert state_of(number) == "explained"


def test_only_those_that_are_drawn_are_looked_at_again(town: Town) -> None:
    publish_text(task())
    publish_text(rechecked(50))
    numbers = [raised() for _ in range(20)]
    for number in numbers:
        town.does("office", "end", number, at=MONDAY_NINE + HOUR)

    boards.tick(at=MONDAY_NINE + 40 * DAY)

    assert 2 <= sum(len(links(number)) for number in numbers) <= 18


def test_a_recheck_that_cannot_be_opened_is_put_aside_and_named(town: Town) -> None:
    publish_text(rechecked())
    number = raised()
    town.does("office", "end", number, at=MONDAY_NINE + HOUR)

    assert boards.tick(at=MONDAY_NINE + 40 * DAY) == 1
    assert boards.tick(at=MONDAY_NINE + 41 * DAY) == 0

    assert any("cannot be opened" in finding for finding in audit().findings)
    town.is_damaged = True

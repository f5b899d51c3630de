"""Objections to a notice on a real database: on the public page, on the desk of whoever answers, in the log."""

from __future__ import annotations

import json
from datetime import datetime

import pytest

from jiebang.boards import queries
from jiebang.boards import services as boards
from jiebang.boards.queries import Ends
from jiebang.boards.services import Command, Opened
from jiebang.engine.model import Actor, Refused
from jiebang.ledger import queries as ledger
from jiebang.people import services as people_services
from tests.boards.city import DAY, MONDAY_NINE, Town, an_opening, publish_text
from tests.engine import written

pytestmark = pytest.mark.django_db

WORDS = "漏了三户，电话不公开"
PARTIES = {
    "office": {"office": "board-office", "of": "area", "level": "county"},
    "upper": {"office": "government-duty", "of": "area", "level": "city"},
}


def publish(log: str = "open") -> None:
    clause = {"by": "anyone", "within": "5 d", "ask": ["reason"], "answered by": ["office 3 d", "upper 10 d"],
              "answer": ["answer"], "hold up": True, "else": "failed"}  # fmt: skip
    fields = {"reason": {"type": "text", "visible": "parties"}, "answer": "text"}
    states = {"shown": {"lasts": "10 d", "then": "explained", "objections": clause}}
    publish_text(written.text(states, parties=PARTIES, fields=fields, log=log))


def raised() -> str:
    opened = boards.open_entry(
        an_opening(mechanism="test", answers={"what": "路"}),
        at=MONDAY_NINE,
    )
    assert isinstance(opened, Opened), opened
    return opened.number


def stranger() -> Actor:
    return Actor(person=next(iter(people_services.new_keys(1))))


def objects(number: str, who: Actor, *, days: float) -> object:
    return boards.act(Command(number, "object", who, {"reason": WORDS}), at=MONDAY_NINE + days * DAY)


def duties(actor: Actor, at: datetime) -> list[tuple[str, bool]]:
    ends = Ends(at, at + DAY, at + 7 * DAY)
    return [(duty.move, duty.is_late) for duty in queries.day(actor, ends).duties]


@pytest.mark.parametrize("log", ["open", "coarse", "veiled"])
def test_an_objection_stands_on_the_page_and_its_words_nowhere(town: Town, log: str) -> None:
    publish(log)
    number = raised()

    assert not isinstance(objects(number, stranger(), days=1), Refused)

    shown = queries.entry(number)
    if log == "veiled":
        assert shown is None
        return
    assert shown is not None and shown.objections is not None
    assert (shown.objections.raised, len(shown.objections.owed), shown.objections.by_anyone) == (1, 1, True)
    leaf = ledger.leaf_bytes(shown.events[-1].leaf_id).decode()
    assert WORDS not in leaf and "owed" in json.loads(leaf)
    assert shown.events[-1].answers == ()


def test_the_answer_is_on_the_desk_of_whoever_owes_it_and_moves_up_with_the_clock(town: Town) -> None:
    publish()
    number = raised()
    objects(number, stranger(), days=1)

    assert duties(town.office, MONDAY_NINE + 2 * DAY) == [("answer:2", False)]
    assert duties(town.duty, MONDAY_NINE + 2 * DAY) == []
    boards.tick(at=MONDAY_NINE + 5 * DAY)
    assert duties(town.office, MONDAY_NINE + 5 * DAY) == []
    assert duties(town.duty, MONDAY_NINE + 5 * DAY) == [("answer:2", False)]


def test_answered_after_the_notice_it_ends_at_once_and_in_public(town: Town) -> None:
    publish()
    number = raised()
    objects(number, stranger(), days=4)
    boards.tick(at=MONDAY_NINE + 8 * DAY)

    town.does("duty", "answer:2", number, at=MONDAY_NINE + 12 * DAY, answers={"answer": "已补上"})
    boards.tick(at=MONDAY_NINE + 12 * DAY)

    shown = queries.entry(number)
    assert shown is not None
    assert shown.row.meaning == "explained"
    assert [event.move for event in shown.events] == ["raise", "object", "pass:2", "answer:2", "clock"]
    assert [answer.value for answer in shown.events[3].answers] == ["已补上"]


def test_the_last_ones_silence_makes_the_matter_failed(town: Town) -> None:
    publish()
    number = raised()
    objects(number, stranger(), days=1)

    for days in (5, 20):
        boards.tick(at=MONDAY_NINE + days * DAY)

    shown = queries.entry(number)
    assert shown is not None and shown.row.meaning == "failed"
    assert duties(town.duty, MONDAY_NINE + 20 * DAY) == []


def test_each_person_once_and_in_time(town: Town) -> None:
    publish()
    number = raised()
    who = stranger()

    answers = [objects(number, who, days=1), objects(number, who, days=1), objects(number, stranger(), days=6)]

    assert [getattr(one, "code", "") for one in answers] == ["", "objected-already", "objections-over"]


def test_whoever_answers_reads_the_words(town: Town) -> None:
    publish()
    number = raised()
    objects(number, stranger(), days=1)

    view = queries.entry_for(number, town.office)

    assert view is not None and view.sees_kept
    assert [one.value for one in view.kept[2]] == [WORDS]

"""Subjects of rounds on the phone: in its list, answered through its queue, once, photo and all."""

from __future__ import annotations

import secrets
from collections.abc import Iterator

import pytest
from django.contrib.auth import get_user_model

from jiebang.engine.model import Actor
from jiebang.people import queries as people
from jiebang.rounds import services
from jiebang.rounds.audit import audit
from jiebang.rounds.services import HAND
from tests.boards.city import COUNTY, MONDAY_NINE, Town
from tests.rounds.city import HOMES, PATROL, PEOPLE, POINTS, ROLL, SHEET, imported, publish, subject
from tests.web.atown import town
from tests.web.test_field import Phone, a_picture

__all__ = ["town"]  # a fixture


@pytest.fixture
def phone(town: Town) -> Iterator[Phone]:
    publish(POINTS, PATROL, HOMES, ROLL)
    imported("points", SHEET)
    imported("homes", PEOPLE)
    for ident in ("patrol", "roll-call"):
        services.open_by_hand(ident, actor=town.office, area=COUNTY, cause=HAND, at=MONDAY_NINE)
    made = Phone("community")
    made.loads()
    yield made
    assert audit().findings == ()


def test_the_list_has_the_subjects_this_office_owes_with_their_forms(phone: Phone) -> None:
    numbers = [entry["number"] for entry in phone.told["entries"]]

    assert [number for number in numbers if number.startswith("patrol.")] == ["patrol.1.1", "patrol.1.2"]
    assert set(phone.forms("patrol.1.1")) == {"normal", "abnormal"}
    assert set(phone.forms("roll-call.1.1")) == {"normal", "abnormal", "tried"}


def test_in_order_is_sent_and_counts_once_however_often_it_arrives(phone: Phone) -> None:
    item = {"number": "patrol.1.1", "move": "normal", "seq": 0, "key": secrets.token_hex(16)}

    first = phone.sends(**item)
    again = phone.sends(**item)

    assert first[0] == 200 and first[1]["number"] == "patrol.1.1"
    assert again[0] == 200 and again[1]["repeated"]
    assert subject("P1").state == "done"


def test_something_abnormal_waits_for_its_photo_and_opens_an_entry(phone: Phone) -> None:
    key = secrets.token_hex(16)
    item = {"number": "patrol.1.1", "move": "abnormal", "seq": 0, "key": key, "answers": {"sign": ["墙根裂缝"]}}

    bare = phone.sends(**item)
    id_, _, _ = phone.sends_photo(key, a_picture())
    whole = phone.sends(**item, photos=[id_])

    assert bare[0] == 400 and "Photo" in bare[1]["what"]
    assert whole[0] == 200 and subject("P1").entry


def test_what_somebody_else_answered_meanwhile_is_said(phone: Phone) -> None:
    services.answer(services.Given(subject("P1").id, "normal"), actor=_community(), at=MONDAY_NINE)

    status, told = phone.sends(number="patrol.1.1", move="normal", seq=0)

    assert status == 400 and told["code"] == "round-answered"


@pytest.mark.parametrize("number", ["patrol.1.3", "patrol.9.1", "nothing.1.1"])
def test_a_subject_that_is_not_theirs_is_refused(phone: Phone, number: str) -> None:
    status, told = phone.sends(number=number, move="normal", seq=0)

    assert status == 400 and told["code"] in ("round-not-yours", "round-unknown")


def _community() -> Actor:
    return people.actor(get_user_model().objects.get(username="community").pk)

"""Parts of the language no shipped board uses yet, on a real database."""

from __future__ import annotations

from datetime import date

import pytest

from jiebang.boards import queries
from jiebang.boards import services as boards
from jiebang.boards.services import Opened
from jiebang.engine.model import Actor, Refused
from jiebang.people import queries as people
from jiebang.people import services as people_services
from tests.boards.city import COMMUNITY, HOUR, MONDAY_NINE, Town, an_opening, publish_text
from tests.engine import written

pytestmark = pytest.mark.django_db


def appointed(name: str, office: str, unit: str = "window", area: str = COMMUNITY) -> Actor:
    user = people_services.create_user(name, display_name=name, password=None)
    people_services.appoint(user, office=office, unit=unit, area=area, since=date(2026, 1, 1))
    return people.actor(user)


def raised(mechanism: str = "test") -> str:
    opened = boards.open_entry(an_opening(mechanism=mechanism, answers={"what": "路"}), at=MONDAY_NINE)
    assert isinstance(opened, Opened), opened
    return opened.number


def test_a_body_finds_its_work_from_every_duty_in_it(town: Town) -> None:
    parties = {
        "committee": {"body": "village-committee", "of": "area", "level": "community"},
        "chair": {"member of": "committee", "duty": "chair"},
    }
    states = {
        "proposed": {"held by": "committee", "within": "5 d", "else": "failed",
                     "may": {"call": {"to": "called"}}},
        "called": {"held by": "chair", "within": "5 d", "else": "failed", "may": {"decide": {"to": "explained"}}},
    }  # fmt: skip
    publish_text(written.text(states, parties=parties, separate=[["call", "decide"]]))
    chair, plain = appointed("chair", "village-committee.chair"), appointed("plain", "village-committee")
    number = raised()

    assert [[row.number for row in queries.worklist(one)] for one in (chair, plain)] == [[number], [number]]
    town.does(chair, "call", number, at=MONDAY_NINE + HOUR)
    assert [[row.number for row in queries.worklist(one)] for one in (chair, plain)] == [[number], []]
    refused = town.tries(chair, "decide", number, at=MONDAY_NINE + HOUR)
    assert isinstance(refused, Refused) and refused.code == "handled-it"

"""A closed matter raised again from its page: a new entry, both pages linked, the old one untouched."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from jiebang.boards import queries as boards
from jiebang.boards import services
from jiebang.boards.services import Opened
from jiebang.engine.model import ANYONE, Refused
from tests.boards.city import COMMUNITY, DAY, MONDAY_NINE, Town, an_opening, publish_text
from tests.engine import written
from tests.web.atown import Browser, town

__all__ = ["town"]  # a fixture

pytestmark = pytest.mark.django_db


def publish(**more: Any) -> None:
    clause = {"by": "anyone", "within": "30 d", "as": "raise", "with": {"what": "what"}, **more}
    states = {"open": {"held by": "office", "within": "5 wd", "else": "failed", "may": {"close": {"to": "explained"}}}}
    opening = {"raise": {"by": "anyone", "ask": ["what", "where"], "to": "open"}}
    finals = {"explained": {"means": "explained", "raised again": clause}, "failed": "failed"}
    publish_text(written.text(states, opening=opening, finals=finals, fields={"where": "area"}))


def closed() -> tuple[str, str]:
    """Raise a matter and close it; return its number and code."""
    answers = {"what": "路灯又坏了", "where": COMMUNITY}
    opened = services.open_entry(an_opening(mechanism="test", answers=answers), at=MONDAY_NINE)
    assert isinstance(opened, Opened), opened
    return opened.number, opened.code


def test_anybody_raises_it_again_and_each_page_leads_to_the_other(town: Town) -> None:
    publish()
    number, _ = closed()
    town.does("office", "close", number)
    before = boards.entry(number)

    browser = Browser().opens(f"/e/{number}")
    assert "anybody can raise it again" in browser.words
    browser.opens("/raise/", board="test", again=number)
    assert "路灯又坏了" in browser.page and f"{number} stays closed." in browser.words
    browser.sends(go="next", **{"a.what": "路灯又坏了"})
    browser.sends(go="send")

    new = browser.number
    assert new != number
    assert f'href="/e/{new}"' in Browser().opens(f"/e/{number}").page
    assert f'href="/e/{number}"' in Browser().opens(f"/e/{new}").page
    after = boards.entry(number)
    assert before is not None and after is not None and after.seq == before.seq and after.row.meaning == "explained"


def test_it_is_not_raised_again_while_open_nor_when_its_time_is_over(town: Town) -> None:
    publish()
    number, _ = closed()
    opening = an_opening(mechanism="test", answers={"what": "x", "where": COMMUNITY}, again=number)

    early = services.open_entry(opening, at=MONDAY_NINE)
    town.does("office", "close", number)
    late = services.open_entry(opening, at=MONDAY_NINE + 40 * DAY)
    in_time = services.open_entry(opening, at=MONDAY_NINE + 20 * DAY)

    assert [one.code for one in (early, late) if isinstance(one, Refused)] == ["again-not-closed", "again-over"]
    assert isinstance(in_time, Opened)


def test_with_only_the_raiser_named_a_code_is_needed(town: Town) -> None:
    publish(by="raiser")
    number, code = closed()
    town.does("office", "close", number)
    opening = an_opening(mechanism="test", answers={"what": "x", "where": COMMUNITY}, again=number)

    stranger = services.open_entry(opening, at=MONDAY_NINE + DAY)
    assert isinstance(stranger, Refused) and stranger.code == "again-not-yours"
    assert opening.again_by == ANYONE

    browser = Browser().opens(f"/r/{code}").sends(go="again")
    assert f"{number} stays closed." in browser.words
    browser.sends(go="next", **{"a.what": "还是没有修好"})
    browser.sends(go="send")

    view = boards.entry(browser.number)
    assert view is not None and [(link.kind, link.number, link.is_up) for link in view.links] == [
        ("again", number, True)
    ]


def test_a_number_nobody_has_or_of_another_board_ties_nothing(town: Town) -> None:
    publish()
    number, _ = closed()
    town.does("office", "close", number)

    for again in ("LS-26-999999", "x'; --", "\x00"):
        opening = an_opening(mechanism="test", answers={"what": "x", "where": COMMUNITY}, again=again)
        assert isinstance(services.open_entry(opening, at=MONDAY_NINE + DAY), Refused)
    other = an_opening(again=number)
    assert isinstance(services.open_entry(other, at=MONDAY_NINE + timedelta(days=1)), Refused)

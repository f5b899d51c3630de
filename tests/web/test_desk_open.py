"""Opening an entry at the desk: every opening an office is named for has its form, and nobody else's."""

from __future__ import annotations

import pytest

from tests.boards.city import COMMUNITY, publish_text
from tests.engine import written
from tests.web.atown import Browser, Town, signed_in
from tests.web.atown import town as town

STATES = {"given": {"held by": "office", "within": "5 wd", "else": "failed", "may": {"done": {"to": "explained"}}}}


@pytest.fixture
def instructing(town: Town) -> Town:
    publish_text(
        written.text(
            STATES,
            fields={"where": "area", "day": "date", "doer": "unit"},
            opening={
                "instruct": {"by": "office", "ask": ["what", "where", "doer", "day?"], "to": "given"},
                "opened": {"by": "boards", "ask": ["what"], "to": "given"},
            },
            id="instruction",
        )
    )
    return town


def at(place: str) -> str:
    return f"/desk/open/{place}"


def test_an_office_finds_what_it_may_open_and_opens_it(instructing: Town) -> None:
    desk = signed_in("office").opens(at(""))
    assert "instruct" in desk.words and "opened" not in desk.words
    form = desk.opens(at("instruction/instruct"), place=COMMUNITY)

    sent = form.sends(**{"place": COMMUNITY, "a.what": "清理排水口", "a.doer": "lighting"})

    assert sent.at.startswith("/desk/e/"), sent.words
    assert "清理排水口" in sent.words


def test_what_is_missing_is_named_and_what_was_typed_stays(instructing: Town) -> None:
    form = signed_in("office").opens(at("instruction/instruct"), place=COMMUNITY)

    sent = form.sends(**{"place": COMMUNITY, "a.what": "", "a.doer": "lighting", "a.day": "2026-13-45"})

    assert sent.status == 400
    assert "a.what" in sent.page and 'value="2026-13-45"' in sent.page


def test_the_place_is_asked_first_where_the_units_depend_on_it(instructing: Town) -> None:
    asked = signed_in("office").opens(at("instruction/instruct"))
    assert 'name="place"' in asked.page and 'name="a.doer"' not in asked.page

    wrong = asked.opens(at("instruction/instruct"), place="nowhere")
    assert "No place of yours has this name" in wrong.words


def test_nobody_else_has_the_form(instructing: Town) -> None:
    for who in ("lighting", "community"):
        assert "instruct" not in signed_in(who).opens(at("")).words
        assert signed_in(who).opens(at("instruction/instruct")).status == 404
    assert "/accounts/login/" in Browser().opens(at("")).at


def test_sent_twice_it_is_opened_once(instructing: Town) -> None:
    form = signed_in("office").opens(at("instruction/instruct"), place=COMMUNITY)
    page, values = form.page, {"place": COMMUNITY, "a.what": "清理排水口", "a.doer": "lighting"}

    first = form.sends(**values).at
    form.page = page
    assert form.sends(at("instruction/instruct"), **values).at == first

"""What everybody may say without an account: objecting to a notice from its public page."""

from __future__ import annotations

import re

import pytest

from jiebang.boards import queries as boards
from tests.boards.city import DAY, MONDAY_NINE, Town, publish_text
from tests.boards.test_objecting import publish, raised
from tests.engine import written
from tests.web.atown import Browser, signed_in, town

__all__ = ["town"]  # a fixture

pytestmark = pytest.mark.django_db

WORDS = "漏了三户"


def objects(number: str, browser: Browser) -> Browser:
    browser.opens(f"/e/{number}/object")
    return browser.sends(form="object", **{"a.reason": WORDS})


def test_the_public_page_says_until_when_and_leads_to_the_form(town: Town) -> None:
    publish()
    number = raised()

    page = Browser().opens(f"/e/{number}")

    assert "Objections may be raised until" in page.words and "No objection so far." in page.words
    assert f'href="/e/{number}/object"' in page.page


def test_somebody_without_an_account_objects_once_and_the_page_keeps_their_words(town: Town) -> None:
    publish()
    number, browser = raised(), Browser()

    objects(number, browser)
    again = browser.opens(f"/e/{number}/object")
    page = Browser().opens(f"/e/{number}")

    assert "you have said it already" in again.words
    assert "1 objection so far, 0 answered." in page.words and "owes an answer until" in page.words
    assert WORDS not in page.page
    assert objects(number, Browser()).status == 200
    view = boards.entry(number)
    assert view is not None and view.objections is not None and view.objections.raised == 2


def test_the_answer_is_given_at_the_desk_and_read_by_everybody(town: Town) -> None:
    publish()
    number = raised()
    objects(number, Browser())

    desk = signed_in("office").opens("/desk/")
    assert "Answer the objection" in desk.words
    bench = signed_in("office").opens(f"/desk/e/{number}")
    assert WORDS in bench.words
    bench.sends(form="answer:2", **{"a.answer": "三户已补上"})

    page = Browser().opens(f"/e/{number}")
    assert "三户已补上" in page.words and "1 objection so far, 1 answered." in page.words


def test_the_notice_is_shown_as_long_as_it_lasts_although_an_answer_is_due_before(town: Town) -> None:
    publish()
    number = raised()
    before = Browser().opens(f"/e/{number}").page

    objects(number, Browser())

    limit = re.search(r"<dt>Notice</dt><dd>(.*?)</dd>", before, re.S)
    assert limit is not None
    assert limit[1] in Browser().opens(f"/e/{number}").page


def test_what_is_missing_is_asked_for_and_nothing_is_written(town: Town) -> None:
    publish()
    number, browser = raised(), Browser()

    browser.opens(f"/e/{number}/object").sends(form="object", **{"a.reason": ""})

    assert browser.status == 400
    view = boards.entry(number)
    assert view is not None and view.seq == 1


def test_when_the_time_is_over_there_is_no_door_and_no_form(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    publish()
    number = raised()
    browser = Browser().opens(f"/e/{number}/object")
    later = MONDAY_NINE + 6 * DAY
    for module in ("entry", "saying"):
        monkeypatch.setattr(f"jiebang.web.views.public.{module}.timezone.now", lambda: later)

    sent = browser.sends(form="object", **{"a.reason": WORDS})
    page = Browser().opens(f"/e/{number}")

    assert "There is nothing to say here now" in sent.words
    assert "The time to object ended on" in page.words and "/object" not in page.page


def test_any_move_that_is_open_to_everybody_has_this_door_and_verdicts_have_not(town: Town) -> None:
    states = {
        "shown": {"lasts": "10 d", "then": "explained", "may": {"speak": {"by": "anyone", "to": "heard"}}},
        "heard": {"held by": "office", "within": "5 d", "else": "failed", "may": {"hear": {"to": "explained"}}},
    }
    publish_text(written.text(states))
    number = raised()

    browser = Browser().opens(f"/e/{number}").opens(f"/e/{number}/object").sends(form="speak")

    view = boards.entry(number)
    assert view is not None and view.row.state == "heard"
    assert "Received." in browser.words


def test_a_veiled_board_has_no_such_page(town: Town) -> None:
    publish("veiled")
    assert Browser().opens(f"/e/{raised()}/object").status == 404

"""Raising a need: three pages, no account, no script, nothing lost, nothing twice."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from jiebang.boards import queries as boards
from jiebang.web.views.raise_ import chain
from tests.boards.city import CITY, COMMUNITY, COUNTY, OTHER_COMMUNITY, TOWNSHIP, Town
from tests.web.atown import WORDS, Browser, a_file, raises, town

__all__ = ["town"]  # a fixture

pytestmark = pytest.mark.django_db


def test_a_need_is_raised_in_three_pages_and_answered_with_number_code_and_qr(town: Town):
    browser = Browser().opens("/raise/").sends(go="next", **WORDS)
    assert "Step 2 of 3" in browser.words
    for step in (COUNTY, TOWNSHIP, COMMUNITY):
        browser.sends(go="", place=step)
    assert "Step 3 of 3" in browser.words

    browser.sends(go="send", **{"a.phone": "138 0013 8000"})

    assert browser.at == f"/raised/{browser.number}"
    assert len(browser.code) == 10
    assert 'class="qr"' in browser.page
    assert "Look again on Tue 3 Mar 17:30" in browser.words


def test_the_page_with_the_code_is_not_kept_and_not_referred_from(town: Town):
    browser = raises(Browser())

    response = browser.client.get(browser.at)

    assert response["Cache-Control"] == "no-store"
    assert response["Referrer-Policy"] == "no-referrer"
    assert Browser().opens(browser.at).at == "/follow"


def test_the_place_is_found_by_name_and_chosen_at_once(town: Town):
    browser = Browser().opens("/raise/").sends(go="next", **WORDS)

    browser.sends(go="search", q="板厂")

    assert "1 place with “板厂”" in browser.words
    assert f'value="{COMMUNITY}"' in browser.page
    assert "Step 3 of 3" in browser.sends(go="", place=COMMUNITY).words


def test_an_estate_that_is_no_place_is_told_what_can_be_found(town: Town):
    browser = Browser().opens("/raise/").sends(go="next", **WORDS)

    browser.sends(go="search", q="滨江花园小区")

    assert "no estates, no streets" in browser.words


def test_what_a_neighbour_raised_is_shown_before_sending(town: Town):
    lamp = town.posted()
    elsewhere = Browser().opens("/raise/", area=OTHER_COMMUNITY)

    here = Browser().opens("/raise/", area=COMMUNITY).sends(go="next", **WORDS)
    elsewhere.sends(go="next", **WORDS)

    assert "Perhaps already on the board" in here.words
    assert f'href="/e/{lamp.number}"' in here.page
    assert "Perhaps already on the board" not in elsewhere.words
    assert here.sends(go="send").number != lamp.number


def test_what_is_not_alike_not_public_or_no_longer_open_is_not_shown_as_a_neighbours(town: Town):
    town.raises()
    done = town.posted()
    town.does(town.comes_back(done), "withdraw", done.number)
    town.posted()

    other = Browser().opens("/raise/", area=COMMUNITY).sends(go="next", **{"a.what": "老人食堂周末不开门"})

    assert "Step 3 of 3" in other.words
    assert "Perhaps already on the board" not in other.words
    shown = Browser().opens("/raise/", area=COMMUNITY).sends(go="next", **WORDS).page
    assert shown.count("(opens in a new tab)") == 1
    assert done.number not in shown


def test_the_way_down_the_tree_can_be_gone_up_again(town: Town):
    browser = Browser().opens("/raise/").sends(go="next", **WORDS).sends(go="", place=TOWNSHIP)

    browser.sends(go="", place=CITY)

    assert f'value="{COUNTY}"' in browser.page
    assert "Step 2 of 3" in browser.words


def test_going_back_finds_everything_as_it_was_typed(town: Town):
    browser = Browser().opens("/raise/", area=COMMUNITY).sends(go="next", **WORDS, **{"a.photo": a_file()})

    browser.sends(go="what", **{"a.phone": "13800138000"})

    assert WORDS["a.what"] in browser.page
    assert "Photo 1 is kept" in browser.words
    assert 'name="a.phone" value="13800138000"' in browser.page


def test_a_photo_chosen_on_the_first_page_is_handed_in_on_the_last(town: Town):
    browser = raises(Browser(), photo=True)

    view = boards.entry_for(browser.number, town.community)

    assert view is not None
    assert [photo.field for photo in view.attachments] == ["photo"]


def test_a_photo_can_be_taken_back_before_sending(town: Town):
    browser = Browser().opens("/raise/", area=COMMUNITY).sends(go="next", **WORDS, **{"a.photo": a_file()})
    browser.sends(go="what")
    held = browser.page.split('name="drop" value="')[1].split('"')[0]

    browser.sends(go="next", drop=held, **WORDS).sends(go="send")

    view = boards.entry_for(browser.number, town.community)
    assert view is not None
    assert view.attachments == ()


def test_an_empty_form_says_what_is_missing_and_where(town: Town):
    browser = Browser().opens("/raise/").sends(go="next", **{"a.what": " "})

    assert browser.status == 400
    assert 'href="#q-what"' in browser.page
    assert "“What is it about?” is empty" in browser.words


def test_a_wrong_telephone_number_loses_nothing(town: Town):
    browser = raises(Browser(), photo=True, **{"a.phone": "ask my son"})

    assert browser.status == 400
    assert 'value="ask my son"' in browser.page
    assert "That is not a telephone number" in browser.words
    assert "1 photo" in browser.words
    assert browser.sends(go="send", **{"a.phone": ""}).at.startswith("/raised/")


@pytest.mark.parametrize(
    ("typed", "datum", "kept"),
    [
        ("29.56227, 103.76386", "wgs84", "29.56227,103.76386"),
        ("２９.56227，103.76386", "", "29.56227,103.76386"),
        ("29.55952, 103.76607", "gcj02", "29.56227,103.76386"),
        ("29.56546, 103.77260", "bd09", "29.56227,103.76386"),
    ],
)
def test_a_position_may_be_told_and_is_kept_for_those_who_work_on_it(town: Town, typed: str, datum: str, kept: str):
    browser = Browser().opens("/raise/").sends(go="next", **WORDS).sends(go="", place=COMMUNITY)
    assert "Use my position" in browser.words

    browser.sends(go="send", **{"a.position": [typed, datum]})

    view = boards.entry_for(browser.number, town.community)
    assert view is not None
    told = {answer.field.name: answer.value for answer in view.kept[1]}
    found, wanted = (tuple(map(float, str(text).split(","))) for text in (told["position"], kept))
    assert found == pytest.approx(wanted, abs=0.00002)
    assert str(told["position"]) not in Browser().opens(f"/e/{browser.number}").page


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("NaN, NaN", "That is no position"),
        ("1e400, 103", "That is no position"),
        ("103.76386, 29.56227", "That is no position"),
        ("51.5, -0.1", "This position is not in this city"),
    ],
)
def test_a_position_that_cannot_be_meant_loses_nothing(town: Town, typed: str, says: str):
    browser = Browser().opens("/raise/").sends(go="next", **WORDS).sends(go="", place=COMMUNITY)

    browser.sends(go="send", **{"a.position": [typed, "wgs84"], "a.phone": "13800138000"})

    assert browser.status == 400
    assert says in browser.words
    assert f'value="{typed}"' in browser.page
    assert browser.sends(go="send", **{"a.position": ["", "wgs84"]}).at.startswith("/raised/")


@pytest.mark.parametrize("text", ["路" * 2001, "x" * 1_000_000, "lamp\0out"])
def test_text_that_cannot_be_kept_comes_back_with_a_sentence(town: Town, text: str):
    browser = Browser().opens("/raise/").sends(go="next", **{"a.what": text})

    assert browser.status == 400
    assert text.replace("\0", "") in browser.page.replace("\0", "")


def test_a_photo_of_sixty_megabytes_is_refused_by_its_size_alone(town: Town):
    huge = SimpleUploadedFile("huge.jpg", b"\xff\xd8" + bytes(60_000_000), content_type="image/jpeg")

    browser = Browser().opens("/raise/").sends(go="next", **WORDS, **{"a.photo": huge})

    assert browser.status == 413
    assert "This photo has 60 MB" in browser.words
    assert WORDS["a.what"] in browser.page


def test_what_is_no_photo_is_refused_with_a_next_step(town: Town):
    text = SimpleUploadedFile("lamp.jpg", b"not a photo", content_type="image/jpeg")

    browser = Browser().opens("/raise/").sends(go="next", **WORDS, **{"a.photo": text})

    assert browser.status == 400
    assert "is not a JPEG, PNG or WebP photo" in browser.words


def test_a_form_sent_twice_raises_once_and_shows_the_same_receipt(town: Town):
    browser = Browser().opens("/raise/", area=COMMUNITY).sends(go="next", **WORDS)
    before = browser.page
    first = browser.sends(go="send")
    number, code = first.number, first.code
    browser.page, browser.at = before, "/raise/"

    again = browser.sends(go="send")

    assert (again.number, again.code) == (number, code)
    assert len(boards.worklist(town.community)) == 1


def test_without_a_place_the_form_asks_for_it(town: Town):
    browser = Browser().opens("/raise/").sends(go="next", **WORDS)

    browser.sends(page="check", go="send")

    assert browser.status == 400
    assert "The place is not chosen yet" in browser.words


def test_too_many_from_one_address_are_asked_to_wait_and_keep_what_they_wrote(
    town: Town, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(chain, "RAISES_AN_HOUR", 1)
    raises(Browser())

    second = raises(Browser())

    assert second.status == 429
    assert "Wait 60 minutes" in second.words
    assert WORDS["a.what"] in second.page


def test_photos_waiting_for_a_form_are_gone_once_it_is_sent(town: Town, tmp_path: Path):
    raises(Browser(), photo=True)

    assert list((tmp_path / "cache" / "pending").iterdir()) == []


def test_raising_costs_at_most_eight_statements(town: Town):
    browser = Browser().opens("/raise/", area=COMMUNITY).sends(go="next", **WORDS)

    with CaptureQueriesContext(connection) as asked:
        browser.client.post("/raise/", browser.hidden() | {"go": "send"})

    statements = [each["sql"] for each in asked.captured_queries if "SAVEPOINT" not in each["sql"]]
    assert len(statements) <= 8, statements


def test_a_receipt_shown_again_says_that_nothing_new_was_taken_over(town: Town):
    browser = raises(Browser())
    number, code = browser.number, browser.code
    browser.opens("/raise/", area=COMMUNITY).sends(go="next", **WORDS)
    key = browser.hidden()
    assert "had been sent before" not in browser.sends(go="send").words

    browser.sends("/raise/", go="send", **key | {"a.what": "另一件事", "page": "check"})

    assert "This form had been sent before" in browser.words
    assert browser.number != number
    assert browser.code != code


def test_the_first_page_is_never_kept_and_the_others_only_by_this_browser(town: Town):
    client = Browser().client

    assert "no-store" in client.get("/raise/")["Cache-Control"]
    posted = client.post("/raise/", WORDS | {"page": "what", "go": "next", "key": "0" * 32})["Cache-Control"]
    assert "private" in posted
    assert "no-store" not in posted

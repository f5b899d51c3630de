"""One's own area, search over all boards, feeds, open data: what a reader finds, takes along and is remembered by."""

from __future__ import annotations

import csv
import json
from xml.etree import ElementTree

import pytest
from django.conf import settings
from django.test import Client
from django.test.utils import override_settings

from jiebang.api.downloads import FIELDS
from jiebang.boards import services as boards
from jiebang.web.views.public.data import fields
from tests.boards.city import (
    CITY,
    COMMUNITY,
    COUNTY,
    HOUR,
    MONDAY_NINE,
    NEIGHBOUR,
    OTHER_COMMUNITY,
    PUBLIC,
    TOWNSHIP,
    WHAT,
    Town,
)
from tests.web.atown import Browser
from tests.web.atown import town as town

ATOM = {"a": "http://www.w3.org/2005/Atom"}
TOLD = WHAT["what"][:6]  # what the raiser wrote, which no public page may show


def struck(town: Town) -> str:
    then = MONDAY_NINE - HOUR
    opened = town.finished(at=then)
    answers = {"solved": "yes", "satisfied": "satisfied"}
    town.does(town.comes_back(opened, at=then), "verdict", opened.number, at=then, answers=answers)
    return opened.number


# ── An area ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_area_shows_what_is_open_struck_and_who_is_responsible(town: Town) -> None:
    town.posted()
    struck(town)

    page = Browser().opens(f"/a/{COMMUNITY}/")

    assert "1 being worked on" in page.words
    assert "1 struck off this month" in page.words
    assert PUBLIC["public-title"] in page.words
    assert "last 90 days, n = 1" in page.words
    assert "Service window" in page.words
    assert "Duty office" in page.words
    assert TOLD not in page.page


def test_a_neighbour_prints_the_board_of_their_community(town: Town) -> None:
    posted, hidden = town.posted(), town.raises()
    place = Browser().opens(f"/a/{COMMUNITY}/")
    assert f'href="/a/{COMMUNITY}/paper"' in place.page

    paper = Browser().opens(f"/a/{COMMUNITY}/paper", on="a3")

    assert 'class="paper a3"' in paper.page
    assert posted.number in paper.words and hidden.number not in paper.page
    assert paper.page.count('class="qr"') == 2  # one to raise, one of the matter
    assert "It hangs there now" not in paper.words


def test_only_communities_have_a_board_to_print(town: Town) -> None:
    assert "/paper" not in Browser().opens(f"/a/{COUNTY}/").page
    assert Browser().opens(f"/a/{COUNTY}/paper").status == 404
    assert Browser().opens("/a/nowhere/paper").status == 404


def test_an_area_leads_up_and_down(town: Town) -> None:
    page = Browser().opens(f"/a/{TOWNSHIP}/").page

    for above_or_below in (CITY, COUNTY, COMMUNITY, NEIGHBOUR):
        assert f'href="/a/{above_or_below}/"' in page
    assert f'href="/a/{OTHER_COMMUNITY}/"' not in page


def test_what_is_raised_from_an_area_is_raised_there(town: Town) -> None:
    assert f'href="/raise/?area={COMMUNITY}"' in Browser().opens(f"/a/{COMMUNITY}/").page

    raised = (
        Browser()
        .opens("/raise/", area=COMMUNITY)
        .sends(go="next", **{"a.what": "路灯坏了三天，晚上很黑。", "a.spot": "12号"})
    )

    assert "Check and send" in raised.words  # the page about the place was not needed


def test_an_area_without_matters_says_how_the_first_one_comes(town: Town) -> None:
    page = Browser().opens(f"/a/{OTHER_COMMUNITY}/")

    assert "Nothing is open here" in page.words
    assert "n/a" in page.words


def test_an_area_whose_matters_are_all_being_screened_does_not_say_that_nothing_is_open(town: Town) -> None:
    town.raises()

    page = Browser().opens(f"/a/{COMMUNITY}/")

    assert "All of it is late or still being screened" in page.words
    assert "Nothing is open here" not in page.words


def test_a_browser_remembers_an_area_and_forgets_it_again(town: Town) -> None:
    browser = Browser()

    browser.opens(f"/a/{COMMUNITY}/").sends("/a/mine", code=COMMUNITY)
    remembered = browser.opens("/").words
    browser.sends("/a/mine")

    assert browser.at == "/a/"
    assert "Banchangjie" in remembered
    assert "Banchangjie" not in browser.opens("/").words


def test_no_area_that_is_not_there_is_remembered(town: Town) -> None:
    client = Client()

    client.post("/a/mine", {"code": "999999999999"})

    assert not client.cookies["place"].value
    client.cookies["place"] = "999999999999"
    assert client.get("/").status_code == 200


@pytest.mark.parametrize("name", ["板厂街", "banchang", COMMUNITY])
def test_one_place_with_that_name_opens_at_once(town: Town, name: str) -> None:
    assert Browser().opens("/a/", q=name).at == f"/a/{COMMUNITY}/"


def test_several_places_are_offered_and_none_says_what_to_do(town: Town) -> None:
    assert "places with" in Browser().opens("/a/", q="社区").words
    assert "Try fewer characters" in Browser().opens("/a/", q="月亮").words


def test_there_is_no_page_for_an_area_that_is_not(town: Town) -> None:
    for code in ("0", "x" * 500, "511102001001%00"):
        assert Client().get(f"/a/{code}/").status_code == 404


# ── Search ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_search_finds_two_characters_on_every_board(town: Town) -> None:
    number = town.posted().number

    page = Browser().opens("/search", q="路灯")

    assert number in page.words
    assert "1 found" in page.words


def test_a_number_typed_into_the_search_of_all_boards_leads_to_its_entry(town: Town) -> None:
    number = town.raises().number

    assert Browser().opens("/search", q=number.lower()).at == f"/e/{number}"


def test_search_is_narrowed_by_place_and_by_how_it_stands(town: Town) -> None:
    number = town.posted().number

    assert number in Browser().opens("/search", q="路灯", area=COUNTY, show="open").words
    assert number not in Browser().opens("/search", q="路灯", area=OTHER_COMMUNITY).words
    assert number not in Browser().opens("/search", q="路灯", show="struck").words


def test_a_place_searched_for_is_offered_as_its_page(town: Town) -> None:
    assert f'href="/a/{COMMUNITY}/"' in Browser().opens("/search", q="板厂街").page


def test_a_code_typed_into_the_search_is_shown_where_it_belongs(town: Town) -> None:
    code = town.raises().code

    page = Browser().opens("/search", q=code)

    assert "Is it the secret code from your receipt?" in page.words
    assert "Is it the secret code" not in Browser().opens("/search", q="飞碟").words


def test_a_wide_area_leads_from_its_head_to_the_places_in_it(town: Town) -> None:
    page = Browser().opens(f"/a/{COUNTY}/").page

    assert page.index('href="#below"') < page.index('id="open"') < page.index('id="below"')
    assert 'href="#below"' not in Browser().opens(f"/a/{COMMUNITY}/").page


def test_nothing_found_says_what_to_do_next(town: Town) -> None:
    page = Browser().opens("/search", q="飞碟")

    assert "Nothing fits" in page.words
    assert "Look through the whole board" in page.words
    assert "Raise a matter" in page.words


def test_strange_searches_are_no_mistake_of_ours(town: Town) -> None:
    for query in ({"q": "\x00"}, {"q": "x" * 9000}, {"q": "%' or 1=1"}, {"q": "路灯", "area": "?"}, {"show": "?"}):
        assert Browser().opens("/search", **query).status == 200


def test_words_nobody_has_screened_are_not_found(town: Town) -> None:
    town.raises()

    assert "Nothing fits" in Browser().opens("/search", q="摔了一跤").words


# ── Feeds ───────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("path", ["/b/residents/feed.atom", f"/a/{COMMUNITY}/feed.atom", "/search.atom?q=路灯"])
def test_a_feed_says_what_its_list_says_and_no_more(town: Town, path: str) -> None:
    number = town.posted().number
    town.raises()

    answer = Client().get(path, HTTP_ACCEPT_LANGUAGE="en")
    feed = ElementTree.fromstring(answer.content)

    links = [entry.find("a:link", ATOM).get("href") for entry in feed.findall("a:entry", ATOM)]  # type: ignore[union-attr]  # there is one
    assert links == [f"http://testserver/e/{number}"]
    assert answer.headers["Content-Type"].startswith("application/atom+xml")
    assert not answer.cookies
    assert TOLD not in answer.content.decode()


def test_a_feed_takes_the_filters_of_its_board(town: Town) -> None:
    town.posted()
    done = struck(town)

    feed = Client().get("/b/residents/feed.atom", {"show": "struck", "lang": "zh"}).content.decode()

    assert feed.count("<entry>") == 1
    assert done in feed
    assert "已销榜" in feed


# ── Open data ───────────────────────────────────────────────────────────────────────────────────────────────


def test_csv_and_json_hold_every_entry_without_a_word_of_it(town: Town) -> None:
    numbers = {town.posted().number, struck(town), town.raises().number}

    answer = Client().get("/data/residents.csv")
    text = b"".join(answer.streaming_content).decode()  # type: ignore[arg-type]  # Django's test response
    rows = list(csv.DictReader(text.splitlines()))
    page = Client().get("/data/residents.json").json()

    assert {row["number"] for row in rows} == {row["number"] for row in page["entries"]} == numbers
    assert [row["ended"] for row in rows].count("solved") == 1
    assert page["next"] is None
    for words in (text, json.dumps(page, ensure_ascii=False)):
        assert PUBLIC["public-title"] not in words
        assert TOLD not in words


def test_json_leads_on_to_what_did_not_fit(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jiebang.api.downloads.PAGE", 2)
    numbers = {town.raises().number for _ in range(5)}

    found: list[str] = []
    following = "/data/residents.json"
    while following:
        page = Client().get(following).json()
        found += [row["number"] for row in page["entries"]]
        following = page["next"]

    assert sorted(found) == sorted(numbers)


def test_of_an_erased_matter_the_data_keep_the_day_and_the_township(town: Town) -> None:
    opened = town.posted()
    erased = boards.erase(opened.number, ground="asked", by="desk", at=MONDAY_NINE)
    assert isinstance(erased, boards.Erased), erased

    (row,) = Client().get("/data/residents.json").json()["entries"]
    entry = Browser().opens(f"/e/{opened.number}").words

    assert row["raised"] == "2026-03-02"
    assert row["area"] == TOWNSHIP
    assert "Banchangjie" not in entry
    assert "09:00" not in entry


def test_a_city_without_a_licence_says_so(town: Town) -> None:
    answer = Client().get("/data/residents.json")

    assert answer.json()["licence"] is None and "Link" not in answer.headers
    assert "Leshan has stated no licence for its data." in Browser().opens("/data").words
    assert "<rights>" not in Client().get("/b/residents/feed.atom").content.decode()


def test_the_licence_a_city_states_stands_on_the_page_and_in_each_form_of_the_data(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = "https://creativecommons.org/licenses/by/4.0/"
    monkeypatch.setattr(settings, "JIEBANG_CITY", "millbrook")

    data, table = Client().get("/data/residents.json"), Client().get("/data/residents.csv")

    assert data.json()["licence"]["url"] == url
    assert data.headers["Link"] == table.headers["Link"] == f'<{url}>; rel="license"'
    assert f'href="{url}" rel="license"' in Browser().opens("/data").page
    assert "CC BY 4.0" in Client().get("/b/residents/feed.atom").content.decode()


def test_every_field_of_the_data_is_explained() -> None:
    assert tuple(fields()) == FIELDS


def test_a_board_that_is_not_has_no_data(town: Town) -> None:
    assert Client().get("/data/nothing.csv").status_code == 404
    assert Client().get("/data/nothing.json").status_code == 404


# ── For machines ────────────────────────────────────────────────────────────────────────────────────────────


def test_robots_are_kept_out_of_what_belongs_to_one_person(town: Town) -> None:
    text = Client().get("/robots.txt").content.decode()

    for path in ("/r/", "/follow", "/desk", "/accounts/", "/log/"):
        assert f"Disallow: {path}\n" in text
    assert Client().get("/follow").headers["X-Robots-Tag"] == "noindex"


def test_a_public_page_names_its_one_address_and_a_raisers_page_none(town: Town) -> None:
    assert (
        '<link rel="canonical" href="http://testserver/b/residents/">'
        in Browser().opens("/b/residents/", show="open").page
    )
    assert "canonical" not in Browser().opens("/follow").page


def test_whom_to_tell_of_a_hole_is_said_when_the_city_has_said_it(town: Town) -> None:
    assert Client().get("/.well-known/security.txt").status_code == 404

    with override_settings(JIEBANG_SECURITY_CONTACT="mailto:security@city.example"):
        text = Client().get("/.well-known/security.txt").content.decode()

    assert text.startswith("Contact: mailto:security@city.example\nExpires: 2026-08-29T01:00:00Z\n")
    assert settings.LANGUAGES[0][0].split("-")[0] in text

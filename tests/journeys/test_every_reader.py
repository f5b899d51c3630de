"""The main pages for those who hear them, use them by keys alone, or make them twice as large.

`looks` asks the same of every page a journey comes to; here are the pages as they stand, in the views no journey has.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page, expect

from tests.journeys.conftest import PHONE, City, Device
from tests.journeys.fitting import WHOLE, ZOOMED, enlarge_text, misfits, offered, unfold
from tests.journeys.keys import Keys
from tests.journeys.reading import faults
from tests.journeys.rounds import PUBLIC, Rounds


@pytest.fixture(scope="module")
def rounds(city: City, chromium: Chromium) -> Rounds:
    raised, _, claimed, called = city.matters("raised", "posted", "claimed", "called")
    made = Rounds(city, chromium, raised, claimed, called)
    with made.seen(PUBLIC) as opened:
        city.clock_has_moved(opened("/"), called, "回访")
    made.writes_a_draft()
    return made


def test_what_is_heard_on_a_phone_is_what_is_seen(rounds: Rounds) -> None:
    assert rounds.all(faults, viewport={"width": PHONE, "height": 800}) == []


def test_nothing_is_lost_and_nothing_scrolls_sideways_at_twice_the_size(rounds: Rounds) -> None:
    whole: dict[str, set[str]] = {}

    def remember(page: Page) -> list[str]:
        wrong = faults(page)
        unfold(page)
        whole[page.url] = offered(page)
        return wrong

    def compare(page: Page) -> list[str]:
        unfold(page)
        missing = whole.get(page.url, set()) - offered(page)
        return [*misfits(page), *(f"is gone: {each}" for each in sorted(missing))]

    heard = rounds.all(remember, language="en-GB", **WHOLE)
    zoomed = rounds.all(compare, language="en-GB", **ZOOMED)

    assert (heard, zoomed) == ([], [])


def test_letters_of_twice_their_size_fit(rounds: Rounds) -> None:
    def enlarged(page: Page) -> list[str]:
        if page.evaluate("getComputedStyle(document.documentElement).fontSize") != "32px":
            enlarge_text(page)
            assert page.evaluate("getComputedStyle(document.documentElement).fontSize") == "32px"
        return list(misfits(page))

    assert rounds.all(enlarged, **WHOLE) == []


def test_the_tab_key_comes_to_everything_in_order_and_out_again(rounds: Rounds) -> None:
    def walked(page: Page) -> list[str]:
        keys = Keys(page)
        expected = keys.reachable()
        stops = keys.walks()
        wrong = list(keys.complaints)
        if [stop.split(" “")[0] for stop in stops] != expected:
            wrong.append(f"stops at {stops}, of {expected}")
        return wrong

    assert rounds.all(walked, viewport={"width": 1280, "height": 800}) == []


@pytest.mark.parametrize(
    ("account", "path"),
    [
        (PUBLIC, "/b/residents/map?show=all"),
        (PUBLIC, "/b/residents/"),
        ("clerk", "/desk/window/"),
        ("lamps", "/field/"),
    ],
)
def test_the_way_back_is_the_way_there(rounds: Rounds, account: str, path: str) -> None:
    with rounds.seen(account, viewport={"width": PHONE, "height": 800}) as opened:
        keys = Keys(opened(path))
        there = keys.walks()
        back = keys.walks("Shift+Tab")

    assert (back, keys.complaints) == ([there[0], *there[:0:-1]], [])


def test_a_narrowed_list_is_said_aloud_and_keeps_the_focus(rounds: Rounds) -> None:
    with rounds.seen(PUBLIC, viewport={"width": 1280, "height": 800}) as opened:
        page = opened("/b/residents/?show=all")
        said = page.locator("#list-said")
        said.evaluate("e => { e.stays = true }")
        keys = Keys(page)
        keys.until("#f-category")

        with page.expect_response(lambda answer: "category=" in answer.url):
            keys.press("ArrowDown")
        expect(said).not_to_be_empty()

        assert said.evaluate("e => e.stays"), "a line swapped along with the list goes unheard"
        assert said.inner_text() == page.locator(".found-n").inner_text()
        expect(page.locator("#f-category")).to_be_focused()


def test_moving_the_map_by_keys_is_said_aloud_and_never_loses_the_focus(rounds: Rounds) -> None:
    with rounds.seen(PUBLIC, viewport={"width": PHONE, "height": 800}) as opened:
        page = opened("/b/residents/map?show=all")
        keys = Keys(page)
        keys.until(".move-map")
        keys.press("Enter")
        expect(page.locator(".maplibregl-canvas")).to_be_focused()
        keys.until(".skip-map a", "Shift+Tab")
        keys.press("Enter")
        expect(page.locator("#entries")).to_be_focused()
        keys.until("#map-list li[data-box] a")
        with page.expect_response(lambda answer: "zoom=" in answer.url):
            keys.press("Enter")
        expect(page.locator("#map-list .found-n")).to_be_focused()
        assert page.locator("#map-said").inner_text() == page.locator(".found-n").inner_text()

        keys.until(".maplibregl-canvas", "Shift+Tab", most=80)
        with page.expect_response(lambda answer: "zoom=" in answer.url):
            keys.press("-")
        expect(page.locator(".maplibregl-canvas")).to_be_focused()
        assert keys.complaints == []


def test_the_app_drawn_again_keeps_the_focus_where_it_was(
    rounds: Rounds, city: City, device: Callable[..., Device]
) -> None:
    with rounds.seen("lamps", viewport={"width": PHONE, "height": 740}) as opened:
        page = opened("/field/")
        keys = Keys(page)
        keys.until(f".field-list a[href*='{rounds.claimed}']")
        page.evaluate("document.querySelector('.field-list').replaced = true")
        page.evaluate("window.dispatchEvent(new Event('online'))")
        page.wait_for_function("() => !document.querySelector('.field-list').replaced")
        assert keys.here() is not None, "the list was drawn again under the finger"
        keys.press("Enter")
        expect(page.locator("main h1")).to_be_focused()
        assert keys.complaints == []
    city.holds(device("stranger").page, rounds.claimed)

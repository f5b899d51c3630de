"""The whole way with script off, in every chair: raised, posted, claimed, done, struck off; called back; looked up."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import expect

from tests.journeys.conftest import DESK, PHONE, City, Device
from tests.journeys.staff import COMMUNITY
from tests.journeys.test_journeys import raises

TITLE = "白塔街口路灯不亮"


def test_from_a_dark_street_to_the_red_seal_without_script(city: City, device: Callable[..., Device], photo: Path):
    resident = device("resident", script=False)
    number, code = raises(resident, photo=photo)

    clerk = device("clerk", width=DESK, script=False)
    clerk.signs_in("clerk")
    clerk.opens("/desk/list")
    clerk.page.locator(f"a.row-link[href$='{number}']").click()
    clerk.looks("bench")
    clerk.moves("post", public_title=TITLE, public_text="路灯坏了三天，晚上很黑。", category="1")
    clerk.page.locator("button[name=show][value='1']").click()

    lamps = device("lamps", script=False)
    lamps.signs_in("lamps")
    lamps.opens("/desk/list?scope=open").locator(f"a.row-link[href$='{number}']").click()
    lamps.page.locator("#move-claim summary").click()
    lamps.page.locator("#move-claim form button.button").last.click()
    expect(lamps.page.locator(".error-summary")).to_be_visible()
    lamps.looks("nothing-promised")
    lamps.moves("claim", promised_date="3", contact="王师傅 2430000")
    lamps.moves("finish", what_was_done="换了灯泡，夜里亮了。", photo=photo)
    lamps.looks("finished")

    page = resident.opens("/")
    page.fill("#code", code)
    page.keyboard.press("Enter")
    page.wait_for_url("**/r/**")
    resident.looks("verdict")
    resident.moves("verdict", solved="yes", satisfied="satisfied")
    expect(page.locator("svg.seal")).to_be_visible()
    resident.looks("struck")
    city.holds(device("stranger").page, number)


def test_a_call_is_made_and_written_down_without_script(city: City, device: Callable[..., Device]):
    [number] = city.matters("called")
    city.clock_has_moved(device("stranger").page, number, "回访")
    office = device("office", width=DESK, script=False)
    page = office.signs_in("office")

    office.opens("/desk/calls/")
    office.looks("calls")
    page.locator(f".call-list a.button[href$='{number}']").click()
    office.looks("call")
    office.moves("record-call", reached="yes", solved="yes")
    expect(page.get_by_text("已登记").first).to_be_visible()
    office.looks("recorded")

    page = device("neighbour", script=False).opens(f"/e/{number}")
    expect(page.locator("svg.seal")).to_be_visible()
    city.holds(device("stranger").page, number)


def test_everything_can_be_looked_up_without_script(city: City, device: Callable[..., Device]):
    _, number = city.matters("raised", "claimed")
    reader = device("reader", width=PHONE, script=False)
    page = reader.opens("/")

    page.fill("#q", "白塔街 路灯")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?**")
    reader.looks("found")
    page.locator(f".entries a[href$='{number}']").click()
    expect(page.locator("h1")).to_contain_text(TITLE)
    page.goto(f"{city.url}/search")
    page.fill("#all-q", number)
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(f"/e/{number}$"))

    page.goto(f"{city.url}/a/{COMMUNITY}/")
    reader.looks("area")
    page.locator("form[action$='/a/mine'] button").click()
    reader.opens("/")
    expect(page.locator(".mine-strip h2 a")).to_have_attribute("href", re.compile(COMMUNITY))

    page.goto(f"{city.url}/b/residents/")
    page.locator(".filters summary").click()
    page.select_option("#f-category", "street-light")
    page.locator(".filters button").click()
    page.wait_for_url("**category=**")
    reader.looks("narrowed")
    expect(page.locator(f".entries a[href$='{number}']")).to_be_visible()

    page.goto(f"{city.url}/b/residents/map?show=all")
    reader.looks("map")
    expect(page.locator("svg.drawn")).to_be_visible()
    page.locator("#map-list li[data-at] a").first.click()
    expect(page.locator("#map-list")).to_be_visible()

    page.goto(f"{city.url}/b/residents/figures")
    reader.looks("figures")
    expect(page.locator("#by-area")).to_be_visible()
    city.holds(device("stranger").page, number)

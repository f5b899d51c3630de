"""A resident says where it is; everybody finds it on the map, with script and without, and nobody learns the door."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page, expect

from tests.journeys.conftest import DESK, City, Device, violations
from tests.journeys.staff import COMMUNITY

HERE = {"latitude": 29.56789, "longitude": 103.75432, "accuracy": 8}


@pytest.fixture(scope="module")
def on_the_map(city: City, chromium: Chromium) -> str:
    """A matter raised with the device's own position; its number, once the map has it."""
    context = chromium.new_context(viewport={"width": 360, "height": 800}, locale="zh-CN", geolocation=HERE,
                                  permissions=["geolocation"])  # fmt: skip
    page = context.new_page()
    page.goto(f"{city.url}/raise/?area={COMMUNITY}")
    page.fill("[name='a.what']", "路口的路灯坏了三天，晚上很黑。")
    page.locator("button[value=next]").click()
    assert (
        page.locator("[name='a.position']").first.input_value() == ""
    )  # nothing is asked before the button is pressed
    page.locator("[data-locate]").click()
    expect(page.locator(".position [role=status]")).to_contain_text("8")
    assert violations(page) == []
    page.locator("button.large[value=send]").click()
    page.wait_for_url("**/raised/**")
    number = page.locator(".confirmation .number").inner_text()
    page.goto(f"{city.url}/b/residents/map?show=all&bbox=103.74,29.55,103.77,29.58")
    page.wait_for_function(
        "async (number) => (await (await fetch(location.href)).text()).includes(number)", arg=number, timeout=20_000
    )
    context.close()
    return number


def numbers(page: Page) -> int:
    """How many matters the list says are in view."""
    found = re.search(r"[\d,]+", page.locator("#map-list .found-n").inner_text())
    assert found
    return int(found[0].replace(",", ""))


@pytest.mark.parametrize("width", [360, DESK])
def test_the_map_moves_and_its_list_with_it(city: City, chromium: Chromium, on_the_map: str, width: int) -> None:
    page = chromium.new_context(viewport={"width": width, "height": 900}, locale="zh-CN").new_page()
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(f"{city.url}/b/residents/map?show=all")
    expect(page.locator("svg.drawn .mark")).to_have_count(page.locator("#map-list li[data-at]").count())
    assert not page.evaluate("'maplibregl' in window")  # not fetched before somebody wants to move it
    page.locator(".move-map").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#map.moves")).to_be_visible()
    expect(page.locator(".maplibregl-canvas")).to_be_focused()
    expect(page.locator(".pin")).to_have_count(page.locator("#map-list li[data-at]").count())
    assert violations(page) == []

    with page.expect_response(lambda answer: "zoom=" in answer.url):
        page.keyboard.press("+")
    nearer = numbers(page)

    # Counted afterwards: what other journeys raised may still be on its way to the map.
    page.goto(f"{city.url}/b/residents/map?show=all")
    assert nearer <= numbers(page)
    page.goto(f"{city.url}/b/residents/map?show=all&bbox=103.74,29.55,103.77,29.58")
    page.locator(".move-map").click()
    pin = page.locator(f".pin[href$='{on_the_map}']")
    expect(pin).to_have_count(1)
    pin.focus()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/e/{on_the_map}")
    assert "29.56789" not in page.content() and "103.75432" not in page.content()
    assert complaints == []


@pytest.mark.parametrize("width", [360, DESK])
def test_without_script_the_drawn_map_leads_to_the_entry(
    device: Callable[..., Device], on_the_map: str, width: int
) -> None:
    visitor = device("visitor", width=width, script=False)
    page = visitor.opens("/b/residents/map?show=all&bbox=103.74,29.55,103.77,29.58")
    visitor.looks("map")

    expect(page.locator("svg.drawn .mark")).to_have_count(page.locator("#map-list li[data-at]").count())
    page.locator(f"svg.drawn .mark[href$='{on_the_map}']").click()

    expect(page).to_have_url(re.compile(f"/e/{on_the_map}$"))


def test_the_board_and_the_list_of_boards_lead_to_the_map(device: Callable[..., Device], on_the_map: str) -> None:
    visitor = device("visitor")
    for path in ("/b/", "/b/residents/"):
        visitor.opens(path).locator("main a[href$='/b/residents/map']").first.click()
        visitor.looks("map")

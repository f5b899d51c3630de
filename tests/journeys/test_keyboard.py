"""A resident without a mouse: from the front page to the red seal by Tab, Enter, Space and the arrows alone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import expect

from tests.journeys.conftest import DESK, City, Device
from tests.journeys.keys import Keys
from tests.journeys.staff import COMMUNITY
from tests.journeys.test_journeys import WORDS, receipt

IN_MAIN = "() => document.activeElement.closest('main') !== null"


def skips_to_the_content(keys: Keys) -> None:
    """The first stop of every page leads past what is the same on all of them."""
    page = keys.page
    keys.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    keys.press("Enter")
    expect(page.locator("#main")).to_be_focused()
    keys.press("Tab")
    assert page.evaluate(IN_MAIN)


def goes_from_the_summary_to_the_field(keys: Keys, field: str) -> None:
    """What has to be mended is where the focus is, and its link leads to the field."""
    expect(keys.page.locator(".error-summary")).to_be_focused()
    keys.press("Tab", "Enter")
    expect(keys.page.locator(field)).to_be_focused()


def test_a_matter_is_raised_followed_and_struck_off_by_keys_alone(
    city: City, device: Callable[..., Device], photo: Path
):
    resident = device("resident", width=DESK)
    page = resident.opens("/")
    keys = Keys(page)

    skips_to_the_content(keys)
    keys.until("main a[href$='/raise/']")
    keys.enters()
    keys.until("button[value=next]")
    keys.enters()
    resident.looks("nothing-written")
    goes_from_the_summary_to_the_field(keys, "[name='a.what']")
    keys.type(WORDS)
    keys.until("[name='a.spot']")
    keys.type("公交站旁")
    keys.until("button[value=next]")
    keys.enters()
    for code in (COMMUNITY[:6] + "000000", COMMUNITY[:9] + "000", COMMUNITY):
        skips_to_the_content(keys)
        keys.until(f".places-list button[value='{code}']")
        keys.enters()
    skips_to_the_content(keys)
    keys.until("[name='a.phone']")
    keys.type("call my son")
    keys.enters()
    goes_from_the_summary_to_the_field(keys, "[name='a.phone']")
    keys.press("Control+a")
    keys.type("13800138000")
    keys.until("button.large[value=send]")
    keys.enters()
    number, code = receipt(resident)
    assert keys.complaints == []

    clerk = device("clerk", width=DESK)
    clerk.signs_in("clerk")
    clerk.opens(f"/desk/e/{number}")
    clerk.moves("post", public_title="白塔街口路灯不亮", public_text="路灯坏了三天，晚上很黑。", category="1")
    lamps = device("lamps", width=DESK)
    lamps.signs_in("lamps")
    lamps.opens(f"/desk/e/{number}")
    lamps.moves("claim", promised_date="3", contact="王师傅 2430000")
    lamps.moves("finish", what_was_done="换了灯泡，夜里亮了。", photo=photo)

    keys.until(".places a[href$='/follow']", most=60)
    keys.enters()
    keys.until("#code")
    keys.type("00000-AAAAA")
    keys.enters()
    resident.looks("wrong-code")
    goes_from_the_summary_to_the_field(keys, "#code")
    keys.press("Control+a")
    keys.type(code)
    keys.enters()
    skips_to_the_content(keys)
    keys.until("[name='a.solved']")
    keys.press("Space")
    keys.until("[name='a.satisfied']")
    keys.press("ArrowDown")
    expect(page.locator("[name='a.satisfied'][value='satisfied']")).to_be_checked()
    keys.until("#move-verdict form button")
    keys.enters()
    expect(page.locator("svg.seal")).to_be_visible()
    resident.looks("struck")

    assert keys.complaints == []
    city.holds(device("stranger").page, number)

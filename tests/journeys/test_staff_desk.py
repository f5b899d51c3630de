"""The board office at its desk: by keys alone, and without script; a bulk move that is left and looked at again."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import expect

from tests.journeys.conftest import DESK, City, Device
from tests.journeys.keys import Keys
from tests.journeys.test_journeys import raises

TITLE = "巷口路灯不亮"


def posted(city: City, device: Callable[..., Device], *, times: int) -> list[str]:
    """Raise so many matters and have the community post them."""
    found = []
    for n in range(times):
        number, _ = raises(device(f"resident{n}"))
        clerk = device(f"clerk{n}", width=DESK)
        clerk.signs_in("clerk")
        clerk.opens(f"/desk/e/{number}")
        clerk.moves("post", public_title=f"{TITLE}（{n}）", public_text="路灯坏了三天，晚上很黑。", category="1")
        found.append(number)
    return found


def test_the_office_offers_many_by_keys_alone_and_finds_them_moved(city: City, device: Callable[..., Device]):
    numbers = posted(city, device, times=2)
    office = device("office", width=DESK)
    page = office.signs_in("office")
    office.looks("day")
    page.goto(f"{city.url}/desk/list?scope=area&state=posted")
    lines = page.locator("[data-rows] tbody tr")
    keys = Keys(page)
    expect(page.locator("main")).to_contain_text(numbers[-1])

    for n in range(lines.count()):
        keys.press("j")
        if page.evaluate("document.activeElement.closest('tr').innerText.includes('巷口路灯不亮')"):
            keys.press("x")
        assert n < 50
    keys.press("?")
    expect(page.locator("#keys")).to_have_attribute("open", "")
    office.looks("selected")
    assert page.locator("input[name=pick]:checked").count() == 2
    keys.press("?")
    keys.until("#bulk button.strong")
    keys.enters()
    office.looks("which-step")
    keys.until("input[name=step]")
    keys.until("input[value$='/offer']", "ArrowDown")
    keys.enters()
    office.looks("answers")
    keys.until("select[name='a.unit']")
    keys.press("ArrowDown")
    keys.until("button[value=judge]")
    keys.enters()
    office.looks("judged")
    keys.until("button[value=start]")
    keys.enters()
    page.wait_for_url(re.compile(r"/desk/bulk/\d+$"))
    page.locator("[data-looks-again]").wait_for(state="detached", timeout=20_000)
    office.looks("moved")

    office.opens("/desk/office")
    office.looks("office")
    expect(page.locator("#offered")).to_contain_text(numbers[0])
    assert keys.complaints == []
    city.holds(page, numbers[0])


def test_without_script_the_desk_works_and_fits_a_phone(city: City, device: Callable[..., Device]):
    [number] = posted(city, device, times=1)
    office = device("office", script=False)
    page = office.signs_in("office")
    expect(page.locator("main")).to_contain_text(number)

    page.goto(f"{city.url}/desk/list?scope=area&state=posted")
    page.locator(f"input[name=pick][value^='{number}']").check()
    page.locator("#bulk button.strong").click()
    page.locator("input[value$='/offer']").check()
    page.locator("button.primary").click()
    page.locator("select[name='a.unit']").select_option(index=1)
    page.locator("button[value=judge]").click()
    page.locator("button[value=start]").click()
    page.wait_for_url(re.compile(r"/desk/bulk/\d+$"))
    for _ in range(40):
        if page.locator("a.button.strong").count() == 0:
            break
        page.locator("a.button.strong").click()
        page.wait_for_timeout(250)

    expect(page.locator(".outcomes")).to_contain_text("已办")
    for path in ("/desk/", "/desk/list?scope=area", "/desk/office", "/desk/calls/", "/desk/print/", "/desk/bulk/all"):
        page.goto(city.url + path)
        wide = page.locator("html").evaluate("e => e.scrollWidth - e.clientWidth")
        assert wide == 0, path


def test_every_page_of_the_desk_is_clean_on_a_phone_in_english(city: City, device: Callable[..., Device]):
    [number] = posted(city, device, times=1)
    office = device("office", language="en-GB")
    office.signs_in("office")
    paths = ["", "list?scope=area", "office", "calls/", "print/", "bulk/all", f"e/{number}", f"print/sheets?n={number}"]
    for path in paths:
        office.opens(f"/desk/{path}")
        office.looks(re.sub(r"\W+", "-", path) or "day")
    assert "Board office" in office.opens("/desk/office").title()

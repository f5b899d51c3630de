"""From a dark street to the red seal, in a real browser."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from jiebang.web import qr
from tests.journeys.conftest import DESK, City, Device
from tests.journeys.staff import COMMUNITY

WORDS = "白塔街口的路灯坏了三天，晚上很黑，老人不敢走。"


def raises(phone: Device, *, photo: Path | None = None) -> tuple[str, str]:
    """Go through the three pages; return number and code."""
    page = phone.opens("/raise/")
    phone.looks("what")
    page.fill("[name='a.what']", WORDS)
    page.fill("[name='a.spot']", "公交站旁")
    if photo:
        page.set_input_files("[name='a.photo']", photo)
    page.locator("button[value=next]").click()
    phone.looks("where")
    for code in (COMMUNITY[:6] + "000000", COMMUNITY[:9] + "000", COMMUNITY):
        page.locator(f".places-list button[value='{code}']").click()
    phone.looks("check")
    page.locator("button.large[value=send]").click()
    page.wait_for_url("**/raised/**")
    return receipt(phone)


def receipt(phone: Device) -> tuple[str, str]:
    phone.looks("receipt")
    number = phone.page.locator(".confirmation .number").inner_text()
    return number, "".join(phone.page.locator(".secret span").all_inner_texts())


def drawn_for(page: Page, url: str) -> bool:
    """Whether the QR on the page is the one of that address."""
    shown = page.locator("svg.qr path").get_attribute("d")
    return shown is not None and shown in qr.svg(url)


def test_a_resident_raises_it_the_city_does_it_and_the_resident_strikes_it_off(
    city: City, device: Callable[..., Device], photo: Path
):
    resident = device("resident")
    number, code = raises(resident, photo=photo)
    slip = f"{city.url}/r/{code}"
    assert drawn_for(resident.page, slip)

    clerk = device("clerk")
    clerk.signs_in("clerk")
    clerk.looks("work")
    clerk.opens(f"/desk/e/{number}")
    clerk.looks("bench")
    clerk.moves("post", public_title="白塔街口路灯不亮", public_text="路灯坏了三天，晚上很黑。", category="1")
    clerk.page.locator("button[name=show][value='1']").click()
    expect(clerk.page.locator("button[name=show][value='0']")).to_be_visible()

    lamps = device("lamps", width=DESK)
    lamps.signs_in("lamps")
    lamps.opens("/desk/list?scope=open")
    lamps.looks("open-to-claim")
    lamps.page.locator(f"a.row-link[href$='{number}']").click()  # other journeys write of lamps too
    lamps.looks("bench")
    lamps.moves("claim", promised_date="3", contact="王师傅 2430000")
    lamps.moves("finish", what_was_done="换了灯泡和镇流器，夜里亮了。", photo=photo)
    lamps.looks("finished")

    resident.opens(slip)
    resident.looks("verdict")
    resident.moves("verdict", solved="yes", satisfied="very-satisfied")
    resident.looks("struck")
    expect(resident.page.locator("svg.seal")).to_be_visible()

    stranger = device("stranger")
    stranger.opens(f"/e/{number}")
    stranger.looks("public")
    expect(stranger.page.locator("svg.seal")).to_be_visible()
    city.holds(stranger.page, number)


def test_without_script_everything_can_be_done(city: City, device: Callable[..., Device], photo: Path):
    resident = device("resident", script=False)
    page = resident.opens("/raise/")
    page.locator("button[value=next]").click()
    expect(page.locator(".error-summary")).to_be_visible()
    page.fill("[name='a.what']", WORDS)
    page.set_input_files("[name='a.photo']", photo)
    page.locator("button[value=next]").click()
    page.fill("main [name=q]", "白塔")
    page.keyboard.press("Enter")
    page.locator(".found").wait_for()
    resident.looks("found")
    page.locator(f".found button[value='{COMMUNITY}']").click()
    page.locator("button[value=what]").first.click()
    expect(page.locator("[name='a.what']")).to_have_value(WORDS)
    expect(page.locator(".held li")).to_have_count(1)
    page.locator("button[value=next]").click()
    page.fill("[name='a.phone']", "call my son")
    page.locator("button.large[value=send]").click()
    resident.looks("phone-refused")
    expect(page.locator("[name='a.phone']")).to_have_value("call my son")
    page.fill("[name='a.phone']", "13800138000")
    page.keyboard.press("Enter")
    page.wait_for_url("**/raised/**")
    number, code = receipt(resident)

    clerk = device("clerk", width=DESK, script=False)
    clerk.signs_in("clerk")
    clerk.opens(f"/desk/e/{number}")
    clerk.looks("bench")
    clerk.moves("ask", question="是哪一盏灯？")

    resident.opens("/follow")
    page.fill("#code", code.lower())
    page.keyboard.press("Enter")
    expect(page.get_by_text("是哪一盏灯？").first).to_be_visible()
    resident.moves("reply", reply="门口左边那盏。")
    resident.moves("withdraw")
    resident.looks("withdrawn")
    city.holds(device("stranger").page, number)


def test_a_draft_stays_on_the_device_never_the_telephone_and_is_gone_once_sent(
    city: City, device: Callable[..., Device]
):
    phone = device("resident")
    page = phone.opens(f"/raise/?area={COMMUNITY}")
    page.fill("[name='a.what']", WORDS)
    page.reload()
    expect(page.locator("[name='a.what']")).to_have_value(WORDS)
    page.locator("button[value=next]").click()
    page.fill("[name='a.phone']", "13800138000")
    assert "13800138000" not in str(page.evaluate("Object.values(localStorage)"))

    page.locator("button.large[value=send]").click()
    page.wait_for_url("**/raised/**")

    assert page.evaluate("Object.keys(localStorage)") == []
    number, _ = receipt(phone)
    city.holds(device("stranger").page, number)


def test_two_units_claim_and_the_slower_learns_who_was_quicker(city: City, device: Callable[..., Device]):
    number, _ = raises(device("resident"))
    clerk = device("clerk")
    clerk.signs_in("clerk")
    clerk.opens(f"/desk/e/{number}")
    clerk.moves("post", public_title="路灯不亮", public_text="路灯不亮。", category="1")
    quick, slow = device("quick", width=DESK), device("slow", width=DESK)
    quick.signs_in("lamps")
    slow.signs_in("works")
    slow.opens(f"/desk/e/{number}")
    quick.opens(f"/desk/e/{number}")
    quick.moves("claim", promised_date="2", contact="王")

    form = slow.page.locator("#move-claim")
    form.locator("summary").click()
    form.locator("[name='a.promised-date']").select_option(index=1)
    form.locator("[name='a.contact']").fill("李")
    form.locator("button.button").click()

    expect(slow.page.get_by_text("路灯管护单位").first).to_be_visible()
    slow.looks("overtaken")
    city.holds(device("stranger").page, number)

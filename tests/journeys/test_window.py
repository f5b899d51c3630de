"""The window and the call desk, played from the keyboard alone: keys are counted instead of seconds.

Forty seconds are enough when a clerk presses hardly more keys than there are letters in what they hear. Whatever else
stands ready (a matter on the board, work done) is made by other people on other devices, with a mouse if they like.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import expect

from tests.journeys.conftest import DESK, PHONE, City, Device
from tests.journeys.keys import Keys

WORDS = "茶花巷口井盖松了，车一过就响。"
CHAT = "张三 10:21\n小区东门路灯坏了三天，电话13800138000\n\n李四：垃圾没人收\n另外，健身器材也坏了"


def sits_down(device: Callable[..., Device], account: str, **manner: object) -> tuple[Device, Keys]:
    clerk = device(account, **({"width": DESK} | manner))
    clerk.signs_in(account)
    clerk.opens("/desk/window/")
    return clerk, Keys(clerk.page)


def writes_down(device: Callable[..., Device], words: str = WORDS) -> str:
    """A matter written down at the community's window, and its number."""
    clerk, keys = sits_down(device, "clerk")
    keys.type(words)
    keys.press("Control+Enter")
    expect(clerk.page.locator(".aloud")).to_be_focused()
    keys.press("Control+Enter")
    return clerk.page.locator(".confirmation .number").inner_text()


def posts(device: Callable[..., Device], number: str, title: str) -> None:
    clerk = device("clerk-posts", width=DESK)
    clerk.signs_in("clerk")
    clerk.opens(f"/desk/e/{number}")
    clerk.moves("post", public_title=title, public_text=f"{title}。", category="2")


def mends(device: Callable[..., Device], number: str, done: str, photo: Path) -> None:
    lamps = device("lamps", width=DESK)
    lamps.signs_in("lamps")
    lamps.opens(f"/desk/e/{number}")
    lamps.moves("claim", promised_date="1", contact="王师傅")
    lamps.moves("finish", what_was_done=done, photo=photo)


def test_a_matter_is_written_down_read_back_and_sent_with_two_keys_more_than_its_words(
    city: City, device: Callable[..., Device]
):
    clerk, keys = sits_down(device, "clerk")
    page = clerk.page
    expect(page.locator("[name='a.what']")).to_be_focused()
    clerk.looks("window")

    keys.type(WORDS)
    keys.press("Control+Enter")
    expect(page.locator(".aloud")).to_be_focused()
    expect(page.locator(".aloud")).to_contain_text("您反映：“茶花巷口井盖松了，车一过就响”。")
    expect(page.locator(".aloud [lang='en']")).to_contain_text("You report:")
    clerk.looks("read-back")
    keys.press("Control+Enter")

    expect(page.locator("[data-print]")).to_be_focused()
    assert keys.pressed == len(WORDS) + 2
    clerk.looks("slip")
    expect(page.locator(".secret")).to_be_hidden()
    page.emulate_media(media="print")
    expect(page.locator(".secret")).to_be_visible()
    page.screenshot(path=clerk.shots / f"{clerk.name}-paper.png", full_page=True)
    code = "".join(page.locator(".secret span").all_inner_texts())
    assert re.fullmatch(r"[0-9A-HJKMNP-TV-Z]{10}", code)
    number = page.locator(".slip-number").inner_text()
    page.emulate_media(media="screen")

    keys.press("Alt+n")
    expect(page.locator("[name='a.what']")).to_be_focused()
    page.go_back()
    expect(page).to_have_url(re.compile(r"/desk/e/"))

    raiser = device("raiser")
    raiser.opens(f"/r/{code}")
    expect(raiser.page.get_by_text("井盖松了").first).to_be_visible()
    city.holds(device("stranger").page, number)


def test_a_caller_joins_what_stands_already_with_a_number_of_their_own(city: City, device: Callable[..., Device]):
    standing = writes_down(device, "体育馆后门井盖缺了一角。")
    posts(device, standing, "体育馆后门井盖缺了")
    desk, keys = sits_down(device, "office")
    page = desk.page

    keys.press("Alt+q")
    keys.type("体育馆 井盖")
    expect(page.locator("#beside .found")).to_contain_text(standing)
    desk.looks("found")
    keys.press("ArrowDown")
    expect(page.locator("#beside a").first).to_be_focused()
    keys.press("Escape")
    expect(page.locator("[name='a.what']")).to_be_focused()
    keys.type("体育馆后门井盖缺角")
    keys.until("[name=place]")
    keys.type("白塔街社区")
    expect(page.locator("#beside .alike")).to_contain_text(standing)
    desk.looks("alike")
    keys.press("Alt+j")
    expect(page.locator(".aloud")).to_contain_text(standing)
    keys.until("[name=secret]")
    keys.until("[value=number]", "ArrowDown")
    keys.press("Control+Enter")

    number = page.locator(".confirmation .number").inner_text()
    assert number != standing
    assert keys.pressed < 50
    expect(page.get_by_text("请把编号给来电人念两遍")).to_be_visible()
    desk.looks("number-only")
    stranger = device("stranger")
    stranger.opens(f"/e/{number}")
    expect(stranger.page.get_by_text(standing).first).to_be_visible()
    city.holds(stranger.page, standing)


def test_the_pin_is_typed_by_the_person_and_whoever_wrote_it_down_does_not_judge(
    city: City, device: Callable[..., Device], photo: Path
):
    clerk, keys = sits_down(device, "clerk")
    keys.type("楼道灯不亮，上下楼看不见。")
    keys.press("Control+Enter")
    expect(clerk.page.locator(".aloud")).to_be_focused()
    keys.until("[name=secret]")
    keys.until("[value=pin]", "ArrowDown")
    keys.until("#pin")
    keys.type("tea-1945")
    keys.press("Tab")
    keys.type("tea-1945")
    clerk.looks("pin")
    keys.press("Enter")
    number = clerk.page.locator(".confirmation .number").inner_text()
    clerk.looks("no-slip")
    posts(device, number, "楼道灯不亮")
    mends(device, number, "修好了。", photo)

    clerk.opens(f"/desk/window/word/{number}")
    expect(clerk.page.locator("#move-verdict")).to_have_count(0)
    expect(clerk.page.get_by_text("谁也不能验收自己办的事").first).to_be_visible()
    clerk.looks("own-words")
    for who, may_judge in ((clerk, False), (device("raiser"), True)):
        who.opens(f"/follow?number={number}")
        who.page.fill("#code", "tea-1945")
        who.page.locator("form.steps button.primary").click()
        who.looks("by-pin")
        expect(who.page.locator("#move-verdict")).to_have_count(1 if may_judge else 0)
    city.holds(device("stranger").page, number)


def test_somebody_without_telephone_strikes_it_off_in_person(city: City, device: Callable[..., Device], photo: Path):
    number = writes_down(device, "南门公厕灯不亮。")
    posts(device, number, "南门公厕灯不亮")
    mends(device, number, "换了灯。", photo)
    desk, keys = sits_down(device, "office")
    page = desk.page

    keys.press("Alt+q")
    keys.type(number)
    link = page.locator(f"#beside a[href$='/word/{number}']")
    expect(link).to_be_visible()
    keys.until(f"a[href$='/word/{number}']", "ArrowDown")
    keys.press("Enter")
    expect(page.get_by_text("本人到场")).to_be_visible()
    keys.press("Alt+2")
    expect(page.get_by_role("textbox", name="代办人姓名")).to_be_visible()
    desk.looks("relative")
    keys.press("Alt+1")
    expect(page.get_by_role("group", name="看了哪一种证件")).to_be_visible()
    desk.looks("in-person")
    keys.until("[name='a.document-seen']")
    keys.press("Space")
    keys.until("[name='a.solved']")
    keys.press("Space")
    keys.until("#move-verdict form button")
    keys.press("Enter")
    expect(page.get_by_text("已代录").first).to_be_visible()
    desk.looks("taken-down")

    stranger = device("stranger", language="en-GB")
    stranger.opens(f"/e/{number}")
    expect(stranger.page.locator("svg.seal")).to_be_visible()
    expect(stranger.page.get_by_text("in person at the window; identity checked by").first).to_be_visible()
    stranger.looks("public")
    city.holds(stranger.page, number)


def test_a_chat_becomes_matters_each_with_a_slip_of_its_own(city: City, device: Callable[..., Device]):
    clerk, keys = sits_down(device, "clerk")
    page = clerk.page

    keys.press("Alt+p")
    expect(page.locator("#text")).to_be_focused()
    keys.paste(CHAT)
    clerk.looks("pasted")
    keys.press("Control+Enter")
    expect(page.locator(".card")).to_have_count(3)
    expect(page.locator("[name='c1.a.phone']")).to_have_value("13800138000")
    expect(page.locator("[name='c1.a.what']")).to_be_focused()
    assert "张三" not in page.content()
    clerk.looks("cards")
    keys.until("button[name=merge][value=c3]")
    keys.press("Enter")
    expect(page.locator(".card")).to_have_count(2)
    keys.press("Alt+r")
    expect(page.locator(".aloud")).to_have_count(2)
    clerk.looks("read-back")
    keys.press("Escape")
    expect(page.locator(".card")).to_have_count(2)
    keys.press("Alt+r")
    expect(page.locator(".aloud-list")).to_be_focused()
    keys.press("Control+Enter")

    expect(page.locator(".paper-slip")).to_have_count(2)
    numbers = page.locator(".slip-number").all_text_contents()
    codes = {"".join(slip.locator(".secret span").all_text_contents()) for slip in page.locator(".paper-slip").all()}
    assert len(set(numbers)) == len(codes) == 2
    page.emulate_media(media="print")
    page.screenshot(path=clerk.shots / f"{clerk.name}-two-slips.png", full_page=True)
    assert len(re.findall(rb"/Type\s*/Page\b", page.pdf())) == 2
    city.holds(device("stranger").page, numbers[0])


def test_the_screen_reads_well_on_a_phone_in_english_and_works_without_script(
    city: City, device: Callable[..., Device]
):
    phone, keys = sits_down(device, "clerk", width=PHONE, language="en-GB")
    keys.type("The street light at the gate is out")
    expect(phone.page.locator("#beside")).to_contain_text("It sounds like: Street lighting")
    phone.looks("window")
    keys.press("Control+Enter")
    expect(phone.page.get_by_text("You report: “The street light at the gate is out”.")).to_be_visible()
    phone.looks("read-back")
    keys.press("Escape")
    expect(phone.page.locator("[name='a.what']")).to_have_value("The street light at the gate is out")

    plain = device("plain", width=DESK, script=False)
    plain.signs_in("clerk")
    page = plain.opens("/desk/window/")
    page.fill("[name='a.what']", "没有脚本也行。")
    page.locator("button[value=look]").last.click()
    expect(page.locator("[name='a.what']")).to_have_value("没有脚本也行。")
    page.locator("button[value=read]").click()
    expect(page.locator(".aloud")).to_contain_text("没有脚本也行")
    page.locator("button.large[value=send]").click()
    number = page.locator(".confirmation .number").inner_text()
    city.holds(phone.page, number)

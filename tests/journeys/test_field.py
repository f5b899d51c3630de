"""In the field: days without a network, answers lost, two telephones, a full one, somebody else's."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.journeys.conftest import FLAGS, NUMBER, PHONE, City, violations
from tests.journeys.fitting import misfits
from tests.journeys.reading import faults
from tests.journeys.staff import COMMUNITY, PASSWORD
from tests.journeys.thin_line import ThinLine, thin_line

SENT_WITHIN_MS = 120_000  # the waits between tries included
DONE = "换了灯泡，夜里亮了。"


Give = Callable[..., "Telephone"]


@pytest.fixture(scope="module")
def works(city: City) -> Callable[..., list[str]]:
    """Put matters before the people: `works("claimed", 2)` returns their numbers."""

    city.matters("people")
    return city.matters


@pytest.fixture
def telephone(city: City, chromium: Chromium, tmp_path: Path, shots: Path) -> Iterator[Give]:
    """Give out telephones, each with a line of its own: `telephone("lamps")`."""
    with ExitStack() as open_things:

        def give(name: str, **manner: object) -> Telephone:
            line = open_things.enter_context(thin_line(int(city.url.rsplit(":", 1)[1]), **manner))
            made = Telephone(chromium, tmp_path / f"{name}-{line.port}", line, shots / f"field-{name}-{line.port}")
            open_things.callback(made.closes)
            return made

        yield give


@dataclass
class Telephone:
    """A telephone with the app: it can be switched off and on, and keeps what it kept."""

    chromium: Chromium
    folder: Path
    line: ThinLine
    shots: Path
    complaints: list[str] = field(default_factory=list)
    taken: int = 0
    context: BrowserContext | None = None

    @property
    def page(self) -> Page:
        assert self.context is not None
        return self.context.pages[0]

    def opens(self, *, at: str = "#/", cut: bool = False, ahead: timedelta | None = None) -> Page:
        """Switch it on and open the app; `ahead` moves its clock."""
        self.context = self.chromium.browser_type.launch_persistent_context(
            self.folder,
            executable_path=self.chromium_path,
            args=FLAGS,
            viewport={"width": PHONE, "height": 740},
            locale="zh-CN",
        )
        page = self.page
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", lambda said: self._listen(said.type, said.text))
        if ahead is not None:
            now = page.evaluate("Date.now()")
            self.context.clock.set_system_time(now / 1000 + ahead.total_seconds())
        if cut:
            self.loses_network()
        page.goto(f"{self.line.url}/field/{at}")
        return page

    @property
    def chromium_path(self) -> str:
        return subprocess.run(["which", "chromium"], capture_output=True, text=True, check=True).stdout.strip()

    def _listen(self, kind: str, text: str) -> None:
        if kind == "error" and "Failed to load resource" not in text and "ERR_" not in text:
            self.complaints.append(text)

    def signs_in(self, account: str) -> Page:
        page = self.page
        if not page.locator("#id_login").count():
            page.get_by_role("link", name="登录", exact=True).click()
        page.fill("#id_login", account)
        page.fill("#id_password", PASSWORD)
        page.locator("form.steps button.primary").click()
        # The list is here, and the worker keeps the app: from now on it needs no network.
        expect(page.locator("h1")).to_have_text("待您办理")
        expect(page.locator("#status")).to_contain_text("已连接", timeout=SENT_WITHIN_MS)
        page.wait_for_function("() => navigator.serviceWorker.controller", timeout=SENT_WITHIN_MS)
        return page

    def loses_network(self) -> None:
        assert self.context is not None
        self.line.cut = True
        self.context.set_offline(True)

    def finds_network(self) -> None:
        assert self.context is not None
        self.line.cut = False
        self.context.set_offline(False)

    def switches_off(self) -> None:
        self.closes()
        self.context = None

    def closes(self) -> None:
        if self.context is not None:
            self.context.close()
        assert self.complaints == [], self.complaints

    def looks(self, at: str) -> None:
        self.taken += 1
        assert self.complaints == [], self.complaints
        self.page.screenshot(path=f"{self.shots}-{self.taken:02d}-{at}.png", full_page=True)
        assert [*violations(self.page), *faults(self.page), *misfits(self.page)] == [], at

    # ── What somebody does on it ──

    def goes(self, tab: str) -> None:
        self.page.locator(f".field-tabs [data-tab={tab}]").click()

    def picks(self, number: str) -> None:
        self.goes("today")
        self.page.locator(f".field-list a[href$='{number}']").click()
        expect(self.page.locator(".number-line strong")).to_have_text(number)

    def finishes(self, number: str, photo: Path, *, words: str = DONE) -> None:
        self.picks(number)
        self.page.get_by_role("link", name="提交办结").click()
        self.page.fill("[name='a.what-was-done']", words)
        self.adds_photo(photo)
        self.page.get_by_role("button", name="提交办结").click()
        expect(self.page.locator(".banner.told")).to_be_visible()

    def adds_photo(self, photo: Path) -> None:
        held = self.page.locator(".held li")
        before = held.count()
        self.page.set_input_files("input[type=file]", photo)
        expect(held).to_have_count(before + 1)

    def reports_hazard(self, words: str, photo: Path | None = None) -> None:
        self.goes("new")
        self.page.get_by_role("link", name="报告隐患").click()
        self.page.select_option("select[name=place]", COMMUNITY)
        self.page.fill("[name='a.what']", words)
        if photo:
            self.adds_photo(photo)
        self.page.get_by_role("button", name="报告隐患").click()
        expect(self.page.locator(".banner.told")).to_be_visible()

    def queue(self, state: str) -> Locator:
        if not self.page.url.endswith("#/queue"):
            self.goes("queue")
        return self.page.locator(f".queue > li[data-state={state}]")

    def has_sent(self, n: int) -> list[str]:
        """Wait until so many have arrived and nothing waits; return their numbers."""
        expect(self.queue("sent")).to_have_count(n, timeout=SENT_WITHIN_MS)
        expect(self.page.locator(".queue > li")).to_have_count(n)
        return [found for text in self.queue("sent").all_inner_texts() for found in NUMBER.findall(text)[:1]]


def steps(page: Page, city: City, number: str, title: str) -> int:
    """How many steps of that title the public page of an entry tells."""
    page.goto(f"{city.url}/e/{number}")
    return page.locator(".timeline .what").filter(has_text=title).count()


def hazards(page: Page, city: City, words: str) -> int:
    """How many hazards with these words stand on the board."""
    page.goto(f"{city.url}/b/hazard/?q={words}")
    addresses = [link.get_attribute("href") or "" for link in page.locator("main a[href*='/e/']").all()]
    return len({found for address in addresses for found in NUMBER.findall(address)})


@pytest.fixture
def stranger(chromium: Chromium) -> Iterator[Page]:
    context = chromium.new_context(locale="zh-CN")
    yield context.new_page()
    context.close()


# ── Days without a network ──────────────────────────────────────────────────────────────────────────────────


def test_what_was_done_for_two_days_without_a_network_arrives_once(
    city: City, works: Callable[..., list[str]], telephone: Give, stranger: Page, photo: Path
):
    one, two = works("claimed", 2)
    lamps = telephone("lamps")
    page = lamps.opens()
    lamps.signs_in("lamps")
    lamps.looks("list")

    lamps.loses_network()
    expect(page.locator("#status")).to_contain_text("没有网络")
    lamps.picks(one)
    lamps.looks("entry")
    lamps.finishes(one, photo)
    lamps.looks("kept")
    lamps.picks(one)
    expect(page.locator("#main")).to_contain_text("您的操作待发送")
    lamps.finishes(two, photo, words="接通了线。")
    lamps.reports_hazard("河堤护栏断了两根", photo)
    expect(lamps.queue("waiting")).to_have_count(3)
    lamps.looks("queue")
    lamps.switches_off()

    page = lamps.opens(at="#/queue", cut=True, ahead=timedelta(days=2))
    expect(lamps.queue("waiting")).to_have_count(3)
    lamps.picks(two)  # two days are less than the time after which the list is put away
    expect(page.locator("#main")).to_contain_text("您的操作待发送")
    lamps.finds_network()
    numbers = lamps.has_sent(3)
    lamps.looks("sent")

    assert {one, two} < set(numbers)
    assert [steps(stranger, city, number, "提交办结") for number in (one, two)] == [1, 1]
    assert hazards(stranger, city, "河堤护栏断了两根") == 1
    lamps.goes("today")
    expect(page.locator(f".field-list a[href$='{one}']")).to_have_count(0)
    city.holds(stranger, one)


def test_after_72_hours_the_list_is_put_away_and_ones_own_words_stay(
    works: Callable[..., list[str]], telephone: Give, photo: Path
):
    (number,) = works("claimed", 1)
    lamps = telephone("lamps")
    lamps.opens()
    lamps.signs_in("lamps")
    lamps.loses_network()
    lamps.finishes(number, photo)
    lamps.switches_off()

    page = lamps.opens(cut=True, ahead=timedelta(hours=73))
    expect(page.locator("#main")).to_contain_text("已有 72 小时没有联网")
    expect(page.locator(".field-list a")).to_have_count(0)
    lamps.looks("forgotten")
    lamps.reports_hazard("暴雨第四天，挡墙开裂")
    expect(lamps.queue("waiting")).to_have_count(2)

    lamps.finds_network()
    lamps.has_sent(2)
    lamps.goes("today")
    expect(page.locator("#main")).not_to_contain_text("没有联网")


def test_a_form_left_half_written_is_still_there(works: Callable[..., list[str]], telephone: Give, photo: Path):
    lamps = telephone("lamps")
    page = lamps.opens()
    lamps.signs_in("lamps")
    lamps.loses_network()
    page.goto(f"{lamps.line.url}/field/#/new/hazard/report")
    page.get_by_role("button", name="报告隐患").click()
    expect(page.locator(".error-summary li")).to_have_count(2)
    lamps.looks("gaps")
    page.fill("[name='a.what']", "井盖没有了")
    lamps.adds_photo(photo)
    page.wait_for_function(  # the letters are on the phone's disk, not only on its screen
        """() => new Promise((resolve) => {
          const request = indexedDB.open("jiebang-field:/field/", 1);
          request.onsuccess = () => {
            const count = request.result.transaction("photos").objectStore("photos").count();
            count.onsuccess = () => { request.result.close(); resolve(count.result === 1); };
          };
        })"""
    )
    lamps.switches_off()

    page = lamps.opens(at="#/new/hazard/report", cut=True)

    expect(page.locator("[name='a.what']")).to_have_value("井盖没有了")
    expect(page.locator(".held li")).to_have_count(1)
    page.get_by_role("button", name="删除").click()
    expect(page.locator(".held li")).to_have_count(0)


def test_a_step_that_asks_nothing_is_two_presses(
    city: City, works: Callable[..., list[str]], telephone: Give, stranger: Page
):
    (number,) = works("settled", 1)
    lamps = telephone("lamps")
    page = lamps.opens()
    lamps.signs_in("lamps")
    lamps.loses_network()

    page.locator(f".field-list a[href$='{number}']").click()
    page.get_by_role("button", name="开始整改").click()

    expect(lamps.queue("waiting")).to_have_count(1)
    lamps.finds_network()
    assert lamps.has_sent(1) == [number]
    assert steps(stranger, city, number, "开始整改") == 1


# ── Bad lines ───────────────────────────────────────────────────────────────────────────────────────────────


def test_a_position_is_asked_for_only_by_a_form_that_wants_one_and_is_taken_without_a_network(
    city: City, works: Callable[..., list[str]], telephone: Give, stranger: Page
):
    (lamp,) = works("claimed", 1)
    lamps = telephone("lamps")
    page = lamps.opens()
    lamps.signs_in("lamps")
    assert lamps.context is not None
    lamps.context.grant_permissions(["geolocation"], origin=lamps.line.url)
    lamps.context.set_geolocation({"latitude": 29.40321, "longitude": 103.81765, "accuracy": 9})

    lamps.loses_network()
    lamps.picks(lamp)
    page.get_by_role("link", name="提交办结").click()
    expect(page.locator("[name='a.what-was-done']")).to_be_visible()
    expect(page.locator("[data-position]")).to_have_count(0)
    lamps.goes("new")
    page.get_by_role("link", name="提出 民声榜").click()
    page.select_option("select[name=place]", COMMUNITY)
    page.fill("[name='a.what']", "河边护栏松动，靠着会倒")
    page.get_by_role("button", name="用我现在的位置").click()
    expect(page.locator("[data-position]")).to_contain_text("9")
    lamps.looks("position")
    lamps.switches_off()
    page = lamps.opens(at="#/queue", cut=True)
    page.get_by_role("link", name="接着写").click()
    expect(page.locator("[name='a.position']").first).to_have_value("29.40321, 103.81765")
    expect(page.locator("select[name='a.position']")).to_have_value("wgs84")
    page.locator("main button.primary").click()
    lamps.finds_network()

    (number,) = lamps.has_sent(1)
    stranger.goto(f"{city.url}/e/{number}")
    assert "29.403" not in stranger.content()


def test_somebody_with_two_offices_acts_from_the_one_they_chose(
    works: Callable[..., list[str]], telephone: Give, photo: Path
):
    (lamp,) = works("claimed", 1)
    (hazard,) = works("hung", 1)
    both = telephone("both")
    page = both.opens()
    both.signs_in("both")
    rows = page.locator(".field-list a")
    expect(page.locator(f".field-list a[href$='{lamp}']")).to_be_visible()
    both.looks("all-offices")

    page.select_option("#chair", label=page.locator("#chair option").nth(2).inner_text())
    expect(page.locator(f".field-list a[href$='{lamp}']")).to_have_count(0)
    expect(rows.filter(has_text=hazard)).to_have_count(0)
    both.looks("one-office")
    page.select_option("#chair", index=1)
    expect(page.locator(f".field-list a[href$='{lamp}']")).to_be_visible()
    chosen = page.locator("#chair").input_value()
    both.loses_network()
    page.select_option("#chair", index=2)
    expect(page.locator("#main")).to_contain_text("换一个身份的清单要联网才能取")
    expect(page.locator("#chair")).to_have_value(chosen)
    both.finishes(lamp, photo)
    both.finds_network()

    assert both.has_sent(1) == [lamp]
    both.looks("sent-from")


def test_an_answer_lost_after_the_deed_does_not_make_a_second(
    city: City, works: Callable[..., list[str]], telephone: Give, stranger: Page, photo: Path
):
    (number,) = works("claimed", 1)
    lamps = telephone("lamps")
    page = lamps.opens()
    lamps.signs_in("lamps")
    lamps.loses_network()
    lamps.finishes(number, photo)
    lamps.reports_hazard("楼道灯线裸露")
    lamps.line.lose_answers_to, lamps.line.answers_to_lose = "/field/send", 3
    lamps.finds_network()

    lamps.goes("queue")
    while lamps.line.answers_to_lose:  # one press each, as somebody would; it goes on by itself too
        lost = lamps.line.answers_to_lose
        page.get_by_role("button", name="现在发送").click()
        page.wait_for_function("() => document.documentElement.dataset.network === 'off'")
        assert lamps.line.answers_to_lose <= lost
    lamps.has_sent(2)

    assert lamps.line.lost_after == ["/field/send"] * 3
    assert steps(stranger, city, number, "提交办结") == 1
    assert hazards(stranger, city, "楼道灯线裸露") == 1
    city.holds(stranger, number)


@pytest.mark.parametrize(("loss", "seed"), [(0.02, 7), (0.3, 11)])
def test_a_late_and_losing_line_delivers_everything_once(
    city: City, works: Callable[..., list[str]], telephone: Give, stranger: Page, photo: Path, loss: float, seed: int
):
    """400 ms there and back. One request in fifty breaks off, then three in ten, so that some surely do."""
    numbers = works("claimed", 2)
    lamps = telephone("lamps", delay_s=0.2, seed=seed)
    lamps.opens()
    lamps.signs_in("lamps")
    lamps.line.loss = loss
    words = [f"第{n}处塌方点 {seed}" for n in "一二"]
    for number, what in zip(numbers, words, strict=True):
        lamps.finishes(number, photo)
        lamps.reports_hazard(what, photo)
    lamps.has_sent(4)

    assert [steps(stranger, city, number, "提交办结") for number in numbers] == [1, 1]
    assert [hazards(stranger, city, what) for what in words] == [1, 1]
    if loss > 0.1:
        assert lamps.line.lost_after or lamps.line.lost_before
    city.holds(stranger, numbers[-1])


# ── Two telephones, and two people on one ───────────────────────────────────────────────────────────────────


def test_of_two_who_did_it_offline_one_wins_and_the_other_reads_what_happened(
    city: City, works: Callable[..., list[str]], telephone: Give, stranger: Page, photo: Path
):
    (number,) = works("claimed", 1)
    quick, slow = telephone("lamps"), telephone("lamps")
    for one in (quick, slow):
        one.opens()
        one.signs_in("lamps")
        one.loses_network()
        one.finishes(number, photo, words=f"亮了，{one.line.port}。")
    quick.finds_network()
    quick.has_sent(1)

    slow.finds_network()
    expect(slow.queue("overtaken")).to_have_count(1, timeout=SENT_WITHIN_MS)
    expect(slow.queue("overtaken")).to_contain_text("提交办结")
    slow.looks("overtaken")
    slow.page.get_by_role("link", name="看看再定").click()
    expect(slow.page.locator("#main")).to_contain_text("这一步已经不能做了")
    expect(slow.page.locator("#main")).to_contain_text(f"亮了，{slow.line.port}。")
    slow.looks("no-longer")
    slow.page.on("dialog", lambda dialog: dialog.accept())
    slow.page.get_by_role("button", name="丢弃").click()
    expect(slow.page.locator(".queue > li")).to_have_count(0)
    assert steps(stranger, city, number, "提交办结") == 1


def test_whoever_was_overtaken_can_decide_again_with_what_was_written(works: Callable[..., list[str]], telephone: Give):
    """Two duties of one hazard, done by two people: the second only has to look, and send it once more."""
    (number,) = works("hung", 1)
    quick, slow = telephone("lamps"), telephone("lamps")
    for one, name, answer in ((quick, "post", "站长"), (slow, "measures", "先断电，再装门")):
        page = one.opens()
        one.signs_in("lamps")
        one.loses_network()
        one.picks(number)
        page.get_by_role("link", name={"post": "责任落实", "measures": "措施落实"}[name]).click()
        page.fill(f"[name='a.{name}']", answer)
        page.locator("form.field-form button.primary").click()
        expect(page.locator(".banner.told")).to_be_visible()
    quick.finds_network()
    quick.has_sent(1)

    slow.finds_network()
    expect(slow.queue("overtaken")).to_have_count(1, timeout=SENT_WITHIN_MS)
    slow.page.get_by_role("link", name="看看再定").click()
    expect(slow.page.locator("[name='a.measures']")).to_have_value("先断电，再装门")
    slow.page.locator("form.field-form button.primary").click()
    slow.has_sent(1)


def test_another_account_on_the_same_telephone_sees_nothing_and_sends_nothing(
    city: City, works: Callable[..., list[str]], telephone: Give, stranger: Page, photo: Path
):
    (number,) = works("claimed", 1)
    shared = telephone("shared")
    page = shared.opens()
    shared.signs_in("lamps")
    shared.loses_network()
    shared.finishes(number, photo)
    page.get_by_role("link", name="退出登录").click()
    expect(page.locator("#main")).to_contain_text("您已退出")
    shared.looks("signed-out")
    assert DONE not in kept_on(page)
    assert number not in kept_on(page)

    shared.finds_network()
    expect(page.locator("#status")).to_contain_text("已连接", timeout=SENT_WITHIN_MS)
    page.reload()
    shared.signs_in("patrol")
    assert number not in page.content()
    shared.goes("queue")
    expect(page.locator("#main")).to_contain_text("另一个账号的 1 件")
    expect(page.locator(".queue > li")).to_have_count(0)
    shared.looks("of-another")
    assert steps(stranger, city, number, "提交办结") == 0

    page.get_by_role("link", name="退出登录").click()
    expect(page.locator("h1")).to_have_text("请先登录")
    page.reload()
    shared.signs_in("lamps")
    assert shared.has_sent(1) == [number]


def kept_on(page: Page) -> str:
    """Everything the phone's database holds, as text; what is sealed stays unreadable."""
    return str(
        page.evaluate(
            """() => new Promise((resolve) => {
              const request = indexedDB.open("jiebang-field:/field/", 1);
              request.onsuccess = async () => {
                const base = request.result;
                const read = (name) => new Promise((done) => {
                  base.transaction(name).objectStore(name).getAll().onsuccess = (e) => done(e.target.result);
                });
                const all = await Promise.all([...base.objectStoreNames].map(read));
                base.close();
                resolve(JSON.stringify(all, (_, value) => value instanceof ArrayBuffer
                  ? new TextDecoder().decode(value) : value));
              };
            })"""
        )
    )


def test_signing_in_on_the_ordinary_pages_takes_the_last_ones_list_away(
    works: Callable[..., list[str]], telephone: Give
):
    (number,) = works("claimed", 1)
    shared = telephone("shared")
    page = shared.opens()
    shared.signs_in("lamps")
    assert number in kept_on(page)

    page.goto(f"{shared.line.url}/accounts/logout/")
    page.locator("main form button.primary").click()
    page.wait_for_url(f"{shared.line.url}/")
    page.goto(f"{shared.line.url}/field/")

    expect(page.locator("h1")).to_have_text("请先登录")
    assert number not in kept_on(page)


def test_a_lost_telephone_is_emptied_when_its_account_is_closed(
    city: City, works: Callable[..., list[str]], telephone: Give
):
    lost = telephone("loser")
    page = lost.opens()
    lost.signs_in("loser")
    lost.loses_network()
    lost.reports_hazard("桥面积水")
    close = [sys.executable, "-m", "jiebang.desk", "account", "close", "loser"]
    subprocess.run(close, env=city.env, check=True, capture_output=True, timeout=60)

    lost.finds_network()

    expect(page.locator("h1")).to_have_text("请先登录", timeout=SENT_WITHIN_MS)
    assert "桥面积水" not in kept_on(page)
    assert '"waiting"' in kept_on(page)  # what waits is not thrown away


# ── Room, old browsers, manner ──────────────────────────────────────────────────────────────────────────────


# What a full telephone does, where the pages' code meets it: it says so when asked, and refuses to write.
SAYS_FULL = "() => { navigator.storage.estimate = async () => ({ quota: 9_000_000, usage: 8_999_999 }); }"
REFUSES = """() => {
  const put = IDBObjectStore.prototype.put;
  IDBObjectStore.prototype.put = function (value) {
    if (this.name === "photos") throw new DOMException("full", "QuotaExceededError");
    return put.call(this, value);
  };
}"""


@pytest.mark.parametrize("full", [SAYS_FULL, REFUSES], ids=["says-so", "refuses"])
def test_a_full_telephone_says_so_and_loses_nothing(telephone: Give, photo: Path, full: str):
    lamps = telephone("lamps")
    page = lamps.opens()
    lamps.signs_in("lamps")
    page.goto(f"{lamps.line.url}/field/#/new/hazard/report")
    page.fill("[name='a.what']", "挡墙外倾")
    page.evaluate(full)

    page.set_input_files("input[type=file]", photo)

    expect(page.locator(".banner.told")).to_contain_text("手机空间已满")
    expect(page.locator("[name='a.what']")).to_have_value("挡墙外倾")
    expect(page.locator(".held li")).to_have_count(0)
    lamps.looks("full")
    page.reload()  # the telephone has room again
    expect(page.locator("[name='a.what']")).to_have_value("挡墙外倾")
    lamps.adds_photo(photo)


def test_a_file_that_is_no_photo_is_left_out_with_a_word(telephone: Give, tmp_path: Path):
    lamps = telephone("lamps")
    page = lamps.opens()
    lamps.signs_in("lamps")
    page.goto(f"{lamps.line.url}/field/#/new/hazard/report")
    text = tmp_path / "letter.jpg"
    text.write_text("no photo")

    page.set_input_files("input[type=file]", text)

    expect(page.get_by_text("手机读不了这个文件")).to_be_visible()
    expect(page.locator(".held li")).to_have_count(0)


def test_a_browser_without_a_service_worker_gets_the_plain_page(
    city: City, works: Callable[..., list[str]], chromium: Chromium, photo: Path
):
    (number,) = works("claimed", 1)
    context = chromium.new_context(viewport={"width": PHONE, "height": 740}, locale="zh-CN")
    context.add_init_script("delete Navigator.prototype.serviceWorker")
    page = context.new_page()
    page.goto(f"{city.url}/field/")
    page.fill("#id_login", "lamps")
    page.fill("#id_password", PASSWORD)
    page.locator("form.steps button.primary").click()

    expect(page.locator(".field-tabs")).to_be_hidden()
    assert violations(page) == []
    page.locator(f".field-list a[href$='{number}']").click()
    expect(page.locator("#move-finish")).to_be_visible()
    context.close()


def test_the_app_can_be_installed_and_follows_its_readers_wishes(telephone: Give):
    lamps = telephone("lamps")
    page = lamps.opens()
    lamps.signs_in("lamps")
    devtools = page.context.new_cdp_session(page)
    assert devtools.send("Page.getAppManifest")["errors"] == []
    assert devtools.send("Page.getInstallabilityErrors")["installabilityErrors"] == []

    root = page.locator("html")

    page.get_by_role("button", name="大字").click()
    expect(root).to_have_attribute("data-elder", "")
    expect(page.locator("#status")).to_contain_text("已连接")
    lamps.looks("large")
    page.get_by_role("button", name="夜间").click()
    expect(root).to_have_attribute("data-theme", "dark")
    expect(page.locator("#status")).to_contain_text("已连接")
    lamps.looks("night")
    lamps.goes("queue")
    lamps.looks("night-queue")
    page.get_by_role("button", name="English").click()
    expect(page.locator("h1")).to_have_text("Waiting for you")
    expect(page.locator("#status")).to_contain_text("Connected")


def test_a_matter_waiting_for_its_first_reader_says_nothing_on_the_telephone(
    city: City, telephone: Give, works: Callable[..., list[str]]
):
    clerk = telephone("clerk")
    page = clerk.opens()
    clerk.signs_in("clerk")
    clerk.reports_hazard("幼儿园门口有坑")
    clerk.has_sent(1)
    expect(page.locator("#status")).to_contain_text("已连接")
    clerk.goes("new")
    page.get_by_role("link", name="提出 民声榜").click()
    if page.locator("select[name=place]").input_value() == "":
        page.select_option("select[name=place]", COMMUNITY)
    page.fill("[name='a.what']", "我家楼上漏水，不要公开")
    page.locator("form.field-form button.primary").click()
    clerk.has_sent(2)
    clerk.goes("today")
    page.locator(".field-list a").filter(has_text="新提出").last.click()

    expect(page.locator("#main")).to_contain_text("这件还没有人审阅")
    expect(page.get_by_role("link", name="现在打开")).to_be_visible()
    assert "漏水" not in kept_on(page)

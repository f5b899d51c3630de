"""Every public page in a real browser, as different readers see it: nothing for axe to object to, nothing too wide.

The accessibility statement says this; here it is kept.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page

from tests.journeys.conftest import DESK, PHONE, City, Device, violations
from tests.journeys.staff import COMMUNITY
from tests.journeys.test_journeys import raises

TOO_WIDE = "document.documentElement.scrollWidth > window.innerWidth"


@dataclass(frozen=True)
class Reader:
    name: str
    width: int
    locale: str = "zh-CN"
    light: str = "light"
    elder: bool = False


READERS = [
    Reader("a resident with a phone", PHONE),
    Reader("somebody at night", DESK, light="dark"),
    Reader("somebody over sixty", PHONE, light="dark", elder=True),
    Reader("a guest", DESK, locale="en-US"),
    Reader("a guest with a phone and poor eyes", PHONE, locale="en-US", elder=True),
]


def addresses(number: str) -> list[str]:
    return [
        *("/", "/a/", "/a/?q=%E7%A4%BE%E5%8C%BA", f"/a/{COMMUNITY}/", f"/a/{COMMUNITY[:6]}000000/"),
        *("/search", "/search?q=%E8%B7%AF%E7%81%AF", "/search?q=%E9%A3%9E%E7%A2%9F"),
        *("/b/residents/", "/b/residents/?show=all", "/b/residents/about?all", "/b/residents/figures"),
        *("/b/hazard/", "/b/hazard/about", f"/e/{number}"),
        *("/verify", "/data", "/words", "/privacy", "/accessibility", "/follow", "/raise/", "/nothing-here"),
        *("/embed/b/residents/?show=all", f"/embed/e/{number}", f"/embed/a/{COMMUNITY}/"),
    ]


@pytest.fixture(scope="module")
def number(city: City, chromium: Chromium, shots: object) -> str:
    context = chromium.new_context(viewport={"width": PHONE, "height": 800}, locale="zh-CN")
    phone = Device(context.new_page(), city, shots, "public-faces")  # type: ignore[arg-type]  # a folder
    raised, _ = raises(phone)
    context.close()
    return raised


@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.name)
def test_every_public_page_is_fit_for(reader: Reader, city: City, chromium: Chromium, number: str) -> None:
    context = chromium.new_context(
        viewport={"width": reader.width, "height": 800},
        locale=reader.locale,
        color_scheme=reader.light,  # type: ignore[arg-type]  # one of the two words
    )
    if reader.elder:
        context.add_cookies([{"name": "elder", "value": "1", "url": city.url}])
    page = context.new_page()

    found = [f"{path}: {wrong}" for path in addresses(number) for wrong in _wrong(page, city.url + path)]

    context.close()
    assert found == []


def _wrong(page: Page, url: str) -> list[str]:
    page.goto(url)
    return [*violations(page), *(["it is wider than the window"] if page.evaluate(TOO_WIDE) else [])]


def test_an_area_is_chosen_and_remembered_without_script(city: City, device: Callable[..., Device]) -> None:
    reader = device("reader", script=False)

    reader.opens("/")
    reader.page.fill("#area-q", COMMUNITY)
    reader.page.locator("form:has(#area-q) button").click()
    reader.page.locator("form[action$='/a/mine'] button").click()
    reader.opens("/")

    assert reader.page.locator(f".mine-strip a[href='/a/{COMMUNITY}/']").is_visible()
    reader.opens("/a/").locator("form[action$='/a/mine'] button").click()
    assert reader.opens("/").locator(".finds #area-q").is_visible()

"""The main pages of a city in which every kind of matter stands, and who comes to them: one list for every check."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page

from tests.journeys.conftest import City
from tests.journeys.staff import COMMUNITY, PASSWORD

PUBLIC = ""
CALM: dict[str, Any] = {"reduced_motion": "reduce"}  # nothing is looked at while it moves


@dataclass
class Rounds:
    """Whoever goes round the pages: signs in once an account, and comes to each page with a fresh view."""

    city: City
    chromium: Chromium
    raised: str
    claimed: str
    called: str
    draft: str = ""
    cookies: dict[str, Any] = field(default_factory=dict)

    def pages(self) -> list[tuple[str, str]]:
        """Return who comes to which page."""
        public = [
            *("/", "/b/residents/", "/b/residents/?show=all&q=%E8%B7%AF", f"/e/{self.claimed}", "/b/residents/figures"),
            *("/b/residents/map?show=all", "/b/residents/about?all", "/verify", "/a/", f"/a/{COMMUNITY}/"),
            *(
                f"/a/{COMMUNITY}/paper",
                "/search?q=%E8%B7%AF%E7%81%AF",
                "/raise/",
                f"/raise/?area={COMMUNITY}",
                "/follow",
            ),
            *("/data", "/words", "/privacy", "/accessibility", "/accounts/login/", "/nothing-here"),
            f"/embed/e/{self.claimed}",
        ]
        office = [
            *("/desk/", "/desk/list?scope=area", "/desk/office", "/desk/calls/", f"/desk/calls/{self.called}"),
            *("/desk/bulk/all", "/desk/print/", f"/desk/print/sheets?n={self.claimed}", f"/desk/e/{self.called}"),
        ]
        clerk = [f"/desk/e/{self.raised}", "/desk/window/", "/desk/window/paste", f"/desk/window/word/{self.claimed}"]
        lamps = [f"/desk/e/{self.claimed}", "/field/"]
        author = ["/desk/rules/", self.draft, f"{self.draft}changes", f"{self.draft}play"] if self.draft else []
        who = {PUBLIC: public, "office": office, "clerk": clerk, "lamps": lamps, "author": author}
        return [(account, path) for account, paths in who.items() for path in paths]

    def writes_a_draft(self) -> None:
        """Have somebody change a limit that the stories of a board count with: a draft with something to mend."""
        with self.seen("author") as opened:
            page = opened("/desk/rules/")
            page.locator("#b-residents ~ .versions form[action$='/begin'] button").first.click()
            text = page.locator("textarea[name=text]")
            text.fill(text.input_value().replace("within: {amount: 3 wd", "within: {amount: 2 wd", 1))
            page.locator("button[name=go][value=save]").click()
            page.wait_for_url("**saved")
            page.locator(".findings .error-line").first.wait_for()
            self.draft = page.url.removeprefix(self.city.url).partition("?")[0]

    @contextmanager
    def seen(self, account: str, *, language: str = "zh-CN", **view: Any) -> Iterator[Callable[[str], Page]]:
        """Give out a way to open pages as that account in that view."""
        context = self.chromium.new_context(locale=language, **(CALM | view))
        if account:
            context.add_cookies(self._signed_in(account))
        page = context.new_page()

        def opened(path: str) -> Page:
            page.goto(self.city.url + path)
            if path.startswith("/field/"):
                page.locator("#status").filter(has_text=re.compile("已连接|Connected")).wait_for()
            return page

        yield opened
        context.close()

    def all(self, look: Callable[[Page], list[str]], **view: Any) -> list[str]:
        """Look at every page; return what was found, with where."""
        found = []
        pages = self.pages()
        for account in dict.fromkeys(account for account, _ in pages):
            with self.seen(account, **view) as opened:
                for who, path in pages:
                    if who == account:
                        found += [f"{account} {path}: {wrong}" for wrong in look(opened(path))]
        return found

    def _signed_in(self, account: str) -> Any:
        if account not in self.cookies:
            context = self.chromium.new_context(locale="zh-CN")
            page = context.new_page()
            page.goto(f"{self.city.url}/accounts/login/")
            page.fill("#id_login", account)
            page.fill("#id_password", PASSWORD)
            page.locator("form.steps button.primary").click()
            page.wait_for_url("**/desk/")
            self.cookies[account] = context.cookies()
            context.close()
        return self.cookies[account]

"""A city as a column of its own portal: under a path."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.test.utils import override_settings
from django.urls import clear_script_prefix, set_script_prefix

from tests.boards.city import Town
from tests.web.atown import Browser, signed_in
from tests.web.atown import town as town

WEB = Path(__file__).resolve().parents[2] / "src" / "jiebang" / "web"
ADDRESS = re.compile(r'\b(?:href|src|action|hx-get|hx-post)="([^"]*)"')
UNDER = {
    "JIEBANG_BASE": "/jiebang",
    "FORCE_SCRIPT_NAME": "/jiebang",
    "STATIC_URL": "/jiebang/static/",
    "LOGIN_URL": "/jiebang/accounts/login/",
    "SESSION_COOKIE_PATH": "/jiebang/",
    "CSRF_COOKIE_PATH": "/jiebang/",
    "LANGUAGE_COOKIE_PATH": "/jiebang/",
}


@pytest.fixture
def portal(town: Town) -> Iterator[Town]:
    # Django's server sets the prefix for each request from the setting; its test client leaves it alone.
    set_script_prefix("/jiebang/")
    with override_settings(**UNDER):
        yield town
    clear_script_prefix()


# ── Below a path ────────────────────────────────────────────────────────────────────────────────────────────


def test_every_address_of_every_page_keeps_below_the_base(portal: Town) -> None:
    number = portal.posted().number
    staff = signed_in("community")
    seen: dict[str, int] = {}
    for browser, start in ((Browser(), "/jiebang/"), (staff, "/jiebang/desk/")):
        waiting = [start, f"/jiebang/e/{number}"]
        while waiting and len(seen) < 300:
            path = waiting.pop(0)
            if path in seen:
                continue
            response = browser.client.get(path, follow=True)
            seen[path] = response.status_code
            if not response.headers.get("Content-Type", "").startswith("text/html"):
                continue
            for address in ADDRESS.findall(response.content.decode()):
                parts = urlsplit(address)
                if parts.scheme or not parts.path or not parts.path.startswith("/"):
                    continue
                assert parts.path.startswith("/jiebang/"), f"{address} on {path}"
                # People of a test sign in without a password, so they have none to change.
                if "/static/" not in parts.path and "/password/" not in parts.path and not parts.query:
                    waiting.append(parts.path)

    # Addresses that take forms only say so; everything else opens.
    assert {path for path, status in seen.items() if status not in (200, 405)} == set()
    assert len(seen) > 20


def test_a_proxy_may_cut_the_path_or_leave_it(portal: Town) -> None:
    number = portal.posted().number

    left, cut = (Client().get(path).content for path in (f"/jiebang/e/{number}", f"/e/{number}"))

    assert left == cut


def test_the_base_without_its_slash_leads_to_the_front_page(portal: Town) -> None:
    assert Client().get("/jiebang").headers["Location"] == "/jiebang/"


def test_cookies_stay_with_the_column(portal: Town) -> None:
    client = Client()

    client.post("/jiebang/manner", {"elder": "1", "next": "/jiebang/verify"})
    client.get("/jiebang/raise/")

    assert {morsel["path"] for morsel in client.cookies.values()} == {"/jiebang/"}


def test_below_a_path_a_raisers_pages_keep_their_secret_too(portal: Town) -> None:
    answer = Client().get("/jiebang/follow")

    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cache-Control"] == "no-store"


def test_no_template_names_an_address_without_the_base() -> None:
    wrong = [
        f"{path.relative_to(WEB)}: {found}"
        for path in sorted(WEB.rglob("*.html"))
        for found in re.findall(r'\b(?:href|src|action|hx-get|hx-post)="/[^"]*"?', path.read_text(encoding="utf-8"))
    ]

    assert wrong == [], "write {{ base }} before the address, or use {% url %}"

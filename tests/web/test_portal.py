"""A city as a column of its own portal: under a path, with the portal's head and foot, framed in other pages."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.test import Client
from django.test.utils import override_settings
from django.urls import clear_script_prefix, set_script_prefix

from jiebang.people import services as people
from jiebang.web.portal import cleaned
from tests.boards.city import COMMUNITY, Town
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
            if path.endswith("/patterns"):
                continue  # the links of its examples lead nowhere
            for address in ADDRESS.findall(response.content.decode()):
                parts = urlsplit(address)
                if parts.scheme or not parts.path or not parts.path.startswith("/"):
                    continue
                assert parts.path.startswith("/jiebang/"), f"{address} on {path}"
                # People of a test sign in without a password, so they have none to change.
                if not any(each in parts.path for each in ("/static/", "/password/")) and not parts.query:
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


def test_signing_in_and_out_leaves_no_cookie_but_the_sessions_and_the_forms(portal: Town) -> None:
    people.create_user("guest", display_name="Guest", password="lamp-post-7431")
    client = Client()

    signed_in = client.post("/jiebang/accounts/login/", {"login": "guest", "password": "lamp-post-7431"})
    client.post("/jiebang/accounts/logout/")

    assert signed_in.status_code == 302
    assert {morsel["path"] for morsel in client.cookies.values()} == {"/jiebang/"}
    assert set(client.cookies) <= {"sessionid", "csrftoken"}


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


# ── The portal's own head and foot ──────────────────────────────────────────────────────────────────────────


def test_the_portals_head_and_foot_stand_around_every_page(town: Town) -> None:
    folder = Path(settings.JIEBANG_HOME) / "portal"
    folder.mkdir()
    (folder / "header.html").write_text('<nav aria-label="City"><a href="https://city.example/">Home</a></nav>')
    (folder / "footer.html").write_text('<p class="icp"><img src="portal/badge.svg" alt="Badge"> ICP 1</p>')
    (folder / "portal.css").write_text(".portal { background: white }")
    (folder / "badge.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")

    for path in ("/", "/verify", "/nothing"):
        page = Browser().opens(path)
        assert '<a href="https://city.example/">Home</a>' in page.page
        assert '<img src="/portal/badge.svg" alt="Badge">' in page.page
        assert 'href="/portal/portal.css?' in page.page

    served = Client().get("/portal/badge.svg")
    assert served.headers["Content-Type"] == "image/svg+xml"
    assert b"".join(served.streaming_content).startswith(b"<svg")  # type: ignore[arg-type]  # Django's test response
    assert "sandbox" in served.headers["Content-Security-Policy"]
    assert Client().get("/portal/header.html").status_code == 404
    assert Client().get("/portal/..%2Fsecrets%2Fdjango.key").status_code == 404


def test_a_change_of_the_head_is_seen_at_once(town: Town) -> None:
    folder = Path(settings.JIEBANG_HOME) / "portal"
    folder.mkdir()
    for n, words in enumerate(("Before", "After")):
        (folder / "header.html").write_text(f"<p>{words}</p>")
        os.utime(folder / "header.html", ns=(n, n + 1))
        assert words in Browser().opens("/verify").words


@pytest.mark.parametrize(
    ("written", "left"),
    [
        ("<p onclick=alert(1) style='color:red'>A</p>", "<p>A</p>"),
        ("<script>alert(1)</script><p>A</p>", "<p>A</p>"),
        ("<a href='javascript:alert(1)'>A</a>", "<a>A</a>"),
        ("<div><ul><li>A", "<div><ul><li>A</li></ul></div>"),
        ("</div></main><p>A", "<p>A</p>"),
        ("<img src='https://elsewhere.example/pixel.gif' alt='A'>", '<img alt="A">'),
        ("<form action='/x'><input name='q'>A</form>", "A"),
        ("<h1>A</h1><header>B</header>", "AB"),
    ],
)
def test_what_could_break_or_loosen_a_page_is_taken_out(written: str, left: str) -> None:
    assert cleaned(written) == left


# ── Frames in pages of others ───────────────────────────────────────────────────────────────────────────────


def test_only_sites_the_city_names_may_frame_a_board(town: Town) -> None:
    number = town.posted().number

    with override_settings(JIEBANG_EMBED=["https://www.city.example", "https://news.example"]):
        named = Client().get("/embed/b/residents/")
    unnamed = Client().get("/embed/b/residents/")

    assert number in named.content.decode()
    assert "frame-ancestors https://www.city.example https://news.example" in named.headers["Content-Security-Policy"]
    assert "frame-ancestors 'self'" in unnamed.headers["Content-Security-Policy"]
    assert "X-Frame-Options" not in named.headers
    assert Client().get("/b/residents/").headers["X-Frame-Options"] == "DENY"


def test_a_frame_keeps_no_cookie_and_has_no_script(town: Town) -> None:
    number = town.posted().number

    for path in ("/embed/b/residents/", f"/embed/e/{number}", f"/embed/a/{COMMUNITY}/"):
        client = Client()
        answer = client.get(path, {"lang": "en"})
        page = answer.content.decode()
        assert answer.status_code == 200
        assert not client.cookies
        assert "<script" not in page
        assert "<form" not in page
        assert "Open the whole page" in page


def test_a_frame_speaks_the_language_and_takes_the_light_its_address_says(town: Town) -> None:
    town.posted()

    chinese = Client(HTTP_ACCEPT_LANGUAGE="en").get("/embed/b/residents/", {"lang": "zh", "theme": "dark", "n": "1"})

    assert '<html lang="zh-hans" data-theme="dark">' in chinese.content.decode()

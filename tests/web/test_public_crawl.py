"""Every public page is found from the front page, leads nowhere dead, and gives away nothing about a person."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from urllib.parse import parse_qsl, urldefrag, urljoin, urlsplit

import pytest
from django.test import Client
from django.urls import URLPattern

from jiebang.web.public_urls import urlpatterns
from tests.boards.city import HOUR, MONDAY_NINE, WHAT, Town
from tests.web.atown import town as town

LINK = re.compile(r'<(?:a|link|img|script)\b[^>]*?\b(?:href|src)="([^"]*)"')
FORM = re.compile(r'<form\b[^>]*?\baction="([^"]*)"[^>]*>')
ANCHOR = re.compile(r'\bid="([^"]+)"')
TELEPHONE = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)")
# Found by machines at a fixed address, or named in a snippet to be pasted elsewhere; no page needs to link them.
# For machines: what an editor, a portal or a monitor fetches by an address it was given.
UNLINKED = {
    "healthz",
    "robots",
    "security",
    "portal-file",
    "embed-entry",
    "embed-area",
    "search-feed",
    "mechanism-schema",
    "mechanism-schema-zh",
}


class Site:
    """What one comes to from the front page by following every link."""

    def __init__(self) -> None:
        self.client = Client(HTTP_ACCEPT_LANGUAGE="en")
        self.status: dict[str, int] = {}
        self.pages: dict[str, str] = {}
        self.names: set[str] = set()
        self.kinds: set[str] = set()
        self.anchors: list[tuple[str, str, str]] = []

    def walk(self, *starts: str, most: int = 600) -> Site:
        waiting = list(starts)
        while waiting:
            here = waiting.pop(0)
            kind = _kind(here)
            if here in self.status or kind in self.kinds or len(self.status) >= most:
                continue
            self.kinds.add(kind)
            waiting += [to for to in self._open(here) if to not in self.status]
        return self

    def _open(self, here: str) -> Iterator[str]:
        answer = self.client.get(here)
        self.status[here] = answer.status_code
        if answer.resolver_match:
            self.names.add(answer.resolver_match.url_name or "")
        if answer.status_code in (301, 302, 303):
            yield urljoin(here, answer.headers["Location"])
        if answer.streaming:
            b"".join(answer.streaming_content)  # type: ignore[arg-type]  # Django's test response; read to its end, it closes
            return
        if not answer.headers.get("Content-Type", "").startswith("text/html"):
            return
        self.pages[here] = answer.content.decode()
        if here == "/patterns":
            return  # its links are examples
        for address in (*LINK.findall(self.pages[here]), *self._forms(here)):
            to, anchor = urldefrag(urljoin(f"http://testserver{here}", unescape(address)))
            if urlsplit(to).netloc == "testserver" and not urlsplit(to).path.startswith("/static/"):
                path = to.removeprefix("http://testserver")
                self.anchors.append((here, path, anchor))
                yield path

    def _forms(self, here: str) -> list[str]:
        """Where forms that only ask lead; those that change something are left alone."""
        return [found[1] for found in FORM.finditer(self.pages[here]) if 'method="post"' not in found[0]]


def _kind(path: str) -> str:
    """Two addresses that differ in a filter's value alone are of one kind: one of them is enough."""
    parts = urlsplit(path)
    return f"{parts.path}?{'&'.join(sorted(name for name, _ in parse_qsl(parts.query)))}" if parts.query else path


@pytest.fixture
def site(town: Town) -> Site:
    then = MONDAY_NINE - HOUR
    opened = town.finished(at=then)
    answers = {"solved": "yes", "satisfied": "satisfied"}
    town.does(town.comes_back(opened, at=then), "verdict", opened.number, at=then, answers=answers)
    town.claimed()
    town.raises()
    return Site().walk("/")


def test_no_link_of_a_public_page_is_dead(site: Site) -> None:
    assert {path for path, status in site.status.items() if status not in (200, 301, 302, 303)} == set()
    assert len(site.pages) > 40


def test_no_link_leads_to_a_part_of_a_page_that_is_not_there(site: Site) -> None:
    wrong = [
        (here, path, anchor)
        for here, path, anchor in site.anchors
        if anchor and path in site.pages and anchor not in ANCHOR.findall(site.pages[path])
    ]

    assert wrong == []


def test_no_public_page_is_an_orphan(site: Site) -> None:
    named = {pattern.name for pattern in urlpatterns if isinstance(pattern, URLPattern) and pattern.name}
    # Sent by forms, or there once a log is published, a photo shown, a notice open to objections.
    sent = {"manner", "my-area", "log", "receipt", "photo", "say"}

    assert named - site.names - UNLINKED - sent == set()


def test_no_public_page_says_who_raised_it_or_how_to_reach_them(site: Site) -> None:
    for path, page in site.pages.items():
        if path.startswith("/raise"):
            continue
        assert WHAT["what"][:8] not in page, path
        assert not TELEPHONE.search(page), path
        assert "王师傅" not in page, path  # the worker's name stands in a field for the parties alone


def test_every_public_page_has_one_title_of_its_own_and_one_heading(site: Site) -> None:
    titles: dict[str, str] = {}
    for path, page in site.pages.items():
        if "?" in path or path.startswith("/embed") or path == "/patterns":
            continue
        (title,) = re.findall(r"<title>(.*?)</title>", page, re.S)
        assert len(re.findall(r"<h1\b", page)) == 1, path
        titles.setdefault(unescape(title), path)
        assert titles[unescape(title)] == path, f"{path} and {titles[unescape(title)]} have the same title"

"""What a reader of one language sees, page by page, as far as links lead."""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser

from django.test import Client

from tests.web.test_public_crawl import Site

# Not said by the site: code, drawings, and what is marked as said in another language.
_UNSAID = {"script", "style", "svg", "code", "pre", "kbd"}
_SHOWN = ("alt", "title", "placeholder", "aria-label")
_VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}


class Said(HTMLParser):
    """The pieces of text of a page in its own language, attributes that are shown or read out among them."""

    def __init__(self) -> None:
        super().__init__()
        self.pieces: list[str] = []
        self.language = ""
        self._open: list[tuple[str, bool]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "html":
            self.language = given.get("lang") or ""
        # A button that leads to another language says its name in it; `zh` is `zh-hans`.
        other = (given.get("lang") or self.language).split("-")[0] != self.language.split("-")[0]
        quiet = tag in _UNSAID or other or (bool(self._open) and self._open[-1][1])
        if not quiet:
            self.pieces += [text for name in _SHOWN if (text := given.get(name))]
            if tag == "meta" and given.get("name") == "description":
                self.pieces.append(given.get("content") or "")
        if tag not in _VOID:
            self._open.append((tag, quiet))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A shape of a drawing says nothing."""

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if data.strip() and not (self._open and self._open[-1][1]):
            self.pieces.append(" ".join(data.split()))


def said(page: str) -> Said:
    reader = Said()
    reader.feed(page)
    return reader


def walked(client: Client, *starts: str) -> Iterator[tuple[str, Said]]:
    """Every page one comes to from `starts`, and what it says."""
    site = Site()
    site.client = client
    for path, page in site.walk(*starts).pages.items():
        yield path, said(page)

"""The city's own head and foot around every page, when these pages are a column of its portal.

The operator puts `header.html`, `footer.html`, `portal.css` and pictures into `JIEBANG_HOME/portal/`. The two are
fragments, not templates: they are cleaned by an allow-list each time they change, so that a slip in them (a tag left
open, a script pasted along) can neither break a page nor loosen what the browser is told to forbid.

Source: nh3 (Rust's ammonia) does the cleaning; its allow-list is ours, below. Read 2026-11-22.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import nh3
from django.conf import settings
from django.http import FileResponse, Http404, HttpRequest, HttpResponseBase
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_safe

HEAD, FOOT, STYLE = "header.html", "footer.html", "portal.css"
LARGEST = 64 * 1024
# No headings, no forms, no landmarks but `nav`: the page has its own, and two of each confuse who listens to it.
TAGS = {"a", "abbr", "b", "br", "div", "em", "hr", "i", "img", "li", "nav", "ol", "p", "small", "span", "strong", "ul"}
ATTRIBUTES = {
    "*": {"class", "lang", "title", "aria-label"},
    "a": {"href", "hreflang"},
    "img": {"src", "alt", "width", "height"},
}
TYPES = {
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".webp": "image/webp",
    ".jpg": "image/jpeg",
    ".woff2": "font/woff2",
}
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}(\.[a-z0-9]{2,5})\Z", re.ASCII)


@dataclass(frozen=True, slots=True)
class Portal:
    """`head` and `foot` are clean HTML, `style` the address of the style sheet; each may be empty."""

    head: SafeString
    foot: SafeString
    style: str


def portal() -> Portal:
    folder = Path(settings.JIEBANG_HOME) / "portal"
    changed = _changed(folder / STYLE)
    return Portal(
        head=_clean(folder / HEAD, _changed(folder / HEAD)),
        foot=_clean(folder / FOOT, _changed(folder / FOOT)),
        style=f"{settings.JIEBANG_BASE}/portal/{STYLE}?{changed:x}" if changed else "",
    )


def _changed(path: Path) -> int:
    """When the file last changed, in nanoseconds; 0 when there is none."""
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


@lru_cache(maxsize=8)
def _clean(path: Path, changed: int) -> SafeString:
    if not changed:
        return SafeString()
    with path.open(encoding="utf-8", errors="replace") as file:
        written = file.read(LARGEST)
    return mark_safe(cleaned(written))  # what nh3 leaves, from a file of the operator


def cleaned(written: str) -> str:
    """Return the fragment with what is not on the allow-list taken out, and every tag closed."""
    return nh3.clean(
        written,
        tags=TAGS,
        clean_content_tags={"script", "style", "noscript", "template", "iframe", "object"},
        attributes=ATTRIBUTES,
        attribute_filter=_address,
        url_schemes={"http", "https", "mailto", "tel"},
        link_rel=None,
    )


def _address(tag: str, attribute: str, value: str) -> str | None:
    """`portal/logo.svg` means a file beside the fragment; pictures from elsewhere the browser would refuse anyway."""
    if attribute not in ("href", "src"):
        return value
    if value.startswith("portal/"):
        return f"{settings.JIEBANG_BASE}/{value}"
    return None if attribute == "src" else value


@require_safe
def portal_file(request: HttpRequest, name: str) -> HttpResponseBase:
    """A picture, font or the style sheet beside the fragments; nothing else of the folder is served."""
    found = _NAME.match(name)
    kind = TYPES.get(found[1]) if found else None
    if kind is None:
        raise Http404
    try:
        response = FileResponse((Path(settings.JIEBANG_HOME) / "portal" / name).open("rb"), content_type=kind)
    except OSError:
        raise Http404 from None
    # A picture opened by itself is a page of ours; it may bring nothing along.
    response["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    response["Cache-Control"] = "public, max-age=3600"
    return response

"""QR codes as SVG, drawn with a class instead of colours so that the page's own style decides."""

from __future__ import annotations

import io
from functools import lru_cache

import segno
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _


def svg(text: str) -> SafeString:
    """Return an inline SVG of `text`, with a quiet zone of four modules as the standard wants.

    Drawn when the page is read, never in the POST: it takes 5 ms.
    """
    return _named(_drawn(text))


def svg_of_public(address: str) -> SafeString:
    """Return the same for an address everybody may know, and keep it, 2 kB each: a paper board has sixty of them.

    Never for an address with a secret in it: that stays in memory no longer than its page.
    """
    return _named(_kept(address))


def _drawn(text: str) -> str:
    out = io.BytesIO()
    segno.make(text, error="m", micro=False).save(
        out, kind="svg", xmldecl=False, svgns=True, border=4, scale=1, omitsize=True, svgclass="qr", lineclass="qr-ink"
    )
    return out.getvalue().decode()


_kept = lru_cache(maxsize=4096)(_drawn)


def _named(drawing: str) -> SafeString:
    # Whoever hears the page is told what this is; what it says stands beside it in words.
    return format_html('<svg role="img" aria-label="{}"{}', _("QR code"), mark_safe(drawing.removeprefix("<svg")))

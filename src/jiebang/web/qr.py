"""QR codes as SVG, drawn with a class instead of colours so that the page's own style decides."""

from __future__ import annotations

import io
from functools import lru_cache

import segno
from django.utils.safestring import SafeString, mark_safe


def svg(text: str) -> SafeString:
    """Return an inline SVG of `text`, with a quiet zone of four modules as the standard wants.

    Drawn when the page is read, never in the POST: it takes 8 ms.
    """
    out = io.BytesIO()
    segno.make(text, error="m", micro=False).save(
        out, kind="svg", xmldecl=False, svgns=True, border=4, scale=1, omitsize=True, svgclass="qr", lineclass="qr-ink"
    )
    return mark_safe(out.getvalue().decode())


@lru_cache(maxsize=4096)
def svg_of_public(address: str) -> SafeString:
    """Return the same for an address everybody may know, and keep it, 2 kB each: a paper board has sixty of them.

    Never for an address with a secret in it: that stays in memory no longer than its page.
    """
    return svg(address)

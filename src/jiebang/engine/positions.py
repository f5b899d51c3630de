"""Positions on the earth as answers: latitude and longitude in degrees, WGS84 (CGCS2000 differs by less than a metre).

A position is kept as text, such as `29.55210,103.76570`: latitude first, as `geo:` addresses (RFC 5870) and people
write it, five decimals, about a metre. Decimal throughout: a number that only nearly exists (NaN, 1e400) is no text of
this form.
"""

from __future__ import annotations

import re
from decimal import ROUND_HALF_EVEN, Decimal

_DEGREES = r"[-+]?\d{1,3}(?:\.\d{1,15})?"
_FORM = re.compile(rf"({_DEGREES})\s*[,，]\s*({_DEGREES})", re.ASCII)
_METRE = Decimal("0.00001")


def read(text: str) -> str | None:
    """Return the position in its kept form, or None when the text is none or lies off the earth.

    Latitude and longitude in the other order are refused where they cannot be meant (a latitude above 90°); where
    both orders are possible only whoever knows the city can tell.
    """
    found = _FORM.fullmatch(text.strip())
    if found is None:
        return None
    lat, lon = (Decimal(part).quantize(_METRE, ROUND_HALF_EVEN) for part in found.groups())
    if abs(lat) > 90 or abs(lon) > 180:
        return None
    return f"{lat + 0},{lon + 0}"  # a zero has no sign


def degrees(kept: str) -> tuple[float, float]:
    """Return longitude and latitude, in degrees, of a position in its kept form."""
    lat, _, lon = kept.partition(",")
    return float(lon), float(lat)

"""The app's picture on a home screen: a notice with the seal on it. Drawn here, at any size, so nothing is fetched."""

from __future__ import annotations

from functools import cache
from io import BytesIO

from PIL import Image, ImageDraw

SIZES = (180, 192, 512)
PAPER, SHEET, INK, CINNABAR = "#f6f0e3", "#fdfaf3", "#51483c", "#a5281b"
_FINE = 4  # drawn larger, then made small: Pillow draws no smooth edges itself


@cache
def drawn(size: int) -> bytes:
    """Return the icon as PNG. All that matters stands in the inner 80 %: phones cut icons to their own shapes."""
    side = size * _FINE
    picture = Image.new("RGB", (side, side), PAPER)
    draw = ImageDraw.Draw(picture)

    def at(*parts: float) -> list[float]:
        return [part * side for part in parts]

    draw.rectangle(at(0.26, 0.18, 0.74, 0.82), fill=SHEET, outline=INK, width=round(side * 0.012))
    for line, end in ((0.31, 0.66), (0.4, 0.66), (0.49, 0.5)):
        draw.line(at(0.34, line, end, line), fill=INK, width=round(side * 0.022))
    draw.rounded_rectangle(at(0.46, 0.52, 0.8, 0.86), radius=side * 0.03, fill=CINNABAR)
    draw.line(at(0.53, 0.69, 0.605, 0.77, 0.735, 0.61), fill=SHEET, width=round(side * 0.045), joint="curve")
    small = picture.resize((size, size), Image.Resampling.LANCZOS)
    written = BytesIO()
    small.save(written, "PNG", optimize=True)
    return written.getvalue()

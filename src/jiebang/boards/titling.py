"""A title made of a text that has none of its own."""

from __future__ import annotations

import unicodedata

CELLS = 80  # a Chinese character is two wide, a Latin letter one
BACK = 20  # cells given up so that a word is not cut


def title_of(text: str) -> str:
    """Return the first line of a text, cut to what a list has room for: forty Chinese characters, or eighty letters
    up to the end of a word, and "…"."""
    line = text.split("\n", 1)[0]
    kept, used = 0, 0
    for letter in line:
        used += 2 if unicodedata.east_asian_width(letter) in "WF" else 1
        if used > CELLS:
            break
        kept += 1
    if kept == len(line):
        return line
    cut = line[: kept - 1]
    head, space, tail = cut.rpartition(" ")
    return (head if space and len(tail) < BACK else cut) + "…"

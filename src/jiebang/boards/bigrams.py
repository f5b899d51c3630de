"""Search by pairs of characters: Chinese is written without spaces, and most of its words have two characters."""

from __future__ import annotations

import re
import unicodedata

_RUN = re.compile(r"\w+")


def _folded(text: str) -> str:
    """Full-width letters and digits become plain ones, capitals small: 'ＡＢＣ' is found by 'abc'."""
    return unicodedata.normalize("NFKC", text).casefold()


def bigrams(text: str) -> list[str]:
    """Return every pair of neighbouring characters once, sorted. Pairs never reach across a space or a full stop.

    A word of one character alone gives no pair and is not found; the board offers categories and places for those.
    """
    pairs: set[str] = set()
    for run in _RUN.findall(_folded(text)):
        pairs.update(run[start : start + 2] for start in range(len(run) - 1))
    return sorted(pairs)


def wanted(query: str) -> list[str]:
    """Return the pairs an entry must all have to be found. Empty: the query has no word of two characters.

    Pairs may stand apart in a text that has them all ("水管破裂" also finds 水管 … 管破 … 破裂); for a board of
    short texts that is rare and harmless.
    """
    return bigrams(query)

"""An entry's number as people say it: whole, without the city's letters, or its last digits alone."""

from __future__ import annotations

import re
import unicodedata
from datetime import date

from jiebang.rulebook import queries as rulebook

DIGITS = 6  # of an entry within its year, filled up with noughts

_WHOLE = re.compile(r"([A-Z]{1,6})-(\d{2})-(\d{1,9})")
_OF_A_YEAR = re.compile(r"(\d{2})-(\d{1,9})")
_LAST_DIGITS = re.compile(rf"\d{{1,{DIGITS}}}")


def meant(text: str, *, on: date) -> tuple[str, ...]:
    """Return the numbers somebody may mean, the likeliest first; none if the text is no number at all.

    Last digits alone mean this year's matter, or else last year's: in January most calls are about those.
    Full-width digits count, spaces do not.
    """
    plain = unicodedata.normalize("NFKC", text).upper().replace(" ", "")
    own = rulebook.city().prefix
    if whole := _WHOLE.fullmatch(plain):
        return (_number(whole[1], whole[2], whole[3]),)
    if of_a_year := _OF_A_YEAR.fullmatch(plain):
        return (_number(own, of_a_year[1], of_a_year[2]),)
    if _LAST_DIGITS.fullmatch(plain):
        return tuple(_number(own, f"{year % 100:02}", plain) for year in (on.year, on.year - 1))
    return ()


def _number(prefix: str, year: str, count: str) -> str:
    return f"{prefix}-{year}-{count.zfill(DIGITS)}"

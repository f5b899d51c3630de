"""Numbers that tell who a person is, found in what everybody would read. Pure: a text in, what stands in it out.

Found are mobile numbers and numbers of identity cards of the mainland. A landline is mostly an office's, which the
public may know. Source of the forms: the numbering plan of the MIIT (11 digits from 13 to 19) and GB 11643-1999
(18 digits with the day of birth from the seventh on, the last one a check that may be X).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

from jiebang.engine.model import Field, Json, Program

MOBILE = r"1[3-9]\d[-\s]?\d{4}[-\s]?\d{4}"
_MOBILE = re.compile(rf"(?<![\d*])(?:\+?86[-\s]?)?({MOBILE})(?!\d)")
DOCUMENT = re.compile(r"(?<![\d*])(\d{2})\d{4}(?:19|20)\d{2}[01]\d[0-3]\d\d{3}[\dXx](?!\d)")

# Eight digits with at most one other character between each and the next, in any of the forms that become digits
# below (full-width, raised, circled). Ordinary texts end here, in a fifth of the time the whole look takes.
_DIGIT = r"\d\u00b2\u00b3\u00b9\u2070-\u2089\u2460-\u249b\u24ea-\u24ff"
_MAY_HAVE_ONE = re.compile(rf"[{_DIGIT}](?:[^{_DIGIT}]?[{_DIGIT}]){{7}}")


def number_in(text: str) -> str:
    """Return the first number of an identity card in the text, or else the first mobile number, shortened beyond use;
    "" where there is neither. Digits of every form count."""
    if _MAY_HAVE_ONE.search(text) is None:
        return ""
    plain = unicodedata.normalize("NFKC", text)
    if document := DOCUMENT.search(plain):
        return f"{document[1]}****"
    mobile = _MOBILE.search(plain)
    return shortened(mobile[1]) if mobile else ""


def shortened(number: str) -> str:
    """Return a telephone number as it may be shown: its first three digits and its last two."""
    digits = re.sub(r"[-\s]", "", number)
    return f"{digits[:3]}****{digits[-2:]}"


def shown_to_all(program: Program, answers: Mapping[str, Json]) -> tuple[Field, str] | None:
    """Return the first public text among these answers with such a number in it, and that number shortened."""
    for name, value in answers.items():
        field = program.fields.get(name)
        lines = value if isinstance(value, list) else [value]
        if field is not None and field.type == "text" and field.visible == "public":
            number = next((found for line in lines if isinstance(line, str) and (found := number_in(line))), "")
            if number:
                return field, number
    return None

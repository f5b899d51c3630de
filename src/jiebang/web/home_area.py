"""The area a reader calls theirs: a code in a cookie for a year, and nowhere else. Nothing about it is written down
by the city; forgetting it is one button."""

from __future__ import annotations

from django.http import HttpRequest

from jiebang.people import queries as people
from jiebang.people.queries import AreaView

COOKIE = "place"
LONGEST_CODE = 20


def of(request: HttpRequest) -> AreaView | None:
    """Return the area this browser remembers; None when it remembers none, or one that is no longer there."""
    code = request.COOKIES.get(COOKIE, "")[:LONGEST_CODE]
    return people.area(code) if code else None

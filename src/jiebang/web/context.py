"""What every page shows: the city's name, how the reader wants to read, whether this is a demonstration."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest

from jiebang.rulebook import maps, packs
from jiebang.web.manner import manner
from jiebang.web.portal import portal
from jiebang.web.words import said

SECRET_PATHS = ("/r/", "/follow", "/raised/", "/verdict", "/answer/")
# Pages whose address or content belongs to one raiser: no address leaks, nothing is kept by caches on the way.
PRIVATE_PATHS = (*SECRET_PATHS, "/desk", "/accounts/", "/field", "/manner")


@dataclass(frozen=True, slots=True)
class City:
    """The city as pages show it; from its pack, so that an error page needs no database."""

    id: str
    names: dict[str, str]
    zone: ZoneInfo
    raise_mechanism: str
    mark: str

    @property
    def name(self) -> str:
        return said(self.names)

    @property
    def has_map(self) -> bool:
        return maps.rules_of(self.id) is not None

    @property
    def demonstration(self) -> bool:
        """A city that grew out of its demonstration says so in its home, not in its pack."""
        return bool(settings.JIEBANG_DEMONSTRATION)


@cache
def city() -> City:
    pack = packs.city(settings.JIEBANG_CITY)
    return City(
        id=pack.id,
        names=dict(pack.names),
        zone=ZoneInfo(pack.zone),
        raise_mechanism=pack.raise_mechanism,
        # A city that does not write Chinese gets a mark without a Chinese character.
        mark="seal.svg" if any(code.startswith("zh") for code in pack.languages) else "board.svg",
    )


def canonical(request: HttpRequest) -> str:
    """The one address of a public page, without filters; none for pages that belong to one person."""
    if request.path_info.startswith(PRIVATE_PATHS):
        return ""
    try:
        return request.build_absolute_uri(request.path)
    except DisallowedHost:  # the page that says so is made by us too
        return ""


def page(request: HttpRequest) -> dict[str, Any]:
    return {
        "city": city(),
        "manner": manner(request),
        "base": settings.JIEBANG_BASE,
        "canonical": canonical(request),
        "portal": portal(),
    }

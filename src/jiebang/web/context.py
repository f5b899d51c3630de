"""What every page shows: the city's name, how the reader wants to read, whether this is a demonstration."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest

from jiebang.rulebook import packs
from jiebang.web.manner import manner
from jiebang.web.words import said


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


def page(request: HttpRequest) -> dict[str, Any]:
    return {"city": city(), "manner": manner(request), "base": settings.JIEBANG_BASE}

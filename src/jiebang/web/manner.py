"""How one reader wants pages to look: language, elder mode, light or dark. Kept in cookies, never in an account."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import get_language

YEAR_S = 365 * 24 * 3600
ELDER = "elder"
THEME = "theme"
Theme = Literal["", "light", "dark"]
THEMES: dict[str, Theme] = {"light": "light", "dark": "dark"}
NATIVE = {"zh": "中文", "en": "English"}
# What the switch to a language says: its own name, which its readers recognise.


@dataclass(frozen=True, slots=True)
class Language:
    code: str
    name: str
    current: bool


@dataclass(frozen=True, slots=True)
class Manner:
    elder: bool
    theme: Theme
    languages: tuple[Language, ...]


def language_wished(request: HttpRequest) -> str:
    """The language an address asks for with `lang`, or the reader's: for feeds and frames, which keep no cookie."""
    asked = request.GET.get("lang", "")
    codes = [code for code, _ in settings.LANGUAGES]
    return next((code for code in codes if asked and code.split("-")[0] == asked.split("-")[0].lower()), None) or (
        get_language() or settings.LANGUAGE_CODE
    )


def manner(request: HttpRequest) -> Manner:
    now = get_language() or settings.LANGUAGE_CODE
    return Manner(
        elder=request.COOKIES.get(ELDER) == "1",
        theme=THEMES.get(request.COOKIES.get(THEME, ""), ""),
        languages=tuple(
            Language(code, NATIVE.get(code.split("-")[0], name), code == now) for code, name in settings.LANGUAGES
        ),
    )

"""The pattern book: the design tokens, and every component drawn from its own examples, by day, by night and large."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template import Context, Template
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import override
from ruamel.yaml import YAML

from jiebang.web import qr
from jiebang.web.templatetags.components import FOLDER, icon
from jiebang.web.words import said

_CHINESE = re.compile("[\u3000-\u9fff\uff00-\uffef]")
SHEETS = ("tasks.css", "desk.css", "paper.css", "map.css", "patterns.css")
_ALONE = "{% load components %}{% drawn name values %}"
_CODE = re.compile("`([^`]+)`")
_SHEET = FOLDER.parent / "static" / "jiebang.css"
_TOKEN = re.compile(r"--([\w-]+):\s*([^;]+);")
# Whatever ties one element to another by name, or two radio buttons together.
_TIED = re.compile(r'(?<=\s)(id|for|name|list|form|aria-(?:labelledby|describedby|controls))="([^"]+)"')
_TO = re.compile(r'(?<=href="#)[^"]+(?=")|(?<=url\(#)[^)]+(?=\))')


@dataclass(frozen=True, slots=True)
class Example:
    """`language` is the one its words are in: the component's own sentences are said in it too."""

    name: Mapping[str, str]
    language: str
    values: dict[str, Any]
    says: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Pattern:
    name: str
    title: Mapping[str, str]
    what: Mapping[str, str]
    wide: bool  # shown over the whole page, not three in a row
    examples: tuple[Example, ...]


@dataclass(frozen=True, slots=True)
class Token:
    name: str
    value: str


@cache
def patterns() -> tuple[Pattern, ...]:
    """Every folder of `components/` with its examples, by name."""
    return tuple(_read(path.parent.name) for path in sorted(FOLDER.glob("*/examples.yaml")))


def _read(name: str) -> Pattern:
    data = YAML(typ="safe", pure=True).load((FOLDER / name / "examples.yaml").read_text(encoding="utf-8"))
    examples = tuple(_example(each) for each in data["examples"])
    return Pattern(name, data["title"], data["what"], data.get("wide", False), examples)


def _example(data: dict[str, Any]) -> Example:
    values = {key: _made(value) for key, value in data["values"].items()}
    if "content" in data:
        values["content"] = mark_safe(data["content"])  # our own file, never anybody's input
    language = "zh-hans" if _CHINESE.search(str(data["values"]) + data.get("content", "")) else "en"
    return Example(data["name"], language, values, tuple(data.get("says", ())))


def _made(value: Any) -> Any:
    """The value as a view hands it over: `{icon: clock}` and `{qr: text}` are drawings."""
    if isinstance(value, list):
        return [_made(each) for each in value]
    if isinstance(value, dict):
        if value.keys() == {"icon"}:
            return icon(value["icon"])
        if value.keys() == {"qr"}:
            return qr.svg(value["qr"])
        return {key: _made(each) for key, each in value.items()}
    return value


@cache
def tokens() -> dict[str, tuple[Token, ...]]:
    """The tokens as the style sheet says them for the day: colours, sizes of type, distances and the rest."""
    sheet = _SHEET.read_text(encoding="utf-8")
    day = sheet[: sheet.index("@media (prefers-color-scheme: dark)")]
    groups: dict[str, list[Token]] = {"colours": [], "type": [], "space": [], "other": []}
    for token in _tokens(day):
        groups[_group(token)].append(token)
    return {name: tuple(found) for name, found in groups.items()}


def _tokens(text: str) -> Iterator[Token]:
    seen: set[str] = set()
    for name, value in _TOKEN.findall(text):
        if name not in seen:
            seen.add(name)
            yield Token(name, " ".join(value.split()))


def _group(token: Token) -> str:
    if token.value.startswith("#"):
        return "colours"
    if token.name.startswith("step-"):
        return "type"
    return "space" if re.fullmatch(r"s\d", token.name) else "other"


def copied(html: SafeString, mark: str) -> SafeString:
    """The same once more on one page, its names changed so that nothing is tied to the first."""
    tied = _TIED.sub(lambda m: f'{m[1]}="{" ".join(f"{each}-{mark}" for each in m[2].split())}"', html)
    return mark_safe(_TO.sub(lambda m: f"{m[0]}-{mark}", tied))  # made from our own file


def book(request: HttpRequest) -> HttpResponse:
    chinese = any(code.startswith("zh") for code, _ in settings.LANGUAGES)
    base = settings.JIEBANG_BASE
    shown = [
        {
            "name": pattern.name,
            "title": said(pattern.title),
            "what": _with_code(said(pattern.what)),
            "wide": pattern.wide,
            # A city that writes no Chinese shows none.
            "examples": [
                {"name": said(one.name), "language": one.language, "looks": _looks(pattern, one, base)}
                for one in pattern.examples
                if chinese or one.language == "en"
            ],
        }
        for pattern in patterns()
    ]
    return render(request, "public/patterns.html", {"patterns": shown, "tokens": tokens(), "sheets": SHEETS})


def _with_code(text: str) -> SafeString:
    return mark_safe(_CODE.sub(r"<code>\1</code>", escape(text)))  # escaped just here


def _looks(pattern: Pattern, one: Example, base: str) -> list[dict[str, Any]]:
    """The example by day, and copies that can only be looked at: by night, and in large text."""
    html = drawn(pattern.name, one, base=base)
    return [
        {"theme": "light", "html": html},
        {"theme": "dark", "html": copied(html, "night"), "copy": True},
        {"theme": "light", "html": copied(html, "large"), "copy": True, "large": True},
    ]


def drawn(name: str, one: Example, *, base: str = "") -> SafeString:
    """The example in its own language."""
    with override(one.language):
        return Template(_ALONE).render(Context({"name": name, "values": one.values, "base": base}))

"""The pattern book: every component, drawn from its own examples."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import mark_safe
from ruamel.yaml import YAML

from jiebang.web.templatetags.components import FOLDER

_CHINESE = re.compile("[\u3000-\u9fff\uff00-\uffef]")


@dataclass(frozen=True, slots=True)
class Example:
    name: str
    values: dict[str, Any]
    says: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Pattern:
    name: str
    what: str
    examples: tuple[Example, ...]


@cache
def patterns() -> tuple[Pattern, ...]:
    """Every folder of `components/` with its examples, by name."""
    return tuple(_read(path.parent.name) for path in sorted(FOLDER.glob("*/examples.yaml")))


def _read(name: str) -> Pattern:
    data = YAML(typ="safe", pure=True).load((FOLDER / name / "examples.yaml").read_text(encoding="utf-8"))
    return Pattern(name, data["what"], tuple(_example(each) for each in data["examples"]))


def _example(data: dict[str, Any]) -> Example:
    values = dict(data["values"])
    if "content" in data:
        values["content"] = mark_safe(data["content"])  # our own file, never anybody's input
    return Example(data["name"], values, tuple(data.get("says", ())))


def book(request: HttpRequest) -> HttpResponse:
    shown = patterns() if any(code.startswith("zh") for code, _ in settings.LANGUAGES) else _without_chinese()
    return render(request, "public/patterns.html", {"patterns": shown})


@cache
def _without_chinese() -> tuple[Pattern, ...]:
    """The book for a city that does not write Chinese: the examples that do are left out."""
    return tuple(
        replace(pattern, examples=tuple(one for one in pattern.examples if not _CHINESE.search(str(one))))
        for pattern in patterns()
    )

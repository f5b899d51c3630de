"""The pattern book: every component, drawn from its own examples."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import mark_safe
from ruamel.yaml import YAML

from jiebang.web.templatetags.components import FOLDER


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
    return render(request, "public/patterns.html", {"patterns": patterns()})

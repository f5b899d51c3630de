"""Each component says what its own examples promise, and is whole HTML."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from django.template import Context, Template
from django.utils.html import escape
from django.utils.safestring import SafeString

from jiebang.web.templatetags.components import FOLDER
from jiebang.web.views.public.patterns import Example, copied, drawn, patterns, tokens

VOID = {"input", "img", "br", "hr", "meta", "link", "path", "rect", "circle"}
EXAMPLES = [(pattern.name, example) for pattern in patterns() for example in pattern.examples]


class Balance(HTMLParser):
    """Notes elements that are closed in another order than they were opened, and whatever our CSP would refuse."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.wrong: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.wrong += [f"{tag} {name}" for name, _ in attrs if name == "style" or name.startswith("on")]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An SVG shape closes itself."""

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.wrong.append(f"</{tag}>")


@pytest.mark.parametrize(("name", "example"), EXAMPLES, ids=[f"{name}: {one.name['en']}" for name, one in EXAMPLES])
def test_an_example_says_what_it_promises_and_is_whole(name: str, example: Example) -> None:
    html = drawn(name, example)

    for promised in example.says:
        assert promised in html or escape(promised) in html
    balance = Balance()
    balance.feed(html)
    assert (balance.wrong, balance.open) == ([], [])


def test_every_component_has_examples() -> None:
    folders = {path.parent.name for path in FOLDER.glob("*/template.html")}

    assert {pattern.name for pattern in patterns()} == folders


def test_a_component_sees_only_what_it_is_given() -> None:
    template = Template('{% load components %}{% component "tag" kind="open" %}')

    assert "secret" not in template.render(Context({"text": "secret"}))


def test_what_somebody_typed_is_never_markup() -> None:
    template = Template('{% load components %}{% component "tag" text=text %}')

    assert "&lt;script&gt;" in template.render(Context({"text": "<script>"}))


def test_every_token_of_the_style_sheet_is_in_the_book() -> None:
    sheet = (FOLDER.parent / "static" / "patterns.css").read_text(encoding="utf-8")
    found = tokens()

    assert {"paper", "ink", "cinnabar"} <= {token.name for token in found["colours"]}
    assert [token.name for token in found["type"] + found["space"] if f".at-{token.name} " not in sheet] == []
    assert {"serif", "measure", "target"} <= {token.name for token in found["other"]}


def test_a_copy_of_an_example_ties_nothing_to_the_first() -> None:
    first = SafeString('<label for="a">A</label><input id="a" name="x" aria-describedby="h e"><a href="#a">up</a>')

    assert copied(first, "night") == (
        '<label for="a-night">A</label><input id="a-night" name="x-night" aria-describedby="h-night e-night">'
        '<a href="#a-night">up</a>'
    )


@pytest.mark.parametrize("name", [pattern.name for pattern in patterns()])
def test_a_real_page_uses_every_component(name: str) -> None:
    templates = FOLDER.parent / "templates"
    used = re.compile(rf'{{% (?:component|wrap) "{name}"')

    assert any(
        used.search(path.read_text(encoding="utf-8")) for path in [*templates.rglob("*.html"), *FOLDER.rglob("*.html")]
    )


def test_every_component_is_shown_to_a_city_that_writes_english_alone() -> None:
    assert [pattern.name for pattern in patterns() if all(one.language != "en" for one in pattern.examples)] == []

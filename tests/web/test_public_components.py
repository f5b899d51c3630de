"""Each component says what its own examples promise, and is whole HTML."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from django.template import Context, Template
from django.utils.html import escape
from django.utils.translation import override

from jiebang.web.templatetags.components import FOLDER
from jiebang.web.views.public.patterns import Example, patterns

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


def drawn(name: str, example: Example) -> str:
    template = Template("{% load components %}{% drawn name values %}")
    with override("en"):
        return template.render(Context({"name": name, "values": example.values}))


@pytest.mark.parametrize(("name", "example"), EXAMPLES, ids=[f"{name}: {one.name}" for name, one in EXAMPLES])
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

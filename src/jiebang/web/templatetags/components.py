"""Component tags: `{% component "tag" text=… %}` and, around a body, `{% wrap "banner" … %} … {% endwrap %}`.

A component is a folder of `jiebang/web/components/` with `template.html` and `examples.yaml`. Its template sees only
the values it is given (and `request`, `base`), so a component can be read, tested and shown by itself.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

from django import template
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import staticfiles_storage
from django.template.base import (
    FilterExpression,
    Node,
    NodeList,
    Parser,
    Token,
    token_kwargs,
)
from django.template.context import Context
from django.templatetags.static import static
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

from jiebang.web.words import language, language_of

register = template.Library()

FOLDER = Path(__file__).resolve().parent.parent / "components"


def _drawn(name: str, context: Context, values: dict[str, Any]) -> SafeString:
    page = context.template
    assert page is not None, "a component is drawn while its page is"
    with context.render_context.push_state(page, isolated_context=False):
        inner = context.new(values)
        # Forms inside a component need the token, links the base; everything else must be handed over by name.
        for shared in ("csrf_token", "request", "base"):
            if shared in context and shared not in values:
                inner[shared] = context[shared]
        return page.engine.get_template(f"components/{name}/template.html").render(inner)


class ComponentNode(Node):
    def __init__(
        self,
        name: FilterExpression,
        values: dict[str, FilterExpression],
        body: NodeList | None,
    ) -> None:
        self.name = name
        self.values = values
        self.body = body

    def render(self, context: Context) -> SafeString:
        values = {key: value.resolve(context) for key, value in self.values.items()}
        if self.body is not None:
            values["content"] = self.body.render(context)
        return _drawn(str(self.name.resolve(context)), context, values)


def _parsed(parser: Parser, token: Token, closing: str | None) -> ComponentNode:
    tag, *bits = token.split_contents()
    if not bits:
        raise template.TemplateSyntaxError(f'Name the component: {{% {tag} "button" … %}}.')
    name = parser.compile_filter(bits.pop(0))
    values = token_kwargs(bits, parser)
    if bits:
        raise template.TemplateSyntaxError(f"{tag} takes name=value pairs only; take away {' '.join(bits)}.")
    body = None
    if closing:
        body = parser.parse((closing,))
        parser.delete_first_token()
    return ComponentNode(name, values, body)


@register.tag
def component(parser: Parser, token: Token) -> ComponentNode:
    return _parsed(parser, token, None)


@register.tag
def wrap(parser: Parser, token: Token) -> ComponentNode:
    return _parsed(parser, token, "endwrap")


@cache
def _icon(name: str) -> SafeString:
    lines = (FOLDER / "icon" / f"{name}.svg").read_text(encoding="utf-8").strip()
    return mark_safe(lines)  # our own file, never anybody's input


@register.simple_tag
def icon(name: str) -> SafeString:
    """The line drawing of that name, hidden from readers aloud: it stands beside words, never instead of them."""
    return _icon(name)


@register.simple_tag(takes_context=True)
def drawn(context: Context, name: str, values: dict[str, Any]) -> SafeString:
    """The component `name` with a whole mapping of values: for the pattern book."""
    return _drawn(name, context, dict(values))


@register.filter
def spoken(text: object, around: str = "") -> SafeString:
    """Words somebody wrote, to be put into a sentence of ours: marked where they are in another language."""
    lang = tongue(text, around)
    return format_html("<span{}>{}</span>", lang, text) if lang else escape(text)


_QUOTED = re.compile(r"“[^”]*”")


@register.filter
def tongue(text: object, around: str = "") -> SafeString:
    """The `lang` of words somebody wrote, as an attribute with its space; nothing where all `around` is in it, too.

    Readers aloud choose their voice by it. Around is the page, when not said otherwise.
    """
    written = language_of(str(text))
    if not written or written.split("-")[0] == (around.split("-")[0] or language()):
        return SafeString()
    return format_html(' lang="{}"', written)


@register.filter
def tongues(sentence: object, around: str = "") -> SafeString:
    """A sentence of ours, what it quotes marked in the language that is written in."""
    said, parts, at = str(sentence), [], 0
    for found in _QUOTED.finditer(said):
        parts += [escape(said[at : found.start()]), spoken(found[0], around)]
        at = found.end()
    return mark_safe("".join([*parts, escape(said[at:])]))  # each part was escaped


@register.simple_tag
def vendor(name: str) -> SafeString:
    """The script tag of a vendored file, or nothing when `make` has not fetched it: pages work without."""
    if not _is_vendored(name):
        return SafeString()
    return format_html('<script src="{}" defer></script>', static(f"vendor/{name}"))


@register.simple_tag
def vendor_style(name: str) -> SafeString:
    """The same for a vendored style sheet."""
    if not _is_vendored(name):
        return SafeString()
    return format_html('<link rel="stylesheet" href="{}">', static(f"vendor/{name}"))


@register.simple_tag
def vendor_url(name: str) -> str:
    """The address of a vendored file, or nothing when it is not there."""
    return static(f"vendor/{name}") if _is_vendored(name) else ""


@cache
def _is_vendored(name: str) -> bool:
    return bool(finders.find(f"vendor/{name}")) or staticfiles_storage.exists(f"vendor/{name}")

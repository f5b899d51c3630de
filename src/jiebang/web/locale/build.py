"""Keep the catalogues: `python -m jiebang.web.locale.build update|compile|check`.

`update` reads every sentence of the room `web` and brings the .po files in line; nothing is guessed: a new sentence
is left empty and `check` names it. `compile` writes the .mo files Django reads; they are made, never committed.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import TypeAlias

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_python
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

Found: TypeAlias = "tuple[int, str | tuple[str, ...], str | None]"  # line, message or (singular, plural), context

HERE = Path(__file__).resolve().parent
ROOM = HERE.parent
LANGUAGES = {"zh_Hans": "zh_Hans_CN"}  # folder → Babel's locale

# Names of the calls → where the message, its plural and its context stand among the arguments.
CALLS = {
    "_": (0, None, None),
    "gettext": (0, None, None),
    "gettext_lazy": (0, None, None),
    "ngettext": (0, 1, None),
    "ngettext_lazy": (0, 1, None),
    "pgettext": (1, None, 0),
    "npgettext": (1, 2, 0),
}
_UNKEPT = (
    *('"POT-Creation-Date', '"PO-Revision-Date', '"Project-Id-Version', '"Report-Msgid-Bugs-To'),
    *('"Last-Translator', '"Language-Team', '"Generated-By'),
)
_TEXT = r"""u?(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
_CALL = re.compile(rf"\b(_|n?p?gettext)\(({_TEXT}(?:, {_TEXT})*)(?:, ?count)?\)")


def catalogue_of(language: str) -> Path:
    return HERE / language / "LC_MESSAGES" / "django.po"


def in_template(source: str) -> Iterator[Found]:
    """Yield the messages of a Django template."""
    flat = templatize(source)
    for call in _CALL.finditer(flat):
        arguments = ast.literal_eval(f"({call[2]},)")
        yield _found(flat.count("\n", 0, call.start()) + 1, call[1], arguments)


def in_python(source: bytes) -> Iterator[Found]:
    """Yield the messages of a Python module."""
    for line, name, messages, _comments in extract_python(BytesIO(source), dict.fromkeys(CALLS), [], {}):
        given = list(messages) if isinstance(messages, (tuple, list)) else [messages]
        if name in CALLS:
            yield _found(line, name, tuple(str(argument) for argument in given))


def wanted() -> Catalog:
    """Return every message the room says, in the order of the files."""
    catalogue = Catalog(domain="django", charset="utf-8")
    for path in sorted([*ROOM.rglob("*.html"), *ROOM.rglob("*.py")]):
        if path.is_relative_to(HERE):
            continue
        text = path.read_bytes()
        found = in_python(text) if path.suffix == ".py" else in_template(text.decode())
        for _line, message, context in found:
            # The line is left out: it would change the catalogue with every edit above it.
            catalogue.add(message, locations=[(path.relative_to(ROOM).as_posix(), 0)], context=context)
    return catalogue


def kept(language: str) -> Catalog:
    path = catalogue_of(language)
    if not path.exists():
        return Catalog(locale=LANGUAGES[language], domain="django", charset="utf-8")
    with path.open("rb") as file:
        return read_po(file, locale=LANGUAGES[language], domain="django")


def update(language: str) -> None:
    """Bring a catalogue in line with what the code says; what is no longer said is dropped."""
    known = kept(language)
    fresh = Catalog(locale=LANGUAGES[language], domain="django", charset="utf-8", fuzzy=False)
    for message in _messages(wanted()):
        old = known.get(message.id, context=message.context)
        fresh.add(
            message.id, old.string if old else None, locations=message.locations, context=message.context, flags=()
        )
    _write(fresh, catalogue_of(language))


def _write(catalogue: Catalog, path: Path) -> None:
    """Write a catalogue without what changes although no sentence does: dates, lines, names of tools."""
    out = BytesIO()
    catalogue.header_comment = "# The words of jiebang's pages. Keep the placeholders as they are."
    write_po(out, catalogue, include_lineno=False, width=120, sort_output=True)
    lines = out.getvalue().decode().splitlines(keepends=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(line for line in lines if not line.startswith(_UNKEPT)), encoding="utf-8")


def compile_all() -> int:
    """Write the .mo files that are older than their .po; return how many."""
    made = 0
    for language in LANGUAGES:
        path = catalogue_of(language)
        compiled = path.with_suffix(".mo")
        if compiled.exists() and compiled.stat().st_mtime >= path.stat().st_mtime:
            continue
        out = BytesIO()
        write_mo(out, kept(language))
        compiled.write_bytes(out.getvalue())
        made += 1
    return made


def problems(language: str) -> list[str]:
    """Return what is wrong with a catalogue: missing, fuzzy, unused, or with other placeholders than the English."""
    said, catalogue = wanted(), kept(language)
    found = []
    for message in _messages(said):
        translated = catalogue.get(message.id, context=message.context)
        if translated is None or not _is_full(translated):
            found.append(f"missing: {message.id!r}")
        elif translated.fuzzy:
            found.append(f"fuzzy: {message.id!r}")
        elif _placeholders(translated.string) - _placeholders(message.id):
            found.append(f"other placeholders: {message.id!r}")
    for message in _messages(catalogue):
        if said.get(message.id, context=message.context) is None:
            found.append(f"unused: {message.id!r}")
    return found + [f"unused: {id_!r}" for id_ in catalogue.obsolete]


def _found(line: int, name: str, arguments: tuple[str, ...]) -> Found:
    one, many, context = CALLS[name]
    message = arguments[one] if many is None else (arguments[one], arguments[many])
    return line, message, None if context is None else arguments[context]


def _messages(catalogue: Catalog) -> Iterator[Message]:
    return (message for message in catalogue if message.id)


def _is_full(message: Message) -> bool:
    strings = message.string if isinstance(message.string, (tuple, list)) else (message.string,)
    return bool(strings) and all(strings)


def _placeholders(text: object) -> set[str]:
    parts = text if isinstance(text, (tuple, list)) else (str(text),)
    return {name for part in parts for name in re.findall(r"%\((\w+)\)", part)}


def main(arguments: list[str]) -> int:
    from django.conf import settings

    if not settings.configured:
        settings.configure(USE_I18N=True)
    match arguments:
        case ["update"]:
            for language in LANGUAGES:
                update(language)
        case ["compile"]:
            compile_all()
        case ["check"]:
            found = [f"{language}: {problem}" for language in LANGUAGES for problem in problems(language)]
            print("\n".join(found) or "Every sentence is translated.")
            return 1 if found else 0
        case _:
            print(__doc__)
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

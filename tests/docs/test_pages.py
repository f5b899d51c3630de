"""The documentation leads somewhere, is reachable, and says what the program says."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from jiebang.desk import reference
from jiebang.desk.cli import build_parser
from jiebang.desk.home import DeskError
from jiebang.engine import checker, parser
from jiebang.rulebook import packs
from tests.architecture.links import CODE, LINK, ROOT, broken

DOCS = ROOT / "docs"
PAGES = sorted(DOCS.rglob("*.md"))
SIBLING = re.compile(r"`(?P<address>/[^`]*)`")


def words_of(page: str) -> str:
    return (DOCS / page).read_text(encoding="utf-8")


def test_every_link_and_anchor_leads_somewhere() -> None:
    assert list(broken()) == []


def test_every_page_is_found_from_the_first_one() -> None:
    found, todo = set(), [DOCS / "README.md"]
    while todo:
        page = todo.pop()
        if page not in found:
            found.add(page)
            todo += [to for to in _linked(page) if to.suffix == ".md" and to.is_relative_to(DOCS)]
    decisions = {page for page in PAGES if page.parent.name == "decisions"}

    assert set(PAGES) - found - decisions == set()


def _linked(page: Path) -> Iterator[Path]:
    for link in LINK.finditer(CODE.sub("", page.read_text(encoding="utf-8"))):
        if ":" not in link["to"]:
            yield (page.parent / link["to"].partition("#")[0]).resolve()


@pytest.mark.parametrize("name", reference.PAGES)
def test_tables_of_the_reference_say_what_the_program_says(name: str) -> None:
    page = (ROOT / name).read_text(encoding="utf-8")

    assert reference.filled(page, name) == page, "Run: jiebang reference"


def test_every_table_is_shown() -> None:
    shown = {
        name
        for page in reference.PAGES
        for name in re.findall(r"<!-- table: ([\w -]+?) -->", (ROOT / page).read_text())
    }

    assert shown == set(reference.TABLES)


def test_a_key_without_a_meaning_stops_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    known, said = reference.KEYS["route"]
    monkeypatch.setitem(reference.KEYS, "route", ((*known, "brand-new"), said))

    with pytest.raises(DeskError, match="brand-new"):
        reference.filled("<!-- table: route -->\n<!-- end -->", "page")


def test_every_refusal_of_the_boards_is_shown_with_its_cases() -> None:
    codes = [shown.code for shown in reference._room_refusals("boards")]

    assert {"join-self", "join-missing", "join-closed", "join-board", "not-a-photo", "bad-pin"} <= set(codes)
    assert not [code for code in codes if "{" in code]


def test_every_address_of_the_site_is_listed() -> None:
    listed = {_shape(found["address"]) for found in SIBLING.finditer(words_of("reference/pages.md"))}
    missing = {address for address in map(_shape, _addresses()) if address not in listed}

    # What is left out on purpose: a page that tells an account that it is closed.
    assert missing - {"/accounts/inactive/"} - {"/log/<>"} == set()


def _addresses(of: URLResolver | None = None, before: str = "/") -> Iterator[str]:
    for pattern in (of or get_resolver()).url_patterns:
        here = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _addresses(pattern, here)
        elif isinstance(pattern, URLPattern):
            yield here


def _shape(address: str) -> str:
    return re.sub(r"<[^>]*>", "<>", address)


def test_every_command_is_in_the_reference() -> None:
    page = words_of("reference/command-line.md")

    assert [name for name in _commands(build_parser()) if f"`jiebang {name}" not in page] == []


def _commands(parser: argparse.ArgumentParser, before: str = "") -> Iterator[str]:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, command in action.choices.items():
                below = list(_commands(command, f"{before}{name} "))
                yield from below or [f"{before}{name}"]


def test_closing_times_on_the_page_are_those_of_the_residents_board() -> None:
    pack = packs.city("leshan")
    file = next(
        one for one in packs.mechanism_files(pack) if one.mechanism == "residents" and one.since == "2026-01-01"
    )
    program = parser.parse(file.text, vocabulary=packs.categories(pack))
    bounds = checker.check(program, calendar=packs.calendar(pack)).bounds
    assert bounds is not None

    page = words_of("explanation/closing-times.md")
    for said, length in (
        ("if nobody ever does anything", bounds.silent),
        ("in the ordinary way, every limit used up", bounds.main),
        ("at the very worst", bounds.worst),
    ):
        assert f"| {said} | {length.wd} | {length.calendar_days} |" in page


def test_no_page_names_a_folder_of_the_machine_it_was_written_on() -> None:
    named = re.compile(r"(?<![\w~.])/(root|work|tmp)/|(?<![\w~.])/home/(?!you\b)")

    assert [page.name for page in PAGES if named.search(page.read_text(encoding="utf-8"))] == []

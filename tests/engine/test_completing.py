"""What may stand at a place of a file: whoever writes is offered what the parser takes, and their own names."""

from __future__ import annotations

from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiebang.engine import nodes
from jiebang.engine.parser import hearing
from jiebang.engine.parser.caret import caret, keys_of
from jiebang.engine.parser.completing import Standing, standing
from jiebang.engine.tongues.words import FLAGS, PARTIES, TABLES, WORDS
from tests.engine.shipped import file_of

Lang = Literal["zh", "en"]
FILES = [("leshan", "hazard"), ("leshan", "residents"), ("generic", "complaint"), ("leshan", "council")]


def whole(pack: str, mechanism: str, lang: Lang) -> str:
    return hearing.turned(file_of(pack, mechanism).read_text("utf-8"), lang)


def at(text: str, where: str, *, reader: Lang = "en") -> Standing:
    """What may stand at the first `|`, which is taken out."""
    place = text.index(where) + where.index("|")
    before, after = text[:place], text[place:].removeprefix(where[where.index("|") :].removeprefix("|"))
    line, column = before.count("\n") + 1, len(before) - (before.rfind("\n") + 1)
    return standing(before + after, line, column, reader=reader)


def words(found: Standing) -> list[str]:
    return [option.word for option in found.options]


@pytest.mark.parametrize(("pack", "mechanism"), FILES)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_key_of_a_shipped_file_is_offered_where_it_stands(pack: str, mechanism: str, lang: Lang) -> None:
    text = whole(pack, mechanism, lang)
    known = {key for table in TABLES.values() for key in table} | {
        word for table in TABLES.values() for word, _ in table.values()
    }
    offered = 0
    for n, row in enumerate(text.splitlines(), 1):
        found = [key for path, key in keys_of(row) if not row.lstrip().startswith(("#", "-"))]
        if not found:
            continue
        here = standing(text, n, len(row) - len(row.lstrip()))
        if set(words(here)) & known:
            offered += 1
            assert found[0] in words(here) or found[0] not in known, (n, row, words(here))

    assert offered > 60


@pytest.mark.parametrize(("pack", "mechanism"), FILES)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_fixed_word_of_a_shipped_file_is_offered_where_it_stands(pack: str, mechanism: str, lang: Lang) -> None:
    text = whole(pack, mechanism, lang)
    fixed = {word for each in (*WORDS.values(), FLAGS, PARTIES) for pair in each.items() for word in pair}
    starts = [0]
    for row in text.splitlines(keepends=True):
        starts.append(starts[-1] + len(row))
    tried = 0
    for scalar in values(nodes.read(text)):
        column = scalar.at[0] - starts[scalar.line - 1]
        if scalar.text not in fixed or not column >= 0:
            continue
        here = standing(text, scalar.line, column)
        if here.path and {*words(here)} & fixed:
            tried += 1
            assert scalar.text in words(here), (scalar.line, scalar.text, here)

    assert tried > 20


def values(node: nodes.Node) -> list[nodes.Scalar]:
    if isinstance(node, nodes.Scalar):
        return [node]
    inside = node.items if isinstance(node, nodes.Sequence) else node.items.values()
    return [scalar for each in inside for scalar in values(each)]


START = """\
mechanism: lamps
states:
  raised:
    held by: desk
    within: 3 wd
    |
parties:
  desk: {office: board-office, of: area, level: county, title: The desk}
  upper: {office: duty, of: area, level: city, title: The city}
fields:
  solved: {type: yes-no, title: Solved?}
  kind: {type: choice, title: Kind, choices: {lamp: Lamp, road: Road}}
"""


def test_keys_that_are_there_already_are_not_offered_again() -> None:
    found = at(START, "3 wd\n    |")

    assert "else" in words(found) and "may" in words(found)
    assert not {"held by", "within"} & set(words(found))


@pytest.mark.parametrize(
    ("typed", "offered", "missing"),
    [
        ("else: |", [], ["then"]),
        ("held by: |", ["raiser", "desk", "upper"], ["area"]),
        ("may: {fix: {by: d|", ["desk"], ["by"]),
        ("may: {fix: {|", ["by", "to", "ask"], ["within"]),
        ("may: {fix: {by: desk, |", ["to", "ask"], ["by"]),
        ("may: {fix: {ask: [solved, |", ["kind", "kind?"], ["by"]),
        ("may: {fix: {if: |", ["solved is yes", "kind is lamp", "all duties done"], ["else"]),
        ("may: {fix: {to: {|", ["kind is road", "else"], ["by"]),
        ("may: {fix: {verifies: |", ["true", "call-back", "officer"], ["3 wd"]),
        ("within: |", ["3 wd", "15 wd since raised"], ["true"]),
        ("within: {|", ["amount", "until", "by"], ["3 wd"]),
        ("title: |", ["{zh: …, en: …}"], []),
    ],
)
def test_what_is_offered_while_a_line_is_typed(typed: str, offered: list[str], missing: list[str]) -> None:
    """The line is no YAML yet: a brace is open, a value is not there."""
    found = at(START.replace("|", typed), typed)

    assert set(offered) <= set(words(found)), words(found)
    assert not set(missing) & set(words(found))


def test_the_word_begun_is_told_with_its_column() -> None:
    found = at(START.replace("|", "held by: de|"), "held by: de|")

    assert (found.word, found.start, found.path) == ("de", 13, ("states", "raised", "held by"))


def test_meanings_are_in_the_readers_language_and_words_in_the_files() -> None:
    chinese = hearing.turned(START.replace("    |\n", ""), "zh").replace("限: 3个工作日\n", "限: 3个工作日\n    |\n")

    found = at(chinese, "工作日\n    |", reader="en")
    (late,) = [option for option in found.options if option.word == "逾期转"]
    assert late.insert == "逾期转: "
    assert late.meaning.startswith("With within and waits for")
    assert at(START, "3 wd\n    |", reader="zh").options[0].meaning[-1] == "。"
    chinese = chinese.replace("    |\n", "").replace("由: desk", "由: |")
    titles = {option.word: option.meaning for option in at(chinese, "由: |").options}
    assert titles["upper"] == "The city"
    assert "提出人" in titles


def test_an_empty_text_is_begun_in_the_readers_language() -> None:
    assert words(standing("", 1, reader="zh"))[0] == "机制"
    assert words(standing("", 1, reader="en"))[0] == "mechanism"
    assert [option.word for option in standing("", 1).options if option.wanted][:3] == ["mechanism", "since", "title"]


def test_what_must_be_there_is_marked() -> None:
    text = "states:\n  a:\n    may:\n      fix: {|}\n"

    assert [option.word for option in at(text, "{|}").options if option.wanted] == ["to"]


@given(st.text(alphabet="ab: {}[],'\"#-\n 由限状态", max_size=200), st.integers(-2, 30), st.none() | st.integers(0, 60))
def test_no_text_makes_it_fail(text: str, line: int, column: int | None) -> None:
    found = caret(text, line, column)
    offered: Any = standing(text, line, column)

    assert found.start >= 0
    assert offered.word == found.word

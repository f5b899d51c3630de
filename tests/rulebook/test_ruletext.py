"""A mechanism as the text of a rule: articles, a table, sources, how to check it, and nothing about who made it."""

from __future__ import annotations

import io
import re
import zipfile
from functools import cache

import pytest
from docx import Document
from hypothesis import given
from hypothesis import strategies as st

from jiebang.engine import canonical
from jiebang.rulebook import packs
from jiebang.rulebook.ruletext import RuleText, rule_text, written
from jiebang.rulebook.ruletext.articles import numeral
from tests.engine.shipped import compiled, file_of

LANGUAGES = pytest.mark.parametrize("lang", ["zh", "en"])


@cache
def rule(lang: str, mechanism: str = "hazard") -> RuleText:
    program = compiled(file_of("leshan", mechanism).read_text("utf-8"), "leshan")
    return rule_text(
        program,
        lang,
        program_hash=canonical.program_hash(program),
        calendar=packs.calendar(packs.city("leshan")),
        facts=[("适用范围", "全市")],
        cite=lambda source: "[1]",
        sources=["[1] 安全生产法（2021）第四十一条"],
        address="https://example.org/b/hazard/about",
    )


def words(data: bytes) -> str:
    document = Document(io.BytesIO(data))
    cells = (cell.text for table in document.tables for row in table.rows for cell in row.cells)
    return "\n".join([*(paragraph.text for paragraph in document.paragraphs), *cells])


@LANGUAGES
def test_every_state_has_an_article_that_says_who_owes_it_and_what_comes_of_silence(lang: str) -> None:
    program = compiled(file_of("leshan", "hazard").read_text("utf-8"), "leshan")
    articles = {article.heading: article for article in rule(lang).articles}

    for state in program.states.values():
        article = articles[state.title[lang]]
        target = program.states.get(state.clock_to) or program.finals[state.clock_to]
        assert f"“{target.title[lang]}”" in article.text
        assert "[1]" in article.text
        moves = [move.title[lang] for move in state.moves.values()]
        assert all(any(f"“{title}”" in clause for clause in article.clauses) for title in moves)


def test_articles_are_numbered_in_words_without_a_gap() -> None:
    assert [article.number for article in rule("zh").articles][:3] == ["第一条", "第二条", "第三条"]
    assert [article.number for article in rule("zh").articles][-1] == f"第{numeral(len(rule('zh').articles))}条"
    assert [article.number for article in rule("en").articles][:2] == ["Article 1.", "Article 2."]


@pytest.mark.parametrize(
    ("n", "said"),
    [(1, "一"), (10, "十"), (11, "十一"), (20, "二十"), (99, "九十九"), (103, "一百〇三"), (110, "一百一十")],
)
def test_numbers_are_said_as_laws_say_them(n: int, said: str) -> None:
    assert numeral(n) == said


@given(st.sets(st.integers(1, 999), min_size=2))
def test_no_two_numbers_are_said_alike(numbers: set[int]) -> None:
    assert len({numeral(n) for n in numbers}) == len(numbers)


@LANGUAGES
def test_the_worst_case_the_table_the_sources_and_the_hash_stand_in_the_file(lang: str) -> None:
    said = rule(lang)
    text = words(written(said))

    assert said.title in text
    assert any(promise in text for promise in ("无论怎样拖延", "At the very worst"))
    assert all(cell in text for row in said.table for cell in row)
    assert "安全生产法（2021）" in text
    assert re.search(r"[0-9a-f]{64}", text)
    assert "https://example.org/b/hazard/about" in text
    assert "None" not in text


@LANGUAGES
def test_the_file_says_nothing_about_who_or_what_wrote_it(lang: str) -> None:
    data = written(rule(lang))
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        names = parts.namelist()
        everything = b"\n".join(parts.read(name) for name in names).decode("utf-8", "replace")
        times = {part.date_time for part in parts.infolist()}

    assert names[0] == "[Content_Types].xml"
    assert not [name for name in names if "thumbnail" in name or "customXml" in name or "app.xml" in name]
    for trace in ("python", "Macintosh", "/tmp", "/home", "/root", "/work", "jiebang/"):
        assert trace not in everything
    document = Document(io.BytesIO(data))
    assert (document.core_properties.author, document.core_properties.last_modified_by) == ("", "")
    assert document.core_properties.title == rule(lang).title
    assert times == {(2000, 1, 1, 0, 0, 0)}


def test_the_same_rule_gives_the_same_bytes() -> None:
    assert written(rule("zh")) == written(rule("zh"))


def test_every_font_is_said_for_chinese_too() -> None:
    """Without `eastAsia` an office program takes the template's font for Chinese."""
    document = Document(io.BytesIO(written(rule("zh"))))
    key = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}eastAsia"

    for name in ("Normal", "Title", "Heading 1", "Body Text"):
        assert document.styles[name].element.rPr.rFonts.get(key) in ("仿宋", "黑体", "宋体")
    assert document.tables[0].rows[0]._tr.trPr.xml.count("tblHeader") == 1


def test_every_shipped_mechanism_can_be_put_on_paper() -> None:
    for file in packs.mechanism_files(packs.city("leshan")):
        said = rule("zh", file.mechanism)
        assert len(said.articles) >= 5
        assert words(written(said)).count("第") >= len(said.articles)

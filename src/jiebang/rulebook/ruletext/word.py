"""A rule as a Word file, set as official papers are: A4, articles numbered in words, a table, no trace of a machine.

The file says nothing about who or what wrote it, and the same rule gives the same bytes everywhere: the template's
thumbnail and custom data go, its properties are emptied, and the archive's times are fixed.
"""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass
from datetime import UTC, datetime

from docx import Document
from docx.document import Document as WordDocument
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from docx.styles.style import ParagraphStyle
from docx.text.paragraph import Paragraph

from jiebang.rulebook.ruletext.articles import RuleText, numeral

_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_UNWANTED = ("thumbnail", "customXml", "stylesWithEffects", "extended-properties")
_WIDTHS_MM = (22, 24, 28, 58, 24)


@dataclass(frozen=True, slots=True)
class _Look:
    """Fonts and sizes: Chinese as GB/T 9704 has it, with names every office program can replace."""

    body: str
    head: str
    title: str
    size: int
    table_size: float
    locale: str


_LOOKS = {
    "zh": _Look("仿宋", "黑体", "宋体", 16, 10.5, "zh-CN"),
    "en": _Look("Times New Roman", "Times New Roman", "Times New Roman", 11, 9, "en-GB"),
}


def written(rule: RuleText) -> bytes:
    """Return the file's bytes."""
    look = _LOOKS["zh" if rule.lang.startswith("zh") else "en"]
    document = Document()
    _strip(document, rule)
    _page(document)
    _styles(document, look)
    document.add_paragraph(rule.title, style="Title")
    for name, value in rule.facts:
        line = document.add_paragraph(style="Caption")
        line.add_run(f"{name}{'：' if look.locale == 'zh-CN' else ': '}{value}")
    for article in rule.articles:
        paragraph = document.add_paragraph(style="Body Text")
        blank = "　" if _is_zh(look) else " "
        heading = paragraph.add_run(f"{article.number}{blank}{article.heading}")
        heading.bold = not _is_zh(look)
        _font(heading._element.get_or_add_rPr(), look.head)
        if article.text:
            paragraph.add_run(f"{blank}{article.text}")
        for n, clause in enumerate(article.clauses, 1):
            mark = f"（{numeral(n)}）" if _is_zh(look) else f"({n}) "
            document.add_paragraph(f"{mark}{clause}", style="Body Text 2")
    document.add_paragraph(rule.table_title, style="Heading 1")
    _table(document, rule, look)
    for title, lines in ((rule.sources_title, rule.sources), (rule.check_title, rule.check)):
        if lines:
            document.add_paragraph(title, style="Heading 1")
            for said in lines:
                document.add_paragraph(said, style="Body Text 3")
    _page_numbers(document)
    return _packed(document)


def _is_zh(look: _Look) -> bool:
    return look.locale == "zh-CN"


def _strip(document: WordDocument, rule: RuleText) -> None:
    for part in (document.part.package, document.part):
        for key in [key for key, link in part.rels.items() if any(word in link.reltype for word in _UNWANTED)]:
            del part.rels[key]
    said = document.core_properties
    said.title, said.language = rule.title, _LOOKS["zh" if rule.lang.startswith("zh") else "en"].locale
    said.author = said.last_modified_by = said.comments = said.keywords = said.subject = said.category = ""
    said.created = said.modified = _EPOCH
    said.revision = 1


def _page(document: WordDocument) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(37), Mm(35)
    section.left_margin, section.right_margin = Mm(28), Mm(26)


def _styles(document: WordDocument, look: _Look) -> None:
    chinese = _is_zh(look)
    for name, font, size, bold in (
        ("Normal", look.body, look.size, False),
        ("Title", look.title, 22, True),
        ("Heading 1", look.head, look.size, not chinese),
        ("Caption", look.body, look.table_size + 1, False),
        ("Body Text", look.body, look.size, False),
        ("Body Text 2", look.body, look.size, False),
        ("Body Text 3", look.body, look.table_size + 1, False),
    ):
        style = document.styles[name]
        assert isinstance(style, ParagraphStyle)
        style.font.size, style.font.bold, style.font.italic = Pt(size), bold, False
        style.font.color.rgb = None
        _font(style.element.get_or_add_rPr(), font)
        form = style.paragraph_format
        form.space_before, form.space_after = Pt(0), Pt(4)
        form.line_spacing = 1.3
        if chinese and name in ("Body Text", "Body Text 2"):
            form.first_line_indent = Pt(2 * size)
        elif name == "Body Text 2":
            form.left_indent = Mm(8)
        if name == "Title":
            form.alignment, form.space_after = WD_ALIGN_PARAGRAPH.CENTER, Pt(12)
            _without_border(style)
        elif name == "Caption":
            form.alignment = WD_ALIGN_PARAGRAPH.CENTER
        elif name == "Heading 1":
            form.space_before, form.keep_with_next = Pt(18), True
    language = OxmlElement("w:lang")
    language.set(qn("w:val"), look.locale)
    language.set(qn("w:eastAsia"), "zh-CN")
    document.styles["Normal"].element.get_or_add_rPr().append(language)


def _without_border(style: ParagraphStyle) -> None:
    properties = style.element.get_or_add_pPr()
    for border in properties.findall(qn("w:pBdr")):
        properties.remove(border)


def _font(properties: object, name: str) -> None:
    """Set one font for every script: without `eastAsia` Chinese keeps the template's."""
    fonts = properties.get_or_add_rFonts()  # type: ignore[attr-defined]  # an element class the library makes at run time
    for key in list(fonts.attrib):
        del fonts.attrib[key]
    for script in ("ascii", "hAnsi", "eastAsia", "cs"):
        fonts.set(qn(f"w:{script}"), name)


def _table(document: WordDocument, rule: RuleText, look: _Look) -> None:
    table = document.add_table(rows=0, cols=len(rule.table[0]))
    table.style = "Table Grid"
    table.autofit = False
    for column, width in zip(table.columns, _WIDTHS_MM, strict=True):
        column.width = Mm(width)
    for n, texts in enumerate(rule.table):
        row = table.add_row()
        for cell, text, width in zip(row.cells, texts, _WIDTHS_MM, strict=True):
            cell.width = Mm(width)
            paragraph = cell.paragraphs[0]
            for i, line in enumerate(text.split("\n")):
                _cell_line(paragraph if i == 0 else cell.add_paragraph(), line, look, bold=n == 0)
        properties = row._tr.get_or_add_trPr()
        properties.append(OxmlElement("w:cantSplit"))
        if n == 0:
            properties.append(OxmlElement("w:tblHeader"))


def _cell_line(paragraph: Paragraph, text: str, look: _Look, *, bold: bool) -> None:
    run = paragraph.add_run(text)
    run.font.size, run.bold = Pt(look.table_size), bold
    paragraph.paragraph_format.space_after = Pt(1)
    paragraph.paragraph_format.line_spacing = 1.1


def _page_numbers(document: WordDocument) -> None:
    paragraph = document.sections[0].footer.paragraphs[0]
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    run = paragraph.add_run()
    for kind, text in (("begin", ""), ("", "PAGE"), ("end", "")):
        part = OxmlElement("w:fldChar" if kind else "w:instrText")
        if kind:
            part.set(qn("w:fldCharType"), kind)
        else:
            part.text = text
        run._element.append(part)


def _packed(document: WordDocument) -> bytes:
    raw, packed = io.BytesIO(), io.BytesIO()
    document.save(raw)
    with zipfile.ZipFile(raw) as old, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as new:
        for name in sorted(old.namelist(), key=lambda name: (name != "[Content_Types].xml", name)):
            new.writestr(zipfile.ZipInfo(name, (2000, 1, 1, 0, 0, 0)), old.read(name), zipfile.ZIP_DEFLATED)
    return packed.getvalue()

"""A file's bytes read into rows of text. Spreadsheets come from strangers: everything is bounded before it is opened.

Formulas are never computed; a cell that holds one comes out as its text, so that whoever imports it is told. Source of
the encodings: GB 18030-2022, which every Chinese spreadsheet program writes, and UTF-8.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator
from datetime import date, datetime

from jiebang.engine.model import Refused
from jiebang.engine.rounds.refusals import refuse
from jiebang.engine.rounds.rows import Row

MOST_BYTES = 5 * 1024 * 1024
MOST_UNPACKED = 60 * 1024 * 1024
MOST_PARTS = 200
MOST_ROWS = 20_000
MOST_COLUMNS = 60
MOST_CELL = 2_000
_LOOKED_AT = 4096  # bytes of a part in which a document type would stand


class SheetError(Exception):
    """Why a file cannot be read, as a refusal."""

    def __init__(self, refused: Refused) -> None:
        self.refused = refused
        super().__init__(refused.what["en"])


def read(content: bytes) -> list[Row]:
    """Return a file's rows, each with its number as a spreadsheet shows it; empty ones are left out.

    Raises:
        SheetError: too large, not a spreadsheet, or made to harm whoever opens it.
    """
    if len(content) > MOST_BYTES:
        raise _too_large(f"{MOST_BYTES // 1024 // 1024} MB")
    rows = _excel(content) if content[:4] == b"PK\x03\x04" else _csv(content)
    return list(_bounded(rows))


def _bounded(rows: Iterable[tuple[int, list[str]]]) -> Iterator[Row]:
    n = 0
    for number, cells in rows:
        while cells and not cells[-1].strip():
            cells.pop()
        if not cells:
            continue
        n += 1
        if n > MOST_ROWS:
            raise _too_large(f"{MOST_ROWS} 行 (rows)")
        if len(cells) > MOST_COLUMNS:
            raise _too_large(f"{MOST_COLUMNS} 栏 (columns)")
        if any(len(cell) > MOST_CELL for cell in cells):
            raise _too_large(f"{MOST_CELL} 字/格 (characters a cell)")
        yield Row(number, tuple(cells))


# ── CSV ─────────────────────────────────────────────────────────────────────────────────────────────────────


def _csv(content: bytes) -> Iterator[tuple[int, list[str]]]:
    text = _decoded(content)
    if "\x00" in text:
        raise _unreadable("不是文本", "it is not text")
    heading = text.partition("\n")[0]
    delimiter = max(",;\t", key=heading.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        for cells in reader:
            yield reader.line_num, cells
    except csv.Error as wrong:
        raise _unreadable(f"第 {reader.line_num} 行", f"line {reader.line_num}: {wrong}") from wrong


def _decoded(content: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise _unreadable("既不是 UTF-8 也不是 GB18030", "it is neither UTF-8 nor GB18030")


# ── Excel ───────────────────────────────────────────────────────────────────────────────────────────────────


def _excel(content: bytes) -> Iterator[tuple[int, list[str]]]:
    from openpyxl import load_workbook  # 0.1 s, which no other page shall pay for

    _refuse_bombs(content)
    try:
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=False, keep_links=False)
        sheet = book.worksheets[0]
        sheet.reset_dimensions()  # what a sheet says of its own size need not be true
        for number, cells in enumerate(sheet.iter_rows(max_col=MOST_COLUMNS + 1, max_row=MOST_ROWS * 2), 1):
            yield number, [_text(cell.value) for cell in cells]
    except SheetError:
        raise
    # openpyxl lets through whatever its parsers raise on a broken file.
    except Exception as wrong:
        raise _unreadable("不是完好的 .xlsx", f"it is no sound .xlsx ({type(wrong).__name__})") from wrong


def _refuse_bombs(content: bytes) -> None:
    """Look at the archive's list before anything is unpacked: how many parts, how large, no document types."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
            if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
                raise _too_large(f"{MOST_UNPACKED // 1024 // 1024} MB 解压后 (unpacked)")
            for part in parts:
                if part.filename.endswith((".xml", ".rels")):
                    with archive.open(part) as opened:
                        if b"<!DOCTYPE" in opened.read(_LOOKED_AT).upper():
                            raise _unreadable("含有文档类型声明", "it declares a document type")
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, ValueError) as wrong:
        raise _unreadable("不是完好的 .xlsx", "it is no sound .xlsx") from wrong


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    text = getattr(value, "text", value)  # an array formula is an object of its own
    return f"={text}" if text is not value and not str(text).startswith("=") else str(text)


def _too_large(most: str) -> SheetError:
    return SheetError(refuse("sheet-too-large", most=most))


def _unreadable(zh: str, en: str) -> SheetError:
    refused = refuse("sheet-unreadable", why="")
    what = {"zh": f"这个文件读不出来：{zh}。", "en": f"This file cannot be read: {en}."}
    return SheetError(Refused(refused.code, refused.rule, what, refused.next_step))

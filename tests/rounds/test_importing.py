"""Importing a register: looked at before it is written, refused cell by cell, versioned, bounded."""

from __future__ import annotations

import io
import zipfile
from datetime import timedelta

import pytest
from openpyxl import Workbook

from jiebang.engine.model import Refused
from jiebang.rounds import queries, services
from jiebang.rounds.models import Import, Row
from jiebang.rounds.services import Imported, Looked, SheetError, read
from tests.boards.city import COMMUNITY, MONDAY_NINE, OTHER_COMMUNITY, Town
from tests.rounds.city import SHEET

HEADING = "编号,位置,社区,类型,人数,联系电话\n"


def looked(town: Town, sheet: str, *, whole: bool = True, who: str = "office") -> Looked | Refused:
    rows = read(sheet.encode())
    return services.look("points", rows, actor=town.people[who], name="a.csv", whole=whole, at=MONDAY_NINE)


def plan(town: Town, sheet: str, *, whole: bool = True) -> Looked:
    found = looked(town, sheet, whole=whole)
    assert isinstance(found, Looked), found
    return found


def wrong(town: Town, sheet: str) -> list[tuple[int, str, str]]:
    return [(one.row, one.letter, one.what["en"]) for one in plan(town, sheet).plan.refused]


def excel(*rows: list[object]) -> bytes:
    book = Workbook()
    assert book.active is not None
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_looking_says_what_would_be_added_changed_and_removed_and_writes_nothing(town: Town) -> None:
    sheet = HEADING + f"P1,一号坡,{COMMUNITY},slope,15,13800000001\nP4,四号坡,{COMMUNITY},slope,1,\n"

    seen = plan(town, sheet).plan

    assert [one.key for one in seen.added] == ["P4"]
    assert [(one.key, one.fields) for one in seen.changed] == [("P1", ["people"])]
    assert seen.removed == ("P2", "P3") and seen.refused == ()
    assert queries.how_many("points") == 3 and Import.objects.filter(register="points").count() == 1


def test_a_part_of_the_list_removes_nothing(town: Town) -> None:
    seen = plan(town, HEADING + f"P1,一号坡,{COMMUNITY},slope,15,13800000001\n", whole=False).plan

    assert seen.removed == () and len(seen.changed) == 1


def test_what_was_looked_at_is_written_as_the_next_version_and_the_old_one_can_be_read(town: Town) -> None:
    seen = plan(town, HEADING + f"P1,一号坡,{COMMUNITY},slope,15,13800000001\n")

    made = services.write(seen.sheet, actor=town.office, at=MONDAY_NINE + timedelta(days=1))

    assert made == Imported("points", 2, 0, 1, 2)
    assert [row.key for row in queries.rows("points")] == ["P1"]
    then = queries.version_on("points", MONDAY_NINE + timedelta(hours=1))
    assert then == 1 and len(queries.rows("points", version=then)) == 3


def test_a_sheet_is_not_written_over_a_newer_version(town: Town) -> None:
    first = plan(town, HEADING + f"P1,一号坡,{COMMUNITY},slope,15,\n")
    second = plan(town, HEADING + f"P1,一号坡,{COMMUNITY},slope,16,\n")
    services.write(first.sheet, actor=town.office, at=MONDAY_NINE)

    answer = services.write(second.sheet, actor=town.office, at=MONDAY_NINE)

    assert isinstance(answer, Refused) and answer.code == "register-overtaken"


@pytest.mark.parametrize(
    ("line", "column", "word"),
    [
        ("P9,,511102001001,slope,1,", "B", "must not be empty"),
        ("P9,坡,没有这里,slope,1,", "C", "no such area"),
        (f"P9,坡,{OTHER_COMMUNITY},slope,1,", "C", "not yours"),
        ("P9,坡,板厂街社区,陡坡,1,", "D", ""),
        ("P9,坡,板厂街社区,slope,-5,", "E", ""),
        ("P9,坡,板厂街社区,slope,1,不知道", "F", "phone"),
        ("P9,王先生 13812345678,板厂街社区,slope,1,", "B", "somebody's number"),
        ('P9,"=1+1",板厂街社区,slope,1,', "B", "formula"),
    ],
)
def test_a_cell_that_cannot_be_taken_is_named_by_row_and_column(town: Town, line: str, column: str, word: str) -> None:
    [(row, letter, what)] = wrong(town, HEADING + line + "\n")

    assert (row, letter) == (2, column) and word in what


def test_with_one_wrong_cell_nothing_is_written(town: Town) -> None:
    seen = plan(town, HEADING + f"P1,一号坡,{COMMUNITY},slope,15,\nP2,二号坡,哪里,slope,1,\n")

    answer = services.write(seen.sheet, actor=town.office, at=MONDAY_NINE)

    assert isinstance(answer, Refused) and answer.code == "register-refused"
    assert queries.how_many("points") == 3


def test_a_key_that_stands_twice_and_a_missing_column_are_said(town: Town) -> None:
    assert wrong(town, HEADING + f"P1,坡,{COMMUNITY},slope,1,\nP1,坡,{COMMUNITY},slope,1,\n")[0][:2] == (3, "A")
    assert "missing" in wrong(town, "编号,社区\nP1,板厂街社区\n")[0][2]


def test_only_whoever_keeps_a_register_imports_it_and_reads_what_is_not_public(town: Town) -> None:
    answer = looked(town, SHEET, who="community")

    assert isinstance(answer, Refused) and answer.code == "register-not-yours"
    assert all("keeper" not in row.public and not row.kept for row in queries.rows("points"))
    assert queries.rows("points", keeper=town.office)[0].kept == {"keeper": "13800000001"}
    assert queries.rows("homes") == []


def test_an_excel_file_and_gb18030_are_read_as_they_are_meant(town: Town) -> None:
    made = read(excel(["编号", "位置", "社区", "人数"], ["P5", "坡", "板厂街社区", 12.0]))
    chinese = read((HEADING + "P1,一号坡,板厂街社区,滑坡,1,\n").encode("gb18030"))

    assert made[1].cells == ("P5", "坡", "板厂街社区", "12")
    assert chinese[1].cells[1] == "一号坡"


def test_a_formula_of_excel_is_not_computed(town: Town) -> None:
    rows = read(excel(["编号", "位置", "社区"], ["P5", "=1+1", "板厂街社区"]))
    seen = services.look("points", rows, actor=town.office, name="a.xlsx", whole=False, at=MONDAY_NINE)

    assert isinstance(seen, Looked) and "formula" in seen.plan.refused[0].what["en"]


def _zip(**parts: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(f"{name}.xml", content)
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"x" * (5 * 1024 * 1024 + 1), "sheet-too-large"),
        (_zip(a=b"\0" * 70_000_000), "sheet-too-large"),
        (_zip(**{f"p{n}": b"" for n in range(300)}), "sheet-too-large"),
        (_zip(a=b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><a/>'), "sheet-unreadable"),
        (_zip(a=b"<a/>"), "sheet-unreadable"),
        (b"PK\x03\x04" + b"\xff" * 100, "sheet-unreadable"),
        (b"\xff\xfe\xff\x80\x80", "sheet-unreadable"),
        (b"a\x00b\n", "sheet-unreadable"),
        (b"a,b\n" + b"1,2\n" * 20_001, "sheet-too-large"),
        (b"a" + b",b" * 61, "sheet-too-large"),
        (b"a\n" + b"x" * 2_001, "sheet-too-large"),
    ],
)
def test_a_file_made_to_harm_is_refused_before_it_costs_anything(content: bytes, code: str) -> None:
    with pytest.raises(SheetError) as refused:
        read(content)

    assert refused.value.refused.code == code


def test_what_is_not_public_never_stands_beside_what_is(town: Town) -> None:
    assert all("13800" not in str(row.public) for row in Row.objects.all())
    assert all(row.public == {} for row in Row.objects.filter(register="homes"))

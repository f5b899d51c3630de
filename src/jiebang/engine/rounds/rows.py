"""A sheet looked at before anything is written: what would be added, changed, removed, and what cannot be taken.

Pure: cells in, a plan out. Each cell that cannot be taken is named by its row and column, with the reason.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from jiebang.engine.answers import kept_form
from jiebang.engine.model import Field, Json, Refused, Texts
from jiebang.engine.rounds.model import Register

Values: TypeAlias = Mapping[str, Json]
YES = {"yes", "y", "true", "1", "是", "有"}
NO = {"no", "n", "false", "0", "否", "无", "没有"}
MOST_SHOWN = 200  # refused cells told; the rest is a number


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a sheet: its number as the sheet shows it, and its cells as text."""

    number: int
    cells: Sequence[str]


@dataclass(frozen=True, slots=True)
class Wrong:
    """A cell that cannot be taken, or (column 0) a whole row. Row 1 is the heading."""

    row: int
    column: int
    heading: str
    what: Texts

    @property
    def letter(self) -> str:
        """The column as a spreadsheet names it: A … Z, AA …"""
        letters, n = "", self.column
        while n:
            n, rest = divmod(n - 1, 26)
            letters = chr(65 + rest) + letters
        return letters


@dataclass(frozen=True, slots=True)
class Change:
    """A row that would be written: what it says, and what it said before (nothing: it is new)."""

    row: int
    key: str
    values: Values
    before: Values | None = None

    @property
    def fields(self) -> list[str]:
        """The fields that differ, by name."""
        before = self.before or {}
        return sorted(name for name in {*before, *self.values} if before.get(name) != self.values.get(name))


@dataclass(frozen=True, slots=True)
class Plan:
    """What an import would do. With anything refused nothing is written at all."""

    added: tuple[Change, ...] = ()
    changed: tuple[Change, ...] = ()
    removed: tuple[str, ...] = ()
    same: int = 0
    refused: tuple[Wrong, ...] = ()
    unknown: tuple[str, ...] = ()  # headings that are no field: passed over, and said so

    @property
    def does_something(self) -> bool:
        return bool(self.added or self.changed or self.removed)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a sheet is read against. `areas` finds the codes of an area named by code or name; `reaches` says whether
    the importer keeps that area; `number_in` finds a telephone or identity number in a public text."""

    areas: Callable[[str], Sequence[str]]
    reaches: Callable[[str], bool]
    number_in: Callable[[str], str] = field(default=lambda text: "")


def planned(
    register: Register, rows: Sequence[Row], current: Mapping[str, Values], around: Surroundings, *, whole: bool
) -> Plan:
    """Return what importing these rows would do; the first row is the heading.

    `current` are the rows of today by key. With `whole` the sheet is the complete list of the importer's areas, and
    what is missing in it is removed; otherwise it only adds and changes, and a column that is not there stays as it is.
    """
    if not rows:
        return Plan(refused=(_wrong(1, 0, "", "文件是空的。", "The file is empty."),))
    columns, wrong, unknown = _columns(register, rows[0])
    if wrong:
        return Plan(refused=tuple(wrong), unknown=tuple(unknown))
    reader = _Sheet(register, columns, rows[0].cells, around)
    read = [(row.number, reader.row(row)) for row in rows[1:] if any(cell.strip() for cell in row.cells)]
    added: list[Change] = []
    changed: list[Change] = []
    same = 0
    seen: dict[str, int] = {}
    for number, values in read:
        key = str(values.get(register.key, ""))
        if not key:
            continue
        if key in seen:
            reader.say(number, register.key, f"和第 {seen[key]} 行重复。", f"It stands in row {seen[key]} already.")
            continue
        seen[key] = number
        before = current.get(key)
        if before is not None and not around.reaches(str(before.get(register.area, ""))):
            reader.say(
                number, register.key, "这个编号属于别的地区。", "This key belongs to an area that is not yours to keep."
            )
            continue
        said = values if before is None else {**before, **values}
        said = {name: value for name, value in said.items() if value is not None}
        if before is None:
            added.append(Change(number, key, said))
        elif said != dict(before):
            changed.append(Change(number, key, said, before))
        else:
            same += 1
    removed = [
        key
        for key, values in current.items()
        if whole and key not in seen and around.reaches(str(values.get(register.area, "")))
    ]
    return Plan(tuple(added), tuple(changed), tuple(removed), same, tuple(reader.wrong), tuple(unknown))


def _columns(register: Register, heading: Row) -> tuple[dict[int, Field], list[Wrong], list[str]]:
    """Return column → field; a field may be named by its id or by its title in any language."""
    names = {
        word.strip().casefold(): one for one in register.fields.values() for word in (one.name, *one.title.values())
    }
    found: dict[int, Field] = {}
    unknown: list[str] = []
    for place, cell in enumerate(heading.cells, 1):
        words = cell.strip()
        one = names.get(words.casefold().removesuffix("*").strip())
        if one is not None:
            found[place] = one
        elif words:
            unknown.append(words[:60])
    twice = [name for name, n in Counter(one.name for one in found.values()).items() if n > 1]
    wrong = [
        _wrong(heading.number, 0, name, f"“{name}”这一栏出现了两次。", f"The column “{name}” stands twice.")
        for name in twice
    ]
    there = {one.name for one in found.values()}
    wrong += [
        _wrong(
            heading.number,
            0,
            name,
            f"缺少“{_called(register, name, 'zh')}”这一栏。",
            f"The column “{_called(register, name, 'en')}” is missing.",
        )
        for name in register.wanted
        if name not in there
    ]
    return found, wrong, unknown


def _called(register: Register, name: str, lang: str) -> str:
    title = register.fields[name].title
    return title.get(lang) or next(iter(title.values()), name)


@dataclass(slots=True)
class _Sheet:
    """Reads rows, gathering what cannot be taken."""

    register: Register
    columns: Mapping[int, Field]
    headings: Sequence[str]
    around: Surroundings
    wrong: list[Wrong] = field(default_factory=list)

    def row(self, row: Row) -> dict[str, Json]:
        """Return field → value of a row; None where its cell is empty."""
        found: dict[str, Json] = {}
        for place, one in self.columns.items():
            cell = row.cells[place - 1].strip() if place <= len(row.cells) else ""
            if not cell:
                found[one.name] = None
                if one.name in self.register.wanted:
                    self.say(row.number, one.name, "不能留空。", "It must not be empty.")
                continue
            value = self.cell(row.number, one, cell)
            if value is not None:
                found[one.name] = value
        return found

    def cell(self, row: int, one: Field, cell: str) -> Json:
        if cell.startswith("="):
            self.say(
                row,
                one.name,
                "这是公式，不会计算；请粘贴为数值。",
                "This is a formula, which is not computed; paste its value.",
            )
            return None
        if one.type == "area":
            return self.area(row, one, cell)
        value = kept_form(one, _as_answer(one, cell))
        if isinstance(value, Refused):
            self.wrong.append(Wrong(row, self.place(one.name), self.heading(one.name), value.what))
            return None
        if one.visible == "public" and isinstance(value, str) and (number := self.around.number_in(value)):
            self.say(
                row,
                one.name,
                f"公开的一栏里有个人号码（{number}）。",
                f"There is somebody's number in a public column ({number}).",
            )
            return None
        return value

    def area(self, row: int, one: Field, cell: str) -> str | None:
        codes = self.around.areas(cell)
        if len(codes) != 1:
            zh = "有好几个同名的地区，请写代码。" if codes else "没有这个地区，请写全名或代码。"
            en = (
                "Several areas bear this name; write its code."
                if codes
                else "There is no such area; write its name or code."
            )
            self.say(row, one.name, zh, en)
            return None
        if one.name == self.register.area and not self.around.reaches(codes[0]):
            self.say(row, one.name, "这个地区不归您维护。", "This area is not yours to keep.")
            return None
        return codes[0]

    def say(self, row: int, name: str, zh: str, en: str) -> None:
        self.wrong.append(_wrong(row, self.place(name), self.heading(name), zh, en))

    def place(self, name: str) -> int:
        return next((place for place, one in self.columns.items() if one.name == name), 0)

    def heading(self, name: str) -> str:
        place = self.place(name)
        return self.headings[place - 1].strip() if place else name


def _as_answer(one: Field, cell: str) -> str:
    """A cell as a form would send it: a choice by its title, a yes in any of its words."""
    if one.type == "choice":
        wanted = cell.casefold()
        for choice in one.choices:
            if wanted in (choice.id.casefold(), *(title.casefold() for title in choice.title.values())):
                return choice.id
    if one.type == "yes-no":
        return "yes" if cell.casefold() in YES else "no" if cell.casefold() in NO else cell
    if one.type == "number" and cell.endswith(".0"):
        return cell.removesuffix(".0")
    return cell


def _wrong(row: int, column: int, heading: str, zh: str, en: str) -> Wrong:
    return Wrong(row, column, heading, {"zh": zh, "en": en})


def safe_cells(values: Sequence[str]) -> Iterator[str]:
    """Return cells that no spreadsheet runs as a formula when the sheet is opened again."""
    for value in values:
        yield f"'{value}" if value[:1] in ("=", "+", "-", "@", "\t", "\r") else value

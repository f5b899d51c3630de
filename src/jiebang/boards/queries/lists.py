"""A board: its pages, what a reader narrows it by, and how many there are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from jiebang.boards import bigrams
from jiebang.boards.database import ask, ask_planned_anew
from jiebang.boards.drafts import milliseconds, moment
from jiebang.boards.queries.rows import ROW, Row, area_column, row_from
from jiebang.engine.model import Texts
from jiebang.people import queries as people
from jiebang.rulebook import queries as rulebook

PAGE = 50
COUNT_CAP = 1000


@dataclass(frozen=True, slots=True)
class Filters:
    """What a reader narrows a board by. `area` is any area of the city; `text` words, a number, or one character."""

    area: str = ""
    category: str = ""
    state: str = ""
    overdue: bool = False
    failed: bool = False
    meaning: str = ""
    text: str = ""
    is_open: bool | None = None
    states: tuple[str, ...] = ()  # any of these
    posted: bool = False  # only what has a public text


@dataclass(frozen=True, slots=True)
class BoardPage:
    """`count` stops at 1,000 (`is_capped`): counting further would cost more than it tells. `next` continues."""

    rows: tuple[Row, ...]
    count: int
    is_capped: bool
    next: str


def board(
    mechanism: str, filters: Filters = Filters(), *, after: str = "", size: int = PAGE, count: bool = True
) -> BoardPage:
    """Return one page of a board, newest first; `after` is the `next` of the page before.

    Whoever shows no number asks without `count`, which is then 0: counting costs more than the few newest rows.
    """
    narrowed = _narrowed(mechanism, filters)
    if narrowed is None:
        return BoardPage((), 0, False, "")
    where, wanted = narrowed
    source, asked = "boards_entry e", ask
    if "s.bigrams" in where:
        source, asked = f"{source} JOIN boards_text s ON s.entry_id = e.id", ask_planned_anew
    counted = 0
    if count:
        all_found = f"SELECT 1 FROM {source} WHERE {where} LIMIT {COUNT_CAP + 1}"
        counted = asked(f"SELECT count(*) FROM ({all_found}) found", wanted)[0][0]
    page_where, page_wanted = where, dict(wanted)
    if (start := cursor_of(after)) is not None:
        page_where += " AND (e.raised_at, e.id) < (%(raised_at)s, %(id)s)"
        page_wanted |= {"raised_at": start[0], "id": start[1]}
    found = asked(
        f"SELECT {ROW} FROM (SELECT e.* FROM {source} WHERE {page_where}"
        " ORDER BY e.raised_at DESC, e.id DESC LIMIT %(size)s) e"
        " LEFT JOIN boards_text t ON t.entry_id = e.id ORDER BY e.raised_at DESC, e.id DESC",
        page_wanted | {"size": size + 1},
    )
    more = len(found) > size
    shown = found[:size]
    following = f"{milliseconds(shown[-1][13])}-{shown[-1][17]}" if more else ""
    return BoardPage(tuple(row_from(row) for row in shown), min(counted, COUNT_CAP), counted > COUNT_CAP, following)


def counts(mechanism: str, *, area: str = "", states: Sequence[str] = ()) -> dict[str, int]:
    """Return how many entries are open, overdue, failed, solved, each counted up to 1,001.

    With `states` also how many are in any of them (`in_states`).
    """
    each = {
        "open": "e.meaning IS NULL",
        "overdue": "e.overdue",
        "failed": "e.meaning = 'failed'",
        "solved": "e.meaning = 'solved'",
    }
    if states:
        each["in_states"] = "e.state = ANY(%(in_states)s::text[])"
    narrowed = _narrowed(mechanism, Filters(area=area))
    if narrowed is None:
        return dict.fromkeys(each, 0)
    where, wanted = narrowed
    if states:
        wanted["in_states"] = list(states)
    inner = ", ".join(
        f"(SELECT count(*) FROM (SELECT 1 FROM boards_entry e WHERE {where} AND {more} LIMIT {COUNT_CAP + 1}) c)"
        for more in each.values()
    )
    return dict(zip(each, ask(f"SELECT {inner}", wanted)[0], strict=True))


def _narrowed(mechanism: str, filters: Filters) -> tuple[str, dict[str, Any]] | None:
    """Return the WHERE of a board and its values, or None when nothing can match."""
    # A veiled board has no public page. Asked of the rules, not of each row: counting then reads the index alone.
    if any(version.program.log == "veiled" for version in rulebook.versions(mechanism)):
        return None
    where = ["e.mechanism = %(mechanism)s"]
    wanted: dict[str, Any] = {"mechanism": mechanism}
    if any("\x00" in value for value in (mechanism, filters.area, filters.category, filters.state, filters.text)):
        return None
    if filters.area:
        column = area_column(filters.area)
        if column is None:
            return None
        if column:
            where.append(f"e.{column} = %(area)s")
            wanted["area"] = filters.area
    for name in ("category", "state", "meaning"):
        if value := getattr(filters, name):
            where.append(f"e.{name} = %({name})s")
            wanted[name] = value
    if filters.overdue:
        where.append("e.overdue")
    if filters.failed:
        where.append("e.meaning = 'failed'")
    if filters.is_open is not None:
        where.append("e.meaning IS NULL" if filters.is_open else "e.meaning IS NOT NULL")
    if filters.states:
        where.append("e.state = ANY(%(states)s::text[])")
        wanted["states"] = list(filters.states)
    if filters.posted:
        where.append("EXISTS (SELECT 1 FROM boards_text p WHERE p.entry_id = e.id AND p.title <> '')")
    if text := filters.text.strip()[:200]:
        found = _searched(mechanism, text)
        if found is None:
            return None
        where.append(found[0])
        wanted |= found[1]
    return " AND ".join(where), wanted


def _searched(mechanism: str, text: str) -> tuple[str, dict[str, Any]] | None:
    """Return the condition a search text stands for: a number, pairs of characters, or the start of a name."""
    if rulebook.city().prefix and text.upper().startswith(f"{rulebook.city().prefix}-"):
        return "e.number = %(text)s", {"text": text.upper()}
    pairs = bigrams.wanted(text)
    if pairs:
        return "s.bigrams @> %(pairs)s::text[]", {"pairs": pairs}
    if len(text) != 1:
        return None
    categories = [choice.id for choice in _categories(mechanism) if _starts(choice.title, text)]
    areas = [
        view.code
        for level in rulebook.city().levels[1:4]
        for view in people.areas_at(level)
        if _starts(view.names, text)
    ]
    if not categories and not areas:
        return None
    return (
        "(e.category = ANY(%(categories)s::text[]) OR e.area_1 = ANY(%(areas)s::text[])"
        " OR e.area_2 = ANY(%(areas)s::text[]) OR e.area_3 = ANY(%(areas)s::text[]))",
        {"categories": categories, "areas": areas},
    )


def _starts(names: Texts, text: str) -> bool:
    return any(name.casefold().startswith(text.casefold()) for name in names.values())


def _categories(mechanism: str) -> Sequence[Any]:
    for version in rulebook.mechanisms():
        if version.mechanism == mechanism and "category" in version.program.fields:
            return version.program.fields["category"].choices
    return ()


def cursor_of(after: str) -> tuple[datetime, int] | None:
    first, _, second = after.partition("-")
    if not (first.isascii() and first.isdecimal() and second.isascii() and second.isdecimal()):
        return None
    return (moment(int(first)), int(second)) if len(first) < 15 and len(second) < 19 else None

"""A board: its pages, what a reader narrows it by, and how many there are."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from jiebang.boards import bigrams
from jiebang.boards.database import ask, ask_planned_anew
from jiebang.boards.drafts import milliseconds, moment
from jiebang.boards.queries.rows import ROW, Row, area_column, row_from
from jiebang.boards.queries.searching import COUNT_CAP, Hits, hits_of
from jiebang.engine.model import Texts
from jiebang.people import queries as people
from jiebang.rulebook import queries as rulebook

PAGE = 50


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
    """`count` stops at 1,000 at the latest; `is_capped` says that there are more, or may be: counting further would
    cost more than it tells. `next` continues."""

    rows: tuple[Row, ...]
    count: int
    is_capped: bool
    next: str


def board(
    mechanism: str,
    filters: Filters = Filters(),
    *,
    after: str = "",
    size: int = PAGE,
    count: bool = True,
    hits: Hits | None = None,
) -> BoardPage:
    """Return one page of a board, newest first; `after` is the `next` of the page before.

    Whoever shows no number asks without `count`, which is then 0: counting costs more than the few newest rows.
    `hits` are those of the filters' text, for whoever asks several boards the same; without, they are looked up.
    """
    narrowed = _narrowed(mechanism, filters)
    if narrowed is None:
        return BoardPage((), 0, False, "")
    where, wanted = narrowed
    source, asked = "boards_entry e", ask
    matches, enough = "", False  # what is common enough to walk for; whether that is known to be beyond the cap
    if "pairs" in wanted:
        hits, asked = hits or hits_of(wanted["pairs"]), ask_planned_anew
        if hits.are_all:
            # Fenced off: else PostgreSQL may walk the whole board from its newest, looking for these few.
            source = "(SELECT * FROM boards_entry WHERE id = ANY(%(hits)s::bigint[]) OFFSET 0) e"
            wanted["hits"] = hits.ids
            del wanted["pairs"]
        else:
            enough = bool(count and hits.ids) and filters == Filters(text=filters.text) and _have(mechanism, hits)
            source, matches = f"{source} JOIN boards_text s ON s.entry_id = e.id", "s.bigrams @> %(pairs)s::text[]"
    page_where, page_wanted = " AND ".join(each for each in (where, matches) if each), dict(wanted)
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
    counted, is_capped = len(found), False  # one page that holds all of them needs no counting
    if not count:
        counted = 0
    elif enough:
        counted, is_capped = COUNT_CAP, True
    elif more or start is not None:
        counted, is_capped = _counted(source, where, matches, wanted, asked)
    return BoardPage(
        tuple(row_from(row) for row in shown), max(counted, len(shown) if count else 0), is_capped, following
    )


def _counted(
    source: str, where: str, matches: str, wanted: Mapping[str, Any], asked: Callable[..., list[Any]]
) -> tuple[int, bool]:
    """Return how many there are, up to the cap, and whether there are or may be more."""
    if matches:
        # Those among the newest thousand that fit otherwise: comparing texts is the dear part.
        walked, counted = asked(
            f"SELECT count(*), count(*) FILTER (WHERE {matches}) FROM (SELECT e.id FROM boards_entry e WHERE {where}"
            f" ORDER BY e.raised_at DESC, e.id DESC LIMIT {COUNT_CAP + 1}) e"
            " LEFT JOIN boards_text s ON s.entry_id = e.id",
            wanted,
        )[0]
    else:
        all_found = f"SELECT 1 FROM {source} WHERE {where} LIMIT {COUNT_CAP + 1}"
        walked = counted = asked(f"SELECT count(*) FROM ({all_found}) found", wanted)[0][0]
    return min(counted, COUNT_CAP), walked > COUNT_CAP


def _have(mechanism: str, hits: Hits) -> bool:
    """Whether so many of the hits known lie on this board that it has more than are counted."""
    found = ask(
        "SELECT count(*) FROM boards_entry e WHERE e.id = ANY(%(ids)s::bigint[]) AND e.mechanism = %(mechanism)s",
        {"ids": hits.ids, "mechanism": mechanism},
    )
    return bool(found[0][0] > COUNT_CAP)


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
        # `OFFSET 0` keeps it a look at each entry: as a join PostgreSQL reads the city's texts to count an area's.
        where.append("EXISTS (SELECT 1 FROM boards_text p WHERE p.entry_id = e.id AND p.title <> '' OFFSET 0)")
    if text := filters.text.strip()[:200]:
        found = _searched(mechanism, text)
        if found is None:
            return None
        if found[0]:
            where.append(found[0])
        wanted |= found[1]
    return " AND ".join(where), wanted


def _searched(mechanism: str, text: str) -> tuple[str, dict[str, Any]] | None:
    """Return the condition a search text stands for: a number or the start of a name; of pairs of characters only the
    pairs, because how they are best looked up depends on how common they are."""
    if rulebook.city().prefix and text.upper().startswith(f"{rulebook.city().prefix}-"):
        return "e.number = %(text)s", {"text": text.upper()}
    pairs = bigrams.wanted(text)
    if pairs:
        return "", {"pairs": pairs}
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

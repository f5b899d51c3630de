"""What the author's desk may ask about drafts and proposals, and what is wrong with a text."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from django.db import connection

from jiebang.engine.checker import Board
from jiebang.people import queries as people
from jiebang.rulebook import packs, queries, rights
from jiebang.rulebook.judging import Judged, Law, judge

STORIES = "cases"  # how findings name the stories of a draft
_MOST = 200  # drafts in a list


@dataclass(frozen=True, slots=True)
class DraftView:
    """A draft as it stands. Persons are ids (`k17`); colleagues see their names, pages outside the desk nothing."""

    kind: str
    mechanism: str
    begun_by: str
    begun_at: datetime
    changed_by: str
    changed_at: datetime
    id: int = 0
    text: str = ""
    stories: str = ""
    scope: str = ""
    areas: tuple[str, ...] = ()
    until: date | None = None
    adopts: str = ""
    transfers: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # program hash → old state → new
    state: rights.State = "editing"
    edits: int = 0
    proposer: str = ""
    proposed_by: str = ""
    proposed_unit: str = ""
    proposed_at: datetime | None = None
    note: str = ""


_FIELDS = tuple(one.name for one in fields(DraftView))
_COLUMNS = ", ".join("transfers::text" if name == "transfers" else name for name in _FIELDS)
_WITHOUT_TEXTS = ", ".join("''" if name in ("text", "stories") else name for name in _COLUMNS.split(", "))
_ONE = f"SELECT {_COLUMNS} FROM rulebook_draft WHERE id = %s"
_OPEN = (
    f"SELECT {_WITHOUT_TEXTS} FROM rulebook_draft WHERE state IN ('editing', 'proposed')"
    " ORDER BY state DESC, changed_at DESC LIMIT %s"
)


def draft(id_: int, *, lock: bool = False) -> DraftView | None:
    """Return one draft. With `lock` nobody else changes it until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(_ONE + (" FOR NO KEY UPDATE" if lock else ""), [id_])
        row = cursor.fetchone()
    return None if row is None else _view(row)


def drafts() -> list[DraftView]:
    """Return drafts and proposals that nobody published or gave up, last changed first, without their texts."""
    with connection.cursor() as cursor:
        cursor.execute(_OPEN, [_MOST])
        return [_view(row) for row in cursor.fetchall()]


def _view(row: Sequence[Any]) -> DraftView:
    said = dict(zip(_FIELDS, row, strict=True))
    return DraftView(**said | {"areas": tuple(said["areas"]), "transfers": json.loads(said["transfers"])})


def root() -> str:
    """Return the code of the city's own area."""
    area = people.root_area()
    return area.code if area else ""


def matter(draft: DraftView) -> rights.Matter:
    """Return what `rights.may` has to know of a draft."""
    areas = [people.area(code) for code in draft.areas]
    return rights.Matter(draft.state, tuple(area.path if area else () for area in areas), draft.proposer)


def judged(text: str, stories: str = "") -> Judged:
    """Return what is wrong with a text here and now: this city's categories, policies, calendar, boards."""
    city = queries.city().id
    return _judged(text, stories, city, queries.edition())


@lru_cache(maxsize=32)
def _judged(text: str, stories: str, city: str, _edition: tuple[int, int, int]) -> Judged:
    """One judgement serves the page, the proposal and the publication; a new calendar or version makes it anew."""
    law = Law(
        vocabulary=packs.categories(packs.city(city)),
        policies=queries.policies(),
        calendar=queries.calendar(),
        boards={version.mechanism: Board(version.program, version.bounds) for version in queries.mechanisms()},
    )
    return judge(text, law, stories=stories, stories_name=STORIES)

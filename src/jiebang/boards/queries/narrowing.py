"""What a list of the desk is narrowed to, and the SQL it becomes: whose it is, where, in which state, due when.

The board office's own lists are read off the programs; no mechanism is named here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from jiebang.boards.drafts import moment
from jiebang.boards.queries.rows import area_column
from jiebang.boards.ways import Ways, ways
from jiebang.engine.model import Actor, Program
from jiebang.engine.parties import HANDLER
from jiebang.people import queries as people
from jiebang.rulebook import queries as rulebook

Kind = Literal["", "unclaimed", "offered", "given-back", "overdue", "escalated", "handed-on", "call-back"]
Due = Literal["", "overdue", "today", "week", "later"]
Sort = Literal["due", "waiting", "raised"]

SORTS: tuple[Sort, ...] = ("due", "waiting", "raised")
GROUPS: tuple[Due, ...] = ("overdue", "today", "week", "later")
OFFICE_LISTS: tuple[Kind, ...] = ("unclaimed", "offered", "given-back", "overdue", "escalated", "handed-on")
HANDED_ON_OFTEN = 2  # "more than twice" is the board office's own list
# A matter handed on three times was raised and given out four times; one given back was raised, offered, refused.
# Fewer events cannot be on those lists, and most open matters have fewer.
LEAST_EVENTS = {"handed-on": 5, "given-back": 3}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list is narrowed to. `scope` is what my offices owe, what any unit may take up, or all of my areas."""

    scope: Literal["ours", "open", "area"] = "ours"
    kind: Kind = ""
    mechanism: str = ""
    state: str = ""
    area: str = ""
    category: str = ""
    unit: str = ""
    due: Due = ""
    sort: Sort = "due"


@dataclass(frozen=True, slots=True)
class Ends:
    """The moments that part a list by due time: now, the end of today and the end of this week."""

    now: datetime
    today: datetime
    week: datetime


GROUP = (
    "CASE WHEN e.overdue OR e.due_at < %(now)s THEN 'overdue' WHEN e.due_at <= %(today)s THEN 'today'"
    " WHEN e.due_at <= %(week)s THEN 'week' ELSE 'later' END"
)


def work_keys(actor: Actor) -> list[str]:
    """Return the keys of the work lists that are the actor's: of each office, each body it is a duty in, each unit."""
    keys: set[str] = set()
    for held in actor.appointments:
        keys |= {f"post:{held.office}:{held.area}", f"unit:{held.unit}"}
        keys.add(f"post:{held.office.partition('.')[0]}:{held.area}")
    return sorted(keys)


def areas_of(actor: Actor) -> list[str]:
    """Return the areas the actor's offices are for, none below another of them."""
    held = {each.area for each in actor.appointments}
    paths = {code: view.path for code in held if (view := people.area(code)) is not None}
    return sorted(code for code, path in paths.items() if not held & set(path[:-1]))


def where_of(actor: Actor, wanted: Wanted, ends: Ends) -> tuple[str | None, dict[str, Any]]:
    conditions = ["e.closed_at IS NULL"]
    values: dict[str, Any] = {"now": ends.now, "today": ends.today, "week": ends.week}
    if wanted.scope == "ours":
        keys = work_keys(actor)
        if not keys:
            return None, {}
        conditions.append("e.holder_key = ANY(%(keys)s::text[])")
        values["keys"] = keys
    if wanted.scope != "ours" or wanted.area:
        here, more = area_where(actor, wanted.area, only_handled=wanted.scope == "open")
        if here is None:
            return None, {}
        conditions.append(here)
        values |= more
    if wanted.scope == "open":
        condition, more = kind_where("unclaimed")
        conditions.append(condition)
        values |= more
    if wanted.kind:
        condition, more = kind_where(wanted.kind)
        conditions.append(condition)
        values |= more
    for name in ("mechanism", "state", "category"):
        if value := getattr(wanted, name):
            conditions.append(f"e.{name} = %({name})s")
            values[name] = value
    if wanted.unit:
        conditions.append("e.holder_unit = %(unit)s")
        values["unit"] = wanted.unit
    if wanted.due:
        conditions.append(f"({GROUP}) = %(due)s")
        values["due"] = wanted.due
    return " AND ".join(conditions), values


def area_where(actor: Actor, area: str, *, only_handled: bool = False) -> tuple[str | None, dict[str, Any]]:
    """Return the condition of being in the actor's areas, or in `area` if that lies in one of them."""
    held = [each for each in actor.appointments if not only_handled or each.office == HANDLER]
    mine = areas_of(Actor(appointments=tuple(held)))
    if area:
        view = people.area(area)
        if view is None or not set(mine) & set(view.path):
            return None, {}
        mine = [area]
    conditions: list[str] = []
    values: dict[str, Any] = {"veiled": _veiled(), "own": work_keys(actor)}
    for n, code in enumerate(mine):
        column = area_column(code)
        if column is None:
            continue
        conditions.append(f"e.{column} = %(here{n})s" if column else "true")
        values[f"here{n}"] = code
    if not conditions:
        return None, {}
    # A veiled board shows nothing to whoever merely sits in the area: only to whoever holds the entry.
    unveiled = (
        " AND (e.mechanism <> ALL(%(veiled)s::text[]) OR e.holder_key = ANY(%(own)s::text[]))" if _veiled() else ""
    )
    return f"({' OR '.join(conditions)}){unveiled}", values


def _veiled() -> list[str]:
    return sorted({version.mechanism for version in rulebook.mechanisms() if version.program.log == "veiled"})


IN_STATES = "(e.mechanism, e.state) IN (SELECT * FROM unnest(%({name}_mechanisms)s::text[], %({name}_states)s::text[]))"


def kind_where(kind: Kind) -> tuple[str, dict[str, Any]]:
    """Return the condition of one of the board office's lists and its values, read off the programs."""
    if kind == "overdue":
        return "(e.overdue OR e.due_at < %(now)s)", {}
    if kind == "escalated":
        top = rulebook.city().levels[0]
        pairs = states_of(lambda found: (name for name, level in found.levels.items() if level == top))
        return IN_STATES.format(name="top"), pairs_of("top", pairs)
    if kind in ("unclaimed", "offered", "call-back"):
        name = {"unclaimed": "open_to_units", "offered": "offered", "call-back": "called_back"}[kind]
        return IN_STATES.format(name=name), pairs_of(name, states_of(lambda found: getattr(found, name)))
    if kind == "given-back":
        moves = sorted({move for program in programs() for move in ways(program).giving_back})
        return (
            f"(e.seq >= {LEAST_EVENTS[kind]} AND EXISTS (SELECT 1 FROM boards_event b WHERE b.entry_id = e.id"
            " AND b.move = ANY(%(giving_back)s::text[]) AND b.kind = 'move'))",
            {"giving_back": moves},
        )
    if kind == "handed-on":
        taking = sorted({move for program in programs() for move in ways(program).taking})
        # The turns of units, one after another: a deed counts when its unit is not the one before. A deed is kept as
        # [move, person, unit, named unit, moment].
        return (
            f"(e.seq >= {LEAST_EVENTS[kind]} AND (SELECT count(*) FROM (SELECT unit, lag(unit) OVER (ORDER BY place)"
            " AS before FROM (SELECT place, coalesce(nullif(d->>3, ''), d->>2) AS unit"
            "   FROM jsonb_array_elements(e.facts->'deeds') WITH ORDINALITY AS deed(d, place)"
            "  WHERE d->>0 = ANY(%(taking)s::text[])) taken WHERE unit <> '') turns"
            f" WHERE unit IS DISTINCT FROM before) > {HANDED_ON_OFTEN + 1})",
            {"taking": taking},
        )
    return "true", {}


def programs() -> list[Program]:
    return [version.program for version in rulebook.mechanisms()]


def states_of(pick: Callable[[Ways], Iterable[str]]) -> list[tuple[str, str]]:
    """Return (mechanism, state) for every state of the city's programs that `pick` takes."""
    return [
        (version.mechanism, state) for version in rulebook.mechanisms() for state in sorted(pick(ways(version.program)))
    ]


def pairs_of(name: str, pairs: Sequence[tuple[str, str]]) -> dict[str, Any]:
    return {f"{name}_mechanisms": [each[0] for each in pairs], f"{name}_states": [each[1] for each in pairs]}


def cursor(after: str) -> tuple[datetime, int] | None:
    first, _, second = after.partition("-")
    if not (first.isascii() and first.isdecimal() and second.isascii() and second.isdecimal()):
        return None
    return (moment(int(first)), int(second)) if len(first) < 15 and len(second) < 19 else None

"""What the rooms above may ask about people, areas and units.

Areas and units change rarely and are read in every request, so each process keeps them. A code or slug that is
not known yet makes the process look again, so that a city loaded by another process is seen without a restart.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db import connection

from jiebang.engine import model as engine


@dataclass(frozen=True, slots=True)
class AreaView:
    code: str
    level: str
    kind: str
    names: Mapping[str, str]
    parent: str | None
    path: tuple[str, ...]  # codes from the city down to this one
    centre: tuple[float, float] | None = None  # longitude and latitude, WGS84, of its middle or its seat


@dataclass(frozen=True, slots=True)
class UnitView:
    id: int
    slug: str
    names: Mapping[str, str]
    area: str
    kind: str


@dataclass(frozen=True, slots=True)
class AppointmentView:
    user_id: int
    person: str
    display_name: str
    office: str
    unit: str
    area: str
    level: str


@dataclass(frozen=True, slots=True)
class AccountView:
    user_id: int
    username: str
    display_name: str
    is_open: bool
    has_password: bool  # without one nobody can sign in
    offices: tuple[engine.Appointment, ...]


@dataclass(slots=True)
class _Known:
    areas: dict[str, AreaView] = field(default_factory=dict)
    children: dict[str | None, list[AreaView]] = field(default_factory=dict)
    places: dict[str, dict[str, str]] = field(default_factory=dict)
    units: dict[str, UnitView] = field(default_factory=dict)
    units_by_area: dict[str, list[UnitView]] = field(default_factory=dict)


_known: _Known | None = None


def forget_caches() -> None:
    """Make this process read areas and units again at the next question."""
    global _known
    _known = None


# ── Areas ───────────────────────────────────────────────────────────────────────────────────────────────────


def area(code: str) -> AreaView | None:
    known = _areas_with(code)
    return known.areas.get(code)


def place(code: str) -> Mapping[str, str]:
    """Return level → code of the area and of those above it; empty when there is no such area."""
    return _areas_with(code).places.get(code, {})


def children(code: str) -> list[AreaView]:
    """Return the areas just below `code`, by code."""
    return list(_areas_with(code).children.get(code, ()))


def root_area() -> AreaView | None:
    roots = _all().children.get(None, ())
    return roots[0] if roots else None


def areas_at(level: str) -> list[AreaView]:
    return [view for view in _all().areas.values() if view.level == level]


def areas() -> list[AreaView]:
    return list(_all().areas.values())


def find_areas(text: str, limit: int = 20) -> list[AreaView]:
    """Return areas whose name holds `text` or whose code begins with it: whole names first, then wider areas."""
    wanted = " ".join(text.casefold().split())
    if not wanted:
        return []
    found: list[tuple[int, int, str, AreaView]] = []
    for view in _all().areas.values():
        rank = _how_well(view, wanted)
        if rank is not None:
            found.append((rank, len(view.path), view.code, view))
    found.sort(key=lambda row: row[:3])
    return [row[3] for row in found[:limit]]


def _how_well(view: AreaView, wanted: str) -> int | None:
    names = [name.casefold() for name in view.names.values()]
    if wanted in names:
        return 0
    if any(name.startswith(wanted) for name in names):
        return 1
    if any(wanted in name for name in names):
        return 2
    if wanted.isdecimal() and len(wanted) >= 4 and view.code.startswith(wanted):
        return 3
    return None


# ── Units ───────────────────────────────────────────────────────────────────────────────────────────────────


def unit(slug: str) -> UnitView | None:
    view = _all().units.get(slug)
    if view is None and _exists("SELECT 1 FROM people_unit WHERE slug = %s", slug):
        forget_caches()
        view = _all().units.get(slug)
    return view


def units() -> list[UnitView]:
    return list(_all().units.values())


def units_of(area_code: str) -> list[UnitView]:
    return list(_all().units_by_area.get(area_code, ()))


def handling_units(area_code: str | None = None) -> list[UnitView]:
    """Return the units that handle entries; with an area, those of it and of the areas above it."""
    units = [view for view in _all().units.values() if view.kind == "unit"]
    if area_code is None:
        return units
    here = area(area_code)
    path = here.path if here else ()
    return [view for view in units if view.area in path]


# ── Persons ─────────────────────────────────────────────────────────────────────────────────────────────────

# The offices `people_user u` holds today, as JSON.
OFFICES_OF_U = """
       (SELECT json_agg(json_build_array(a.office, n.slug, a.area_id, a.level) ORDER BY a.id)
          FROM people_appointment a JOIN people_unit n ON n.id = a.unit_id
         WHERE a.user_id = u.id AND a.since <= current_date AND (a.until IS NULL OR a.until > current_date))
"""

_ACTOR = f"SELECT u.key_id, {OFFICES_OF_U} FROM people_user u WHERE u.id = %s AND u.is_active"


def actor(user_id: int) -> engine.Actor:
    """Return an account's owner as the engine knows people; nobody (`ANYONE`) for a closed account."""
    with connection.cursor() as cursor:
        cursor.execute(_ACTOR, [user_id])
        row = cursor.fetchone()
    return engine.ANYONE if row is None else actor_from(*row)


def actor_signed_in(user: object) -> engine.Actor:
    """Return who a request comes from. Their offices came with the account; nobody signed in is `ANYONE`."""
    if not getattr(user, "is_authenticated", False):
        return engine.ANYONE
    found: engine.Actor | None = getattr(user, "actor", None)
    return found if found is not None else actor(getattr(user, "pk", 0))


def office_key(held: engine.Appointment) -> str:
    """Return an office as a form or a session names it."""
    return f"{held.office}:{held.unit}:{held.area}"


def acting_from(actor: engine.Actor, office: str) -> engine.Actor:
    """Return the actor as they act from one of their offices; the others go on excluding, and entitle to nothing.

    Empty: from all of them. An office they do not hold: from none.
    """
    if not office:
        return actor
    chosen = tuple(held for held in actor.appointments if office_key(held) == office)
    rest = tuple(held for held in actor.appointments if office_key(held) != office)
    return replace(actor, appointments=chosen, others=(*actor.others, *rest))


def actor_from(key_id: int, offices: str | list[list[str]] | None) -> engine.Actor:
    """Return the actor of an account's row; `offices` as the statement gives them, None where there is none."""
    held = json.loads(offices) if isinstance(offices, str) else offices or []
    return engine.Actor(
        person=_person(key_id),
        appointments=tuple(engine.Appointment(*each) for each in held),
        via="account",
    )


def appointments(area_code: str | None = None) -> list[AppointmentView]:
    """Return who holds an office today: at `area_code`, or everywhere."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT u.id, u.key_id, u.display_name, a.office, n.slug, a.area_id, a.level"
            " FROM people_appointment a JOIN people_user u ON u.id = a.user_id JOIN people_unit n ON n.id = a.unit_id"
            " WHERE u.is_active AND a.since <= current_date AND (a.until IS NULL OR a.until > current_date)"
            " AND (%s::text IS NULL OR a.area_id = %s) ORDER BY a.id",
            [area_code, area_code],
        )
        return [AppointmentView(row[0], _person(row[1]), *row[2:]) for row in cursor.fetchall()]


def accounts() -> list[AccountView]:
    """Return every account by name, closed ones too, with the offices held today."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT u.id, u.username, u.display_name, u.is_active, u.password NOT LIKE %s, u.key_id,"
            f" {OFFICES_OF_U} FROM people_user u ORDER BY u.username",
            [f"{UNUSABLE_PASSWORD_PREFIX}%"],
        )
        return [
            AccountView(id_, username, display, is_open, has_password, actor_from(key_id, held).appointments)
            for id_, username, display, is_open, has_password, key_id, held in cursor.fetchall()
        ]


def display_name(person: str) -> str:
    """Return the name colleagues see for a person with an account, or an empty text."""
    key_id = key_number(person)
    if key_id is None:
        return ""
    with connection.cursor() as cursor:
        cursor.execute("SELECT display_name FROM people_user WHERE key_id = %s", [key_id])
        row = cursor.fetchone()
    return row[0] if row else ""


# What `FROM` and `JOIN` of a statement of a room above may name, so that it needs no statement of its own for keys:
# id (the number in "k17"), key (32 bytes, NULL once forgotten). A plain selection, so PostgreSQL plans it away.
PERSON_KEYS = "(SELECT id, key FROM people_personkey)"

# A part of a `WITH` of a statement of a room above that makes persons without an account, one a row of `of` (which has
# one column, key: what `services.new_secret` gives); it gives id and key, in no order.
MAKE_KEYS = "INSERT INTO people_personkey (key) SELECT key FROM {of} AS given RETURNING id, key"


def key(person: str) -> bytes | None:
    """Return the 32 bytes behind `person`; None once they are forgotten."""
    return keys([person]).get(person)


def keys(persons: Iterable[str]) -> dict[str, bytes]:
    """Return the key bytes of those persons who still have one, in one statement."""
    ids = sorted({number for person in persons if (number := key_number(person)) is not None})
    if not ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, key FROM people_personkey WHERE id = ANY(%s) AND key IS NOT NULL", [ids])
        return {_person(row[0]): bytes(row[1]) for row in cursor.fetchall()}


def _person(key_id: int) -> str:
    return f"k{key_id}"


def key_number(person: str) -> int | None:
    """Return 17 for `k17`, and None for whatever is no person's id ("clock", "", other alphabets' digits)."""
    digits = person[1:]
    if not person.startswith("k") or not digits.isascii() or not digits.isdecimal() or len(digits) > 18:
        return None
    return int(digits)


# ── What this process knows ─────────────────────────────────────────────────────────────────────────────────


def _areas_with(code: str) -> _Known:
    known = _all()
    if code not in known.areas and _exists("SELECT 1 FROM people_area WHERE code = %s", code):
        forget_caches()
        known = _all()
    return known


def _exists(sql: str, value: str) -> bool:
    if "\x00" in value:  # PostgreSQL has no text with NUL
        return False
    with connection.cursor() as cursor:
        cursor.execute(sql, [value])
        return cursor.fetchone() is not None


def _all() -> _Known:
    global _known
    if _known is None or not _known.areas:
        _known = _read()
    return _known


def _read() -> _Known:
    known = _Known()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT code, level, kind, name_zh, name_en, parent_id, path, lon, lat FROM people_area ORDER BY code"
        )
        for code, level, kind, zh, en, parent, path, lon, lat in cursor.fetchall():
            centre = None if lon is None else (lon, lat)
            known.areas[code] = AreaView(code, level, kind, _names(zh, en), parent, tuple(path), centre)
        cursor.execute("SELECT id, slug, name_zh, name_en, area_id, kind FROM people_unit ORDER BY slug")
        for id_, slug, zh, en, area_code, kind in cursor.fetchall():
            view = UnitView(id_, slug, _names(zh, en), area_code, kind)
            known.units[slug] = view
            known.units_by_area.setdefault(area_code, []).append(view)
    for area_view in known.areas.values():
        known.children.setdefault(area_view.parent, []).append(area_view)
        known.places[area_view.code] = {known.areas[code].level: code for code in area_view.path}
    return known


def _names(zh: str, en: str) -> dict[str, Any]:
    return {"zh": zh, "en": en} if zh else {"en": en}

"""The changes the room `people` makes: keys, areas, units, accounts, appointments."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.contrib.auth.hashers import make_password
from django.db import connection, transaction

from jiebang.engine import positions
from jiebang.people import queries
from jiebang.people.models import User

KEY_BYTES = 32


class CityDataError(Exception):
    """A pack's areas or units contradict themselves. The sentence says which row and what to do."""


# ── Person keys ─────────────────────────────────────────────────────────────────────────────────────────────


def new_key() -> str:
    """Make the key of somebody without an account and return the person's id (`k17`)."""
    return next(iter(new_keys(1)))


def new_secret() -> bytes:
    """Return bytes for a key that a statement of another room makes with `queries.MAKE_KEYS`."""
    return secrets.token_bytes(KEY_BYTES)


def new_keys(n: int) -> dict[str, bytes]:
    """Make `n` person keys in one statement; return their bytes by person, so that nobody has to read them back."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO people_personkey (key) SELECT unnest(%s::bytea[]) RETURNING id, key",
            [[new_secret() for _ in range(n)]],
        )
        return {f"k{number}": bytes(key) for number, key in cursor.fetchall()}


def forget_key(person: str, at: datetime) -> bool:
    """Delete the bytes of a person's key: what was committed with them can never be opened again.

    The row stays, without its bytes, because entries name it. Answers whether there was a key to delete.
    """
    number = queries.key_number(person)
    if number is None:
        return False
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE people_personkey SET key = NULL, erased_at = %s WHERE id = %s AND key IS NOT NULL",
            [at, number],
        )
        return bool(cursor.rowcount == 1)


# ── The city ────────────────────────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def load_areas(rows: Iterable[Mapping[str, str]]) -> int:
    """Bring the areas in line with a pack's list (`code parent level kind zh en`); returns how many are new or changed.

    Areas that vanished from the list stay: entries may stand on them. Parents may come after their children. `lon` and
    `lat` (degrees, WGS84) may be there, both or neither.

    Raises:
        CityDataError: a parent is missing, a code stands twice, the tree has a ring, or not exactly one root; a
            coordinate is no place on earth.
    """
    by_code: dict[str, Mapping[str, str]] = {}
    for row in rows:
        if row["code"] in by_code:
            raise CityDataError(f"Area {row['code']} stands twice in the list. Remove one of the rows.")
        by_code[row["code"]] = row
    paths = {code: _path_of(code, by_code) for code in by_code}
    centres = {code: _centre_of(row) for code, row in by_code.items()}
    roots = [code for code, path in paths.items() if len(path) == 1]
    if len(roots) != 1:
        raise CityDataError(
            f"A city has one area without a parent; this list has {len(roots)}. Give every other area its parent."
        )
    ordered = sorted(by_code, key=lambda code: (len(paths[code]), code))
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO people_area (code, parent_id, level, kind, name_zh, name_en, path, lon, lat)"
            " SELECT code, nullif(parent, ''), level, kind, zh, en, string_to_array(path, '/'), lon, lat"
            " FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[],"
            "             %s::float8[], %s::float8[])"
            "      AS row(code, parent, level, kind, zh, en, path, lon, lat)"
            " ON CONFLICT (code) DO UPDATE SET parent_id = excluded.parent_id, level = excluded.level,"
            "   kind = excluded.kind, name_zh = excluded.name_zh, name_en = excluded.name_en, path = excluded.path,"
            "   lon = excluded.lon, lat = excluded.lat"
            " WHERE (people_area.parent_id, people_area.level, people_area.kind, people_area.name_zh,"
            "        people_area.name_en, people_area.path, people_area.lon, people_area.lat) IS DISTINCT FROM"
            "       (excluded.parent_id, excluded.level, excluded.kind, excluded.name_zh, excluded.name_en,"
            "        excluded.path, excluded.lon, excluded.lat)",
            [
                ordered,
                *(
                    [by_code[code].get(column, "") or "" for code in ordered]
                    for column in ("parent", "level", "kind", "zh", "en")
                ),
                ["/".join(paths[code]) for code in ordered],
                *([centres[code][axis] for code in ordered] for axis in (0, 1)),
            ],
        )
        changed = int(cursor.rowcount)
    queries.forget_caches()
    return changed


def _centre_of(row: Mapping[str, str]) -> tuple[float | None, float | None]:
    """Return longitude and latitude of an area, or neither."""
    lon, lat = (row.get("lon") or "").strip(), (row.get("lat") or "").strip()
    if not lon and not lat:
        return None, None
    position = positions.read(f"{lat},{lon}")
    if position is None:
        raise CityDataError(
            f"Area {row['code']} is at longitude “{lon}” and latitude “{lat}”, which is no place on earth."
            " Write both in degrees, such as 103.7657 and 29.5521, or leave both empty."
        )
    return positions.degrees(position)


def _path_of(code: str, by_code: Mapping[str, Mapping[str, str]]) -> list[str]:
    path = [code]
    while parent := by_code[path[0]]["parent"]:
        if parent not in by_code:
            raise CityDataError(f"Area {path[0]} names the parent {parent}, which is not in the list. Add it.")
        if parent in path:
            raise CityDataError(f"Area {code} is its own ancestor through {parent}. Correct the parents.")
        path.insert(0, parent)
    return path


@transaction.atomic
def load_units(rows: Sequence[Mapping[str, str]]) -> int:
    """Bring the units in line with a list (`slug kind area zh en`); returns how many are new or changed."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT code FROM people_area")
        known = {row[0] for row in cursor.fetchall()}
        for row in rows:
            if row["area"] not in known:
                raise CityDataError(f"Unit {row['slug']} is at area {row['area']}, which is not loaded. Add the area.")
        cursor.execute(
            "INSERT INTO people_unit (slug, kind, area_id, name_zh, name_en)"
            " SELECT * FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::text[])"
            " ON CONFLICT (slug) DO UPDATE SET kind = excluded.kind, area_id = excluded.area_id,"
            "   name_zh = excluded.name_zh, name_en = excluded.name_en"
            " WHERE (people_unit.kind, people_unit.area_id, people_unit.name_zh, people_unit.name_en)"
            "       IS DISTINCT FROM (excluded.kind, excluded.area_id, excluded.name_zh, excluded.name_en)",
            [[row.get(column, "") or "" for row in rows] for column in ("slug", "kind", "area", "zh", "en")],
        )
        changed = int(cursor.rowcount)
    queries.forget_caches()
    return changed


# ── Accounts ────────────────────────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def create_user(username: str, *, display_name: str, password: str | None) -> int:
    """Make an account with a person key of its own and return its id. Without a password nobody can sign in.

    Raises:
        django.core.exceptions.ValidationError: the name is taken or not of the allowed form.
    """
    user = User(username=username, display_name=display_name, key_id=int(new_key()[1:]))
    if password is None:
        user.set_unusable_password()
    else:
        user.set_password(password)
    user.full_clean()
    user.save()
    return user.pk


def set_password(user_id: int, password: str) -> None:
    user = User.objects.get(pk=user_id)
    user.set_password(password)
    user.save(update_fields=["password"])


def set_password_of(person: str, password: str) -> None:
    """Give the account of that person a password."""
    set_password(User.objects.only("pk").get(key_id=queries.key_number(person)).pk, password)


def close_account(user_id: int) -> None:
    """Let nobody sign in to this account any more. What was done with it stays."""
    User.objects.filter(pk=user_id).update(is_active=False)


def appoint(user_id: int, *, office: str, unit: str, area: str, since: date, until: date | None = None) -> None:
    """Give somebody an office. Appointing twice to the same office changes nothing.

    Raises:
        CityDataError: there is no such unit or area.
    """
    unit_view, area_view = queries.unit(unit), queries.area(area)
    if unit_view is None or area_view is None:
        missing = f"unit {unit}" if unit_view is None else f"area {area}"
        raise CityDataError(f"There is no {missing}. Load the city's pack first, or correct the name.")
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO people_appointment (user_id, unit_id, office, area_id, level, since, until)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
            [user_id, unit_view.id, office, area_view.code, area_view.level, since, until],
        )


def end_appointments(user_id: int, *, until: date) -> int:
    """End all offices somebody holds, from the day `until` on."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE people_appointment SET until = %s WHERE user_id = %s AND until IS NULL AND since < %s",
            [until, user_id, until],
        )
        return int(cursor.rowcount)


def end_appointment(user_id: int, *, office: str, unit: str, area: str, until: date) -> bool:
    """End one office of somebody, from the day `until` on; False when they do not hold it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE people_appointment a SET until = greatest(%(until)s, a.since + 1) FROM people_unit n"
            " WHERE n.id = a.unit_id AND a.user_id = %(user)s AND a.office = %(office)s AND n.slug = %(unit)s"
            "   AND a.area_id = %(area)s AND a.until IS NULL",
            {"user": user_id, "office": office, "unit": unit, "area": area, "until": until},
        )
        return bool(cursor.rowcount == 1)


@dataclass(frozen=True, slots=True)
class Post:
    """Somebody to enlist: a user name, the name colleagues see, and the office held."""

    username: str
    display_name: str
    office: str
    unit: str
    area: str


@transaction.atomic
def enlist(posts: Sequence[Post], *, since: date) -> dict[str, str]:
    """Make many accounts with their offices at once and return user name → person id.

    Nobody can sign in to them until they get a password. Who is there already is left as they are, so enlisting
    the same list again changes nothing.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT username FROM people_user WHERE username = ANY(%s)", [[p.username for p in posts]])
        there = {row[0] for row in cursor.fetchall()}
        new = {post.username: post for post in posts if post.username not in there}
        keys = [int(key[1:]) for key in new_keys(len(new))] if new else []
        cursor.execute(
            "INSERT INTO people_user (username, display_name, password, is_active, key_id)"
            " SELECT username, display_name, password, true, key_id"
            " FROM unnest(%s::text[], %s::text[], %s::text[], %s::bigint[])"
            " AS row(username, display_name, password, key_id)",
            [list(new), [post.display_name for post in new.values()], [make_password(None) for _ in new], keys],
        )
        cursor.execute(
            "INSERT INTO people_appointment (user_id, unit_id, office, area_id, level, since)"
            " SELECT u.id, n.id, row.office, a.code, a.level, %s"
            " FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[]) AS row(username, office, unit, area)"
            " JOIN people_user u USING (username) JOIN people_unit n ON n.slug = row.unit"
            " JOIN people_area a ON a.code = row.area ON CONFLICT DO NOTHING",
            [since, *([getattr(post, name) for post in posts] for name in ("username", "office", "unit", "area"))],
        )
        cursor.execute(
            "SELECT username, key_id FROM people_user WHERE username = ANY(%s)", [[p.username for p in posts]]
        )
        return {username: f"k{key_id}" for username, key_id in cursor.fetchall()}

"""Importing a register: first looked at, then written as its next version, and never anything half."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction

from jiebang.boards import personal
from jiebang.engine.model import Actor, Json, Refused
from jiebang.engine.rounds import rows as sheets
from jiebang.engine.rounds.model import Register
from jiebang.engine.rounds.refusals import refuse
from jiebang.engine.rounds.rows import Plan, Surroundings, Values
from jiebang.ledger import round_leaves
from jiebang.ledger import services as ledger
from jiebang.ledger.leaf import Signed
from jiebang.people import queries as people
from jiebang.rounds import rights
from jiebang.rounds.models import Import, Row, Sheet
from jiebang.rulebook import defined
from jiebang.rulebook import queries as rulebook
from jiebang.rulebook.defined import Defined

SHEETS_KEPT = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Looked:
    """A file looked at: what it would do, and the name under which it waits to be written."""

    sheet: str
    register: Defined[Register]
    plan: Plan
    base: int
    whole: bool


@dataclass(frozen=True, slots=True)
class Imported:
    register: str
    version: int
    added: int
    changed: int
    removed: int


def look(
    register: str, rows: Sequence[sheets.Row], *, actor: Actor, name: str, whole: bool, at: datetime
) -> Looked | Refused:
    """Keep a sheet for a day and return what importing it would do. Nothing of the register changes."""
    found = _kept_by(register, actor, at)
    if isinstance(found, Refused):
        return found
    about, areas = found
    Sheet.objects.filter(at__lt=at - SHEETS_KEPT).delete()
    sheet = Sheet.objects.create(
        id=secrets.token_hex(16),
        register=register,
        person=actor.person,
        base=_newest(register),
        whole=whole,
        name=name[:120],
        rows=[[row.number, list(row.cells)] for row in rows],
        at=at,
    )
    return Looked(sheet.id, about, _plan(about.definition, sheet, areas), sheet.base, whole)


def look_again(sheet: str, *, actor: Actor, at: datetime) -> Looked | Refused:
    """Return what a sheet kept before would do now."""
    kept = Sheet.objects.filter(id=sheet, person=actor.person).first()
    if kept is None:
        return refuse("register-overtaken")
    found = _kept_by(kept.register, actor, at)
    if isinstance(found, Refused):
        return found
    about, areas = found
    return Looked(kept.id, about, _plan(about.definition, kept, areas), kept.base, kept.whole)


@transaction.atomic
def write(sheet: str, *, actor: Actor, at: datetime) -> Imported | Refused:
    """Write a sheet that was looked at: the register's next version, with its leaf. All of it, or nothing."""
    kept = Sheet.objects.select_for_update().filter(id=sheet, person=actor.person).first()
    if kept is None:
        return refuse("register-overtaken")
    _lock(kept.register)
    found = _kept_by(kept.register, actor, at)
    if isinstance(found, Refused):
        return found
    about, areas = found
    if _newest(kept.register) != kept.base:
        return refuse("register-overtaken")
    plan = _plan(about.definition, kept, areas)
    if plan.refused:
        return refuse("register-refused", n=len(plan.refused))
    if not plan.does_something:
        return refuse("register-nothing")
    held = next(rights.held(actor, about.definition.owner))
    made = _write(about, plan, by=Signed("owner", held.unit), person=actor.person, at=at)
    kept.delete()
    return made


def look_for_the_city(register: str, rows: Sequence[sheets.Row], *, at: datetime) -> Plan | Refused:
    """Return what importing these rows as the operator would do: they are the whole list of the city."""
    about = defined.register(register, on=rulebook.calendar().local_day(at))
    return refuse("round-unknown") if about is None else _plan_for_the_city(about.definition, rows)


def _plan_for_the_city(register: Register, rows: Sequence[sheets.Row]) -> Plan:
    root = people.root_area()
    around = _around([root.code] if root else [])
    return sheets.planned(register, rows, current(register.id), around, whole=True)


@transaction.atomic
def write_for_the_city(register: str, rows: Sequence[sheets.Row], *, at: datetime) -> Imported | Refused:
    """Write a register's rows as the operator, for the whole city: a founding import, or a demonstration's."""
    about = defined.register(register, on=rulebook.calendar().local_day(at))
    if about is None:
        return refuse("round-unknown")
    _lock(register)
    plan = _plan_for_the_city(about.definition, rows)
    if plan.refused:
        return refuse("register-refused", n=len(plan.refused))
    if not plan.does_something:
        return refuse("register-nothing")
    return _write(about, plan, by=Signed("desk"), person="", at=at)


def current(register: str, *, version: int | None = None) -> dict[str, Values]:
    """Return a register's rows by key, as they stand or as they stood at a version: all columns, for keepers only."""
    return {row.key: {**row.public, **row.kept} for row in rows_at(register, version=version)}


def rows_at(register: str, *, version: int | None = None) -> list[Row]:
    """Return the rows of a register's version, by key; the newest one's when none is named."""
    rows = Row.objects.filter(register=register).order_by("key")
    if version is None:
        return list(rows.filter(until=None))
    return list(rows.filter(since__version__lte=version).exclude(until__version__lte=version))


def digest_of(rows: Sequence[tuple[str, Mapping[str, Json]]]) -> str:
    """Return the SHA-256 of the public rows: canonical JSON of [key, public] sorted by key, as the open data has it."""
    listed = [[key, dict(sorted(public.items()))] for key, public in sorted(rows)]
    text = json.dumps(listed, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _kept_by(register: str, actor: Actor, at: datetime) -> tuple[Defined[Register], list[str]] | Refused:
    """Return the register and the areas in which this actor keeps it."""
    about = defined.register(register, on=rulebook.calendar().local_day(at))
    if about is None:
        return refuse("round-unknown")
    areas = rights.areas_of(actor, about.definition.owner)
    return (about, areas) if areas else refuse("register-not-yours")


def _plan(register: Register, sheet: Sheet, areas: list[str]) -> Plan:
    rows = [sheets.Row(number, cells) for number, cells in sheet.rows]
    return sheets.planned(register, rows, current(register.id), _around(areas), whole=sheet.whole)


def _around(areas: list[str]) -> Surroundings:
    return Surroundings(areas=_codes_of, reaches=lambda code: rights.reaches(areas, code), number_in=personal.number_in)


def _codes_of(words: str) -> list[str]:
    """Return the areas of that code, of that whole name, or of that name behind a wider one (“市中区板厂街社区”)."""
    if people.area(words) is not None:
        return [words]
    wanted = words.casefold()
    return [
        view.code for view in people.find_areas(words) if wanted in (name.casefold() for name in view.names.values())
    ]


def _write(about: Defined[Register], plan: Plan, *, by: Signed, person: str, at: datetime) -> Imported:
    register = about.definition
    version = _newest(register.id) + 1
    gone = [change.key for change in plan.changed] + list(plan.removed)
    now = {row.key: row.public for row in rows_at(register.id) if row.key not in set(gone)}
    new = {change.key: _parted(register, change.values) for change in (*plan.added, *plan.changed)}
    now |= {key: public for key, (public, _) in new.items()}
    counts = {
        "rows": len(now),
        "added": len(plan.added),
        "changed": len(plan.changed),
        "removed": len(plan.removed),
    }
    digest = digest_of(list(now.items())) if register.about == "things" else ""
    body = round_leaves.register_leaf(
        id=register.id, mech=about.hash[:16], version=version, counts=counts, digest=digest, at=at, by=by
    )
    [leaf] = ledger.append([("register", body)], moments=[at])
    made = Import.objects.create(
        register=register.id,
        version=version,
        definition=about.hash,
        at=at,
        party=by.party,
        unit=by.unit,
        person=person,
        digest=digest,
        leaf_id=leaf,
        **counts,
    )
    Row.objects.filter(register=register.id, until=None, key__in=gone).update(until=made)
    Row.objects.bulk_create(
        Row(
            register=register.id,
            key=key,
            area=str(public.get(register.area) or kept.get(register.area)),
            public=public,
            kept=kept,
            since=made,
        )
        for key, (public, kept) in new.items()
    )
    return Imported(register.id, version, len(plan.added), len(plan.changed), len(plan.removed))


def _parted(register: Register, values: Values) -> tuple[dict[str, Json], dict[str, Json]]:
    """Return what everybody may read of a row, and what not."""
    public = {name: value for name, value in values.items() if register.fields[name].visible == "public"}
    return public, {name: value for name, value in values.items() if name not in public}


def _newest(register: str) -> int:
    found = Import.objects.filter(register=register).order_by("-version").values_list("version", flat=True).first()
    return found or 0


def _lock(register: str) -> None:
    """Let nobody else import this register until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(current_schema() || '/register/' || %s))", [register])

"""Filling the map: a follower that counts every entry into the squares it lies in, at every level at once.

A page of the map reads the counts of at most some hundred squares, so it costs the same at a thousand entries and at
a million. What was counted of an entry stands in its `Spot`; a change takes the old away and adds the new, so the
same fact may come twice. Spots, counts and cursor are written in one transaction.

The exact position is read here and nowhere passed on: what leaves this module is the coarse square.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from jiebang.boards import cells
from jiebang.boards.cells import Cell
from jiebang.boards.database import as_json, ask, tell
from jiebang.engine import positions
from jiebang.engine.model import Json, Program
from jiebang.ledger import queries as ledger
from jiebang.ledger import services as ledger_services
from jiebang.people import queries as people
from jiebang.rulebook import maps
from jiebang.rulebook import queries as rulebook
from jiebang.rulebook.maps import MapRules

FOLLOWER = "map"
BATCH = 2000
SAY_SO_EVERY = timedelta(minutes=1)
WIDEST = 6  # a square of 600 km: wider than any city
NOWHERE = -1

OPEN, OVERDUE, STRUCK, FAILED, CLOSED = "open", "overdue", "struck", "failed", "closed"


@dataclass(frozen=True, slots=True)
class Standing:
    """What an entry is counted as, and where: `place` is its cell of the finest level."""

    mechanism: str
    category: str
    standing: str
    posted: bool
    place: Cell | None
    is_given: bool


def map_rules() -> MapRules | None:
    """Return what this city's maps may show; None when it has no map."""
    return maps.rules_of(rulebook.city().id)


def finest(rules: MapRules) -> int:
    """Return the level of the squares in which places are kept: the smallest that are not too small anywhere."""
    return cells.finest_level(rules.coarse_m, latitude=max(abs(rules.bounds[1]), abs(rules.bounds[3])))


def stray_position(program: Program, answers: Mapping[str, Json]) -> str:
    """Return the question whose answer is a position outside this city; empty when there is none.

    A position that cannot be read is left to the engine, which says so.
    """
    rules = map_rules()
    for name, value in answers.items():
        asked = program.fields.get(name)
        if rules is None or asked is None or asked.type != "position" or not isinstance(value, str):
            continue
        kept = positions.read(value)
        if kept is not None and not cells.Box(*rules.bounds).holds(positions.degrees(kept)):
            return name
    return ""


# ── Following ───────────────────────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def follow_map_once(*, at: datetime) -> int:
    """Count what new facts touched and return how many facts came; 0 at once while another process follows.

    When the pack's number or a middle of an area has changed, the map is emptied and filled again from the first fact.
    """
    rules = map_rules()
    if rules is None or not _is_alone():
        return 0
    plan = plan_of(rules)
    state = ask("SELECT plan, as_of FROM boards_mapstate WHERE id = 1", {})
    is_new = not state or state[0][0] != plan
    if is_new:
        _begin_again(plan)
    facts = ledger.facts_after(ledger.cursor(FOLLOWER), limit=BATCH)
    touched = [fact.leaf_id for fact in facts if fact.kind == "event"]
    if touched:
        rows = ask(
            "SELECT DISTINCT entry_id FROM boards_event WHERE leaf_id = ANY(%(ids)s::bigint[])", {"ids": touched}
        )
        place([row[0] for row in rows])
    if facts:
        ledger_services.advance(FOLLOWER, facts[-1].leaf_id)
    # Nothing new is news too, but not every second.
    if len(facts) < BATCH and (facts or is_new or state[0][1] is None or at - state[0][1] >= SAY_SO_EVERY):
        tell("UPDATE boards_mapstate SET as_of = %(at)s WHERE id = 1", {"at": at})
    return len(facts)


def _is_alone() -> bool:
    # The schema is in the lock's name: two cities of one database do not wait for each other.
    return bool(
        ask("SELECT pg_try_advisory_xact_lock(hashtext('jiebang.boards.map'), hashtext(current_schema()))", {})[0][0]
    )


def plan_of(rules: MapRules) -> str:
    """Return a fingerprint of everything but the entries that decides what the map shows."""
    middles = sorted((view.code, view.centre) for view in people.areas() if view.centre)
    return hashlib.sha256(json.dumps([WIDEST, finest(rules), middles]).encode()).hexdigest()


def _begin_again(plan: str) -> None:
    tell("DELETE FROM boards_cell", {})
    tell("DELETE FROM boards_spot", {})
    tell(
        "INSERT INTO boards_mapstate (id, plan, as_of) VALUES (1, %(plan)s, NULL)"
        " ON CONFLICT (id) DO UPDATE SET plan = excluded.plan, as_of = NULL",
        {"plan": plan},
    )
    ledger_services.advance(FOLLOWER, 0)


# ── Counting ────────────────────────────────────────────────────────────────────────────────────────────────

# A spot is made before it is locked: so two who count the same entry for the first time meet at its row.
_MAKE_SPOTS = """
INSERT INTO boards_spot (entry_id, mechanism, is_given, category, standing, posted, raised_at)
SELECT id, mechanism, false, '', '', false, raised_at FROM boards_entry
 WHERE id = ANY(%(ids)s::bigint[]) AND log <> 'veiled' ORDER BY id
ON CONFLICT (entry_id) DO NOTHING
"""

_LOCK_SPOTS = """
SELECT entry_id, mechanism, category, standing, posted, x, y, is_given FROM boards_spot
 WHERE entry_id = ANY(%(ids)s::bigint[]) ORDER BY entry_id FOR UPDATE
"""

# A statement of its own, after the lock: it sees what was committed while we waited, such as an erasure.
_READ = """
SELECT e.id, e.mechanism, e.program_hash, e.area_id, e.category, e.meaning, e.overdue,
       EXISTS (SELECT FROM boards_text t WHERE t.entry_id = e.id AND t.title <> ''),
       (SELECT p.value FROM boards_private p WHERE p.entry_id = e.id AND p.seq = 1 AND p.name = 'kept')
  FROM boards_entry e WHERE e.id = ANY(%(ids)s::bigint[]) AND e.log <> 'veiled'
"""

_WRITE_SPOTS = """
UPDATE boards_spot s SET category = new.category, standing = new.standing, posted = new.posted, x = new.x, y = new.y,
       is_given = new.is_given
  FROM json_to_recordset(%(spots)s::json) AS new(
       id bigint, category text, standing text, posted boolean, x int, y int, is_given boolean)
 WHERE s.entry_id = new.id
"""

# In the order of the key: two who count wait for each other instead of deadlocking.
_ADD = """
INSERT INTO boards_cell AS c (mechanism, category, level, x, y, standing, posted, n, given, sum_x, sum_y, sum_id)
SELECT mechanism, category, level, x, y, standing, posted, n, given, sum_x, sum_y, sum_id
  FROM json_to_recordset(%(cells)s::json) AS new(
       mechanism text, category text, level smallint, x int, y int, standing text, posted boolean, n bigint,
       given bigint, sum_x bigint, sum_y bigint, sum_id bigint)
 ORDER BY mechanism COLLATE "C", category COLLATE "C", level, x, y, standing COLLATE "C", posted
ON CONFLICT (mechanism, category, level, x, y, standing, posted) DO UPDATE
   SET n = c.n + excluded.n, given = c.given + excluded.given, sum_x = c.sum_x + excluded.sum_x,
       sum_y = c.sum_y + excluded.sum_y, sum_id = c.sum_id + excluded.sum_id
"""

_CLEAR = """
DELETE FROM boards_cell c
 USING json_to_recordset(%(cells)s::json) AS gone(
       mechanism text, category text, level smallint, x int, y int, standing text, posted boolean)
 WHERE c.n = 0 AND c.mechanism = gone.mechanism AND c.category = gone.category AND c.level = gone.level
   AND c.x = gone.x AND c.y = gone.y AND c.standing = gone.standing AND c.posted = gone.posted
"""


@transaction.atomic
def place(entry_ids: Iterable[int]) -> None:
    """Count these entries as they are now, taking away what they were counted as before."""
    rules = map_rules()
    ids = sorted(set(entry_ids))
    if rules is None or not ids:
        return
    tell(_MAKE_SPOTS, {"ids": ids})
    before = {row[0]: _counted(row) for row in ask(_LOCK_SPOTS, {"ids": ids})}
    level = finest(rules)
    after = {row[0]: _standing(row, level) for row in ask(_READ, {"ids": ids})}
    changed = {id_: now for id_, now in after.items() if now != before[id_]}
    if not changed:
        return
    sums: dict[tuple[Any, ...], list[int]] = defaultdict(lambda: [0, 0, 0, 0, 0])
    for id_, now in changed.items():
        for was, sign in ((before[id_], -1), (now, 1)):
            if was is not None:
                _add(sums, id_, was, sign=sign, finest_level=level)
    rows = [dict(zip((*_KEY, *_SUMS), (*key, *values), strict=True)) for key, values in sums.items() if any(values)]
    tell(_WRITE_SPOTS, {"spots": as_json([_spot_row(id_, now) for id_, now in changed.items()])})
    tell(_ADD, {"cells": as_json(rows)})
    tell(_CLEAR, {"cells": as_json([row for row in rows if row["n"] <= 0])})


_KEY = ("mechanism", "category", "level", "x", "y", "standing", "posted")
_SUMS = ("n", "given", "sum_x", "sum_y", "sum_id")


def _counted(row: Sequence[Any]) -> Standing | None:
    _, mechanism, category, standing, posted, x, y, is_given = row
    if not standing:
        return None
    return Standing(mechanism, category, standing, posted, None if x is None else (x, y), is_given)


def _standing(row: Sequence[Any], level: int) -> Standing:
    _, mechanism, program_hash, area, category, meaning, overdue, posted, kept = row
    place, is_given = coarse_place(
        rulebook.program(program_hash), json.loads(kept) if kept else {}, area=area, level=level
    )
    standing = {None: OVERDUE if overdue else OPEN, "solved": STRUCK, "failed": FAILED}.get(meaning, CLOSED)
    return Standing(mechanism, category, standing, posted, place, is_given)


def coarse_place(program: Program, kept: Mapping[str, Json], *, area: str, level: int) -> tuple[Cell | None, bool]:
    """Return the square in which the public sees an entry, and whether it comes from the raiser's own position."""
    for name, value in kept.items():
        asked = program.fields.get(name)
        if asked is not None and asked.type == "position" and isinstance(value, str):
            return cells.cell_at(positions.degrees(value), level), True
    middle = middle_near(area)
    return (None if middle is None else cells.cell_at(middle, level)), False


def middle_near(area: str) -> tuple[float, float] | None:
    """Return the middle of the area, or of the nearest above it that has one.

    Not the city's own: a whole city's entries on one point would look like a place where much goes wrong.
    """
    view = people.area(area)
    for code in reversed(view.path[1:] if view else ()):
        above = people.area(code)
        if above is not None and above.centre is not None:
            return above.centre
    return None


def _add(sums: dict[tuple[Any, ...], list[int]], id_: int, counted: Standing, *, sign: int, finest_level: int) -> None:
    x, y = counted.place or (0, 0)
    values = (1, int(counted.is_given), x, y, id_)
    for category in {"", counted.category}:
        for level, cell in _squares(counted.place, finest_level):
            key = (counted.mechanism, category, level, *cell, counted.standing, counted.posted)
            sums[key] = [a + sign * b for a, b in zip(sums[key], values, strict=True)]


def _squares(place: Cell | None, finest_level: int) -> Iterator[tuple[int, Cell]]:
    if place is None:
        yield NOWHERE, (0, 0)
        return
    for level in range(min(WIDEST, finest_level), finest_level + 1):
        yield level, cells.wider(place, finest_level - level)


def _spot_row(id_: int, now: Standing) -> dict[str, Any]:
    x, y = now.place or (None, None)
    return {
        "id": id_, "category": now.category, "standing": now.standing, "posted": now.posted, "x": x, "y": y,
        "is_given": now.is_given,
    }  # fmt: skip

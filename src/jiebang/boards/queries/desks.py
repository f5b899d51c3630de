"""The staff's lists: what waits for an office today, every open matter of its area narrowed and sorted, and what a
board office watches over.

Rows carry what everybody may read, and how the raiser's words begin where the reader's own office has to read them and
no public text is written yet. A list is one page by keyset and one count that stops at 1,000.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from jiebang import engine
from jiebang.boards.database import ask
from jiebang.boards.drafts import milliseconds
from jiebang.boards.queries.coming import first_step, more_time, waits_for_duties
from jiebang.boards.queries.narrowing import (
    GROUP,
    GROUPS,
    IN_STATES,
    LEAST_EVENTS,
    OFFICE_LISTS,
    Due,
    Ends,
    Kind,
    Wanted,
    area_where,
    cursor,
    kind_where,
    pairs_of,
    programs,
    states_of,
    where_of,
    work_keys,
)
from jiebang.boards.queries.own_words import beginnings
from jiebang.boards.queries.rows import ROW, Row, row_from
from jiebang.boards.queries.searching import COUNT_CAP
from jiebang.boards.ways import handed_on, ways
from jiebang.engine.canonical import facts_from_json
from jiebang.engine.lookups import DUTY, EXTENSION_TITLES, GRANT
from jiebang.engine.model import Actor, Program, Texts
from jiebang.engine.objecting import answers_owed
from jiebang.engine.parties import fits
from jiebang.people import queries as people
from jiebang.rulebook import queries as rulebook


@dataclass(frozen=True, slots=True)
class Refusal:
    """A unit gave a matter back: which one, when, and its reasons as it gave them to everybody."""

    unit: Texts
    move: Texts
    at: datetime
    reasons: tuple[tuple[Texts, str], ...]


@dataclass(frozen=True, slots=True)
class DeskRow:
    """An entry on a desk. `next` is the move its holder owes first (name and title), given to that holder alone."""

    row: Row
    seq: int
    since: datetime  # in this state
    handed_on: int
    next: tuple[str, Texts] | None
    refusals: tuple[Refusal, ...] = ()
    own_words: str = ""  # how the raiser's begin, while the reader's office has yet to write the public text


@dataclass(frozen=True, slots=True)
class DeskPage:
    rows: tuple[DeskRow, ...]
    count: int
    is_capped: bool
    next: str


@dataclass(frozen=True, slots=True)
class Duty:
    """What waits for somebody beside an entry's own next step, until when: a parallel duty, or a wish for more time
    to be decided. `move` is the name of its form."""

    number: str
    entry: str  # its public title
    move: str
    title: Texts
    due_at: datetime
    is_late: bool


@dataclass(frozen=True, slots=True)
class Day:
    """What waits for somebody, by when it is due; `counts` are of all, `rows` the first of each group."""

    counts: Mapping[Due, int]
    rows: Mapping[Due, tuple[DeskRow, ...]]
    duties: tuple[Duty, ...]


_DESK_ROW = f"{ROW}, e.seq, e.entered_at, e.holder_key, e.facts"
_FROM = "boards_entry e LEFT JOIN boards_text t ON t.entry_id = e.id"


def day(actor: Actor, ends: Ends, *, most: int = 25) -> Day:
    """Return what the actor's offices and units owe, parted by when it is due; at most `most` rows of each part."""
    keys = work_keys(actor)
    wanted: dict[str, Any] = {"keys": keys, "now": ends.now, "today": ends.today, "week": ends.week, "most": most}
    mine = "e.holder_key = ANY(%(keys)s::text[]) AND e.closed_at IS NULL"
    counts: dict[Due, int] = dict.fromkeys(GROUPS, 0)
    rows: dict[Due, tuple[DeskRow, ...]] = {}
    if keys:
        counts |= dict(ask(f"SELECT {GROUP}, count(*) FROM boards_entry e WHERE {mine} GROUP BY 1", wanted))
        picked = (
            f"(SELECT id, part, place FROM (SELECT e.id, {GROUP} AS part,"
            f" row_number() OVER (PARTITION BY {GROUP} ORDER BY e.due_at, e.id) AS place"
            f" FROM boards_entry e WHERE {mine}) parted WHERE place <= %(most)s) first"
        )
        found = ask(
            f"SELECT {_DESK_ROW}, first.part FROM {picked} JOIN boards_entry e ON e.id = first.id"
            " LEFT JOIN boards_text t ON t.entry_id = e.id ORDER BY first.part, first.place",
            wanted,
        )
        for part in GROUPS:
            rows[part] = _desk_rows([row[:-1] for row in found if row[-1] == part], keys)
    beside = [*_duties_of(actor, ends), *_more_time_for(actor, ends)]
    return Day(counts, rows, tuple(sorted(beside, key=lambda duty: duty.due_at)))


def desk_list(
    actor: Actor, wanted: Wanted, ends: Ends, *, after: str = "", size: int = 50, count: bool = True
) -> DeskPage:
    """Return one page of a work list; `after` is the `next` of the page before.

    Whoever has the number already asks without `count`, which is then that of the rows.
    """
    where, values = where_of(actor, wanted, ends)
    if where is None:
        return DeskPage((), 0, False, "")
    column, direction, later = _ORDER[wanted.sort]
    page_where, page_values = where, dict(values) | {"size": size + 1}
    if (start := cursor(after)) is not None:
        page_where += f" AND ({column}, e.id) {later} (%(after_at)s, %(after_id)s)"
        page_values |= {"after_at": start[0], "after_id": start[1]}
    order = f"{column} {direction}, e.id {direction}"
    # Only ids are sorted: the rows themselves are wide, and most of those sorted are not shown.
    found = ask(
        f"SELECT {_DESK_ROW} FROM (SELECT e.id FROM boards_entry e WHERE {page_where} ORDER BY {order}"
        f" LIMIT %(size)s) page JOIN boards_entry e ON e.id = page.id LEFT JOIN boards_text t ON t.entry_id = e.id"
        f" ORDER BY {order}",
        page_values,
    )
    more, shown = len(found) > size, found[:size]
    counted = len(shown)
    if count and (more or start is not None):  # one page that holds all of them needs no counting
        counting = f"SELECT count(*) FROM (SELECT 1 FROM boards_entry e WHERE {where} LIMIT {COUNT_CAP + 1}) found"
        counted = ask(counting, values)[0][0]
    following = ""
    if more:
        last = shown[-1]
        at = {"due": last[9], "waiting": last[20], "raised": last[13]}[wanted.sort]
        following = f"{milliseconds(at)}-{last[17]}"
    keys = work_keys(actor)
    refusals = _refusals([row[17] for row in shown]) if wanted.kind == "given-back" else {}
    rows = _desk_rows(shown, keys, refusals)
    return DeskPage(rows, min(counted, COUNT_CAP), counted > COUNT_CAP, following)


def desk_rows(actor: Actor, numbers: Sequence[str]) -> dict[str, DeskRow]:
    """Return these entries as they stand on the actor's desk, by number; one of a veiled board only to its holder."""
    keys = work_keys(actor)
    found = ask(
        f"SELECT {_DESK_ROW} FROM {_FROM} WHERE e.number = ANY(%(numbers)s::text[])"
        " AND (e.log <> 'veiled' OR e.holder_key = ANY(%(keys)s::text[]))",
        {"numbers": [number for number in numbers if number.isascii() and number.isprintable()], "keys": keys},
    )
    return {each.row.number: each for each in _desk_rows(found, keys)}


_ORDER = {
    "due": ("e.due_at", "ASC", ">"),
    "waiting": ("e.entered_at", "ASC", ">"),
    "raised": ("e.raised_at", "DESC", "<"),
}


def office_counts(actor: Actor, ends: Ends) -> dict[Kind, int]:
    """Return how many matters stand on each of a board office's lists, in all of the actor's areas, in one look."""
    here, values = area_where(actor, "")
    if here is None:
        return dict.fromkeys(OFFICE_LISTS, 0)
    each = []
    for kind in OFFICE_LISTS:
        condition, more = kind_where(kind)
        each.append(f"count(*) FILTER (WHERE {condition})")
        values |= more
    values |= {"now": ends.now}
    row = ask(f"SELECT {', '.join(each)} FROM boards_entry e WHERE e.closed_at IS NULL AND {here}", values)[0]
    return dict(zip(OFFICE_LISTS, row, strict=True))


def calls(actor: Actor, *, limit: int = 50) -> list[DeskRow]:
    """Return the matters whose raisers this actor may call now, the next due first; never one they had a hand in."""
    keys = work_keys(actor)
    pairs = states_of(lambda found: found.called_back)
    if not keys or not pairs:
        return []
    found = ask(
        f"SELECT {_DESK_ROW} FROM {_FROM} WHERE e.holder_key = ANY(%(keys)s::text[])"
        f" AND e.closed_at IS NULL AND {IN_STATES.format(name='called')} ORDER BY e.due_at, e.id LIMIT %(limit)s",
        {"keys": keys, "limit": limit * 2} | pairs_of("called", pairs),
    )
    return [_desk_row(row, keys) for row in found if _may_call(row, actor)][:limit]


def _may_call(row: Sequence[Any], actor: Actor) -> bool:
    program = rulebook.program(row[2])
    facts = facts_from_json(json.loads(row[22]))
    return any(
        move.verified_as == "call-back" and isinstance(may, engine.Yes)
        for move, may in engine.moves_open_to(program, facts, actor)
    )


# ── Rows ────────────────────────────────────────────────────────────────────────────────────────────────────


def _desk_rows(
    found: Sequence[Sequence[Any]], keys: Sequence[str], refusals: Mapping[int, tuple[Refusal, ...]] | None = None
) -> tuple[DeskRow, ...]:
    rows = {row[17]: _desk_row(row, keys, (refusals or {}).get(row[17], ())) for row in found}
    # Whoever holds an entry by an office looks after it, so the words kept for its parties are theirs to read.
    posts = {key for key in keys if key.startswith("post:")}
    unread = {row[17]: rulebook.program(row[2]) for row in found if row[21] in posts and not rows[row[17]].row.title}
    for id_, words in beginnings(unread).items():
        rows[id_] = replace(rows[id_], own_words=words)
    return tuple(rows.values())


def _desk_row(row: Sequence[Any], keys: Sequence[str], refusals: tuple[Refusal, ...] = ()) -> DeskRow:
    program = rulebook.program(row[2])
    seq, since, holder_key, facts = row[19:23]
    return DeskRow(
        row=row_from(row[:19]),
        seq=seq,
        since=since,
        handed_on=_handed_on(program, seq, facts),
        next=_next(program, row[6], facts) if holder_key in keys else None,
        refusals=refusals,
    )


def _handed_on(program: Program, seq: int, facts: str) -> int:
    # Reading the facts of fifty rows takes as long as finding them; those with few events went to nobody second.
    return handed_on(program, facts_from_json(json.loads(facts))) if seq >= LEAST_EVENTS["given-back"] else 0


def _next(program: Program, name: str, facts: str) -> tuple[str, Texts] | None:
    state = program.states.get(name)
    if state is None:
        return None
    # Reading the facts of fifty rows takes as long as finding them: only where they matter.
    return first_step(state, json.loads(facts).get("duties_done", ()) if waits_for_duties(state) else ())


_REFUSALS = """
SELECT v.entry_id, e.program_hash, v.from_state, v.move, v.unit, v.at, v.seq > e.erased_seq,
       v.rest->'answers', (SELECT p.value FROM boards_private p
                            WHERE p.entry_id = v.entry_id AND p.seq = v.seq AND p.name = 'told')
  FROM boards_event v JOIN boards_entry e ON e.id = v.entry_id
 WHERE v.entry_id = ANY(%(ids)s::bigint[]) AND v.kind = 'move' AND v.move = ANY(%(moves)s::text[])
 ORDER BY v.entry_id, v.seq
"""


def _refusals(ids: Sequence[int]) -> dict[int, tuple[Refusal, ...]]:
    """Return why these entries were given back, each time, by entry."""
    moves = sorted({move for program in programs() for move in ways(program).giving_back})
    found: dict[int, list[Refusal]] = {}
    for id_, program_hash, state, move, unit, at, is_open, answers, told in ask(
        _REFUSALS, {"ids": ids, "moves": moves}
    ):
        program = rulebook.program(program_hash)
        told_to_all = (json.loads(answers) if answers else {}) | (json.loads(told) if told and is_open else {})
        view = people.unit(unit) if unit else None
        found.setdefault(id_, []).append(
            Refusal(
                unit=view.names if view else {},
                move=program.states[state].moves[move].title,
                at=at,
                reasons=tuple(
                    (program.fields[name].title, str(value))
                    for name, value in told_to_all.items()
                    if name in program.fields and value
                ),
            )
        )
    return {id_: tuple(each) for id_, each in found.items()}


# ── Duties ──────────────────────────────────────────────────────────────────────────────────────────────────

_DUTIES = """
SELECT e.number, coalesce(t.title, ''), e.program_hash, e.facts, l.name, l.due_at
  FROM boards_limit l JOIN boards_entry e ON e.id = l.entry_id LEFT JOIN boards_text t ON t.entry_id = e.id
 WHERE l.kind = 'duty' AND {here}
 ORDER BY l.due_at LIMIT 200
"""


def _duties_of(actor: Actor, ends: Ends) -> Iterable[Duty]:
    """Give the parallel duties that are the actor's. A row of theirs names no holder; the program does."""
    here, values = area_where(actor, "")
    if here is None:
        return
    for number, title, program_hash, facts_json, name, due_at in ask(_DUTIES.format(here=here), values):
        program = rulebook.program(program_hash)
        facts = facts_from_json(json.loads(facts_json))
        duty = next((state.duties[name] for state in program.states.values() if name in state.duties), None)
        if duty is not None and fits(program.parties[duty.of], actor, facts.place, facts):
            yield Duty(number, title, DUTY + name, duty.title, due_at, due_at < ends.now)
        answer = answers_owed(program, facts).get(name)
        if answer is not None and any(fits(program.parties[one], actor, facts.place, facts) for one in answer.by):
            yield Duty(number, title, name, answer.title, due_at, due_at < ends.now)


_ASKED = """
SELECT e.number, coalesce(t.title, ''), e.program_hash, e.facts
  FROM boards_entry e LEFT JOIN boards_text t ON t.entry_id = e.id
 WHERE e.closed_at IS NULL AND jsonb_typeof(e.facts->'extension_asked') = 'number' AND {here} AND {states}
 ORDER BY e.entered_at LIMIT 200
"""


def _more_time_for(actor: Actor, ends: Ends) -> Iterable[Duty]:
    """Give the wishes for more time that wait for the actor: nobody holds these, and silence is a no."""
    pairs = [
        (version.mechanism, state.name)
        for version in rulebook.mechanisms()
        for state in version.program.states.values()
        if state.extend
    ]
    here, values = area_where(actor, "")
    if here is None or not pairs:
        return
    sql = _ASKED.format(here=here, states=IN_STATES.format(name="extend"))
    for number, title, program_hash, facts_json in ask(sql, values | pairs_of("extend", pairs)):
        program = rulebook.program(program_hash)
        facts = facts_from_json(json.loads(facts_json))
        wish, state = more_time(program, facts), program.states.get(facts.state)
        if wish is None or state is None or state.extend is None or wish.decides_by < ends.now:
            continue
        if fits(program.parties[state.extend.decided_by], actor, facts.place, facts):
            yield Duty(number, title, GRANT, EXTENSION_TITLES[GRANT], wish.decides_by, is_late=False)

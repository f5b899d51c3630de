"""What the rooms above may ask about entries: boards, entries, work lists, receipts, facts for followers.

Rows come ready to show: names and titles are looked up here, from what this process already knows, so a board page
is one statement and a flat template.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings

from jiebang import engine
from jiebang.boards import bigrams, photos
from jiebang.boards.database import ask, ask_planned_anew
from jiebang.boards.drafts import LogManner, event_from, milliseconds, moment, sealed, work_key
from jiebang.boards.files import is_official_of
from jiebang.boards.house import zone_of
from jiebang.engine.canonical import facts_from_json
from jiebang.engine.model import Actor, Event, Facts, Field, Json, Move, No, Program, Refused, State, Texts, Yes
from jiebang.engine.parties import HANDLER
from jiebang.ledger import queries as ledger
from jiebang.ledger import receipt as receipts
from jiebang.people import queries as people
from jiebang.rulebook import queries as rulebook

PAGE = 50
COUNT_CAP = 1000
NOTHING: Texts = {"zh": "", "en": ""}


# ── A board ─────────────────────────────────────────────────────────────────────────────────────────────────


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
class Row:
    """One entry as a list shows it. `title` is empty until somebody has screened what was raised, or after erasure.

    `late_since` is the first limit the city let pass since somebody last moved the entry on; None unless overdue.
    """

    number: str
    mechanism: str
    title: str
    category: str
    category_title: Texts
    area: str
    area_names: tuple[Texts, ...]  # below the city, widest first
    state: str
    state_title: Texts
    meaning: str
    is_open: bool
    overdue: bool
    due_at: datetime | None
    provisional: bool
    holder_title: Texts
    holder_unit: Texts
    raised_at: datetime
    closed_at: datetime | None
    solved: str
    erased: bool
    late_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class BoardPage:
    """`count` stops at 1,000 (`is_capped`): counting further would cost more than it tells. `next` continues."""

    rows: tuple[Row, ...]
    count: int
    is_capped: bool
    next: str


# The last column is asked of overdue entries alone: the clock's moves since a person last moved the entry on.
_ROW = """
    e.number, e.mechanism, e.program_hash, coalesce(t.title, ''), e.category, e.area_id, e.state, e.meaning, e.overdue,
    e.due_at, e.provisional, e.holder_party, e.holder_unit, e.raised_at, e.closed_at, e.solved, e.erased_seq, e.id,
    CASE WHEN e.overdue THEN (
      SELECT jsonb_agg(jsonb_build_array(v.from_state, (extract(epoch FROM v.missed) * 1000)::bigint) ORDER BY v.seq)
        FROM boards_event v WHERE v.entry_id = e.id AND v.kind = 'clock' AND v.missed IS NOT NULL
         AND v.seq > (SELECT max(m.seq) FROM boards_event m
                       WHERE m.entry_id = e.id AND m.kind <> 'clock' AND m.to_state <> m.from_state)) END
"""


def board(mechanism: str, filters: Filters = Filters(), *, after: str = "", size: int = PAGE) -> BoardPage:
    """Return one page of a board, newest first; `after` is the `next` of the page before."""
    narrowed = _narrowed(mechanism, filters)
    if narrowed is None:
        return BoardPage((), 0, False, "")
    where, wanted = narrowed
    source, asked = "boards_entry e", ask
    if "s.bigrams" in where:
        source, asked = f"{source} JOIN boards_text s ON s.entry_id = e.id", ask_planned_anew
    counted = asked(f"SELECT count(*) FROM (SELECT 1 FROM {source} WHERE {where} LIMIT {COUNT_CAP + 1}) found", wanted)[
        0
    ][0]
    page_where, page_wanted = where, dict(wanted)
    if (start := _cursor(after)) is not None:
        page_where += " AND (e.raised_at, e.id) < (%(raised_at)s, %(id)s)"
        page_wanted |= {"raised_at": start[0], "id": start[1]}
    found = asked(
        f"SELECT {_ROW} FROM (SELECT e.* FROM {source} WHERE {page_where}"
        " ORDER BY e.raised_at DESC, e.id DESC LIMIT %(size)s) e"
        " LEFT JOIN boards_text t ON t.entry_id = e.id ORDER BY e.raised_at DESC, e.id DESC",
        page_wanted | {"size": size + 1},
    )
    more = len(found) > size
    shown = found[:size]
    following = f"{milliseconds(shown[-1][13])}-{shown[-1][17]}" if more else ""
    return BoardPage(tuple(_row(row) for row in shown), min(counted, COUNT_CAP), counted > COUNT_CAP, following)


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
        column = _area_column(filters.area)
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


def _area_column(code: str) -> str | None:
    """Return the column that holds this area in an entry's row; empty for the city itself, None if unknown."""
    view = people.area(code)
    if view is None:
        return None
    depth = len(view.path) - 1
    return "" if depth == 0 else f"area_{depth}" if depth <= 3 else None


def _cursor(after: str) -> tuple[datetime, int] | None:
    first, _, second = after.partition("-")
    if not (first.isascii() and first.isdecimal() and second.isascii() and second.isdecimal()):
        return None
    return (moment(int(first)), int(second)) if len(first) < 15 and len(second) < 19 else None


def _row(row: Sequence[Any]) -> Row:
    (number, mechanism, program_hash, title, category, area, state, meaning, overdue, due_at, provisional, party, unit,
     raised_at, closed_at, solved, erased_seq, _, passed) = row  # fmt: skip
    program = rulebook.program(program_hash)
    return Row(
        number=number,
        mechanism=mechanism,
        title=title,
        category=category,
        category_title=_category_title(program, category),
        area=area,
        area_names=_area_names(area),
        state=state,
        state_title=_state_title(program, state),
        meaning=meaning or "",
        is_open=meaning is None,
        overdue=overdue,
        due_at=due_at,
        provisional=provisional,
        holder_title=program.parties[party].title if party else NOTHING,
        holder_unit=_unit_names(unit),
        raised_at=raised_at,
        closed_at=closed_at,
        solved=solved,
        erased=erased_seq > 0,
        late_since=_late_since(program, json.loads(passed)) if passed else None,
    )


def _late_since(program: Program, passed: Sequence[tuple[str, int]]) -> datetime | None:
    """Return the first of these missed limits that the city owed: a raiser's own silence makes nobody late."""
    for name, missed in passed:
        state = program.states[name]
        if state.limit.kind == "within" and program.parties[state.holder].is_official:
            return moment(missed)
    return None


# ── One entry ───────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Answer:
    """A question and what was answered; a choice comes with its title."""

    field: Field
    value: Json
    title: Texts


@dataclass(frozen=True, slots=True)
class AttachmentView:
    id: int
    seq: int
    field: str
    label: str
    width: int
    height: int
    released_at: datetime | None


@dataclass(frozen=True, slots=True)
class EventView:
    """One event of the timeline. `place` is (shard, index) in the public log, None while the leaf waits."""

    seq: int
    kind: str
    move: str
    move_title: Texts
    from_state: str
    to_state: str
    to_title: Texts
    at: datetime
    is_day_only: bool
    missed: datetime | None
    due: datetime | None
    provisional: bool
    party: str
    party_title: Texts
    unit: Texts
    named_unit: Texts
    verified: str
    answers: tuple[Answer, ...]
    leaf_id: int
    place: tuple[str, int] | None
    attachments: tuple[AttachmentView, ...]
    joined_number: str


@dataclass(frozen=True, slots=True)
class EntryView:
    """One entry as everybody may see it. `seal` is "" or how it was struck off: "yes" or "partly"."""

    row: Row
    uid: str
    text: str
    program: Program
    seq: int
    entered_at: datetime
    due_span: str
    holder_party: str
    raisers: int
    satisfied: str
    verified: str
    seal: str
    next_if_late: Texts  # where the clock leads if nobody acts
    next_moves: tuple[Texts, ...]  # what the holder may do
    others_moves: tuple[tuple[Texts, tuple[Texts, ...]], ...]  # officials other than the holder, and what they may do
    joined_into: str
    joined: tuple[str, ...]  # entries merged into this one
    events: tuple[EventView, ...]


@dataclass(frozen=True, slots=True)
class MoveView:
    """A move of the present state: whether this person may make it now, and if not, why."""

    move: Move
    may: bool
    party: str
    refused: Refused | None


@dataclass(frozen=True, slots=True)
class LateDuty:
    name: str
    title: Texts
    due_at: datetime
    late_at: datetime | None


@dataclass(frozen=True, slots=True)
class StaffEntryView:
    """An entry as those who look after it see it. `kept` holds what only the parties may read, by event."""

    entry: EntryView
    sees_kept: bool
    kept: Mapping[int, tuple[Answer, ...]]
    moves: tuple[MoveView, ...]
    attachments: tuple[AttachmentView, ...]
    duties: tuple[LateDuty, ...]
    wrong_tries: int
    facts: Facts


@dataclass(frozen=True, slots=True)
class RaiserEntryView:
    """An entry as its raiser sees it after giving the code."""

    entry: EntryView
    kept: Mapping[int, tuple[Answer, ...]]
    moves: tuple[MoveView, ...]
    attachments: tuple[AttachmentView, ...]


@dataclass(slots=True)
class _Loaded:
    """Everything the database has about one entry."""

    view: EntryView
    facts: Facts
    kept: dict[int, tuple[Answer, ...]]
    attachments: tuple[AttachmentView, ...]
    id: int
    log: str


def entry(number: str) -> EntryView | None:
    """Return an entry as the public sees it, or None: no such entry, or a veiled board."""
    loaded = _load(number)
    return loaded.view if loaded and loaded.log != "veiled" else None


def entry_for(number: str, actor: Actor) -> StaffEntryView | None:
    """Return an entry as this official sees it, or None when it is not theirs in any way."""
    loaded = _load(number)
    if loaded is None:
        return None
    moves = _moves(loaded, actor)
    sees_kept = is_official_of(loaded.view.program, loaded.facts, actor)
    if not sees_kept and not any(move.may for move in moves):
        return None
    return StaffEntryView(
        entry=loaded.view,
        sees_kept=sees_kept,
        kept=loaded.kept if sees_kept else {},
        moves=moves,
        attachments=loaded.attachments if sees_kept else (),
        duties=_duties(loaded),
        wrong_tries=wrong_tries(number),
        facts=loaded.facts,
    )


def entry_for_raiser(number: str, person: str, *, beside: str = "", via: str = "code") -> RaiserEntryView | None:
    """Return an entry as one of its raisers sees it, or None for anybody else."""
    loaded = _load(number)
    if loaded is None or not person or person not in loaded.facts.raisers:
        return None
    actor = Actor(person=person, beside=beside, via="account" if via == "account" else "code")
    mine = loaded.facts.raisers[0] == person  # what the first raiser kept back is not for those who joined later
    return RaiserEntryView(
        entry=loaded.view,
        kept=_kept_for_raiser(loaded, is_first=mine),
        moves=_moves(loaded, actor),
        attachments=tuple(
            one for one in loaded.attachments if one.released_at or one.seq in _told_to_raiser(loaded, is_first=mine)
        ),
    )


def _kept_for_raiser(loaded: _Loaded, *, is_first: bool) -> dict[int, tuple[Answer, ...]]:
    """Return what a raiser may read beside the public page: what they told themselves, and what officials said to
    the parties, such as a question to them."""
    raising = _raising(loaded.view.program)
    found: dict[int, tuple[Answer, ...]] = {}
    for event in loaded.view.events:
        if event.seq not in _told_to_raiser(loaded, is_first=is_first):
            continue
        is_own = event.seq == 1 or event.party in raising
        answers = tuple(a for a in loaded.kept.get(event.seq, ()) if is_own or a.field.visible == "parties")
        if answers:
            found[event.seq] = answers
    return found


def _told_to_raiser(loaded: _Loaded, *, is_first: bool) -> frozenset[int]:
    """Return the events a raiser may look into: their own, and what officials did. What another raiser told stays
    with that one."""
    raising = _raising(loaded.view.program)
    is_alone = len(loaded.facts.raisers) == 1
    return frozenset(
        event.seq
        for event in loaded.view.events
        if (is_first if event.seq == 1 else is_alone or event.party not in raising)
    )


def _raising(program: Program) -> frozenset[str]:
    return frozenset(name for name, party in program.parties.items() if party.kind in ("raiser", "anyone"))


@dataclass(frozen=True, slots=True)
class FormView:
    """What a move's form needs to be read: the rules, the facts, the place."""

    program: Program
    facts: Facts
    area: str


def form_of(number: str) -> FormView | None:
    """Return what is needed to read a form sent for this entry, in one statement; the move itself locks and asks
    again."""
    if not number.isascii() or not number.isprintable():
        return None
    rows = ask("SELECT program_hash, facts, area_id FROM boards_entry WHERE number = %(number)s", {"number": number})
    if not rows:
        return None
    program_hash, facts, area = rows[0]
    return FormView(rulebook.program(program_hash), facts_from_json(json.loads(facts)), area)


def wrong_tries(number: str) -> int:
    """Return how many wrong codes or PINs were tried on this entry in the last day."""
    return int(
        ask("SELECT coalesce(sum(count), 0) FROM boards_try WHERE subject = %(s)s", {"s": f"entry {number}"})[0][0]
    )


_ENTRY = f"""
SELECT {_ROW}, e.uid, coalesce(t.text, ''), e.log, e.facts, e.seq, e.entered_at, e.due_span, e.satisfied, e.verified,
       (SELECT number FROM boards_entry p WHERE p.id = e.joined_into_id),
       (SELECT coalesce(array_agg(c.number ORDER BY c.id), '{{}}') FROM boards_entry c WHERE c.joined_into_id = e.id)
  FROM boards_entry e LEFT JOIN boards_text t ON t.entry_id = e.id
 WHERE e.number = %(number)s
"""

_EVENTS = """
SELECT v.seq, v.kind, v.move, v.from_state, v.to_state, v.at, v.missed, v.due, v.party, v.person, v.unit, v.verified,
       v.rest, v.leaf_id,
       (SELECT p.value FROM boards_private p WHERE p.entry_id = v.entry_id AND p.seq = v.seq AND p.name = 'told'),
       (SELECT p.value FROM boards_private p WHERE p.entry_id = v.entry_id AND p.seq = v.seq AND p.name = 'kept')
  FROM boards_event v WHERE v.entry_id = %(id)s ORDER BY v.seq
"""

_ATTACHMENTS = """
SELECT id, seq, field, label, width, height, released_at FROM boards_attachment
 WHERE entry_id = %(id)s ORDER BY seq, place
"""


def _load(number: str) -> _Loaded | None:
    if not number.isascii() or not number.isprintable():
        return None
    found = ask(_ENTRY, {"number": number})
    if not found:
        return None
    data = found[0]
    row = _row(data[:19])
    id_ = data[17]
    (uid, text, log, facts_json, seq, entered_at, due_span, satisfied, verified, into, joined) = data[19:]
    program = rulebook.program(data[2])
    facts = facts_from_json(json.loads(facts_json))
    attachments = tuple(AttachmentView(*each) for each in ask(_ATTACHMENTS, {"id": id_}))
    events, kept = _timeline(id_, program, attachments, erased_seq=data[16])
    state = program.states.get(row.state)
    view = EntryView(
        row=row,
        uid=bytes(uid).hex(),
        text=text,
        program=program,
        seq=seq,
        entered_at=entered_at,
        due_span=due_span,
        holder_party=data[11],
        raisers=len(facts.raisers),
        satisfied=satisfied,
        verified=verified,
        seal=row.solved if row.meaning == "solved" else "",
        next_if_late=_state_title(program, state.clock_to) if state else NOTHING,
        next_moves=tuple(move.title for move in state.moves.values() if state.holder in move.by) if state else (),
        others_moves=_others_moves(program, state) if state else (),
        joined_into=into or "",
        joined=tuple(joined),
        events=events,
    )
    return _Loaded(view, facts, kept, attachments, id_, log)


def _others_moves(program: Program, state: State) -> tuple[tuple[Texts, tuple[Texts, ...]], ...]:
    """Return officials who may act although another holds the entry: any unit may claim what an office gives out."""
    found: dict[str, list[Texts]] = {}
    for move in state.moves.values():
        for name in move.by if state.holder not in move.by else ():
            if program.parties[name].is_official:
                found.setdefault(name, []).append(move.title)
    return tuple((program.parties[name].title, tuple(titles)) for name, titles in found.items())


def _timeline(
    id_: int, program: Program, attachments: Sequence[AttachmentView], *, erased_seq: int
) -> tuple[tuple[EventView, ...], dict[int, tuple[Answer, ...]]]:
    rows = ask(_EVENTS, {"id": id_})
    places = ledger.places_of([row[13] for row in rows])
    views: list[EventView] = []
    kept: dict[int, tuple[Answer, ...]] = {}
    for row in rows:
        event, leaf_id = _event(row), row[13]
        told = {**event.answers, **(json.loads(row[14]) if row[14] else {})}
        if row[15]:
            kept[event.seq] = _answers(program, json.loads(row[15]))
        views.append(
            EventView(
                seq=event.seq,
                kind=event.kind,
                move=event.move,
                move_title=_move_title(program, event),
                from_state=event.from_state,
                to_state=event.to_state,
                to_title=_state_title(program, event.to_state),
                at=event.at,
                # The exact moment was the raiser's to forget; the day stays, as in the log.
                is_day_only=event.seq <= erased_seq,
                missed=event.missed,
                due=event.due,
                provisional=event.provisional,
                party=event.party,
                party_title=program.parties[event.party].title if event.party in program.parties else NOTHING,
                unit=_unit_names(event.unit),
                named_unit=_unit_names(event.named_unit),
                verified=event.verified,
                answers=_answers(program, told),
                leaf_id=leaf_id,
                place=places.get(leaf_id),
                attachments=tuple(one for one in attachments if one.seq == event.seq and one.released_at),
                joined_number=event.joins,
            )
        )
    return tuple(views), kept


def _event(row: Sequence[Any]) -> Event:
    names = (
        "seq",
        "kind",
        "move",
        "from_state",
        "to_state",
        "at",
        "missed",
        "due",
        "party",
        "person",
        "unit",
        "verified",
    )
    return event_from(dict(zip(names, row[:12], strict=True)), json.loads(row[12]))


def _answers(program: Program, values: Mapping[str, Json]) -> tuple[Answer, ...]:
    return tuple(
        Answer(asked, value, next((one.title for one in asked.choices if one.id == value), NOTHING))
        for name, value in values.items()
        if (asked := program.fields.get(name)) is not None
    )


def _moves(loaded: _Loaded, actor: Actor) -> tuple[MoveView, ...]:
    return tuple(
        MoveView(
            move,
            isinstance(may, Yes),
            may.party if isinstance(may, Yes) else "",
            may.refused if isinstance(may, No) else None,
        )
        for move, may in engine.moves_open_to(loaded.view.program, loaded.facts, actor)
    )


def _duties(loaded: _Loaded) -> tuple[LateDuty, ...]:
    program = loaded.view.program
    titles = {duty.name: duty.title for state in program.states.values() for duty in state.duties.values()}
    rows = ask(
        "SELECT name, due_at, late_at FROM boards_limit WHERE entry_id = %(id)s ORDER BY due_at", {"id": loaded.id}
    )
    return tuple(LateDuty(name, titles.get(name, NOTHING), due_at, late_at) for name, due_at, late_at in rows)


# ── Work ────────────────────────────────────────────────────────────────────────────────────────────────────


def worklist(actor: Actor, *, limit: int = 200) -> list[Row]:
    """Return what the actor's offices and units owe, the next due first."""
    keys = sorted(
        {work for held in actor.appointments for work in (f"post:{held.office}:{held.area}", f"unit:{held.unit}")}
    )
    if not keys:
        return []
    rows = ask(
        f"SELECT {_ROW} FROM boards_entry e LEFT JOIN boards_text t ON t.entry_id = e.id"
        " WHERE e.holder_key = ANY(%(keys)s::text[]) AND e.closed_at IS NULL ORDER BY e.due_at, e.id LIMIT %(limit)s",
        {"keys": keys, "limit": limit},
    )
    return [_row(row) for row in rows]


def open_to_units(actor: Actor, *, limit: int = 100) -> list[Row]:
    """Return the entries any handling unit of the place may take up now, for somebody who acts for one."""
    columns = {
        (column, held.area)
        for held in actor.appointments
        if held.office == HANDLER and (column := _area_column(held.area)) is not None
    }
    states = [
        (version.mechanism, state.name)
        for version in rulebook.mechanisms()
        for state in version.program.states.values()
        if any(version.program.parties[party].kind == "unit" for move in state.moves.values() for party in move.by)
    ]
    if not columns or not states:
        return []
    wanted: dict[str, Any] = {"limit": limit, "mechanisms": [m for m, _ in states], "states": [s for _, s in states]}
    places: list[str] = []
    for n, (column, area) in enumerate(sorted(columns)):
        wanted[f"area{n}"] = area
        places.append(f"e.{column} = %(area{n})s" if column else "true")
    rows = ask(
        f"SELECT {_ROW} FROM boards_entry e LEFT JOIN boards_text t ON t.entry_id = e.id"
        " WHERE (e.mechanism, e.state) IN (SELECT * FROM unnest(%(mechanisms)s::text[], %(states)s::text[]))"
        f" AND ({' OR '.join(places)}) ORDER BY e.due_at, e.id LIMIT %(limit)s",
        wanted,
    )
    return [_row(row) for row in rows]


def raised_by(person: str, *, limit: int = 100) -> list[Row]:
    """Return what somebody with an account raised, newest first."""
    rows = ask(
        f"SELECT {_ROW} FROM boards_raiser r JOIN boards_entry e ON e.id = r.entry_id"
        " LEFT JOIN boards_text t ON t.entry_id = e.id"
        " WHERE r.person = %(person)s ORDER BY e.raised_at DESC, e.id DESC LIMIT %(limit)s",
        {"person": person, "limit": limit},
    )
    return [_row(row) for row in rows]


# ── Receipts and photos ─────────────────────────────────────────────────────────────────────────────────────


def receipt(number: str, seq: int, *, log_dir: Path | None = None, for_person: str = "") -> str | None:
    """Return the `.tlog-proof` of one event with the disclosures its reader may hold; None if there is no such event.

    Everybody gets `when` and `told`; the raiser also what was kept and the files' hashes.

    Raises:
        ledger.queries.NotPublishedError: the leaf is not in the published log yet.
    """
    found = ask(
        "SELECT e.id, e.uid, e.program_hash, e.log, e.key_id, e.erased_seq, e.facts FROM boards_entry e"
        " WHERE e.number = %(number)s",
        {"number": number},
    )
    if not found:
        return None
    id_, uid, program_hash, log, key_id, erased_seq, facts = found[0]
    rows = [row for row in ask(_EVENTS, {"id": id_}) if row[0] == seq]
    if not rows or (log == "veiled" and not for_person):
        return None
    leaf_id = rows[0][13]
    may_open = ["when", "told"]
    if for_person and for_person in facts_from_json(json.loads(facts)).raisers:
        may_open += ["kept", "files"]
    opened: Sequence[str] = ()
    if seq > erased_seq:
        disclosures = disclosures_of(
            uid=bytes(uid), number=number, program_hash=program_hash, log=log, key=f"k{key_id}", row=rows[0],
            values=private_values_of(id_, seq),
        )  # fmt: skip
        opened = [disclosures[name] for name in may_open if name in disclosures]
    shown = receipts.extra(ledger.leaf_bytes(leaf_id), opened)  # noqa: S610  # a receipt, no queryset
    return ledger.tlog_proof(leaf_id, log_dir=log_dir or settings.JIEBANG_LOG, extra=shown)


def private_values_of(entry_id: int, seq: int) -> dict[str, Json]:
    rows = ask(
        "SELECT name, value FROM boards_private WHERE entry_id = %(id)s AND seq = %(seq)s", {"id": entry_id, "seq": seq}
    )
    return {name: json.loads(value) for name, value in rows}


def disclosures_of(
    *, uid: bytes, number: str, program_hash: str, log: Any, key: str, row: Sequence[Any], values: Mapping[str, Json]
) -> dict[str, str]:
    event = _event(row)
    keys = people.keys([key, event.person])
    if key not in keys:
        return {}
    return sealed(
        uid=uid.hex(),
        number=number,
        program_hash=program_hash,
        log=log,
        event=event,
        values=values,
        key=keys[key],
        person_key=keys.get(event.person),
        manner=manner(),
    )[1]


def manner() -> LogManner:
    city = rulebook.city()
    return LogManner(zone_of(city.zone), city.levels)


@dataclass(frozen=True, slots=True)
class PhotoFile:
    path: Path
    released: bool


def photo(number: str, attachment: int, *, actor: Actor | None = None) -> PhotoFile | None:
    """Return where a photo lies, if this reader may see it: everybody once it is released, else its parties."""
    rows = ask(
        "SELECT a.file, a.released_at, a.seq, e.program_hash, e.facts, e.log,"
        " (SELECT v.party FROM boards_event v WHERE v.entry_id = a.entry_id AND v.seq = a.seq)"
        " FROM boards_attachment a JOIN boards_entry e ON e.id = a.entry_id"
        " WHERE e.number = %(number)s AND a.id = %(id)s",
        {"number": number, "id": attachment},
    )
    if not rows:
        return None
    file, released_at, seq, program_hash, facts_json, log, party = rows[0]
    place = photos.path_of(file, folder=settings.JIEBANG_FILES)
    if released_at is not None and log != "veiled":
        return PhotoFile(place, True)
    if actor is None:
        return None
    facts = facts_from_json(json.loads(facts_json))
    program = rulebook.program(program_hash)
    is_own = bool(facts.raisers) and actor.person == facts.raisers[0] and (seq == 1 or len(facts.raisers) == 1)
    # Whoever is to say whether it is solved must see what was done, released or not.
    is_shown = actor.person in facts.raisers and seq > 1 and party not in _raising(program)
    if is_own or is_shown or is_official_of(program, facts, actor):
        return PhotoFile(place, False)
    return None


# ── Facts for followers ─────────────────────────────────────────────────────────────────────────────────────


# ── For whoever plays or re-derives the whole board ─────────────────────────────────────────────────────────


def facts_of(numbers: Sequence[str]) -> dict[str, Facts]:
    """Return number → facts of these entries, in one statement; numbers nobody has are left out."""
    rows = ask("SELECT number, facts FROM boards_entry WHERE number = ANY(%(numbers)s)", {"numbers": list(numbers)})
    return {number: facts_from_json(json.loads(facts)) for number, facts in rows}


def standing(mechanism: str) -> dict[str, Facts]:
    """Return number → facts of every entry of a board, closed ones too, in the order they were raised."""
    rows = ask(
        "SELECT number, facts FROM boards_entry WHERE mechanism = %(mechanism)s ORDER BY id", {"mechanism": mechanism}
    )
    return {number: facts_from_json(json.loads(facts)) for number, facts in rows}


@dataclass(frozen=True, slots=True)
class EventFact:
    leaf_id: int
    number: str
    mechanism: str
    area_1: str
    kind: str
    move: str
    to_state: str
    at: datetime


def events(leaf_ids: Sequence[int]) -> list[EventFact]:
    """Return the events behind these leaves, in the order given; leaves that are no event are left out."""
    rows = ask(
        "SELECT v.leaf_id, e.number, e.mechanism, e.area_1, v.kind, v.move, v.to_state, v.at"
        " FROM unnest(%(ids)s::bigint[]) WITH ORDINALITY AS wanted(id, place)"
        " JOIN boards_event v ON v.leaf_id = wanted.id JOIN boards_entry e ON e.id = v.entry_id ORDER BY wanted.place",
        {"ids": list(leaf_ids)},
    )
    return [EventFact(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class Tally:
    """Raw counts of one board in one area; the room `scoring` makes figures of them.

    `closed` counts by meaning since `since`; `solved` and `satisfied` the verdicts of those closed; `days` the
    median from raising to striking, in hundredths of a calendar day.
    """

    open: int
    overdue: int
    failed: int
    struck_this_month: int
    closed: Mapping[str, int] = field(default_factory=dict)
    solved: Mapping[str, int] = field(default_factory=dict)
    satisfied: Mapping[str, int] = field(default_factory=dict)
    verified: Mapping[str, int] = field(default_factory=dict)
    median_days_100: int | None = None


_TALLY = """
WITH here AS (
  SELECT meaning, overdue, closed_at, raised_at, solved, satisfied, verified FROM boards_entry e
   WHERE e.mechanism = %(mechanism)s {area}),
recent AS (SELECT * FROM here WHERE closed_at >= %(since)s AND closed_at < %(at)s),
struck AS (SELECT * FROM recent WHERE meaning = 'solved')
SELECT (SELECT count(*) FROM here WHERE meaning IS NULL),
       (SELECT count(*) FROM here WHERE overdue),
       (SELECT count(*) FROM here WHERE meaning = 'failed'),
       (SELECT count(*) FROM here WHERE meaning = 'solved' AND closed_at >= %(month)s AND closed_at < %(at)s),
       (SELECT jsonb_object_agg(meaning, n) FROM (SELECT meaning, count(*) n FROM recent GROUP BY 1) c),
       (SELECT jsonb_object_agg(solved, n) FROM (SELECT solved, count(*) n FROM struck GROUP BY 1) c),
       (SELECT jsonb_object_agg(satisfied, n) FROM (SELECT satisfied, count(*) n FROM struck GROUP BY 1) c),
       (SELECT jsonb_object_agg(verified, n) FROM (SELECT verified, count(*) n FROM struck GROUP BY 1) c),
       (SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM closed_at - raised_at))
          FROM struck)
"""


def tally(mechanism: str, *, area: str, since: datetime, month: datetime, at: datetime) -> Tally:
    """Count one board in one area: what is open now, and what was closed from `since` until `at`."""
    column = _area_column(area)
    wanted: dict[str, Any] = {"mechanism": mechanism, "since": since, "month": month, "at": at}
    if column:
        wanted["area"] = area
    row = ask(_TALLY.format(area=f"AND e.{column} = %(area)s" if column else ""), wanted)[0]
    closed, solved, satisfied, verified = (json.loads(each) if each else {} for each in row[4:8])
    median = None if row[8] is None else round(float(row[8]) / 864)
    open_, overdue, failed, this_month = row[:4]
    return Tally(open_, overdue, failed, this_month, closed, solved, satisfied, verified, median)


def mechanisms_with_entries() -> Collection[str]:
    return [row[0] for row in ask("SELECT DISTINCT mechanism FROM boards_entry ORDER BY 1", {})]


# ── Small ───────────────────────────────────────────────────────────────────────────────────────────────────


def holder_key(program: Program, party: str, place: Mapping[str, str], unit: str = "") -> str:
    """Return the work-list key of a party at a place."""
    return work_key(program.parties[party], place, unit)


def _state_title(program: Program, name: str) -> Texts:
    known = program.states.get(name) or program.finals.get(name) or program.routes.get(name)
    return known.title if known else NOTHING


def _category_title(program: Program, category: str) -> Texts:
    asked = program.fields.get("category")
    return next((one.title for one in asked.choices if one.id == category), NOTHING) if asked else NOTHING


def _move_title(program: Program, event: Event) -> Texts:
    if event.kind == "open":
        return program.openings[event.move].title
    if event.kind == "duty":
        name = event.move.removeprefix("duty:")
        return next((s.duties[name].title for s in program.states.values() if name in s.duties), NOTHING)
    state = program.states.get(event.from_state)
    move = state.moves.get(event.move) if state else None
    return move.title if move else NOTHING


def _area_names(code: str) -> tuple[Texts, ...]:
    view = people.area(code)
    if view is None:
        return ()
    path = view.path[1:] or view.path
    return tuple(found.names for one in path if (found := people.area(one)) is not None)


def _unit_names(slug: str) -> Texts:
    view = people.unit(slug) if slug else None
    return view.names if view else NOTHING

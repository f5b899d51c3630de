"""One entry, for each who may ask: everybody, those who look after it, and those who raised it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jiebang import engine
from jiebang.boards.database import ask
from jiebang.boards.files import is_official_of
from jiebang.boards.looking import PRIVATE, may_look
from jiebang.boards.queries.again import again_view
from jiebang.boards.queries.coming import blocked_moves, more_time, open_moves
from jiebang.boards.queries.objecting import objections_of
from jiebang.boards.queries.rows import ROW, row_from
from jiebang.boards.queries.timeline import raising_parties, timeline
from jiebang.boards.queries.titles import NOTHING, state_title
from jiebang.boards.queries.views import (
    Answer,
    AttachmentView,
    EntryView,
    FormView,
    LateDuty,
    LinkView,
    MoveView,
    RaiserEntryView,
    StaffEntryView,
)
from jiebang.engine.canonical import facts_from_json
from jiebang.engine.model import Actor, Facts, Field, No, Program, State, Texts, Yes
from jiebang.engine.objecting import answers_owed
from jiebang.rulebook import queries as rulebook


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
        kept=_without_private(loaded.kept) if sees_kept else {},
        moves=moves,
        attachments=loaded.attachments if sees_kept else (),
        duties=_duties(loaded),
        wrong_tries=wrong_tries(number),
        facts=loaded.facts,
        withheld=_private_fields(loaded.kept) if sees_kept else (),
        may_look=may_look(loaded.view.program, loaded.facts, actor),
    )


def _without_private(kept: Mapping[int, tuple[Answer, ...]]) -> dict[int, tuple[Answer, ...]]:
    """Leave out what is shown only on being asked for, and written down."""
    return {seq: tuple(one for one in answers if one.field.visible != PRIVATE) for seq, answers in kept.items()}


def _private_fields(kept: Mapping[int, tuple[Answer, ...]]) -> tuple[Field, ...]:
    found = {one.field.name: one.field for answers in kept.values() for one in answers if one.field.visible == PRIVATE}
    return tuple(found.values())


def entry_for_raiser(number: str, person: str, *, beside: str = "", via: str = "code") -> RaiserEntryView | None:
    """Return an entry as one of its raisers sees it, or None for anybody else."""
    loaded = _load(number)
    if loaded is None or not person or person not in loaded.facts.raisers:
        return None
    actor = Actor(person=person, beside=beside, via="account" if via == "account" else "code")
    told = _told_to_raiser(loaded, own := _own_steps(loaded, person))
    return RaiserEntryView(
        entry=loaded.view,
        kept=_kept_for_raiser(loaded, told, own),
        moves=_moves(loaded, actor),
        attachments=tuple(one for one in loaded.attachments if one.released_at or one.seq in told),
    )


def _own_steps(loaded: _Loaded, person: str) -> frozenset[int]:
    """Return the steps this raiser made. Who wrote the first one down may be a clerk: it is of whoever it was for.

    Asked of the rows, not of the order of raisers: when the first one leaves, the next is not the first one.
    """
    return frozenset(
        row[0]
        for row in ask(
            "SELECT v.seq FROM boards_event v WHERE v.entry_id = %(id)s AND CASE WHEN v.seq = 1 THEN EXISTS ("
            "SELECT 1 FROM boards_raiser r WHERE r.entry_id = v.entry_id AND r.person = %(person)s)"
            " ELSE v.person = %(person)s END",
            {"id": loaded.id, "person": person},
        )
    )


def _kept_for_raiser(loaded: _Loaded, told: frozenset[int], own: frozenset[int]) -> dict[int, tuple[Answer, ...]]:
    """Return what a raiser may read beside the public page: what they told themselves, and what officials said to
    the parties, such as a question to them."""
    found: dict[int, tuple[Answer, ...]] = {}
    for seq in sorted(told):
        answers = tuple(a for a in loaded.kept.get(seq, ()) if seq in own or a.field.visible == "parties")
        if answers:
            found[seq] = answers
    return found


def _told_to_raiser(loaded: _Loaded, own: frozenset[int]) -> frozenset[int]:
    """Return the steps a raiser may look into: their own, and what officials did. What another raiser told stays
    with that one, the first step included whoever wrote it down."""
    raising = raising_parties(loaded.view.program)
    return frozenset(
        event.seq for event in loaded.view.events if event.seq in own or (event.seq != 1 and event.party not in raising)
    )


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


def forms_of_many(numbers: Sequence[str]) -> dict[str, FormView]:
    """Return the same for many entries, by number, in one statement; numbers nobody has are left out."""
    rows = ask(
        "SELECT number, program_hash, facts, area_id FROM boards_entry WHERE number = ANY(%(numbers)s::text[])",
        {"numbers": [number for number in numbers if number.isascii() and number.isprintable()]},
    )
    return {
        number: FormView(rulebook.program(program_hash), facts_from_json(json.loads(facts)), area)
        for number, program_hash, facts, area in rows
    }


def programs_of(numbers: Sequence[str]) -> dict[str, Program]:
    """Return number → the rules an entry runs under, in one statement; numbers nobody has are left out."""
    rows = ask("SELECT number, program_hash FROM boards_entry WHERE number = ANY(%(numbers)s)", {"numbers": [*numbers]})
    return {number: rulebook.program(program_hash) for number, program_hash in rows}


def wrong_tries(number: str) -> int:
    """Return how many wrong codes or PINs were tried on this entry in the last day."""
    return int(
        ask("SELECT coalesce(sum(count), 0) FROM boards_try WHERE subject = %(s)s", {"s": f"entry {number}"})[0][0]
    )


_ENTRY = f"""
SELECT {ROW}, e.uid, coalesce(t.text, ''), e.log, e.facts, e.seq, e.entered_at, e.due_span, e.satisfied, e.verified,
       (SELECT number FROM boards_entry p WHERE p.id = e.joined_into_id),
       (SELECT coalesce(array_agg(c.number ORDER BY c.id), '{{}}') FROM boards_entry c WHERE c.joined_into_id = e.id),
       (SELECT coalesce(json_agg(linked ORDER BY linked.id), '[]') FROM (
          SELECT l.id, l.kind, l.slot, false AS is_up, o.number, o.mechanism, o.program_hash, o.state, o.meaning,
                 (SELECT title FROM boards_text t WHERE t.entry_id = o.id) AS title
            FROM boards_link l JOIN boards_entry o ON o.id = l.to_entry_id
           WHERE l.from_entry_id = e.id AND o.log <> 'veiled'
          UNION ALL
          SELECT l.id, l.kind, l.slot, true, o.number, o.mechanism, o.program_hash, o.state, o.meaning,
                 (SELECT title FROM boards_text t WHERE t.entry_id = o.id)
            FROM boards_link l JOIN boards_entry o ON o.id = l.from_entry_id
           WHERE l.to_entry_id = e.id AND o.log <> 'veiled') AS linked)
  FROM boards_entry e LEFT JOIN boards_text t ON t.entry_id = e.id
 WHERE e.number = %(number)s
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
    row = row_from(data[:19])
    id_ = data[17]
    (uid, text, log, facts_json, seq, entered_at, due_span, satisfied, verified, into, joined, linked) = data[19:]
    program = rulebook.program(data[2])
    facts = facts_from_json(json.loads(facts_json))
    attachments = tuple(AttachmentView(*each) for each in ask(_ATTACHMENTS, {"id": id_}))
    events, kept = timeline(id_, data[2], attachments, erased_seq=data[16])
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
        next_if_late=state_title(program, state.clock_to) if state else NOTHING,
        next_moves=open_moves(state, facts.duties_done) if state else (),
        blocked_moves=blocked_moves(state, facts.duties_done) if state else (),
        more_time=more_time(program, facts),
        others_moves=_others_moves(program, state) if state else (),
        joined_into=into or "",
        joined=tuple(joined),
        events=events,
        links=tuple(map(_link, json.loads(linked) if isinstance(linked, str) else linked)),
        logged=facts.answers,
        objections=objections_of(program, facts),
        rows=facts.rows,
        again=again_view(program, facts, events),
    )
    return _Loaded(view, facts, kept, attachments, id_, log)


def _link(row: Mapping[str, Any]) -> LinkView:
    program = rulebook.program(row["program_hash"])
    return LinkView(
        kind=row["kind"],
        is_up=row["is_up"],
        slot=row["slot"],
        number=row["number"],
        mechanism=row["mechanism"],
        board=program.title,
        title=row["title"] or "",
        state=state_title(program, row["state"]),
        meaning=row["meaning"] or "",
    )


def _others_moves(program: Program, state: State) -> tuple[tuple[Texts, tuple[Texts, ...]], ...]:
    """Return officials who may act although another holds the entry: any unit may claim what an office gives out."""
    found: dict[str, list[Texts]] = {}
    for move in state.moves.values():
        for name in move.by if state.holder not in move.by else ():
            if program.parties[name].is_official:
                found.setdefault(name, []).append(move.title)
    return tuple((program.parties[name].title, tuple(titles)) for name, titles in found.items())


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
        "SELECT name, due_at, late_at FROM boards_limit WHERE entry_id = %(id)s AND kind = 'duty' ORDER BY due_at",
        {"id": loaded.id},
    )
    titles |= {name: move.title for name, move in answers_owed(program, loaded.facts).items()}
    return tuple(LateDuty(name, titles.get(name, NOTHING), due_at, late_at) for name, due_at, late_at in rows)

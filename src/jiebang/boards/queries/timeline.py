"""What happened to one entry, event by event."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from jiebang.boards.database import ask
from jiebang.boards.drafts import event_from, rules_of
from jiebang.boards.queries.titles import NOTHING, move_title, state_title, unit_names_of
from jiebang.boards.queries.views import Answer, AttachmentView, EventView
from jiebang.engine.model import Event, Json, Program, Texts
from jiebang.ledger import queries as ledger
from jiebang.rulebook import queries as rulebook

EVENTS = """
SELECT v.seq, v.kind, v.move, v.from_state, v.to_state, v.at, v.missed, v.due, v.party, v.person, v.unit, v.verified,
       v.rest, v.leaf_id,
       (SELECT p.value FROM boards_private p WHERE p.entry_id = v.entry_id AND p.seq = v.seq AND p.name = 'told'),
       (SELECT p.value FROM boards_private p WHERE p.entry_id = v.entry_id AND p.seq = v.seq AND p.name = 'kept')
  FROM boards_event v WHERE v.entry_id = %(id)s ORDER BY v.seq
"""


def timeline(
    id_: int, program_hash: str, attachments: Sequence[AttachmentView], *, erased_seq: int
) -> tuple[tuple[EventView, ...], dict[int, tuple[Answer, ...]]]:
    rows = ask(EVENTS, {"id": id_})
    places = ledger.places_of([row[13] for row in rows])
    views: list[EventView] = []
    kept: dict[int, tuple[Answer, ...]] = {}
    events = [event_from_row(row) for row in rows]
    for row, event, rules in zip(rows, events, rules_of(events, program_hash), strict=True):
        leaf_id, program = row[13], rulebook.program(rules)
        told = {**event.answers, **(json.loads(row[14]) if row[14] else {})}
        if row[15]:
            kept[event.seq] = _answers(program, json.loads(row[15]))
        views.append(
            EventView(
                seq=event.seq,
                kind=event.kind,
                move=event.move,
                move_title=move_title(program, event),
                from_state=event.from_state,
                to_state=event.to_state,
                to_title=state_title(program, event.to_state),
                at=event.at,
                # The exact moment was the raiser's to forget; the day stays, as in the log.
                is_day_only=event.seq <= erased_seq,
                missed=event.missed,
                due=event.due,
                provisional=event.provisional,
                party=event.party,
                party_title=program.parties[event.party].title if event.party in program.parties else NOTHING,
                unit=unit_names_of(event.unit),
                named_unit=unit_names_of(event.named_unit),
                verified=event.verified,
                answers=_answers(program, told),
                leaf_id=leaf_id,
                place=places.get(leaf_id),
                attachments=tuple(one for one in attachments if one.seq == event.seq and one.released_at),
                joined_number=event.joins,
                taken_by=_taker(program, event),
                taken_how=event.taken.how if event.taken else "",
                heard=event.heard,
                rules=event.rules,
            )
        )
    return tuple(views), kept


def _taker(program: Program, event: Event) -> Texts:
    if event.taken is None:
        return NOTHING
    return unit_names_of(event.taken.unit) if event.taken.unit else program.parties[event.taken.party].title


def event_from_row(row: Sequence[Any]) -> Event:
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


def raising_parties(program: Program) -> frozenset[str]:
    return frozenset(name for name, party in program.parties.items() if party.kind in ("raiser", "anyone"))

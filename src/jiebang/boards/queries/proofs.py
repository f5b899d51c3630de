"""Receipts of the public log, and photos: each with what its reader may open."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings

from jiebang.boards import photos
from jiebang.boards.database import ask
from jiebang.boards.drafts import LogManner, persons_in, rules_of, sealed
from jiebang.boards.files import is_official_of
from jiebang.boards.house import zone_of
from jiebang.boards.queries.timeline import EVENTS, event_from_row, raising_parties
from jiebang.engine.canonical import facts_from_json
from jiebang.engine.model import Actor, Json
from jiebang.ledger import queries as ledger
from jiebang.ledger import receipt as receipts
from jiebang.people import queries as people
from jiebang.rulebook import queries as rulebook


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
    events = ask(EVENTS, {"id": id_})
    rows = [row for row in events if row[0] == seq]
    if not rows or (log == "veiled" and not for_person):
        return None
    leaf_id = rows[0][13]
    may_open = ["when", "told"]
    if for_person and for_person in facts_from_json(json.loads(facts)).raisers:
        may_open += ["kept", "files"]
    opened: Sequence[str] = ()
    if seq > erased_seq:
        disclosures = disclosures_of(
            uid=bytes(uid), number=number, program_hash=_rules_of(events, seq, program_hash), log=log,
            key=f"k{key_id}", row=rows[0], values=private_values_of(id_, seq),
        )  # fmt: skip
        opened = [disclosures[name] for name in may_open if name in disclosures]
    shown = receipts.extra(ledger.leaf_bytes(leaf_id), opened)  # noqa: S610  # a receipt, no queryset
    return ledger.tlog_proof(leaf_id, log_dir=log_dir or settings.JIEBANG_LOG, extra=shown)


def _rules_of(rows: Sequence[Sequence[Any]], seq: int, now: str) -> str:
    """Return the hash of the program the event of that number was made under."""
    events = [event_from_row(row) for row in rows]
    return next(held for event, held in zip(events, rules_of(events, now), strict=True) if event.seq == seq)


def private_values_of(entry_id: int, seq: int) -> dict[str, Json]:
    rows = ask(
        "SELECT name, value FROM boards_private WHERE entry_id = %(id)s AND seq = %(seq)s", {"id": entry_id, "seq": seq}
    )
    return {name: json.loads(value) for name, value in rows}


def disclosures_of(
    *, uid: bytes, number: str, program_hash: str, log: Any, key: str, row: Sequence[Any], values: Mapping[str, Json]
) -> dict[str, str]:
    event = event_from_row(row)
    keys = people.keys([key, *persons_in(event)])
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
        persons=keys,
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
        " v.party, CASE WHEN a.seq = 1 THEN EXISTS ("
        "SELECT 1 FROM boards_raiser r WHERE r.entry_id = e.id AND r.person = %(person)s)"
        " ELSE v.person = %(person)s END"
        " FROM boards_attachment a JOIN boards_entry e ON e.id = a.entry_id"
        " JOIN boards_event v ON v.entry_id = e.id AND v.seq = a.seq"
        " WHERE e.number = %(number)s AND a.id = %(id)s",
        {"number": number, "id": attachment, "person": actor.person if actor else ""},
    )
    if not rows:
        return None
    file, released_at, seq, program_hash, facts_json, log, party, is_own = rows[0]
    place = photos.path_of(file, folder=settings.JIEBANG_FILES)
    if released_at is not None and log != "veiled":
        return PhotoFile(place, True)
    if actor is None:
        return None
    facts = facts_from_json(json.loads(facts_json))
    program = rulebook.program(program_hash)
    # Whoever is to say whether it is solved must see what was done, released or not; what another raiser sent stays
    # with that one, even when they have left.
    is_shown = is_own or (seq > 1 and party not in raising_parties(program))
    if (is_shown and actor.person in facts.raisers) or is_official_of(program, facts, actor):
        return PhotoFile(place, False)
    return None

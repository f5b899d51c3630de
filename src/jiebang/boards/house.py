"""What every command of one transaction shares: calendar and city, the lock, the one write."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from django.db import DatabaseError

from jiebang.boards import refusals, sql
from jiebang.boards.database import as_json, ask
from jiebang.boards.drafts import (
    Draft,
    LogManner,
    Row,
    attachment_rows,
    bytes_as_text,
    deepest,
    entry_row,
    event_row,
    has_timers,
    leaf_of,
    limit_rows,
    new_entry_row,
    persons_in,
    private_values,
    recheck_rows,
    text_row,
)
from jiebang.engine.canonical import facts_from_json
from jiebang.engine.model import CLOCK, Json, Refused
from jiebang.engine.worktime import Calendar
from jiebang.ledger import services as ledger
from jiebang.people import queries as people
from jiebang.rulebook import queries as rulebook

log = logging.getLogger("jiebang.boards")


@dataclass(slots=True)
class House:
    """Calendar, city and manner of logging, read once; and the statements that lock and write."""

    calendar: Calendar
    city: rulebook.CityView
    manner: LogManner
    damaged: list[tuple[int, str]] = field(default_factory=list)
    damaged_numbers: set[str] = field(default_factory=set)
    keys: dict[str, bytes] = field(default_factory=dict)  # of the persons met so far who still have one
    met: set[str] = field(default_factory=lambda: {"", CLOCK.person})  # neither nobody nor the clock has a key

    @classmethod
    def now(cls) -> House:
        city = rulebook.city()
        return cls(rulebook.calendar(), city, LogManner(zone_of(city.zone), city.levels))

    def lock(self, asked: Iterable[tuple[str, str]]) -> dict[str, Draft]:
        """Lock the entries of these numbers, by id, and return them by number; each comes with who acts on it."""
        pairs = sorted(set(asked))
        if not pairs:
            return {}
        wanted = {"numbers": [number for number, _ in pairs], "persons": [_key_id(person) for _, person in pairs]}
        return {draft.number: draft for draft in self.take(sql.LOCK, wanted)}

    def take(self, statement: str, wanted: Mapping[str, object]) -> list[Draft]:
        """Return the entries a locking statement gives, each once, and note the keys that come along."""
        drafts: list[Draft] = []
        taken: set[int] = set()
        for *row, own_key, person, person_key in ask(statement, wanted):
            self._meet(f"k{row[6]}", own_key)
            if person is not None:
                self._meet(f"k{person}", person_key)
            if row[0] in taken:
                continue
            taken.add(row[0])
            try:
                drafts.append(draft_from(row))
            except Exception as error:  # a damaged row must not stop the others; it is named and left alone
                log.exception("entry %s cannot be read", row[2])
                self.damaged.append((row[0], f"{type(error).__name__}: {error}"))
                self.damaged_numbers.add(row[2])
        return drafts

    def _meet(self, person: str, key: bytes | None) -> None:
        self.met.add(person)
        if key is not None:
            self.keys[person] = bytes(key)

    def meet(self, known: Mapping[str, bytes], persons: Iterable[str] = ()) -> None:
        """Have the keys of these persons at hand; those not known yet cost one statement."""
        self.keys |= known
        self.met |= known.keys()
        if unmet := set(persons) - self.met:
            self.keys |= people.keys(unmet)
            self.met |= unmet

    def _keys_of(self, drafts: Sequence[Draft]) -> Mapping[str, bytes]:
        """Return the keys of all persons in these events; those the lock did not bring cost one statement."""
        persons = {draft.key for draft in drafts}
        persons |= {person for draft in drafts for step in draft.steps for person in persons_in(step.event)}
        self.meet({}, persons)
        return self.keys

    def broken(self, number: str) -> Refused | None:
        return refusals.broken_entry(number) if number in self.damaged_numbers else None

    def write(self, drafts: Iterable[Draft], *, raisers: Sequence[Row] = ()) -> None:
        """Write what the drafts gathered: one statement for the leaves, one for this room's rows."""
        changed = [draft for draft in drafts if draft.steps]
        if not changed:
            return
        keys = self._keys_of(changed)
        leaf_bytes: list[tuple[str, bytes]] = []
        moments = [step.event.at for draft in changed for step in draft.steps]
        values: list[dict[str, Json]] = []
        for draft in changed:
            for step in draft.steps:
                values.append(private_values(step.event, step.files))
                leaf_bytes.append(("event", leaf_of(draft, step.event, values[-1], keys=keys, manner=self.manner)))
        leaf_ids = ledger.append(leaf_bytes, moments=moments)
        tables = self._tables(changed, leaf_ids, values)
        place = 0
        for draft in changed:
            place += len(draft.steps)
            if draft.meaning is not None:
                tables["limits"] += recheck_rows(draft, self.calendar, leaf_bytes[place - 1][1])
        if raisers:
            tables["raisers"] = list(raisers)
        opens = changed[0].id is None
        timers_may_end = any(has_timers(draft.program) for draft in changed)
        parts = tuple(
            name
            for name, rows in tables.items()
            if name != "entries" and (rows or (name == "limits" and timers_may_end))
        )
        written = ask(
            sql.write(*parts, opens=opens),
            {name: as_json(tables[name]) for name in ("entries", *parts)} | {"ids": [draft.id for draft in changed]},
        )[0][0]
        if written != len(changed):
            raise LostLockError(f"{len(changed)} entries were to be written and {written} were.")

    def _tables(
        self, changed: Sequence[Draft], leaf_ids: Sequence[int], values: Sequence[Mapping[str, Json]]
    ) -> dict[str, list[Row]]:
        tables: dict[str, list[Row]] = {
            name: [] for name in ("entries", "events", "private", "attachments", "texts", "limits")
        }
        place = 0
        for draft in changed:
            if draft.id is None:
                area = deepest(draft.now.place, self.city.levels)
                tables["entries"].append(new_entry_row(draft, levels=self.city.levels, area=area))
            else:
                tables["entries"].append(entry_row(draft))
            for step in draft.steps:
                tables["events"].append(event_row(draft, step.event, leaf_ids[place]))
                tables["private"] += [
                    {"entry_uid": bytes_as_text(draft.uid), "seq": step.event.seq, "name": name, "value": value}
                    for name, value in values[place].items()
                ]
                tables["attachments"] += attachment_rows(draft, step)
                place += 1
            if (text := text_row(draft)) is not None:
                tables["texts"].append(text)
            tables["limits"] += limit_rows(draft, self.calendar)
        return tables


def _key_id(person: str) -> int | None:
    digits = person[1:]
    return (
        int(digits) if person.startswith("k") and digits.isascii() and digits.isdecimal() and len(digits) < 19 else None
    )


class LostLockError(DatabaseError):
    """An entry changed although we held its lock. Nothing of the transaction may stand."""


def draft_from(row: Sequence[Any]) -> Draft:
    (id_, uid, number, mechanism, program_hash, log_, key_id, category, overdue, solved, satisfied, verified, facts,
     joined_into, _stuck) = row  # fmt: skip
    read = facts_from_json(json.loads(facts))
    return Draft(
        uid=bytes(uid),
        number=number,
        mechanism=mechanism,
        program=rulebook.program(program_hash),
        program_hash=program_hash,
        log=log_,
        key=f"k{key_id}",
        facts=read,
        id=id_,
        seq_before=read.seq,
        category=category,
        overdue=overdue,
        solved=solved,
        satisfied=satisfied,
        verified=verified,
        joined_into=joined_into,
    )


def exact(at: datetime) -> datetime:
    """Return the moment in UTC with whole milliseconds, as the log and the database keep it."""
    if at.tzinfo is None:
        raise ValueError("A moment without a zone was passed. Pass an aware one, such as datetime.now(UTC).")
    utc = at.astimezone(UTC)
    return utc.replace(microsecond=utc.microsecond // 1000 * 1000)


@lru_cache(maxsize=8)
def zone_of(name: str) -> ZoneInfo:
    return ZoneInfo(name)

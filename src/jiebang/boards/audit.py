"""Deriving the room again from what happened, and naming every place where it does not come out.

Each entry is folded again from its events, each due moment from its state, each leaf from the event's columns, the
private values and the keys. Where a key was forgotten, the leaf must be the only thing left: its digests are
counted instead. The log's own half (roots, tiles, signatures) is audited by the room `ledger`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings

from jiebang import engine
from jiebang.boards import photos
from jiebang.boards.database import ask
from jiebang.boards.drafts import (
    CATEGORY,
    RECHECK,
    SATISFIED,
    SOLVED,
    LogManner,
    coarser,
    deepest,
    event_from,
    found_by,
    holder_of,
    linked_in_leaf,
    overdue_after,
    persons_in,
    public_text,
    recheck_due,
    rules_of,
    sealed,
)
from jiebang.boards.map_audit import map_findings
from jiebang.boards.queries.proofs import manner
from jiebang.engine.canonical import facts_to_json
from jiebang.engine.dues import state_due
from jiebang.engine.linked import settled_way
from jiebang.engine.model import Event, Facts, Json, Program
from jiebang.engine.objecting import due_during
from jiebang.engine.worktime import Calendar, CalendarEnds
from jiebang.ledger import disclosure, leaf
from jiebang.ledger import queries as ledger
from jiebang.people import queries as people
from jiebang.rulebook import queries as rulebook

BATCH = 500
# Publishing checks the whole pack before it commits, and a process looks for news once a second: so long after a
# calendar's moment somebody may still have counted with the one before it.
CALENDAR_SETTLES = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Report:
    """What the audit saw. No findings: everything could be derived again."""

    entries: int
    events: int
    erased_digests: int  # digests that can never be opened again, as the log's `erased` leaves say
    findings: tuple[str, ...]


def audit(*, at: datetime | None = None) -> Report:
    """Derive every entry again. With `at`, entries that the clock should have moved an hour before are named too."""
    entries = events = erased = 0
    findings: list[str] = []
    house = _House(manner(), rulebook.calendars(), rulebook.city().levels)
    last = 0
    while rows := ask(_ENTRIES, {"after": last, "limit": BATCH}):
        last = rows[-1][0]
        stories = _stories([row[0] for row in rows])
        for row in rows:
            story = stories.get(row[0], _Story([], {}, [], {}))
            entries += 1
            events += len(story.events)
            erased += row[-1] * disclosure.DIGESTS
            findings += [f"{row[2]}: {sentence}" for sentence in _entry_findings(row, story, house, at=at)]
    findings += _house_findings()
    findings += map_findings()
    return Report(entries, events, erased, tuple(findings))


# ── Reading ─────────────────────────────────────────────────────────────────────────────────────────────────

_ENTRIES = """
SELECT e.id, e.uid, e.number, e.mechanism, e.program_hash, e.log, e.key_id, e.area_id, e.area_1, e.area_2, e.area_3,
       e.category, e.state, e.meaning, e.seq, e.holder_party, e.holder_unit, e.holder_key, e.due_at, e.due_span,
       e.provisional, e.overdue, e.raised_at, e.entered_at, e.closed_at, e.solved, e.satisfied, e.verified, e.facts,
       (SELECT p.number FROM boards_entry p WHERE p.id = e.joined_into_id), e.stuck,
       (SELECT row_to_json(t) FROM boards_text t WHERE t.entry_id = e.id),
       (SELECT r.person FROM boards_raiser r WHERE r.entry_id = e.id), e.erased_seq
  FROM boards_entry e WHERE e.id > %(after)s ORDER BY e.id LIMIT %(limit)s
"""

_EVENTS = f"""
SELECT v.entry_id, v.seq, v.kind, v.move, v.from_state, v.to_state, v.at, v.missed, v.due, v.party, v.person, v.unit,
       v.verified, v.rest, l.body, l.kind
  FROM boards_event v JOIN {ledger.LEAVES} l ON l.id = v.leaf_id
 WHERE v.entry_id = ANY(%(ids)s::bigint[]) ORDER BY v.entry_id, v.seq
"""

_PRIVATE = "SELECT entry_id, seq, name, value FROM boards_private WHERE entry_id = ANY(%(ids)s::bigint[])"

_ATTACHMENTS = """
SELECT entry_id, seq, place, file, sha256, salt FROM boards_attachment
 WHERE entry_id = ANY(%(ids)s::bigint[]) ORDER BY entry_id, seq, place
"""

_LIMITS = "SELECT entry_id, kind, name, due_at FROM boards_limit WHERE entry_id = ANY(%(ids)s::bigint[])"

_RECHECKED = "SELECT from_entry_id FROM boards_link WHERE kind = 'recheck' AND from_entry_id = ANY(%(ids)s::bigint[])"

_EVENT_NAMES = (
    "seq", "kind", "move", "from_state", "to_state", "at", "missed", "due", "party", "person", "unit", "verified",
)  # fmt: skip


@dataclass(slots=True)
class _Story:
    events: list[tuple[Event, bytes, str]]
    private: dict[int, dict[str, Json]]
    attachments: list[Sequence[Any]]
    limits: dict[tuple[str, str], datetime]
    is_rechecked: bool = False


@dataclass(frozen=True, slots=True)
class _House:
    manner: LogManner
    calendars: Sequence[tuple[datetime, Calendar]]  # each with the moment it was published, oldest first
    levels: Sequence[str]

    def calendars_at(self, moment: datetime) -> list[Calendar]:
        """Return every calendar that may have counted what happened then: one, except around a publication.

        What happened before the first was published is a demonstration's invented past, played with any of them.
        """
        known = [calendar for since, calendar in self.calendars if since <= moment]
        if not known:
            return [calendar for _, calendar in self.calendars]
        settled = [calendar for since, calendar in self.calendars if since <= moment - CALENDAR_SETTLES]
        return known[max(len(settled) - 1, 0) :]


def _stories(ids: Sequence[int]) -> dict[int, _Story]:
    stories = {id_: _Story([], {}, [], {}) for id_ in ids}
    wanted = {"ids": list(ids)}
    for row in ask(_EVENTS, wanted):
        event = event_from(dict(zip(_EVENT_NAMES, row[1:13], strict=True)), json.loads(row[13]))
        stories[row[0]].events.append((event, bytes(row[14]), row[15]))
    for entry_id, seq, name, value in ask(_PRIVATE, wanted):
        stories[entry_id].private.setdefault(seq, {})[name] = json.loads(value)
    for row in ask(_ATTACHMENTS, wanted):
        stories[row[0]].attachments.append(row[1:])
    for entry_id, kind, name, due_at in ask(_LIMITS, wanted):
        stories[entry_id].limits[kind, name] = due_at
    for (entry_id,) in ask(_RECHECKED, wanted):
        stories[entry_id].is_rechecked = True
    return stories


# ── One entry ───────────────────────────────────────────────────────────────────────────────────────────────


def _entry_findings(row: Sequence[Any], story: _Story, house: _House, *, at: datetime | None) -> Iterator[str]:
    if not story.events:
        yield "It has no events."
        return
    try:
        programs = [rulebook.program(one) for one in rules_of([event for event, _, _ in story.events], row[4])]
    except rulebook.NotPublished as missing:
        yield str(missing)
        return
    try:
        folded = [*_folds(programs, [event for event, _, _ in story.events])]
    except Exception as error:  # whatever an unreadable event raises is a finding, and the audit goes on
        yield f"Its events cannot be folded: {type(error).__name__}: {error}"
        return
    yield from _chain_findings(programs, story, folded, house)
    yield from _transfer_findings(row, story)
    yield from _row_findings(row, programs, story, folded[-1], house)
    yield from _leaf_findings(row, story, house)
    yield from _photo_findings(story)
    if row[30]:
        yield f"The clock is stuck: {row[30]}"
    if at is not None and row[18] is not None and (at - row[18]).total_seconds() > 3600:
        yield f"It was due {row[18].isoformat()} and the clock has not moved it."


def _folds(programs: Sequence[Program], events: Sequence[Event]) -> Iterator[Facts]:
    facts: Facts | None = None
    for program, event in zip(programs, events, strict=True):
        facts = engine.evolve(program, facts, event)
        yield facts


def _transfer_findings(row: Sequence[Any], story: _Story) -> Iterator[str]:
    """Whatever carried it over to another version, two people had decided; and its limit stayed as it was."""
    before: Event | None = None
    for event, _, _ in story.events:
        if event.kind == "transfer" and before is not None:
            states = rulebook.transfer_states(event.rules_before, event.rules)
            if states is None:
                yield f"Event {event.seq} carries it over to {event.rules[:16]}, which nobody decided."
            elif event.to_state != states.get(event.from_state, event.from_state):
                yield f"Event {event.seq} carries it over to {event.to_state}; the map says otherwise."
            if (event.due, event.due_span) != (before.due, before.due_span):
                yield f"Event {event.seq} changes its limit with the version."
        before = event
    if before is not None and rules_of([event for event, _, _ in story.events], row[4])[-1] != row[4]:
        yield f"Its program is {row[4][:16]}, its last transfer says otherwise."


def _chain_findings(
    programs: Sequence[Program], story: _Story, folded: Sequence[Facts], house: _House
) -> Iterator[str]:
    """Events follow each other without a gap, in time, and each due moment is what its state's limit gives."""
    before: Event | None = None
    for program, (event, _, _), facts in zip(programs, story.events, folded, strict=True):
        expected = 1 if before is None else before.seq + 1
        if event.seq != expected:
            yield f"Event {expected} is missing; {event.seq} stands in its place."
        if before is not None and event.from_state != before.to_state:
            yield f"Event {event.seq} leaves {event.from_state}, but the entry was at {before.to_state}."
        if before is not None and event.at < before.at:
            yield f"Event {event.seq} is earlier than the one before it."
        if event.kind in ("open", "move", "clock") and event.to_state in program.states:
            yield from _due_findings(program, event, facts, house.calendars_at(event.at))
        if event.kind == "objection":
            yield from _objection_findings(program, event, facts, house.calendars_at(event.at))
        before = event


def _due_findings(program: Program, event: Event, facts: Facts, calendars: Sequence[Calendar]) -> Iterator[str]:
    if facts.state_since != event.at:
        return
    given = [_due_by(program, event, facts, calendar) for calendar in calendars]
    if event.due not in given:
        yield f"Event {event.seq} says due {event.due}, its state's limit gives {given[-1] or 'none'}."


def _objection_findings(program: Program, event: Event, facts: Facts, calendars: Sequence[Calendar]) -> Iterator[str]:
    """The next moment of the clock is the next of the open objections, or the end of the notice they do not hold up."""
    given = []
    for calendar in calendars:
        try:
            given.append(due_during(program, facts, program.states[facts.state], calendar, at=event.at).moment)
        except CalendarEnds:
            given.append(None)
    if event.due not in given:
        yield f"Event {event.seq} says due {event.due}, the notice and its objections give {given[-1] or 'none'}."


def _due_by(program: Program, event: Event, facts: Facts, calendar: Calendar) -> datetime | None:
    """Return when the state's limit ends by one calendar; None when the calendar does not reach so far."""
    state = program.states[event.to_state]
    if settled_way(state, facts.opened, facts.answers) is not None:
        return event.at  # nothing is left to wait for: the clock's turn is at once
    try:
        own = state_due(
            state.limit,
            at=event.at,
            raised_at=facts.raised_at,
            deeds=facts.deeds,
            answers=facts.answers,
            calendar=calendar,
            place=facts.place,
        )
    except CalendarEnds:
        return None
    return min((own.moment, *facts.spans.values()))


def _row_findings(
    row: Sequence[Any], programs: Sequence[Program], story: _Story, facts: Facts, house: _House
) -> Iterator[str]:
    """The row's columns repeat what the events say, and nothing else."""
    program = programs[-1]
    final = program.finals.get(facts.state)
    meaning = final.means if final else None
    events = [event for event, _, _ in story.events]
    said = _said(events, story.private)
    party, unit, work = holder_of(program, facts)
    overdue = False
    for held, event in zip(programs, events, strict=True):
        overdue = overdue_after(held, event, was=overdue)
    below = [*(facts.place.get(level, "") for level in house.levels[1:4]), "", "", ""][:3]
    joined = next((event.joins for event in events if event.joins), None)
    expected: dict[str, tuple[Any, Any]] = {
        "area": (row[7], deepest(facts.place, house.levels)),
        "areas above": (list(row[8:11]), below),
        "state": (row[12], facts.state),
        "meaning": (row[13], meaning),
        "seq": (row[14], facts.seq),
        "holder": (tuple(row[15:18]), (party, unit, work)),
        "due": (row[18], None if meaning else facts.due),
        "span": (row[19], "" if meaning else facts.due_span),
        "provisional": (row[20], facts.provisional and not meaning),
        "overdue": (row[21], overdue),
        "raised": (row[22], facts.raised_at),
        "entered": (row[23], facts.state_since),
        "closed": (row[24], facts.state_since if meaning else None),
        "verified": (row[27], said["verified"]),
        "facts": (json.loads(row[28]), json.loads(json.dumps(facts_to_json(facts)))),
        "merged into": (row[29], joined),
    }
    erased_seq = row[-1]
    if not erased_seq:  # what was told and kept is gone after an erasure, so these cannot be derived any more
        expected |= {
            "category": (row[11], said[CATEGORY]),
            "solved": (row[25], said[SOLVED]),
            "satisfied": (row[26], said[SATISFIED]),
            "text": (_shown_text(row[31]), _told_text(programs, events, story.private)),
            "raiser": (row[32], events[0].raisers[0]),
        }
    elif any(seq <= erased_seq for seq in story.private) or row[32] is not None:
        yield "It was erased, but private values or the raiser's code are still there."
    for name, (found, derived) in expected.items():
        if found != derived:
            yield f"Its column “{name}” is {found!r}, its events give {derived!r}."
    timers = [_timers_by(program, facts, calendar, story) for calendar in house.calendars_at(events[-1].at)]
    if story.limits not in timers:
        yield f"Its timers are {sorted(story.limits)}, its state gives {sorted(timers[-1] or {})}."


def _timers_by(
    program: Program, facts: Facts, calendar: Calendar, story: _Story
) -> dict[tuple[str, str], datetime] | None:
    event, leaf_bytes, _ = story.events[-1]
    try:
        running = engine.running_limits(program, facts, calendar)
        again = None if story.is_rechecked else recheck_due(program, event, leaf_bytes, calendar)
    except CalendarEnds:
        return None
    timers: dict[tuple[str, str], datetime] = {(one.kind, one.name): one.due for one in running if one.kind == "duty"}
    return timers if again is None else {**timers, (RECHECK, RECHECK): again}


def _said(events: Sequence[Event], private: Mapping[int, Mapping[str, Json]]) -> dict[str, str]:
    """Return category and last verdict as the events say them."""
    found = {CATEGORY: "", SOLVED: "", SATISFIED: "", "verified": ""}
    for event in events:
        answers = _all_answers(event, private)
        if CATEGORY in answers:
            found[CATEGORY] = str(answers[CATEGORY])
        if event.verified and event.kind != "vote":
            found |= {
                "verified": event.verified,
                SOLVED: str(answers.get(SOLVED) or ""),
                SATISFIED: str(answers.get(SATISFIED) or ""),
            }
    return found


def _all_answers(event: Event, private: Mapping[int, Mapping[str, Json]]) -> dict[str, Json]:
    beside = private.get(event.seq, {})
    kept, told = beside.get("kept"), beside.get("told")
    return {**(kept if isinstance(kept, dict) else {}), **(told if isinstance(told, dict) else {}), **event.answers}


def _shown_text(text: Any) -> tuple[str, str, list[str]] | None:
    if text is None:
        return None
    value = json.loads(text) if isinstance(text, str) else text
    return value["title"], value["text"], value["bigrams"]


def _told_text(
    programs: Sequence[Program], events: Sequence[Event], private: Mapping[int, Mapping[str, Json]]
) -> tuple[str, str, list[str]] | None:
    found = None
    for program, event in zip(programs, events, strict=True):
        told = private.get(event.seq, {}).get("told")
        found = public_text(program, replace(event, told=told if isinstance(told, dict) else {})) or found
    return None if found is None else (*found, found_by(*found))


# ── Leaves ──────────────────────────────────────────────────────────────────────────────────────────────────


def _leaf_findings(row: Sequence[Any], story: _Story, house: _House) -> Iterator[str]:
    """Every leaf is what the event's columns, the private values and the keys give, byte for byte."""
    uid, number, log, key_id, erased_seq = bytes(row[1]), row[2], row[5], row[6], row[-1]
    rules = rules_of([event for event, _, _ in story.events], row[4])
    key = f"k{key_id}"
    keys = people.keys({key} | {person for event, _, _ in story.events for person in persons_in(event)})
    for program_hash, (event, body, kind) in zip(rules, story.events, strict=True):
        if kind != "event":
            yield f"The leaf of event {event.seq} is of kind {kind}."
        elif event.seq <= erased_seq:
            yield from _erased_findings(uid, number, program_hash, log, event, body, house)
        elif key not in keys:
            yield f"The key {key} is gone, but nothing says that event {event.seq} was erased."
        else:
            expected, _ = sealed(
                uid=uid.hex(),
                number=number,
                program_hash=program_hash,
                log=log,
                event=event,
                values=story.private.get(event.seq, {}),
                key=keys[key],
                persons=keys,
                manner=house.manner,
            )
            if expected != body and not _only_pseudonym_gone(expected, body, event, keys):
                yield f"The leaf of event {event.seq} is not what its columns, values and keys give."


def _only_pseudonym_gone(expected: bytes, body: bytes, event: Event, keys: Mapping[str, bytes]) -> bool:
    """Whether the leaf differs only by the pseudonym of somebody who was forgotten since."""
    gone = [person not in keys for person in persons_in(event)]
    logged = _logged(body)
    for name, is_gone in zip(("by", "taken"), gone, strict=False):
        party = logged.get(name)
        if is_gone and isinstance(party, dict):
            party.pop("p", None)
    return any(gone) and bool(logged == json.loads(expected))


def _logged(body: bytes) -> dict[str, Any]:
    try:
        value = leaf.parse(body)
    except leaf.LeafError:
        return {}
    return value


def _erased_findings(
    uid: bytes, number: str, program_hash: str, log: str, event: Event, body: bytes, house: _House
) -> Iterator[str]:
    """What is still in clear must still be true; the digests must be there, and only there."""
    logged = _logged(body)
    if len(logged.get("sd", ())) != disclosure.DIGESTS:
        yield f"The leaf of the erased event {event.seq} does not have its {disclosure.DIGESTS} digests."
    if log == "veiled":
        return
    is_opening = event.kind == "open"
    area = (deepest if log == "open" else coarser)(event.place, house.levels) if is_opening else ""
    clear = leaf.event_value(
        leaf.Fact(
            entry=uid.hex(), seq=event.seq, mech=program_hash[:16], move=event.move, to=event.to_state,
            party=event.party, at=event.at, from_=event.from_state, via=event.via, unit=event.unit,
            number=number if is_opening else "", area=area, missed=event.missed, due=event.due, owed=event.owed,
            prov=event.provisional, answers=event.answers, verified=event.verified, lap=event.lap,
            taken=asdict(event.taken) | {"person": ""} if event.taken else {},
            **linked_in_leaf(event),
        ),
        log="coarse" if log == "coarse" else "open",
        zone=house.manner.zone,
    )  # fmt: skip
    logged.pop("sd", None)
    for name in ("by", "taken"):
        logged.get(name, {}).pop("p", None)
    if logged != json.loads(leaf.canonical(clear)):
        yield f"The leaf of the erased event {event.seq} is not what its columns give."


def _photo_findings(story: _Story) -> Iterator[str]:
    folder = settings.JIEBANG_FILES
    by_seq: dict[int, list[str]] = {}
    for seq, _, file, sha256, salt in story.attachments:
        by_seq.setdefault(seq, []).append(disclosure.salted_file_hash(bytes(salt), bytes.fromhex(sha256)))
        if not photos.path_of(file, folder=folder).exists():
            yield f"The photo {file} of event {seq} is missing from the files."
    for seq in {*by_seq, *(seq for seq, values in story.private.items() if "files" in values)}:
        if by_seq.get(seq, []) != story.private.get(seq, {}).get("files", []):
            yield f"The photos of event {seq} are not those its leaf commits to."


# ── The room as a whole ─────────────────────────────────────────────────────────────────────────────────────

_WHOLE = {
    "Leaf {} of kind event belongs to no event.": f"""
        SELECT l.id FROM {ledger.LEAVES} l WHERE l.kind = 'event'
           AND NOT EXISTS (SELECT FROM boards_event v WHERE v.leaf_id = l.id) ORDER BY 1 LIMIT 20""",
    "Entry {} has no raiser's code, and nothing was erased.": """
        SELECT e.number FROM boards_entry e WHERE e.erased_seq = 0
           AND NOT EXISTS (SELECT FROM boards_raiser r WHERE r.entry_id = e.id) ORDER BY 1 LIMIT 20""",
    "Entry {} does not have as many entries opened as its events say.": """
        SELECT DISTINCT e.number FROM boards_event v JOIN boards_entry e ON e.id = v.entry_id
         WHERE v.rest ? 'opens' AND jsonb_array_length(v.rest->'opens') <> (
               SELECT count(*) FROM boards_link l JOIN boards_entry t ON t.id = l.to_entry_id
                 JOIN boards_event o ON o.entry_id = t.id AND o.seq = 1
                WHERE l.from_entry_id = v.entry_id AND l.slot LIKE v.seq || '.%%' AND l.kind = 'opened'
                  AND o.rest->'origin'->>'entry' = encode(e.uid, 'hex')
                  AND (o.rest->'origin'->>'seq') || '.' || (o.rest->'origin'->>'n') = l.slot)
         ORDER BY 1 LIMIT 20""",
    "Entry {} did not hear of an end as its link says.": """
        SELECT DISTINCT e.number FROM boards_link l JOIN boards_entry e ON e.id = l.from_entry_id
          JOIN boards_entry t ON t.id = l.to_entry_id
         WHERE l.heard_seq > 0 AND NOT EXISTS (
               SELECT FROM boards_event v WHERE v.entry_id = e.id AND v.seq = l.heard_seq
                  AND v.rest->>'heard' = l.slot AND v.rest->>'means' = t.meaning)
         ORDER BY 1 LIMIT 20""",
    "Entry {} heard of an end that no link has.": """
        SELECT DISTINCT e.number FROM boards_event v JOIN boards_entry e ON e.id = v.entry_id
         WHERE v.rest ? 'heard' AND NOT EXISTS (
               SELECT FROM boards_link l WHERE l.from_entry_id = e.id AND l.slot = v.rest->>'heard')
         ORDER BY 1 LIMIT 20""",
    "Entry {} says that it raises another one again, and no link says so, or the other way round.": """
        SELECT DISTINCT t.number FROM boards_entry t
          LEFT JOIN boards_event o ON o.entry_id = t.id AND o.seq = 1 AND o.rest ? 'again'
          LEFT JOIN boards_link l ON l.to_entry_id = t.id AND l.kind = 'again'
          LEFT JOIN boards_entry f ON f.id = l.from_entry_id
         WHERE (o.id IS NOT NULL OR l.id IS NOT NULL) AND o.rest->>'again' IS DISTINCT FROM f.number
         ORDER BY 1 LIMIT 20""",
    "The form key {} names no entry.": """
        SELECT r.id FROM boards_request r
         WHERE NOT EXISTS (SELECT FROM boards_entry e WHERE e.uid = r.uid) ORDER BY 1 LIMIT 20""",
    "A value of entry {} belongs to no event.": """
        SELECT e.number FROM boards_private p JOIN boards_entry e ON e.id = p.entry_id
         WHERE NOT EXISTS (SELECT FROM boards_event v WHERE v.entry_id = p.entry_id AND v.seq = p.seq)
         ORDER BY 1 LIMIT 20""",
}


def _house_findings() -> Iterator[str]:
    for sentence, statement in _WHOLE.items():
        for (found,) in ask(statement, {}):
            yield sentence.format(found)
    yield from _number_findings()


def _number_findings() -> Iterator[str]:
    """Public numbers have no gaps: each counter stands at how many entries bear its prefix."""
    counted = dict(ask("SELECT left(number, -7), count(*) FROM boards_entry GROUP BY 1", {}))
    given = dict(ask("SELECT name, value FROM boards_counter", {}))
    for prefix in sorted({*counted, *given}):
        if counted.get(prefix, 0) != given.get(prefix, 0):
            yield f"{given.get(prefix, 0)} numbers {prefix}-… were given out; {counted.get(prefix, 0)} are in use."

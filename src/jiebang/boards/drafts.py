"""An entry while it is being changed: the engine's events gathered, and the rows and leaves they become.

Nothing here touches the database or the clock. A draft takes events one by one, as `decide` returns them, and at
the end says what to write; so one move and a batch of two hundred are made by the same code.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any, Literal, TypeAlias

from jiebang import engine
from jiebang.boards.bigrams import bigrams
from jiebang.boards.photos import CleanPhoto
from jiebang.boards.titling import title_of
from jiebang.engine.canonical import facts_to_json
from jiebang.engine.linked import is_drawn
from jiebang.engine.lookups import UNANSWERED
from jiebang.engine.model import Event, Facts, Json, Opened, Origin, Party, Program, Taken
from jiebang.engine.parties import unit_that_did
from jiebang.engine.worktime import Calendar, due
from jiebang.ledger import disclosure, leaf

LogClass: TypeAlias = Literal["open", "coarse", "veiled"]
Row: TypeAlias = dict[str, Any]

RECHECK = "recheck"
SOLVED, SATISFIED, CATEGORY = "solved", "satisfied", "category"
PUBLIC_TITLE, PUBLIC_TEXT = "public-title", "public-text"

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A photo already written under its random name, and the salt its public hash is made with."""

    field: str
    label: str
    name: str
    photo: CleanPhoto
    salt: bytes


@dataclass(frozen=True, slots=True)
class Step:
    event: Event
    files: Sequence[KeptFile] = ()


@dataclass(slots=True)
class Draft:
    """One entry, locked or about to be made, with the steps it takes in this transaction."""

    uid: bytes
    number: str
    mechanism: str
    program: Program
    program_hash: str
    log: LogClass
    key: str  # the person key all salts of this entry come from
    facts: Facts | None = None
    id: int | None = None
    seq_before: int = 0
    category: str = ""
    overdue: bool = False
    solved: str = ""
    satisfied: str = ""
    verified: str = ""
    joined_into: int | None = None
    steps: list[Step] = field(default_factory=list)
    children: list[Any] = field(default_factory=list)  # what the steps open elsewhere (`linking.Child`)
    text: tuple[str, str] | None = None  # title and text, when a step changed what everybody may read

    def take(self, events: Sequence[Event], *, files: Sequence[KeptFile] = ()) -> None:
        """Take the events of one command, in order. Its files belong to the first of them."""
        for place, event in enumerate(events):
            self.facts = engine.evolve(self.program, self.facts, event)
            self.steps.append(Step(event, files if place == 0 else ()))
            self._note(event)

    def copied(self) -> Draft:
        """Return the draft as it stands now, to come back to if the next command breaks."""
        return replace(self, steps=list(self.steps), children=list(self.children))

    def go_back_to(self, copy: Draft) -> None:
        for one in fields(self):
            setattr(self, one.name, getattr(copy, one.name))

    @property
    def now(self) -> Facts:
        assert self.facts is not None, "an entry has facts from its first event on"
        return self.facts

    @property
    def meaning(self) -> str | None:
        final = self.program.finals.get(self.now.state)
        return final.means if final else None

    def _note(self, event: Event) -> None:
        said = {**event.kept, **event.told, **event.answers}
        self.overdue = overdue_after(self.program, event, was=self.overdue)
        if CATEGORY in said:
            self.category = str(said[CATEGORY])
        if event.verified and event.kind != "vote":  # a vote is one voice, not the verdict
            self.verified = event.verified
            self.solved = str(said.get(SOLVED) or "")
            self.satisfied = str(said.get(SATISFIED) or "")
        self.text = public_text(self.program, event) or self.text


# ── What follows from the events ────────────────────────────────────────────────────────────────────────────


def overdue_after(program: Program, event: Event, *, was: bool) -> bool:
    """Return whether the city is late with the entry after this event.

    It is from the moment the clock takes an owed limit from an official until somebody moves the entry on. A
    raiser's own silence is not the city's lateness, and a closed entry is not late any more: it has failed.
    """
    if event.to_state in program.finals:
        return False
    if event.kind == "clock":
        state = program.states[event.from_state]
        if event.move == UNANSWERED:
            return True  # an objection to a notice, by whoever answers last
        return state.limit.kind == "within" and program.parties[state.holder].is_official
    if event.kind == "move" and event.to_state != event.from_state:
        return False
    return was


def public_text(program: Program, event: Event) -> tuple[str, str] | None:
    """Return title and text if this event says what the board shows of the entry, else None.

    A mechanism that screens what was raised has a field `public-text`. Where there is none, the first public text
    asked when raising is shown.
    """
    said = {**event.told, **event.answers}
    if PUBLIC_TEXT in program.fields:
        name = PUBLIC_TEXT
    elif event.kind == "open":
        asked = (program.fields[ask.field] for ask in program.openings[event.move].ask)
        name = next((one.name for one in asked if one.type == "text" and one.visible == "public"), "")
    else:
        return None
    text = said.get(name)
    if not isinstance(text, str) or not text:
        return None
    own = said.get(PUBLIC_TITLE)
    # A title somebody wrote stands whole: how long it may be is for the rules to say.
    title = own.split("\n", 1)[0] if isinstance(own, str) and own else title_of(text)
    return title, text


def holder_of(program: Program, facts: Facts) -> tuple[str, str, str]:
    """Return the party that owes the next move, its unit where one is known, and the key of its work list."""
    state = program.states.get(facts.state)
    if state is None:
        return "", "", ""
    party = program.parties[state.holder]
    unit = unit_that_did(party, facts) if party.kind == "did" else ""
    return party.name, unit, work_key(party, facts.place, unit)


def work_key(party: Party, place: Mapping[str, str], unit: str = "") -> str:
    """Return the key under which the party's people find an entry at `place`."""
    if party.kind == "post":
        return f"post:{party.office}:{place.get(party.level, '')}"
    if party.kind == "did":
        return f"unit:{unit}"
    return {"unit": "units", "raiser": "raiser", "anyone": "anyone", "instrument": "instrument"}.get(party.kind, "")


def rules_of(events: Sequence[Event], now: str) -> list[str]:
    """Return the hash of the program each event was made under; `now` is the entry's own. Transfers change it."""
    held = next((event.rules_before for event in events if event.kind == "transfer"), now)
    found = []
    for event in events:
        held = event.rules or held
        found.append(held)
    return found


# ── Rows ────────────────────────────────────────────────────────────────────────────────────────────────────


def entry_row(draft: Draft) -> Row:
    """Return the columns of an entry that change with its events."""
    facts = draft.now
    party, unit, work = holder_of(draft.program, facts)
    meaning = draft.meaning
    return {
        "id": draft.id,
        "seq_before": draft.seq_before,
        "category": draft.category,
        "state": facts.state,
        "meaning": meaning,
        "seq": facts.seq,
        "holder_party": party,
        "holder_unit": unit,
        "holder_key": work,
        "due_at": None if meaning else _text(facts.due),
        "due_span": "" if meaning else facts.due_span,
        "provisional": bool(facts.provisional and not meaning),
        "overdue": draft.overdue,
        "entered_at": _text(facts.state_since),
        "closed_at": _text(facts.state_since) if meaning else None,
        "solved": draft.solved,
        "satisfied": draft.satisfied,
        "verified": draft.verified,
        "facts": facts_to_json(facts),
        "joined_into_id": draft.joined_into,
    }


def new_entry_row(draft: Draft, *, levels: Sequence[str], area: str) -> Row:
    """Return the columns of an entry that is being made. `levels` are the city's, root first."""
    facts = draft.now
    below = [*(facts.place.get(level, "") for level in levels[1:4]), "", "", ""]
    return entry_row(draft) | {
        "uid": bytes_as_text(draft.uid),
        "number": draft.number,
        "mechanism": draft.mechanism,
        "program_hash": draft.program_hash,
        "log": draft.log,
        "key_id": int(draft.key[1:]),
        "area_id": area,
        "area_1": below[0],
        "area_2": below[1],
        "area_3": below[2],
        "raised_at": _text(facts.raised_at),
    }


_REST_FIELDS = (
    "named_unit", "via", "due_span", "clerk", "joins", "awaits", "heard", "means", "again", "rules_before", "rules",
)  # fmt: skip


def event_row(draft: Draft, event: Event, leaf_id: int) -> Row:
    return {
        "entry_uid": bytes_as_text(draft.uid),
        "seq": event.seq,
        "kind": event.kind,
        "move": event.move,
        "from_state": event.from_state,
        "to_state": event.to_state,
        "at": _text(event.at),
        "missed": _text(event.missed),
        "due": _text(event.due),
        "party": event.party,
        "person": event.person,
        "unit": event.unit,
        "verified": event.verified,
        "rest": rest_of(event),
        "leaf_id": leaf_id,
    }


def rest_of(event: Event) -> Row:
    """Return what an event's row has no column for, without what is empty."""
    rest: Row = {name: value for name in _REST_FIELDS if (value := getattr(event, name))}
    if event.provisional:
        rest["provisional"] = True
    if event.answers:
        rest["answers"] = dict(event.answers)
    if event.lap:
        rest["lap"] = list(event.lap)
    if event.spans:
        rest["spans"] = {name: milliseconds(moment) if moment else None for name, moment in event.spans.items()}
    if event.place:
        rest["place"] = dict(event.place)
    if event.raisers:
        rest["raisers"] = list(event.raisers)
    if event.rows:
        rest["rows"] = list(event.rows)
    if event.taken:
        rest["taken"] = asdict(event.taken)
    if event.owed:
        rest["owed"] = milliseconds(event.owed)
    if event.opens:
        rest["opens"] = [one.mechanism for one in event.opens]
    if event.origin:
        rest["origin"] = asdict(event.origin)
    return rest


def event_from(columns: Mapping[str, Any], rest: Mapping[str, Any]) -> Event:
    """Return the event a row tells of; what was told and kept stands elsewhere and does not change any fact."""
    more = dict(rest)
    spans = {name: None if ms is None else moment(ms) for name, ms in more.pop("spans", {}).items()}
    lap, raisers, rows = (tuple(more.pop(name, ())) for name in ("lap", "raisers", "rows"))
    taken = Taken(**more.pop("taken")) if "taken" in more else None
    opens = tuple(Opened(name) for name in more.pop("opens", ()))
    origin = Origin(**more.pop("origin")) if "origin" in more else None
    owed = moment(more.pop("owed")) if "owed" in more else None
    return Event(
        **columns,
        **more,
        owed=owed,
        spans=spans,
        lap=lap,
        raisers=raisers,
        rows=rows,
        taken=taken,
        opens=opens,
        origin=origin,
    )


def persons_in(event: Event) -> tuple[str, ...]:
    """Return whose pseudonyms an event's leaf bears: who made the move, and who took it down for them."""
    return (event.person,) if event.taken is None else (event.person, event.taken.person)


def private_values(event: Event, files: Sequence[KeptFile]) -> dict[str, Json]:
    """Return what a leaf only commits to and the room keeps: told, kept, and the salted hashes of the files."""
    values: dict[str, Json] = {}
    if event.told:
        values["told"] = dict(event.told)
    if event.kept:
        values["kept"] = dict(event.kept)
    if files:
        values["files"] = [disclosure.salted_file_hash(file.salt, bytes.fromhex(file.photo.sha256)) for file in files]
    return values


def when(event: Event, *, log: LogClass, area: str) -> dict[str, Json]:
    """Return the exact moments (and, for a raise, the place) that a coarse leaf hides behind a digest."""
    if log == "open":
        return {}
    exact: dict[str, Json] = {"at": milliseconds(event.at)}
    if event.due is not None:
        exact["due"] = milliseconds(event.due)
    if event.missed is not None:
        exact["missed"] = milliseconds(event.missed)
    if event.owed is not None:
        exact["owed"] = milliseconds(event.owed)
    if event.kind == "open":
        exact["area"] = area
    return {"when": exact}


# ── Leaves ──────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class LogManner:
    """How this city writes leaves: its zone, and its levels with the root first."""

    zone: tzinfo
    levels: Sequence[str]


def leaf_of(
    draft: Draft, event: Event, values: Mapping[str, Json], *, keys: Mapping[str, bytes], manner: LogManner
) -> bytes:
    """Return the exact bytes of an event's leaf. `values` are its private values; `keys` those of all persons."""
    return sealed(
        uid=draft.uid.hex(),
        number=draft.number,
        program_hash=draft.program_hash,
        log=draft.log,
        event=event,
        values=values,
        key=keys[draft.key],
        persons=keys,
        manner=manner,
    )[0]


def sealed(
    *,
    uid: str,
    number: str,
    program_hash: str,
    log: LogClass,
    event: Event,
    values: Mapping[str, Json],
    key: bytes,
    persons: Mapping[str, bytes],
    manner: LogManner,
) -> tuple[bytes, dict[str, str]]:
    """Return an event's leaf and the disclosures that open it, by name. `persons` has the keys of who acted."""

    def pseudonym(person: str) -> str:
        return disclosure.pseudonym(persons[person], entry=uid) if person in persons else ""

    taken = event.taken
    is_opening = event.kind == "open"
    area = deepest(event.place, manner.levels) if is_opening else ""
    fact = leaf.Fact(
        entry=uid,
        seq=event.seq,
        mech=program_hash[:16],
        move=event.move,
        to=event.to_state,
        party=event.party,
        at=event.at,
        from_=event.from_state,
        via=event.via,
        unit=event.unit,
        p=pseudonym(event.person),
        number=number if is_opening else "",
        area=area if log == "open" else coarser(event.place, manner.levels) if is_opening else "",
        missed=event.missed,
        due=event.due,
        owed=event.owed,
        prov=event.provisional,
        answers=event.answers,
        verified=event.verified,
        lap=event.lap,
        rows=event.rows,
        taken=asdict(taken) | {"p": pseudonym(taken.person), "person": ""} if taken else {},
        **linked_in_leaf(event),
    )
    # A digest is over exact text, and a jsonb column keeps no order of its own: names are always sorted.
    ordered = {
        name: dict(sorted(value.items())) if isinstance(value, dict) else value for name, value in values.items()
    }
    sd, opened = disclosure.seal(key, entry=uid, seq=event.seq, values={**ordered, **when(event, log=log, area=area)})
    veil = leaf.veil_of(fact, zone=manner.zone, key=key) if log == "veiled" else ""
    return leaf.event_leaf(fact, log=log, zone=manner.zone, sd=sd, veil=veil), opened


def linked_in_leaf(event: Event) -> dict[str, Any]:
    """Return what a leaf says of entries that belong together."""
    if not (event.opens or event.awaits or event.heard or event.origin or event.again):
        return {}
    return {
        "again": event.again,
        "opens": [one.mechanism for one in event.opens],
        "awaits": event.awaits,
        "heard": {"slot": event.heard, "means": event.means} if event.heard else {},
        "origin": asdict(event.origin) if event.origin else {},
    }


def deepest(place: Mapping[str, str], levels: Sequence[str]) -> str:
    """Return the code of the entry's own area: the deepest level its place has."""
    return next((place[level] for level in reversed(levels) if level in place), "")


def coarser(place: Mapping[str, str], levels: Sequence[str]) -> str:
    """Return the area a coarse leaf may name: one level above the finest, which would be a street or a village."""
    return next((place[level] for level in reversed(levels[:-1]) if level in place), "")


# ── Moments ─────────────────────────────────────────────────────────────────────────────────────────────────


def milliseconds(at: datetime) -> int:
    return (at - _EPOCH) // timedelta(milliseconds=1)


def moment(ms: int) -> datetime:
    return _EPOCH + timedelta(milliseconds=ms)


def _text(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def bytes_as_text(value: bytes) -> str:
    """Return bytes as PostgreSQL reads them out of JSON."""
    return "\\x" + value.hex()


def has_timers(program: Program) -> bool:
    """Return whether entries of this mechanism can have limits beside their state's own."""
    return any(state.duties or state.objections for state in program.states.values()) or any(
        f.recheck for f in program.finals.values()
    )


def limit_rows(draft: Draft, calendar: Calendar) -> list[Row]:
    """Return every timer that runs beside the state's own now; those not named here have ended."""
    uid = bytes_as_text(draft.uid)
    return [
        {"entry_uid": uid, "kind": one.kind, "name": one.name, "due_at": _text(one.due)}
        for one in engine.running_limits(draft.program, draft.now, calendar)
        if one.kind == "duty"  # a span is part of the entry's own due moment
    ]


def recheck_rows(draft: Draft, calendar: Calendar, leaf: bytes) -> list[Row]:
    """Return when an entry that has just closed is looked at again, if its last leaf draws it."""
    again = recheck_due(draft.program, draft.steps[-1].event, leaf, calendar)
    if again is None:
        return []
    return [{"entry_uid": bytes_as_text(draft.uid), "kind": RECHECK, "name": RECHECK, "due_at": _text(again)}]


def recheck_due(program: Program, event: Event, leaf: bytes, calendar: Calendar) -> datetime | None:
    final = program.finals.get(event.to_state)
    if final is None or final.recheck is None or not is_drawn(final.recheck.share, leaf):
        return None
    return due(event.at, final.recheck.after, calendar).moment


def found_by(title: str, text: str) -> list[str]:
    """Return the pairs of characters by which a public text is found, its title's among them."""
    return bigrams(f"{title}\n{text}")


def text_row(draft: Draft) -> Row | None:
    if draft.text is None:
        return None
    title, text = draft.text
    return {"entry_uid": bytes_as_text(draft.uid), "title": title, "text": text, "bigrams": found_by(title, text)}


def attachment_rows(draft: Draft, step: Step) -> Iterable[Row]:
    for place, file in enumerate(step.files, start=1):
        yield {
            "entry_uid": bytes_as_text(draft.uid),
            "seq": step.event.seq,
            "place": place,
            "field": file.field,
            "label": file.label,
            "file": file.name,
            "sha256": file.photo.sha256,
            "salt": bytes_as_text(file.salt),
            "width": file.photo.width,
            "height": file.photo.height,
        }

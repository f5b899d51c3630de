"""Writing what happened to subjects: events, leaves and new standings, in the caller's transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from jiebang.engine.model import Json
from jiebang.engine.rounds import lifecycle
from jiebang.engine.rounds.model import Standing, Step
from jiebang.ledger import round_leaves
from jiebang.ledger import services as ledger
from jiebang.ledger.leaf import Signed
from jiebang.ledger.round_leaves import RoundManner
from jiebang.rounds import rights
from jiebang.rounds.models import Event, Round, Subject, Told
from jiebang.rulebook import defined
from jiebang.rulebook import queries as rulebook

CHANGED = (
    "state", "due_at", "abnormal", "tries", "found", "answered_at", "entry", "party", "office", "unit", "owner_area",
)  # fmt: skip
ANSWERED = ("done", "found")


@dataclass(frozen=True, slots=True)
class Made:
    """A step decided and not written yet. `public` and `kept` are what was answered, `person` who said it."""

    subject: Subject
    step: Step
    by: Signed
    person: str = ""
    entry: str = ""
    public: Mapping[str, Json] = field(default_factory=dict)
    kept: Mapping[str, Json] = field(default_factory=dict)


def manner_of(round_: Round) -> RoundManner:
    """Return how much the leaves of a round may say."""
    asked = defined.round_named(round_.definition)
    assert asked is not None, "a round runs under a published text"
    key = bytes(round_.key) if round_.key is not None else b""
    return RoundManner(asked.definition.log, rulebook.calendar().tz, key)


def standing_of(subject: Subject) -> Standing:
    return Standing(subject.state, subject.due_at, subject.abnormal, subject.tries, subject.found)  # type: ignore[arg-type]  # a constraint keeps the state's words


def leaf_of(round_: Round, subject: Subject, step: Step, by: Signed, entry: str) -> bytes:
    """Return the leaf of a step; a veiled round's does not say which unit it was."""
    manner = manner_of(round_)
    return round_leaves.step_leaf(
        manner,
        what=step.what,
        round=bytes(round_.uid).hex(),
        logged_as=subject.logged_as,
        area=subject.area,
        at=step.at,
        by=Signed(by.party) if manner.log == "veiled" else by,
        abnormal=step.abnormal,
        opens=entry,
        due=step.due,
        missed=step.missed,
    )


def write(steps: Sequence[Made]) -> None:
    """Write events, leaves and standings: one statement for the leaves, however many steps."""
    if not steps:
        return
    bodies = [("round", leaf_of(one.subject.round, one.subject, one.step, one.by, one.entry)) for one in steps]
    leaves = ledger.append(bodies, moments=[one.step.at for one in steps])
    events = Event.objects.bulk_create(
        Event(
            round=one.subject.round,
            subject=one.subject,
            what=one.step.what,
            at=one.step.at,
            due=one.step.due,
            missed=one.step.missed,
            abnormal=one.step.abnormal,
            party=one.by.party,
            # Of a veiled round an event, which stays for ever, says no more than its leaf.
            unit=one.by.unit if _is_told(one.subject.round) else "",
            entry=one.entry if _is_told(one.subject.round) else "",
            leaf_id=leaf,
        )
        for one, leaf in zip(steps, leaves, strict=True)
    )
    Told.objects.bulk_create(
        Told(event=event, person=one.person, public=dict(one.public), kept=dict(one.kept))
        for one, event in zip(steps, events, strict=True)
        if one.person or one.public or one.kept
    )
    for one in steps:
        _stand(one)
    Subject.objects.bulk_update([one.subject for one in steps], CHANGED)


def _is_told(round_: Round) -> bool:
    return manner_of(round_).log != "veiled"


def _stand(one: Made) -> None:
    """Put a subject where the step leads, and into the hands of whoever owes it next."""
    subject, step = one.subject, one.step
    now = lifecycle.evolve(standing_of(subject), step)
    subject.state, subject.due_at, subject.abnormal = now.state, now.due, now.abnormal
    subject.tries, subject.found = now.tries, now.found
    if step.what in ANSWERED:
        subject.answered_at = step.at
        subject.entry = one.entry
    if step.what == "escalated":
        asked = defined.round_named(subject.round.definition)
        assert asked is not None and asked.definition.otherwise is not None
        owner = rights.owner_of(subject.area, [("else", asked.definition.otherwise.to)])
        if owner.area:
            subject.party, subject.office = owner.party, owner.office
            subject.unit, subject.owner_area = owner.unit, owner.area

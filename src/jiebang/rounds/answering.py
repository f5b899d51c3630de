"""Answering for a subject: whoever owes it, or, where a round allows it, somebody for themselves by their link."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from django.db import transaction

from jiebang.boards import files as attachments
from jiebang.boards import personal
from jiebang.boards import refusals as board_refusals
from jiebang.boards import services as boards
from jiebang.boards.house import exact
from jiebang.boards.services import Opened, Opening, Upload
from jiebang.engine import answers as reading
from jiebang.engine.model import ANYONE, BOARDS, Actor, Json, Move, Program, Refused
from jiebang.engine.rounds import lifecycle
from jiebang.engine.rounds.model import KEY, SUBJECT, Register
from jiebang.engine.rounds.model import Round as Asked
from jiebang.engine.rounds.refusals import refuse
from jiebang.ledger.leaf import Signed
from jiebang.rounds import rights
from jiebang.rounds.models import Subject
from jiebang.rounds.opening import link_hash
from jiebang.rounds.steps import Made, standing_of, write
from jiebang.rulebook import defined
from jiebang.rulebook import queries as rulebook

SELF = "self"


@dataclass(frozen=True, slots=True)
class Given:
    """An answer for one subject: `normal`, `abnormal` or `tried`, with what its questions ask."""

    subject: int
    answer: str
    answers: Mapping[str, Json] = field(default_factory=dict)
    files: Sequence[Upload] = ()
    lang: str = "zh-hans"


@dataclass(frozen=True, slots=True)
class Answered:
    """What became of an answer: `what` it was to the round, and the number of what it opened on a board."""

    what: str
    entry: str = ""


def answer(given: Given, *, actor: Actor, at: datetime) -> Answered | Refused:
    """Answer for a subject as whoever owes it."""
    return _answer(given, at=exact(at), actor=actor)


def answer_by_link(link: str, given: Given, *, at: datetime) -> Answered | Refused:
    """Answer for oneself. The link is the right; nobody signs in."""
    found = Subject.objects.filter(link=link_hash(link)).values_list("id", flat=True).first()
    if found is None or given.answer == "tried":
        return refuse("round-unknown")
    return _answer(replace(given, subject=found), at=exact(at), actor=None)


@transaction.atomic
def _answer(given: Given, *, at: datetime, actor: Actor | None) -> Answered | Refused:
    subject = Subject.objects.select_for_update(of=("self",)).select_related("round").filter(id=given.subject).first()
    if subject is None or subject.round.erased_at is not None:
        return refuse("round-unknown")
    asked = defined.round_named(subject.round.definition)
    assert asked is not None
    by = Signed(SELF) if actor is None else _by(asked.definition, subject, actor)
    if by is None:
        return refuse("round-not-yours")
    step = lifecycle.answered(asked.definition, standing_of(subject), given.answer, at=at)
    if isinstance(step, Refused):
        return step
    move = asked.definition.answers[given.answer]
    told = _read(asked.definition, move, given)
    if isinstance(told, Refused):
        return told
    entry = ""
    if step.abnormal and move.opens is not None:
        opened = _open(asked.definition, subject, move, told, given, actor, at=at)
        if isinstance(opened, Refused):
            transaction.set_rollback(True)
            return opened
        entry = opened.number
    public, kept = _parted(asked.definition, told)
    person = actor.person if actor is not None else ""
    write([Made(subject, step, by, person, entry, public, kept)])
    return Answered(step.what, entry)


def _by(asked: Asked, subject: Subject, actor: Actor) -> Signed | None:
    """Return as whom somebody answers: the owner now, or whoever was asked first, who may still find it."""
    owners = [
        rights.Owner(subject.party, subject.office, subject.unit, subject.owner_area),
        rights.owner_of(subject.area, [("done-by", asked.done_by)]),
    ]
    for owner in owners:
        held = rights.is_owner(actor, {"office": owner.office, "unit": owner.unit, "owner_area": owner.area})
        if held is not None and owner.area:
            return Signed(owner.party, held.unit)
    return None


def as_program(asked: Asked) -> Program:
    """Return a round's questions as the forms and the reading of answers know them."""
    return Program(
        id=asked.id,
        since=asked.since,
        title=asked.title,
        purpose=asked.purpose,
        log=asked.log,
        parties={},
        fields=asked.fields,
        openings={},
        states={},
        routes={},
        finals={},
        spans={},
    )


def _read(asked: Asked, move: Move, given: Given) -> dict[str, Json] | Refused:
    program = as_program(asked)
    sent = attachments.checked(given.files)
    if isinstance(sent, Refused):
        return sent
    shown = attachments.shown(program, sent)
    if isinstance(shown, Refused):
        return shown
    told = reading.read(move, given.answers, shown, {}, program)
    if isinstance(told, Refused):
        return told
    if missing := reading.unshown(move, shown, told, program):
        return missing
    if number := personal.shown_to_all(program, told):
        return board_refusals.personal_number(*number)
    return told


def _parted(asked: Asked, told: Mapping[str, Json]) -> tuple[dict[str, Json], dict[str, Json]]:
    """Return what everybody may read, and what not. Of a veiled round nothing is for everybody."""
    public = {
        name: value for name, value in told.items() if asked.log != "veiled" and asked.fields[name].visible == "public"
    }
    return public, {name: value for name, value in told.items() if name not in public}


# ── What an abnormal answer opens ───────────────────────────────────────────────────────────────────────────


def _open(
    asked: Asked,
    subject: Subject,
    move: Move,
    told: Mapping[str, Json],
    given: Given,
    actor: Actor | None,
    *,
    at: datetime,
) -> Opened | Refused:
    """Open the entry on its board in this transaction; whoever looked is its raiser, and judges the work later."""
    assert move.opens is not None and subject.row is not None
    try:
        version = rulebook.in_force(move.opens.mechanism, on=rulebook.calendar().local_day(at), area=subject.area)
    except rulebook.NotPublished:
        return board_refusals.cannot_open(move.opens.mechanism)
    opening = version.program.openings.get(move.opens.opening)
    if opening is None:
        return board_refusals.cannot_open(move.opens.mechanism)
    about = defined.register(asked.register, on=rulebook.calendar().local_day(at))
    values = {**subject.row.public, **subject.row.kept}
    answers: dict[str, Json] = {}
    photo = ""
    for ask in opening.ask:
        theirs = version.program.fields[ask.field]
        if theirs.type == "area":
            answers[theirs.name] = subject.area
        elif theirs.type == "photo":
            photo = photo or theirs.name
        elif theirs.type == "position" and about is not None and about.definition.position in values:
            answers[theirs.name] = values[about.definition.position]
        elif theirs.name in move.opens.carry:
            answers[theirs.name] = _carried(move.opens.carry[theirs.name], asked, about, subject, told)
    [opened] = boards.open_many(
        [
            Opening(
                mechanism=move.opens.mechanism,
                opening=opening.name,
                actor=_raiser(version.program, opening, actor),
                area=subject.area,
                answers={name: value for name, value in answers.items() if value is not None},
                key=f"round-{bytes(subject.round.uid).hex()}-{subject.place}",
                files=[replace(file, field=photo or file.field, label="") for file in given.files if photo],
                lang=given.lang,
            )
        ],
        at=at,
    )
    return board_refusals.cannot_open(move.opens.mechanism, opened) if isinstance(opened, Refused) else opened


def _carried(
    ours: str, asked: Asked, about: defined.Defined[Register] | None, subject: Subject, told: Mapping[str, Json]
) -> Json:
    if ours == SUBJECT:
        return subject.name if subject.name == subject.key else f"{subject.name} ({subject.key})"
    if ours == KEY:
        return subject.key
    value = told.get(ours)
    if ours not in asked.fields and about is not None and subject.row is not None:
        value = subject.row.public.get(ours)
    return value


def _raiser(program: Program, opening: Move, actor: Actor | None) -> Actor:
    kinds = {program.parties[name].kind for name in opening.by}
    if kinds == {"boards"}:
        return BOARDS
    return actor if actor is not None else ANYONE

"""What the rooms above may ask about registers and rounds. Public answers hold nothing of people but numbers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db.models import Count, Q

from jiebang.engine.model import Actor, Json
from jiebang.engine.rounds.model import Coverage, Post, Register
from jiebang.engine.rounds.model import Round as Asked
from jiebang.people import queries as people
from jiebang.rounds import rights
from jiebang.rounds.importing import rows_at
from jiebang.rounds.models import Import, Round, Row, Subject, Told
from jiebang.rounds.opening import link_hash, link_of
from jiebang.rulebook import defined
from jiebang.rulebook import queries as rulebook
from jiebang.rulebook.defined import Defined

OPEN = ("due", "escalated")
NOBODY = Coverage(0, 0, 0, 0, 0, 0)
MOST_NAMED = 500  # missing subjects a page names; of more it says how many


@dataclass(frozen=True, slots=True)
class RoundView:
    """A round in numbers, for everybody."""

    ident: str
    ordinal: int
    uid: str
    asked: Asked
    register: str
    version: int
    area: str
    cause: str
    opened_at: datetime
    due_at: datetime
    closed_at: datetime | None
    erased_at: datetime | None
    erase_at: datetime | None
    coverage: Coverage


@dataclass(frozen=True, slots=True)
class SubjectView:
    """A subject. Of a round over people `name` and `key` are for whoever owes it, and never on a public page."""

    id: int
    place: int
    key: str
    name: str
    area: str
    state: str
    due_at: datetime | None
    abnormal: bool
    tries: int
    found: bool
    answered_at: datetime | None
    party: str
    office: str
    unit: str
    owner_area: str
    entry: str
    ident: str = ""
    ordinal: int = 0


@dataclass(frozen=True, slots=True)
class ForOwner:
    """A subject as whoever owes it sees it: the whole row, and what was answered so far."""

    subject: SubjectView
    round: RoundView
    register: Register
    values: Mapping[str, Json]
    told: Sequence[tuple[str, datetime, Mapping[str, Json]]]
    link: str = ""


@dataclass(frozen=True, slots=True)
class VersionView:
    version: int
    at: datetime
    party: str
    unit: str
    rows: int
    added: int
    changed: int
    removed: int


@dataclass(frozen=True, slots=True)
class RowView:
    key: str
    area: str
    public: Mapping[str, Json]
    kept: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MyRound:
    """A running round with how many of its subjects are mine, and still mine to answer."""

    view: RoundView
    mine: int
    open: int


# ── Rounds, for everybody ───────────────────────────────────────────────────────────────────────────────────


def round_(ident: str, ordinal: int) -> RoundView | None:
    found = Round.objects.filter(ident=ident, ordinal=ordinal).first()
    return _views([found])[0] if found else None


def rounds(ident: str = "", *, running: bool = False, limit: int = 60) -> list[RoundView]:
    """Return rounds, the newest first: of one definition or of all."""
    found = Round.objects.order_by("-opened_at", "-id")
    if ident:
        found = found.filter(ident=ident)
    if running:
        found = found.filter(closed_at=None)
    return _views(found[:limit])


def _views(found: Iterable[Round]) -> list[RoundView]:
    listed = list(found)
    rows = (
        Subject.objects.filter(round__in=[one.id for one in listed])
        .values_list("round")
        .annotate(
            n=Count("id"),
            done=Count("id", filter=Q(state="done")),
            abnormal=Count("id", filter=Q(abnormal=True)),
            missed=Count("id", filter=Q(state="missed")),
            found=Count("id", filter=Q(found=True)),
            escalated=Count("id", filter=Q(state="escalated")),
        )
    )
    counts = {row[0]: Coverage(*row[1:]) for row in rows}
    return [_view(one, counts.get(one.id, NOBODY)) for one in listed]


def _view(one: Round, counts: Coverage) -> RoundView:
    asked = defined.round_named(one.definition)
    assert asked is not None
    return RoundView(
        one.ident,
        one.ordinal,
        bytes(one.uid).hex(),
        asked.definition,
        one.register,
        one.version,
        one.area,
        one.cause,
        one.opened_at,
        one.due_at,
        one.closed_at,
        one.erased_at,
        one.erase_at,
        counts,
    )


def is_about_people(view: RoundView) -> bool:
    about = defined.register(view.register, on=rulebook.calendar().local_day(view.opened_at))
    return about is None or about.definition.about == "people" or view.asked.log == "veiled"


def named(view: RoundView, *states: str) -> list[SubjectView]:
    """Return a public round's subjects in these states, by place; none of a round over people."""
    if is_about_people(view):
        return []
    found = Subject.objects.filter(round__ident=view.ident, round__ordinal=view.ordinal, state__in=states)
    return [_subject(one) for one in found.select_related("round").order_by("area", "place")[:MOST_NAMED]]


def by_area(view: RoundView, level: str) -> list[tuple[str, Coverage]]:
    """Return how a round stands in each area of a level, by code. Of a round over people only with five or more."""
    parts: dict[str, list[Subject]] = {}
    for one in Subject.objects.filter(round__ident=view.ident, round__ordinal=view.ordinal).exclude(area=""):
        parts.setdefault(_at(level, one.area), []).append(one)
    least = 5 if is_about_people(view) else 1
    return [(code, _counted(found)) for code, found in sorted(parts.items()) if code and len(found) >= least]


def _at(level: str, area: str) -> str:
    return people.place(area).get(level, "")


def _counted(found: Sequence[Subject]) -> Coverage:
    return Coverage(
        len(found),
        sum(one.state == "done" for one in found),
        sum(one.abnormal for one in found),
        sum(one.state == "missed" for one in found),
        sum(one.found for one in found),
        sum(one.state == "escalated" for one in found),
    )


def _subject(one: Subject) -> SubjectView:
    return SubjectView(
        one.id, one.place, one.key, one.name, one.area, one.state, one.due_at, one.abnormal, one.tries, one.found,
        one.answered_at, one.party, one.office, one.unit, one.owner_area, one.entry, one.round.ident,
        one.round.ordinal,
    )  # fmt: skip


# ── For whoever owes an answer ──────────────────────────────────────────────────────────────────────────────


def _mine(actor: Actor) -> Q:
    mine = Q(pk__in=[])
    for held in actor.appointments:
        mine |= Q(office=held.office, owner_area=held.area, unit="") | Q(
            office=held.office, owner_area=held.area, unit=held.unit
        )
    return mine


def my_rounds(actor: Actor) -> list[MyRound]:
    """Return the running rounds in which this actor owes, or owed, an answer."""
    counted = {
        row["round"]: (row["mine"], row["open"])
        for row in Subject.objects.filter(_mine(actor), round__closed_at=None)
        .values("round")
        .annotate(mine=Count("id"), open=Count("id", filter=Q(state__in=OPEN)))
    }
    found = Round.objects.filter(id__in=counted).order_by("due_at", "id")
    views = _views(found)
    return [MyRound(view, *counted[one.id]) for one, view in zip(found, views, strict=True)]


def how_many_mine(actor: Actor) -> int:
    return Subject.objects.filter(_mine(actor), state__in=OPEN).count()


def my_subjects(actor: Actor, ident: str = "", ordinal: int = 0, *, limit: int = 500) -> list[SubjectView]:
    """Return the subjects this actor owes an answer for, the next due first: of one round or of all."""
    found = Subject.objects.filter(_mine(actor), state__in=OPEN).select_related("round")
    if ident:
        found = found.filter(round__ident=ident, round__ordinal=ordinal)
    return [_subject(one) for one in found.order_by("due_at", "area", "place", "id")[:limit]]


def at_place(ident: str, ordinal: int, place: int) -> SubjectView | None:
    """Return a subject by the round and its place there; what may be done with it, whoever acts on it is asked."""
    found = Subject.objects.filter(round__ident=ident, round__ordinal=ordinal, place=place).select_related("round")
    one = found.first()
    return _subject(one) if one else None


def for_owner(id: int, actor: Actor) -> ForOwner | None:
    """Return a subject with all that is known of it, to whoever owes it, owed it first, or opened its round."""
    one = Subject.objects.select_related("round", "row").filter(id=id).first()
    if one is None or one.row is None:
        return None
    view = _views([one.round])[0]
    posts: list[tuple[str, Post]] = [("done-by", view.asked.done_by), ("opened-by", view.asked.opened_by)]
    owners = [rights.owner_of(one.area, [post]) for post in posts]
    theirs = [{"office": o.office, "unit": o.unit, "owner_area": o.area} for o in owners if o.area]
    theirs.append({"office": one.office, "unit": one.unit, "owner_area": one.owner_area})
    if not any(rights.is_owner(actor, owner) for owner in theirs):
        return None
    about = defined.register(one.round.register, on=rulebook.calendar().local_day(one.round.opened_at))
    assert about is not None
    told = [
        (said.event.what, said.event.at, {**said.public, **said.kept})
        for said in Told.objects.filter(event__subject=one).select_related("event").order_by("event_id")
    ]
    link = link_of(bytes(one.round.uid), one.place) if one.link is not None else ""
    return ForOwner(_subject(one), view, about.definition, {**one.row.public, **one.row.kept}, told, link)


def by_link(link: str) -> tuple[SubjectView, RoundView] | None:
    """Return what a person's own link leads to."""
    one = Subject.objects.select_related("round").filter(link=link_hash(link)).first()
    return (_subject(one), _views([one.round])[0]) if one else None


def may_open(actor: Actor, *, on: date) -> list[tuple[Defined[Asked], list[str]]]:
    """Return the rounds this actor may open by hand, each with the areas they may open it for."""
    found = [(asked, rights.areas_of(actor, asked.definition.opened_by)) for asked in defined.rounds(on=on)]
    return [(asked, areas) for asked, areas in found if areas]


def may_erase(view: RoundView, actor: Actor) -> bool:
    if view.asked.erase_after is None or view.closed_at is None or view.erased_at is not None:
        return False
    return may_watch(view, actor)


def may_watch(view: RoundView, actor: Actor) -> bool:
    """Whether this actor may open such a round there, and so sees who owes what in it."""
    return any(rights.reaches([one.area], view.area) for one in rights.held(actor, view.asked.opened_by))


def next_due() -> datetime | None:
    """Return when the clock has something to do next: a limit, or what is to be destroyed. For playing a past."""
    dues = Subject.objects.filter(state__in=OPEN).order_by("due_at").values_list("due_at", flat=True).first()
    waiting = Round.objects.filter(erased_at=None).exclude(erase_at=None).order_by("erase_at")
    erasing = waiting.values_list("erase_at", flat=True).first()
    return min((moment for moment in (dues, erasing) if moment is not None), default=None)


def played(view: RoundView) -> list[SubjectView]:
    """Return every subject of a round, by place: for whoever plays a demonstration, never for a page."""
    found = Subject.objects.filter(round__ident=view.ident, round__ordinal=view.ordinal)
    return [_subject(one) for one in found.select_related("round").order_by("place")]


def has_part(view: RoundView, actor: Actor) -> bool:
    """Whether this actor owes, or owed, an answer in the round."""
    mine = Subject.objects.filter(_mine(actor), round__ident=view.ident, round__ordinal=view.ordinal)
    return mine.exists()


def how_many_left(actor: Actor, view: RoundView) -> int:
    """Return how many of a round's subjects this actor still owes."""
    mine = Subject.objects.filter(_mine(actor), round__ident=view.ident, round__ordinal=view.ordinal)
    return mine.filter(state__in=OPEN).count()


def overseen(view: RoundView, actor: Actor) -> list[SubjectView]:
    """Return everything still open or missed of a round, to whoever may open it: who owes what, by when."""
    if not may_watch(view, actor):
        return []
    found = Subject.objects.filter(round__ident=view.ident, round__ordinal=view.ordinal).exclude(state="done")
    return [_subject(one) for one in found.select_related("round").order_by("due_at", "place")[:MOST_NAMED]]


# ── Registers ───────────────────────────────────────────────────────────────────────────────────────────────


def versions(register: str) -> list[VersionView]:
    """Return the imports of a register, the newest first."""
    return [
        VersionView(one.version, one.at, one.party, one.unit, one.rows, one.added, one.changed, one.removed)
        for one in Import.objects.filter(register=register).order_by("-version")
    ]


def version_on(register: str, moment: datetime) -> int | None:
    """Return the version that stood at a moment."""
    found = Import.objects.filter(register=register, at__lte=moment).order_by("-version")
    return found.values_list("version", flat=True).first()


def rows(register: str, *, version: int | None = None, keeper: Actor | None = None) -> list[RowView]:
    """Return a register's rows; what is not public only to whoever keeps it, for their own areas."""
    about = next((one for one in _all_registers() if one.id == register), None)
    if about is None:
        return []
    areas = rights.areas_of(keeper, about.definition.owner) if keeper is not None else []
    if about.definition.about == "people" and not areas:
        return []
    found = rows_at(register, version=version)
    if keeper is None:
        return [RowView(row.key, row.area, row.public) for row in found]
    return [RowView(row.key, row.area, row.public, row.kept) for row in found if rights.reaches(areas, row.area)]


def _all_registers() -> list[Defined[Register]]:
    return defined.registers(on=date.max)


def kept_by(actor: Actor, *, on: date) -> list[Defined[Register]]:
    """Return the registers this actor keeps."""
    return [one for one in defined.registers(on=on) if rights.areas_of(actor, one.definition.owner)]


def how_many(register: str) -> int:
    return Row.objects.filter(register=register, until=None).count()

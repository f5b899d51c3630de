"""Deriving the room again: each subject folded from its events, each leaf from the event's columns, each count."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

from django.db import connection

from jiebang.engine.rounds import lifecycle
from jiebang.engine.rounds.model import Coverage, Standing, Step, What
from jiebang.ledger import queries as ledger
from jiebang.ledger import round_leaves
from jiebang.ledger.leaf import Signed
from jiebang.rounds.importing import digest_of, rows_at
from jiebang.rounds.models import Event, Import, Round, Subject
from jiebang.rounds.steps import leaf_of, manner_of, standing_of
from jiebang.rulebook import defined

GRACE = timedelta(hours=1)  # so long a clock may be late before the audit names it


@dataclass(frozen=True, slots=True)
class Report:
    rounds: int
    subjects: int
    findings: tuple[str, ...]


def audit(*, at: datetime | None = None) -> Report:
    """Derive every round and every import again. With `at`, what the clock should have done an hour before is named."""
    findings: list[str] = []
    rounds = subjects = 0
    for round_ in Round.objects.order_by("id"):
        rounds += 1
        subjects += round_.n
        findings += [f"round {round_.ident}/{round_.ordinal}: {said}" for said in _round(round_, at=at)]
    for made in Import.objects.order_by("register", "version"):
        findings += [f"register {made.register}, version {made.version}: {said}" for said in _import(made)]
    return Report(rounds, subjects, tuple(findings))


def rederived(round_: Round) -> tuple[Coverage, dict[int, Standing]]:
    """Return a round's coverage and each subject's standing, from its events alone."""
    standings: dict[int, Standing] = {
        id: Standing("due", round_.due_at) for id in round_.subjects.values_list("id", flat=True)
    }
    for event in round_.events.exclude(subject=None).order_by("id"):
        assert event.subject_id is not None
        standings[event.subject_id] = lifecycle.evolve(standings[event.subject_id], _step_of(event))
    return lifecycle.coverage(standings.values()), standings


def _step_of(event: Event) -> Step:
    return Step(cast(What, event.what), event.at, event.abnormal, event.due, event.missed)


def _round(round_: Round, *, at: datetime | None) -> Iterator[str]:
    if defined.round_named(round_.definition) is None:
        yield "it runs under a text that was never published."
        return
    counts, standings = rederived(round_)
    if counts.n != round_.n:
        yield f"it was opened with {round_.n} subjects and has {counts.n}."
    for subject in Subject.objects.filter(round=round_).select_related("round").order_by("place"):
        if standing_of(subject) != standings[subject.id]:
            yield f"subject {subject.place} does not follow from its events."
        expected = manner_of(round_).subject(subject.key) if round_.erased_at is None else subject.logged_as
        if subject.logged_as != expected:
            yield f"subject {subject.place} is called otherwise in the log."
        late = at is not None and subject.due_at is not None and subject.due_at < at - GRACE
        if late and round_.closed_at is None:
            yield f"subject {subject.place} was due at {subject.due_at:%Y-%m-%d %H:%M} UTC and no clock came."
    yield from _leaves(round_, counts)
    yield from _endings(round_, counts)


def _endings(round_: Round, counts: Coverage) -> Iterator[str]:
    is_over = counts.waiting == 0
    if round_.closed_at is not None and not is_over:
        yield f"it is closed, and {counts.waiting} subjects still wait."
    if round_.erased_at is not None and (
        round_.key is not None or round_.subjects.exclude(key="").exists() or round_.events.exclude(told=None).exists()
    ):
        yield "it is erased, and something of people is still there."


def _leaves(round_: Round, counts: Coverage) -> Iterator[str]:
    events = list(round_.events.select_related("subject__round").order_by("id"))
    bodies = _bodies([event.leaf_id for event in events])
    seen: defaultdict[str, int] = defaultdict(int)
    for event in events:
        seen[event.what] += 1
        logged = bodies.get(event.leaf_id)
        if logged is None:
            yield f"the leaf of “{event.what}” is missing."
        elif event.subject is not None:
            # Of an erased subject the leaf alone is left: its area is gone with the row.
            if round_.erased_at is None and logged != leaf_of(
                round_, event.subject, _step_of(event), Signed(event.party, event.unit), event.entry
            ):
                yield f"the leaf of “{event.what}” of subject {event.subject.place} says something else."
        elif (expected := _leaf_of_round(round_, event, counts)) is not None and logged != expected:
            yield f"the leaf of “{event.what}” says something else."
    if seen["opened"] != 1 or seen["closed"] != (round_.closed_at is not None):
        yield "it was not opened once and closed at most once."


def _leaf_of_round(round_: Round, event: Event, counts: Coverage) -> bytes | None:
    manner, uid, by = manner_of(round_), bytes(round_.uid).hex(), Signed(event.party, event.unit)
    if event.what == "closed":
        return round_leaves.closed_leaf(
            manner, round=uid, n=counts.n, done=counts.done, missed=counts.missed, at=event.at
        )
    if event.what == "erased":
        return round_leaves.round_erased_leaf(manner, round=uid, n=round_.n, ground=event.ground, at=event.at, by=by)
    assert event.due is not None
    return round_leaves.opened_leaf(
        manner,
        round=uid,
        id=round_.ident,
        mech=round_.definition[:16],
        version=round_.version,
        n=round_.n,
        due=event.due,
        cause=round_.cause,
        at=event.at,
        by=by,
        area=round_.area,
        seed=bytes(round_.seed).hex() if round_.seed is not None else "",
        next=_digest(bytes(round_.next_seed)) if round_.next_seed is not None else "",
    )


def _digest(seed: bytes) -> str:
    return hashlib.sha256(seed).hexdigest()


def _bodies(ids: list[int]) -> dict[int, bytes]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT id, body FROM {ledger.LEAVES} AS l WHERE id = ANY(%s)", [ids])
        return {id: bytes(body) for id, body in cursor.fetchall()}


def _import(made: Import) -> Iterator[str]:
    rows = rows_at(made.register, version=made.version)
    if len(rows) != made.rows:
        yield f"it had {made.rows} rows and {len(rows)} can be found."
    if made.digest and made.digest != digest_of([(row.key, row.public) for row in rows]):
        yield "its public rows are not those that were logged."
    body = round_leaves.register_leaf(
        id=made.register,
        mech=made.definition[:16],
        version=made.version,
        counts={"rows": made.rows, "added": made.added, "changed": made.changed, "removed": made.removed},
        digest=made.digest,
        at=made.at,
        by=Signed(made.party, made.unit),
    )
    if _bodies([made.leaf_id]).get(made.leaf_id) != body:
        yield "its leaf says something else."

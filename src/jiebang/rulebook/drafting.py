"""Writing rules together: a draft that anybody of the rule office edits, one person proposes, and another publishes.

Nothing here edits a published version. A proposed text is frozen: whoever wants to change it sends it back first, so
what the second person read is what is published. Publishing writes the version's row and its leaves in one transaction.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from django.db import connection, transaction

from jiebang.engine import nodes
from jiebang.engine.model import Actor, Appointment, Refused
from jiebang.ledger import disclosure, leaf
from jiebang.ledger import services as ledger
from jiebang.people import queries as people
from jiebang.rulebook import proposals, queries, refusals, rights, transfers, versions
from jiebang.rulebook.proposals import DraftView
from jiebang.rulebook.rights import Step

MOST_BYTES = nodes.MOST_BYTES
_SCOPE = re.compile(r"[a-z0-9][a-z0-9-]{0,39}", re.ASCII)
_NAMED = re.compile(r"^(?:mechanism|机制):[ \t]*['\"]?([a-z0-9][a-z0-9_-]{0,59})", re.MULTILINE | re.ASCII)


@dataclass(frozen=True, slots=True)
class Written:
    """What an author sends: the text, its stories, and where it shall hold (nothing: in the whole city)."""

    text: str
    stories: str = ""
    scope: str = ""
    areas: tuple[str, ...] = ()
    transfers: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # program hash → old state → new


def begin(written: Written, actor: Actor, *, adopts: str = "", at: datetime) -> DraftView | Refused:
    """Begin a draft. `adopts` is the hash of the published program it is made from."""
    allowed = rights.may("edit", actor, rights.Matter("editing"), root=proposals.root())
    if isinstance(allowed, Refused):
        return allowed
    if too_large := _too_large(written):
        return too_large
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO rulebook_draft (kind, mechanism, text, stories, scope, areas, adopts, transfers, state, edits,"
            " begun_by, begun_at, changed_by, changed_at, proposer, proposed_by, proposed_unit, note)"
            " VALUES ('publish', %s, %s, %s, %s, %s, %s, %s::jsonb, 'editing', 0, %s, %s, %s, %s, '', '', '', '')"
            " RETURNING id",
            [
                mechanism_of(written.text),
                written.text,
                written.stories,
                written.scope,
                list(written.areas),
                adopts,
                json.dumps(written.transfers),
                actor.person,
                at,
                actor.person,
                at,
            ],
        )
        (id_,) = cursor.fetchone()
    found = proposals.draft(id_)
    assert found is not None
    return found


@transaction.atomic
def save(id_: int, written: Written, actor: Actor, *, edits: int, at: datetime) -> DraftView | Refused:
    """Keep what an author wrote, right or wrong. `edits` is the count they saw; somebody else's change is not lost."""
    draft = _locked(id_, "edit", actor)
    if isinstance(draft, Refused):
        return draft
    if too_large := _too_large(written):
        return too_large
    if draft.edits != edits:
        return refusals.changed_meanwhile()
    if (draft.text, draft.stories, draft.scope, draft.areas, draft.transfers) == (
        written.text,
        written.stories,
        written.scope,
        written.areas,
        written.transfers,
    ):
        return draft
    changed = replace(
        draft,
        mechanism=mechanism_of(written.text),
        text=written.text,
        stories=written.stories,
        scope=written.scope,
        areas=written.areas,
        transfers=written.transfers,
        edits=draft.edits + 1,
        changed_by=actor.person,
        changed_at=at,
    )
    _keep(changed)
    return changed


@transaction.atomic
def propose(id_: int, actor: Actor, *, edits: int, at: datetime) -> DraftView | Refused:
    """Ask for a second person. The text is checked as for publication, and frozen."""
    draft = _locked(id_, "propose", actor)
    if isinstance(draft, Refused):
        return draft
    if draft.edits != edits:
        return refusals.changed_meanwhile()
    if refused := _unfit(draft, at):
        return refused
    office = _office("propose", actor, draft)
    if isinstance(office, Refused):
        return office
    proposed = replace(
        draft,
        state="proposed",
        proposer=actor.person,
        proposed_by=office.office,
        proposed_unit=office.unit,
        proposed_at=at,
        note="",
    )
    _keep(proposed)
    return proposed


@transaction.atomic
def send_back(id_: int, actor: Actor, *, note: str) -> DraftView | Refused:
    """Give a proposal back to be changed, with a sentence why. A request to end a pilot is dropped by it."""
    draft = _locked(id_, "send-back", actor)
    if isinstance(draft, Refused):
        return draft
    state: rights.State = "editing" if draft.kind == "publish" else "dropped"
    back = replace(draft, state=state, proposer="", note=note.strip()[:1000])
    _keep(back)
    return back


@transaction.atomic
def drop(id_: int, actor: Actor) -> DraftView | Refused:
    """Give a draft up. It stays to be read."""
    draft = _locked(id_, "drop", actor)
    if isinstance(draft, Refused):
        return draft
    dropped = replace(draft, state="dropped")
    _keep(dropped)
    return dropped


@transaction.atomic
def publish(id_: int, actor: Actor, *, at: datetime) -> DraftView | Refused:
    """Publish what another person proposed: row and leaves in one transaction, checked once more as it stands.

    Refused for the proposer (P2), for whoever holds no such office where it will hold, and when calendar, policies or
    other versions have changed meanwhile so that it is no longer fit.
    """
    versions.lock()
    draft = _locked(id_, "publish", actor)
    if isinstance(draft, Refused):
        return draft
    office = _office("publish", actor, draft)
    if isinstance(office, Refused):
        return office
    if refused := _unfit(draft, at):
        return refused
    if draft.kind == "withdraw":
        _end_pilot(draft, actor, office, at=at)
    else:
        _publish_text(draft, actor, office, at=at)
    published = replace(draft, state="published", changed_by=actor.person, changed_at=at)
    _keep(published)
    queries.forget_caches()
    return published


@transaction.atomic
def ask_to_end(mechanism: str, scope: str, actor: Actor, *, until: date, at: datetime) -> DraftView | Refused:
    """Propose to end a pilot from a day on; another person confirms it. Running entries finish under its versions."""
    running = queries.pilot(mechanism, scope)
    if running is None:
        return refusals.no_such_pilot(mechanism, scope)
    draft = DraftView(
        kind="withdraw",
        mechanism=mechanism,
        scope=scope,
        areas=running.areas,
        until=until,
        begun_by=actor.person,
        begun_at=at,
        changed_by=actor.person,
        changed_at=at,
    )
    office = _office("propose", actor, draft)
    if isinstance(office, Refused):
        return office
    if until < _today(at):
        return refusals.in_the_past(until.isoformat(), _today(at).isoformat())
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO rulebook_draft (kind, mechanism, text, stories, scope, areas, until, adopts, state, edits,"
            " begun_by, begun_at, changed_by, changed_at, proposer, proposed_by, proposed_unit, proposed_at, note)"
            " VALUES ('withdraw', %s, '', '', %s, %s, %s, '', 'proposed', 0, %s, %s, %s, %s, %s, %s, %s, %s, '')"
            " RETURNING id",
            [
                mechanism,
                scope,
                list(running.areas),
                until,
                *(actor.person, at, actor.person, at),
                *(actor.person, office.office, office.unit, at),
            ],
        )
        (id_,) = cursor.fetchone()
    found = proposals.draft(id_)
    assert found is not None
    return found


def mechanism_of(text: str) -> str:
    """Return the id a text gives itself, also when it does not compile yet; empty when it gives none."""
    found = _NAMED.search(text[:MOST_BYTES])
    return found[1] if found else ""


# ── Asking ──────────────────────────────────────────────────────────────────────────────────────────────────


def _office(step: Step, actor: Actor, draft: DraftView) -> Appointment | Refused:
    return rights.may(step, actor, proposals.matter(draft), root=proposals.root())


def _locked(id_: int, step: Step, actor: Actor) -> DraftView | Refused:
    draft = proposals.draft(id_, lock=True)
    if draft is None:
        return refusals.no_such_draft()
    # `propose` asks where it will hold only once the areas are known to be there.
    allowed = _office("edit" if step == "propose" else step, actor, draft)
    return allowed if isinstance(allowed, Refused) else draft


def _unfit(draft: DraftView, at: datetime) -> Refused | None:
    """Return why a draft cannot be proposed or published today, whoever does it."""
    today = _today(at)
    if missing := next((code for code in draft.areas if people.area(code) is None), None):
        return refusals.no_such_area(missing)
    if draft.kind == "withdraw":
        assert draft.until is not None
        if draft.until < today:
            return refusals.in_the_past(draft.until.isoformat(), today.isoformat())
        pilot = queries.pilot(draft.mechanism, draft.scope)
        return refusals.no_such_pilot(draft.mechanism, draft.scope) if pilot is None else None
    if bool(draft.scope) != bool(draft.areas) or (draft.scope and not _SCOPE.fullmatch(draft.scope)):
        return refusals.bad_scope()
    if len(draft.areas) > leaf.MOST_AREAS:
        return refusals.bad_scope()
    judged = proposals.judged(draft.text, draft.stories)
    if judged.program is None or not judged.ok:
        return refusals.not_sound(len(judged.errors))
    since = judged.program.since
    if date.fromisoformat(since) < today:
        return refusals.in_the_past(since, today.isoformat())
    if any((one.scope, one.since.isoformat()) == (draft.scope, since) for one in queries.versions(judged.program.id)):
        return refusals.already_published(judged.program.id, since)
    maps = draft.transfers.items()
    against = [one for before, states in maps for one in transfers.against(before, states, judged.program)]
    return refusals.cannot_transfer(len(against)) if against else None


def _too_large(written: Written) -> Refused | None:
    size = max(len(text.encode("utf-8", "surrogatepass")) for text in (written.text, written.stories))
    return refusals.too_long(size, MOST_BYTES) if size > MOST_BYTES else None


def _today(at: datetime) -> date:
    return queries.calendar().local_day(at)


# ── Writing ─────────────────────────────────────────────────────────────────────────────────────────────────


def _publish_text(draft: DraftView, actor: Actor, office: Appointment, *, at: datetime) -> None:
    judged = proposals.judged(draft.text, draft.stories)
    assert judged.program is not None
    program = judged.program
    salt = hashlib.sha256(draft.text.encode()).hexdigest()[:32]
    by, proposed = _both(draft, actor, office, salt=salt)
    versions.write(
        versions.New(
            mechanism=program.id,
            since=date.fromisoformat(program.since),
            text=draft.text.encode(),
            judged=judged,
            scope=draft.scope,
            areas=draft.areas,
            adopts=draft.adopts,
            stories=draft.stories,
            by=by,
            proposed=proposed,
            publisher=actor.person,
            proposer=draft.proposer,
        ),
        at=at,
    )
    transfers.write(draft.transfers, program, by=by, proposed=proposed, at=at)


def _end_pilot(draft: DraftView, actor: Actor, office: Appointment, *, at: datetime) -> None:
    assert draft.until is not None
    salt = hashlib.sha256(f"{draft.mechanism}~{draft.scope}|{draft.until}|{draft.id}".encode()).hexdigest()[:32]
    by, proposed = _both(draft, actor, office, salt=salt)
    last = max(one.id for one in queries.versions(draft.mechanism) if one.scope == draft.scope)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO rulebook_withdrawal (mechanism, scope, until, last_id, published_at, published_by,"
            " published_unit, proposed_by, proposed_unit, publisher, proposer)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
            [
                *(draft.mechanism, draft.scope, draft.until, last, at),
                *(by.party, by.unit, proposed.party, proposed.unit, actor.person, draft.proposer),
            ],
        )
    body = leaf.withdraw_leaf(
        mechanism=draft.mechanism,
        scope=draft.scope,
        areas=draft.areas,
        until=draft.until,
        at=at,
        by=by,
        proposed=proposed,
    )
    ledger.append([("withdraw", body)], moments=[at])


def _both(draft: DraftView, actor: Actor, office: Appointment, *, salt: str) -> tuple[leaf.Signed, leaf.Signed]:
    """Return publisher and proposer as the log says them: office, unit, and a pseudonym good for this text alone."""
    keys = people.keys({actor.person, draft.proposer})
    return (
        leaf.Signed(office.office, office.unit, disclosure.pseudonym(keys[actor.person], entry=salt)),
        leaf.Signed(draft.proposed_by, draft.proposed_unit, disclosure.pseudonym(keys[draft.proposer], entry=salt)),
    )


def _keep(draft: DraftView) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE rulebook_draft SET mechanism = %s, text = %s, stories = %s, scope = %s, areas = %s,"
            " transfers = %s::jsonb, state = %s,"
            " edits = %s, changed_by = %s, changed_at = %s, proposer = %s, proposed_by = %s, proposed_unit = %s,"
            " proposed_at = %s, note = %s WHERE id = %s",
            [
                *(draft.mechanism, draft.text, draft.stories, draft.scope, list(draft.areas)),
                *(json.dumps(draft.transfers), draft.state),
                *(draft.edits, draft.changed_by, draft.changed_at, draft.proposer, draft.proposed_by),
                *(draft.proposed_unit, draft.proposed_at, draft.note, draft.id),
            ],
        )


__all__ = [
    "Written",
    "ask_to_end",
    "begin",
    "drop",
    "mechanism_of",
    "propose",
    "publish",
    "save",
    "send_back",
]

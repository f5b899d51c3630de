"""Opening a round: its subjects drawn from the register as it stands, each given to whoever owes the answer."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from django.conf import settings
from django.db import connection, transaction

from jiebang.engine.model import Actor, Json, Refused
from jiebang.engine.rounds import lifecycle
from jiebang.engine.rounds.model import Post, Register
from jiebang.engine.rounds.model import Round as Asked
from jiebang.engine.rounds.refusals import refuse
from jiebang.ledger import round_leaves
from jiebang.ledger import services as ledger
from jiebang.ledger.leaf import Signed
from jiebang.ledger.round_leaves import RoundManner
from jiebang.people import queries as people
from jiebang.rounds import rights
from jiebang.rounds.importing import rows_at
from jiebang.rounds.models import Event, Import, Round, Row, Subject
from jiebang.rulebook import defined
from jiebang.rulebook import queries as rulebook
from jiebang.rulebook.defined import Defined

EVERY, HAND = "every", "hand"  # causes besides the triggers
LINK_BYTES = 10


@dataclass(frozen=True, slots=True)
class OpenedRound:
    ident: str
    ordinal: int
    n: int


def open_by_hand(ident: str, *, actor: Actor, area: str, cause: str, at: datetime) -> OpenedRound | Refused:
    """Open a round for an area as whoever may: by hand, or because a trigger was pressed."""
    asked = defined.round_(ident, on=rulebook.calendar().local_day(at))
    if asked is None or (cause != HAND and cause not in asked.definition.on):
        return refuse("round-unknown")
    held = next(
        (one for one in rights.held(actor, asked.definition.opened_by) if rights.reaches([one.area], area)),
        None,
    )
    if held is None:
        return refuse("round-not-opened-by-you")
    return open_round(asked, area=area, cause=cause, by=Signed("opened-by", held.unit), at=at)


@transaction.atomic
def open_round(asked: Defined[Asked], *, area: str, cause: str, by: Signed, at: datetime) -> OpenedRound | Refused:
    """Open a round over the subjects in an area. One of the same area runs at a time."""
    _lock(asked.id)
    if Round.objects.filter(ident=asked.id, area=area, closed_at=None).exists():
        return refuse("round-running")
    about = defined.register(asked.definition.register, on=rulebook.calendar().local_day(at))
    rows = _fitting(asked.definition, about.definition, area) if about else []
    if about is None or not rows:
        return refuse("round-nobody")
    last = Round.objects.filter(ident=asked.id).order_by("-ordinal").first()
    seed, next_seed = _seeds(asked, last)
    keys = set(lifecycle.drawn(asked.definition, [row.key for row in rows], seed=seed or b""))
    chosen = [row for row in rows if row.key in keys]
    return _write(asked, about.definition, chosen, area, cause, by, last, (seed, next_seed), at=at)


def _fitting(asked: Asked, about: Register, area: str) -> list[Row]:
    return [
        row
        for row in rows_at(about.id)
        if rights.reaches([area], row.area) and lifecycle.fitting(asked, about, row.public)
    ]


def _seeds(asked: Defined[Asked], last: Round | None) -> tuple[bytes | None, bytes | None]:
    """Return the seed of a drawn round, committed to before, and the one whose digest is committed to now."""
    if asked.definition.sample >= 100:
        return None, None
    committed = bytes(last.next_seed) if last is not None and last.next_seed is not None else None
    return committed or defined.first_seed(asked.id), secrets.token_bytes(32)


def _write(
    asked: Defined[Asked],
    about: Register,
    rows: list[Row],
    area: str,
    cause: str,
    by: Signed,
    last: Round | None,
    seeds: tuple[bytes | None, bytes | None],
    *,
    at: datetime,
) -> OpenedRound:
    definition = asked.definition
    standing = lifecycle.begun(definition, at=at, calendar=rulebook.calendar())
    assert standing.due is not None
    version = Import.objects.filter(register=about.id).order_by("-version").values_list("version", flat=True)[0]
    uid, key = secrets.token_bytes(16), secrets.token_bytes(32) if definition.log != "open" else None
    how = RoundManner(definition.log, rulebook.calendar().tz, key or b"")
    seed, next_seed = seeds
    body = round_leaves.opened_leaf(
        how,
        round=uid.hex(),
        id=asked.id,
        mech=asked.hash[:16],
        version=version,
        n=len(rows),
        due=standing.due,
        cause=cause,
        at=at,
        by=by,
        area=area,
        seed=seed.hex() if seed else "",
        next=hashlib.sha256(next_seed).hexdigest() if next_seed else "",
    )
    [leaf] = ledger.append([("round", body)], moments=[at])
    made = Round.objects.create(
        uid=uid,
        ident=asked.id,
        ordinal=(last.ordinal if last else 0) + 1,
        definition=asked.hash,
        register=about.id,
        version=version,
        area=area,
        cause=cause,
        key=key,
        seed=seed,
        next_seed=next_seed,
        opened_at=at,
        due_at=standing.due,
        n=len(rows),
    )
    posts = _posts(definition)
    Subject.objects.bulk_create(
        _subject(made, place, row, about, definition, rights.owner_of(row.area, posts), how, standing.due)
        for place, row in enumerate(rows, 1)
    )
    Event.objects.create(round=made, what="opened", at=at, due=standing.due, party=by.party, unit=by.unit, leaf_id=leaf)
    return OpenedRound(asked.id, made.ordinal, len(rows))


def _posts(asked: Asked) -> list[tuple[str, Post]]:
    posts = [("done-by", asked.done_by)]
    if asked.otherwise is not None:
        posts.append(("else", asked.otherwise.to))
    return [*posts, ("opened-by", asked.opened_by)]


def _subject(
    made: Round,
    place: int,
    row: Row,
    about: Register,
    asked: Asked,
    owner: rights.Owner,
    how: RoundManner,
    due: datetime,
) -> Subject:
    values = cast("Mapping[str, Json]", {**row.public, **row.kept})
    return Subject(
        round=made,
        place=place,
        row=row,
        key=row.key,
        name=str(values.get(about.name, row.key)),
        area=row.area,
        logged_as=how.subject(row.key),
        due_at=due,
        party=owner.party,
        office=owner.office,
        unit=owner.unit,
        owner_area=owner.area,
        link=link_hash(link_of(bytes(made.uid), place)) if asked.by_link else None,
    )


# ── Links ───────────────────────────────────────────────────────────────────────────────────────────────────


def link_of(uid: bytes, place: int) -> str:
    """Return the secret end of the address at which somebody answers for themselves. Nothing of it is stored."""
    made = hmac.digest(settings.JIEBANG_CODE_KEY, b"round-link/v1|" + uid + b"|%d" % place, "sha256")
    return made[:LINK_BYTES].hex()


def link_hash(link: str) -> bytes:
    return hmac.digest(settings.JIEBANG_CODE_KEY, b"round-link-hash/v1|" + link.encode(), "sha256")


def _lock(ident: str) -> None:
    """Let nobody else open this round until the transaction ends: ordinals have no gap and a seed is used once."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(current_schema() || '/round/' || %s))", [ident])


def root_code() -> str:
    root = people.root_area()
    return root.code if root else ""

"""Files that come with a move: checked before the transaction, kept before its commit, released by officials."""

from __future__ import annotations

import dataclasses
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from jiebang.boards import photos, refusals, sql
from jiebang.boards.database import ask, tell
from jiebang.boards.drafts import KeptFile
from jiebang.boards.house import House, exact
from jiebang.boards.photos import CleanPhoto
from jiebang.engine.answers import FILE_TYPES
from jiebang.engine.model import Actor, Facts, Program, Refused
from jiebang.engine.parties import appointments_fitting

REQUESTS_KEPT = timedelta(days=7)
TRIES_KEPT = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Upload:
    """A file somebody sent. `field` is a question's name or a kind of proof ("photo"), `label` "before" or "after"."""

    field: str
    label: str
    name: str
    content: bytes = dataclasses.field(repr=False)


def checked(files: Sequence[Upload]) -> list[tuple[Upload, CleanPhoto]] | Refused:
    """Return each file with its clean photo, or the first refusal. Outside the transaction: decoding takes time."""
    if len(files) > photos.MOST_PER_STEP:
        return photos.too_many(files[0].field)
    cleaned: list[tuple[Upload, CleanPhoto]] = []
    for file in files:
        photo = photos.clean(file.content, field=file.field)
        if isinstance(photo, Refused):
            return photo
        cleaned.append((file, photo))
    return cleaned


def shown(program: Program, sent: Sequence[tuple[Upload, CleanPhoto]]) -> tuple[str, ...] | Refused:
    """Return what is handed in, as the engine counts proof: "photo", "photo before"."""
    shown: list[str] = []
    for file, _ in sent:
        asked = program.fields.get(file.field)
        kind = asked.type if asked is not None else file.field
        if kind not in FILE_TYPES or not file.label.isprintable() or len(file.label) > 40:
            return refusals.unexpected_file(file.field)
        shown.append(f"{kind} {file.label}".rstrip())
    return tuple(shown)


def kept(sent: Sequence[tuple[Upload, CleanPhoto]]) -> list[KeptFile]:
    """Write the photos before the transaction commits: a committed row never names a photo that is not there."""
    folder = settings.JIEBANG_FILES
    return [
        KeptFile(file.field, file.label, photos.keep(photo, folder=folder), photo, secrets.token_bytes(32))
        for file, photo in sent
    ]


def is_official_of(program: Program, facts: Facts, actor: Actor) -> bool:
    """Return whether the actor holds any of the posts that look after this entry."""
    return any(
        party.is_official and party.kind != "unit" and appointments_fitting(party, actor, facts.place, facts)
        for party in program.parties.values()
    )


def release_attachment(
    number: str, attachment: int, *, actor: Actor, at: datetime, released: bool = True
) -> Refused | None:
    """Show a photo to the public, or hide it again; None when it is done. Only officials of this entry may."""
    with transaction.atomic():
        draft = House.now().lock([(number, "")]).get(number)
        if draft is None:
            return refusals.no_such_entry(number)
        if not is_official_of(draft.program, draft.now, actor):
            return refusals.not_released_by_you()
        wanted = {"id": attachment, "entry_id": draft.id, "at": exact(at), "by": actor.person}
        is_there = tell(sql.RELEASE if released else sql.WITHDRAW_RELEASE, wanted)
        return None if is_there else refusals.no_such_photo()


def sweep(*, at: datetime) -> int:
    """Delete photos that no row names after a day, old form keys and old tries; return how many photos went."""
    at = exact(at)
    folder = settings.JIEBANG_FILES
    old = photos.older_than_a_day(folder, at=at)
    kept = {row[0] for row in ask(sql.FILES_KEPT, {"files": old})} if old else set()
    orphans = [name for name in old if name not in kept]
    photos.remove(orphans, folder=folder)
    tell(sql.FORGET_REQUESTS, {"before": at - REQUESTS_KEPT})
    tell(sql.FORGET_TRIES, {"before": at - timedelta(days=1)})
    return len(orphans)

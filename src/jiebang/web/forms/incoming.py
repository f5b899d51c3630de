"""What a browser sent, read into a sheet: the thin shell around `sheet.read`.

Photos are cleaned as soon as they arrive and wait (see `pending`) until the form is sent, so a form that comes
back with a problem, or has several pages, still has them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest
from django.utils.translation import gettext

from jiebang.boards import photos
from jiebang.boards.services import Upload
from jiebang.engine.model import Json, Refused
from jiebang.web import ratelimit
from jiebang.web.forms.pending import Pending, is_key, new_key, sweep
from jiebang.web.forms.questions import Question
from jiebang.web.forms.sheet import PREFIX, Sheet, read, refuse
from jiebang.web.words import language

PHOTOS_AN_HOUR = 90  # from one address; a whole community may share one

_STATUS = {
    "photo-too-large": 413,
    "too-many-tries": 429,
    "overtaken": 409,
}


def form_key(request: HttpRequest) -> str:
    """Return the 128-bit key the posted form carries; a new one when it carries none or a broken one."""
    key = request.POST.get("key", "")
    return key if is_key(key) else new_key()


def pending_of(key: str) -> Pending:
    return Pending(root_of_pending(), key)


def take(
    request: HttpRequest,
    sheet: Sheet,
    *,
    key: str,
    at: datetime,
    known: Mapping[str, Json] | None = None,
    today: date | None = None,
) -> Sheet:
    """Return `sheet` with everything the request brought, photos included."""
    pending = pending_of(key)
    pending.drop(request.POST.getlist("drop"))
    troubles: list[Refused] = []
    for question in sheet.questions:
        sent = request.FILES.getlist(PREFIX + question.name) if question.takes_files else []
        if sent:
            troubles += _keep(request, question, sent, pending, at)
    taken = read(sheet, dict(request.POST.lists()), held=pending.held(), known=known, today=today)
    for trouble in troubles:
        taken = _without(taken, trouble.field)
        taken = refuse(taken, trouble)
    return taken


def uploads(sheet: Sheet, *, key: str) -> list[Upload]:
    """Return the photos waiting for this form, as the boards take them."""
    pending = pending_of(key)
    return [
        Upload(field=question.file_field, label=question.label, name=f"{question.name}-{n}.jpg", content=content)
        for question in sheet.questions
        if question.takes_files
        for n, content in enumerate(pending.contents(question.name), start=1)
    ]


def status_of(sheet: Sheet) -> int:
    """Return the HTTP status of a page that shows this sheet again."""
    for problem in sheet.problems:
        if problem.code in _STATUS:
            return _STATUS[problem.code]
    return 400 if sheet.problems else 200


def _keep(
    request: HttpRequest, question: Question, sent: Sequence[UploadedFile[bytes]], pending: Pending, at: datetime
) -> list[Refused]:
    sweep(root_of_pending(), at=at)
    if ratelimit.count(request, "photo", most=PHOTOS_AN_HOUR, at=at):
        return [_later(question)]
    room = question.most - len(pending.held().get(question.name, ()))
    troubles: list[Refused] = []
    for file in sent[:room]:
        # The size is known before the bytes are read: 60 MB never reach the memory.
        size = file.size or 0
        is_too_large = size > photos.MOST_BYTES
        cleaned = (
            photos.too_large(size, question.name) if is_too_large else photos.clean(file.read(), field=question.name)
        )
        if isinstance(cleaned, Refused):
            troubles.append(_named(cleaned, file.name or "") if len(sent) > 1 else cleaned)
        elif not pending.put(question.name, cleaned.content):
            troubles.append(_later(question))
    if len(sent) > room:
        troubles.append(photos.too_many(question.name))
    return troubles


def _named(refused: Refused, name: str) -> Refused:
    """Say which of several files it was, by the name the sender knows it by."""
    return replace(refused, what={lang: f"{name}: {text}" for lang, text in refused.what.items()})


def _without(sheet: Sheet, name: str) -> Sheet:
    """Drop the problem that a photo is missing: the trouble with the one sent says more."""
    anchor = next((q.anchor for q in sheet.questions if q.name == name), None)
    return replace(sheet, problems=tuple(p for p in sheet.problems if p.anchor != anchor or p.code))


def _later(question: Question) -> Refused:
    lang = language()
    return Refused(
        "photos-later",
        rule="P23",
        what={lang: gettext("Too many photos are arriving right now.")},
        next_step={lang: gettext("Send the form without the photo, or try again in an hour.")},
        field=question.name,
    )


def root_of_pending() -> Path:
    return _waiting_in(settings.JIEBANG_HOME)


@lru_cache(maxsize=4)
def _waiting_in(home: Path) -> Path:
    return home / "cache" / "pending"

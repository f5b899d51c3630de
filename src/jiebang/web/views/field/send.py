"""One item from a phone's queue: a matter raised or a move made where there was no network.

It goes through the same doors as the pages, with the same rights and refusals. Two things are its own: the item's
key, by which a repeated sending is answered with the first receipt; and that the answer is data, not a page. The
moment that counts is the one of arrival; the phone's clock is never asked.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import RequestDataTooBig
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from jiebang.boards import queries as boards
from jiebang.boards import services
from jiebang.engine.model import Actor, Json, Refused
from jiebang.rulebook import queries as rulebook
from jiebang.web import ratelimit
from jiebang.web.forms import Sheet, read, refuse
from jiebang.web.forms.incoming import pending_of, uploads
from jiebang.web.forms.making import Asked, Sent, attempt
from jiebang.web.forms.pending import is_key
from jiebang.web.forms.sheet import PREFIX
from jiebang.web.rows import clock as clock_at
from jiebang.web.views.field import account, receipts, rounds
from jiebang.web.views.field.account import answer, later, on_the_phone, unreadable
from jiebang.web.views.field.openings import opening
from jiebang.web.views.field.photo import PHOTO_ID
from jiebang.web.views.field.receipts import Receipt
from jiebang.web.views.public.entry import event_words
from jiebang.web.words import language, said

ITEMS_AN_HOUR = 600  # from one address; a whole office may come back from the field at once


@dataclass(frozen=True, slots=True)
class Item:
    """What the phone sent, read. `photos` are the ids it will have sent by themselves."""

    key: str
    number: str
    move: str
    seq: int
    mechanism: str
    opening: str
    place: str
    unit: str
    answers: Mapping[str, Sequence[str]]
    photos: frozenset[str]


@require_POST
@on_the_phone
def send(request: HttpRequest, actor: Actor) -> HttpResponse:
    item = _read(request)
    if item is None:
        return unreadable()
    at = timezone.now()
    who = account.who(request)
    first = receipts.find(item.key, who=who)
    if first is not None:
        return _sent(first, is_repeated=True)
    wait = ratelimit.count(request, "field", most=ITEMS_AN_HOUR, at=at)
    if wait:
        return later(wait.seconds)
    missing = _missing(item)
    if missing:
        return JsonResponse({"missing": missing}, status=202)
    return _once(request, actor, item, who=who, at=at)


def _once(request: HttpRequest, actor: Actor, item: Item, *, who: str, at: datetime) -> HttpResponse:
    """Do it and keep its receipt in one transaction: if we die in between, neither stands."""
    with transaction.atomic():
        if not receipts.claim(item.key, who=who, at=at):
            first = receipts.find(item.key, who=who)
            return _sent(first, is_repeated=True) if first else unreadable()
        done = _done(actor, item, at)
        if isinstance(done, Receipt):
            receipts.keep(item.key, done)
        else:
            receipts.give_back(item.key)
    if not isinstance(done, Receipt):
        return done
    pending_of(item.key).clear()
    return _sent(done)


# ── Reading ─────────────────────────────────────────────────────────────────────────────────────────────────


def _read(request: HttpRequest) -> Item | None:
    """Return the item, or None when it is not one: only a broken app sends such a thing."""
    try:
        told = json.loads(request.body)
    except (ValueError, RequestDataTooBig):
        return None
    if not isinstance(told, dict):
        return None
    words = {name: told.get(name, "") for name in ("key", "number", "move", "mechanism", "opening", "place", "unit")}
    answers, photos, seq = told.get("answers", {}), told.get("photos", []), told.get("seq", 0)
    if not all(isinstance(word, str) and len(word) <= 200 for word in words.values()) or not is_key(words["key"]):
        return None
    if not isinstance(seq, int) or not _are_answers(answers) or not _are_photos(photos):
        return None
    return Item(**words, seq=seq, answers={PREFIX + k: v for k, v in answers.items()}, photos=frozenset(photos))


def _are_answers(answers: object) -> bool:
    return isinstance(answers, dict) and all(
        isinstance(values, list) and all(isinstance(value, str) for value in values) for values in answers.values()
    )


def _are_photos(photos: object) -> bool:
    return isinstance(photos, list) and all(isinstance(id_, str) and PHOTO_ID.fullmatch(id_) for id_ in photos)


def _missing(item: Item) -> list[str]:
    """Return the photos that have not arrived, and forget those the item has no more: it may have been mended."""
    pending = pending_of(item.key)
    held = {photo.id for photos in pending.held().values() for photo in photos}
    pending.drop(held - item.photos)
    return sorted(item.photos - held)


# ── Doing ───────────────────────────────────────────────────────────────────────────────────────────────────


def _done(actor: Actor, item: Item, at: datetime) -> Receipt | HttpResponse:
    if item.mechanism:
        return _raise(actor, item, at)
    if not rounds.is_subject(item.number):
        return _move(actor, item, at)
    made = rounds.answer(item.number, item.move, actor, key=item.key, read=lambda sheet: _taken(sheet, item, at), at=at)
    return made if isinstance(made, Receipt) else _refused(400, made)


def _raise(actor: Actor, item: Item, at: datetime) -> Receipt | HttpResponse:
    found = opening(actor, item.mechanism, item.opening, at)
    if found is None:
        return answer(
            404,
            "no-such-opening",
            gettext("This can no longer be raised here: the rules have changed."),
            gettext("Load the list again and raise it with the new form."),
        )
    sheet = _taken(found.blank, item, at)
    if not item.place:
        return _refused(400, sheet, problem=gettext("The place is not chosen yet. Choose the community where it is."))
    if sheet.problems:
        return _refused(400, sheet)
    answers = dict(sheet.answers)
    if found.area:
        answers[found.area] = item.place
    opened = services.open_entry(
        services.Opening(
            mechanism=found.mechanism,
            opening=found.move.name,
            actor=actor,
            area=item.place,
            answers=answers,
            files=uploads(sheet, key=item.key),
            key=item.key,
            lang=language(),
        ),
        at=at,
    )
    if isinstance(opened, Refused):
        return _refused(400, refuse(sheet, opened))
    return Receipt(opened.number, 1, at)


def _move(actor: Actor, item: Item, at: datetime) -> Receipt | HttpResponse:
    """Make the move as the workbench does: read the form, if there still is one, and let the engine say why not."""
    asked = Asked(number=item.number, move=item.move, seq=item.seq, key=item.key, unit=item.unit)
    made = attempt(asked, actor, lambda sheet, known: _taken(sheet, item, at, known), at=at)
    if not isinstance(made, Sent):
        return Receipt(made.number, made.seq, at)
    return _refused(400, made.sheet) if made.refused is None else _not_done(actor, item, made, made.refused, at)


def _taken(sheet: Sheet, item: Item, at: datetime, known: Mapping[str, Json] | None = None) -> Sheet:
    """Return the sheet with what was typed and the photos that wait for it."""
    today = rulebook.calendar().local_day(at)
    return read(sheet, item.answers, held=pending_of(item.key).held(), known=known, today=today)


# ── Answering ───────────────────────────────────────────────────────────────────────────────────────────────


def _sent(receipt: Receipt, *, is_repeated: bool = False) -> HttpResponse:
    at = clock_at(timezone.now())
    told = {
        "number": receipt.number,
        "seq": receipt.seq,
        "when": at.moment(receipt.at),
        "href": _page_of(receipt.number),
        "repeated": is_repeated,
    }
    return JsonResponse(told)


def _page_of(number: str) -> str:
    return rounds.address(number) if rounds.is_subject(number) else reverse("entry", args=[number])


def _not_done(actor: Actor, item: Item, sent: Sent, refused: Refused, at: datetime) -> HttpResponse:
    """Say what happened meanwhile where somebody was quicker; for an entry that is not theirs say nothing."""
    now = boards.entry(item.number)
    if now is not None and sent.is_overtaken and item.seq != now.seq:
        event = event_words(now.events[-1], now, clock_at(at))
        words = {"what": event["what"], "who": event["who"], "when": event["when"], "state": said(now.row.state_title)}
        return answer(
            409,
            "overtaken",
            gettext("%(when)s: %(what)s, by %(who)s. It stands now at “%(state)s”.") % words,
            gettext("Nothing you wrote is lost: load the list, look at it as it stands now, and decide again."),
        )
    if boards.entry_for(item.number, actor) is None:
        return _not_yours()
    return _refused(400, refuse(sent.sheet, refused))


def _refused(status: int, sheet: Sheet, *, problem: str = "") -> HttpResponse:
    """Every problem with its place in the form, and the first of them as the sentence of the item."""
    problems = [{"anchor": each.anchor, "what": each.what, "next_step": each.next_step} for each in sheet.problems]
    if problem:
        problems.insert(0, {"anchor": "place", "what": problem, "next_step": ""})
    first = problems[0]
    code = next((each.code for each in sheet.problems if each.code), "answers")
    return answer(
        status,
        code,
        first["what"],
        first["next_step"] or gettext("Open it, mend it, and send it again."),
        problems=problems,
    )


def _not_yours() -> HttpResponse:
    return answer(
        404,
        "not-yours",
        gettext("There is no such entry, or it is no longer yours."),
        gettext("Load the list again. If it should be yours, ask the office that holds it."),
    )

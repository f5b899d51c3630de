"""Who comes back: by a code in the address, by number and PIN remembered for an hour on this device, or signed in."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

from jiebang.boards import services as boards
from jiebang.boards.services import ComeBack, TooManyTries
from jiebang.engine.model import Actor
from jiebang.people import queries as people
from jiebang.web import ratelimit

KNOWN, KNOWN_FOR, MOST_KNOWN = "known", timedelta(days=120), 20
HELD, HELD_FOR = "held", timedelta(hours=1)


def by_secret(request: HttpRequest, secret: str, *, at: datetime, number: str = "") -> ComeBack | TooManyTries | None:
    return boards.raiser_by_code(
        secret,
        address=ratelimit.address_of(request),
        at=at,
        beside=beside(request),
        number=number,
        known=known(request),
    )


def beside(request: HttpRequest) -> str:
    """Return who is signed in on this device: nobody verifies their own work through somebody's slip."""
    return people.actor_signed_in(request.user).person


def held(request: HttpRequest, number: str) -> ComeBack | None:
    """Return who proved with number and PIN, on this device and within the hour, that `number` is theirs."""
    kept = request.get_signed_cookie(HELD, default="", salt=HELD, max_age=HELD_FOR)
    if not kept:
        return None
    shown, own, person = json.loads(kept)
    if number not in (shown, own):
        return None
    return ComeBack(Actor(person=person, beside=beside(request), via="code"), shown, own)


def by_account(request: HttpRequest, number: str) -> ComeBack | None:
    """Return who raised `number` signed in, if they are signed in now."""
    return boards.raiser_by_account(number, person=beside(request))


def hold(request: HttpRequest, response: HttpResponseBase, back: ComeBack) -> None:
    _keep(request, response, HELD, json.dumps([back.number, back.own, back.actor.person]), HELD_FOR)


def known(request: HttpRequest) -> list[str]:
    """Return the numbers this device opened before with a right code: wrong tries of others do not shut it out."""
    kept = request.get_signed_cookie(KNOWN, default="", salt=KNOWN, max_age=KNOWN_FOR)
    return [str(number) for number in json.loads(kept or "[]")]


def remember(request: HttpRequest, response: HttpResponseBase, back: ComeBack) -> None:
    numbers = [back.own, *(number for number in known(request) if number != back.own)][:MOST_KNOWN]
    _keep(request, response, KNOWN, json.dumps(numbers), KNOWN_FOR)


def _keep(request: HttpRequest, response: HttpResponseBase, name: str, value: str, length: timedelta) -> None:
    response.set_signed_cookie(
        name,
        value,
        salt=name,
        max_age=length,
        path=settings.SESSION_COOKIE_PATH,
        secure=request.is_secure(),
        httponly=True,
        samesite="Lax",
    )

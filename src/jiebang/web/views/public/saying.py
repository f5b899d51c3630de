"""What everybody may say on an entry without an account: the moves its rules open to anyone, such as objecting.

Whoever sends one gets a key of their own, which this device keeps for that entry, so that the same person is known
as the same; nobody learns who it is.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from jiebang import engine
from jiebang.boards import queries as boards
from jiebang.boards.queries import FormView
from jiebang.engine.lookups import OBJECT
from jiebang.engine.model import Actor, Move, Yes
from jiebang.engine.objecting import may_be_raised_until
from jiebang.people import queries as people
from jiebang.people import services as people_services
from jiebang.rulebook import queries as rulebook
from jiebang.web import ratelimit
from jiebang.web.forms.drawing import forms_of
from jiebang.web.forms.making import Sent, came_back, make
from jiebang.web.forms.pending import new_key
from jiebang.web.rows import clock as clock_at
from jiebang.web.views.public.entry import LONGEST_NUMBER, entry_words
from jiebang.web.views.public.objections import anyones_moves, is_for_anyone
from jiebang.web.words import said

SAID, SAID_FOR, MOST_SAID = "said", timedelta(days=120), 30
SAYS_AN_HOUR = 30
SOMEBODY = Actor(person="k0")  # who looks, before there is a key


@never_cache
@require_http_methods(["GET", "POST"])
def say(request: HttpRequest, number: str) -> HttpResponse:
    """The form of what anyone may say now, and what became of it."""
    at = timezone.now()
    view = boards.entry(number) if len(number) <= LONGEST_NUMBER else None
    read = boards.form_of(number) if view is not None else None
    if view is None or read is None:
        raise Http404
    if request.method == "GET":
        return _draw(request, view, read, at)
    wait = ratelimit.count(request, "say", most=SAYS_AN_HOUR, at=at)
    if wait:
        return _draw(request, view, read, at, wait=wait)
    if request.POST.get("move", "") not in {move.name for move in _open_to_anyone(read, SOMEBODY, at)}:
        return _draw(request, view, read, at)  # it is over meanwhile; the page says so
    actor = _sayer(request, number) or Actor(person=next(iter(people_services.new_keys(1))))
    made = make(request, actor, number, at)
    if isinstance(made, Sent):
        return _draw(request, view, read, at, sent=made)
    response = HttpResponseRedirect(f"{reverse('say', args=[number])}?done", status=303)
    if not people.actor_signed_in(request.user).person:
        _remember(request, response, number, actor.person)
    return response


def _draw(
    request: HttpRequest,
    view: boards.EntryView,
    read: FormView,
    at: datetime,
    *,
    sent: Sent | None = None,
    wait: ratelimit.Wait | None = None,
) -> HttpResponse:
    moves = _open_to_anyone(read, _sayer(request, view.row.number) or SOMEBODY, at)
    drawn = came_back(forms_of(read, moves, at=at), sent)
    # One form alone is what they came for.
    forms = [replace(form, is_open=True) for form in drawn.forms] if len(drawn.forms) == 1 else drawn.forms
    context = {
        "entry": entry_words(view, clock_at(at)),
        "forms": forms,
        "title": forms[0].title if len(forms) == 1 else _("What everybody may say here"),
        "done": request.method == "GET" and "done" in request.GET,
        "too_often": wait.minutes if wait else 0,
        "board": said(view.program.title),
        "seq": "",  # what others do meanwhile does not make it wrong
        "key": sent.key if sent else new_key(),
        "action": reverse("say", args=[view.row.number]),
        "csrf": True,
        "open_problems": drawn.problems,
        "place": "",
    }
    return render(request, "public/say.html", context, status=429 if wait else drawn.status)


def _open_to_anyone(read: FormView, actor: Actor, at: datetime) -> list[Move]:
    names = {move.name for move in anyones_moves(read.program, read.facts.state)}
    until = may_be_raised_until(read.program, read.facts, rulebook.calendar())
    if until is not None and at < until and is_for_anyone(read.program, read.facts.state):
        names.add(OBJECT)
    return [
        move
        for move, may in engine.moves_open_to(read.program, read.facts, actor)
        if move.name in names and isinstance(may, Yes)
    ]


# ── Who it was ──────────────────────────────────────────────────────────────────────────────────────────────


def _sayer(request: HttpRequest, number: str) -> Actor | None:
    """Return who is known to speak here: the account signed in, or the key this device was given for this entry."""
    signed_in = people.actor_signed_in(request.user)
    if signed_in.person:
        return signed_in
    person = _said(request).get(number)
    return Actor(person=person) if person else None


def _said(request: HttpRequest) -> dict[str, str]:
    kept = request.get_signed_cookie(SAID, default="", salt=SAID, max_age=SAID_FOR)
    return {str(number): str(person) for number, person in json.loads(kept or "{}").items()}


def _remember(request: HttpRequest, response: HttpResponse, number: str, person: str) -> None:
    others = {one: key for one, key in _said(request).items() if one != number}
    kept = dict([*others.items(), (number, person)][-MOST_SAID:])
    response.set_signed_cookie(
        SAID,
        json.dumps(kept),
        salt=SAID,
        max_age=SAID_FOR,
        path=settings.SESSION_COOKIE_PATH,
        secure=request.is_secure(),
        httponly=True,
        samesite="Lax",
    )

"""An entry as its raiser sees it: what happened, what comes next, and the moves that are theirs."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from jiebang.boards import queries as boards
from jiebang.boards.queries import AttachmentView, RaiserEntryView
from jiebang.boards.services import ComeBack, TooManyTries
from jiebang.web.forms.drawing import forms_of
from jiebang.web.forms.making import Sent, came_back, make
from jiebang.web.forms.pending import new_key
from jiebang.web.rows import clock as clock_at
from jiebang.web.views.desk import shown
from jiebang.web.views.follow import coming_back
from jiebang.web.views.follow.explaining import (
    elsewhere,
    is_last_word,
    is_notice,
    leaves,
    reasons_for_the_raiser,
    said_to_the_raiser,
)
from jiebang.web.views.follow.follow import too_many, unknown_code

AGAIN = "again"


# No token: whoever sends this form names the secret code in the address, and the page's `no-referrer` makes
# browsers send `Origin: null`, which the token's check would refuse.
@csrf_exempt
@never_cache
@require_http_methods(["GET", "POST"])
def mine(request: HttpRequest, code: str) -> HttpResponse:
    at = timezone.now()
    back = _coming_back(request, code, at)
    if isinstance(back, HttpResponse):
        return back
    if request.method == "POST" and request.POST.get("go") == AGAIN:
        response = _again(request, back)
    else:
        response = _make(request, code, back, at) if request.method == "POST" else _draw(request, code, back, at)
    coming_back.remember(request, response, back)
    return response


@never_cache
@require_safe
def photo(request: HttpRequest, code: str, attachment: int) -> HttpResponseBase:
    """A photo for the raiser: their own, and what officials handed in, released or not."""
    back = _coming_back(request, code, timezone.now())
    if isinstance(back, HttpResponse):
        return back
    found = boards.photo(back.number, attachment, actor=back.actor) if attachment < 2**63 else None
    if found is None or not found.path.is_file():
        raise Http404
    return FileResponse(found.path.open("rb"), content_type="image/jpeg")


def _coming_back(request: HttpRequest, code: str, at: datetime) -> ComeBack | HttpResponse:
    """Return who comes back with the code in the address, or the page that says why not."""
    if "-" in code:  # an entry's number, which a code never is: they are signed in, or proved the PIN within the hour
        by_number = coming_back.by_account(request, code) or coming_back.held(request, code)
        return by_number or redirect(f"{reverse('follow')}?number={code[:20]}")
    back = coming_back.by_secret(request, code, at=at)
    if isinstance(back, TooManyTries):
        return too_many(request, back)
    return back or unknown_code(request)


def _again(request: HttpRequest, back: ComeBack) -> HttpResponse:
    """Lead to a new form that begins with what they wrote: no secret and no word of theirs stands in its address."""
    response = HttpResponseRedirect(f"{reverse('raise')}?again={back.own}", status=303)
    coming_back.hold(request, response, back)
    return response


def _make(request: HttpRequest, code: str, back: ComeBack, at: datetime) -> HttpResponse:
    made = make(request, back.actor, back.number, at)
    if isinstance(made, Sent):
        return _draw(request, code, back, at, made)
    return HttpResponseRedirect(f"{reverse('mine', args=[code])}?done", status=303)


def _draw(
    request: HttpRequest,
    code: str,
    back: ComeBack,
    at: datetime,
    sent: Sent | None = None,
) -> HttpResponse:
    actor = back.actor
    view = boards.entry_for_raiser(back.number, actor.person, beside=actor.beside, via=actor.via)
    read = boards.form_of(back.number)
    if read is None:
        return unknown_code(request)
    if view is None:
        return _left(request, code, back)
    clock = clock_at(at)
    drawn = came_back(forms_of(read, [one.move for one in view.moves if one.may], at=at), sent)
    forms = drawn.forms
    party = view.entry.program.parties.get(view.entry.holder_party)
    entry = shown.entry(view.entry, clock, kept=view.kept)
    for event, words in zip(view.entry.events, entry["events"], strict=True):
        words["photos"] = [_photo(code, one, view) for one in view.attachments if one.seq == event.seq]
    is_my_turn = party is not None and party.kind == "raiser" and bool(forms)
    is_last = is_last_word(view.entry)
    context = {
        "entry": entry,
        "own": back.own,
        "own_words": _own_words(back),
        "number": back.number,
        "forms": forms,
        "closed": reasons_for_the_raiser(view),
        "is_open": view.entry.row.is_open,
        "is_my_turn": is_my_turn,
        "is_notice": is_notice(view.entry),
        "said_last": said_to_the_raiser(view.entry, entry["events"]) if is_my_turn or is_last else [],
        "is_asked_all": view.entry.raisers > 1 and any(form.move.collect for form in forms),
        "only_leaves": view.entry.raisers > 1 and any(leaves(view.entry, form.move) for form in forms),
        "elsewhere": elsewhere() if is_last else "",
        "open_problems": drawn.problems,
        "done": request.method == "GET" and "done" in request.GET,
        "seq": view.entry.seq,
        "key": sent.key if sent else new_key(),
        "action": reverse("mine", args=[code]),
        "by_pin": "-" in code and actor.via != "account",
        "by_account": actor.via == "account",
        "csrf": False,
        "place": "follow",
    }
    return render(request, "follow/mine.html", context, status=drawn.status)


def _left(request: HttpRequest, code: str, back: ComeBack) -> HttpResponse:
    """What a raiser finds who has left a matter that goes on without them."""
    context = {
        "number": back.number,
        "own": back.own,
        "own_words": _own_words(back),
        "done": "done" in request.GET,
        "action": reverse("mine", args=[code]),
        "place": "follow",
    }
    return render(request, "follow/left.html", context)


def _own_words(back: ComeBack) -> str:
    """Return what this raiser wrote, if their own entry was merged into another: there it stands no more."""
    if back.own == back.number:
        return ""
    view = boards.entry_for_raiser(back.own, back.actor.person)
    return shown.own_words(view.entry, view.kept) if view is not None else ""


def _photo(code: str, one: AttachmentView, view: RaiserEntryView) -> dict[str, Any]:
    drawn = shown.photo(one, number=view.entry.row.number, program=view.entry.program)
    return drawn | {"href": reverse("my-photo", args=[code, one.id])}

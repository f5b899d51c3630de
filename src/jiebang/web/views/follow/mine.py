"""An entry as its raiser sees it: what happened, what comes next, and the moves that are theirs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from jiebang.boards import queries as boards
from jiebang.boards import services
from jiebang.boards.queries import RaiserEntryView
from jiebang.boards.services import ComeBack, Command, TooManyTries
from jiebang.engine.model import Refused
from jiebang.rulebook import queries as rulebook
from jiebang.web.forms import Problem, Sheet
from jiebang.web.forms import moves as move_forms
from jiebang.web.forms.incoming import form_key, pending_of, status_of, take, uploads
from jiebang.web.forms.moves import MoveForm
from jiebang.web.forms.pending import new_key
from jiebang.web.rows import clock as clock_at
from jiebang.web.views.desk import shown
from jiebang.web.views.follow import coming_back
from jiebang.web.views.follow.follow import too_many, unknown_code


# No token: whoever sends this form names the secret code in the address, and the page's `no-referrer` makes
# browsers send `Origin: null`, which the token's check would refuse.
@csrf_exempt
@never_cache
@require_http_methods(["GET", "POST"])
def mine(request: HttpRequest, code: str) -> HttpResponse:
    at = timezone.now()
    if "-" in code:  # an entry's number, which a code in an address never is: whoever proved the PIN within the hour
        held = coming_back.held(request, code)
        if held is None:
            return redirect(f"{reverse('follow')}?number={code[:20]}")
        back: ComeBack | TooManyTries | None = held
    else:
        back = coming_back.by_secret(request, code, at=at)
    if isinstance(back, TooManyTries):
        return too_many(request, back)
    view = _view(back) if back is not None else None
    if back is None or view is None:
        return unknown_code(request)
    response = _act(request, code, back, view, at) if request.method == "POST" else _draw(request, code, back, view, at)
    coming_back.remember(request, response, back)
    return response


def _view(back: ComeBack) -> RaiserEntryView | None:
    return boards.entry_for_raiser(back.number, back.actor.person, beside=back.actor.beside)


def _act(request: HttpRequest, code: str, back: ComeBack, view: RaiserEntryView, at: datetime) -> HttpResponse:
    name, key, seq = request.POST.get("move", ""), form_key(request), request.POST.get("seq", "")
    form = next((form for form in _forms(view, at) if form.name == name), None)
    sheet = Sheet(())
    if form is not None:
        sheet = take(request, form.sheet, key=key, at=at, today=rulebook.calendar().local_day(at))
        if sheet.problems and seq == str(view.entry.seq):
            return _draw(request, code, back, view, at, name=name, sheet=sheet, key=key)
    done = services.act(
        Command(
            entry=back.number,
            move=name,
            actor=back.actor,
            answers=sheet.answers,
            files=uploads(sheet, key=key),
            expects_seq=int(seq) if seq.isdecimal() else None,
            key=key,
        ),
        at=at,
    )
    if isinstance(done, Refused):
        now = _view(back) or view
        return _draw(request, code, back, now, at, name=name, sheet=sheet, key=key, refused=done)
    pending_of(key).clear()
    return HttpResponseRedirect(f"{reverse('mine', args=[code])}?done", status=303)


def _forms(view: RaiserEntryView, at: datetime) -> list[MoveForm]:
    program = view.entry.program
    state = program.states.get(view.entry.row.state)
    return move_forms.allowed(
        program,
        [one.move for one in view.moves if one.may],
        known={},
        calendar=rulebook.calendar(),
        at=at,
        holder=state.holder if state else "",
    )


def _draw(
    request: HttpRequest,
    code: str,
    back: ComeBack,
    view: RaiserEntryView,
    at: datetime,
    *,
    name: str = "",
    sheet: Sheet | None = None,
    key: str = "",
    refused: Refused | None = None,
) -> HttpResponse:
    clock = clock_at(at)
    forms = _forms(view, at)
    status = 200
    problems: Sequence[Problem] = ()
    if sheet is not None:
        forms = move_forms.with_answer(forms, sheet, move=name, trouble=refused)
        came_back = next((form.sheet for form in forms if form.name == name), None)
        if came_back is None and refused is not None:
            came_back = move_forms.refused_sheet(refused)
        problems = came_back.problems if came_back else ()
        status = status_of(came_back) if came_back else 400
    party = view.entry.program.parties.get(view.entry.holder_party)
    context = {
        "entry": shown.entry(view.entry, clock, kept=view.kept),
        "own": back.own,
        "number": back.number,
        "forms": forms,
        "is_open": view.entry.row.is_open,
        "is_my_turn": party is not None and party.kind == "raiser" and bool(forms),
        "open_problems": problems,
        "done": request.method == "GET" and "done" in request.GET,
        "seq": view.entry.seq,
        "key": key or new_key(),
        "action": reverse("mine", args=[code]),
        "csrf": False,
        "place": "follow",
    }
    return render(request, "follow/mine.html", context, status=status)

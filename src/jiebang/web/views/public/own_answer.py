"""Answering for oneself by a link of one's own: no account, nothing but the question and what came of it."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from jiebang.engine.model import Refused
from jiebang.rounds import queries as rounds
from jiebang.rounds import services
from jiebang.rounds.queries import RoundView, SubjectView
from jiebang.rounds.services import Given
from jiebang.web import ratelimit
from jiebang.web.forms import Sheet, refuse
from jiebang.web.forms.incoming import form_key, status_of, take
from jiebang.web.forms.pending import new_key
from jiebang.web.rows import clock as clock_at
from jiebang.web.views import errors
from jiebang.web.views.desk.rounds import forms_of, is_one_tap
from jiebang.web.words import said

TRIES_AN_HOUR = 60


# No token: whoever sends this form names the secret in the address, and the page's `no-referrer` makes browsers send
# `Origin: null`, which the token's check refuses.
@csrf_exempt
@never_cache
@require_http_methods(["GET", "POST"])
def answer(request: HttpRequest, link: str) -> HttpResponse:
    """The page of one person. It names nobody: whoever finds the link on the street learns nothing from it."""
    at = timezone.now()
    wait = ratelimit.count(request, "answer", most=TRIES_AN_HOUR, at=at)
    if wait:
        return errors.too_many(request, wait=timedelta(seconds=wait.seconds))
    found = rounds.by_link(link)
    if found is None:
        raise Http404
    subject, view = found
    if request.method == "GET":
        return _draw(request, view, subject, at)
    name = request.POST.get("move", "")
    form = next((one for one in forms_of(view.asked) if one.name == name), None)
    key = form_key(request)
    sheet = take(request, form.sheet, key=key, at=at) if form else Sheet(())
    if not sheet.problems:
        made = services.answer_by_link(link, Given(0, name, sheet.answers), at=at)
        if not isinstance(made, Refused):
            return HttpResponseRedirect(request.path, status=303)
        sheet = refuse(sheet, made)
    return _draw(request, view, subject, at, sheet)


def _draw(
    request: HttpRequest, view: RoundView, subject: SubjectView, at: datetime, sheet: Sheet | None = None
) -> HttpResponse:
    clock = clock_at(at)
    forms = [form for form in forms_of(view.asked) if form.name != "tried"]
    context = {
        "title": said(view.asked.title),
        "purpose": said(view.asked.purpose),
        "limit": clock.limit(subject.due_at) if subject.due_at else None,
        "is_answered": subject.state == "done" or subject.found,
        "one_tap": [form for form in forms if is_one_tap(form)],
        "forms": [form for form in forms if not is_one_tap(form)],
        "open_problems": sheet.problems if sheet else (),
        "seq": 0,
        "key": new_key(),
        "csrf": False,
        "action": request.path,
    }
    return render(request, "public/own_answer.html", context, status=status_of(sheet) if sheet else 200)

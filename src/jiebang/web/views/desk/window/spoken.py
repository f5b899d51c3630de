"""A raiser without telephone or code, in person or through a relative: what they say is taken down.

Only public words stand on this page. Whether this clerk may take this word down, the engine answers; who they say
they are is checked by a document, of which the kind is written down and never the number.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from jiebang import engine
from jiebang.boards import queries as boards
from jiebang.boards import services
from jiebang.boards.services import ComeBack, Command
from jiebang.engine.model import Actor, How, Refused, Yes
from jiebang.rulebook import queries as rulebook
from jiebang.web.forms import Problem, Sheet
from jiebang.web.forms import moves as move_forms
from jiebang.web.forms.drawing import form_of, forms_of, known_beside
from jiebang.web.forms.incoming import form_key, pending_of, status_of, take, uploads
from jiebang.web.forms.pending import new_key
from jiebang.web.rows import clock as clock_at
from jiebang.web.views.desk.staff import at_the_desk, unit_options
from jiebang.web.views.public.entry import entry_words


@require_http_methods(["GET", "POST"])
@at_the_desk
def word(request: HttpRequest, actor: Actor, number: str) -> HttpResponse:
    at = timezone.now()
    how: How = "proxy" if request.GET.get("how") == "proxy" else "window"
    back = services.spoken_for(number, how=how, taker=actor)
    if back is None:
        raise Http404
    return _act(request, actor, back, how, at) if request.method == "POST" else _draw(request, actor, back, how, at)


def _act(request: HttpRequest, actor: Actor, back: ComeBack, how: How, at: datetime) -> HttpResponse:
    name, key, seq = request.POST.get("move", ""), form_key(request), request.POST.get("seq", "")
    read = boards.form_of(back.number)
    form = form_of(read, back.actor, name, at=at) if read is not None else None
    sheet = Sheet(())
    if read is not None and form is not None:
        today = rulebook.calendar().local_day(at)
        sheet = take(request, form.sheet, key=key, at=at, known=known_beside(read, form), today=today)
        if sheet.problems and seq == str(read.facts.seq):
            return _draw(request, actor, back, how, at, name=name, sheet=sheet, key=key)
    done = services.act(
        Command(
            entry=back.number,
            move=name,
            actor=back.actor,
            answers=sheet.answers,
            files=uploads(sheet, key=key),
            unit=request.POST.get("unit", ""),
            expects_seq=int(seq) if seq.isdecimal() else None,
            key=key,
        ),
        at=at,
    )
    if isinstance(done, Refused):
        return _draw(request, actor, back, how, at, name=name, sheet=sheet, key=key, refused=done)
    pending_of(key).clear()
    return HttpResponseRedirect(f"{reverse('word', args=[back.own])}?how={how}&done", status=303)


def _draw(
    request: HttpRequest,
    actor: Actor,
    back: ComeBack,
    how: How,
    at: datetime,
    *,
    name: str = "",
    sheet: Sheet | None = None,
    key: str = "",
    refused: Refused | None = None,
) -> HttpResponse:
    view, read = boards.entry(back.number), boards.form_of(back.number)
    if view is None or read is None:
        raise Http404
    taking = view.program.takings.get(how)
    offered = [
        (move, answer)
        for move, answer in engine.moves_open_to(read.program, read.facts, back.actor)
        if taking is not None and move.name in taking.of
    ]
    forms = forms_of(read, [move for move, answer in offered if isinstance(answer, Yes)], at=at)
    problems: Sequence[Problem] = ()
    status = 200
    if sheet is not None:
        forms = move_forms.with_answer(forms, sheet, move=name, trouble=refused)
        came_back = next((form.sheet for form in forms if form.name == name), None)
        if came_back is None and refused is not None:
            came_back = move_forms.refused_sheet(refused)
        problems = came_back.problems if came_back else ()
        status = status_of(came_back) if came_back else 400
    context = {
        "entry": entry_words(view, clock_at(at)),
        "own": back.own,
        "number": back.number,
        "how": how,
        "hows": [
            {"id": each, "title": _title(each), "current": each == how, "key": key_}
            for each, key_ in (("window", "1"), ("proxy", "2"))
            if each in view.program.takings
        ],
        "forms": forms,
        "closed": move_forms.refused(
            [(move, answer.refused) for move, answer in offered if isinstance(answer, engine.No)]
        ),
        "is_open": view.row.is_open,
        "problems": problems,
        "done": request.method == "GET" and "done" in request.GET,
        "seq": view.seq,
        "key": key or new_key(),
        "units": unit_options(actor),
        "unit_chosen": request.POST.get("unit", ""),
        "action": f"{reverse('word', args=[back.own])}?how={how}",
        "csrf": True,
        "here": "window",
    }
    return render(request, "desk/window/word.html", context, status=status)


def _title(how: str) -> str:
    return gettext("A relative speaks for them") if how == "proxy" else gettext("They are here in person")

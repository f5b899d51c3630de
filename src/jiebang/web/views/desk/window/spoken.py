"""A raiser without telephone or code, in person or through a relative: what they say is taken down.

Only public words stand on this page. Whether this clerk may take this word down, the engine answers; who they say
they are is checked by a document, of which the kind is written down and never the number.
"""

from __future__ import annotations

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
from jiebang.boards.services import ComeBack
from jiebang.engine.model import Actor, How, Yes
from jiebang.web.forms import moves as move_forms
from jiebang.web.forms.drawing import forms_of
from jiebang.web.forms.making import Sent, came_back, make
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
    if request.method == "GET":
        return _draw(request, actor, back, how, at)
    made = make(request, back.actor, back.number, at)
    if isinstance(made, Sent):
        return _draw(request, actor, back, how, at, made)
    return HttpResponseRedirect(f"{reverse('word', args=[back.own])}?how={how}&done", status=303)


def _draw(
    request: HttpRequest,
    actor: Actor,
    back: ComeBack,
    how: How,
    at: datetime,
    sent: Sent | None = None,
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
    drawn = came_back(forms_of(read, [move for move, answer in offered if isinstance(answer, Yes)], at=at), sent)
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
        "forms": drawn.forms,
        "closed": move_forms.refused(
            [(move, answer.refused) for move, answer in offered if isinstance(answer, engine.No)]
        ),
        "is_open": view.row.is_open,
        "problems": drawn.problems,
        "done": request.method == "GET" and "done" in request.GET,
        "seq": view.seq,
        "key": sent.key if sent else new_key(),
        "units": unit_options(actor),
        "unit_chosen": sent.unit if sent else "",
        "action": f"{reverse('word', args=[back.own])}?how={how}",
        "csrf": True,
        "here": "window",
    }
    return render(request, "desk/window/word.html", context, status=drawn.status)


def _title(how: str) -> str:
    return gettext("A relative speaks for them") if how == "proxy" else gettext("They are here in person")

"""Call-backs: whom to call next, how often it was tried, what to ask, and what came of it.

The number is shown on being asked for, to whoever may make this call now, and each look is written down.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from jiebang.boards import queries as boards
from jiebang.boards.queries import FormView, StaffEntryView
from jiebang.boards.services import Looked
from jiebang.engine.model import Actor, Facts, Move, Program
from jiebang.web.forms import moves as move_forms
from jiebang.web.forms.drawing import forms_of
from jiebang.web.forms.making import Sent, came_back, make
from jiebang.web.forms.pending import new_key
from jiebang.web.rows import Clock
from jiebang.web.rows import clock as clock_at
from jiebang.web.views.desk import shown
from jiebang.web.views.desk.looking import look_and_draw, looks_words, theirs, withheld
from jiebang.web.views.desk.staff import at_the_desk, unit_options
from jiebang.web.words import said

REACHED = "reached"


@require_safe
@at_the_desk
def calls(request: HttpRequest, actor: Actor) -> HttpResponse:
    now = timezone.now()
    clock = clock_at(now)
    due = boards.calls(actor)
    views = boards.forms_of_many([each.row.number for each in due])
    rows = [
        shown.desk_row(each, clock)
        | {
            "tries": _tried(views[each.row.number].program, views[each.row.number].facts),
            "call": reverse("call", args=[each.row.number]),
        }
        for each in due
    ]
    context = {
        "here": "calls",
        "rows": rows,
        "as_of": clock.moment(now),
        "done": _came_of_it(request.GET.get("done", ""), actor, clock),
    }
    return render(request, "desk/calls.html", context)


def _came_of_it(number: str, actor: Actor, at: Clock) -> dict[str, Any] | None:
    """Return how the entry just called about stands now: not reached, it comes back by itself, and when."""
    view = boards.entry_for(number, actor) if number else None
    if view is None:
        return None
    words = shown.entry(view.entry, at, kept={})
    tried = _tried(view.entry.program, view.facts)
    return {
        "number": number,
        "state": words["state"],
        "limit": words["limit"],
        "next": words["next"],
        "tried": tried,
        "is_over": not view.entry.row.is_open,
    }


def _calling(program: Program) -> frozenset[str]:
    """Return the names of the moves by which a board's raisers are called back."""
    return frozenset(
        move.name
        for state in program.states.values()
        for move in state.moves.values()
        if move.verified_as == "call-back"
    )


def _tried(program: Program, facts: Facts) -> int:
    names = _calling(program)
    return sum(deed.move in names for deed in facts.deeds)


@require_http_methods(["GET", "POST"])
@at_the_desk
def call(request: HttpRequest, actor: Actor, number: str) -> HttpResponse:
    """One call: what it is about, the tries so far, the questions, and the form for what came of it."""
    at = timezone.now()
    if request.method == "POST":
        made = make(request, actor, number, at)
        if not isinstance(made, Sent):
            return HttpResponseRedirect(f"{reverse('calls')}?done={made.number}", status=303)
        return _draw(request, actor, theirs(number, actor), at, made)
    return _draw(request, actor, theirs(number, actor), at)


@require_POST
@at_the_desk
def number_shown(request: HttpRequest, actor: Actor, number: str) -> HttpResponse:
    return look_and_draw(
        request, actor, number, lambda view, looked, at: _draw(request, actor, view, at, looked=looked)
    )


def _draw(
    request: HttpRequest,
    actor: Actor,
    view: StaffEntryView,
    at: datetime,
    sent: Sent | None = None,
    looked: Looked | None = None,
) -> HttpResponse:
    clock = clock_at(at)
    may = [one for one in view.moves if one.move.verified_as == "call-back"]
    read = FormView(view.entry.program, view.facts, view.entry.row.area)
    drawn = came_back(forms_of(read, [one.move for one in may if one.may], at=at), sent)
    tries = _tries(view, clock)
    most_tries = max((_most_tries(view.entry.program, one.move) for one in may), default=0)
    context = {
        "here": "calls",
        "entry": shown.entry(view.entry, clock, kept=view.kept, hidden=1),
        "forms": drawn.forms,
        "closed": move_forms.refused([(one.move, one.refused) for one in may if one.refused]),
        "tries": tries,
        "most_tries": most_tries,
        "this_try": len(tries) + 1 if drawn.forms else 0,
        "is_last_try": bool(drawn.forms) and len(tries) + 1 == most_tries,
        "no_number": bool(drawn.forms) and all(field.type != "phone" for field in view.withheld),
        "said_done": _last_finish(view),
        "withheld": withheld(view, looked),
        "may_look": view.may_look,
        "looks": looks_words(view, clock),
        "script": [
            {"title": row.question.title, "options": [option.title for option in row.question.options]}
            for form in drawn.forms
            for row in form.sheet.rows
            if row.question.name != REACHED and row.question.options
        ],
        "seq": view.entry.seq,
        "key": sent.key if sent else new_key(),
        "units": unit_options(actor),
        "unit_chosen": sent.unit if sent else "",
        "open_problems": drawn.problems,
        "csrf": True,
        "action": reverse("call", args=[view.entry.row.number]),
    }
    return render(request, "desk/call.html", context, status=drawn.status)


def _tries(view: StaffEntryView, clock: Clock) -> list[dict[str, str]]:
    """Return when this raiser was called before."""
    names = _calling(view.entry.program)
    return [
        {"when": clock.moment(event.at), "iso": clock.iso(event.at), "to": said(event.to_title)}
        for event in view.entry.events
        if event.kind == "move" and event.move in names
    ]


def _most_tries(program: Program, move: Move) -> int:
    """Return how often may be tried before the rules give up: a shared fork's laps and the last time; 0: unsaid."""
    routes = [program.routes[branch.to] for branch in move.to if branch.to in program.routes]
    ends = [route.at_most + 1 for route in routes if program.finals.get(route.then)]
    return max(ends, default=0)


def _last_finish(view: StaffEntryView) -> list[dict[str, str]]:
    """Return what the unit said it did, to be read to the raiser."""
    program = view.entry.program
    finishing = {move.name for state in program.states.values() for move in state.moves.values() if move.finishes}
    last = next((event for event in reversed(view.entry.events) if event.move in finishing), None)
    if last is None:
        return []
    return [
        {"title": said(answer.field.title), "text": str(answer.value)}
        for answer in last.answers
        if answer.field.type == "text"
    ]

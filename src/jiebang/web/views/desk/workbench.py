"""One entry's workbench: everything its officials may know, and every move with its form or the reason why not."""

from __future__ import annotations

from datetime import datetime

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST

from jiebang.boards import queries as boards
from jiebang.boards import services
from jiebang.boards.queries import EntryView, FormView, StaffEntryView
from jiebang.boards.services import Looked
from jiebang.engine.model import Actor
from jiebang.web.forms import moves as move_forms
from jiebang.web.forms.drawing import forms_of
from jiebang.web.forms.making import Sent, came_back, make
from jiebang.web.forms.pending import new_key
from jiebang.web.rows import Clock
from jiebang.web.rows import clock as clock_at
from jiebang.web.views import errors
from jiebang.web.views.desk import alike, shown
from jiebang.web.views.desk.looking import look_and_draw, looks_words, withheld
from jiebang.web.views.desk.staff import at_the_desk, unit_options
from jiebang.web.views.public.entry import event_words
from jiebang.web.words import said


@require_http_methods(["GET", "POST"])
@at_the_desk
def workbench(request: HttpRequest, actor: Actor, number: str) -> HttpResponse:
    at = timezone.now()
    if request.method == "POST":
        return _make(request, actor, number, at)
    view = boards.entry_for(number, actor)
    if view is not None:
        return _draw(request, actor, view, at)
    if boards.entry(number) is None:
        raise Http404
    # A list of the whole area names what is not theirs to work on: its page everybody may read.
    return redirect("entry", number=number)


def _make(request: HttpRequest, actor: Actor, number: str, at: datetime) -> HttpResponse:
    made = make(request, actor, number, at)
    if isinstance(made, Sent):
        return _shown_again(request, actor, number, at, made)
    return HttpResponseRedirect(f"{reverse('workbench', args=[made.number])}?done={made.seq}", status=303)


def _shown_again(request: HttpRequest, actor: Actor, number: str, at: datetime, sent: Sent) -> HttpResponse:
    """Show the entry as it stands now with the refusal; what was typed is still in the form, if there still is one.

    For an entry that is not theirs it is 404, unless somebody overtook them: a unit that was too late to claim must
    learn who was not.
    """
    view = boards.entry_for(number, actor)
    if view is not None:
        return _draw(request, actor, view, at, sent)
    now = boards.entry(number)
    if now is None or not sent.is_overtaken:
        raise Http404
    if request.POST.get("seq", "") == str(now.seq):
        raise Http404
    return errors.overtaken(request, what=_meanwhile(now, clock_at(at)), href=reverse("entry", args=[number]))


@require_POST
@at_the_desk
def look(request: HttpRequest, actor: Actor, number: str) -> HttpResponse:
    """Show a private value, such as the telephone number, to whoever has to call now; the look is written down."""
    return look_and_draw(
        request, actor, number, lambda view, looked, at: _draw(request, actor, view, at, looked=looked)
    )


@require_POST
@at_the_desk
def release(request: HttpRequest, actor: Actor, number: str, photo: int) -> HttpResponse:
    """Show a photo to the public, or hide it again."""
    shows = request.POST.get("show") == "1"
    refused = services.release_attachment(number, photo, actor=actor, at=timezone.now(), released=shows)
    if refused is not None:
        return errors.refused_page(request, 403 if refused.code == "not-yours" else 404, refused)
    return HttpResponseRedirect(f"{reverse('workbench', args=[number])}#photos", status=303)


def _draw(
    request: HttpRequest,
    actor: Actor,
    view: StaffEntryView,
    at: datetime,
    sent: Sent | None = None,
    looked: Looked | None = None,
) -> HttpResponse:
    clock = clock_at(at)
    read = FormView(view.entry.program, view.facts, view.entry.row.area)
    moves = [one.move for one in view.moves if one.may]
    names_one = any(alike.asks_for_one(view.entry.program, move) for move in moves)
    entries = alike.choices(view, actor, clock) if names_one else ()
    drawn = came_back(forms_of(read, moves, at=at, entries=entries, category=view.entry.row.category), sent)
    context = {
        "here": "",
        "entry": shown.entry(view.entry, clock, kept=view.kept, hidden=1),
        "details": [shown.told(answer, clock) for answer in shown.as_asked(view.entry, view.kept)],
        "sees_kept": view.sees_kept,
        "forms": drawn.forms,
        "closed": move_forms.refused([(one.move, one.refused) for one in view.moves if one.refused]),
        "seq": view.entry.seq,
        "key": sent.key if sent else new_key(),
        "units": unit_options(actor),
        "unit_chosen": sent.unit if sent else "",
        "open_problems": drawn.problems,
        "overtaken": _meanwhile(view.entry, clock) if sent is not None and sent.is_overtaken else None,
        "done": request.method == "GET" and "done" in request.GET,
        "just_done": _just_done(view.entry, request.GET.get("done", ""), clock),
        "take_back": _take_back(view, request.GET.get("done", "")),
        "withheld": withheld(view, looked),
        "may_look": view.may_look,
        "looks": looks_words(view, clock),
        "photos": [
            shown.photo(each, number=view.entry.row.number, program=view.entry.program) for each in view.attachments
        ],
        "duties": [
            {"title": said(duty.title), "limit": clock.limit(duty.due_at), "is_late": duty.late_at is not None}
            for duty in view.duties
        ],
        "wrong_tries": view.wrong_tries,
        "joined": view.entry.joined,
        "joined_into": view.entry.joined_into,
        "csrf": True,
        "action": reverse("workbench", args=[view.entry.row.number]),
    }
    return render(request, "desk/workbench.html", context, status=drawn.status)


def _just_done(view: EntryView, done: str, clock: Clock) -> str:
    """Return in words what the reader has just done, unless something else has happened since."""
    last = view.events[-1] if view.events else None
    return str(event_words(last, view, clock)["what"]) if last is not None and str(last.seq) == done else ""


def _take_back(view: StaffEntryView, done: str) -> list[dict[str, str]]:
    """Return the moves by which whoever just moved it may bring it back to where it stood. The log keeps both."""
    last = view.entry.events[-1] if view.entry.events else None
    if last is None or str(last.seq) != done or last.from_state == last.to_state:
        return []
    return [
        {"title": said(one.move.title), "name": one.move.name}
        for one in view.moves
        if one.may and any(branch.to == last.from_state for branch in one.move.to)
    ]


def _meanwhile(view: EntryView, clock: Clock) -> str:
    """Return the sentence that says what happened last."""
    event = event_words(view.events[-1], view, clock)
    words = {"what": event["what"], "who": event["who"], "when": event["when"], "state": said(view.row.state_title)}
    return gettext("%(when)s: %(what)s, by %(who)s. It stands now at “%(state)s”.") % words

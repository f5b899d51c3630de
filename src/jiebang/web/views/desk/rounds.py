"""The desk's rounds: what I owe an answer for, one page a subject, and what whoever opens rounds sees of all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from jiebang.engine.model import Actor, Refused
from jiebang.engine.rounds.model import NORMAL
from jiebang.engine.rounds.model import Round as Asked
from jiebang.people import queries as people
from jiebang.rounds import queries as rounds
from jiebang.rounds import services
from jiebang.rounds.queries import ForOwner
from jiebang.rounds.services import HAND, Given
from jiebang.web import round_words
from jiebang.web.forms import Sheet, ask, questions_of, refuse
from jiebang.web.forms.incoming import form_key, pending_of, status_of, take, uploads
from jiebang.web.forms.moves import MoveForm
from jiebang.web.forms.pending import new_key
from jiebang.web.rows import Clock
from jiebang.web.rows import clock as clock_at
from jiebang.web.views import errors
from jiebang.web.views.desk.staff import at_the_desk
from jiebang.web.words import language, said

MOST_AREAS = 60  # listed to choose from when a round is opened by hand


@require_safe
@at_the_desk
def mine(request: HttpRequest, actor: Actor) -> HttpResponse:
    clock = clock_at(timezone.now())
    context = {
        "here": "rounds",
        "mine": [
            round_words.round_words(one.view, clock)
            | {
                "open": one.open,
                "mine": one.mine,
                "done": one.mine - one.open,
                "desk": reverse("desk-round", args=[one.view.ident, one.view.ordinal]),
            }
            for one in rounds.my_rounds(actor)
        ],
        "may_open": [
            {
                "id": asked.id,
                "title": said(asked.definition.title),
                "causes": [
                    {"id": HAND, "title": ""},
                    *({"id": name, "title": said(title)} for name, title in asked.definition.on.items()),
                ],
                "areas": _areas(areas),
            }
            for asked, areas in rounds.may_open(actor, on=clock.today)
        ],
        "watched": [
            round_words.round_words(view, clock) | {"desk": reverse("desk-round", args=[view.ident, view.ordinal])}
            for view in rounds.rounds(limit=30)
            if rounds.may_watch(view, actor)
        ],
        "keeps": bool(rounds.kept_by(actor, on=clock.today)),
        "as_of": clock.moment(clock.now),
        "refused": _said(request.GET.get("refused", "")),
    }
    return render(request, "desk/rounds.html", context)


def _said(code: str) -> dict[str, str] | None:
    refused = services.refusal_named(code) if code else None
    return {"what": said(refused.what), "next_step": said(refused.next_step)} if refused else None


def _areas(codes: Sequence[str]) -> list[dict[str, str]]:
    """Return the areas of an office, each with those just below it."""
    found = list(dict.fromkeys(code for top in codes for code in (top, *(one.code for one in people.children(top)))))
    return [{"code": code, "name": round_words.area_words(code, most=1)} for code in found[:MOST_AREAS]]


@require_POST
@at_the_desk
def open_one(request: HttpRequest, actor: Actor) -> HttpResponse:
    made = services.open_by_hand(
        request.POST.get("round", ""),
        actor=actor,
        area=request.POST.get("area", ""),
        cause=request.POST.get("cause", HAND),
        at=timezone.now(),
    )
    if isinstance(made, Refused):
        return HttpResponseRedirect(f"{reverse('desk-rounds')}?refused={made.code}", status=303)
    return HttpResponseRedirect(reverse("desk-round", args=[made.ident, made.ordinal]), status=303)


@require_safe
@at_the_desk
def one(request: HttpRequest, actor: Actor, ident: str, ordinal: int) -> HttpResponse:
    """One running round: my subjects in it, the next due first; to whoever opened it, all that is still out."""
    clock = clock_at(timezone.now())
    view = rounds.round_(ident, ordinal)
    owed = rounds.my_subjects(actor, ident, ordinal)
    if view is None or not (owed or rounds.may_watch(view, actor) or rounds.has_part(view, actor)):
        raise Http404
    overseen = rounds.overseen(view, actor)
    context = {
        "here": "rounds",
        "round": round_words.round_words(view, clock),
        "mine": [round_words.subject_words(each, view.asked, clock) for each in owed],
        "overseen": [round_words.subject_words(each, view.asked, clock) for each in overseen],
        "may_erase": rounds.may_erase(view, actor),
        "erase_href": reverse("desk-round-erase", args=[ident, ordinal]),
        "as_of": clock.moment(clock.now),
    }
    return render(request, "desk/round.html", context)


@require_POST
@at_the_desk
def erase(request: HttpRequest, actor: Actor, ident: str, ordinal: int) -> HttpResponse:
    done = services.erase(ident, ordinal, actor=actor, at=timezone.now())
    if isinstance(done, Refused):
        return errors.refused_page(request, 409, done)
    return HttpResponseRedirect(reverse("desk-round", args=[ident, ordinal]), status=303)


# ── One subject ─────────────────────────────────────────────────────────────────────────────────────────────


@require_http_methods(["GET", "POST"])
@at_the_desk
def subject(request: HttpRequest, actor: Actor, id_: int) -> HttpResponse:
    """One subject on a phone: in order with one tap, anything else with its questions."""
    at = timezone.now()
    found = rounds.for_owner(id_, actor)
    if found is None:
        raise Http404
    if request.method == "POST":
        return _answer(request, actor, found, at)
    return _draw(request, actor, found, clock_at(at))


def _answer(request: HttpRequest, actor: Actor, found: ForOwner, at: datetime) -> HttpResponse:
    answer, key = request.POST.get("move", ""), form_key(request)
    form = next((one for one in forms_of(found.round.asked) if one.name == answer), None)
    sheet = take(request, form.sheet, key=key, at=at) if form else Sheet(())
    if sheet.problems:
        return _draw(request, actor, found, clock_at(at), answer=answer, sheet=sheet, key=key)
    made = services.answer(
        Given(found.subject.id, answer, sheet.answers, uploads(sheet, key=key), language()), actor=actor, at=at
    )
    if isinstance(made, Refused):
        return _draw(request, actor, found, clock_at(at), answer=answer, sheet=refuse(sheet, made), key=key)
    pending_of(key).clear()
    return HttpResponseRedirect(_next(found, actor, made), status=303)


def _next(found: ForOwner, actor: Actor, made: services.Answered) -> str:
    """Return where to go on: the next subject of this round, or its list when there is none."""
    left = rounds.my_subjects(actor, found.round.ident, found.round.ordinal, limit=2)
    following = next((one for one in left if one.id != found.subject.id), None)
    here = f"?done={found.subject.id}"
    if following is None:
        return reverse("desk-round", args=[found.round.ident, found.round.ordinal]) + here
    return reverse("desk-subject", args=[following.id]) + here


def forms_of(asked: Asked, *, scope: str = "") -> list[MoveForm]:
    """Return a round's answers as forms, normal first."""
    program = services.as_program(asked)
    return [
        MoveForm(
            move,
            ask(questions_of(program, move, owed=move.show, scope=f"{scope}{move.name}")),
            (),
            is_asked=move.name == NORMAL,
        )
        for move in (asked.answers[name] for name in ("normal", "abnormal", "tried") if name in asked.answers)
    ]


def is_one_tap(form: MoveForm) -> bool:
    """Whether an answer owes nothing: one press gives it, and what may be said besides is folded away."""
    return all(question.optional for question in form.sheet.questions)


def _draw(
    request: HttpRequest,
    actor: Actor,
    found: ForOwner,
    clock: Clock,
    *,
    answer: str = "",
    sheet: Sheet | None = None,
    key: str = "",
) -> HttpResponse:
    forms = [
        replace(form, sheet=replace(sheet, questions=form.sheet.questions), is_open=True)
        if sheet is not None and form.name == answer
        else form
        for form in forms_of(found.round.asked)
    ]
    before = request.GET.get("done", "")
    done = rounds.for_owner(int(before), actor) if before.isdecimal() and len(before) < 12 else None
    names = [name for name in found.register.fields if name not in (found.register.name, found.register.area)]
    left = rounds.how_many_left(actor, found.round)
    context = {
        "here": "rounds",
        "round": round_words.round_words(found.round, clock)
        | {"desk": reverse("desk-round", args=[found.round.ident, found.round.ordinal])},
        "subject": round_words.subject_words(found.subject, found.round.asked, clock),
        "is_open": found.subject.state in ("due", "escalated"),
        "is_missed": found.subject.state == "missed" and not found.subject.found,
        "details": [line for line in round_words.row_words(found.register, found.values, names) if line["text"]],
        "told": [_told(found, what, at, said_, clock) for what, at, said_ in found.told],
        "one_tap": [form for form in forms if is_one_tap(form)],
        "forms": [form for form in forms if not is_one_tap(form)],
        "seq": 0,
        "key": key or new_key(),
        "units": [],
        "open_problems": sheet.problems if sheet else (),
        "done": round_words.subject_words(done.subject, done.round.asked, clock) if done else None,
        "left": left,
        "link": request.build_absolute_uri(reverse("own-answer", args=[found.link])) if found.link else "",
        "csrf": True,
        "action": reverse("desk-subject", args=[found.subject.id]),
    }
    return render(request, "desk/subject.html", context, status=status_of(sheet) if sheet else 200)


def _told(found: ForOwner, what: str, at: datetime, told: Any, clock: Clock) -> dict[str, Any]:
    fields = found.round.asked.fields
    titles = {"done": NORMAL, "found": NORMAL, "tried": "tried"}
    move = found.round.asked.answers.get(titles.get(what, NORMAL))
    return {
        "what": said(move.title) if move else what,
        "when": clock.moment(at),
        "answers": [
            {"title": said(fields[name].title), "text": round_words.cell(fields[name], value)}
            for name, value in told.items()
            if name in fields
        ],
    }

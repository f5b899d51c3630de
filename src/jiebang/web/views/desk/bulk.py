"""One move on many entries: choose the move, answer its questions once, see who would be refused, start, look again.

Each page carries what was chosen, nothing is kept before the start. What was started goes on by itself; its page says
how far it is, and can be left and opened again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from jiebang import engine
from jiebang.boards import queries as boards
from jiebang.boards import services
from jiebang.boards.queries import FormView, Progress
from jiebang.boards.services import Done, Order
from jiebang.engine.model import Actor, Move, Program, Refused, Yes
from jiebang.rulebook import queries as rulebook
from jiebang.web.forms import Sheet
from jiebang.web.forms.drawing import form_of
from jiebang.web.forms.incoming import form_key, status_of, take
from jiebang.web.forms.moves import MoveForm
from jiebang.web.forms.pending import new_key
from jiebang.web.rows import Clock, state_words
from jiebang.web.rows import clock as clock_at
from jiebang.web.views import errors
from jiebang.web.views.desk import shown
from jiebang.web.views.desk.staff import account_of, at_the_desk, office_of, unit_options
from jiebang.web.words import said

PICK = "pick"


@dataclass(frozen=True, slots=True)
class Picked:
    number: str
    seq: int

    @property
    def value(self) -> str:
        return f"{self.number}:{self.seq}"


@require_POST
@at_the_desk
def bulk(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The steps before the start. `go` says which: to choose a move, to answer its questions, to judge, to start."""
    at = timezone.now()
    picked = _picked(request.POST.getlist(PICK))
    if not 1 <= len(picked) <= services.MOST_AT_ONCE:
        return errors.refused_page(request, 400, services.too_many_at_once())
    views = boards.forms_of_many([one.number for one in picked])
    picked = [one for one in picked if one.number in views]
    mechanism, _, name = request.POST.get("step", "").partition("/")
    if not name:
        return _choose(request, actor, picked, views)
    form = _form(views, picked, actor, mechanism, name, at)
    if form is None:
        return _choose(request, actor, picked, views)
    go = request.POST.get("go", "")
    if go == "ask" and form.sheet.questions:
        return _ask(request, actor, picked, form, mechanism)
    sheet = take(request, form.sheet, key=form_key(request), at=at, today=rulebook.calendar().local_day(at))
    if go == "back" or sheet.problems:
        shown_sheet = sheet.unjudged() if go == "back" else sheet
        return _ask(request, actor, picked, replace(form, sheet=shown_sheet), mechanism)
    order = Order(
        key=form_key(request),
        account=account_of(request),
        office=office_of(request),
        mechanism=mechanism,
        move=name,
        unit=request.POST.get("unit", ""),
        answers=sheet.answers,
        items=[(one.number, one.seq) for one in picked],
    )
    if go != "start":
        return _judge(request, actor, picked, replace(form, sheet=sheet), order, views, clock_at(at))
    started = services.ask_bulk(order, at=at)
    if isinstance(started, Refused):
        return errors.refused_page(request, 400, started)
    return HttpResponseRedirect(reverse("bulk", args=[started]), status=303)


def _picked(values: Sequence[str]) -> list[Picked]:
    found: dict[str, Picked] = {}
    for value in values:
        number, _, seq = value.partition(":")
        if number.isascii() and number.isprintable() and seq.isascii() and seq.isdecimal() and len(seq) < 9:
            found[number] = Picked(number, int(seq))
    return list(found.values())


def _choose(request: HttpRequest, actor: Actor, picked: Sequence[Picked], views: dict[str, FormView]) -> HttpResponse:
    """The moves these entries have in common with the actor, each with how many it is open on."""
    counted: dict[tuple[str, str], list[Move]] = {}
    for one in picked:
        view = views[one.number]
        for move, may in engine.moves_open_to(view.program, view.facts, actor):
            if isinstance(may, Yes) and _is_for_many(view, move):
                counted.setdefault((view.program.id, move.name), []).append(move)
    boards_there = {view.program.id: said(view.program.title) for view in views.values()}
    steps = [
        {
            "value": f"{mechanism}/{name}",
            "title": said(moves[0].title),
            "board": boards_there[mechanism] if len(boards_there) > 1 else "",
            "n": len(moves),
        }
        for (mechanism, name), moves in counted.items()
    ]
    context = {
        "here": "list",
        "picked": picked,
        "lines": _lines(actor, [one.number for one in picked], clock_at(timezone.now())),
        "steps": sorted(steps, key=lambda step: -int(str(step["n"]))),
    }
    return render(request, "desk/bulk_choose.html", context)


def _is_for_many(view: FormView, move: Move) -> bool:
    """Whether one answer can do for many: not a verdict, not a photo, not another entry's number."""
    asked = [view.program.fields[ask.field].type for ask in move.ask]
    return not (move.verifies or move.show or move.joins or {"photo", "document", "signature", "entry"} & set(asked))


def _form(
    views: dict[str, FormView], picked: Sequence[Picked], actor: Actor, mechanism: str, name: str, at: datetime
) -> MoveForm | None:
    """The move's form as the first entry it is open on draws it: the questions are the same for all."""
    for one in picked:
        view = views[one.number]
        if view.program.id == mechanism:
            form = form_of(view, actor, name, at=at)
            if form is not None and _is_for_many(view, form.move):
                return form
    return None


def _ask(request: HttpRequest, actor: Actor, picked: Sequence[Picked], form: MoveForm, mechanism: str) -> HttpResponse:
    context = {
        "here": "list",
        "picked": picked,
        "lines": _lines(actor, [one.number for one in picked], clock_at(timezone.now())),
        "form": form,
        "step": f"{mechanism}/{form.name}",
        "key": form_key(request),
        "units": unit_options(actor),
        "unit_chosen": request.POST.get("unit", ""),
        "problems": form.sheet.problems,
    }
    return render(request, "desk/bulk_ask.html", context, status=status_of(form.sheet))


def _judge(
    request: HttpRequest,
    actor: Actor,
    picked: Sequence[Picked],
    form: MoveForm,
    order: Order,
    views: Mapping[str, FormView],
    at: Clock,
) -> HttpResponse:
    """What each would become and until when, and who would be refused and why. Nothing has been changed."""
    answers = services.foresee_bulk(order, actor, at=at.now)
    lines = _lines(actor, [one.number for one in picked], at)
    rows = [
        line | {"value": one.value} | _becomes(answer, views[one.number].program, at)
        for line, one, answer in zip(lines, picked, answers, strict=True)
    ]
    accepted = [row for row in rows if row["refused"] is None]
    context = {
        "here": "list",
        "form": form,
        "step": f"{order.mechanism}/{order.move}",
        "accepted": accepted,
        "refused": [row for row in rows if row["refused"] is not None],
        "picked": picked,
        "answers": _told(form.sheet),
        "carried": form.sheet.carried([]),
        "unit": order.unit,
        "key": order.key,
    }
    return render(request, "desk/bulk_judge.html", context)


def _lines(actor: Actor, numbers: Sequence[str], at: Clock) -> list[dict[str, Any]]:
    """Return each entry as it is told apart on the reader's lists, in the order asked for."""
    found = boards.desk_rows(actor, numbers)
    return [
        shown.desk_row(found[number], at)
        if number in found
        else {"number": number, "href": reverse("workbench", args=[number])}
        for number in numbers
    ]


def _becomes(answer: Done | Refused, program: Program, at: Clock) -> dict[str, Any]:
    if isinstance(answer, Refused):
        return {"refused": _why(answer)}
    due = answer.events[-1].due if answer.events else None
    return {
        "refused": None,
        "becomes": state_words(program, answer.state),
        "until": at.limit(due) if due else None,
    }


def _told(sheet: Sheet) -> list[dict[str, str]]:
    return [{"title": row.question.title, "text": row.told} for row in sheet.rows if row.value]


def _why(refused: Refused) -> dict[str, str]:
    return {"what": said(refused.what), "next": said(refused.next_step), "rule": refused.rule}


# ── What was started ────────────────────────────────────────────────────────────────────────────────────────


@require_safe
@at_the_desk
def started(request: HttpRequest, actor: Actor, id_: int) -> HttpResponse:
    """How far one bulk move is, and what became of each entry."""
    found = boards.bulks(account_of(request), id_=id_) if id_ < 2**63 else []
    if not found:
        raise Http404
    clock = clock_at(timezone.now())
    outcomes = boards.outcomes(id_)
    lines = _lines(actor, [one.number for one in outcomes], clock)
    rows = [
        line | {"is_moved": one.is_moved, "refused": _why(one.refused) if one.refused else None}
        for line, one in zip(lines, outcomes, strict=True)
    ]
    context = {"here": "list", "job": _progress(found[0], clock), "rows": rows, "again": new_key()}
    return render(request, "desk/bulk_started.html", context)


@require_safe
@at_the_desk
def all_started(request: HttpRequest, actor: Actor) -> HttpResponse:
    """My bulk moves, the newest first."""
    clock = clock_at(timezone.now())
    jobs = [_progress(one, clock) for one in boards.bulks(account_of(request))]
    return render(request, "desk/bulk_all.html", {"here": "list", "jobs": jobs, "as_of": clock.moment(clock.now)})


@require_POST
@at_the_desk
def stop(request: HttpRequest, actor: Actor, id_: int) -> HttpResponse:
    if id_ < 2**63:
        services.stop_bulk(id_, account=account_of(request), at=timezone.now())
    return HttpResponseRedirect(reverse("bulk", args=[id_]), status=303)


def _progress(one: Progress, clock: Clock) -> dict[str, Any]:
    program = next((v.program for v in rulebook.mechanisms() if v.mechanism == one.mechanism), None)
    moves = {name: move for state in program.states.values() for name, move in state.moves.items()} if program else {}
    return {
        "id": one.id,
        "title": said(moves[one.move].title) if one.move in moves else one.move,
        "asked": clock.moment(one.asked_at),
        "ended": clock.moment(one.ended_at) if one.ended_at else "",
        "is_stopped": one.stopped_at is not None,
        "total": one.total,
        "moved": one.moved,
        "refused": one.refused,
        "left": one.left,
        "done": one.moved + one.refused,
        "href": reverse("bulk", args=[one.id]),
    }

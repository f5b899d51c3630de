"""Raise a matter in three pages: what, where, check and send.

Each page is a form that carries the answers of the others in hidden fields, so nothing depends on a script, a
session or an account; photos wait under the form's key. Only the last page changes anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import add_never_cache_headers, patch_cache_control
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from jiebang.boards import queries
from jiebang.boards import services as boards
from jiebang.engine.model import ANYONE, Actor, Move, Program, Refused
from jiebang.people import queries as people
from jiebang.rulebook import queries as rulebook
from jiebang.rulebook.queries import VersionView
from jiebang.web import ratelimit
from jiebang.web.forms import Problem, Sheet, ask, questions_of, refuse
from jiebang.web.forms.incoming import form_key, pending_of, status_of, take, uploads
from jiebang.web.forms.pending import new_key
from jiebang.web.versions import anyones_move
from jiebang.web.views.follow import coming_back
from jiebang.web.views.raise_ import places
from jiebang.web.views.raise_.already import already
from jiebang.web.views.raise_.answer import shown_once
from jiebang.web.words import language, said

LONGEST_CODE = 40  # of an area
RAISES_AN_HOUR = 60  # from one address: a community office's wireless network is one address

WHAT, WHERE, CHECK = "what", "where", "check"


@dataclass(frozen=True, slots=True)
class Opening:
    """The questions of a mechanism's opening, told in pages. `area` is the question about the place, if asked."""

    mechanism: str
    program: Program
    move: Move
    blank: Sheet
    area: str
    pages: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Draft:
    opening: Opening
    sheet: Sheet
    key: str
    place: str
    trouble: Problem | None = None  # about the place
    again: str = ""  # the number of the matter whose words it begins with

    @property
    def has_place(self) -> bool:
        return places.is_last(self.place)


@require_http_methods(["GET", "POST"])
def raise_need(request: HttpRequest) -> HttpResponse:
    """One of the three pages.

    The first is never kept by the browser: its key is for one matter. The others may be, for this reader alone: they
    answer a form, and without them the telephone's “back” would end on a page of the browser that speaks of an error.
    """
    response = _page(request, at=timezone.now())
    if request.method == "GET":
        add_never_cache_headers(response)
    else:
        patch_cache_control(response, private=True, no_cache=True)
    return response


def _page(request: HttpRequest, *, at: datetime) -> HttpResponse:
    # Where a place pilots another version, its questions are asked as soon as the place is known.
    sent = request.GET if request.method == "GET" else request.POST
    here = sent.get("area" if request.method == "GET" else "place", "")
    before = raised_before(sent.get("again", "")[:LONGEST_CODE], at)
    mechanism = before.program.id if before else sent.get("board", "")[:LONGEST_CODE]
    opening = open_to_anyone(at, area=here[:LONGEST_CODE], mechanism=mechanism, before=before)
    if request.method == "GET":
        draft = Draft(opening, opening.blank, new_key(), request.GET.get("area", ""))
        number = request.GET.get("again", "")[:LONGEST_CODE]
        begun = begun_again(request, draft, number) if number else draft
        return _draw(request, WHAT, begun_from(begun, before) if before is not None else begun)
    key = form_key(request)
    draft = Draft(
        opening,
        take(request, opening.blank, key=key, at=at, today=rulebook.calendar().local_day(at)),
        key,
        request.POST.get("place", ""),
        again=before.row.number if before is not None else "",
    )
    go = request.POST.get("go", "")
    if go in (WHAT, WHERE):
        return _draw(request, go, _unjudged(draft))
    match request.POST.get("page"):
        case "where":
            return _after_where(request, draft, go)
        case "check":
            return _send(request, draft, at)
        case _:
            return _after_what(request, draft)


def begun_again(request: HttpRequest, draft: Draft, number: str) -> Draft:
    """Return the draft with the words and the place of `number`, for whoever proved a moment ago that it is theirs."""
    back = coming_back.by_account(request, number) or coming_back.held(request, number)
    view = queries.entry_for_raiser(back.own, back.actor.person) if back is not None else None
    if back is None or view is None:
        return draft
    written = {answer.field.name: str(answer.value) for answer in view.kept.get(1, ())}
    texts = [question.name for question in draft.opening.blank.questions if question.type == "text"]
    typed = {name: (written[name],) for name in texts if name in written}
    if texts and texts[0] in typed:
        before = gettext("(Raised before as %(number)s.)") % {"number": back.own}
        typed[texts[0]] = (f"{typed[texts[0]][0]}\n{before}",)
    sheet = replace(draft.sheet, typed={**draft.sheet.typed, **typed})
    return replace(draft, sheet=sheet, place=view.entry.row.area, again=back.own)


def raised_before(number: str, at: datetime) -> queries.EntryView | None:
    """Return the closed entry that may still be raised again, by that number; None: there is none such."""
    view = queries.entry(number) if number else None
    return view if view is not None and view.again is not None and at < view.again.until else None


def begun_from(draft: Draft, before: queries.EntryView) -> Draft:
    """Return the draft linked to the closed entry, with what its public page says where nothing is typed yet."""
    assert before.again is not None
    known = {question.name for question in draft.opening.blank.questions}
    told = {name: (str(value),) for name, value in before.again.begins.items() if name in known}
    sheet = replace(draft.sheet, typed={**told, **draft.sheet.typed})
    return replace(draft, sheet=sheet, place=draft.place or before.row.area, again=before.row.number)


def _again_by(request: HttpRequest, number: str) -> Actor:
    """Return who raises it again: whoever proved that the closed one was theirs, else the account, or anyone."""
    back = coming_back.by_account(request, number) or coming_back.held(request, number)
    return back.actor if back is not None else actor_of(request)


def open_to_anyone(
    at: datetime, *, area: str = "", mechanism: str = "", before: queries.EntryView | None = None
) -> Opening:
    """Return the opening of a board for people without an account, as it holds in an area.

    Without a board it is the one behind the front page's button.

    Raises:
        Http404: there is no such board here, or not anyone may raise on it.
    """
    board = mechanism or rulebook.city().raise_mechanism
    try:
        version = rulebook.in_force(board, on=rulebook.calendar().local_day(at), area=area)
    except rulebook.NotPublished:
        if not mechanism:
            raise
        raise Http404 from None
    move = anyones_move(version.program)
    if before is not None and before.again is not None:  # raised again as its rules say, if they still know that way
        move = version.program.openings.get(before.again.opening, move)
    if move is None:
        raise Http404
    return opening_of(version, move)


def opening_of(version: VersionView, move: Move) -> Opening:
    """Return the pages of one opening: what, where, and at the end what may identify the raiser."""
    program = version.program
    asked = questions_of(program, move)
    area = next((q.name for q in asked if q.type == "area"), "")
    last = tuple(q.name for q in asked if q.type in ("position", "phone"))
    first = tuple(q.name for q in asked if q.name != area and q.name not in last)
    return Opening(
        mechanism=version.mechanism,
        program=program,
        move=move,
        blank=ask([q for q in asked if q.name != area]),
        area=area,
        pages={WHAT: first, WHERE: (), CHECK: last},
    )


def _after_what(request: HttpRequest, draft: Draft) -> HttpResponse:
    if draft.sheet.only(draft.opening.pages[WHAT]).problems:
        return _draw(request, WHAT, draft)
    return _draw(request, CHECK if draft.has_place else WHERE, _unjudged(draft))


def _after_where(request: HttpRequest, draft: Draft, go: str) -> HttpResponse:
    if draft.has_place and go != "search":
        return _draw(request, CHECK, _unjudged(draft))
    return _draw(request, WHERE, _unjudged(draft), search=request.POST.get("q", "")[:60])


def _send(request: HttpRequest, draft: Draft, at: datetime) -> HttpResponse:
    for page in (WHAT, CHECK):
        if draft.sheet.only(draft.opening.pages[page]).problems:
            return _draw(request, page, draft)
    if not draft.has_place:
        trouble = Problem("place", gettext("The place is not chosen yet. Choose the community where it is."))
        return _draw(request, WHERE, replace(draft, trouble=trouble))
    wait = ratelimit.count(request, "raise", most=RAISES_AN_HOUR, at=at)
    if wait:
        # The page comes back whole: a wait must not cost anybody what they wrote.
        return _draw(request, CHECK, replace(draft, sheet=draft.sheet.with_problem(_too_often(wait))))
    answers = dict(draft.sheet.answers)
    if draft.opening.area:
        answers[draft.opening.area] = draft.place
    opened = boards.open_entry(
        boards.Opening(
            mechanism=draft.opening.mechanism,
            opening=draft.opening.move.name,
            actor=actor_of(request),
            area=draft.place,
            answers=answers,
            files=uploads(draft.sheet, key=draft.key),
            key=draft.key,
            lang=language(),
            again=draft.again,
            again_by=_again_by(request, draft.again) if draft.again else ANYONE,
        ),
        at=at,
    )
    if isinstance(opened, Refused):
        return _refused(request, draft, opened)
    pending_of(draft.key).clear()
    return shown_once(request, opened)


def _refused(request: HttpRequest, draft: Draft, refused: Refused) -> HttpResponse:
    """Show the page the refusal is about."""
    if refused.field and refused.field == draft.opening.area:
        trouble = Problem("place", said(refused.what), said(refused.next_step), refused.code, refused.rule)
        return _draw(request, WHERE, replace(draft, trouble=trouble))
    sheet = refuse(draft.sheet, refused)
    page = WHAT if refused.field in draft.opening.pages[WHAT] else CHECK
    return _draw(request, page, replace(draft, sheet=sheet))


def _too_often(wait: ratelimit.Wait) -> Problem:
    minutes = {"minutes": wait.minutes}
    return Problem(
        "",
        gettext("Too many matters were raised from this connection in an hour."),
        gettext("Wait %(minutes)s minutes and press “Send” again; nothing is lost meanwhile.") % minutes,
        code="too-many-tries",
    )


def actor_of(request: HttpRequest) -> Actor:
    """Return who raises: the account signed in, or anyone."""
    return people.actor_signed_in(request.user)


def _unjudged(draft: Draft) -> Draft:
    return replace(draft, sheet=draft.sheet.unjudged())


def _words(draft: Draft) -> str:
    """Return what the matter is about, as typed: the first question that takes a text."""
    texts = [question.name for question in draft.opening.blank.questions if question.type == "text"]
    return " ".join(draft.sheet.typed.get(texts[0], ())) if texts else ""


def _draw(request: HttpRequest, page: str, draft: Draft, *, search: str = "") -> HttpResponse:
    names = draft.opening.pages[page]
    shown = draft.sheet.only(names)
    if draft.trouble and page == WHERE:
        shown = shown.with_problem(draft.trouble)
    context = {
        "mechanism": draft.opening.mechanism,
        "board": draft.opening.mechanism if draft.opening.mechanism != rulebook.city().raise_mechanism else "",
        "title": said(draft.opening.program.title),
        "sheet": shown,
        "carried": draft.sheet.carried(names),
        "key": draft.key,
        "place_code": draft.place,
        "n": {WHAT: 1, WHERE: 2, CHECK: 3}[page],
        "again": draft.again,
        "is_linked": bool(draft.again) and raised_before(draft.again, timezone.now()) is not None,
    }
    if page == WHERE:
        context["step"] = places.step(draft.place, search=search)
    if page == CHECK:
        context["read_back"] = draft.sheet.only(draft.opening.pages[WHAT]).rows
        context["place_name"] = places.whole_name(draft.place)
        context["already"] = already(draft.opening.mechanism, area=draft.place, text=_words(draft), at=timezone.now())
    return render(request, f"raise/{page}.html", context, status=status_of(shown))

"""At the window: a clerk writes down what somebody says.

The secret stays with whoever raises it: a PIN typed by them, masked, or a slip whose code is printed and never
shown. The clerk reads back what was written before it is sent, and may not give the verdict later; the engine
keeps that.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from jiebang.boards import services as boards
from jiebang.boards.services import Opened
from jiebang.engine.model import ANYONE, Actor, Refused
from jiebang.engine.parties import HANDLER
from jiebang.people import queries as people
from jiebang.rulebook import queries as rulebook
from jiebang.web import qr
from jiebang.web.forms import Option, Problem, Sheet, refuse
from jiebang.web.forms.incoming import form_key, pending_of, status_of, take, uploads
from jiebang.web.forms.pending import new_key
from jiebang.web.views.desk.staff import at_the_desk
from jiebang.web.views.raise_ import places
from jiebang.web.views.raise_.chain import Opening, open_to_anyone, opening_of
from jiebang.web.words import language, moment_words, said

COOKIE, COOKIE_FOR = "slip", timedelta(minutes=10)
PIN, SLIP = "pin", "slip"


@dataclass(frozen=True, slots=True)
class Written:
    """What the clerk has written so far."""

    opening: Opening
    sheet: Sheet
    key: str
    place: str
    places: tuple[Option, ...]


@sensitive_post_parameters("pin", "pin-again")
@require_http_methods(["GET", "POST"])
@at_the_desk
def window(request: HttpRequest, actor: Actor) -> HttpResponse:
    at = timezone.now()
    opening = _opening_of(actor, at)
    here = _places_of(actor)
    if not here:
        return render(request, "desk/no_window.html", status=403)
    if request.method == "GET":
        first = here[0].value if len(here) == 1 else ""
        return _draw(request, "write", Written(opening, opening.blank, new_key(), first, here))
    key = form_key(request)
    sheet = take(request, opening.blank, key=key, at=at, today=rulebook.calendar().local_day(at))
    written = Written(opening, sheet, key, request.POST.get("place", ""), here)
    go = request.POST.get("go", "")
    if go == "write":
        return _draw(request, "write", replace(written, sheet=sheet.unjudged()))
    trouble = _trouble_with_place(written)
    if trouble or sheet.problems:
        return _draw(request, "write", replace(written, sheet=sheet.with_problem(trouble) if trouble else sheet))
    if go != "send":
        return _draw(request, "read", written)
    return _send(request, actor, written, at)


def _send(request: HttpRequest, actor: Actor, written: Written, at: datetime) -> HttpResponse:
    way = request.POST.get("secret", "")
    pin = request.POST.get("pin", "")
    wrong = _trouble_with_secret(way, pin, request.POST.get("pin-again", ""))
    if wrong:
        return _draw(request, "read", written, wrong=wrong)
    answers = dict(written.sheet.answers)
    if written.opening.area:
        answers[written.opening.area] = written.place
    opened = boards.open_entry(
        boards.Opening(
            mechanism=written.opening.mechanism,
            opening=written.opening.move.name,
            actor=ANYONE,
            area=written.place,
            answers=answers,
            files=uploads(written.sheet, key=written.key),
            key=written.key,
            lang=language(),
            written_by=actor,
            pin=pin if way == PIN else None,
        ),
        at=at,
    )
    if isinstance(opened, Refused):
        if opened.field == "pin":
            return _draw(request, "read", written, wrong=Problem("pin", said(opened.what), said(opened.next_step)))
        return _draw(request, "write", replace(written, sheet=refuse(written.sheet, opened)))
    pending_of(written.key).clear()
    return _to_the_slip(request, opened)


def _to_the_slip(request: HttpRequest, opened: Opened) -> HttpResponse:
    where = reverse("slip", args=[opened.number])
    response = HttpResponseRedirect(where, status=303)
    response.set_signed_cookie(
        COOKIE,
        json.dumps([opened.number, opened.code, int(opened.look_again_at.timestamp())]),
        salt=COOKIE,
        max_age=COOKIE_FOR,
        path=where,
        secure=request.is_secure(),
        httponly=True,
        samesite="Strict",
    )
    return response


@require_safe
@at_the_desk
def slip(request: HttpRequest, actor: Actor, number: str) -> HttpResponse:
    """The slip, once: the code is on paper only, and the cookie that brought it here is gone afterwards."""
    kept = request.get_signed_cookie(COOKIE, default="", salt=COOKIE, max_age=COOKIE_FOR)
    if not kept or json.loads(kept)[0] != number:
        return redirect("workbench", number=number)
    _, code, look_again = json.loads(kept)
    url = request.build_absolute_uri(reverse("mine", args=[code])) if code else ""
    moment = datetime.fromtimestamp(look_again, UTC)
    context = {
        "number": number,
        "groups": [code[:5], code[5:]] if code else [],
        "qr": qr.svg(url) if code else "",
        "follow_url": request.build_absolute_uri(reverse("follow")),
        "look_again": moment_words(moment, now=timezone.now(), zone=rulebook.calendar().tz),
    }
    response = render(request, "desk/slip.html", context)
    response.delete_cookie(COOKIE, path=reverse("slip", args=[number]), samesite="Strict")
    response["Cache-Control"] = "no-store"
    return response


def _opening_of(actor: Actor, at: datetime) -> Opening:
    """Return the opening meant for the clerk's office, if the mechanism has one; else the one anybody may use."""
    version = rulebook.in_force(rulebook.city().raise_mechanism, on=rulebook.calendar().local_day(at))
    offices = {(held.office, held.level) for held in actor.appointments}
    for move in version.program.openings.values():
        parties = [version.program.parties[name] for name in move.by]
        if any(party.kind == "post" and (party.office, party.level) in offices for party in parties):
            return opening_of(version, move)
    return open_to_anyone(at)


def _places_of(actor: Actor) -> tuple[Option, ...]:
    """Return the areas a clerk may write an entry down for: the last level under the areas of their offices, up to
    a county. The city itself has no window, nor has a handling unit."""
    found: dict[str, str] = {}
    for held in actor.appointments:
        area = people.area(held.area)
        if area is not None and area.parent is not None and held.office != HANDLER:
            found |= {code: places.whole_name(code) for code in _last_below(area.code)}
    return tuple(Option(code, name) for code, name in sorted(found.items()))


def _last_below(code: str) -> list[str]:
    below = people.children(code)
    return [last for child in below for last in _last_below(child.code)] if below else [code]


def _trouble_with_place(written: Written) -> Problem | None:
    if written.place in (option.value for option in written.places):
        return None
    return Problem("place", gettext("The place is not chosen. Choose the community it is about."))


def _trouble_with_secret(way: str, pin: str, again: str) -> Problem | None:
    if way == SLIP:
        return None
    if way != PIN:
        return Problem("secret-0", gettext("It is not chosen how the secret is kept. Choose a PIN or a folded slip."))
    if pin != again:
        return Problem("pin", gettext("The two PINs are not the same. Let the person type both again."))
    return None


def _draw(request: HttpRequest, page: str, written: Written, *, wrong: Problem | None = None) -> HttpResponse:
    sheet = written.sheet if page == "write" else written.sheet.unjudged()
    errors = [*sheet.problems, *([wrong] if wrong else [])]
    context = {
        "sheet": sheet,
        "errors": errors,
        "wrong": wrong,
        "carried": written.sheet.carried([] if page == "read" else [q.name for q in sheet.questions]),
        "key": written.key,
        "place_code": written.place,
        "places": written.places,
        "place_problem": next((problem for problem in errors if problem.anchor == "place"), None),
        "place_name": places.whole_name(written.place),
        "secret": request.POST.get("secret", ""),
        "title": said(written.opening.program.title),
        "here": "window",
    }
    status = 400 if wrong else status_of(sheet)
    return render(request, f"desk/window_{page}.html", context, status=status)

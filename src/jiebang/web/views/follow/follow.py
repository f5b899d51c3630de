"""The form for a code, or for a number and the PIN chosen at the window."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from jiebang.boards import codes
from jiebang.boards import queries as boards
from jiebang.boards.services import TooManyTries
from jiebang.web.forms import Problem
from jiebang.web.rows import title_of
from jiebang.web.views import errors
from jiebang.web.views.follow import coming_back
from jiebang.web.views.public.board import entry_number
from jiebang.web.words import said


# No token: the page sends no referrer, so browsers send `Origin: null`, which the token's check refuses; and a
# forged sending could only open an entry whose code the forger knows already.
@csrf_exempt
@never_cache
@require_http_methods(["GET", "POST"])
def by_code(request: HttpRequest) -> HttpResponse:
    if request.method == "GET":
        return _page(request, number=request.GET.get("number", ""))
    at = timezone.now()
    number, secret = request.POST.get("number", "").strip().upper(), request.POST.get("code", "").strip()
    if not secret:
        empty = Problem("code", gettext("The code is empty. It stands on your receipt."))
        return _page(request, number=number, problem=empty, status=400)
    back = coming_back.by_secret(request, secret, at=at, number=number)
    if isinstance(back, TooManyTries):
        return errors.too_many(request, wait=back.again_at - at, what=_too_many())
    if back is None:
        return _page(request, number=number, problem=_wrong(secret), status=404)
    code = codes.read(secret)
    is_code = code is not None and not number
    response = HttpResponseRedirect(reverse("mine", args=[code if is_code else back.own]), status=303)
    coming_back.remember(request, response, back)
    if not is_code:
        coming_back.hold(request, response, back)
    return response


def unknown_code(request: HttpRequest) -> HttpResponse:
    """The same form for a code in an address that leads nowhere."""
    return _page(request, problem=_wrong(""), status=404)


def too_many(request: HttpRequest, tries: TooManyTries) -> HttpResponse:
    return errors.too_many(request, wait=tries.again_at - timezone.now(), what=_too_many())


def _too_many() -> str:
    return gettext(
        "Too many wrong codes or PINs were tried, here or on this entry."
        " A device that opened the entry before still gets in with the right one."
    )


def _wrong(typed: str) -> Problem:
    if entry_number(typed):
        return Problem(
            "code",
            gettext("This is the number of the entry; the secret code is another."),
            gettext("It stands below the number on your receipt: ten letters and digits."),
        )
    return Problem(
        "code",
        gettext("No entry has this code."),
        gettext("Read it again: ten letters and digits, never the letters I, L, O or U. A PIN needs the number too."),
    )


def _raised_signed_in(request: HttpRequest) -> list[dict[str, str]]:
    person = coming_back.beside(request)
    rows = boards.raised_by(person) if person else []
    return [
        {
            "number": one.number,
            "href": reverse("mine", args=[one.number]),
            "text": title_of(one),
            "state": said(one.state_title),
        }
        for one in rows
    ]


def _page(request: HttpRequest, *, number: str = "", problem: Problem | None = None, status: int = 200) -> HttpResponse:
    context = {
        "number": number,
        "problem": problem,
        "errors": [problem] if problem else [],
        "raised": _raised_signed_in(request),
        "place": "follow",
    }
    return render(request, "follow/follow.html", context, status=status)

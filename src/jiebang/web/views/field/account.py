"""Who holds the phone: the account signed in, its key for what waits on the phone, and answers without pages."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from functools import wraps
from hashlib import sha256
from urllib.parse import unquote

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache

from jiebang.engine.model import Refused
from jiebang.people import queries as people
from jiebang.web.words import said

WHO = "X-Field-Who"  # the mark of the account the phone believes to be signed in
OFFICE = "X-Field-Office"  # the office acted from, quoted as in an address; empty or none: all of them

FieldView = Callable[..., HttpResponseBase]


def on_the_phone(view: FieldView) -> FieldView:
    """Hand the view the actor behind the account, as they act now. The answer to a stranger is 401: the phone then
    forgets its list. From an office that ended meanwhile nothing is entitled any more, least of all the others'."""

    @never_cache
    @wraps(view)
    def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        whole = people.actor_signed_in(request.user)
        if not request.user.is_authenticated:
            return answer(401, "signed-out", gettext("You are signed out."), gettext("Sign in to send what waits."))
        if request.headers.get(WHO, who(request)) != who(request):
            # Somebody else signed in on this phone: nobody's words may go out under another name.
            return answer(
                401,
                "other-account",
                gettext("Another account is signed in on this phone."),
                gettext("Sign in with the account that wrote it; it waits here until then."),
            )
        if not whole.appointments:
            return answer(
                403,
                "no-office",
                gettext("You are signed in, but this account holds no office, so nothing is given to it."),
                gettext("Ask the administrator to appoint you to your unit."),
            )
        return view(request, people.acting_from(whole, office_of(request)), *args, **kwargs)

    return guarded


def office_of(request: HttpRequest) -> str:
    """Return the office the phone's holder acts from; empty: all of them."""
    return unquote(request.headers.get(OFFICE, ""))


def seal_key(request: HttpRequest) -> bytes:
    """Return the 32 bytes with which this account's phone seals what waits; the same after every signing in."""
    return _derived(request, b"field-key/v1|")


def who(request: HttpRequest) -> str:
    """Return the mark by which a phone tells its accounts apart. It says nothing about the account."""
    return _derived(request, b"field-who/v1|")[:8].hex()


def _derived(request: HttpRequest, purpose: bytes) -> bytes:
    return hmac.digest(settings.JIEBANG_CODE_KEY, purpose + str(request.user.pk).encode(), sha256)


def answer(status: int, code: str, what: str, next_step: str, **more: object) -> JsonResponse:
    """Return a refusal for the app: a code for it, two sentences for people."""
    return JsonResponse({"code": code, "what": what, "next_step": next_step, **more}, status=status)


def refusal(status: int, refused: Refused, **more: object) -> JsonResponse:
    return answer(status, refused.code, said(refused.what), said(refused.next_step), rule=refused.rule, **more)


def unreadable() -> JsonResponse:
    return answer(
        400,
        "unreadable",
        gettext("What the phone sent could not be read."),
        gettext("Close the app, open it with a network, and try again; tell the administrator if it stays so."),
    )


def later(wait_s: int) -> JsonResponse:
    """Return the answer to a phone that sends too much at once; it waits by itself."""
    response = answer(
        429,
        "too-many-tries",
        gettext("From here, too many tries came in a short time."),
        gettext("It is sent again by itself; keep the app open, or come back later."),
    )
    response["Retry-After"] = str(wait_s)
    return response

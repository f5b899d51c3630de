"""Pages for when something is refused or out of reach: what is wrong, then what to do next.

None of these asks the database: the last of them is shown when there is none. The city's name comes from its pack.
"""

from __future__ import annotations

import sys
from datetime import timedelta
from typing import Any

from django.core.exceptions import RequestDataTooBig, TooManyFilesSent
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from jiebang.engine.model import Refused
from jiebang.web.context import page
from jiebang.web.words import said

RETRY_S = 10
SEALED = ("csrfmiddlewaretoken", "password")
# Never written back into a page.


def _page(request: HttpRequest, status: int, **said_: Any) -> HttpResponse:
    # Drawn without a request context: no session, no user, no message can reach for the database here.
    context = {**page(request), "request": request, "status": status, **said_}
    return HttpResponse(render_to_string("errors/page.html", context), status=status)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    if isinstance(exception, (RequestDataTooBig, TooManyFilesSent)):
        return too_big(request)
    return _page(
        request,
        400,
        title=_("That could not be read"),
        what=_("The address or the form that reached us is not complete."),
        next_step=_("Go back, check what you sent, and send it again."),
    )


def forbidden(
    request: HttpRequest,
    exception: Exception | None = None,
    *,
    refused: Refused | None = None,
) -> HttpResponse:
    if refused is not None:
        return refused_page(request, 403, refused)
    return _page(
        request,
        403,
        title=_("You may not do this"),
        what=str(exception or "") or _("This is for somebody else to do, or you are not signed in."),
        next_step=_("Sign in with the account of your office, or ask whoever holds the matter."),
    )


def forged(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Django's answer when a form lacks its token: most often a page left open too long, or cookies forbidden."""
    return _page(
        request,
        403,
        title=_("This form is too old"),
        what=_("The page was open for too long, or your browser keeps no cookies for this site."),
        next_step=_(
            "Go back, load the page again, and send the form once more. What you typed is still there when you go back."
        ),
    )


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _page(
        request,
        404,
        title=_("There is nothing here"),
        what=_("No page has this address. An entry keeps its number for ever; perhaps a figure is missing."),
        next_step=_("Look for the number, or for two words of the text."),
        search=True,
    )


def overtaken(request: HttpRequest, *, what: str, href: str) -> HttpResponse:
    """Somebody else moved the entry first: say what happened and lead back to it."""
    return _page(
        request,
        409,
        title=_("Somebody was quicker"),
        what=what,
        next_step=_(
            "Nothing you sent was lost in between: nothing was changed. Read what happened, then decide again."
        ),
        href=href,
        action=_("Read the entry as it stands now"),
    )


def too_big(request: HttpRequest) -> HttpResponse:
    return _page(
        request,
        413,
        title=_("That is too large"),
        what=_("A form may hold 2,000 characters a question and three photos of at most 20 MB each."),
        next_step=_("Go back, take a smaller photo or a shorter text, and send it again."),
    )


def too_many(request: HttpRequest, *, wait: timedelta, what: str = "") -> HttpResponse:
    seconds = max(1, int(wait.total_seconds()))
    response = _page(
        request,
        429,
        title=_("Too many tries"),
        what=what or _("From here, too many tries came in a short time."),
        next_step=_("Wait %(minutes)s minutes, then try again.") % {"minutes": -(-seconds // 60)},
    )
    response["Retry-After"] = str(seconds)
    return response


def server_error(request: HttpRequest) -> HttpResponse:
    # Django calls this while the exception is being handled, so it can still be asked what it is.
    if isinstance(sys.exc_info()[1], (OperationalError, InterfaceError)):
        return out_of_reach(request)
    return _page(
        request,
        500,
        title=_("Something broke on our side"),
        what=_("It is our mistake, not yours, and it has been written down."),
        next_step=_("Try again in a minute. What is on the board and in the log is safe."),
    )


def out_of_reach(request: HttpRequest) -> HttpResponse:
    """503, in every language of the city at once; a form comes back whole, ready to be sent again."""
    typed: list[tuple[str, str]] = []
    if request.method == "POST":
        typed = [
            (name, value) for name, values in request.POST.lists() for value in values if not name.startswith(SEALED)
        ]
    drawn = page(request)
    context = {
        **drawn,
        "request": request,
        "status": 503,
        # The reader's own language first.
        "languages": sorted(drawn["manner"].languages, key=lambda language: not language.current),
        "typed": typed,
        "token": request.POST.get("csrfmiddlewaretoken", "") if typed else "",
        "had_files": bool(typed) and bool(request.FILES),
        "retry_s": RETRY_S,
    }
    response = HttpResponse(render_to_string("errors/503.html", context), status=503)
    response["Retry-After"] = str(RETRY_S)
    return response


def refused_page(request: HttpRequest, status: int, refused: Refused) -> HttpResponse:
    """Any refusal as a page: its sentence, the next step, its code and rule."""
    return _page(
        request,
        status,
        title=_("This was not done"),
        what=said(refused.what),
        next_step=said(refused.next_step),
        code=refused.code,
        rule=refused.rule,
    )

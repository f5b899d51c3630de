"""The answer to raising: number, secret code, QR and the day to look again.

The code is in no address: it waits in a signed cookie that only this page receives, for half an hour, so that a
telephone that reloads the page does not lose it.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from jiebang.boards.services import Opened
from jiebang.rulebook import queries as rulebook
from jiebang.web import qr
from jiebang.web.words import moment_words

SHOWN_FOR = timedelta(minutes=30)
SALT = "raised"


def shown_once(request: HttpRequest, opened: Opened) -> HttpResponse:
    """Send the browser to the page that shows this receipt."""
    where = reverse("raised", args=[opened.number])
    response = HttpResponseRedirect(where, status=303)
    response.set_signed_cookie(
        "raised",
        json.dumps([opened.number, opened.code, int(opened.look_again_at.timestamp()), opened.repeated]),
        salt=SALT,
        max_age=SHOWN_FOR,
        path=where,
        secure=request.is_secure(),
        httponly=True,
        samesite="Lax",
    )
    return response


@never_cache
@require_safe
def raised(request: HttpRequest, number: str) -> HttpResponse:
    kept = request.get_signed_cookie("raised", default="", salt=SALT, max_age=SHOWN_FOR)
    if not kept or json.loads(kept)[0] != number:
        return redirect("follow")
    _, code, look_again, repeated = json.loads(kept)
    url = request.build_absolute_uri(reverse("mine", args=[code]))
    return render(
        request,
        "raise/raised.html",
        {
            "number": number,
            "repeated": repeated,
            "code": code,
            "groups": [code[:5], code[5:]],
            "url": url,
            "qr": qr.svg(url),
            "look_again": moment_words(
                datetime.fromtimestamp(look_again, UTC), now=timezone.now(), zone=rulebook.calendar().tz
            ),
        },
    )

"""What a person takes home from the window: the number, and on folded paper the code nobody here has seen.

The codes wait for ten minutes in a signed cookie that only the window's pages receive, and are shown on paper once.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from jiebang.boards import codes
from jiebang.boards import queries as boards
from jiebang.boards.queries import DeskRow
from jiebang.boards.services import Opened
from jiebang.engine.model import Actor
from jiebang.rulebook import queries as rulebook
from jiebang.web import qr
from jiebang.web.forms import Option, Problem
from jiebang.web.views.desk.staff import at_the_desk
from jiebang.web.words import moment_words

COOKIE, COOKIE_FOR = "slip", timedelta(minutes=10)
PIN, SLIP, NUMBER = "pin", "slip", "number"
MOST_KEPT = 20  # slips a cookie has room for


@dataclass(frozen=True, slots=True)
class Paper:
    """One slip: `code` is empty for whoever chose a PIN, or has the number only."""

    number: str
    code: str
    look_again: int
    way: str


def ways() -> list[Option]:
    """Return how the secret may be kept. Sending it needs a channel, and there is none yet."""
    return [
        Option(SLIP, gettext("With a folded slip")),
        Option(PIN, gettext("With a PIN they choose")),
        Option(NUMBER, gettext("By telephone: the number only")),
    ]


def trouble(way: str, pin: str, again: str) -> Problem | None:
    """Return what is wrong with how the secret is to be kept."""
    if way in (SLIP, NUMBER):
        return None
    if way != PIN:
        return Problem("secret-0", gettext("It is not chosen how the secret is kept. Choose one of the ways."))
    if pin != again:
        return Problem("pin", gettext("The two PINs are not the same. Let the person type both again."))
    return None


def paper(opened: Opened, way: str) -> Paper:
    # Who has the number only has no code anywhere: it was made, told to nobody, and kept as a hash.
    return Paper(opened.number, opened.code if way == SLIP else "", int(opened.look_again_at.timestamp()), way)


def waiting(request: HttpRequest) -> list[Paper]:
    """Return the slips of the last minutes that nobody has printed yet."""
    kept = request.get_signed_cookie(COOKIE, default="", salt=COOKIE, max_age=COOKIE_FOR)
    return [Paper(*each) for each in json.loads(kept or "[]")]


def keep(request: HttpRequest, response: HttpResponseBase, papers: Sequence[Paper]) -> None:
    """Keep slips until they are printed, those still waiting among them."""
    fresh = {one.number for one in papers}
    every = [*(one for one in waiting(request) if one.number not in fresh), *papers][-MOST_KEPT:]
    response.set_signed_cookie(
        COOKIE,
        json.dumps([[one.number, one.code, one.look_again, one.way] for one in every]),
        salt=COOKIE,
        max_age=COOKIE_FOR,
        path=reverse("window"),
        secure=request.is_secure(),
        httponly=True,
        samesite="Strict",
    )


def to_the_slip(request: HttpRequest, papers: Sequence[Paper]) -> HttpResponse:
    response = HttpResponseRedirect(reverse("slip", args=[papers[-1].number]), status=303)
    keep(request, response, papers)
    return response


@require_safe
@at_the_desk
def slip(request: HttpRequest, actor: Actor, number: str) -> HttpResponse:
    """The slips, once: codes are on paper only, and the cookie that brought them here is gone afterwards."""
    papers = waiting(request)
    if number not in (one.number for one in papers):
        return redirect("workbench", number=number)
    drawn = [_drawn(request, one) for one in papers]
    rows = boards.desk_rows(actor, [one.number for one in papers]) if len(papers) > 1 else {}
    context = {
        "slips": drawn,
        # Several slips look alike when folded: their first words say whose each is, on the screen alone.
        "several": [one | {"words": _words(rows.get(str(one["number"])))} for one in drawn] if rows else [],
        "last": next(one for one in drawn if one["number"] == number),
        "with_code": [one["number"] for one in drawn if one["groups"]],
        "with_pin": [one["number"] for one in drawn if one["way"] == PIN],
        "with_number": [one["number"] for one in drawn if one["way"] == NUMBER],
        "follow_url": request.build_absolute_uri(reverse("follow")),
        "here": "window",
    }
    response = render(request, "desk/window/slip.html", context)
    response.delete_cookie(COOKIE, path=reverse("window"), samesite="Strict")
    response["Cache-Control"] = "no-store"
    return response


def _words(row: DeskRow | None) -> str:
    return (row.own_words or row.row.title) if row else ""


def _drawn(request: HttpRequest, one: Paper) -> dict[str, object]:
    shown = codes.shown(one.code) if one.code else ""
    moment = datetime.fromtimestamp(one.look_again, UTC)
    return {
        "number": one.number,
        "way": one.way,
        "groups": shown.split("-") if shown else [],
        "qr": qr.svg(request.build_absolute_uri(reverse("mine", args=[one.code]))) if one.code else "",
        "look_again": moment_words(moment, now=timezone.now(), zone=rulebook.calendar().tz),
    }

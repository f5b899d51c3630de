"""Today's list for the phone: the entries that wait for its holder, the next due first, with everything needed to
act on them where there is no network.

Only what the public page shows goes onto a phone. An entry nobody has screened yet is named, but neither its
raiser's words nor its forms are sent: screening means reading, and reading it needs the network.
"""

from __future__ import annotations

from base64 import b64encode
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from jiebang.boards import queries as boards
from jiebang.boards.queries import FormView, Row, StaffEntryView
from jiebang.engine.model import Actor
from jiebang.people import queries as people
from jiebang.rulebook import queries as rulebook
from jiebang.web.forms.drawing import forms_of, known_beside
from jiebang.web.rows import Clock, list_row, place_words
from jiebang.web.rows import clock as clock_at
from jiebang.web.views.desk.staff import desk_of, unit_options
from jiebang.web.views.field import account, rounds
from jiebang.web.views.field.account import on_the_phone
from jiebang.web.views.field.drawing import FormBook
from jiebang.web.views.field.openings import openings, places_of
from jiebang.web.views.field.version import version
from jiebang.web.views.public.entry import event_words
from jiebang.web.words import said

MOST = 60  # entries; a phone shows what is next, not everything
STEPS_TOLD = 3
FORGET_AFTER = timedelta(hours=72)
# Where a city has published no number of its own (policy `field.forget`).


# Compressed: a list of forms shrinks to a tenth. Django adds noise, so that its length says nothing of the token.
@gzip_page
@require_safe
@on_the_phone
def today(request: HttpRequest, actor: Actor) -> HttpResponse:
    at = timezone.now()
    clock = clock_at(at)
    chair = desk_of(people.actor_signed_in(request.user), account.office_of(request))
    actor = chair.actor  # of an office that ended meanwhile: all that are left
    owed = boards.worklist(actor, limit=MOST + 1)
    book = FormBook(units=unit_options(actor))
    return JsonResponse(
        {
            "who": account.who(request),
            "key": b64encode(account.seal_key(request)).decode(),
            "token": get_token(request),
            "name": request.user.get_username(),
            "version": version(),
            "at": _ms(at),
            "as_of": clock.moment(at),
            "office": chair.office,
            "offices": [[one.value, one.title] for one in chair.offices] if len(chair.offices) > 1 else [],
            "forget_after": int(forget_after() / timedelta(milliseconds=1)),
            "is_cut": len(owed) > MOST,
            "entries": [
                *(entry for row in owed[:MOST] if (entry := _entry(row, actor, clock, book))),
                *rounds.subjects(actor, clock, book),
            ],
            "openings": _openings(actor, at, book),
            "places": [[place.value, place.title] for place in places_of(actor)],
            "forms": book.forms,
        }
    )


def forget_after() -> timedelta:
    """Return how long a phone may keep its list without hearing from the city."""
    row = rulebook.policy("field.forget")
    if row is None or row.amount is None or row.amount.unit not in ("h", "d"):
        return FORGET_AFTER
    return timedelta(hours=row.amount.n) if row.amount.unit == "h" else timedelta(days=row.amount.n)


def _entry(row: Row, actor: Actor, clock: Clock, book: FormBook) -> dict[str, Any] | None:
    view = boards.entry_for(row.number, actor)
    if view is None:
        return None
    words = list_row(row, clock)
    is_screened = bool(row.title)
    return {
        "number": row.number,
        "href": reverse("workbench", args=[row.number]),
        "seq": view.entry.seq,
        "title": row.title if is_screened else gettext("New, to be read and screened"),
        "is_screened": is_screened,
        "text": view.entry.text if is_screened and view.entry.text != row.title else "",
        "place": place_words(row.area_names, most=4),
        "category": said(row.category_title),
        "state": words.state,
        "due": words.limit.text if words.limit else "",
        "due_at": _ms(row.due_at) if row.due_at else 0,
        "is_late": row.overdue or words.late,
        "told": _told(view, clock) if is_screened else [],
        "forms": _forms(view, clock.now, book) if is_screened else [],
    }


def _told(view: StaffEntryView, clock: Clock) -> list[dict[str, Any]]:
    """The last steps as everybody may read them."""
    told = [event_words(event, view.entry, clock) for event in view.entry.events[-STEPS_TOLD:]]
    return [{name: step[name] for name in ("what", "when", "who", "note", "told")} for step in told]


def _forms(view: StaffEntryView, at: datetime, book: FormBook) -> list[str]:
    read = FormView(view.entry.program, view.facts, view.entry.row.area)
    drawn = forms_of(read, [one.move for one in view.moves if one.may], at=at)
    ordered = sorted(drawn, key=lambda form: not form.is_asked)  # the owed one under the thumb
    return [
        book.add(
            form.sheet,
            name=form.name,
            title=form.title,
            known=known_beside(read, form),
            leads_to=form.leads_to,
            is_asked=form.is_asked,
        )
        for form in ordered
    ]


def _openings(actor: Actor, at: datetime, book: FormBook) -> list[dict[str, Any]]:
    return [
        {
            "mechanism": one.mechanism,
            "opening": one.move.name,
            "board": said(one.program.title),
            "title": said(one.move.title),
            "form": book.add(
                one.blank,
                name=f"{one.mechanism}-{one.move.name}",
                title=said(one.move.title),
                is_asked=True,
                with_place=True,
            ),
        }
        for one in openings(actor, at)
    ]


def _ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)

"""The recorded look at a private value, such as the telephone number of whoever has to be called now."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone

from jiebang.boards import queries as boards
from jiebang.boards import services
from jiebang.boards.queries import StaffEntryView
from jiebang.boards.services import Looked
from jiebang.engine.model import Actor, Refused
from jiebang.web.rows import Clock
from jiebang.web.views import errors
from jiebang.web.words import said

Draw = Callable[[StaffEntryView, Looked, datetime], HttpResponse]


def look_and_draw(request: HttpRequest, actor: Actor, number: str, draw: Draw) -> HttpResponse:
    """Write the look down, then draw the page that shows the value asked for; no cache keeps that page."""
    at = timezone.now()
    looked = services.look(number, request.POST.get("field", ""), actor=actor, at=at)
    if isinstance(looked, Refused):
        return errors.refused_page(request, 404 if looked.code == "no-such-entry" else 403, looked)
    response = draw(theirs(number, actor), looked, at)
    response["Cache-Control"] = "no-store"
    return response


def theirs(number: str, actor: Actor) -> StaffEntryView:
    """Return the entry as its officials may know it.

    Raises:
        Http404: there is no such entry, or it is not theirs.
    """
    view = boards.entry_for(number, actor)
    if view is None:
        raise Http404
    return view


def withheld(view: StaffEntryView, looked: Looked | None) -> list[dict[str, str]]:
    """Return the private fields that have a value; the value only of the one just asked for."""
    return [
        {
            "name": field.name,
            "title": said(field.title),
            "type": field.type,
            "value": looked.value if looked is not None and looked.field.name == field.name else "",
        }
        for field in view.withheld
    ]


def looks_words(view: StaffEntryView, clock: Clock) -> list[dict[str, str]]:
    """Return who looked at which private value and when, the last first."""
    titles = {name: said(field.title) for name, field in view.entry.program.fields.items()}
    return [
        {"name": one.name, "field": titles.get(one.field, one.field), "when": clock.moment(one.at)}
        for one in boards.looks(view.entry.row.number)
    ]

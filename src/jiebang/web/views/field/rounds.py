"""Subjects of rounds in the app for the field: in its list like entries, answered through the same queue.

A subject is named `<round>.<number>.<place>`, which no entry's number looks like.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.urls import reverse

from jiebang.engine.model import Actor, Refused
from jiebang.engine.rounds.refusals import refuse as refused
from jiebang.rounds import queries as rounds
from jiebang.rounds import services
from jiebang.rounds.queries import SubjectView
from jiebang.rounds.services import Given
from jiebang.web import round_words
from jiebang.web.forms import Sheet, refuse
from jiebang.web.forms.incoming import uploads
from jiebang.web.rows import Clock
from jiebang.web.views.desk.rounds import forms_of
from jiebang.web.views.field.drawing import FormBook
from jiebang.web.views.field.receipts import Receipt
from jiebang.web.words import language, said

MOST = 120  # subjects; a phone shows what is next
_NAMED = re.compile(r"([\w-]{1,60})\.(\d{1,9})\.(\d{1,9})", re.ASCII)


def name_of(subject: SubjectView) -> str:
    return f"{subject.ident}.{subject.ordinal}.{subject.place}"


def is_subject(number: str) -> bool:
    return _NAMED.fullmatch(number) is not None


def subjects(actor: Actor, clock: Clock, book: FormBook) -> list[dict[str, Any]]:
    """Return what this actor owes an answer for, as the app lists entries; the forms of a round are sent once."""
    views: dict[tuple[str, int], rounds.RoundView] = {}
    found: list[dict[str, Any]] = []
    for subject in rounds.my_subjects(actor, limit=MOST):
        key = (subject.ident, subject.ordinal)
        view = views.get(key) or rounds.round_(*key)
        if view is None:
            continue
        views[key] = view
        found.append(_entry(subject, view, clock, book))
    return found


def _entry(subject: SubjectView, view: rounds.RoundView, clock: Clock, book: FormBook) -> dict[str, Any]:
    words = round_words.subject_words(subject, view.asked, clock)
    return {
        "number": name_of(subject),
        "href": words["href"],
        "seq": subject.tries,
        "title": f"{subject.name} · {subject.key}",
        "is_screened": True,
        "text": "",
        "place": words["place"],
        "category": said(view.asked.title),
        "state": words["state"],
        "due": words["limit"].text if words["limit"] else "",
        "due_at": _ms(subject.due_at),
        "is_late": subject.state == "escalated",
        "told": [],
        "forms": [
            book.add(form.sheet, name=form.name, title=form.title, is_asked=form.is_asked)
            for form in forms_of(view.asked, scope=f"{subject.ident}-")
        ],
    }


def _ms(moment: datetime | None) -> int:
    return int(moment.timestamp() * 1000) if moment else 0


def answer(
    number: str, move: str, actor: Actor, *, key: str, read: Callable[[Sheet], Sheet], at: datetime
) -> Receipt | Sheet:
    """Answer as the desk's page does; a sheet that comes back says what is wrong."""
    found = _NAMED.fullmatch(number)
    subject = rounds.at_place(found[1], int(found[2]), int(found[3])) if found else None
    view = rounds.round_(subject.ident, subject.ordinal) if subject else None
    if subject is None or view is None:
        return refuse(Sheet(()), refused("round-unknown"))
    form = next((one for one in forms_of(view.asked, scope=f"{subject.ident}-") if one.name == move), None)
    sheet = read(form.sheet) if form else Sheet(())
    if sheet.problems:
        return sheet
    given = Given(subject.id, move, sheet.answers, uploads(sheet, key=key), language())
    made = services.answer(given, actor=actor, at=at)
    return refuse(sheet, made) if isinstance(made, Refused) else Receipt(number, 1, at)


def address(number: str) -> str:
    """Return the desk's page of a subject the app named."""
    found = _NAMED.fullmatch(number)
    subject = rounds.at_place(found[1], int(found[2]), int(found[3])) if found else None
    return reverse("desk-subject", args=[subject.id]) if subject else reverse("desk-rounds")

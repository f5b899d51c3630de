"""Rounds, subjects and registers in the reader's words, for the public pages and the desk alike."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from jiebang.engine.dues import amount_title
from jiebang.engine.model import Field, Json
from jiebang.engine.rounds.model import Coverage, Post, Register
from jiebang.engine.rounds.model import Round as Asked
from jiebang.people import queries as people
from jiebang.rounds import queries as rounds
from jiebang.rounds.queries import RoundView, SubjectView
from jiebang.rounds.services import EVERY, HAND
from jiebang.rulebook import defined
from jiebang.rulebook import queries as rulebook
from jiebang.web.rows import Clock
from jiebang.web.views.public import addresses
from jiebang.web.words import said

SIGNS = {"done": "struck", "missed": "failed", "escalated": "overdue", "due": "waiting"}


def register_of(view: RoundView) -> Register | None:
    about = defined.register(view.register, on=rulebook.calendar().local_day(view.opened_at))
    return about.definition if about else None


def area_words(code: str, *, most: int = 2) -> str:
    found = people.area(code)
    if found is None:
        return ""
    names = [said(area.names) for one in found.path if (area := people.area(one)) is not None]
    return " · ".join((names[1:] or names)[-most:])


def owner_words(subject: SubjectView, asked: Asked) -> str:
    """Return who owes a subject now: the unit by its name, or the office and its area."""
    unit = people.unit(subject.unit) if subject.unit else None
    if unit is not None:
        return said(unit.names)
    posts: dict[str, Post] = {"done-by": asked.done_by, "opened-by": asked.opened_by}
    if asked.otherwise is not None:
        posts["else"] = asked.otherwise.to
    post = posts.get(subject.party, asked.done_by)
    return " · ".join(word for word in (said(post.title), area_words(subject.owner_area, most=1)) if word)


def state_words(subject: SubjectView) -> str:
    if subject.found:
        return _("missed; found later")
    return {
        "due": _("to be answered"),
        "escalated": _("handed on"),
        "done": _("abnormal") if subject.abnormal else _("in order"),
        "missed": _("not checked"),
    }[subject.state]


def cause_words(view: RoundView) -> str:
    if view.cause == EVERY:
        return _("by the clock")
    if view.cause == HAND:
        return _("opened by hand")
    return said(view.asked.on.get(view.cause, {})) or view.cause


def round_words(view: RoundView, clock: Clock) -> dict[str, Any]:
    """Return a round as the pages show it: its counts, its standing in one line, its address."""
    counts = view.coverage
    return {
        "title": said(view.asked.title),
        "name": _("No. %(n)s") % {"n": view.ordinal},
        "href": addresses.to(f"/rounds/{view.ident}/{view.ordinal}"),
        "definition": addresses.to(f"/rounds/{view.ident}/"),
        "place": area_words(view.area),
        "cause": cause_words(view),
        "opened": clock.moment(view.opened_at),
        "opened_iso": clock.iso(view.opened_at),
        "closed": clock.moment(view.closed_at) if view.closed_at else "",
        "erased": clock.moment(view.erased_at) if view.erased_at else "",
        "erase_at": clock.moment(view.erase_at) if view.erase_at and not view.erased_at else "",
        "limit": clock.limit(view.due_at) if view.closed_at is None else None,
        "is_open": view.closed_at is None,
        "counts": counts,
        "line": coverage_words(counts, is_open=view.closed_at is None, people=rounds.is_about_people(view)),
        "tag": tag_of(view),
        "percent": counts.percent,
    }


def tag_of(view: RoundView) -> dict[str, str]:
    if view.closed_at is None:
        return {"kind": "waiting", "text": _("running")}
    if view.coverage.missed:
        return {"kind": "failed", "text": _("closed, incomplete")}
    return {"kind": "struck", "text": _("closed, complete")}


def coverage_words(counts: Coverage, *, is_open: bool, people: bool) -> str:
    """Say a round in one line, the missing first: `not checked: 3 of 41`."""
    words = {"n": counts.n, "done": counts.done, "missed": counts.missed, "waiting": counts.waiting}
    if counts.missed:
        line = (
            ngettext("not reached: %(missed)s of %(n)s", "not reached: %(missed)s of %(n)s", counts.missed)
            if people
            else ngettext("not checked: %(missed)s of %(n)s", "not checked: %(missed)s of %(n)s", counts.missed)
        )
        if is_open and counts.waiting:
            line += _(", %(waiting)s still waited for")
        return line % words
    if is_open:
        return _("%(done)s of %(n)s answered, %(waiting)s still waited for") % words
    return (_("all %(n)s answered") if people else _("all %(n)s checked")) % words


def subject_words(subject: SubjectView, asked: Asked, clock: Clock) -> dict[str, Any]:
    return {
        "id": subject.id,
        "key": subject.key,
        "name": subject.name,
        "place": area_words(subject.area),
        "state": state_words(subject),
        "tag": "overdue" if subject.abnormal and subject.state == "done" else SIGNS[subject.state],
        "owner": owner_words(subject, asked),
        "limit": clock.limit(subject.due_at) if subject.due_at else None,
        "tries": subject.tries,
        "answered": clock.moment(subject.answered_at) if subject.answered_at else "",
        "entry": subject.entry,
        "entry_href": addresses.entry_url(subject.entry) if subject.entry else "",
        "href": reverse("desk-subject", args=[subject.id]),
    }


def rule_lines(asked: Asked, about: Register | None) -> list[dict[str, str]]:
    """Return a round's rules as title and sentence: whom, when, by whom, by when, and then."""
    lines = [
        {"title": _("About"), "text": _subjects(asked, about)},
        {"title": _("When"), "text": "; ".join(_when(asked))},
        {"title": _("Who looks"), "text": said(asked.done_by.title)},
        {"title": _("Within"), "text": said(amount_title(asked.within))},
    ]
    if asked.otherwise is not None:
        words = {"who": said(asked.otherwise.to.title), "within": said(amount_title(asked.otherwise.within))}
        lines.append({"title": _("If nobody did"), "text": _("%(who)s, within %(within)s") % words})
    lines.append(
        {
            "title": _("And after that"),
            "text": _("It is counted as not checked, by name, and stays so. Silence never counts as checked."),
        }
    )
    if asked.opens is not None:
        boards = [one for one in rulebook.mechanisms() if one.mechanism == asked.opens.mechanism]
        title = said(boards[0].program.title) if boards else asked.opens.mechanism
        lines.append(
            {"title": _("What is abnormal"), "text": _("is raised on the board “%(board)s”") % {"board": title}}
        )
    if asked.erase_after is not None:
        after = said(amount_title(asked.erase_after))
        lines.append(
            {"title": _("Destroyed"), "text": _("%(after)s after it is closed; the numbers stay") % {"after": after}}
        )
    if asked.source:
        lines.append({"title": _("Source"), "text": asked.source})
    return lines


def _subjects(asked: Asked, about: Register | None) -> str:
    name = said(about.title) if about else asked.register
    if asked.sample < 100:
        return _("%(share)s %% of “%(register)s”, drawn by a seed committed in the log beforehand") % {
            "share": asked.sample,
            "register": name,
        }
    if asked.where.tests:
        return _("those of “%(register)s” that the rule names") % {"register": name}
    return _("all of “%(register)s”") % {"register": name}


def _when(asked: Asked) -> list[str]:
    found = []
    if asked.every is not None:
        found.append(_("every %(length)s") % {"length": said(amount_title(asked.every))})
    found += [said(title) for title in asked.on.values()]
    found.append(_("when %(who)s opens it") % {"who": said(asked.opened_by.title)})
    if asked.during is not None:
        found.append(
            _("from %(first)s to %(last)s each year") % {"first": asked.during.first, "last": asked.during.last}
        )
    return found


def cell(field: Field, value: Json) -> str:
    """Return a register's cell in the reader's words."""
    if value is None:
        return ""
    if field.type == "choice":
        return next((said(choice.title) for choice in field.choices if choice.id == value), str(value))
    if field.type == "yes-no":
        return _("Yes") if value == "yes" else _("No")
    if field.type == "area":
        return area_words(str(value))
    return str(value)


def row_words(about: Register, values: Mapping[str, Json], names: list[str]) -> list[dict[str, str]]:
    return [
        {"title": said(about.fields[name].title), "text": cell(about.fields[name], values.get(name))} for name in names
    ]

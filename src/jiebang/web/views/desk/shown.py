"""Rows and entries for those who act on them: the public words, and what only the parties may read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext

from jiebang.boards.queries import COUNT_CAP, Answer, AttachmentView, DeskRow, EntryView, Row
from jiebang.boards.titling import title_of as title_made_of
from jiebang.engine.model import Program
from jiebang.web.rows import Clock, ListRow, answer_words, list_row, title_of
from jiebang.web.templatetags.components import icon
from jiebang.web.views.public.entry import entry_words
from jiebang.web.words import said


def count(n: int) -> str:
    """Say how many; beyond the cap they are not counted on."""
    return f"{COUNT_CAP:,}+" if n > COUNT_CAP else f"{n:,}"


def row(one: Row, at: Clock) -> dict[str, Any]:
    """Return a line of a plain list: what, where, how it stands, until when."""
    return _line(one, list_row(one, at))


def _line(one: Row, words: ListRow) -> dict[str, Any]:
    return {
        "number": one.number,
        "tag": words.tag,
        "state": words.state,
        "state_id": one.state,
        "text": one.title or (gettext("New, to be read and screened") if one.is_new else title_of(one)),
        "is_screened": bool(one.title),
        "category": said(one.category_title),
        "place": words.place,
        "limit": words.limit,
        "is_late": one.overdue or words.late,
        "href": reverse("workbench", args=[one.number]),
    }


def desk_row(one: DeskRow, at: Clock) -> dict[str, Any]:
    """Return the same line with whose it is, since when it stands so, and the next move where it is the reader's."""
    words = list_row(one.row, at)
    plain = _line(one.row, words)
    href = plain["href"]
    return plain | {
        "text": one.own_words or plain["text"],
        "is_own_words": bool(one.own_words),
        "seq": one.seq,
        # A list has fifty lines: tag and limit come drawn, so that its template stays flat.
        "sign": words.sign,
        "clock": icon("alert" if words.late else "clock"),
        "holder": words.holder,
        "missed": words.missed if not words.late else "",
        "since": at.short(one.since),
        "handed_on": one.handed_on,
        "next": said(one.next[1]) if one.next else "",
        "next_href": f"{href}#move-{one.next[0]}" if one.next else "",
        "refusals": [
            {
                "unit": said(each.unit),
                "move": said(each.move),
                "when": at.moment(each.at),
                "iso": at.iso(each.at),
                "reasons": [{"title": said(title), "text": text} for title, text in each.reasons],
            }
            for each in one.refusals
        ],
    }


def entry(
    view: EntryView, at: Clock, *, kept: Mapping[int, Sequence[Answer]], hidden: int | None = None
) -> dict[str, Any]:
    """Return what the pages of an entry show. `kept` joins what only its parties may read, event by event; the event
    `hidden` is left as the public sees it, because the page shows its answers elsewhere.

    While nobody has screened the entry, its raiser's own words stand where the public text will stand.
    """
    words = entry_words(view, at)
    private = {event.seq: kept.get(event.seq, ()) for event in view.events} | {1: as_asked(view, kept)}
    for event, drawn in zip(view.events, words["events"], strict=True):
        if event.seq != hidden:
            drawn["told"] = [*drawn["told"], *(told(answer, at) for answer in private[event.seq])]
    own = own_words(view, kept)
    if not view.row.title and own:
        words["title"] = title_made_of(own)
        words["text"] = own if words["title"] != own else ""
    return words


def own_words(view: EntryView, kept: Mapping[int, Sequence[Answer]]) -> str:
    """Return what the raiser wrote first: what they want, in their words."""
    return next((str(answer.value) for answer in as_asked(view, kept) if answer.field.type == "text"), "")


def as_asked(view: EntryView, kept: Mapping[int, Sequence[Answer]]) -> list[Answer]:
    """Return what only the parties may read of the opening, in the order it was asked."""
    opening = view.program.openings.get(view.events[0].move) if view.events else None
    order = {ask.field: place for place, ask in enumerate(opening.ask)} if opening else {}
    return sorted(kept.get(1, ()), key=lambda answer: order.get(answer.field.name, len(order)))


def told(answer: Answer, at: Clock) -> dict[str, str]:
    return {"title": said(answer.field.title), "text": answer_words(answer, at)}


def photo(one: AttachmentView, *, number: str, program: Program) -> dict[str, Any]:
    labels = {"before": gettext("before"), "after": gettext("after")}
    asked = program.fields.get(one.field)
    title = said(asked.title) if asked else gettext("Photo")
    return {
        "id": one.id,
        "href": reverse("photo", args=[number, one.id]),
        "title": f"{title} ({labels.get(one.label, one.label)})" if one.label else title,
        "width": one.width,
        "height": one.height,
        "is_public": one.released_at is not None,
    }

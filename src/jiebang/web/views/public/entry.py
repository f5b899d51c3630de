"""One entry as everybody may read it: its text, who holds it and until when, its timeline, its place in the log."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from jiebang.boards import queries as boards
from jiebang.engine.lookups import OBJECT, PASS, UNANSWERED
from jiebang.engine.model import Actor
from jiebang.engine.words import Words
from jiebang.ledger import queries as ledger
from jiebang.people import queries as people
from jiebang.rulebook import queries as rulebook
from jiebang.web import readings
from jiebang.web.context import city
from jiebang.web.rows import (
    Clock,
    answer_words,
    choice_title,
    clock,
    place_words,
    seal_of,
    tag_of,
    title_of,
)
from jiebang.web.versions import scope_words
from jiebang.web.views.public import addresses
from jiebang.web.views.public.objections import objection_note, objections_words, said_by_anyone
from jiebang.web.views.public.recurring import again_words
from jiebang.web.words import LimitWords, language, listed, said

LONGEST_NUMBER = 32
# Answers that stand at the top of the page already.
SHOWN_ABOVE = frozenset({"public-title", "public-text", "category", "where"})


def entry(request: HttpRequest, number: str) -> HttpResponse:
    view = boards.entry(number) if len(number) <= LONGEST_NUMBER else None
    if view is None:
        raise Http404
    at = clock(timezone.now())
    program = view.program
    board = {"title": said(program.title), "href": addresses.board_url(program.id)}
    place = "board" if program.id == city().raise_mechanism else ""
    return render(
        request, "public/entry.html", {"place": place, "board": board, "entry": entry_words(view, at), "number": number}
    )


def entry_words(view: boards.EntryView, at: Clock) -> dict[str, Any]:
    """Everything the page of an entry says, in the reader's language."""
    row, program = view.row, view.program
    state = program.states.get(row.state)
    holder = program.parties.get(view.holder_party)
    tag = "waiting" if row.is_open and holder is not None and holder.kind == "raiser" else tag_of(row)
    title = title_of(row)
    notice = state is not None and state.limit.kind == "lasts"
    last = view.events[-1] if view.events else None
    return {
        "number": row.number,
        "title": title,
        "bare": not row.title,
        "text": "" if view.text == row.title else view.text,
        "tag": tag,
        "state": said(row.state_title),
        "overdue": row.overdue,
        # Of an erased matter only its day and township are left to say.
        "place": place_words(row.area_names, most=2 if row.erased else 4),
        "category": said(row.category_title),
        # Nobody owes a step while a notice or a pause runs, or while other entries are waited for.
        "holder": ""
        if notice or (state is not None and state.waits)
        else said(row.holder_unit) or said(row.holder_title),
        "limit": _limit(view, at, notice=notice),
        "next": _next(view, at, notice=notice),
        "verified": _verified(view) if row.meaning == "solved" else "",
        "verdict": _verdict(view),
        "raised": _moment(row, row.raised_at, at),
        "rules": _rules(view),
        "closed": _moment(row, row.closed_at, at) if row.closed_at else "",
        "raisers": view.raisers,
        "objections": objections_words(view, at),
        "say": said_by_anyone(view),
        "again": again_words(view, at),
        "seal": seal_of(row, at),
        "black": _black(view, at),
        "joined_into": view.joined_into,
        "joined": view.joined,
        "links": [_link(link) for link in view.links],
        "photos": [_photo(row.number, one) for event in view.events for one in event.attachments],
        "events": [event_words(event, view, at) for event in view.events],
        "log": _log(view),
        "receipt": receipt_url(row.number, last) if last else "",
    }


def _limit(view: boards.EntryView, at: Clock, *, notice: bool) -> LimitWords | None:
    """By when, and which length applies where the rules have several."""
    row, state = view.row, view.program.states.get(view.row.state)
    if row.due_at is None:
        return None
    # The clock's next moment may be that of an answer to an objection: the notice is shown as long as it lasts.
    is_objected = view.objections is not None and not view.due_span
    end = max(row.due_at, view.objections.ends) if is_objected and view.objections else row.due_at
    said = at.limit(end, notice=notice, provisional=row.provisional)
    if state is None or row.overdue or view.due_span:
        return said
    almanac = rulebook.calendar().almanac
    return replace(said, why=Words(view.program, language()).applied(state.limit, view.logged, view.rows, almanac))


def _moment(row: boards.Row, moment: datetime, at: Clock) -> str:
    return at.day(moment) if row.erased else at.moment(moment)


# ── What comes next ─────────────────────────────────────────────────────────────────────────────────────────


def _next(view: boards.EntryView, at: Clock, *, notice: bool) -> list[str]:
    if not view.row.is_open:
        return []
    lines = []
    moves = listed(f"“{said(title)}”" for title in view.next_moves if said(title))
    holder = said(view.row.holder_unit) or said(view.row.holder_title)
    if moves and holder:
        lines.append(_("%(holder)s can choose: %(moves)s.") % {"holder": capfirst(holder), "moves": moves})
    for blocked in view.blocked_moves:
        words = {"move": said(blocked.move), "duties": listed(said(duty) for duty in blocked.duties)}
        lines.append(_("Before “%(move)s” there is still to be done: %(duties)s.") % words)
    if view.more_time is not None:
        lines.append(_more_time(view.more_time, at))
    for title, theirs in view.others_moves:
        words = {"who": said(title), "moves": listed(f"“{said(move)}”" for move in theirs if said(move))}
        lines.append(_("Without being asked, %(who)s can choose: %(moves)s.") % words)
    state = view.program.states.get(view.row.state)
    if state is not None and state.waits:
        lines.append(_("It goes on by itself when the entries it waits for have closed."))
    if (after := said(view.next_if_late)) and notice:
        lines.append(_("At the end of this time it becomes “%(state)s” by itself.") % {"state": after})
    elif after and state is not None and state.waits:
        lines.append(_("If one is still open by then, the clock moves it to “%(state)s”.") % {"state": after})
    elif after:
        lines.append(_("If nobody acts by then, the clock moves it to “%(state)s”.") % {"state": after})
    return lines


def _more_time(wish: boards.MoreTime, at: Clock) -> str:
    words = {"day": at.day(wish.asked_at), "who": capfirst(said(wish.decider)), "until": at.moment(wish.decides_by)}
    if wish.decides_by < at.now:
        return _("More time was asked for on %(day)s. %(who)s gave no answer until %(until)s, which means no.") % words
    return _("More time was asked for on %(day)s. %(who)s decides until %(until)s; no answer means no.") % words


def _link(link: boards.LinkView) -> dict[str, str]:
    """An entry that belongs to this one, in words: how, and where it stands."""
    how = {
        ("opened", True): _("Opened by"),
        ("opened", False): _("Opened from here"),
        ("recheck", True): _("Looks again at"),
        ("recheck", False): _("Looked at again"),
        ("named", True): _("Waited for by"),
        ("named", False): _("Waits for"),
        ("again", True): _("Raises again"),
        ("again", False): _("Raised again as"),
    }
    return {
        "how": how.get((link.kind, link.is_up), _("Belongs to it")),
        "number": link.number,
        "href": addresses.entry_url(link.number),
        "title": link.title,
        "board": said(link.board),
        "state": said(link.state),
    }


def _black(view: boards.EntryView, at: Clock) -> dict[str, str] | None:
    """What is said plainly of a matter that is late or failed."""
    row = view.row
    missed = next((event.missed for event in reversed(view.events) if event.kind == "clock" and event.missed), None)
    when = at.moment(missed) if missed else ""
    if row.meaning == "failed":
        text = _("The city let its last limit pass (%(moment)s). This entry stays in the list of failed ones for ever.")
        return {"title": said(row.state_title), "text": text % {"moment": when}}
    if row.overdue:
        since = at.moment(row.late_since) if row.late_since else when
        text = _("The limit of %(moment)s passed and nobody had acted.") % {"moment": since}
        holder = said(row.holder_unit) or said(row.holder_title)
        if holder and row.due_at and row.due_at > at.now:
            text += ("" if language() == "zh" else " ") + _("Now with %(holder)s until %(until)s.") % {
                "holder": holder,
                "until": at.moment(row.due_at),
            }
        return {"title": _("This matter is late"), "text": text}
    return None


def _verdict(view: boards.EntryView) -> str:
    if view.row.meaning != "solved":
        return ""
    solved = choice_title(view.program, "solved", view.row.solved) if view.row.solved else ""
    satisfied = choice_title(view.program, "satisfied", view.satisfied) if view.satisfied else ""
    return " · ".join(each for each in (solved, satisfied) if each)


def _verified(view: boards.EntryView) -> str:
    """How the matter was verified, with the office that took the word down where one did."""
    verdict = next((event for event in reversed(view.events) if event.verified and event.kind != "vote"), None)
    return taken_words(verdict) if verdict is not None and verdict.taken_how else verified_words(view.verified)


def verified_words(kind: str) -> str:
    return {
        "raiser-code": _("By whoever raised it, with the secret code"),
        "raiser-account": _("By whoever raised it, signed in"),
        "window": _("By whoever raised it, in person at a window, identity checked"),
        "proxy": _("By a relative of whoever raised it, with consent"),
        "call-back": _("By a call to whoever raised it"),
        "officer": _("By an officer who did not do the work"),
        "raisers": _("By several raisers together, by majority"),
    }.get(kind, kind)


def taken_words(event: boards.EventView) -> str:
    """Who spoke, and which office wrote it down."""
    unit = {"unit": said(event.taken_by)}
    if event.taken_how == "proxy":
        return _("A relative of whoever raised it, with consent; taken down by %(unit)s") % unit
    return _("Whoever raised it, in person at the window; identity checked by %(unit)s") % unit


# ── The timeline ────────────────────────────────────────────────────────────────────────────────────────────


def event_words(event: boards.EventView, view: boards.EntryView, at: Clock) -> dict[str, Any]:
    return {
        "what": _what(event, view),
        "to": said(event.to_title) if event.to_state != event.from_state else "",
        "kind": "verdict" if event.verified else "by-clock" if event.kind == "clock" else "",
        "iso": at.iso(event.at)[:10] if event.is_day_only else at.iso(event.at),
        "when": at.day(event.at) if event.is_day_only else at.moment(event.at),
        "who": _who(event, view),
        "note": _note(event, view, at),
        "told": [
            {
                "title": said(answer.field.title),
                "text": answer_words(answer, at),
                "lines": readings.lines_of(answer, at),
            }
            for answer in event.answers
            if answer.field.name not in SHOWN_ABOVE and answer.field.type not in ("photo", "document", "signature")
        ],
        "photos": [_photo(view.row.number, one) for one in event.attachments],
        "log": _place(event),
        "receipt": receipt_url(view.row.number, event),
    }


def _what(event: boards.EventView, view: boards.EntryView) -> str:
    if event.kind == "clock":
        state = view.program.states.get(event.from_state)
        if event.move == UNANSWERED:
            return _("An objection was not answered in time")
        if state is not None and state.limit.kind == "lasts":
            return _("The time ended")
        if _has_ended(event, view):
            return _("What it waited for has closed")
        return _("The limit passed")
    # One of several raisers who withdraws only leaves, and one verdict of several is not yet the verdict: the title
    # of the move they made would say too much.
    words = {
        "join": _("Another raiser joined"),
        "leave": _("A raiser left"),
        "vote": _("One of several verdicts"),
    }
    if event.kind in words:
        return words[event.kind]
    if event.kind == "objection" and event.move != OBJECT:
        return _("An objection was handed up") if event.move.startswith(PASS) else _("An objection was answered")
    return said(event.move_title) or event.move


def _has_ended(event: boards.EventView, view: boards.EntryView) -> bool:
    """Whether the clock moved because what was waited for had closed, not because the time was over."""
    state = view.program.states.get(event.from_state)
    return state is not None and state.waits is not None and event.missed == event.at


def _who(event: boards.EventView, view: boards.EntryView) -> str:
    if event.kind in ("clock", "heard", "transfer") or event.move.startswith(PASS):
        return _("the clock")
    if event.kind == "open" and (
        opener := [link.number for link in view.links if link.is_up and link.kind in ("opened", "recheck")]
    ):
        return _("%(number)s, which opened it") % {"number": opener[0]}
    if event.taken_how:
        return taken_words(event)
    if event.verified:
        return verified_words(event.verified)
    party, unit = said(event.party_title), said(event.unit)
    if event.kind == "open" and not unit:
        party = _("whoever raised it")
    if unit and party and unit != party:
        return _("%(unit)s (%(party)s)") % {"unit": unit, "party": party}
    return unit or party


def _note(event: boards.EventView, view: boards.EntryView, at: Clock) -> str:
    if event.kind == "heard":
        closed = [link for link in view.links if link.slot == event.heard and not link.is_up]
        return "".join(_("%(number)s: %(state)s") % {"number": one.number, "state": said(one.state)} for one in closed)
    if event.kind == "objection" or event.move == UNANSWERED:
        return objection_note(event, view, at)
    if event.kind == "clock" and event.missed:
        if _has_ended(event, view):
            return ""
        state = view.program.states.get(event.from_state)
        if state is not None and state.limit.kind == "lasts":
            return ""  # a notice that ran out is nobody's silence
        words = {"state": said(state.title) if state else event.from_state, "moment": at.moment(event.missed)}
        return _("Nobody acted in “%(state)s” by %(moment)s.") % words
    if event.kind == "transfer" and (version := rulebook.version_named(event.rules)):
        since = {"since": version.since.isoformat()}
        return _("It follows the version since %(since)s from now on; its limit stays as it was.") % since
    if event.joined_number:
        return _("Merged into %(number)s; whoever raised it counts there.") % {"number": event.joined_number}
    return ""


def _place(event: boards.EventView) -> str:
    if event.place is None:
        return _("on its way into the public log")
    shard, index = event.place
    return _("public log %(volume)s, no. %(n)s") % {"volume": shard, "n": f"{index:,}"}


def receipt_url(number: str, event: boards.EventView) -> str:
    return f"{addresses.entry_url(number)}/receipt/{event.seq}.tlog-proof" if event.place is not None else ""


def _rules(view: boards.EntryView) -> dict[str, str] | None:
    """Return which version this matter runs under, whatever was published since."""
    version = rulebook.version_of_program(view.program)
    if version is None:
        return None
    href = f"{addresses.board_url(version.mechanism)}about?version={version.program_hash[:16]}"
    scope = scope_words(version.scope, version.areas) if version.areas else ""
    return {"since": version.since.isoformat(), "scope": scope, "href": href}


def _log(view: boards.EntryView) -> str:
    waiting = sum(1 for event in view.events if event.place is None)
    steps = len(view.events)
    if waiting:
        return ngettext(
            "%(n)s step is on its way into the log; that takes a few seconds.",
            "%(n)s steps are on their way into the log; that takes a few seconds.",
            waiting,
        ) % {"n": waiting}
    return ngettext("Its only step is in the log.", "All %(n)s steps are in the log.", steps) % {"n": steps}


def _photo(number: str, one: boards.AttachmentView) -> dict[str, Any]:
    label = {"before": _("Before"), "after": _("After")}.get(one.label, one.label)
    return {
        "href": f"{addresses.entry_url(number)}/photo/{one.id}",
        "title": label or _("Photo"),
        "width": one.width,
        "height": one.height,
    }


# ── Receipts and photos ─────────────────────────────────────────────────────────────────────────────────────


def receipt(request: HttpRequest, number: str, seq: int) -> HttpResponse:
    """The `.tlog-proof` of one step, for everybody: what is public of it, and that it is in the log."""
    try:
        text = boards.receipt(number, seq) if seq < 2**31 else None
    except ledger.NotPublishedError:
        response = HttpResponse(
            _("This step is on its way into the log. Try again in a few seconds.") + "\n",
            status=503,
            content_type="text/plain; charset=utf-8",
        )
        response["Retry-After"] = "3"
        return response
    if text is None:
        raise Http404
    response = HttpResponse(text, content_type="text/plain; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{number}-{seq}.tlog-proof"'
    return response


def photo(request: HttpRequest, number: str, attachment: int) -> HttpResponseBase:
    actor: Actor | None = people.actor_signed_in(request.user) if request.user.is_authenticated else None
    found = boards.photo(number, attachment, actor=actor) if attachment < 2**63 else None
    if found is None:
        raise Http404
    try:
        response = FileResponse(found.path.open("rb"), content_type="image/jpeg")
    except FileNotFoundError:
        raise Http404 from None
    response["Cache-Control"] = "public, max-age=3600" if found.released else "private, no-store"
    return response

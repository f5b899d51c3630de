"""Trying a draft out: invented parties, a clock to wind, the stories played step by step. Nothing is kept anywhere.

What was tried travels in the page's form and is played again from the start with each step.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from jiebang.engine.cases import told
from jiebang.engine.model import CLOCK, Actor, Ask, Field, Json, Program
from jiebang.engine.rehearsal import MOST_TRIED, Scene, Told, Tried, place_of, scene
from jiebang.engine.worktime import Calendar, CalendarEnds
from jiebang.rulebook import proposals
from jiebang.rulebook import queries as rulebook
from jiebang.rulebook.proposals import DraftView
from jiebang.web.rows import Clock, clock
from jiebang.web.views.desk.rules import room
from jiebang.web.words import said

LONGEST = 60_000  # characters of what was tried
NINE = time(9, 0)


@require_http_methods(["GET", "POST"])
@room.in_the_rule_office
def play(request: HttpRequest, actor: Actor, id_: int) -> HttpResponse:
    draft = room.draft_or_404(id_)
    judged = proposals.judged(draft.text, draft.stories)
    at = clock(timezone.now())
    context: dict[str, Any] = {"here": "rules", "draft": draft, "title": room.title_of(draft)}
    if judged.program is None:
        return render(request, "desk/rules/play.html", context | {"unreadable": True})
    program, calendar = judged.program, rulebook.calendar()
    begins = _first_morning(program, calendar)
    tried = _tried(request.POST.get("tried", "")) if request.method == "POST" else []
    levels = rulebook.city().levels
    shown = scene(program, calendar, tried, begins=begins, levels=levels)
    if request.method == "POST" and len(tried) < MOST_TRIED:
        added = _asked(request, program, calendar, shown)
        tried = [] if request.POST.get("go") == "again" else [*tried, *added]
        shown = scene(program, calendar, tried, begins=begins, levels=levels)
    context |= {
        "full": len(tried) >= MOST_TRIED,
        "tried": json.dumps([[one.at.timestamp(), one.who, one.does, dict(one.answers)] for one in tried]),
        **_shown(shown, program, at),
        "stories": [{"name": one.name, "title": said(one.title) or one.name, "ok": one.ok} for one in judged.stories],
    }
    if name := request.GET.get("story", "")[:80]:
        context["story"] = _story(draft, name, program, calendar, at)
    return render(request, "desk/rules/play.html", context)


# ── What is tried ───────────────────────────────────────────────────────────────────────────────────────────


def _tried(text: str) -> list[Tried]:
    """Return what the form carried; anything else than what this page writes counts as nothing."""
    try:
        rows = json.loads(text) if 0 < len(text) <= LONGEST else []
        return [
            Tried(datetime.fromtimestamp(float(at), UTC), str(who), str(does), {str(k): v for k, v in answers.items()})
            for at, who, does, answers in rows
        ][:MOST_TRIED]
    except (ValueError, TypeError, AttributeError, OverflowError, OSError, RecursionError):
        return []


def _asked(request: HttpRequest, program: Program, calendar: Calendar, now: Scene) -> list[Tried]:
    """Return the step the form asks for: a move, or the clock wound on."""
    go = request.POST.get("go", "")
    if go.startswith("wind-"):
        return [Tried(_wound(go, calendar, now), CLOCK.person)]
    move = request.POST.get("move", "")[:60]
    if not move:
        return []
    answers = {
        name.removeprefix("a."): _answer(program.fields[name.removeprefix("a.")], value)
        for name, value in request.POST.items()
        if name.startswith("a.") and name.removeprefix("a.") in program.fields and isinstance(value, str) and value
    }
    return [Tried(now.now, request.POST.get("who", "")[:80], move, answers)]


def _answer(asked: Field, value: str) -> Json:
    if asked.type == "number" and value.isdecimal() and len(value) < 10:
        return int(value)
    if asked.many:
        return [line.strip() for line in value.splitlines() if line.strip()]
    return value[:2000]


def _wound(go: str, calendar: Calendar, now: Scene) -> datetime:
    if go == "wind-due" and now.facts is not None and now.facts.due is not None:
        return now.facts.due
    if go == "wind-hour":
        return now.now + timedelta(hours=1)
    return _morning(calendar, calendar.local_day(now.now) + timedelta(days=1))


def _first_morning(program: Program, calendar: Calendar) -> datetime:
    """Return the first working morning the version holds."""
    return _morning(calendar, date.fromisoformat(program.since))


def _morning(calendar: Calendar, day: date) -> datetime:
    return datetime.combine(_working(calendar, day), NINE, tzinfo=calendar.tz).astimezone(UTC)


def _working(calendar: Calendar, day: date) -> date:
    """Return the next working day; where no calendar reaches, the day itself: the engine says then what is missing."""
    try:
        return calendar.next_working(day)
    except CalendarEnds:
        return day


# ── What is shown ───────────────────────────────────────────────────────────────────────────────────────────


def _shown(now: Scene, program: Program, at: Clock) -> dict[str, Any]:
    titles = {player.name: said(player.title) for player in now.players}
    facts = now.facts
    return {
        "now": at.moment(now.now),
        "state": _state(program, facts.state) if facts else "",
        "is_over": facts is not None and facts.state not in program.states,
        "due": at.moment(facts.due) if facts and facts.due else "",
        "told": [_event(one, program, titles, at) for one in now.told],
        "late": now.late,
        "moves": [
            {
                "name": one.move.name,
                "title": said(one.move.title) or one.move.name,
                "players": [{"name": player.name, "title": said(player.title)} for player in one.players],
                "questions": [q for ask in one.move.ask if (q := _question(ask, program, now))],
            }
            for one in now.open
        ],
    }


def _state(program: Program, name: str) -> str:
    found = program.states.get(name) or program.finals.get(name)
    return said(found.title) if found else name


def _event(one: Told, program: Program, titles: Mapping[str, str], at: Clock) -> dict[str, Any]:
    return {
        "at": at.moment(one.at),
        "who": _("the clock") if one.who == CLOCK.person else titles.get(one.who, one.who),
        "move": "" if one.move == "clock" else _move(program, one),
        "state": _state(program, one.state),
        "moved": one.before != one.state,
        "due": at.moment(one.due) if one.due else "",
        "refused": f"{said(one.refused.what)} {said(one.refused.next_step)}" if one.refused else "",
        "code": one.refused.code if one.refused else "",
    }


def _move(program: Program, one: Told) -> str:
    state = program.states.get(one.before)
    move = state.moves.get(one.move) if state else program.openings.get(one.move)
    return said(move.title) if move else one.move


def _question(ask: Ask, program: Program, now: Scene) -> dict[str, Any] | None:
    """Return a question with something already answered: a rehearsal should take few keys. Files need none."""
    asked = program.fields[ask.field]
    if asked.type in ("photo", "document", "signature", "position"):
        return None
    place = place_of(rulebook.city().levels)
    options: list[tuple[str, str]] = []
    value = ""
    match asked.type:
        case "choice":
            options = [(choice.id, said(choice.title) or choice.id) for choice in asked.choices]
        case "yes-no":
            options = [("yes", _("Yes")), ("no", _("No"))]
        case "unit":
            options = [("unit-a", _("unit A")), ("unit-b", _("unit B"))]
        case "area":
            value = list(place.values())[-1]
        case "date":
            value = _in_a_week(now).isoformat()
        case "number":
            value = "1"
        case "account" | "standing":
            value = "none"  # nothing was before a rehearsal
        case "phone":
            value = "13800000000"
        case "entry":
            value = f"{rulebook.city().prefix}-26-000001"
        case _:
            value = _("(something)")
    if ask.optional:
        value = ""
        options = [("", "—"), *options] if options else []
    return {
        "name": f"a.{asked.name}",
        "title": said(asked.title),
        "type": asked.type,
        "options": options,
        "value": value,
    }


def _in_a_week(now: Scene) -> date:
    calendar = rulebook.calendar()
    return _working(calendar, calendar.local_day(now.now) + timedelta(days=7))


def _story(draft: DraftView, name: str, program: Program, calendar: Calendar, at: Clock) -> list[dict[str, Any]]:
    """Return a story of the draft step by step."""
    return [
        {
            "at": one.at,
            "who": _("the clock") if one.who == CLOCK.person else one.who,
            "does": _title(program, one.does),
            "refused": one.refused,
            "state": _state(program, one.state),
            "due": at.moment(one.due) if one.due else "",
        }
        for one in told(draft.stories, name, program, calendar)
    ]


def _title(program: Program, move: str) -> str:
    for moves in (program.openings, *(state.moves for state in program.states.values())):
        if move in moves:
            return said(moves[move].title) or move
    return move

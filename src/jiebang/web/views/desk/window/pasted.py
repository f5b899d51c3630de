"""Matters out of a chat: a pasted text becomes cards, each raised by itself with a number and a code of its own."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from jiebang.boards import services
from jiebang.boards.services import Foreseen
from jiebang.engine.model import Actor, Refused
from jiebang.rulebook import queries as rulebook
from jiebang.web import chat
from jiebang.web.forms import Option, Problem, Sheet, read, refuse
from jiebang.web.forms.pending import is_key, new_key
from jiebang.web.forms.sheet import PREFIX
from jiebang.web.views.desk.staff import at_the_desk
from jiebang.web.views.desk.window import slips
from jiebang.web.views.desk.window.clerk import (
    LISTED_UP_TO,
    opening_for,
    place_meant,
    places_of,
    to_be_opened,
    trouble_with_place,
)
from jiebang.web.views.desk.window.read_back import Aloud, aloud
from jiebang.web.views.raise_.chain import Opening
from jiebang.web.words import said

_CARD = re.compile(r"c(\d{1,2})\.key")


@dataclass(frozen=True, slots=True)
class Card:
    """One matter on its way. `name` keeps its questions apart from other cards'."""

    name: str
    key: str
    sheet: Sheet
    place: str
    place_typed: str
    masked: int = 0
    aloud: tuple[Aloud, ...] = ()

    @property
    def words(self) -> str:
        return next((row.value for row in self.sheet.rows if row.question.type == "text"), "")


@dataclass(frozen=True, slots=True)
class Desk:
    """What every card needs to know: the opening without photos, the places, who writes."""

    opening: Opening
    blank: Sheet
    places: tuple[Option, ...]
    actor: Actor
    at: datetime


@sensitive_post_parameters("pin", "pin-again", "text")
@require_http_methods(["GET", "POST"])
@at_the_desk
def paste(request: HttpRequest, actor: Actor) -> HttpResponse:
    at = timezone.now()
    places = places_of(actor)
    if not places:
        return render(request, "desk/no_window.html", {"here": "window"}, status=403)
    opening = opening_for(actor, at)
    questions = tuple(question for question in opening.blank.questions if not question.takes_files)
    desk = Desk(opening, Sheet(questions), places, actor, at)
    if request.method == "GET":
        return _draw(request, desk, [])
    cards = _cards(request, desk)
    go = request.POST.get("go", "")
    if go == "split":
        return _draw_split(request, desk, cards)
    if request.POST.get("drop"):
        return _draw(request, desk, [card for card in cards if card.name != request.POST["drop"]])
    if request.POST.get("merge"):
        return _draw(request, desk, _merged(cards, request.POST["merge"]))
    if go == "write":
        return _draw(request, desk, [replace(card, sheet=card.sheet.unjudged()) for card in cards])
    return _send(request, desk, cards, sends=go == "send")


# ── Cards ───────────────────────────────────────────────────────────────────────────────────────────────────


def _cards(request: HttpRequest, desk: Desk) -> list[Card]:
    """Return the cards of the form, in their order, each with what was typed on it."""
    posted = dict(request.POST.lists())
    found = sorted(int(match[1]) for name in posted if (match := _CARD.fullmatch(name)))
    return [_card(f"c{n}", posted, desk) for n in found[: 2 * chat.MOST_MATTERS]]


def _card(name: str, posted: Mapping[str, Sequence[str]], desk: Desk) -> Card:
    own = {
        part.removeprefix(f"{name}."): list(values) for part, values in posted.items() if part.startswith(f"{name}.")
    }
    key = own.get("key", [""])[0]
    typed = own.get("place", [""])[0]
    place = place_meant(typed, desk.places)
    sheet = read(_scoped(desk.blank, name), own, today=rulebook.calendar().local_day(desk.at))
    if not place:
        sheet = sheet.with_problem(trouble_with_place(typed, anchor=f"{name}-place"))
    return Card(name, key if is_key(key) else new_key(), sheet, place, typed)


def _fresh(name: str, matter: chat.Matter, place: str, desk: Desk) -> Card:
    """Return the card of a matter found in the text: its words, and the number that stood in them."""
    questions = desk.blank.questions
    typed: dict[str, tuple[str, ...]] = {}
    first = next((question for question in questions if question.type == "text"), None)
    phone = next((question for question in questions if question.type == "phone"), None)
    if first is not None:
        typed[first.name] = (matter.words,)
    if phone is not None and matter.phone:
        typed[phone.name] = (matter.phone,)
    sheet = replace(_scoped(desk.blank, name), typed=typed)
    title = next((one.title for one in desk.places if one.value == place), "")
    return Card(name, new_key(), sheet, place, title, matter.masked)


def _scoped(sheet: Sheet, name: str) -> Sheet:
    return replace(sheet, questions=tuple(replace(question, scope=name) for question in sheet.questions))


def _merged(cards: Sequence[Card], name: str) -> list[Card]:
    """Put a card's answers behind those of the card above it; a telephone number above stays."""
    kept: list[Card] = []
    for card in cards:
        if card.name != name or not kept:
            kept.append(replace(card, sheet=card.sheet.unjudged()))
            continue
        above = kept[-1]
        typed = dict(above.sheet.typed)
        for question in above.sheet.questions:
            both = [*typed.get(question.name, ("",)), *card.sheet.typed.get(question.name, ("",))]
            said_twice = [value.strip() for value in both if value.strip()]
            joined = "\n".join(said_twice) if question.type == "text" else next(iter(said_twice), "")
            typed[question.name] = (joined,)
        kept[-1] = replace(above, sheet=replace(above.sheet, typed=typed), place=above.place or card.place)
    return kept


# ── Sending ─────────────────────────────────────────────────────────────────────────────────────────────────


def _send(request: HttpRequest, desk: Desk, cards: list[Card], *, sends: bool) -> HttpResponse:
    """Read everything back, or raise each card by itself. What is refused stays on the page; the rest is raised."""
    way, pin = request.POST.get("secret", ""), request.POST.get("pin", "")
    foreseen = [_foreseen(card, desk) for card in cards]
    if not cards or (not sends and any(card.sheet.problems for card in foreseen)):
        return _draw(request, desk, foreseen, status=400)
    wrong = slips.trouble(way, pin, request.POST.get("pin-again", "")) if sends else None
    if not sends or wrong:
        return _draw(request, desk, foreseen, reads=True, wrong=wrong)
    papers: list[slips.Paper] = []
    refused: list[Card] = []
    for card in foreseen:
        if card.sheet.problems:
            refused.append(card)
            continue
        opened = services.open_for_somebody(_asked(card, desk, card.key, pin if way == slips.PIN else None), at=desk.at)
        if isinstance(opened, Refused):
            if opened.field == "pin" and not papers:
                problem = Problem("pin", said(opened.what), said(opened.next_step))
                return _draw(request, desk, foreseen, reads=True, wrong=problem)
            refused.append(replace(card, sheet=refuse(card.sheet, opened)))
        else:
            papers.append(slips.paper(opened, way))
    if not refused and not request.POST.get("text", "").strip():
        return slips.to_the_slip(request, papers)
    response = _draw(request, desk, refused, raised=papers, status=400 if refused else 200)
    slips.keep(request, response, papers)
    return response


def _foreseen(card: Card, desk: Desk) -> Card:
    if card.sheet.problems:
        return card
    found = services.foresee_for_somebody(_asked(card, desk, new_key(), None), at=desk.at)
    if isinstance(found, Refused):
        return replace(card, sheet=refuse(card.sheet, found))
    return replace(card, aloud=_aloud(card, found, desk))


def _aloud(card: Card, foreseen: Foreseen, desk: Desk) -> tuple[Aloud, ...]:
    return tuple(aloud(card.sheet, place=card.place, foreseen=foreseen, joins=None, at=desk.at))


def _asked(card: Card, desk: Desk, key: str, pin: str | None) -> services.Opening:
    return to_be_opened(desk.opening, card.sheet, place=card.place, key=key, clerk=desk.actor, pin=pin)


# ── The page ────────────────────────────────────────────────────────────────────────────────────────────────


def _draw_split(request: HttpRequest, desk: Desk, cards: list[Card]) -> HttpResponse:
    """Propose a card for each matter of the text, behind those that stand already."""
    room = max(0, chat.MOST_MATTERS - len(cards))
    found = chat.split(request.POST.get("text", ""))
    used = {card.name for card in cards}
    names = [name for n in range(1, 2 * chat.MOST_MATTERS + 1) if (name := f"c{n}") not in used]
    place = place_meant(request.POST.get("place", ""), desk.places)
    fresh = [_fresh(name, matter, place, desk) for name, matter in zip(names, found.matters[:room], strict=False)]
    left = [matter.pasted for matter in found.matters[room:]]
    rest = "\n\n".join([*left, found.rest] if found.rest else left)
    kept = [replace(card, sheet=card.sheet.unjudged()) for card in cards]
    return _draw(request, desk, [*kept, *fresh], rest=rest, empty=not found.matters)


def _draw(
    request: HttpRequest,
    desk: Desk,
    cards: Sequence[Card],
    *,
    rest: str | None = None,
    empty: bool = False,
    reads: bool = False,
    wrong: Problem | None = None,
    raised: Sequence[slips.Paper] = (),
    status: int = 200,
) -> HttpResponse:
    left = request.POST.get("text", "") if rest is None else rest
    errors = [*(problem for card in cards for problem in card.sheet.problems), *([wrong] if wrong else [])]
    if empty:
        errors.append(Problem("text", gettext("There is nothing in the box. Paste the text of the chat.")))
    elif request.POST.get("go") in ("read", "send") and not cards and not raised:
        errors.append(Problem("text", gettext("There is no matter to raise. Paste a text and split it.")))
    context = {
        "cards": [_drawn(card) for card in cards],
        "heading": ngettext("%(n)s matter", "%(n)s matters", len(cards)) % {"n": len(cards)},
        "text": left,
        "most": chat.MOST_MATTERS,
        "errors": errors,
        "wrong": wrong,
        "places": desk.places,
        "place_typed": request.POST.get("place", ""),
        "is_listed": len(desk.places) <= LISTED_UP_TO,
        "ways": slips.ways(),
        "secret": request.POST.get("secret", "") or slips.SLIP,
        "raised": raised,
        "waiting": [*slips.waiting(request), *raised],
        "here": "window",
    }
    page = "read_many" if reads else "paste"
    return render(request, f"desk/window/{page}.html", context, status=400 if errors else status)


def _drawn(card: Card) -> dict[str, object]:
    anchor = f"{card.name}-place"
    return {
        "name": card.name,
        "n": card.name[1:],
        "key": card.key,
        "rows": card.sheet.rows,
        "carried": [
            (f"{card.name}.{PREFIX}{q.name}", value)
            for q in card.sheet.questions
            for value in card.sheet.typed.get(q.name, ())
        ],
        "place": card.place,
        "place_typed": card.place_typed,
        "place_problem": next((problem for problem in card.sheet.problems if problem.anchor == anchor), None),
        "trouble": [problem for problem in card.sheet.problems if not problem.anchor],
        "masked": card.masked,
        "aloud": card.aloud,
        "words": card.words,
    }

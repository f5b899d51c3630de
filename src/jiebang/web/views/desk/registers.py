"""The desk's registers: import a file, look at what it would change, then write it, or not."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from jiebang.engine.model import Actor, Refused
from jiebang.engine.rounds.model import Register
from jiebang.engine.rounds.rows import MOST_SHOWN, Change
from jiebang.rounds import queries as rounds
from jiebang.rounds import services
from jiebang.rounds.services import Looked, SheetError
from jiebang.rounds.sheets import MOST_BYTES
from jiebang.web import round_words
from jiebang.web.rows import clock as clock_at
from jiebang.web.views.desk.staff import at_the_desk
from jiebang.web.words import said

SHOWN = 100  # rows of each kind a page lists; it says how many there are


@require_safe
@at_the_desk
def mine(request: HttpRequest, actor: Actor) -> HttpResponse:
    clock = clock_at(timezone.now())
    listed = [
        {
            "title": said(one.definition.title),
            "href": reverse("desk-register", args=[one.id]),
            "n": rounds.how_many(one.id),
        }
        for one in rounds.kept_by(actor, on=clock.today)
    ]
    return render(request, "desk/registers.html", {"here": "rounds", "registers": listed})


@require_http_methods(["GET", "POST"])
@at_the_desk
def one(request: HttpRequest, actor: Actor, ident: str) -> HttpResponse:
    """One register: its rows of my areas with every column, its versions, and the way to import."""
    at = timezone.now()
    about = next((one.definition for one in rounds.kept_by(actor, on=clock_at(at).today) if one.id == ident), None)
    if about is None:
        raise Http404
    refused: Refused | None = None
    if request.method == "POST":
        looked = _look(request, actor, ident)
        if isinstance(looked, Looked):
            return HttpResponseRedirect(reverse("desk-register-look", args=[ident, looked.sheet]), status=303)
        refused = looked
    return _draw(request, actor, about, refused)


def _look(request: HttpRequest, actor: Actor, ident: str) -> Looked | Refused:
    sent = request.FILES.get("file")
    if sent is None:
        return services.refusal_named("sheet-missing")
    # The size is known before the bytes are read.
    content = sent.read() if (sent.size or 0) <= MOST_BYTES else b"\0" * (MOST_BYTES + 1)
    try:
        rows = services.read(content)
    except SheetError as wrong:
        return wrong.refused
    whole = request.POST.get("whole") == "1"
    return services.look(ident, rows, actor=actor, name=sent.name or "", whole=whole, at=timezone.now())


def _draw(request: HttpRequest, actor: Actor, about: Register, refused: Refused | None) -> HttpResponse:
    clock = clock_at(timezone.now())
    rows = rounds.rows(about.id, keeper=actor)
    names = list(about.fields)
    context = {
        "here": "rounds",
        "register": {"title": said(about.title), "purpose": said(about.purpose), "id": about.id},
        "columns": [
            {
                "name": name,
                "title": said(field.title),
                "wanted": name in about.wanted,
                "public": field.visible == "public",
            }
            for name, field in about.fields.items()
        ],
        "n": len(rows),
        "head": [{"text": said(about.fields[name].title)} for name in names],
        "rows": [
            [{"text": round_words.cell(about.fields[name], {**row.public, **row.kept}.get(name))} for name in names]
            for row in rows[:SHOWN]
        ],
        "versions": [
            {
                "n": each.version,
                "when": clock.moment(each.at),
                "rows": each.rows,
                "added": each.added,
                "changed": each.changed,
                "removed": each.removed,
            }
            for each in rounds.versions(about.id)
        ],
        "problems": [{"text": said(refused.what), "next_step": said(refused.next_step), "rule": refused.rule}]
        if refused
        else [],
        "written": request.GET.get("written", ""),
    }
    return render(request, "desk/register.html", context, status=400 if refused else 200)


@require_http_methods(["GET", "POST"])
@at_the_desk
def look(request: HttpRequest, actor: Actor, ident: str, sheet: str) -> HttpResponse:
    """What the file would do. Nothing is written before the button is pressed."""
    at = timezone.now()
    if request.method == "POST":
        made = services.write(sheet, actor=actor, at=at)
        if not isinstance(made, Refused):
            href = reverse("desk-register", args=[ident])
            return HttpResponseRedirect(f"{href}?written={made.version}", status=303)
        refused: Refused | None = made
    else:
        refused = None
    looked = services.look_again(sheet, actor=actor, at=at)
    if isinstance(looked, Refused) or looked.register.id != ident:
        raise Http404
    return _looked(request, looked, refused)


def _looked(request: HttpRequest, looked: Looked, refused: Refused | None) -> HttpResponse:
    about, plan = looked.register.definition, looked.plan
    context = {
        "here": "rounds",
        "register": {"title": said(about.title), "id": about.id},
        "plan": plan,
        "whole": looked.whole,
        "counts": {
            "added": len(plan.added),
            "changed": len(plan.changed),
            "removed": len(plan.removed),
            "same": plan.same,
            "refused": len(plan.refused),
        },
        "refused": [
            {"row": one.row, "letter": one.letter, "heading": one.heading, "what": said(one.what)}
            for one in plan.refused[:MOST_SHOWN]
        ],
        "added": [_new(about, change) for change in plan.added[:SHOWN]],
        "changed": [_changed(about, change) for change in plan.changed[:SHOWN]],
        "removed": plan.removed[:SHOWN],
        "unknown": plan.unknown,
        "may_write": plan.does_something and not plan.refused,
        "problems": [{"text": said(refused.what), "next_step": said(refused.next_step), "rule": refused.rule}]
        if refused
        else [],
    }
    return render(request, "desk/register_look.html", context, status=409 if refused else 200)


def _new(about: Register, change: Change) -> dict[str, Any]:
    return {"row": change.row, "key": change.key, "name": change.values.get(about.name, "")}


def _changed(about: Register, change: Change) -> dict[str, Any]:
    before = change.before or {}
    return {
        "row": change.row,
        "key": change.key,
        "cells": [
            {
                "title": said(about.fields[name].title),
                "before": round_words.cell(about.fields[name], before.get(name)),
                "after": round_words.cell(about.fields[name], change.values.get(name)),
            }
            for name in change.fields
        ],
    }

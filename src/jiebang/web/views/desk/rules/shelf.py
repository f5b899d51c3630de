"""The list of the author's desk: the boards with the versions that hold, the drafts, the templates; a draft begun."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from jiebang.engine.model import Actor, Refused
from jiebang.rulebook import drafting, packs, proposals
from jiebang.rulebook import queries as rulebook
from jiebang.rulebook.drafting import Written
from jiebang.rulebook.queries import VersionView
from jiebang.web import versions
from jiebang.web.rows import clock
from jiebang.web.views.desk.rules import room
from jiebang.web.words import said


@room.in_the_rule_office
def shelf(request: HttpRequest, actor: Actor, *, problems: Any = None, status: int = 200) -> HttpResponse:
    at = clock(timezone.now())
    context = {
        "here": "rules",
        "today": at.today.isoformat(),
        "problems": problems,
        "drafts": [_draft(draft, at) for draft in proposals.drafts()],
        "boards": [_board(version, at.today) for version in rulebook.mechanisms()],
        "templates": [{"name": one.name, "title": said(one.title)} for one in packs.templates(_pack())],
    }
    return render(request, "desk/rules/shelf.html", context, status=status)


def _draft(draft: proposals.DraftView, at: Any) -> dict[str, Any]:
    return {
        "id": draft.id,
        "mechanism": room.title_of(draft),
        "state": room.state_words(draft),
        "waits": draft.state == "proposed",
        "scope": versions.scope_words(draft.scope, draft.areas),
        "changed": at.moment(draft.changed_at),
        "by": room.name_of(draft.changed_by),
    }


def _board(newest: VersionView, today: date) -> dict[str, Any]:
    return {
        "name": newest.mechanism,
        "title": said(newest.program.title),
        "versions": [_version(period, today) for period in rulebook.periods(newest.mechanism)],
    }


def _version(period: Any, today: date) -> dict[str, Any]:
    version = period.version
    now = period.begins <= today and (period.ends is None or today < period.ends)
    return {
        **versions.version_words(version),
        "until": period.ends.isoformat() if period.ends else "",
        "now": now,
        "later": period.begins > today and (period.ends is None or period.ends > period.begins),
        "can_end": bool(version.areas) and period.ends is None,
        "scope_name": version.scope,
    }


@require_POST
@room.in_the_rule_office
def begin(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Begin a draft from a published version or from a template."""
    at = timezone.now()
    version = rulebook.version_named(request.POST.get("version", ""))
    if version is not None:
        written = Written(text=version.text, stories=_stories(version))
        draft = drafting.begin(written, actor, adopts=version.program_hash, at=at)
    else:
        name = request.POST.get("template", "")
        template = next((one for one in packs.templates(_pack()) if one.name == name), None)
        written = Written(text=template.text if template else "", stories=template.stories if template else "")
        draft = drafting.begin(written, actor, at=at)
    if isinstance(draft, Refused):
        return room.refused(request, draft, status=room.status_of(draft))
    return HttpResponseRedirect(reverse("rule", args=[draft.id]), status=303)


@require_POST
@room.in_the_rule_office
def end(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Propose to end a pilot from a day on."""
    try:
        until = date.fromisoformat(request.POST.get("until", ""))
    except ValueError:
        until = date.min
    asked = drafting.ask_to_end(
        request.POST.get("mechanism", "")[:60],
        request.POST.get("scope", "")[:60],
        actor,
        until=until,
        at=timezone.now(),
    )
    if isinstance(asked, Refused):
        return room.refused(request, asked, status=room.status_of(asked))
    return HttpResponseRedirect(reverse("rule", args=[asked.id]), status=303)


def _stories(version: VersionView) -> str:
    """Return the stories a version was published with; of one published before they were kept, the pack's."""
    if kept := rulebook.stories(version):
        return kept
    for file in packs.mechanism_files(_pack()):
        if (file.mechanism, file.since, file.scope) == (version.mechanism, version.since.isoformat(), version.scope):
            return file.stories.read_text(encoding="utf-8") if file.stories else ""
    return ""


def _pack() -> packs.CityPack:
    return packs.city(rulebook.city().id)

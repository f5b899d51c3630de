"""What a draft changes, in words: against the version it was made from, or the one that holds where it will hold."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from jiebang.engine.differences import differences
from jiebang.engine.model import Actor
from jiebang.rulebook import proposals
from jiebang.rulebook import queries as rulebook
from jiebang.rulebook.proposals import DraftView
from jiebang.rulebook.queries import VersionView
from jiebang.web import rulepaper, versions
from jiebang.web.views.desk.rules import room
from jiebang.web.words import said


@room.in_the_rule_office
def changes(request: HttpRequest, actor: Actor, id_: int) -> HttpResponse:
    draft = room.draft_or_404(id_)
    judged = proposals.judged(draft.text, draft.stories)
    against = _against(draft)
    context = {"here": "rules", "draft": draft, "title": room.title_of(draft)}
    if judged.program is None or against is None:
        return render(request, "desk/rules/changes.html", context | {"unreadable": judged.program is None})
    context |= {
        "against": {**versions.version_words(against), "title": said(against.program.title)},
        "changes": [
            said(texts) for texts in differences(against.program, judged.program, calendar=rulebook.calendar())
        ],
    }
    return render(request, "desk/rules/changes.html", context)


@room.in_the_rule_office
def paper(request: HttpRequest, actor: Actor, id_: int) -> HttpResponse:
    """The rule a draft makes, as a Word file for comments; until it compiles, the page says what is missing."""
    draft = room.draft_or_404(id_)
    judged = proposals.judged(draft.text, "")
    if judged.program is None or judged.bounds is None:
        context = {"here": "rules", "draft": draft, "title": room.title_of(draft), "unreadable": True}
        return render(request, "desk/rules/changes.html", context, status=409)
    return rulepaper.drafted(judged.program, judged.bounds, scope=versions.scope_words(draft.scope, draft.areas))


def _against(draft: DraftView) -> VersionView | None:
    if draft.adopts and (made_from := rulebook.version_named(draft.adopts)):
        return made_from
    today = rulebook.calendar().local_day(timezone.now())
    try:
        return rulebook.in_force(draft.mechanism, on=today, area=next(iter(draft.areas), ""))
    except rulebook.NotPublished:
        return None

"""What the pages of the author's desk share: who may enter, a draft found, a refusal shown, a scope said."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _

from jiebang.engine.model import Actor, Refused
from jiebang.people import queries as people
from jiebang.rulebook import proposals, rights
from jiebang.rulebook import queries as rulebook
from jiebang.rulebook.proposals import DraftView
from jiebang.web.views.desk.staff import at_the_desk
from jiebang.web.words import language, said

RuleView = Callable[..., HttpResponseBase]


def in_the_rule_office(view: RuleView) -> RuleView:
    """Let in whoever holds the office that writes rules; others are told how it is given."""

    @at_the_desk
    @wraps(view)
    def guarded(request: HttpRequest, actor: Actor, *args: object, **kwargs: object) -> HttpResponseBase:
        allowed = rights.may("look", actor, rights.Matter("editing"), root=proposals.root())
        if isinstance(allowed, Refused):
            return refused(request, allowed, status=403)
        return view(request, actor, *args, **kwargs)

    return guarded


def refused(request: HttpRequest, why: Refused, *, status: int) -> HttpResponse:
    context = {"here": "rules", "what": said(why.what), "next_step": said(why.next_step), "rule": why.rule}
    return render(request, "desk/rules/refused.html", context, status=status)


def draft_or_404(id_: int) -> DraftView:
    draft = proposals.draft(id_)
    if draft is None:
        raise Http404
    return draft


def problem(why: Refused, field: str = "") -> dict[str, str]:
    """Return a refusal as a line of the error summary."""
    return {"text": said(why.what), "next_step": said(why.next_step), "rule": why.rule, "field": field}


def status_of(why: Refused) -> int:
    """Return what a refusal is in HTTP: overtaken, not allowed, or not right yet."""
    if why.code in ("changed-meanwhile", "not-now", "already-published"):
        return 409
    return 403 if why.code in ("no-rulebook-office", "beyond-office", "same-person") else 400


# ── Words ───────────────────────────────────────────────────────────────────────────────────────────────────


def title_of(draft: DraftView) -> str:
    """Return what a draft is called: its board by name where there is one, else the name the text gives itself."""
    known = next((one.program.title for one in rulebook.mechanisms() if one.mechanism == draft.mechanism), None)
    return said(known) if known else draft.mechanism or _("New board")


def state_words(draft: DraftView) -> str:
    if draft.state == "proposed" and draft.kind == "withdraw":
        return _("end of a pilot, waits for a second person")
    return {
        "editing": _("being written"),
        "proposed": _("proposed, waits for a second person"),
        "published": _("published"),
        "dropped": _("given up"),
    }[draft.state]


def name_of(person: str) -> str:
    """Return a colleague's name; only for pages of the desk."""
    return people.display_name(person)


def in_language(zh: str, en: str) -> str:
    return zh if language() == "zh" else en

"""One draft: its text with the findings beside it, what it means, and the steps to publication."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from jiebang.engine.findings import MechanismError
from jiebang.engine.model import Actor, Refused
from jiebang.engine.parser import hearing
from jiebang.people import queries as people
from jiebang.rulebook import drafting, proposals, rights
from jiebang.rulebook import queries as rulebook
from jiebang.rulebook.drafting import Written
from jiebang.rulebook.proposals import DraftView
from jiebang.web import versions
from jiebang.web.rows import clock
from jiebang.web.views.desk.rules import room
from jiebang.web.views.desk.rules.running import chosen, running
from jiebang.web.views.desk.rules.told import numbered, standing_at, told
from jiebang.web.words import said

MOST_TYPED = 400_000  # characters; what is longer is refused by its size in bytes anyhow
LONGEST_AREAS = 20_000


@require_http_methods(["GET", "POST"])
@room.in_the_rule_office
def write(request: HttpRequest, actor: Actor, id_: int) -> HttpResponse:
    """Show a draft; with a form sent, keep it and show what is wrong with it."""
    draft = room.draft_or_404(id_)
    if request.method == "GET":
        return _page(request, actor, draft)
    written, typed = _written(request)
    if request.POST.get("go") == "here":
        return _page(request, actor, draft, typed=written, areas=typed, here_at=standing_at(written.text, request.POST))
    if request.POST.get("go") == "turn":
        return _turned(request, actor, draft, written, typed)
    saved = drafting.save(id_, written, actor, edits=_edits(request), at=timezone.now())
    if isinstance(saved, Refused):
        return _page(request, actor, draft, typed=written, areas=typed, why=saved)
    if request.POST.get("go") == "propose":
        return _decided(request, actor, drafting.propose(id_, actor, edits=saved.edits, at=timezone.now()), saved)
    return HttpResponseRedirect(f"{reverse('rule', args=[id_])}?saved", status=303)


@require_POST
@room.in_the_rule_office
def here(request: HttpRequest, actor: Actor, id_: int) -> HttpResponse:
    """What may stand where the caret is: the part of the page below the text. Nothing is kept."""
    room.draft_or_404(id_)
    written, _areas = _written(request)
    return render(request, "desk/rules/_here.html", {"here_at": standing_at(written.text, request.POST)})


def _turned(request: HttpRequest, actor: Actor, draft: DraftView, written: Written, areas: str) -> HttpResponse:
    """Show what was typed with the other keys. Nothing is kept: to save or to turn it back is the author's step."""
    try:
        to: hearing.Lang = "en" if hearing.read(written.text).tongue.lang == "zh" else "zh"
        turned = hearing.turned(written.text, to)
    except MechanismError as wrong:
        why = wrong.findings[0]
        line = _("Line %(n)s") % {"n": why.line} if why.line else ""
        problem = {
            "text": " ".join(part for part in (line, room.in_language(why.zh, why.en)) if part),
            "next_step": room.in_language(why.mend_zh, why.mend_en),
            "rule": why.rule,
            "field": "text",
        }
        return _page(request, actor, draft, typed=written, areas=areas, problem=problem)
    return _page(request, actor, draft, typed=replace(written, text=turned), areas=areas, done="turned")


@require_POST
@room.in_the_rule_office
def seen(request: HttpRequest, actor: Actor, id_: int) -> HttpResponse:
    """What is wrong with what is being typed, without keeping it: the part of the page beside the text."""
    room.draft_or_404(id_)
    written, _areas = _written(request)
    return render(
        request, "desk/rules/_seen.html", told(written.text, written.stories, whole=False) | {"is_swap": True}
    )


@require_POST
@room.in_the_rule_office
def decide(request: HttpRequest, actor: Actor, id_: int) -> HttpResponse:
    """Publish, send back, or give up."""
    draft = room.draft_or_404(id_)
    at = timezone.now()
    match request.POST.get("step"):
        case "publish":
            done = drafting.publish(id_, actor, at=at)
        case "send-back":
            done = drafting.send_back(id_, actor, note=request.POST.get("note", ""))
        case "drop":
            done = drafting.drop(id_, actor)
        case _:
            done = draft
    return _decided(request, actor, done, draft)


def _decided(request: HttpRequest, actor: Actor, done: DraftView | Refused, draft: DraftView) -> HttpResponse:
    if isinstance(done, Refused):
        return _page(request, actor, proposals.draft(draft.id) or draft, why=done)
    return HttpResponseRedirect(f"{reverse('rule', args=[draft.id])}?{done.state}", status=303)


def _written(request: HttpRequest) -> tuple[Written, str]:
    """Return what was sent, and the areas as typed. A browser sends other line ends than files have."""
    typed = request.POST.get("areas", "")[:LONGEST_AREAS]
    words = [
        word.strip() for line in typed.splitlines() for word in line.replace("，", ",").replace("、", ",").split(",")
    ]
    return (
        Written(
            text=_clean(request.POST.get("text", "")),
            stories=_clean(request.POST.get("stories", "")),
            scope=request.POST.get("scope", "").strip()[:60],
            areas=tuple(dict.fromkeys(_area_code(word) for word in words if word)),
            transfers=chosen(request.POST),
        ),
        typed,
    )


def _clean(text: str) -> str:
    return text[:MOST_TYPED].replace("\r\n", "\n").replace("\x00", "")


def _area_code(word: str) -> str:
    """Return the code of an area named by code or whole name; what fits none or several stays as typed."""
    if people.area(word) is not None:
        return word
    found = [
        area
        for area in people.find_areas(word, limit=5)
        if word.casefold() in (n.casefold() for n in area.names.values())
    ]
    return found[0].code if len(found) == 1 else word


def _edits(request: HttpRequest) -> int:
    given = request.POST.get("edits", "")
    return int(given) if given.isdecimal() and len(given) < 9 else -1


# ── The page ────────────────────────────────────────────────────────────────────────────────────────────────


def _page(
    request: HttpRequest,
    actor: Actor,
    draft: DraftView,
    *,
    typed: Written | None = None,
    areas: str = "",
    why: Refused | None = None,
    problem: dict[str, str] | None = None,
    done: str = "",
    here_at: dict[str, Any] | None = None,
) -> HttpResponse:
    shown = typed or Written(draft.text, draft.stories, draft.scope, draft.areas, draft.transfers)
    at = clock(timezone.now())
    context: dict[str, Any] = {
        "here": "rules",
        "draft": draft,
        "title": room.title_of(draft),
        "state": room.state_words(draft),
        "scope": versions.scope_words(draft.scope, draft.areas),
        "written": shown,
        "areas": areas or "\n".join(versions.area_name(code) for code in shown.areas),
        "changed": at.moment(draft.changed_at),
        "changed_by": room.name_of(draft.changed_by),
        "problems": [room.problem(why)] if why else [problem] if problem else [],
        "here_at": here_at,
        "has_chinese_keys": _has_chinese_keys(shown.text),
        "done": done
        or next((word for word in ("saved", "proposed", "published", "editing", "dropped") if word in request.GET), ""),
        "based_on": _based_on(draft),
        "steps": {step: _step(step, actor, draft) for step in ("propose", "publish", "send-back", "drop")},
        "proposer": versions.party_words(draft.proposed_by, draft.proposed_unit) if draft.proposed_by else "",
        "proposer_name": room.name_of(draft.proposer) if draft.proposer else "",
    }
    if draft.kind == "publish":
        context |= told(shown.text, shown.stories, whole=True)
        program = proposals.judged(shown.text, shown.stories).program
        context["running"] = running(draft, shown.transfers, program)
    if draft.state != "editing":
        context["lines"] = numbered(draft.text)
    return render(
        request, "desk/rules/write.html", context, status=room.status_of(why) if why else 400 if problem else 200
    )


def _has_chinese_keys(text: str) -> bool:
    try:
        return hearing.read(text).tongue.lang == "zh"
    except MechanismError:
        return False


def _step(step: rights.Step, actor: Actor, draft: DraftView) -> dict[str, str]:
    """Say whether somebody may do a step, and if not, why."""
    answer = rights.may(step, actor, proposals.matter(draft), root=proposals.root())
    if isinstance(answer, Refused):
        return {"no": said(answer.what), "next_step": said(answer.next_step), "code": answer.code}
    return {"yes": answer.office}


def _based_on(draft: DraftView) -> dict[str, Any] | None:
    version = rulebook.version_named(draft.adopts) if draft.adopts else None
    if version is None:
        return None
    return {**versions.version_words(version), "mechanism": version.mechanism, "title": said(version.program.title)}

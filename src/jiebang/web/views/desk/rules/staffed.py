"""Whether the people appointed today can do what a board keeps apart: what is missing where, who cannot be spared.

Tried on the page's own request: a board of a whole city takes a fraction of a second. Names of colleagues are shown
here and on no public page.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from jiebang.engine.checker.staffing import Staffing
from jiebang.engine.model import Actor
from jiebang.rulebook import queries as rulebook
from jiebang.rulebook import staffing
from jiebang.rulebook.queries import VersionView
from jiebang.web import versions
from jiebang.web.rows import clock
from jiebang.web.views.desk.rules import room
from jiebang.web.words import listed, said

MOST_AREAS = 6  # named in one line; more are only counted


@require_safe
@room.in_the_rule_office
def staffed(request: HttpRequest, actor: Actor, mechanism: str) -> HttpResponse:
    version = next((one for one in rulebook.mechanisms() if one.mechanism == mechanism), None)
    if version is None:
        raise Http404
    found = staffing.of_areas(version.program, staffing.areas_of(version.areas))
    context = {
        "here": "rules",
        "title": said(version.program.title),
        "version": versions.version_words(version),
        "as_of": clock(timezone.now()).moment(timezone.now()),
        "able": sum(one.staffing.closes for one in found),
        "areas": len(found),
        "complete": all(one.staffing.complete for one in found),
        "groups": [_group(version, one, areas) for one, areas in staffing.groups(found) if one.gaps or one.absences],
    }
    return render(request, "desk/rules/staffed.html", context)


def _group(version: VersionView, found: Staffing, areas: Sequence[str]) -> dict[str, Any]:
    program = version.program
    return {
        "areas": _areas(areas),
        "closes": found.closes,
        "gaps": [said(staffing.said_of_gaps(program, gaps)) for gaps in staffing.together(found.gaps)],
        "absences": [
            said(staffing.said_of_absence(program, one, room.name_of(one.person) or one.person, closed=found.closes))
            for one in found.absences
        ],
    }


def _areas(codes: Sequence[str]) -> str:
    named = listed(versions.area_name(code) for code in codes[:MOST_AREAS])
    if len(codes) <= MOST_AREAS:
        return named
    return _("%(named)s and others, %(n)s areas in all") % {"named": named, "n": len(codes)}

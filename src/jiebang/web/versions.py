"""A published version in words: where it holds, who stood behind it, whether anybody may raise by it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from jiebang.engine.model import Move, Program
from jiebang.people import queries as people
from jiebang.rulebook import rights
from jiebang.rulebook.queries import VersionView
from jiebang.web.words import listed, said


def scope_words(scope: str, areas: Iterable[str]) -> str:
    """Say where a version holds."""
    names = [area_name(code) for code in areas]
    if not names:
        return _("the whole city")
    return _("pilot “%(name)s”: %(areas)s") % {"name": scope, "areas": listed(names)}


def area_name(code: str) -> str:
    area = people.area(code)
    return said(area.names) if area else code


def party_words(party: str, unit: str) -> str:
    """Say who stood behind a publication: the office and its unit, never a name."""
    if party == "founding":
        return _("the founding of this site: no second person could check it yet")
    if party == "desk":
        return _("the command line, by whoever runs this server")
    office = _("rule office") if party == rights.OFFICE else party
    view = people.unit(unit) if unit else None
    return f"{office} · {said(view.names)}" if view else office


def version_words(version: VersionView) -> dict[str, Any]:
    """Return what a line about a version says."""
    return {
        "hash": version.program_hash[:16],
        "since": version.since.isoformat(),
        "scope": scope_words(version.scope, version.areas),
        "is_pilot": bool(version.areas),
        "by": party_words(version.published_by, version.published_unit),
        "proposed": party_words(version.proposed_by, version.proposed_unit) if version.proposed_by else "",
    }


def anyones_move(program: Program) -> Move | None:
    """Return the first way to raise a matter that needs no account, if the board has one."""
    found = (move for move in program.openings.values() if any(program.parties[p].kind == "anyone" for p in move.by))
    return next(found, None)

"""My work: what my offices and units owe, the next due first."""

from __future__ import annotations

from collections import Counter
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from jiebang.boards import queries as boards
from jiebang.engine.model import Actor
from jiebang.web.rows import clock as clock_at
from jiebang.web.views.desk import shown
from jiebang.web.views.desk.staff import at_the_desk, units_of
from jiebang.web.words import said

MOST = 200
OWED, OPEN = "owed", "open"


@require_safe
@at_the_desk
def work(request: HttpRequest, actor: Actor) -> HttpResponse:
    number = request.GET.get("number", "").strip().upper()
    if number:
        return redirect("workbench", number=number)
    now = timezone.now()
    clock = clock_at(now)
    owed, to_claim = boards.worklist(actor, limit=MOST), boards.open_to_units(actor, limit=MOST)
    which = OPEN if request.GET.get("list") == OPEN else OWED
    rows = [shown.row(one, clock) for one in (to_claim if which == OPEN else owed)]
    state, late = request.GET.get("state", ""), request.GET.get("late") == "1"
    seen = [row for row in rows if (not state or row["state_id"] == state) and (not late or row["is_late"])]
    context = {
        "here": "desk",
        "rows": seen,
        "total": len(rows),
        "is_cut": len(rows) >= MOST,
        "as_of": clock.moment(now),
        "lists": _lists(len(owed), len(to_claim), which),
        "states": _states(rows, which, state, late),
        "late": {"n": sum(row["is_late"] for row in rows), "on": late, "href": _href(which, state, not late)},
        "which": which,
        "offices": [said(unit.names) for unit in units_of(actor)],
    }
    return render(request, "desk/work.html", context)


def _lists(owed: int, to_claim: int, which: str) -> list[dict[str, Any]]:
    lists = [{"title": gettext("Ours to do"), "n": owed, "href": _href(OWED), "current": which == OWED}]
    if to_claim or which == OPEN:
        lists.append({"title": gettext("Open to claim"), "n": to_claim, "href": _href(OPEN), "current": which == OPEN})
    return lists


def _states(rows: list[dict[str, Any]], which: str, chosen: str, late: bool) -> list[dict[str, Any]]:
    """Return the states among the rows with how many of each: unclaimed, to be called back, escalated, …"""
    counted = Counter(row["state_id"] for row in rows)
    titles = {row["state_id"]: row["state"] for row in rows}
    everything = {"title": gettext("All"), "n": len(rows), "href": _href(which, "", late), "current": not chosen}
    return [
        everything,
        *(
            {"title": titles[state], "n": n, "href": _href(which, state, late), "current": state == chosen}
            for state, n in counted.most_common()
        ),
    ]


def _href(which: str, state: str = "", late: bool = False) -> str:
    wanted = {"list": OPEN} if which == OPEN else {}
    if state:
        wanted["state"] = state
    if late:
        wanted["late"] = "1"
    return "?" + urlencode(wanted)

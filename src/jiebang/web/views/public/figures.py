"""The figures of a board: how much, how well, area by area, each with what it was counted from."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from jiebang.people import queries as people
from jiebang.scoring import queries as scoring
from jiebang.web import glance, progress, sources
from jiebang.web.context import city
from jiebang.web.rows import clock
from jiebang.web.views.public import addresses
from jiebang.web.views.public.board import version_of
from jiebang.web.views.public.entry import verified_words
from jiebang.web.words import count_words, said

NOT_ANY = "n/a"


def figures(request: HttpRequest, mechanism: str) -> HttpResponse:
    at = clock(timezone.now())
    version = version_of(mechanism)
    whole = glance.figures_kept(mechanism)
    context: dict[str, Any] = {
        "place": "figures" if mechanism == city().raise_mechanism else "",
        "board": addresses.board(version),
        "as_of": glance.as_of_words(whole.as_of if whole else None, at),
        "whole": whole,
        "empty": {
            "title": _("Nothing to count yet"),
            "text": _("Figures appear a few seconds after the first matter has been raised."),
        },
        "progress": progress.demonstration(),
    }
    if whole is not None:
        context |= _of(whole, addresses.board_url(mechanism)) | {"table": _table(mechanism)}
    return render(request, "public/figures.html", context)


def _of(whole: scoring.Figures, href: str) -> dict[str, Any]:
    return {
        "counts": [
            {"value": count_words(whole.open), "label": _("being worked on"), "href": f"{href}?show=open"},
            {"value": count_words(whole.overdue), "label": _("overdue"), "href": f"{href}?show=overdue"},
            {"value": count_words(whole.failed), "label": _("failed"), "href": f"{href}?show=failed"},
            {"value": count_words(whole.struck_this_month), "label": _("struck off this month")},
        ],
        "shares": shares(whole),
        "verified": [
            {"title": verified_words(kind), "text": count_words(n)} for kind, n in whole.verified.items() if kind
        ],
        "definitions": [*_definitions(whole), *_counted()],
    }


def shares(whole: scoring.Figures) -> list[dict[str, str]]:
    """How well, each figure with its n: the median, and every share of the definition."""
    return [_median(whole), *(_share(one, whole) for one in whole.shares.values())]


def _median(whole: scoring.Figures) -> dict[str, str]:
    return {
        "value": "" if whole.median_days == NOT_ANY else whole.median_days,
        "unit": _("days"),
        "label": _("from raising to striking off (median)"),
        "note": _n_words(whole.struck, whole.window_days),
    }


def _share(one: scoring.ShareView, whole: scoring.Figures) -> dict[str, str]:
    return {
        "value": "" if one.text == NOT_ANY else _one_digit(one.text),
        "unit": "%",
        "label": said(one.title),
        "note": _n_words(one.n, whole.window_days),
    }


def _n_words(n: int, days: int) -> str:
    return _("last %(days)s days, n = %(n)s") % {"days": days, "n": f"{n:,}"}


def _one_digit(text: str) -> str:
    """`80.80` → `80.8`: two digits of a share of some hundred say more than is known."""
    return text[:-1] if "." in text and len(text.rpartition(".")[2]) == 2 else text


def _definitions(whole: scoring.Figures) -> list[dict[str, Any]]:
    return [
        {"title": said(one.title), "text": said(one.note), "sources": sources.lines([one.source])}
        for one in whole.shares.values()
    ]


def _counted() -> list[dict[str, str]]:
    return [
        {
            "title": _("overdue"),
            "text": _(
                "The city let a limit pass and nobody has moved the matter on since. A silent raiser is not counted."
            ),
        },
        {
            "title": _("failed"),
            "text": _("The city let the last limit pass. It counts as not solved and never leaves the list."),
        },
        {
            "title": _("from raising to striking off (median)"),
            "text": _("Calendar days, half took longer. Time before the matter was posted counts too."),
        },
    ]


# ── Area by area ────────────────────────────────────────────────────────────────────────────────────────────


def _table(mechanism: str) -> dict[str, Any]:
    found = scoring.figures_below(mechanism)
    rows = [_row(mechanism, one) for one in found[1:] if people.area(one.area)]
    shares = next(iter(found), None)
    titles = [said(one.title) for one in shares.shares.values()] if shares else []
    numbers = [_("this month"), _("median"), "n", *titles]
    # Drawn as bars where a script runs: how much there is to do, how much of it is late, how much was never done.
    drawn = {_("being worked on"): "pale", _("overdue"): "middle", _("failed"): "ink"}
    return {
        "caption": _("Area by area; shares and median over the last %(days)s days")
        % {"days": shares.window_days if shares else 0},
        "head": [
            {"text": _("Area")},
            *({"text": text, "number": True, "series": tone} for text, tone in drawn.items()),
            *({"text": text, "number": True} for text in numbers),
        ],
        "rows": rows,
    }


def _row(mechanism: str, one: scoring.Figures) -> list[dict[str, Any]]:
    area = people.area(one.area)
    name = said(area.names) if area else one.area
    median = one.median_days
    cells = [
        count_words(one.open),
        count_words(one.overdue),
        count_words(one.failed),
        count_words(one.struck_this_month),
        _("n/a") if median == NOT_ANY else _("%(days)s days") % {"days": median},
        count_words(one.struck),
        *(_("n/a") if each.text == NOT_ANY else f"{_one_digit(each.text)} %" for each in one.shares.values()),
    ]
    href = f"{addresses.board_url(mechanism)}?area={one.area}"
    return [{"text": name, "href": href}, *({"text": text, "number": True} for text in cells)]

"""Pages that are mostly words: accessibility, privacy, what the words mean; and the two files robots and finders of
faults look for."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from jiebang.web.context import PRIVATE_PATHS
from jiebang.web.views.field import today
from jiebang.web.views.public import addresses

SECURITY_HOLDS = timedelta(days=180)


def accessibility(request: HttpRequest) -> HttpResponse:
    return render(request, "public/accessibility.html")


def privacy(request: HttpRequest) -> HttpResponse:
    # What the app says of itself, so that page and telephone never differ.
    field = {"most": today.MOST, "hours": round(today.forget_after() / timedelta(hours=1))}
    return render(request, "public/privacy.html", {"cookies": _cookies(), "field": field})


def _cookies() -> list[dict[str, str]]:
    year = _("one year")
    return [
        {"name": settings.LANGUAGE_COOKIE_NAME, "what": _("The language you chose"), "long": year},
        {"name": "elder, theme", "what": _("Large text, day or night, as you chose"), "long": year},
        {"name": "place", "what": _("The area you called yours"), "long": year},
        {
            "name": settings.CSRF_COOKIE_NAME,
            "what": _("Keeps other sites from sending forms in your name"),
            "long": year,
        },
        {"name": "raised", "what": _("Shows your receipt once, right after sending"), "long": _("half an hour")},
        {"name": "held", "what": _("Opens your own entry again after a PIN, in this browser"), "long": _("one hour")},
        {
            "name": "known",
            "what": _(
                "Which entries this browser opened with the right code: wrong guesses of others don't shut you out"
            ),
            "long": _("120 days"),
        },
        {"name": settings.SESSION_COOKIE_NAME, "what": _("Staff only: being signed in"), "long": _("two weeks")},
    ]


def words(request: HttpRequest) -> HttpResponse:
    return render(request, "public/words.html", {"groups": _words()})


def _words() -> list[dict[str, Any]]:
    def group(title: str, *pairs: tuple[str, str]) -> dict[str, Any]:
        return {"title": title, "words": [{"word": word, "meaning": meaning} for word, meaning in pairs]}

    return [
        group(
            _("From the first word to the seal"),
            (
                _("Raise a matter"),
                _("Say what should be put right. You get a number for everybody and a secret code for yourself."),
            ),
            (_("Post"), _("Put on the board, in words without names. From then on everybody watches the date.")),
            (_("Claim"), _("A unit takes the matter off the board by its own will and promises a date.")),
            (_("Assign"), _("Nobody claimed it, so the board office names the unit.")),
            (_("Strike off"), _("Whoever raised it says it is solved. Only then the red seal comes on it.")),
            (_("Reinstate"), _("It was not solved after all: back to work, under its old number.")),
        ),
        group(
            _("When it does not go well"),
            (_("Overdue"), _("A date the city owed has passed and nobody has moved the matter on since.")),
            (_("Failed"), _("The city stayed silent to the last limit. It stays in a list of its own for ever.")),
            (
                _("Lapsed"),
                _("Whoever raised it did not answer, and was called on three days. It never counts as satisfied."),
            ),
            (_("Call-back"), _("A silent raiser is asked by somebody who never handled the matter.")),
            (_("Joined"), _("The same thing as another matter; it goes on there, with all who raised it.")),
            (_("Explained"), _("It cannot be done, with the reason. The reason can be contested.")),
        ),
        group(
            _("Time"),
            (_("Working day"), _("By the city's published calendar, with the working Saturdays before long holidays.")),
            (_("Due"), _("The last moment somebody owes a step. What happens then stands beside it.")),
            (_("Silent path"), _("How long it takes if nobody ever acts.")),
            (
                _("Worst case"),
                _("The longest any matter can take, whoever is slow or unwilling; computed from the rules."),
            ),
        ),
        group(
            _("Numbers"),
            ("n", _("How many matters a share was counted from. A share of five says little.")),
            (_("Coverage"), _("How many of the matters struck off were judged at all.")),
            (_("Median"), _("Half took longer, half took less.")),
        ),
        group(
            _("Being sure"),
            (
                _("Public log"),
                _("A list of every step to which one can only add. Its head is signed several times a day."),
            ),
            (_("Receipt"), _("A small file that proves one step is in the log, even without the city's computer.")),
            (_("Fingerprint"), _("The city's key, short enough to be read aloud and compared with the one on paper.")),
        ),
    ]


# ── For machines ────────────────────────────────────────────────────────────────────────────────────────────


def robots(request: HttpRequest) -> HttpResponse:
    """What search engines may read: everything public, without the endless ways to filter a list."""
    # Filters make the same list over and over; the log is for verifiers and would be millions of files.
    kept_out = [*PRIVATE_PATHS, "/search", "/log/", "/embed/"]
    lines = ["User-agent: *", *(f"Disallow: {addresses.to(path)}" for path in kept_out), "Disallow: /*?*", ""]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")


def security(request: HttpRequest) -> HttpResponse:
    """Whom to tell of a hole (RFC 9116). Without `JIEBANG_SECURITY_CONTACT` there is none, and we don't invent one."""
    if not settings.JIEBANG_SECURITY_CONTACT:
        raise Http404
    expires = (timezone.now() + SECURITY_HOLDS).replace(microsecond=0).isoformat().replace("+00:00", "Z")
    lines = [
        f"Contact: {settings.JIEBANG_SECURITY_CONTACT}",
        f"Expires: {expires}",
        f"Preferred-Languages: {', '.join(code.split('-')[0] for code, _ in settings.LANGUAGES)}",
        f"Canonical: {request.build_absolute_uri(request.path)}",
        "",
    ]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")

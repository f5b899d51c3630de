"""The page of the app, and what makes it an app: its shell without a word about anybody, worker, manifest, icon.

`/field/` is a plain page made on the server, for browsers that know no more. A script turns it into the app; from
then on the service worker answers with the shell, which it keeps, and the script fills it from the phone.
"""

from __future__ import annotations

import json
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from jiebang.boards import queries as boards
from jiebang.engine.model import Actor
from jiebang.web.context import city
from jiebang.web.rows import clock as clock_at
from jiebang.web.views.desk import shown
from jiebang.web.views.desk.staff import at_the_desk
from jiebang.web.views.field import icons
from jiebang.web.views.field.today import MOST
from jiebang.web.views.field.version import modules, script
from jiebang.web.views.field.version import version as this_version

STYLES = ("jiebang.css", "tasks.css", "field/field.css")
SCRIPTS = ("position.js",)  # shared with the pages; the app's own are modules
LONG = "public, max-age=31536000, immutable"


@require_safe
@at_the_desk
def page(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The list and its links as a plain page; the app where the browser can be one."""
    now = timezone.now()
    clock = clock_at(now)
    rows = [shown.row(one, clock) for one in boards.worklist(actor, limit=MOST)]
    return render(request, "field/page.html", _app() | {"is_plain": True, "rows": rows, "as_of": clock.moment(now)})


@require_safe
def shell(request: HttpRequest) -> HttpResponse:
    """The same page without a list, for everybody: what the service worker keeps holds nothing of anybody."""
    return render(request, "field/page.html", _app())


def _app() -> dict[str, Any]:
    return {"version": this_version(), "styles": STYLES, "field": reverse("field")}


@require_safe
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker: a few names told by us, then the script. A new version is another script, so it is seen."""
    kept = [reverse("field-shell"), reverse("field-manifest"), reverse("field-icon", args=[192])]
    kept += [reverse("field-module", args=[this_version(), name]) for name in modules()]
    kept += [static(name) for name in (*STYLES, *SCRIPTS, city().mark)]
    told = {"version": this_version(), "scope": reverse("field"), "shell": reverse("field-shell"), "kept": kept}
    text = f'"use strict";\nconst TOLD = {json.dumps(told)};\n{script("worker")}'
    response = HttpResponse(text, content_type="text/javascript; charset=utf-8")
    response["Cache-Control"] = "no-cache"
    return response


@require_safe
def module(request: HttpRequest, version: str, name: str) -> HttpResponse:
    """One module of the app. The version in the address only tells copies apart: it is always today's text."""
    text = script(name)
    if text is None:
        raise Http404
    response = HttpResponse(text, content_type="text/javascript; charset=utf-8")
    response["Cache-Control"] = LONG if version == this_version() else "no-cache"
    return response


@require_safe
def manifest(request: HttpRequest) -> HttpResponse:
    name = gettext("In the field")
    sizes = [size for size in icons.SIZES if size != 180]  # 180 is Apple's
    return JsonResponse(
        {
            "id": reverse("field"),
            "name": f"{city().name} · {name}",
            "short_name": name,
            "start_url": reverse("field"),
            "scope": reverse("field"),
            "display": "standalone",
            "background_color": icons.PAPER,
            "theme_color": icons.PAPER,
            "icons": [
                {
                    "src": reverse("field-icon", args=[size]),
                    "sizes": f"{size}x{size}",
                    "type": "image/png",
                    "purpose": purpose,
                }
                for size in sizes
                for purpose in ("any", "maskable")
            ],
        },
        content_type="application/manifest+json",
    )


@require_safe
def icon(request: HttpRequest, size: int) -> HttpResponse:
    if size not in icons.SIZES:
        raise Http404
    response = HttpResponse(icons.drawn(size), content_type="image/png")
    response["Cache-Control"] = "public, max-age=86400"
    return response

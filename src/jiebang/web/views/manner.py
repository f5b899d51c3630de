"""The switches in the masthead: language, large text, light."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from jiebang.web.manner import ELDER, THEME, YEAR_S


# No token: these cookies change how a page looks and nothing else, and a token would cost every page a cookie.
@csrf_exempt
@require_POST
def switch(request: HttpRequest) -> HttpResponse:
    """Remember one wish for a year and go back to where the reader was."""
    target = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()}):
        target = f"{settings.JIEBANG_BASE}/"
    response = HttpResponseRedirect(target)
    response.status_code = 303
    wishes = (
        (ELDER, request.POST.get("elder"), ("0", "1")),
        (THEME, request.POST.get("theme"), ("auto", "light", "dark")),
        (
            settings.LANGUAGE_COOKIE_NAME,
            request.POST.get("language"),
            tuple(code for code, _ in settings.LANGUAGES),
        ),
    )
    for name, wish, allowed in wishes:
        if wish in allowed:
            response.set_cookie(name, wish, max_age=YEAR_S, path=f"{settings.JIEBANG_BASE}/", samesite="Lax")
    return response

"""Headers that keep a page to itself, and the answer when the database is away."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.utils.cache import patch_vary_headers

from jiebang.web.context import PRIVATE_PATHS, SECRET_PATHS
from jiebang.web.views import errors

Handler = Callable[[HttpRequest], HttpResponse]

POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; "
    "connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
PACKED = ("text/html", "application/atom+xml", "application/geo+json", "application/json", "text/csv", "text/yaml")
# Each of its pages has a token against forged forms, and the raiser's own words come back in it.
NOT_PACKED = (*PRIVATE_PATHS, "/raise")
PERMISSIONS = "accelerometer=(), camera=(self), geolocation=(self), gyroscope=(), microphone=(), payment=(), usb=()"


class Base:
    """A city that stands under a path of a portal (`JIEBANG_BASE`), whether the proxy before it cuts that path or not.

    Django takes the base for its links from `FORCE_SCRIPT_NAME`, and leaves cutting it to the server; we cut it
    here, so that any server and any proxy will do.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        base = settings.JIEBANG_BASE
        if base and request.path_info == base:
            return HttpResponseRedirect(f"{base}/")
        if base and request.path_info.startswith(f"{base}/"):
            request.path_info = request.path_info.removeprefix(base)
            request.path = f"{base}{request.path_info}"
        return self.get_response(request)


class Headers:
    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        secret = request.path_info.startswith(SECRET_PATHS)
        headers = response.headers
        headers.setdefault("Content-Security-Policy", POLICY)
        headers.setdefault("X-Content-Type-Options", "nosniff")
        if not getattr(response, "xframe_options_exempt", False):
            headers.setdefault("X-Frame-Options", "DENY")
        headers.setdefault("Permissions-Policy", PERMISSIONS)
        headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        headers["Referrer-Policy"] = "no-referrer" if secret else "same-origin"
        if secret:
            headers["Cache-Control"] = "no-store"
        if request.path_info.startswith(PRIVATE_PATHS):
            headers["X-Robots-Tag"] = "noindex"
        if headers.get("Content-Type", "").startswith("text/html"):
            headers.setdefault("Cache-Control", "private, no-cache")
            patch_vary_headers(response, ("Cookie", "Accept-Language"))
        return response


class Packed(GZipMiddleware):
    """Send text that everybody may read a fifth as large; a slow telephone pays for every kilobyte.

    Pages with a secret in them stay as they are: where somebody can make a page repeat what they choose, its packed
    length tells whether they guessed the secret beside it. A file sent piece by piece, such as the log's, stays too.
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        is_text = response.headers.get("Content-Type", "").startswith(PACKED)
        if not is_text or response.streaming or request.path_info.startswith(NOT_PACKED):
            return response
        packed: HttpResponseBase = super().process_response(request, response)
        return packed


class Outage:
    """A database that is away is nobody's mistake: 503, with what was typed kept in the page."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, (OperationalError, InterfaceError)):
            return errors.out_of_reach(request)
        return None

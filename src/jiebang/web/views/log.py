"""The public log as static files, as `/log/…`: tiles, entry bundles, checkpoints, the list of yearly volumes.

Only addresses a log can have are answered, so no address can lead out of the log's folder. Everything may be read
from any other site: a page elsewhere can verify this city.

Source: C2SP tlog-tiles (content types, caching). Read 2026-11-22.
"""

from __future__ import annotations

import re
from pathlib import Path

from django.conf import settings
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.views.decorators.http import require_safe

_INDEX = r"(?:x\d{3}/){0,6}\d{3}"
_TILE = re.compile(rf"\d{{4}}/tile/(?:entries|[0-9]|[1-5][0-9]|6[0-3])/{_INDEX}(?P<part>\.p/\d{{1,3}})?\Z", re.ASCII)
_CHECKPOINT = re.compile(r"\d{4}/checkpoint\Z", re.ASCII)

A_YEAR = "public, max-age=31536000, immutable"
A_DAY = "public, max-age=86400"
SECONDS = "public, max-age=2"


@require_safe
def log_file(request: HttpRequest, path: str) -> HttpResponseBase:
    kind = _kind(path)
    if kind is None:
        return _nothing("No file of a log has this address.")
    content_type, cache = kind
    file = Path(settings.JIEBANG_LOG) / path
    try:
        response = FileResponse(file.open("rb"), content_type=content_type)
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
        return _nothing("The log does not have this file yet, or replaced it by a full one.")
    response["Cache-Control"] = cache
    response["Access-Control-Allow-Origin"] = "*"
    return response


def _kind(path: str) -> tuple[str, str] | None:
    """Content type and how long caches may keep it; None for what is no address of a log."""
    if path == "shards.json":
        return "application/json", SECONDS
    if _CHECKPOINT.match(path):
        return "text/plain; charset=utf-8", SECONDS
    if found := _TILE.match(path):
        # A part of a tile never changes either, but is taken away once the tile is full.
        return "application/octet-stream", A_DAY if found["part"] else A_YEAR
    return None


def _nothing(why: str) -> HttpResponse:
    response = HttpResponse(why + "\n", status=404, content_type="text/plain; charset=utf-8")
    response["Access-Control-Allow-Origin"] = "*"
    return response

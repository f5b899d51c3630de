"""The schema of the mechanism language, for editors and for programs that write mechanisms."""

from __future__ import annotations

from functools import cache

from django.http import HttpRequest, HttpResponse

from jiebang.engine.parser import schema_zh

HOUR_S = 3600


@cache
def written(lang: str) -> bytes:
    return schema_zh.written(lang).encode()


def mechanism(request: HttpRequest, lang: str = "en") -> HttpResponse:
    """Open to every site: an editor in a browser asks for it from elsewhere."""
    headers = {"Cache-Control": f"public, max-age={HOUR_S}", "Access-Control-Allow-Origin": "*"}
    return HttpResponse(written(lang), content_type="application/schema+json", headers=headers)

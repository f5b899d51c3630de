"""The schema of the mechanism language, for editors and for programs that write mechanisms."""

from __future__ import annotations

from functools import cache

from django.http import HttpRequest, HttpResponse

from jiebang.engine.parser import schema

HOUR_S = 3600


@cache
def written() -> bytes:
    return schema.written().encode()


def mechanism(request: HttpRequest) -> HttpResponse:
    """Open to every site: an editor in a browser asks for it from elsewhere."""
    headers = {"Cache-Control": f"public, max-age={HOUR_S}", "Access-Control-Allow-Origin": "*"}
    return HttpResponse(written(), content_type="application/schema+json", headers=headers)

"""How a stranger checks the city: the file, the command, the key to compare, what it proves and what it does not."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib import resources
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from jiebang.ledger import queries as ledger
from jiebang.rulebook import queries as rulebook
from jiebang.verifier import verify as strangers
from jiebang.web.views.public import addresses
from jiebang.web.words import language

FILE, PROVER = "verify.py", "prove.py"


def verify(request: HttpRequest) -> HttpResponse:
    program = verifier()
    context = {
        "place": "verify",
        "digest": hashlib.sha256(program).hexdigest() if program else "",
        "command": addresses.verify_command(request, remembers=True),
        "file_url": request.build_absolute_uri(addresses.to("/verify.py")),
        "prover_url": addresses.to(f"/{PROVER}"),
        "said_again": strangers.nothing_vanished(then=1204, new=37)[language() == "zh"],
        "shards": _shards(request),
        "sample": f"{rulebook.city().prefix}-26-000123-6",
    }
    return render(request, "public/verify.html", context)


def _shards(request: HttpRequest) -> list[dict[str, Any]]:
    head = ledger.head(settings.JIEBANG_LOG)
    if head is None:
        return []
    return [
        {
            "name": head.shard,
            "vkey": head.vkey,
            "groups": fingerprint(head.vkey).split(),
            "note": head.note.strip(),
            "checkpoint": f"{addresses.to('/log')}/{head.shard}/checkpoint",
            "size": f"{head.size:,}",
            "command": addresses.verify_command(request, head.vkey, remembers=True),
        }
    ]


def fingerprint(vkey: str) -> str:
    """What the stranger's file prints of this key, so that the two can be compared."""
    key = strangers.parse_key(vkey)
    return strangers.fingerprint(key) if key else ""


@cache
def verifier(name: str = FILE) -> bytes:
    """The stranger's file as it is handed out, or nothing when this build has none."""
    file = resources.files("jiebang.verifier") / name
    return file.read_bytes() if file.is_file() else b""


def verify_file(request: HttpRequest, name: str = FILE) -> HttpResponse:
    program = verifier(name)
    if not program:
        raise Http404
    response = HttpResponse(program, content_type="text/x-python; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response

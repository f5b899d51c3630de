"""Where things are: addresses that several pages name."""

from __future__ import annotations

from django.http import HttpRequest

from jiebang.rulebook import queries as rulebook
from jiebang.web.words import said


def board_url(mechanism: str) -> str:
    return f"/b/{mechanism}/"


def board(version: rulebook.VersionView) -> dict[str, str]:
    """A board's title, purpose and address, in the reader's language."""
    program = version.program
    return {"title": said(program.title), "purpose": said(program.purpose), "href": board_url(program.id)}


def log_url(request: HttpRequest) -> str:
    return request.build_absolute_uri("/log")


def verify_command(request: HttpRequest, vkey: str = "VKEY") -> str:
    """What a stranger types to verify the whole log."""
    return f"python3 verify.py {log_url(request)} --key '{vkey}'"

"""Where things are: addresses that several pages name."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest

from jiebang.rulebook import queries as rulebook
from jiebang.web.versions import anyones_move
from jiebang.web.words import language, said


def to(path: str) -> str:
    """The address of a page of this site, below the base it stands under (`JIEBANG_BASE`)."""
    return f"{settings.JIEBANG_BASE}{path}"


def board_url(mechanism: str) -> str:
    return to(f"/b/{mechanism}/")


def raise_url(version: rulebook.VersionView) -> str:
    """Return where anybody may raise a matter on this board; empty where that takes an office."""
    if anyones_move(version.program) is None:
        return ""
    is_the_button = version.mechanism == rulebook.city().raise_mechanism
    return to("/raise/") if is_the_button else to(f"/raise/?board={version.mechanism}")


def entry_url(number: str) -> str:
    return to(f"/e/{number}")


def area_url(code: str) -> str:
    return to(f"/a/{code}/")


def board(version: rulebook.VersionView) -> dict[str, str]:
    """A board's title, purpose and address, in the reader's language."""
    program = version.program
    return {"title": said(program.title), "purpose": said(program.purpose), "href": board_url(program.id)}


def log_url(request: HttpRequest) -> str:
    return request.build_absolute_uri(to("/log"))


def verify_command(request: HttpRequest, vkey: str = "VKEY", *, remembers: bool = False) -> str:
    """What a stranger types to verify the whole log, answering in the reader's language.

    With `remembers` it keeps what it saw in a file, and the same command says next time whether anything vanished.
    """
    parts = ["python3 verify.py", log_url(request), f"--key '{vkey}'"]
    parts += ["--state seen.json"] if remembers else []
    parts += ["--lang zh"] if language() == "zh" else []
    return " ".join(parts)

"""The version of the app: a hash of all that makes it, so that a phone notices when any of it changed."""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from pathlib import Path

WEB = Path(__file__).resolve().parents[2]
SCRIPTS = WEB / "static" / "field"
MADE_OF = (
    "templates/field/*.html",
    "static/*.css",
    "static/field/*",
    "static/position.js",
    "locale/*/LC_MESSAGES/django.mo",
    "static/*.svg",
)


@cache
def version() -> str:
    seen = sha256()
    for pattern in MADE_OF:
        for path in sorted(WEB.glob(pattern)):
            seen.update(path.name.encode() + b"\0" + path.read_bytes())
    return seen.hexdigest()[:12]


@cache
def script(name: str) -> str | None:
    """Return the script of that name, or None. Only what stands in the folder can be asked for."""
    known = {path.stem: path for path in SCRIPTS.glob("*.js")}
    return known[name].read_text(encoding="utf-8") if name in known else None


def modules() -> list[str]:
    """Return the names of the modules a page loads; the worker is a script of its own."""
    return sorted(path.stem for path in SCRIPTS.glob("*.js") if path.stem not in ("worker", "leave"))

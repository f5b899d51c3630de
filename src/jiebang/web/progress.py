"""How far the demonstration city's invented past has been played, told by `jiebang up` in a file."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings


@dataclass(frozen=True, slots=True)
class Progress:
    value: int
    max: int


def demonstration() -> Progress | None:
    """Return how far it is, or None once it is done (or when nothing is being played)."""
    if not settings.JIEBANG_DEMONSTRATION:
        return None
    try:
        told = json.loads((Path(settings.JIEBANG_HOME) / "run" / "demo.json").read_bytes())
        done, of = int(told["done"]), int(told["of"])
    except (OSError, ValueError, KeyError, TypeError):
        # No file, or one from a process that died while writing: then there is nothing to show.
        return None
    return Progress(done, of) if done < of else None

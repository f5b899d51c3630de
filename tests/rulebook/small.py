"""A city of the packs with one board, so that publishing it is quick."""

from __future__ import annotations

import re
from pathlib import Path

_ROUNDS = re.compile(r"^(registers|rounds): \[[^\]]*\]\n", re.MULTILINE)
_LISTED = re.compile(r"^mechanisms: \[[^\]]*\]", re.MULTILINE)


def keep_one_board(city: Path, board: str = "residents") -> None:
    """Let the city of that `city.yaml` use `board` alone."""
    text = city.read_text("utf-8")
    assert _LISTED.search(text), f"{city} lists no mechanisms"
    # Rounds open entries on boards that are not there now.
    city.write_text(_ROUNDS.sub("", _LISTED.sub(f"mechanisms: [{board}]", text)), "utf-8")

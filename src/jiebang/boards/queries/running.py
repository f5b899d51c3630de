"""What runs under a version of the rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from jiebang.boards import sql
from jiebang.boards.database import ask


def running_under(program_hash: str, areas: Sequence[str] = ()) -> Mapping[str, int]:
    """Return how many entries run under a program, by state: in these areas and below, by default everywhere."""
    return dict(ask(sql.RUNNING_BY_STATE, {"before": program_hash, "areas": list(areas)}))

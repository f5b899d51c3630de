"""What may be the same as what somebody is about to raise: open matters of their community, by public words only."""

from __future__ import annotations

from datetime import datetime, timedelta

from jiebang.boards import queries as boards
from jiebang.web.rows import ListRow, clock, list_row

LOOKS_BACK = timedelta(days=90)  # longer than the longest ordinary way: what is older is seldom the same lamp
MOST = 3


def already(mechanism: str, *, area: str, text: str, at: datetime) -> list[ListRow]:
    """Return the open matters of this area that sound alike, most alike first; none without a place or words."""
    if not area or not text:
        return []
    found = boards.nearby(
        mechanism, area=area, since=at - LOOKS_BACK, text=text, kind=boards.kind_of(mechanism, text), most=20
    )
    now = clock(at)
    return [list_row(near.row, now) for near in found if near.is_alike and near.row.is_open][:MOST]

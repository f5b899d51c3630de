"""What an account keeps at the desk: lists under a name, and when a paper board was last printed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

MOST_LISTS = 30
LONGEST_NAME = 40


@dataclass(frozen=True, slots=True)
class SavedList:
    name: str
    query: str  # as the list's address has it; read as carefully as any address


def lists_of(account: int) -> list[SavedList]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, query FROM web_savedlist WHERE account = %s ORDER BY name", [account])
        return [SavedList(*row) for row in cursor.fetchall()]


def keep_list(account: int, name: str, query: str) -> bool:
    """Keep a list under this name, in place of one that has it already; False when there are too many."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO web_savedlist (account, name, query)"
            " SELECT %(account)s, %(name)s, %(query)s"
            "  WHERE (SELECT count(*) FROM web_savedlist WHERE account = %(account)s AND name <> %(name)s) < %(most)s"
            " ON CONFLICT (account, name) DO UPDATE SET query = excluded.query",
            {"account": account, "name": name, "query": query, "most": MOST_LISTS},
        )
        return bool(cursor.rowcount == 1)


def forget_list(account: int, name: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM web_savedlist WHERE account = %s AND name = %s", [account, name])


def printed_at(areas: Sequence[str], board: str) -> dict[str, datetime]:
    """Return when the paper boards of these areas were last printed; those never printed are left out."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT area, at FROM web_printed WHERE board = %s AND area = ANY(%s::text[])", [board, list(areas)]
        )
        return dict(cursor.fetchall())


def note_printed(area: str, board: str, *, at: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO web_printed (area, board, at) VALUES (%s, %s, %s)"
            " ON CONFLICT (area, board) DO UPDATE SET at = excluded.at",
            [area, board, at],
        )

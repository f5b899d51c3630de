"""Sending this room's statements: named parameters, whole answers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django.db import connection

as_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode  # made once: a move encodes eight texts


def ask(statement: str, wanted: Mapping[str, Any]) -> list[Any]:
    """Return all rows a statement gives."""
    with connection.cursor() as cursor:
        cursor.execute(statement, wanted)
        return list(cursor.fetchall())


def ask_planned_anew(statement: str, wanted: Mapping[str, Any]) -> list[Any]:
    """Like `ask`, but never prepared: only with the words at hand can PostgreSQL see whether they are rare (then it
    starts from the index of pairs) or common (then from the newest entries). A prepared plan takes one way for all,
    and a rare word then walks the whole board."""
    with connection.cursor() as cursor, connection.wrap_database_errors:
        return list(cursor.cursor.execute(statement, wanted, prepare=False).fetchall())


def tell(statement: str, wanted: Mapping[str, Any]) -> int:
    """Send a statement and return how many rows it touched."""
    with connection.cursor() as cursor:
        cursor.execute(statement, wanted)
        return int(cursor.rowcount)

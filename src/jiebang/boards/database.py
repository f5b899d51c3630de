"""Sending this room's statements: named parameters, whole answers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django.db import connection, transaction

as_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode  # made once: a move encodes eight texts


def ask(statement: str, wanted: Mapping[str, Any]) -> list[Any]:
    """Return all rows a statement gives."""
    with connection.cursor() as cursor:
        cursor.execute(statement, wanted)
        return list(cursor.fetchall())


def ask_planned_anew(statement: str, wanted: Mapping[str, Any]) -> list[Any]:
    """Like `ask`, but never prepared: only with the words at hand can PostgreSQL see how common they are. A prepared
    plan takes one way for all, and a word that most entries have is then looked up in the index of pairs."""
    with connection.cursor() as cursor, connection.wrap_database_errors:
        return list(cursor.cursor.execute(statement, wanted, prepare=False).fetchall())


def ask_the_index(statement: str, wanted: Mapping[str, Any]) -> list[Any]:
    """Like `ask_planned_anew`, but only ever by way of a bitmap from an index.

    For comparing arrays: PostgreSQL takes one such comparison for as cheap as that of two numbers, and would rather
    read a table from its beginning until enough fit.
    """
    with transaction.atomic(savepoint=False), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('enable_seqscan', 'off', true), set_config('enable_indexscan', 'off', true)")
        return ask_planned_anew(statement, wanted)


def tell(statement: str, wanted: Mapping[str, Any]) -> int:
    """Send a statement and return how many rows it touched."""
    with connection.cursor() as cursor:
        cursor.execute(statement, wanted)
        return int(cursor.rowcount)

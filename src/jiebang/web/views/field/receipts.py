"""The first receipt of everything a phone has sent, by the item's own key.

The claim is made in the transaction of the move: either both stand or neither, so a phone that lost the answer may
send again for ever. Kept far longer than any phone waits.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection

KEPT_FOR = timedelta(days=400)

_CLAIM = """
WITH swept AS (
  DELETE FROM web_sent WHERE ctid = ANY (ARRAY(SELECT ctid FROM web_sent WHERE at < %(old)s LIMIT 20)))
INSERT INTO web_sent (key, who, at) VALUES (%(key)s, %(who)s, %(at)s) ON CONFLICT (key) DO NOTHING RETURNING 1
"""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What an item became: an entry's number and the step it made there."""

    number: str
    seq: int
    at: datetime


def find(key: str, *, who: str) -> Receipt | None:
    """Return the receipt of an item this account sent before."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT number, seq, at FROM web_sent WHERE key = %s AND who = %s AND seq > 0", [key, who])
        row = cursor.fetchone()
    return None if row is None else Receipt(*row)


def claim(key: str, *, who: str, at: datetime) -> bool:
    """Take the key for this transaction; False when it is taken. Waits for another sending that is just being done."""
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, {"key": key, "who": who, "at": at, "old": at - KEPT_FOR})
        return cursor.fetchone() is not None


def give_back(key: str) -> None:
    """Free a key claimed in this transaction: what was sent with it was refused."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM web_sent WHERE key = %s", [key])


def keep(key: str, receipt: Receipt) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE web_sent SET number = %s, seq = %s, at = %s WHERE key = %s",
            [receipt.number, receipt.seq, receipt.at, key],
        )

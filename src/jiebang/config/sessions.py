"""Django's database sessions, read with one prepared statement.

Every request of a signed-in official reads its session; through the ORM that costs as much as the whole decision
about a move. Writing is Django's own. A session is read from the database each time: signing out works at once.
"""

from __future__ import annotations

from django.contrib.sessions.backends import db
from django.db import connection
from django.utils import timezone

_READ = "SELECT session_data FROM django_session WHERE session_key = %s AND expire_date > %s"


class SessionStore(db.SessionStore):
    def load(self) -> dict[str, object]:
        with connection.cursor() as cursor:
            cursor.execute(_READ, [self.session_key, timezone.now()])
            row = cursor.fetchone()
        if row is None:
            self._session_key = None  # expired, ended or never ours: a new one gets a new key
            return {}
        read: dict[str, object] = self.decode(row[0])
        return read

"""Django's database sessions, each with the account that is signed in: both are read with one prepared statement.

Every request of a signed-in official reads its session, then its account; through the ORM that costs as much as the
whole decision about a move. Writing is Django's own. Both are read from the database each time: signing out works at
once, and so does closing an account.
"""

from __future__ import annotations

from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends import db
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import connection
from django.utils import timezone

from jiebang.people import accounts
from jiebang.people.models import Session

_READ = f"""
SELECT s.session_data, {accounts.COLUMNS_OF_U}
  FROM people_session s LEFT JOIN people_user u ON u.id = s.account_id AND u.is_active
 WHERE s.session_key = %s AND s.expire_date > %s
"""


class SessionStore(db.SessionStore):
    @classmethod
    def get_model_class(cls) -> type[Session]:
        return Session

    def create_model_instance(self, data: dict[str, Any]) -> AbstractBaseSession:
        session = super().create_model_instance(data)
        signed_in = str(data.get(SESSION_KEY, ""))
        assert isinstance(session, Session)
        session.account_id = int(signed_in) if signed_in.isdecimal() else None
        return session

    def load(self) -> dict[str, object]:
        with connection.cursor() as cursor:
            cursor.execute(_READ, [self.session_key, timezone.now()])
            row = cursor.fetchone()
        if row is None:
            accounts.brought.set(None)
            self._session_key = None  # expired, ended or never ours: a new one gets a new key
            return {}
        data, *account = row
        accounts.brought.set(accounts.account_from(account))
        read: dict[str, object] = self.decode(data)
        return read

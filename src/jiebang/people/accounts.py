"""Who is signed in: the account and its offices, read together with one prepared statement."""

from __future__ import annotations

from collections.abc import Sequence
from contextvars import ContextVar
from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.db import connection

from jiebang.people import queries
from jiebang.people.models import User

# In the order of the model's fields: `from_db` takes values by position.
_COLUMNS = [field.attname for field in User._meta.concrete_fields]
COLUMNS_OF_U = f"""{", ".join(f"u.{column}" for column in _COLUMNS)},
       {queries.OFFICES_OF_U}"""
_READ = f"SELECT {COLUMNS_OF_U} FROM people_user u WHERE u.id = %s AND u.is_active"

# The account that came with the session read last. Django asks a backend for the account by its number alone, right
# after it took that number from the session; the account is handed out once, and each session read replaces it.
brought: ContextVar[User | None] = ContextVar("brought", default=None)


def account_from(row: Sequence[Any]) -> User | None:
    """Return the account in a row of `COLUMNS_OF_U`; none where all of it is empty."""
    *columns, offices = row
    if columns[0] is None:
        return None
    user: User = User.from_db(connection.alias, _COLUMNS, columns)
    user.actor = queries.actor_from(user.key_id, offices)
    return user


class Accounts(AuthenticationBackend):  # type: ignore[misc]  # allauth has no types
    """Signs in as allauth does. A closed account is nobody from the next request on."""

    def get_user(self, user_id: int) -> User | None:
        user = brought.get()
        brought.set(None)
        if user is not None and user.pk == user_id:
            return user
        with connection.cursor() as cursor:
            cursor.execute(_READ, [user_id])
            row = cursor.fetchone()
        return None if row is None else account_from(row)

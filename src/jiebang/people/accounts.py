"""Who is signed in: the account and its offices, read together with one prepared statement."""

from __future__ import annotations

from allauth.account.auth_backends import AuthenticationBackend
from django.db import connection

from jiebang.people import queries
from jiebang.people.models import User

# In the order of the model's fields: `from_db` takes values by position.
_COLUMNS = [field.attname for field in User._meta.concrete_fields]
_READ = f"""
SELECT {", ".join(f"u.{column}" for column in _COLUMNS)},
       {queries.OFFICES_OF_U}
  FROM people_user u
 WHERE u.id = %s AND u.is_active
"""


class Accounts(AuthenticationBackend):  # type: ignore[misc]  # allauth has no types
    """Signs in as allauth does. A closed account is nobody from the next request on."""

    def get_user(self, user_id: int) -> User | None:
        with connection.cursor() as cursor:
            cursor.execute(_READ, [user_id])
            row = cursor.fetchone()
        if row is None:
            return None
        *columns, offices = row
        user: User = User.from_db(connection.alias, _COLUMNS, columns)
        user.actor = queries.actor_from(user.key_id, offices)
        return user

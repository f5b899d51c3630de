"""What the application may not do to a room's tables once they are written."""

from __future__ import annotations

TABLES = frozenset({"boards_event", "boards_look"})


def statements(app_role: str) -> list[str]:
    """Return the SQL to run as the owner after everything was granted: what happened, and who looked at a raiser's
    number, is added to, never changed.

    The caller passes the name of a role, not SQL. Running it again changes nothing.
    """
    return [f'REVOKE UPDATE, DELETE ON {table} FROM "{app_role}"' for table in sorted(TABLES)]

"""What the application may not do to this room's tables once they are written."""

from __future__ import annotations

TABLES = frozenset({"rounds_event", "rounds_import"})


def statements(app_role: str) -> list[str]:
    """Return the SQL to run as the owner after everything was granted: what happened is added to, never changed."""
    return [f'REVOKE UPDATE, DELETE ON {table} FROM "{app_role}"' for table in sorted(TABLES)]

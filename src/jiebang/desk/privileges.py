"""Who may do what in the database: the owner changes tables, the application works, the sequencer numbers.

What happened cannot be unmade by the application: it may add events and leaves, never change or delete them. Only
the sequencer gives a leaf its place in the log; what each room's tables forbid, that room says. Runs after every
migration, as the owner; roles that do not exist (a database of one's own with a single role) are left out, and the
doctor says so.
"""

from __future__ import annotations

from django.db import connection, transaction

from jiebang.boards import privileges as boards
from jiebang.ledger import privileges as ledger
from jiebang.rounds import privileges as rounds

APP, SEQUENCER = "jiebang_app", "jiebang_sequencer"


@transaction.atomic
def grant() -> list[str]:
    """Give the roles their rights in the current schema; return the roles that exist."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_schema()")
        (schema,) = cursor.fetchone()
        cursor.execute("SELECT rolname FROM pg_roles WHERE rolname IN (%s, %s)", [APP, SEQUENCER])
        roles = sorted(name for (name,) in cursor.fetchall())
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s", [schema])
        tables = {name for (name,) in cursor.fetchall()}
        wanted: list[str] = []
        for role in roles:
            cursor.execute(f'REVOKE ALL ON ALL TABLES IN SCHEMA "{schema}" FROM {role}')
            cursor.execute(f'GRANT USAGE ON SCHEMA "{schema}" TO {role}')
            cursor.execute(f'GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA "{schema}" TO {role}')
        if APP in roles:
            cursor.execute(f'GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA "{schema}" TO {APP}')
            if tables >= boards.TABLES:
                wanted += boards.statements(APP)
            if tables >= rounds.TABLES:
                wanted += rounds.statements(APP)
            if tables >= ledger.TABLES:
                wanted += ledger.for_app(APP)
        if SEQUENCER in roles and tables >= ledger.TABLES:
            wanted += ledger.for_sequencer(SEQUENCER)
        for statement in wanted:
            cursor.execute(statement)
    return roles

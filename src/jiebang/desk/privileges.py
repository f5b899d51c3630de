"""Who may do what in the database: the owner changes tables, the application works, the sequencer numbers.

What happened cannot be unmade by the application: it may add events and leaves, never change or delete them. Only
the sequencer gives a leaf its place in the log. Runs after every migration, as the owner; roles that do not exist
(a database of one's own with a single role) are left out, and the doctor says so.
"""

from __future__ import annotations

from django.db import connection, transaction

from jiebang.ledger import privileges as ledger_privileges

PERMANENT = ("boards_event", "ledger_leaf")
SEQUENCED = ("ledger_checkpoint",)
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
        for role in roles:
            cursor.execute(f'REVOKE ALL ON ALL TABLES IN SCHEMA "{schema}" FROM {role}')
            cursor.execute(f'GRANT USAGE ON SCHEMA "{schema}" TO {role}')
            cursor.execute(f'GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA "{schema}" TO {role}')
        if APP in roles:
            cursor.execute(f'GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA "{schema}" TO {APP}')
            for table in sorted(tables.intersection(PERMANENT)):
                cursor.execute(f'REVOKE UPDATE, DELETE ON "{table}" FROM {APP}')
            for table in sorted(tables.intersection(SEQUENCED)):
                cursor.execute(f'REVOKE INSERT, UPDATE, DELETE ON "{table}" FROM {APP}')
        if SEQUENCER in roles:
            # It reads no entry, no person, no private value: leaves hold nothing that is not public.
            for table in sorted(name for name in tables if name.startswith("ledger_")):
                cursor.execute(f'GRANT SELECT ON "{table}" TO {SEQUENCER}')
            if "ledger_leaf" in tables:
                # A year's first and last leaves are the sequencer's own.
                cursor.execute(f'GRANT INSERT, UPDATE (shard, idx) ON "ledger_leaf" TO {SEQUENCER}')
            for table in sorted(tables.intersection(SEQUENCED)):
                cursor.execute(f'GRANT INSERT, UPDATE ON "{table}" TO {SEQUENCER}')
        if len(roles) == 2 and {"ledger_leaf", "ledger_checkpoint", "ledger_cursor"} <= tables:
            # The log's own room knows best: column by column, so that the application cannot number a leaf itself.
            for statement in ledger_privileges.statements(APP, SEQUENCER):
                cursor.execute(statement)
    return roles

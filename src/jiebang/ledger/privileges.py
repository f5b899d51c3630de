"""Which database role may do what to the log. The signed log is the protection; this stops mistakes earlier."""

from __future__ import annotations


def statements(app_role: str, sequencer_role: str) -> list[str]:
    """Return the SQL to run as the owner, after migrating, in the city's schema. Running it again changes nothing.

    The app adds leaves and reads them, and cannot number, change or remove one. The sequencer numbers them and
    signs. Roles are quoted; the caller passes role names, not SQL.
    """
    app, sequencer = (_quoted(role) for role in (app_role, sequencer_role))
    return [
        f"REVOKE ALL ON ledger_leaf, ledger_checkpoint FROM {app}, {sequencer}",
        f"GRANT SELECT, INSERT (kind, body, at) ON ledger_leaf TO {app}, {sequencer}",
        f"GRANT UPDATE (shard, idx) ON ledger_leaf TO {sequencer}",
        f"GRANT SELECT ON ledger_checkpoint TO {app}, {sequencer}",
        f"GRANT INSERT ON ledger_checkpoint TO {sequencer}",
        f"GRANT SELECT, INSERT, UPDATE ON ledger_cursor TO {app}",
    ]


def _quoted(role: str) -> str:
    if not role or "\x00" in role:
        raise ValueError("A role needs a name.")
    return '"' + role.replace('"', '""') + '"'

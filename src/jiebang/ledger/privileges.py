"""Which database role may do what to the log. The signed log is the protection; this stops mistakes earlier."""

from __future__ import annotations

TABLES = frozenset({"ledger_leaf", "ledger_checkpoint", "ledger_cursor"})


def for_app(role: str) -> list[str]:
    """Return the SQL that lets the application add leaves and read them; it cannot number, change or remove one.

    To be run as the owner, after migrating, in the city's schema; again changes nothing. The role is quoted: the
    caller passes a name, not SQL.
    """
    app = _quoted(role)
    return [*_both(app), f"GRANT SELECT, INSERT, UPDATE ON ledger_cursor TO {app}"]


def for_sequencer(role: str) -> list[str]:
    """Return the SQL, as `for_app`, that lets the sequencer number leaves, add a year's first and last, and sign.

    It reads no entry, no person, no private value: leaves hold nothing that is not public.
    """
    sequencer = _quoted(role)
    return [
        *_both(sequencer),
        f"GRANT UPDATE (shard, idx) ON ledger_leaf TO {sequencer}",
        f"GRANT INSERT ON ledger_checkpoint TO {sequencer}",
        f"GRANT SELECT ON ledger_cursor TO {sequencer}",
    ]


def _both(role: str) -> list[str]:
    return [
        f"REVOKE ALL ON {', '.join(sorted(TABLES))} FROM {role}",
        f"GRANT SELECT, INSERT (kind, body, at) ON ledger_leaf TO {role}",
        f"GRANT SELECT ON ledger_checkpoint TO {role}",
    ]


def _quoted(role: str) -> str:
    if not role or "\x00" in role:
        raise ValueError("A role needs a name.")
    return '"' + role.replace('"', '""') + '"'

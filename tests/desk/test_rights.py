"""What the application may not do to what happened, and what the clock says after a silence."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from django.conf import settings
from django.db import connection

from jiebang.desk import loops, privileges
from jiebang.desk.home import Home, own_database_url
from jiebang.ledger import queries as ledger
from jiebang.ledger.leaf import parse

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)


@pytest.fixture
def rights(committed: str) -> list[str]:
    return privileges.grant()


def as_role(role: str, committed: str) -> psycopg.Connection:
    """Connect to the test's database in a role of its own."""
    name = psycopg.conninfo.conninfo_to_dict(committed)["dbname"]
    url = own_database_url(Home(Path(settings.JIEBANG_HOME)), role, name=str(name))  # type: ignore[arg-type]
    return psycopg.connect(url, options=f"-c search_path={settings.JIEBANG_CITY}", autocommit=True)


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM boards_event",
        "UPDATE boards_event SET seq = 1",
        "DELETE FROM boards_look",
        "UPDATE boards_look SET person = ''",
        "DELETE FROM ledger_leaf",
        "UPDATE ledger_leaf SET body = ''",
        "UPDATE ledger_leaf SET idx = 1",
        "DELETE FROM ledger_checkpoint",
        "DROP TABLE boards_entry",
        "TRUNCATE ledger_leaf",
    ],
)
def test_the_application_cannot_change_what_happened(committed: str, rights: list[str], statement: str) -> None:
    with as_role("app", committed) as database, pytest.raises(psycopg.errors.InsufficientPrivilege):
        database.execute(statement)


@pytest.mark.parametrize(
    "statement", ["UPDATE ledger_leaf SET body = ''", "SELECT * FROM people_user", "DELETE FROM ledger_leaf"]
)
def test_the_sequencer_only_numbers_leaves(committed: str, rights: list[str], statement: str) -> None:
    with as_role("sequencer", committed) as database:
        database.execute("UPDATE ledger_leaf SET shard = '2026', idx = 0 WHERE id = 0")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            database.execute(statement)


def test_rights_can_be_given_again(committed: str, rights: list[str]) -> None:
    assert rights == privileges.grant() == ["jiebang_app", "jiebang_sequencer"]


# ── Silence of the clock ────────────────────────────────────────────────────────────────────────────────────


def outages() -> list[dict[str, object]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM ledger_leaf WHERE kind = 'outage' ORDER BY id")
        return [parse(ledger.leaf_bytes(leaf_id)) for (leaf_id,) in cursor.fetchall()]


@pytest.mark.django_db
def test_a_silence_of_the_clock_is_written_into_the_log(tmp_path: Path) -> None:
    heartbeat = tmp_path / "last-tick"
    loops.note_outage(heartbeat, at=NOON)
    loops.beat(heartbeat, at=NOON)

    loops.note_outage(heartbeat, at=NOON + timedelta(hours=2))

    [leaf] = outages()
    assert leaf["since"] == int(NOON.timestamp() * 1000)
    assert leaf["until"] == int((NOON + timedelta(hours=2)).timestamp() * 1000)


@pytest.mark.django_db
def test_a_short_pause_is_no_outage(tmp_path: Path) -> None:
    heartbeat = tmp_path / "last-tick"
    loops.beat(heartbeat, at=NOON)

    loops.note_outage(heartbeat, at=NOON + timedelta(minutes=14))

    assert outages() == []


@pytest.mark.django_db
def test_tidying_up_takes_old_sessions_and_leaves_the_others() -> None:
    with connection.cursor() as cursor:
        for key, days in (("old", -1), ("new", 1)):
            cursor.execute(
                "INSERT INTO people_session (session_key, session_data, expire_date)"
                " VALUES (%s, '', now() + make_interval(days => %s::int))",
                [key, days],
            )

    loops.tidy(at=NOON)

    with connection.cursor() as cursor:
        cursor.execute("SELECT session_key FROM people_session")
        assert cursor.fetchall() == [("new",)]

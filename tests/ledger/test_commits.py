"""Followers, roles and several sequencers at once: what only real commits show."""

from __future__ import annotations

import threading
from pathlib import Path

import psycopg
import pytest
from django.conf import settings
from django.db import connection

from jiebang.desk import home as homes
from jiebang.ledger import privileges, queries, services
from tests.ledger.alog import NOON, SEED, founded, shown, some


def test_a_follower_never_skips_what_commits_late(committed: str) -> None:
    insert = "INSERT INTO ledger_leaf (kind, body) VALUES (%s, '') RETURNING id"
    with psycopg.connect(committed) as early, psycopg.connect(committed) as late:
        for one in (early, late):
            one.execute("SET search_path = leshan")
        early.execute("SELECT pg_current_xact_id()")  # has the older transaction, but writes its leaf second
        late_id = late.execute(insert, ["late"]).fetchone()[0]
        early_id = early.execute(insert, ["early"]).fetchone()[0]
        early.commit()
        assert late_id < early_id

        seen = queries.facts_after(0, limit=10)
        assert [fact.kind for fact in seen] == ["early"]
        services.advance("figures", seen[-1].leaf_id)
        late.commit()

    assert [fact.kind for fact in queries.facts_after(queries.cursor("figures"), limit=10)] == ["late"]


def test_what_was_restored_from_another_server_is_seen_after_settling(
    committed: str,
) -> None:
    services.append(some(2))
    with connection.cursor() as cursor:
        cursor.execute("UPDATE ledger_leaf SET txn = '999999999999'::xid8")
    assert not queries.is_settled()
    assert queries.facts_after(0, limit=10) == []

    services.settle_after_restore()

    assert queries.is_settled()
    first, second = queries.facts_after(0, limit=10)
    services.append(some(1))
    assert len(queries.facts_after(second.leaf_id, limit=10)) == 1
    assert len(queries.facts_after(first.leaf_id, limit=10)) == 2


def test_a_cursor_starts_at_nothing_and_moves(committed: str) -> None:
    assert queries.cursor("new") == 0
    services.advance("new", 7)
    services.advance("new", 9)
    assert queries.cursor("new") == 9


def test_the_app_role_can_add_and_read_and_nothing_else(committed: str, tmp_path: Path) -> None:
    with connection.cursor() as cursor:
        cursor.execute("GRANT USAGE ON SCHEMA leshan TO jiebang_app, jiebang_sequencer")
        for statement in (*privileges.for_app("jiebang_app"), *privileges.for_sequencer("jiebang_sequencer")):
            cursor.execute(statement)
    founded(tmp_path)

    def as_role(role: str, statement: str) -> None:
        name = connection.settings_dict["NAME"]
        address = homes.own_database_url(homes.Home(settings.JIEBANG_HOME), role.removeprefix("jiebang_"), name=name)
        with psycopg.connect(address, options="-c search_path=leshan") as session:
            session.execute(statement)

    insert = "INSERT INTO ledger_leaf (kind, body) VALUES ('x', '') RETURNING id"
    as_role("jiebang_app", insert)
    as_role("jiebang_app", "SELECT * FROM ledger_leaf")
    as_role(
        "jiebang_sequencer",
        "UPDATE ledger_leaf SET shard = '2026', idx = 5 WHERE kind = 'x'",
    )
    for role, statement in (
        ("jiebang_app", "UPDATE ledger_leaf SET idx = 9"),
        (
            "jiebang_app",
            "INSERT INTO ledger_leaf (kind, body, shard, idx) VALUES ('x', '', '2026', 9)",
        ),
        ("jiebang_app", "DELETE FROM ledger_leaf"),
        ("jiebang_app", "TRUNCATE ledger_leaf"),
        ("jiebang_app", "INSERT INTO ledger_checkpoint VALUES ('o', 1, '', '', now())"),
        ("jiebang_sequencer", "UPDATE ledger_leaf SET body = ''"),
        ("jiebang_sequencer", "DELETE FROM ledger_checkpoint"),
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            as_role(role, statement)


def test_two_sequencers_at_once_number_everything_once(committed: str, tmp_path: Path) -> None:
    founded(tmp_path)
    services.append(some(900))
    done: list[int] = []

    def work() -> None:
        try:
            while n := services.sequence_once(log_dir=tmp_path, seed=SEED, at=NOON, limit=100):
                done.append(n)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sum(done) == 900
    assert shown(tmp_path).size == 901
    assert queries.audit(log_dir=tmp_path) == []

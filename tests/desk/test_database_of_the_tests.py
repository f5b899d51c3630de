"""The tests' own database: what every other test stands on."""

from __future__ import annotations

import threading

import psycopg
import pytest
from django.conf import settings
from django.db import connection


@pytest.mark.django_db
def test_tables_live_in_the_schema_of_the_city() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT schemaname FROM pg_tables WHERE tablename = 'django_migrations'")

        assert cursor.fetchall() == [(settings.JIEBANG_CITY,)]


def test_a_committed_database_is_seen_from_another_thread_and_another_connection(committed: str) -> None:
    seen: list[tuple[object, ...]] = []

    def look() -> None:
        with psycopg.connect(committed) as other:
            seen.extend(other.execute(f"SELECT n FROM {settings.JIEBANG_CITY}.said").fetchall())

    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE said (n integer)")
        cursor.execute("INSERT INTO said VALUES (7)")
    thread = threading.Thread(target=look)
    thread.start()
    thread.join()

    assert seen == [(7,)]

"""A PostgreSQL of one's own: nothing unasked, and patience when it is gone."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from jiebang.desk import home as homes
from jiebang.desk import postgres
from jiebang.desk.home import Home
from tests.desk.city import City, until

pytestmark = pytest.mark.fault


@pytest.fixture(scope="module")
def server() -> Iterator[City]:
    """Somebody's PostgreSQL; only its folder and addresses are used of this city."""
    somebody = City()
    homes.found(somebody.home, city="leshan")
    postgres.create(somebody.home, sync=False)
    yield somebody
    somebody.clear()


def addresses(home: Home) -> dict[str, str]:
    return {
        "DATABASE_URL": homes.own_database_url(home, "app"),
        "DATABASE_URL_OWNER": homes.own_database_url(home, "owner"),
        "DATABASE_URL_SEQUENCER": homes.own_database_url(home, "sequencer"),
    }


def test_nothing_is_created_unasked_and_an_outage_is_waited_for(server: City) -> None:
    city, given = City(), addresses(server.home)
    running = postgres.start(server.home, settings=["fsync=off"])
    postgres.prepare(server.home, schema="unrelated")
    try:
        # ── Nothing unasked ──
        refused = city.run("up", **given)
        assert refused.returncode == 1
        assert "jiebang migrate && jiebang log init" in refused.stderr
        assert tables(server.home) == 0
        assert not city.home.secrets.exists()

        for command in (["migrate"], ["log", "init"]):
            done = city.run(*command, **given)
            assert done.returncode == 0, done.stderr
        assert not (city.home.secrets / "database-super").exists()
        again = city.run("log", "init", **given)
        assert again.returncode == 1

        city.start(**given)
        assert city.get("")[0] == 200
        assert not city.home.pg.exists()

        # ── The database is gone ──
        before = len(city.said)
        running.stop()
        for loop in ("tick", "sequence", "follow"):
            city.hears(f"{loop}: no database", after=before)
        status, page = city.get("")
        assert status == 503
        assert "try again" in page.lower()
        assert "再试" in page or "稍后" in page

        # ── And comes back ──
        running = postgres.start(server.home, settings=["fsync=off"])
        for loop in ("tick", "sequence", "follow"):
            city.hears(f"{loop}: the database is back", after=before)
        until(lambda: city.get("")[0] == 200, "the board is back")
        assert [line for line in city.said[before:] if "ended (" in line] == []
        assert city.run("audit", **given).returncode == 0
    finally:
        city.clear()
        running.stop()


def tables(home: Home) -> int:
    with psycopg.connect(homes.own_database_url(home, "super")) as database:
        row = database.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'leshan'").fetchone()
    return int(row[0]) if row else 0

"""The database of the tests: a PostgreSQL of our own on a temporary folder, with fsync off.

One server for each xdist worker, with a template database that has all migrations. One for all would let a
transaction open in one worker's database hold back the horizon below which followers read in another's: PostgreSQL
counts transactions for the whole server. It starts when the first test asks for the database, so the hearts' tests
never wait for it.

| fixture | what |
|---|---|
| `db`, `@pytest.mark.django_db` | pytest-django's: each test in a transaction that is rolled back |
| `committed` | a database of the test's own with real commits; gives its address, for threads and processes |
"""

from __future__ import annotations

import itertools
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from psycopg import sql
from pytest_django.plugin import DjangoDbBlocker

from jiebang.desk import home as homes
from jiebang.desk import postgres

TEMPLATE = "jiebang_template"
QUICK_NOT_SAFE = ("fsync=off", "full_page_writes=off", "synchronous_commit=off", "shared_buffers=64MB")
_numbers = itertools.count(1)

hypothesis_settings.register_profile(
    "quick", max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
hypothesis_settings.register_profile(
    "long", max_examples=20_000, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
hypothesis_settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))


# ── One server a worker ────────────────────────────────────────────────────────────────────────────────────────


def pytest_configure(config: pytest.Config) -> None:
    folder = Path(tempfile.mkdtemp(prefix="jiebang-tests-"))
    folder.chmod(0o755)  # as root, PostgreSQL's own user must be able to walk in
    home = homes.Home(folder / "home")
    homes.found(home, city="leshan")
    config.stash[HOME] = home
    made = homes.environment(home, role="owner", given={})
    settings.JIEBANG_HOME = home.root
    settings.JIEBANG_FILES = home.files
    settings.JIEBANG_LOG = home.log
    settings.JIEBANG_CODE_KEY = bytes.fromhex(made["JIEBANG_CODE_KEY"])
    settings.JIEBANG_LOG_SEED = bytes.fromhex(made["JIEBANG_LOG_SEED"])
    settings.JIEBANG_ORIGIN = made["JIEBANG_ORIGIN"]
    settings.JIEBANG_DEMONSTRATION = True


def pytest_unconfigure(config: pytest.Config) -> None:
    server = config.stash.get(SERVER, None)
    if server is not None:
        server.stop()
    home = config.stash.get(HOME, None)
    if home is not None:
        shutil.rmtree(home.root.parent, ignore_errors=True)


HOME = pytest.StashKey[homes.Home]()
SERVER = pytest.StashKey[postgres.Server]()


def _have_server(config: pytest.Config) -> None:
    home = config.stash[HOME]
    if home.pg.exists():
        return
    postgres.create(home, sync=False)
    config.stash[SERVER] = postgres.start(home, settings=QUICK_NOT_SAFE)
    postgres.prepare(home, schema=settings.JIEBANG_CITY)


# ── Databases ───────────────────────────────────────────────────────────────────────────────────────────────


@contextmanager
def _administrator(home: homes.Home) -> Iterator[psycopg.Connection]:
    with psycopg.connect(homes.own_database_url(home, "super", name="postgres"), autocommit=True) as connection:
        yield connection


def _make_database(home: homes.Home, name: str, *, template: str) -> None:
    with _administrator(home) as server:
        server.execute(
            sql.SQL("CREATE DATABASE {} OWNER jiebang_owner TEMPLATE {}").format(
                sql.Identifier(name), sql.Identifier(template)
            )
        )


def _drop_database(home: homes.Home, name: str) -> None:
    with _administrator(home) as server:
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def _use(home: homes.Home, name: str) -> None:
    connections.close_all()
    # The same dictionary serves every thread's connection, so threads a test starts follow.
    connections["default"].settings_dict.update(
        NAME=name,
        USER="jiebang_owner",
        PASSWORD=home.secret("database-owner"),
        HOST=str(homes.socket_folder(home)),
    )


def _make_template(home: homes.Home) -> None:
    _make_database(home, TEMPLATE, template="template1")
    _use(home, TEMPLATE)
    with connections["default"].cursor() as cursor:
        cursor.execute(f'CREATE SCHEMA "{settings.JIEBANG_CITY}"')
    call_command("migrate", verbosity=0, interactive=False)
    connections.close_all()


@pytest.fixture(scope="session")
def django_db_setup(
    request: pytest.FixtureRequest, django_test_environment: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[None]:
    """pytest-django asks for this before the first test with a database."""
    home = request.config.stash[HOME]
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    with django_db_blocker.unblock():
        _have_server(request.config)
        _make_template(home)
        _make_database(home, f"jiebang_{worker}", template=TEMPLATE)
        _use(home, f"jiebang_{worker}")
    yield
    with django_db_blocker.unblock():
        connections.close_all()


@pytest.fixture
def committed(
    request: pytest.FixtureRequest, django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[str]:
    """Give the test a database of its own with real commits; the value is its address (role owner)."""
    home = request.config.stash[HOME]
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    name = f"jiebang_{worker}_{next(_numbers)}"
    with django_db_blocker.unblock():
        _make_database(home, name, template=TEMPLATE)
        _use(home, name)
        yield homes.own_database_url(home, "owner", name=name)
        _use(home, f"jiebang_{worker}")
        _drop_database(home, name)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the browser journeys last.

    Playwright's loop and threads stay in a process until its session ends. What forks afterwards to be killed at every
    step may wait for ever for a lock nobody holds in the child.
    """
    items.sort(key=lambda item: "journeys" in item.path.parts)

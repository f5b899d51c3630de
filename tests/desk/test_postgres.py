"""The home's own PostgreSQL: made, started, found, and not believed too easily."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from jiebang.desk import home as homes
from jiebang.desk import postgres
from jiebang.desk.home import DeskError, Home

pytestmark = pytest.mark.fault
NOT_SAFE = ["fsync=off"]


@pytest.fixture
def home() -> Iterator[Home]:
    # Not pytest's own folder: as root it is closed to everybody else, PostgreSQL's user included.
    folder = Path(tempfile.mkdtemp(prefix="jiebang-test-"))
    folder.chmod(0o755)
    made = Home(folder / "home")
    homes.found(made, city="leshan")
    postgres.create(made, sync=False)
    yield made
    shutil.rmtree(folder)


def test_the_pid_of_a_stranger_in_the_pid_file_is_not_believed(home: Home) -> None:
    # After a reboot the number in a file left behind may be anybody's; here it is ours.
    (home.pg / "postmaster.pid").write_text(f"{os.getpid()}\n{home.pg}\n1\n5432\n\n\n\nready\n")

    assert postgres.running_pid(home) is None
    server = postgres.start(home, settings=NOT_SAFE)

    assert postgres.running_pid(home) == server.process.pid
    server.stop()
    assert postgres.running_pid(home) is None


def test_after_a_kill_it_recovers_and_has_what_was_committed(home: Home) -> None:
    server = postgres.start(home)
    postgres.prepare(home, schema="leshan")
    with psycopg.connect(homes.own_database_url(home, "owner")) as database:
        database.execute("CREATE TABLE leshan.kept AS SELECT 7 AS n")
    server.process.kill()
    server.process.wait()

    # Its workers notice that the server is gone and leave; until then the memory they share is in use.
    again = start_when_possible(home)

    with psycopg.connect(homes.own_database_url(home, "owner")) as database:
        assert database.execute("SELECT n FROM leshan.kept").fetchone() == (7,)
    again.stop()


def start_when_possible(home: Home, tries: int = 20) -> postgres.Server:
    for _ in range(tries - 1):
        try:
            return postgres.start(home)
        except DeskError:
            continue
    return postgres.start(home)


def test_a_second_server_on_the_same_data_is_refused(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres, "LEAVING_S", 0.2)
    server = postgres.start(home, settings=NOT_SAFE)

    with pytest.raises(DeskError, match="already serves"):
        postgres.start(home, settings=NOT_SAFE)

    server.stop()


def test_running_uses_the_server_that_is_there_and_leaves_it_alone(home: Home) -> None:
    server = postgres.start(home, settings=NOT_SAFE)

    with postgres.running(home):
        assert postgres.answers(home)

    assert server.process.poll() is None
    server.stop()


def test_running_starts_one_for_so_long(home: Home) -> None:
    with postgres.running(home):
        assert postgres.answers(home)

    assert postgres.running_pid(home) is None


def test_the_roles_are_not_superusers_and_strangers_are_kept_out(home: Home) -> None:
    with postgres.running(home):
        postgres.prepare(home, schema="leshan")
        postgres.prepare(home, schema="leshan")  # a second start finds everything there
        with psycopg.connect(homes.own_database_url(home, "super")) as database:
            rows = database.execute(
                "SELECT rolname, rolsuper FROM pg_roles WHERE rolname LIKE 'jiebang%' ORDER BY rolname"
            ).fetchall()
            order = database.execute(
                "SELECT datlocprovider, datlocale FROM pg_database WHERE datname = 'jiebang'"
            ).fetchone()
        wrong = homes.own_database_url(home, "app").replace(home.secret("database-app"), "wrong")

        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(wrong)

    assert rows == [
        ("jiebang_app", False),
        ("jiebang_owner", False),
        ("jiebang_sequencer", False),
        ("jiebang_super", True),
    ]
    assert order == ("b", "C.UTF-8")


def test_a_home_whose_path_is_too_long_for_a_socket_works(home: Home) -> None:
    far = Home(home.root.parent / ("far-" * 25) / "home")
    far.root.parent.mkdir()
    home.root.rename(far.root)

    with postgres.running(far):
        assert postgres.answers(far)

    assert homes.socket_folder(far).parent == Path("/tmp")
    shutil.rmtree(homes.socket_folder(far))
    far.root.rename(home.root)


def test_a_folder_of_somebody_else_in_tmp_is_not_used(home: Home) -> None:
    far = Home(home.root.parent / ("far-" * 25) / "home")
    far.root.parent.mkdir()
    home.root.rename(far.root)
    folder = homes.socket_folder(far)
    folder.symlink_to("/")

    with pytest.raises(DeskError, match="belongs to somebody else"):
        postgres.start(far)

    folder.unlink()
    far.root.rename(home.root)


@pytest.mark.skipif(os.geteuid() != 0, reason="only as root does PostgreSQL run as another user")
def test_a_closed_folder_is_named_and_never_opened(home: Home) -> None:
    parent = home.root.parent
    parent.chmod(0o700)

    with pytest.raises(DeskError, match="can't enter"):
        postgres.start(home)

    assert parent.stat().st_mode & 0o777 == 0o700

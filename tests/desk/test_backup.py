"""Backups: the whole city in one file, and what an older one must never lead to."""

from __future__ import annotations

import re
import stat
import tarfile
from pathlib import Path

import pytest

from jiebang.desk import backup
from jiebang.desk.home import Home, size_of_log
from tests.desk.city import City, until

pytestmark = pytest.mark.fault


def published(city: City) -> int:
    return size_of_log(city.home)


def raise_and_publish(city: City, n: int) -> list[tuple[str, str]]:
    before = published(city)
    raised = city.raise_some(n)
    until(lambda: published(city) == before + n, f"{n} leaves are published")
    return raised


def a_backup(city: City, name: str, *options: str) -> Path:
    target = city.folder / name
    done = city.run("backup", str(target), *options)
    assert done.returncode == 0, done.stderr
    return target


def test_a_city_is_restored_beside_the_old_one_and_the_codes_still_work(city: City) -> None:
    [(number, code)] = raise_and_publish(city, 1)
    file = a_backup(city, "whole.tar")
    other = City()
    try:
        restored = other.run("restore", str(file))
        assert restored.returncode == 0, restored.stderr

        audited = other.run("audit")
        other.start()

        assert audited.returncode == 0, audited.stderr
        assert published(other) == published(city)
        assert other.home.secret("log-seed") == city.home.secret("log-seed")
        assert other.home.secret("database-app") != city.home.secret("database-app")
        assert other.get(f"r/{code}")[0] == 200
        assert other.get(f"e/{number}")[0] == city.get(f"e/{number}")[0]
    finally:
        other.clear()


def test_a_raiser_is_forgotten_by_code_and_everything_still_holds(city: City) -> None:
    [(number, code)] = raise_and_publish(city, 1)
    before = published(city)

    erased = city.run("erase", code, "--ground", "asked for by the raiser")
    until(lambda: published(city) == before + 1, "the log says that something was forgotten")
    again = city.run("erase", number, "--ground", "asked again")

    assert erased.returncode == 0, erased.stderr
    assert erased.stdout.startswith(number)
    assert again.returncode == 1
    assert city.get(f"r/{code}")[0] != 200
    assert city.run("audit").returncode == 0
    assert city.run("verify", str(city.home.log)).returncode == 0


def test_a_backup_is_for_its_owner_alone_and_never_overwrites(city: City) -> None:
    file = a_backup(city, "mine.tar")

    again = city.run("backup", str(file))

    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert again.returncode == 1
    assert "never overwritten" in again.stderr


def test_secrets_may_be_left_out_and_the_restore_says_which_are_missing(city: City) -> None:
    file = a_backup(city, "without.tar", "--without-secrets")
    other = City()

    restored = other.run("restore", str(file))
    left = list(other.home.secrets.iterdir())
    other.clear()

    with tarfile.open(file) as tar:
        assert not [name for name in tar.getnames() if name.startswith("secrets")]
    assert restored.returncode == 1
    assert "log-seed" in restored.stderr
    assert left == []


def test_a_home_with_something_in_it_is_not_restored_over(city: City) -> None:
    refused = city.run("restore", str(a_backup(city, "over.tar")))

    assert refused.returncode == 1
    assert "is not empty" in refused.stderr


def test_a_file_that_is_no_backup_is_refused(city: City, tmp_path: Path) -> None:
    other, file = City(), tmp_path / "letter.tar"
    file.write_text("Dear city,")

    refused = other.run("restore", str(file))
    other.clear()

    assert refused.returncode == 1
    assert "can't be read" in refused.stderr


def test_a_backup_reaches_nothing_outside_the_home(city: City, tmp_path: Path) -> None:
    good = a_backup(city, "good.tar")
    bad = tmp_path / "bad.tar"
    evil = tmp_path / "evil"
    evil.write_text("evil")
    with tarfile.open(good) as from_, tarfile.open(bad, "w") as to:
        for member in from_:
            to.addfile(member, from_.extractfile(member))
        to.add(evil, arcname="log/../../escaped")
        to.add(evil, arcname="files/../../escaped")
    other = City()

    other.run("restore", str(bad))
    escaped = list(other.folder.rglob("escaped"))
    other.clear()

    assert escaped == []


def test_a_lost_log_is_written_again_and_signed_anew_by_nobody(city: City) -> None:
    raise_and_publish(city, 1)
    refused = city.run("log", "rebuild")
    city.stop()
    note = (shard_of(city.home) / "checkpoint").read_bytes()
    city.home.log.rename(city.folder / "lost")

    done = [city.run(*words) for words in (("log", "rebuild"), ("sequence", "--once"), ("audit",))]

    assert (refused.returncode, "holds a log of" in refused.stderr) == (1, True)
    assert [one.returncode for one in done] == [0, 0, 0], [one.stderr for one in done]
    assert (shard_of(city.home) / "checkpoint").read_bytes() == note
    city.start()


def test_an_older_database_is_not_published_and_both_sizes_are_named(city: City) -> None:
    older = a_backup(city, "older.tar")
    size_then = published(city)
    raise_and_publish(city, 2)
    city.stop()
    note = (shard_of(city.home) / "checkpoint").read_bytes()

    restored = city.run("restore", "--database-only", str(older))
    refused = city.run("sequence", "--once")
    examined = city.run("doctor")

    assert restored.returncode == 0, restored.stderr
    assert refused.returncode == 1
    assert "Traceback" not in refused.stderr
    for said in (refused.stderr, examined.stdout):
        assert re.search(rf"\b{size_then}\b", said)
        assert re.search(rf"\b{size_then + 2}\b", said)
    assert examined.returncode == 1
    assert (shard_of(city.home) / "checkpoint").read_bytes() == note

    # The pages go on meanwhile, and say so again rather than dying.
    city.start()
    city.hears("older backup")
    assert city.get("")[0] == 200


def shard_of(home: Home) -> Path:
    return next(path.parent for path in home.log.glob("*/checkpoint"))


def test_a_setting_that_an_older_server_refuses_is_left_out_of_the_script_and_nothing_else(tmp_path: Path) -> None:
    written, kept = tmp_path / "written", tmp_path / "kept"
    head, rest = b"SET lock_timeout = 0;\n", b"COPY a FROM stdin;\nSET transaction_timeout = 0;\n\\.\n"
    written.write_bytes(head + backup.UNKNOWN_SETTING + rest)

    backup._leave_out(backup.UNKNOWN_SETTING, source=written, target=kept)

    assert kept.read_bytes() == head + rest

"""The home: what a first start makes, and what is refused."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from jiebang.desk import home as homes
from jiebang.desk.home import DeskError, Home


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home(tmp_path / "home")
    homes.found(made, city="leshan")
    return made


def finished(home: Home) -> Home:
    """The home as after a whole first start."""
    home.pg.mkdir()
    (home.log / "2026").mkdir(parents=True)
    (home.log / "2026" / "checkpoint").write_text("jiebang.invalid/leshan/0/2026\n17\nroot\n")
    home.founding.unlink()
    return home


def test_a_first_start_keeps_every_secret_to_its_owner(home: Home) -> None:
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in home.secrets.iterdir()}

    assert stat.S_IMODE(home.secrets.stat().st_mode) == 0o700
    assert modes == dict.fromkeys((*homes.KEYS, *homes.PASSWORDS), 0o600)


def test_two_homes_of_one_city_never_share_a_log_name(home: Home, tmp_path: Path) -> None:
    other = Home(tmp_path / "other")
    homes.found(other, city="leshan")

    assert home.settings()["origin"] != other.settings()["origin"]
    assert str(home.settings()["origin"]).startswith("jiebang.invalid/leshan/")


def test_a_secret_that_others_may_read_is_refused_with_the_mend(home: Home) -> None:
    (home.secrets / "log-seed").chmod(0o644)

    with pytest.raises(DeskError, match="chmod 600"):
        home.secret("log-seed")


@pytest.mark.parametrize("lost", ["pg", "log", "secrets", "jiebang.toml"])
def test_a_half_present_home_is_refused_with_both_sizes(home: Home, lost: str) -> None:
    finished(home)
    path = home.root / lost
    path.rename(home.root / "lost")

    with pytest.raises(DeskError) as refused:
        homes.refuse_half_present(home, own_database=True)

    assert f"{lost} missing" in refused.value.what
    assert "the log on disk has 17 leaves" in refused.value.what.lower() or lost == "log"
    assert "database" in refused.value.what


def test_a_whole_home_and_an_empty_one_are_both_welcome(home: Home, tmp_path: Path) -> None:
    homes.refuse_half_present(finished(home), own_database=True)
    homes.refuse_half_present(Home(tmp_path / "nothing"), own_database=True)

    assert not homes.is_fresh(home)
    assert homes.is_fresh(Home(tmp_path / "nothing"))


def test_a_first_start_that_was_interrupted_begins_anew(home: Home) -> None:
    before = home.secret("log-seed")
    (home.pg).mkdir()

    assert homes.is_fresh(home)
    homes.found(home, city="leshan")

    assert not home.pg.exists()
    assert home.secret("log-seed") != before


def test_the_environment_wins_over_the_files(home: Home) -> None:
    made = homes.environment(home, role="sequencer", given={"JIEBANG_LOG_SEED": "ab" * 32, "JIEBANG_HTTPS": "1"})

    assert made["JIEBANG_LOG_SEED"] == "ab" * 32
    assert made["JIEBANG_HTTPS"] == "1"
    assert made["JIEBANG_CODE_KEY"] == home.secret("code-key")


def test_the_application_never_gets_the_seed_of_the_log(home: Home) -> None:
    from_files = homes.environment(home, role="app", given={})
    from_outside = homes.environment(home, role="app", given={"JIEBANG_LOG_SEED": "ab" * 32})

    assert "JIEBANG_LOG_SEED" not in from_files
    assert "JIEBANG_LOG_SEED" not in from_outside


def test_each_role_has_its_own_address_and_password(home: Home) -> None:
    urls = {role: homes.environment(home, role=role, given={})["DATABASE_URL"] for role in homes.ROLES}

    assert len(set(urls.values())) == 3
    assert all(f"//jiebang_{role}:" in url for role, url in urls.items())


def test_a_database_of_ones_own_may_name_a_role_each(home: Home) -> None:
    given = {"DATABASE_URL": "postgresql:///a", "DATABASE_URL_OWNER": "postgresql:///b"}

    assert homes.environment(home, role="app", given=given)["DATABASE_URL"] == "postgresql:///a"
    assert homes.environment(home, role="owner", given=given)["DATABASE_URL"] == "postgresql:///b"


def test_another_city_in_the_same_home_is_refused(home: Home) -> None:
    with pytest.raises(DeskError, match="holds leshan"):
        homes.environment(home, role="app", given={"JIEBANG_CITY": "millbrook"})


def test_an_unknown_city_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")

    with pytest.raises(DeskError, match="JIEBANG_CITY"):
        homes.found(home, city="atlantis")

    assert not home.root.exists()


def test_the_pages_of_a_town_speak_its_language(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    homes.found(home, city="millbrook")

    made = homes.environment(home, role="app", given={})

    assert (made["JIEBANG_ZONE"], made["JIEBANG_LANGUAGES"]) == ("Europe/London", "en")


def test_a_long_path_moves_the_socket_to_a_short_one(tmp_path: Path) -> None:
    far = Home(tmp_path / ("far-" * 30))
    near = Home(Path("/srv/city"))

    assert homes.socket_folder(near) == Path("/srv/city/run/pg")
    assert len(str(homes.socket_folder(far) / ".s.PGSQL.5432")) < 107


def test_a_place_that_cannot_be_written_is_named_with_the_mend(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")

    with pytest.raises(DeskError, match="JIEBANG_HOME"):
        homes.found(Home(tmp_path / "file" / "home"), city="leshan")


@pytest.mark.parametrize("name", homes.KEYS)
def test_a_city_without_one_of_its_keys_does_not_start(home: Home, name: str) -> None:
    role: homes.Role = "sequencer" if name == "log-seed" else "app"
    (home.secrets / name).unlink()

    (lost,) = homes.lost_secrets(home, {}, own_database=True)

    assert str(home.secrets / name) in lost.what
    assert f"tar -xOf BACKUP.tar secrets/{name}" in lost.next_step
    with pytest.raises(DeskError, match=f"{name} is missing"):
        homes.environment(home, role=role, given={})
    assert list(homes.lost_secrets(home, {homes.KEYS[name]: "ab" * 32}, own_database=True)) == []


def test_a_key_that_cannot_be_one_is_named(home: Home) -> None:
    (home.secrets / "code-key").write_text("")

    (lost,) = homes.lost_secrets(home, {"JIEBANG_LOG_SEED": "ab" * 32}, own_database=True)

    assert "code-key is damaged" in lost.what


def test_no_home_and_no_key_is_no_reason_to_serve_without_one(tmp_path: Path) -> None:
    given = {"DATABASE_URL": "postgresql:///a"}

    with pytest.raises(DeskError, match=r"JIEBANG_DJANGO_KEY"):
        homes.environment(Home(tmp_path / "nothing"), role="app", given=given)

    assert homes.environment(Home(tmp_path / "nothing"), role="owner", given=given)["DATABASE_URL"] == "postgresql:///a"


def test_lost_passwords_are_made_again_unless_it_is_the_one_that_could(home: Home) -> None:
    home.pg.mkdir()
    (home.secrets / "database-app").unlink()

    assert homes.renew_passwords(home) == ["database-app"]
    (home.secrets / "database-super").unlink()
    with pytest.raises(DeskError, match="restore --database-only"):
        homes.renew_passwords(home)
    assert not (home.secrets / "database-super").exists()

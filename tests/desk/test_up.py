"""`jiebang up` as people and accidents treat it."""

from __future__ import annotations

import signal
import urllib.request
from pathlib import Path

import psutil
import pytest

from jiebang.desk import home as homes
from jiebang.desk import postgres
from tests.desk.city import City, until

pytestmark = pytest.mark.fault


def test_the_first_start_serves_and_says_where(city: City) -> None:
    status, page = city.get("")

    assert status == 200
    assert "乐山" in page
    assert any(city.url in line for line in city.said)


def test_no_secret_is_ever_said(city: City) -> None:
    kept = [path.read_text().strip() for path in city.home.secrets.iterdir()]

    said = "\n".join(city.said)

    assert [secret for secret in kept if secret in said] == []


def test_a_second_start_on_the_same_home_is_refused_kindly(city: City) -> None:
    refused = city.run("up")

    assert refused.returncode == 1
    assert "already runs" in refused.stderr
    assert city.url in refused.stderr
    assert "JIEBANG_HOME=… JIEBANG_PORT=" in refused.stderr


def test_two_cities_live_side_by_side(city: City) -> None:
    other = City()
    try:
        other.start(JIEBANG_CITY="millbrook")

        assert other.get("")[0] == city.get("")[0] == 200
        assert "Millbrook" in other.get("")[1]
        assert other.home.settings()["origin"] != city.home.settings()["origin"]
    finally:
        other.clear()


def test_a_taken_port_is_named_before_anything_is_made(city: City) -> None:
    other = City()
    other.port = city.port

    refused = other.run("up")
    other.clear()

    assert refused.returncode == 1
    assert f"Port {city.port}" in refused.stderr
    assert not other.home.pg.exists()


@pytest.mark.parametrize("name", ["serve", "tick", "sequence", "follow"])
def test_a_killed_process_comes_back(city: City, name: str) -> None:
    until(lambda: is_running(city, name), f"{name} runs")
    victim, before = city.child(name), len(city.said)

    victim.kill()

    city.hears(f"{name} │ ended (killed by SIGKILL)", after=before)
    until(lambda: is_running(city, name) and city.child(name).pid != victim.pid, f"{name} runs again")
    until(city.is_serving, "the pages are back")


def test_a_killed_database_comes_back_and_the_pages_with_it(city: City) -> None:
    before = len(city.said)

    city.child("postgres").kill()

    city.hears("postgres │ ended (killed by SIGKILL)", after=before)
    until(lambda: postgres.answers(city.home), "the database answers")
    until(lambda: city.get("")[0] == 200, "the board is back")
    assert city.run("audit").returncode == 0


def test_after_all_this_nothing_is_lost_and_the_doctor_is_content(city: City) -> None:
    audited, examined = city.run("audit"), city.run("doctor")

    assert audited.returncode == 0, audited.stderr
    assert examined.returncode == 0, examined.stdout
    assert "jiebang answers at" in examined.stdout


def test_the_log_holds_for_a_stranger_with_the_file_the_city_hands_out(city: City, tmp_path: Path) -> None:
    file = tmp_path / "verify.py"
    with urllib.request.urlopen(f"{city.url}verify.py") as answer:
        file.write_bytes(answer.read())

    verified = city.run("verify", f"{city.url}log")

    assert verified.returncode == 0, verified.stdout
    assert "published texts compile" in verified.stdout


def test_ctrl_c_ends_everybody_and_the_next_start_finds_everything(city: City) -> None:
    everybody = city.everybody()
    origin = city.home.settings()["origin"]

    status = city.stop(signal.SIGINT)

    assert status == 0
    assert alive(everybody) == []
    city.start()
    assert city.home.settings()["origin"] == origin
    assert city.get("")[0] == 200


def test_a_killed_supervisor_leaves_nobody_behind_and_the_next_start_works(city: City) -> None:
    everybody = city.everybody()

    city.stop(signal.SIGKILL)

    until(lambda: alive(everybody) == [], "all processes are gone")
    city.start()
    assert city.get("")[0] == 200


def test_a_half_present_home_is_refused_and_nothing_is_made(city: City) -> None:
    city.stop()
    aside = city.folder / "log-aside"
    city.home.log.rename(aside)

    refused = city.run("up")

    aside.rename(city.home.log)
    assert refused.returncode == 1
    assert "half there" in refused.stderr
    city.start()


def is_running(city: City, name: str) -> bool:
    try:
        return city.child(name).is_running()
    except (AssertionError, psutil.Error):
        return False


def alive(processes: list[psutil.Process]) -> list[psutil.Process]:
    return [one for one in processes if one.is_running() and one.status() != psutil.STATUS_ZOMBIE]


def test_a_first_start_cut_short_begins_anew(tmp_path: Path) -> None:
    city = City()
    homes.found(city.home, city="leshan")
    city.home.pg.mkdir()
    try:
        city.start()

        assert city.get("healthz")[0] == 200
        assert not city.home.founding.exists()
    finally:
        city.clear()


def test_a_past_cut_short_is_played_on_and_then_the_clock_begins() -> None:
    city = City()
    try:
        city.start(JIEBANG_DEMO="60")
        assert "Accounts to try" in "\n".join(city.said)
        city.hears("demonstration: ")
        city.stop(signal.SIGKILL)
        assert not city.home.demonstration_played.exists()
        assert city.home.demonstration_progress.exists()

        city.start(JIEBANG_DEMO="60")
        city.hears("the demonstration city is played")

        until(lambda: is_running(city, "tick"), "the clock runs")
        assert not city.home.demonstration_progress.exists()
        audited = city.run("audit")
        assert audited.returncode == 0, audited.stderr
        assert audited.stdout.startswith("60 entries")
    finally:
        city.clear()

"""One parent, a handful of children."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from jiebang.desk.children import dies_with_us
from jiebang.desk.home import DeskError
from jiebang.desk.supervisor import Child, Supervisor

pytestmark = pytest.mark.fault


def says(code: str) -> Callable[[int], subprocess.Popen[bytes]]:
    def start(out: int) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-u", "-c", code], stdout=out, stderr=subprocess.STDOUT, start_new_session=True
        )

    return start


STAYS = "import signal; print('here'); signal.pause()"


def a_supervisor() -> tuple[Supervisor, io.StringIO]:
    out = io.StringIO()
    return Supervisor(out, first_delay_s=0.01, grace_s=0.3), out


def test_lines_of_children_carry_their_names() -> None:
    supervisor, out = a_supervisor()
    child = supervisor.add(Child("tick", says("print('一'); print('two', end='')"), when_it_ends="report"))

    supervisor.run(until=lambda: child.finished)

    assert out.getvalue() == "    tick │ 一\n    tick │ two\n"


def test_a_killed_child_is_started_again() -> None:
    supervisor, out = a_supervisor()
    child = supervisor.add(Child("serve", says(STAYS)))
    supervisor.run(until=lambda: "here" in out.getvalue())
    first = child.process
    assert first is not None

    first.kill()
    supervisor.run(until=lambda: out.getvalue().count("here") == 2)

    assert child.process is not None
    assert child.process.pid != first.pid
    assert "ended (killed by SIGKILL); starting it again" in out.getvalue()
    supervisor.stop()


def test_five_deaths_in_a_minute_stop_everything_and_keep_the_last_lines() -> None:
    supervisor, _ = a_supervisor()
    child = supervisor.add(Child("sequence", says("[print('line', n) for n in range(30)]; raise SystemExit(3)")))

    kept_on = supervisor.run()

    assert not kept_on
    assert supervisor.failed is child
    assert len(child.deaths) == 5
    assert list(child.lines) == [f"line {n}" for n in range(10, 30)]


def test_a_child_that_cannot_be_started_counts_as_dead() -> None:
    def start(_: int) -> subprocess.Popen[bytes]:
        raise DeskError("The server is still shutting down.", next_step="Wait.")

    supervisor, out = a_supervisor()
    child = supervisor.add(Child("postgres", start))

    supervisor.run()

    assert supervisor.failed is child
    assert "can't be started: The server is still shutting down." in out.getvalue()


def test_a_step_that_fails_stops_everything_and_one_that_succeeds_goes_on() -> None:
    supervisor, _ = a_supervisor()
    fine = supervisor.add(Child("migrate", says("pass"), when_it_ends="stop"))
    assert supervisor.run(until=lambda: fine.finished)

    wrong = supervisor.add(Child("publish", says("raise SystemExit(1)"), when_it_ends="stop"))

    assert not supervisor.run(until=lambda: False)
    assert supervisor.failed is wrong


def test_stopping_ends_the_database_last_and_kills_who_does_not_listen(tmp_path: Path) -> None:
    order = tmp_path / "order"

    def until_told(name: str) -> str:
        return (
            "import signal, sys\n"
            f"def end(*_): open({str(order)!r}, 'a').write('{name} '); sys.exit()\n"
            "signal.signal(signal.SIGTERM, end); signal.signal(signal.SIGINT, end)\n"
            "print('here')\n"
            "while True: signal.pause()"
        )

    supervisor, out = a_supervisor()
    supervisor.add(Child("postgres", says(until_told("postgres")), stop_signal=signal.SIGINT))
    supervisor.add(Child("serve", says(until_told("serve"))))
    deaf = supervisor.add(Child("deaf", says("import signal; signal.signal(15, signal.SIG_IGN);" + STAYS)))
    supervisor.run(until=lambda: out.getvalue().count("here") == 3)

    supervisor.stop()

    assert order.read_text() == "serve postgres "
    assert deaf.process is not None
    assert deaf.process.returncode == -signal.SIGKILL
    assert "did not end within" in out.getvalue()


def test_children_end_when_the_parent_is_killed() -> None:
    parent = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import subprocess, sys, signal\n"
            "from jiebang.desk.children import dies_with_us\n"
            "child = subprocess.Popen([sys.executable, '-c', 'import signal; signal.pause()'],"
            " preexec_fn=dies_with_us(), start_new_session=True)\n"
            "print(child.pid, flush=True); signal.pause()",
        ],
        stdout=subprocess.PIPE,
    )
    assert parent.stdout is not None
    child = psutil.Process(int(parent.stdout.readline()))

    parent.kill()
    parent.wait()
    parent.stdout.close()

    _, alive = psutil.wait_procs([child], timeout=5)
    assert not alive


def test_a_child_born_after_its_parent_died_ends_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    tie = dies_with_us()
    monkeypatch.setattr(os, "getppid", lambda: 1)
    ended: list[int] = []
    monkeypatch.setattr(os, "_exit", ended.append)

    tie()
    subprocess.run([sys.executable, "-c", "import ctypes; ctypes.CDLL(None).prctl(1, 0)"], check=True)

    assert ended == [1]

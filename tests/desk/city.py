"""A whole city as a person starts it: `jiebang up` as a process of its own, on a home and port of its own."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

import psutil

from jiebang.desk.home import Home

PATIENCE_S = 60.0
ROOT = Path(__file__).resolve().parents[2]


class City:
    """Starts and stops `jiebang up`, and keeps every line it says."""

    def __init__(self) -> None:
        # Not pytest's own folder: as root it is closed to everybody else, PostgreSQL's user included.
        self.folder = Path(tempfile.mkdtemp(prefix="jiebang-city-"))
        self.folder.chmod(0o755)
        self.home = Home(self.folder / "home")
        self.port = free_port()
        self.process: subprocess.Popen[str] | None = None
        self.said: list[str] = []
        self._reader: threading.Thread | None = None
        self._news = threading.Condition()

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}/"

    def environment(self, **more: str) -> dict[str, str]:
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("JIEBANG_", "DJANGO_", "DATABASE_URL"))
        }
        return {
            **kept,
            "JIEBANG_HOME": str(self.home.root),
            "JIEBANG_PORT": str(self.port),
            "JIEBANG_DEMO": "0",
            **more,
        }

    # ── jiebang up ──────────────────────────────────────────────────────────────────────────────────────

    def start(self, **more: str) -> City:
        """Start it, and return when it has said where it is."""
        self.said = []
        self.process = subprocess.Popen(
            [sys.executable, "-m", "jiebang.desk", "up"],
            env=self.environment(**more),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._reader = threading.Thread(target=self._listen, args=[self.process], daemon=True)
        self._reader.start()
        self.hears("Stop: Ctrl-C")
        return self

    def _listen(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        for line in process.stdout:
            with self._news:
                self.said.append(line.rstrip())
                self._news.notify_all()
        with self._news:
            self._news.notify_all()

    def hears(self, words: str, *, after: int = 0) -> str:
        """Wait until a line with `words` was said, beginning with line `after`, and return it."""
        deadline = time.monotonic() + PATIENCE_S
        with self._news:
            while True:
                for line in self.said[after:]:
                    if words in line:
                        return line
                if (self.process and self.process.poll() is not None) or time.monotonic() > deadline:
                    raise AssertionError(f"never said: {words}\n" + "\n".join(self.said[-40:]))
                self._news.wait(0.2)

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        assert self.process is not None
        self.process.send_signal(how)
        status = self.process.wait(30)
        if self._reader is not None:
            self._reader.join(5)
        if self.process.stdout is not None:
            self.process.stdout.close()
        return status

    def child(self, name: str) -> psutil.Process:
        """Return the process that runs `jiebang name`, or PostgreSQL's server."""
        assert self.process is not None
        for process in psutil.Process(self.process.pid).children():
            words = process.cmdline()
            if words[-1:] == [name] or (name == "postgres" and Path(words[0]).name == "postgres"):
                return process
        raise AssertionError(f"{name} does not run")

    def everybody(self) -> list[psutil.Process]:
        assert self.process is not None
        return psutil.Process(self.process.pid).children(recursive=True)

    # ── Other commands, and the pages ───────────────────────────────────────────────────────────────────

    def run(self, *command: str, **more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "jiebang.desk", *command],
            env=self.environment(**more),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def raise_some(self, n: int, **more: str) -> list[tuple[str, str]]:
        """Raise matters; return their numbers and codes."""
        done = subprocess.run(
            [sys.executable, "-m", "tests.desk.raise_some", str(n)],
            cwd=ROOT,
            env=self.environment(**more),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return [(line.split()[0], line.split()[1]) for line in done.stdout.splitlines()]

    def get(self, path: str) -> tuple[int, str]:
        try:
            with urllib.request.urlopen(self.url + path, timeout=30) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as answer:
            with answer:
                return answer.code, answer.read().decode()

    def is_serving(self) -> bool:
        try:
            return self.get("healthz")[0] == 200
        except OSError:
            return False

    def clear(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


def free_port() -> int:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])


def until(true: object, what: str) -> None:
    """Wait until `true()` holds: for other processes, whose pace is not ours."""
    deadline = time.monotonic() + PATIENCE_S
    assert callable(true)
    while not true():
        if time.monotonic() > deadline:
            raise AssertionError(f"did not happen: {what}")
        threading.Event().wait(0.05)

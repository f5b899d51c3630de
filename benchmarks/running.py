"""A demonstration city of one's own, running, for whoever measures or photographs it from outside."""

from __future__ import annotations

import argparse
import http.client
import os
import re
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode


@dataclass(frozen=True, slots=True)
class Running:
    """A city that answers at `http://localhost:<port>`; `passwords` are those of its demonstration accounts."""

    home: Path
    port: int
    passwords: Mapping[str, str]

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"


@contextmanager
def city(*, proxy: bool = False, **environment: str) -> Iterator[Running]:
    """Run `jiebang up` in a temporary folder until its past has been played; stop it and forget it afterwards.

    With `proxy` each request's address is the one its `X-Forwarded-For` names, so that limits an address do not bind.
    """
    with tempfile.TemporaryDirectory(prefix="jiebang-bench-") as folder:
        # As root the database runs as a user of its own, who must be able to walk here.
        Path(folder).chmod(0o755)
        home, port = Path(folder) / "home", free_port()
        env = {**os.environ, "JIEBANG_HOME": str(home), "JIEBANG_PORT": str(port)} | environment
        env.pop("DATABASE_URL", None)
        if proxy:
            env["JIEBANG_PROXY"] = "127.0.0.1"
        up = subprocess.Popen(
            [Path(sys.executable).with_name("jiebang"), "up"],
            env=env,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.STDOUT,
        )
        try:
            _wait_for(up, home, port)
            yield Running(home, port, _passwords(home))
        finally:
            up.send_signal(signal.SIGINT)
            up.wait(timeout=60)


@contextmanager
def chosen(home: Path | None, port: int) -> Iterator[Running]:
    """Have the demonstration city that already runs from `home` on `port`; without a home one of one's own."""
    if home is None:
        with city() as running:
            yield running
    else:
        yield Running(home, port, _passwords(home))


def options(parser: argparse.ArgumentParser) -> None:
    """Add the options that choose the city and the pages, the same for all who look at every page."""
    parser.add_argument("--only", default="", help="names of routes, with commas")
    parser.add_argument("--who", default="", help="public, raiser or accounts, with commas")
    parser.add_argument("--home", type=Path, help="a city that already runs from here; without it one of its own")
    parser.add_argument("--port", type=int, default=8000, help="where that city answers")


def _wait_for(up: subprocess.Popen[bytes], home: Path, port: int) -> None:
    for _ in range(480):
        if up.poll() is not None:
            raise SystemExit("jiebang up stopped; run it by hand to see why.")
        if is_played(home) and answers(port):
            return
        time.sleep(0.5)
    raise SystemExit("the demonstration city was not played within four minutes.")


def is_played(home: Path) -> bool:
    """Return whether the demonstration's past has ended: its accounts are ours to use, and nothing else runs.

    Its progress stands in a file from before the first page until the past has been played, and then is gone.
    """
    return (home / "run" / "accounts.txt").exists() and not (home / "run" / "demo.json").exists()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(port: int) -> bool:
    try:
        return Client(port).get("/healthz")[0] == 200
    except OSError:
        return False


def _passwords(home: Path) -> dict[str, str]:
    lines = (line.split() for line in (home / "run" / "accounts.txt").read_text().splitlines())
    return {words[0]: words[1] for words in lines if len(words) > 1}


class Client:
    """A browser without a screen: keeps its connection and cookies."""

    def __init__(self, port: int) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self.cookies: dict[str, str] = {}

    def get(self, path: str) -> tuple[int, str]:
        try:
            return self.ask("GET", path, None)
        except (ConnectionError, http.client.RemoteDisconnected):
            # A server may hang up on a connection that was idle just when the next page is asked for.
            self.connection.close()
            return self.ask("GET", path, None)

    def post(self, path: str, fields: dict[str, str]) -> tuple[int, str]:
        return self.ask("POST", path, urlencode(fields))

    def ask(self, method: str, path: str, body: str | None) -> tuple[int, str]:
        headers = {
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
            "X-Forwarded-For": f"10.{secrets.randbelow(250)}.{secrets.randbelow(250)}.{secrets.randbelow(250)}",
            "Host": "localhost",
        }
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self.connection.request(method, path, body, headers)
        response = self.connection.getresponse()
        text = response.read().decode(errors="replace")  # a crawl comes by files too, which are no text
        for header in response.headers.get_all("Set-Cookie") or ():
            name, _, value = header.split(";", 1)[0].partition("=")
            self.cookies[name] = value
        return response.status, response.headers.get("Location") or text

    def token(self, path: str) -> str:
        found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', self.get(path)[1])
        if found is None:
            raise SystemExit(f"{path} has no form")
        return found[1]


def signed_in(running: Running, account: str) -> Client:
    client = Client(running.port)
    token = client.token("/accounts/login/")
    status, where = client.post(
        "/accounts/login/",
        {"csrfmiddlewaretoken": token, "login": account, "password": running.passwords[account]},
    )
    if status not in (302, 303):
        raise SystemExit(f"signing in answered {status}: {where[:200]}")
    return client

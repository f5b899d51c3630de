"""`jiebang backup` and `jiebang restore`: one file that holds a whole city.

The order of copying makes the parts fit although the city goes on meanwhile: checkpoints first, then the database,
then the log's tiles and the files. So the database is never behind what the copied checkpoint promises, and every
photo a row names is there. A tile or photo too many does no harm.

The file holds personal data and, unless left out, the city's keys.
"""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path, PurePosixPath

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from jiebang.desk import postgres
from jiebang.desk.context import has_own_database
from jiebang.desk.home import (
    KEYS,
    DeskError,
    Home,
    environment,
    make_folder,
    own_database_url,
    renew_passwords,
    size_of_log,
)

FORMAT = 1
ABOUT, DUMP = "about.json", "database.dump"

# Our pg_restore is of 18 and begins with a setting that a server of 16 refuses, whatever the dump was made of.
KNOWS_TRANSACTION_TIMEOUT = 17
UNKNOWN_SETTING = b"SET transaction_timeout = 0;\n"


# ── Writing ─────────────────────────────────────────────────────────────────────────────────────────────────


def backup(home: Home, target: Path, *, with_secrets: bool, at: datetime) -> Path:
    """Write the city to a file; the database must answer. Returns the file's path.

    Raises:
        DeskError: the file exists, or the disk is full; nothing half written is left behind.
    """
    city = str(home.settings()["city"])
    if target.suffix != ".tar":
        target.mkdir(parents=True, exist_ok=True)
        target = target / f"jiebang-{city}-{at:%Y%m%dT%H%M%SZ}.tar"
    if target.exists():
        raise DeskError(f"{target} exists already.", next_step="Name another file; a backup is never overwritten.")
    unfinished = target.with_name(target.name + ".unfinished")
    # Personal data and keys: for us alone from the first byte.
    handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(handle, "wb") as file, tarfile.open(fileobj=file, mode="w") as tar:
            _write(tar, home, city=city, with_secrets=with_secrets, at=at)
            tar.close()
            file.flush()
            os.fsync(file.fileno())
        unfinished.rename(target)
    except OSError as wrong:
        unfinished.unlink(missing_ok=True)
        raise DeskError(
            f"{target} can't be written: {wrong.strerror}.", next_step="Make room, or choose another place."
        ) from None
    kept = "personal data and the city's keys" if with_secrets else "personal data (keys left out)"
    print(f"{target}: {target.stat().st_size:,} bytes. It holds {kept}: keep it locked away.")
    return target


def _write(tar: tarfile.TarFile, home: Home, *, city: str, with_secrets: bool, at: datetime) -> None:
    about = {"format": FORMAT, "city": city, "at": at.isoformat(), "leaves": size_of_log(home), "secrets": with_secrets}
    _add_bytes(tar, ABOUT, json.dumps(about).encode(), at=at)
    tar.add(home.toml, arcname="jiebang.toml")
    checkpoints = {path: path.read_bytes() for path in _files(home.log) if path.name in ("checkpoint", "shards.json")}
    for path, data in checkpoints.items():
        _add_bytes(tar, f"log/{path.relative_to(home.log)}", data, at=at)
    with tempfile.TemporaryDirectory(dir=home.cache) as folder:
        dump = Path(folder) / DUMP
        _dump(home, dump, schema=city)
        tar.add(dump, arcname=DUMP)
    for path in _files(home.log):
        if path not in checkpoints:
            tar.add(path, arcname=f"log/{path.relative_to(home.log)}")
    for path in _files(home.files):
        tar.add(path, arcname=f"files/{path.relative_to(home.files)}")
    for path in _files(home.packs):
        tar.add(path, arcname=f"packs/{path.relative_to(home.packs)}")
    if with_secrets:
        for name in KEYS:
            tar.add(home.secrets / name, arcname=f"secrets/{name}")


def _files(folder: Path) -> Iterator[Path]:
    # A photo being written or swept right now may vanish under our hands; what is named by a row does not.
    return (path for path in sorted(folder.rglob("*")) if path.is_file() and not path.name.endswith(".tmp"))


def _add_bytes(tar: tarfile.TarFile, name: str, data: bytes, *, at: datetime) -> None:
    member = tarfile.TarInfo(name)
    member.size, member.mode, member.mtime = len(data), 0o600, int(at.timestamp())
    tar.addfile(member, io.BytesIO(data))


def _dump(home: Home, target: Path, *, schema: str) -> None:
    url = environment(home, role="owner")["DATABASE_URL"]
    _run("pg_dump", url, "--format=custom", f"--schema={schema}", "--no-owner", "--no-acl", f"--file={target}")


def _run(tool: str, url: str, *options: str) -> None:
    """Run one of PostgreSQL's programs on a database; its password travels in the environment, not in `ps`."""
    given = {name: str(value) for name, value in conninfo_to_dict(url).items()}
    names = {"dbname": "PGDATABASE", "user": "PGUSER", "password": "PGPASSWORD", "host": "PGHOST", "port": "PGPORT"}
    environ = {names[name]: value for name, value in given.items() if name in names}
    if "sslmode" in given:
        environ["PGSSLMODE"] = given["sslmode"]
    # pg_restore writes SQL unless a database is named.
    to_a_file = any(option.startswith("--file=") for option in options)
    database = [f"--dbname={environ['PGDATABASE']}"] if tool == "pg_restore" and not to_a_file else []
    if to_a_file and tool == "pg_restore":
        environ = {}  # it needs no server then
    done = subprocess.run(
        [str(postgres.client_tool(tool)), "--no-password", *database, *options],
        env={"PATH": "/usr/bin:/bin", "LC_ALL": "C", **environ},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise DeskError(f"{tool} failed: {done.stderr.strip()}", next_step="jiebang doctor looks for the cause.")


# ── Reading ─────────────────────────────────────────────────────────────────────────────────────────────────


def restore(home: Home, source: Path, *, given: Mapping[str, str], database_only: bool) -> None:
    """Make a city from a backup. Without `database_only` the home must be empty.

    Raises:
        DeskError: the home is not empty, the file is not a backup, or the database already has this city.
    """
    try:
        tar = tarfile.open(source)  # noqa: SIM115 - closed by the `with` below; only opening may fail here
    except (OSError, tarfile.TarError) as wrong:
        raise DeskError(
            f"{source} can't be read: {wrong}.", next_step="Name a file that jiebang backup wrote."
        ) from None
    with tar:
        about = _about(tar, source)
        if database_only:
            _refuse_other_city(home, about)
        else:
            _refuse_full(home)
            _unpack(tar, home)
            if not about["secrets"]:
                raise DeskError(
                    f"{source} was written without secrets; log and files are unpacked in {home.root}.",
                    next_step=f"Put {', '.join(KEYS)} into {home.secrets} (mode 600), then run: "
                    f"jiebang restore --database-only {source}",
                )
        renew_passwords(home)
        with tempfile.TemporaryDirectory(dir=home.cache) as folder:
            dump = Path(folder) / DUMP
            _extract(tar, DUMP, dump)
            _load(home, dump, given=given, schema=str(about["city"]))
    home.demonstration_played.touch()
    print(f"{about['city']} of {about['at']} is in {home.root}: {size_of_log(home)} leaves published.")
    print("Now run: jiebang audit && jiebang up")


def _about(tar: tarfile.TarFile, source: Path) -> dict[str, object]:
    try:
        member = tar.extractfile(ABOUT)
        about = json.loads(member.read()) if member else {}
    except (KeyError, ValueError):
        about = {}
    if about.get("format") != FORMAT:
        raise DeskError(
            f"{source} is not a backup of this jiebang.", next_step="Name a file that jiebang backup wrote."
        )
    return dict(about)


def _refuse_full(home: Home) -> None:
    there = [path.name for path in (home.pg, home.log, home.secrets, home.toml) if path.exists()]
    if there:
        raise DeskError(
            f"{home.root} is not empty ({', '.join(there)}; {size_of_log(home)} leaves published).",
            next_step="Choose an empty JIEBANG_HOME; "
            "to put only the database back: jiebang restore --database-only FILE",
        )


def _refuse_other_city(home: Home, about: Mapping[str, object]) -> None:
    here = home.settings().get("city")
    if here != about["city"]:
        raise DeskError(f"The backup is of {about['city']}, the home of {here}.", next_step="Choose the right one.")
    if postgres.running_pid(home) is not None:
        raise DeskError("The city is running.", next_step="Stop jiebang up first, then restore.")


def _unpack(tar: tarfile.TarFile, home: Home) -> None:
    for folder, mode in ((home.root, 0o755), (home.run, 0o755), (home.files, 0o700), (home.cache, 0o700)):
        make_folder(folder, mode=mode)
    make_folder(home.secrets, mode=0o700)
    make_folder(home.log, mode=0o755)
    for member in tar:
        parts = PurePosixPath(member.name).parts
        # The file may come from anywhere: nothing leaves the home, nothing but plain files is made.
        if not member.isfile() or ".." in parts or member.name.startswith("/"):
            continue
        if parts[0] in ("log", "files", "packs", "secrets") or parts == ("jiebang.toml",):
            _extract(tar, member.name, home.root / Path(*parts), mode=0o644 if parts[0] in ("log", "packs") else 0o600)


def _extract(tar: tarfile.TarFile, name: str, target: Path, *, mode: int = 0o600) -> None:
    content = tar.extractfile(name)
    if content is None:
        raise DeskError(f"The backup lacks {name}.", next_step="Use another backup.")
    target.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(handle, "wb") as file:
        shutil.copyfileobj(content, file)
        file.flush()
        os.fsync(file.fileno())


def _load(home: Home, dump: Path, *, given: Mapping[str, str], schema: str) -> None:
    if not has_own_database(given):
        url = environment(home, role="owner", given=given)["DATABASE_URL"]
        _fill(url, dump, schema=schema)
        _settle(home, given)
        return
    if not home.pg.exists():
        postgres.create(home)
    with postgres.running(home):
        postgres.prepare(home, schema=schema)
        with psycopg.connect(own_database_url(home, "owner"), autocommit=True) as database:
            # Ours alone, just made or named to be replaced; the dump brings its own schema.
            database.execute(sql.SQL("DROP SCHEMA {} CASCADE").format(sql.Identifier(schema)))
        _fill(own_database_url(home, "owner"), dump, schema=schema)
        _settle(home, given)


def _fill(url: str, dump: Path, *, schema: str) -> None:
    with psycopg.connect(url) as database:
        if database.execute("SELECT 1 FROM pg_namespace WHERE nspname = %s", [schema]).fetchone():
            raise DeskError(
                f"The database already has a schema {schema}.",
                next_step=f'Drop it first if it may go (DROP SCHEMA "{schema}" CASCADE), or name another DATABASE_URL.',
            )
        version = database.info.server_version // 10_000
    if version >= KNOWS_TRANSACTION_TIMEOUT:
        _run("pg_restore", url, "--no-owner", "--no-acl", "--exit-on-error", "--single-transaction", str(dump))
        return
    written, script = dump.with_suffix(".all.sql"), dump.with_suffix(".sql")
    _run("pg_restore", url, "--no-owner", "--no-acl", f"--file={written}", str(dump))
    _leave_out(UNKNOWN_SETTING, source=written, target=script)
    _run("psql", url, "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--single-transaction", f"--file={script}")


def _leave_out(line: bytes, *, source: Path, target: Path) -> None:
    """Copy a script without one line, which stands in its head; the rest may be large and is copied as it is."""
    with source.open("rb") as all_of_it, target.open("wb") as kept:
        for head in all_of_it:
            if head == line:
                break
            kept.write(head)
        shutil.copyfileobj(all_of_it, kept)


def _settle(home: Home, given: Mapping[str, str]) -> None:
    """Bring an older dump's tables up to date, give the roles their rights, and forget the old server's numbers."""
    from jiebang.desk.context import prepare_django
    from jiebang.desk.founding import migrate

    prepare_django(home, role="owner")
    from django.db import connections

    from jiebang.ledger import services as ledger

    migrate()
    ledger.settle_after_restore()
    connections.close_all()

"""The home: the folder that holds everything one city owns on this machine.

    pg/            the embedded PostgreSQL's data
    files/         photos and documents, under random names
    log/           the public log, as it is served
    secrets/       0700; one file of 0600 a secret
    run/           locks, sockets, progress: worth nothing after a restart
    cache/         can be made again
    jiebang.toml   which city, and the log's name

`environment` turns a home into the environment variables that `jiebang.config.settings` reads. A variable that is
already set wins over the file.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import shutil
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import quote

from jiebang.ledger.checkpoint import demonstration_origin
from jiebang.rulebook import packs
from jiebang.rulebook.packs import CityPack

Role = Literal["owner", "app", "sequencer"]
ROLES: tuple[Role, ...] = ("owner", "app", "sequencer")

DEFAULT_CITY = "leshan"
# The keys, and the variables that win over their files. The last two are hex.
KEYS = {"django-key": "JIEBANG_DJANGO_KEY", "code-key": "JIEBANG_CODE_KEY", "log-seed": "JIEBANG_LOG_SEED"}
PASSWORDS = ("database-super", *(f"database-{role}" for role in ROLES))


class DeskError(Exception):
    """Something a person has to mend: what is wrong, and what to do next."""

    def __init__(self, what: str, *, next_step: str) -> None:
        super().__init__(f"{what}\n  → {next_step}")
        self.what = what
        self.next_step = next_step


@dataclass(frozen=True)
class Home:
    root: Path

    @property
    def pg(self) -> Path:
        return self.root / "pg"

    @property
    def files(self) -> Path:
        return self.root / "files"

    @property
    def log(self) -> Path:
        return self.root / "log"

    @property
    def secrets(self) -> Path:
        return self.root / "secrets"

    @property
    def run(self) -> Path:
        return self.root / "run"

    @property
    def cache(self) -> Path:
        return self.root / "cache"

    @property
    def toml(self) -> Path:
        return self.root / "jiebang.toml"

    @property
    def packs(self) -> Path:
        """The town's own pack, where `jiebang init` wrote one."""
        return self.root / "packs"

    @property
    def founding(self) -> Path:
        """Present from the first moment of a home until its log is begun: what is there may be thrown away."""
        return self.run / "founding"

    @property
    def demonstration_progress(self) -> Path:
        """How much of the invented past has been played, for the page's bar; there only while it is played."""
        return self.run / "demo.json"

    @property
    def demonstration_played(self) -> Path:
        """Present once the invented past of a demonstration city has been played."""
        return self.root / "demonstration-played"

    def secret(self, name: str) -> str:
        """Return the secret kept under `name`.

        Raises:
            DeskError: there is no such file, or others may read it.
        """
        path = self.secrets / name
        try:
            mode = path.stat().st_mode & 0o077
            text = path.read_text().strip()
        except FileNotFoundError:
            raise DeskError(f"The secret {path} is missing.", next_step=_way_back(path)) from None
        if mode:
            raise DeskError(f"Others on this machine may read {path}.", next_step=f"chmod 600 {path}")
        return text

    def settings(self) -> Mapping[str, object]:
        """Return what `jiebang.toml` says; empty when there is none."""
        if not self.toml.exists():
            return {}
        try:
            return tomllib.loads(self.toml.read_text(encoding="utf-8"))
        except tomllib.TOMLDecodeError as wrong:
            raise DeskError(f"{self.toml} can't be read: {wrong}.", next_step="Correct that line.") from None


def this_home(environ: Mapping[str, str] = os.environ) -> Home:
    """Return the home `JIEBANG_HOME` names, or the usual place for this user. Nothing is created."""
    named = environ.get("JIEBANG_HOME")
    if named:
        return Home(Path(named).expanduser().resolve())
    if os.geteuid() == 0:
        return Home(Path("/var/lib/jiebang/home"))
    data = Path(environ.get("XDG_DATA_HOME") or "~/.local/share").expanduser()
    return Home(data.resolve() / "jiebang")


def _way_back(path: Path) -> str:
    if path.name in KEYS:
        return (
            f"Take it from a backup: tar -xOf BACKUP.tar secrets/{path.name} > {path} && chmod 600 {path} "
            f"— or set {KEYS[path.name]}."
        )
    if path.name != "database-super":
        return "Stop the city if it runs; jiebang up makes a new one."
    pg = path.parent.parent / "pg"
    return f"It is in no backup. Move {pg} away, then: jiebang restore --database-only BACKUP.tar"


def key(home: Home, name: str, given: Mapping[str, str]) -> str:
    """Return one of the `KEYS`, from its variable or its file.

    Raises:
        DeskError: it is nowhere, or it cannot be a key.
    """
    variable = KEYS[name]
    text = given.get(variable) or home.secret(name)
    if name != "django-key" and not _is_hex_key(text):
        where = variable if given.get(variable) else str(home.secrets / name)
        raise DeskError(f"{where} is damaged: a key is 64 hex digits.", next_step=_way_back(home.secrets / name))
    return text


def _is_hex_key(text: str) -> bool:
    return len(text) == 64 and set(text.lower()) <= set("0123456789abcdef")


def lost_secrets(home: Home, given: Mapping[str, str], *, own_database: bool) -> Iterator[DeskError]:
    """Yield what is wrong with each secret that a city cannot do without and `jiebang up` cannot make again.

    Without its keys a city must not serve: codes that were handed out would open nothing, and new ones would be made
    with no key at all.
    """
    for name in KEYS:
        try:
            key(home, name, given)
        except DeskError as wrong:
            yield wrong
    if own_database and home.pg.exists():
        try:
            home.secret("database-super")
        except DeskError as wrong:
            yield wrong


# ── The first start ─────────────────────────────────────────────────────────────────────────────────────────


def is_fresh(home: Home) -> bool:
    """Return whether the home is still empty, or only begun. Nothing of worth is there then."""
    return home.founding.exists() or not any(part.exists() for part in (home.pg, home.log, home.secrets, home.toml))


def refuse_half_present(home: Home, *, own_database: bool) -> None:
    """Refuse a home in which a part is missing that cannot be made again.

    Raises:
        DeskError: naming what is there and what is not.
    """
    parts = {"secrets": home.secrets, "log": home.log, "jiebang.toml": home.toml}
    if own_database:
        parts["pg"] = home.pg
    missing = [name for name, path in parts.items() if not path.exists()]
    if not missing or is_fresh(home):
        return
    there = [name for name in parts if name not in missing]
    raise DeskError(
        f"The home {home.root} is half there: {', '.join(there)} present, {', '.join(missing)} missing. "
        f"The log on disk has {size_of_log(home)} leaves, "
        f"the database {'is there' if home.pg.exists() or not own_database else 'has none (no pg folder)'}.",
        next_step="Restore all parts from one backup (jiebang restore FILE), or choose an empty JIEBANG_HOME. "
        "Nothing was changed.",
    )


def size_of_log(home: Home) -> int:
    """Return how many leaves the checkpoints on disk promise, over all shards; 0 without a log."""
    # The second line of a checkpoint is its size (C2SP tlog-checkpoint).
    sizes = [int(note.read_text().splitlines()[1]) for note in sorted(home.log.glob("*/checkpoint"))]
    return sum(sizes)


def found(home: Home, *, city: str, origin: str = "", own_database: bool = True) -> None:
    """Make the folders, secrets and `jiebang.toml` of a new home; what an unfinished start left is removed.

    Without an `origin` the log is named after its key, as a demonstration's is.

    Raises:
        DeskError: there is no such city, or it is a real one and its log was given no name.
    """
    pack = city_pack(city)
    origin = origin or pack.origin
    if not pack.demonstration and not origin:
        raise DeskError(
            f"The public log of {city} needs a name of its own before it can begin.",
            next_step="Set JIEBANG_ORIGIN, or origin: in its city.yaml, to an address you will always own, such as"
            " log.example.org/board.",
        )
    make_folder(home.root, mode=0o755)
    for left_over in (home.pg, home.log, home.secrets, home.files):
        shutil.rmtree(left_over, ignore_errors=True)
    home.toml.unlink(missing_ok=True)
    home.demonstration_played.unlink(missing_ok=True)

    for folder, mode in ((home.run, 0o755), (home.files, 0o700), (home.cache, 0o700)):
        make_folder(folder, mode=mode)
    home.founding.touch()
    make_folder(home.secrets, mode=0o700)
    keep(home, "django-key", secrets.token_urlsafe(50))
    keep(home, "code-key", secrets.token_hex(32))
    seed = secrets.token_bytes(32)
    keep(home, "log-seed", seed.hex())
    if own_database:
        renew_passwords(home)
    write_toml(home, pack, origin=origin or demonstration_origin(city, seed))


def city_to_found(home: Home, given: Mapping[str, str]) -> str:
    """Return which city a new home begins with: the one named, the one `jiebang init` wrote here, or the usual one."""
    own = [path.parent.name for path in sorted(home.packs.glob("*/city.yaml"))]
    return given.get("JIEBANG_CITY") or (own[0] if len(own) == 1 else DEFAULT_CITY)


def city_pack(city: str) -> CityPack:
    try:
        return packs.city(city)
    except packs.PackError as wrong:
        raise DeskError(str(wrong), next_step="Set JIEBANG_CITY to the id in a city.yaml of your packs.") from None


def renew_passwords(home: Home) -> list[str]:
    """Make the passwords of the home's own database, where they are missing, and return the names of those.

    They never leave this machine.

    Raises:
        DeskError: the database is there, and the one password that can change the others is lost.
    """
    if home.pg.exists():
        home.secret("database-super")
    missing = [name for name in PASSWORDS if not (home.secrets / name).exists()]
    for name in missing:
        keep(home, name, secrets.token_urlsafe(24))
    return missing


def make_folder(folder: Path, *, mode: int) -> None:
    """Make a folder with exactly `mode`, whatever the umask. One that is there already is left as it is.

    Raises:
        DeskError: it can't be made.
    """
    if folder.is_dir():
        return
    try:
        folder.mkdir(parents=True)
        folder.chmod(mode)
    except OSError as wrong:
        raise DeskError(
            f"The folder {folder} can't be made: {wrong.strerror}.",
            next_step="Choose a place this user may write to: JIEBANG_HOME=…",
        ) from None


def keep(home: Home, name: str, text: str) -> None:
    """Write a secret so that no moment passes in which others could read it."""
    handle = os.open(home.secrets / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(text + "\n")
        file.flush()
        os.fsync(file.fileno())


def write_toml(home: Home, pack: CityPack, *, origin: str) -> None:
    said = {
        "city": pack.id,
        "origin": origin,
        "demonstration": pack.demonstration,
        "zone": pack.zone,
        "languages": list(pack.languages),
    }
    lines = [f"{name} = {json.dumps(value, ensure_ascii=False)}\n" for name, value in said.items()]
    note = "# Written at the first start. The city and the log's name can't be changed afterwards.\n"
    home.toml.write_text(note + "".join(lines), encoding="utf-8")


# ── Into the environment ────────────────────────────────────────────────────────────────────────────────────


def environment(home: Home, *, role: Role, given: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return the variables `jiebang.config.settings` reads, for a process of `role`, all of `given` winning.

    The log's seed is handed to the sequencer and the owner (who begins the log) alone.
    """
    kept = dict(home.settings())
    if not kept:
        # No home on this machine (a container beside a database of its own): the pack says the rest.
        pack = city_pack(city_to_found(home, given))
        kept = {"city": pack.id, "demonstration": pack.demonstration, "zone": pack.zone}
        kept["languages"] = list(pack.languages)
    languages = kept.get("languages")
    made = {
        "DJANGO_SETTINGS_MODULE": "jiebang.config.settings",
        "JIEBANG_HOME": str(home.root),
        "JIEBANG_CITY": str(kept["city"]),
        "JIEBANG_ORIGIN": str(kept.get("origin", "")),
        "JIEBANG_DEMONSTRATION": "1" if kept.get("demonstration") else "0",
        "JIEBANG_ZONE": str(kept.get("zone", "UTC")),
        "JIEBANG_LANGUAGES": ",".join(languages) if isinstance(languages, list) else "en",
    }
    for name, variable in KEYS.items():
        if name == "log-seed" and role == "app":
            continue
        # The owner may come before there is a home (jiebang migrate on a database of one's own), and begins the log.
        is_needed = role == "sequencer" if name == "log-seed" else role == "app"
        if is_needed or given.get(variable) or (home.secrets / name).exists():
            made[variable] = key(home, name, given)
    made |= {name: text for name, text in given.items() if name.startswith("JIEBANG_")}
    made["JIEBANG_HOME"] = str(home.root)
    if kept.get("city") != made["JIEBANG_CITY"]:
        raise DeskError(
            f"JIEBANG_CITY is {made['JIEBANG_CITY']}, but the home {home.root} holds {kept.get('city')}.",
            next_step="Choose another JIEBANG_HOME for the other city, or leave JIEBANG_CITY out.",
        )
    if role == "app":
        made.pop("JIEBANG_LOG_SEED", None)

    url = given.get(f"DATABASE_URL_{role.upper()}") or given.get("DATABASE_URL")
    if url:
        made["DATABASE_URL"] = url
    elif home.pg.exists() or (home.secrets / f"database-{role}").exists():
        made["DATABASE_URL"] = own_database_url(home, role)
    return made


def own_database_url(home: Home, role: str, *, name: str = "jiebang") -> str:
    """Return the address of the home's own PostgreSQL for one of its roles ("super" included)."""
    password = quote(home.secret(f"database-{role}"), safe="")
    return f"postgresql://jiebang_{role}:{password}@/{name}?host={quote(str(socket_folder(home)), safe='')}"


# A Unix socket's address holds 107 bytes; PostgreSQL adds "/.s.PGSQL.5432" and, for its lock, ".lock".
LONGEST_SOCKET_FOLDER = 107 - len("/.s.PGSQL.5432.lock")


def socket_folder(home: Home) -> Path:
    """Return where the home's PostgreSQL has its socket: in the home, or, when that path is too long, in /tmp."""
    inside = home.run / "pg"
    if len(os.fsencode(inside)) <= LONGEST_SOCKET_FOLDER:
        return inside
    return Path("/tmp") / f"jiebang-{hashlib.sha256(os.fsencode(home.root)).hexdigest()[:16]}"

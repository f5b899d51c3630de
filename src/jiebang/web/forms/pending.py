"""Photos handed in before their form is sent.

A browser cannot send a chosen file twice, so a form in several pages, or one that came back with a problem, would
lose it. Cleaned photos wait on disk under the hash of the form's key: whoever holds the key of 128 bits holds the
photos. After a day they are swept; sending the form clears them at once.
"""

from __future__ import annotations

import re
import secrets
import shutil
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path

from jiebang.web.forms.sheet import Held

KEPT_FOR = timedelta(days=1)
MOST_FORMS = 5000  # waiting at once; beyond that somebody is filling the disk

ARRIVING = "arriving."

KEY = re.compile(r"[0-9a-f]{32}")


def new_key() -> str:
    return secrets.token_hex(16)


def is_key(text: str) -> bool:
    return KEY.fullmatch(text) is not None


@dataclass(frozen=True, slots=True)
class Pending:
    """The photos waiting for one form."""

    root: Path
    key: str

    @property
    def folder(self) -> Path:
        return self.root / sha256(self.key.encode()).hexdigest()[:40]

    def put(self, question: str, content: bytes, *, id_: str = "") -> bool:
        """Keep one photo; False when too many forms wait already. With an `id_` of its own it is kept once."""
        if not self.folder.exists():
            self.root.mkdir(parents=True, exist_ok=True, mode=0o700)
            if sum(1 for _ in self.root.iterdir()) >= MOST_FORMS:
                return False
            self.folder.mkdir(exist_ok=True, mode=0o700)
        arriving = self.folder / f"{ARRIVING}{secrets.token_hex(8)}"
        arriving.write_bytes(content)
        # At once under its name: half a photo is never taken for one.
        arriving.replace(self.folder / f"{question.encode().hex()}-{id_ or secrets.token_hex(8)}")
        return True

    def held(self) -> dict[str, list[Held]]:
        """Return what waits, by question, in the order of arrival."""
        found: dict[str, list[Held]] = {}
        for path in self._files():
            kilobytes = max(1, path.stat().st_size // 1024)
            found.setdefault(_question(path), []).append(Held(path.name.split("-")[1], kilobytes))
        return found

    def contents(self, question: str) -> list[bytes]:
        return [path.read_bytes() for path in self._files() if _question(path) == question]

    def drop(self, ids: Collection[str]) -> None:
        for path in self._files():
            if path.name.split("-")[1] in ids:
                path.unlink(missing_ok=True)

    def clear(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)

    def _files(self) -> list[Path]:
        folder = self.folder
        if not folder.is_dir():
            return []
        kept = [path for path in folder.iterdir() if not path.name.startswith(ARRIVING)]
        return sorted(kept, key=lambda path: (path.stat().st_mtime_ns, path.name))


def sweep(root: Path, *, at: datetime) -> int:
    """Remove what has waited longer than a day; return how many forms that was."""
    if not root.is_dir():
        return 0
    oldest = (at - KEPT_FOR).timestamp()
    stale = [folder for folder in root.iterdir() if folder.stat().st_mtime < oldest]
    for folder in stale:
        shutil.rmtree(folder, ignore_errors=True)
    return len(stale)


def _question(path: Path) -> str:
    return bytes.fromhex(path.name.split("-")[0]).decode()

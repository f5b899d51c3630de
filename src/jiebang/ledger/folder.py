"""The log's folder: files that are either there whole or not there at all."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TypeAlias

from jiebang.ledger.tiles import WIDTH, Tile


class Folder:
    """A folder of static files, reached by paths below it. The fault tests pass one that dies on a given call."""

    def __init__(self, root: Path | str) -> None:
        self.root = Path(root)

    def read(self, path: str) -> bytes | None:
        try:
            return (self.root / path).read_bytes()
        except FileNotFoundError:
            return None

    def write(self, files: Mapping[str, bytes]) -> None:
        """Make files durable, each in one step: temporary file, fsync, rename; then fsync of the folders.

        If we die in between, each file is the old one or the new one; files new here may or may not be there.
        """
        folders: set[Path] = set()
        for path, data in files.items():
            target = self.root / path
            folders |= self._have(target.parent)
            self._write_one(target, data)
        for folder in sorted(folders):
            _sync_folder(folder)

    def _write_one(self, target: Path, data: bytes) -> None:
        temporary = target.with_name(f".{target.name}.{os.getpid()}.new")
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o644)
        try:
            with open(descriptor, "wb", closefd=False) as file:
                file.write(data)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        temporary.replace(target)

    def _have(self, folder: Path) -> set[Path]:
        """Create a folder and return all whose entries changed: itself and, when it is new, those above it."""
        changed = {folder}
        while not folder.is_dir():
            folder = folder.parent
            changed.add(folder)
        for new in sorted(changed):
            new.mkdir(exist_ok=True)
        return changed

    def remove(self, paths: Iterable[str]) -> None:
        for path in paths:
            (self.root / path).unlink(missing_ok=True)

    def partials(self, shard: str, *, older_than: float) -> list[str]:
        """Return partial tiles and bundles whose full one exists since before `older_than` (seconds since 1970)."""
        found: list[str] = []
        for folder in sorted((self.root / shard / "tile").glob("**/*.p")):
            full = folder.with_name(folder.name.removesuffix(".p"))
            try:
                is_old = full.stat().st_mtime < older_than
            except FileNotFoundError:
                continue
            if is_old:
                found += [str(file.relative_to(self.root)) for file in sorted(folder.iterdir())]
        return found


FolderLike: TypeAlias = "Folder | Path | str"


def opened(folder: FolderLike) -> Folder:
    return folder if isinstance(folder, Folder) else Folder(folder)


def read_tile(folder: Folder, shard: str, tile: Tile) -> bytes | None:
    """Return a tile or bundle. Where the partial one is gone the full one serves; the caller cuts it."""
    data = folder.read(f"{shard}/{tile.path}")
    if data is None and tile.width < WIDTH:
        data = folder.read(f"{shard}/{tile.full.path}")
    return data


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

"""The log's folder: files that are either there whole or not there at all."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeAlias

from jiebang.ledger.tiles import WIDTH, Tile

MOST_SYNCS = 16


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
        """Make files durable: all as temporary files, fsync, then rename each, then fsync of the folders.

        If we die in between, each file is the old one or the new one; files new here may or may not be there.
        """
        folders: set[Path] = set()
        staged: list[tuple[Path, Path]] = []
        for path, data in files.items():
            target = self.root / path
            folders |= self._have(target.parent)
            staged.append((self._staged(target, data), target))
        # Waiting for the disk one file after the other would cost most of a batch's time.
        self._sync([temporary for temporary, _ in staged])
        for temporary, target in staged:
            self._rename(temporary, target)
        self._sync(sorted(folders))

    def _staged(self, target: Path, data: bytes) -> Path:
        temporary = target.with_name(f".{target.name}.{os.getpid()}.new")
        temporary.write_bytes(data)
        return temporary

    def _rename(self, temporary: Path, target: Path) -> None:
        temporary.replace(target)

    def _sync(self, paths: Sequence[Path]) -> None:
        if len(paths) < 3:
            for path in paths:
                _fsync(path)
            return
        with ThreadPoolExecutor(min(len(paths), MOST_SYNCS)) as pool:
            list(pool.map(_fsync, paths))

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


def _fsync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

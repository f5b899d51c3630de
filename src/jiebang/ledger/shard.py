"""One year's log as files: opened at a size, checked against its root, grown by leaves.

The sequencer and everyone who builds a log folder without a database (tests, tools) use the same two steps:
`Tree.at(...)` reads the edge and refuses a folder that is not what was signed; `grown(...)` returns the files to
write and the next tree. Nothing here signs or publishes.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from jiebang.ledger import checkpoint, leaf, merkle, tiles
from jiebang.ledger.folder import Folder, read_tile
from jiebang.ledger.merkle import Hash, sha256
from jiebang.ledger.tiles import WIDTH, Tile

SHARDS_FILE = "shards.json"


class LogError(RuntimeError):
    """The log must not go on like this. The text names what disagrees and what to do next."""


class ForkError(LogError):
    """Going on would publish a second history under the same key."""


@dataclass(frozen=True, slots=True)
class Tree:
    """A log at one size: the hashes and entries of its unfinished tiles."""

    size: int
    edge: Sequence[Sequence[bytes]] = ()
    entries: Sequence[bytes] = ()  # those of the unfinished bundle

    @property
    def root(self) -> bytes:
        return tiles.edge_root(self.edge)

    @classmethod
    def at(cls, folder: Folder, shard: str, *, size: int, root: bytes) -> Tree:
        """Return the tree of `size` leaves a folder holds.

        Raises:
            ForkError: the folder lacks a tile, or its tiles give another root than the one signed.
        """
        mend = "Restore the log folder from its backup or from any copy of it; see docs/howto/restore.md."
        try:
            edge = [
                tiles.parse_tile(
                    _have(folder, shard, tile)[: tile.width * tiles.HASH_SIZE],
                    width=tile.width,
                )
                if tile.width
                else []
                for tile in tiles.edge_tiles(size)
            ]
            entries: list[bytes] = []
            if size % WIDTH:
                entries = tiles.parse_bundle(
                    _have(folder, shard, Tile(-1, size // WIDTH, size % WIDTH)),
                    width=size % WIDTH,
                )
        except tiles.TileError as error:
            raise ForkError(f"The log folder is not whole at {size} leaves of {shard}: {error} {mend}") from error
        tree = cls(size, edge, entries)
        if tree.root != root:
            raise ForkError(
                f"The tiles of {shard} give another root at {size} leaves than the one signed. "
                f"Nothing was written. {mend}"
            )
        if [merkle.leaf_hash(entry) for entry in entries] != (list(edge[0]) if edge else []):
            raise ForkError(f"The last bundle of {shard} does not have the entries its tile was made of. {mend}")
        return tree

    def grown(self, shard: str, added: Sequence[bytes], *, hash: Hash = sha256) -> tuple[Tree, dict[str, bytes]]:
        """Return the tree with leaves added and the files (bundles first, then tiles) that make it so."""
        files: dict[str, bytes] = {}
        rest = [*self.entries, *added]
        n = self.size // WIDTH
        while len(rest) >= WIDTH:
            files[f"{shard}/{Tile(-1, n).path}"] = tiles.bundle(rest[:WIDTH])
            rest, n = rest[WIDTH:], n + 1
        if rest and added:
            files[f"{shard}/{Tile(-1, n, len(rest)).path}"] = tiles.bundle(rest)
        written, edge = tiles.extend(self.size, self.edge, [hash(b"\x00" + entry) for entry in added], hash=hash)
        files |= {f"{shard}/{tile.path}": data for tile, data in written.items()}
        return Tree(self.size + len(added), edge, rest), files


def _have(folder: Folder, shard: str, tile: Tile) -> bytes:
    data = read_tile(folder, shard, tile)
    if data is None:
        raise tiles.TileError(f"{tile.path} is missing.")
    return data


# ── Names ───────────────────────────────────────────────────────────────────────────────────────────────────


def origin_of(base: str, shard: str) -> str:
    """Return a shard's own log name: each year is a log of its own."""
    return f"{base}/{shard}"


def parts_of(origin: str) -> tuple[str, str]:
    """Return the base name and the shard of a shard's origin."""
    base, _, shard = origin.rpartition("/")
    return base, shard


def shards_json(city: str, keys: Sequence[checkpoint.Key]) -> bytes:
    """Return the text of `shards.json`: each year's name, origin and key, oldest first."""
    shards = [{"name": parts_of(key.name)[1], "origin": key.name, "vkey": key.vkey} for key in keys]
    value = {"city": city, "current": shards[-1]["name"], "shards": shards}
    return (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode()


def keys_of(folder: Folder) -> dict[str, checkpoint.Key]:
    """Return the keys a folder's `shards.json` names, by shard; empty when there is no such file.

    Raises:
        LogError: the file is damaged.
    """
    data = folder.read(SHARDS_FILE)
    if data is None:
        return {}
    try:
        value: Any = json.loads(data)
        return {str(shard["name"]): checkpoint.parse_vkey(shard["vkey"]) for shard in value["shards"]}
    except (ValueError, KeyError, TypeError) as error:
        raise LogError(f"{SHARDS_FILE} in the log folder is damaged ({error}). Restore it from a backup.") from error


# ── Turning the year ────────────────────────────────────────────────────────────────────────────────────────


def closing_leaf(city: dict[str, Any], *, key: checkpoint.Key, at: Any) -> bytes:
    """Return the last leaf of a shard: it names the next year's key, so that the old key vouches for it."""
    return leaf.city_leaf(
        **_city_facts(city),
        origin=city["origin"],
        at=at,
        next={"name": parts_of(key.name)[1], "origin": key.name, "vkey": key.vkey},
    )


def opening_leaf(city: dict[str, Any], *, origin: str, previous: str, at: Any) -> bytes:
    """Return the first leaf of the next shard: it quotes the final checkpoint of the one before, word for word."""
    return leaf.city_leaf(
        **_city_facts(city),
        origin=origin,
        at=at,
        previous={"name": parts_of(city["origin"])[1], "checkpoint": previous},
    )


def _city_facts(city: dict[str, Any]) -> dict[str, Any]:
    return {key: city[key] for key in ("city", "name", "zone", "demonstration")}

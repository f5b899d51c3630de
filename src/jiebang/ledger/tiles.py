"""Tiles: the tree and its leaves as files that never change.

A tile holds 256 hashes of one level of the tree: tile (level, n) has at position i the root over the leaves
[(256n+i)·256^level, (256n+i+1)·256^level). Leaves lie in bundles of 256, each after its length as uint16.
A tile not yet full exists as a partial one of width 1..255; nothing of a partial tile is hashed upward.

The *edge* of a tree is, for each level, the hashes of its partial tile. It is all that is needed to go on.

Source: C2SP tlog-tiles v0.1.0 (C2SP/C2SP at 5ba5ee8). Read 2026-11-22.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from jiebang.ledger.merkle import Hash, fold, root, sha256

WIDTH = 256
HASH_SIZE = 32
MOST_LEVEL = 63
MOST_ENTRY_BYTES = 65_535


class TileError(ValueError):
    """A tile, bundle or path that is not of the form. The text says how."""


@dataclass(frozen=True, slots=True)
class Tile:
    """Names one tile, or with level -1 one bundle of entries. `width` 256 is a full one."""

    level: int
    n: int
    width: int = WIDTH

    @property
    def path(self) -> str:
        """Return the path below the log's prefix, as `tile/0/x001/x234/067.p/12`."""
        kind = "entries" if self.level < 0 else str(self.level)
        partial = "" if self.width == WIDTH else f".p/{self.width}"
        return f"tile/{kind}/{_grouped(self.n)}{partial}"

    @property
    def full(self) -> Tile:
        return Tile(self.level, self.n)


def _grouped(n: int) -> str:
    last = f"{n % 1000:03d}"
    n //= 1000
    while n:
        last = f"x{n % 1000:03d}/{last}"
        n //= 1000
    return last


def partial_width(size: int, level: int) -> int:
    """Return how many hashes the partial tile of a level holds for a tree of `size` leaves; 0 means there is none."""
    return int((size >> (8 * level)) % WIDTH)


def levels(size: int) -> int:
    """Return how many levels of tiles a tree of `size` leaves has."""
    count = 0
    while size >> (8 * count):
        count += 1
    return count


def tiles_of(size: int) -> Iterator[Tile]:
    """Yield every hash tile of a tree, full ones first on each level."""
    for level in range(levels(size)):
        count = size >> (8 * level)
        for n in range(count // WIDTH):
            yield Tile(level, n)
        if count % WIDTH:
            yield Tile(level, count // WIDTH, count % WIDTH)


def edge_tiles(size: int) -> list[Tile]:
    """Return the partial tile of each level; a width of 0 stands for none."""
    return [Tile(level, size >> (8 * level + 8), partial_width(size, level)) for level in range(levels(size))]


# ── Bundles ─────────────────────────────────────────────────────────────────────────────────────────────────


def bundle(entries: Sequence[bytes]) -> bytes:
    """Return entries as one bundle.

    Raises:
        TileError: an entry is longer than 65,535 bytes.
    """
    parts: list[bytes] = []
    for entry in entries:
        if len(entry) > MOST_ENTRY_BYTES:
            raise TileError(f"An entry has {len(entry)} bytes; a bundle takes at most {MOST_ENTRY_BYTES}. Chunk it.")
        parts += (struct.pack(">H", len(entry)), entry)
    return b"".join(parts)


def parse_bundle(data: bytes, *, width: int) -> list[bytes]:
    """Return the `width` entries of a bundle.

    Raises:
        TileError: it ends early, or holds more or fewer entries.
    """
    entries: list[bytes] = []
    at, end = 0, len(data)
    while at < end:
        if at + 2 > end:
            raise TileError("The bundle ends inside a length.")
        length = data[at] << 8 | data[at + 1]
        at += 2 + length
        if at > end:
            raise TileError("The bundle ends inside an entry.")
        entries.append(data[at - length : at])
    if len(entries) != width:
        raise TileError(f"The bundle holds {len(entries)} entries instead of {width}.")
    return entries


def parse_tile(data: bytes, *, width: int) -> list[bytes]:
    """Return the `width` hashes of a tile.

    Raises:
        TileError: it has another length.
    """
    if len(data) != width * HASH_SIZE:
        raise TileError(f"The tile has {len(data)} bytes instead of {width * HASH_SIZE}.")
    return [data[i : i + HASH_SIZE] for i in range(0, len(data), HASH_SIZE)]


# ── Growing ─────────────────────────────────────────────────────────────────────────────────────────────────


def extend(
    size: int,
    edge: Sequence[Sequence[bytes]],
    leaf_hashes: Sequence[bytes],
    *,
    hash: Hash = sha256,
) -> tuple[dict[Tile, bytes], list[list[bytes]]]:
    """Return the tiles to write when leaves are added to a tree, and the new edge.

    Only tiles that changed are returned, each at its new width.
    """
    written: dict[Tile, bytes] = {}
    new_edge: list[list[bytes]] = []
    added = list(leaf_hashes)
    level = 0
    while added or level < len(edge):
        row = [*(edge[level] if level < len(edge) else ()), *added]
        first = size >> (8 * level + 8)
        full = len(row) // WIDTH
        upward: list[bytes] = []
        for k in range(full):
            hashes = row[k * WIDTH : (k + 1) * WIDTH]
            written[Tile(level, first + k)] = b"".join(hashes)
            upward.append(root(hashes, hash=hash))
        rest = row[full * WIDTH :]
        if rest and added:
            written[Tile(level, first + full, len(rest))] = b"".join(rest)
        new_edge.append(rest)
        added = upward
        level += 1
    return written, new_edge


def edge_root(edge: Sequence[Sequence[bytes]], *, hash: Hash = sha256) -> bytes:
    """Return the root of the tree with this edge."""
    subtrees: list[bytes] = []
    for row in reversed(edge):
        start = 0
        for bit in range(7, -1, -1):
            if len(row) >> bit & 1:
                subtrees.append(root(row[start : start + (1 << bit)], hash=hash))
                start += 1 << bit
    return fold(subtrees, hash=hash)


# ── Reading ─────────────────────────────────────────────────────────────────────────────────────────────────


def range_root(
    read: Callable[[Tile], bytes],
    size: int,
    start: int,
    end: int,
    *,
    hash: Hash = sha256,
) -> bytes:
    """Return the root over the leaves [start, end) of a tree of `size` leaves, from its tiles.

    `start` must be where a proof's subtree can start: a multiple of the largest power of two not above end - start.
    `read` returns a tile's bytes; it may answer a partial tile with the full one's beginning.
    """
    subtrees: list[bytes] = []
    while start < end:
        height = min(
            (end - start).bit_length() - 1,
            (start & -start).bit_length() - 1 if start else MOST_LEVEL,
        )
        subtrees.append(_subtree(read, size, start, height, hash=hash))
        start += 1 << height
    return fold(subtrees, hash=hash)


def _subtree(read: Callable[[Tile], bytes], size: int, start: int, height: int, *, hash: Hash) -> bytes:
    level, rest = divmod(height, 8)
    first = start >> (8 * level)
    n, offset = divmod(first, WIDTH)
    width = min(WIDTH, (size >> (8 * level)) - n * WIDTH)
    hashes = parse_tile(read(Tile(level, n, width)), width=width)
    return root(hashes[offset : offset + (1 << rest)], hash=hash)

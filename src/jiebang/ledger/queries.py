"""What the ledger answers: facts for followers, places, proofs, the head, and whether all of it agrees."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from jiebang.ledger import checkpoint as checkpoints
from jiebang.ledger import leaf as leaves_
from jiebang.ledger import merkle, receipt, tiles
from jiebang.ledger.folder import Folder, FolderLike, opened, read_tile
from jiebang.ledger.shard import SHARDS_FILE, LogError, Tree, keys_of, parts_of
from jiebang.ledger.tiles import WIDTH, Tile


@dataclass(frozen=True, slots=True)
class Fact:
    leaf_id: int
    kind: str


@dataclass(frozen=True, slots=True)
class Head:
    """The checkpoint the world sees now."""

    shard: str
    origin: str
    size: int
    root: bytes
    note: str
    vkey: str


@dataclass(frozen=True, slots=True)
class ReceiptProof:
    """That a leaf stands at `index` of a shard below the signed checkpoint `note`."""

    shard: str
    index: int
    size: int
    proof: tuple[bytes, ...]
    note: str
    leaf: bytes


class NotPublishedError(LookupError):
    """The leaf is not below a published checkpoint yet. Try again in a few seconds."""


# ── Following ───────────────────────────────────────────────────────────────────────────────────────────────

# Identity values are not in commit order: a transaction may commit id 6 while 5 is still being written. Ordered by
# the writing transaction, and only below the oldest one still running, nothing can appear later behind a cursor.
_AFTER = "WHERE (txn, id) > (coalesce((SELECT txn FROM ledger_leaf WHERE id = %s), '0'::xid8), %s)"
_FACTS = f"""
SELECT id, kind FROM ledger_leaf
{_AFTER}
  AND txn < pg_snapshot_xmin(pg_current_snapshot())
ORDER BY txn, id LIMIT %s
"""


def facts_after(leaf_id: int, *, limit: int) -> list[Fact]:
    """Return the facts committed after the one a follower has come to, in an order that never skips.

    The order is that of transactions, so ids may go down by a few: keep the last fact's id, not the largest.
    """
    with connection.cursor() as cursor:
        cursor.execute(_FACTS, [leaf_id, leaf_id, limit])
        return [Fact(id, kind) for id, kind in cursor.fetchall()]


def leaves_after(leaf_id: int) -> list[int]:
    """Return the leaves that `facts_after` has still to give, now or when their neighbours have been committed."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT id FROM ledger_leaf {_AFTER}", [leaf_id, leaf_id])
        return [id for (id,) in cursor.fetchall()]


def is_settled() -> bool:
    """Return whether all leaves were written by this server; False after a restore that was not settled."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce((SELECT txn FROM ledger_leaf ORDER BY txn DESC LIMIT 1)"
            " <= greatest(pg_snapshot_xmax(pg_current_snapshot()), pg_current_xact_id_if_assigned()), true)"
        )
        return bool(cursor.fetchone()[0])


def cursor(follower: str) -> int:
    """Return the leaf a follower has come to, 0 for a new one."""
    with connection.cursor() as c:
        c.execute("SELECT leaf_id FROM ledger_cursor WHERE follower = %s", [follower])
        row = c.fetchone()
    return int(row[0]) if row else 0


# ── For statements of others ────────────────────────────────────────────────────────────────────────────────

# What `FROM` and `JOIN` of a statement of a room above may name: id, kind, body (bytes) of every leaf. A plain
# selection, so PostgreSQL plans it away.
LEAVES = "(SELECT id, kind, body FROM ledger_leaf)"

_SIZES = "SELECT origin, max(size) AS size FROM ledger_checkpoint GROUP BY origin"

# Whole statements for the doctor, who asks over a connection of their own, outside Django.
HAS_TABLES = "SELECT to_regclass('ledger_checkpoint') IS NOT NULL"
SIGNED = f"SELECT coalesce(sum(size), 0)::bigint FROM ({_SIZES}) AS sizes"
WAITING = "SELECT count(*), min(created_at) FROM ledger_leaf WHERE shard IS NULL"


# ── Leaves and places ───────────────────────────────────────────────────────────────────────────────────────


def place_of(leaf_id: int) -> tuple[str, int] | None:
    """Return a leaf's shard and index; None while it waits (or was refused)."""
    return places_of([leaf_id]).get(leaf_id)


def places_of(leaf_ids: list[int]) -> dict[int, tuple[str, int]]:
    """Return the places of those leaves that are numbered."""
    with connection.cursor() as c:
        c.execute(
            "SELECT id, shard, idx FROM ledger_leaf WHERE id = ANY(%s::bigint[]) AND idx IS NOT NULL",
            [leaf_ids],
        )
        return {id: (shard, idx) for id, shard, idx in c.fetchall()}


def leaf_bytes(leaf_id: int) -> bytes:
    """Return a leaf's exact bytes.

    Raises:
        LookupError: there is no such leaf.
    """
    with connection.cursor() as c:
        c.execute("SELECT body FROM ledger_leaf WHERE id = %s", [leaf_id])
        row = c.fetchone()
    if row is None:
        raise LookupError(f"There is no leaf {leaf_id}.")
    return bytes(row[0])


def waiting(*, at: datetime | None = None) -> int:
    """Return how many leaves wait for their number, or (with `at`) how many have waited since before that moment."""
    with connection.cursor() as c:
        c.execute(
            "SELECT count(*) FROM ledger_leaf WHERE shard IS NULL AND (%s::timestamptz IS NULL OR created_at < %s)",
            [at, at],
        )
        return int(c.fetchone()[0])


def refused() -> list[int]:
    """Return the leaves the sequencer refused because they were dated back."""
    with connection.cursor() as c:
        c.execute("SELECT id FROM ledger_leaf WHERE shard = 'refused' ORDER BY id")
        return [id for (id,) in c.fetchall()]


def sizes() -> dict[str, int]:
    """Return how many leaves the database has signed, by shard."""
    with connection.cursor() as c:
        c.execute(f"{_SIZES} ORDER BY origin")
        return {parts_of(origin)[1]: size for origin, size in c.fetchall()}


# ── Proofs ──────────────────────────────────────────────────────────────────────────────────────────────────


def head(log_dir: FolderLike, *, shard: str = "") -> Head | None:
    """Return the published checkpoint of a shard, by default the current one; None where no log is published.

    Raises:
        LogError: what is published is damaged.
    """
    folder = opened(log_dir)
    keys = keys_of(folder)
    if not keys:
        return None
    name = shard or list(keys)[-1]
    data = folder.read(f"{name}/checkpoint")
    if name not in keys or data is None:
        return None
    try:
        shown = checkpoints.open_checkpoint(data, keys[name])
    except checkpoints.NoteError as error:
        raise LogError(f"The published checkpoint of {name} is damaged: {error}") from error
    return Head(name, shown.origin, shown.size, shown.root, data.decode(), keys[name].vkey)


def proof(leaf_id: int, log_dir: FolderLike) -> ReceiptProof:
    """Return the proof that a leaf is in the published log.

    Raises:
        NotPublishedError: it is not yet.
    """
    folder = opened(log_dir)
    place = place_of(leaf_id)
    shown = head(folder, shard=place[0]) if place else None
    if place is None or shown is None or shown.size <= place[1]:
        raise NotPublishedError(f"Leaf {leaf_id} is not in the published log yet. Try again in a few seconds.")
    shard, index = place

    def read(tile: Tile) -> bytes:
        data = read_tile(folder, shard, tile)
        if data is None:
            raise LogError(f"{shard}/{tile.path} is missing from the log folder. Run `jiebang doctor`.")
        return data[: tile.width * tiles.HASH_SIZE]

    hashes = [tiles.range_root(read, shown.size, a, b) for a, b in merkle.inclusion_ranges(index, shown.size)]
    return ReceiptProof(shard, index, shown.size, tuple(hashes), shown.note, leaf_bytes(leaf_id))


def tlog_proof(leaf_id: int, *, log_dir: FolderLike, extra: bytes = b"") -> str:
    """Return the text of a `.tlog-proof` file; `extra` is usually `receipt.extra(leaf, disclosures)`.

    Raises:
        NotPublishedError: the leaf is not in the published log yet.
    """
    found = proof(leaf_id, log_dir)
    return receipt.format_proof(receipt.TlogProof(found.index, found.proof, found.note, extra))


# ── Auditing ────────────────────────────────────────────────────────────────────────────────────────────────


def audit(*, log_dir: FolderLike) -> list[str]:
    """Return, in sentences, everything in which database, files and signatures do not tell one history.

    Every root is derived again from the leaves, and every bundle and tile from them; empty when all agree.
    """
    folder = opened(log_dir)
    findings: list[str] = []
    signed = sizes()
    if bool(signed) != (folder.read(SHARDS_FILE) is not None):
        return [
            f"The database has {signed or 'no log'}, the folder {'none' if signed else 'one'}: one half is missing."
        ]
    for shard, size in signed.items():
        findings += _audit_shard(folder, shard, size)
    if gone := refused():
        findings.append(f"{len(gone)} leaves were refused because they were dated back (ids {gone[:5]}…).")
    if not is_settled():
        findings.append("The database was restored from a dump and not settled: run `jiebang restore` to its end.")
    return findings


def _audit_shard(folder: Folder, shard: str, size: int) -> Iterator[str]:
    with connection.cursor() as c:
        c.execute(
            "SELECT size, root FROM ledger_checkpoint WHERE origin LIKE %s ORDER BY size",
            [f"%/{shard}"],
        )
        signed = {row_size: bytes(root) for row_size, root in c.fetchall()}
    try:
        shown = head(folder, shard=shard)
    except LogError as error:
        yield str(error)
        return
    if shown is None or shown.size > size or signed.get(shown.size) != shown.root:
        yield (
            f"The published checkpoint of {shard} has {shown.size if shown else 'no'} leaves, the database {size}, "
            "or their roots differ."
        )
    tree = Tree(0)
    files: dict[str, bytes] = {}
    for first in range(0, size, WIDTH):
        with connection.cursor() as c:
            c.execute(
                "SELECT idx, kind, body FROM ledger_leaf WHERE shard = %s AND idx >= %s AND idx < %s ORDER BY idx",
                [shard, first, min(first + WIDTH, size)],
            )
            rows = [(idx, kind, bytes(body)) for idx, kind, body in c.fetchall()]
        if [idx for idx, _, _ in rows] != list(range(first, min(first + WIDTH, size))):
            yield f"Leaves of {shard} are missing between {first} and {first + WIDTH}."
            return
        for idx, kind, body in rows:
            try:
                if leaves_.parse(body)["kind"] != kind:
                    yield f"Leaf {idx} of {shard} says another kind than its row."
            except leaves_.LeafError as error:
                yield f"Leaf {idx} of {shard}: {error}"
            # Each size that was ever signed is checked where it was signed, not only the last.
        for row in rows:
            if row[0] and row[0] in signed and signed[row[0]] != tree.root:
                yield f"The leaves of {shard} do not give the root signed at {row[0]}."
            tree, grown = tree.grown(shard, [row[2]])
            files |= {path: data for path, data in grown.items() if ".p/" not in path}
        for path, data in files.items():
            if folder.read(path) != data:
                yield f"{path} in the log folder is not what the leaves give."
        files.clear()
    if signed.get(size) != tree.root:
        yield f"The leaves of {shard} do not give the root signed at {size}."
    try:
        Tree.at(folder, shard, size=size, root=tree.root)
    except LogError as error:
        yield str(error)

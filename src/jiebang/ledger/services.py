"""What changes the ledger: append a leaf, found a log, number what waits, keep a follower's place."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection, transaction
from psycopg import pq

from jiebang.ledger import checkpoint as checkpoints
from jiebang.ledger import leaf as leaves_
from jiebang.ledger.checkpoint import Checkpoint, Key
from jiebang.ledger.folder import Folder, FolderLike, opened
from jiebang.ledger.shard import (
    SHARDS_FILE,
    ForkError,
    LogError,
    Tree,
    closing_leaf,
    keys_of,
    opening_leaf,
    origin_of,
    parts_of,
    shards_json,
)

BATCH = 20_000
MOST_AGE = timedelta(hours=24)
PARTIALS_STAY = timedelta(days=1)
REFUSED = "refused"  # in the column `shard`: never numbered
logger = logging.getLogger(__name__)


# ── Leaves ──────────────────────────────────────────────────────────────────────────────────────────────────

# As JSON: psycopg writes three arrays in twice the time.
_APPEND = """
INSERT INTO ledger_leaf (kind, body, at)
SELECT kind, body, at
FROM json_to_recordset(%s::json) AS given(place int, kind text, body bytea, at timestamptz)
ORDER BY place
RETURNING id
"""


def append(leaves: Sequence[tuple[str, bytes]], *, moments: Sequence[datetime | None] = ()) -> list[int]:
    """Add leaves inside the caller's transaction and return their ids in order: one statement, however many.

    `moments` are what the leaves speak of; the sequencer refuses one that is more than a day older than what is
    already signed. A leaf without a moment is never too old.
    """
    if not leaves:
        return []
    given = list(moments) or [None] * len(leaves)
    if len(given) != len(leaves):
        raise ValueError(f"{len(leaves)} leaves need as many moments, not {len(given)}.")
    with connection.cursor() as cursor:
        rows = [
            {"place": place, "kind": kind, "body": f"\\x{body.hex()}", "at": at.isoformat() if at else None}
            for place, ((kind, body), at) in enumerate(zip(leaves, given, strict=True))
        ]
        cursor.execute(_APPEND, [json.dumps(rows)])
        return [id for (id,) in cursor.fetchall()]


def advance(follower: str, leaf_id: int) -> None:
    """Keep a follower's place, in the transaction of its effects: a crash repeats, never skips."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO ledger_cursor (follower, leaf_id) VALUES (%s, %s)"
            " ON CONFLICT (follower) DO UPDATE SET leaf_id = excluded.leaf_id",
            [follower, leaf_id],
        )


def settle_after_restore() -> None:
    """Forget which transaction wrote each leaf. Run once, as the owner, after restoring a database dump.

    A dump carries transaction numbers of another server; compared with ours they would hide facts from followers.
    """
    with connection.cursor() as cursor:
        cursor.execute("UPDATE ledger_leaf SET txn = '3'::xid8 WHERE txn <> '3'::xid8")


# ── The head of the log ─────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class _Head:
    """The newest checkpoint row."""

    origin: str
    size: int
    root: bytes
    note: str
    at: datetime

    @property
    def shard(self) -> str:
        return parts_of(self.origin)[1]


def _lock() -> None:
    # One sequencer a schema. The schema's hash keeps two cities of one database apart.
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtext('jiebang.ledger.sequence'), hashtext(current_schema()::text))"
        )


def _heads() -> list[_Head]:
    """Return the newest checkpoint of each shard, oldest shard first."""
    with connection.cursor() as cursor:
        cursor.execute(
            # One step down the index a year. DISTINCT ON would read every checkpoint ever signed, once a second.
            """
            WITH RECURSIVE year AS (
              SELECT min(origin) AS origin FROM ledger_checkpoint
              UNION ALL
              SELECT (SELECT min(origin) FROM ledger_checkpoint WHERE origin > year.origin)
                FROM year WHERE year.origin IS NOT NULL)
            SELECT newest.origin, newest.size, newest.root, newest.note, newest.at
              FROM year CROSS JOIN LATERAL (
                   SELECT * FROM ledger_checkpoint c WHERE c.origin = year.origin ORDER BY size DESC LIMIT 1) AS newest
            """
        )
        rows = [_Head(origin, size, bytes(root), note, at) for origin, size, root, note, at in cursor.fetchall()]
    return sorted(rows, key=lambda head: int(head.shard))


def _entry_at(shard: str, idx: int) -> bytes:
    with connection.cursor() as cursor:
        cursor.execute("SELECT body FROM ledger_leaf WHERE shard = %s AND idx = %s", [shard, idx])
        row = cursor.fetchone()
    if row is None:
        raise ForkError(f"The database lacks leaf {idx} of {shard}, which is signed. See docs/howto/restore.md.")
    return bytes(row[0])


def _insert_checkpoint(point: Checkpoint, *, seed: bytes, at: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO ledger_checkpoint (origin, size, root, note, at) VALUES (%s, %s, %s, %s, %s)",
            [
                point.origin,
                point.size,
                point.root,
                checkpoints.sign_checkpoint(point, seed=seed),
                at,
            ],
        )


def _number(shard: str, first: int, ids: Sequence[int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE ledger_leaf AS leaf SET shard = %s, idx = %s + given.place - 1"
            " FROM unnest(%s::bigint[]) WITH ORDINALITY AS given(id, place) WHERE leaf.id = given.id",
            [shard, first, list(ids)],
        )


def _check_published(folder: Folder, head: _Head, key: Key) -> None:
    """Refuse to go on when the world was shown another history than the database knows.

    Raises:
        ForkError: the published checkpoint is larger, or of the same size with another root.
    """
    data = folder.read(f"{head.shard}/checkpoint")
    if data is None:
        return
    try:
        shown = checkpoints.open_checkpoint(data, key)
    except checkpoints.NoteError as error:
        raise ForkError(
            f"The published checkpoint of {head.shard} is not ours: {error} "
            "Either the signing seed is another one or the file was changed. See docs/howto/restore.md."
        ) from error
    if shown.size > head.size:
        raise ForkError(
            f"The published checkpoint of {head.shard} has {shown.size} leaves, the database only {head.size}: the "
            "database is an older backup. Going on would publish a second history under the same key. "
            "Restore a newer backup, as docs/howto/restore.md says."
        )
    if shown.size == head.size and shown.root != head.root:
        raise ForkError(
            f"The published checkpoint and the database both have {head.size} leaves of {head.shard}, with two "
            "roots. One of them is another history. See docs/howto/restore.md."
        )


# ── Founding ────────────────────────────────────────────────────────────────────────────────────────────────


def init_log(
    *,
    home_log_dir: FolderLike,
    seed: bytes,
    origin: str,
    city_leaf: Mapping[str, Any],
    at: datetime,
) -> None:
    """Found a log: its first leaf says which city, which zone, and whether it is a demonstration.

    `city_leaf` has `city`, `name` {zh, en}, `zone`, `demonstration`; `origin` is the name without the year. Never
    called implicitly: a log that comes into being by accident is a second history waiting to be published.

    Raises:
        LogError: the database or the folder already holds a log.
    """
    folder = opened(home_log_dir)
    shard = str(at.astimezone(ZoneInfo(city_leaf["zone"])).year)
    full = origin_of(origin, shard)
    body = leaves_.city_leaf(
        city=city_leaf["city"],
        name=city_leaf["name"],
        zone=city_leaf["zone"],
        demonstration=city_leaf["demonstration"],
        origin=full,
        at=at,
    )
    with transaction.atomic():
        _lock()
        heads = _heads()
        published = folder.read(SHARDS_FILE) or folder.read(f"{shard}/checkpoint")
        if heads or published is not None:
            sizes = ", ".join(f"{head.size} leaves of {head.shard}" for head in heads) or "no log"
            raise LogError(
                f"There is a log already: the database has {sizes}, the folder {'one' if published else 'none'}. "
                "A log is founded once; see docs/howto/restore.md if one half is missing."
            )
        [id] = append([("city", body)])
        _extend(folder, Tree(0), full, [(id, body)], seed=seed, at=at)
    # Committed. If we die here the first `sequence_once` publishes what is missing.
    _publish(folder, seed=seed)


# ── Numbering ───────────────────────────────────────────────────────────────────────────────────────────────


def sequence_once(*, log_dir: FolderLike, seed: bytes, at: datetime, limit: int = BATCH) -> int:
    """Number the leaves that wait, extend the tree, sign, commit, publish; return how many were numbered.

    Safe to kill at any point and to run twice at once.

    Raises:
        ForkError: database, tiles and published checkpoint do not tell one history.
        LogError: no log was founded.
    """
    folder = opened(log_dir)
    _turn_the_year(folder, seed=seed, at=at)
    with transaction.atomic():
        _lock()
        head = _checked_head(folder, seed=seed)
        waiting = _waiting(head, limit=limit)
        if waiting:
            tree = Tree.at(folder, head.shard, size=head.size, root=head.root)
            _extend(folder, tree, head.origin, waiting, seed=seed, at=at)
    _publish(folder, seed=seed)
    return len(waiting)


def _checked_head(folder: Folder, *, seed: bytes) -> _Head:
    heads = _heads()
    if not heads:
        raise LogError("This database has no log. Found one with `jiebang log init`.")
    head = heads[-1]
    key = checkpoints.key_of(head.origin, seed)
    try:
        checkpoints.open_checkpoint(head.note, key)
    except checkpoints.NoteError as error:
        raise ForkError(
            f"The newest checkpoint in the database was signed by another key than this seed's ({error}). "
            "Use the seed the log was founded with (secrets/ in the home folder, or JIEBANG_LOG_SEED)."
        ) from error
    _check_published(folder, head, key)
    return head


def _waiting(head: _Head, *, limit: int) -> list[tuple[int, bytes]]:
    """Return the leaves to number now; those dated back by more than a day are marked and left out."""
    with connection.cursor() as cursor:
        # Bytes as they are, not spelled in hexadecimal: half the time of reading a batch.
        cursor.cursor.format = pq.Format.BINARY
        cursor.execute("SELECT id, body, at FROM ledger_leaf WHERE shard IS NULL ORDER BY id LIMIT %s", [limit])
        rows = cursor.fetchall()
    if not rows:
        return []
    oldest = head.at - MOST_AGE
    late = [id for id, _, at in rows if at is not None and at < oldest]
    if late and not json.loads(_entry_at(head.shard, 0))["demonstration"]:
        with connection.cursor() as cursor:
            cursor.execute("UPDATE ledger_leaf SET shard = %s WHERE id = ANY(%s)", [REFUSED, late])
        logger.error(
            "Refused to number %d leaves dated more than 24 h before the newest checkpoint (ids %s…). Only a "
            "demonstration may play the past; `jiebang audit` lists them.",
            len(late),
            late[:5],
        )
        rows = [row for row in rows if row[0] not in set(late)]
    return [(id, bytes(body)) for id, body, _ in rows]


def _extend(
    folder: Folder,
    tree: Tree,
    origin: str,
    added: Sequence[tuple[int, bytes]],
    *,
    seed: bytes,
    at: datetime,
) -> None:
    """Write the files and rows of a larger tree. Nothing of it is published before the caller has committed."""
    shard = parts_of(origin)[1]
    larger, files = tree.grown(shard, [body for _, body in added])
    _number(shard, tree.size, [id for id, _ in added])
    folder.write(files)
    # If we die before the commit, the files stand there with no checkpoint that needs them: partial tiles of a
    # size nobody was shown, or full ones that the next run writes again, perhaps with other leaves.
    _insert_checkpoint(Checkpoint(origin, larger.size, larger.root), seed=seed, at=at)


def _publish(folder: Folder, *, seed: bytes) -> None:
    """Show the world the newest checkpoints, after their commit.

    If we died before this, the world has seen an older checkpoint: behind, but true. The next run shows the newer
    one. The lock is taken again, so that a slower process cannot put an older checkpoint over a newer one.
    """
    with transaction.atomic():
        _lock()
        heads = _heads()
        known = keys_of(folder)
        keys: list[Key] = []
        for head in heads:
            key = known.get(head.shard) or checkpoints.key_of(head.origin, seed)
            keys.append(key)
            note = head.note.encode()
            if folder.read(f"{head.shard}/checkpoint") == note:
                continue
            _check_published(folder, head, key)
            folder.write({f"{head.shard}/checkpoint": note})
        if not heads:
            return
        text = shards_json(json.loads(_entry_at(heads[-1].shard, 0))["city"], keys)
        # Last: a reader never meets a shard in the list whose checkpoint is not there yet.
        if folder.read(SHARDS_FILE) != text:
            folder.write({SHARDS_FILE: text})


def _turn_the_year(folder: Folder, *, seed: bytes, at: datetime) -> None:
    """Close the shard of a past year and open the next one, once a leaf waits in the new year.

    Two commits. If we die between them, the closed shard's last leaf names the next one, which we open then.
    """
    heads = _heads()
    if not heads:
        return
    city = json.loads(_entry_at(heads[-1].shard, 0))
    year = at.astimezone(ZoneInfo(city["zone"])).year
    if year <= int(heads[-1].shard) or not _is_anything_waiting():
        return
    next_key = checkpoints.key_of(origin_of(parts_of(heads[-1].origin)[0], str(year)), seed)
    with transaction.atomic():
        _lock()
        head = _checked_head(folder, seed=seed)
        last = json.loads(_entry_at(head.shard, head.size - 1))
        if head.origin == heads[-1].origin and "next" not in last:
            tree = Tree.at(folder, head.shard, size=head.size, root=head.root)
            body = closing_leaf(city, key=next_key, at=at)
            [id] = append([("city", body)])
            _extend(folder, tree, head.origin, [(id, body)], seed=seed, at=at)
    _publish(folder, seed=seed)
    with transaction.atomic():
        _lock()
        head = _checked_head(folder, seed=seed)
        last = json.loads(_entry_at(head.shard, head.size - 1))
        if "next" not in last:  # another process opened the shard meanwhile
            return
        origin = last["next"]["origin"]
        body = opening_leaf(city, origin=origin, previous=head.note, at=at)
        [id] = append([("city", body)])
        _extend(folder, Tree(0), origin, [(id, body)], seed=seed, at=at)
    _publish(folder, seed=seed)


def _is_anything_waiting() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM ledger_leaf WHERE shard IS NULL)")
        return bool(cursor.fetchone()[0])


# ── Tidying ─────────────────────────────────────────────────────────────────────────────────────────────────


def tidy(*, log_dir: FolderLike, at: datetime) -> int:
    """Remove partial tiles whose full tile has existed for a day; return how many. Clients ask for the full one."""
    folder = opened(log_dir)
    gone = 0
    for shard in sorted(keys_of(folder)):
        paths = folder.partials(shard, older_than=(at - PARTIALS_STAY).timestamp())
        folder.remove(paths)
        gone += len(paths)
    return gone


def rebuild(*, log_dir: Path | str) -> None:
    """Write every bundle and tile again from the database, as when the log folder was lost.

    Nothing is signed: each shard must come out at the root its newest checkpoint has. Checkpoints are published
    by the next `sequence_once`.

    Raises:
        ForkError: the database's leaves give another root than the one signed.
    """
    folder = opened(log_dir)
    for head in _heads():
        tree = Tree(0)
        while tree.size < head.size:
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT body FROM ledger_leaf WHERE shard = %s AND idx >= %s AND idx < %s ORDER BY idx",
                    [
                        head.shard,
                        tree.size,
                        min(tree.size + BATCH // 256 * 256, head.size),
                    ],
                )
                bodies = [bytes(body) for (body,) in cursor.fetchall()]
            if not bodies:
                break
            tree, files = tree.grown(head.shard, bodies)
            folder.write(files)
        if (tree.size, tree.root) != (head.size, head.root):
            raise ForkError(
                f"The database's {tree.size} leaves of {head.shard} do not give the root signed at {head.size}. "
                "See docs/howto/restore.md."
            )

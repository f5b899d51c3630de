"""The sequencer against a real PostgreSQL: numbers, signs, publishes, and refuses to tell two histories."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.utils import DatabaseError

from jiebang.ledger import checkpoint, leaf, merkle, queries, receipt, services, tiles
from jiebang.ledger.folder import Folder
from jiebang.ledger.shard import ForkError, LogError
from tests.ledger.alog import KEY, NOON, SEED, founded, sequenced, shown, some

pytestmark = pytest.mark.django_db


def test_append_gives_ids_in_order_with_one_statement(
    django_assert_num_queries: Any,
) -> None:
    with django_assert_num_queries(1):
        ids = services.append(some(300))

    assert ids == sorted(ids) and len(set(ids)) == 300
    assert [queries.leaf_bytes(id) for id in ids[:3]] == [body for _, body in some(3)]
    assert services.append([]) == []


def test_a_founded_log_shows_its_city_and_key(tmp_path: Path) -> None:
    founded(tmp_path)

    shards = json.loads((tmp_path / "shards.json").read_text())
    assert shards == {
        "city": "leshan",
        "current": "2026",
        "shards": [{"name": "2026", "origin": KEY.name, "vkey": KEY.vkey}],
    }
    assert shown(tmp_path).size == 1
    first = leaf.parse((tmp_path / "2026/tile/entries/000.p/1").read_bytes()[2:])
    assert first["demonstration"] is True and first["origin"] == KEY.name
    assert queries.audit(log_dir=tmp_path) == []


def test_a_log_is_founded_once(tmp_path: Path) -> None:
    founded(tmp_path)

    with pytest.raises(LogError, match="1 leaves of 2026, the folder one"):
        founded(tmp_path)


def test_a_database_without_a_log_is_not_given_one(tmp_path: Path) -> None:
    with pytest.raises(LogError, match="jiebang log init"):
        sequenced(tmp_path)


def test_waiting_leaves_are_numbered_in_order_and_published(tmp_path: Path) -> None:
    founded(tmp_path)
    ids = services.append(some(600))
    assert queries.waiting() == 600
    assert queries.place_of(ids[0]) is None

    assert sequenced(tmp_path) == 600

    assert [queries.place_of(id) for id in (ids[0], ids[-1])] == [
        ("2026", 1),
        ("2026", 600),
    ]
    assert shown(tmp_path).size == 601
    assert sequenced(tmp_path) == 0
    assert queries.audit(log_dir=tmp_path) == []
    assert queries.head(tmp_path) is not None and queries.sizes() == {"2026": 601}


def test_every_leaf_has_a_receipt_that_verifies_offline(tmp_path: Path) -> None:
    founded(tmp_path)
    ids = services.append(some(300))
    sequenced(tmp_path)

    for id in (ids[0], ids[254], ids[255], ids[299]):
        data = queries.leaf_bytes(id)
        text = queries.tlog_proof(id, log_dir=tmp_path, extra=receipt.extra(data))
        found = receipt.parse_proof(text)
        head = checkpoint.open_checkpoint(found.checkpoint, KEY)
        merkle.verify_inclusion(
            leaf=merkle.leaf_hash(data),
            index=found.index,
            size=head.size,
            proof=found.proof,
            root=head.root,
        )


def test_a_waiting_leaf_has_no_receipt_yet(tmp_path: Path) -> None:
    founded(tmp_path)
    [id] = services.append(some(1))

    with pytest.raises(queries.NotPublishedError, match="Try again"):
        queries.proof(id, tmp_path)


def test_a_restored_older_database_refuses_to_fork_and_names_both_sizes(
    tmp_path: Path,
) -> None:
    founded(tmp_path)
    services.append(some(3))
    sequenced(tmp_path)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM ledger_checkpoint WHERE size > 1")
        cursor.execute("UPDATE ledger_leaf SET idx = NULL, shard = NULL WHERE idx > 0")

    with pytest.raises(ForkError) as refused:
        sequenced(tmp_path)

    assert "has 4 leaves, the database only 1" in str(refused.value)
    assert "docs/howto/restore.md" in str(refused.value)
    assert shown(tmp_path).size == 4


def test_changed_tiles_stop_the_sequencer(tmp_path: Path) -> None:
    founded(tmp_path)
    services.append(some(3))
    sequenced(tmp_path)
    tile = tmp_path / "2026/tile/0/000.p/4"
    tile.write_bytes(b"\0" * 32 + tile.read_bytes()[32:])
    services.append(some(1))

    with pytest.raises(ForkError, match="give another root at 4 leaves"):
        sequenced(tmp_path)

    tile.unlink()
    with pytest.raises(ForkError, match="not whole at 4 leaves"):
        sequenced(tmp_path)


def test_another_seed_or_another_published_root_stops_the_sequencer(
    tmp_path: Path,
) -> None:
    founded(tmp_path)
    with pytest.raises(ForkError, match="signed by another key"):
        services.sequence_once(log_dir=tmp_path, seed=b"t" * 32, at=NOON)

    other = checkpoint.sign_checkpoint(checkpoint.Checkpoint(KEY.name, 1, b"x" * 32), seed=SEED)
    (tmp_path / "2026/checkpoint").write_text(other)
    with pytest.raises(ForkError, match="two roots"):
        sequenced(tmp_path)


def test_a_checkpoint_lost_before_publishing_is_published_by_the_next_run(
    tmp_path: Path,
) -> None:
    founded(tmp_path)
    before = (tmp_path / "2026/checkpoint").read_bytes()
    services.append(some(5))
    sequenced(tmp_path)
    (tmp_path / "2026/checkpoint").write_bytes(before)
    (tmp_path / "shards.json").unlink()

    assert sequenced(tmp_path) == 0

    assert shown(tmp_path).size == 6
    assert queries.audit(log_dir=tmp_path) == []


class DyingError(RuntimeError):
    pass


class DyingFolder(Folder):
    """A folder whose disk fails at the n-th step: a temporary file written, a sync, a rename."""

    def __init__(self, root: Path, *, dies_at: int) -> None:
        super().__init__(root)
        self.left = dies_at

    def _step(self) -> None:
        if self.left == 0:
            raise DyingError
        self.left -= 1

    def _staged(self, target: Path, data: bytes) -> Path:
        self._step()
        return super()._staged(target, data)

    def _rename(self, temporary: Path, target: Path) -> None:
        self._step()
        super()._rename(temporary, target)

    def _sync(self, paths: Sequence[Path]) -> None:
        self._step()
        super()._sync(paths)


@pytest.mark.fault
@pytest.mark.parametrize("step", range(12))  # five files staged, synced, renamed, their folders synced
def test_dying_before_the_commit_leaves_a_log_that_goes_on(tmp_path: Path, step: int) -> None:
    founded(tmp_path)
    services.append(some(254))
    sequenced(tmp_path)
    services.append(some(3, start=300))

    with pytest.raises(DyingError):
        services.sequence_once(log_dir=DyingFolder(tmp_path, dies_at=step), seed=SEED, at=NOON)
    assert shown(tmp_path).size == 255
    services.append(some(2, start=400))
    sequenced(tmp_path)

    # What the failed run left on the disk was never signed; what is signed now holds together.
    assert shown(tmp_path).size == 260
    assert queries.audit(log_dir=tmp_path) == []


@pytest.mark.fault
def test_dying_after_the_commit_shows_the_older_checkpoint_until_the_next_run(tmp_path: Path) -> None:
    founded(tmp_path)
    services.append(some(3))

    with pytest.raises(DyingError):
        services.sequence_once(log_dir=DyingFolder(tmp_path, dies_at=6), seed=SEED, at=NOON)
    assert (shown(tmp_path).size, queries.sizes()) == (1, {"2026": 4})

    assert sequenced(tmp_path) == 0
    assert shown(tmp_path).size == 4


def test_a_leaf_dated_back_is_refused_unless_the_city_is_a_demonstration(
    tmp_path: Path,
) -> None:
    founded(tmp_path, demonstration=False)
    old, young, bare = services.append(some(3), moments=[NOON - timedelta(hours=25), NOON - timedelta(hours=23), None])

    assert sequenced(tmp_path) == 2

    assert queries.refused() == [old]
    assert queries.place_of(old) is None
    assert [queries.place_of(id) for id in (young, bare)] == [("2026", 1), ("2026", 2)]
    assert sequenced(tmp_path) == 0
    assert "dated back" in queries.audit(log_dir=tmp_path)[0]


def test_a_demonstration_may_play_the_past(tmp_path: Path) -> None:
    founded(tmp_path)
    services.append(some(1), moments=[NOON - timedelta(days=180)])

    assert sequenced(tmp_path) == 1


def test_moments_are_given_for_all_leaves_or_none() -> None:
    with pytest.raises(ValueError, match="as many moments"):
        services.append(some(2), moments=[NOON])


def test_a_new_year_closes_the_old_shard_and_quotes_it(tmp_path: Path) -> None:
    founded(tmp_path)
    services.append(some(2))
    sequenced(tmp_path)
    midnight = datetime(2026, 12, 31, 16, 0, tzinfo=UTC)  # New Year in Leshan
    assert services.sequence_once(log_dir=tmp_path, seed=SEED, at=midnight) == 0
    assert queries.sizes() == {"2026": 3}
    [id] = services.append(some(1))

    assert services.sequence_once(log_dir=tmp_path, seed=SEED, at=midnight) == 1

    assert queries.sizes() == {"2026": 4, "2027": 2}
    assert queries.place_of(id) == ("2027", 1)
    shards = json.loads((tmp_path / "shards.json").read_text())
    assert (shards["current"], [shard["name"] for shard in shards["shards"]]) == (
        "2027",
        ["2026", "2027"],
    )
    *_, closing = tiles.parse_bundle((tmp_path / "2026/tile/entries/000.p/4").read_bytes(), width=4)
    assert leaf.parse(closing)["next"]["vkey"] == shards["shards"][1]["vkey"]
    first = leaf.parse((tmp_path / "2027/tile/entries/000.p/1").read_bytes()[2:])
    assert first["previous"] == {
        "name": "2026",
        "checkpoint": (tmp_path / "2026/checkpoint").read_text(),
    }
    assert queries.audit(log_dir=tmp_path) == []


def test_a_year_turned_half_is_turned_on_by_the_next_run(tmp_path: Path) -> None:
    founded(tmp_path)
    services.append(some(1))
    new_year = datetime(2027, 1, 2, 4, 0, tzinfo=UTC)
    original, calls = services._extend, []

    def dies_after_closing(*args: Any, **kwargs: Any) -> None:
        if calls:
            raise DyingError
        calls.append(1)
        original(*args, **kwargs)

    services._extend = dies_after_closing
    try:
        with pytest.raises(DyingError):
            services.sequence_once(log_dir=tmp_path, seed=SEED, at=new_year)
    finally:
        services._extend = original

    assert services.sequence_once(log_dir=tmp_path, seed=SEED, at=new_year) == 1
    assert queries.sizes() == {"2026": 2, "2027": 2}
    assert queries.audit(log_dir=tmp_path) == []


def test_a_leaf_can_be_neither_changed_nor_removed() -> None:
    [id] = services.append(some(1))

    for statement in (
        "UPDATE ledger_leaf SET body = '' WHERE id = %s",
        "DELETE FROM ledger_leaf WHERE id = %s",
    ):
        with (
            pytest.raises(DatabaseError, match="never changed or removed"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement, [id])


def test_partial_tiles_go_a_day_after_the_full_one_and_proofs_still_work(
    tmp_path: Path,
) -> None:
    founded(tmp_path)
    [id] = services.append(some(1))
    sequenced(tmp_path)
    services.append(some(300, start=10))
    sequenced(tmp_path)
    now = datetime.fromtimestamp((tmp_path / "2026/tile/0/000").stat().st_mtime, tz=UTC)
    assert services.tidy(log_dir=tmp_path, at=now) == 0

    assert services.tidy(log_dir=tmp_path, at=now + timedelta(days=1, seconds=1)) == 4

    assert not list((tmp_path / "2026/tile/0/000.p").iterdir())
    assert queries.proof(id, tmp_path).index == 1
    assert queries.audit(log_dir=tmp_path) == []


def test_a_lost_folder_is_written_again_from_the_database(tmp_path: Path) -> None:
    founded(tmp_path / "log")
    services.append(some(700))
    sequenced(tmp_path / "log")

    services.rebuild(log_dir=tmp_path / "again")
    sequenced(tmp_path / "again")

    assert shown(tmp_path / "again") == shown(tmp_path / "log")
    assert queries.audit(log_dir=tmp_path / "again") == []


def test_the_audit_finds_a_changed_file_and_a_half_missing_log(tmp_path: Path) -> None:
    founded(tmp_path)
    services.append(some(300))
    sequenced(tmp_path)
    full = tmp_path / "2026/tile/entries/000"
    full.write_bytes(full.read_bytes().replace(b'"test"', b'"tast"', 1))

    assert queries.audit(log_dir=tmp_path) == ["2026/tile/entries/000 in the log folder is not what the leaves give."]
    assert "one half is missing" in queries.audit(log_dir=tmp_path / "nowhere")[0]

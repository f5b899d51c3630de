"""A small log for the tests of the ledger: its founding, some leaves, a turn of the sequencer, what it shows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from jiebang.ledger import checkpoint, leaf, services

SEED = b"s" * 32
NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
CITY = {"city": "leshan", "name": {"zh": "乐山", "en": "Leshan"}, "zone": "Asia/Shanghai", "demonstration": True}
ORIGIN = "jiebang.invalid/leshan/0a0b0c0d"
KEY = checkpoint.key_of(f"{ORIGIN}/2026", SEED)


def founded(log: Path, **changes: Any) -> None:
    services.init_log(home_log_dir=log, seed=SEED, origin=ORIGIN, city_leaf=CITY | changes, at=NOON)


def some(n: int, *, start: int = 0) -> list[tuple[str, bytes]]:
    return [("outage", leaf.outage_leaf(since=NOON, until=NOON + (start + i) * SECOND, what="test")) for i in range(n)]


def shown(log: Path, shard: str = "2026") -> checkpoint.Checkpoint:
    key = checkpoint.key_of(f"{ORIGIN}/{shard}", SEED)
    return checkpoint.open_checkpoint((log / shard / "checkpoint").read_bytes(), key)


def sequenced(log: Path, *, at: datetime = NOON) -> int:
    return services.sequence_once(log_dir=log, seed=SEED, at=at)

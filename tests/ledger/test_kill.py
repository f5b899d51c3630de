"""The sequencer killed for good (SIGKILL) at every statement and every step on the disk, then started again."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, connections

from jiebang.ledger import queries, services
from jiebang.ledger.folder import Folder
from jiebang.verifier import verify
from tests.ledger.alog import CITY, NOON, ORIGIN, SEED, founded, sequenced, shown, some

NEW_YEAR = datetime(2027, 1, 2, 4, 0, tzinfo=UTC)


class Fuse:
    """Kills this process at the n-th step; counts the steps when n is beyond the last."""

    def __init__(self, burns_at: int) -> None:
        self.left = burns_at
        self.steps = 0

    def step(self) -> None:
        self.steps += 1
        if self.steps == self.left:
            os.kill(os.getpid(), signal.SIGKILL)


class FusedFolder(Folder):
    def __init__(self, root: Path, fuse: Fuse) -> None:
        super().__init__(root)
        self.fuse = fuse

    def _staged(self, target: Path, data: bytes) -> Path:
        self.fuse.step()
        return super()._staged(target, data)

    def _rename(self, temporary: Path, target: Path) -> None:
        self.fuse.step()
        super()._rename(temporary, target)

    def _sync(self, paths: Sequence[Path]) -> None:
        self.fuse.step()
        super()._sync(paths)


def in_a_process_killed_at(step: int, do: Callable[[Fuse], Any]) -> bool:
    """Run in a child that dies at that step; return whether it died (False: it had fewer steps)."""
    connections.close_all()
    child = os.fork()
    if child == 0:
        fuse = Fuse(step)

        def watched(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
            fuse.step()
            return execute(sql, params, many, context)

        with connection.execute_wrapper(watched):
            do(fuse)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


def nothing_yet(root: Path) -> Path:
    """Return the folder of a log to be founded in an empty database."""
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE ledger_checkpoint, ledger_leaf RESTART IDENTITY CASCADE")
    return root


def shown_sizes(root: Path) -> dict[str, int]:
    sizes = {}
    for file in sorted(root.glob("*/checkpoint")):
        sizes[file.parent.name] = shown(root, file.parent.name).size
    return sizes


@pytest.mark.fault
def test_killed_at_every_step_nothing_is_lost_and_nothing_published_is_taken_back(
    committed: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    founded(tmp_path)
    services.append(some(250, start=0))
    sequenced(tmp_path)
    state, size, step, died = str(tmp_path / "seen.json"), 251, 0, True
    while died:
        step += 1
        services.append(some(2, start=1_000 + 2 * step))
        size += 2

        died = in_a_process_killed_at(
            step, lambda fuse: services.sequence_once(log_dir=FusedFolder(tmp_path, fuse), seed=SEED, at=NOON)
        )

        # What the world sees at that moment is whole, and never less than before.
        assert verify.main([str(tmp_path), "--state", state]) == 0, capsys.readouterr().out
        sequenced(tmp_path)
        assert shown_sizes(tmp_path) == queries.sizes() == {"2026": size}
        assert queries.waiting() == 0
    assert step > 20
    assert queries.audit(log_dir=tmp_path) == []


@pytest.mark.fault
def test_killed_at_every_step_of_the_years_turn_it_is_turned_once(
    committed: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    step, died = 0, True
    while died:
        step += 1
        root = nothing_yet(tmp_path / str(step))
        founded(root)
        services.append(some(3, start=0))

        died = in_a_process_killed_at(
            step,
            lambda fuse, root=root: services.sequence_once(log_dir=FusedFolder(root, fuse), seed=SEED, at=NEW_YEAR),
        )
        services.append(some(1, start=9))
        sequenced(root, at=NEW_YEAR)

        assert shown_sizes(root) == queries.sizes() == {"2026": 2, "2027": 5}
        assert queries.audit(log_dir=root) == []
        assert verify.main([str(root)]) == 0, capsys.readouterr().out
    assert step > 40


@pytest.mark.fault
def test_killed_while_founding_the_log_is_founded_or_not_there(committed: str, tmp_path: Path) -> None:
    step, died = 0, True
    while died:
        step += 1
        root = nothing_yet(tmp_path / str(step))

        def found(fuse: Fuse, root: Path = root) -> None:
            services.init_log(home_log_dir=FusedFolder(root, fuse), seed=SEED, origin=ORIGIN, city_leaf=CITY, at=NOON)

        died = in_a_process_killed_at(step, found)
        if not queries.sizes():
            found(Fuse(0))
        sequenced(root)

        assert shown_sizes(root) == queries.sizes() == {"2026": 1}
        assert queries.audit(log_dir=root) == []

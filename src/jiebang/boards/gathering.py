"""What arrives while a write is on its way goes together in the next one.

Raises of one city commit one after another, because they share the counter that gives out numbers without gaps
(decision 0001). Four residents who press "Send" at once would so wait for four commits; here the first of them
writes, and whoever comes meanwhile is written together by whoever of them is first. Nobody waits for company: a lone
request goes at once. The database calls the same idea group commit.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from django.db import InterfaceError, OperationalError, connection

T = TypeVar("T")
R = TypeVar("R")

MOST_TOGETHER = 50
# A batch has one moment, that of its youngest. Live requests are milliseconds apart; a played past is not.
APART = timedelta(seconds=1)


@dataclass(slots=True, eq=False)
class _Waiting(Generic[T, R]):
    item: T
    at: datetime
    turn: threading.Event = field(default_factory=threading.Event)
    answer: list[R] = field(default_factory=list)  # one, when it is there
    wrong: BaseException | None = None

    @property
    def is_done(self) -> bool:
        return bool(self.answer) or self.wrong is not None


class Gathering(Generic[T, R]):
    """Hands items of many threads to `together`, each batch on the thread of one of its items.

    So many batches are written at once as there are `lanes`. One, where they would wait for each other in the
    database anyway; two keep the processor busy while a batch waits for its commit.
    """

    def __init__(self, together: Callable[[Sequence[T], datetime], list[R]], *, lanes: int) -> None:
        self._together = together
        self._lanes = lanes
        self._lock = threading.Lock()
        self._queue: list[_Waiting[T, R]] = []  # whoever leads a batch is not in it
        self._leaders = 0

    def one(self, item: T, *, at: datetime) -> R:
        """Return the answer to this item, written alone or with others.

        Inside a transaction of the caller's nothing is gathered: what another thread writes would not be rolled back
        with it.
        """
        if connection.in_atomic_block:
            return self._together([item], at)[0]
        mine: _Waiting[T, R] = _Waiting(item, at)
        with self._lock:
            leads = self._leaders < self._lanes
            if leads:
                self._leaders += 1
            else:
                self._queue.append(mine)
        if not leads:
            mine.turn.wait()  # until answered, or until it is our turn to write
        if not mine.is_done:
            self._write_with(mine)
        if mine.wrong is not None:
            raise mine.wrong
        return mine.answer[0]

    def _write_with(self, mine: _Waiting[T, R]) -> None:
        with self._lock:
            others = [one for one in self._queue if abs(one.at - mine.at) <= APART][: MOST_TOGETHER - 1]
            self._queue = [one for one in self._queue if one not in others]
        try:
            self._answer([mine, *others])
        finally:
            with self._lock:
                following = self._queue.pop(0) if self._queue else None
                if following is None:
                    self._leaders -= 1
            # The next leader first: its transaction may begin while our followers draw their pages.
            if following is not None:
                following.turn.set()
            for one in others:
                one.turn.set()

    def _answer(self, batch: Sequence[_Waiting[T, R]]) -> None:
        """Leave each its answer or its exception. A thread that was left neither would hang for ever."""
        try:
            answers = self._together([one.item for one in batch], max(one.at for one in batch))
            for one, answer in zip(batch, answers, strict=True):
                one.answer.append(answer)
        except Exception as wrong:  # whatever it was, it belongs to whoever asked
            # The batch stood in one transaction, so nothing of it is written. Without the database everybody fails
            # alike; a mistake in one must not cost the others their matter.
            if len(batch) > 1 and not isinstance(wrong, (OperationalError, InterfaceError)):
                for one in batch:
                    one.answer.clear()
                    self._answer([one])
                return
            for one in batch:
                one.wrong = wrong
        except BaseException as wrong:  # the process is told to end
            for one in batch:
                one.wrong = wrong
            raise

"""One parent, a handful of children: what dies is started again, and nothing outlives the parent.

A child that ends is started again after 1, 2, 4 … 30 seconds; five ends within a minute mean that starting again
does not help, so everything stops and its last lines are shown. On SIGTERM or Ctrl-C all children are asked to
end (SIGTERM), the database last, after the others have left it; after ten seconds they are killed. If the parent
itself is killed, the kernel tells the children (`dies_with_us`).

The children's lines are read here and shown with the child's name in front.
"""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from types import FrameType
from typing import Literal, TextIO

from jiebang.desk.home import DeskError

FIRST_DELAY_S = 1.0
LONGEST_DELAY_S = 30.0
LONG_LIFE_S = 60.0
DEATHS_ALLOWED = 5
GRACE_S = 10.0
LAST_LINES = 20


@dataclass
class Child:
    """A process that has to be there. `start` gets the pipe its words go to."""

    name: str
    start: Callable[[int], subprocess.Popen[bytes]]
    stop_signal: signal.Signals = signal.SIGTERM
    # "again": it shall always run. "stop": a step that must succeed once. "report": one that may fail once.
    when_it_ends: Literal["again", "stop", "report"] = "again"
    after: Callable[[], None] = lambda: None  # called when a step has ended

    process: subprocess.Popen[bytes] | None = None
    pipe: int = -1
    unfinished: bytes = b""
    lines: deque[str] = field(default_factory=lambda: deque(maxlen=LAST_LINES))
    started_at: float = 0.0
    deaths: deque[float] = field(default_factory=lambda: deque(maxlen=DEATHS_ALLOWED))
    delay_s: float = 0.0
    start_again_at: float | None = None
    finished: bool = False

    @property
    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None


class Supervisor:
    """Keep children running until a signal comes or one of them dies too often."""

    def __init__(
        self, out: TextIO = sys.stdout, *, first_delay_s: float = FIRST_DELAY_S, grace_s: float = GRACE_S
    ) -> None:
        self.children: list[Child] = []
        self.out = out
        self.first_delay_s = first_delay_s
        self.grace_s = grace_s
        self.stopping = False
        self.failed: Child | None = None
        self._selector = selectors.DefaultSelector()
        # A signal writes a byte here, so that waiting ends at once.
        self._wake_read, self._wake_write = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        self._selector.register(self._wake_read, selectors.EVENT_READ, None)

    # ── Signals ─────────────────────────────────────────────────────────────────────────────────────────

    def listen_to_signals(self) -> None:
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._asked_to_stop)
        signal.signal(signal.SIGCHLD, lambda _number, _frame: None)  # only to wake us
        signal.set_wakeup_fd(self._wake_write, warn_on_full_buffer=False)

    def _asked_to_stop(self, _number: int, _frame: FrameType | None) -> None:
        self.stopping = True

    # ── Starting ────────────────────────────────────────────────────────────────────────────────────────

    def add(self, child: Child) -> Child:
        """Start a child and keep it running. The database comes first: the order of stopping is the reverse."""
        child.delay_s = self.first_delay_s
        self.children.append(child)
        self._start(child)
        return child

    def _start(self, child: Child) -> None:
        reading, writing = os.pipe2(os.O_CLOEXEC)
        os.set_blocking(reading, False)
        child.process, child.pipe, child.unfinished = None, reading, b""
        child.started_at, child.start_again_at = time.monotonic(), None
        self._selector.register(reading, selectors.EVENT_READ, child)
        try:
            child.process = child.start(writing)
        except (DeskError, OSError) as wrong:
            # It counts as a death: what is in the way (a server still shutting down) may be gone in a second.
            os.write(writing, f"can't be started: {wrong}\n".encode())
        finally:
            os.close(writing)

    # ── Running ─────────────────────────────────────────────────────────────────────────────────────────

    def run(self, *, until: Callable[[], bool] = lambda: False) -> bool:
        """Watch the children until `until` holds, and return True; or until we shall stop, and return False."""
        while not self.stopping:
            if until():
                return True
            self._wait()
            self._look_after_children()
        return False

    def _wait(self, longest_s: float = 0.5) -> None:
        due = [child.start_again_at for child in self.children if child.start_again_at is not None]
        pause = min([longest_s, *(max(0.0, at - time.monotonic()) for at in due)])
        for key, _ in self._selector.select(pause):
            if key.data is None:
                self._drain_wakeups()
            else:
                self._read(key.data)

    def _drain_wakeups(self) -> None:
        try:
            while os.read(self._wake_read, 4096):
                pass
        except BlockingIOError:
            pass

    def _look_after_children(self) -> None:
        for child in self.children:
            if child.finished:
                continue
            if child.start_again_at is not None:
                if time.monotonic() >= child.start_again_at:
                    self._start(child)
            elif not child.is_running:
                self._died(child)

    def _died(self, child: Child) -> None:
        status = child.process.wait() if child.process is not None else None
        self._read(child, to_the_end=True)
        if child.when_it_ends != "again":
            child.finished = True
            if status == 0 or child.when_it_ends == "report":
                child.after()
            if status != 0 and child.when_it_ends == "stop":
                self.failed, self.stopping = child, True
            return
        now = time.monotonic()
        if now - child.started_at > LONG_LIFE_S:
            child.delay_s = self.first_delay_s
        child.deaths.append(now)
        if len(child.deaths) == DEATHS_ALLOWED and now - child.deaths[0] < LONG_LIFE_S:
            self.failed, self.stopping = child, True
            return
        self.say(child.name, f"ended ({_ending(status)}); starting it again in {child.delay_s:.0f} s")
        child.start_again_at = now + child.delay_s
        child.delay_s = min(child.delay_s * 2, LONGEST_DELAY_S)

    # ── What they say ───────────────────────────────────────────────────────────────────────────────────

    def say(self, name: str, line: str) -> None:
        print(f"{name:>8} │ {line}", file=self.out, flush=True)

    def _read(self, child: Child, *, to_the_end: bool = False) -> None:
        if child.pipe < 0:
            return
        while True:
            try:
                piece = os.read(child.pipe, 65536)
            except BlockingIOError:
                break
            if not piece:
                self._forget_pipe(child)
                break
            *whole, child.unfinished = (child.unfinished + piece).split(b"\n")
            for line in whole:
                self._heard(child, line)
        if to_the_end:
            self._forget_pipe(child)

    def _heard(self, child: Child, line: bytes) -> None:
        text = line.decode("utf-8", errors="replace").rstrip()
        if text:
            child.lines.append(text)
            self.say(child.name, text)

    def _forget_pipe(self, child: Child) -> None:
        if child.pipe >= 0:
            self._heard(child, child.unfinished)
            self._selector.unregister(child.pipe)
            os.close(child.pipe)
            child.pipe, child.unfinished = -1, b""

    # ── Stopping ────────────────────────────────────────────────────────────────────────────────────────

    def stop(self) -> None:
        """End all children: first those that use the database, all at once, then the database."""
        if not self.children:
            return
        database, *others = self.children
        self._end(others if database.name == "postgres" else self.children)
        if database.name == "postgres":
            self._end([database])

    def _end(self, children: list[Child]) -> None:
        for child in children:
            if child.is_running and child.process is not None:
                child.process.send_signal(child.stop_signal)
        deadline = time.monotonic() + self.grace_s
        while any(child.is_running for child in children) and time.monotonic() < deadline:
            self._wait(0.1)
        for child in children:
            if child.is_running and child.process is not None:
                self.say(child.name, f"did not end within {self.grace_s:.0f} s and is killed")
                os.killpg(child.process.pid, signal.SIGKILL)
                child.process.wait()
            self._read(child, to_the_end=True)


def _ending(status: int | None) -> str:
    if status is None:
        return "not started"
    if status >= 0:
        return f"status {status}"
    return f"killed by {signal.Signals(-status).name}"

"""Starting processes that never outlive us."""

from __future__ import annotations

import ctypes
import os
import signal
from collections.abc import Callable

_LIBC = ctypes.CDLL(None, use_errno=True)
_PR_SET_PDEATHSIG = 1


def dies_with_us(how: signal.Signals = signal.SIGTERM) -> Callable[[], None]:
    """Return a `preexec_fn`: the kernel sends the child `how` when the thread that started it is gone.

    Start such children from the main thread only: the signal comes when that *thread* ends.
    """
    parent = os.getpid()

    def tie() -> None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, how)
        # We may have died between fork and prctl; then nobody will ever send the signal.
        if os.getppid() != parent:
            os._exit(1)

    return tie


def die_with_parent() -> None:
    """Tie this process, whoever started it, to its parent: for servers that start workers of their own."""
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)

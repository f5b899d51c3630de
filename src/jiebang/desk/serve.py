"""`jiebang serve`: HTTP by granian, one worker of a few threads."""

from __future__ import annotations

import os

from jiebang.desk.home import DeskError

THREADS = 4


def serve(*, address: str, port: int) -> None:
    """Serve until SIGTERM.

    One worker: Python's threads wait for PostgreSQL together better than two processes fight for the cores, and
    what is kept in memory (programs, areas, sessions' languages) is kept once.
    """
    from granian import Granian
    from granian.constants import Interfaces
    from granian.http import HTTP1Settings
    from granian.log import LogLevels

    refuse_taken_port(address, port)
    Granian(
        "jiebang.desk.wsgi:make_application",
        factory=True,
        address=address,
        port=port,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=THREADS,
        blocking_threads_idle_timeout=600,  # a thread keeps its database connection and prepared statements
        websockets=False,
        workers_kill_timeout=8,
        http1_settings=HTTP1Settings(header_read_timeout=15_000),
        log_level=LogLevels.warning,
        log_access=False,
    ).serve()


def refuse_taken_port(address: str, port: int) -> None:
    """Raises: DeskError: somebody else listens there."""
    import socket

    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((address, port))
        except PermissionError:
            raise DeskError(
                f"Port {port} is kept for the administrator.", next_step="Choose one above 1023: JIEBANG_PORT=8000"
            ) from None
        except OSError as wrong:
            raise DeskError(
                f"Port {port} on {address} is taken ({os.strerror(wrong.errno or 0)}).",
                next_step=f"Choose another: JIEBANG_PORT={port + 1} jiebang up — or stop what listens there.",
            ) from None

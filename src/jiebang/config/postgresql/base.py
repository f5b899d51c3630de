"""Django's PostgreSQL backend, with a health check that costs no statement.

Connections are kept between requests. When the server was restarted meanwhile, the kept connection is dead and
the first request of every thread would fail. Django's own check sends `SELECT 1` once a request; a dead
connection can be told for nothing: its socket has something to read although nobody asked for anything.
"""

from __future__ import annotations

import select

from django.db.backends.postgresql import base


class DatabaseWrapper(base.DatabaseWrapper):
    def is_usable(self) -> bool:
        """Return whether the kept connection can be used, without asking the server."""
        connection = self.connection
        if connection is None or connection.closed:
            return False
        waiting = select.poll()
        waiting.register(connection.fileno(), select.POLLIN)
        # An idle connection is silent. What arrives unasked is the server's farewell, or its end of file.
        return not waiting.poll(0)

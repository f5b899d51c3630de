"""The WSGI application as `jiebang serve` runs it: environment from the home, then Django.

With `JIEBANG_ACCESS_LOG=1` each answer is written to the log, whose formatter cuts the raisers' secret paths.
"""

from __future__ import annotations

import gc
import logging
import os
import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from jiebang.desk.children import die_with_parent
from jiebang.desk.context import prepare_django
from jiebang.desk.home import this_home

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

    WSGIApplication = Callable[[WSGIEnvironment, StartResponse], Iterable[bytes]]

access = logging.getLogger("jiebang.access")


def logged(application: WSGIApplication) -> WSGIApplication:
    """Return `application` with a line in the log for each answer."""

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        began = time.perf_counter()
        seen: list[str] = []

        def note(status: str, headers: list[tuple[str, str]], *more: Any) -> Callable[[bytes], object]:
            seen[:] = [status.partition(" ")[0]]
            return start_response(status, headers, *more)

        body = application(environ, note)
        took_ms = (time.perf_counter() - began) * 1000
        asked = environ.get("REQUEST_METHOD"), environ.get("PATH_INFO")
        access.info("%s %s %s %.0f ms", *asked, "".join(seen), took_ms)
        return body

    return answer


def make_application() -> WSGIApplication:
    """Return the application, in the server's worker process."""
    # If the server is killed, a worker left behind would keep the port.
    die_with_parent()
    home = this_home()
    prepare_django(home, role="app")
    from django.core.wsgi import get_wsgi_application

    application: WSGIApplication = get_wsgi_application()
    # What stands now, stands until the end: looking through it for garbage again and again is for nothing.
    gc.collect()
    gc.freeze()
    if os.environ.get("JIEBANG_ACCESS_LOG") == "1":
        application = logged(application)
    return application

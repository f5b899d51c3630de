"""Keeping raisers' secrets out of every log line, whoever writes it."""

from __future__ import annotations

import logging
import re

# The address of a raiser's own page is the key to that entry; Django itself would log it with a 404 or 429.
_SECRET_PATH = re.compile(r"/(r|raised|follow|verdict|answer)/[^\s'\"?]*(\?[^\s'\"]*)?")


def cut(text: str) -> str:
    """Return `text` with what follows a secret path cut away."""
    return _SECRET_PATH.sub(r"/\1/…", text)


class Discreet(logging.Formatter):
    """A formatter whose lines, tracebacks included, carry no secret path."""

    def format(self, record: logging.LogRecord) -> str:
        return cut(super().format(record))

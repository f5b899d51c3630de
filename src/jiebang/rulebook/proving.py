"""The certificate of a version: made by the checker, and checked by the file that strangers check it with.

A version whose certificate does not convince `prove.py` is not published. So a mistake in the checker is found by a
program that shares no line with it, before it stands in the log and not after.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from jiebang.engine import canonical
from jiebang.engine.checker.certificate import certificate_of
from jiebang.engine.findings import Finding
from jiebang.engine.model import Program
from jiebang.engine.worktime import Calendar
from jiebang.verifier import prove


def certificate(program: Program, calendar: Calendar | None) -> bytes:
    """Return the certificate's exact bytes, as they stand in the log."""
    return canonical.canonical_bytes(certificate_of(program, calendar))


def findings(program: Program, calendar: Calendar | None, *, filename: str) -> Iterator[Finding]:
    """Say why the independent program does not believe the certificate; nothing where it does."""
    said = canonical.canonical_bytes(canonical.program_to_json(program))
    try:
        prove.prove(json.loads(said), json.loads(certificate(program, calendar)))
    except prove.NotProvedError as wrong:
        yield Finding(
            filename,
            0,
            "C1",
            f"独立程序未能证明这一版会办结：{wrong.texts['zh']}。",
            f"The independent program does not prove that this version closes: {wrong.texts['en']}.",
            "文本或许没有错，错在检查程序：请把文本交给维护者。",
            "The text may be right and the checker wrong: send the text to whoever maintains the program.",
        )

"""`jiebang mechanisms format`: a mechanism file in one tongue or the other, comments and order kept."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from jiebang.desk.home import DeskError
from jiebang.engine.findings import MechanismError
from jiebang.engine.parser import hearing

_KEYS = {"zh": "Chinese", "en": "English"}


def run(files: Sequence[Path], *, lang: Literal["zh", "en"] | None, check: bool) -> int:
    """Write files with Chinese or English keys; not said: each in its own, made one if it is mixed.

    Return 1 if a file cannot be converted or, to check, if one would change.

    Raises:
        DeskError: no file is named, or one cannot be read.
    """
    if not files:
        raise DeskError("No file is named.", next_step="Name one: jiebang mechanisms format FILE --lang zh")
    failed = False
    for path in files:
        try:
            before = path.read_bytes().decode()
        except (OSError, UnicodeDecodeError) as wrong:
            raise DeskError(f"{path} can't be read: {wrong}.", next_step="Name a mechanism file (….yaml).") from None
        try:
            to = lang or hearing.read(before, str(path)).tongue.lang
            after = hearing.turned(before, to, str(path))
        except MechanismError as wrong:
            print("\n".join(finding.sentence("en") for finding in wrong.findings), file=sys.stderr)
            failed = True
            continue
        if after == before:
            print(f"{path}: {_KEYS[to]} keys already")
        elif check:
            print(f"{path}: would be written with {_KEYS[to]} keys")
            failed = True
        else:
            path.write_bytes(after.encode())
            print(f"{path}: written with {_KEYS[to]} keys")
    return int(failed)

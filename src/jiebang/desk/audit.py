"""`jiebang audit` and `jiebang verify`: deriving everything again, from inside and from outside."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from jiebang.desk.home import Home


def audit(home: Home) -> Iterator[str]:
    """Derive every entry from its events, every limit, every root and every digest; yield what differs."""
    from jiebang.boards import queries as boards
    from jiebang.ledger import queries as ledger
    from jiebang.rulebook import queries as rulebook

    yield from rulebook.audit()
    yield from boards.audit()
    yield from ledger.audit(log_dir=home.log)


def report(differences: Iterator[str]) -> int:
    n = 0
    for difference in differences:
        n += 1
        print(difference, file=sys.stderr)
    if n:
        print(f"{n} differences. Nothing was changed. See docs/howto/restore.md.", file=sys.stderr)
        return 1
    print("Everything follows from its events, and every event stands in the log.")
    return 0


def verify(log: str, *, key: str | None) -> int:
    """Run the stranger's own file on a log: the very code that /verify.py hands out."""
    from jiebang.verifier import verify as verifier

    return verifier.main([log, *(["--key", key] if key else [])])

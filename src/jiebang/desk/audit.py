"""`jiebang audit` and `jiebang verify`: deriving everything again, from inside and from outside."""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from jiebang.desk.home import Home
from jiebang.desk.mechanisms import compiles_to
from jiebang.engine.checker import certificate
from jiebang.engine.worktime import Calendar, calendar_from_data
from jiebang.verifier import verify as stranger


def audit(home: Home, *, at: datetime) -> Iterator[str]:
    """Derive every entry from its events, every limit, every root and every digest; yield what differs."""
    from jiebang.boards.audit import audit as audit_boards
    from jiebang.ledger import queries as ledger
    from jiebang.rounds.audit import audit as audit_rounds
    from jiebang.rulebook import queries as rulebook
    from jiebang.scoring import queries as scoring

    for mechanism in rulebook.mechanisms():
        for version in rulebook.versions(mechanism.mechanism):
            if not compiles_to(version.text, version.program_hash):
                yield f"{version.mechanism} {version.since}: the published text does not compile to its program."
    # In an invented past that is still being played every due is long gone, and no clock runs yet.
    now = None if home.demonstration_progress.exists() else at
    seen = audit_boards(at=now)
    yield from seen.findings
    rounds = audit_rounds(at=now)
    yield from rounds.findings
    yield from ledger.audit(log_dir=home.log)
    yield from scoring.audit(at=at)
    print(f"{seen.entries} entries with {seen.events} events; {seen.erased_digests} digests forgotten")
    print(f"{rounds.rounds} rounds over {rounds.subjects} subjects")


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


# ── As a stranger ───────────────────────────────────────────────────────────────────────────────────────────


def verify(arguments: Sequence[str], *, log: str | None) -> int:
    """Run the stranger's own file on a log, the very code that /verify.py hands out; then what it cannot do.

    The standard library reads no YAML, so the stranger's file believes that a published text says what its
    published program does, and a certificate that limits last as long as it says. We have a parser and calendars, and
    see for ourselves.
    """
    status = stranger.main(arguments)
    if status or log is None:
        return status
    wrong = texts = certificates = 0
    calendar: Calendar | None = None
    chunks: defaultdict[str, list[str]] = defaultdict(list)
    for leaf in _leaves_of(log, "publish", "calendar"):
        if leaf["kind"] == "calendar":
            calendar = calendar_from_data(leaf["data"])
            continue
        # Parts come in order; the stranger's file has just seen to that, and to the hashes.
        chunks[leaf["sha256"]].append(leaf["chunk"])
        if leaf["part"] < leaf["of"] or leaf["form"] == "text":
            continue
        name, whole = f"{leaf['mechanism']} {leaf['since']}", "".join(chunks[leaf["sha256"]])
        if leaf["form"] == "program":
            texts += 1
            if not compiles_to("".join(chunks[leaf["text"]]), leaf["sha256"]):
                wrong += 1
                print(f"VIOLATED: the published text of {name} does not compile to its published program.")
        elif calendar is not None:
            certificates += 1
            for doubt in certificate.doubts(json.loads(whole), calendar):
                wrong += 1
                print(f"VIOLATED: the certificate of {name} contradicts the calendar published before it: {doubt}.")
    if not wrong:
        print(f"{texts} published texts compile to the programs that were replayed.")
        if certificates:
            print(f"{certificates} certificates count with the longest lengths of the published calendar.")
    return 1 if wrong else 0


def _leaves_of(log: str, *kinds: str) -> Iterator[dict[str, Any]]:
    place = stranger.opened(log)
    for shard in stranger.read_shards(place):
        path = f"{shard.name}/checkpoint"
        parsed = stranger.parse_checkpoint(stranger.needed(place.read(path, stranger.MOST_NOTE), path))
        size = parsed[0].size if parsed else 0
        for n in range(-(-size // stranger.WIDTH)):
            width = min(stranger.WIDTH, size - n * stranger.WIDTH)
            data = stranger.read_tile(place, shard.name, "entries", n, width, stranger.MOST_BUNDLE)[0]
            for entry in stranger.entries_of(data, width) or []:
                if any(f'"kind":"{kind}"'.encode() in entry for kind in kinds):
                    leaf = json.loads(entry)
                    if leaf["kind"] in kinds:
                        yield leaf

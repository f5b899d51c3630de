"""Writing a version: its row and its leaves, together. Every way of publishing ends here."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection

from jiebang.engine import canonical
from jiebang.ledger import leaf
from jiebang.ledger import services as ledger
from jiebang.rulebook import proving
from jiebang.rulebook.judging import Judged


@dataclass(frozen=True, slots=True)
class New:
    """A version about to be written. `publisher` and `proposer` are the persons themselves, for this room alone."""

    mechanism: str
    since: date
    text: bytes
    judged: Judged
    by: leaf.Signed
    scope: str = ""
    areas: tuple[str, ...] = ()
    adopts: str = ""
    proposed: leaf.Signed | None = None
    publisher: str = ""
    proposer: str = ""
    stories: str = ""


def lock() -> None:
    """Let nobody else publish until this transaction ends: two at once would both find nothing and both write."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(current_schema() || '/publish'))")


def write(new: New, *, at: datetime) -> list[int]:
    """Write a version and append its leaves; return their ids."""
    _insert(new, at=at)
    leaves = leaves_of(new, at=at)
    return ledger.append(leaves, moments=[at] * len(leaves))


def leaves_of(new: New, *, at: datetime) -> list[tuple[str, bytes]]:
    program = new.judged.program
    assert program is not None
    return [
        ("publish", body)
        for body in leaf.publish_leaves(
            mechanism=new.mechanism,
            since=new.since,
            text=new.text,
            program=canonical.canonical_bytes(canonical.program_to_json(program)),
            certificate=proving.certificate(program, new.judged.calendar),
            at=at,
            by=new.by,
            proposed=new.proposed,
            scope=new.scope,
            areas=new.areas,
            adopts=new.adopts,
        )
    ]


def _insert(new: New, *, at: datetime) -> None:
    judged = new.judged
    assert judged.program is not None and judged.bounds is not None
    report = {
        "bounds": asdict(judged.bounds),
        "findings": [asdict(finding) for finding in judged.findings],
    }
    row: dict[str, Any] = {
        "mechanism": new.mechanism,
        "since": new.since,
        "scope": new.scope,
        "areas": list(new.areas),
        "text": new.text.decode("utf-8"),
        "text_sha256": hashlib.sha256(new.text).hexdigest(),
        "program": json.dumps(canonical.program_to_json(judged.program), ensure_ascii=False),
        "program_hash": canonical.program_hash(judged.program),
        "published_at": at,
        "published_by": new.by.party,
        "published_unit": new.by.unit,
        "proposed_by": new.proposed.party if new.proposed else "",
        "proposed_unit": new.proposed.unit if new.proposed else "",
        "publisher": new.publisher,
        "proposer": new.proposer,
        "adopts": new.adopts,
        "stories": new.stories,
        "report": json.dumps(report, ensure_ascii=False),
    }
    marks = ", ".join("%s::jsonb" if name in ("program", "report") else "%s" for name in row)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO rulebook_version ({', '.join(row)}) VALUES ({marks})",
            list(row.values()),
        )

"""Entries that go on under another version: the stranger's program follows them, and finds what nobody decided."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from jiebang.engine.canonical import canonical_bytes
from jiebang.engine.parser import parse
from jiebang.engine.transfer import transferred
from jiebang.ledger import leaf
from jiebang.rulebook import packs
from jiebang.verifier import verify
from tests.verifier import played
from tests.verifier.played import NEW_YEAR, Played, Published, published

BY, PROPOSED = leaf.Signed("rulebook", "5111-rulebook", "1" * 32), leaf.Signed("rulebook", "5111-rulebook", "2" * 32)


@cache
def newer() -> Published:
    """The residents' board with its state `claimed` under another name."""
    text = re.sub(rb"(?<!un)claimed", b"taken-up", published().text)
    return Published(text, parse(text, vocabulary=packs.categories(packs.city("leshan"))))


def map_leaf(**changes: Any) -> bytes:
    said: dict[str, Any] = {
        "mechanism": "residents", "before": published().hash, "after": newer().hash, "states": {"claimed": "taken-up"},
        "at": NEW_YEAR, "by": BY, "proposed": PROPOSED,
    }  # fmt: skip
    return leaf.transfer_leaf(**(said | changes))


def carried_over(number: int) -> Played | None:
    """Play an entry, and carry it over in the state `claimed`: what follows is made under the newer rules."""
    entry = played.play(number)
    at = next((n for n, event in enumerate(entry.events) if event.to_state == "claimed"), None)
    if at is None or at + 1 == len(entry.events):
        return None
    facts = None
    for event in entry.events[: at + 1]:
        facts = played.engine.evolve(published().program, facts, event)
    assert facts is not None
    moment = facts.last_at + timedelta(milliseconds=1)
    event = transferred(facts, {"claimed": "taken-up"}, before=published().hash, after=newer().hash, at=moment)
    rest = [
        replace(one, seq=one.seq + 1, at=max(one.at, moment), **{
            name: {"claimed": "taken-up"}.get(getattr(one, name), getattr(one, name))
            for name in ("from_state", "to_state")
        })
        for one in entry.events[at + 1 :]
    ]  # fmt: skip
    if any(lap.startswith("claimed.") for one in rest for lap in one.lap):
        return None
    entry.events = [*entry.events[: at + 1], event, *rest]
    return entry


def leaves_of(entry: Played) -> list[bytes]:
    at = next(n for n, event in enumerate(entry.events) if event.kind == "transfer")
    parts = (
        Played(entry.uid, entry.number, published(), entry.events[:at]),
        Played(entry.uid, entry.number, newer(), entry.events[at:]),
    )
    return [data for part in parts for _, data in part.leaves()]


@cache
def some() -> tuple[Played, ...]:
    found = [entry for number in range(1, 60) if (entry := carried_over(number)) is not None][:8]
    for n, entry in enumerate(found, start=1):
        entry.number = f"LS-26-{n:06d}"
    return tuple(found)


def checked(
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    *,
    decided: bytes | None,
    change: Callable[[Any], None] | None = None,
) -> tuple[int, str]:
    events = [leaves_of(entry) for entry in some()]
    if change is not None:
        value = json.loads(events[0][next(n for n, one in enumerate(events[0]) if b'"move":"transfer"' in one)])
        place = next(n for n, one in enumerate(events[0]) if b'"move":"transfer"' in one)
        change(value)
        events[0][place] = canonical_bytes(value)
    head = [played.first_leaf(), *played.publish(published()), *played.publish(newer())]
    leaves = [*head, *([decided] if decided else []), *(one for each in events for one in each)]
    key = played.write(folder, leaves)
    code = verify.main([str(folder), "--key", key])
    return code, capsys.readouterr().out


def test_entries_carried_over_by_a_map_two_people_signed_are_followed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert len(some()) >= 4

    code, text = checked(tmp_path, capsys, decided=map_leaf())

    assert code == 0, text


@pytest.mark.parametrize(
    ("decided", "change", "rule"),
    [
        (None, None, "E3"),
        (map_leaf(states={}), None, "E4"),
        (map_leaf(by=PROPOSED), None, "P2"),
        (map_leaf(before="0" * 64), None, "P1"),
        (map_leaf(), lambda value: value.update(due="2026-12-30"), "E6"),
        (map_leaf(), lambda value: value.update(to="posted"), "E4"),
        (map_leaf(), lambda value: value["by"].update(party="community"), "E3"),
    ],
    ids=["nobody decided", "another state", "one person", "no such program", "another limit", "elsewhere", "somebody"],
)
def test_what_nobody_decided_is_found(
    decided: bytes | None,
    change: Callable[[Any], None] | None,
    rule: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    code, text = checked(tmp_path, capsys, decided=decided, change=change)

    assert code == 1
    assert f"✗ {rule} " in text

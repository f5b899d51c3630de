"""Carrying a running entry over to another version of its mechanism: one event, and nothing else changes.

Whether it may be done at all is R1's question (`checker.transferring`). What was promised stays: the limit that runs is
not counted again, spans keep their moment, laps used stay used, and the new version's numbers hold from the next
state on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from jiebang.engine.making import staying
from jiebang.engine.model import CLOCK, Event, Facts

TRANSFER = "transfer"  # the move by which an entry goes on under another version of its rules


def transferred(facts: Facts, states: Mapping[str, str], *, before: str, after: str, at: datetime) -> Event:
    """Return the event that takes an entry from the program with the hash `before` to the one with `after`.

    `states` maps old states to new ones, where the name is not the same.
    """
    event = staying(facts, "transfer", TRANSFER, at=max(at, facts.last_at), party="clock", person=CLOCK.person)
    return replace(event, to_state=states.get(facts.state, facts.state), rules_before=before, rules=after)

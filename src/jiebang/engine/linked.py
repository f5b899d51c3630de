"""Entries that belong together: what an event opens on other boards, and when what was waited for has closed."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace

from jiebang.engine.lookups import lookups
from jiebang.engine.model import Event, Facts, Json, Move, Opened, Opens, Outcome, Program, State

ITEM, NUMBER = "item", "number"  # what can be carried besides answers: the line it is opened for; our public number
HEARD = "heard"  # the move by which an entry hears that one it opened, or waits for, has closed


def with_links(program: Program, move: Move | None, event: Event, answers: Mapping[str, Json]) -> Event:
    """Return the event with what it opens, by the move and by the state entered, and with what will be waited for."""
    opens = move.opens if move is not None else None
    state = program.states.get(event.to_state)
    opened = (*_opened(opens, answers), *_opened(state.opens if state is not None else None, answers))
    awaited = lookups(program).awaited
    asked = [ask.field for ask in move.ask if ask.field in awaited] if move is not None and awaited else []
    awaits = next((str(answers[field]) for field in asked if field in answers), "")
    return replace(event, opens=opened, awaits=awaits)


def _opened(opens: Opens | None, answers: Mapping[str, Json]) -> tuple[Opened, ...]:
    if opens is None:
        return ()
    if not opens.each:
        return (Opened(opens.mechanism, opens.opening, -1, opens.carry),)
    return tuple(
        Opened(opens.mechanism, opens.opening, n, opens.carry) for n in range(how_many(answers.get(opens.each)))
    )


def how_many(answer: Json) -> int:
    """How many lines an answer of several has. The log only knows their number: what they say stands beside it."""
    if isinstance(answer, list):
        return len(answer)
    return answer if isinstance(answer, int) else 0


def is_drawn(share: int, leaf: bytes) -> bool:
    """Whether the entry whose closing event has this leaf is among so many in a hundred that are looked at again."""
    return int.from_bytes(hashlib.sha256(leaf).digest()[:8], "big") * 100 < share << 64


def opened_after(opened: Mapping[str, str], event: Event) -> Mapping[str, str]:
    """Return what is known of opened and awaited entries after an event."""
    if not event.opens and not event.awaits and not event.heard:
        return opened
    after = dict(opened)
    after.update({f"{event.seq}.{n}": "" for n in range(len(event.opens))})
    if event.awaits:
        after[event.awaits] = ""
    if event.heard:
        after[event.heard] = event.means
    return after


def settled_way(state: State, facts_opened: Mapping[str, str], answers: Mapping[str, Json]) -> str | None:
    """Return where the clock leads now that all a state waits for has closed; None while something is open."""
    if state.waits is None:
        return None
    ends = _ends(state, facts_opened, answers)
    if "" in ends:
        return None
    return next(way.to for way in state.waits.ways if _fits(way, ends))


def _ends(state: State, opened: Mapping[str, str], answers: Mapping[str, Json]) -> list[str]:
    """How what the state waits for has ended: the entries opened last together, or the one named."""
    assert state.waits is not None
    if state.waits.kind == "entry":
        number = str(answers.get(state.waits.field, ""))
        return [opened[number]] if number in opened else []
    rounds: dict[int, list[str]] = {}
    for slot, end in opened.items():
        seq, dot, _ = slot.partition(".")
        if dot:
            rounds.setdefault(int(seq), []).append(end)
    return rounds[max(rounds)] if rounds else []


def _fits(way: Outcome, ends: list[str]) -> bool:
    if not way.how:
        return True
    if way.how == "any":
        return any(end in way.means for end in ends)
    return bool(ends) and all(end in way.means for end in ends)


def is_heard_of(facts: Facts, slot: str) -> bool:
    """Whether the entry still waits to hear of that one."""
    return facts.opened.get(slot) == ""

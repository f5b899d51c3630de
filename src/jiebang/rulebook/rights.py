"""Who may write, propose, publish and end a version. One pure function answers, and says why not.

A mechanism version needs two people (rule P2). Both hold the office `rulebook` at an area that contains everywhere the
version will hold: the city's office for a version of the whole city, a county's for a pilot in its townships.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from jiebang.engine.model import Actor, Appointment, Refused
from jiebang.rulebook import refusals

OFFICE = "rulebook"

Step: TypeAlias = Literal["look", "edit", "propose", "send-back", "publish", "drop"]
State: TypeAlias = Literal["editing", "proposed", "published", "dropped"]

_STEPS_OF: dict[State, frozenset[Step]] = {
    "editing": frozenset({"look", "edit", "propose", "drop"}),
    "proposed": frozenset({"look", "send-back", "publish"}),
    "published": frozenset({"look"}),
    "dropped": frozenset({"look"}),
}


@dataclass(frozen=True, slots=True)
class Matter:
    """What is asked about: the draft's state, where it will hold (each area's codes from the city down), who proposed.

    No paths: the whole city.
    """

    state: State
    paths: tuple[tuple[str, ...], ...] = ()
    proposer: str = ""


def may(step: Step, actor: Actor, matter: Matter, *, root: str) -> Appointment | Refused:
    """Return the office somebody may do this step from, or why they may not. `root` is the city's own area."""
    held = [one for one in actor.appointments if one.office == OFFICE]
    if not held:
        return refusals.no_office()
    if step not in _STEPS_OF[matter.state]:
        return refusals.not_now(step, matter.state)
    if step in ("look", "edit", "drop"):
        return held[0]
    reaching = [one for one in held if _reaches(one.area, matter.paths, root)]
    if not reaching:
        return refusals.beyond_office()
    if step == "publish" and actor.person == matter.proposer:
        return refusals.same_person()
    return reaching[0]


def _reaches(area: str, paths: Sequence[tuple[str, ...]], root: str) -> bool:
    return all(area in path for path in paths) if paths else area == root

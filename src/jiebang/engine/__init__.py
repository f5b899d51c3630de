"""The engine: what should happen. Pure: no Django, no clock, no database, no file, no network.

`parser.parse` a mechanism into a `Program`; `decide` what a command does to an entry; `evolve` its facts by an event.
"""

from jiebang.engine.again import may_raise_again
from jiebang.engine.dues import RunningLimit, running_limits
from jiebang.engine.findings import Finding, MechanismError
from jiebang.engine.lifecycle import decide, evolve, heard, join, may, moves_open_to, open_entry, read_by
from jiebang.engine.model import (
    ANYONE,
    BOARDS,
    CLOCK,
    Actor,
    Appointment,
    Command,
    Event,
    Facts,
    No,
    Program,
    Refused,
    Yes,
)

__all__ = [
    "ANYONE",
    "BOARDS",
    "CLOCK",
    "Actor",
    "Appointment",
    "Command",
    "Event",
    "Facts",
    "Finding",
    "MechanismError",
    "No",
    "Program",
    "Refused",
    "RunningLimit",
    "Yes",
    "decide",
    "evolve",
    "heard",
    "join",
    "may",
    "may_raise_again",
    "moves_open_to",
    "open_entry",
    "read_by",
    "running_limits",
]

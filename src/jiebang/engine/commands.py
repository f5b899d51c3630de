"""The shape of a command: whatever comes from outside is looked at before anything is asked of it."""

from __future__ import annotations

from collections.abc import Mapping

from jiebang.engine import answers as questions
from jiebang.engine.model import (
    Actor,
    Appointment,
    Command,
    Refused,
)
from jiebang.engine.refusals import refuse


def malformed(command: Command) -> Refused | None:
    """Commands come from outside: their shape is checked before anything is asked of them."""
    if not isinstance(command, Command):
        return refuse("bad-command", part="command")
    if not isinstance(command.move, str):
        return refuse("bad-command", part="move")
    if not is_actor(command.actor):
        return refuse("bad-command", part="actor")
    if not isinstance(command.answers, Mapping) or not all(isinstance(name, str) for name in command.answers):
        return refuse("bad-command", part="answers")
    if not isinstance(command.shown, list | tuple) or not all(isinstance(item, str) for item in command.shown):
        return refuse("bad-command", part="shown")
    if len(command.shown) > questions.MOST_FILES:
        return refuse("too-many-files", n=len(command.shown), most=questions.MOST_FILES)
    if not isinstance(command.unit, str):
        return refuse("bad-command", part="unit")
    if command.expects_seq is not None and type(command.expects_seq) is not int:
        return refuse("bad-command", part="expects_seq")
    return None


def is_actor(actor: Actor) -> bool:
    return (
        isinstance(actor, Actor)
        and isinstance(actor.person, str)
        and isinstance(actor.beside, str)
        and isinstance(actor.via, str)
        and (actor.taker is None or (is_actor(actor.taker) and actor.taker.taker is None))
        and isinstance(actor.appointments, list | tuple)
        and isinstance(actor.others, list | tuple)
        and all(
            isinstance(held, Appointment)
            and isinstance(held.office, str)
            and isinstance(held.unit, str)
            and isinstance(held.area, str)
            and isinstance(held.level, str)
            for held in (*actor.appointments, *actor.others)
        )
    )

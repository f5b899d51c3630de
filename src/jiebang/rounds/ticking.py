"""The clock of the rounds: opens what is due to open, hands on and misses what was not answered, closes, erases."""

from __future__ import annotations

import logging
from datetime import datetime

from django.db import transaction

from jiebang.boards.house import exact
from jiebang.engine.model import Refused
from jiebang.engine.rounds import lifecycle
from jiebang.engine.worktime import due
from jiebang.ledger import round_leaves
from jiebang.ledger import services as ledger
from jiebang.ledger.round_leaves import CLOCK
from jiebang.rounds.erasing import erase_by_clock
from jiebang.rounds.models import Event, Round, Subject
from jiebang.rounds.opening import EVERY, open_round, root_code
from jiebang.rounds.steps import Made, manner_of, standing_of, write
from jiebang.rulebook import defined
from jiebang.rulebook import queries as rulebook

log = logging.getLogger("jiebang.rounds")
OPEN = ("due", "escalated")


def tick(*, at: datetime, limit: int = 500, opens: bool = True) -> int:
    """Do what is due, and return how much there was. Any number of ticks may run at once.

    Whoever plays an invented past opens its rounds themselves (`opens=False`).
    """
    at = exact(at)
    done = _time(at=at, limit=limit) + _close(at=at)
    return done + (_open(at=at) if opens else 0) + erase_by_clock(at=at)


def _open(*, at: datetime) -> int:
    """Open the rounds whose day has come, for the whole city."""
    calendar = rulebook.calendar()
    opened = 0
    for asked in defined.rounds(on=calendar.local_day(at)):
        if asked.definition.every is None:
            continue
        last = Round.objects.filter(ident=asked.id, cause=EVERY).order_by("-ordinal").first()
        began = last.opened_at if last else None
        if not lifecycle.is_time(asked.definition, last=began, at=at, calendar=calendar):
            continue
        # Nobody in the register yet, or the last one still runs: then it opens when that has changed.
        made = open_round(asked, area=root_code(), cause=EVERY, by=CLOCK, at=at)
        opened += not isinstance(made, Refused)
    return opened


@transaction.atomic
def _time(*, at: datetime, limit: int) -> int:
    """Hand on, or miss for ever, the subjects whose limit has passed. SKIP LOCKED: each is taken by one clock."""
    late = list(
        Subject.objects.select_for_update(of=("self",), skip_locked=True)
        .select_related("round")
        .filter(state__in=OPEN, due_at__lte=at)
        .order_by("due_at", "id")[:limit]
    )
    steps: list[Made] = []
    for subject in late:
        asked = defined.round_named(subject.round.definition)
        assert asked is not None
        step = lifecycle.timed(asked.definition, standing_of(subject), at=at, calendar=rulebook.calendar())
        if step is not None:
            steps.append(Made(subject, step, CLOCK))
    write(steps)
    return len(steps)


@transaction.atomic
def _close(*, at: datetime) -> int:
    """Close the rounds in which nobody owes an answer any more."""
    ripe = list(
        Round.objects.select_for_update(skip_locked=True)
        .filter(closed_at=None)
        .exclude(subjects__state__in=OPEN)
        .order_by("id")[:50]
    )
    for round_ in ripe:
        asked = defined.round_named(round_.definition)
        assert asked is not None
        counts = lifecycle.coverage(standing_of(one) for one in round_.subjects.all())
        body = round_leaves.closed_leaf(
            manner_of(round_), round=bytes(round_.uid).hex(), n=counts.n, done=counts.done, missed=counts.missed, at=at
        )
        [leaf] = ledger.append([("round", body)], moments=[at])
        Event.objects.create(round=round_, what="closed", at=at, party=CLOCK.party, leaf_id=leaf)
        round_.closed_at = at
        if asked.definition.erase_after is not None:
            round_.erase_at = due(at, asked.definition.erase_after, rulebook.calendar(), roll=False).moment
        round_.save(update_fields=["closed_at", "erase_at"])
    return len(ripe)

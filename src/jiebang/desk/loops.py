"""The loops beside HTTP: tick, sequence, follow. Each is safe to kill and to run twice.

A loop does a round, and another at once while there is work; then it rests. When the database is gone it waits 1,
2, 4 … 10 seconds and tries again, for ever: the supervisor's count of deaths is for programs that are broken, not
for a database that is being restarted.
"""

from __future__ import annotations

import logging
import signal
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import FrameType

from jiebang.desk.home import Home

log = logging.getLogger("jiebang.desk")

REST_S = 1.0
COUNT_EVERY = timedelta(seconds=3)
LONGEST_WAIT_S = 10.0
# Refused to publish: nothing gets better by itself, so it says so again rarely, and goes on once it is mended.
REFUSED_WAIT_S = 60.0
# A clock move made later than this after its due counts as a broken promise, unless an outage explains it.
OUTAGE = timedelta(minutes=15)
TIDY_EVERY = timedelta(hours=1)
# Pieces of a bulk move in one round: each commits alone, so its author sees it go on, and the clock waits for a second
# at the most.
PIECES = 10

Round = Callable[[datetime], int]


class Stop:
    """Set by SIGTERM and SIGINT; waiting ends at once."""

    def __init__(self) -> None:
        self._event = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._asked)

    def _asked(self, _number: int, _frame: FrameType | None) -> None:
        self._event.set()

    def __bool__(self) -> bool:
        return self._event.is_set()

    def wait(self, seconds: float) -> None:
        self._event.wait(seconds)


def run(name: str, one_round: Round, *, once: bool, full: int = 1) -> None:
    """Do rounds until told to stop; with `once`, until there is no more work.

    A round that found less than `full` has caught up and rests: on a busy day the log gets one checkpoint a second,
    not one for every event.
    """
    from django.db import InterfaceError, OperationalError, connections

    from jiebang.ledger.shard import LogError

    stop = Stop()
    wait_s = 1.0
    while not stop:
        try:
            done = one_round(datetime.now(UTC))
        except (OperationalError, InterfaceError) as gone:
            if once:
                raise
            # The first line says what is wrong; the rest is where in the server's source.
            log.warning("%s: no database (%s); trying again in %.0f s", name, str(gone).partition("\n")[0], wait_s)
            connections.close_all()
            stop.wait(wait_s)
            wait_s = min(wait_s * 2, LONGEST_WAIT_S)
            continue
        except LogError as refused:
            if once:
                raise
            log.error("%s: %s", name, refused)
            stop.wait(REFUSED_WAIT_S)
            continue
        if wait_s > 1.0:
            log.info("%s: the database is back", name)
            wait_s = 1.0
        if once and not done:
            return
        if not once and done < full:
            stop.wait(REST_S)


def tick(home: Home) -> Round:
    """Return a round of the clock; it also tells the log when no clock ran for a while, and tidies up every hour."""
    from jiebang.boards import services as boards
    from jiebang.rounds import services as rounds

    heartbeat = home.run / "last-tick"
    tidied_at: datetime | None = None

    def one_round(at: datetime) -> int:
        nonlocal tidied_at
        note_outage(heartbeat, at=at)
        done = boards.tick(at=at) + rounds.tick(at=at)
        beat(heartbeat, at=at)
        # Deadlines first: what an official asked for on many entries follows, piece by piece.
        for _ in range(PIECES):
            worked = boards.work_off(at=at)
            done += worked
            if not worked:
                break
        # When there is nothing more urgent: deadlines come first.
        if not done and (tidied_at is None or at - tidied_at >= TIDY_EVERY):
            tidied_at = at
            tidy(at=at)
        return done

    return one_round


def tidy(*, at: datetime) -> None:
    """Take away what nobody needs any more: photos no entry names, old form keys, tries and sessions.

    And let the clock try once more what it had to put aside.
    """
    from jiebang.boards import services as boards
    from jiebang.people.sessions import SessionStore

    boards.sweep(at=at)
    boards.try_again()
    SessionStore.clear_expired()


def sequence(home: Home) -> Round:
    from django.conf import settings

    from jiebang.ledger import services as ledger

    tidied_at: datetime | None = None

    def one_round(at: datetime) -> int:
        nonlocal tidied_at
        done = ledger.sequence_once(log_dir=home.log, seed=settings.JIEBANG_LOG_SEED, at=at)
        if not done and (tidied_at is None or at - tidied_at >= TIDY_EVERY):
            tidied_at = at
            ledger.tidy(log_dir=home.log, at=at)  # parts of tiles that are long since whole
        return done

    return one_round


def follow() -> Round:
    """Return a round of both followers: the map's, then the figures'."""
    figures = _follow_figures()

    def one_round(at: datetime) -> int:
        from jiebang.boards import services as boards

        return boards.follow_map_once(at=at) + figures(at)

    return one_round


def _follow_figures() -> Round:
    from jiebang.scoring import services as scoring

    counted_at: datetime | None = None
    is_first = True

    def one_round(at: datetime) -> int:
        # Every round writes the figures of the boards it touched: often enough to be read as "now", and seldom enough
        # that a busy hour is not spent writing. The first counts everything again: whatever happened to the database
        # meanwhile, a restore for instance, the running sums begin from its entries.
        nonlocal counted_at, is_first
        if counted_at is not None and at - counted_at < COUNT_EVERY:
            return 0
        done = scoring.follow_once(at=at, afresh=is_first)
        is_first = False
        counted_at = at if 0 < done < scoring.BATCH else None
        return done

    return one_round


# ── Outages ─────────────────────────────────────────────────────────────────────────────────────────────────


def beat(heartbeat: Path, *, at: datetime) -> None:
    heartbeat.write_text(at.isoformat())


def note_outage(heartbeat: Path, *, at: datetime) -> None:
    """If the last round was long ago, write a leaf that says so before any late clock move is made.

    The published worst case of a mechanism is promised "plus outage"; whoever verifies the log needs to know when
    no clock ran. Every round that succeeds leaves its time behind, also across a restart.
    """
    from django.db import transaction

    from jiebang.ledger import services as ledger
    from jiebang.ledger.leaf import outage_leaf

    try:
        last = datetime.fromisoformat(heartbeat.read_text())
    except (FileNotFoundError, ValueError):
        return  # the first round of this home
    if at - last < OUTAGE:
        return
    with transaction.atomic():
        ledger.append([("outage", outage_leaf(since=last, until=at, what="tick"))], moments=[at])
    # If we die before the next beat, the same outage is written twice: true twice, and harmless.
    log.info("tick: no clock ran from %s to %s; the log says so", last, at)

"""What has to happen before a city can serve: tables and rights, the log's beginning, the rules, the invented past."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from jiebang.desk.context import GIVEN, django_with_database, has_own_database
from jiebang.desk.home import DeskError, Home, city_pack, city_to_found, found, is_fresh, size_of_log, this_home

OLDEST_POSTGRESQL = 16


def migrate() -> None:
    """Bring tables, rights and collected static files up to date. Needs the owner's role."""
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connection

    from jiebang.desk import privileges, static

    refuse_old_postgresql()
    with connection.cursor() as cursor:
        cursor.execute(f'CREATE SCHEMA IF NOT EXISTS "{settings.JIEBANG_CITY}"')
    call_command("migrate", verbosity=0, interactive=False)
    roles = privileges.grant()
    collected = static.collect()
    print(f"tables and rights are up to date (roles: {', '.join(roles) or 'only the owner'})")
    if collected:
        print(f"{collected} static files collected")


def refuse_old_postgresql() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version_num")
        version = int(cursor.fetchone()[0]) // 10_000
    if version < OLDEST_POSTGRESQL:
        raise DeskError(
            f"This database is PostgreSQL {version}; jiebang needs {OLDEST_POSTGRESQL} or newer.",
            next_step="Upgrade it, or leave DATABASE_URL out: jiebang brings its own.",
        )


def begin_log(*, at: datetime) -> int:
    """Begin the public log, once in a city's life; on a database of one's own, make the home's secrets first.

    Raises:
        DeskError: a log exists already, on disk or in the database; with both sizes.
    """
    home = this_home(GIVEN)
    if not has_own_database(GIVEN) and is_fresh(home):
        city, origin = city_to_found(home, GIVEN), GIVEN.get("JIEBANG_ORIGIN", "")
        found(home, city=city, origin=origin, own_database=False)
    with django_with_database(role="owner"):
        from django.conf import settings

        from jiebang.ledger import services as ledger
        from jiebang.ledger.shard import LogError

        pack = city_pack(settings.JIEBANG_CITY)
        try:
            ledger.init_log(
                home_log_dir=home.log,
                seed=settings.JIEBANG_LOG_SEED,
                origin=settings.JIEBANG_ORIGIN,
                city_leaf={
                    "city": pack.id,
                    "name": dict(pack.names),
                    "zone": pack.zone,
                    "demonstration": pack.demonstration,
                },
                at=at,
            )
        except LogError as wrong:
            raise DeskError(
                f"{wrong} On disk in {home.log}: {size_of_log(home)} leaves.",
                next_step="Nothing to do if both halves are there; jiebang doctor compares them.",
            ) from None
    if not has_own_database(GIVEN):
        home.founding.unlink(missing_ok=True)
    print(f"the public log {settings.JIEBANG_ORIGIN} begins in {home.log}")
    return 0


def rebuild_log() -> int:
    """Write a lost log folder again: the same files byte for byte, from the leaves the database has signed.

    Raises:
        DeskError: a log is there, or the database's leaves are not those that were signed.
    """
    home = this_home(GIVEN)
    if size := size_of_log(home):
        raise DeskError(
            f"{home.log} holds a log of {size} leaves.",
            next_step="Nothing to do; jiebang audit says whether its files are right.",
        )
    if not is_fresh(home):
        home.log.mkdir(exist_ok=True)  # a home without it counts as half there
    with django_with_database(role="sequencer"):
        from jiebang.ledger import queries
        from jiebang.ledger import services as ledger
        from jiebang.ledger.shard import LogError

        try:
            ledger.rebuild(log_dir=home.log)
        except LogError as wrong:
            raise DeskError(
                str(wrong), next_step="Restore a newer backup; see docs/howto/restore.md. Nothing was signed."
            ) from None
        signed = sum(queries.sizes().values())
    print(f"{signed} leaves are written again in {home.log}; the sequencer publishes their checkpoint when it starts")
    return 0


def publish(home: Home, *, at: datetime) -> None:
    """Publish what the pack says. What was published already is left alone, so this runs at every start."""
    from django.conf import settings

    from jiebang.boards import services as boards
    from jiebang.people.services import CityDataError
    from jiebang.rulebook import packs
    from jiebang.rulebook import services as rulebook

    try:
        published = rulebook.publish_pack(settings.JIEBANG_CITY, at=at)
    except (packs.PackError, CityDataError, rulebook.PublicationRefused) as wrong:
        raise DeskError(
            str(wrong), next_step="Correct the pack, then check it: jiebang mechanisms check --all"
        ) from None
    if published.versions or published.documents:
        print(f"published: {', '.join((*published.documents, *published.versions))}")
    for outlawed in published.outlawed:
        print(f"a policy no longer allows what is in force; publish a new version of {outlawed}")
    for version, areas in published.understaffed.items():
        print(
            f"{version}: in {areas} areas the people appointed cannot close a matter; see: jiebang mechanisms staffing"
        )
    # A year's calendar that has just come may be what the clock was waiting for.
    if waiting := boards.try_again():
        print(f"the clock tries {waiting} entries again that it could not move")


# ── The invented past ───────────────────────────────────────────────────────────────────────────────────────


def play_demonstration(home: Home, *, entries: int, at: datetime) -> None:
    """Play a demonstration city's past through the boards' own door, telling how far it is."""
    from django.conf import settings

    from jiebang.desk import demo

    if not settings.JIEBANG_DEMONSTRATION:
        raise DeskError(
            f"{settings.JIEBANG_CITY} is not a demonstration: no past is invented for a real city.",
            next_step="Choose a city whose city.yaml says demonstration: true.",
        )
    began = time.monotonic()
    demo.play(entries=entries, at=at, tell=_teller(home.demonstration_progress), accounts=home.run / "accounts.txt")
    home.demonstration_played.touch()
    print(f"the demonstration city is played ({time.monotonic() - began:.0f} s)")


def write_progress(progress: Path, done: int, of: int) -> None:
    unfinished = progress.with_suffix(".tmp")
    unfinished.write_text(json.dumps({"done": done, "of": of}))
    unfinished.rename(progress)


def _teller(progress: Path) -> Callable[[int, int], None]:
    """Return what writes how far we are: for the page's bar into a file, for people onto the terminal."""
    told = -1

    def tell(done: int, of: int) -> None:
        nonlocal told
        write_progress(progress, done, of)
        tenth = 10 * done // of if of else 10
        if tenth > told:
            told = tenth
            print(
                f"demonstration: {done} of {of} entries [{'#' * tenth}{'.' * (10 - tenth)}]",
                file=sys.stdout,
                flush=True,
            )

    return tell

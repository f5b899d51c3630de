"""Getting Django ready for one command, in the role that command needs."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext

from jiebang.desk import postgres
from jiebang.desk.home import DeskError, Home, Role, environment, refuse_half_present, this_home

# As it was when the command began: what children are started with. `prepare_django` adds secrets to os.environ
# in this process only, so they never stand in a child's environment.
GIVEN: Mapping[str, str] = dict(os.environ)


def has_own_database(given: Mapping[str, str] = GIVEN) -> bool:
    """Return whether the home's own PostgreSQL is used, not one that `DATABASE_URL` names."""
    return not given.get("DATABASE_URL")


def prepare_django(home: Home, *, role: Role) -> None:
    """Fill the environment from the home and set Django up, once a process."""
    made = environment(home, role=role, given=GIVEN)
    os.environ.update(made)
    if "JIEBANG_LOG_SEED" not in made:
        os.environ.pop("JIEBANG_LOG_SEED", None)
    import django

    django.setup()


@contextmanager
def django_with_database(*, role: Role) -> Iterator[Home]:
    """Have Django and a database that answers inside the block.

    Raises:
        DeskError: there is no city in this home yet, or a part of it is missing.
    """
    home = this_home(GIVEN)
    own = has_own_database()
    refuse_half_present(home, own_database=own)
    if own and not home.pg.exists():
        raise DeskError(
            f"There is no city in {home.root} yet.", next_step="Start one: jiebang up — or set JIEBANG_HOME."
        )
    with postgres.running(home) if own else nullcontext():
        prepare_django(home, role=role)
        from django.db import connections

        try:
            yield home
        finally:
            connections.close_all()

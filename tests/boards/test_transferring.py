"""Running entries carried over to a new version: by the map two people published, in batches, never half."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import pytest
from django.db import connection

from jiebang.boards import queries
from jiebang.boards import services as boards
from jiebang.boards.audit import audit
from jiebang.boards.services import Opened
from jiebang.boards.transferring import transfer
from jiebang.engine import canonical
from jiebang.engine.model import Program
from jiebang.ledger import leaf
from jiebang.rulebook import queries as rulebook
from jiebang.rulebook import transfers
from tests.boards.city import DAY, HOUR, MONDAY_NINE, PUBLIC, Town, _insert_version, _version, fingerprint, promise
from tests.boards.test_at_once import at_once
from tests.boards.test_killed import MOST_STATEMENTS, KilledHere, killed_at
from tests.engine.test_moving import renamed

LATER = MONDAY_NINE + HOUR
SIGNED = leaf.Signed("rulebook", "5111-rulebook", "1" * 32), leaf.Signed("rulebook", "5111-rulebook", "2" * 32)


def running_under() -> Program:
    return rulebook.in_force("residents", on=LATER.date()).program


def decided(states: Mapping[str, str], new: Program, *, at: datetime = LATER) -> tuple[str, str]:
    """Publish another version of the residents' board with a map; return both programs' hashes."""
    before = canonical.program_hash(running_under())
    _insert_version(_version(new))
    transfers.write({before: states}, new, by=SIGNED[0], proposed=SIGNED[1], at=at)
    rulebook.forget_caches()
    return before, canonical.program_hash(new)


def of(number: str) -> tuple[str, str, datetime, int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT program_hash, state, due_at, seq FROM boards_entry WHERE number = %s", [number])
        return tuple(cursor.fetchone())


@pytest.fixture
def renaming() -> tuple[Mapping[str, str], Program]:
    return {"claimed": "taken-up"}, renamed(running_under(), "claimed", "taken-up")


@pytest.mark.django_db
def test_an_entry_is_carried_over_with_the_limit_it_had_and_goes_on_under_the_new_rules(
    town: Town, renaming: tuple[Mapping[str, str], Program]
) -> None:
    claimed, posted = town.claimed(), town.posted()
    due = of(claimed.number)[2]
    before, after = decided(*renaming)

    assert transfer(at=LATER) == 2

    assert of(claimed.number)[:3] == (after, "taken-up", due)
    assert of(posted.number)[:2] == (after, "posted")
    assert queries.running_under(before) == {}
    view = queries.entry(claimed.number)
    assert view is not None
    last = view.events[-1]
    assert (last.kind, last.from_state, last.to_state, last.due) == ("transfer", "claimed", "taken-up", due)
    assert last.rules == after
    assert audit().findings == ()
    done = town.does("lighting", "claim", posted.number, at=LATER + HOUR, answers=promise(LATER))
    assert done.state == "taken-up"
    assert audit(at=LATER + DAY).findings == ()


@pytest.mark.django_db
def test_without_a_map_and_after_its_end_an_entry_keeps_its_version(
    town: Town, renaming: tuple[Mapping[str, str], Program]
) -> None:
    ended = town.raises()
    town.does(town.comes_back(ended), "withdraw", ended.number)
    before = canonical.program_hash(running_under())
    running = town.claimed()
    _insert_version(_version(renaming[1]))
    rulebook.forget_caches()

    assert transfer(at=LATER) == 0
    assert of(running.number)[0] == before

    transfers.write({before: renaming[0]}, renaming[1], by=SIGNED[0], proposed=SIGNED[1], at=LATER)
    assert transfer(at=LATER) == 1
    assert of(ended.number)[0] == before


@pytest.mark.django_db
def test_what_is_overdue_is_moved_by_the_clock_first(town: Town, renaming: tuple[Mapping[str, str], Program]) -> None:
    late = town.raises()
    decided(*renaming)
    long_after = MONDAY_NINE + 5 * DAY

    assert transfer(at=long_after) == 0
    boards.tick(at=long_after)
    boards.tick(at=long_after)

    kinds = [event.kind for event in queries.entry(late.number).events]
    assert kinds == ["open", "clock", "transfer"]
    assert audit().findings == ()


@pytest.mark.django_db
def test_entries_come_in_batches_and_then_nobody_is_asked_for_any_more(
    town: Town, renaming: tuple[Mapping[str, str], Program]
) -> None:
    for _ in range(5):
        town.raises()
    decided(*renaming)

    assert [transfer(at=LATER, limit=2) for _ in range(4)] == [2, 2, 1, 0]
    assert not transfers.open_on(LATER.date())


@pytest.mark.django_db
def test_an_entry_changed_behind_the_map_is_found(town: Town, renaming: tuple[Mapping[str, str], Program]) -> None:
    town.raises()
    decided(*renaming)
    transfer(at=LATER)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM rulebook_transfer")

    assert any("nobody decided" in finding for finding in audit().findings)
    town.is_damaged = True


@pytest.mark.fault
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_killed_at_any_statement_nothing_is_half_carried_over(committed_town: Town, after: bool) -> None:
    opened: list[Opened] = [committed_town.raises() for _ in range(3)]
    claimed = committed_town.claimed()
    _, new = decided({"claimed": "taken-up"}, renamed(running_under(), "claimed", "taken-up"))
    before, places = fingerprint(), 0
    for n in range(1, MOST_STATEMENTS):
        try:
            with killed_at(n, after=after) as count:
                carried = transfer(at=LATER)
        except KilledHere:
            connection.close()
            places += 1
            assert fingerprint() == before, f"something was left when killed at statement {n}"
            assert audit().findings == ()
            continue
        assert count[0] < n
        assert carried == 4
        break

    assert places >= 4
    assert {of(one.number)[0] for one in [*opened, claimed]} == {new}
    assert audit().findings == ()


@pytest.mark.fault
def test_many_at_once_carry_each_entry_over_once(committed_town: Town) -> None:
    opened = [committed_town.raises() for _ in range(12)]
    decided({"claimed": "taken-up"}, renamed(running_under(), "claimed", "taken-up"))

    told = at_once(*[lambda: sum(transfer(at=LATER, limit=2) for _ in range(8))] * 4)

    assert sum(told) + transfer(at=LATER) == len(opened)
    assert {of(one.number)[3] for one in opened} == {2}
    assert audit().findings == ()
    committed_town.does("community", "post", opened[0].number, at=LATER, answers=PUBLIC)

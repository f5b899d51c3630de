"""A process dies at each statement of a write in turn: nothing may be half done, and the audit finds nothing.

The statements are counted by Django's `execute_wrapper`; at the n-th the process is gone, as far as the database can
tell: its connection is cut and the transaction with it. Then the same is done again, to the end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from jiebang.boards import services as boards
from jiebang.boards.audit import audit
from jiebang.boards.services import Command
from jiebang.engine.model import Refused
from tests.boards.city import DAY, MONDAY_NINE, PUBLIC, WHAT, Town, a_photo, an_opening, fingerprint, promise

pytestmark = pytest.mark.fault

KEY = "5f0c7a3e9d1b4c6f8a2e0d9c7b5a3f1e"
MOST_STATEMENTS = 30


class KilledHere(BaseException):
    """Not an `Exception`: nothing in the house may catch it and go on, as nothing goes on in a killed process."""


@contextmanager
def killed_at(n: int, *, after: bool) -> Iterator[list[int]]:
    """Die at the n-th statement, before it was sent or after it was answered."""
    count = [0]

    def wrapper(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        count[0] += 1
        if count[0] != n:
            return execute(sql, params, many, context)
        if after:
            execute(sql, params, many, context)
        assert connection.connection is not None
        connection.connection.close()  # the server sees what it sees when a process is killed
        raise KilledHere

    with connection.execute_wrapper(wrapper):
        yield count


def clock_moves() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM boards_event WHERE kind = 'clock'")
        return int(cursor.fetchone()[0])


def doings(town: Town) -> dict[str, Callable[[], Any]]:
    number = town.raises().number
    claimed = town.claimed().number
    child = town.raises().number
    erased = town.raises(files=[a_photo()], answers={**WHAT, "phone": "13800000000"}).number
    for _ in range(3):
        town.raises(at=MONDAY_NINE - 5 * DAY)  # due since Wednesday
    late = MONDAY_NINE + 2 * DAY / 24
    return {
        "raise": lambda: boards.open_entry(an_opening(key=KEY, files=[a_photo()]), at=late),
        "post": lambda: town.tries("community", "post", number, at=late, answers=PUBLIC),
        "finish": lambda: town.tries(
            "lighting", "finish", claimed, at=late, answers={"what-was-done": "好了"}, files=[a_photo()]
        ),
        "merge": lambda: town.tries("community", "same", child, at=late, answers={"same-entry": claimed}),
        "batch": lambda: boards.act_many(
            [Command(one, "post", town.community, answers=PUBLIC) for one in (number, child)], at=late
        ),
        "tick": lambda: boards.tick(at=late),
        "erase": lambda: boards.erase(erased, ground="PIPL 47", by="desk", at=late),
    }


@pytest.mark.parametrize("what", ["raise", "post", "finish", "merge", "batch", "tick", "erase"])
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_write_killed_at_any_statement_is_not_half_done(committed_town: Town, what: str, after: bool) -> None:
    do = doings(committed_town)[what]
    before = fingerprint()
    answer = None
    places = 0

    for n in range(1, MOST_STATEMENTS):
        try:
            with killed_at(n, after=after) as count:
                answer = do()
        except KilledHere:
            connection.close()
            places += 1
            assert audit().findings == ()
            if what == "tick" and clock_moves() == 3:
                break  # the moves were committed together; only the duties' turn was still to come
            assert fingerprint() == before, f"{what} left something when killed at statement {n}"
            continue
        assert count[0] < n
        break

    assert places >= 3
    assert what == "tick" or not isinstance(answer, Refused)
    assert fingerprint() != before
    assert audit().findings == ()


def test_a_raise_whose_answer_was_lost_is_raised_once(committed_town: Town) -> None:
    """Killed after the commit but before the receipt was shown: the form sent again shows the same receipt."""
    first = committed_town.raises(key=KEY)
    connection.close()

    second = committed_town.raises(key=KEY)

    assert (second.number, second.code, second.repeated) == (first.number, first.code, True)


def test_photos_of_a_killed_write_are_orphans_and_go_after_a_day(committed_town: Town, files: Path) -> None:
    number = committed_town.posted().number
    committed_town.does("lighting", "claim", number, answers=promise(MONDAY_NINE))
    with pytest.raises(KilledHere), killed_at(3, after=True):
        committed_town.tries("lighting", "finish", number, answers={"what-was-done": "好了"}, files=[a_photo()])
    connection.close()
    assert len(list(files.glob("*/*.jpg"))) == 1

    swept = boards.sweep(at=MONDAY_NINE + 10_000 * DAY)

    assert swept == 1
    assert audit().findings == ()

"""Real commits and real threads: several people, several ticks, one outcome."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from django.db import connection, connections

from jiebang.boards import queries
from jiebang.boards import services as boards
from jiebang.boards.services import Command, Done
from jiebang.engine.model import Refused
from tests.boards.city import DAY, MONDAY_NINE, PUBLIC, Town, promise

KEY = "5f0c7a3e9d1b4c6f8a2e0d9c7b5a3f1e"


def at_once(*doings: Callable[[], Any]) -> list[Any]:
    """Do these in threads that start together; return what each gave, errors included."""
    start = threading.Barrier(len(doings))
    answers: list[Any] = [None] * len(doings)

    def run(place: int, doing: Callable[[], Any]) -> None:
        try:
            start.wait()
            answers[place] = doing()
        except Exception as error:
            answers[place] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=one) for one in enumerate(doings)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return answers


def test_a_batch_the_database_refuses_is_made_one_by_one(committed_town: Town) -> None:
    town = committed_town
    with connection.cursor() as cursor:
        cursor.execute(
            "ALTER TABLE boards_entry ADD CONSTRAINT poison CHECK (number <> 'LS-26-000001' OR state = 'raised')"
        )
    poisoned, sound = town.raises().number, town.raises().number
    commands = [Command(number, "post", town.community, answers=PUBLIC) for number in (sound, poisoned)]

    first, second = boards.act_many(commands, at=MONDAY_NINE)

    assert isinstance(first, Done)
    assert isinstance(second, Refused)
    assert second.code == "not-written"


def test_two_units_claiming_at_once_get_one_entry_and_one_clear_no(committed_town: Town) -> None:
    town = committed_town
    opened = town.posted()

    def claim(who: str) -> Callable[[], Any]:
        return lambda: town.tries(who, "claim", opened.number, expects_seq=2, answers=promise(MONDAY_NINE))

    answers = at_once(claim("lighting"), claim("works"))

    done = [answer for answer in answers if isinstance(answer, Done)]
    refused = [answer for answer in answers if isinstance(answer, Refused)]
    assert len(done) == 1
    assert [answer.code for answer in refused] == ["overtaken"]


def test_moves_on_many_entries_in_opposite_order_do_not_deadlock(committed_town: Town) -> None:
    town = committed_town
    numbers = [town.raises().number for _ in range(12)]

    def post(order: list[str]) -> Callable[[], Any]:
        commands = [Command(number, "post", town.community, answers=PUBLIC) for number in order]
        return lambda: boards.act_many(commands, at=MONDAY_NINE)

    answers = at_once(post(numbers), post(numbers[::-1]), post(numbers), post(numbers[::-1]))

    assert [len(answer) for answer in answers] == [12] * 4
    assert {queries.entry(number).row.state for number in numbers} == {"posted"}  # type: ignore[union-attr]  # they exist


def test_the_same_form_sent_at_once_by_two_threads_is_raised_once(committed_town: Town) -> None:
    town = committed_town

    numbers = at_once(*[lambda: town.raises(key=KEY).number] * 4)

    assert numbers == ["LS-26-000001"] * 4


def test_any_number_of_ticks_move_each_entry_once(committed_town: Town) -> None:
    town = committed_town
    numbers = [town.raises().number for _ in range(60)]

    moved = at_once(*[lambda: sum(iter(lambda: boards.tick(at=MONDAY_NINE + 3 * DAY, limit=7), 0))] * 4)

    assert sum(moved) == 60
    assert all(len(shown.events) == 2 for number in numbers if (shown := queries.entry(number)))


def test_a_tick_and_a_late_person_make_one_clock_move(committed_town: Town) -> None:
    town = committed_town
    number = town.raises().number
    late = MONDAY_NINE + 3 * DAY

    answers = at_once(
        lambda: boards.tick(at=late),
        lambda: town.tries("community", "post", number, at=late, expects_seq=1, answers=PUBLIC),
    )

    shown = queries.entry(number)
    assert shown is not None
    assert [event.kind for event in shown.events] == ["open", "clock"]
    assert isinstance(answers[1], Refused)


def test_two_entries_merged_into_each_other_at_once_do_not_both_close(committed_town: Town) -> None:
    town = committed_town
    one, other = town.raises().number, town.raises().number

    answers = at_once(
        lambda: town.tries("community", "same", one, answers={"same-entry": other}),
        lambda: town.tries("community", "same", other, answers={"same-entry": one}),
    )

    assert sorted(type(answer).__name__ for answer in answers) == ["Done", "Refused"]

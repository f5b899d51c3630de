"""Requests that arrive while a write is on its way go together in the next one."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import OperationalError, transaction

from jiebang.boards import services as boards
from jiebang.boards.gathering import Gathering
from jiebang.boards.services import Done, Opened
from jiebang.engine.model import Refused
from tests.boards.city import MONDAY_NINE, PUBLIC, WHAT, Town, an_opening
from tests.boards.test_at_once import KEY, at_once

SOON = timedelta(milliseconds=200)


class Desk:
    """Answers in capitals, and holds the first batch back until it is told to go on."""

    def __init__(self, wrong: Callable[[Sequence[str]], Exception | None] = lambda items: None) -> None:
        self.batches: list[tuple[list[str], datetime]] = []
        self.began = threading.Event()
        self.go_on = threading.Event()
        self.wrong = wrong
        self.gathering: Gathering[str, str] = Gathering(self.together, lanes=1)

    def together(self, items: Sequence[str], at: datetime) -> list[str]:
        self.batches.append((list(items), at))
        self.began.set()
        assert self.go_on.wait(timeout=30)
        if (wrong := self.wrong(items)) is not None:
            raise wrong
        return [item.upper() for item in items]

    def play(self, first: tuple[str, datetime], *others: tuple[str, datetime]) -> list[Any]:
        """Send `first`; when it is being written send the others, and let go once all of them wait."""

        def one(item: str, at: datetime) -> Callable[[], str]:
            return lambda: self.gathering.one(item, at=at)

        def follow() -> None:
            assert self.began.wait(timeout=30)
            answers.extend(at_once(*(one(*other) for other in others), self._let_go_when(len(others)))[:-1])

        answers: list[Any] = []
        lead = at_once(one(*first), follow)
        return [lead[0], *answers]

    def _let_go_when(self, waiting: int) -> Callable[[], None]:
        def watch() -> None:
            while len(self.gathering._queue) < waiting:  # nobody but this test has to know
                threading.Event().wait(0.001)
            self.go_on.set()

        return watch


def test_who_comes_during_a_write_goes_together_in_the_next_one() -> None:
    desk = Desk()

    answers = desk.play(("a", MONDAY_NINE), ("b", MONDAY_NINE + SOON), ("c", MONDAY_NINE), ("d", MONDAY_NINE))

    assert answers == ["A", "B", "C", "D"]
    assert desk.batches[0] == (["a"], MONDAY_NINE)
    assert sorted(desk.batches[1][0]) == ["b", "c", "d"]
    assert desk.batches[1][1] == MONDAY_NINE + SOON  # the moment of the youngest
    assert len(desk.batches) == 2


def test_moments_far_apart_are_never_written_as_one() -> None:
    desk = Desk()
    later = MONDAY_NINE + timedelta(days=1)

    answers = desk.play(("a", MONDAY_NINE), ("b", later), ("c", MONDAY_NINE))

    assert answers == ["A", "B", "C"]
    assert sorted((items, at) for items, at in desk.batches[1:]) == [(["b"], later), (["c"], MONDAY_NINE)]


def test_a_mistake_in_one_costs_only_that_one() -> None:
    desk = Desk(lambda items: ValueError("b is broken") if "b" in items else None)

    answers = desk.play(("a", MONDAY_NINE), ("b", MONDAY_NINE), ("c", MONDAY_NINE))

    assert answers[0] == "A"
    assert isinstance(answers[1], ValueError)
    assert answers[2] == "C"


def test_without_the_database_everybody_hears_it_and_nobody_asks_again() -> None:
    desk = Desk(lambda items: OperationalError("gone") if items != ["a"] else None)

    answers = desk.play(("a", MONDAY_NINE), ("b", MONDAY_NINE), ("c", MONDAY_NINE))

    assert [type(answer) for answer in answers] == [str, OperationalError, OperationalError]
    assert len(desk.batches) == 2


def test_after_a_mistake_the_next_is_written_as_ever() -> None:
    desk = Desk(lambda items: ValueError("no") if items == ["a"] else None)
    desk.go_on.set()

    with pytest.raises(ValueError, match="no"):
        desk.gathering.one("a", at=MONDAY_NINE)

    assert desk.gathering.one("b", at=MONDAY_NINE) == "B"


@pytest.mark.parametrize("lanes", [1, 2, 3])
def test_each_item_is_written_once_however_many_lanes(lanes: int) -> None:
    written: list[str] = []
    at_work, most = 0, 0
    lock = threading.Lock()

    def together(items: Sequence[str], at: datetime) -> list[str]:
        nonlocal at_work, most
        with lock:
            at_work += 1
            most = max(most, at_work)
        threading.Event().wait(0.0005)  # as a commit does
        with lock:
            at_work -= 1
            written.extend(items)
        return [item.upper() for item in items]

    gathering: Gathering[str, str] = Gathering(together, lanes=lanes)

    def client(n: int) -> Callable[[], list[str]]:
        return lambda: [gathering.one(f"item-{n}-{turn}", at=MONDAY_NINE) for turn in range(50)]

    answers = at_once(*(client(n) for n in range(8)))

    assert answers == [[f"ITEM-{n}-{turn}" for turn in range(50)] for n in range(8)]
    assert sorted(written) == sorted(f"item-{n}-{turn}" for n in range(8) for turn in range(50))
    assert most <= lanes
    assert gathering._leaders == 0 and gathering._queue == []  # nobody waits, nobody is thought to write


def test_with_two_lanes_a_second_batch_does_not_wait_for_the_first() -> None:
    both = threading.Barrier(2, timeout=30)

    def together(items: Sequence[str], at: datetime) -> list[str]:
        both.wait()  # only when two batches are written at once
        return list(items)

    gathering: Gathering[str, str] = Gathering(together, lanes=2)

    answers = at_once(*(lambda n=n: gathering.one(str(n), at=MONDAY_NINE) for n in range(2)))

    assert answers == ["0", "1"]


def test_forty_residents_at_once_get_forty_numbers_without_a_gap(committed_town: Town) -> None:
    answers = at_once(*(lambda: boards.open_entry(an_opening(), at=MONDAY_NINE) for _ in range(40)))

    assert all(isinstance(answer, Opened) for answer in answers)
    assert sorted(answer.number for answer in answers) == [f"LS-26-{n:06d}" for n in range(1, 41)]
    assert len({answer.code for answer in answers}) == 40


def test_a_refused_form_among_many_and_one_sent_twice_each_get_their_own_answer(committed_town: Town) -> None:
    wordless = an_opening(answers={name: value for name, value in WHAT.items() if name != "what"})
    twice = an_opening(key=KEY)

    *good, refused, first, second = at_once(
        *(lambda: boards.open_entry(an_opening(), at=MONDAY_NINE) for _ in range(6)),
        lambda: boards.open_entry(wordless, at=MONDAY_NINE),
        lambda: boards.open_entry(twice, at=MONDAY_NINE),
        lambda: boards.open_entry(twice, at=MONDAY_NINE),
    )

    assert isinstance(refused, Refused)
    assert (first.number, first.code) == (second.number, second.code)
    numbers = {answer.number for answer in [*good, first]}
    assert numbers == {f"LS-26-{n:06d}" for n in range(1, 8)}


def test_many_clerks_post_at_once(committed_town: Town) -> None:
    town = committed_town
    numbers = [town.raises().number for _ in range(20)]

    def post(number: str) -> Callable[[], Any]:
        return lambda: town.tries("community", "post", number, expects_seq=1, answers=PUBLIC)

    assert all(isinstance(answer, Done) for answer in at_once(*map(post, numbers)))


def test_inside_a_transaction_nothing_is_handed_to_another_thread(committed_town: Town) -> None:
    def raise_and_change_our_mind() -> None:
        with transaction.atomic():
            boards.open_entry(an_opening(), at=MONDAY_NINE)
            raise RuntimeError("we changed our mind")

    with pytest.raises(RuntimeError, match="changed our mind"):
        raise_and_change_our_mind()

    opened = boards.open_entry(an_opening(), at=MONDAY_NINE)
    assert isinstance(opened, Opened)
    assert opened.number == "LS-26-000001"

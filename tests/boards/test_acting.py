from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from django.db import connection

from jiebang.boards import queries
from jiebang.boards import services as boards
from jiebang.boards.services import Command, Done
from jiebang.engine.model import Refused
from tests.boards.city import DAY, HOUR, MONDAY_NINE, PUBLIC, Town, a_photo, an_opening, fingerprint, promise

pytestmark = pytest.mark.django_db


def test_a_matter_goes_from_raise_to_seal(town: Town) -> None:
    opened = town.finished()
    raiser = town.comes_back(opened)

    town.does(raiser, "verdict", opened.number, answers={"solved": "yes", "satisfied": "very-satisfied"})

    shown = queries.entry(opened.number)
    assert shown is not None
    assert (shown.row.meaning, shown.seal, shown.satisfied) == ("solved", "yes", "very-satisfied")
    assert shown.verified == "raiser-code"


def test_a_verdict_of_no_sends_the_entry_back_to_work(town: Town) -> None:
    opened = town.finished()

    done = town.does(town.comes_back(opened), "verdict", opened.number, answers={"solved": "no"})

    assert done.state == "reinstated"


def test_whoever_looked_at_an_older_state_is_overtaken(town: Town) -> None:
    opened = town.raises()
    town.does("community", "post", opened.number, answers=PUBLIC)

    answer = town.tries("office", "assign", opened.number, expects_seq=1, answers={"unit": "lighting", "reason": "近"})

    assert isinstance(answer, Refused)
    assert answer.code == "overtaken"


def test_an_unknown_number_is_refused(town: Town) -> None:
    answer = town.tries("community", "post", "LS-26-999999", answers=PUBLIC)

    assert isinstance(answer, Refused)
    assert answer.code == "no-such-entry"


def test_a_refused_move_changes_nothing(town: Town) -> None:
    opened = town.raises()
    before = fingerprint()

    answer = town.tries("lighting", "post", opened.number, answers=PUBLIC)

    assert isinstance(answer, Refused)
    assert answer.code == "not-yours"
    assert fingerprint() == before


def test_one_refusal_does_not_disturb_the_others_of_a_batch(town: Town) -> None:
    numbers = [town.raises().number for _ in range(3)]
    commands = [Command(number, "post", town.community, answers=PUBLIC) for number in numbers]
    commands[1] = replace(commands[1], actor=town.lighting)

    first, second, third = boards.act_many(commands, at=MONDAY_NINE)

    assert isinstance(first, Done)
    assert isinstance(second, Refused)
    assert isinstance(third, Done)


def test_two_moves_of_one_batch_on_one_entry_follow_each_other(town: Town) -> None:
    number = town.raises().number
    commands = [
        Command(number, "post", town.community, answers=PUBLIC, expects_seq=1),
        Command(number, "claim", town.lighting, answers=promise(MONDAY_NINE), expects_seq=2),
        Command(number, "claim", town.works, answers=promise(MONDAY_NINE), expects_seq=2),
    ]

    posted, claimed, late = boards.act_many(commands, at=MONDAY_NINE)

    assert isinstance(posted, Done)
    assert isinstance(claimed, Done)
    assert claimed.state == "claimed"
    assert isinstance(late, Refused)
    assert late.code == "overtaken"


def test_an_entry_whose_row_is_damaged_costs_only_itself(town: Town) -> None:
    broken, sound = town.raises().number, town.raises().number
    town.is_damaged = True
    with connection.cursor() as cursor:
        cursor.execute("UPDATE boards_entry SET facts = '{}' WHERE number = %s", [broken])

    first, second = boards.act_many(
        [Command(number, "post", town.community, answers=PUBLIC) for number in (broken, sound)], at=MONDAY_NINE
    )

    assert isinstance(first, Refused)
    assert first.code == "broken-entry"
    assert isinstance(second, Done)


def test_time_never_runs_backwards_on_an_entry(town: Town) -> None:
    opened = town.raises(at=MONDAY_NINE + HOUR)

    done = town.does("community", "post", opened.number, at=MONDAY_NINE, answers=PUBLIC)

    assert done.events[0].at == MONDAY_NINE + HOUR


def test_the_overdue_clock_moves_first_and_the_late_person_is_overtaken(town: Town) -> None:
    opened = town.raises()

    answer = town.tries("community", "post", opened.number, at=MONDAY_NINE + 3 * DAY, expects_seq=1, answers=PUBLIC)

    shown = queries.entry(opened.number)
    assert isinstance(answer, Refused)
    assert answer.code == "overtaken"
    assert shown is not None
    assert [event.kind for event in shown.events] == ["open", "clock"]
    assert shown.row.state == "unposted"


def test_the_clock_event_keeps_what_was_missed_and_counts_on_from_when_it_came(town: Town) -> None:
    opened = town.raises()

    boards.tick(at=MONDAY_NINE + 3 * DAY)

    shown = queries.entry(opened.number)
    assert shown is not None
    clock = shown.events[1]
    assert clock.missed == datetime(2026, 3, 3, 9, 30, tzinfo=UTC)
    assert clock.at == MONDAY_NINE + 3 * DAY
    assert clock.due is not None
    assert clock.due > clock.at


def test_the_citys_silence_is_overdue_and_ends_as_failed(town: Town) -> None:
    opened = town.raises()

    boards.tick(at=MONDAY_NINE + 3 * DAY)
    late = queries.entry(opened.number)
    boards.tick(at=MONDAY_NINE + 20 * DAY)
    failed = queries.entry(opened.number)

    assert late is not None
    assert late.row.overdue
    assert failed is not None
    assert (failed.row.meaning, failed.row.overdue) == ("failed", False)


def test_finishing_without_proof_is_refused_and_says_what_to_show(town: Town) -> None:
    opened = town.claimed()

    answer = town.tries("lighting", "finish", opened.number, answers={"what-was-done": "换了灯泡"})

    assert isinstance(answer, Refused)
    assert answer.code == "no-proof"


def test_the_finisher_cannot_give_the_verdict_through_the_raisers_slip(town: Town) -> None:
    opened = town.finished()
    slip = town.comes_back(opened, beside=town.lighting.person)

    answer = town.tries(slip, "verdict", opened.number, answers={"solved": "yes"})

    assert isinstance(answer, Refused)
    assert answer.code == "own-work"


def test_a_move_takes_three_statements(town: Town, django_assert_num_queries: object) -> None:
    opened = town.raises()

    with django_assert_num_queries(5):  # type: ignore[operator]  # savepoint and release stand for BEGIN and COMMIT
        town.does("community", "post", opened.number, answers=PUBLIC)


def test_a_raise_takes_three_statements(town: Town, django_assert_num_queries: object) -> None:
    town.raises()

    with django_assert_num_queries(5):  # type: ignore[operator]  # savepoint and release stand for BEGIN and COMMIT
        town.raises()


@pytest.mark.parametrize("n", [1, 40])
def test_a_batch_takes_as_many_statements_as_one_move(town: Town, n: int, django_assert_num_queries: object) -> None:
    openings = [an_opening() for _ in range(n)]
    numbers = [
        opened.number for opened in boards.open_many(openings, at=MONDAY_NINE) if isinstance(opened, boards.Opened)
    ]

    with django_assert_num_queries(5):  # type: ignore[operator]  # savepoint and release stand for BEGIN and COMMIT
        answers = boards.act_many(
            [Command(number, "post", town.community, answers=PUBLIC) for number in numbers], at=MONDAY_NINE
        )

    assert all(isinstance(answer, Done) for answer in answers)
    assert len(answers) == n


def test_what_is_kept_is_not_shown_to_the_public(town: Town) -> None:
    opened = town.claimed()

    shown = queries.entry(opened.number)

    assert shown is not None
    everything = json.dumps(
        [[str(answer.value) for answer in event.answers] for event in shown.events], ensure_ascii=False
    )
    assert "老人" not in everything
    assert "13800000000" not in everything
    assert "路灯三天不亮" in everything


HOSTILE: dict[str, object] = {
    "empty": "",
    "a megabyte": "长" * 350_000,
    "NUL": "a\x00b",
    "half a character": "a\ud800b",
    "a number": 7,
    "a list": ["x"],
    "deep": [[[[[[[[[["x"]]]]]]]]]],
    "not JSON": {1, 2},
    "an endless number": float("inf"),
    "SQL": "'; DROP TABLE boards_entry; --",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_whatever_is_typed_is_taken_or_refused_with_a_sentence(town: Town, text: object) -> None:
    opened = town.raises()

    answer = town.tries("community", "post", opened.number, answers={**PUBLIC, "public-text": text})
    raised = boards.open_entry(an_opening(answers={"what": text, "where": "511102001001"}), at=MONDAY_NINE)

    for one in (answer, raised):
        assert not isinstance(one, Refused) or (one.what["zh"] and one.next_step["zh"])
    assert isinstance(answer, Refused) or text == HOSTILE["SQL"]


@pytest.mark.parametrize("number", ["", "LS-26-000001\x00", "\ud800", "LS-26-" + "9" * 5000, "'; --", "ＬＳ－２６"])
def test_whatever_number_is_asked_for_is_answered(town: Town, number: str) -> None:
    town.raises()

    answer = town.tries("community", "post", number, answers=PUBLIC)

    assert isinstance(answer, Refused)
    assert queries.entry(number) is None
    assert boards.raiser_by_code("AAAAA-AAAAA", address="x", at=MONDAY_NINE, number=number) is None


def test_a_photo_may_go_with_a_move(town: Town) -> None:
    opened = town.claimed()

    done = town.does(
        "lighting", "finish", opened.number, answers={"what-was-done": "换了"}, files=[a_photo(), a_photo(colour="red")]
    )

    assert done.state == "finished"

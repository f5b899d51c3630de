from __future__ import annotations

import pytest

from jiebang.boards import codes, queries
from jiebang.boards import services as boards
from jiebang.boards.services import ComeBack, Opened, TooManyTries
from jiebang.engine.model import ANYONE, Refused
from tests.boards.city import COMMUNITY, COUNTY, DAY, HOUR, MONDAY_NINE, WHAT, Town, an_opening, fingerprint

pytestmark = pytest.mark.django_db

KEY = "5f0c7a3e9d1b4c6f8a2e0d9c7b5a3f1e"


def test_the_same_form_sent_twice_is_raised_once_and_shows_the_same_code(town: Town) -> None:
    first = town.raises(key=KEY)
    before = fingerprint()

    second = boards.open_entry(an_opening(key=KEY, answers={**WHAT, "what": "别的"}), at=MONDAY_NINE + HOUR)

    assert isinstance(second, Opened)
    assert (second.number, second.code, second.uid) == (first.number, first.code, first.uid)
    assert second.look_again_at == first.look_again_at
    assert (first.repeated, second.repeated) == (False, True)
    assert fingerprint() == before


def test_the_same_form_twice_in_one_batch_is_raised_once(town: Town) -> None:
    first, second = boards.open_many([an_opening(key=KEY), an_opening(key=KEY)], at=MONDAY_NINE)

    assert isinstance(first, Opened)
    assert isinstance(second, Opened)
    assert first.number == second.number


def test_numbers_have_no_gaps_even_when_raises_are_refused(town: Town) -> None:
    numbers = [town.raises().number]
    refused = boards.open_entry(an_opening(answers={"where": COMMUNITY}), at=MONDAY_NINE)
    numbers.append(town.raises().number)

    assert isinstance(refused, Refused)
    assert numbers == ["LS-26-000001", "LS-26-000002"]


def test_the_receipt_says_when_to_look_again(town: Town) -> None:
    opened = town.raises()

    shown = queries.entry(opened.number)

    assert shown is not None
    assert opened.look_again_at == shown.row.due_at


@pytest.mark.parametrize("key", ["", "short", "x" * 500, "键" * 20, "tab\there and more text"])
def test_a_form_without_a_proper_key_is_refused(town: Town, key: str) -> None:
    answer = boards.open_entry(an_opening(), at=MONDAY_NINE)
    refused = boards.open_entry(boards.Opening("residents", "raise", ANYONE, COMMUNITY, WHAT, key), at=MONDAY_NINE)

    assert isinstance(answer, Opened)
    assert isinstance(refused, Refused)
    assert refused.code == "bad-key"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"mechanism": "nothing"}, "no-such-mechanism"),
        ({"opening": "nothing"}, "no-such-opening"),
        ({"area": "000000000000"}, "no-place"),
        ({"area": "\x00"}, "no-place"),
        ({"answers": {}}, "answer-missing"),
        ({"pin": "123"}, "bad-pin"),
    ],
)
def test_what_cannot_be_raised_is_refused_with_its_reason(town: Town, change: dict[str, object], code: str) -> None:
    answer = boards.open_entry(an_opening(**change), at=MONDAY_NINE)

    assert isinstance(answer, Refused)
    assert answer.code == code


def test_a_mechanism_is_raised_only_from_the_day_it_takes_effect(town: Town) -> None:
    answer = boards.open_entry(an_opening(), at=MONDAY_NINE - 100 * DAY)

    assert isinstance(answer, Refused)
    assert answer.code == "no-such-mechanism"


def test_at_the_window_the_raisers_own_pin_opens_and_the_clerk_sees_no_code(town: Town) -> None:
    opening = an_opening(opening="record", written_by=town.community, pin="雨伞-2026")
    opened = boards.open_entry(opening, at=MONDAY_NINE)
    assert isinstance(opened, Opened)

    right = boards.raiser_by_code("雨伞-2026", address="a", at=MONDAY_NINE, number=opened.number)
    without_number = boards.raiser_by_code("雨伞-2026", address="a", at=MONDAY_NINE)

    assert opened.code == ""
    assert isinstance(right, ComeBack)
    assert right.number == opened.number
    assert without_number is None


def test_the_clerk_who_wrote_it_down_may_not_give_the_verdict(town: Town) -> None:
    opened = town.finished()
    at_window = boards.open_entry(
        an_opening(opening="record", written_by=town.community, pin="654321x"), at=MONDAY_NINE
    )
    assert isinstance(at_window, Opened)

    shown = queries.entry_for(at_window.number, town.community)

    assert shown is not None
    assert town.community.person in shown.facts.clerks
    assert town.community.person not in shown.facts.raisers
    assert opened.code


def test_somebody_signed_in_raises_under_their_own_account(town: Town) -> None:
    opened = town.raises(actor=town.resident)

    view = queries.entry_for_raiser(opened.number, town.resident.person, via="account")

    assert view is not None
    assert [row.number for row in queries.raised_by(town.resident.person)] == [opened.number]


def test_nobody_else_sees_an_entry_as_its_raiser(town: Town) -> None:
    opened = town.raises()

    assert queries.entry_for_raiser(opened.number, town.resident.person) is None
    assert queries.entry_for_raiser(opened.number, "") is None


def test_a_code_is_read_however_it_is_typed(town: Town) -> None:
    opened = town.raises(key=KEY)
    typed = [opened.code, codes.shown(opened.code), codes.shown(opened.code).lower(), f" {opened.code} "]

    found = [boards.raiser_by_code(code, address="a", at=MONDAY_NINE) for code in typed]

    assert [one.number for one in found if isinstance(one, ComeBack)] == [opened.number] * 4


def test_the_thirty_first_wrong_code_from_an_address_must_wait(town: Town) -> None:
    tries = [boards.raiser_by_code("00000-00000", address="b", at=MONDAY_NINE) for _ in range(1000)]

    assert tries[:30] == [None] * 30
    assert set(tries[30:]) == {TooManyTries(MONDAY_NINE + HOUR)}
    assert boards.raiser_by_code("00000-00000", address="c", at=MONDAY_NINE) is None
    assert boards.raiser_by_code("00000-00000", address="b", at=MONDAY_NINE + HOUR) is None


def test_the_eleventh_wrong_try_on_an_entry_must_wait_from_wherever_it_comes(town: Town) -> None:
    opened = town.raises()
    tries = [
        boards.raiser_by_code("00000-00000", address=f"address {n}", at=MONDAY_NINE, number=opened.number)
        for n in range(11)
    ]

    assert tries == [None] * 10 + [TooManyTries(MONDAY_NINE + HOUR)]
    assert queries.wrong_tries(opened.number) == 11


def test_nobody_can_lock_a_raiser_out_of_their_own_entry(town: Town) -> None:
    opened = town.raises()
    for _ in range(40):
        boards.raiser_by_code("00000-00000", address="b", at=MONDAY_NINE, number=opened.number)
    again = {"address": "b", "at": MONDAY_NINE, "number": opened.number}

    stranger = boards.raiser_by_code(opened.code, **again)  # type: ignore[arg-type]  # passed on as named
    known = boards.raiser_by_code(opened.code, known=[opened.number], **again)  # type: ignore[arg-type]  # the same

    assert isinstance(stranger, TooManyTries)
    assert isinstance(known, ComeBack)


def test_tries_of_others_on_an_entry_stop_a_guessed_pin_but_not_the_right_code(town: Town) -> None:
    by_code, by_pin = town.raises(), town.raises(key="0" * 32, pin="tea-1945", written_by=town.community)
    for opened in (by_code, by_pin):
        for n in range(40):
            boards.raiser_by_code("00000-00000", address=f"thief {n}", at=MONDAY_NINE, number=opened.number)

    code = boards.raiser_by_code(by_code.code, address="home", at=MONDAY_NINE, number=by_code.number)
    pin = boards.raiser_by_code("tea-1945", address="home", at=MONDAY_NINE, number=by_pin.number)

    assert isinstance(code, ComeBack)
    assert isinstance(pin, TooManyTries)


def test_right_codes_are_never_counted(town: Town) -> None:
    opened = town.raises()

    found = [boards.raiser_by_code(opened.code, address="d", at=MONDAY_NINE) for _ in range(50)]

    assert all(isinstance(one, ComeBack) for one in found)


def test_a_place_without_a_community_is_still_raised_and_shown_where_it_is(town: Town) -> None:
    answer = boards.open_entry(an_opening(area=COUNTY, answers={**WHAT, "where": COUNTY}), at=MONDAY_NINE)

    assert isinstance(answer, Opened | Refused)

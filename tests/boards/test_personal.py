"""A number that tells who a person is reaches no public text, whichever door it comes through."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiebang.boards import personal, queries, services
from jiebang.boards.services import Command, Opened, Order
from jiebang.engine.model import Refused
from jiebang.people import queries as people
from tests.boards.city import COMMUNITY, MONDAY_NINE, PUBLIC, Town, an_opening

WITH_NUMBER = PUBLIC | {"public-text": "路灯三天不亮，请联系王师傅13800138000。"}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("找他13800138000。", "138****00"),
        ("找他 138 0013 8000", "138****00"),
        ("+86-138-0013-8000", "138****00"),
        ("１３８００１３８０００", "138****00"),
        ("①③⑧⓪⓪①③⑧⓪⓪⓪", "138****00"),
        ("身份证51110219900101123X", "51****"),
        ("511102199001011234，电话13800138000", "51****"),
    ],
)
def test_a_number_is_found_in_every_form_and_shown_shortened(text: str, found: str) -> None:
    assert personal.number_in(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "社区电话0833-3350000",
        "拨打12345",
        "LS-26-000123",
        "2026年3月1日13:00办结，花费13800元",
        "2026-03-02 09:00至2026-03-03 17:30",
        "灯杆编号1380013800013",
        "",
    ],
)
def test_an_offices_number_a_date_or_a_sum_may_be_read_by_everybody(text: str) -> None:
    assert personal.number_in(text) == ""


@given(
    st.from_regex(rf"{personal.MOBILE}", fullmatch=True),
    st.text(alphabet=st.characters(exclude_categories=["N", "Cs"], exclude_characters="*")),
    st.text(alphabet=st.characters(exclude_categories=["N", "Cs"])),
)
def test_the_quick_look_leaves_no_number_out(number: str, before: str, after: str) -> None:
    assert personal.number_in(f"{before}{number}{after}")


def test_a_move_with_a_number_in_a_public_text_is_refused_and_changes_nothing(town: Town) -> None:
    opened = town.raises()

    refused = town.tries("community", "post", opened.number, answers=WITH_NUMBER)

    assert isinstance(refused, Refused)
    assert (refused.code, refused.rule, refused.field) == ("personal-number", "B12", "public-text")
    assert refused.what["en"] == "“Text on the board” is read by everybody and has a personal number in it (138****00)."
    assert refused.next_step["zh"] == "请把号码删去。"
    assert queries.facts_of([opened.number])[opened.number].seq == 1


def test_who_may_not_move_it_is_told_that_first(town: Town) -> None:
    refused = town.tries("works", "post", town.raises().number, answers=WITH_NUMBER)

    assert isinstance(refused, Refused)
    assert refused.code != "personal-number"


def test_a_matter_whose_words_everybody_reads_is_not_raised_with_a_number(town: Town) -> None:
    told = {"what": "三楼挡墙外倾，业主13800138000", "where": COMMUNITY}
    opening = an_opening(mechanism="hazard", opening="report", answers=told)

    refused = services.open_entry(opening, at=MONDAY_NINE)

    assert isinstance(refused, Refused)
    assert (refused.code, refused.field) == ("personal-number", "what")


def test_what_only_the_offices_read_may_have_one(town: Town) -> None:
    opened = town.raises(answers={"what": "请打13800138000，路灯坏了", "where": COMMUNITY, "phone": "13800138000"})

    assert isinstance(opened, Opened)


def test_one_of_a_batch_costs_only_itself(town: Town) -> None:
    first, second = town.raises().number, town.raises().number
    commands = [
        Command(first, "post", town.community, answers=WITH_NUMBER),
        Command(second, "post", town.community, answers=PUBLIC),
    ]

    refused, done = services.act_many(commands, at=MONDAY_NINE)

    assert isinstance(refused, Refused)
    assert isinstance(done, services.Done)


def test_a_bulk_move_is_foreseen_and_refused_with_its_reason(town: Town) -> None:
    opened = town.raises()
    account = next(one.user_id for one in people.accounts() if one.username == "community")
    order = Order(
        key="k" * 32,
        account=account,
        office="",
        mechanism="residents",
        move="decline",
        unit="",
        answers={"reason": "属私人纠纷，请联系13800138000"},
        items=[(opened.number, 1)],
    )

    foreseen = services.foresee_bulk(order, town.community, at=MONDAY_NINE)
    id_ = services.ask_bulk(order, at=MONDAY_NINE)
    assert isinstance(id_, int)
    while services.work_off(at=MONDAY_NINE):
        pass

    outcome = queries.outcomes(id_)[0].refused
    assert isinstance(foreseen[0], Refused)
    assert outcome is not None
    assert (foreseen[0].code, outcome.code) == ("personal-number", "personal-number")

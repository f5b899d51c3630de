"""At the window: raising and joining in one, reading back what it would bring, and whose word is taken down."""

from __future__ import annotations

import pytest
from django.db import connection

from jiebang.boards import queries as boards
from jiebang.boards import services
from jiebang.boards.services import Foreseen, Opened
from jiebang.engine.model import ANYONE, Actor, Refused
from tests.boards.city import COMMUNITY, DAY, MONDAY_NINE, NEIGHBOUR, OTHER_COMMUNITY, WHAT, Town, an_opening

pytestmark = pytest.mark.django_db

SEEN = {"document-seen": "identity-card"}
ENTRIES = "SELECT count(*) FROM boards_entry"


def written_down(town: Town, who: str = "community", **more: object) -> services.Opening:
    opening = "record" if who == "community" else "raise"
    return an_opening(opening=opening, actor=ANYONE, written_by=town.people[who], **more)


def count(statement: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return int(cursor.fetchone()[0])


def test_what_it_would_bring_is_foreseen_and_nothing_is_written(town: Town):
    foreseen = services.foresee_for_somebody(written_down(town), at=MONDAY_NINE)

    assert isinstance(foreseen, Foreseen)
    assert (foreseen.look_again_at - MONDAY_NINE).days == 1
    assert foreseen.holder["en"] == "the community"
    assert count(ENTRIES) == 0
    assert count("SELECT count(*) FROM boards_counter") == 0


def test_what_would_be_refused_is_refused_when_foreseen(town: Town):
    refused = services.foresee_for_somebody(written_down(town, answers={"where": COMMUNITY}), at=MONDAY_NINE)

    assert isinstance(refused, Refused)
    assert refused.code == "answer-missing"


def test_joining_gives_a_number_a_code_and_a_voice_of_ones_own(town: Town):
    standing = town.posted()

    opened = services.open_for_somebody(written_down(town), into=standing.number, at=MONDAY_NINE)

    assert isinstance(opened, Opened)
    assert opened.number != standing.number
    assert opened.code != standing.code
    back = services.raiser_by_code(opened.code, address="203.0.113.9", at=MONDAY_NINE)
    assert isinstance(back, services.ComeBack)
    assert (back.number, back.own) == (standing.number, opened.number)
    view = boards.entry(standing.number)
    assert view is not None
    assert view.raisers == 2


def test_if_it_cannot_be_joined_nothing_is_raised_either(town: Town):
    standing = town.posted()
    before = count(ENTRIES)

    office = services.open_for_somebody(written_down(town, "caller"), into=standing.number, at=MONDAY_NINE)
    nowhere = services.open_for_somebody(written_down(town), into="LS-26-009999", at=MONDAY_NINE)

    assert isinstance(office, Refused)
    assert office.code == "not-yours"
    assert isinstance(nowhere, Refused)
    assert nowhere.code == "join-missing"
    assert count(ENTRIES) == before


def test_the_same_form_sent_twice_joins_once(town: Town):
    standing = town.posted()
    opening = written_down(town, key="k" * 32)

    first = services.open_for_somebody(opening, into=standing.number, at=MONDAY_NINE)
    second = services.open_for_somebody(opening, into=standing.number, at=MONDAY_NINE)

    assert isinstance(first, Opened) and isinstance(second, Opened)
    assert (second.number, second.repeated) == (first.number, True)


def test_a_word_is_taken_down_for_the_raiser_of_that_very_number(town: Town):
    standing = town.finished()
    joined = services.open_for_somebody(written_down(town), into=standing.number, at=MONDAY_NINE)
    assert isinstance(joined, Opened)

    back = services.spoken_for(joined.number, how="window", taker=town.office)

    assert back is not None
    assert (back.number, back.own) == (standing.number, joined.number)
    town.does(back.actor, "verdict", back.number, answers={**SEEN, "solved": "yes"})
    again = town.tries(back.actor, "verdict", back.number, answers={**SEEN, "solved": "yes"})
    assert isinstance(again, Refused)
    assert again.code == "already-judged"


def test_whoever_wrote_it_down_for_a_joined_raiser_takes_no_verdict_either(town: Town):
    standing = town.finished()
    joined = services.open_for_somebody(written_down(town), into=standing.number, at=MONDAY_NINE)
    assert isinstance(joined, Opened)
    back = services.spoken_for(standing.number, how="window", taker=town.community)
    assert back is not None

    refused = town.tries(back.actor, "verdict", back.number, answers={**SEEN, "solved": "yes"})

    assert isinstance(refused, Refused)
    assert refused.code == "own-work"


def test_nobody_speaks_for_a_number_that_is_not_or_whose_raiser_is_forgotten(town: Town):
    opened = town.raises()
    services.erase(opened.number, ground="asked", by="desk", at=MONDAY_NINE)

    assert services.spoken_for("LS-26-009999", how="window", taker=town.community) is None
    assert services.spoken_for("\x00", how="window", taker=town.community) is None
    assert services.spoken_for(opened.number, how="window", taker=Actor()) is None


def test_nearby_finds_the_like_in_the_place_by_public_words_only(town: Town):
    posted = town.posted()
    town.raises(answers={**WHAT, "what": "路灯路灯路灯"})
    elsewhere = {"area": NEIGHBOUR, "since": MONDAY_NINE - DAY}

    found = boards.nearby(
        "residents", area=COMMUNITY, since=MONDAY_NINE - DAY, text="门口路灯不亮", kind="street-light"
    )

    assert [(near.row.number, near.is_alike) for near in found] == [(posted.number, True)]
    assert boards.nearby("residents", **elsewhere) == []  # type: ignore[arg-type]  # as named
    assert boards.nearby("residents", area=COMMUNITY, since=MONDAY_NINE + DAY) == []
    assert boards.nearby("residents", area="nowhere", since=MONDAY_NINE) == []
    assert boards.nearby("residents", area=OTHER_COMMUNITY, since=MONDAY_NINE - DAY) == []


def test_what_it_says_is_no_secret_a_private_word_finds_nothing(town: Town):
    town.posted()

    found = boards.nearby("residents", area=COMMUNITY, since=MONDAY_NINE - DAY, text="老人摔了一跤")

    assert [near.is_alike for near in found] == [False]


def test_the_kind_is_guessed_by_its_name_or_not_at_all(town: Town):
    assert boards.kind_of("residents", "路灯坏了") == "street-light"
    assert boards.kind_of("residents", "The street light is out") == "street-light"
    assert boards.kind_of("residents", "他们说得不对") == ""
    assert boards.kind_of("residents", "") == ""

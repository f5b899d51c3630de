"""What the staff's lists hold: parted by due time, narrowed, sorted, page by page; and the board office's own lists."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection

from jiebang.boards import queries as boards
from jiebang.boards import services
from jiebang.boards.queries import Ends, Wanted
from jiebang.boards.services import Command, Order
from jiebang.engine.model import Actor, Appointment, Refused
from jiebang.people import queries as people
from tests.boards.city import (
    COMMUNITY,
    COUNTY,
    DAY,
    MONDAY_NINE,
    OTHER_COMMUNITY,
    OTHER_COUNTY,
    Town,
    a_photo,
    promise,
)

pytestmark = pytest.mark.django_db

ENDS = Ends(MONDAY_NINE, MONDAY_NINE + timedelta(hours=15), MONDAY_NINE + timedelta(days=6, hours=15))
ELSEWHERE = Actor("k999", (Appointment("board-office", "other-office", OTHER_COUNTY, "county"),))


def at(days: float) -> Ends:
    """The same parting, some days later."""
    return Ends(*(moment + timedelta(days=days) for moment in (ENDS.now, ENDS.today, ENDS.week)))


def numbers(page: boards.DeskPage) -> list[str]:
    return [each.row.number for each in page.rows]


# ── My day ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_day_is_parted_by_due_time_and_names_the_next_move(town: Town):
    opened = town.raises()  # due on Tuesday

    now = boards.day(town.community, ENDS)

    assert now.counts == {"overdue": 0, "today": 0, "week": 1, "later": 0}
    assert [each.row.number for each in now.rows["week"]] == [opened.number]
    assert now.rows["week"][0].next == ("post", {"zh": "贴榜", "en": "Post"})
    assert boards.day(town.community, at(1)).counts["today"] == 1
    assert boards.day(town.community, at(3)).counts["overdue"] == 1


def test_a_day_shows_the_first_of_each_part_and_counts_all(town: Town):
    for _ in range(3):
        town.raises()

    now = boards.day(town.community, ENDS, most=2)

    assert now.counts["week"] == 3
    assert len(now.rows["week"]) == 2


def test_nobody_elses_day_holds_it(town: Town):
    town.raises()

    assert sum(boards.day(ELSEWHERE, ENDS).counts.values()) == 0
    assert sum(boards.day(town.office, ENDS).counts.values()) == 0


# ── Work lists ──────────────────────────────────────────────────────────────────────────────────────────────


def test_a_list_of_my_area_shows_what_others_hold_and_stops_at_its_border(town: Town):
    opened = town.raises()

    page = boards.desk_list(town.office, Wanted(scope="area"), ENDS)

    assert numbers(page) == [opened.number]
    assert page.rows[0].next is None  # it is not the office's to do
    assert numbers(boards.desk_list(ELSEWHERE, Wanted(scope="area"), ENDS)) == []
    assert numbers(boards.desk_list(ELSEWHERE, Wanted(scope="area", area=COMMUNITY), ENDS)) == []


@pytest.mark.parametrize(
    ("narrowed", "is_there"),
    [
        ({"state": "posted"}, True),
        ({"state": "claimed"}, False),
        ({"category": "street-light"}, True),
        ({"category": "noise"}, False),
        ({"mechanism": "hazard"}, False),
        ({"area": COMMUNITY}, True),
        ({"area": OTHER_COMMUNITY}, False),
        ({"due": "week"}, True),
        ({"due": "overdue"}, False),
        ({"kind": "unclaimed"}, True),
        ({"kind": "offered"}, False),
        ({"unit": "lighting"}, False),
    ],
)
def test_a_list_narrows(town: Town, narrowed: dict[str, str], is_there: bool):
    opened = town.posted()

    found = boards.desk_list(town.office, Wanted(scope="area", **narrowed), ENDS)  # type: ignore[arg-type]  # as named

    assert numbers(found) == ([opened.number] if is_there else [])
    assert found.count == int(is_there)


@pytest.mark.parametrize("sort", boards.SORTS)
def test_a_list_goes_on_page_by_page_without_repeating(town: Town, sort: str):
    made = [town.raises(at=MONDAY_NINE + timedelta(minutes=n)).number for n in range(5)]
    wanted = Wanted(sort=sort)  # type: ignore[arg-type]  # as named

    first = boards.desk_list(town.community, wanted, ENDS, size=3)
    second = boards.desk_list(town.community, wanted, ENDS, after=first.next, size=3)

    assert first.count == 5
    assert numbers(first) + numbers(second) == (made[::-1] if sort == "raised" else made)
    assert second.next == ""


def test_a_broken_place_in_a_list_begins_at_the_start(town: Town):
    opened = town.raises()

    for broken in ("x", "1-", "-1", "9" * 40, "１-２"):
        assert numbers(boards.desk_list(town.community, Wanted(), ENDS, after=broken)) == [opened.number]


def test_a_unit_sees_what_it_may_take_up(town: Town):
    posted = town.posted()

    assert numbers(boards.desk_list(town.works, Wanted(scope="open"), ENDS)) == [posted.number]
    assert numbers(boards.desk_list(town.community, Wanted(scope="open"), ENDS)) == []


# ── The board office ────────────────────────────────────────────────────────────────────────────────────────


def test_the_office_counts_what_it_watches_over(town: Town):
    town.posted()
    offered = town.posted()
    town.does("office", "offer", offered.number, answers={"unit": "works"})
    refused = town.posted()
    town.does("office", "offer", refused.number, answers={"unit": "works"})
    town.does("works", "refuse", refused.number, answers={"reason": "不归我们管。", "legal-basis": "职责清单第三条"})

    counts = boards.office_counts(town.office, ENDS)

    assert counts == {
        "unclaimed": 2, "offered": 1, "given-back": 1, "overdue": 0, "escalated": 0, "handed-on": 0,
    }  # fmt: skip
    assert sum(boards.office_counts(ELSEWHERE, ENDS).values()) == 0


def test_a_list_asked_without_its_count_shows_the_same_first_rows(town: Town):
    for _ in range(3):
        town.posted()
    wanted = Wanted(scope="area", kind="unclaimed")

    with_, without = (boards.desk_list(town.office, wanted, ENDS, size=2, count=count) for count in (True, False))

    assert (with_.count, without.count) == (3, 2)
    assert (without.rows, without.next) == (with_.rows, with_.next)


def test_an_offer_that_was_refused_stands_there_with_its_reasons(town: Town):
    opened = town.posted()
    town.does("office", "offer", opened.number, answers={"unit": "works"})
    town.does("works", "refuse", opened.number, answers={"reason": "不归我们管。", "legal-basis": "职责清单第三条"})

    row = boards.desk_list(town.office, Wanted(scope="area", kind="given-back"), ENDS).rows[0]

    assert row.refusals[0].unit["en"] == "Urban works"
    assert row.refusals[0].at == MONDAY_NINE
    assert {text for _, text in row.refusals[0].reasons} == {"职责清单第三条", "不归我们管。"}


def test_going_from_one_unit_to_another_is_counted(town: Town):
    opened = town.posted()
    town.does("office", "offer", opened.number, answers={"unit": "works"})
    town.does("works", "refuse", opened.number, answers={"reason": "不归我们管。", "legal-basis": "职责清单"})
    town.does("office", "assign", opened.number, answers={"unit": "lighting", "reason": "路灯"})

    assert boards.desk_list(town.office, Wanted(scope="area"), ENDS).rows[0].handed_on == 1
    assert boards.desk_list(town.office, Wanted(scope="area", kind="handed-on"), ENDS).rows == ()


def test_the_list_in_the_database_counts_hand_overs_as_the_program_does(town: Town):
    opened = town.posted()
    town.is_damaged = True  # hand-overs without events
    for unit in ("works", "lighting", "works", "lighting"):
        with connection.cursor() as cursor:  # no mechanism of the city lets go so often within its limits
            cursor.execute(
                "UPDATE boards_entry SET seq = seq + 1, facts = jsonb_set(facts, '{deeds}', (facts->'deeds')"
                " || jsonb_build_array(jsonb_build_array('offer', facts->'deeds'->-1->1, facts->'deeds'->-1->2,"
                " %s::text, facts->'deeds'->-1->4))) WHERE number = %s",
                [unit, opened.number],
            )
        row = boards.desk_list(town.office, Wanted(scope="area"), ENDS).rows[0]
        listed = numbers(boards.desk_list(town.office, Wanted(scope="area", kind="handed-on"), ENDS))
        assert listed == ([opened.number] if row.handed_on > 2 else [])
    assert row.handed_on == 3


# ── Calls ───────────────────────────────────────────────────────────────────────────────────────────────────


def _state(number: str) -> str:
    return boards.facts_of([number])[number].state


def to_be_called(town: Town) -> str:
    opened = town.finished()
    while services.tick(at=MONDAY_NINE + 10 * DAY):
        pass
    assert _state(opened.number) == "call-back"
    return opened.number


def also_at(actor: Actor, *chairs: Appointment) -> Actor:
    return replace(actor, appointments=(*actor.appointments, *chairs))


OFFICE_CHAIR = Appointment("board-office", "office", COUNTY, "county")
LIGHTING_CHAIR = Appointment("handler", "lighting", COUNTY, "county")
CALLED = {"reached": "yes", "solved": "yes"}


def test_a_call_is_offered_to_a_caller_who_had_no_hand_in_it(town: Town):
    number = to_be_called(town)

    assert [each.row.number for each in boards.calls(town.office)] == [number]
    assert boards.calls(town.works) == []
    assert boards.calls(also_at(town.office, LIGHTING_CHAIR)) == []  # a unit does not call about its own work


def test_a_second_chair_does_not_let_anybody_verify_their_units_work(town: Town):
    number = to_be_called(town)
    from_the_office = people.acting_from(also_at(town.office, LIGHTING_CHAIR), people.office_key(OFFICE_CHAIR))

    answer = town.tries(from_the_office, "record-call", number, at=MONDAY_NINE + 10 * DAY, answers=CALLED)

    assert from_the_office.appointments == (OFFICE_CHAIR,)
    assert isinstance(answer, Refused)
    assert answer.code == "unit-handled-it"
    assert boards.calls(from_the_office) == []


def test_nobody_verifies_what_they_finished_from_another_chair(town: Town):
    opened = town.posted()
    both = also_at(town.lighting, OFFICE_CHAIR)
    as_handler = people.acting_from(both, people.office_key(LIGHTING_CHAIR))
    town.does("lighting", "claim", opened.number, answers=promise(MONDAY_NINE))
    done = {"what-was-done": "换了灯泡,已经亮了。"}
    town.does(as_handler, "finish", opened.number, answers=done, files=[a_photo()])
    while services.tick(at=MONDAY_NINE + 10 * DAY):
        pass
    as_caller = people.acting_from(both, people.office_key(OFFICE_CHAIR))

    answer = town.tries(as_caller, "record-call", opened.number, at=MONDAY_NINE + 10 * DAY, answers=CALLED)

    assert isinstance(answer, Refused)
    assert answer.code == "own-work"


def test_an_office_not_held_entitles_to_nothing(town: Town):
    assert people.acting_from(town.works, "board-office:office:511102000000").appointments == ()


# ── Looking at a number ─────────────────────────────────────────────────────────────────────────────────────

WITH_PHONE = {"what": "路灯坏了。", "where": COMMUNITY, "phone": "13800138000"}


def test_whoever_has_a_question_to_ask_may_look_and_it_is_written_down(town: Town):
    opened = town.raises(answers=WITH_PHONE)

    looked = services.look(opened.number, "phone", actor=town.community, at=MONDAY_NINE)

    assert isinstance(looked, services.Looked)
    assert looked.value == "13800138000"
    seen = boards.looks(opened.number)
    assert [(each.name, each.field, each.at) for each in seen] == [("community", "phone", MONDAY_NINE)]


def test_nobody_else_may_look_and_nothing_is_written_down(town: Town):
    opened = town.raises(answers=WITH_PHONE)

    for who in ("office", "caller", "lighting", "duty"):
        refused = services.look(opened.number, "phone", actor=town.people[who], at=MONDAY_NINE)
        assert isinstance(refused, Refused)
        assert refused.code == "no-call-due"
    view = boards.entry_for(opened.number, town.office)
    assert view is not None
    assert [field.name for field in view.withheld] == ["phone"]
    assert not any(answer.field.name == "phone" for answers in view.kept.values() for answer in answers)
    assert boards.looks(opened.number) == []


@pytest.mark.parametrize("field", ["what", "spot", "nothing", "phone\x00"])
def test_only_private_values_are_looked_at(town: Town, field: str):
    opened = town.raises(answers=WITH_PHONE)

    assert isinstance(services.look(opened.number, field, actor=town.community, at=MONDAY_NINE), Refused)


# ── Many at once ────────────────────────────────────────────────────────────────────────────────────────────


def an_order(town: Town, entries: list[str], *, key: str = "k" * 32, unit: str = "works", seq: int = 2) -> Order:
    return Order(
        key=key,
        account=_account("office"),
        office="",
        mechanism="residents",
        move="offer",
        unit="",
        answers={"unit": unit},
        items=[(number, seq) for number in entries],
    )


def _account(name: str) -> int:
    return next(one.user_id for one in people.accounts() if one.username == name)


def test_many_are_judged_before_anything_is_changed(town: Town):
    posted, raised = town.posted(), town.raises()

    answers = services.foresee_bulk(an_order(town, [posted.number, raised.number]), town.office, at=MONDAY_NINE)

    assert isinstance(answers[0], services.Done)
    assert isinstance(answers[1], Refused)
    assert _state(posted.number) == "posted"


def test_many_are_moved_piece_by_piece_and_the_refused_say_why(town: Town):
    entries = [town.posted().number for _ in range(3)]
    town.does("office", "offer", entries[1], answers={"unit": "lighting"})
    id_ = services.ask_bulk(an_order(town, entries), at=MONDAY_NINE)
    assert isinstance(id_, int)

    assert services.work_off(at=MONDAY_NINE, limit=2) == 2
    half = boards.bulks(_account("office"))[0]
    assert (half.moved, half.refused, half.left, half.ended_at) == (1, 1, 1, None)
    while services.work_off(at=MONDAY_NINE, limit=2):
        pass

    ended = boards.bulks(_account("office"), id_=id_)[0]
    assert (ended.moved, ended.refused, ended.left) == (2, 1, 0)
    assert ended.ended_at == MONDAY_NINE
    outcomes = boards.outcomes(id_)
    assert [one.is_moved for one in outcomes] == [True, False, True]
    assert outcomes[1].refused is not None
    assert outcomes[1].refused.code == "overtaken"
    assert [_state(number) for number in entries] == ["offered"] * 3


def test_a_form_sent_twice_is_one_order(town: Town):
    entries = [town.posted().number]

    first = services.ask_bulk(an_order(town, entries), at=MONDAY_NINE)
    second = services.ask_bulk(an_order(town, entries), at=MONDAY_NINE)

    assert first == second
    assert len(boards.bulks(_account("office"))) == 1


def test_a_piece_that_dies_before_its_commit_is_done_once_by_the_next(town: Town, monkeypatch: pytest.MonkeyPatch):
    entries = [town.posted().number for _ in range(2)]
    id_ = services.ask_bulk(an_order(town, entries), at=MONDAY_NINE)
    assert isinstance(id_, int)

    class Died(Exception):
        pass

    def dies(*_: object, **__: object) -> int:
        raise Died

    with monkeypatch.context() as broken:
        broken.setattr("jiebang.boards.bulk.tell", dies)  # after the moves, before they are noted
        with pytest.raises(Died):
            services.work_off(at=MONDAY_NINE)
    assert [_state(number) for number in entries] == ["posted"] * 2

    while services.work_off(at=MONDAY_NINE):
        pass

    assert [boards.facts_of([number])[number].seq for number in entries] == [3, 3]


def test_stopping_leaves_the_rest_undone_and_is_the_authors_alone(town: Town):
    entries = [town.posted().number for _ in range(2)]
    id_ = services.ask_bulk(an_order(town, entries), at=MONDAY_NINE)
    assert isinstance(id_, int)
    services.work_off(at=MONDAY_NINE, limit=1)

    assert not services.stop_bulk(id_, account=_account("works"), at=MONDAY_NINE)
    assert services.stop_bulk(id_, account=_account("office"), at=MONDAY_NINE)

    assert services.work_off(at=MONDAY_NINE) == 0
    assert [_state(number) for number in entries] == ["offered", "posted"]


def test_an_account_closed_meanwhile_moves_nothing_more(town: Town):
    from jiebang.people import services as people_services

    entries = [town.posted().number]
    id_ = services.ask_bulk(an_order(town, entries), at=MONDAY_NINE)
    assert isinstance(id_, int)
    people_services.close_account(_account("office"))

    while services.work_off(at=MONDAY_NINE):
        pass

    assert _state(entries[0]) == "posted"
    assert boards.outcomes(id_)[0].refused is not None


def test_what_was_answered_is_taken_away_at_the_end(town: Town):
    services.ask_bulk(an_order(town, [town.posted().number]), at=MONDAY_NINE)
    while services.work_off(at=MONDAY_NINE):
        pass

    with connection.cursor() as cursor:
        cursor.execute("SELECT answers::text FROM boards_bulk")
        assert cursor.fetchone()[0] == "{}"


def test_no_order_is_empty_or_endless(town: Town):
    for items in ([], ["LS-26-000001"] * 501):
        refused = services.ask_bulk(an_order(town, items), at=MONDAY_NINE)
        assert isinstance(refused, Refused)


def test_a_command_is_foreseen_without_the_clocks_moves_being_made(town: Town):
    opened = town.raises()
    late = MONDAY_NINE + 10 * DAY

    [answer] = services.foresee([Command(opened.number, "post", town.community)], at=late)

    assert isinstance(answer, Refused)  # the clock has taken it from the community
    assert _state(opened.number) == "raised"

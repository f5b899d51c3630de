"""The staff's pages: my day, lists, the board office, calls, bulk moves, the print queue, acting from an office."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test.utils import CaptureQueriesContext

from jiebang.boards import queries as boards
from jiebang.boards import services
from jiebang.people import services as people
from tests.boards.city import COMMUNITY, COUNTY, DAY, MONDAY_NINE, NEIGHBOUR, OTHER_COUNTY, PUBLIC, WHAT, Town
from tests.boards.test_duties import under_repair
from tests.web.atown import Browser, raises, signed_in, town

__all__ = ["town"]  # a fixture

pytestmark = pytest.mark.django_db

PHONE = "13800138000"
DESK_PAGES = ("/desk/", "/desk/list", "/desk/office", "/desk/calls/", "/desk/bulk/all", "/desk/print/")


def user(name: str) -> int:
    return int(get_user_model().objects.get(username=name).pk)


def also_office(name: str, *, office: str = "board-office", unit: str = "office", area: str = COUNTY) -> None:
    people.appoint(user(name), office=office, unit=unit, area=area, since=date(2026, 1, 1))


@pytest.fixture
def stranger(town: Town) -> Browser:
    """A board office's official of another county."""
    id_ = people.create_user("elsewhere", display_name="Elsewhere", password=None)
    people.appoint(id_, office="board-office", unit="office", area=OTHER_COUNTY, since=date(2026, 1, 1))
    return signed_in("elsewhere")


def now_is(monkeypatch: pytest.MonkeyPatch, at: datetime) -> datetime:
    monkeypatch.setattr("django.utils.timezone.now", lambda: at)
    return at


# ── My day ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_my_day_is_parted_by_when_with_how_many_and_as_of_when(town: Town):
    one, two = town.raises(), town.raises()

    day = signed_in("community").opens("/desk/")

    assert "2 entries wait for you, as of Mon 2 Mar 09:00" in day.words
    assert "This week 2" in day.words
    assert day.page.index(one.number) < day.page.index(two.number)
    assert "due Tue 3 Mar 17:30" in day.words


def test_a_row_leads_to_its_next_move(town: Town):
    opened = town.raises()

    day = signed_in("community").opens("/desk/")

    assert f'href="/desk/e/{opened.number}#move-post">Post' in day.page


def test_what_is_late_stands_first_in_its_own_part(town: Town, monkeypatch: pytest.MonkeyPatch):
    opened = town.raises()
    services.tick(at=now_is(monkeypatch, MONDAY_NINE + 3 * DAY))

    day = signed_in("duty").opens("/desk/")

    assert "Overdue 1" in day.words
    assert opened.number in day.page
    assert "missed 3 Mar" in day.words


def test_a_unit_is_told_how_many_it_may_claim(town: Town):
    posted = town.posted()
    works = signed_in("works").opens("/desk/")
    assert "1 entry is open to be claimed by your unit" in works.words

    works.opens("/desk/list", scope="open")

    assert posted.number in works.page


def test_an_empty_day_says_what_will_appear(town: Town):
    assert "Nothing is waiting for you" in signed_in("works").opens("/desk/").words


def test_a_number_typed_leads_to_its_workbench_whole_or_its_last_digits(town: Town):
    opened = town.raises()
    digits = opened.number.rpartition("-")[2].lstrip("0")

    for q in (opened.number.lower(), f"26-{digits}", digits, digits.zfill(4), "１"):
        assert signed_in("community").opens("/desk/find", q=q).at == f"/desk/e/{opened.number}", q


def test_what_is_not_theirs_leads_to_the_page_everybody_sees_and_nothing_says_so(town: Town, stranger: Browser):
    posted = town.posted()

    assert stranger.opens("/desk/find", q=posted.number).at == f"/e/{posted.number}"
    assert "No matter has this number" in stranger.opens("/desk/find", q="4711").words
    assert "A word needs two characters" in stranger.opens("/desk/find", q="灯").words
    assert "Nothing fits" in stranger.opens("/desk/find", q="没有这样的话").words


def test_words_find_ones_own_new_matters_and_public_ones_and_nobody_elses_new_ones(town: Town, stranger: Browser):
    posted, new = town.posted(), town.raises(answers=WHAT | {"what": "门口路灯不亮，老人摔了一跤。"})
    clerk = signed_in("community").opens("/desk/find", q="路灯")

    assert clerk.page.index(new.number) < clerk.page.index(posted.number)
    assert "“门口路灯不亮，老人摔了一跤。”" in clerk.words
    for other in (signed_in("office"), signed_in("works"), stranger):
        assert new.number not in other.opens("/desk/find", q="老人摔了一跤").page
        assert posted.number in other.opens("/desk/find", q="路灯三天").page


def test_what_was_told_in_private_finds_nothing(town: Town):
    new = town.raises(answers=WHAT | {"phone": PHONE})

    assert new.number not in signed_in("community").opens("/desk/find", q=f"电话 {PHONE}").page


def test_each_page_of_the_desk_has_one_search(town: Town):
    clerk = signed_in("community")

    for path in (*DESK_PAGES, "/desk/window/", "/desk/find", "/desk/window/paste"):
        assert clerk.opens(path).page.count('type="search"') <= 1, path
    assert 'action="/desk/find"' in clerk.opens("/desk/").page


def test_whoever_has_to_read_a_new_matter_sees_in_the_row_how_it_begins(town: Town):
    town.raises(answers=WHAT | {"what": "门口路灯不亮，\n晚上看不见路。"})

    assert "“门口路灯不亮， 晚上看不见路。”" in signed_in("community").opens("/desk/").words
    assert "“门口路灯不亮， 晚上看不见路。”" in signed_in("community").opens("/desk/list").words
    everywhere = signed_in("office").opens("/desk/list", scope="area")
    assert "New, to be read and screened" in everywhere.words
    assert "看不见路" not in everywhere.page


def test_my_day_costs_a_handful_of_statements_however_long_it_is(town: Town):
    for _ in range(5):
        town.raises()
    community = signed_in("community").opens("/desk/")

    with CaptureQueriesContext(connection) as asked:
        community.opens("/desk/")

    assert len(asked.captured_queries) <= 8, [each["sql"][:80] for each in asked.captured_queries]


# ── Acting from one of several offices ──────────────────────────────────────────────────────────────────────


def test_somebody_with_two_offices_chooses_which_to_act_from(town: Town):
    posted = town.posted()
    also_office("works")
    works = signed_in("works").opens("/desk/")
    assert "Acting as" in works.words
    assert posted.number in works.page  # the office's work

    works.sends("/desk/as", office="handler:works:511102000000", next="/desk/")

    assert works.at == "/desk/"
    assert posted.number not in works.page
    assert "1 entry is open to be claimed" in works.words
    assert "/desk/office" not in works.page


def test_an_office_one_does_not_hold_is_not_acted_from(town: Town):
    works = signed_in("works").opens("/desk/")

    works.sends("/desk/as", office="board-office:office:511102000000", next="https://evil.example/")

    assert works.at == "/desk/"
    assert "Urban works" in works.words


def test_from_the_offices_chair_the_units_own_work_is_not_verified(town: Town, monkeypatch: pytest.MonkeyPatch):
    opened = town.finished()
    also_office("lighting")
    services.tick(at=now_is(monkeypatch, MONDAY_NINE + 8 * DAY))
    lighting = signed_in("lighting").opens("/desk/")
    lighting.sends("/desk/as", office=f"board-office:office:{COUNTY}", next="/desk/calls/")
    assert "No call is due" in lighting.words

    call = lighting.opens(f"/desk/calls/{opened.number}")

    assert 'id="move-record-call"' not in call.page
    assert "Nobody verifies their own work" in call.words


# ── Work lists ──────────────────────────────────────────────────────────────────────────────────────────────


def test_a_list_narrows_by_its_address_and_says_how_it_is_sorted(town: Town):
    raised, posted = town.raises(), town.posted()

    office = signed_in("office").opens("/desk/list", scope="area", state="posted", sort="raised")

    assert posted.number in office.page
    assert raised.number not in office.page
    assert "1 entry, newest first, as of Mon 2 Mar 09:00" in office.words


def test_what_there_is_not_is_left_out_and_told(town: Town):
    posted = town.posted()

    office = signed_in("office").opens("/desk/list", scope="area", state="gone", area="999", sort="<b>")

    assert posted.number in office.page
    assert "no such thing here any more: gone, 999, <b>" in office.words


def test_a_list_is_kept_under_a_name_and_forgotten(town: Town):
    office = signed_in("office").opens("/desk/list", scope="area", state="posted")

    office.sends("/desk/list/save", **office.token(), query="scope=area&state=posted&evil=1", name="  To  give out ")
    assert "To give out" in office.words
    assert 'href="?scope=area&amp;state=posted" aria-current="true">To give out' in office.page
    assert "To give out" not in signed_in("duty").opens("/desk/list").words

    office.sends("/desk/list/forget", **office.token(), name="To give out", query="")
    assert "To give out" not in office.words


@pytest.mark.parametrize("name", ["", "   ", "x" * 41, "a\x00b"])
def test_a_list_without_a_proper_name_is_not_kept(town: Town, name: str):
    office = signed_in("office").opens("/desk/list")

    office.sends("/desk/list/save", **office.token(), query="", name=name)

    assert office.status == 400
    assert "The list was not kept" in office.words


def test_the_thirty_first_list_is_refused(town: Town):
    office = signed_in("office").opens("/desk/list")
    for n in range(31):
        office.sends("/desk/list/save", query="", name=f"list {n}")

    assert office.status == 400
    assert "30 saved lists already" in office.words


def test_rows_are_focusable_links_and_the_keys_are_explained_on_the_page(town: Town):
    town.posted()

    page = signed_in("office").opens("/desk/list", scope="area").page

    assert 'class="row-link"' in page
    assert "<kbd>j</kbd>" in page


# ── Permissions ─────────────────────────────────────────────────────────────────────────────────────────────


def test_another_countys_official_sees_nothing_of_it(town: Town, stranger: Browser):
    browser = raises(Browser(), **{"a.phone": PHONE})
    number = browser.number

    for path in (*DESK_PAGES, "/desk/list?scope=area", f"/desk/list?scope=area&area={COMMUNITY}"):
        stranger.opens(path)
        assert stranger.status == 200, path
        assert number not in stranger.page, path
    for path in (f"/desk/calls/{number}", f"/desk/print/board/{COMMUNITY}"):
        assert stranger.opens(path).status == 404, path
    assert stranger.opens(f"/desk/e/{number}").at == f"/e/{number}"
    looked = stranger.client.post(f"/desk/e/{number}/look", {"field": "phone"})
    assert looked.status_code == 403
    assert PHONE not in looked.content.decode()
    assert boards.looks(number) == []


def test_pages_of_the_desk_ask_a_stranger_to_sign_in(town: Town):
    for path in DESK_PAGES:
        assert Browser().opens(path).at == "/accounts/login/"


def test_every_page_of_the_desk_may_not_be_kept_by_anybody(town: Town):
    office = signed_in("office")

    for path in DESK_PAGES:
        assert "no-store" in office.client.get(path).headers["Cache-Control"], path


# ── The telephone number ────────────────────────────────────────────────────────────────────────────────────


def test_the_number_is_shown_on_being_asked_for_and_who_looked_stands_there(town: Town):
    number = raises(Browser(), **{"a.phone": PHONE}).number
    bench = signed_in("community").opens(f"/desk/e/{number}")
    assert PHONE not in bench.page

    bench.sends(f"/desk/e/{number}/look", field="phone")

    assert f'href="tel:{PHONE}"' in bench.page
    again = signed_in("community").opens(f"/desk/e/{number}")
    assert PHONE not in again.page
    assert "Looked at once" in again.words
    assert "Mon 2 Mar 09:00 · community" in again.words


def test_the_office_that_only_gives_out_is_not_offered_the_number(town: Town):
    number = raises(Browser(), **{"a.phone": PHONE}).number
    town.does("community", "post", number, answers=PUBLIC)

    bench = signed_in("office").opens(f"/desk/e/{number}")

    assert "Only for the call" in bench.words
    assert "Show: Your phone number" not in bench.words
    assert bench.client.post(f"/desk/e/{number}/look", {"field": "phone"}).status_code == 403


# ── Calls ───────────────────────────────────────────────────────────────────────────────────────────────────


def to_call(town: Town, monkeypatch: pytest.MonkeyPatch, *, phone: str = PHONE) -> str:
    number = raises(Browser(), **{"a.phone": phone}).number
    town.does("community", "post", number, answers=PUBLIC)
    from tests.boards.city import a_photo, promise

    town.does("lighting", "claim", number, answers=promise(MONDAY_NINE))
    town.does("lighting", "finish", number, answers={"what-was-done": "换了灯泡。"}, files=[a_photo()])
    services.tick(at=now_is(monkeypatch, MONDAY_NINE + 8 * DAY))
    return number


def test_a_call_is_made_from_the_number_to_the_verdict(town: Town, monkeypatch: pytest.MonkeyPatch):
    number = to_call(town, monkeypatch)
    caller = signed_in("office").opens("/desk/calls/")
    assert "1 call is yours to make" in caller.words
    assert "not tried yet" in caller.words

    call = caller.opens(f"/desk/calls/{number}")
    assert PHONE not in call.page
    assert "At most 3 tries" in call.words
    assert "换了灯泡。" in call.words
    assert "“Is it solved?” Yes / Partly / No" in call.words
    call.sends(f"/desk/calls/{number}/number", field="phone")
    assert PHONE in call.page
    call.opens(f"/desk/calls/{number}").sends(form="record-call", **{"a.reached": "yes", "a.solved": "yes"})

    assert f"Recorded: {number} stands now at “Struck off”." in call.words
    view = boards.entry(number)
    assert view is not None
    assert view.row.state == "struck"
    assert caller.client.post(f"/desk/calls/{number}/number", {"field": "phone"}).status_code == 403


def test_a_try_that_reached_nobody_is_counted(town: Town, monkeypatch: pytest.MonkeyPatch):
    number = to_call(town, monkeypatch)
    caller = signed_in("office")
    caller.opens(f"/desk/calls/{number}").sends(form="record-call", **{"a.reached": "no"})
    assert "No call is due" in caller.words
    assert f"Recorded: {number} stands now at “Another call on another day”. Tried once so far." in caller.words
    assert "becomes “To be called back” by itself" in caller.words
    services.tick(at=now_is(monkeypatch, MONDAY_NINE + 10 * DAY))

    caller.opens("/desk/calls/")

    assert "tried once" in caller.words
    assert "→ Another call on another day" in caller.opens(f"/desk/calls/{number}").words


def test_the_last_try_says_so_before_and_what_became_of_it_after(town: Town, monkeypatch: pytest.MonkeyPatch):
    number = to_call(town, monkeypatch)
    caller = signed_in("office")
    assert "This is try 1 of 3." in caller.opens(f"/desk/calls/{number}").words
    assert "No telephone number was left" not in caller.words
    for day in (10, 12):
        caller.opens(f"/desk/calls/{number}").sends(form="record-call", **{"a.reached": "no"})
        services.tick(at=now_is(monkeypatch, MONDAY_NINE + day * DAY))

    caller.opens(f"/desk/calls/{number}")
    assert (
        "This is try 3 of 3. It is the last: if nobody is reached now, the matter lapses and is closed." in caller.words
    )
    caller.sends(form="record-call", **{"a.reached": "no"})

    assert "Tried 3 times so far. The matter is closed." in caller.words


def test_whoever_has_to_call_is_told_that_no_number_was_left(town: Town, monkeypatch: pytest.MonkeyPatch):
    number = to_call(town, monkeypatch, phone="")

    caller = signed_in("office").opens(f"/desk/calls/{number}")

    assert "No telephone number was left" in caller.words
    assert "Only for the call" not in caller.words


def test_an_incomplete_outcome_comes_back(town: Town, monkeypatch: pytest.MonkeyPatch):
    number = to_call(town, monkeypatch)

    call = signed_in("office").opens(f"/desk/calls/{number}").sends(form="record-call", **{"a.reached": "yes"})

    assert call.status == 400
    assert "“Is it solved?” is not chosen" in call.words


# ── The board office ────────────────────────────────────────────────────────────────────────────────────────


def test_the_office_sees_its_lists_with_counts_and_why_an_offer_was_refused(town: Town):
    town.posted()
    refused = town.posted()
    town.does("office", "offer", refused.number, answers={"unit": "works"})
    town.does("works", "refuse", refused.number, answers={"reason": "灯杆不归我们。", "legal-basis": "职责清单第三条"})

    office = signed_in("office").opens("/desk/office")

    assert "2 Unclaimed" in office.words
    assert "1 Offer refused" in office.words
    assert "Urban works · Refuse the offer · Mon 2 Mar 09:00" in office.words
    assert "灯杆不归我们。" in office.words
    assert "职责清单第三条" in office.words
    whole = office.opens("/desk/list", scope="area", kind="given-back")
    assert "灯杆不归我们。" in whole.words


def test_the_office_says_how_many_of_a_long_list_it_shows(town: Town):
    for _ in range(7):
        town.posted()

    office = signed_in("office").opens("/desk/office")

    assert "The 6 that are due first are shown, of 7." in office.words


def test_units_have_no_board_office_in_their_menu(town: Town):
    assert "/desk/office" not in signed_in("works").opens("/desk/").page
    assert "/desk/office" in signed_in("office").opens("/desk/").page


# ── Duties, and more time ───────────────────────────────────────────────────────────────────────────────────


def test_asking_for_more_time_says_who_decides_until_when_and_what_silence_means(town: Town):
    number = under_repair(town)
    unit = signed_in("lighting").opens(f"/desk/e/{number}")

    assert (
        "The safety committee decides within 10 working days; no answer means no. At most 90 days more, once."
        " It has to be asked for 20 working days before the limit ends."
    ) in unit.words
    unit.sends(form="extend:ask")

    assert "The safety committee decides until Mon 16 Mar 17:30; no answer means no." in unit.words
    assert "The safety committee decides until Mon 16 Mar 17:30" in Browser().opens(f"/e/{number}").words
    day = signed_in("safety").opens("/desk/")
    assert "More time is asked for: decide" in day.words
    assert f'href="/desk/e/{number}#move-extend:grant"' in day.page


def test_a_unit_reads_that_more_time_was_refused(town: Town):
    number = under_repair(town)
    signed_in("lighting").opens(f"/desk/e/{number}").sends(form="extend:ask")

    safety = signed_in("safety").opens(f"/desk/e/{number}").sends(form="extend:refuse")

    assert "Done: Refuse more time." in safety.words
    for page in (signed_in("lighting").opens(f"/desk/e/{number}"), Browser().opens(f"/e/{number}")):
        assert "Ask for more time" in page.words
        assert "Refuse more time" in page.words


# ── Many at once ────────────────────────────────────────────────────────────────────────────────────────────


def picks(*entries: str, seq: int = 2) -> list[str]:
    return [f"{number}:{seq}" for number in entries]


def test_many_are_offered_at_once_after_a_look_at_what_would_become_of_each(town: Town):
    one, two, taken = town.posted(), town.posted(), town.posted()
    town.does("lighting", "claim", taken.number, answers={"promised-date": "2026-03-06", "contact": "王师傅"})
    office = signed_in("office").opens("/desk/list", scope="area")
    chosen = picks(one.number, two.number, taken.number)

    office.sends("/desk/bulk", **office.token(), pick=chosen)
    assert "3 entries are selected" in office.words
    assert "Offer to a unit open on 2 of 3" in office.words
    office.sends("/desk/bulk", pick=chosen, step="residents/offer", go="ask")
    assert "The same answers for all 3 entries." in office.words
    key = office.hidden()["key"]
    office.sends("/desk/bulk", pick=chosen, step="residents/offer", go="judge", key=key, **{"a.unit": "works"})
    assert "2 of 3 would be moved. Nothing has been changed yet." in office.words
    assert "Would be refused 1" in office.words
    assert "Would become 2" in office.words and "→ Offered to a unit due Tue 3 Mar 17:30" in office.words
    assert boards.facts_of([one.number])[one.number].state == "posted"
    sent = {"step": "residents/offer", "go": "start", "key": key, "a.unit": "works"}
    office.sends("/desk/bulk", pick=chosen[:2], **sent)

    assert "0 of 2 answered for" in office.words
    assert "You can leave this page" in office.words
    while services.work_off(at=MONDAY_NINE):
        pass
    office.opens(office.at)
    assert "2 moved, 0 refused, 0 to go" in office.words
    assert {boards.facts_of([n])[n].state for n in (one.number, two.number)} == {"offered"}
    assert "Offer to a unit" in office.opens("/desk/bulk/all").words


def test_an_answer_missing_for_all_comes_back_once(town: Town):
    chosen = picks(town.posted().number)

    office = signed_in("office").opens("/desk/list")
    office.sends("/desk/bulk", pick=chosen, step="residents/offer", go="judge")

    assert office.status == 400
    assert "“Unit” is not chosen" in office.words


def test_new_matters_are_told_apart_by_their_raisers_words_before_they_are_moved(town: Town):
    lamp = town.raises(answers=WHAT | {"what": "门口路灯不亮。"})
    drain = town.raises(answers=WHAT | {"what": "下水道堵了，\n臭。"})
    chosen = picks(lamp.number, drain.number, seq=1)
    clerk = signed_in("community").opens("/desk/list")

    for step in ({}, {"step": "residents/decline", "go": "ask"}):
        clerk.sends("/desk/bulk", **clerk.token(), pick=chosen, **step)
        assert "“门口路灯不亮。”" in clerk.words and "“下水道堵了， 臭。”" in clerk.words
    clerk.sends("/desk/bulk", pick=chosen, step="residents/decline", go="judge", **{"a.reason": "不属于本榜。"})

    assert "“门口路灯不亮。”" in clerk.words
    assert "→ To be declined, awaiting the board office" in clerk.words
    assert "门口路灯不亮" not in signed_in("office").sends("/desk/bulk", pick=chosen).page


def test_nothing_selected_says_so(town: Town):
    office = signed_in("office").opens("/desk/list")

    office.sends("/desk/bulk")

    assert office.status == 400
    assert "At least 1 and at most 500" in office.words


def test_steps_that_need_a_photo_or_a_verdict_are_not_made_on_many(town: Town):
    claimed = town.claimed()

    lighting = signed_in("lighting").opens("/desk/list")
    lighting.sends("/desk/bulk", pick=picks(claimed.number, seq=3))

    assert "No step can be made on these together" in lighting.words


def test_somebody_elses_bulk_move_is_not_there(town: Town):
    office = signed_in("office").opens("/desk/list")
    chosen = picks(town.posted().number)
    office.sends("/desk/bulk", pick=chosen, step="residents/offer", go="start", **{"a.unit": "works"})
    assert office.at.startswith("/desk/bulk/")

    assert signed_in("works").opens(office.at).status == 404
    signed_in("works").client.post(f"{office.at}/stop")
    assert "You can leave this page" in office.opens(office.at).words
    office.sends(f"{office.at}/stop")
    assert "1 entry was left as it was" in office.words


def test_a_bulk_move_counts_only_what_still_stands_as_it_was_seen(town: Town):
    posted = town.posted()
    office = signed_in("office").opens("/desk/list")
    office.sends("/desk/bulk", pick=picks(posted.number), step="residents/offer", go="start", **{"a.unit": "works"})
    town.does("lighting", "claim", posted.number, answers={"promised-date": "2026-03-06", "contact": "王师傅"})

    while services.work_off(at=MONDAY_NINE):
        pass

    assert "0 moved, 1 refused" in office.opens(office.at).words
    assert boards.facts_of([posted.number])[posted.number].state == "claimed"


# ── Paper ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_communitys_board_is_queued_until_it_hangs_and_again_when_it_changes(
    town: Town, monkeypatch: pytest.MonkeyPatch
):
    posted = town.posted()
    community = signed_in("community").opens("/desk/print/")
    assert "1 changed · never printed" in community.words

    paper = community.opens(f"/desk/print/board/{COMMUNITY}", on="a3")
    assert posted.number in paper.page
    assert 'class="paper a3"' in paper.page
    assert paper.page.count("<svg") >= 2
    paper.sends(f"/desk/print/board/{COMMUNITY}", board="residents")
    assert "nothing changed since Mon 2 Mar 09:00" in community.words

    later = now_is(monkeypatch, MONDAY_NINE + timedelta(hours=1))
    town.does("office", "offer", posted.number, at=later, answers={"unit": "works"})
    assert "1 changed since Mon 2 Mar 09:00" in community.opens("/desk/print/").words


def test_only_ones_own_communities_are_printed(town: Town):
    community = signed_in("community")

    assert community.opens(f"/desk/print/board/{NEIGHBOUR}").status == 404
    assert signed_in("office").opens(f"/desk/print/board/{NEIGHBOUR}").status == 200


def test_paper_holds_nothing_that_is_not_public(town: Town):
    number = raises(Browser(), **{"a.phone": PHONE}).number
    town.does("community", "post", number, answers=PUBLIC)
    community = signed_in("community")

    for path in (
        f"/desk/print/board/{COMMUNITY}",
        f"/desk/print/sheets?n={number}&as=receipt",
        f"/desk/print/sheets?n={number}",
    ):
        page = community.opens(path).page
        assert number in page
        assert PHONE not in page
        assert "路灯坏了三天" not in page


def test_sheets_are_printed_from_selected_rows(town: Town):
    one, two = town.posted(), town.posted()
    office = signed_in("office").opens("/desk/list", scope="area")

    office.sends("/desk/print/sheets", **office.token(), pick=picks(one.number, two.number, "XX-26-000001"))

    assert office.page.count('<article class="sheet">') == 2
    assert "Some numbers are not there" in office.words
    digits = one.number.rpartition("-")[2].lstrip("0")
    assert one.number in office.opens("/desk/print/sheets", n=f"{digits}, {two.number}").words
    assert office.page.count('<article class="sheet">') == 2


# ── Taking back ─────────────────────────────────────────────────────────────────────────────────────────────


def test_after_a_move_the_page_says_how_to_bring_it_back_only_where_the_rules_have_a_way(town: Town):
    opened = town.posted()
    bench = signed_in("office").opens(f"/desk/e/{opened.number}")

    bench.sends(form="offer", **{"a.unit": "works"})

    assert "Done: Offer to a unit. It stands now at “Offered to a unit”." in bench.words
    assert "you can bring it back" not in bench.words

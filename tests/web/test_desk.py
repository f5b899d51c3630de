"""The desk: work by due time, one entry's workbench, the window."""

from __future__ import annotations

import re

import pytest
from django.contrib.auth import authenticate
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from jiebang.boards import queries as boards
from jiebang.boards import services
from jiebang.people import services as people_services
from tests.boards.city import COMMUNITY, MONDAY_NINE, NEIGHBOUR, PUBLIC, WHAT, Town, a_photo, promise
from tests.web.atown import Browser, a_file, raises, signed_in, town

__all__ = ["town"]  # a fixture

pytestmark = pytest.mark.django_db


def on_the_bench(name: str, number: str) -> Browser:
    return signed_in(name).opens(f"/desk/e/{number}")


# ── Who may sit here ────────────────────────────────────────────────────────────────────────────────────────


def test_the_desk_asks_strangers_to_sign_in(town: Town):
    browser = Browser().opens("/desk/")

    assert browser.at == "/accounts/login/"
    assert "Staff sign-in" in browser.words


def test_there_is_no_way_to_make_oneself_an_account(town: Town):
    assert Browser().opens("/accounts/signup/").status == 404


def test_an_account_without_office_is_told_so(town: Town):
    browser = signed_in("resident").opens("/desk/")

    assert browser.status == 403
    assert "this account holds no office" in browser.words


def test_a_wrong_password_says_so_and_keeps_the_account_name(town: Town):
    browser = Browser().opens("/accounts/login/")

    browser.sends(**browser.token(), login="office", password="wrong")

    assert 'class="error-summary"' in browser.page
    assert 'value="office"' in browser.page
    assert "wrong" not in re.findall(r'value="([^"]*)"', browser.page)


def test_signing_out_needs_a_press_not_a_link(town: Town):
    browser = signed_in("office").opens("/accounts/logout/")
    assert "Sign out?" in browser.words

    browser.sends(**browser.token())

    assert browser.opens("/desk/").at == "/accounts/login/"


def test_who_is_signed_in_without_a_password_is_told_where_to_get_one(town: Town):
    browser = signed_in("office").opens("/accounts/password/")

    assert browser.status == 200
    assert "This account has no password" in browser.words
    assert '<form method="post" action="/accounts/password/"' not in browser.page


def test_who_has_a_password_changes_it_with_the_present_one(town: Town):
    people_services.set_password_of(town.people["office"].person, "lamp-post-7431")
    browser = signed_in("office").opens("/accounts/password/")

    wrong = {"oldpassword": "wrong", "password1": "river-bank-2208", "password2": "river-bank-2208"}
    assert browser.sends(**wrong).status == 200
    assert "error-summary" in browser.page
    browser.sends(**wrong | {"oldpassword": "lamp-post-7431"})

    assert authenticate(username="office", password="river-bank-2208") is not None


# ── The workbench ───────────────────────────────────────────────────────────────────────────────────────────


def test_the_community_reads_the_raisers_own_words_and_posts_it(town: Town):
    opened = raises(Browser(), **{"a.phone": "13800138000"})
    bench = on_the_bench("community", opened.number)
    assert "路灯坏了三天" in bench.words

    bench.sends(form="post", **{f"a.{name}": value for name, value in PUBLIC.items()})

    assert "Done: Post. It stands now at “Posted, waiting for a unit”." in bench.words
    assert "Posted, waiting for a unit" in bench.words


def test_a_unit_that_may_claim_sees_neither_telephone_nor_own_words(town: Town):
    browser = raises(Browser(), **{"a.phone": "13800138000"})
    town.does("community", "post", browser.number, answers=PUBLIC)

    bench = on_the_bench("works", browser.number)

    assert bench.status == 200
    assert "13800138000" not in bench.page
    assert "路灯坏了三天" not in bench.page


def test_somebody_elses_entry_leads_to_the_page_everybody_sees(town: Town):
    opened = town.raises()

    assert on_the_bench("works", opened.number).at == f"/e/{opened.number}"
    assert signed_in("works").sends(f"/desk/e/{opened.number}", move="post").status in (403, 404)
    assert on_the_bench("works", "LS-26-999999").status == 404


def test_a_missing_answer_comes_back_beside_its_question_with_the_rest_kept(town: Town):
    opened = town.raises()

    bench = on_the_bench("community", opened.number).sends(form="post", **{"a.public-title": "路灯不亮"})

    assert bench.status == 400
    assert 'href="#q-post-public-text"' in bench.page
    assert 'value="路灯不亮"' in bench.page


def test_a_form_with_a_place_in_the_history_nobody_can_reach_breaks_no_page(town: Town):
    opened = town.raises()

    bench = on_the_bench("community", opened.number).sends(form="post", seq="9" * 5000)

    assert bench.status == 400
    assert 'href="#q-post-public-text"' in bench.page


def test_a_promise_is_chosen_among_working_days_up_to_the_ceiling(town: Town):
    opened = town.posted()

    bench = on_the_bench("works", opened.number)

    assert bench.page.count('<option value="2026-03') == 15
    assert "Tue 3 Mar, in 1 working day" in bench.words
    assert 'value="2026-03-07"' not in bench.page


def test_finishing_visible_work_wants_a_photo_and_keeps_the_text(town: Town):
    opened = town.claimed()
    bench = on_the_bench("lighting", opened.number)

    bench.sends(form="finish", **{"a.what-was-done": "换了灯泡。"})
    assert bench.status == 400
    assert "“Photo” is missing" in bench.words
    assert "换了灯泡。" in bench.page
    bench.sends(form="finish", **{"a.what-was-done": "换了灯泡。", "a.photo": a_file()})

    assert "Waiting for the raiser's verdict" in bench.words


def test_of_several_photos_the_one_that_is_none_is_named(town: Town):
    opened = town.claimed()
    bench = on_the_bench("lighting", opened.number)
    broken = SimpleUploadedFile("scan.jpg", b"no photo", content_type="image/jpeg")

    bench.sends(form="finish", **{"a.what-was-done": "换了灯泡。", "a.photo": [a_file(), broken]})

    assert bench.status == 400
    assert "scan.jpg: This file cannot be read" in bench.words


def test_two_units_claim_at_once_and_the_slower_learns_who_was_quicker(town: Town):
    opened = town.posted()
    slow = on_the_bench("works", opened.number)
    town.does("lighting", "claim", opened.number, answers=promise(MONDAY_NINE))

    slow.sends(form="claim", **{f"a.{name}": value for name, value in promise(MONDAY_NINE).items()})

    assert slow.status == 409
    assert "Claim, by Street lighting" in slow.words


def test_whoever_still_sees_the_entry_gets_it_as_it_stands_with_what_they_typed(town: Town):
    opened = town.posted()
    office = on_the_bench("office", opened.number)
    town.does("office", "offer", opened.number, answers={"unit": "lighting"})
    town.does("lighting", "refuse", opened.number, answers={"reason": "不归我们。", "legal-basis": "职责清单"})

    office.sends(form="assign", **{"a.unit": "works", "a.reason": "路口灯杆属城建。"})

    assert office.status == 409
    assert "Somebody was quicker" in office.words
    assert "路口灯杆属城建。" in office.page


def test_moves_that_are_not_open_say_why(town: Town):
    opened = town.claimed()

    bench = on_the_bench("community", opened.number)

    assert '"Report finished" is done by' in bench.words


def test_a_photo_is_shown_to_the_public_only_once_released(town: Town):
    browser = raises(Browser(), photo=True)
    number = browser.number
    bench = on_the_bench("community", number)
    src = re.search(r'<img src="(/e/[^"]+/photo/\d+)"', bench.page)
    assert src
    assert Browser().opens(src[1]).status == 404

    release = re.search(r'action="(/desk/e/[^"]+/photo/\d+)"', bench.page)
    assert release
    bench.sends(release[1], show="1")

    photo = Browser().client.get(src[1])
    assert photo.status_code == 200
    assert b"".join(photo).startswith(b"\xff\xd8")
    assert "Everybody sees it." in bench.words


def test_a_call_back_asks_for_the_verdict_only_if_somebody_was_reached(town: Town, monkeypatch: pytest.MonkeyPatch):
    opened = town.finished()
    later = MONDAY_NINE.replace(day=10)
    monkeypatch.setattr("django.utils.timezone.now", lambda: later)
    services.tick(at=later)
    bench = on_the_bench("office", opened.number)
    assert "Only if the answer to “Was the raiser reached?” is: Yes" in bench.words

    bench.sends(form="record-call", **{"a.reached": "no", "a.solved": "yes"})

    view = boards.entry(opened.number)
    assert view is not None
    assert view.row.state == "call-pause"


def test_wrong_codes_are_counted_on_the_staffs_page(town: Town):
    opened = town.raises()
    for _ in range(3):
        Browser().opens("/follow").sends(number=opened.number, code="wrong-pin")

    assert "Wrong codes, last day 3" in on_the_bench("community", opened.number).words


def test_a_move_costs_at_most_eight_statements(town: Town):
    opened = town.posted()
    bench = on_the_bench("lighting", opened.number)

    with CaptureQueriesContext(connection) as asked:
        bench.client.post(bench.at, bench.hidden("claim") | {f"a.{n}": v for n, v in promise(MONDAY_NINE).items()})

    statements = [each["sql"] for each in asked.captured_queries if "SAVEPOINT" not in each["sql"]]
    assert len(statements) <= 8, statements


# ── The window ──────────────────────────────────────────────────────────────────────────────────────────────

NEED = {"a.what": "楼道灯不亮。", "a.spot": "3栋2单元"}


def test_at_the_window_the_need_is_read_back_and_kept_with_a_pin(town: Town):
    clerk = signed_in("community").opens("/desk/window/").sends(go="read", place=COMMUNITY, **NEED)
    assert "Read aloud: You report: “楼道灯不亮”." in clerk.words

    clerk.sends(go="send", secret="pin", **{"pin": "tea-1945", "pin-again": "tea-1945"})

    assert clerk.at.startswith("/desk/window/slip/")
    assert "PIN they typed" in clerk.words
    raiser = Browser().opens("/follow").sends(number=clerk.number, code="tea-1945")
    assert "楼道灯不亮。" in raiser.words


def test_two_different_pins_are_typed_again(town: Town):
    clerk = signed_in("community").opens("/desk/window/").sends(go="read", place=COMMUNITY, **NEED)

    clerk.sends(go="send", secret="pin", **{"pin": "tea-1945", "pin-again": "tea-1946"})

    assert clerk.status == 400
    assert "The two PINs are not the same" in clerk.words
    assert "tea-1945" not in clerk.page


def test_a_short_pin_is_refused_with_what_it_must_be(town: Town):
    clerk = signed_in("community").opens("/desk/window/").sends(go="read", place=COMMUNITY, **NEED)

    clerk.sends(go="send", secret="pin", **{"pin": "1234", "pin-again": "1234"})

    assert clerk.status == 400
    assert "The PIN must have 6 to 32 characters" in clerk.words


def test_the_code_of_a_slip_is_for_the_paper_only_and_shown_once(town: Town):
    clerk = signed_in("community").opens("/desk/window/").sends(go="read", place=COMMUNITY, **NEED)

    clerk.sends(go="send", secret="slip")

    on_paper = clerk.page[clerk.page.index("only-printed") :]
    assert clerk.code in on_paper.replace("</span><span>", "")
    again = clerk.opens(clerk.at)
    assert again.at == f"/desk/e/{clerk.number}"


def test_whoever_wrote_it_down_may_not_give_the_verdict(town: Town):
    opened = town.raises(pin="tea-1945", written_by=town.community)
    town.does("community", "post", opened.number, answers=PUBLIC)
    town.does("lighting", "claim", opened.number, answers=promise(MONDAY_NINE))
    town.does("lighting", "finish", opened.number, answers={"what-was-done": "换了灯泡。"}, files=[a_photo()])

    clerk = signed_in("community").opens("/follow").sends(number=opened.number, code="tea-1945")
    raiser = Browser().opens("/follow").sends(number=opened.number, code="tea-1945")

    assert 'id="move-verdict"' not in clerk.page
    assert 'id="move-verdict"' in raiser.page


def test_the_window_belongs_to_those_who_keep_one(town: Town):
    assert signed_in("duty").opens("/desk/window/").status == 403


def test_another_communitys_need_is_not_written_down_here(town: Town):
    clerk = signed_in("community").opens("/desk/window/").sends(go="read", place="511112100001", **NEED)

    assert clerk.status == 400
    assert "No place of yours has this name" in clerk.words


def test_a_matter_to_be_declined_is_no_longer_called_new(town: Town):
    opened = town.raises()
    assert "New, to be read and screened" in signed_in("office").opens("/desk/list", scope="area").words
    town.does("community", "decline", opened.number, answers={"reason": "属于私人纠纷"})

    listed = signed_in("community").opens("/desk/list", scope="area").words
    decided = signed_in("office").opens("/desk/list").words

    assert opened.number in listed
    assert "New, to be read and screened" not in listed + decided
    assert "its public text is not written yet" in listed
    assert "“" in decided, "whoever confirms it reads how it begins"


# ── The same as another ─────────────────────────────────────────────────────────────────────────────────────


def test_what_may_be_the_same_is_offered_with_its_words_state_and_place(town: Town):
    posted = town.posted()
    twin = town.raises(answers=WHAT | {"what": "门口路灯又坏了，很黑。"})
    new = town.raises(answers=WHAT | {"what": "12号楼旁的路灯坏了三天。"})

    bench = signed_in("community").opens(f"/desk/e/{new.number}")

    form = bench.page[bench.page.index('id="move-same"') :]
    assert f'value="{posted.number}"' in form and f'value="{twin.number}"' in form
    assert f'value="{new.number}"' not in form
    assert "“门口路灯又坏了，很黑。”" in form
    assert "Posted, waiting for a unit" in form


def test_what_was_offered_to_one_office_is_not_offered_to_the_next(town: Town):
    town.raises(answers=WHAT | {"what": "邻居家的路灯整夜亮着，睡不着。"})
    here = town.raises(answers=WHAT | {"what": "12号楼旁的路灯坏了三天。"})
    there = town.raises(area=NEIGHBOUR, answers=WHAT | {"where": NEIGHBOUR, "what": "楼道灯坏了。"})
    assert "睡不着" in on_the_bench("community", here.number).page

    bench = on_the_bench("office", there.number)

    assert bench.status == 200
    assert "睡不着" not in bench.page


def test_an_entry_is_merged_by_choosing_or_by_its_last_digits_but_not_by_both(town: Town):
    first, second, third = town.posted(), town.raises(), town.raises()
    digits = first.number.rpartition("-")[2].lstrip("0")
    clerk = signed_in("community").opens(f"/desk/e/{second.number}")

    both = clerk.sends(form="same", **{"a.same-entry": [first.number, third.number[-3:]]})
    assert "names two: one is chosen and another one is written" in both.words
    assert f'value="{first.number}" checked' in both.page, both.page[both.page.index('id="move-same"') :][:4000]
    clerk.sends(form="same", **{"a.same-entry": ["", digits]})

    assert f"Merged into {first.number}" in clerk.words
    clerk.opens(f"/desk/e/{third.number}").sends(form="same", **{"a.same-entry": [first.number, ""]})
    assert f"Merged into {first.number}" in clerk.words


def test_the_unit_that_usually_does_such_work_stands_first(town: Town):
    town.finished()
    town.finished()
    posted = town.posted()

    bench = signed_in("office").opens(f"/desk/e/{posted.number}")

    form = bench.page[bench.page.index('id="move-assign"') :]
    units = re.findall(r'<option value="([a-z-]+)">([^<]+)</option>', form[: form.index("</select>")])
    assert units[0] == ("lighting", units[0][1]) and units[0][1].endswith("(finished 2 like it)")
    assert not any("like it" in title for _, title in units[1:]) and len(units) > 1


def test_an_office_that_only_gives_out_is_not_shown_what_others_wrote(town: Town):
    town.raises(answers=WHAT | {"what": "老人摔了一跤，路灯坏了"})
    posted = town.posted()

    bench = signed_in("office").opens(f"/desk/e/{posted.number}")

    form = bench.page[bench.page.index('id="move-same"') :]
    assert "老人摔了一跤" not in form[: form.index("</form>")]

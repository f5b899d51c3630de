"""Coming back with a code: what happened, and the moves that are the raiser's own."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from jiebang.boards import queries as boards
from jiebang.boards.services import Opened
from tests.boards.city import COMMUNITY, HOUR, MONDAY_NINE, PUBLIC, Town, a_photo, promise
from tests.web.atown import Browser, a_file, raises, signed_in, town

__all__ = ["town"]  # a fixture

pytestmark = pytest.mark.django_db


def finished(town: Town, browser: Browser) -> tuple[str, str]:
    """Raise in the browser and let the city finish; return number and code."""
    raises(browser)
    number, code = browser.number, browser.code
    town.does("community", "post", number, answers=PUBLIC)
    town.does("lighting", "claim", number, answers=promise(MONDAY_NINE))
    town.does("lighting", "finish", number, answers={"what-was-done": "换了灯泡。"}, files=[a_photo()])
    return number, code


def test_a_code_opens_the_entry_however_it_is_typed(town: Town):
    browser = raises(Browser())
    number, code = browser.number, browser.code

    other = Browser().opens("/follow").sends(code=f" {code[:5].lower()}-{code[5:]} ")

    assert other.at == f"/r/{code}"
    assert number in other.words
    assert "路灯坏了三天" in other.words


def test_the_page_of_a_code_is_not_kept_not_referred_from_and_not_found_by_machines(town: Town):
    browser = raises(Browser())

    response = Browser().client.get(f"/r/{browser.code}")

    assert response["Cache-Control"] == "no-store"
    assert response["Referrer-Policy"] == "no-referrer"
    assert 'name="robots" content="noindex"' in response.content.decode()


def test_a_form_is_taken_although_the_browser_hides_where_it_comes_from(town: Town):
    """The page sends no referrer, so browsers say `Origin: null`."""
    browser = raises(Browser())
    browser.client.defaults["HTTP_ORIGIN"] = "null"
    browser.client.handler.enforce_csrf_checks = True

    browser.opens(f"/r/{browser.code}").sends(form="withdraw")

    assert "Withdrawn" in browser.words


def test_the_raiser_strikes_it_off_and_sees_the_seal(town: Town):
    browser = Browser()
    number, code = finished(town, browser)
    browser.opens(f"/r/{code}")
    assert "It is your turn" in browser.words

    browser.sends(form="verdict", **{"a.solved": "yes", "a.satisfied": "very-satisfied"})

    assert "Done. This is how it stands now." in browser.words
    assert 'class="seal"' in browser.page
    view = boards.entry(number)
    assert view is not None
    assert (view.seal, view.satisfied, view.verified) == ("yes", "very-satisfied", "raiser-code")


def test_the_raiser_sees_the_photo_of_the_work_before_anybody_released_it(town: Town):
    browser = Browser()
    number, code = finished(town, browser)
    browser.opens(f"/r/{code}")
    src = re.search(r'<img src="(/r/[^"]+/photo/(\d+))"', browser.page)
    assert src

    photo = browser.client.get(src[1])

    assert photo.status_code == 200
    assert b"".join(photo).startswith(b"\xff\xd8")
    assert Browser().opens(f"/e/{number}/photo/{src[2]}").status == 404
    assert Browser().opens(f"/r/0000000000/photo/{src[2]}").status == 404


def test_not_solved_sends_it_back(town: Town):
    browser = Browser()
    _, code = finished(town, browser)

    browser.opens(f"/r/{code}").sends(form="verdict", **{"a.solved": "no", "a.satisfied": "dissatisfied"})

    assert "Reinstated" in browser.words
    assert 'class="seal"' not in browser.page


def test_satisfied_without_saying_whether_it_is_solved_is_asked_again_and_kept(town: Town):
    browser = Browser()
    _, code = finished(town, browser)

    browser.opens(f"/r/{code}").sends(form="verdict", **{"a.satisfied": "satisfied"})

    assert browser.status == 400
    assert 'href="#q-verdict-solved-0"' in browser.page
    assert 'value="satisfied" checked' in browser.page


def test_the_raiser_reads_the_question_and_answers_it_with_a_photo(town: Town):
    browser = raises(Browser())
    number, code = browser.number, browser.code
    town.does("community", "ask", number, answers={"question": "是哪一盏灯？"})

    browser.opens(f"/r/{code}")
    assert "是哪一盏灯？" in browser.words
    browser.sends(form="reply", **{"a.reply": "门口左边那盏。", "a.photo": a_file()})

    assert "Being screened" in browser.words
    view = boards.entry_for(number, town.community)
    assert view is not None
    assert [answer.value for answer in view.kept[3]] == ["门口左边那盏。"]
    assert len(view.attachments) == 1


def test_a_decline_can_be_contested_once(town: Town):
    browser = raises(Browser())
    number, code = browser.number, browser.code
    town.does("community", "decline", number, answers={"reason": "不属于本社区。"})
    town.does("office", "confirm-decline", number)

    browser.opens(f"/r/{code}").sends(form="contest", **{"a.remark": "就是本社区的路。"})

    assert "Screening taken over by the city" in browser.words


def test_a_page_left_open_learns_what_happened_meanwhile(town: Town):
    browser = Browser()
    number, code = finished(town, browser)
    old = Browser(client=browser.client).opens(f"/r/{code}")
    browser.opens(f"/r/{code}").sends(form="verdict", **{"a.solved": "yes"})

    old.sends(form="verdict", **{"a.solved": "no"})

    assert old.status == 409
    assert "Struck off" in old.words
    view = boards.entry(number)
    assert view is not None
    assert view.seal == "yes"


def merged(town: Town) -> tuple[Opened, Browser]:
    """Return an entry that stands, and the device of whoever raised the same once more: theirs was merged into it."""
    first, browser = town.posted(), raises(Browser())
    town.does("community", "same", browser.number, answers={"same-entry": first.number})
    return first, browser


def test_whoever_raised_a_duplicate_sees_the_entry_theirs_was_merged_into(town: Town):
    first, browser = merged(town)
    number = browser.number

    browser.opens(f"/r/{browser.code}")

    assert first.number in browser.words
    assert f"What you raised ({number}) is the same matter as {first.number}" in browser.words


def test_a_wrongly_merged_matter_is_raised_again_from_what_was_written(town: Town):
    first, browser = merged(town)
    number, code = browser.number, browser.code

    browser.opens(f"/r/{code}")
    assert "It is not the same matter" in browser.words
    browser.sends(go="again")

    assert browser.at == "/raise/"
    assert f"This begins with what you wrote in {number}" in browser.words
    browser.sends(go="next", **{"a.what": f"路灯坏了三天，晚上很黑。 {number}", "a.spot": "12号楼旁"})
    assert "Step 3 of 3" in browser.words
    browser.sends(go="send")
    assert browser.number not in (first.number, number)
    assert browser.code != code


def test_the_form_begun_again_is_filled_for_its_raiser_alone(town: Town):
    mine = raises(Browser())
    number, code = mine.number, mine.code
    mine.opens(f"/r/{code}").sends(go="again")

    assert "路灯坏了三天，晚上很黑。" in mine.page
    assert f"(Raised before as {number}.)" in mine.page
    assert "路灯坏了三天" not in Browser().opens("/raise/", again=number).page


def test_whoever_leaves_a_merged_matter_is_told_so_and_what_to_do_next(town: Town):
    first, browser = merged(town)
    number = browser.number

    browser.opens(f"/r/{browser.code}")
    assert "2 residents raised this. If you withdraw, only you leave" in browser.words
    browser.sends(form="withdraw")

    assert browser.status == 200
    assert "You have left this matter" in browser.words
    assert f"{first.number} goes on for the others" in browser.words
    assert "What you wrote: 路灯坏了三天" in browser.words
    assert number in browser.sends(go="again").words
    assert browser.at == "/raise/"


def test_the_last_word_of_the_city_says_why_it_is_closed_and_where_else_to_go(town: Town):
    browser = raises(Browser())
    number, code = browser.number, browser.code
    town.does("community", "decline", number, answers={"reason": "属于私人纠纷"})
    town.does("office", "confirm-decline", number)
    browser.opens(f"/r/{code}")
    assert "属于私人纠纷" in browser.page[browser.page.index("said-last") : browser.page.index('id="move-contest"')]
    browser.sends(form="contest", **{"a.remark": "是公共路灯"})
    town.does("duty", "explain", number, answers={"reason": "该灯属小区物业"})

    browser.opens(f"/r/{code}")

    assert 'id="move-contest"' not in browser.page
    assert '"Contest" is possible 1 time(s) at most, and that is used up' in browser.words
    assert "petition the complaints office" in browser.words
    assert "Nothing is asked of you now" not in browser.words


def test_what_was_done_stands_above_the_question_whether_it_is_solved(town: Town):
    browser = Browser()
    _, code = finished(town, browser)

    page = browser.opens(f"/r/{code}").page

    above = page[page.index("said-last") : page.index('id="move-verdict"')]
    assert "换了灯泡。" in above
    assert f"/r/{code}/photo/" in above


def test_whoever_raised_it_signed_in_judges_it_without_a_code(town: Town):
    number, code = finished(town, signed_in("resident"))

    assert signed_in("community").opens(f"/r/{number}").at == "/follow"
    browser = signed_in("resident").opens("/follow")
    assert number in browser.words[browser.words.index("Raised while signed in") :]
    browser.opens(f"/r/{number}").sends(form="verdict", **{"a.solved": "yes"})

    view = boards.entry(number)
    assert view is not None
    assert view.row.meaning == "solved"
    assert view.verified == "raiser-account"
    assert code not in browser.page


def test_the_clerk_who_worked_on_it_is_told_why_the_pin_does_not_help(town: Town):
    opened = town.raises(pin="tea-1945", written_by=town.community)
    town.does("community", "post", opened.number, answers=PUBLIC)
    town.does("lighting", "claim", opened.number, answers=promise(MONDAY_NINE))
    town.does("lighting", "finish", opened.number, answers={"what-was-done": "换了灯泡。"}, files=[a_photo()])

    clerk = signed_in("community").opens("/follow", number=opened.number)
    clerk.sends(number=opened.number, code="tea-1945")

    assert 'id="move-verdict"' not in clerk.page
    assert "Nobody verifies their own work" in clerk.words


def test_everybody_reads_that_one_left_and_one_judged_not_that_it_was_withdrawn_or_decided(town: Town):
    browser = Browser()
    number, _ = finished(town, browser)
    others = [town.raises() for _ in range(2)]
    for other in others:
        town.does("community", "same", other.number, answers={"same-entry": number})
    town.does(town.comes_back(others[0]), "verdict", number, answers={"solved": "yes"})

    words = Browser().opens(f"/e/{number}").words

    assert words.count("Another raiser joined") >= 2
    assert "One of several verdicts" in words
    posted = town.posted()
    leaver = town.raises()
    town.does("community", "same", leaver.number, answers={"same-entry": posted.number})
    town.does(town.comes_back(leaver), "withdraw", posted.number)
    words = Browser().opens(f"/e/{posted.number}").words
    assert "A raiser left" in words
    assert "Withdraw " not in words


def test_a_wrong_code_is_told_so_with_what_to_look_at(town: Town):
    browser = Browser().opens("/follow").sends(code="0000000000")

    assert browser.status == 404
    assert "No entry has this code" in browser.words


def test_the_front_page_takes_a_code_and_puts_it_into_no_address(town: Town):
    mine = raises(Browser())
    code = mine.code

    front = Browser().opens("/")
    front.client.handler.enforce_csrf_checks = True  # the front page is the same for everybody, so it has no token

    found = re.search(r'<form action="/follow" method="(\w+)">.*?name="code"', front.page)

    assert found is not None
    assert found[1] == "post"
    assert front.sends("/follow", code=code).at == f"/r/{code}"


def test_a_number_typed_instead_of_the_code_is_told_apart(town: Town):
    mine = raises(Browser())

    browser = Browser().opens("/follow").sends(code=mine.number.lower())

    assert browser.status == 404
    assert "This is the number of the entry; the secret code is another." in browser.words
    assert "It stands below the number on your receipt" in browser.words


def test_wrong_codes_lead_to_a_wait_but_the_known_device_still_gets_in(town: Town):
    mine = raises(Browser())
    code = mine.code
    mine.opens(f"/r/{code}")
    thief = Browser()
    for n in range(31):
        thief.opens("/follow").sends(code=f"{n:010d}")

    assert thief.status == 429
    assert "Wait 60 minutes" in thief.words
    assert Browser().opens(f"/r/{code}").status == 429
    assert mine.opens(f"/r/{code}").status == 200


def test_an_empty_code_is_asked_for(town: Town):
    browser = Browser().opens("/follow").sends(code="")

    assert browser.status == 400
    assert 'href="#code"' in browser.page


def test_number_and_pin_open_the_entry_on_this_device_for_an_hour(town: Town):
    opened = town.raises(pin="tea-1945", written_by=town.community)
    browser = Browser().opens("/follow", number=opened.number)

    browser.sends(number=opened.number, code="tea-1945")

    assert browser.at == f"/r/{opened.number}"
    assert browser.status == 200
    assert "the address alone opens nothing elsewhere" in browser.words
    assert "Keep this address to yourself" not in browser.words
    assert Browser().opens(f"/r/{opened.number}").at == "/follow"


def test_the_address_with_a_code_is_to_be_kept_to_oneself(town: Town):
    browser = raises(Browser())

    assert "Keep this address to yourself" in Browser().opens(f"/r/{browser.code}").words


def test_a_posted_matter_says_that_any_unit_may_claim_it(town: Town):
    opened = town.posted()

    page = Browser().opens(f"/e/{opened.number}")

    assert "Without being asked, a unit can choose: “Claim”." in page.words


def test_whoever_did_the_work_cannot_judge_it_with_the_raisers_slip(town: Town):
    browser = Browser()
    _, code = finished(town, browser)

    handler = signed_in("lighting").opens(f"/r/{code}")

    assert 'id="move-verdict"' not in handler.page


def test_time_is_said_as_of_the_moment_the_page_is_read(town: Town, monkeypatch: pytest.MonkeyPatch):
    opened: Opened = town.raises()
    monkeypatch.setattr("django.utils.timezone.now", lambda: MONDAY_NINE + 2 * HOUR + timedelta(days=1))

    browser = Browser().opens(f"/r/{opened.code}")

    assert "due Tue 3 Mar 17:30, in 6 hours" in browser.words
    assert COMMUNITY not in browser.words

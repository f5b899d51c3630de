"""The window and the call desk: one screen, read back, sealed codes, matters out of a chat, words taken down."""

from __future__ import annotations

import re

import pytest

from jiebang.boards import queries as boards
from jiebang.web.views.desk.window import slips
from tests.boards.city import COMMUNITY, MONDAY_NINE, NEIGHBOUR, OTHER_COMMUNITY, Town
from tests.web.atown import Browser, signed_in, town

__all__ = ["town"]  # a fixture

pytestmark = pytest.mark.django_db

NEED = {"a.what": "楼道灯不亮。", "a.spot": "3栋2单元"}


def at_the_window(name: str = "community") -> Browser:
    return signed_in(name).opens("/desk/window/")


def on_paper(clerk: Browser) -> str:
    return clerk.page[clerk.page.index("only-printed") :]


# ── Finding ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_it_is_found_by_number_words_and_place_in_public_words_only(town: Town):
    posted, hidden = town.posted(), town.raises()
    clerk = at_the_window("office")

    for q in (posted.number.lower(), "路灯三天", "板厂街社区 路灯", "板厂街社区"):
        clerk.sends(go="look", q=q)
        assert posted.number in clerk.page, q
    clerk.sends(go="look", q="老人摔了一跤")

    assert "Nothing public has these words, nor anything of yours to be posted." in clerk.words
    assert hidden.number not in clerk.page


def test_ones_own_matter_that_is_not_posted_is_found_by_its_raisers_words(town: Town):
    hidden = town.raises()

    clerk = at_the_window().sends(go="look", q="老人摔了一跤")

    assert hidden.number in clerk.page
    assert "Not posted yet: the raiser's words, for its parties only" in clerk.words
    assert f'href="/desk/e/{hidden.number}"' in clerk.page


def test_the_last_digits_of_a_number_find_it_at_the_window(town: Town):
    posted, hidden = town.posted(), town.raises()
    clerk = at_the_window()

    for number in (posted.number, hidden.number):
        clerk.sends(go="look", q=number.rpartition("-")[2].lstrip("0"))
        assert f'href="/e/{number}"' in clerk.page


def test_beside_the_form_stands_what_was_raised_in_the_place_the_like_first(town: Town):
    posted = town.posted()

    clerk = at_the_window().sends(go="look", **{"a.what": "门口路灯坏了"})

    assert "Perhaps the same: raised today" in clerk.words
    assert "It sounds like: Street lighting" in clerk.words
    assert posted.number in clerk.page
    assert "门口路灯坏了" in clerk.page


def test_while_one_types_only_the_column_comes_back(town: Town):
    posted = town.posted()
    clerk = at_the_window()

    answer = clerk.client.post(
        "/desk/window/", clerk.hidden() | {"go": "look", "a.what": "路灯"}, headers={"HX-Request": "true"}
    )

    column = answer.content.decode()
    assert posted.number in column
    assert "<form" not in column and "<html" not in column


def test_a_callers_own_matters_need_their_code_which_is_never_shown(town: Town):
    opened = town.raises()
    clerk = at_the_window()

    wrong = clerk.sends(go="caller", **NEED, **{"caller-code": "WRONG-CODE1"}).words
    assert "No matter has this code" in wrong
    clerk.sends(go="caller", **NEED, **{"caller-code": opened.code})

    assert opened.number in clerk.page
    assert opened.code not in clerk.page
    assert "老人摔了一跤" not in clerk.page
    assert "楼道灯不亮。" in clerk.page


# ── Writing down ────────────────────────────────────────────────────────────────────────────────────────────


def test_it_is_read_back_in_both_languages_with_place_and_day(town: Town):
    clerk = at_the_window().sends(go="read", **NEED, **{"a.phone": "13800138000"})

    assert "You report: “楼道灯不亮”." in clerk.words
    assert "The place: Shizhong, Boshui, Banchangjie, 3栋2单元." in clerk.words
    assert "The next answer is owed by Tue 3 Mar 17:30, by the community." in clerk.words
    assert "您反映：“楼道灯不亮”。" in clerk.words
    assert "社区应在 3月3日 周二 17:30 前答复您。" in clerk.words
    assert boards.counts("residents")["open"] == 0


def test_whoever_looks_after_several_places_types_the_name_of_one(town: Town):
    clerk = at_the_window("office")

    clerk.sends(go="read", place="人民", **NEED)
    assert clerk.status == 400  # the page speaks English, and no place begins so
    clerk.sends(go="read", place="Renmin", **NEED)

    assert clerk.hidden()["place"] == NEIGHBOUR


def test_a_place_that_is_not_theirs_is_refused_with_all_that_was_typed(town: Town):
    clerk = at_the_window("office").sends(go="read", place=OTHER_COMMUNITY, **NEED)

    assert clerk.status == 400
    assert "No place of yours has this name" in clerk.words
    assert "楼道灯不亮。" in clerk.page


def test_a_matter_that_stands_is_joined_with_a_number_and_a_code_of_ones_own(town: Town):
    standing = town.posted()
    clerk = at_the_window().sends(join=standing.number)
    assert f"You say it is the same as {standing.number}, “路灯不亮”" in clerk.words

    clerk.sends(go="send", secret="slip")

    view = boards.entry(standing.number)
    assert view is not None
    assert view.raisers == 2
    assert view.joined == (clerk.number,)
    assert clerk.number != standing.number
    assert re.search(r"<span>[0-9A-Z]{5}</span>", on_paper(clerk))


def test_a_matter_closed_meanwhile_is_not_silently_raised_by_itself(town: Town):
    standing = town.finished()
    clerk = at_the_window().sends(join=standing.number, **NEED)
    town.does(town.comes_back(standing), "verdict", standing.number, answers={"solved": "yes"})

    clerk.sends(go="send", secret="slip")

    assert clerk.status == 400
    assert f"{standing.number} cannot be joined" in clerk.words
    assert "楼道灯不亮。" in clerk.page
    assert boards.counts("residents")["open"] == 0


def test_joining_can_be_taken_back_before_sending(town: Town):
    standing = town.posted()
    clerk = at_the_window().sends(join=standing.number, **NEED).sends(go="write")
    assert f"Joins {standing.number}" in clerk.words

    clerk.sends(go="apart", **NEED)

    assert "into" not in clerk.hidden()
    assert "楼道灯不亮。" in clerk.page


def test_the_call_desk_of_the_county_joins_as_well(town: Town):
    standing = town.posted()

    clerk = at_the_window("office").sends(join=standing.number, **NEED).sends(go="send", secret="number")

    view = boards.entry(standing.number)
    assert view is not None
    assert view.joined == (clerk.number,)


def test_an_office_that_may_not_merge_is_offered_nothing_and_told_why_if_it_asks(town: Town):
    standing = town.posted()
    clerk = at_the_window("caller").sends(go="look", q=standing.number)
    assert standing.number in clerk.page
    assert 'name="join"' not in clerk.page

    clerk.sends(join=standing.number, **NEED)

    assert clerk.status == 400
    assert '"Same as another" is done by the community or the board office; you are not' in clerk.words
    assert boards.counts("residents")["open"] == 1


def test_over_the_telephone_there_is_a_number_and_no_code_for_anybody(town: Town):
    clerk = at_the_window().sends(go="read", **NEED).sends(go="send", secret="number")

    assert "Tell the caller the number, twice" in clerk.words
    assert "fold-inside" not in clerk.page
    assert not re.search(r"<span>[0-9A-Z]{5}</span>", clerk.page)


def test_how_the_secret_is_kept_has_to_be_one_of_the_ways(town: Town):
    clerk = at_the_window().sends(go="read", **NEED).sends(go="send", secret="shout")

    assert clerk.status == 400
    assert "It is not chosen how the secret is kept" in clerk.words


def test_hostile_words_are_refused_with_a_sentence(town: Town):
    for harm in ("\x00灯", "灯" * 2001):
        clerk = at_the_window().sends(go="read", **{"a.what": harm})
        assert clerk.status == 400, harm[:5]
        assert 'class="error-summary"' in clerk.page


# ── Out of a chat ───────────────────────────────────────────────────────────────────────────────────────────

CHAT = "张三 10:21\n路灯坏了，电话13800138000\n\n另外，井盖松了\n李四：垃圾没人收"


def cards(browser: Browser) -> dict[str, object]:
    """What the cards of the page hold, as a browser would send it."""
    found = dict(re.findall(r'<textarea id="[^"]+" name="(c[^"]+)"[^>]*>\n([^<]*)</textarea>', browser.page))
    return found | dict(re.findall(r'<input id="[^"]+" name="(c[^"]+)" value="([^"]*)"', browser.page))


def pasted(text: str = CHAT, name: str = "community") -> Browser:
    return signed_in(name).opens("/desk/window/paste").sends(go="split", text=text)


def test_a_pasted_chat_becomes_cards_without_names_and_with_the_number_in_its_field(town: Town):
    clerk = pasted()

    assert "3 matters" in clerk.words
    assert cards(clerk)["c1.a.what"] == "路灯坏了，电话138****00"
    assert cards(clerk)["c1.a.phone"] == "13800138000"
    assert "张三" not in clerk.page and "李四" not in clerk.page


def test_cards_are_merged_and_deleted(town: Town):
    clerk = pasted()

    clerk.sends(merge="c2", text="", **cards(clerk))
    clerk.sends(drop="c3", text="", **cards(clerk))

    assert cards(clerk)["c1.a.what"] == "路灯坏了，电话138****00\n另外，井盖松了"
    assert {name.split(".")[0] for name in cards(clerk)} == {"c1"}


def test_each_card_is_raised_with_a_number_and_a_slip_of_its_own(town: Town):
    clerk = pasted()
    clerk.sends(go="read", text="", **cards(clerk))
    assert clerk.words.count("Is that what you want to say?") == 3

    clerk.sends(go="send", secret="slip")

    assert clerk.at.startswith("/desk/window/slip/")
    numbers = set(re.findall(r"LS-26-\d{6}", on_paper(clerk)))
    codes = set(re.findall(r"<span>([0-9A-Z]{5})</span>", on_paper(clerk)))
    assert (len(numbers), len(codes)) == (3, 6)
    assert boards.counts("residents")["open"] == 3


def test_a_card_that_is_refused_stays_and_what_was_raised_is_not_lost(town: Town):
    clerk = pasted()
    typed = cards(clerk) | {"c2.a.phone": "没有"}

    clerk.sends(go="send", secret="slip", text="", **typed)

    assert clerk.status == 400
    assert "Raised: LS-26-000001, LS-26-000002" in clerk.words
    assert cards(clerk)["c2.a.what"] == "另外，井盖松了"
    assert "c1.a.what" not in cards(clerk)
    clerk.sends(go="send", secret="slip", text="", **(cards(clerk) | {"c2.a.phone": ""}))
    assert set(re.findall(r"LS-26-\d{6}", on_paper(clerk))) == {f"LS-26-00000{n}" for n in (1, 2, 3)}


def test_cards_sent_twice_are_raised_once(town: Town):
    clerk = pasted()
    form = clerk.hidden() | cards(clerk) | {"go": "send", "secret": "slip", "text": ""}

    for _ in range(2):
        clerk.client.post("/desk/window/paste", form)

    assert boards.counts("residents")["open"] == 3


def test_what_does_not_fit_on_one_page_comes_back_into_the_box(town: Town):
    clerk = pasted("\n".join(f"{n}. 第{n}件" for n in range(1, 13)))

    assert "9 matters" in clerk.words
    assert "第10件" in clerk.page and "c10." not in clerk.page


def test_an_empty_box_and_no_cards_say_what_to_do(town: Town):
    assert "There is nothing in the box" in pasted(" \x00 ").words
    clerk = signed_in("community").opens("/desk/window/paste").sends(go="read", text="")
    assert "There is no matter to raise" in clerk.words
    assert clerk.status == 400


def test_ten_thousand_lines_are_answered(town: Town):
    clerk = pasted("\n".join(f"{n}. 灯\x00" for n in range(10_000)))

    assert clerk.status == 200
    assert "9 matters" in clerk.words


def test_a_card_without_words_or_place_says_which(town: Town):
    clerk = pasted(name="office")

    clerk.sends(go="read", text="", **(cards(clerk) | {"c1.a.what": " "}))

    assert clerk.status == 400
    assert 'href="#q-c1-what"' in clerk.page
    assert 'href="#c2-place"' in clerk.page


# ── A raiser without telephone or code ──────────────────────────────────────────────────────────────────────


def test_a_raiser_in_person_strikes_it_off_and_everybody_reads_how(town: Town):
    opened = town.finished()
    clerk = signed_in("office").opens(f"/desk/window/word/{opened.number}")
    assert "They are here in person" in clerk.words

    clerk.sends(clerk.at + "?how=window", form="verdict", **{"a.document-seen": "identity-card", "a.solved": "yes"})

    assert "Taken down." in clerk.words
    public = Browser().opens(f"/e/{opened.number}").words
    assert "Whoever raised it, in person at the window; identity checked by Board office" in public
    assert "Identity card" not in public


def test_a_relative_gives_a_name_that_nobody_reads_in_public(town: Town):
    opened = town.finished()
    clerk = signed_in("community").opens(f"/desk/window/word/{opened.number}", how="proxy")
    said = {"a.relation": "child", "a.relative-name": "王小二", "a.consent": "signed", "a.solved": "no"}

    clerk.sends(clerk.at + "?how=proxy", form="verdict", **said)

    public = Browser().opens(f"/e/{opened.number}")
    assert "A relative of whoever raised it, with consent; taken down by Service window" in public.words
    assert "王小二" not in public.page and "Child" not in public.words
    view = boards.entry(opened.number)
    assert view is not None
    assert view.row.state == "reinstated"


def test_whoever_wrote_it_down_reads_why_they_take_no_verdict(town: Town):
    clerk = at_the_window().sends(go="read", **NEED).sends(go="send", secret="number")
    number = clerk.number
    town.does("community", "post", number, answers={"public-title": "灯", "public-text": "灯", "category": "noise"})
    promise = {"promised-date": MONDAY_NINE.date().isoformat(), "contact": "王"}
    town.does("lighting", "claim", number, answers=promise)
    town.does("lighting", "finish", number, answers={"what-was-done": "好了"})

    clerk.opens(f"/desk/window/word/{number}")

    assert "Nobody verifies their own work" in clerk.words
    assert 'id="move-verdict"' not in clerk.page


def test_the_unit_that_did_it_and_strangers_take_nothing_down(town: Town):
    opened = town.finished()

    lighting = signed_in("lighting").opens(f"/desk/window/word/{opened.number}")

    assert "is taken down by the community's window or the caller; you are not" in lighting.words
    assert Browser().opens(f"/desk/window/word/{opened.number}").at == "/accounts/login/"
    assert signed_in("community").opens("/desk/window/word/LS-26-999999").status == 404


def test_the_page_shows_nobodys_private_words(town: Town):
    opened = town.raises(answers={"what": "老人摔了一跤", "where": COMMUNITY, "phone": "13800138000"})

    page = signed_in("office").opens(f"/desk/window/word/{opened.number}").page

    assert "老人摔了一跤" not in page and "13800138000" not in page


def test_a_missing_document_is_asked_for_and_what_was_typed_stays(town: Town):
    opened = town.finished()
    clerk = signed_in("office").opens(f"/desk/window/word/{opened.number}")

    clerk.sends(clerk.at + "?how=window", form="verdict", **{"a.solved": "no", "a.remark": "还是黑的"})

    assert clerk.status == 400
    assert 'href="#q-verdict-document-seen-0"' in clerk.page
    assert "还是黑的" in clerk.page


def test_a_closed_matter_says_that_nothing_more_can_be_said(town: Town):
    opened = town.finished()
    town.does(town.comes_back(opened), "verdict", opened.number, answers={"solved": "yes"})

    assert "The matter is closed" in signed_in("office").opens(f"/desk/window/word/{opened.number}").words


def test_slips_of_the_last_minutes_are_printed_together_and_once(town: Town):
    assert slips.MOST_KEPT >= 9
    clerk = at_the_window().sends(go="read", **NEED)
    answer = clerk.client.post("/desk/window/", clerk.hidden() | NEED | {"go": "send", "secret": "slip"})
    assert answer.status_code == 303
    clerk.opens("/desk/window/")
    assert "Slips wait to be printed" in clerk.words

    clerk.opens(answer["Location"])
    assert "fold-inside" in clerk.page
    assert clerk.opens(answer["Location"]).at.startswith("/desk/e/")

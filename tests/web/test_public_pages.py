"""What anybody may read: the front page, the board, an entry, its receipt, the rules, the figures, how to check."""

from __future__ import annotations

import gzip
import io
import re
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.http import HttpResponse
from django.test import Client
from docx import Document

from jiebang.boards import services as boards
from jiebang.rulebook import queries as rulebook
from jiebang.scoring import services as scoring
from jiebang.web import screening
from jiebang.web.views.public import board as board_page
from jiebang.web.views.public.home import BOARDS
from tests.boards.city import COMMUNITY, DAY, HOUR, MONDAY_NINE, PUBLIC, Town
from tests.web.atown import Browser, committed_town, town

__all__ = ["committed_town", "town"]  # fixtures


def visitor(language: str = "en") -> Browser:
    return Browser(Client(HTTP_ACCEPT_LANGUAGE=language))


def struck_entry(town: Town) -> str:
    opened = town.finished()
    town.does(town.comes_back(opened), "verdict", opened.number, answers={"solved": "yes", "satisfied": "satisfied"})
    return opened.number


# ── The front page ──────────────────────────────────────────────────────────────────────────────────────────


def test_the_front_page_says_what_to_do_before_anything_was_raised(town: Town) -> None:
    page = visitor().opens("/")

    assert page.status == 200
    assert "Raise a matter" in page.words
    assert "Nothing has been struck off yet" in page.words
    assert "at the very longest" in page.words
    assert "verify.py" in page.words


def test_the_front_page_counts_on_by_itself_while_the_past_is_played(
    town: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "JIEBANG_HOME", tmp_path)
    monkeypatch.setattr(settings, "JIEBANG_DEMONSTRATION", True)
    (tmp_path / "run").mkdir()
    told = tmp_path / "run" / "demo.json"

    told.write_text('{"done": 0, "of": 200}')
    begun = visitor().opens("/").page
    told.write_text('{"done": 200, "of": 200}')
    over = visitor().opens("/").page

    assert '<progress id="progress" value="0" max="200">' in begun
    assert 'id="now" hx-get="/" hx-trigger="every 3s"' in begun
    assert 'id="now">' in over
    assert "<progress" not in over
    assert "hx-" not in over


def test_the_front_page_is_light(town: Town) -> None:
    first_screen = len(visitor().opens("/").page.encode())

    assert first_screen < 25_000


def test_the_front_page_names_the_liveliest_boards_and_leads_to_all_of_them(committed_town: Town) -> None:
    committed_town.raises()
    scoring.follow_once(at=MONDAY_NINE)

    front = visitor().opens("/")
    every = visitor().opens("/b/")

    assert front.page.count("at the very longest") <= BOARDS + 1  # one each, and the figure of the board to raise on
    assert front.page.index('href="/b/residents/">') < front.page.index("1 in hand") < front.page.index("0 in hand")
    assert 'href="/b/"' in front.page
    for version in rulebook.mechanisms():
        is_shown = f'href="/b/{version.mechanism}/"' in every.page
        assert is_shown == (version.program.log != "veiled")
    assert "Anybody may raise here" in every.words
    assert "1 in hand" in every.words


def test_what_everybody_may_read_is_packed_and_what_has_a_secret_in_it_is_not(town: Town) -> None:
    def asked(path: str) -> HttpResponse:
        response = Client(HTTP_ACCEPT_ENCODING="gzip").get(path)
        assert response.status_code == 200
        return response

    for path in ("/", "/b/residents/", "/b/residents/about", "/search.atom?q=ab"):
        packed = asked(path)
        assert packed["Content-Encoding"] == "gzip"
        assert "Accept-Encoding" in packed["Vary"]
        assert len(packed.content) < len(gzip.decompress(packed.content))
    for path in ("/raise/", "/follow", "/accounts/login/"):
        assert "Content-Encoding" not in asked(path)
    assert "Content-Encoding" not in Client().get("/")


def test_every_page_says_that_this_is_a_demonstration(town: Town) -> None:
    for path in ("/", "/b/residents/", "/verify", "/nothing-here"):
        assert "Demonstration" in visitor().opens(path).words


# ── A board ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_board_shows_what_was_raised_with_its_limit(town: Town) -> None:
    number = town.posted().number

    page = visitor().opens("/b/residents/")

    assert number in page.words
    assert PUBLIC["public-title"] in page.words
    assert "due Thu 5 Mar 17:30" in page.words


def test_what_nobody_has_screened_yet_shows_no_word_of_it(town: Town) -> None:
    number = town.raises().number

    for path in ("/", "/b/residents/?show=all", f"/e/{number}"):
        assert "摔了一跤" not in visitor().opens(path).page


def test_search_finds_a_word_of_two_characters(town: Town) -> None:
    number = town.posted().number

    assert number in visitor().opens("/b/residents/", q="路灯").words
    assert "Nothing fits" in visitor().opens("/b/residents/", q="水管").words


def test_a_number_typed_into_the_search_leads_to_its_entry(town: Town) -> None:
    number = town.raises().number

    assert visitor().opens("/b/residents/", q=number.lower()).at == f"/e/{number}"


def test_strange_filters_are_no_mistake_of_ours(town: Town) -> None:
    for query in ({"area": "x" * 500}, {"show": "?"}, {"after": "1-2-3"}, {"q": "\x00\ud7ff"}, {"state": "' or 1=1"}):
        assert visitor().opens("/b/residents/", **query).status == 200


def test_the_board_begins_with_what_is_posted_and_counts_what_is_being_screened(town: Town) -> None:
    posted, raised = town.posted().number, town.raises().number

    first = visitor().opens("/b/residents/")

    assert posted in first.words
    assert raised not in first.words
    assert "1 matter was raised and is being screened; the community answers within 1 working day." in first.words
    assert raised in visitor().opens("/b/residents/", show="screening").words
    assert raised in visitor().opens("/b/residents/", state="raised").words
    everything = visitor().opens("/b/residents/", show="all").words
    assert posted in everything and raised in everything


def test_what_comes_before_the_board_is_read_from_the_rules(town: Town) -> None:
    program = rulebook.in_force("residents", on=MONDAY_NINE.date()).program

    assert screening.states(program) == ("raised", "asked", "declining", "declined-notice", "unposted")
    assert screening.states(rulebook.in_force("hazard", on=MONDAY_NINE.date()).program) == ()


def test_a_board_nobody_used_yet_says_how_it_begins(town: Town) -> None:
    words = visitor().opens("/b/supervision/").words

    assert "It begins with “Instruct”; the unit instructed then has 2 working days." in words


def test_a_board_open_to_everybody_that_nobody_used_yet_asks_for_the_first_matter(town: Town) -> None:
    page = visitor().opens("/b/hazard/")

    assert "Nothing is on this board yet" in page.words
    assert 'href="/raise/?board=hazard"' in page.page


def test_a_late_matter_says_since_when_and_who_has_it_now(town: Town) -> None:
    town.posted()
    boards.tick(at=MONDAY_NINE + 4 * DAY)

    row = visitor().opens("/b/residents/", show="overdue").words

    assert "missed 5 Mar" in row
    assert "now due" in row
    assert "Missed 5 Mar; now with the board office until" in visitor().opens("/").words


def test_htmx_gets_the_list_alone_and_caches_know_it(town: Town) -> None:
    town.posted()

    whole = Client().get("/b/residents/")
    part = Client().get("/b/residents/", headers={"HX-Request": "true", "HX-Target": "list"})

    assert "<html" in whole.content.decode()
    assert "<html" not in part.content.decode()
    assert 'class="entries"' in part.content.decode()
    assert "HX-Request" in whole["Vary"]


def test_pages_continue_without_missing_or_repeating(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(board_page, "SIZE", 2)
    numbers = {town.raises(at=MONDAY_NINE + n * HOUR).number for n in range(5)}

    seen: list[str] = []
    browser = visitor().opens("/b/residents/", show="all")
    while True:
        seen += re.findall(r'<span class="number">([^<]+)</span>', browser.page)
        following = re.search(r'href="(\?[^"]*)" rel="next"', browser.page)
        if following is None:
            break
        browser.opens("/b/residents/" + following[1].replace("&amp;", "&"))

    assert len(seen) == 5
    assert set(seen) == numbers


def test_a_board_nobody_published_is_not_found(town: Town) -> None:
    assert visitor().opens("/b/nothing/").status == 404


def test_a_board_page_costs_few_statements(town: Town, django_assert_max_num_queries: object) -> None:
    town.raises()
    client = Client()
    client.get("/b/residents/")

    with django_assert_max_num_queries(5):  # type: ignore[operator]  # pytest-django's fixture has no public type
        client.get("/b/residents/")


# ── An entry ────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_struck_entry_wears_the_seal_and_tells_its_story(town: Town) -> None:
    number = struck_entry(town)

    page = visitor().opens(f"/e/{number}")

    assert 'class="seal"' in page.page
    assert PUBLIC["public-text"] in page.words
    assert page.page.count("<li") >= 5
    assert "By whoever raised it, with the secret code" in page.words


def test_an_entry_says_who_holds_it_until_when_and_what_comes_next(town: Town) -> None:
    number = town.raises().number

    page = visitor().opens(f"/e/{number}")

    assert "Who owes the next step the community" in page.words
    assert "due Tue 3 Mar 17:30, in 1 working day" in page.words
    assert "If nobody acts by then, the clock moves it to" in page.words


def test_an_overdue_entry_says_so_plainly(town: Town) -> None:
    number = town.raises().number
    boards.tick(at=MONDAY_NINE + 2 * DAY)

    page = visitor().opens(f"/e/{number}")

    assert "This matter is late" in page.words
    assert "The limit of Tue 3 Mar 17:30 passed" in page.words
    assert number in visitor().opens("/b/residents/", show="overdue").words


def test_a_failed_entry_stays_in_its_own_list(town: Town) -> None:
    number = town.raises().number
    for days in (2, 30, 60):
        boards.tick(at=MONDAY_NINE + days * DAY)

    assert "for ever" in visitor().opens(f"/e/{number}").words
    assert number in visitor().opens("/b/residents/", show="failed").words


def test_there_is_no_entry_of_a_wrong_number(town: Town) -> None:
    for number in ("LS-26-999999", "x" * 400, "%00", "路灯"):
        assert visitor().opens(f"/e/{number}").status == 404


def test_a_photo_is_nobodys_until_it_is_released(town: Town) -> None:
    number = struck_entry(town)

    assert visitor().opens(f"/e/{number}/photo/1").status == 404
    assert '<img src="/e/' not in visitor().opens(f"/e/{number}").page


def test_a_receipt_asked_for_too_early_says_to_come_back(town: Town) -> None:
    number = town.raises().number

    response = Client().get(f"/e/{number}/receipt/1.tlog-proof")

    assert response.status_code == 503
    assert response["Retry-After"] == "3"
    assert Client().get(f"/e/{number}/receipt/99.tlog-proof").status_code == 404


def test_the_privacy_page_says_what_the_telephones_of_staff_keep_and_how_long(town: Town) -> None:
    words = visitor().opens("/privacy").words

    assert "At most 60 matters that wait for them" in words
    assert "at most 72 hours without the network" in words
    assert "sealed (AES-GCM) with a key of their account" in words


# ── Rules, figures, checking ────────────────────────────────────────────────────────────────────────────────


def test_the_rules_are_those_the_server_follows(town: Town) -> None:
    page = visitor().opens("/b/residents/about")

    assert "How long may it take?" in page.words
    assert "If nobody ever acts" in page.words
    assert "201 working days At the very longest" in page.words  # without a whole calendar, the sum alone
    assert "Sichuan's rules for handling 12345 calls (December 2025): complaints, 15 working days." in page.words
    assert "board.triage" not in page.words
    assert Client().get("/b/residents/about/text")["Content-Type"] == "text/plain; charset=utf-8"


@pytest.mark.parametrize(("lang", "title"), [("zh-CN", "民声榜办理规则"), ("en", "Rules of procedure: ")])
def test_the_rules_are_to_be_had_as_a_word_file(town: Town, lang: str, title: str) -> None:
    response = Client(HTTP_ACCEPT_LANGUAGE=lang).get("/b/residents/about/rules.docx")
    text = "\n".join(paragraph.text for paragraph in Document(io.BytesIO(response.content)).paragraphs)

    assert response["Content-Disposition"].endswith(f'.{lang[:2]}.docx"')
    assert text.startswith(title)
    assert rulebook.in_force("residents", on=date(2026, 3, 2)).program_hash in text
    assert "http://testserver/b/residents/about" in text
    assert Client().get("/b/residents/about/rules.docx?version=0000").status_code == 404


def test_figures_of_nothing_are_not_zero_per_cent(committed_town: Town) -> None:
    committed_town.raises()
    scoring.follow_once(at=MONDAY_NINE)

    words = visitor().opens("/b/residents/figures").words

    assert "n/a" in words
    assert "0.0 %" not in words
    assert "After the published program of a 12345 system in use" in words
    assert "domain 9.3" not in words and "figures.solved" not in words


def test_home_tabs_and_figures_say_one_number_as_of_one_moment(committed_town: Town) -> None:
    for _ in range(2):
        committed_town.raises()
    boards.tick(at=MONDAY_NINE + 5 * DAY)
    scoring.follow_once(at=MONDAY_NINE + 5 * DAY)
    committed_town.raises()  # after the follower: every page waits for it alike

    front = visitor().opens("/")
    home = front.words
    tab = visitor().opens("/b/residents/?show=overdue").words
    open_ = visitor().opens("/b/residents/?show=open").words
    figures = visitor().opens("/b/residents/figures").words

    assert "2 overdue" in home and "All 2 of them" in home
    assert front.page.count("late-words") == 2  # both listed, although neither has a public text yet
    assert "Overdue 2" in tab and "2 entries, newest first" in tab
    assert "In hand 2" in open_ and "2 entries, newest first" in open_
    said = {re.search(r"As of .{15}", page).group() for page in (home, tab, open_, figures)}  # type: ignore[union-attr]  # each says one
    assert said == {"As of Sat 7 Mar 09:00"}


AREA_OPEN = f"/b/residents/?show=open&area={COMMUNITY}"


def test_a_community_says_the_number_the_follower_counted(committed_town: Town) -> None:
    committed_town.raises()
    scoring.follow_once(at=MONDAY_NINE)
    committed_town.raises()

    place, tab = (visitor().opens(path).words for path in (f"/a/{COMMUNITY}/", AREA_OPEN))

    assert "1 being worked on" in place
    assert "In hand 1" in tab


def test_until_the_follower_came_by_a_board_is_counted_now_and_up_to_a_cap(
    committed_town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        committed_town.raises()
    monkeypatch.setattr("jiebang.boards.queries.COUNT_CAP", 2)

    place, tab = (visitor().opens(path).words for path in (f"/a/{COMMUNITY}/", AREA_OPEN))

    assert "3 being worked on" in place
    assert "In hand 2+" in tab


def test_figures_wait_for_the_first_matter(town: Town) -> None:
    assert "Nothing to count yet" in visitor().opens("/b/residents/figures").words


def test_the_page_for_strangers_names_file_and_command(town: Town) -> None:
    page = visitor().opens("/verify")

    assert "python3 verify.py http://testserver/log" in page.words
    assert "What it does not prove" in page.words
    handed_out = Client().get("/verify.py")
    assert handed_out.content.startswith(b"#!") or b"import hashlib" in handed_out.content


def test_health_is_one_word(town: Town) -> None:
    assert Client().get("/healthz").content == b"ok\n"


# ── Manner ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_reader_may_have_chinese_large_text_and_night(town: Town) -> None:
    browser = visitor()
    for wish in ({"language": "zh-hans"}, {"elder": "1"}, {"theme": "dark"}):
        browser.client.post("/manner", {"next": "/b/residents/", **wish})

    page = browser.opens("/b/residents/").page

    assert '<html lang="zh-hans" data-theme="dark" data-elder>' in page


def test_the_switches_lead_nowhere_else(town: Town) -> None:
    response = Client().post("/manner", {"next": "https://elsewhere.example/", "elder": "1"})

    assert (response.status_code, response["Location"]) == (303, "/")


def test_an_unknown_wish_is_not_kept(town: Town) -> None:
    assert not Client().post("/manner", {"theme": "<script>", "language": "xx"}).cookies


def test_pages_are_kept_to_themselves(town: Town) -> None:
    public, secret = Client().get("/"), Client().get("/follow")

    assert "unsafe-inline" not in public["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in public["Content-Security-Policy"]
    assert public["X-Content-Type-Options"] == "nosniff"
    assert (public["Referrer-Policy"], secret["Referrer-Policy"]) == ("same-origin", "no-referrer")
    assert secret["Cache-Control"] == "no-store"


def test_no_page_has_style_or_script_written_into_it(town: Town) -> None:
    number = struck_entry(town)

    for path in ("/", "/b/residents/", f"/e/{number}", "/b/residents/about", "/verify", "/accessibility", "/patterns"):
        page = visitor().opens(path).page
        assert " style=" not in page
        assert not re.search(r"<script(?![^>]*\bsrc=)", page)
        assert not re.search(r"\son[a-z]+=", page)


def test_times_pass_by_the_clock_alone(town: Town) -> None:
    town.raises(at=MONDAY_NINE - timedelta(days=1))

    assert "As of Mon 2 Mar 09:00" in visitor().opens("/b/residents/").words

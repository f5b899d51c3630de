"""The author's desk without script: be told what is wrong beside the line, propose, publish as another person."""

from __future__ import annotations

import io
import re
from datetime import date
from html import unescape

import pytest
from django.db import connection
from docx import Document

from jiebang.engine.parser import hearing
from jiebang.people import services as people_services
from jiebang.people.services import Post
from jiebang.rulebook import packs
from jiebang.rulebook import queries as rulebook
from tests.boards.city import CITY, COMMUNITY, COUNTY, OTHER_COMMUNITY, Town
from tests.web.atown import Browser, raises, signed_in, town

__all__ = ["town"]

DAY = "2026-04-01"


@pytest.fixture
def authors(town: Town) -> tuple[Browser, Browser]:
    posts = [Post("author", "Author", "rulebook", "duty", CITY), Post("second", "Second", "rulebook", "duty", CITY)]
    people_services.enlist(posts, since=date(2026, 1, 1))
    return signed_in("author"), signed_in("second")


def typed(page: Browser) -> str:
    found = re.search(r'<textarea id="text"[^>]*>(.*?)</textarea>', page.page, re.S)
    assert found, page.words
    return unescape(found[1]).removeprefix("\n")


def begins(page: Browser, mechanism: str = "residents") -> str:
    """Begin a version from the one that holds; return its text with a later day."""
    version = rulebook.in_force(mechanism, on=date(2026, 3, 2))
    page.opens("/desk/rules/").sends("/desk/rules/begin", **page.token(), version=version.program_hash[:16])
    assert page.status == 200
    # The little town keeps no texts; the pack's file is what its version was compiled from.
    (file,) = [one for one in packs.mechanism_files(packs.city("leshan")) if one.mechanism == mechanism]
    return file.text.decode().replace(f"since: '{file.since}'", f"since: '{DAY}'")


def keeps(page: Browser, text: str, go: str = "save", **more: str) -> Browser:
    return page.sends(page.at, text=text, go=go, edits=page.hidden()["edits"], **page.token(), **more)


def test_a_mistake_is_told_beside_its_line_and_nothing_typed_is_lost(authors):
    author, _ = authors
    text = begins(author).replace("else: unposted", "else: nowhere", 1)
    line = text[: text.index("else: nowhere")].count("\n") + 1

    keeps(author, text)

    assert f"Line {line}" in author.words
    assert "There is no state “nowhere”." in author.words
    assert typed(author) == text
    assert keeps(author, text, go="propose").status == 400
    assert "1 finding must be mended first." in author.words


def test_one_proposes_another_publishes_and_the_public_page_says_both_offices(authors, town):
    author, second = authors
    text = begins(author).replace("民声榜, en: ", "民声榜, en: New ", 1)
    keeps(author, text, go="propose")
    assert "Proposed. Now another person" in author.words
    at = author.at

    assert "another person has to publish it" in author.opens(at).words
    author.sends(f"{at}decide", step="publish", **author.token())
    assert author.status == 403
    second.opens(at)
    assert "Proposed by Author" in second.words
    second.sends(f"{at}decide", step="publish", **second.token())

    assert "Published. It stands in the public log." in second.words
    version = rulebook.in_force("residents", on=date(2026, 4, 1))
    anybody = Browser().opens("/b/residents/about", version=version.program_hash[:16])
    assert "Proposed by rule office · Duty office" in anybody.words
    assert "Author" not in anybody.words and "Second" not in anybody.words
    assert Browser().opens("/b/residents/about").words.count("Proposed by") == 0  # not in force yet


def test_a_pilots_matters_run_under_its_version_and_those_beside_under_the_citys(authors, town):
    author, second = authors
    text = begins(author).replace(DAY, "2026-03-02")
    keeps(author, text, go="propose", scope="shizhong", areas="市中区")
    at = author.at
    second.opens(at).sends(f"{at}decide", step="publish", **second.token())
    assert "pilot “shizhong”: Shizhong" in second.words

    inside, outside = raises(Browser()), Browser()
    outside.opens("/raise/", area=OTHER_COMMUNITY)
    outside.sends(go="next", **{"a.what": "路灯坏了三天，晚上很黑。", "a.spot": "12号楼旁"})
    outside.sends(go="send")

    pilot = rulebook.in_force("residents", on=date(2026, 3, 2), area=COMMUNITY)
    assert pilot.areas == (COUNTY,)
    assert runs_under(inside.number) == pilot.program_hash
    assert (
        runs_under(outside.number)
        == rulebook.in_force("residents", on=date(2026, 3, 2)).program_hash
        != pilot.program_hash
    )


def test_what_held_where_on_a_day_is_answered_and_an_entry_names_its_version(authors, town):
    author, second = authors
    text = begins(author).replace(DAY, "2026-03-02")
    keeps(author, text, go="propose", scope="shizhong", areas="市中区")
    second.opens(author.at).sends(f"{author.at}decide", step="publish", **second.token())
    inside = raises(Browser())

    asks = Browser()
    assert (
        "the version since 2026-03-02 (pilot “shizhong”"
        in asks.opens("/b/residents/versions", on="2026-03-05", area=COMMUNITY).words
    )
    assert (
        "the version since 2026-01-01 (the whole city)"
        in asks.opens("/b/residents/versions", on="2026-03-05", area=OTHER_COMMUNITY).words
    )
    assert "No version held" in asks.opens("/b/residents/versions", on="2025-03-05").words
    assert "That is no day" in asks.opens("/b/residents/versions", on="then").words
    assert "no place of exactly that name" in asks.opens("/b/residents/versions", area="Atlantis").words
    assert "proposed by rule office · Duty office, published by rule office · Duty office" in asks.words
    assert asks.opens("/b/atlantis/versions").status == 404

    entry = Browser().opens(f"/e/{inside.number}")
    assert "Rules since 2026-03-02 pilot “shizhong”: Shizhong" in entry.words


def runs_under(number: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT program_hash FROM boards_entry WHERE number = %s", [number])
        return str(cursor.fetchone()[0])


def test_a_draft_that_somebody_else_changed_is_not_overwritten(authors):
    author, second = authors
    text = begins(author)
    second.opens(author.at)
    keeps(author, text)

    keeps(second, text.replace("民声榜", "别的榜"))

    assert second.status == 409
    assert "Somebody changed this draft" in second.words
    assert "别的榜" in typed(second)


def test_a_story_keeps_its_name_when_it_goes_another_way(authors):
    author, _ = authors
    text = begins(author)
    stories = (packs.root() / "leshan/mechanisms/residents/cases.yaml").read_text(encoding="utf8")

    keeps(author, text.replace("within: {amount: 3 wd", "within: {amount: 2 wd", 1), stories=stories)

    assert "The community posts it went another way" in author.words
    assert "The community posts it" in author.opens(f"{author.at.partition('?')[0]}play").words


def test_others_at_the_desk_are_told_how_the_office_is_given(town):
    clerk = signed_in("community")

    assert clerk.opens("/desk/rules/").status == 403
    assert "jiebang account appoint" in clerk.words
    assert "/desk/rules/" not in clerk.opens("/desk/").page


@pytest.mark.parametrize(
    "text",
    [
        "a: &a [x,x,x]\nb: &b [*a,*a,*a]\nc: [*b,*b,*b]",
        "[" * 5000,
        "x: y\n" * 90_000,
        "mechanism: \x00\ud800",
        "mechanism: resldents\nsince: '2026-04-01'",
        "a: b\na: c",
    ],
)
def test_a_hostile_text_is_answered_and_not_run(authors, text):
    author, _ = authors
    begins(author)

    author.sends(f"{author.at}seen", text=text.encode("utf-8", "replace").decode(), **author.token())

    assert author.status == 200
    assert "thing to mend" in author.words or "things to mend" in author.words


def test_a_draft_is_tried_out_and_no_board_hears_of_it(authors):
    author, _ = authors
    text = begins(author)
    keeps(author, text)
    at = author.at

    author.opens(f"{at}play")
    assert "Nothing was raised yet." in author.words
    author.sends(
        f"{at}play", move="raise", who="resident", tried="", **{"a.what": "dark", "a.where": "invented-community"}
    )
    assert "due " in author.words
    author.sends(f"{at}play", go="wind-due", tried=carried(author))
    assert "the clock" in author.words
    author.sends(f"{at}play", move="post", who="unit-a:1", tried=carried(author))
    assert "(no-such-move)" in author.words or "(not-yours)" in author.words
    assert (
        "No matter" in Browser().opens("/search", q="dark").words
        or "dark" not in Browser().opens("/b/residents/").words
    )


def carried(page: Browser) -> str:
    found = re.search(r'name="tried" value="([^"]*)"', page.page)
    assert found
    return unescape(found[1])


@pytest.mark.parametrize("tried", ["x", "[[", "[[1e400,1,2,{}]]", "[" * 50_000, '[["nan","a","b",{}]]', "[[0,0,0,0]]"])
def test_a_rehearsal_somebody_made_up_counts_as_none(authors, tried):
    author, _ = authors
    keeps(author, begins(author))

    author.sends(f"{author.at}play", tried=tried, go="wind-day")

    assert author.status == 200
    assert "Nothing was raised yet." in author.words


def test_what_a_draft_changes_is_said_in_words(authors):
    author, _ = authors
    keeps(author, begins(author).replace("within: {amount: 1 wd, ", "within: {amount: 2 wd, ", 1))

    author.opens(f"{author.at}changes")

    assert "1 working day" in author.words and "2 working days" in author.words
    assert "limit" in author.words


def test_a_text_is_shown_with_the_other_keys_and_back_without_keeping_it(authors):
    author, _ = authors
    text = begins(author)
    keeps(author, text)

    keeps(author, text, go="turn")

    assert "Written with the other keys." in author.words
    chinese = typed(author)
    assert "\n机制: residents\n" in chinese
    assert "Show it with English keys" in author.words
    assert typed(author.opens(author.at)) == text  # nothing was kept
    keeps(author, chinese, go="turn")
    assert typed(author) == text
    keeps(author, chinese)
    assert "Nothing is wrong" in author.words


def test_a_chinese_text_is_objected_to_in_its_own_words(authors):
    author, _ = authors
    keeps(author, hearing.turned(begins(author), "zh").replace("逾期转: unposted", "逾期转: nowhere", 1))

    assert "There is no state “nowhere”." in author.words
    keeps(author, typed(author).replace("日志: 粗略", "日志: coarse"))
    assert "“coarse” is English" in author.words


def test_a_text_that_cannot_be_read_is_not_turned_and_not_lost(authors):
    author, _ = authors
    text = begins(author) + "\nmore: [open\n"

    keeps(author, text, go="turn")

    assert author.status == 400
    assert "is not correct YAML" in author.words
    assert typed(author) == text


def test_a_draft_is_put_on_paper_as_a_draft(authors):
    author, _ = authors
    keeps(author, begins(author))
    at = author.at

    data = author.client.get(f"{at}rules.docx").content

    document = Document(io.BytesIO(data))
    assert "not published" in "\n".join(paragraph.text for paragraph in document.paragraphs)
    keeps(author.opens(at), "mechanism: residents\n")
    assert author.client.get(f"{at}rules.docx").status_code == 409


def test_without_script_a_line_is_asked_for_and_nothing_typed_is_lost(authors):
    author, _ = authors
    text = begins(author).replace("log: coarse", "log: ")
    line = text[: text.index("log: ")].count("\n") + 1

    keeps(author, text, go="here", line=str(line))

    assert f"Line {line} · log : one of these may stand there open coarse veiled" in author.words
    assert typed(author) == text
    keeps(author, text, go="here", line="no line")
    assert "Line 1 : these keys may stand there" in author.words


def test_what_may_stand_under_the_caret_is_answered_with_this_texts_names(authors):
    author, _ = authors
    text = begins(author)
    row = next(row for row in text.splitlines() if row.startswith("    held by: community"))
    line = text[: text.index(row)].count("\n") + 1
    page = author.client.post(
        f"{author.at}here", {"text": text, "line": line, "column": len("    held by: co")}
    ).content.decode()

    assert 'data-start="13" data-word="co"' in page
    assert 'data-insert="community"' in page
    assert "the community" in page

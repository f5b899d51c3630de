"""The map of a board as anybody sees it: the same drawn and written, and nothing finer than a square."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from jiebang.boards import services as boards
from jiebang.people import queries as people
from jiebang.rulebook import maps
from jiebang.web import checks, mapview, tiles
from jiebang.web.mapview import BadView
from jiebang.web.views.public.maps import policy
from tests.boards.city import COMMUNITY, MONDAY_NINE, OTHER_COMMUNITY, PUBLIC, WHAT, Town, found_town
from tests.boards.test_mapping import place_counties
from tests.web.atown import Browser, committed_town

__all__ = ["committed_town"]  # a fixture

EXACT = "29.56789,103.75432"


@pytest.fixture
def town(committed_town: Town) -> Town:
    place_counties()
    return committed_town


def posted(town: Town, position: str = "", *, area: str = COMMUNITY) -> str:
    answers = {**WHAT, "where": area} | ({"position": position} if position else {})
    number = town.raises(area=area, answers=answers).number
    if area == COMMUNITY:
        town.does("community", "post", number, answers=PUBLIC)
    return number


def fill() -> None:
    while boards.follow_map_once(at=MONDAY_NINE):
        pass


def opens(path: str = "/b/residents/map", **query: str) -> Browser:
    return Browser(Client(HTTP_ACCEPT_LANGUAGE="en")).opens(path, **query)


# ── Drawn and written ───────────────────────────────────────────────────────────────────────────────────────


def test_every_mark_of_the_map_is_a_line_of_the_list(town: Town) -> None:
    for position in ("29.56000,103.76000", "29.56010,103.76010", "29.30000,103.90000", ""):
        posted(town, position)
    fill()

    page = opens().page

    drawn = re.findall(r'class="mark[^>]*href="([^"]+)"', page)
    written = re.findall(r'<li data-at.*?<a href="([^"]+)"', page)
    assert sorted(drawn) == sorted(written)
    assert len(drawn) == 2


def test_the_numbers_in_view_add_up(town: Town) -> None:
    for _ in range(3):
        posted(town, EXACT)
    posted(town, area=OTHER_COMMUNITY)
    fill()

    page = opens(show="all")

    assert "3 in view, of 3 on the map" in page.words
    assert "Not on the map: 1" in page.words
    assert "As of" in page.words


def test_one_can_look_closer_link_by_link_down_to_the_entries(town: Town) -> None:
    numbers = [posted(town, EXACT) for _ in range(3)]
    fill()
    browser = opens()

    for _ in range(12):
        if "entry-row" in browser.page:
            break
        (closer,) = re.findall(r'<li data-at.*?<a href="([^"]+)"', browser.page)
        browser.opens(closer.replace("&amp;", "&").partition("#")[0])

    assert "3 matters in this square" in browser.words
    assert all(number in browser.page for number in numbers)


def test_a_single_entry_leads_to_its_page(town: Town) -> None:
    number = posted(town, EXACT)
    fill()

    assert f'href="/e/{number}"' in opens().page


def test_a_category_and_a_tab_narrow_the_map_and_the_list_alike(town: Town) -> None:
    posted(town, EXACT)
    fill()

    assert "1 in view" in opens(category="street-light").words
    assert "Nothing lies here" in opens(category="noise").words
    assert "1 in view" in opens(show="open").words
    assert "Nothing lies here" in opens(show="failed").words
    assert 'href="/b/residents/?show=failed"' in opens(show="failed").page


def test_only_the_list_is_sent_to_a_map_that_was_moved(town: Town) -> None:
    posted(town, EXACT)
    fill()

    moved = Client(HTTP_ACCEPT_LANGUAGE="en").get(
        "/b/residents/map?bbox=103.7,29.5,103.8,29.6&zoom=11.5", headers={"HX-Request": "true"}
    )

    assert b"<html" not in moved.content
    assert b"data-at=" in moved.content
    assert "HX-Request" in moved["Vary"]


def test_before_the_map_is_filled_the_page_says_so(town: Town) -> None:
    posted(town, EXACT)

    assert "just being filled" in opens().words


def test_a_map_costs_the_same_statements_however_many_marks_it_has(town: Town) -> None:
    posted(town, EXACT)
    fill()
    opens()
    with CaptureQueriesContext(connection) as one:
        opens()
    for lat in range(10):
        posted(town, f"29.{40 + lat}000,103.80000")
    fill()

    with CaptureQueriesContext(connection) as many:
        opens()

    assert len(many) == len(one)


# ── Nothing finer ───────────────────────────────────────────────────────────────────────────────────────────


def test_the_exact_position_is_on_no_page_and_in_no_file_for_the_public(town: Town) -> None:
    number = posted(town, EXACT)
    fill()
    paths = [
        *("/", "/b/residents/", "/b/residents/map", "/b/residents/map?show=all", f"/e/{number}"),
        *(f"/b/residents/map?bbox=103.75,29.56,103.76,29.57&zoom={zoom}" for zoom in (9, 14, 22)),
        *("/b/residents/figures", "/b/residents/feed.atom", f"/search?q={number}"),
    ]

    for path in paths:
        answer = Client(HTTP_ACCEPT_LANGUAGE="en").get(path, follow=True)
        text = answer.content.decode("utf-8", "replace")
        assert "29.56789" not in text and "103.75432" not in text, path
        assert answer.status_code in (200, 404), path


def test_the_exact_position_is_in_no_leaf(town: Town) -> None:
    posted(town, EXACT)

    with connection.cursor() as cursor:
        cursor.execute("SELECT body FROM ledger_leaf")
        leaves = b"\n".join(bytes(body) for (body,) in cursor.fetchall())

    assert (
        b"29.56789" not in leaves
        and b"103.75432" not in leaves
        and b"position" not in leaves.replace(b"supposition", b"")
    )


# ── Asking for nonsense ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "query",
    [
        *("bbox=nan,nan,nan,nan", "bbox=1e400,0,1,1", "bbox=103,29", "bbox=104,29,103,30", "bbox=103,30,104,29"),
        *("bbox=,,,", "bbox=-999,0,999,1", "bbox=0,-91,1,0", "bbox=a,b,c,d", "bbox=1,2,3,4,5"),
        *("bbox=103,29,104,30&zoom=nan", "bbox=103,29,104,30&zoom=99", "bbox=103,29,104,30&zoom=-1"),
        *("cell=1", "cell=a.b", "cell=99999999.1", "cell=-1.-1", "cell=１.２", "cell=1.2.3", "cell=131072.0"),
    ],
)
def test_a_view_that_is_none_is_answered_with_a_sentence(town: Town, query: str) -> None:
    answer = Client(HTTP_ACCEPT_LANGUAGE="en").get(f"/b/residents/map?{query}")

    assert answer.status_code == 400
    assert "That could not be read" in answer.content.decode()


@pytest.mark.parametrize(
    "query",
    [
        *("bbox=103.7,29.5,103.7000001,29.5000001", "bbox=-180,-85,180,85", "bbox=-540,-90,540,90&zoom=0"),
        *("bbox=103,29,104,30&zoom=30", "cell=0.0", "area=nowhere", "area=%00", "category=%00", "show=everything"),
        *("after=1-1", "after=x", "cell=103310.54255&after=99999999999999999-1", "category=" + "x" * 5000),
    ],
)
def test_a_strange_view_is_a_page_all_the_same(town: Town, query: str) -> None:
    assert Client().get(f"/b/residents/map?{query}").status_code == 200


def test_a_board_or_a_city_without_a_map_has_none(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    assert opens("/b/nothing/map").status == 404
    monkeypatch.setattr(maps, "rules_of", lambda city: None)
    assert opens("/b/residents/map").status == 404
    assert "Map of this board" not in opens("/b/residents/").words


RULES = maps.rules_of("leshan")


@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.dictionaries(st.sampled_from(["bbox", "zoom", "cell", "area"]), st.text(max_size=30)))
def test_no_text_in_the_address_breaks_the_reading_of_a_view(town_areas: None, query: dict[str, str]) -> None:
    assert RULES is not None
    try:
        found = mapview.asked(query, RULES)
    except BadView:
        return
    assert max(found.view.across, found.view.down) <= mapview.MOST_ACROSS


@pytest.fixture
def town_areas(db: None) -> None:
    people.forget_caches()
    found_town()


# ── Tiles ───────────────────────────────────────────────────────────────────────────────────────────────────

SOURCE = "https://tiles.example:8443/img/{z}/{x}/{y}.png?tk=abc"
WHOLE = {"credit": "© Somebody", "datum": "wgs84", "review_number": "GS(2026)0000", "needs_review": True}


@pytest.fixture
def with_tiles(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "JIEBANG_TILES", SOURCE)
    monkeypatch.setattr(settings, "JIEBANG_TILES_CREDIT", "© Somebody")
    monkeypatch.setattr(settings, "JIEBANG_TILES_REVIEW", "GS(2026)0000")


def test_without_tiles_the_policy_lets_nobody_in(town: Town) -> None:
    answer = Client().get("/b/residents/map")

    assert answer["Content-Security-Policy"] == policy(None)
    assert "worker-src 'self'" in policy(None)
    assert "unsafe" not in policy(None) and "https:" not in policy(None)
    assert "worker-src" not in Client().get("/b/residents/")["Content-Security-Policy"]


def test_with_tiles_their_host_alone_is_let_in_and_credit_and_review_number_stand_there(
    town: Town, with_tiles: None
) -> None:
    answer = Client(HTTP_ACCEPT_LANGUAGE="en").get("/b/residents/map")

    allowed = dict(each.strip().split(" ", 1) for each in answer["Content-Security-Policy"].split(";"))
    assert allowed["connect-src"] == "'self' https://tiles.example:8443"
    assert allowed["img-src"] == "'self' https://tiles.example:8443 data: blob:"
    assert allowed["script-src"] == "'self'"
    text = answer.content.decode()
    assert "© Somebody" in text and "Map review number: GS(2026)0000" in text


def test_on_tiles_of_another_datum_the_marks_are_shifted_along(
    town: Town, with_tiles: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    posted(town, EXACT)
    fill()
    plain = re.search(r'data-at="([^"]+)"', opens().page)
    monkeypatch.setattr(settings, "JIEBANG_TILES_DATUM", "gcj02")

    shifted = re.search(r'data-at="([^"]+)"', opens().page)

    assert plain and shifted
    away = [abs(float(a) - float(b)) for a, b in zip(plain[1].split(","), shifted[1].split(","), strict=True)]
    assert 0.001 < max(away) < 0.01


@pytest.mark.parametrize(
    ("url", "more", "says"),
    [
        ("http://tiles.example/{z}/{x}/{y}.png", {}, "no address"),
        ("https://tiles.example/{z}/{x}.png", {}, "lacks {y}"),
        ("https://tiles.example; script-src *//{z}/{x}/{y}", {}, "no address"),
        ("https://tiles.example /{z}/{x}/{y}", {}, "no address"),
        ("https://a@b/{z}/{x}/{y}", {}, "no address"),
        ("//elsewhere/{z}/{x}/{y}", {}, "no address"),
        (SOURCE, {"credit": " "}, "CREDIT is empty"),
        (SOURCE, {"datum": "bd09"}, "DATUM is 'bd09'"),
        (SOURCE, {"review_number": ""}, "审图号"),
    ],
)
def test_a_source_that_is_not_whole_is_named_and_not_used(url: str, more: dict[str, str], says: str) -> None:
    found = tiles.problems_of(url, **{**WHOLE, **more})

    assert len(found) == 1
    assert says in found[0].what
    assert found[0].mend


def test_a_whole_source_and_none_at_all_are_both_fine() -> None:
    assert tiles.problems_of(SOURCE, **WHOLE) == []
    assert tiles.problems_of("/tiles/{z}/{x}/{y}.png", **WHOLE) == []
    assert tiles.problems_of("", credit="", datum="", review_number="", needs_review=True) == []


def test_the_system_check_names_what_is_missing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(checks, "VENDOR", tmp_path)
    monkeypatch.setattr(settings, "JIEBANG_TILES", SOURCE)

    (missing,) = checks.map_files()
    errors = checks.map_tiles()

    assert missing.hint == "make assets" and "maplibre-gl-csp.js" in missing.msg
    assert {error.id for error in errors} == {"web.E001"}
    assert len(errors) == 2


# ── Boundaries ──────────────────────────────────────────────────────────────────────────────────────────────


def test_no_line_is_drawn_where_the_pack_has_no_approval(town: Town) -> None:
    assert "<polygon" not in opens().page
    assert '"rings": []' in opens().page

from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path

import pytest
from django.db import connection

from jiebang.boards import queries
from jiebang.boards import services as boards
from jiebang.boards.audit import audit
from jiebang.boards.bigrams import bigrams
from jiebang.boards.queries import Filters
from jiebang.boards.titling import title_of
from jiebang.ledger import disclosure, receipt
from jiebang.ledger import queries as ledger
from jiebang.ledger import services as ledger_services
from jiebang.ledger.queries import NotPublishedError
from tests.boards.city import (
    CITY,
    COMMUNITY,
    COUNTY,
    DAY,
    HOUR,
    MONDAY_NINE,
    NEIGHBOUR,
    OTHER_COMMUNITY,
    OTHER_COUNTY,
    PUBLIC,
    TOWNSHIP,
    WHAT,
    Town,
    a_photo,
    an_opening,
)

pytestmark = pytest.mark.django_db

ALL = Filters()


def numbers(filters: Filters = ALL, **more: object) -> list[str]:
    return [row.number for row in queries.board("residents", filters, **more).rows]  # type: ignore[arg-type]  # as named


def many(n: int, *, area: str = COMMUNITY) -> None:
    openings = [an_opening(area=area, answers={**WHAT, "where": area}) for _ in range(n)]
    assert all(isinstance(one, boards.Opened) for one in boards.open_many(openings, at=MONDAY_NINE))


# ── Boards ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_board_shows_the_newest_first(town: Town) -> None:
    first, second = town.raises().number, town.raises(at=MONDAY_NINE + HOUR).number

    assert numbers() == [second, first]


def test_pages_follow_each_other_without_gap_or_repeat_while_new_entries_come(town: Town) -> None:
    many(23)
    seen: list[str] = []
    after = ""
    for _ in range(3):
        page = queries.board("residents", after=after, size=10)
        seen += [row.number for row in page.rows]
        after = page.next
        town.raises(at=MONDAY_NINE + DAY)

    assert after == ""
    assert seen == [f"LS-26-{n:06d}" for n in range(23, 0, -1)]


def test_an_entry_nobody_screened_is_listed_without_its_text(town: Town) -> None:
    opened = town.raises()

    [row] = queries.board("residents").rows

    assert (row.number, row.title, row.is_open) == (opened.number, "", True)


@pytest.mark.parametrize(
    ("area", "found"),
    [
        (CITY, 3),
        (COUNTY, 2),
        (TOWNSHIP, 2),
        (COMMUNITY, 1),
        (NEIGHBOUR, 1),
        (OTHER_COUNTY, 1),
        ("nowhere", 0),
        ("\x00", 0),
    ],
)
def test_a_board_is_narrowed_by_any_area(town: Town, area: str, found: int) -> None:
    for one in (COMMUNITY, NEIGHBOUR, OTHER_COMMUNITY):
        many(1, area=one)

    assert queries.board("residents", Filters(area=area)).count == found


def test_a_board_is_narrowed_by_state_category_lateness_and_meaning(town: Town) -> None:
    posted, silent, withdrawn = town.posted().number, town.raises().number, town.raises()
    town.does(town.comes_back(withdrawn), "withdraw", withdrawn.number)
    boards.tick(at=MONDAY_NINE + 2 * DAY)

    assert numbers(Filters(state="posted")) == [posted]
    assert numbers(Filters(category="street-light")) == [posted]
    assert numbers(Filters(overdue=True)) == [silent]
    assert numbers(Filters(meaning="withdrawn")) == [withdrawn.number]
    assert numbers(Filters(is_open=True)) == [silent, posted]
    boards.tick(at=MONDAY_NINE + 30 * DAY)
    assert silent in numbers(Filters(failed=True))


@pytest.mark.parametrize(
    ("text", "is_found"),
    [
        ("路灯", True),
        ("路灯不亮", True),
        ("板厂街 路灯", True),
        ("１２号", True),
        ("水管", False),
        ("灯路", False),
        ("路", True),  # 路灯照明, the category, begins with it
        ("泊", True),  # 泊水街道
        ("灯", False),
        ("老人", False),  # said to the community, never shown
        ("LS-26-000001", True),
        ("ls-26-000001", True),
        ("LS-26-000002", False),
        ("%", False),
        ("'; --", False),
        ("\x00", False),
        ("路灯" * 500, False),
    ],
)
def test_search_finds_words_of_two_characters_in_what_is_public(town: Town, text: str, is_found: bool) -> None:
    town.posted()

    assert bool(numbers(Filters(text=text))) == is_found


# The numbers at which a word counts as common, and as too many to know all of: each way must find the same.
@pytest.mark.parametrize(("common", "cap"), [(30, 1000), (0, 1000), (1000, 1), (1000, 2), (1000, 3)])
def test_a_word_is_found_whichever_way_it_is_looked_up(
    town: Town, monkeypatch: pytest.MonkeyPatch, common: int, cap: int
) -> None:
    monkeypatch.setattr("jiebang.boards.queries.searching._COMMON", common)
    monkeypatch.setattr("jiebang.boards.queries.searching.COUNT_CAP", cap)
    lamps = [town.posted(at=MONDAY_NINE + n * HOUR).number for n in range(3)]
    town.raises(at=MONDAY_NINE + 4 * HOUR)
    other = town.raises(at=MONDAY_NINE + 5 * HOUR).number
    town.does("community", "post", other, answers=PUBLIC | {"public-title": "水管破裂", "public-text": "街口漏水。"})

    assert numbers(Filters(text="路灯")) == lamps[::-1]
    assert numbers(Filters(text="水管")) == [other]
    assert numbers(Filters(text="鲸鱼")) == []
    assert numbers(Filters(text="路灯", area=OTHER_COUNTY)) == []
    assert numbers(Filters(text="路灯", area=COUNTY, posted=True)) == lamps[::-1]
    first = queries.board("residents", Filters(text="路灯"), size=2)
    second = queries.board("residents", Filters(text="路灯"), size=2, after=first.next)
    assert [row.number for row in (*first.rows, *second.rows)] == lamps[::-1]


def test_hits_of_one_look_serve_several_boards(town: Town) -> None:
    number = town.posted().number
    hits = queries.hits("路灯")

    residents, hazard = (queries.board(name, Filters(text="路灯"), hits=hits) for name in ("residents", "hazard"))

    assert ([row.number for row in residents.rows], residents.count) == ([number], 1)
    assert (hazard.rows, hazard.count) == ((), 0)
    assert queries.hits("灯") is None


def test_a_common_word_is_counted_up_to_the_cap_and_said_to_be_more(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("searching", "lists"):
        monkeypatch.setattr(f"jiebang.boards.queries.{module}.COUNT_CAP", 2)
    for n in range(4):
        town.posted(at=MONDAY_NINE + n * HOUR)

    for filters in (Filters(text="路灯"), Filters(text="路灯", area=COUNTY)):
        page = queries.board("residents", filters, size=1)
        assert (page.count, page.is_capped, bool(page.next)) == (2, True, True)
    page = queries.board("residents", Filters(text="路灯", state="claimed"), size=1)
    assert (page.count, page.is_capped, page.rows) == (0, False, ())


def test_bigrams_do_not_reach_across_words_and_fold_widths() -> None:
    assert bigrams("ＡＢc 路灯，坏") == ["ab", "bc", "路灯"]


@pytest.mark.parametrize("after", ["", "x", "1-", "-1", "9" * 40 + "-1", "1-" + "9" * 40, "1-1; --"])
def test_a_strange_cursor_shows_a_page(town: Town, after: str) -> None:
    town.raises()

    assert len(queries.board("residents", after=after).rows) <= 1


def test_counts_say_how_the_board_stands(town: Town) -> None:
    town.posted()
    town.raises()
    boards.tick(at=MONDAY_NINE + 2 * DAY)

    assert queries.counts("residents") == {"open": 2, "overdue": 1, "failed": 0, "solved": 0}
    assert queries.counts("residents", area=OTHER_COUNTY) == {"open": 0, "overdue": 0, "failed": 0, "solved": 0}


def test_a_late_row_says_since_which_missed_limit(town: Town) -> None:
    opened = town.posted()
    first_due = queries.board("residents").rows[0].due_at
    assert queries.board("residents").rows[0].late_since is None

    for days in (4, 9):
        boards.tick(at=MONDAY_NINE + days * DAY)

    late = queries.board("residents", Filters(overdue=True)).rows[0]
    assert (late.number, late.state, late.late_since) == (opened.number, "escalated", first_due)


def test_the_silence_of_a_raiser_is_not_where_lateness_begins(town: Town) -> None:
    town.finished()
    boards.tick(at=MONDAY_NINE + 8 * DAY)
    call_back_due = queries.board("residents").rows[0].due_at

    boards.tick(at=MONDAY_NINE + 16 * DAY)

    late = queries.board("residents", Filters(overdue=True)).rows[0]
    assert (late.state, late.late_since) == ("call-back-late", call_back_due)


def test_a_board_is_narrowed_to_what_is_posted_and_to_some_states(town: Town) -> None:
    posted, raised = town.posted(), town.raises()

    assert numbers(Filters(posted=True)) == [posted.number]
    assert numbers(Filters(states=("raised", "asked"))) == [raised.number]


# ── Entries ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_posted_entry_names_the_officials_who_may_act_besides_its_holder(town: Town) -> None:
    opened = town.posted()

    shown = queries.entry(opened.number)

    assert shown is not None
    assert shown.row.holder_title["zh"] == "榜单办"
    assert [(who["zh"], [move["zh"] for move in moves]) for who, moves in shown.others_moves] == [
        ("承办单位", ["揭榜"])
    ]


def test_an_entry_says_who_holds_it_until_when_and_what_comes_next(town: Town) -> None:
    opened = town.claimed()

    shown = queries.entry(opened.number)

    assert shown is not None
    assert shown.row.holder_title["zh"] == "承办单位"
    assert shown.row.holder_unit["zh"] == "市中区路灯管护单位"
    assert shown.row.due_at is not None
    assert [title["zh"] for title in shown.next_moves] == ["办结"] or shown.next_moves
    assert shown.next_if_late["zh"]
    assert [one["zh"] for one in shown.row.area_names] == ["市中区", "泊水街道", "板厂街社区"]


def test_staff_see_what_is_kept_and_others_do_not(town: Town) -> None:
    opened = town.posted()

    community, unit, stranger = (
        queries.entry_for(opened.number, who) for who in (town.community, town.lighting, town.resident)
    )

    assert community is not None
    assert [answer.value for answer in community.kept[1]] == [WHAT["what"]]
    assert unit is not None  # it may claim, and needs no more than the public text for that
    assert (unit.sees_kept, dict(unit.kept)) == (False, {})
    assert stranger is None


def test_moves_come_with_yes_or_no_and_the_reason(town: Town) -> None:
    opened = town.posted()

    view = queries.entry_for(opened.number, town.lighting)

    assert view is not None
    moves = {one.move.name: one for one in view.moves}
    assert moves["claim"].may
    refused = moves["assign"].refused
    assert refused is not None
    assert refused.code == "not-yours"


def test_work_is_listed_by_what_is_due_first(town: Town) -> None:
    later, sooner = town.posted(at=MONDAY_NINE + DAY).number, town.posted().number
    town.claimed()

    assert [row.number for row in queries.worklist(town.office)] == [sooner, later]
    assert [row.number for row in queries.worklist(town.lighting)] == ["LS-26-000003"]
    assert queries.worklist(town.resident) == []


def test_units_see_what_they_may_take_up(town: Town) -> None:
    here = town.posted().number
    town.raises(area=OTHER_COMMUNITY)

    assert [row.number for row in queries.open_to_units(town.lighting)] == [here]
    assert queries.open_to_units(town.community) == []


# ── Receipts ────────────────────────────────────────────────────────────────────────────────────────────────


def found_log(folder: Path) -> None:
    ledger_services.init_log(
        home_log_dir=folder,
        seed=bytes(32),
        origin="jiebang.invalid/test",
        city_leaf={"city": "leshan", "name": {"en": "Leshan"}, "zone": "Asia/Shanghai", "demonstration": True},
        at=MONDAY_NINE - DAY,
    )


def test_a_receipt_proves_the_event_and_opens_what_everybody_may_see(town: Town, tmp_path: Path) -> None:
    found_log(tmp_path)
    opened = town.posted()
    ledger_services.sequence_once(log_dir=tmp_path, seed=bytes(32), at=MONDAY_NINE)

    text = queries.receipt(opened.number, 2, log_dir=tmp_path)

    assert text is not None
    extra = json.loads(receipt.parse_proof(text).extra)
    leaf = json.loads(extra["leaf"])
    opened_values = disclosure.unseal(leaf["sd"], extra["disclosures"])
    assert opened_values.keys() == {"when", "told"}
    assert opened_values["told"] == {name: PUBLIC[name] for name in ("public-text", "public-title")} | (
        {} if "answers" in leaf else {"category": PUBLIC["category"]}
    )
    assert leaf["at"] == "2026-03-02"


def test_only_the_raiser_gets_what_was_kept(town: Town, tmp_path: Path) -> None:
    found_log(tmp_path)
    opened = town.raises(files=[a_photo()])
    person = town.comes_back(opened).person
    ledger_services.sequence_once(log_dir=tmp_path, seed=bytes(32), at=MONDAY_NINE)

    def names(who: str) -> set[str]:
        text = queries.receipt(opened.number, 1, log_dir=tmp_path, for_person=who)
        assert text is not None
        return {disclosure.parse(one)[1] for one in json.loads(receipt.parse_proof(text).extra)["disclosures"]}

    assert names("") == {"when", "told"}
    assert names("k1") == {"when", "told"}
    assert names(person) == {"when", "told", "kept", "files"}


def test_a_receipt_says_when_it_is_too_early(town: Town, tmp_path: Path) -> None:
    found_log(tmp_path)
    opened = town.raises()

    with pytest.raises(NotPublishedError):
        queries.receipt(opened.number, 1, log_dir=tmp_path)
    assert queries.receipt(opened.number, 9, log_dir=tmp_path) is None
    assert queries.receipt("LS-26-999999", 1, log_dir=tmp_path) is None


def test_no_leaf_holds_a_word_or_an_exact_moment_of_a_coarse_board(town: Town) -> None:
    opened = town.finished()
    town.does(town.comes_back(opened), "verdict", opened.number, answers={"solved": "yes", "remark": "谢谢王师傅"})
    shown = queries.entry(opened.number)
    assert shown is not None

    leaves = [ledger.leaf_bytes(event.leaf_id).decode() for event in shown.events]

    everything = "\n".join(leaves)
    for secret in ("路灯", "王师傅", "13800000000", "老人", COMMUNITY, "T01:00", str(int(MONDAY_NINE.timestamp()))):
        assert secret not in everything
    assert TOWNSHIP in leaves[0]


def test_followers_get_the_events_behind_leaves(town: Town) -> None:
    opened = town.posted()
    shown = queries.entry(opened.number)
    assert shown is not None

    facts = queries.events([event.leaf_id for event in reversed(shown.events)])

    assert [(fact.number, fact.kind, fact.move, fact.areas[0]) for fact in facts] == [
        (opened.number, "move", "post", COUNTY),
        (opened.number, "open", "raise", COUNTY),
    ]


# ── Titles ──────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("路灯坏了\n三天了", "路灯坏了"),
        ("灯" * 40, "灯" * 40),
        ("灯" * 41, "灯" * 39 + "…"),
        ("a" * 80, "a" * 80),
        ("Overgrown hedge " * 6, "Overgrown hedge " * 4 + "Overgrown…"),
        ("x" * 100, "x" * 79 + "…"),
    ],
)
def test_a_title_made_of_a_text_is_its_first_line_and_cuts_no_word(text: str, title: str) -> None:
    assert title_of(text) == title


def test_a_title_somebody_wrote_stands_whole_also_where_it_was_cut_once(town: Town) -> None:
    long = "Hanging branch over the swings in the lower park"
    number = town.raises().number
    town.does("community", "post", number, answers={**PUBLIC, "public-title": long})
    assert queries.board("residents").rows[0].title == long
    with connection.cursor() as cursor:
        cursor.execute("UPDATE boards_text SET title = %s", [long[:39] + "…"])

    whole_titles = import_module("jiebang.boards.migrations.0008_whole_titles")
    with connection.schema_editor() as editor:
        whole_titles.make_whole(None, editor)

    assert queries.board("residents").rows[0].title == long
    assert not audit().findings

"""Publishing a pack: everything or nothing, once, in the right order, and never a mechanism with an error."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from jiebang.engine.model import Amount
from jiebang.ledger import leaf
from jiebang.people import queries as people
from jiebang.rulebook import packs, queries, services
from tests.rulebook.small import keep_one_board

pytestmark = pytest.mark.django_db

MONDAY_NINE = datetime(2026, 6, 1, 1, 0, tzinfo=UTC)
TUESDAY_NINE = datetime(2026, 6, 2, 1, 0, tzinfo=UTC)
A_ROW = {"value": 3, "unit": "wd", "kind": "at-most", "since": "2026-01-01", "place": {"en": "here"},
         "source": {"en": "a rule"}, "grade": "A"}  # fmt: skip


@pytest.fixture(autouse=True)
def _own_caches() -> Iterator[None]:
    for room in (people, queries):
        room.forget_caches()
    yield
    for room in (people, queries):
        room.forget_caches()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the packs that a test may spoil, with a small Leshan."""
    copy = tmp_path / "packs"
    shutil.copytree(packs.root(), copy)
    monkeypatch.setenv("JIEBANG_PACKS", str(copy))
    areas = copy / "leshan" / "areas.csv"
    wanted = ("code,", "511100000000,", "511112000000,", "511112100000,", "511112100005,")
    areas.write_text(
        "".join(line for line in areas.read_text("utf-8").splitlines(keepends=True) if line.startswith(wanted)), "utf-8"
    )
    keep_one_board(copy / "leshan" / "city.yaml")
    return copy


def _replace(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def _residents(folder: Path) -> Path:
    return folder / "leshan" / "mechanisms" / "residents" / "2026-01-01.yaml"


def _leaves() -> list[dict[str, object]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT body FROM ledger_leaf ORDER BY id")
        return [leaf.parse(bytes(row[0])) for row in cursor.fetchall()]


# ── What is published ───────────────────────────────────────────────────────────────────────────────────────


def test_a_pack_is_published_with_its_places_units_and_rules(folder):
    published = services.publish_pack("leshan", at=MONDAY_NINE)

    assert published.areas == 4
    assert published.versions == ("residents 2026-01-01",)
    assert people.place("511112100005")["county"] == "511112000000"
    assert people.unit("511112-board-office") is not None
    version = queries.in_force("residents", on=date(2026, 6, 1))
    assert version.program.id == "residents"
    assert version.bounds.silent.calendar_days is not None
    assert queries.program(version.program_hash) == version.program
    assert queries.program(version.program_hash[:16]) == version.program
    assert queries.calendar() == packs.calendar(packs.city("leshan"))
    assert queries.city().names == {"zh": "乐山市", "en": "Leshan"}
    assert queries.city().demonstration


def test_calendars_and_policies_come_before_the_text_and_the_text_before_the_program(folder):
    services.publish_pack("leshan", at=MONDAY_NINE)

    told = [(str(found["kind"]), found.get("form")) for found in _leaves()]

    order = list(dict.fromkeys(told))
    assert order == [("calendar", None), ("policy", None), ("publish", "text"), ("publish", "program"),
                     ("publish", "certificate")]  # fmt: skip


def test_the_log_carries_each_policy_with_its_source(folder):
    services.publish_pack("leshan", at=MONDAY_NINE)

    tables = {str(found["id"]): found["data"] for found in _leaves() if found["kind"] == "policy"}

    assert set(tables) == {
        path.stem for pack in ("china", "leshan") for path in (packs.root() / pack / "policies").glob("*.yaml")
    }
    complaint = queries.policy("sc12345.complaint")
    assert complaint is not None
    assert complaint.source["zh"] == tables["hotline"]["rows"]["sc12345.complaint"]["source"]["zh"]


def test_a_city_replaces_a_row_of_its_country_and_keeps_the_rest(folder):
    own = folder / "leshan" / "policies" / "board.yaml"
    own.parent.mkdir(exist_ok=True)
    row = "{value: 2, unit: wd, kind: at-most, since: '2026-01-01', place: {en: here}, source: {en: ours}, grade: I}"
    own.write_text(f"rows:\n  board.triage: {row}\n", "utf-8")

    services.publish_pack("leshan", at=MONDAY_NINE)

    triage, claim = queries.policy("board.triage"), queries.policy("board.claim")
    assert triage is not None and triage.amount == Amount(2, "wd")
    assert claim is not None and claim.amount == Amount(3, "wd")


def test_a_source_is_said_by_the_policies_it_names(folder):
    services.publish_pack("leshan", at=MONDAY_NINE)

    named = queries.policies_named("board.triage / sc12345.complaint")

    assert [policy.key for policy in named] == ["board.triage", "sc12345.complaint"]
    assert queries.policies_named("城市道路管理条例第二十条") == ()


def test_the_log_carries_the_whole_text_and_says_that_nobody_else_checked_it(folder):
    services.publish_pack("leshan", at=MONDAY_NINE)

    pieces = [found for found in _leaves() if found.get("form") == "text"]

    assert "".join(str(piece["chunk"]) for piece in pieces) == _residents(folder).read_text("utf-8")
    assert all(piece["by"] == {"party": "founding"} for piece in pieces)
    assert queries.in_force("residents", on=date(2026, 6, 1)).published_by == "founding"


def test_publishing_again_changes_nothing(folder):
    services.publish_pack("leshan", at=MONDAY_NINE)

    again = services.publish_pack("leshan", at=TUESDAY_NINE)

    assert again == services.Published(0, 0, (), (), ())


def test_an_edited_draft_is_published_as_a_further_text_of_the_same_day(folder):
    services.publish_pack("leshan", at=MONDAY_NINE)
    first = queries.in_force("residents", on=date(2026, 6, 1))
    _replace(_residents(folder), "title: {zh: 民声榜, en:", "title: {zh: 民声新榜, en:")

    services.publish_pack("leshan", at=TUESDAY_NINE)

    second = queries.in_force("residents", on=date(2026, 6, 2))
    assert second.program.title["zh"] == "民声新榜"
    assert queries.program(first.program_hash) == first.program
    assert [version.id for version in queries.versions("residents")] == [first.id, second.id]
    assert [version.id for version in queries.mechanisms()] == [second.id]


def test_a_later_version_holds_from_its_day_on(folder):
    later = _residents(folder).with_name("2026-07-01.yaml")
    shutil.copy(_residents(folder), later)
    _replace(later, "since: '2026-01-01'", "since: '2026-07-01'")
    services.publish_pack("leshan", at=MONDAY_NINE)

    on_the_eve = queries.in_force("residents", on=date(2026, 6, 30))
    on_the_day = queries.in_force("residents", on=date(2026, 7, 1))

    assert (on_the_eve.since, on_the_day.since) == (date(2026, 1, 1), date(2026, 7, 1))
    with pytest.raises(queries.NotPublished, match="2025-12-31"):
        queries.in_force("residents", on=date(2025, 12, 31))


def test_a_version_piloted_in_one_area_does_not_hold_in_the_rest(folder):
    _replace(
        folder / "leshan" / "city.yaml", "raise: residents", "raise: residents\nscopes: {zhugen: ['511112100000']}"
    )
    pilot = _residents(folder).with_name("2026-01-01~zhugen.yaml")
    shutil.copy(_residents(folder), pilot)
    _replace(pilot, "title: {zh: 民声榜, en:", "title: {zh: 试点榜, en:")
    services.publish_pack("leshan", at=MONDAY_NINE)

    everywhere = queries.in_force("residents", on=date(2026, 6, 1))
    piloted = queries.in_force("residents", on=date(2026, 6, 1), area="511112100005")
    above = queries.in_force("residents", on=date(2026, 6, 1), area="511112000000")

    assert (everywhere.program.title["zh"], piloted.program.title["zh"]) == ("民声榜", "试点榜")
    assert above == everywhere
    assert [version.scope for version in queries.mechanisms()] == [""]


def test_answers_are_kept_and_cost_no_statement(folder):
    services.publish_pack("leshan", at=MONDAY_NINE)
    queries.city()

    with CaptureQueriesContext(connection) as captured:
        queries.in_force("residents", on=date(2026, 6, 1))
        queries.calendar()
        queries.city()
        queries.mechanisms()

    assert len(captured) == 0


def test_what_another_process_published_is_seen(folder, monkeypatch):
    services.publish_pack("leshan", at=MONDAY_NINE)
    queries.city()
    monkeypatch.setattr(queries, "LOOK_AGAIN_S", 0.0)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO rulebook_document (kind, name, data, sha256, published_at)"
            " VALUES ('policy', 'board.claim', %s::jsonb, 'x', %s)",
            [json.dumps({"rows": {"board.more": {**A_ROW, "value": 4}}}), MONDAY_NINE],
        )

    more = queries.policy("board.more")
    assert more is not None and more.amount == Amount(4, "wd")


def test_before_anything_is_published_the_answer_says_what_to_do():
    with pytest.raises(queries.NotPublished, match="Publish the city's pack first"):
        queries.city()
    with pytest.raises(queries.NotPublished, match="Publish the city's pack first"):
        queries.calendar()


# ── What is refused ─────────────────────────────────────────────────────────────────────────────────────────


def test_a_mechanism_longer_than_the_law_it_names_is_not_published(folder):
    _replace(
        _residents(folder), "at most: 15 wd, source: sc12345.complaint", "at most: 16 wd, source: sc12345.complaint"
    )

    with pytest.raises(services.PublicationRefused, match="allows at most 15 working days"):
        services.publish_pack("leshan", at=MONDAY_NINE)


def test_a_mechanism_with_an_error_is_refused_with_its_line_and_nothing_stays(folder):
    _replace(_residents(folder), "    else: unposted\n", "    else: nowhere-at-all\n")

    with pytest.raises(services.PublicationRefused) as refused:
        services.publish_pack("leshan", at=MONDAY_NINE)

    assert any(finding.line > 0 for finding in refused.value.findings)
    assert "2026-01-01.yaml" in str(refused.value)
    assert _leaves() == []
    with connection.cursor() as cursor:
        cursor.execute("SELECT (SELECT count(*) FROM rulebook_document), (SELECT count(*) FROM people_area)")
        assert cursor.fetchone() == (0, 0)


def test_a_story_that_ends_otherwise_is_refused(folder):
    cases = _residents(folder).with_name("cases.yaml")
    _replace(cases, "state: struck", "state: failed")

    with pytest.raises(services.PublicationRefused, match=r"cases\.yaml"):
        services.publish_pack("leshan", at=MONDAY_NINE)


def test_a_version_with_stories_of_its_own_leaves_the_older_ones_theirs(folder):
    shared = _residents(folder).with_name("cases.yaml")
    newer = _residents(folder).with_name("2026-12-01.yaml")
    newer.write_bytes(_residents(folder).read_bytes())
    own = newer.with_name("2026-12-01.cases.yaml")
    own.write_bytes(shared.read_bytes())
    _replace(own, "state: struck", "state: failed")

    found = [file for file in packs.mechanism_files(packs.city("leshan")) if file.mechanism == "residents"]

    assert [(file.since, file.stories) for file in found] == [("2026-01-01", shared), ("2026-12-01", own)]
    with pytest.raises(services.PublicationRefused, match=r"2026-12-01\.cases\.yaml"):
        services.publish_pack("leshan", at=MONDAY_NINE)


def test_stories_of_a_version_that_is_not_there_are_refused(folder):
    _residents(folder).with_name("2026-12-01.cases.yaml").write_text("stories: {}\n", "utf-8")

    with pytest.raises(packs.PackError, match=r"the stories of 2026-12-01\.yaml, which is not there"):
        packs.mechanism_files(packs.city("leshan"))


# ── Packs ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_unknown_city_is_told_which_there_are(folder):
    with pytest.raises(packs.PackError, match="leshan, millbrook"):
        packs.city("atlantis")


def test_a_citys_own_file_replaces_its_countrys(folder):
    own = folder / "leshan" / "categories" / "residents.yaml"
    own.parent.mkdir(exist_ok=True)
    own.write_text("title: {zh: 类别, en: Category}\nchoices: {}\n", "utf-8")

    assert packs.categories(packs.city("leshan"))["residents"]["choices"] == {}


@pytest.mark.parametrize(
    ("file", "old", "new", "says"),
    [
        ("city.yaml", "prefix: LS\n", "", "“prefix:” is missing"),
        ("city.yaml", "id: leshan", "id: [leshan", "not valid YAML"),
        ("city.yaml", "prefix: LS", "prefix: LS\nlicence: {name: CC0, url: ftp://x}", "“licence:” needs a “name:”"),
        ("units.yaml", "community:\n", "hamlet:\n", "no level of the city"),
        ("areas.csv", ",community,", ",hamlet,", "city.yaml does not list"),
    ],
)
def test_a_pack_that_contradicts_itself_names_the_file(folder, file, old, new, says):
    _replace(folder / "leshan" / file, old, new)

    with pytest.raises(packs.PackError, match=says):
        services.publish_pack("leshan", at=MONDAY_NINE)


def test_a_version_not_named_by_its_day_is_refused(folder):
    shutil.copy(_residents(folder), _residents(folder).with_name("newest.yaml"))

    with pytest.raises(packs.PackError, match="name the file by the day"):
        packs.mechanism_files(packs.city("leshan"))


def test_the_generic_pack_has_no_chinese_character():
    for path in (packs.root() / "generic").rglob("*"):
        if path.is_file():
            assert not any("\u2e80" <= letter <= "\u9fff" for letter in path.read_text("utf-8")), path


def test_leshan_has_all_its_places():
    rows = packs.areas(packs.city("leshan"))

    by_level = {level: sum(row["level"] == level for row in rows) for level in packs.city("leshan").levels}
    zone = [row for row in rows if row["code"].startswith("leshan-")]
    assert by_level == {"city": 1, "county": 12, "township": 133, "community": 1372}
    assert zone[0]["en"] == "Leshan High-tech Zone"
    assert all(row["zh"] and row["en"].isprintable() for row in rows)
    assert all(len(row["code"]) == 12 and row["code"].isdecimal() for row in rows if row not in zone)


@pytest.mark.parametrize(
    ("year", "written", "said"),
    [
        ("2030", "calendar: china\nyear: 2030\nstatus: estimated\n", "lacks 2029 between its years. Add that table."),
        ("2029", "calendar: china\nyear: 2029\n", "2029.yaml: the line “status:” is missing. Add it."),
        ("2029", "calendar: china\nyear: 2028\nstatus: estimated\n", "2029.yaml: it says year: 2028."),
        ("2029", "calendar: china\nyear: 2029\nstatus: estimated\noff: ['2029-01-01']\n", "“2029-01-01” is no period."),
        (
            "2029",
            "calendar: china\nyear: 2029\nstatus: planned\n",
            '2029 is "planned". Say "published" or "estimated".',
        ),
        ("2029", "calendar: china\nyear: 2029\nstatus: estimated\nwork: ['2029-01-32']\n", '"2029-01-32" is no day.'),
    ],
)
def test_a_calendar_that_cannot_be_used_says_why(year: str, written: str, said: str, folder: Path) -> None:
    (folder / "china" / "calendars" / f"{year}.yaml").write_text(written, encoding="utf-8")

    with pytest.raises(packs.PackError, match=re.escape(said)):
        packs.calendar(packs.city("leshan"))


def test_a_law_that_gets_stricter_names_the_versions_in_force_it_no_longer_allows(folder):
    first = services.publish_pack("leshan", at=MONDAY_NINE)
    rows = folder / "china" / "policies" / "hotline.yaml"
    text = rows.read_text("utf-8")
    at = text.index("transfer.objection:")
    rows.write_text(text[:at] + text[at:].replace("value: 5", "value: 4", 1), "utf-8")

    again = services.publish_pack("leshan", at=TUESDAY_NINE)

    assert first.outlawed == ()
    assert again.outlawed and all(said.startswith("residents 2026-01-01: L1 5 working days") for said in again.outlawed)


def test_a_row_beyond_the_promise_of_a_version_in_force_is_not_published(folder):
    keep_one_board(folder / "leshan" / "city.yaml", "hotline")
    services.publish_pack("leshan", at=MONDAY_NINE)
    rows = folder / "china" / "policies" / "hotline.yaml"
    text = rows.read_text("utf-8")
    rows.write_text(
        text.replace("{value: 3, unit: wd, kind: at-most", "{value: 4, unit: wd, kind: at-most", 1), "utf-8"
    )

    with pytest.raises(services.PublicationRefused) as refused:
        services.publish_pack("leshan", at=TUESDAY_NINE)

    assert "promises 3 working days at most" in str(refused.value)
    known = queries.policy("sc12345.consult")
    assert known is not None and known.amount == Amount(3, "wd")


def test_a_row_that_changed_counts_from_its_publication_and_the_older_form_stays_known(folder):
    services.publish_pack("leshan", at=MONDAY_NINE)
    rows = folder / "china" / "policies" / "hotline.yaml"
    text = rows.read_text("utf-8")
    rows.write_text(
        text.replace("{value: 3, unit: wd, kind: at-most", "{value: 2, unit: wd, kind: at-most", 1), "utf-8"
    )
    services.publish_pack("leshan", at=TUESDAY_NINE)

    place = {"city": "511100000000"}
    taken = [
        form.almanac.row("sc12345.consult", on=TUESDAY_NINE.date(), place=place) for _, form in queries.calendars()
    ]
    assert [row.amount.n for row in taken if row is not None] == [3, 2]
    now = queries.calendar().almanac
    assert now.row("sc12345.consult", on=TUESDAY_NINE.date(), place=place) == taken[1]
    assert now.season("flood-season", on=date(2026, 7, 1), place=place) is not None

"""From a draft to a published version: two people, one frozen text, one transaction with its leaves."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from django.db import IntegrityError, connection, transaction

from jiebang.desk.mechanisms import compiles_to
from jiebang.engine.model import Actor, Refused
from jiebang.ledger import leaf
from jiebang.people import queries as people
from jiebang.people import services as people_services
from jiebang.people.services import Post
from jiebang.rulebook import drafting, packs, proposals, queries, services, transfers
from jiebang.rulebook.drafting import Written
from jiebang.rulebook.proposals import DraftView
from jiebang.verifier import prove
from tests.rulebook.small import keep_one_board

pytestmark = pytest.mark.django_db

MONDAY_NINE = datetime(2026, 6, 1, 1, 0, tzinfo=UTC)
JULY = date(2026, 7, 1)
CITY, COUNTY, TOWN, COMMUNITY = "511100000000", "511112000000", "511112100000", "511112100005"


@dataclass
class House:
    ann: Actor
    bob: Actor
    county: Actor
    clerk: Actor
    text: str  # of the version in force, as it would begin in July


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    """A small Leshan with a rule office of two in the city and one in the county."""
    copy = tmp_path / "packs"
    shutil.copytree(packs.root(), copy)
    monkeypatch.setenv("JIEBANG_PACKS", str(copy))
    areas = copy / "leshan" / "areas.csv"
    wanted = ("code,", *(f"{code}," for code in (CITY, COUNTY, TOWN, COMMUNITY)))
    areas.write_text(
        "".join(line for line in areas.read_text("utf-8").splitlines(keepends=True) if line.startswith(wanted)), "utf-8"
    )
    keep_one_board(copy / "leshan" / "city.yaml")
    for room in (people, queries):
        room.forget_caches()
    services.publish_pack("leshan", at=MONDAY_NINE)
    posts = [
        Post("ann", "Ann", "rulebook", "5111-government-duty", CITY),
        Post("bob", "Bob", "rulebook", "5111-government-duty", CITY),
        Post("county", "Cy", "rulebook", "511112-board-office", COUNTY),
        Post("clerk", "Cleo", "staff", "511112100005-community", COMMUNITY),
    ]
    people_services.enlist(posts, since=date(2026, 1, 1))
    known = {one.username: people.actor(one.user_id) for one in people.accounts()}
    text = queries.in_force("residents", on=MONDAY_NINE.date()).text.replace("since: '2026-01-01'", f"since: '{JULY}'")
    yield House(known["ann"], known["bob"], known["county"], known["clerk"], text)
    for room in (people, queries):
        room.forget_caches()


def done(answer: DraftView | Refused) -> DraftView:
    assert isinstance(answer, DraftView), answer
    return answer


def code(answer: DraftView | Refused) -> str:
    return answer.code if isinstance(answer, Refused) else "done"


def proposed(house: House, written: Written, by: Actor) -> DraftView:
    draft = done(drafting.begin(written, by, at=MONDAY_NINE))
    return done(drafting.propose(draft.id, by, edits=draft.edits, at=MONDAY_NINE))


def leaves(kind: str) -> list[dict[str, object]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT body FROM ledger_leaf WHERE kind = %s ORDER BY id", [kind])
        return [leaf.parse(bytes(row[0])) for row in cursor.fetchall()]


def test_one_proposes_another_publishes_and_the_log_tells_both_without_a_name(house):
    draft = proposed(house, Written(house.text), house.ann)

    published = done(drafting.publish(draft.id, house.bob, at=MONDAY_NINE))

    assert published.state == "published"
    version = queries.in_force("residents", on=JULY)
    assert (version.since, version.published_by, version.proposed_by) == (JULY, "rulebook", "rulebook")
    told = [one for one in leaves("publish") if one["since"] == str(JULY)]
    assert list(dict.fromkeys(one["form"] for one in told)) == ["text", "program", "certificate"]
    assert "".join(str(one["chunk"]) for one in told if one["form"] == "text") == house.text
    assert told[-1]["program"] == version.program_hash
    for one in told:
        by, proposer = one["by"], one["proposed"]
        assert set(by) == set(proposer) == {"party", "unit", "p"}
        assert by["p"] != proposer["p"]
    assert "Ann" not in str(told) and "Bob" not in str(told)
    assert compiles_to(version.text, version.program_hash)


def test_what_the_desk_publishes_has_a_certificate_that_the_independent_program_proves(house):
    draft = proposed(house, Written(house.text), house.ann)

    done(drafting.publish(draft.id, house.bob, at=MONDAY_NINE))

    parts = {
        form: "".join(
            str(one["chunk"]) for one in leaves("publish") if (one["since"], one["form"]) == (str(JULY), form)
        )
        for form in ("program", "certificate")
    }
    shown = prove.prove(json.loads(parts["program"]), json.loads(parts["certificate"]))
    assert shown["days"] == queries.in_force("residents", on=JULY).bounds.worst.calendar_days


def test_a_version_keeps_the_stories_it_was_published_with(house):
    stories = (packs.root() / "leshan/mechanisms/residents/cases.yaml").read_text("utf-8")
    draft = proposed(house, Written(house.text, stories=stories), house.ann)

    done(drafting.publish(draft.id, house.bob, at=MONDAY_NINE))

    assert queries.stories(queries.in_force("residents", on=JULY)) == stories


def test_nobody_publishes_their_own_proposal_and_the_database_would_not_take_it(house):
    draft = proposed(house, Written(house.text), house.ann)

    assert code(drafting.publish(draft.id, house.ann, at=MONDAY_NINE)) == "same-person"
    assert len(queries.versions("residents")) == 1
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE rulebook_version SET proposer = 'k1', publisher = 'k1'")


def test_somebody_without_the_office_neither_begins_nor_publishes(house):
    draft = proposed(house, Written(house.text), house.ann)

    assert code(drafting.begin(Written(house.text), house.clerk, at=MONDAY_NINE)) == "no-rulebook-office"
    assert code(drafting.publish(draft.id, house.clerk, at=MONDAY_NINE)) == "no-rulebook-office"
    assert code(drafting.publish(draft.id, house.county, at=MONDAY_NINE)) == "beyond-office"


def test_a_map_is_published_with_the_version_and_signed_by_the_same_two(house):
    old = queries.in_force("residents", on=MONDAY_NINE.date())
    text = re.sub(r"(?<!un)claimed", "taken-up", house.text)
    without = done(drafting.begin(Written(text, transfers={old.program_hash: {}}), house.ann, at=MONDAY_NINE))

    assert code(drafting.propose(without.id, house.ann, edits=0, at=MONDAY_NINE)) == "cannot-transfer"

    maps = {old.program_hash: {"claimed": "taken-up"}}
    draft = done(drafting.save(without.id, Written(text, transfers=maps), house.ann, edits=0, at=MONDAY_NINE))
    done(drafting.propose(draft.id, house.ann, edits=draft.edits, at=MONDAY_NINE))
    done(drafting.publish(draft.id, house.bob, at=MONDAY_NINE))

    new = queries.in_force("residents", on=JULY)
    [told] = leaves("transfer")
    assert (told["before"], told["after"], told["states"]) == (
        old.program_hash,
        new.program_hash,
        {"claimed": "taken-up"},
    )
    assert told["by"]["p"] != told["proposed"]["p"]
    assert not transfers.open_on(MONDAY_NINE.date()), "not before the version's first day"
    assert [one.after for one in transfers.open_on(JULY)] == [new.program_hash]


def test_a_map_from_a_version_there_never_was_is_refused(house):
    draft = done(drafting.begin(Written(house.text, transfers={"0" * 64: {}}), house.ann, at=MONDAY_NINE))

    assert code(drafting.propose(draft.id, house.ann, edits=0, at=MONDAY_NINE)) == "cannot-transfer"


def test_a_text_that_does_not_pass_is_kept_but_not_proposed(house):
    draft = done(
        drafting.begin(Written(house.text.replace("else: unposted", "else: nowhere")), house.ann, at=MONDAY_NINE)
    )

    refused = drafting.propose(draft.id, house.ann, edits=0, at=MONDAY_NINE)

    assert code(refused) == "not-sound"
    assert proposals.draft(draft.id).state == "editing"


def test_a_proposed_text_is_frozen_until_it_is_sent_back(house):
    draft = proposed(house, Written(house.text), house.ann)

    assert code(drafting.save(draft.id, Written("x"), house.bob, edits=0, at=MONDAY_NINE)) == "not-now"
    back = done(drafting.send_back(draft.id, house.bob, note="The title is wrong."))
    assert (back.state, back.note, back.proposer) == ("editing", "The title is wrong.", "")
    saved = done(drafting.save(draft.id, Written("x"), house.bob, edits=back.edits, at=MONDAY_NINE))
    assert (saved.text, saved.edits) == ("x", 1)


def test_two_writers_never_overwrite_each_other(house):
    draft = done(drafting.begin(Written(house.text), house.ann, at=MONDAY_NINE))
    done(drafting.save(draft.id, Written("one"), house.ann, edits=0, at=MONDAY_NINE))

    assert code(drafting.save(draft.id, Written("two"), house.bob, edits=0, at=MONDAY_NINE)) == "changed-meanwhile"
    assert code(drafting.propose(draft.id, house.bob, edits=0, at=MONDAY_NINE)) == "changed-meanwhile"
    assert proposals.draft(draft.id).text == "one"


@pytest.mark.parametrize(
    ("since", "refused"), [("2026-05-31", "in-the-past"), ("2026-01-01", "in-the-past"), ("2026-06-01", "done")]
)
def test_a_version_begins_today_at_the_earliest(house, since, refused):
    text = house.text.replace(str(JULY), since)
    draft = done(drafting.begin(Written(text), house.ann, at=MONDAY_NINE))

    assert code(drafting.propose(draft.id, house.ann, edits=0, at=MONDAY_NINE)) == refused


def test_a_published_text_of_a_day_is_not_replaced(house):
    first = proposed(house, Written(house.text), house.ann)
    second = proposed(house, Written(house.text.replace("民声榜", "新榜")), house.ann)
    done(drafting.publish(first.id, house.bob, at=MONDAY_NINE))

    assert code(drafting.publish(second.id, house.bob, at=MONDAY_NINE)) == "already-published"


def test_a_pilot_runs_beside_the_citys_version_and_ends_on_its_day(house):
    draft = proposed(house, Written(house.text, scope="zhugen", areas=(TOWN,)), house.county)
    done(drafting.publish(draft.id, house.bob, at=MONDAY_NINE))

    piloted = queries.in_force("residents", on=JULY, area=COMMUNITY)
    assert (piloted.scope, piloted.areas) == ("zhugen", (TOWN,))
    assert queries.in_force("residents", on=JULY, area=COUNTY).scope == ""
    assert {one["scope"] for one in leaves("publish") if "scope" in one} == {"zhugen"}

    end = done(drafting.ask_to_end("residents", "zhugen", house.ann, until=JULY + timedelta(30), at=MONDAY_NINE))
    assert code(drafting.publish(end.id, house.ann, at=MONDAY_NINE)) == "same-person"
    done(drafting.publish(end.id, house.bob, at=MONDAY_NINE))

    assert queries.in_force("residents", on=JULY + timedelta(29), area=COMMUNITY).scope == "zhugen"
    assert queries.in_force("residents", on=JULY + timedelta(30), area=COMMUNITY).scope == ""
    (told,) = leaves("withdraw")
    assert (told["scope"], told["until"], told["areas"]) == ("zhugen", "2026-07-31", [TOWN])
    assert told["by"]["p"] != told["proposed"]["p"]
    assert code(drafting.ask_to_end("residents", "zhugen", house.ann, until=JULY, at=MONDAY_NINE)) == "no-such-pilot"


@pytest.mark.parametrize(
    ("scope", "areas", "refused"),
    [
        ("zhugen", (), "bad-scope"),
        ("", (TOWN,), "bad-scope"),
        ("Zhu gen", (TOWN,), "bad-scope"),
        ("zhugen", ("999",), "no-such-area"),
    ],
)
def test_a_scope_has_a_name_and_areas_that_are_there(house, scope, areas, refused):
    draft = done(drafting.begin(Written(house.text, scope=scope, areas=areas), house.ann, at=MONDAY_NINE))

    assert code(drafting.propose(draft.id, house.ann, edits=0, at=MONDAY_NINE)) == refused


def test_a_name_that_looks_like_another_boards_is_objected_to(house):
    judged = proposals.judged(house.text.replace("mechanism: residents", "mechanism: resldents"))

    assert [finding.rule for finding in judged.errors] == ["P0"]
    assert "looks like “residents”" in judged.errors[0].en


def test_stories_of_a_draft_are_played_and_stand_in_the_way(house):
    judged = proposals.judged(house.text, "place: {}\npeople: {}\nstories: {a: {steps: [{at: x, who: clock}]}}")

    assert not judged.ok
    assert [finding.rule for finding in judged.errors] == ["CASE"]


def test_a_text_without_end_is_not_kept(house):
    assert code(drafting.begin(Written("x" * 300_000), house.ann, at=MONDAY_NINE)) == "text-too-large"


def test_publishing_the_pack_again_does_not_touch_what_two_people_published(house):
    draft = proposed(house, Written(house.text), house.ann)
    done(drafting.publish(draft.id, house.bob, at=MONDAY_NINE))

    again = services.publish_pack("leshan", at=MONDAY_NINE)

    assert again.versions == ()
    assert queries.in_force("residents", on=JULY).proposed_by == "rulebook"

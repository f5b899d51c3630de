from __future__ import annotations

import os
from pathlib import Path

import pytest

from jiebang.boards import queries
from jiebang.boards import services as boards
from jiebang.boards.services import ComeBack, Upload
from jiebang.engine.model import Refused
from tests.boards.city import DAY, MONDAY_NINE, PUBLIC, Town, a_photo, fingerprint

pytestmark = pytest.mark.django_db


# ── Photos ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_photo_is_shown_to_the_public_only_after_the_community_released_it(town: Town) -> None:
    opened = town.raises(files=[a_photo()])
    staff = queries.entry_for(opened.number, town.community)
    assert staff is not None
    [photo] = staff.attachments

    before = queries.photo(opened.number, photo.id)
    refused = boards.release_attachment(opened.number, photo.id, actor=town.lighting, at=MONDAY_NINE)
    released = boards.release_attachment(opened.number, photo.id, actor=town.community, at=MONDAY_NINE)
    after = queries.photo(opened.number, photo.id)

    assert before is None
    assert isinstance(refused, Refused)
    assert released is None
    assert after is not None
    assert after.path.exists()


def test_its_raiser_and_its_staff_see_a_photo_before_it_is_released(town: Town) -> None:
    opened = town.raises(files=[a_photo()])
    raiser = town.comes_back(opened)
    view = queries.entry_for_raiser(opened.number, raiser.person)
    assert view is not None
    [photo] = view.attachments

    assert queries.photo(opened.number, photo.id, actor=raiser) is not None
    assert queries.photo(opened.number, photo.id, actor=town.community) is not None
    assert queries.photo(opened.number, photo.id, actor=town.lighting) is None
    assert queries.photo("LS-26-000009", photo.id, actor=raiser) is None


@pytest.mark.parametrize(
    ("files", "code"),
    [
        ([a_photo()] * 4, "too-many-photos"),
        ([Upload("photo", "", "x.jpg", b"nothing")], "not-a-photo"),
        ([Upload("photo", "", "x.jpg", bytes(60_000_000))], "photo-too-large"),
        ([Upload("what", "", "x.jpg", a_photo().content)], "unexpected-file"),
        ([Upload("photo", "\x00", "x.jpg", a_photo().content)], "unexpected-file"),
    ],
    ids=["four", "not one", "60 MB", "another question", "a strange label"],
)
def test_files_that_cannot_be_taken_are_refused_and_nothing_is_kept(town: Town, files: list[Upload], code: str) -> None:
    before = fingerprint()

    answer = town.tries("community", "post", town_number(town), files=files, answers=PUBLIC)

    assert isinstance(answer, Refused)
    assert answer.code == code
    assert fingerprint() != before  # the raise stands; the refused move left nothing
    assert queries.entry("LS-26-000001").seq == 1  # type: ignore[union-attr]  # it was just raised


def town_number(town: Town) -> str:
    return town.raises().number


def test_photos_without_a_row_are_swept_after_a_day_and_others_stay(town: Town, files: Path) -> None:
    town.raises(files=[a_photo()])
    orphan = files / "ab" / ("ab" + "0" * 30 + ".jpg")
    orphan.parent.mkdir(exist_ok=True)
    orphan.write_bytes(b"left by a crash")
    for photo in files.glob("*/*.jpg"):
        os.utime(photo, (MONDAY_NINE.timestamp(),) * 2)

    early = boards.sweep(at=MONDAY_NINE + DAY / 2)
    late = boards.sweep(at=MONDAY_NINE + 2 * DAY)

    assert (early, late) == (0, 1)
    assert not orphan.exists()


def test_old_form_keys_are_forgotten_after_seven_days(town: Town) -> None:
    key = "5f0c7a3e9d1b4c6f8a2e0d9c7b5a3f1e"
    town.raises(key=key)

    boards.sweep(at=MONDAY_NINE + 8 * DAY)

    assert town.raises(key=key + "x").number == "LS-26-000002"


# ── Duplicates ──────────────────────────────────────────────────────────────────────────────────────────────


def test_a_duplicate_closes_as_merged_and_its_raiser_goes_along(town: Town) -> None:
    parent, child = town.raises(), town.raises()

    town.does("community", "same", child.number, answers={"same-entry": parent.number})

    closed, kept = queries.entry(child.number), queries.entry(parent.number)
    back = boards.raiser_by_code(child.code, address="a", at=MONDAY_NINE)
    assert closed is not None
    assert kept is not None
    assert (closed.row.meaning, closed.joined_into) == ("joined", parent.number)
    assert (kept.raisers, kept.joined) == (2, (child.number,))
    assert isinstance(back, ComeBack)
    assert (back.number, back.own) == (parent.number, child.number)


def test_a_merged_raiser_gives_the_verdict_with_their_own_code(town: Town) -> None:
    parent, child = town.finished(), town.raises()
    town.does("community", "same", child.number, answers={"same-entry": parent.number})
    first, second = town.comes_back(parent), town.comes_back(child)

    one = town.does(first, "verdict", parent.number, answers={"solved": "yes"})
    two = town.does(second, "verdict", parent.number, answers={"solved": "yes", "satisfied": "satisfied"})

    assert one.state == "finished"
    assert two.state == "struck"


def test_whoever_stays_does_not_inherit_what_another_raiser_kept_back(town: Town) -> None:
    first, second = town.raises(files=[a_photo()]), town.raises()
    town.does("community", "same", second.number, answers={"same-entry": first.number})
    leaver, stayer = town.comes_back(first), town.comes_back(second)
    town.does(leaver, "withdraw", first.number, answers={"remark": "3-2-1 has moved out"})

    seen = queries.entry_for_raiser(first.number, stayer.person)
    theirs = queries.entry_for_raiser(second.number, stayer.person)

    assert seen is not None
    assert seen.kept == {}
    assert seen.attachments == ()
    assert theirs is not None
    assert {answer.field.name for answer in theirs.kept[1]} >= {"what"}
    whole = queries.entry_for(first.number, town.community)
    assert whole is not None
    assert queries.photo(first.number, whole.attachments[0].id, actor=stayer) is None


def test_merges_can_follow_one_another(town: Town) -> None:
    first, second, third = town.raises(), town.raises(), town.raises()

    town.does("community", "same", third.number, answers={"same-entry": second.number})
    town.does("community", "same", second.number, answers={"same-entry": first.number})

    back = boards.raiser_by_code(third.code, address="a", at=MONDAY_NINE)
    shown = queries.entry(first.number)
    assert isinstance(back, ComeBack)
    assert back.number == first.number
    assert shown is not None
    assert shown.raisers == 3


@pytest.mark.parametrize(
    ("target", "code"),
    [("LS-26-000002", "join-self"), ("LS-26-000099", "join-missing"), ("LS-26-000001", "join-closed")],
)
def test_an_entry_can_only_be_merged_into_another_open_one(town: Town, target: str, code: str) -> None:
    closed, child = town.raises(), town.raises()
    town.does(town.comes_back(closed), "withdraw", closed.number)
    before = fingerprint()

    answer = town.tries("community", "same", child.number, answers={"same-entry": target})

    assert isinstance(answer, Refused)
    assert answer.code == code
    assert fingerprint() == before

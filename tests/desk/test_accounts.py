"""Accounts of a real city: made, listed, closed and given passwords from the command line."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.contrib.auth import authenticate

from jiebang.desk import accounts, up
from jiebang.desk.home import DeskError, Home
from jiebang.people import queries as people

pytestmark = pytest.mark.usefixtures("millbrook")

MONDAY_NINE = datetime(2026, 6, 1, 1, 0, tzinfo=UTC)
CLERK = accounts.Wanted("ann", "Ann of the front desk", "staff", "north-oldmill-front-desk", "north-oldmill")
HANDLER = accounts.Wanted("hal", "Hal", "handler", "north-streets", "north")


def password_in(said: str) -> str:
    found = re.search(r"^password: (\S+)$", said, re.MULTILINE)
    assert found
    return found[1]


def refused(wanted: accounts.Wanted) -> DeskError:
    with pytest.raises(DeskError) as caught:
        accounts.add(wanted, at=MONDAY_NINE)
    assert people.accounts() == []
    return caught.value


@pytest.mark.parametrize("wanted", [CLERK, HANDLER], ids=["a clerk", "a handler"])
def test_an_account_signs_in_with_the_password_that_was_printed(
    wanted: accounts.Wanted, capsys: pytest.CaptureFixture[str]
) -> None:
    accounts.add(wanted, at=MONDAY_NINE)

    user = authenticate(username=wanted.username, password=password_in(capsys.readouterr().out))
    assert user is not None
    held = people.actor(user.pk).appointments
    assert [(one.office, one.unit, one.area) for one in held] == [(wanted.office, wanted.unit, wanted.area)]


def test_an_account_without_an_office_signs_in_and_gets_one_later(capsys: pytest.CaptureFixture[str]) -> None:
    accounts.add(accounts.Wanted("rob", "Rob"), at=MONDAY_NINE)

    said = capsys.readouterr().out
    user = authenticate(username="rob", password=password_in(said))
    assert user is not None
    assert people.actor(user.pk).appointments == ()
    assert "rob: no office" in said
    assert "jiebang account appoint rob" in said
    accounts.appoint(replace(CLERK, username="rob"), at=MONDAY_NINE)
    assert [one.office for one in people.actor(user.pk).appointments] == ["staff"]


@pytest.mark.parametrize(
    ("said", "missing"),
    [
        ({"office": "staff"}, "--unit and --area"),
        ({"unit": "north-streets", "area": "north"}, "--office"),
        ({"level": "ward"}, "--office, --unit and --area"),
    ],
)
def test_half_an_office_makes_no_account(said: dict[str, str], missing: str) -> None:
    wrong = refused(accounts.Wanted("rob", "Rob", **said))

    assert wrong.what == f"An office is told by --office, --unit and --area; not said: {missing}."
    assert "none of them" in wrong.next_step


def test_a_closed_account_signs_in_no_more_and_stays_in_the_list(capsys: pytest.CaptureFixture[str]) -> None:
    accounts.add(CLERK, at=MONDAY_NINE)
    password = password_in(capsys.readouterr().out)

    accounts.close("ann")
    accounts.show()

    assert authenticate(username="ann", password=password) is None
    assert (
        "closed; Ann of the front desk; staff of north-oldmill-front-desk at north-oldmill" in capsys.readouterr().out
    )
    with pytest.raises(DeskError, match="closed, and stays so"):
        accounts.password("ann")


def test_a_new_password_ends_the_old_one(capsys: pytest.CaptureFixture[str]) -> None:
    accounts.add(CLERK, at=MONDAY_NINE)
    old = password_in(capsys.readouterr().out)

    accounts.password("ann")

    new = password_in(capsys.readouterr().out)
    assert authenticate(username="ann", password=old) is None
    assert authenticate(username="ann", password=new) is not None


def test_an_unknown_office_is_answered_with_those_the_mechanisms_ask_for() -> None:
    wrong = refused(replace(CLERK, office="clerk"))

    assert wrong.what == "There is no office “clerk”."
    assert wrong.next_step.startswith("There are: complaints-officer, ")
    assert all(office in wrong.next_step for office in ("duty-manager", "handler", "reports-office", "staff"))


def test_an_unknown_unit_is_answered_with_the_nearest() -> None:
    wrong = refused(replace(HANDLER, unit="north-street"))

    assert wrong.what == "There is no unit “north-street”."
    assert wrong.next_step.startswith("Did you mean north-streets (Streets and lighting, North Millbrook)")


def test_an_area_may_be_found_by_its_name() -> None:
    wrong = refused(replace(CLERK, area="Old Mill"))

    assert wrong.what == "There is no area “Old Mill”."
    assert "north-oldmill (Old Mill, ward)" in wrong.next_step


def test_an_office_at_the_wrong_level_is_answered_with_the_area_above() -> None:
    wrong = refused(replace(CLERK, office="reports-office"))

    assert wrong.what == "The office reports-office is held at the level district; north-oldmill (Old Mill) is a ward."
    assert wrong.next_step == "Give --area north."


def test_another_level_than_the_areas_is_refused() -> None:
    assert refused(replace(CLERK, level="district")).what == "north-oldmill (Old Mill) is a ward, not a district."


def test_a_unit_of_another_place_is_refused() -> None:
    assert (
        "The unit north-streets belongs to north; south is not in it." in refused(replace(HANDLER, area="south")).what
    )


def test_a_front_desk_has_no_handler() -> None:
    wrong = refused(replace(CLERK, office="handler"))

    assert "has no handler" in wrong.what
    assert "north-streets" in wrong.next_step


def test_a_name_that_is_taken_or_badly_formed_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert "small letters" in refused(replace(CLERK, username="Ann Lee")).what
    accounts.add(CLERK, at=MONDAY_NINE)

    with pytest.raises(DeskError, match="can't be made"):
        accounts.add(CLERK, at=MONDAY_NINE)


def test_up_names_the_command_until_somebody_can_sign_in(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    home = Home(tmp_path)
    home.run.mkdir()
    accounts.note(home)
    before = up.welcome_step(home, up.Address("127.0.0.1", 8000))
    accounts.add(CLERK, at=MONDAY_NINE)
    accounts.note(home)

    assert "jiebang account add" in before
    assert "sign in as staff at" in up.welcome_step(home, up.Address("127.0.0.1", 8000))


def test_an_account_gets_a_second_office_and_is_relieved_of_it(capsys: pytest.CaptureFixture[str]) -> None:
    accounts.add(HANDLER, at=MONDAY_NINE)
    second = accounts.Wanted("hal", "", CLERK.office, CLERK.unit, CLERK.area)

    accounts.appoint(second, at=MONDAY_NINE)
    accounts.appoint(second, at=MONDAY_NINE)

    assert [one.office for one in people.accounts()[0].offices] == ["handler", "staff"]
    assert "handler of north-streets at north; staff of north-oldmill-front-desk" in capsys.readouterr().out
    accounts.relieve(second, at=MONDAY_NINE.replace(month=7))
    assert [one.office for one in people.accounts()[0].offices] == ["handler"]


def test_an_office_not_held_cannot_be_ended_and_the_held_are_named() -> None:
    accounts.add(HANDLER, at=MONDAY_NINE)

    with pytest.raises(DeskError) as caught:
        accounts.relieve(accounts.Wanted("hal", "", CLERK.office, CLERK.unit, CLERK.area), at=MONDAY_NINE)

    assert "handler of north-streets at north" in caught.value.next_step


def test_an_office_that_does_not_fit_is_not_given() -> None:
    accounts.add(HANDLER, at=MONDAY_NINE)

    with pytest.raises(DeskError):
        accounts.appoint(accounts.Wanted("hal", "", "staff", "north-streets", "north"), at=MONDAY_NINE)
    with pytest.raises(DeskError):
        accounts.appoint(accounts.Wanted("nobody", "", CLERK.office, CLERK.unit, CLERK.area), at=MONDAY_NINE)

    assert [one.office for one in people.accounts()[0].offices] == ["handler"]

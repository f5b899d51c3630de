"""Rounds and registers through the pages: nothing of people in public, one tap on the phone, a file looked at first."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from jiebang.config import logs
from jiebang.rounds import services
from jiebang.rounds.audit import audit
from jiebang.rounds.services import HAND
from tests.boards.city import COUNTY, MONDAY_NINE, Town
from tests.rounds.city import HOMES, PATROL, PEOPLE, POINTS, ROLL, SHEET, imported, publish, subject
from tests.web.atown import Browser, a_file, signed_in, town

__all__ = ["town"]


@pytest.fixture
def rounds(town: Town, tmp_path: Path) -> Iterator[Town]:
    publish(POINTS, PATROL, HOMES, ROLL)
    imported("points", SHEET)
    imported("homes", PEOPLE)
    for ident in ("patrol", "roll-call"):
        services.open_by_hand(ident, actor=town.office, area=COUNTY, cause=HAND, at=MONDAY_NINE)
    yield town
    assert audit().findings == ()


def test_everybody_reads_which_rounds_there_are_and_how_they_stand(rounds: Town) -> None:
    words = Browser().opens("/rounds/").words

    assert "0 of 3 answered, 3 still waited for" in words and "Danger points" in words


def test_the_rules_of_a_round_say_who_by_when_and_what_silence_means(rounds: Town) -> None:
    words = Browser().opens("/rounds/patrol/").words

    assert "the community" in words and "2 hours" in words and "Silence never counts as checked" in words


def test_the_public_page_names_what_still_waits_and_nobody_s_telephone(rounds: Town) -> None:
    page = Browser().opens("/rounds/patrol/1").page

    assert "一号坡" in page and "1380000" not in page


@pytest.mark.parametrize("path", ["/rounds/roll-call/1", "/registers/homes/", "/rounds/roll-call/", "/rounds/"])
def test_of_people_the_public_reads_numbers_only(rounds: Town, path: str) -> None:
    page = Browser().opens(path).page

    assert not any(word in page for word in ("王一", "李二", "H1", "1380000"))


def test_a_register_of_people_cannot_be_downloaded(rounds: Town) -> None:
    assert Browser().opens("/registers/homes.csv").status == 404
    assert "P1" in Browser().opens("/registers/points.csv").page


def test_in_order_is_one_tap_and_leads_to_the_next_one(rounds: Town) -> None:
    phone = signed_in("community").opens(f"/desk/rounds/subject/{subject('P1').id}")

    phone.sends(move="normal")

    assert subject("P1").state == "done"
    assert phone.at == f"/desk/rounds/subject/{subject('P2').id}" and "一号坡: in order" in phone.words


def test_something_abnormal_asks_what_and_a_photo_then_stands_on_the_board(rounds: Town) -> None:
    phone = signed_in("community").opens(f"/desk/rounds/subject/{subject('P1').id}")

    phone.sends(form="abnormal", **{"move": "abnormal", "a.sign": "墙根裂缝"})
    refused = phone.words
    phone.sends(form="abnormal", **{"move": "abnormal", "a.sign": "墙根裂缝", "a.photo": a_file()})

    assert "“Photo” is missing" in refused
    assert subject("P1").entry and subject("P1").entry in phone.words


def test_a_subject_is_nobody_else_s_page(rounds: Town) -> None:
    assert signed_in("lighting").opens(f"/desk/rounds/subject/{subject('P1').id}").status == 404


def test_the_office_opens_a_round_and_is_told_when_it_cannot(rounds: Town) -> None:
    desk = signed_in("office").opens("/desk/rounds/")

    desk.sends("/desk/rounds/open", round="patrol", area=COUNTY, cause="rain")

    assert "The last round of the same area has not ended yet" in desk.words


def test_the_office_sees_who_owes_what(rounds: Town) -> None:
    words = signed_in("office").opens("/desk/rounds/roll-call/1").words

    assert "王一" in words and "the community" in words


def test_a_file_is_looked_at_cell_by_cell_before_it_is_written(rounds: Town) -> None:
    desk = signed_in("office").opens("/desk/registers/points/")
    wrong = "编号,位置,社区,类型\nP1,一号坡,哪里,slope\n"
    good = "编号,位置,社区,类型,人数\nP1,一号坡,板厂街社区,slope,40\n"

    desk.sends(file=SimpleUploadedFile("a.csv", wrong.encode()), whole="0")
    told = desk.words
    desk.opens("/desk/registers/points/").sends(file=SimpleUploadedFile("a.csv", good.encode()), whole="0")
    shown = desk.words
    desk.sends()

    assert "C 社区" in told and "no such area" in told and "Write it" not in told
    assert "People : 12 → 40" in shown.replace("People:", "People :")
    assert "Version 2 is written" in desk.words


def test_a_file_that_is_none_is_refused_with_a_sentence(rounds: Town) -> None:
    desk = signed_in("office").opens("/desk/registers/points/")

    desk.sends(file=SimpleUploadedFile("a.xlsx", b"PK\x03\x04" + b"x" * 50), whole="0")

    assert desk.status == 400 and "cannot be read" in desk.words


def test_a_register_is_kept_by_its_office_alone(rounds: Town) -> None:
    assert signed_in("community").opens("/desk/registers/points/").status == 404


def test_somebody_answers_by_their_own_link_without_an_account(rounds: Town) -> None:
    desk = signed_in("community").opens(f"/desk/rounds/subject/{subject('H1').id}")
    link = desk.page.partition("/answer/")[2][:20]
    phone = Browser().opens(f"/answer/{link}")
    before = phone.page

    phone.sends(f"/answer/{link}", move="normal")

    assert "王一" not in before and "Your answer has arrived" in phone.words
    assert subject("H1").state == "done"
    assert Browser().opens(f"/answer/{'0' * 20}").status == 404
    assert Client().get(f"/answer/{link}")["Referrer-Policy"] == "no-referrer"
    assert link not in logs.cut(f"GET /answer/{link} 404")


def test_as_a_register_stood_on_a_day(rounds: Town) -> None:
    assert "P1" in Browser().opens("/registers/points/", on="2026-03-02").words
    assert "Nothing stands in it yet" in Browser().opens("/registers/points/", on="2026-02-01").words

"""Forms are drawn from a mechanism's questions and lose nothing that was typed."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from django.utils.translation import override

from jiebang.engine.model import (
    Amount,
    Ask,
    Branch,
    Choice,
    Condition,
    Field,
    Limit,
    Move,
    Program,
    Proof,
    Refused,
    State,
)
from jiebang.engine.model import Test as Condition_test
from jiebang.web.forms import Day, Held, Option, Options, ask, questions_of, read, refuse
from jiebang.web.forms.pending import Pending, new_key, sweep

TODAY = date(2026, 11, 23)

FIELDS = {
    "what": Field("what", "text", {"zh": "什么事", "en": "What is it?"}),
    "name": Field("name", "text", {"en": "Name"}, most=40),
    "solved": Field(
        "solved",
        "choice",
        {"zh": "解决了吗", "en": "Is it solved?"},
        choices=(Choice("yes", {"en": "Yes"}), Choice("partly", {"en": "Partly"}), Choice("no", {"en": "No"})),
    ),
    "satisfied": Field(
        "satisfied",
        "choice",
        {"en": "Satisfied?"},
        choices=tuple(Choice(f"s{n}", {"en": str(n)}) for n in range(5)),
    ),
    "promised-date": Field("promised-date", "date", {"en": "Promised date"}),
    "phone": Field("phone", "phone", {"en": "Telephone"}, visible="parties"),
    "unit": Field("unit", "unit", {"en": "Unit"}),
    "photo": Field("photo", "photo", {"en": "Photo"}, most=3),
    "same-as": Field("same-as", "entry", {"en": "Same as"}),
    "amount": Field("amount", "number", {"en": "Amount"}),
    "reached": Field("reached", "yes-no", {"en": "Reached?"}),
}


def a_move(*asks: str, show: tuple[Proof, ...] = ()) -> Move:
    return Move(
        name="move",
        title={"en": "Move"},
        by=("anyone",),
        to=(Branch(Condition(), "claimed"),),
        ask=tuple(Ask(name.removesuffix("?"), name.endswith("?")) for name in asks),
        show=show,
    )


NO_OPTIONS = Options()
PROGRAM = Program(
    id="test",
    since="2026-01-01",
    title={"en": "Test"},
    purpose={"en": ""},
    log="coarse",
    parties={},
    fields=FIELDS,
    openings={},
    states={
        "claimed": State(
            name="claimed",
            title={"en": "Claimed"},
            holder="solver",
            limit=Limit("within", until="promised-date", ceiling=Amount(15, "wd")),
            clock_to="late",
            moves={},
        )
    },
    routes={},
    finals={},
    spans={},
)


def a_sheet(*asks: str, options: Options = NO_OPTIONS, show: tuple[Proof, ...] = ()):
    return ask(questions_of(PROGRAM, a_move(*asks, show=show), options=options))


def posted(**values: str) -> dict[str, list[str]]:
    return {f"a.{name.replace('_', '-')}": [value] for name, value in values.items()}


@pytest.fixture(autouse=True)
def english():
    with override("en"):
        yield


def test_each_type_of_question_is_drawn_in_its_own_way():
    sheet = a_sheet("what", "name", "solved", "satisfied?", "promised-date", "phone?", "photo?", "same-as", "reached")

    widgets = [question.widget for question in sheet.questions]

    assert widgets == ["lines", "line", "radios", "levels", "day", "phone", "files", "entry", "radios"]


def test_a_title_is_said_in_the_language_of_the_page_and_in_english_when_there_is_none():
    with override("zh-hans"):
        sheet = a_sheet("what", "name")

    assert [question.title for question in sheet.questions] == ["什么事", "Name"]


def test_a_required_question_left_empty_is_named_and_linked():
    sheet = read(a_sheet("what", "solved"), posted(what="  \n "))

    assert [(p.anchor, p.what) for p in sheet.problems] == [
        ("q-what", "“What is it?” is empty. Fill it in."),
        ("q-solved-0", "“Is it solved?” is not chosen. Choose one answer."),
    ]


def test_an_optional_question_left_empty_is_no_answer():
    sheet = read(a_sheet("what", "phone?"), posted(what="Lamp out", phone=""))

    assert sheet.is_good
    assert sheet.answers == {"what": "Lamp out"}


def test_what_was_typed_stays_whatever_is_wrong():
    long = "灯" * 2001
    sheet = read(a_sheet("what", "phone?", "solved"), posted(what=long, phone="call me", solved="perhaps"))

    assert len(sheet.problems) == 3
    assert sheet.row("what").value == long
    assert sheet.row("phone").value == "call me"
    assert "2001" in sheet.problems[0].what


@pytest.mark.parametrize("number", ["13800138000", "138 0013 8000", "１３８００１３８０００", "51110219900101123X"])
def test_a_personal_number_does_not_reach_what_everybody_reads(number: str):
    sheet = read(a_sheet("what", "phone?"), posted(what=f"路灯坏了，找他{number}。"))

    assert [p.anchor for p in sheet.problems] == ["q-what"]
    assert number not in sheet.problems[0].what
    assert sheet.row("what").value == f"路灯坏了，找他{number}。"


@pytest.mark.parametrize(
    "text", ["社区电话0833-3350000", "拨打12345", "LS-26-000123", "2026年3月1日13:00办结，花费13800元"]
)
def test_an_offices_number_a_date_or_a_sum_may_be_read_by_everybody(text: str):
    assert read(a_sheet("what"), posted(what=text)).is_good


def test_a_line_break_counts_as_one_character_however_the_browser_sends_it():
    sheet = read(a_sheet("what"), posted(what="a\r\n" * 1000 + "b"))

    assert sheet.problems[0].what.startswith("“What is it?” has 2001 characters")


@pytest.mark.parametrize("text", ["lamp\0", "lamp\ud800"])
def test_characters_no_database_takes_are_refused_with_a_sentence(text: str):
    sheet = read(a_sheet("what"), posted(what=text))

    assert "cannot be stored" in sheet.problems[0].what


def test_a_choice_that_is_not_on_the_list_is_refused():
    sheet = read(a_sheet("solved"), posted(solved="certainly"))

    assert sheet.answers == {}
    assert sheet.problems[0].anchor == "q-solved-0"


@pytest.mark.parametrize(
    ("typed", "understood"),
    [("2026-12-01", "2026-12-01"), ("2026/12/1", "2026-12-01"), ("2026年12月1日", "2026-12-01")],
)
def test_dates_are_understood_as_people_write_them(typed: str, understood: str):
    sheet = read(a_sheet("promised-date"), posted(promised_date=typed), today=TODAY)

    assert sheet.answers == {"promised-date": understood}


@pytest.mark.parametrize("typed", ["soon", "2026-02-30", "2026-11-20", "12-01"])
def test_a_date_that_is_none_or_past_is_refused(typed: str):
    sheet = read(a_sheet("promised-date"), posted(promised_date=typed), today=TODAY)

    assert not sheet.is_good


def test_a_promise_is_chosen_from_the_days_that_may_be_promised():
    options = Options(days={"promised-date": [Day(date(2026, 12, 1), "Tue 1 Dec")]})

    inside = read(a_sheet("promised-date", options=options), posted(promised_date="2026-12-01"))
    outside = read(a_sheet("promised-date", options=options), posted(promised_date="2026-12-02"))

    assert inside.questions[0].widget == "days"
    assert inside.answers == {"promised-date": "2026-12-01"}
    assert not outside.is_good


@pytest.mark.parametrize("typed", ["138 0013 8000", "１３８００１３８０００", "(138)0013-8000"])
def test_a_telephone_number_is_understood_however_it_is_typed(typed: str):
    assert read(a_sheet("phone?"), posted(phone=typed)).answers == {"phone": "13800138000"}


def test_an_entry_number_is_understood_in_small_letters():
    assert read(a_sheet("same-as"), posted(same_as=" ls-26-000123 ")).answers == {"same-as": "LS-26-000123"}


def test_a_number_may_carry_thousands_signs():
    assert read(a_sheet("amount"), posted(amount="1,234")).answers == {"amount": 1234}


def test_a_unit_is_chosen_from_those_the_shell_knows():
    options = Options(units=[Option("lights", "Lights office")])

    assert read(a_sheet("unit", options=options), posted(unit="lights")).answers == {"unit": "lights"}
    assert not read(a_sheet("unit", options=options), posted(unit="moon")).is_good


def test_a_proof_owed_is_asked_for_and_one_not_yet_owed_is_offered():
    photo = Proof("photo", "after")
    move = a_move("what", show=(photo,))

    owed = questions_of(PROGRAM, move, owed=(photo,))[-1]
    offered = questions_of(PROGRAM, move)[-1]

    assert (owed.name, owed.title, owed.label, owed.optional) == ("photo-after", "Photo (after)", "after", False)
    assert offered.optional


def test_a_question_asked_only_after_another_answer_is_neither_missed_nor_answered_otherwise():
    when = Condition((Condition_test("reached", ("yes",)),))
    move = Move("call", {"en": "Call"}, ("caller",), (), ask=(Ask("reached"), Ask("solved", when=when)))
    sheet = ask(questions_of(PROGRAM, move))

    reached = read(sheet, posted(reached="yes"))
    not_reached = read(sheet, posted(reached="no", solved="yes"))

    assert reached.problems[0].anchor == "q-solved-0"
    assert not_reached.is_good and not_reached.answers == {"reached": "no"}
    assert sheet.row("solved").question.only_if[0].sentence == "Only if the answer to “Reached?” is: Yes"


def test_photos_are_counted_against_what_a_step_takes():
    kept = {"photo": [Held(str(n)) for n in range(4)]}

    too_many = read(a_sheet("photo"), {}, held=kept)
    none = read(a_sheet("photo"), {})

    assert "takes 3 files and 4 were sent" in too_many.problems[0].what
    assert none.problems[0].what == "“Photo” is missing. Add at least one."
    assert len(too_many.row("photo").held) == 4


def test_the_engines_refusal_stands_beside_its_question_with_rule_and_next_step():
    refused = Refused(
        "no-proof", "V2", {"zh": "缺照片", "en": "A photo is missing."}, {"en": "Add one."}, field="photo"
    )

    beside = refuse(a_sheet("what", "photo?"), refused)
    above = refuse(a_sheet("what"), refused)

    assert beside.row("photo").problem is not None
    assert (beside.problems[0].rule, beside.problems[0].next_step) == ("V2", "Add one.")
    assert above.problems[0].anchor == ""


def test_a_form_told_in_pages_keeps_the_answers_of_the_others():
    sheet = read(a_sheet("what", "phone?"), posted(what="Lamp", phone="13800138000"))

    page = sheet.only(["phone"])

    assert [row.question.name for row in page.rows] == ["phone"]
    assert page.answers["what"] == "Lamp"


def test_a_photo_waits_under_its_forms_key_and_only_there(tmp_path: Path):
    key = new_key()
    Pending(tmp_path, key).put("photo", b"first")
    Pending(tmp_path, key).put("现场", b"second")

    held = Pending(tmp_path, key).held()

    assert {name: len(photos) for name, photos in held.items()} == {"photo": 1, "现场": 1}
    assert Pending(tmp_path, key).contents("photo") == [b"first"]
    assert Pending(tmp_path, new_key()).held() == {}


def test_a_photo_can_be_taken_back(tmp_path: Path):
    pending = Pending(tmp_path, new_key())
    pending.put("photo", b"first")

    pending.drop([pending.held()["photo"][0].id])

    assert pending.held() == {}


def test_photos_whose_form_was_never_sent_are_swept_after_a_day(tmp_path: Path):
    pending = Pending(tmp_path, new_key())
    pending.put("photo", b"first")

    early = sweep(tmp_path, at=datetime.now(UTC))
    late = sweep(tmp_path, at=datetime(2100, 1, 1, tzinfo=UTC))

    assert (early, late) == (0, 1)
    assert pending.held() == {}

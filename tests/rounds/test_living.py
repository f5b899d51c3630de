"""A round from its opening to its close: only answers count, what was missed is named, and the log counts the same."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.db import connection

from jiebang.boards import queries as boards
from jiebang.engine.model import Refused
from jiebang.rounds import audit as auditing
from jiebang.rounds import queries, services
from jiebang.rounds.models import Event, Round, Subject, Told
from jiebang.rounds.services import Answered, Given, OpenedRound
from tests.boards.city import COMMUNITY, COUNTY, HOUR, MONDAY_NINE, Town, a_photo
from tests.rounds.city import POINTS, WEEKLY, imported, publish, subject

ROUND_LEAVES = "SELECT body FROM ledger_leaf WHERE kind = 'round' ORDER BY id"


def opened(town: Town, ident: str = "patrol", cause: str = "hand") -> OpenedRound:
    made = services.open_by_hand(ident, actor=town.office, area=COUNTY, cause=cause, at=MONDAY_NINE)
    assert isinstance(made, OpenedRound), made
    return made


def says(
    town: Town, key: str, answer: str = "normal", who: str = "community", *, after: timedelta = HOUR, **more: object
) -> Answered | Refused:
    given = Given(subject(key).id, answer, **more)  # type: ignore[arg-type]  # passed on as named
    return services.answer(given, actor=town.people[who], at=MONDAY_NINE + after)


def leaves() -> list[dict[str, object]]:
    with connection.cursor() as cursor:
        cursor.execute(ROUND_LEAVES)
        return [json.loads(bytes(body)) for (body,) in cursor.fetchall()]


def test_every_subject_of_a_round_has_an_owner_and_a_limit(town: Town) -> None:
    made = opened(town)

    assert made.n == 3
    assert {(one.office, one.owner_area, one.due_at) for one in Subject.objects.filter(key__in=["P1", "P2"])} == {
        ("staff", COMMUNITY, MONDAY_NINE + 2 * HOUR)
    }


def test_an_answer_by_whoever_owes_it_counts_as_checked(town: Town) -> None:
    opened(town)

    assert says(town, "P1") == Answered("done")

    assert queries.round_("patrol", 1).coverage.done == 1


def test_nobody_answers_for_a_subject_that_is_not_theirs(town: Town) -> None:
    opened(town)

    answer = says(town, "P1", who="lighting")

    assert isinstance(answer, Refused) and answer.code == "round-not-yours"


def test_a_second_answer_is_refused(town: Town) -> None:
    opened(town)
    says(town, "P1")

    answer = says(town, "P1")

    assert isinstance(answer, Refused) and answer.code == "round-answered"


def test_an_abnormal_answer_wants_a_photo_and_opens_an_entry_whose_raiser_is_who_looked(town: Town) -> None:
    opened(town)

    without = says(town, "P1", "abnormal", answers={"sign": "墙根裂缝"})
    made = says(town, "P1", "abnormal", answers={"sign": "墙根裂缝"}, files=[a_photo()])

    assert isinstance(without, Refused) and without.code == "no-proof"
    assert isinstance(made, Answered) and made.entry
    entry = boards.entry(made.entry)
    assert entry is not None and entry.row.area == COMMUNITY
    assert subject("P1").entry == made.entry and queries.round_("patrol", 1).coverage.abnormal == 1


def test_what_is_refused_on_the_board_leaves_the_subject_as_it_was(town: Town) -> None:
    opened(town)

    answer = says(town, "P1", "abnormal", answers={"sign": "电话 13812345678"}, files=[a_photo()])

    assert isinstance(answer, Refused) and answer.code == "personal-number"
    assert subject("P1").state == "due" and leaves()[-1]["what"] == "opened"


def test_silence_is_handed_on_and_then_missed_for_ever(town: Town) -> None:
    opened(town)
    says(town, "P1")
    says(town, "P3", who="office")

    services.tick(at=MONDAY_NINE + 2 * HOUR)
    handed = subject("P2")
    services.tick(at=MONDAY_NINE + 3 * HOUR)

    assert (handed.state, handed.office, handed.owner_area) == ("escalated", "board-office", COUNTY)
    view = queries.round_("patrol", 1)
    assert view.closed_at == MONDAY_NINE + 3 * HOUR
    assert (view.coverage.done, view.coverage.missed, view.coverage.percent) == (1, 2, 33)
    assert [one.name for one in queries.named(view, "missed")] == ["二号坡", "三号沟"]


def test_what_is_found_after_it_was_missed_is_kept_beside_and_does_not_mend_the_count(town: Town) -> None:
    opened(town)
    services.tick(at=MONDAY_NINE + 2 * HOUR)
    services.tick(at=MONDAY_NINE + 3 * HOUR)

    answer = says(town, "P1", after=5 * HOUR)

    assert answer == Answered("found")
    coverage = queries.round_("patrol", 1).coverage
    assert (coverage.done, coverage.missed, coverage.found) == (0, 3, 1)


def test_whoever_it_was_handed_to_may_still_answer(town: Town) -> None:
    opened(town)
    services.tick(at=MONDAY_NINE + 2 * HOUR)

    assert says(town, "P3", who="office", after=2.5 * HOUR) == Answered("done")


def test_one_round_of_an_area_runs_at_a_time_and_only_its_opener_opens_it(town: Town) -> None:
    opened(town)

    again = services.open_by_hand("patrol", actor=town.office, area=COUNTY, cause="rain", at=MONDAY_NINE)
    other = services.open_by_hand("patrol", actor=town.community, area=COMMUNITY, cause="hand", at=MONDAY_NINE)

    assert isinstance(again, Refused) and again.code == "round-running"
    assert isinstance(other, Refused) and other.code == "round-not-opened-by-you"


def test_the_clock_opens_a_round_when_its_day_has_come_and_once(town: Town) -> None:
    publish(POINTS, WEEKLY)
    services.tick(at=MONDAY_NINE)
    services.tick(at=MONDAY_NINE + timedelta(minutes=1))
    first = Round.objects.count()
    services.tick(at=MONDAY_NINE + 4 * HOUR)
    services.tick(at=MONDAY_NINE + 4 * HOUR)
    services.tick(at=MONDAY_NINE + timedelta(days=7))

    assert first == 1 and Round.objects.count() == 2


def test_the_log_counts_what_the_pages_say(town: Town) -> None:
    opened(town)
    says(town, "P1")
    services.tick(at=MONDAY_NINE + 2 * HOUR)
    services.tick(at=MONDAY_NINE + 3 * HOUR)

    logged = leaves()

    assert [leaf["what"] for leaf in logged] == [
        "opened", "done", "escalated", "escalated", "missed", "missed", "closed",
    ]  # fmt: skip
    assert logged[1]["subject"] == "P1" and logged[-1]["done"] == 1 and logged[-1]["missed"] == 2


# ── People ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_roster_tells_the_public_numbers_only_and_the_log_nobodys_name(town: Town) -> None:
    opened(town, "roll-call")
    says(town, "H1", answers={"how": "door"}, after=timedelta(minutes=5))
    says(town, "H2", "tried", answers={"how": "phone"}, after=timedelta(minutes=6))

    view = queries.round_("roll-call", 1)
    text = json.dumps(leaves(), ensure_ascii=False)

    assert queries.named(view, "due") == [] and view.coverage.done == 1
    assert not any(word in text for word in ("王一", "H1", "1380000", COMMUNITY))
    assert subject("H2").tries == 1 and subject("H2").state == "due"


def test_somebody_answers_for_themselves_by_their_link(town: Town) -> None:
    opened(town, "roll-call")
    link = queries.for_owner(subject("H1").id, town.community).link

    answer = services.answer_by_link(
        link, Given(0, "abnormal", {"need": "轮椅"}), at=MONDAY_NINE + timedelta(minutes=2)
    )

    assert answer == Answered("done") and subject("H1").abnormal
    assert services.answer_by_link("0" * 20, Given(0, "normal"), at=MONDAY_NINE).code == "round-unknown"


def test_what_was_known_of_people_is_destroyed_by_the_clock_and_the_log_says_so(town: Town) -> None:
    opened(town, "roll-call")
    says(town, "H1", answers={"how": "door"}, after=timedelta(minutes=5))
    services.tick(at=MONDAY_NINE + 2 * HOUR)
    services.tick(at=MONDAY_NINE + 3 * HOUR)
    services.tick(at=MONDAY_NINE + 3 * HOUR)

    services.tick(at=MONDAY_NINE + timedelta(days=31))

    done = Round.objects.get(ident="roll-call")
    assert done.erased_at is not None and done.key is None
    assert not Told.objects.filter(event__round=done).exists()
    assert set(done.subjects.values_list("key", "name", "area", "row")) == {("", "", "", None)}
    assert leaves()[-1]["what"] == "erased" and leaves()[-1]["n"] == 3
    assert queries.round_("roll-call", 1).coverage.done == 1


def test_an_office_destroys_it_sooner_but_never_while_the_round_runs(town: Town) -> None:
    opened(town, "roll-call")

    early = services.erase("roll-call", 1, actor=town.office, at=MONDAY_NINE)
    for hours in (1, 2, 3):
        services.tick(at=MONDAY_NINE + hours * HOUR)
    done = services.erase("roll-call", 1, actor=town.office, at=MONDAY_NINE + 4 * HOUR)

    assert isinstance(early, Refused) and early.code == "erase-not-closed"
    assert done == 3


# ── The audit ───────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("damage", "word"),
    [
        (lambda: Subject.objects.filter(key="P2").update(state="done", due_at=None), "does not follow"),
        (lambda: Subject.objects.filter(key="P2").update(logged_as="P9"), "called otherwise"),
        (lambda: Event.objects.filter(what="done").update(at=MONDAY_NINE), "says something else"),
        (lambda: Round.objects.update(n=4), "opened with 4"),
        (lambda: (Told.objects.all().delete(), Event.objects.filter(what="done").delete()), "does not follow"),
    ],
)
def test_the_audit_finds_what_was_changed_behind_it(town: Town, damage: object, word: str) -> None:
    opened(town)
    says(town, "P1")
    town.is_damaged = True

    damage()  # type: ignore[operator]  # each a change

    assert any(word in finding for finding in auditing.audit().findings)


def test_a_later_import_does_not_change_whom_a_running_round_asks(town: Town) -> None:
    opened(town)

    imported("points", "编号,位置,社区,类型\nP1,一号坡改,板厂街社区,slope\n", at=MONDAY_NINE + HOUR)

    assert subject("P1").name == "一号坡" and queries.how_many("points") == 1
    assert len(queries.rows("points", version=1)) == 3

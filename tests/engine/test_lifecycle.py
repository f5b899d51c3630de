"""What a command does to an entry: told on the shipped board of residents, and on small programs."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from jiebang.engine import evolve, join, may, moves_open_to, open_entry, running_limits
from jiebang.engine.model import (
    ANYONE,
    Actor,
    Amount,
    Appointment,
    Command,
    Facts,
    How,
    Json,
    Limit,
    No,
    Refused,
    Taken,
    Yes,
)
from jiebang.engine.refusals import REFUSALS
from tests.engine.calendars import china
from tests.engine.playing import (
    CHEN,
    CLAIM,
    CLOCKS,
    FINISH,
    GAO,
    LI,
    LUO,
    MEI,
    MONDAY_NINE,
    PLACE,
    POST,
    QIN,
    TANG,
    VERDICT,
    WANG,
    ZHOU,
    finished,
    hazard,
    later,
    raised,
    refusal,
    step,
    tried,
)
from tests.engine.shipped import residents


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=china().tz).astimezone(UTC)


# ── Raising ──


def test_raising_gives_the_first_event_with_its_due_and_sorts_answers_by_who_may_see_them() -> None:
    answers = {"what": " 路灯不亮 ", "where": "511112100005", "phone": "138 0000 0000"}

    events = open_entry(
        residents(),
        "raise",
        Command("raise", ANYONE, answers),
        at=MONDAY_NINE,
        calendar=china(),
        place=PLACE,
        raiser="k1",
    )

    assert isinstance(events, list)
    (event,) = events
    assert (event.kind, event.seq, event.to_state, event.raisers, event.clerk) == ("open", 1, "raised", ("k1",), "")
    assert event.due == local("2026-03-03 17:30")
    assert event.kept == {"what": "路灯不亮", "phone": "138 0000 0000"}
    assert event.told == {"where": "511112100005"}
    assert event.answers == {}


def test_an_official_who_raises_for_somebody_is_the_clerk_without_being_told() -> None:
    events = open_entry(
        residents(),
        "record",
        Command("record", WANG, {"what": "井盖", "where": "511112100005"}),
        at=MONDAY_NINE,
        calendar=china(),
        place=PLACE,
        raiser="k1",
    )

    assert isinstance(events, list)
    assert (events[0].clerk, events[0].unit, events[0].person) == ("k10", "window", "k10")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"opening": "nothing"}, "no-such-opening"),
        ({"opening": 7}, "no-such-opening"),
        ({"place": {}}, "no-place"),
        ({"raiser": ""}, "no-raiser"),
        ({"opening": "record"}, "not-yours"),
        ({"at": datetime(2028, 12, 30, 9, tzinfo=UTC)}, "no-calendar"),
    ],
)
def test_raising_is_refused_with_a_reason(change: dict[str, object], code: str) -> None:
    how: dict[str, object] = {"opening": "raise", "at": MONDAY_NINE, "place": PLACE, "raiser": "k1", **change}
    command = Command("raise", LI, {"what": "灯", "where": "511112100005"})

    answer = open_entry(residents(), command=command, calendar=china(), **how)  # type: ignore[arg-type]  # as a form

    assert isinstance(answer, Refused)
    assert answer.code == code


# ── The order of judgement ──


def test_being_overtaken_is_said_before_anything_else() -> None:
    assert refusal(raised(), replace(CLAIM, expects_seq=7), at=later(hours=1)) == "overtaken"


def test_a_closed_entry_names_its_end() -> None:
    struck = step(finished(), VERDICT, at=later(days=2, hours=1))

    answer = tried(struck, POST, at=later(days=3))

    assert isinstance(answer, Refused)
    assert (answer.code, answer.what["en"]) == ("closed", "This entry is closed: Struck off.")


def test_who_may_is_said_before_what_is_missing() -> None:
    assert refusal(raised(), Command("post", CHEN, {}), at=later(hours=1)) == "not-yours"


def test_a_promise_is_judged_before_the_proof_and_a_missing_answer_before_both() -> None:
    posted = step(raised(), POST, at=later(hours=1))
    without = Command("claim", CHEN, {"promised-date": "2026-03-08"})

    assert refusal(posted, without, at=later(hours=2)) == "answer-missing"
    assert refusal(
        posted, replace(CLAIM, answers={**CLAIM.answers, "promised-date": "2026-03-08"}), at=later(hours=2)
    ) == ("date-not-working")


# ── Time ──


def test_on_one_entry_time_never_goes_back() -> None:
    facts = step(raised(), POST, at=later(hours=5))

    facts = step(facts, CLAIM, at=later(hours=1))

    assert facts.last_at == later(hours=5)


def test_moments_are_kept_in_milliseconds_and_utc() -> None:
    at = datetime(2026, 3, 2, 9, 0, 0, 123_456, tzinfo=china().tz)

    facts = raised(at=at)

    assert facts.raised_at == datetime(2026, 3, 2, 1, 0, 0, 123_000, tzinfo=UTC)


def test_a_late_clock_keeps_what_was_missed_and_the_next_limit_counts_from_when_it_came() -> None:
    answer = tried(raised(), CLOCKS, at=local("2026-03-05 10:00"))

    assert isinstance(answer, list)
    assert answer[0].missed == local("2026-03-03 17:30")
    assert answer[0].at == local("2026-03-05 10:00")
    assert answer[0].due == local("2026-03-12 17:30")


def test_the_clock_moves_at_the_due_moment_and_not_before() -> None:
    due = local("2026-03-03 17:30")

    assert refusal(raised(), CLOCKS, at=due - timedelta(milliseconds=1)) == "not-due"
    assert step(raised(), CLOCKS, at=due).state == "unposted"


def test_only_the_clock_is_the_clock() -> None:
    assert refusal(raised(), Command("clock", GAO), at=later(days=30)) == "clock-only"


def test_the_promise_of_today_holds_until_closing() -> None:
    posted = step(raised(), POST, at=later(hours=1))
    today = replace(CLAIM, answers={"promised-date": "2026-03-02", "contact": "陈"})

    assert step(posted, today, at=local("2026-03-02 17:29")).due == local("2026-03-02 17:30")
    assert refusal(posted, today, at=local("2026-03-02 17:30")) == "date-past"


def test_the_last_day_a_promise_may_name_is_in_the_refusal() -> None:
    posted = step(raised(), POST, at=later(hours=1))

    answer = tried(posted, replace(CLAIM, answers={"promised-date": "2027-01-04", "contact": "陈"}), at=later(hours=2))

    assert isinstance(answer, Refused)
    assert answer.code == "date-too-late"
    assert "2026-03-23" in answer.next_step["zh"]


def test_a_promise_left_empty_does_not_inherit_the_one_before() -> None:
    facts = step(raised(), POST, at=later(hours=1))
    facts = step(facts, Command("offer", ZHOU, {"unit": "lighting"}), at=later(hours=2))
    facts = step(facts, Command("refuse", CHEN, {"reason": "不归我们", "legal-basis": "三定"}), at=later(hours=3))
    facts = replace(facts, answers={**facts.answers, "promised-date": "2026-03-04"})

    facts = step(facts, Command("assign", ZHOU, {"unit": "works", "reason": "职责"}), at=later(hours=4))

    assert facts.due == local("2026-03-23 17:30")
    assert "promised-date" not in facts.answers


def test_a_limit_since_raising_only_shortens_and_is_never_before_the_moment() -> None:
    program = residents()
    posted = program.states["posted"]
    short = Limit("within", Amount(2, "wd"), since="raised")
    program = replace(program, states={**program.states, "posted": replace(posted, limit=short)})
    facts = raised(program)

    early = step(facts, POST, at=later(hours=1), program=program)
    late = step(facts, POST, at=local("2026-03-05 09:00"), program=program)

    assert early.due == local("2026-03-04 17:30")
    assert late.due == local("2026-03-05 09:00")


def test_a_due_in_an_estimated_year_says_so() -> None:
    facts = raised(at=local("2026-12-31 10:00"))

    assert facts.provisional


# ── Who ──


def test_nobody_verifies_what_he_finished_even_as_its_raiser() -> None:
    facts = replace(finished(), raisers=("k13",))

    assert refusal(facts, replace(VERDICT, actor=replace(CHEN, via="account")), at=later(days=3)) == "own-work"


def test_a_slip_used_beside_the_account_of_whoever_finished_is_refused() -> None:
    actor = replace(LI, beside="k13")

    assert refusal(finished(), replace(VERDICT, actor=actor), at=later(days=3)) == "own-work"


def test_a_clerk_may_not_verify_but_another_may() -> None:
    facts = replace(finished(), clerks=("k12",))
    late = step(facts, CLOCKS, at=local("2026-03-11 17:30"))
    call = Command("record-call", TANG, {"reached": "yes", "solved": "yes"})

    assert refusal(late, call, at=local("2026-03-12 09:00")) == "own-work"
    assert step(late, replace(call, actor=ZHOU), at=local("2026-03-12 09:00")).state == "struck"


def test_a_raisers_code_opens_nothing_else() -> None:
    assert refusal(finished(), replace(VERDICT, actor=MEI), at=later(days=3)) == "not-yours"
    assert refusal(finished(), replace(VERDICT, actor=ANYONE), at=later(days=3)) == "not-yours"


def test_an_official_of_another_area_is_nobody_here() -> None:
    elsewhere = Actor("k99", (Appointment("staff", "window", "511112100006", "community"),))

    assert isinstance(may(residents(), raised(), elsewhere, "post"), No)
    assert may(residents(), raised(), WANG, "post") == Yes("community")


def test_a_handler_of_another_county_cannot_claim() -> None:
    posted = step(raised(), POST, at=later(hours=1))
    other = Actor("k98", (Appointment("handler", "far", "511102", "county"),))

    assert refusal(posted, replace(CLAIM, actor=other), at=later(hours=2)) == "not-yours"


def test_whoever_acts_for_two_units_says_which() -> None:
    posted = step(raised(), POST, at=later(hours=1))
    both = Actor("k13", (*CHEN.appointments, *LUO.appointments))

    assert refusal(posted, replace(CLAIM, actor=both), at=later(hours=2)) == "which-unit"
    assert refusal(posted, replace(CLAIM, actor=both, unit="moon"), at=later(hours=2)) == "not-your-unit"
    chosen = step(posted, replace(CLAIM, actor=both, unit="works"), at=later(hours=2))
    assert chosen.deeds[-1].unit == "works"


def test_every_move_of_a_state_is_listed_with_yes_or_the_reason() -> None:
    listed = {move.name: answer for move, answer in moves_open_to(residents(), raised(), WANG)}

    assert list(listed) == ["post", "ask", "decline", "same", "withdraw"]
    assert isinstance(listed["post"], Yes)
    assert isinstance(listed["withdraw"], No)
    assert listed["withdraw"].refused.next_step["zh"]


# ── Several raisers ──


def joined(facts: Facts, *raisers: str) -> Facts:
    for event in join(residents(), facts, raisers=raisers, at=facts.last_at):
        facts = evolve(residents(), facts, event)
    return facts


def test_joining_adds_each_raiser_once_and_keeps_state_and_due() -> None:
    before = finished()

    after = joined(before, "k2", "k1", "k2", "k3")

    assert after.raisers == ("k1", "k2", "k3")
    assert (after.state, after.due, after.state_since) == (before.state, before.due, before.state_since)
    assert after.seq == before.seq + 1


def test_joining_brings_the_clerks_of_the_merged_entry_along() -> None:
    events = join(residents(), finished(), raisers=["k2"], clerks=["k10", "k12"], at=later(days=3))

    assert [(event.seq, event.raisers, event.clerk) for event in events] == [(5, ("k2",), "k10"), (6, (), "k12")]


def test_joining_a_closed_entry_or_nobody_new_is_nothing() -> None:
    struck = step(finished(), VERDICT, at=later(days=3))

    assert join(residents(), struck, raisers=["k2"], at=later(days=3)) == []
    assert join(residents(), finished(), raisers=["k1", ""], at=later(days=3)) == []


@pytest.mark.parametrize(
    ("votes", "state"),
    [
        (["yes", "yes"], "struck"),
        (["no", "no"], "reinstated"),
        (["yes", "no", "partly"], "struck"),
        (["no", "yes", "no"], "reinstated"),
        (["yes", "no"], "finished"),
    ],
)
def test_votes_settle_the_verdict_as_soon_as_nothing_can_change_it(votes: list[str], state: str) -> None:
    facts = joined(finished(), "k2", "k3")

    for person, vote in zip(("k1", "k2", "k3"), votes, strict=False):
        facts = step(facts, Command("verdict", Actor(person, via="code"), {"solved": vote}), at=later(days=3))

    assert facts.state == state


def test_the_deciding_vote_is_two_events_and_the_move_bears_the_result() -> None:
    facts = joined(finished(), "k2", "k3")
    facts = step(facts, VERDICT, at=later(days=3))
    facts = step(facts, Command("verdict", MEI, {"solved": "no"}), at=later(days=3))

    events = tried(facts, Command("verdict", Actor("k3", via="code"), {"solved": "partly"}), at=later(days=3))

    assert isinstance(events, list)
    assert [(event.kind, event.seq, dict(event.answers)) for event in events] == [
        ("vote", 8, {"solved": "partly"}),
        ("move", 9, {"solved": "partly"}),
    ]


def test_nobodys_vote_by_the_limit_is_silence() -> None:
    facts = joined(finished(), "k2", "k3")

    assert step(facts, CLOCKS, at=local("2026-03-11 17:30")).state == "call-back"


# ── Duties, extensions, spans ──


def hung() -> Facts:
    facts = raised(hazard())
    return step(
        facts, Command("hang", QIN, {"grade": "major", "unit": "lighting"}), at=later(hours=1), program=hazard()
    )


def test_a_duty_leaves_the_state_and_its_due_and_says_when_it_came_late() -> None:
    before = hung()

    answer = tried(
        before, Command("duty:filing", QIN, {}, ("document",)), at=local("2026-03-06 09:00"), program=hazard()
    )

    assert isinstance(answer, list)
    (event,) = answer
    assert (event.kind, event.from_state, event.to_state, event.due) == ("duty", "planning", "planning", before.due)
    assert event.missed == local("2026-03-05 17:30")


def test_running_limits_are_the_span_and_the_duties_not_done() -> None:
    found = running_limits(hazard(), hung(), china())

    assert [(limit.kind, limit.name) for limit in found] == [
        ("duty", "filing"),
        ("duty", "first-notice"),
        ("span", "term"),
    ]


def test_a_span_ends_where_it_leads_so_the_clock_never_runs_in_a_circle() -> None:
    facts = hung()

    facts = step(facts, CLOCKS, at=local("2026-03-09 17:30"), program=hazard())

    assert facts.state == "supervised"
    assert facts.spans == {}


# ── Commands nobody should send ──


@pytest.mark.parametrize(
    "command",
    [
        None,
        "post",
        Command(None, LI),  # type: ignore[arg-type]  # garbage is the point
        Command("post", None),  # type: ignore[arg-type]
        Command("post", Actor(person=7)),  # type: ignore[arg-type]
        Command("post", Actor("k1", (None,))),  # type: ignore[arg-type]
        Command("post", Actor("k1", via="window", taker="k2")),  # type: ignore[arg-type]
        Command("post", LI, None),  # type: ignore[arg-type]
        Command("post", LI, {7: 8}),  # type: ignore[dict-item]
        Command("post", LI, {}, (7,)),  # type: ignore[arg-type]
        Command("post", LI, {}, ("photo",) * 100),
        Command("post", LI, {}, (), 7),  # type: ignore[arg-type]
        Command("post", LI, {}, (), "", True),
    ],
)
def test_a_malformed_command_is_refused(command: Command) -> None:
    assert isinstance(tried(raised(), command, at=later(hours=1)), Refused)


@pytest.mark.parametrize(
    ("answers", "code"),
    [
        ({"public-text": "x" * 2001}, "answer-too-long"),
        ({"public-text": "a\x00b"}, "answer-characters"),
        ({"public-text": "\ud800"}, "answer-characters"),
        ({"public-text": 7}, "answer-type"),
        ({"public-text": ["x"]}, "answer-type"),
        ({"public-text": "\n  "}, "answer-missing"),
        ({"category": "moon"}, "answer-choice"),
        ({"category": True}, "answer-type"),
        ({"colour": "red"}, "answer-unknown"),
        ({"\x00\ud800": "red"}, "answer-unknown"),
    ],
)
def test_an_answer_that_cannot_be_taken_names_its_question(answers: dict[str, object], code: str) -> None:
    command = replace(POST, answers={**POST.answers, **answers})  # type: ignore[arg-type]  # as a form sends it

    assert refusal(raised(), command, at=later(hours=1)) == code


@pytest.mark.parametrize("day", ["2026-3-10", "2026-02-30", "２０２６-03-10", "0000-00-00", "9999-12-31"])
def test_a_day_that_is_none_is_refused(day: str) -> None:
    posted = step(raised(), POST, at=later(hours=1))

    assert refusal(posted, replace(CLAIM, answers={**CLAIM.answers, "promised-date": day}), at=later(hours=2)) in (
        "answer-type",
        "date-too-late",
    )


def test_every_refusal_says_what_is_wrong_and_what_to_do_in_both_languages() -> None:
    for code, pattern in REFUSALS.items():
        assert pattern.rule and code == code.lower()
        for sentence in (pattern.zh, pattern.next_zh):
            assert sentence.endswith("。")
        for sentence in (pattern.en, pattern.next_en):
            assert sentence.endswith(".")


def test_a_finish_and_its_verdict_are_told_apart_by_how_it_was_verified() -> None:
    facts = finished()
    ways = {"code": "raiser-code", "account": "raiser-account"}

    for via, verified in ways.items():
        events = tried(facts, replace(VERDICT, actor=Actor("k1", via=via)), at=later(days=3))  # type: ignore[arg-type]
        assert isinstance(events, list)
        assert events[0].verified == verified


# ── A raiser who comes in person, or sends a relative ──

SEEN: dict[str, Json] = {"document-seen": "identity-card"}


def taken_by(taker: Actor, how: How = "window", person: str = "k1") -> Command:
    relative: dict[str, Json] = {"relation": "child", "relative-name": "Li", "consent": "signed"}
    given = {**VERDICT.answers, **(SEEN if how == "window" else relative)}
    return replace(VERDICT, actor=Actor(person, via=how, taker=taker), answers=given)


@pytest.mark.parametrize("how", ["window", "proxy"])
def test_a_verdict_taken_down_stays_the_raisers_and_names_who_took_it(how: How) -> None:
    events = tried(finished(), taken_by(ZHOU, how), at=later(days=3))

    assert isinstance(events, list)
    assert (events[0].party, events[0].person, events[0].verified) == ("raiser", "k1", how)
    assert events[0].taken == Taken(how, "caller", ZHOU.person, ZHOU.appointments[0].unit)
    assert "relative-name" not in {**events[0].answers, **events[0].told}


def test_who_had_a_hand_in_it_takes_no_verdict_down() -> None:
    written = replace(finished(), clerks=(WANG.person,))
    own = replace(finished(), raisers=("k1", WANG.person))

    assert refusal(written, taken_by(WANG), at=later(days=3)) == "own-work"
    assert refusal(own, taken_by(WANG), at=later(days=3)) == "own-work"
    assert refusal(finished(), taken_by(CHEN), at=later(days=3)) == "not-a-taker"
    both = replace(ZHOU, appointments=(*ZHOU.appointments, *CHEN.appointments))
    assert refusal(finished(), taken_by(both), at=later(days=3)) == "unit-handled-it"


def test_only_what_the_mechanism_lists_is_taken_down_and_only_for_a_raiser() -> None:
    posted = step(raised(), POST, at=later(hours=1))
    withdraw = Command("withdraw", Actor("k1", via="window", taker=WANG), SEEN)

    assert refusal(posted, withdraw, at=later(hours=2)) == "not-taken"
    assert refusal(finished(), taken_by(WANG, person="k9"), at=later(days=3)) == "not-yours"
    assert refusal(finished(), replace(VERDICT, actor=Actor("k1", via="window")), at=later(days=3)) == "not-taken"
    as_official = replace(POST, actor=replace(WANG, taker=WANG, via="window"))
    assert refusal(raised(), as_official, at=later(hours=1)) == "not-taken"


def test_taken_down_for_one_of_several_it_is_one_voice() -> None:
    facts = joined(finished(), "k2", "k3")

    events = tried(facts, taken_by(WANG, person="k2"), at=later(days=3))

    assert isinstance(events, list)
    assert [(event.kind, event.person, event.verified) for event in events] == [("vote", "k2", "window")]
    after = evolve(residents(), facts, events[0])
    assert refusal(after, taken_by(WANG, person="k2"), at=later(days=3)) == "already-judged"


def test_nobody_opens_a_matter_as_if_it_were_taken_down() -> None:
    command = Command("raise", Actor("k1", via="window", taker=WANG), {"what": "x", "where": PLACE["community"]})

    answer = open_entry(residents(), "raise", command, at=MONDAY_NINE, calendar=china(), place=PLACE, raiser="k1")

    assert isinstance(answer, Refused)
    assert answer.code == "bad-command"


def test_finishing_without_proof_is_refused_and_says_what_to_show() -> None:
    facts = step(step(raised(), POST, at=later(hours=1)), CLAIM, at=later(hours=2))

    answer = tried(facts, replace(FINISH, shown=()), at=later(days=1))

    assert answer == Refused(
        "no-proof",
        "V2",
        {"zh": "“提交办结”须出示照片。", "en": '"Report finished" needs proof: photo.'},
        {"zh": "请附上照片，再提交。", "en": "Add photo, then send again."},
        "photo",
    )

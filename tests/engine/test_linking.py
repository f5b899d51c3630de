"""Entries opened on other boards, and states that wait for them: every way back, once, and never without an end."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiebang.engine import CLOCK, Command, Facts, Program, Refused, cases, decide, heard, open_entry
from jiebang.engine.checker import check
from jiebang.engine.draw import draw
from jiebang.engine.findings import MechanismError
from jiebang.engine.model import ANYONE, BOARDS, Actor, Appointment, Event, Origin
from jiebang.engine.parser import parse
from jiebang.engine.plain import explain
from tests.engine import written
from tests.engine.calendars import china
from tests.engine.player import MS, PLACE, clock, folded, opened, ways_on
from tests.engine.test_properties import FIRST, within

MONDAY = datetime(2026, 3, 2, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
OFFICE = Actor("k9", (Appointment("board-office", "board-office", PLACE["county"], "county"),))
MEANINGS = ("solved", "explained", "withdrawn", "lapsed", "failed")


def resolution(**waiting: Any) -> str:
    """A matter that becomes tasks, one a line, and waits for them."""
    states = {
        "open": {
            "held by": "office",
            "within": "5 wd",
            "else": "failed",
            "may": {"resolve": {"to": "executing", "ask": ["items"]}},
        },
        "executing": {
            "opens": {"on": "task", "one for each": "items", "with": {"what": "item", "parent": "number"}},
            "waits for": {"all opened": None, "at most": "30 d"},
            "then": {"all solved": "accepting", "any failed": "again", "else": "explained"},
            "else": "failed",
            **waiting,
        },
        "again": {"route": {"at most": 1, "to": "executing", "then": "failed"}},
        "accepting": {
            "held by": "office",
            "within": "5 wd",
            "else": "failed",
            "may": {"accept": {"to": "explained"}},
        },
    }
    return written.text(states, fields={"items": {"type": "text", "many": 3}, "other": "entry", "fact": "yes-no"})


def resolved(program: Program, items: Any = ("lamp", "road")) -> tuple[Facts, Event]:
    facts = opened(program, at=MONDAY, calendar=china())
    command = Command("resolve", OFFICE, {"items": list(items) if not isinstance(items, str) else items})
    events = decide(program, facts, command, at=MONDAY + HOUR, calendar=china())
    assert not isinstance(events, Refused), events
    return folded(program, facts, events), events[0]


def told(program: Program, facts: Facts, slot: str, means: str, *, at: datetime | None = None) -> Facts:
    return folded(program, facts, heard(program, facts, slot, means, at=at or facts.last_at + HOUR))


# ── Opening ──


def test_one_entry_is_opened_for_each_line_and_the_log_knows_how_many() -> None:
    facts, event = resolved(parse(resolution()), "lamp\n\n road \n")

    assert [(one.mechanism, one.opening, one.item) for one in event.opens] == [
        ("task", "opened", 0),
        ("task", "opened", 1),
    ]
    assert event.opens[0].carry == {"what": "item", "parent": "number"}
    assert (event.answers["items"], event.told["items"]) == (2, ["lamp", "road"])
    assert facts.opened == {"2.0": "", "2.1": ""}


@pytest.mark.parametrize(
    ("items", "code"),
    [("", "answer-missing"), (" \n ", "answer-missing"), ("a\nb\nc\nd", "too-many-lines"), (7, "answer-type"),
     (["a", 7], "answer-type"), (["x" * 2001], "answer-too-long")],
)  # fmt: skip
def test_lines_that_cannot_be_taken_are_refused(items: Any, code: str) -> None:
    program = parse(resolution())
    facts = opened(program, at=MONDAY, calendar=china())

    refused = decide(program, facts, Command("resolve", OFFICE, {"items": items}), at=MONDAY, calendar=china())

    assert isinstance(refused, Refused) and refused.code == code


def test_a_move_opens_too_and_only_when_it_was_agreed_to() -> None:
    states = {
        "open": {"held by": "office", "within": "5 wd", "else": "failed",
                 "may": {"order": {"to": "explained", "opens": "task", "second": "1 wd"}}},
    }  # fmt: skip
    program = written.program(states)
    facts = opened(program, at=MONDAY, calendar=china())
    asked = decide(program, facts, Command("order", OFFICE), at=MONDAY, calendar=china())
    assert not isinstance(asked, Refused) and asked[0].opens == ()
    other = Actor("k8", OFFICE.appointments)

    agreed = decide(program, folded(program, facts, asked), Command("agree", other), at=MONDAY + HOUR, calendar=china())

    assert not isinstance(agreed, Refused)
    assert [one.mechanism for one in agreed[0].opens] == ["task"]


def test_what_another_entry_opens_nobody_else_can() -> None:
    states = {"given": {"held by": "office", "within": "5 wd", "else": "failed", "may": {"done": {"to": "explained"}}}}
    program = written.program(states, opening={"opened": {"by": "boards", "ask": ["what"], "to": "given"}})
    asked = Command("opened", BOARDS, {"what": "lamp"})
    origin = Origin("ab" * 16, 2, 0)

    events = open_entry(program, "opened", asked, at=MONDAY, calendar=china(), place=PLACE, raiser="k5", origin=origin)

    assert not isinstance(events, Refused)
    assert (events[0].origin, events[0].person, events[0].party) == (origin, "k5", "boards")
    for somebody in (ANYONE, OFFICE, CLOCK, Actor("k1", via="code")):
        refused = open_entry(program, "opened", Command("opened", somebody, {"what": "x"}), at=MONDAY,
                             calendar=china(), place=PLACE, raiser="k5")  # fmt: skip
        assert isinstance(refused, Refused) and refused.code == "not-yours"


# ── Waiting ──


@pytest.mark.parametrize(
    ("ends", "state"),
    [(("solved", "solved"), "accepting"), (("solved", "failed"), "executing"), (("solved", "lapsed"), "explained")],
)
def test_when_the_last_has_closed_the_clock_goes_where_it_ended(ends: tuple[str, str], state: str) -> None:
    program = parse(resolution())
    facts, _ = resolved(program)
    due = facts.due

    facts = told(program, facts, "2.0", ends[0])
    assert (facts.state, facts.due) == ("executing", due)
    facts = told(program, facts, "2.1", ends[1])
    assert (facts.state, facts.due) == ("executing", facts.last_at)
    facts = clock(program, facts, calendar=china())

    assert facts.state == state
    if state == "executing":  # once more, through the route: what is opened now counts, what failed before does not
        assert facts.opened["5.0"] == "" and facts.due is not None and facts.due > facts.last_at


def test_nothing_is_heard_twice_or_from_strangers() -> None:
    program = parse(resolution())
    facts, _ = resolved(program)
    facts = told(program, facts, "2.0", "solved")

    assert heard(program, facts, "2.0", "failed", at=facts.last_at) == []
    assert heard(program, facts, "9.9", "failed", at=facts.last_at) == []
    closed = clock(program, facts, calendar=china())
    assert closed.state == "failed"
    assert heard(program, closed, "2.1", "solved", at=closed.last_at) == []


def test_waiting_ends_although_nothing_is_heard() -> None:
    program = parse(resolution())
    facts, _ = resolved(program)
    assert facts.due == datetime(2026, 4, 1, 16, tzinfo=UTC)  # 30 days on, 24:00 in Leshan; a wait does not roll

    assert clock(program, facts, calendar=china()).state == "failed"


def test_a_state_entered_when_all_has_closed_is_left_at_once() -> None:
    states = {
        "open": {"held by": "office", "within": "5 wd", "else": "failed",
                 "may": {"order": {"to": "thinking", "opens": "task"}}},
        "thinking": {"held by": "office", "within": "5 wd", "else": "failed", "may": {"wait": {"to": "waiting"}}},
        "waiting": {"waits for": {"all opened": None, "at most": "30 d"}, "else": "failed",
                    "then": {"all solved": "done", "else": "failed"}},
        "done": {"held by": "office", "within": "5 wd", "else": "failed", "may": {"end": {"to": "explained"}}},
    }  # fmt: skip
    program = written.program(states)
    facts = opened(program, at=MONDAY, calendar=china())
    for move in ("order", "wait"):
        if move == "wait":
            facts = told(program, facts, "2.0", "solved")
        events = decide(program, facts, Command(move, OFFICE), at=facts.last_at + HOUR, calendar=china())
        assert not isinstance(events, Refused)
        facts = folded(program, facts, events)

    assert (facts.state, facts.due) == ("waiting", facts.last_at)
    assert clock(program, facts, calendar=china()).state == "done"


def test_an_entry_that_was_named_is_waited_for() -> None:
    states = {
        "open": {"held by": "office", "within": "5 wd", "else": "failed",
                 "may": {"follow": {"to": "waiting", "ask": ["other"]}}},
        "waiting": {"waits for": {"entry": "other", "at most": "30 d"},
                    "then": {"solved or explained": "explained", "else": "failed"}, "else": "failed"},
    }  # fmt: skip
    program = written.program(states, fields={"other": "entry"})
    facts = opened(program, at=MONDAY, calendar=china())
    events = decide(program, facts, Command("follow", OFFICE, {"other": "LS-26-000007"}), at=MONDAY, calendar=china())
    assert not isinstance(events, Refused) and events[0].awaits == "LS-26-000007"

    facts = told(program, folded(program, facts, events), "LS-26-000007", "explained")

    assert clock(program, facts, calendar=china()).state == "explained"


def test_facts_somebody_tells_decide() -> None:
    program = parse(resolution(**{
        "opens": "task", "waits for": {"facts": ["fact"], "from": "upper", "at most": "9 d"},
        "then": {"fact": "accepting", "else": "failed"},
    }))  # fmt: skip
    state = program.states["executing"]

    assert (state.holder, state.limit.kind, state.waits) == ("upper", "waits", None)
    assert [branch.to for branch in state.moves["report"].to] == ["accepting", "failed"]
    assert state.moves["report"].by == ("upper",)


STORY = """
place: {county: a2}
people: {ann: {}, bob: {office: board-office, level: county, unit: board-office}}
stories:
  done:
    steps:
      - {at: 2026-03-02 09:00, who: ann, does: raise, answers: {what: dark}, state: open}
      - {at: 2026-03-02 10:00, who: bob, does: resolve, answers: {items: "lamp\\nroad"}, opens: task task}
      - {at: 2026-03-03 09:00, closed: solved, state: executing, events: heard}
      - {at: 2026-03-04 09:00, closed: solved, slot: '2.1', state: accepting, events: heard clock}
  nothing:
    continues: done
    steps:
      - {at: 2026-03-05 09:00, closed: solved}
"""


def test_a_story_tells_of_ends_elsewhere() -> None:
    done, nothing = cases.run(STORY, parse(resolution()), china())

    assert done.ok, done.why
    assert not nothing.ok and "no entry that is waited for" in nothing.why


# ── Words, slips ──


def test_it_is_said_in_words_and_drawn() -> None:
    program = parse(resolution())
    boards = {"task": {"zh": "任务榜", "en": "Tasks"}}

    english, chinese = (explain(program, lang, calendar=china(), boards=boards) for lang in ("en", "zh"))

    assert "On entering it opens an entry on “Tasks” for each of “items”" in english
    assert "Waits for another entry, 30 days at most; done → accepting (all solved)" in english
    assert "进入时“items”的每一项在“任务榜”开出一件事项" in chinese
    assert "executing → accepting (what it waits for)" in draw(program, "en").text


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ({"waits for": {"all opened": None}}, "“at most” is missing"),
        ({"waits for": {"at most": "3 d"}}, "names what it waits for"),
        ({"waits for": {"all opened": None, "entry": "other", "at most": "3 d"}}, "names what it waits for"),
        ({"waits for": {"entry": "items", "at most": "3 d"}}, "no question of `type: entry`"),
        ({"waits for": {"all opened": None, "at most": "3 d", "from": "office"}}, "“from” has no meaning here"),
        ({"waits for": "all opened"}, "“key: value” lines are wanted"),
        ({"then": {"all solved": "accepting"}}, "any other outcome"),
        ({"then": {"all happy": "accepting", "else": "failed"}}, "outcome “all happy” is not understood"),
        ({"then": {"solved": "accepting", "else": "failed"}}, "outcome “solved” is not understood"),
        ({"then": {"else": "failed"}}, "`else` stands last"),
        ({"then": {"all solved": "nowhere", "else": "failed"}}, "no state “nowhere”"),
        ({"within": "3 d"}, "exactly one limit"),
        ({"opens": {"on": "task", "one for each": "what"}}, "no question of several answers"),
        ({"opens": {"on": "task", "with": {"what": "item"}}}, "no `item` without"),
        ({"opens": {"on": "task", "with": {"what": "nothing"}}}, "no question “nothing”"),
        ({"opens": {"as": "task"}}, "“on” is missing"),
    ],
)
def test_slips_are_named(state: dict[str, Any], said: str) -> None:
    with pytest.raises(MechanismError) as caught:
        parse(resolution(**state))

    assert any(said in finding.en for finding in caught.value.findings), caught.value


def test_the_citys_silence_elsewhere_ends_in_failed() -> None:
    found = check(parse(resolution(**{"else": "explained"})), calendar=china()).errors

    assert {finding.rule for finding in found} == {"V3"}


# ── The bound ──


def linking(draw: st.DrawFn, names: list[str], onward: list[str]) -> dict[str, Any]:
    if not draw(st.booleans()):
        return {}
    some = {"items": {"opens": {"on": "task", "one for each": "items", "with": {"what": "item"}}, "ask": ["items"]},
            "one": {"opens": "task"}}  # fmt: skip
    return {"order": {"to": draw(st.sampled_from(onward)), **some[draw(st.sampled_from(sorted(some)))]}}


@st.composite
def waiting(draw: st.DrawFn) -> str:
    """Every state may be followed by one that waits for what was opened on the way."""
    n = draw(st.integers(1, 3))
    states: dict[str, Any] = {}
    for i in range(n):
        after = f"s{i + 1}" if i + 1 < n else "explained"
        onward = [f"s{k}" for k in range(i + 1, n)] + ["failed"]
        back = {"back": {"to": f"s{draw(st.integers(0, i))}", "at most": 1}} if draw(st.booleans()) else {}
        order = linking(draw, [], [f"w{i}", after]).get("order", {})
        states[f"s{i}"] = {
            "held by": "office",
            "within": draw(st.sampled_from(written.LIMITS)),
            "else": draw(st.sampled_from(onward)),
            "may": {"on": {"to": f"w{i}"}, **({"order": order} if order else {}), **back},
        }
        opens = {"opens": "task"} if draw(st.booleans()) else {}
        states[f"w{i}"] = {
            **opens,
            "waits for": {"all opened": None, "at most": draw(st.sampled_from(written.LIMITS))},
            "then": {draw(st.sampled_from(["all solved", "any failed or lapsed", "all explained or solved"])): after,
                     "else": f"r{i}"},
            "else": draw(st.sampled_from(onward)),
        }  # fmt: skip
        states[f"r{i}"] = {"route": {"at most": draw(st.integers(1, 2)), "to": f"s{i}", "then": "failed"}}
    return written.text(states, fields={"items": {"type": "text", "many": 3}})


@given(waiting(), st.integers(0, 3 * 365 * 24 * 60), st.integers(0, 2**32))
def test_no_run_that_opens_and_waits_lasts_longer_than_the_worst_case(text: str, minutes: int, seed: int) -> None:
    program = parse(text)
    report = check(program, calendar=china())
    if report.bounds is None:
        assert {finding.rule for finding in report.errors} & {"D3", "D4"}
        return
    dice = random.Random(seed)
    facts = opened(program, at=FIRST + timedelta(minutes=minutes), calendar=china())
    for _ in range(500):
        if facts.due is None:
            break
        open_slots = [slot for slot, end in facts.opened.items() if not end]
        at = max(facts.due - MS, facts.last_at)
        if open_slots and dice.random() < 0.4:
            before = facts
            facts = told(program, facts, dice.choice(open_slots), dice.choice(MEANINGS), at=at)
            assert facts.seq == before.seq + 1 and facts.state == before.state
            continue
        ways = list(ways_on(program, facts, at=at, calendar=china())) if dice.random() < 0.7 else []
        facts = dice.choice(ways) if ways else clock(program, facts, calendar=china())

    assert facts.due is None
    assert within(facts, report.bounds)

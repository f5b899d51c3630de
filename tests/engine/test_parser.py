"""Reading mechanism files: what they compile to, and how every slip is answered with its line and its mend."""

from __future__ import annotations

import re
import string
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiebang.engine.findings import MechanismError
from jiebang.engine.model import Amount, Ask, Branch, Collect, Condition, Exclusion, Limit, Proof
from jiebang.engine.model import Test as Comparison
from jiebang.engine.objections import OBJECTIONS
from jiebang.engine.parser import parse
from tests.engine.calendars import PACKS
from tests.engine.playing import hazard
from tests.engine.shipped import compiled, residents, residents_text

SMALL = """
mechanism: lamp
since: '2026-01-01'
title: {zh: 灯, en: Lamp}
log: coarse
parties:
  staff: {staff of: area, level: ward, title: {zh: 前台, en: staff}}
fields:
  what: {type: text, title: {zh: 什么, en: What}}
  fixed: {type: yes-no, title: {zh: 修好了, en: Fixed}}
  day: {type: date, title: {zh: 日期, en: Day}}
opening:
  raise: {by: anyone, ask: [what], to: open, title: {zh: 提出, en: Raise}}
states:
  open:
    title: {zh: 待办, en: Open}
    held by: staff
    within: 3 wd
    else: failed
    may:
      done: {to: asked, ask: [what?], title: {zh: 做完, en: Done}}
  asked:
    title: {zh: 待评, en: Asked}
    held by: raiser
    within: 3 wd
    else: failed
    may:
      judge: {ask: [fixed], to: {fixed: struck, not fixed: failed}, verifies: true, title: {zh: 评, en: Judge}}
finals:
  struck: {means: solved, title: {zh: 销, en: Struck}}
  failed: {means: failed, title: {zh: 败, en: Failed}}
"""


def findings(text: str | bytes) -> list[tuple[int, str, str]]:
    """Line, rule and English sentence of each objection."""
    with pytest.raises(MechanismError) as caught:
        parse(text, filename="lamp.yaml")
    for finding in caught.value.findings:
        assert finding.file == "lamp.yaml"
        assert finding.zh and finding.en and finding.mend_zh and finding.mend_en
    return [(finding.line, finding.rule, finding.en) for finding in caught.value.findings]


# ── What files compile to ──


def test_the_small_file_compiles() -> None:
    program = parse(SMALL)

    assert program.id == "lamp"
    assert list(program.parties) == ["anyone", "raiser", "clock", "staff"]
    assert program.states["open"].limit == Limit("within", Amount(3, "wd"))
    assert program.states["open"].moves["done"].by == ("staff",)
    assert program.states["asked"].moves["judge"].to == (
        Branch(Condition((Comparison("fixed", ("yes",)),)), "struck"),
        Branch(Condition((Comparison("fixed", ("yes",), negated=True),)), "failed"),
    )


def test_the_board_of_residents_says_what_it_is_meant_to_say() -> None:
    program = residents()

    claimed = program.states["claimed"]
    assert claimed.limit.until == "promised-date"
    assert claimed.limit.ceiling == Amount(15, "wd")
    assert claimed.moves["finish"].show == (
        Proof("photo", "", Condition((Comparison("category", mark="visible-work"),))),
    )
    assert program.parties["caller"].never[1] == Exclusion("unit", ("finish",))
    assert program.states["finished"].moves["verdict"].collect == Collect("solved", ("yes", "partly"), "no")
    assert program.states["call-back"].moves["record-call"].ask[1] == Ask(
        "solved", False, Condition((Comparison("reached", ("yes",)),))
    )
    assert program.routes["reinstating"].at_most == 2


def test_what_conditions_and_limits_read_is_logged_and_nothing_private_is() -> None:
    logged = {name for name, field in residents().fields.items() if field.logged}

    assert logged == {"category", "same-entry", "unit", "promised-date", "solved", "satisfied", "reached"}


def test_agreed_by_is_drawn_as_a_state_of_its_own() -> None:
    program = hazard()

    waiting = program.states["not-a-hazard-agreement"]
    assert (waiting.holder, waiting.clock_to, list(waiting.moves)) == ("supervisor", "found", ["agree", "disagree"])
    assert program.states["found"].moves["not-a-hazard"].at_most == 1
    assert waiting.title["zh"] == "待同意：不属隐患"


def test_a_file_of_one_language_has_that_language_only() -> None:
    text = re.sub(r"\{zh: [^,{}]+, en: ([^{}]+)\}", r"{en: \1}", SMALL)

    program = parse(text)

    assert program.title == {"en": "Lamp"}
    assert all(set(party.title) == {"en"} for party in program.parties.values())


def test_a_plain_text_is_a_title_when_there_is_one_language() -> None:
    text = re.sub(r"\{zh: [^,{}]+, en: ([^{}]+)\}", r"\1", SMALL).replace("title: Lamp", "title: {en: Lamp}")

    assert parse(text).states["open"].title == {"en": "Open"}


def test_a_limit_may_name_its_anchor_and_its_source() -> None:
    first, second = "within: 15 wd since raised", "within: {amount: 5 d, since: done, source: law}"
    text = second.join(SMALL.replace("within: 3 wd", first, 1).split("within: 3 wd"))

    program = parse(text)

    assert program.states["open"].limit == Limit("within", Amount(15, "wd"), since="raised")
    assert program.states["asked"].limit == Limit("within", Amount(5, "d"), since="done", source="law")


# ── How slips are answered ──


@pytest.mark.parametrize(
    ("old", "new", "line", "rule", "said"),
    [
        ("held by: staff", "held bye: staff", 17, "F1", "Did you mean “held by”?"),
        ("held by: staff", "held by: stuff", 18, "F5", "There is no party “stuff”"),
        ("within: 3 wd", "within: 3 days", 19, "F3", "“3 days” is no length of time"),
        ("within: 3 wd", "within: 0 wd", 19, "F3", "no length of time"),
        ("within: 3 wd", "within: 3 wd since claim", 19, "F5", "There is no move “claim”"),
        ("within: 3 wd", "within: {until: day}", 19, "D1", "no ceiling"),
        ("within: 3 wd", "within: {until: what, at most: 3 wd}", 19, "F5", "no date question"),
        ("within: 3 wd", "lasts: 3 wd", 20, "F1", "`then` belongs here"),
        ("    within: 3 wd\n", "", 17, "D1", "exactly one limit"),
        ("else: failed", "else: fail", 20, "F5", "Did you mean “failed”?"),
        ("to: asked", "to: ask", 22, "F5", "There is no state “ask”"),
        ("to: asked, ", "", 22, "F2", "“to” is missing"),
        ("ask: [what?]", "ask: [whatever]", 22, "F5", "There is no question “whatever”"),
        ("ask: [what?]", "ask: [what, what?]", 22, "Y4", "asked twice"),
        ("ask: [what?]", "ask: [what?], by: king", 22, "F5", "There is no party “king”"),
        ("ask: [what?]", "ask: [what?], then: failed", 22, "F2", "`then` needs `at most`"),
        ("ask: [what?]", "ask: [what?], at most: 0", 22, "F3", "A whole number from 1 to 100"),
        ("ask: [what?]", "ask: [what?], at most: two", 22, "F3", "A whole number"),
        ("ask: [what?]", "ask: [what?], show: movie", 22, "F3", "no kind of proof"),
        ("ask: [what?]", "ask: [what?], finishes: yes", 22, "F3", "`true` or `false`"),
        ("ask: [what?]", "ask: [what?], if: fixed is maybe", 22, "F5", "no such choice"),
        ("ask: [what?]", "ask: [what?], if: what is x", 22, "F5", "can be tested"),
        ("ask: [what?]", "ask: [what?], if: all duties done but tea", 22, "F5", "no such duty"),
        ("ask: [what?]", "ask: [what?], joins: true", 22, "F2", "into which entry"),
        ("ask: [what?]", "ask: [what?], opens: {as: repair}", 22, "F2", "“on” is missing"),
        ("ask: [what?]", "ask: [what?], agreed by: staff", 22, "D1", "within what time they must agree"),
        ("fixed: struck, not fixed: failed", "fixed: struck", 29, "G4", "there is no way"),
        ("fixed: struck, not fixed: failed", "fixed: struck, fixed is yes or no: failed", 29, "G2", "two ways"),
        ("verifies: true", "verifies: true, collect: what", 29, "F5", "no required choice question"),
        ("verifies: true", "verifies: true, collect: {count: fixed, yes: ['yes']}, colour: red", 29, "F1", "colour"),
        ("type: text", "type: essay", 9, "F5", "There is no value “essay”"),
        ("type: text", "type: text, most: 5000", 9, "F3", "2,000 characters"),
        ("type: text", "type: position", 9, "F3", "cannot be public"),
        ("type: text", "type: choice", 9, "F2", "fewer than two choices"),
        ("type: text", "type: choice, choices from: categories/moon", 9, "F5", "no category list “categories/moon”"),
        ("type: text", "type: text, choices: {a: {zh: 甲, en: A}, b: {zh: 乙, en: B}}", 9, "F3", "no choice"),
        ("type: yes-no,", "type: yes-no, visible: private,", 29, "G3", "logged in clear"),
        ("title: {zh: 待办, en: Open}", "title: {en: Open}", 17, "F6", "The text in “zh” is missing"),
        ("    title: {zh: 待办, en: Open}\n", "", 17, "F6", "“open” has no title"),
        ("title: {zh: 待办, en: Open}", "title: Open", 17, "F6", "each language"),
        ("since: '2026-01-01'", "since: tomorrow", 3, "F3", "is not a day"),
        ("log: coarse", "log: secret", 5, "F5", "There is no value “secret”"),
        ("log: coarse\n", "", 2, "F2", "“log” is missing"),
        ("log: coarse", "log: coarse\nseasons: {}", 6, "F4", "no “seasons” yet"),
        ("log: coarse", "log: coarse\ntitles: {moves: {dine: {zh: 吃, en: Dine}}}", 6, "F5", "Did you mean “done”?"),
        ("staff: {staff of", "raiser: {staff of", 7, "F5", "is built in"),
        ("{staff of: area, level: ward", "{level: ward", 7, "F2", "who “staff” is"),
        ("level: ward", "level: ward, role: doer", 7, "F1", "“role” has no meaning here"),
        ("within: 3 wd", "within: {amount: 3 wd, at most: 5 wd}", 18, "F1", "“at most” has no meaning here"),
        ("      done:", "      clock:", 22, "F3", "“clock” cannot be the name of a move"),
        ("ask: [what?]", "ask: [what?], source: law", 22, "F1", "“source” has no meaning here"),
        ("level: ward", "level: ward, never: [whoever did nothing]", 7, "F5", "There is no move “nothing”"),
        ("level: ward", "level: ward, never: [relatives]", 7, "F3", "is not understood"),
        ("staff of: area, level: ward", "unit that did: fly", 7, "F5", "There is no move “fly”"),
        ("means: solved", "means: happy", 31, "F5", "There is no value “happy”"),
        ("  failed: {means", "  asked: {means", 32, "F5", ""),
        ("ask: [what], to: open", "ask: [what], to: open, at most: 1", 13, "F1", "An opening has no laps"),
        ("raise: {by: anyone,", "raise: {", 13, "F2", "who may do “raise”"),
    ],
)  # fmt: skip
def test_a_slip_is_answered_with_its_line_and_its_mend(old: str, new: str, line: int, rule: str, said: str) -> None:
    assert old in SMALL

    found = findings(SMALL.replace(old, new, 1))

    if said:
        assert any(abs(at - line) <= 1 and code == rule and said in text for at, code, text in found) or any(
            said in mend for mend in _mends(SMALL.replace(old, new, 1))
        ), found


def _mends(text: str) -> list[str]:
    with pytest.raises(MechanismError) as caught:
        parse(text)
    return [finding.sentence("en") for finding in caught.value.findings]


def test_all_slips_are_told_at_once_in_the_order_of_the_file() -> None:
    text = SMALL.replace("log: coarse", "log: secret").replace("within: 3 wd", "within: soon")

    assert [(line, rule) for line, rule, _ in findings(text)] == [(5, "F5"), (18, "F3"), (25, "F3")]


def test_routes_must_not_run_in_a_ring() -> None:
    route = "states:\n  a: {route: {at most: 1, to: open, then: b}, title: {zh: 甲, en: A}}\n"
    route += "  b: {route: {at most: 1, to: a, then: a}, title: {zh: 乙, en: B}}\n"

    assert any("run in a ring" in text for _, _, text in findings(SMALL.replace("states:\n", route)))


def test_the_drafts_that_need_more_than_the_language_has_are_refused_with_sentences() -> None:
    text = SMALL.replace("within: 3 wd", "waits for: {hall: meeting}", 1).replace(
        "means: solved", "means: solved, recheck: {share: 10 %}"
    )

    said = " ".join(text for _, _, text in findings(text))

    assert "no key “hall” in waits for" in said
    assert "A whole number from 1 to 100" in said


# ── Files that are not mechanisms ──


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("", "Y5"),
        ("- a\n- b", "F3"),
        ("just words", "F3"),
        ("a: [", "Y5"),
        ("a: 1\na: 2", "Y4"),
        ("a: &x 1\nb: *x", "Y3"),
        ("a: !!str 2", "Y3"),
        ("%TAG ! tag:x\n---\na: 1\n---\nb: 1", "Y5"),
        ("? [a]\n: b", "Y5"),
        ("a: \x00", "Y5"),
        (b"\xff\xfe", "Y5"),
        ("[" * 31, "Y2"),
        ("[" * 100_000, "Y2"),
        ("- " * 2_000, "Y2"),
        ("\n".join(" " * n + f"k{n}:" for n in range(40)), "Y2"),
        ('["]"' + ', ["]"' * 40, "Y2"),
        ("#" * (256 * 1024 + 1), "Y1"),
        ("榜" * (90 * 1024), "Y1"),
    ],
)
def test_what_could_surprise_or_stall_is_refused(text: str | bytes, rule: str) -> None:
    assert findings(text)[0][1] == rule


@given(st.text(st.characters(), max_size=60) | st.binary(max_size=60))
def test_no_text_makes_the_parser_fail(text: str | bytes) -> None:
    with pytest.raises(MechanismError):
        parse(text)


@given(data=st.data())
def test_no_damage_to_a_real_file_makes_the_parser_fail(data: st.DataObject) -> None:
    text = SMALL
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(text)))
        cut = data.draw(st.integers(0, 8))
        put = data.draw(st.text(string.ascii_lowercase + " :{}[],'\n?-", max_size=6))
        text = text[:at] + put + text[at + cut :]

    with suppress(MechanismError):
        parse(text)


def test_the_line_of_a_finding_is_the_line_of_the_slip_in_a_long_file() -> None:
    lines = residents_text().split("\n")
    at = next(n for n, line in enumerate(lines) if line.startswith("      offer:"))
    lines[at] = lines[at].replace("offered", "offerd")

    with pytest.raises(MechanismError) as caught:
        compiled("\n".join(lines))

    assert [(finding.line, finding.mend_en) for finding in caught.value.findings] == [
        (at + 1, "Did you mean “offered”?")
    ]


def test_every_objection_ends_its_sentences() -> None:
    for code, pattern in OBJECTIONS.items():
        assert code == code.lower()
        assert pattern.zh.endswith(("。", "？"))
        assert pattern.en.endswith((".", "?"))


def test_no_shipped_mechanism_needs_python() -> None:
    assert not list(PACKS.rglob("*.py"))


def test_what_is_left_empty_is_told_on_its_own_line():
    with pytest.raises(MechanismError) as refused:
        parse("mechanism:\n# a remark\nsince: ''\ntitle: {en: }\nlog: open\n")

    told = {(finding.line, finding.en) for finding in refused.value.findings}
    assert (1, "“” cannot be a name.") in told
    assert (3, "“” is not a day.") in told


@pytest.mark.parametrize("day", ["2026-13-01", "2026-02-30", "２０２６-01-01", "tomorrow"])
def test_a_day_that_is_none_is_objected_to(day):
    with pytest.raises(MechanismError, match="is not a day"):
        parse(f"mechanism: lamps\nsince: '{day}'\ntitle: {{en: Lamps}}\nlog: open\n")

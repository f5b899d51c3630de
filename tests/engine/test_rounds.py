"""Registers and rounds without a database: what a text compiles to, and what can ever happen to a subject."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiebang.engine import canonical
from jiebang.engine.findings import MechanismError
from jiebang.engine.model import Amount, Refused
from jiebang.engine.rounds import checks, lifecycle
from jiebang.engine.rounds.model import Register, Round, Season, Standing
from jiebang.engine.rounds.parser import parse_register, parse_round
from jiebang.engine.rounds.rows import Row, Surroundings, planned, safe_cells
from tests.engine.calendars import china
from tests.rounds.city import HOMES, PATROL, POINTS, ROLL

MONDAY_NINE = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
CHINA = china()
REGISTER = parse_register(POINTS)
PEOPLE = parse_register(HOMES)
REGISTERS = {"points": REGISTER, "homes": PEOPLE}
ROUND = parse_round(PATROL, registers={"points": REGISTER})
ROSTER = parse_round(ROLL, registers={"homes": PEOPLE})


def rules(text: str, *, of: str = "round") -> list[tuple[int, str]]:
    with pytest.raises(MechanismError) as wrong:
        _ = parse_register(text) if of == "register" else parse_round(text, registers=REGISTERS)
    return [(finding.line, finding.rule) for finding in wrong.value.findings]


# ── What a text says ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("made", [REGISTER, PEOPLE, ROUND, ROSTER], ids=lambda made: made.id)
def test_the_compiled_form_is_read_back_as_it_was(made: Register | Round) -> None:
    assert canonical.definition_from_json(type(made), canonical.definition_to_json(made)) == made


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ("about: things", "about: people", "N2"),
        ("key: number", "key: nothing", "N1"),
        ("area: where", "area: place", "N1"),
        ("number: {type: text, most: 20,", "number: {type: text, visible: private, most: 20,", "N2"),
        ("number: {type: text, most: 20,", "number: {type: photo,", "N1"),
        ("owner: {office: board-office,", "owner: {", "N4"),
    ],
)
def test_a_register_that_cannot_be_used_is_refused_with_its_rule(old: str, new: str, rule: str) -> None:
    assert old in POINTS
    assert rule in [found for _, found in rules(POINTS.replace(old, new), of="register")]


@pytest.mark.parametrize(
    ("text", "old", "new", "rule"),
    [
        (PATROL, "register: points", "register: nothing", "N3"),
        (PATROL, "when: {on:", "when: {every: 1 h, on:", "N5"),
        (PATROL, "when: {on:", "when: {every: 3 wd, on:", "N5"),
        (PATROL, "when: {on:", "when: {during: {from: '02-31', to: '09-30'}, on:", "N5"),
        (PATROL, "subjects: all", "subjects: {where: keeper}", "F5"),
        (PATROL, "subjects: all", "subjects: {sample: 0}", "F3"),
        (
            PATROL,
            "  normal: {title: {zh: 正常, en: In order}}",
            "  normal: {title: {zh: 正常, en: Fine}, opens: {on: a, as: b}}",
            "N6",
        ),
        (PATROL, "  normal:", "  tried: {title: {zh: 无人, en: Nobody}}\n  normal:", "N6"),
        (PATROL, "spot: subject", "spot: keeper", "F5"),
        (PATROL, "log: open", "log: open\nby link: true", "N2"),
        (ROLL, "log: veiled", "log: open", "N2"),
        (ROLL, "erase after: 30 d", "", "N2"),
    ],
)
def test_a_round_that_cannot_be_run_is_refused_with_its_rule(text: str, old: str, new: str, rule: str) -> None:
    assert old in text
    assert any(found.startswith(rule) for _, found in rules(text.replace(old, new)))


def test_a_text_too_long_for_one_leaf_is_refused() -> None:
    assert (1, "N8") in rules(POINTS + "# " + "x" * 20_000 + "\n", of="register")


def test_a_round_is_held_against_the_city_it_is_for() -> None:
    found = checks.check_round(ROUND, REGISTER, {}, levels=("county",), units=set())

    assert {finding.rule for finding in found} == {"N4", "N7"}


# ── What happens to a subject ───────────────────────────────────────────────────────────────────────────────

WALKS = st.lists(
    st.tuples(st.sampled_from(["normal", "abnormal", "tried", "clock"]), st.integers(0, 90)), min_size=1, max_size=12
)


@given(WALKS)
def test_whatever_happens_only_an_answer_counts_and_missed_stays_missed(walk: list[tuple[str, int]]) -> None:
    at, answers = MONDAY_NINE, 0
    standing = lifecycle.begun(ROSTER, at=at, calendar=CHINA)
    was_missed = False
    for what, minutes in walk:
        at += timedelta(minutes=minutes)
        before = standing
        step = (
            lifecycle.timed(ROSTER, standing, at=at, calendar=CHINA)
            if what == "clock"
            else lifecycle.answered(ROSTER, standing, what, at=at)
        )
        if step is None or isinstance(step, Refused):
            continue
        standing = lifecycle.evolve(standing, step)
        answers += step.what == "done"
        was_missed |= standing.state == "missed"
        assert before.state != "done"
        assert (standing.due is None) == (standing.state in ("done", "missed"))
    assert (standing.state == "done") == (answers == 1)
    assert not was_missed or standing.state == "missed"


@given(st.lists(st.sampled_from(["due", "escalated", "done", "missed"]), max_size=60))
def test_the_coverage_adds_up_and_never_rounds_up(states: list[str]) -> None:
    counts = lifecycle.coverage(Standing(state, None) for state in states)  # type: ignore[arg-type]  # drawn from its words

    assert counts.done + counts.missed + counts.waiting == counts.n == len(states)
    assert (counts.percent == 100) == (counts.n > 0 and counts.done == counts.n)


def test_silence_is_bounded_two_limits_and_it_is_over() -> None:
    standing = lifecycle.begun(ROUND, at=MONDAY_NINE, calendar=CHINA)
    for _ in range(2):
        assert standing.due is not None
        step = lifecycle.timed(ROUND, standing, at=standing.due, calendar=CHINA)
        assert step is not None
        standing = lifecycle.evolve(standing, step)

    assert standing.state == "missed" and lifecycle.is_over([standing])


# ── Which subjects, and when ────────────────────────────────────────────────────────────────────────────────


@given(st.integers(0, 200), st.integers(1, 100), st.binary(min_size=32, max_size=32))
def test_a_sample_has_its_share_rounded_up_and_is_the_same_for_whoever_knows_the_seed(
    n: int, share: int, seed: bytes
) -> None:
    asked = replace(ROUND, sample=share)
    keys = [f"P{i}" for i in range(n)]

    drawn = lifecycle.drawn(asked, keys, seed=seed)

    assert len(drawn) == -(-n * share // 100)
    assert drawn == [key for key in keys if key in set(lifecycle.drawn(asked, reversed(keys), seed=seed))]


@pytest.mark.parametrize(
    ("season", "day", "expected"),
    [
        (("05-01", "09-30"), "2026-05-01", True),
        (("05-01", "09-30"), "2026-10-01", False),
        (("11-01", "03-15"), "2026-01-10", True),
        (("11-01", "03-15"), "2026-06-10", False),
    ],
)
def test_a_season_has_both_its_days_and_may_go_over_the_new_year(
    season: tuple[str, str], day: str, expected: bool
) -> None:
    assert lifecycle.is_in_season(Season(*season), date.fromisoformat(day)) is expected


def test_days_between_rounds_are_days_of_the_city_not_times_of_24_hours() -> None:
    asked = replace(ROUND, every=Amount(7, "d"))
    afternoon = MONDAY_NINE + timedelta(hours=6)

    assert lifecycle.is_time(asked, last=afternoon, at=MONDAY_NINE + timedelta(days=7), calendar=CHINA)
    assert not lifecycle.is_time(asked, last=afternoon, at=MONDAY_NINE + timedelta(days=6), calendar=CHINA)
    assert not lifecycle.is_time(replace(asked, since="2026-03-10"), last=None, at=MONDAY_NINE, calendar=CHINA)


# ── A sheet ─────────────────────────────────────────────────────────────────────────────────────────────────

AROUND = Surroundings(areas=lambda words: ["A"] if words == "A" else [], reaches=lambda code: code == "A")
HEAD = Row(1, ("number", "place", "where", "people"))
CELLS = st.tuples(
    st.sampled_from(["P1", "P2", "P3", ""]), st.text(max_size=12), st.sampled_from(["A", "B"]),
    st.sampled_from(["", "3", "-1", "many"]),
)  # fmt: skip


@given(st.lists(CELLS, max_size=8), st.booleans())
def test_every_row_of_a_sheet_is_taken_or_refused_and_the_same_sheet_twice_changes_nothing(
    cells: list[tuple[str, str, str, str]], whole: bool
) -> None:
    rows = [HEAD, *(Row(n, cell) for n, cell in enumerate(cells, 2))]

    plan = planned(REGISTER, rows, {}, AROUND, whole=whole)

    assert all(2 <= wrong.row <= len(rows) for wrong in plan.refused)
    if plan.refused:
        return
    now = {change.key: change.values for change in plan.added}
    again = planned(REGISTER, rows, now, AROUND, whole=whole)
    assert not again.does_something and again.same == len(now)


@given(st.text(max_size=20))
def test_no_cell_we_write_is_run_by_a_spreadsheet(text: str) -> None:
    [cell] = safe_cells([text])

    assert cell[:1] not in ("=", "+", "-", "@", "\t", "\r")

"""The independent proof: it accepts what the checker certifies, nothing outruns it, and no lie passes."""

from __future__ import annotations

import copy
import hashlib
import json
import random
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiebang.engine.bounds import bounds_of
from jiebang.engine.canonical import canonical_bytes, program_hash, program_to_json
from jiebang.engine.checker import check
from jiebang.engine.checker.certificate import certificate_of, doubts
from jiebang.engine.lengths import Unbounded
from jiebang.engine.model import Program
from jiebang.engine.parser import parse
from jiebang.rulebook import packs
from jiebang.verifier import prove
from tests.engine import written
from tests.engine.calendars import china
from tests.engine.playing import hazard
from tests.engine.shipped import residents
from tests.engine.test_properties import FIRST, mechanisms, played

Data = dict[str, Any]


def as_json(value: object) -> Data:
    copied: Data = json.loads(canonical_bytes(value))  # type: ignore[arg-type]  # whatever JSON can say
    return copied


def certified(program: Program) -> tuple[Data, Data]:
    return as_json(program_to_json(program)), as_json(certificate_of(program, china()))


def shipped() -> list[tuple[str, Program]]:
    return [
        (f"{city} {file.mechanism}", parse(file.text, vocabulary=packs.categories(packs.city(city))))
        for city in ("leshan", "millbrook")
        for file in packs.mechanism_files(packs.city(city))
    ]


@pytest.mark.parametrize(("name", "program"), shipped(), ids=[name for name, _ in shipped()])
def test_every_shipped_mechanism_is_proved_to_close_within_the_published_worst_case(
    name: str, program: Program
) -> None:
    published = check(program, calendar=china()).bounds

    as_data, certificate = certified(program)
    shown = prove.prove(as_data, certificate)

    assert published is not None
    assert shown["days"] == published.worst.calendar_days
    assert certificate["measure"] != "count" or certificate["bound"] == published.worst.wd
    assert len(canonical_bytes(certificate_of(program, china()))) < 10_000


# ── Random mechanisms ───────────────────────────────────────────────────────────────────────────────────────


@given(mechanisms(), st.integers(0, 3 * 365 * 24 * 60), st.integers(0, 2**32))
def test_what_the_checker_certifies_is_proved_and_no_run_lasts_longer(
    mechanism: Program, minutes: int, seed: int
) -> None:
    try:
        program, certificate = certified(mechanism)
    except Unbounded:
        assert check(mechanism, calendar=china()).bounds is None
        return

    shown = prove.prove(program, certificate)

    for _ in range(3):
        facts = played(mechanism, FIRST + timedelta(minutes=minutes), random.Random(seed))
        assert facts.last_at - facts.raised_at <= timedelta(days=shown["days"])


def test_a_ring_that_no_entry_comes_to_is_none() -> None:
    program, certificate = certified(residents())
    a_state = next(iter(program["states"].values()))
    for name, leads in (("aside", "beside"), ("beside", "aside")):
        program["states"][name] = {**a_state, "moves": {}, "clock_to": leads}
    certificate = rehashed(program, certificate)

    assert prove.prove(program, certificate)["bound"] == certificate["bound"]

    # As soon as an entry can come there it goes round for ever.
    next(iter(program["states"].values()))["clock_to"] = "aside"
    with pytest.raises(prove.NotProvedError, match="round for ever"):
        prove.prove(program, rehashed(program, certificate))


@given(mechanisms(), st.data())
def test_a_lower_rank_is_proved_only_where_no_run_contradicts_it(mechanism: Program, data: st.DataObject) -> None:
    try:
        program, certificate = certified(mechanism)
    except Unbounded:
        return
    rows = [(part["rank"], node) for part in certificate["parts"] for node in part["rank"]]
    rank, node = data.draw(st.sampled_from(rows))
    setting = data.draw(st.integers(0, len(rank[node]) - 1))
    if rank[node][setting] == 0:
        return
    rank[node][setting] -= data.draw(st.integers(1, rank[node][setting]))
    try:
        shown = prove.prove(program, certificate)
    except prove.NotProvedError:
        return

    assert node != "", "the first rank is the bound itself"
    assert shown["bound"] >= longest(mechanism, certificate["lengths"])


def longest(mechanism: Program, lengths: dict[str, int]) -> int:
    """The longest of the runs in which the clock alone acts: none outlasts a proved bound."""
    found = 0
    for opening in mechanism.openings.values():
        node, spent, passed = opening.to[0].to, 0, 0
        while node not in mechanism.finals and passed < 100 and not mechanism.spans:
            passed += 1
            if node in mechanism.routes:
                node = mechanism.routes[node].to
                continue
            limit = mechanism.states[node].limit
            amount = limit.amount or limit.ceiling
            assert amount is not None
            if limit.since is None:
                spent += lengths[f"{amount.n} {amount.unit}" + ("" if limit.kind == "within" else " notice")]
            node = mechanism.states[node].clock_to
        found = max(found, spent)
    return found


# ── Lies about the program ──────────────────────────────────────────────────────────────────────────────────


def clock_in_a_circle(program: Data) -> None:
    program["states"]["escalated"]["clock_to"] = "raised"


def a_longer_limit(program: Data) -> None:
    program["states"]["posted"]["limit"]["amount"]["n"] = 30


def a_longer_ceiling(program: Data) -> None:
    program["states"]["claimed"]["limit"]["ceiling"]["n"] = 400


def no_limit(program: Data) -> None:
    del program["states"]["posted"]["limit"]["amount"]


def another_unit(program: Data) -> None:
    program["states"]["posted"]["limit"]["amount"]["unit"] = "d"


def one_more_lap(program: Data) -> None:
    name = sorted(program["routes"])[0]
    program["routes"][name]["at_most"] += 1


def a_lap_limit_gone(program: Data) -> None:
    state, move = next((s, m) for s in program["states"].values() for m in s["moves"].values() if "at_most" in m)
    assert state
    del move["at_most"]
    move.pop("then", None)


def a_way_back(program: Data) -> None:
    program["states"]["finished"]["moves"]["again"] = {"name": "again", "by": ["solver"], "to": [{"to": "claimed"}]}


def a_way_around_the_verdict(program: Data) -> None:
    program["states"]["claimed"]["moves"]["done"] = {"name": "done", "by": ["solver"], "to": [{"to": "struck"}]}


def raised_as_solved(program: Data) -> None:
    opening = next(iter(program["openings"].values()))
    opening["to"] = [{"to": "struck"}]


def the_solver_judges(program: Data) -> None:
    program["states"]["finished"]["moves"]["verdict"]["by"] = ["solver"]


def a_verdict_that_is_none(program: Data) -> None:
    del program["states"]["finished"]["moves"]["verdict"]["verifies"]


def the_callers_unit_did_it(program: Data) -> None:
    caller = program["parties"]["caller"]
    caller["kind"] = "unit"
    caller["never"] = [never for never in caller["never"] if "finish" not in never.get("moves", ())]


def a_final_that_goes_on(program: Data) -> None:
    program["states"]["struck"] = copy.deepcopy(program["states"]["posted"])


def a_way_to_nowhere(program: Data) -> None:
    program["states"]["posted"]["clock_to"] = "limbo"


def no_clock(program: Data) -> None:
    del program["states"]["posted"]["clock_to"]


def silence_solves_it(program: Data) -> None:
    program["states"]["finished"]["clock_to"] = "struck"


def a_word_of_tomorrow(program: Data) -> None:
    program["states"]["posted"]["teleports"] = "claimed"


def a_move_of_tomorrow(program: Data) -> None:
    program["states"]["posted"]["moves"]["claim"]["undoes"] = True


def a_longer_extension(program: Data) -> None:
    program["states"]["posted"]["extend"] = {"most": {"n": 90, "unit": "wd"}, "times": 3}


LIES: list[Callable[[Data], None]] = [
    clock_in_a_circle, a_longer_limit, a_longer_ceiling, no_limit, another_unit, one_more_lap, a_lap_limit_gone,
    a_way_back, a_way_around_the_verdict, raised_as_solved, the_solver_judges, a_verdict_that_is_none,
    the_callers_unit_did_it, a_final_that_goes_on, a_way_to_nowhere, no_clock, silence_solves_it, a_word_of_tomorrow,
    a_move_of_tomorrow, a_longer_extension,
]  # fmt: skip


def rehashed(program: Data, certificate: Data) -> Data:
    return {**certificate, "program": hashlib.sha256(canonical_bytes(program)).hexdigest()}


@pytest.mark.parametrize("lie", LIES)
def test_a_certificate_does_not_fit_a_program_that_was_changed(lie: Callable[[Data], None]) -> None:
    program, certificate = certified(residents())
    lie(program)

    with pytest.raises(prove.NotProvedError):
        prove.prove(program, certificate)
    with pytest.raises(prove.NotProvedError) as refused:
        prove.prove(program, rehashed(program, certificate))
    assert refused.value.texts["en"] and refused.value.texts["zh"]


@pytest.mark.parametrize("change", ["a span that is longer", "a span that goes elsewhere", "a limit from elsewhere"])
def test_a_span_that_was_changed_is_found(change: str) -> None:
    program, certificate = certified(hazard())
    if change == "a span that is longer":
        program["spans"]["term"]["amount"]["n"] = 3650
    elif change == "a span that goes elsewhere":
        program["spans"]["term"]["clock_to"] = "planning"
    else:
        program["states"]["fixing"]["limit"]["since"] = "apply"

    with pytest.raises(prove.NotProvedError):
        prove.prove(program, rehashed(program, certificate))


# ── Lies about the certificate ──────────────────────────────────────────────────────────────────────────────


def lower_bound(certificate: Data) -> None:
    certificate["bound"] -= 1


def lower_first_rank(certificate: Data) -> None:
    certificate["bound"] -= 1
    certificate["parts"][-1]["rank"][""][0] -= 1


def no_rank(certificate: Data) -> None:
    del certificate["parts"][0]["rank"][next(iter(certificate["parts"][0]["rank"]))]


def parts_in_another_order(certificate: Data) -> None:
    certificate["parts"].reverse()


def a_part_cut_in_two(certificate: Data) -> None:
    """Whoever splits a circle could count its laps anew in each half."""
    part = max(certificate["parts"], key=lambda one: len(one["rank"]))
    nodes = sorted(part["rank"])
    half = {node: part["rank"].pop(node) for node in nodes[: len(nodes) // 2]}
    certificate["parts"].insert(certificate["parts"].index(part), {"laps": part["laps"], "rank": half})


def fewer_laps(certificate: Data) -> None:
    part = next(part for part in certificate["parts"] if part["laps"])
    part["laps"][0][1] -= 1


def shorter_lengths(certificate: Data) -> None:
    certificate["lengths"] = dict.fromkeys(certificate["lengths"], 1)


def verified_from_the_start(certificate: Data) -> None:
    certificate["unverified"].remove("")


def one_node_verified(certificate: Data) -> None:
    certificate["unverified"].remove("finished")


def solved_unverified(certificate: Data) -> None:
    certificate["unverified"].append("struck")


def half_a_rank(certificate: Data) -> None:
    certificate["parts"][-1]["rank"][""] = [201.0]


def another_version(certificate: Data) -> None:
    certificate["v"] = 2


def nothing_in_it(certificate: Data) -> None:
    certificate.clear()


@pytest.mark.parametrize("lie", [
    lower_bound, lower_first_rank, no_rank, parts_in_another_order, a_part_cut_in_two, fewer_laps, shorter_lengths,
    verified_from_the_start, one_node_verified, solved_unverified, half_a_rank, another_version, nothing_in_it,
])  # fmt: skip
def test_a_certificate_that_was_changed_proves_nothing(lie: Callable[[Data], None]) -> None:
    program, certificate = certified(residents())
    lie(certificate)

    with pytest.raises(prove.NotProvedError):
        prove.prove(program, certificate)


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=3), lambda inner:
                    st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3)),
       st.sampled_from(["v", "program", "measure", "lengths", "bound", "parts", "unverified", "days"]))  # fmt: skip
def test_a_malformed_certificate_is_refused_and_upsets_nothing(part: Any, key: str) -> None:
    program, certificate = certified(hazard())
    if certificate[key] == part:
        return
    certificate[key] = part

    try:
        shown = prove.prove(program, certificate)
    except prove.NotProvedError:
        return
    assert key == "days" and shown["days"] == part  # only who has the calendar can tell


def test_the_hazard_board_says_what_its_certificate_proves_with_the_sum_it_comes_from() -> None:
    worst = bounds_of(hazard(), china()).worst

    assert (worst.wd, worst.d, worst.calendar_days) == (95, 960, 1195)
    assert worst.path[0] == "found"
    assert worst.path[-1] == "supervised"


def test_what_is_solved_unverified_is_not_proved_even_by_its_own_certificate() -> None:
    states = {"open": {"held by": "office", "within": "5 wd", "else": "failed",
                       "may": {"close": {"to": "struck", "ask": ["reason"]}}}}  # fmt: skip
    careless = written.program(states)

    with pytest.raises(prove.NotProvedError, match="struck"):
        prove.prove(*certified(careless))


# ── Who has the calendar ────────────────────────────────────────────────────────────────────────────────────


def test_lengths_the_calendar_contradicts_are_doubted() -> None:
    certificate = as_json(certificate_of(hazard(), china()))
    shorter = {**certificate, "lengths": {words: n - 1 for words, n in certificate["lengths"].items()}}
    sooner = {**certificate, "days": certificate["days"] - 1}

    assert doubts(certificate, china()) == []
    assert len(doubts(shorter, china())) == len(certificate["lengths"])
    assert doubts(sooner, china())


# ── The file itself ─────────────────────────────────────────────────────────────────────────────────────────


def test_the_file_proves_from_two_files_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    program, certificate = certified(residents())
    paths = [str(tmp_path / name) for name in ("program.json", "certificate.json")]
    for path, value in zip(paths, (program, certificate), strict=True):
        Path(path).write_text(json.dumps(value, ensure_ascii=False), "utf-8")

    assert prove.main(paths) == 0
    assert "within 201 working days" in capsys.readouterr().out
    Path(paths[1]).write_text(json.dumps({**certificate, "bound": 200}), "utf-8")
    assert prove.main(paths) == 1
    assert "NOT PROVED" in capsys.readouterr().out
    assert prove.main([paths[0]]) == 2


def test_a_certificate_names_its_program() -> None:
    assert certificate_of(residents(), china())["program"] == program_hash(residents())

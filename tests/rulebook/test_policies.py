"""Policies: what a row must say, and when a mechanism does not agree with the rows it names."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from jiebang.engine.findings import Finding
from jiebang.engine.lengths import starts_of
from jiebang.engine.model import Amount, Limit, Program, SeasonLength
from jiebang.engine.worktime import due
from jiebang.rulebook import packs, policies
from jiebang.rulebook.policies import PolicyError
from tests.engine.builders import move, program, state
from tests.engine.calendars import china
from tests.engine.shipped import compiled, file_of

ROW = {
    "value": 5,
    "unit": "wd",
    "kind": "at-most",
    "since": "2026-01-01",
    "place": {"zh": "本市", "en": "this city"},
    "source": {"zh": "某规定", "en": "some rule"},
    "grade": "A",
}
KNOWN = policies.read_table({"rows": {"law.five": ROW, "ours.five": {**ROW, "grade": "I"}, "本市自定": {
    name: ROW[name] for name in ("since", "place", "source", "grade")}}})  # fmt: skip


def a_mechanism(amount: Amount, source: str) -> Program:
    held = state("a", "office", "1 wd", "failed", move("go", "struck"))
    return program(replace(held, limit=Limit("within", amount, source=source)))


def found(said: Program) -> list[Finding]:
    return policies.findings(said, KNOWN, calendar=china(), lines={"states.a.within": 7}, filename="a.yaml")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"value": 0}, "whole number from 1 on"),
        ({"value": True}, "whole number"),
        ({"unit": "weeks"}, "one of wd"),
        ({"kind": "about"}, "one of at-most, at-least"),
        ({"grade": "D"}, "one of A, B, C, I"),
        ({"since": "soon"}, "such as '2026-01-01'"),
        ({"source": {}}, "a sentence for each language"),
        ({"colour": "red"}, "unknown column “colour”"),
    ],
)
def test_a_row_that_cannot_be_used_says_which_column_and_what_to_write(change: dict[str, object], says: str) -> None:
    with pytest.raises(PolicyError, match=says):
        policies.read("law.five", {**ROW, **change})


def test_a_row_has_its_number_whole_or_not_at_all() -> None:
    with pytest.raises(PolicyError, match="lacks “unit”"):
        policies.read("law.five", {name: value for name, value in ROW.items() if name != "unit"})

    assert KNOWN["本市自定"].amount is None


@pytest.mark.parametrize(
    ("source", "keys"),
    [
        ("law.five", ("law.five",)),
        ("law.five / ours.five", ("law.five", "ours.five")),
        ("law.six", ("law.six",)),
        ("本市自定", ("本市自定",)),
        ("《城市道路管理条例》第二十条", ()),
        ("Highways Act, section 41 / 42", ()),
    ],
)
def test_a_source_names_policies_or_is_a_sentence(source: str, keys: tuple[str, ...]) -> None:
    assert policies.named(source, KNOWN) == keys


def test_a_policy_nobody_knows_is_an_error_at_its_line() -> None:
    (finding,) = found(a_mechanism(Amount(1, "wd"), "law.six"))

    assert (finding.rule, finding.severity, finding.line) == ("L1", "error", 7)
    assert '"law.six"' in finding.en and "law.five" in finding.mend_en


@pytest.mark.parametrize("amount", [Amount(6, "wd"), Amount(60, "d")])
def test_a_number_above_the_law_it_names_is_an_error(amount: Amount) -> None:
    (finding,) = found(a_mechanism(amount, "law.five"))

    assert finding.severity == "error"
    assert "allows at most 5 working days" in finding.en


@pytest.mark.parametrize("amount", [Amount(5, "wd"), Amount(1, "d"), Amount(24, "h")])
def test_a_number_within_it_is_fine(amount: Amount) -> None:
    assert found(a_mechanism(amount, "law.five")) == []


def test_what_was_set_here_without_a_source_binds_nobody() -> None:
    assert found(a_mechanism(Amount(9, "wd"), "ours.five")) == []


def test_a_number_below_an_at_least_is_said_as_such() -> None:
    least = policies.read_table({"rows": {"law.five": {**ROW, "kind": "at-least", "grade": "B"}}})

    (finding,) = policies.findings(
        a_mechanism(Amount(4, "wd"), "law.five"), least, calendar=None, lines={}, filename="a.yaml"
    )

    assert finding.severity == "warning"
    assert "longer" in finding.mend_en


SHIPPED = [
    (city, packs.find(packs.city(city), f"mechanisms/{mechanism}"))
    for city in ("leshan", "millbrook")
    for mechanism in packs.city(city).mechanisms
]


@pytest.mark.parametrize(
    ("city", "pack", "mechanism"), [(city, at.parts[-3], at.name) for city, at in SHIPPED if at is not None]
)
def test_every_limit_of_a_shipped_mechanism_names_a_policy(city: str, pack: str, mechanism: str) -> None:
    known = packs.policies(packs.city(city))
    said = compiled(file_of(pack, mechanism).read_text("utf-8"), pack)

    for one in said.states.values():
        keys = [key for source in one.limit.sources for key in policies.named(source, known)]
        assert keys and all(known[key].source["en"] for key in keys), one.limit.source


@pytest.mark.parametrize(
    ("amount", "allowed"),
    [(Amount(5, "wd"), True), (Amount(6, "wd"), False), (Amount(5, "d"), False), (Amount(40, "wh"), False),
     (Amount(3, "d"), False), (Amount(20, "h"), False), (Amount(2, "h"), False), (Amount(4, "wd"), True)],
)  # fmt: skip
def test_a_number_in_another_unit_is_allowed_only_if_it_never_ends_later(amount: Amount, allowed: bool) -> None:
    later = any(
        due(start, amount, china()).moment > due(start, Amount(5, "wd"), china()).moment
        for start in starts_of(china(), "wh")
        if not due(start, Amount(5, "wd"), china()).provisional
    )

    assert policies.allows(KNOWN["law.five"], amount, china()) == (not later)
    if amount.unit == "wd":
        assert (not later) == allowed


def test_a_law_that_comes_later_warns_and_says_from_when() -> None:
    known = policies.read_table({"rows": {"law.five": {**ROW, "since": "2027-07-01"}}})
    said = a_mechanism(Amount(9, "wd"), "law.five")

    [finding] = policies.findings(said, known, calendar=china(), lines={}, filename="")

    assert finding.severity == "warning" and "from 2027-07-01 on" in finding.en and "自 2027-07-01 起" in finding.zh


@pytest.mark.parametrize(
    ("mine", "refused"),
    [({"value": 4}, False), ({"value": 5}, False), ({"value": 6}, True), ({"kind": "at-least"}, True),
     ({"value": 5, "unit": "d"}, False)],
)  # fmt: skip
def test_a_city_may_tighten_a_law_and_never_loosen_it(
    mine: dict[str, object], refused: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = tmp_path / "packs"
    shutil.copytree(packs.root(), copy)
    monkeypatch.setenv("JIEBANG_PACKS", str(copy))
    (copy / "china" / "policies" / "try.yaml").write_text(json.dumps({"rows": {"law.five": ROW}}), "utf-8")
    own = copy / "leshan" / "policies"
    own.mkdir(exist_ok=True)
    (own / "try.yaml").write_text(json.dumps({"rows": {"law.five": {**ROW, **mine}}}), "utf-8")

    if refused:
        with pytest.raises(packs.PackError, match="never loosen"):
            packs.policies(packs.city("leshan"))
    else:
        assert packs.policies(packs.city("leshan"))["law.five"].amount is not None


# ── Numbers that limits take, and seasons ───────────────────────────────────────────────────────────────────

PERIOD = {name: ROW[name] for name in ("since", "place", "source", "grade")} | {
    "from": "05-01", "to": "09-30", "title": {"zh": "汛期", "en": "Flood season"}}  # fmt: skip
DATED = policies.read_table(
    {
        "rows": {
            "rule.fix": [ROW, {**ROW, "value": 3, "season": "flood"}, {**ROW, "value": 4, "areas": ["511112000000"]}],
            "flood": PERIOD,
        }
    }
)


def taking(n: int, key: str = "rule.fix", season: str = "flood") -> Program:
    held = state("a", "office", "1 wd", "failed", move("go", "struck"))
    during = (SeasonLength(season, Amount(1, "wd"), {"en": season}),)
    return program(replace(held, limit=Limit("within", ceiling=Amount(n, "wd"), policy=key, during=during)))


def dated(said: Program) -> list[Finding]:
    return policies.findings(said, DATED, calendar=china(), lines={"states.a.within": 7}, filename="a.yaml")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"to": None}, "a day in quotes"),
        ({"to": "31-12"}, "a day in quotes"),
        ({"to": "2026-09-30"}, "begins and ends in two ways"),
        ({"value": 5, "unit": "wd", "kind": "at-most"}, "is a number and a period"),
        ({"title": {}}, "a sentence for each language"),
        ({"areas": "511112"}, "a list of area codes"),
    ],
)
def test_a_season_that_cannot_be_used_says_why(change: dict[str, object], says: str) -> None:
    with pytest.raises(PolicyError, match=says):
        policies.read("flood", {**PERIOD, **change})


def test_one_of_several_rows_holds_everywhere_and_always() -> None:
    with pytest.raises(PolicyError, match="holds everywhere and always"):
        policies.read("rule.fix", [{**ROW, "season": "flood"}])

    assert DATED["rule.fix"].amount == Amount(5, "wd")
    assert len(policies.almanac_of(DATED).rows["rule.fix"]) == 3


def test_a_row_of_a_season_nobody_describes_is_refused() -> None:
    known = policies.read_table({"rows": {"rule.fix": [ROW, {**ROW, "season": "monsoon"}]}})

    with pytest.raises(PolicyError, match="which no row describes"):
        policies.almanac_of(known)


def test_every_row_stays_below_the_ceiling_the_citizen_was_promised() -> None:
    assert dated(taking(5)) == []

    (one,) = dated(taking(4))
    assert (one.rule, one.line, one.severity) == ("L1", 7, "error")
    assert one.en.startswith('"a" promises 4 working days at most, but the policy "rule.fix" of 2026-01-01 says 5')


@pytest.mark.parametrize(("key", "season"), [("rule.gone", "flood"), ("flood", "flood"), ("rule.fix", "rule.fix")])
def test_a_limit_takes_numbers_from_numbers_and_seasons_from_seasons(key: str, season: str) -> None:
    found = dated(taking(5, key, season))

    assert any("No policy is called" in one.en and one.severity == "error" for one in found)

"""The published schema and the parser say the same about the form of a file."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, Literal

import pytest
from jsonschema import Draft7Validator
from ruamel.yaml import YAML

from jiebang.engine.findings import MechanismError
from jiebang.engine.parser import hearing
from jiebang.engine.parser.meanings import KEYS
from jiebang.engine.parser.schema import KINDS
from jiebang.engine.parser.schema_zh import spoken
from tests.engine.calendars import PACKS
from tests.engine.shipped import compiled, file_of

SHIPPED = sorted(path for path in PACKS.glob("*/mechanisms/*/2*.yaml") if not path.name.endswith(".cases.yaml"))
SHOWN = [  # together they use many of the keys
    ("generic", "complaint"),
    pytest.param("leshan", "hazard", marks=pytest.mark.long),
]


@cache
def validator(lang: str = "en") -> Draft7Validator:
    Draft7Validator.check_schema(spoken(lang))
    return Draft7Validator(spoken(lang))


def read(path: Path) -> Any:
    return load(path.read_text("utf-8"))


def load(text: str) -> Any:
    return YAML(typ="safe", pure=True).load(text)


def fits(said: Any) -> bool:
    return validator("zh" if "机制" in said else "en").is_valid(said)


def rules_against(said: Any, pack: str) -> set[str]:
    """The rules the parser objects by; JSON is YAML too."""
    try:
        compiled(json.dumps(said), pack)
    except MechanismError as wrong:
        return {finding.rule for finding in wrong.findings}
    return set()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_shipped_mechanism_fits_the_schema_of_either_tongue(lang: Literal["zh", "en"]) -> None:
    texts = {path: hearing.turned(path.read_text("utf-8"), lang) for path in SHIPPED}
    objections = {
        str(path): [one.message for one in validator(lang).iter_errors(load(text))] for path, text in texts.items()
    }

    assert len(objections) > 20
    assert not any(objections.values()), objections


@pytest.mark.parametrize("table", KEYS)
def test_every_key_of_the_parser_has_a_kind_in_the_schema(table: str) -> None:
    known, said = KEYS[table]

    assert set(KINDS[table]) == set(known) == {key.removesuffix("*") for key in said}


def maps(said: Any, *above: str | int) -> Iterator[tuple[str | int, ...]]:
    if isinstance(said, dict):
        yield above
    inside = said.items() if isinstance(said, dict) else enumerate(said) if isinstance(said, list) else ()
    for key, value in inside:
        yield from maps(value, *above, key)


def at(said: Any, place: tuple[str | int, ...]) -> Any:
    for key in place:
        said = said[key]
    return said


@pytest.mark.parametrize(("pack", "mechanism"), SHOWN)
def test_a_key_taken_out_is_missed_by_both_or_by_neither(pack: str, mechanism: str) -> None:
    whole = read(file_of(pack, mechanism))
    missed = 0

    for place in maps(whole):
        for key in at(whole, place):
            said = copy.deepcopy(whole)
            del at(said, place)[key]
            rules = rules_against(said, pack)
            if not fits(said):
                missed += 1
                assert rules, f"only the schema misses {key} in {place}"
            elif "F2" in rules:
                # Depends on another place: the title's languages; whether a move's state has a holder; an `item` told.
                assert key in ("zh", "en", "by", "one for each") or rules != {"F2"}, (
                    f"only the parser misses {key} in {place}"
                )

    assert missed > 20


@pytest.mark.parametrize(("pack", "mechanism"), SHOWN)
def test_an_unknown_key_is_refused_by_both(pack: str, mechanism: str) -> None:
    whole = read(file_of(pack, mechanism))
    refused = 0

    for place in maps(whole):
        said = copy.deepcopy(whole)
        at(said, place)["helt by"] = "orderer"
        if "F1" in rules_against(said, pack):
            refused += 1
            assert not fits(said), place

    assert refused > 20


@pytest.mark.parametrize(
    ("place", "wrong"),
    [
        (("states",), ["found"]),
        (("states", "found", "within"), "soon"),
        (("states", "found", "within", "amount"), "3 fortnights"),
        (("states", "found", "else"), {"then": "supervised"}),
        (("states", "fixing-general", "may", "finish", "finishes"), "perhaps"),
        (("states", "rechecking", "may", "send-back", "at most"), "two"),
        (("fields", "grade", "type"), "menu"),
        (("fields", "post", "most"), 0),
        (("log",), "closed"),
        (("since",), "soon"),
        (("finals", "struck", "means"), "finished"),
    ],
)
def test_a_wrong_kind_is_refused_by_both(place: tuple[str, ...], wrong: object) -> None:
    said = read(file_of("leshan", "hazard"))
    at(said, place[:-1])[place[-1]] = wrong

    assert not fits(said)
    assert rules_against(said, "leshan")


@pytest.mark.parametrize(
    ("place", "wrong"),
    [
        (("状态", "found", "限"), "soon"),
        (("状态", "found", "限", "时长"), "3 wd"),
        (("状态", "found", "within"), "3个工作日"),
        (("状态", "fixing-general", "可", "finish", "办结"), "true"),
        (("状态", "fixing", "义务", "quarterly-report", "截止"), "次月29日"),
        (("问题", "grade", "类型"), "choice"),
        (("终态", "struck", "计为"), "solved"),
    ],
)
def test_the_chinese_schema_refuses_what_the_parser_refuses(place: tuple[str, ...], wrong: object) -> None:
    said = load(hearing.turned(file_of("leshan", "hazard").read_text("utf-8"), "zh"))
    assert fits(said)
    at(said, place[:-1])[place[-1]] = wrong

    assert not fits(said)
    assert rules_against(said, "leshan")


def test_a_file_as_json_compiles_as_it_does_as_yaml() -> None:
    path = file_of("leshan", "hazard")

    assert compiled(json.dumps(read(path))) == compiled(path.read_text("utf-8"))

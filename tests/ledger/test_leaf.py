"""Leaf v1: one spelling, three classes, nothing unknown."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiebang.ledger import disclosure, leaf
from jiebang.ledger.leaf import Fact, LeafError

ZONE = ZoneInfo("Asia/Shanghai")
KEY = b"k" * 32
ENTRY = "0f" * 16
SUNDAY_LATE = datetime(2026, 11, 22, 16, 30, 0, 123_000, tzinfo=UTC)  # already Monday in Leshan
SD, OPENED = disclosure.seal(KEY, entry=ENTRY, seq=1, values={"told": {"what": "路灯坏了"}})
RAISED = Fact(
    entry=ENTRY,
    seq=1,
    mech="0123456789abcdef",
    move="raise",
    to="raised",
    party="anyone",
    at=SUNDAY_LATE,
    number="LS-26-000001",
    area="511102001000",
    p=disclosure.pseudonym(KEY, entry=ENTRY),
    due=SUNDAY_LATE,
)


def event(**changes: Any) -> bytes:
    return leaf.canonical(json.loads(leaf.event_leaf(RAISED, log="coarse", zone=ZONE, sd=SD)) | changes)


def without(key: str) -> bytes:
    value = json.loads(event())
    del value[key]
    return leaf.canonical(value)


def test_an_open_leaf_has_milliseconds_and_a_coarse_one_the_citys_day() -> None:
    exact = leaf.parse(leaf.event_leaf(RAISED, log="open", zone=ZONE, sd=SD))
    day = leaf.parse(leaf.event_leaf(RAISED, log="coarse", zone=ZONE, sd=SD))

    assert exact["at"] == 1_795_365_000_123
    assert day["at"] == day["due"] == "2026-11-23"
    assert exact["sd"] == day["sd"] == list(SD)


def test_a_veiled_leaf_says_nothing_and_opens_to_the_open_form() -> None:
    veil = leaf.veil_of(RAISED, zone=ZONE, key=KEY)

    data = leaf.event_leaf(RAISED, log="veiled", zone=ZONE, sd=SD, veil=veil)

    value = leaf.parse(data)
    assert sorted(value) == ["commit", "kind", "sd", "v"]
    assert disclosure.unseal([value["commit"]], [veil])["event"] == leaf.event_value(RAISED, log="open", zone=ZONE)
    with pytest.raises(LeafError, match="needs its veil"):
        leaf.event_leaf(RAISED, log="veiled", zone=ZONE, sd=SD)


def test_a_usual_leaf_is_shorter_than_500_bytes() -> None:
    assert len(event()) < 500


def test_empty_values_stay_out() -> None:
    assert not {"from", "via", "missed", "prov", "answers", "verified", "lap"} & set(leaf.parse(event()))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"null",
        b"{",
        b"\xff",
        b"[" * 60_000,
        event() + b" ",
        event().replace(b":1", b":1.0"),
        event().replace(b'"v":1', b'"v":true'),
        event().replace(b',"v":1', b',"v":1,"v":1'),
        b" " + event(),
        event(v=2),
        event(kind="vote"),
        event(kind=[]),
        event(extra=1),
        event(seq=0),
        event(seq=True),
        event(seq=2**60),
        event(seq=2),
        event(sd=list(SD[:3])),
        event(sd=[*SD, SD[0]]),
        event(sd=list(reversed(SD))),
        event(sd=[SD[0], *SD[:3]]),
        event(entry=ENTRY.upper()),
        event(entry="0f"),
        event(mech="x" * 16),
        event(at=1),
        event(at="2026-02-30"),
        event(at="2026-1-1"),
        event(by={}),
        event(by={"party": "a", "name": "王"}),
        event(by={"party": ""}),
        event(by={"party": "a\n"}),
        event(prov=False),
        event(prov=1),
        event(answers={}),
        event(answers={"a": None}),
        event(answers={"a": {"b": 1}}),
        event(lap=[]),
        event(lap=[1]),
        event(number="ls-26-1"),
        event(**{"from": "x"}),
        event(due=5),
        event(move="m" * 121),
        event(area="x y"),
        event(commit=SD[0]),
        event(to=None),
        without("to"),
        without("sd"),
        without("number"),
        without("by"),
        event().replace(b"raise", b"r\\u0061ise"),
    ],
)
def test_anything_else_is_no_leaf(data: bytes) -> None:
    with pytest.raises(LeafError):
        leaf.parse(data)


@given(st.binary(max_size=200))
def test_random_bytes_are_refused_and_never_crash(data: bytes) -> None:
    with pytest.raises(LeafError):
        leaf.parse(data)


@given(st.integers(0, len(event()) * 8 - 1))
def test_a_flipped_bit_is_refused_or_another_leaf(bit: int) -> None:
    data = bytearray(event())
    data[bit // 8] ^= 1 << bit % 8
    try:
        value = leaf.parse(bytes(data))
    except LeafError:
        return
    assert leaf.canonical(value) == bytes(data) != event()


ANN = leaf.Signed("rulebook", "5111-rules", "a" * 32)
BOB = leaf.Signed("rulebook", "5111-rules", "b" * 32)


def test_a_pilot_is_published_with_its_areas_and_both_persons_but_no_name() -> None:
    published = leaf.publish_leaves(
        mechanism="lamps",
        since=date(2026, 6, 1),
        text="mechanism: lamps",
        program=b"{}",
        at=SUNDAY_LATE,
        by=BOB,
        proposed=ANN,
        scope="two-counties",
        areas=["511113000000", "511112000000"],
        adopts="c" * 64,
    )

    for value in map(leaf.parse, published):
        assert value["proposed"] == {"party": "rulebook", "unit": "5111-rules", "p": "a" * 32}
        assert value["by"] == {"party": "rulebook", "unit": "5111-rules", "p": "b" * 32}
        assert (value["scope"], value["areas"]) == ("two-counties", ["511112000000", "511113000000"])
        assert value["adopts"] == "c" * 64


def test_a_pilot_is_withdrawn_from_a_day_on() -> None:
    data = leaf.withdraw_leaf(
        mechanism="lamps", scope="pilot", areas=["a"], until=date(2026, 7, 1), at=SUNDAY_LATE, by=BOB, proposed=ANN
    )

    assert leaf.parse(data)["until"] == "2026-07-01"
    with pytest.raises(leaf.LeafError, match="areas"):
        leaf.withdraw_leaf(
            mechanism="lamps", scope="pilot", areas=[], until=date(2026, 7, 1), at=SUNDAY_LATE, by=BOB, proposed=ANN
        )


def test_a_long_bilingual_text_is_published_in_parts_that_come_together_again() -> None:
    text = '标题: "揭榜"\n\t路灯\x01' * 9_000
    program = leaf.canonical({"id": "residents", "states": {}})

    leaves = leaf.publish_leaves(
        mechanism="residents",
        since=date(2026, 1, 1),
        text=text,
        program=program,
        at=SUNDAY_LATE,
    )

    values = [leaf.parse(data) for data in leaves]
    for form, content in (("text", text.encode()), ("program", program)):
        parts = [value for value in values if value["form"] == form]
        assert [value["part"] for value in parts] == list(range(1, parts[0]["of"] + 1))
        assert "".join(value["chunk"] for value in parts).encode() == content
        assert {value["sha256"] for value in parts} == {hashlib.sha256(content).hexdigest()}
    assert len(values) > 5
    assert values[-1]["text"] == values[0]["sha256"]
    assert values[0]["by"] == {"party": "founding"}


def test_every_other_kind_reads_back() -> None:
    leaves = [
        leaf.calendar_leaf(id="china/2026", data={"off": ["2026-10-01"], "year": 2026}, at=SUNDAY_LATE),
        leaf.policy_leaf(id="sc12345", data={"complaint": {"n": 15, "unit": "wd"}}, at=SUNDAY_LATE),
        leaf.city_leaf(
            city="leshan",
            name={"zh": "乐山", "en": "Leshan"},
            zone="Asia/Shanghai",
            demonstration=True,
            origin="o/2026",
            at=SUNDAY_LATE,
            previous={"name": "2025", "checkpoint": "note"},
            next={"name": "2027", "origin": "o/2027", "vkey": "k"},
        ),
        leaf.erased_leaf(
            entry=ENTRY, digests=12, ground="request of the raiser", party="board-office", day=date(2026, 11, 22)
        ),
        leaf.outage_leaf(since=SUNDAY_LATE, until=SUNDAY_LATE, what="power"),
    ]

    assert [leaf.parse(data)["kind"] for data in leaves] == [
        "calendar",
        "policy",
        "city",
        "erased",
        "outage",
    ]


@pytest.mark.parametrize("data", [{"x": 1.5}, {"x": float("nan")}, {"x": {1, 2}}, {1: "x"}])
def test_data_that_has_no_one_spelling_is_refused(data: dict[str, Any]) -> None:
    with pytest.raises((LeafError, TypeError)):
        leaf.calendar_leaf(id="c", data=data, at=SUNDAY_LATE)


def test_a_lone_surrogate_a_naive_moment_and_a_giant_are_refused() -> None:
    with pytest.raises(LeafError, match="cannot be written"):
        leaf.canonical({"x": "\ud800"})
    with pytest.raises(LeafError, match="zone"):
        leaf.milliseconds(SUNDAY_LATE.replace(tzinfo=None))
    with pytest.raises(LeafError, match="Split"):
        leaf.policy_leaf(id="p", data={"x": "y" * 70_000}, at=SUNDAY_LATE)

"""Disclosures open exactly their digest; decoys hide how many there are."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiebang.ledger import disclosure
from jiebang.ledger.disclosure import DisclosureError

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "tlog.json").read_text())
KEY = b"k" * 32
ENTRY = "0f" * 16

VALUES = st.dictionaries(
    st.sampled_from(disclosure.NAMES),
    st.recursive(
        st.text() | st.integers() | st.booleans() | st.none(),
        lambda inner: st.lists(inner, max_size=3),
    ),
)


@pytest.mark.parametrize("case", VECTORS["sd_jwt_rfc9901_disclosures"], ids=lambda case: case["digest"])
def test_a_published_disclosure_has_its_digest_and_value(case: dict[str, str]) -> None:
    assert disclosure.digest(case["disclosure"]) == case["digest"]
    assert list(disclosure.parse(case["disclosure"])) == json.loads(case["json"])


@given(VALUES)
def test_what_was_sealed_opens_and_the_number_of_digests_tells_nothing(
    values: dict[str, disclosure.Json],
) -> None:
    digests, opened = disclosure.seal(KEY, entry=ENTRY, seq=1, values=values)

    assert len(set(digests)) == 4 and list(digests) == sorted(digests)
    assert all(len(digest) == 43 for digest in digests)
    assert disclosure.unseal(digests, list(opened.values())) == values


def test_sealing_again_gives_the_same_and_another_key_or_event_gives_nothing_in_common() -> None:
    first, _ = disclosure.seal(KEY, entry=ENTRY, seq=1, values={"told": "x"})

    assert disclosure.seal(KEY, entry=ENTRY, seq=1, values={"told": "x"})[0] == first
    for key, seq in ((b"l" * 32, 1), (KEY, 2)):
        assert not set(disclosure.seal(key, entry=ENTRY, seq=seq, values={"told": "x"})[0]) & set(first)


def test_a_pseudonym_means_one_person_in_one_entry_only() -> None:
    here = disclosure.pseudonym(KEY, entry=ENTRY)

    assert here == disclosure.pseudonym(KEY, entry=ENTRY)
    assert len(here) == 32
    assert here != disclosure.pseudonym(KEY, entry="1f" * 16)
    assert here != disclosure.pseudonym(b"l" * 32, entry=ENTRY)


def test_a_name_without_a_digest_is_refused() -> None:
    with pytest.raises(DisclosureError, match="No digest stands for phone"):
        disclosure.seal(KEY, entry=ENTRY, seq=1, values={"phone": "13800000000"})


def encoded(value: object) -> str:
    return disclosure.base64url(json.dumps(value).encode())


@pytest.mark.parametrize(
    "text",
    [
        "",
        "*",
        encoded([1, 2]),
        encoded(["s", "told", 1, 2]),
        encoded({"a": 1}),
        encoded(["s", "_sd", 1]),
        encoded(["s", "...", 1]),
        encoded([1, "told", 1]),
        encoded(["s", 2, 1]),
        disclosure.base64url(b"\xff"),
        "A",
        disclosure.base64url(b"[" * 5000),
    ],
)
def test_what_is_no_disclosure_is_refused(text: str) -> None:
    with pytest.raises(DisclosureError):
        disclosure.parse(text)


def test_foreign_repeated_and_doubled_disclosures_are_refused() -> None:
    digests, opened = disclosure.seal(KEY, entry=ENTRY, seq=1, values={"told": "x"})
    text = opened["told"]
    foreign = disclosure.disclosure("salt", "told", "y")

    for shown in ([foreign], [text, text]):
        with pytest.raises(DisclosureError, match="no digest"):
            disclosure.unseal(digests, shown)
    with pytest.raises(DisclosureError, match="twice"):
        disclosure.unseal([*digests, digests[0]], [])
    with pytest.raises(DisclosureError, match="disclosed twice"):
        disclosure.unseal([disclosure.digest(text), disclosure.digest(foreign)], [text, foreign])


def test_a_file_is_known_by_a_salted_hash_only() -> None:
    assert disclosure.salted_file_hash(b"s" * 32, b"h" * 32) != disclosure.salted_file_hash(b"t" * 32, b"h" * 32)

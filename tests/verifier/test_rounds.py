"""The stranger counts a round again from its leaves, and finds whatever was counted otherwise."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from jiebang.engine import canonical
from jiebang.engine.rounds.parser import parse_register, parse_round
from jiebang.ledger import round_leaves as leaves
from jiebang.ledger.leaf import LeafError, LogClass, Signed
from jiebang.ledger.round_leaves import RoundManner
from jiebang.verifier import verify
from tests.rounds.city import PATROL, POINTS
from tests.verifier import played

OPENED = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
UID = "ab" * 16
BY = Signed("done-by", "window")
SEED, NEXT = b"s" * 32, b"n" * 32


def _definitions(*, sample: bool = False) -> list[bytes]:
    register = parse_register(POINTS)
    asked = parse_round(PATROL, registers={"points": register})
    asked = replace(asked, sample=50) if sample else asked
    return [
        leaves.definition_leaf(
            what="register" if made is register else "round",
            id=made.id,
            since=date(2026, 1, 1),
            text=b"text",
            compiled=canonical.definition_to_json(made),
            at=OPENED,
            by=Signed("founding"),
            next=hashlib.sha256(SEED).hexdigest() if sample and made is not register else "",
        )
        for made in (register, asked)
    ]


def _mech(sample: bool = False) -> str:
    asked = parse_round(PATROL, registers={"points": parse_register(POINTS)})
    asked = replace(asked, sample=50) if sample else asked
    compiled = canonical.canonical_bytes(canonical.definition_to_json(asked))
    return hashlib.sha256(compiled).hexdigest()[:16]


def _imported(version: int = 1) -> bytes:
    register = canonical.canonical_bytes(canonical.definition_to_json(parse_register(POINTS)))
    mech = hashlib.sha256(register).hexdigest()[:16]
    counts = {"rows": 3, "added": 3, "changed": 0, "removed": 0}
    return leaves.register_leaf(
        id="points", mech=mech, version=version, counts=counts, digest="0" * 64, at=OPENED, by=Signed("desk")
    )


MANNER = RoundManner("open", ZoneInfo("Asia/Shanghai"))


def _opened(n: int = 3, *, sample: bool = False, seed: bytes = SEED) -> bytes:
    return leaves.opened_leaf(
        MANNER, round=UID, id="patrol", mech=_mech(sample), version=1, n=n, due=OPENED + HOUR, cause="hand", at=OPENED,
        by=Signed("opened-by", "office"), area="511102000000", seed=seed.hex() if sample else "",
        next=hashlib.sha256(NEXT).hexdigest() if sample else "",
    )  # fmt: skip


def _step(what: str, subject: str, *, after: timedelta = HOUR, missed: bool = False, due: bool = False) -> bytes:
    return leaves.step_leaf(
        MANNER, what=what, round=UID, logged_as=subject, area="511102001001", at=OPENED + after, by=BY,
        missed=OPENED + HOUR if missed else None, due=OPENED + 2 * HOUR if due else None,
    )  # fmt: skip


def _closed(n: int, done: int, missed: int) -> bytes:
    return leaves.closed_leaf(MANNER, round=UID, n=n, done=done, missed=missed, at=OPENED + 3 * HOUR)


TRUE = [
    _opened(),
    _step("done", "P1", after=HOUR / 2),
    _step("escalated", "P2", missed=True, due=True),
    _step("done", "P3", after=HOUR / 2),
    _step("missed", "P2", after=2 * HOUR, missed=True),
    _closed(3, 2, 1),
    _step("found", "P2", after=4 * HOUR),
]


def said(tmp_path: Path, steps: list[bytes], capsys: pytest.CaptureFixture[str], **more: bool) -> tuple[int, str]:
    log = [played.first_leaf(), *_definitions(**more), _imported(), *steps]
    key = played.write(tmp_path, log)
    code = verify.main([str(tmp_path), "--key", key])
    return code, capsys.readouterr().out


def test_a_round_as_it_was_is_accepted_and_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, text = said(tmp_path, TRUE, capsys)

    assert code == 0, text
    assert "Rounds: 1, 2 subjects answered, 1 missed, counted again from the log." in text


@pytest.mark.parametrize(
    ("rule", "lie"),
    [
        ("K3", lambda steps: [*steps[:-2], _closed(3, 3, 0)]),
        ("K3", lambda steps: [*steps[:4], _closed(3, 2, 1)]),
        ("K2", lambda steps: [*steps[:5], _step("done", "P2"), *steps[5:]]),
        ("K2", lambda steps: [*steps[:2], _step("done", "P1"), *steps[2:]]),
        ("K2", lambda steps: [steps[0], _step("missed", "P2", after=HOUR / 2, missed=True)]),
        ("K2", lambda steps: [*steps, _step("done", "P1")]),
        ("K1", lambda steps: steps[1:]),
        ("K1", lambda steps: [steps[0], *steps]),
        ("K1", lambda steps: [_opened(1), *steps[1:3]]),
        ("K1", lambda steps: [_imported(3), *steps]),
    ],
)
def test_a_round_that_was_counted_otherwise_is_found(
    rule: str, lie: Callable[[list[bytes]], list[bytes]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, text = said(tmp_path, lie(TRUE), capsys)

    assert code == 1 and rule in text, text


def test_a_sample_is_drawn_by_the_seed_committed_to(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    good, told = said(tmp_path / "a", [_opened(sample=True)], capsys, sample=True)
    bad, text = said(tmp_path / "b", [_opened(sample=True, seed=b"x" * 32)], capsys, sample=True)

    assert good == 0, told
    assert bad == 1 and "K5" in text


@pytest.mark.parametrize("log", ["coarse", "veiled"])
def test_no_leaf_of_a_round_over_people_says_who_it_was(log: LogClass) -> None:
    manner = RoundManner(log, ZoneInfo("Asia/Shanghai"), b"k" * 32)

    body = leaves.step_leaf(
        manner, what="done", round=UID, logged_as=manner.subject("H1"), area="511102001001", at=OPENED, by=BY,
        abnormal=True, opens="LS-26-000001",
    )  # fmt: skip

    assert b"H1" not in body and b"511102001001" not in body and b"LS-26" not in body
    assert (b"abnormal" in body) == (log == "coarse")


def test_pseudonyms_of_two_rounds_cannot_be_tied_together() -> None:
    assert leaves.pseudonym(b"a" * 32, "H1") != leaves.pseudonym(b"b" * 32, "H1")


def test_a_leaf_that_says_more_than_its_step_is_none() -> None:
    with pytest.raises(LeafError):
        leaves.whole({"v": 1, "kind": "round", "what": "done", "round": UID, "at": 1, "by": {"party": "x"}, "n": 1})

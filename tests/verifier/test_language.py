"""What no shipped board uses yet of the language: played, it is accepted, and a signed lie about it is found."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from jiebang.engine.canonical import canonical_bytes
from jiebang.engine.linked import is_drawn
from jiebang.engine.model import Origin
from jiebang.engine.parser import parse
from jiebang.ledger import leaf
from jiebang.rulebook.policies import almanac_of, read_table
from jiebang.verifier import verify
from tests.engine import written
from tests.verifier import played

Leaf = dict[str, Any]


def source_of(text: str) -> played.Published:
    return played.Published(text.encode(), parse(text))


def judged(
    source: played.Published, leaves: Sequence[bytes], root: Path, capsys: pytest.CaptureFixture[str]
) -> tuple[int, str]:
    key = played.write(root, [played.first_leaf(), *played.publish(source), *leaves])
    return verify.main([str(root), "--key", key]), capsys.readouterr().out


def accepted(source: played.Published, root: Path, capsys: pytest.CaptureFixture[str], entries: int = 40) -> list[Leaf]:
    """Play entries, let the stranger's file replay them, and return their leaves."""
    leaves = played.ordered(played.play(n, source=source) for n in range(1, entries + 1))

    code, text = judged(source, leaves, root, capsys)

    assert code == 0, text
    return [json.loads(data) for data in leaves]


def found(
    source: played.Published, lie: Callable[[list[Leaf]], bool], root: Path, capsys: pytest.CaptureFixture[str]
) -> str:
    """Sign the first entry that `lie` can be told about, and return what the stranger's file says."""
    for number in range(1, 400):
        leaves = [json.loads(data) for _, data in played.play(number, source=source).leaves()]
        if lie(leaves):
            leaves[0]["number"] = "LS-26-000001"
            code, text = judged(source, [canonical_bytes(leaf) for leaf in leaves], root, capsys)
            assert code == 1, text
            return text
    raise AssertionError("Nothing to lie about was played.")


def of(leaves: Sequence[Leaf], move: str) -> Leaf | None:
    return next((leaf for leaf in leaves if leaf["move"] == move), None)


# ── Agreement, separations ──────────────────────────────────────────────────────────────────────────────────


def agreeing() -> played.Published:
    states = {
        "open": {
            "held by": "office",
            "within": "5 wd",
            "else": "failed",
            "may": {"order": {"to": {"solved is yes": "explained", "solved is no": "done"}, "ask": ["solved"],
                              "second": "1 wd", "at most": 2}},
        },
        "done": {"held by": "office", "within": "5 wd", "else": "failed", "may": {"accept": {"to": "explained"}}},
    }  # fmt: skip
    return source_of(written.text(states, separate=[["agree", "accept"], {"by unit": ["raise", "accept"]}]))


def test_agreements_and_separations_are_accepted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    moves = {leaf["move"] for leaf in accepted(agreeing(), tmp_path, capsys)}

    assert {"order", "agree", "disagree", "accept"} <= moves


@pytest.mark.parametrize(("first", "second"), [("order", "agree"), ("agree", "accept")])
def test_one_person_on_both_sides_is_found(
    first: str, second: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def lie(leaves: list[Leaf]) -> bool:
        one, other = of(leaves, first), of(leaves, second)
        if one is None or other is None:
            return False
        other["by"]["p"] = one["by"]["p"]
        return True

    assert "may not make this move as well" in found(agreeing(), lie, tmp_path, capsys)


# ── Dated limits ────────────────────────────────────────────────────────────────────────────────────────────

ROW = {"place": {"en": "here"}, "source": {"en": "a rule"}, "grade": "B"}
TABLES = {
    "rows": {
        "rule.fix": [
            ROW | {"value": 3, "unit": "wd", "kind": "at-most", "since": "2025-01-01"},
            ROW | {"value": 2, "unit": "wd", "kind": "at-most", "since": "2025-01-01", "season": "winter"},
            ROW | {"value": 1, "unit": "wd", "kind": "at-most", "since": "2026-03-01"},
        ],
        "winter": ROW | {"from": "12-01", "to": "01-31", "since": "2025-01-01", "title": {"en": "Winter"}},
        "summer": ROW | {"from": "06-01", "to": "08-31", "since": "2025-01-01", "title": {"en": "Summer"}},
    }
}


def dated() -> played.Published:
    """A limit that takes a policy's number and is shorter in winter, played with tables published a year before."""
    during = {name: {"amount": "4 h", "title": name} for name in ("winter", "summer")}
    states = {
        "fixing": {
            "held by": "office",
            "within": {"policy": "rule.fix", "at most": "5 wd", "during": during},
            "else": "failed",
            "may": {"on": {"to": "fixing", "at most": 3}, "end": {"to": "explained"}},
        }
    }
    return replace(source_of(written.text(states)), almanac=almanac_of(read_table(TABLES)))


def with_tables(source: played.Published, leaves: Sequence[bytes]) -> list[bytes]:
    return [leaf.policy_leaf(id="tables", data=TABLES, at=played.NEW_YEAR - timedelta(days=300)), *leaves]


def test_limits_by_policy_and_season_are_accepted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = dated()
    leaves = played.ordered(played.play(n, source=source) for n in range(1, 30))

    code, text = judged(source, with_tables(source, leaves), tmp_path, capsys)

    assert code == 0, text
    rows = [json.loads(data).get("rows") for data in leaves]
    assert ["rule.fix@2025-01-01@winter", "winter@2025-01-01"] in rows


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        (["rule.fix@2025-01-01@winter", "summer@2025-01-01"], "“summer@2025-01-01” did not hold on that day"),
        (["rule.fix@2026-03-01", "winter@2025-01-01"], "“rule.fix@2026-03-01” did not hold on that day"),
        (["rule.fix@2024-01-01", "winter@2025-01-01"], "which is not in the log before"),
        (["rule.other@2025-01-01", "winter@2025-01-01"], "which the mechanism does not name here"),
        (["rule.fix@2025-01-01@winter"], "“winter” held on that day, but the limit was counted without it"),
        ([], "“rule.fix” held on that day, but the limit was counted without it"),
    ],
)
def test_a_lie_about_what_a_limit_was_counted_with_is_found(
    rows: list[str], says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = dated()
    leaves = [json.loads(data) for _, data in played.play(1, source=source).leaves()]
    leaves[0]["rows"] = rows
    if not rows:
        del leaves[0]["rows"]

    code, text = judged(source, with_tables(source, [canonical_bytes(one) for one in leaves]), tmp_path, capsys)

    assert code == 1
    assert says in text


# ── Veiled boards ───────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("events", "code"), [(1, 0), (0, 1)])
def test_a_number_may_be_out_of_sight_only_where_a_veiled_board_has_one(
    events: int, code: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    open_, veiled = played.published(), played.published(log="veiled")
    hidden = [data for _, data in played.play(2, source=veiled).leaves()[:events]]
    shown = played.ordered([played.play(1), played.play(3)])
    key = played.write(
        tmp_path, [played.first_leaf(), *played.publish(open_), *played.publish(veiled), *hidden, *shown]
    )

    assert verify.main([str(tmp_path), "--key", key]) == code
    text = capsys.readouterr().out
    assert ("entries of veiled boards have numbers too" if events else "numbers are missing: LS-26-000002") in text


# ── Requirements ────────────────────────────────────────────────────────────────────────────────────────────


def requiring() -> played.Published:
    fields = {
        "matter": {"type": "choice", "choices": {"land": "Land", "other": "Other"}},
        "body": {"type": "choice", "choices": {"assembly": "Assembly", "reps": "Representatives"}},
        "day": "date",
    }
    call = {
        "ask": ["matter", "body", "day?"],
        "to": "explained",
        "require": {"body": {"by": "matter", "land": "assembly", "else": "reps"}, "day": "at most 900 d from now"},
    }
    states = {"open": {"held by": "office", "within": "5 wd", "else": "failed", "may": {"call": call}}}
    return source_of(written.text(states, fields=fields))


def test_requirements_are_accepted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "call" in {leaf["move"] for leaf in accepted(requiring(), tmp_path, capsys)}


@pytest.mark.parametrize("name", ["body", "day"])
def test_an_answer_that_is_not_what_was_required_is_found(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def lie(leaves: list[Leaf]) -> bool:
        call = of(leaves, "call")
        if call is None:
            return False
        other = {"assembly": "reps", "reps": "assembly"}[call["answers"]["body"]]
        call["answers"][name] = other if name == "body" else "2031-01-01"
        return True

    assert f"of “{name}”" in found(requiring(), lie, tmp_path, capsys)


# ── Numbers ─────────────────────────────────────────────────────────────────────────────────────────────────


def deciding_by_a_sum() -> played.Published:
    states = {
        "asked": {
            "held by": "office",
            "within": "5 wd",
            "else": "failed",
            "may": {"decide": {"ask": ["amount"], "to": {"amount is below 4": "explained",
                                                        "amount is at least 4": "checked"}}},
        },
        "checked": {"held by": "upper", "within": "5 wd", "else": "failed", "may": {"stop": {"to": "explained"}}},
    }  # fmt: skip
    return source_of(written.text(states, fields={"amount": {"type": "number", "most": 9}}))


def test_a_sum_that_went_past_whoever_should_have_looked_at_it_is_found(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ways = {leaf["to"] for leaf in accepted(deciding_by_a_sum(), tmp_path, capsys) if leaf["move"] == "decide"}

    def lie(leaves: list[Leaf]) -> bool:
        decided = of(leaves, "decide")
        if decided is None or decided["to"] != "checked":
            return False
        decided["to"] = "explained"
        decided.pop("due", None)
        del leaves[leaves.index(decided) + 1 :]
        return True

    assert ways == {"explained", "checked"}
    assert "E4" in found(deciding_by_a_sum(), lie, tmp_path, capsys)


# ── Opened entries ──────────────────────────────────────────────────────────────────────────────────────────


def boards() -> dict[str, played.Published]:
    """Matters whose items become tasks, and the tasks."""
    matter = {
        "open": {
            "held by": "office",
            "within": "5 wd",
            "else": "failed",
            "may": {"resolve": {"to": "executing", "ask": ["items"]}, "hand-on": {"to": "waiting", "opens": "task"}},
        },
        "executing": {
            "opens": {"on": "task", "one for each": "items", "with": {"what": "item"}},
            "waits for": {"all opened": None, "at most": "90 d"},
            "then": {"all explained": "explained", "any failed": "again", "else": "open-again"},
            "else": "failed",
        },
        "again": {"route": {"at most": 1, "to": "executing", "then": "failed"}},
        "open-again": {"route": {"at most": 1, "to": "open", "then": "failed"}},
        "waiting": {
            "waits for": {"all opened": None, "at most": "90 d"},
            "then": "explained",
            "else": "failed",
        },
    }
    task = {"given": {"held by": "office", "within": "3 wd", "else": "failed", "may": {"done": {"to": "explained"}}}}
    texts = {
        "matter": written.text(matter, fields={"items": {"type": "text", "many": 3}}, id="matter"),
        "task": written.text(task, opening={"opened": {"by": "boards", "ask": ["what"], "to": "given"}}, id="task"),
    }
    return {name: source_of(text) for name, text in texts.items()}


def played_family(entries: int = 30) -> tuple[dict[str, played.Published], list[Leaf]]:
    family = played.Family(boards())
    for n in range(1, entries + 1):
        family.raised("matter", n)
    return family.boards, [json.loads(data) for data in played.ordered(family.members)]


def told(
    known: dict[str, played.Published], leaves: Sequence[Leaf], root: Path, capsys: pytest.CaptureFixture[str]
) -> tuple[int, str]:
    published = [data for source in known.values() for data in played.publish(source)]
    key = played.write(root, [played.first_leaf(), *published, *(canonical_bytes(leaf) for leaf in leaves)])
    return verify.main([str(root), "--key", key]), capsys.readouterr().out


def test_opened_entries_and_waiting_are_accepted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    known, leaves = played_family()

    code, text = told(known, leaves, tmp_path, capsys)

    assert code == 0, text
    assert "is not in the log" not in text
    moved = {(leaf.get("from"), leaf["move"], leaf["to"]) for leaf in leaves}
    assert any(leaf.get("heard") for leaf in leaves) and any(leaf.get("origin") for leaf in leaves)
    assert {("waiting", "clock", "explained"), ("executing", "clock", "executing")} <= moved


def hears_of_another_end(leaf: Leaf) -> None:
    leaf["heard"]["means"] = "solved"


def hears_of_a_stranger(leaf: Leaf) -> None:
    leaf["heard"]["slot"] = "77.0"


def hears_nothing(leaf: Leaf) -> None:
    del leaf["heard"]


def opens_less(leaf: Leaf) -> None:
    del leaf["opens"]


def opens_more(leaf: Leaf) -> None:
    leaf["opens"].append("task")


def came_from_elsewhere(leaf: Leaf) -> None:
    leaf["origin"]["n"] += 5


def came_from_nowhere(leaf: Leaf) -> None:
    del leaf["origin"]


def is_left_early(leaf: Leaf) -> None:
    leaf["due"] = leaf["at"]


@pytest.mark.parametrize(
    ("key", "lie", "said"),
    [
        ("heard", hears_of_another_end, "the log says"),
        ("heard", hears_of_a_stranger, "did not wait to hear"),
        ("heard", hears_nothing, "which entry has closed"),
        ("heard", is_left_early, "and only then"),
        ("opens", opens_less, "it opens entries on no board"),
        ("opens", opens_more, "but the mechanism says"),
        ("origin", came_from_elsewhere, "did not open it"),
        ("origin", came_from_nowhere, "which entry opened it"),
    ],
)
def test_a_lie_about_what_belongs_together_is_found(
    key: str, lie: Callable[[Leaf], None], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    known, leaves = played_family()
    lie(next(leaf for leaf in leaves if key in leaf and (lie is not is_left_early or leaf["due"] != leaf["at"])))

    code, text = told(known, leaves, tmp_path, capsys)

    assert code == 1 and said in text, text


def test_an_opened_entry_that_is_kept_from_the_log_is_remarked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    known, leaves = played_family(5)
    gone = next(leaf["entry"] for leaf in leaves if "origin" in leaf)

    _, text = told(known, [leaf for leaf in leaves if leaf["entry"] != gone], tmp_path, capsys)

    assert "is not in the log (yet)" in text


# ── Rechecks ────────────────────────────────────────────────────────────────────────────────────────────────


def looked_at_again() -> tuple[dict[str, played.Published], list[Leaf]]:
    """Entries that ended, and for each one that is drawn by its last leaf the entry that looks again."""
    states = {"open": {"held by": "office", "within": "5 wd", "else": "failed", "may": {"end": {"to": "explained"}}}}
    again = {"share": 50, "after": "30 d", "opens": {"on": "task", "with": {"what": "what"}}}
    finals = {"explained": {"means": "explained", "recheck": again}, "failed": "failed"}
    known = boards() | {"matter": source_of(written.text(states, finals=finals, id="matter"))}
    family = played.Family(known)
    for n in range(1, 21):
        entry = family.raised("matter", n)
        at, last = entry.leaves()[-1]
        if entry.events[-1].to_state == "explained" and is_drawn(50, last):
            origin = Origin(entry.uid, entry.events[-1].seq, 0)
            family.raised("task", n * 10_000, start=at + timedelta(days=30), origin=origin)
    return known, [json.loads(data) for data in played.ordered(family.members)]


def test_rechecks_are_accepted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    known, leaves = looked_at_again()

    code, text = told(known, leaves, tmp_path, capsys)

    assert code == 0, text
    assert any("origin" in leaf for leaf in leaves)


def test_a_recheck_of_what_was_not_drawn_is_found(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    known, leaves = looked_at_again()
    looks_at = {leaf["origin"]["entry"] for leaf in leaves if "origin" in leaf}
    other = next(
        leaf for leaf in leaves if leaf["to"] == "explained" and leaf["entry"] not in looks_at and "p" in leaf["by"]
    )
    next(leaf for leaf in leaves if "origin" in leaf)["origin"].update(entry=other["entry"], seq=other["seq"])

    code, text = told(known, leaves, tmp_path, capsys)

    assert code == 1 and "did not open it" in text


# ── Voices ──────────────────────────────────────────────────────────────────────────────────────────────────


def voting() -> played.Published:
    vote = {"by": "office", "ask": ["solved"], "collect": {"count": "solved", "enough": 2},
            "to": {"solved is yes": "explained", "solved is no": "failed"}}  # fmt: skip
    state = {"held by": "office", "within": "5 wd", "else": "again", "may": {"vote": vote}}
    again = {"route": {"at most": 20, "to": "open", "then": "failed"}}
    return source_of(written.text({"open": state, "again": again}))


def test_votes_of_a_body_are_accepted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    leaves = accepted(voting(), tmp_path, capsys)

    assert {"explained", "failed"} <= {leaf["to"] for leaf in leaves if leaf["move"] == "vote"}


def is_decided_alone(leaves: list[Leaf]) -> bool:
    decided = [leaf for leaf in leaves if leaf["move"] == "vote" and leaf["to"] == "explained"]
    first = of(leaves, "vote")
    if not decided or first is None:
        return False
    leaves[:] = [leaves[0], {**decided[0], "seq": 2, "at": first["at"]}]
    return True


def gives_two_voices(leaves: list[Leaf]) -> bool:
    for one, other in pairwise(leaves):
        if all(leaf["move"] == "vote" and leaf["to"] == leaf["from"] for leaf in (one, other)):
            other["by"]["p"] = one["by"]["p"]
            return True
    return False


@pytest.mark.parametrize(("lie", "said"), [(is_decided_alone, "too few voices"), (gives_two_voices, "two voices")])
def test_a_lie_about_voices_is_found(
    lie: Callable[[list[Leaf]], bool], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert said in found(voting(), lie, tmp_path, capsys)

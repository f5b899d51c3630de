"""Two implementations hold each other: what the engine plays and the ledger logs, the stranger's file accepts; and
whatever is changed, also by a city that signs its lie, it finds."""

from __future__ import annotations

import hashlib
import json
import random
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from jiebang.engine.canonical import canonical_bytes, program_to_json
from jiebang.ledger import checkpoint, leaf
from jiebang.verifier import verify
from tests.verifier import played

ENTRIES = 40


@pytest.fixture(scope="module")
def city() -> list[bytes]:
    return played.a_city(ENTRIES)


def said(root: Path, key: str, capsys: pytest.CaptureFixture[str], *more: str) -> tuple[int, str]:
    code = verify.main([str(root), "--key", key, *more])
    return code, capsys.readouterr().out


# ── What is true is accepted ────────────────────────────────────────────────────────────────────────────────


def test_a_played_city_is_accepted(city: list[bytes], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    key = played.write(tmp_path, city, steps=[1, 3, 40])

    code, text = said(tmp_path, key, capsys)

    assert code == 0, text
    assert text.splitlines()[0] == "City: Leshan (leshan)."
    assert "DEMONSTRATION" in text and f"of {ENTRIES} entries" in text
    assert text.splitlines()[-2:] == ["The log is signed by the key you gave.", "All of it holds."]
    assert "Note:" not in text


def test_what_ended_as_solved_is_told_by_how_it_was_verified(
    city: list[bytes], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A verdict of "not solved" and a call nobody answered verify nothing."""
    _, text = said(tmp_path, played.write(tmp_path, city), capsys)

    lines = {line.partition(": ")[0]: line for line in text.splitlines()}
    solved = re.search(r"\bsolved (\d+)", lines["Ended as"])
    ways = re.findall(r" (\d+)", lines["Solved, verified by"])

    assert solved is not None
    assert sum(map(int, ways)) == int(solved[1])


def test_the_report_speaks_chinese(city: list[bytes], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    key = played.write(tmp_path, city)

    code, text = said(tmp_path, key, capsys, "--lang", "zh")

    assert code == 0
    assert "乐山" in text and "演示" in text and text.splitlines()[-1] == "全部成立。"


@pytest.mark.parametrize("log", ["open", "veiled"])
def test_open_and_veiled_boards_are_accepted(log: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = played.published(log=log)
    entries = [played.play(n, source=source) for n in range(1, 15)]
    key = played.write(tmp_path, [played.first_leaf(), *played.publish(source), *played.ordered(entries)])

    code, text = said(tmp_path, key, capsys)

    assert code == 0, text
    assert ("0 veiled events" in text) == (log == "open")


def test_several_processes_say_the_same(city: list[bytes], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    filler = [leaf.outage_leaf(since=played.NEW_YEAR, until=played.NEW_YEAR, what=str(n)) for n in range(1200)]
    key = played.write(tmp_path, [*city, *filler])

    alone, together = said(tmp_path, key, capsys), said(tmp_path, key, capsys, "--jobs", "2")

    assert alone[0] == together[0] == 0
    one, other = (re.sub(r"in \d+\.\d s", "", text) for _, text in (alone, together))
    assert one == other


@pytest.mark.parametrize("mechanism", ["hazard", "report"])
def test_boards_with_duties_spans_and_extensions_and_other_towns_are_accepted(
    mechanism: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = played.published(mechanism)
    entries = [played.play(n, source=source) for n in range(1, 31)]
    leaves = played.ordered(entries)
    moves = {json.loads(data)["move"] for data in leaves}
    key = played.write(tmp_path, [played.first_leaf(), *played.publish(source), *leaves])

    code, text = said(tmp_path, key, capsys)

    assert code == 0, text
    assert mechanism != "hazard" or any(move.startswith("duty:") for move in moves)


@pytest.mark.long
def test_a_thousand_entries_are_accepted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sources = [played.published(name) for name in ("residents", "hazard", "report")]
    entries = [played.play(n, source=sources[n % 3]) for n in range(1, 1001)]
    logged = [data for source in sources for data in played.publish(source)]
    leaves = [played.first_leaf(), *logged, *played.ordered(entries)]

    code, text = said(tmp_path, played.write(tmp_path, leaves), capsys)

    assert code == 0, text


# ── A city that lies and signs it ───────────────────────────────────────────────────────────────────────────

Leaves = list[dict[str, Any]]


def find(leaves: Leaves, **wanted: Any) -> int:
    """Return the first event that has these values; a callable judges its value."""
    for index, value in enumerate(leaves):
        if value["kind"] == wanted.get("kind", "event") and all(
            test(value.get(key)) if callable(test) else value.get(key) == test
            for key, test in wanted.items()
            if key != "kind"
        ):
            return index
    raise LookupError(wanted)


def later(leaves: Leaves, index: int) -> int:
    """Return the next event of the same entry."""
    return find(leaves, entry=leaves[index]["entry"], seq=leaves[index]["seq"] + 1)


def middle(leaves: Leaves) -> int:
    """Return a person's move that is neither the first nor the last event of its entry."""
    for index, value in enumerate(leaves):
        if value["kind"] == "event" and value["seq"] == 2 and value["move"] not in ("join", "clock"):
            try:
                later(leaves, index)
            except LookupError:
                continue
            return index
    raise LookupError("an entry of three events")


def is_there(value: object) -> bool:
    return value is not None


def is_final(value: object) -> bool:
    return value in played.published().program.finals


def drop(leaves: Leaves) -> None:
    del leaves[middle(leaves)]


def repeat(leaves: Leaves) -> None:
    index = middle(leaves)
    leaves.insert(index, leaves[index])


def swap(leaves: Leaves) -> None:
    one = middle(leaves)
    two = later(leaves, one)
    leaves[one], leaves[two] = leaves[two], leaves[one]


def drop_an_entry(leaves: Leaves) -> None:
    entry = leaves[find(leaves, number="LS-26-000005")]["entry"]
    leaves[:] = [value for value in leaves if value.get("entry") != entry]


def go_on_after_the_end(leaves: Leaves) -> None:
    last = leaves[find(leaves, to=is_final)]
    leaves.append(last | {"seq": last["seq"] + 1, "from": last["to"]})


def change(**changes: Any) -> Callable[[Leaves], None]:
    """Change the middle event's values."""

    def changed(leaves: Leaves) -> None:
        leaves[middle(leaves)].update(changes)

    return changed


def change_where(wanted: dict[str, Any], **changes: Any) -> Callable[[Leaves], None]:
    def changed(leaves: Leaves) -> None:
        value = leaves[find(leaves, **wanted)]
        for key, new in changes.items():
            if new is None:
                value.pop(key)
            else:
                value[key] = new(value[key]) if callable(new) else new

    return changed


def one_day_earlier(value: str) -> str:
    return "2026-01-01" if value > "2026-01-01" else "2025-12-31"


def other_text(value: str) -> str:
    return value.replace("3", "4", 1)


def remove(wanted: dict[str, Any]) -> Callable[[Leaves], None]:
    def removed(leaves: Leaves) -> None:
        del leaves[find(leaves, **wanted)]

    return removed


def promise_more(leaves: Leaves) -> None:
    """The published bound is lowered by one working day, and hashed anew."""
    leaf = leaves[find(leaves, kind="publish", form="certificate")]
    certificate = json.loads(leaf["chunk"])
    certificate["bound"] -= 1
    certificate["parts"][-1]["rank"][""] = [certificate["bound"]]
    leaf["chunk"] = canonical_bytes(certificate).decode()
    leaf["sha256"] = hashlib.sha256(leaf["chunk"].encode()).hexdigest()


LIES: list[tuple[str, str, Callable[[Leaves], None]]] = [
    ("an event is left out", "E1", drop),
    ("an event is told twice", "E1", repeat),
    ("two events change places", "E1", swap),
    ("it starts elsewhere", "E2", change(**{"from": "escalated"})),
    ("an ended entry goes on", "E2", go_on_after_the_end),
    ("a move nobody has", "E3", change(move="bribe")),
    ("another program", "E3", change(mech="0" * 16)),
    ("another destination", "E4", change(to="struck")),
    ("a state nobody has", "E4", change(to="paradise")),
    ("a route that was not taken", "E4", change(via="reinstated")),
    ("a lap that was not used", "E4", change(lap=["raised.post"])),
    ("another party", "E5", change(by={"party": "supervisor"})),
    ("earlier than the event before", "E6", change(at="2025-12-01")),
    ("no limit", "E6", change_where({"seq": 1}, due=None)),
    ("a limit in the past", "E6", change_where({"seq": 1}, due=one_day_earlier)),
    ("a limit after the end", "E6", change_where({"to": is_final}, due="2026-12-31")),
    ("the clock acts on another limit", "E6", change_where({"move": "clock"}, missed=one_day_earlier)),
    ("the clock acts too early", "E6", change_where({"move": "clock"}, at=one_day_earlier)),
    ("a limit missed by nobody", "E6", change_where({"move": "post"}, missed="2026-01-02")),
    ("a verdict that does not say how", "E7", change_where({"verified": is_there}, verified=None)),
    ("a verdict verified by magic", "E7", change_where({"verified": is_there}, verified="magic")),
    ("a verdict where there is none", "E7", change(verified="raiser-code")),
    ("a word taken down by nobody", "E7", change_where({"taken": is_there, "verified": is_there}, taken=None)),
    ("a word taken down another way", "E7", change_where({"taken": is_there, "verified": is_there}, verified="proxy",
                                                           taken=lambda taken: {**taken, "how": "window"})),
    ("a word taken down by a party that may not", "E5",
     change_where({"taken": is_there}, taken=lambda taken: {**taken, "party": "solver"})),
    ("a move taken down that may not be", "E5",
     change_where({"move": "post"}, taken={"how": "window", "party": "clerk"})),
    ("a number given twice", "N1", change_where({"number": "LS-26-000007"}, number="LS-26-000006")),
    ("a number left out", "N1", change_where({"number": f"LS-26-{ENTRIES:06d}"}, number=f"LS-26-{ENTRIES + 1:06d}")),
    ("a whole entry left out", "N1", drop_an_entry),
    ("exact time on a coarse board", "F1", change_where({"seq": 1}, at=1_770_000_000_000, due=1_780_000_000_000)),
    ("an unknown key", "F1", change(phone="13800000000")),
    ("five digests", "F1", change_where({"seq": 1}, sd=lambda sd: [*sd, "A" * 43])),
    ("the same digest twice", "F1", change_where({"seq": 1}, sd=lambda sd: [sd[0], sd[0], *sd[2:]])),
    ("digests out of order", "F1", change_where({"seq": 1}, sd=lambda sd: sd[::-1])),
    ("an entry id of another form", "F1", change_where({"seq": 1}, entry="XYZ")),
    ("another text under its hash", "P1", change_where({"kind": "publish", "form": "text"}, chunk=other_text)),
    ("another program under its hash", "P1", change_where({"kind": "publish", "form": "program"}, chunk=other_text)),
    ("a program of another text", "P1", change_where({"kind": "publish", "form": "program"}, text="0" * 64)),
    ("a program of another mechanism", "P1", change_where({"kind": "publish", "form": "program"}, mechanism="other")),
    ("a text never logged", "P1", remove({"kind": "publish", "form": "text"})),
    ("a program never logged", "E3", remove({"kind": "publish", "form": "program"})),
    ("published by nobody else", "P2", change_where({"kind": "publish", "form": "text"}, by={"party": "rulebook"})),
    ("proposed and published by one person", "P2",
     change_where({"kind": "publish", "form": "program"}, by={"party": "rulebook", "p": "0" * 32},
                  proposed={"party": "rulebook", "p": "0" * 32})),
    ("a proposal of nobody in particular", "P2",
     change_where({"kind": "publish", "form": "text"}, by={"party": "rulebook", "p": "0" * 32},
                  proposed={"party": "rulebook"})),
    ("a pilot ended by one person", "P2",
     lambda leaves: leaves.append({"v": 1, "kind": "withdraw", "mechanism": "residents", "scope": "pilot",
                                   "areas": ["511112000000"], "until": "2026-05-01", "at": leaves[1]["at"],
                                   "by": {"party": "rulebook", "p": "0" * 32},
                                   "proposed": {"party": "rulebook", "p": "0" * 32}})),
    ("another certificate under its hash", "P1",
     change_where({"kind": "publish", "form": "certificate"}, chunk=other_text)),
    ("a certificate without its program", "C1", remove({"kind": "publish", "form": "program"})),
    ("a certificate of another program", "C1",
     change_where({"kind": "publish", "form": "certificate"}, program="0" * 64)),
    ("a certificate that promises too much", "C1", promise_more),
    ("no city leaf", "L4", remove({"kind": "city"})),
    ("a second city leaf", "L4", lambda leaves: leaves.insert(5, leaves[0])),
    ("a city leaf of another log", "L4", change_where({"kind": "city"}, origin="another.example/log")),
    ("an earlier year is quoted, not shown", "L4",
     lambda leaves: leaves[0].update(previous={"name": "2025", "checkpoint": "x"})),
]  # fmt: skip


@pytest.mark.parametrize(("lie", "rule", "told"), LIES, ids=[lie for lie, _, _ in LIES])
def test_a_signed_lie_is_found_with_its_rule(
    lie: str,
    rule: str,
    told: Callable[[Leaves], None],
    city: list[bytes],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    leaves = [json.loads(data) for data in city]
    told(leaves)
    key = played.write(tmp_path, [canonical_bytes(value) for value in leaves])

    code, text = said(tmp_path, key, capsys)

    assert code == 1, text
    assert f"✗ {rule} " in text, text
    assert text.splitlines()[-1].startswith("VIOLATED")


def judged_twice_by_one(leaves: Leaves, folder: Path, capsys: pytest.CaptureFixture[str]) -> bool:
    """Tell whether the verifier says that somebody made two moves of this entry that exclude each other."""
    leaves[0]["number"] = "LS-26-000001"
    head = [played.first_leaf(), *played.publish(played.published())]
    key = played.write(folder, [*head, *map(canonical_bytes, leaves)])
    code, text = said(folder, key, capsys)
    return code == 1 and "✗ E5 " in text and "may not make this move as well" in text


def test_whoever_finished_the_work_may_not_verify_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for number in range(1, 200):
        entry = played.play(number)
        leaves = [json.loads(data) for _, data in entry.leaves()]
        verdicts = [value for value in leaves if "verified" in value and "p" in value["by"]]
        finished = [value for value in leaves if value["move"] == "finish"]
        if verdicts and finished and finished[0]["seq"] < verdicts[-1]["seq"]:
            break
    verdicts[-1]["by"]["p"] = finished[0]["by"]["p"]

    assert judged_twice_by_one(leaves, tmp_path, capsys)


def test_whoever_wrote_it_down_may_not_take_its_verdict(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for number in range(1, 400):
        leaves = [json.loads(data) for _, data in played.play(number).leaves()]
        taken = [value for value in leaves if "taken" in value and "verified" in value]
        if taken:
            break
    taken[-1]["taken"]["p"] = leaves[0]["by"]["p"]

    assert judged_twice_by_one(leaves, tmp_path, capsys)


def test_a_leaf_in_another_spelling_is_found(
    city: list[bytes], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for n, data in enumerate(
        [b"", b"\xff", b"[" * 60_000, b"9" * 9_000, city[-1] + b" ", city[-1].replace(b'"v":1', b'"v":1.0')]
    ):
        key = played.write(tmp_path / str(n), [*city, data])

        code, text = said(tmp_path / str(n), key, capsys)

        assert code == 1 and f"✗ F1 a leaf has its one form [2026, leaf {len(city)}]" in text


def test_a_program_with_any_part_broken_is_a_violation_and_no_crash(
    city: list[bytes], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A hostile city publishes a program whose parts have other types; the entries name it."""
    chance = random.Random(7)
    program = program_to_json(played.published().program)
    junk = [None, 0, 1, "x", [], {}, [1], ["x"], {"x": 1}, True, -1, {"to": {}}, [[]]]
    events = [json.loads(data) for data in city if b'"kind":"event"' in data][:80]
    for n in range(60):
        broken = json.loads(json.dumps(program))
        for _ in range(chance.randrange(1, 4)):
            spoil(broken, junk, chance)
        text = played.published().text
        since = played.date.fromisoformat("2026-01-01")
        data = canonical_bytes(broken)
        published = leaf.publish_leaves(mechanism="residents", since=since, text=text, program=data, at=played.NEW_YEAR)
        mech = leaf.parse(published[-1])["sha256"][:16]
        leaves = [city[0], *published, *(canonical_bytes(value | {"mech": mech}) for value in events)]
        key = played.write(tmp_path / str(n), leaves)

        code, _ = said(tmp_path / str(n), key, capsys)

        assert code in (0, 1)


def spoil(value: Any, junk: list[Any], chance: random.Random) -> None:
    """Put junk in place of one part somewhere inside."""
    while True:
        keys = list(value) if isinstance(value, dict) else list(range(len(value)))
        if not keys:
            return
        key = chance.choice(keys)
        if isinstance(value[key], dict | list) and value[key] and chance.random() < 0.8:
            value = value[key]
            continue
        value[key] = json.loads(json.dumps(chance.choice(junk)))
        return


# ── Files changed behind the signature ──────────────────────────────────────────────────────────────────────


@pytest.fixture
def big(city: list[bytes], tmp_path: Path) -> tuple[Path, str]:
    """A log of more than one tile."""
    filler = [leaf.outage_leaf(since=played.NEW_YEAR, until=played.NEW_YEAR, what=str(n)) for n in range(600)]
    return tmp_path, played.write(tmp_path, [*city, *filler])


@pytest.mark.parametrize(
    ("path", "rule"),
    [
        ("2026/tile/entries/000", "L2"),
        ("2026/tile/entries/001", "L2"),
        ("2026/tile/0/000", "L2"),
        ("2026/tile/0/00?.p/*", "L2"),
        ("2026/tile/1/000.p/*", "L2"),
        ("2026/checkpoint", "L1"),
    ],
)
def test_one_flipped_bit_in_any_file_is_found(
    path: str, rule: str, big: tuple[Path, str], capsys: pytest.CaptureFixture[str]
) -> None:
    root, key = big
    file = next(root.glob(path))
    data = bytearray(file.read_bytes())
    data[len(data) // 2 if rule == "L2" else 60] ^= 1
    file.write_bytes(bytes(data))

    code, text = said(root, key, capsys)

    assert code in (1, 2)
    assert f"✗ {rule} " in text or (code == 2 and "checkpoint" in text), text


def test_a_shortened_log_is_found_by_whoever_looked_before(
    city: list[bytes], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    state = str(tmp_path / "seen.json")
    key = played.write(tmp_path / "then", city)
    assert said(tmp_path / "then", key, capsys, "--state", state)[0] == 0
    played.write(tmp_path / "now", city[:-3])

    code, text = said(tmp_path / "now", key, capsys, "--state", state)

    assert code == 1 and "✗ L3 " in text and f"had {len(city)} leaves" in text


def test_a_grown_log_is_consistent_and_a_rewritten_one_is_not(
    city: list[bytes], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    state = str(tmp_path / "seen.json")
    key = played.write(tmp_path / "then", city)
    code, text = said(tmp_path / "then", key, capsys, "--state", state)
    assert code == 0 and "seen.json now remembers this log." in text
    more = [leaf.outage_leaf(since=played.NEW_YEAR, until=played.NEW_YEAR, what=str(n)) for n in range(400)]
    played.write(tmp_path / "rewritten", [city[0], more[0], *city[1:-1], *more])
    code, text = said(tmp_path / "rewritten", key, capsys, "--state", state)
    assert code == 1 and "history was rewritten" in text

    assert "nothing has vanished" not in text
    played.write(tmp_path / "grown", [*city, *more])
    code, text = said(tmp_path / "grown", key, capsys, "--state", state)
    assert code == 0 and "nothing has vanished" in text
    assert f"all {len(city)} leaves of then are still there" in text and "400 are new" in text
    assert (
        json.loads(Path(state).read_text())["seen"]["jiebang.invalid/leshan/0a0b0c0d/2026"]["size"] == len(city) + 400
    )

    code, text = said(tmp_path / "then", key, capsys, "--state", state)
    assert code == 1 and "✗ L3 " in text


def test_another_key_is_found(city: list[bytes], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    key = played.write(tmp_path / "ours", city)
    played.write(tmp_path / "theirs", city, seed=b"t" * 32)

    code, text = said(tmp_path / "theirs", key, capsys)
    assert code == 1 and "shows another key" in text and "not signed by the key" in text

    state = str(tmp_path / "seen.json")
    assert said(tmp_path / "ours", key, capsys, "--state", state)[0] == 0
    assert verify.main([str(tmp_path / "theirs"), "--state", state]) == 1
    assert "another one than at the last check" in capsys.readouterr().out


def test_a_key_of_another_log_trusts_nothing_here(
    city: list[bytes], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    played.write(tmp_path, city)

    code, text = said(tmp_path, checkpoint.key_of("another.example/log", b"x" * 32).vkey, capsys)

    assert code == 1 and "no yearly log is signed by the key you gave" in text


# ── Years ───────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("which", [0, 1])
def test_either_years_key_vouches_for_both(
    which: int, city: list[bytes], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    half = len(city) // 2
    keys = played.write_two_years(tmp_path, city[:half], city[half:])

    code, text = said(tmp_path, keys[which], capsys)

    assert code == 0, text
    assert "of 2026, 2027" in text


def test_a_changed_past_year_is_found_although_it_is_signed(
    city: list[bytes], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    half = len(city) // 2
    keys = played.write_two_years(tmp_path / "true", city[:half], city[half:])
    played.write_two_years(tmp_path / "other", [*city[: half - 1]], city[half:])
    for path in ("2026/checkpoint", "2026/tile"):
        (tmp_path / "true" / path).rename(tmp_path / f"old-{path.replace('/', '-')}")
        (tmp_path / "other" / path).rename(tmp_path / "true" / path)

    code, text = said(tmp_path / "true", keys[1], capsys)

    assert code == 1 and "does not quote the final checkpoint" in text


def test_a_year_that_vanishes_is_found(city: list[bytes], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    half = len(city) // 2
    state = str(tmp_path / "seen.json")
    keys = played.write_two_years(tmp_path / "two", city[:half], city[half:])
    assert said(tmp_path / "two", keys[0], capsys, "--state", state)[0] == 0
    played.write(tmp_path / "one", city[:half])

    code, text = said(tmp_path / "one", keys[0], capsys, "--state", state)

    assert code == 1 and "has vanished" in text

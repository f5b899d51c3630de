"""The stranger's program at its edges: receipts, hostile servers, garbage. It never ends in a traceback."""

from __future__ import annotations

import http.server
import json
import os
import random
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from jiebang.ledger import checkpoint, disclosure, leaf, merkle, receipt
from jiebang.verifier import verify
from tests.verifier import played

FILE = Path(verify.__file__)


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A log that nobody changes, of more than one tile."""
    root = tmp_path_factory.mktemp("log")
    filler = [leaf.outage_leaf(since=played.NEW_YEAR, until=played.NEW_YEAR, what=str(n)) for n in range(300)]
    return root, played.write(root, [*played.a_city(8), *filler])


# ── As a stranger runs it ───────────────────────────────────────────────────────────────────────────────────


def test_it_runs_alone_without_our_packages(log: tuple[Path, str], tmp_path: Path) -> None:
    alone = shutil.copy(FILE, tmp_path / "verify.py")
    command = [sys.executable, "-I", "-S", str(alone), str(log[0]), "--key", log[1], "--lang", "zh"]

    done = subprocess.run(command, capture_output=True, text=True, check=False, env={"PYTHONIOENCODING": "utf-8"})

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1] == "全部成立。"


def test_a_terminal_that_speaks_ascii_only_is_no_reason_to_die(log: tuple[Path, str]) -> None:
    command = [sys.executable, str(FILE), str(log[0]), "--lang", "zh"]

    done = subprocess.run(command, capture_output=True, check=False, env={**os.environ, "PYTHONIOENCODING": "ascii"})

    assert (done.returncode, done.stderr) == (0, b"")


def test_it_imports_the_standard_library_only() -> None:
    names = {
        line.split()[1].split(".")[0] for line in FILE.read_text().splitlines() if line.startswith(("import ", "from "))
    }

    assert names <= set(sys.stdlib_module_names) | {"__future__"}


def test_without_a_key_it_says_what_is_not_proved_and_shows_the_key_in_groups(
    log: tuple[Path, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert verify.main([str(log[0])]) == 0

    text = capsys.readouterr().out
    assert "only that the log agrees with itself" in text and "the printed one" in text
    assert f"--key '{log[1]}'" in text
    key = verify.parse_key(log[1])
    assert key is not None and verify.fingerprint(key) in text
    assert len(verify.fingerprint(key).split()) == 8


@pytest.mark.parametrize("key", ["", "x", "a+00000000+AAAA", "a+b+c+d"])
def test_a_key_copied_badly_is_named(key: str, log: tuple[Path, str], capsys: pytest.CaptureFixture[str]) -> None:
    assert verify.main([str(log[0]), "--key", key]) == 2
    assert "copy the whole line" in capsys.readouterr().out


def test_nothing_to_check_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        verify.main([])
    assert ended.value.code == 2
    assert "--receipt FILE" in capsys.readouterr().err


def test_a_log_larger_than_allowed_is_not_read(log: tuple[Path, str], capsys: pytest.CaptureFixture[str]) -> None:
    assert verify.main([str(log[0]), "--key", log[1], "--most-leaves", "10"]) == 2
    assert "--most-leaves" in capsys.readouterr().out


def test_foreign_text_cannot_write_to_the_terminal() -> None:
    assert "\x1b" not in verify.clean("\x1b[2J\x07ok") and len(verify.clean("x" * 10_000)) < 200


# ── Remembering ─────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"seen": 1}', '{"seen": {"o": {}}}', '{"seen": {"o": {"size": "1"}}}', "[" * 9000]
)
def test_a_damaged_memory_is_named_and_not_overwritten(
    text: str, log: tuple[Path, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    state = tmp_path / "seen.json"
    state.write_text(text)

    assert verify.main([str(log[0]), "--key", log[1], "--state", str(state)]) == 2
    assert "not written by this program" in capsys.readouterr().out
    assert state.read_text() == text


def test_the_remembered_key_is_trusted_at_the_next_run(
    log: tuple[Path, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    state = str(tmp_path / "seen.json")
    assert verify.main([str(log[0]), "--state", state]) == 0
    capsys.readouterr()

    assert verify.main([str(log[0]), "--state", state]) == 0
    assert "The key is the one of the last check." in capsys.readouterr().out


# ── Receipts ────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def slip(tmp_path: Path) -> tuple[Path, Path, str, bytes, list[str]]:
    """A receipt of a raise with a disclosure: its file, its log, key, leaf and disclosures."""
    entry = "0f" * 16
    sd, opened = disclosure.seal(b"k" * 32, entry=entry, seq=1, values={"told": {"where": "嘉定路"}})
    fact = leaf.Fact(
        entry=entry, seq=1, mech="0" * 16, move="raise", to="raised", party="anyone", at=played.NEW_YEAR,
        number="LS-26-000001", due=played.NEW_YEAR,
    )  # fmt: skip
    data = leaf.event_leaf(fact, log="coarse", zone=played.ZONE, sd=sd)
    filler = [leaf.outage_leaf(since=played.NEW_YEAR, until=played.NEW_YEAR, what=str(n)) for n in range(300)]
    leaves = [played.first_leaf(), data, *filler]
    key = played.write(tmp_path / "log", leaves)
    hashes = [merkle.leaf_hash(one) for one in leaves]
    note = (tmp_path / "log/2026/checkpoint").read_text()
    proof = receipt.TlogProof(
        1, tuple(merkle.inclusion_proof(hashes, 1)), note, receipt.extra(data, list(opened.values()))
    )
    file = tmp_path / "LS-26-000001.tlog-proof"
    file.write_text(receipt.format_proof(proof))
    return file, tmp_path / "log", key, data, list(opened.values())


def test_a_receipt_verifies_offline_and_says_what_it_shows(
    slip: tuple[Path, Path, str, bytes, list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    file, _, key, _, _ = slip

    assert verify.main(["--receipt", str(file), "--key", key]) == 0

    text = capsys.readouterr().out
    assert "shows leaf 1 of" in text and "“raise” by anyone led to “raised” (2026-01-05)" in text
    assert 'Disclosed told: {"where": "嘉定路"}' in text


def test_a_receipt_without_the_key_proves_nothing(
    slip: tuple[Path, Path, str, bytes, list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    assert verify.main(["--receipt", str(slip[0])]) == 2
    assert "anybody could have made this receipt" in capsys.readouterr().out


def test_a_receipt_is_compared_with_the_log_of_today(
    slip: tuple[Path, Path, str, bytes, list[str]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, root, key, _, _ = slip
    assert verify.main([str(root), "--receipt", str(file), "--key", key]) == 0
    assert "still shows the same leaf" in capsys.readouterr().out

    filler = [leaf.outage_leaf(since=played.NEW_YEAR, until=played.NEW_YEAR, what=str(n)) for n in range(400)]
    played.write(tmp_path / "other", [played.first_leaf(), *filler])
    assert verify.main([str(tmp_path / "other"), "--receipt", str(file), "--key", key]) == 1
    assert "another leaf at this place" in capsys.readouterr().out

    played.write(tmp_path / "short", [played.first_leaf(), *filler[:5]])
    assert verify.main([str(tmp_path / "short"), "--receipt", str(file), "--key", key]) == 1
    assert "the receipt saw 302" in capsys.readouterr().out


@pytest.mark.parametrize("change", ["leaf", "index", "hash", "disclosure", "twice", "checkpoint"])
def test_a_changed_receipt_is_found(
    change: str, slip: tuple[Path, Path, str, bytes, list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    file, _, key, data, opened = slip
    proof = receipt.parse_proof(file.read_text())
    index, hashes, note, shown = proof.index, list(proof.proof), proof.checkpoint, [data, opened]
    if change == "leaf":
        shown = [data.replace(b"raised", b"struck"), opened]
    elif change == "index":
        index += 1
    elif change == "hash":
        hashes[0] = bytes(32)
    elif change == "disclosure":
        shown = [data, [disclosure.disclosure("salt", "told", "something else")]]
    elif change == "twice":
        shown = [data, opened * 2]
    else:
        lines = proof.checkpoint.splitlines()
        note = "\n".join([lines[0], "299", *lines[2:]]) + "\n"
    made = receipt.TlogProof(index, tuple(hashes), note, receipt.extra(shown[0], shown[1]))
    file.write_text(receipt.format_proof(made))

    assert verify.main(["--receipt", str(file), "--key", key]) == 1
    assert "✗" in capsys.readouterr().out


def test_a_cut_or_garbled_receipt_is_never_a_traceback(
    slip: tuple[Path, Path, str, bytes, list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    file, _, key, _, _ = slip
    whole, chance = file.read_bytes(), random.Random(1)
    for n in range(300):
        data = bytearray(whole[: chance.randrange(len(whole))] if n % 2 else whole)
        for _ in range(0 if n % 2 else chance.randrange(1, 4)):
            data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        file.write_bytes(bytes(data))
        assert verify.main(["--receipt", str(file), "--key", key]) in (1, 2)
    assert verify.main(["--receipt", str(file.parent), "--key", key]) == 2
    capsys.readouterr()


# ── Garbage ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_any_file_missing_cut_or_garbled_is_an_answer_and_no_traceback(
    log: tuple[Path, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root, key = log
    chance = random.Random(2)
    files = [file.relative_to(root) for file in sorted(root.rglob("*")) if file.is_file()]
    for name in files:
        whole = (root / name).read_bytes()
        wrong: list[bytes | None] = [
            None,
            b"",
            b"\0",
            whole[:-1],
            whole[: len(whole) // 2],
            whole + b"\0",
            whole[::-1],
            chance.randbytes(len(whole)),
        ]
        for n, data in enumerate(wrong):
            if data is not None and name.suffix == ".json" and data.strip() == whole.strip():
                continue  # a list of years without its last newline says the same
            copy = tmp_path / f"{str(name).replace('/', '-')}-{n}"
            shutil.copytree(root, copy)
            if data is None:
                (copy / name).unlink()
            else:
                (copy / name).write_bytes(data)

            code = verify.main([str(copy), "--key", key])

            text = capsys.readouterr().out
            assert code in (1, 2), (name, n, text)
            assert "✗" in text if code == 1 else "Could not be checked" in text
            shutil.rmtree(copy)


YEAR = '{"name": "2026", "origin": "o", "vkey": "v"}'


@pytest.mark.parametrize(
    "shards",
    [
        "[]",
        "{}",
        '{"shards": []}',
        '{"shards": [1]}',
        '{"shards": ' + "9" * 9000 + "}",
        "[" * 90_000,
        f'{{"shards": [{YEAR}]}}',
        f'{{"shards": [{YEAR}, {YEAR}]}}',
        '{"shards": [{"name": "2026", "origin": 1, "vkey": 2}]}',
        '{"shards": [{"name": "../x", "origin": "o", "vkey": "v"}]}',
    ],
)
def test_a_strange_list_of_years_is_unreadable(shards: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "shards.json").write_text(shards)

    assert verify.main([str(tmp_path)]) == 2
    assert "Could not be checked" in capsys.readouterr().out


def test_a_folder_that_is_none_is_unreadable(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    os.mkfifo(tmp_path / "shards.json")

    assert verify.main([str(tmp_path)]) == 2
    assert verify.main([str(tmp_path / "nowhere")]) == 2
    assert "shards.json is missing" in capsys.readouterr().out


def test_a_tree_with_the_full_tile_only_is_read_through_it(
    log: tuple[Path, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The city grew and tidied its partial tiles while we still hold the older checkpoint."""
    root, key = log
    shutil.copytree(root, tmp_path / "log")
    older = played.a_city(8)
    note = tmp_path / "log/2026/checkpoint"
    hashes = [merkle.leaf_hash(data) for data in older[:20]]
    point = checkpoint.Checkpoint(verify.parse_key(key).name, 20, merkle.root(hashes))  # type: ignore[union-attr]  # it is a key
    note.write_text(checkpoint.sign_checkpoint(point, seed=played.SEED))

    code = verify.main([str(tmp_path / "log"), "--key", key])

    text = capsys.readouterr().out
    assert "L2" not in text and "missing" not in text.split("numbers are missing")[0]
    assert code in (0, 1)  # entries may be cut in the middle of their numbers, never of their hashes


# ── Servers ─────────────────────────────────────────────────────────────────────────────────────────────────


class Handler(http.server.SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    trick = ""

    def log_message(self, format: str, *args: object) -> None:
        pass

    def do_GET(self) -> None:
        if not self.trick or (self.trick != "redirect" and not self.path.endswith(("checkpoint", "entries/000"))):
            super().do_GET()
        elif self.trick == "redirect":
            self.send_response(302)
            self.send_header("Location", "http://127.0.0.1:1/")
            self.send_header("Content-Length", "0")
            self.end_headers()
        elif self.trick == "error":
            self.send_error(500)
        elif self.trick == "endless":
            self.send_response(200)
            self.send_header("Connection", "close")
            self.end_headers()
            try:
                for _ in range(10_000):
                    self.wfile.write(b"x" * 10_000)
            except OSError:
                pass
            self.close_connection = True
        elif self.trick == "short":
            self.send_response(200)
            whole = Path(self.translate_path(self.path)).read_bytes()
            self.send_header("Content-Length", str(len(whole)))
            self.end_headers()
            self.wfile.write(whole[:-20])
            self.close_connection = True
        elif self.trick == "compressed":
            self.send_response(200)
            self.send_header("Content-Encoding", "gzip")
            self.send_header("Content-Length", "1")
            self.end_headers()
            self.wfile.write(b"x")
        elif self.trick == "no-http":
            self.wfile.write(b"SSH-2.0-hello\r\n")
            self.close_connection = True


@pytest.fixture
def server(log: tuple[Path, str]) -> Iterator[tuple[str, type[Handler]]]:
    class Here(Handler):
        def __init__(self, *args: object, **kwargs: object) -> None:
            super().__init__(*args, directory=str(log[0]), **kwargs)  # type: ignore[arg-type]  # passed through

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Here) as running:
        running.daemon_threads = True
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{running.server_port}", Here
        running.shutdown()
        thread.join()


@pytest.mark.parametrize("ending", ["", "/"])
def test_a_log_is_verified_over_http(
    ending: str, server: tuple[str, type[Handler]], log: tuple[Path, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert verify.main([server[0] + ending, "--key", log[1]]) == 0
    assert "All of it holds." in capsys.readouterr().out


@pytest.mark.parametrize("trick", ["redirect", "error", "endless", "short", "compressed", "no-http"])
def test_a_hostile_server_gets_an_answer(
    trick: str, server: tuple[str, type[Handler]], log: tuple[Path, str], capsys: pytest.CaptureFixture[str]
) -> None:
    server[1].trick = trick

    assert verify.main([server[0], "--key", log[1]]) == 2
    assert "Could not be checked" in capsys.readouterr().out


def test_a_server_that_drips_is_given_up(
    server: tuple[str, type[Handler]],
    log: tuple[Path, str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(verify, "SECONDS_PER_FILE", -1)

    assert verify.main([server[0], "--key", log[1]]) == 2
    assert "too slow" in capsys.readouterr().out


@pytest.mark.parametrize("address", ["http://", "http://127.0.0.1:1/log", "http://[::1", "http://127.0.0.1:99999/"])
def test_an_address_where_nobody_is_gets_an_answer(address: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert verify.main([address]) == 2
    assert "Could not be checked" in capsys.readouterr().out


def test_the_state_holds_what_was_seen(
    log: tuple[Path, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    state = tmp_path / "seen.json"

    verify.main([str(log[0]), "--key", log[1], "--state", str(state)])

    [seen] = json.loads(state.read_text())["seen"].values()
    assert seen["vkey"] == log[1]
    assert sorted(seen) == ["root", "size", "vkey"]

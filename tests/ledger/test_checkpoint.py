"""Signed notes and checkpoints: the published examples hold, everything the specification rejects is rejected."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiebang.ledger import checkpoint, merkle, receipt
from jiebang.ledger.checkpoint import NoteError

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "tlog.json").read_text())
OWN = VECTORS["own_checkpoints_set_A"]
SEED = bytes.fromhex(OWN["log_seed_hex"])
ORIGIN = "board.example.org/city/log1"
KEY = checkpoint.parse_vkey(OWN["log_vkey"])
CASE = VECTORS["sets"]["A_rfc6962_ct_leaves_extended"]


@pytest.mark.parametrize("case", VECTORS["signed_note_published"], ids=lambda case: case["source"])
def test_published_notes_verify(case: dict[str, str]) -> None:
    note = checkpoint.open_note(case["note"], [checkpoint.parse_vkey(case["vkey"])])

    assert case["note"].startswith(note.text)


def test_our_key_and_signatures_are_those_of_the_vectors() -> None:
    assert checkpoint.key_of(ORIGIN, SEED).vkey == OWN["log_vkey"]
    for case in OWN["checkpoints"]:
        root = bytes.fromhex(CASE["roots"][case["size"]])
        ours = checkpoint.sign_checkpoint(checkpoint.Checkpoint(ORIGIN, case["size"], root), seed=SEED)
        assert case["note"].startswith(ours)  # the vectors add a witness's line, which we ignore
        assert checkpoint.open_checkpoint(case["note"], KEY) == checkpoint.Checkpoint(ORIGIN, case["size"], root)


def test_the_receipt_of_the_vectors_reads_and_verifies() -> None:
    proof = receipt.parse_proof(VECTORS["tlog_proof_set_A_7_of_11"])

    head = checkpoint.open_checkpoint(proof.checkpoint, KEY)

    merkle.verify_inclusion(
        leaf=bytes.fromhex(CASE["leaf_hashes"][7]),
        index=proof.index,
        size=head.size,
        proof=proof.proof,
        root=head.root,
    )
    assert receipt.format_proof(proof) == VECTORS["tlog_proof_set_A_7_of_11"]


@given(
    st.binary(max_size=40),
    st.integers(0, 9),
    st.lists(st.binary(min_size=32, max_size=32), max_size=5),
)
def test_a_receipt_reads_back_what_was_written(extra: bytes, index: int, proof: list[bytes]) -> None:
    given_receipt = receipt.TlogProof(index, tuple(proof), OWN["checkpoints"][1]["note"], extra)

    assert receipt.parse_proof(receipt.format_proof(given_receipt)) == given_receipt


GOOD = OWN["checkpoints"][1]["note"]
TEXT = GOOD.partition("\n\n")[0] + "\n"
LINE = GOOD.partition("\n\n")[2].split("\n")[0]


@pytest.mark.parametrize(
    "note",
    [
        "",
        "\n\n",
        TEXT,
        TEXT + "\n",
        TEXT + "\n" + LINE,  # no final newline
        TEXT + "\n" + LINE + "\n\n",
        TEXT + "\n" + LINE.replace("—", "-") + "\n",
        TEXT + "\n" + LINE.replace(" ", "  ") + "\n",
        TEXT + "\n" + LINE + " \n",
        TEXT + "\n" + LINE[:-1] + "\n",
        TEXT + "\n" + LINE[:-3] + "!!!\n",
        TEXT.replace("\n", "\r\n") + "\n" + LINE + "\n",
        TEXT + "\t\n\n" + LINE + "\n",
        TEXT + "\n" + (LINE + "\n") * 101,
        TEXT + "\n— a+b " + LINE.split(" ")[2] + "\n",
        TEXT + "\n—  " + LINE.split(" ")[2] + "\n",
        TEXT + "\n— name " + base64.b64encode(b"1234").decode() + "\n",
        b"\xff" + GOOD.encode(),
        "x" * 1_000_001 + GOOD,
    ],
)
def test_what_is_not_a_signed_note_is_refused(note: str | bytes) -> None:
    with pytest.raises(NoteError):
        checkpoint.parse_note(note)


def test_unknown_signatures_are_ignored_but_one_known_must_hold() -> None:
    other = checkpoint.sign(TEXT, name="witness.example/w", seed=b"w" * 32).split("\n\n")[1]
    sixteen = GOOD + other * 14

    assert checkpoint.open_checkpoint(sixteen, KEY).size == 1
    with pytest.raises(NoteError, match="not signed by a key you trust"):
        checkpoint.open_note(TEXT + "\n" + other, [KEY])


def test_one_wrong_signature_of_a_known_key_condemns_the_note() -> None:
    name, encoded = LINE.split(" ")[1:]
    wrong = bytearray(base64.b64decode(encoded))
    wrong[-1] ^= 1

    note = GOOD + f"— {name} {base64.b64encode(bytes(wrong)).decode()}\n"

    with pytest.raises(NoteError, match="does not fit"):
        checkpoint.open_note(note, [KEY])


@given(st.integers(0, 8 * len(GOOD.encode()) - 1))
def test_any_flipped_bit_of_a_checkpoint_is_found(bit: int) -> None:
    data = bytearray(checkpoint.sign_checkpoint(checkpoint.Checkpoint(ORIGIN, 5, b"r" * 32), seed=SEED).encode())
    data[bit // 8 % len(data)] ^= 1 << bit % 8

    with pytest.raises(NoteError):
        checkpoint.open_checkpoint(bytes(data), KEY)


@pytest.mark.parametrize(
    "text",
    [
        "o\n1\n",
        "o\n01\nAAAA\n",
        "o\n-1\n" + TEXT.split("\n")[2] + "\n",
        "o\n1\nAAAA\n",
        "\n1\n" + TEXT.split("\n")[2] + "\n",
        "o\n\n" + TEXT.split("\n")[2] + "\n",
        "o\n١\n" + TEXT.split("\n")[2] + "\n",
        f"o\n{1 << 63}\n" + TEXT.split("\n")[2] + "\n",
        "o\n1\n" + TEXT.split("\n")[2] + "\n\nx\n",
        "o\n1\n" + TEXT.split("\n")[2],
    ],
)
def test_what_is_not_a_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(NoteError):
        checkpoint.parse_checkpoint(text)


def test_extension_lines_are_ignored() -> None:
    assert checkpoint.parse_checkpoint(TEXT + "extension\n").size == 1


def test_a_checkpoint_of_another_log_under_our_key_is_refused() -> None:
    note = checkpoint.sign(TEXT.replace(ORIGIN, "another.example/log"), name=ORIGIN, seed=SEED)

    with pytest.raises(NoteError, match=r"is of another\.example/log"):
        checkpoint.open_checkpoint(note, KEY)


@pytest.mark.parametrize(
    "public",
    [
        (1).to_bytes(32, "little"),
        bytes(32),
        (2**255 - 19 - 1).to_bytes(32, "little"),
        (2**255 - 19).to_bytes(32, "little"),
        (1 | 1 << 255).to_bytes(32, "little"),
        bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"),
        bytes.fromhex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"),
        bytes.fromhex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa"),
    ],
)
def test_keys_of_small_order_are_refused(public: bytes) -> None:
    identity_signature = (1).to_bytes(32, "little") + bytes(32)
    data = base64.b64encode(b"\x01" + public).decode()

    assert not checkpoint.verify_ed25519(public, identity_signature, b"any text")
    with pytest.raises(NoteError, match="weak"):
        checkpoint.parse_vkey(f"log+{checkpoint.key_id('log', 1, public).hex()}+{data}")


@pytest.mark.parametrize(
    "vkey",
    [
        "",
        "a",
        "a+b",
        "a+00000000+AAAA",
        OWN["log_vkey"][:-2] + "A=",
        "x" + OWN["log_vkey"],
    ],
)
def test_what_is_not_a_key_is_refused(vkey: str) -> None:
    with pytest.raises(NoteError):
        checkpoint.parse_vkey(vkey)


def test_two_demonstrations_have_two_names() -> None:
    names = {checkpoint.demonstration_origin("leshan", bytes([i]) * 32) for i in range(3)}

    assert len(names) == 3
    assert all(name.startswith("jiebang.invalid/leshan/") and len(name) == 31 for name in names)

"""The citizen's receipt: one `.tlog-proof` file that proves, offline, that a leaf is in the log.

The extra line carries what the holder may show: the leaf's exact text and the disclosures he holds. It is not
authenticated by itself: the leaf is, because the proof leads from its hash to the signed root, and a disclosure
is, because its digest stands in the leaf.

Source: C2SP tlog-proof (C2SP/C2SP at 5ba5ee8). Read 2026-11-22.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass

from jiebang.ledger.checkpoint import NoteError, decode_base64

FIRST_LINE = "c2sp.org/tlog-proof@v1"
MOST_HASHES = 63


@dataclass(frozen=True, slots=True)
class TlogProof:
    index: int
    proof: tuple[bytes, ...]
    checkpoint: str  # the signed note, verbatim
    extra: bytes = b""


def format_proof(receipt: TlogProof) -> str:
    """Return the text of a `.tlog-proof` file."""
    lines = [FIRST_LINE]
    if receipt.extra:
        lines.append("extra " + base64.b64encode(receipt.extra).decode("ascii"))
    lines.append(f"index {receipt.index}")
    lines += [base64.b64encode(h).decode("ascii") for h in receipt.proof]
    return "\n".join(lines) + "\n\n" + receipt.checkpoint


def parse_proof(text: str) -> TlogProof:
    """Return what a `.tlog-proof` file says, none of it verified yet.

    Raises:
        NoteError: it is not such a file.
    """
    head, empty, note = text.partition("\n\n")
    lines = head.split("\n")
    if not empty or lines.pop(0) != FIRST_LINE:
        raise NoteError(f"The first line must be {FIRST_LINE}, and an empty line must follow the proof.")
    extra = b""
    if lines and lines[0].startswith("extra "):
        extra = decode_base64(lines.pop(0).removeprefix("extra "))
    number = lines.pop(0).removeprefix("index ") if lines and lines[0].startswith("index ") else ""
    if not (number.isascii() and number.isdecimal() and len(number) <= 19) or (number[0] == "0" and number != "0"):
        raise NoteError("A line “index” with a plain decimal number is missing.")
    proof = tuple(decode_base64(line) for line in lines)
    if len(proof) > MOST_HASHES or any(len(h) != 32 for h in proof):
        raise NoteError("The proof has at most 63 hashes of 32 bytes.")
    return TlogProof(int(number), proof, note, extra)


def extra(leaf: bytes, disclosures: Sequence[str] = ()) -> bytes:
    """Return the extra of a receipt: the leaf's exact text and disclosures the holder may show."""
    value = {"disclosures": list(disclosures), "leaf": leaf.decode("utf-8")}
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()

"""Signed checkpoints: what the log promises, in five lines anyone can read.

A checkpoint is a note: the log's name, how many leaves it has, their root; then an empty line and signatures.
Whoever holds two checkpoints of one log that contradict each other holds a proof of fraud.

Source: C2SP signed-note v1.0.0 and tlog-checkpoint v1.0.0 (C2SP/C2SP at 5ba5ee8). Read 2026-11-22.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)

ED25519 = 0x01  # a note signature over the text
MOST_NOTE_BYTES = 1_000_000
MOST_SIGNATURES = 100  # the specification asks for at least 16
MOST_SIZE = (1 << 63) - 1

_FIELD = 2**255 - 19
# The y-coordinates of Edwards25519's eight points of small order. Such a "key" accepts one signature for every
# text; `cryptography` takes them, so we refuse them ourselves.
_SMALL_ORDER = frozenset(
    (
        0,
        1,
        _FIELD - 1,
        2707385501144840649318225287225658788936804267575313519463743609750303402022,
        55188659117513257062467267217118295137698188065244968500265048394206261417927,
    )
)

Verify: TypeAlias = Callable[[bytes, bytes], bool]
"""(signature, text) → does the key accept it."""


class NoteError(ValueError):
    """A note, key or checkpoint that is not of the form, or not signed. The text says which."""


@dataclass(frozen=True, slots=True)
class Signature:
    name: str
    key_id: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class Note:
    """`text` ends in a newline; the signatures cover it, not the empty line after it."""

    text: str
    signatures: tuple[Signature, ...]


@dataclass(frozen=True, slots=True)
class Key:
    """A public key that signs notes under a name. `verify` is a parameter, so that another signature fits later."""

    name: str
    key_id: bytes
    type: int
    public: bytes

    def accepts(self, signature: bytes, text: bytes) -> bool:
        return verify_ed25519(self.public, signature, text)

    @property
    def vkey(self) -> str:
        return f"{self.name}+{self.key_id.hex()}+{_base64(bytes([self.type]) + self.public)}"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        return f"{self.origin}\n{self.size}\n{_base64(self.root)}\n"


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def decode_base64(text: str) -> bytes:
    """Return the bytes of padded standard base64; only the one spelling each value has is accepted."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise NoteError(f"“{text[:60]}” is not base64.") from error
    if _base64(data) != text:
        raise NoteError(f"“{text[:60]}” is base64 in an unusual spelling.")
    return data


# ── Keys ────────────────────────────────────────────────────────────────────────────────────────────────────


def _is_name(name: str) -> bool:
    return bool(name) and "+" not in name and not any(c.isspace() or ord(c) < 0x20 for c in name)


def key_id(name: str, type: int, public: bytes) -> bytes:
    return hashlib.sha256(name.encode() + b"\n" + bytes([type]) + public).digest()[:4]


def public_key(seed: bytes) -> bytes:
    """Return the public key of a 32-byte Ed25519 seed."""
    return Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()


def key_of(name: str, seed: bytes) -> Key:
    """Return the key that verifies what `sign(..., name=name, seed=seed)` signs.

    Raises:
        NoteError: the name is empty, or has spaces or a plus sign.
    """
    if not _is_name(name):
        raise NoteError(f"“{name}” cannot name a key: it must not be empty, have spaces or a plus sign.")
    public = public_key(seed)
    return Key(name, key_id(name, ED25519, public), ED25519, public)


def parse_vkey(text: str) -> Key:
    """Return the Ed25519 key a `name+id+base64` line describes.

    Raises:
        NoteError: it is not such a line, the id does not fit, or the key is weak.
    """
    name, _, rest = text.partition("+")
    hex_id, _, encoded = rest.partition("+")
    if not _is_name(name) or len(hex_id) != 8 or hex_id.strip("0123456789abcdef"):
        raise NoteError("A key reads name+8 hex digits+base64. Copy the whole line.")
    data = decode_base64(encoded)
    if len(data) != 33 or data[0] != ED25519:
        raise NoteError("The key is not an Ed25519 note key (type 1, 32 bytes).")
    key = Key(name, bytes.fromhex(hex_id), ED25519, data[1:])
    if key_id(name, ED25519, key.public) != key.key_id:
        raise NoteError("The key's id does not fit its name and bytes. Copy the whole line again.")
    if is_weak(key.public):
        raise NoteError("The key is one of the few weak keys anybody can sign for.")
    return key


def is_weak(public: bytes) -> bool:
    """Return whether a public key has small order or is not spelled canonically."""
    y = int.from_bytes(public, "little") & ((1 << 255) - 1)
    return y >= _FIELD or y in _SMALL_ORDER


def verify_ed25519(public: bytes, signature: bytes, text: bytes) -> bool:
    if len(public) != 32 or len(signature) != 64 or is_weak(public):
        return False
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, text)
    except (InvalidSignature, ValueError):
        return False
    return True


# ── Notes ───────────────────────────────────────────────────────────────────────────────────────────────────


def parse_note(data: bytes | str) -> Note:
    """Return a note's text and signatures, of known and unknown kinds, none verified yet.

    Raises:
        NoteError: it is not a signed note.
    """
    raw = data.encode() if isinstance(data, str) else data
    if len(raw) > MOST_NOTE_BYTES:
        raise NoteError("The note is larger than a million bytes.")
    try:
        whole = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise NoteError("The note is not UTF-8.") from error
    if any(ord(c) < 0x20 and c != "\n" for c in whole):
        raise NoteError("The note has control characters.")
    split = whole.rfind("\n\n")
    if split < 0 or not whole.endswith("\n"):
        raise NoteError("The note has no signatures: an empty line and signature lines must end it.")
    text, lines = whole[: split + 1], whole[split + 2 : -1].split("\n")
    if len(lines) > MOST_SIGNATURES:
        raise NoteError(f"The note has more than {MOST_SIGNATURES} signatures.")
    return Note(text, tuple(_signature(line) for line in lines))


def _signature(line: str) -> Signature:
    parts = line.split(" ")
    if len(parts) != 3 or parts[0] != "—" or not _is_name(parts[1]):
        raise NoteError("A signature line reads: em dash, name, base64.")
    data = decode_base64(parts[2])
    if len(data) < 5:
        raise NoteError("A signature is too short.")
    return Signature(parts[1], data[:4], data[4:])


def sign(text: str, *, name: str, seed: bytes) -> str:
    """Return `text` as a note signed with one key."""
    if not text.endswith("\n"):
        raise NoteError("A note's text must end in a newline.")
    if any(ord(c) < 0x20 and c != "\n" for c in text):
        raise NoteError("A note's text must not have control characters.")
    key = key_of(name, seed)
    signature = Ed25519PrivateKey.from_private_bytes(seed).sign(text.encode())
    return f"{text}\n— {name} {_base64(key.key_id + signature)}\n"


def open_note(data: bytes | str, keys: Sequence[Key]) -> Note:
    """Return a note after verifying it: signatures of unknown keys (witnesses) are ignored.

    Raises:
        NoteError: no known key signed it, or one did and the signature is wrong.
    """
    note = parse_note(data)
    known = {(key.name, key.key_id): key for key in keys}
    verified = 0
    for signature in note.signatures:
        key = known.get((signature.name, signature.key_id))
        if key is None:
            continue
        if not key.accepts(signature.signature, note.text.encode()):
            raise NoteError(f"The signature of {signature.name} does not fit the text.")
        verified += 1
    if not verified:
        raise NoteError("The note is not signed by a key you trust.")
    return note


# ── Checkpoints ─────────────────────────────────────────────────────────────────────────────────────────────


def parse_checkpoint(text: str) -> Checkpoint:
    """Return what a note's text says of a log. Extension lines are allowed and ignored.

    Raises:
        NoteError: it is not a checkpoint.
    """
    if not text.endswith("\n"):
        raise NoteError("A checkpoint ends in a newline.")
    lines = text[:-1].split("\n")
    if len(lines) < 3 or not all(lines):
        raise NoteError("A checkpoint has at least three lines and no empty one.")
    origin, size, encoded = lines[:3]
    if not size.isascii() or not size.isdecimal() or (size[0] == "0" and size != "0") or len(size) > 19:
        raise NoteError("A checkpoint's second line is a size in plain decimal digits.")
    root = decode_base64(encoded)
    if len(root) != 32 or int(size) > MOST_SIZE:
        raise NoteError("A checkpoint's third line is a root of 32 bytes.")
    return Checkpoint(origin, int(size), root)


def sign_checkpoint(checkpoint: Checkpoint, *, seed: bytes) -> str:
    """Return the signed note of a checkpoint, under the log's own name."""
    return sign(checkpoint.text, name=checkpoint.origin, seed=seed)


def open_checkpoint(data: bytes | str, key: Key) -> Checkpoint:
    """Return a log's checkpoint after verifying it with the log's key.

    Raises:
        NoteError: not a checkpoint, not signed by this key, or of another log.
    """
    checkpoint = parse_checkpoint(open_note(data, [key]).text)
    if checkpoint.origin != key.name:
        raise NoteError(f"The checkpoint is of {checkpoint.origin}, the key of {key.name}.")
    return checkpoint


def demonstration_origin(city: str, seed: bytes) -> str:
    """Return the name of a demonstration city's log; two instances side by side never share one (decisions, K6)."""
    return f"jiebang.invalid/{city}/{hashlib.sha256(public_key(seed)).hexdigest()[:8]}"

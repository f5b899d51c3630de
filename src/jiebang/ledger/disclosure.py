"""Disclosures: what is shown beside the log and can be forgotten, while the log still verifies.

A leaf carries digests. Whoever holds a disclosure (a short text with a salt, a name and a value) can show that
it is the one the leaf means; without the salt nobody can find the value by trying. All salts of a person come
from one 32-byte key, so deleting that key closes them all for ever. Values not given are replaced by decoys, so
that the number of digests tells nothing.

Source: RFC 9901 sections 4.2.1 to 4.2.3 (disclosures, digests), 4.2.5 (decoys), 7.1 (what to reject). Read 2026-11-22.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from typing import TypeAlias

Json: TypeAlias = "bool | int | str | list[Json] | dict[str, Json] | None"

NAMES = ("files", "kept", "told", "when")
DIGESTS = len(NAMES)
RESERVED = frozenset(("_sd", "..."))


class DisclosureError(ValueError):
    """A disclosure that opens nothing, or must not. The text says why."""


def base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def decode_base64url(text: str) -> bytes:
    """Return the bytes of unpadded base64url; only the one spelling each value has is accepted."""
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise DisclosureError(f"“{text[:60]}” is not base64url.") from error
    if base64url(data) != text:
        raise DisclosureError(f"“{text[:60]}” is base64url in an unusual spelling.")
    return data


def _hmac(key: bytes, message: str) -> bytes:
    return hmac.digest(key, message.encode(), "sha256")


def salt(key: bytes, *, entry: str, seq: int, name: str) -> str:
    """Return the salt of one value of one event; `entry` is its uid in hex, `key` the raiser's 32 bytes."""
    return base64url(_hmac(key, f"salt/v1|{entry}|{seq}|{name}"))


def decoy(key: bytes, *, entry: str, seq: int, name: str) -> str:
    """Return what stands where a value is missing. From outside it looks like any digest."""
    return base64url(_hmac(key, f"decoy/v1|{entry}|{seq}|{name}"))


def pseudonym(key: bytes, *, entry: str) -> str:
    """Return 32 hex digits that mean one person within one entry, and nobody anywhere else."""
    return _hmac(key, f"pseudo/v1|{entry}")[:16].hex()


def disclosure(salt: str, name: str, value: Json) -> str:
    """Return the transported text of a disclosure; its digest is over exactly this text."""
    if name in RESERVED:
        raise DisclosureError(f"“{name}” is a reserved name.")
    return base64url(json.dumps([salt, name, value], ensure_ascii=False, separators=(",", ":")).encode())


def digest(disclosure: str) -> str:
    return base64url(hashlib.sha256(disclosure.encode("ascii")).digest())


def salted_file_hash(salt: bytes, content_sha256: bytes) -> str:
    """Return the hash a file is disclosed by. A plain hash of a known picture would name it; this one cannot."""
    return base64url(hashlib.sha256(content_sha256 + salt).digest())


def seal(
    key: bytes,
    *,
    entry: str,
    seq: int,
    values: Mapping[str, Json],
    names: Sequence[str] = NAMES,
) -> tuple[tuple[str, ...], dict[str, str]]:
    """Return an event's sorted digests, one for each of `names`, and the disclosures of the values given.

    Raises:
        DisclosureError: a value has a name that no digest stands for.
    """
    if unknown := sorted(set(values) - set(names)):
        raise DisclosureError(f"No digest stands for {', '.join(unknown)}: the names are {', '.join(names)}.")
    opened = {
        name: disclosure(salt(key, entry=entry, seq=seq, name=name), name, value) for name, value in values.items()
    }
    digests = [
        digest(opened[name]) if name in opened else decoy(key, entry=entry, seq=seq, name=name) for name in names
    ]
    return tuple(sorted(digests)), opened


def parse(text: str) -> tuple[str, str, Json]:
    """Return a disclosure's salt, name and value.

    Raises:
        DisclosureError: it does not have exactly these three, or the name is reserved.
    """
    try:
        parts = json.loads(decode_base64url(text))
    except (ValueError, RecursionError) as error:
        raise DisclosureError("A disclosure is not readable JSON.") from error
    if not isinstance(parts, list) or len(parts) != 3:
        raise DisclosureError("A disclosure has exactly a salt, a name and a value.")
    salt_text, name, value = parts
    if not isinstance(salt_text, str) or not isinstance(name, str) or name in RESERVED:
        raise DisclosureError("A disclosure's salt and name are texts, and the name is not reserved.")
    return salt_text, name, value


def unseal(digests: Sequence[str], disclosures: Sequence[str]) -> dict[str, Json]:
    """Return the values that disclosures open below a leaf's digests.

    Raises:
        DisclosureError: a digest stands twice, a disclosure opens none of them, or a name comes twice.
    """
    if len(set(digests)) != len(digests):
        raise DisclosureError("A digest stands twice.")
    opened: dict[str, Json] = {}
    used: set[str] = set()
    for text in disclosures:
        _, name, value = parse(text)
        found = digest(text)
        if found not in digests or found in used:
            raise DisclosureError(f"The disclosure of “{name[:40]}” belongs to no digest of this leaf.")
        if name in opened:
            raise DisclosureError(f"“{name[:40]}” is disclosed twice.")
        used.add(found)
        opened[name] = value
    return opened

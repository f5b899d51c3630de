"""Secret codes: ten Crockford characters a raiser can read out on the telephone.

A code is made from the form's idempotency key, so that a form sent twice shows the same code twice, and only a
keyed hash of it is stored. A code has 50 bits, so a keyed hash is enough: a slow password hash would cost
0.2 s a look-up and protect nothing that the code key does not.
"""

from __future__ import annotations

import hashlib
import hmac

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32: no I, L, O, U
LENGTH = 10
PIN_LENGTHS = range(6, 33)

_READ_AS = str.maketrans({"O": "0", "I": "1", "L": "1", "-": None, " ": None, "\u3000": None})


def code_for(idempotency_key: str, *, code_key: bytes) -> str:
    """Return the code of whatever the form with this key raised: 50 bits as ten characters."""
    digest = hmac.digest(code_key, b"code/v1|" + idempotency_key.encode(), hashlib.sha256)
    bits = int.from_bytes(digest[:7], "big") >> 6
    return "".join(ALPHABET[bits >> 5 * place & 31] for place in reversed(range(LENGTH)))


def read(typed: str) -> str | None:
    """Return the code somebody typed in its one form, or None if it cannot be a code. O is read as 0, I and L as 1."""
    code = typed.strip().upper().translate(_READ_AS)
    return code if len(code) == LENGTH and all(letter in ALPHABET for letter in code) else None


def shown(code: str) -> str:
    """Return the code as it is printed: two groups of five."""
    return f"{code[:5]}-{code[5:]}"


def code_hash(code: str, *, code_key: bytes) -> bytes:
    """Return what is stored of a code."""
    return hmac.digest(code_key, b"code-hash/v1|" + code.encode(), hashlib.sha256)


def pin_hash(pin: str, *, uid: bytes, code_key: bytes) -> bytes:
    """Return what is stored of a PIN chosen at the window. Two may choose the same one, so the entry is in it."""
    return hmac.digest(code_key, b"pin-hash/v1|" + uid + b"|" + pin.strip().encode(), hashlib.sha256)


def address_mark(address: str, *, code_key: bytes) -> str:
    """Return the mark under which the tries of one network address are counted; the address itself is not kept."""
    return hmac.digest(code_key, b"address/v1|" + address.encode(), hashlib.sha256)[:12].hex()

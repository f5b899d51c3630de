"""The stranger's signature check against RFC 8032, against `cryptography`, and against what must be refused."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from jiebang.ledger import checkpoint
from jiebang.verifier import verify

# RFC 8032 section 7.1, tests 1 to 3: public key, message, signature.
PUBLISHED = [
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
    (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    ),
]


@pytest.mark.parametrize(("public", "text", "signature"), PUBLISHED)
def test_published_signatures_are_accepted(public: str, text: str, signature: str) -> None:
    assert verify.ed25519_accepts(bytes.fromhex(public), bytes.fromhex(signature), bytes.fromhex(text))


@settings(max_examples=25)
@given(st.binary(min_size=32, max_size=32), st.binary(max_size=80), st.integers(0, 511), st.integers(0, 255))
def test_it_agrees_with_the_other_implementation_on_good_and_bad(seed: bytes, text: bytes, a: int, b: int) -> None:
    private = Ed25519PrivateKey.from_private_bytes(seed)
    public, signature = private.public_key().public_bytes_raw(), private.sign(text)
    wrong = (int.from_bytes(signature, "big") ^ 1 << a).to_bytes(64, "big")
    other = (int.from_bytes(public, "big") ^ 1 << b).to_bytes(32, "big")

    assert verify.ed25519_accepts(public, signature, text)
    assert not verify.ed25519_accepts(public, wrong, text)
    assert not verify.ed25519_accepts(public, signature, text + b".")
    assert verify.ed25519_accepts(other, signature, text) == checkpoint.verify_ed25519(other, signature, text)


def test_a_signature_with_an_enlarged_s_is_refused() -> None:
    private = Ed25519PrivateKey.from_private_bytes(b"s" * 32)
    signature = private.sign(b"text")
    s = int.from_bytes(signature[32:], "little") + verify._L

    twin = signature[:32] + s.to_bytes(32, "little")

    assert not verify.ed25519_accepts(private.public_key().public_bytes_raw(), twin, b"text")


@pytest.mark.parametrize(
    "public",
    [
        (1).to_bytes(32, "little"),
        bytes(32),
        (2**255 - 20).to_bytes(32, "little"),
        (2**255 - 19).to_bytes(32, "little"),
        (1 | 1 << 255).to_bytes(32, "little"),
        bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"),
        bytes.fromhex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"),
        b"short",
        (2).to_bytes(32, "little"),  # not on the curve
    ],
)
def test_keys_anybody_can_sign_for_are_refused(public: bytes) -> None:
    assert verify.is_weak_key(public)
    assert not verify.ed25519_accepts(public, (1).to_bytes(32, "little") + bytes(32), b"any text")

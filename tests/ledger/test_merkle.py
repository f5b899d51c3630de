"""The tree against the published vectors, and as properties."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiebang.ledger import merkle

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "tlog.json").read_text())
SETS = sorted(VECTORS["sets"])


def hashes(n: int) -> list[bytes]:
    return [merkle.leaf_hash(b"leaf %d" % i) for i in range(n)]


def flipped(data: bytes, bit: int) -> bytes:
    number = int.from_bytes(data, "big") ^ (1 << (bit % (8 * len(data))))
    return number.to_bytes(len(data), "big")


@pytest.mark.parametrize("name", SETS)
def test_roots_are_those_of_the_vectors(name: str) -> None:
    case = VECTORS["sets"][name]

    leaves = [merkle.leaf_hash(bytes.fromhex(leaf)) for leaf in case["leaves"]]

    assert [h.hex() for h in leaves] == case["leaf_hashes"]
    assert [merkle.root(leaves[:n]).hex() for n in range(len(leaves) + 1)] == case["roots"]
    assert case["roots"][:9] == VECTORS["published_roots_0_8_set_A"]


@pytest.mark.parametrize("name", SETS)
def test_inclusion_proofs_are_those_of_the_vectors_and_verify(name: str) -> None:
    case = VECTORS["sets"][name]
    leaves = [bytes.fromhex(h) for h in case["leaf_hashes"]]

    for key, expected in case["inclusion"].items():
        index, size = map(int, key.split("/"))
        proof = merkle.inclusion_proof(leaves[:size], index)
        assert [h.hex() for h in proof] == expected
        merkle.verify_inclusion(
            leaf=leaves[index],
            index=index,
            size=size,
            proof=proof,
            root=bytes.fromhex(case["roots"][size]),
        )


@pytest.mark.parametrize("name", SETS)
def test_consistency_proofs_are_those_of_the_vectors_and_verify(name: str) -> None:
    case = VECTORS["sets"][name]
    leaves = [bytes.fromhex(h) for h in case["leaf_hashes"]]
    roots = [bytes.fromhex(h) for h in case["roots"]]

    for key, expected in case["consistency"].items():
        old, new = map(int, key.split("/"))
        proof = merkle.consistency_proof(leaves[:new], old)
        assert [h.hex() for h in proof] == expected
        merkle.verify_consistency(old=old, new=new, old_root=roots[old], new_root=roots[new], proof=proof)


@given(st.integers(1, 600).flatmap(lambda n: st.tuples(st.integers(0, n - 1), st.just(n))))
def test_every_leaf_is_provable_and_a_single_wrong_bit_is_found(
    case: tuple[int, int],
) -> None:
    index, size = case
    leaves = hashes(size)
    root = merkle.root(leaves)
    proof = merkle.inclusion_proof(leaves, index)

    merkle.verify_inclusion(leaf=leaves[index], index=index, size=size, proof=proof, root=root)

    for wrong in (
        {"leaf": flipped(leaves[index], size)},
        {"root": flipped(root, index)},
        {"index": (index + 1) % size} if size > 1 else {"index": 1},
        {"proof": [*proof, root]},
        *([{"proof": [flipped(proof[0], 3), *proof[1:]]}, {"proof": proof[:-1]}] if proof else []),
    ):
        with pytest.raises(merkle.ProofError):
            merkle.verify_inclusion(
                **(
                    {
                        "leaf": leaves[index],
                        "index": index,
                        "size": size,
                        "proof": proof,
                        "root": root,
                    }
                    | wrong
                )
            )


@given(st.integers(1, 600).flatmap(lambda n: st.tuples(st.integers(1, n), st.just(n))))
def test_every_prefix_is_provable_and_another_history_is_not(
    case: tuple[int, int],
) -> None:
    old, new = case
    leaves = hashes(new)
    old_root, new_root = merkle.root(leaves[:old]), merkle.root(leaves)
    proof = merkle.consistency_proof(leaves, old)

    merkle.verify_consistency(old=old, new=new, old_root=old_root, new_root=new_root, proof=proof)

    other = [merkle.leaf_hash(b"another"), *leaves[1:]]
    for wrong in (
        {"old_root": merkle.root(other[:old])},
        {"new_root": merkle.root(other)},
        {"proof": [*proof, old_root]},
        *([{"proof": proof[1:]}] if proof else []),
    ):
        with pytest.raises(merkle.ProofError):
            merkle.verify_consistency(
                **(
                    {
                        "old": old,
                        "new": new,
                        "old_root": old_root,
                        "new_root": new_root,
                        "proof": proof,
                    }
                    | wrong
                )
            )


@pytest.mark.parametrize(("old", "new"), [(0, 0), (0, 5), (-1, 5), (6, 5)])
def test_nothing_is_proved_about_an_empty_or_larger_old_tree(old: int, new: int) -> None:
    with pytest.raises(merkle.ProofError):
        merkle.verify_consistency(old=old, new=new, old_root=b"\0" * 32, new_root=b"\0" * 32, proof=[])
    with pytest.raises(merkle.ProofError):
        merkle.consistency_ranges(old, new)


def test_the_hash_is_a_parameter() -> None:
    def other(data: bytes) -> bytes:
        return hashlib.blake2s(data).digest()

    leaves = [merkle.leaf_hash(b"leaf %d" % i, hash=other) for i in range(13)]
    root = merkle.root(leaves, hash=other)
    proof = merkle.inclusion_proof(leaves, 7, hash=other)

    merkle.verify_inclusion(leaf=leaves[7], index=7, size=13, proof=proof, root=root, hash=other)

    with pytest.raises(merkle.ProofError):
        merkle.verify_inclusion(leaf=leaves[7], index=7, size=13, proof=proof, root=root)

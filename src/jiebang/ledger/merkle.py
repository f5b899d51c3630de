"""The tree: hashes, roots and proofs of RFC 6962, for any hash function.

A log of n leaves has one root. An inclusion proof shows that a leaf stands at an index below a root; a
consistency proof shows that an older root's leaves are the first leaves of a newer one, in the same order.

Both proofs are lists of subtree hashes. `inclusion_ranges` and `consistency_ranges` say which subtrees, as
half-open ranges of leaf indices; whoever holds the leaves (in memory, or as tiles on a disk) hashes them.

Source: RFC 6962 section 2.1; verification after RFC 9162 sections 2.1.3.2 and 2.1.4.2. Read 2026-11-22.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import TypeAlias

Hash: TypeAlias = Callable[[bytes], bytes]
Range: TypeAlias = tuple[int, int]


class ProofError(ValueError):
    """A proof that proves nothing, or the wrong thing. The text says which."""


def sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def leaf_hash(entry: bytes, *, hash: Hash = sha256) -> bytes:
    return hash(b"\x00" + entry)


def node_hash(left: bytes, right: bytes, *, hash: Hash = sha256) -> bytes:
    return hash(b"\x01" + left + right)


def empty_root(*, hash: Hash = sha256) -> bytes:
    return hash(b"")


def root(leaf_hashes: Sequence[bytes], *, hash: Hash = sha256) -> bytes:
    """Return the root over already hashed leaves; of none, the hash of the empty string."""
    if not leaf_hashes:
        return empty_root(hash=hash)
    level = list(leaf_hashes)
    # Pairing level by level and carrying a lone last hash upward gives the same tree as splitting at the largest
    # power of two, without recursion.
    while len(level) > 1:
        paired = [hash(b"\x01" + level[i] + level[i + 1]) for i in range(0, len(level) - 1, 2)]
        if len(level) % 2:
            paired.append(level[-1])
        level = paired
    return level[0]


def fold(subtrees: Sequence[bytes], *, hash: Hash = sha256) -> bytes:
    """Return the root over perfect subtrees given from left (largest) to right (smallest)."""
    if not subtrees:
        return empty_root(hash=hash)
    result = subtrees[-1]
    for left in reversed(subtrees[:-1]):
        result = hash(b"\x01" + left + result)
    return result


def _split(size: int) -> int:
    """Return the largest power of two below `size` (size ≥ 2)."""
    return 1 << ((size - 1).bit_length() - 1)


def inclusion_ranges(index: int, size: int) -> list[Range]:
    """Return the subtrees an inclusion proof consists of, the leaf's own sibling first.

    Raises:
        ProofError: the index is not in the tree.
    """
    if not 0 <= index < size:
        raise ProofError(f"Leaf {index} is not in a tree of {size} leaves.")
    ranges: list[Range] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((start, middle))
            start = middle
    return ranges[::-1]


def consistency_ranges(old: int, new: int) -> list[Range]:
    """Return the subtrees a consistency proof consists of, in RFC 6962's order.

    Raises:
        ProofError: old is 0 (nothing is proved about nothing) or larger than new.
    """
    if not 1 <= old <= new:
        raise ProofError(f"Consistency is proved from a tree of at least one leaf to one as large: not {old} to {new}.")
    ranges: list[Range] = []
    start, end = 0, new
    is_old_root_known = True
    while old != end:
        middle = start + _split(end - start)
        if old <= middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((start, middle))
            start = middle
            is_old_root_known = False
    if not is_old_root_known:
        ranges.append((start, end))
    return ranges[::-1]


def inclusion_proof(leaf_hashes: Sequence[bytes], index: int, *, hash: Hash = sha256) -> list[bytes]:
    return [root(leaf_hashes[a:b], hash=hash) for a, b in inclusion_ranges(index, len(leaf_hashes))]


def consistency_proof(leaf_hashes: Sequence[bytes], old: int, *, hash: Hash = sha256) -> list[bytes]:
    return [root(leaf_hashes[a:b], hash=hash) for a, b in consistency_ranges(old, len(leaf_hashes))]


def verify_inclusion(
    *,
    leaf: bytes,
    index: int,
    size: int,
    proof: Sequence[bytes],
    root: bytes,
    hash: Hash = sha256,
) -> None:
    """Return quietly when the leaf hash `leaf` stands at `index` of the tree of `size` leaves with this root.

    Raises:
        ProofError: it does not.
    """
    if not 0 <= index < size:
        raise ProofError(f"Leaf {index} is not in a tree of {size} leaves.")
    position, last = index, size - 1
    result = leaf
    for sibling in proof:
        if last == 0:
            raise ProofError("The inclusion proof is too long.")
        if position & 1 or position == last:
            result = node_hash(sibling, result, hash=hash)
            while not position & 1 and position:
                position, last = position >> 1, last >> 1
        else:
            result = node_hash(result, sibling, hash=hash)
        position, last = position >> 1, last >> 1
    if last:
        raise ProofError("The inclusion proof is too short.")
    if result != root:
        raise ProofError("The inclusion proof leads to another root.")


def verify_consistency(
    *,
    old: int,
    new: int,
    old_root: bytes,
    new_root: bytes,
    proof: Sequence[bytes],
    hash: Hash = sha256,
) -> None:
    """Return quietly when the tree of `old` leaves is the beginning of the tree of `new` leaves.

    An old size of 0 is refused: every tree begins with nothing, so nothing would be proved.

    Raises:
        ProofError: it is not, or nothing is proved.
    """
    if not 1 <= old <= new:
        raise ProofError(f"Consistency is proved from a tree of at least one leaf to one as large: not {old} to {new}.")
    if old == new:
        if proof:
            raise ProofError("Two trees of one size need no proof, but one was given.")
        if old_root != new_root:
            raise ProofError("Two trees of one size have two roots: one of them is a fork.")
        return
    path = list(proof)
    if old & (old - 1) == 0:  # a power of two: the old root is itself the first node
        path.insert(0, old_root)
    if not path:
        raise ProofError("The consistency proof is empty.")
    position, last = old - 1, new - 1
    while position & 1:
        position, last = position >> 1, last >> 1
    seen_old = seen_new = path[0]
    for node in path[1:]:
        if last == 0:
            raise ProofError("The consistency proof is too long.")
        if position & 1 or position == last:
            seen_old = node_hash(node, seen_old, hash=hash)
            seen_new = node_hash(node, seen_new, hash=hash)
            while not position & 1 and position:
                position, last = position >> 1, last >> 1
        else:
            seen_new = node_hash(seen_new, node, hash=hash)
        position, last = position >> 1, last >> 1
    if last:
        raise ProofError("The consistency proof is too short.")
    if seen_old != old_root:
        raise ProofError("The consistency proof does not start from the old root.")
    if seen_new != new_root:
        raise ProofError("The consistency proof does not lead to the new root.")

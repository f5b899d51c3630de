"""Tiles: paths and widths of the vectors; growing in any steps gives the same tree."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jiebang.ledger import merkle, tiles
from jiebang.ledger.tiles import Tile

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "tlog.json").read_text())
LEAVES = [bytes.fromhex(leaf) for leaf in VECTORS["sets"]["A_rfc6962_ct_leaves_extended"]["leaves"]]
MANY = [merkle.leaf_hash(b"leaf %d" % i) for i in range(70_000)]


def grown(steps: list[int]) -> tuple[dict[Tile, bytes], list[list[bytes]], int]:
    kept: dict[Tile, bytes] = {}
    edge: list[list[bytes]] = []
    size = 0
    for step in steps:
        written, edge = tiles.extend(size, edge, MANY[size : size + step])
        kept |= written
        size += step
    return kept, edge, size


@pytest.mark.parametrize("case", VECTORS["tile_paths"], ids=lambda case: case["path"])
def test_a_tile_has_the_path_of_the_vectors(case: dict[str, object]) -> None:
    level = -1 if case["level"] == "entries" else int(str(case["level"]))
    tile = Tile(level, int(str(case["n"])), int(str(case["width"])))

    assert tile.path == case["path"]


@pytest.mark.parametrize("size", VECTORS["tile_widths"], ids=str)
def test_a_tree_has_the_tiles_of_the_vectors(size: str) -> None:
    expected = VECTORS["tile_widths"][size]

    full = Counter(tile.level for tile in tiles.tiles_of(int(size)) if tile.width == 256)
    partial = {tile.level: tile.width for tile in tiles.tiles_of(int(size)) if tile.width < 256}

    assert [
        {"level": level, "full": full[level], "partial": partial.get(level, 0)} for level in range(len(expected))
    ] == expected


def test_bundle_and_tile_are_those_of_the_vectors() -> None:
    written, _ = tiles.extend(0, [], [merkle.leaf_hash(leaf) for leaf in LEAVES])

    assert tiles.bundle(LEAVES).hex() == VECTORS["entry_bundle_set_A_16"]
    assert written == {Tile(0, 0, 16): bytes.fromhex(VECTORS["tile_0_000_p_16_set_A"])}
    assert tiles.parse_bundle(tiles.bundle(LEAVES), width=16) == LEAVES


@given(st.lists(st.binary(max_size=30), max_size=20), st.data())
def test_a_cut_or_lengthened_bundle_is_refused(entries: list[bytes], data: st.DataObject) -> None:
    whole = tiles.bundle(entries)
    wrong = [whole + b"\0", whole + b"\0\0"]
    if whole:
        wrong.append(whole[: data.draw(st.integers(0, len(whole) - 1))])

    for case in wrong:
        with pytest.raises(tiles.TileError):
            tiles.parse_bundle(case, width=len(entries))


def test_an_entry_of_65536_bytes_is_refused() -> None:
    with pytest.raises(tiles.TileError, match="Chunk it"):
        tiles.bundle([b"x" * 65_536])


@settings(max_examples=60)
@given(st.lists(st.integers(0, 700), min_size=1, max_size=8))
def test_growing_in_any_steps_gives_the_same_root_and_all_tiles(
    steps: list[int],
) -> None:
    kept, edge, size = grown(steps)

    assert tiles.edge_root(edge) == merkle.root(MANY[:size])
    assert set(tiles.tiles_of(size)) <= set(kept)


@settings(max_examples=60)
@given(st.integers(1, 3_000).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n - 1), st.integers(1, n))))
def test_proofs_read_from_tiles_are_those_made_from_leaves(
    case: tuple[int, int, int],
) -> None:
    size, index, old = case
    kept, _, _ = grown([size])

    inclusion = [tiles.range_root(kept.__getitem__, size, a, b) for a, b in merkle.inclusion_ranges(index, size)]
    consistency = [tiles.range_root(kept.__getitem__, size, a, b) for a, b in merkle.consistency_ranges(old, size)]

    assert inclusion == merkle.inclusion_proof(MANY[:size], index)
    assert consistency == merkle.consistency_proof(MANY[:size], old)


def test_a_tree_of_three_levels_is_provable_from_its_tiles() -> None:
    kept, edge, size = grown([69_999, 1])
    root = merkle.root(MANY)

    assert size == 70_000
    assert tiles.edge_root(edge) == root
    for index in (0, 255, 256, 65_535, 65_536, 69_999):
        proof = [tiles.range_root(kept.__getitem__, size, a, b) for a, b in merkle.inclusion_ranges(index, size)]
        merkle.verify_inclusion(leaf=MANY[index], index=index, size=size, proof=proof, root=root)

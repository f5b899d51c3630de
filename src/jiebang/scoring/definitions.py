"""The definition of a city's figures, found in its packs."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from jiebang.rulebook import packs
from jiebang.rulebook import queries as rulebook
from jiebang.scoring.measures import Definition, DefinitionError, read

BOARD = "scores/board.yaml"


def board_definition() -> Definition:
    """Return how this city's boards are counted.

    Raises:
        DefinitionError: no pack of the city has the file, or the file contradicts itself.
    """
    return _definition(rulebook.city().id, packs.roots())


@lru_cache(maxsize=8)
def _definition(city_id: str, roots: tuple[Path, ...]) -> Definition:
    # A process keeps what it read at its start: a definition changes with a new version of the software or pack.
    # A page of figures asks some sixty times; finding the city's packs each time cost more than the figures.
    pack = packs.city(city_id)
    path = packs.find(pack, BOARD)
    if path is None:
        raise DefinitionError(
            f"None of the packs {', '.join(pack.packs)} has {BOARD}. Add it, or name a pack that has it."
        )
    return read(packs.read_yaml(path))

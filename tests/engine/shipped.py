"""The mechanisms the packs ship, compiled with their own vocabulary and calendar."""

from functools import cache
from pathlib import Path

from ruamel.yaml import YAML

from jiebang.engine.model import Program
from jiebang.engine.parser import parse
from tests.engine.calendars import PACKS


@cache
def vocabulary(*packs: str) -> dict[str, object]:
    yaml = YAML(typ="safe", pure=True)
    return {
        file.stem: yaml.load(file.read_text("utf-8"))
        for pack in packs
        for file in sorted((PACKS / pack / "categories").glob("*.yaml"))
    }


def file_of(pack: str, mechanism: str) -> Path:
    return max((PACKS / pack / "mechanisms" / mechanism).glob("2*.yaml"))


def compiled(text: str, pack: str = "leshan") -> Program:
    return parse(text, vocabulary=vocabulary("china", "leshan") if pack == "leshan" else vocabulary(pack))


@cache
def residents() -> Program:
    return compiled(residents_text())


@cache
def residents_text() -> str:
    return file_of("leshan", "residents").read_text("utf-8")

"""Type what the tutorial says, and see what it shows."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.links import ROOT

TUTORIAL = ROOT / "docs" / "tutorial" / "first-board.md"
BLOCK = re.compile(r"<!-- walked -->\n```console\n(?P<said>.*?)^```", re.DOTALL | re.MULTILINE)


def blocks() -> list[str]:
    return [found["said"] for found in BLOCK.finditer(TUTORIAL.read_text(encoding="utf-8"))]


def steps(block: str) -> list[tuple[str, str]]:
    """Return commands with what they are said to print."""
    command, *rest = re.split(r"^\$ ", block, flags=re.MULTILINE)
    assert command == "", "a block begins with a command"
    return [(words, shown) for words, _, shown in (part.partition("\n") for part in rest)]


@pytest.fixture
def shell(tmp_path: Path) -> tuple[Path, dict[str, str]]:
    """Return the folder the tutorial works in, a copy of the packs, and an environment that has `jiebang`."""
    town = tmp_path / "packs"
    shutil.copytree(ROOT / "packs", town)
    command = tmp_path / "bin" / "jiebang"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m jiebang.desk "$@"\n')
    command.chmod(0o755)
    path = f"{command.parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "JIEBANG_PACKS": str(town), "LC_ALL": "C.UTF-8"}
    return town / "generic" / "mechanisms" / "report", environment


def test_what_the_tutorial_says_about_mechanisms_is_what_happens(shell: tuple[Path, dict[str, str]]) -> None:
    folder, environment = shell
    walked = [step for block in blocks() for step in steps(block)]
    assert len(walked) >= 9

    for command, shown in walked:
        done = subprocess.run(
            command,
            shell=True,
            cwd=folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=60,
            check=False,
        )
        wanted = re.escape(shown).replace("…", ".*")
        assert re.fullmatch(wanted, done.stdout), f"$ {command}\nThe page shows:\n{shown}\nIt printed:\n{done.stdout}"

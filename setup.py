"""Only what pyproject.toml cannot say: a wheel carries the packs, which stand beside the package in the repository."""

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

PACKS = Path(__file__).resolve().parent / "packs"


class BuildWithPacks(build_py):
    def run(self) -> None:
        super().run()
        if not self.editable_mode:
            shutil.copytree(PACKS, Path(self.build_lib) / "jiebang" / "packs", dirs_exist_ok=True)


setup(cmdclass={"build_py": BuildWithPacks})

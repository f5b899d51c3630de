"""Follow every link of the documentation, and every page that an error message or comment sends a reader to.

Run by `make check`: `python tests/architecture/links.py`. Addresses of other sites are not visited.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LINK = re.compile(r"\[[^\]\[]*\]\((?P<to>[^()\s]+)(?:\s+\"[^\"]*\")?\)")
PAGE = re.compile(r"\bdocs/[\w./~-]+\.md\b")
HEADING = re.compile(r"^#{1,6}\s+(?P<text>.+?)\s*#*\s*$", re.MULTILINE)
CODE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)


def broken() -> Iterator[str]:
    """Yield each link that leads nowhere, as `file: what`."""
    for path in tracked("*.md"):
        text = CODE.sub("", path.read_text(encoding="utf-8"))
        for found in LINK.finditer(text):
            yield from _leads_nowhere(path, found["to"])
    for path in [*tracked("*.py"), *tracked("Makefile")]:
        for page in sorted(set(PAGE.findall(path.read_text(encoding="utf-8")))):
            if not (ROOT / page).exists():
                yield f"{path.relative_to(ROOT)}: there is no {page}"


def _leads_nowhere(path: Path, to: str) -> Iterator[str]:
    if re.match(r"[a-z]+:", to):
        return
    name, _, anchor = to.partition("#")
    target = (path.parent / name).resolve() if name else path
    if not target.exists():
        yield f"{path.relative_to(ROOT)}: {to} leads nowhere"
    elif anchor and target.suffix == ".md" and anchor not in _anchors(target):
        yield f"{path.relative_to(ROOT)}: {target.name} has no heading for #{anchor}"


def _anchors(path: Path) -> set[str]:
    """The anchors GitHub makes of a page's headings."""
    text = CODE.sub("", path.read_text(encoding="utf-8"))
    headings = [found["text"].lower() for found in HEADING.finditer(text)]
    return {re.sub(r"[^\w\- ]", "", heading).replace(" ", "-") for heading in headings}


def tracked(pattern: str) -> list[Path]:
    """Return the files of this repository that match, as git knows them."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--", pattern, f"**/{pattern}"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    paths = sorted({ROOT / name for name in listed.stdout.split("\0") if name})
    return [path for path in paths if path.exists()]


if __name__ == "__main__":
    wrong = list(broken())
    print("\n".join(wrong) or "Every link leads somewhere.")
    sys.exit(1 if wrong else 0)

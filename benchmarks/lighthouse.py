"""Lighthouse on its phone profile: performance, accessibility and best practices of the pages a resident sees first.

Three runs a page, the median of each category, as the project's target is said (>= 95). Lighthouse comes from npm into
this folder (`make lighthouse` fetches it) and drives Debian's Chromium with its own simulated slow 4G and a processor
four times slower.

    .venv/bin/python benchmarks/lighthouse.py [--runs 3]
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import tempfile
from pathlib import Path

import ground
from running import Running, city
from sitemap import PUBLIC, pages

HERE = Path(__file__).resolve().parent
TOOL = HERE / "node_modules" / ".bin" / "lighthouse"
CATEGORIES = ("performance", "accessibility", "best-practices")
LOOKED_AT = ("home", "board", "entry", "raise", "area", "board-map", "about", "figures", "search", "follow", "verify")
WANTED = 95
TRIES = 3  # a run whose trace was lost says “Please run Lighthouse again” (NO_NAVSTART)


def scores(url: str, *, runs: int) -> dict[str, float]:
    """Return the median score of each category, 0 to 100."""
    found = [_once(url) for _ in range(runs)]
    return {category: statistics.median(one[category] for one in found) for category in CATEGORIES}


def _once(url: str, *, tries: int = TRIES) -> dict[str, float]:
    with tempfile.NamedTemporaryFile(suffix=".json") as answer:
        run = subprocess.run(
            [
                TOOL,
                url,
                "--quiet",
                "--output=json",
                f"--output-path={answer.name}",
                f"--only-categories={','.join(CATEGORIES)}",
                "--chrome-flags=--headless=new --no-sandbox --disable-gpu --disable-background-networking --lang=zh-CN",
            ],
            env={**os.environ, "CHROME_PATH": shutil.which("chromium") or ""},
            capture_output=True,
            text=True,
        )
        if run.returncode:
            if tries > 1:
                return _once(url, tries=tries - 1)
            raise SystemExit(f"Lighthouse stopped at {url}: {run.stderr[-400:]}")
        report = json.loads(Path(answer.name).read_text(encoding="utf-8"))
    return {category: round(100 * (report["categories"][category]["score"] or 0)) for category in CATEGORIES}


def looked_at(running: Running) -> dict[str, str]:
    """Return the addresses to look at, by route."""
    public = {page.name: page.path for page in pages(running) if page.who == PUBLIC}
    if unreached := [name for name in LOOKED_AT if name not in public]:
        raise SystemExit(f"No link of a public page leads to: {', '.join(unreached)}.")
    return {name: public[name] for name in LOOKED_AT}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=3)
    asked = parser.parse_args()
    if not TOOL.exists():
        raise SystemExit("Lighthouse is missing. Run: make lighthouse")
    sentences = [f"{'page':12}" + "".join(f"{category:>16}" for category in CATEGORIES)]
    figures: dict[str, float | int] = {"wanted": WANTED, "runs": asked.runs}
    with city() as running:
        for name, path in looked_at(running).items():
            found = scores(f"{running.url}{path}", runs=asked.runs)
            sentences.append(f"{name:12}" + "".join(f"{found[category]:16.0f}" for category in CATEGORIES))
            figures |= {f"{name} {category}": score for category, score in found.items()}
    ground.report("lighthouse", sentences, figures)


if __name__ == "__main__":
    main()

"""Photograph every page of a demonstration city, so that somebody looks at them all.

Each page a reader can reach by links, as the public, as a raiser and as each account: at 360 and 1440 px, light, dark,
in elder mode and as printed, in Chinese and English. `index.html` in the folder shows them side by side. With
`--readme` the pictures of the README are renewed too.

    .venv/bin/python benchmarks/screenshots.py [--to build/screenshots] [--readme] [--manners phone-light-zh,…]
        [--only home,board] [--who public] [--home HOME --port 8000]
"""

from __future__ import annotations

import argparse
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, sync_playwright
from running import Client, Running, chosen, options, signed_in
from sitemap import PUBLIC, RAISER, Page, pages

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
WIDTHS = {"phone": 360, "desk": 1440}
LANGUAGES = {"zh": "zh-CN", "en": "en-GB"}
MODES = ("light", "dark", "elder", "print")
IMAGES = Path(__file__).resolve().parents[1] / "docs" / "images"


@dataclass(frozen=True, slots=True)
class Manner:
    """One way to look at a page."""

    width: str
    language: str
    mode: str

    @property
    def name(self) -> str:
        return f"{self.width}-{self.mode}-{self.language}"


def manners() -> Iterator[Manner]:
    for language in LANGUAGES:
        for width in WIDTHS:
            for mode in MODES:
                if mode != "print" or width == "desk":  # paper has one width
                    yield Manner(width, language, mode)


def photographed(browser: Browser, running: Running, found: list[Page], how: list[Manner], to: Path) -> int:
    """Photograph each page in each manner; return how many pictures that were."""
    taken = 0
    for manner in how:
        for who in dict.fromkeys(page.who for page in found):
            context = _context(browser, running, who, manner)
            page = context.new_page()
            if manner.mode == "print":
                page.emulate_media(media="print")
            for each in (one for one in found if one.who == who):
                page.goto(f"{running.url}{each.path}", wait_until="load")
                page.screenshot(path=to / f"{each.file}-{manner.name}.png", full_page=True)
                taken += 1
            context.close()
        print(f"{manner.name}: done")
    return taken


def _context(browser: Browser, running: Running, who: str, manner: Manner) -> BrowserContext:
    context = browser.new_context(
        viewport={"width": WIDTHS[manner.width], "height": 800},
        locale=LANGUAGES[manner.language],
        color_scheme="dark" if manner.mode == "dark" else "light",
    )
    cookies = {"elder": "1"} if manner.mode == "elder" else {}
    if who not in (PUBLIC, RAISER):
        cookies |= signed_in(running, who).cookies
    context.add_cookies([{"name": name, "value": value, "url": running.url} for name, value in cookies.items()])
    return context


def index(found: list[Page], how: list[Manner], to: Path) -> None:
    """Write a page that shows the pictures side by side."""
    rows = []
    for page in found:
        shown = "".join(
            f'<a href="{page.file}-{manner.name}.png"><img loading="lazy" src="{page.file}-{manner.name}.png" '
            f'alt="{manner.name}" title="{manner.name}"></a>'
            for manner in how
        )
        rows.append(f"<h2>{escape(page.name)} <small>{page.who}, {escape(page.path)}</small></h2><p>{shown}</p>")
    style = "img{width:15rem;height:24rem;object-fit:cover;object-position:top;border:1px solid #ccc;margin:.2rem}"
    (to / "index.html").write_text(f"<!doctype html><meta charset=utf-8><style>{style}</style>{''.join(rows)}")


README_WIDTH = 1240
README_HEIGHTS = {"home.png": 1000, "entry.png": 1180}


def readme(browser: Browser, running: Running) -> None:
    """Renew the pictures of the README: the front page, and a matter struck off with a photo of the work."""
    context = browser.new_context(
        viewport={"width": README_WIDTH, "height": 800}, locale=LANGUAGES["zh"], color_scheme="light"
    )
    page = context.new_page()
    paths = {"home.png": "/", "entry.png": _struck_with_photo(running)}
    for file, path in paths.items():
        page.goto(f"{running.url}{path}", wait_until="networkidle")
        clip = {"x": 0, "y": 0, "width": README_WIDTH, "height": README_HEIGHTS[file]}
        page.screenshot(path=IMAGES / file, clip=clip, full_page=True)  # type: ignore[arg-type]  # a FloatRect is that
        print(f"docs/images/{file}: {path}")
    context.close()


def _struck_with_photo(running: Running) -> str:
    client = Client(running.port)
    where = next(page.path for page in pages(running, only="board", who=PUBLIC)) + "?show=struck"
    found: list[str] = re.findall(r'href="(/e/[^"]+)"', client.get(where)[1])
    for path in dict.fromkeys(found):
        text = client.get(path)[1]
        if "/photo/" in text and 'class="seal' in text:
            return path
    raise SystemExit("no matter on the first page of those struck off has a photo. Play a larger past.")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--to", type=Path, default=Path("build/screenshots"))
    parser.add_argument("--manners", default="", help="names of manners, with commas")
    options(parser)
    parser.add_argument("--readme", action="store_true", help="also renew the README's pictures")
    asked = parser.parse_args()
    if asked.to.exists():
        shutil.rmtree(asked.to)
    asked.to.mkdir(parents=True)
    chosen_manners = [one for one in manners() if not asked.manners or one.name in asked.manners.split(",")]
    with chosen(asked.home, asked.port) as running, sync_playwright() as player:
        found = pages(running, only=asked.only, who=asked.who)
        browser = player.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        taken = photographed(browser, running, found, chosen_manners, asked.to)
        if asked.readme:
            readme(browser, running)
        browser.close()
    index(found, chosen_manners, asked.to)
    print(f"{taken} pictures of {len(found)} pages: {asked.to / 'index.html'}")


if __name__ == "__main__":
    main()

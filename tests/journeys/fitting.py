"""Whether everything is still there, whole and in one column, when a page is enlarged to twice its size."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from playwright.sync_api import Page

from tests.journeys.reading import CONTROLS, heard, script

# A window of 1280 px at 200 %: half as many CSS pixels, each twice as large.
ZOOMED: dict[str, Any] = {"viewport": {"width": 640, "height": 400}, "device_scale_factor": 2}
WHOLE: dict[str, Any] = {"viewport": {"width": 1280, "height": 800}}
SIGNS = " +–＋－"  # what a folded thing shows beside its name
TWICE_AS_LARGE = {"standard": 32, "fixed": 26}  # Chromium's own sizes are 16 and 13 px


def enlarge_text(page: Page) -> None:
    """Set the browser's own size of text to 200 %, as its reader would in the settings; no page gets wider by it."""
    tools = page.context.new_cdp_session(page)
    tools.send("Page.enable")  # without it the sizes are taken and not used
    tools.send("Page.setFontSizes", {"fontSizes": TWICE_AS_LARGE})


def offered(page: Page) -> set[str]:
    """Return the names of all that is read as a heading or can be pressed, chosen and filled in."""
    told = [node for node in heard(page, with_places=False) if node.role in CONTROLS | {"heading"}]
    # Whether two words of a name stand in one line or in two changes only the space between them.
    return {f"{node.role} “{node.name.strip(SIGNS).replace(' ', '')}”" for node in told}


def misfits(page: Page) -> Iterator[str]:
    """Say what does not fit as the page is shown now: cut off, drawn over, or wider than the window."""
    yield from page.evaluate(script("fitting"))


def unfold(page: Page) -> None:
    """Open all that can be opened: what is folded is not lost."""
    page.evaluate("document.querySelectorAll('details').forEach(each => { each.name = ''; each.open = true; })")

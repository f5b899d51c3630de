"""What every page costs a reader: its weight, its first screen on a slow phone, and whether all can use it.

Each page of `sitemap.pages` in Debian's Chromium: axe-core in five manners, in each of them what is heard against what
is drawn and whether something is cut off (the questions of the journeys, `tests/journeys/reading.py` and
`fitting.py`), reflow at 320 px (what 400 % zoom of a 1280 px window leaves), text alone of twice the size at 360 px,
everything reached with the Tab key, complaints of the console (a broken policy complains there), bytes over the network
with nothing cached, and the largest contentful paint with a processor four times slower on slow 4G (1.6 Mbit/s, 150 ms:
the throttling Lighthouse uses). The baseline is an empty page of the same server under the same throttling: its
robots.txt.

    .venv/bin/python benchmarks/every_page.py [--only home,board] [--who public,raiser] [--home HOME --port 8000]

Only a run over all pages, or over all of the public's (`--who public,raiser`), keeps its result.
"""

from __future__ import annotations

import argparse
import re
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import ground
from playwright.sync_api import Browser, BrowserContext, CDPSession, ConsoleMessage, sync_playwright
from playwright.sync_api import Page as Tab
from running import Running, chosen, options, signed_in
from screenshots import FLAGS
from sitemap import PUBLIC, RAISER, Page, pages

from tests.journeys.fitting import misfits
from tests.journeys.keys import Keys
from tests.journeys.reading import faults

AXE = Path(__file__).resolve().parents[1] / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]
MANNERS: dict[str, dict[str, Any]] = {
    "phone": {"width": 360},
    "desk": {"width": 1440},
    "dark": {"width": 360, "dark": True},
    "elder": {"width": 360, "elder": True},
    "english": {"width": 640, "language": "en-GB"},
}
SLOW_4G = {"offline": False, "latency": 150, "downloadThroughput": 1.6e6 / 8, "uploadThroughput": 0.75e6 / 8}
# The largest contentful paint so far, in ms; asked once the page is idle, so it is the last one.
LCP = """() => new Promise(done => {
  new PerformanceObserver(list => done(list.getEntries().at(-1).startTime))
    .observe({type: 'largest-contentful-paint', buffered: true});
  setTimeout(() => done(-1), 3000);
})"""


@dataclass(slots=True)
class Cost:
    page: Page
    kilobytes: float = 0
    lcp_ms: float = 0
    complaints: list[str] = field(default_factory=list)


def measured(browser: Browser, running: Running, page: Page) -> Cost:
    cost = Cost(page)
    for name, manner in MANNERS.items():
        context = _context(browser, running, page.who, **manner)
        tab = context.new_page()
        tab.on("console", lambda said: _listen(cost, said))
        tab.goto(f"{running.url}{page.path}", wait_until="load")
        _settled(tab, page)
        cost.complaints += [f"{name}: {each}" for each in (*_violations(tab), *faults(tab), *misfits(tab))]
        if name == "desk":
            cost.complaints += [f"keys: {each}" for each in _unreached(tab)]
        if name == "phone":
            tab.set_viewport_size({"width": 320, "height": 800})
            if wide := tab.evaluate("document.documentElement.scrollWidth") - 320:
                cost.complaints.append(f"scrolls sideways by {wide} px at 320 px")
            tab.set_viewport_size({"width": 360, "height": 800})
            tab.evaluate("document.documentElement.style.setProperty('font-size', '200%', 'important')")
            cost.complaints += [f"text of twice the size: {each}" for each in misfits(tab)]
        context.close()
    context = _context(browser, running, page.who, width=360)
    cost.kilobytes, cost.lcp_ms = _first_visit(context, f"{running.url}{page.path}")
    context.close()
    return cost


def _settled(tab: Tab, page: Page) -> None:
    """The app for the field fetches its list first: until then it draws itself anew under whoever looks."""
    if page.name == "field":
        tab.locator("#status").filter(has_text=re.compile("已连接|Connected")).wait_for()


def _unreached(tab: Tab) -> list[str]:
    """Return what is wrong with a walk around the page by the Tab key."""
    keys = Keys(tab)
    reachable = keys.reachable()
    stops = [stop.split(" “")[0] for stop in keys.walks()]
    return [*keys.complaints, *([] if stops == reachable else [f"stops at {stops}, not at {reachable}"])]


def _first_visit(context: BrowserContext, url: str) -> tuple[float, float]:
    """Return kilobytes over the network and the largest contentful paint in ms, throttled, nothing cached."""
    tab = context.new_page()
    tools = context.new_cdp_session(tab)
    received = [0.0]
    _slow_down(tools)
    tools.on("Network.loadingFinished", lambda event: received.append(event["encodedDataLength"]))
    tab.goto(url, wait_until="networkidle")
    return sum(received) / 1000, float(tab.evaluate(LCP))


def _slow_down(tools: CDPSession) -> None:
    tools.send("Network.enable")
    tools.send("Network.setCacheDisabled", {"cacheDisabled": True})
    tools.send("Network.emulateNetworkConditions", SLOW_4G)
    tools.send("Emulation.setCPUThrottlingRate", {"rate": 4})


def _context(
    browser: Browser,
    running: Running,
    who: str,
    *,
    width: int,
    dark: bool = False,
    elder: bool = False,
    language: str = "zh-CN",
) -> BrowserContext:
    context = browser.new_context(
        viewport={"width": width, "height": 800},
        locale=language,
        color_scheme="dark" if dark else "light",
        reduced_motion="reduce",
    )
    cookies = {"elder": "1"} if elder else {}
    if who not in (PUBLIC, RAISER):
        cookies |= _cookies(running, who)
    context.add_cookies([{"name": name, "value": value, "url": running.url} for name, value in cookies.items()])
    return context


_signed_in: dict[str, dict[str, str]] = {}


def _cookies(running: Running, who: str) -> dict[str, str]:
    if who not in _signed_in:
        _signed_in[who] = signed_in(running, who).cookies
    return _signed_in[who]


def _violations(tab: Tab) -> list[str]:
    tab.evaluate(AXE.read_text(encoding="utf-8"))
    found = tab.evaluate(
        "async tags => (await axe.run(document, {runOnly: tags})).violations"
        ".map(v => v.id + ': ' + v.help + ' ' + v.nodes.map(n => n.html).join(' | ').slice(0, 300))",
        RULES,
    )
    return [str(each) for each in found]


def _listen(cost: Cost, said: ConsoleMessage) -> None:
    if said.type == "error":
        cost.complaints.append(f"console: {said.text[:200]}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options(parser)
    asked = parser.parse_args()
    if not AXE.exists():
        raise SystemExit("axe-core is missing. Run: make assets")
    costs = []
    print(f"{'page':34} {'kB':>6} {'LCP ms':>7}  complaints")
    with chosen(asked.home, asked.port) as running, sync_playwright() as player:
        found = pages(running, only=asked.only, who=asked.who)
        browser = player.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        context = _context(browser, running, PUBLIC, width=360)
        baseline_kb, _ = _first_visit(context, f"{running.url}/robots.txt")
        context.close()
        for page in found:
            costs.append(measured(browser, running, page))
            print("\n".join(_said(costs[-1])), flush=True)
        browser.close()
    figures = _figures(costs) | {"baseline_robots_kb": round(baseline_kb, 1)}
    print(figures)
    if not asked.only and asked.who in KEPT:
        ground.report(KEPT[asked.who], [], figures)


# Which choice of roles is kept as which result.
KEPT = {"": "every_page", f"{PUBLIC},{RAISER}": "every_public_page"}


def _said(cost: Cost) -> list[str]:
    line = f"{cost.page.file:34} {cost.kilobytes:6.1f} {cost.lcp_ms:7.0f}  {len(cost.complaints)}"
    return [line, *(f"    {complaint}" for complaint in cost.complaints)]


def _figures(costs: list[Cost]) -> dict[str, float | int]:
    public = [cost for cost in costs if cost.page.who in (PUBLIC, RAISER)]
    return {
        "pages": len(costs),
        "complaints": sum(len(cost.complaints) for cost in costs),
        "heaviest_public_kb": round(max((cost.kilobytes for cost in public), default=0), 1),
        "slowest_public_lcp_ms": round(max((cost.lcp_ms for cost in public), default=0)),
    }


if __name__ == "__main__":
    main()
